//! TikTok, YouTube, Instagram and X: lower-case names, and YouTube's channel ids.

use super::super::text;
use super::super::url::WebAddress;
use super::{Account, Platform, is_name};

/// YouTube's own pages.
const YOUTUBE_PAGES: [&str; 30] = [
    "about",
    "account",
    "ads",
    "attribution_link",
    "c",
    "channel",
    "clip",
    "creators",
    "embed",
    "feed",
    "gaming",
    "hashtag",
    "howyoutubeworks",
    "kids",
    "live",
    "movies",
    "music",
    "oembed",
    "playlist",
    "post",
    "premium",
    "redirect",
    "results",
    "shorts",
    "signin",
    "sports",
    "trending",
    "user",
    "v",
    "watch",
];

/// Instagram's own pages.
const INSTAGRAM_PAGES: [&str; 19] = [
    "_u",
    "about",
    "accounts",
    "api",
    "challenge",
    "create",
    "developer",
    "direct",
    "emails",
    "explore",
    "legal",
    "oauth",
    "p",
    "reel",
    "reels",
    "share",
    "stories",
    "tv",
    "web",
];

/// X's own pages.
const X_PAGES: [&str; 19] = [
    "about",
    "compose",
    "download",
    "explore",
    "hashtag",
    "home",
    "i",
    "intent",
    "jobs",
    "login",
    "logout",
    "messages",
    "notifications",
    "privacy",
    "search",
    "settings",
    "share",
    "signup",
    "tos",
];

pub(super) fn from_link(address: &WebAddress) -> Option<Account> {
    let host = address.host.as_str();
    if address.is_within("tiktok.com") {
        // vm.tiktok.com and tiktok.com/t/ hide the name behind a code.
        let segments = address.segments();
        return handle(Platform::TikTok, segments.first()?.strip_prefix('@')?);
    }
    if address.is_within("youtube.com") {
        return youtube(&address.segments());
    }
    if address.is_within("instagram.com") || host == "instagr.am" {
        return instagram(&address.segments());
    }
    if host == "x.com" || address.is_within("twitter.com") || host == "mobile.x.com" {
        return x(address);
    }
    None
}

fn youtube(segments: &[String]) -> Option<Account> {
    let mut parts = segments.iter().map(String::as_str);
    let first = parts.next()?;
    match first {
        "channel" => handle(Platform::YouTube, parts.next()?),
        // Names of the kind /c/ became the handles of their owners in 2022.
        "c" => handle(Platform::YouTube, parts.next()?),
        // User names of before 2015 did not always.
        "user" => handle(Platform::YouTube, &format!("user:{}", parts.next()?)),
        name => handle(Platform::YouTube, name.strip_prefix('@').unwrap_or(name)),
    }
}

fn instagram(segments: &[String]) -> Option<Account> {
    let mut parts = segments.iter().map(String::as_str);
    match parts.next()? {
        "stories" => parts
            .next()
            .filter(|name| *name != "highlights")
            .and_then(|name| handle(Platform::Instagram, name)),
        "_u" => handle(Platform::Instagram, parts.next()?),
        name => handle(Platform::Instagram, name),
    }
}

fn x(address: &WebAddress) -> Option<Account> {
    let segments = address.segments();
    match segments.first()?.to_ascii_lowercase().as_str() {
        "intent" => handle(Platform::X, &address.parameter("screen_name")?),
        name => handle(Platform::X, name),
    }
}

/// A name after the platform's own rules.
pub(super) fn handle(platform: Platform, bare: &str) -> Option<Account> {
    let bare = bare.strip_prefix('@').unwrap_or(bare);
    let name = bare.to_ascii_lowercase();
    let own_pages: &[&str] = match platform {
        Platform::YouTube => &YOUTUBE_PAGES,
        Platform::Instagram => &INSTAGRAM_PAGES,
        Platform::X => &X_PAGES,
        _ => &[],
    };
    let id = match platform {
        Platform::TikTok => is_name(&name, &['.', '_'], 2, 30).then_some(name),
        Platform::Instagram => is_name(&name, &['.', '_'], 1, 30).then_some(name),
        Platform::X => is_name(&name, &['_'], 1, 15).then_some(name),
        Platform::YouTube => youtube_id(bare),
        _ => None,
    }?;
    (!own_pages.contains(&id.as_str())).then(|| Account::new(platform, id))
}

/// `UC…` channel ids keep their case; names do not, and may be in any script.
fn youtube_id(bare: &str) -> Option<String> {
    let is_channel =
        bare.len() == 24 && bare.starts_with("UC") && is_name(bare, &['-', '_'], 24, 24);
    if is_channel {
        return Some(bare.to_owned());
    }
    let (user, name) = match bare.strip_prefix("user:") {
        Some(name) => ("user:", name),
        None => ("", bare),
    };
    let name = text::clean(name).to_lowercase();
    let name = text::clean(&name);
    let fits = (1..=60).contains(&name.chars().count())
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '·'));
    fits.then(|| format!("{user}{name}"))
}

pub(super) fn link_to(platform: Platform, id: &str) -> String {
    match platform {
        Platform::TikTok => format!("tiktok.com/@{id}"),
        Platform::Instagram => format!("instagram.com/{id}"),
        Platform::X => format!("x.com/{id}"),
        _ => match id.strip_prefix("user:") {
            Some(name) => format!("youtube.com/user/{name}"),
            None if youtube_id(id).is_some_and(|kept| kept != id.to_lowercase()) => {
                format!("youtube.com/channel/{id}")
            }
            None => format!("youtube.com/@{id}"),
        },
    }
}
