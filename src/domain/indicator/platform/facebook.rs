//! Facebook: vanity names (case and dots do not count), numeric ids, groups and share links.

use super::super::url::WebAddress;
use super::{Account, Platform, is_code, is_name};

/// First parts of a path that are Facebook's own pages, not names.
const OWN_PAGES: [&str; 61] = [
    "about",
    "ads",
    "adsmanager",
    "bookmarks",
    "business",
    "careers",
    "checkpoint",
    "dialog",
    "directory",
    "donate",
    "events",
    "fundraisers",
    "games",
    "gaming",
    "groups",
    "hashtag",
    "help",
    "home",
    "home.php",
    "index.php",
    "jobs",
    "l.php",
    "legal",
    "live",
    "login",
    "login.php",
    "marketplace",
    "media",
    "memories",
    "messages",
    "notes",
    "notifications",
    "offers",
    "p",
    "pages",
    "people",
    "permalink.php",
    "pg",
    "photo",
    "photo.php",
    "photos",
    "plugins",
    "policies",
    "privacy",
    "profile.php",
    "public",
    "recover",
    "reel",
    "saved",
    "search",
    "settings",
    "share",
    "share.php",
    "sharer",
    "sharer.php",
    "stories",
    "story.php",
    "terms",
    "video.php",
    "videos",
    "watch",
];

pub(super) fn from_link(address: &WebAddress) -> Option<Account> {
    let host = address.host.as_str();
    if address.is_within("messenger.com") || host == "m.me" {
        let segments = address.segments();
        let name = segments
            .iter()
            .find(|part| !matches!(part.as_str(), "t" | "e2ee"))?;
        let account = handle(name).filter(|account| !account.id.contains(':'))?;
        return Some(Account::new(Platform::Messenger, account.id));
    }
    if !(address.is_within("facebook.com")
        || host == "fb.com"
        || host == "fb.me"
        || address.is_within("fb.com"))
    {
        return None;
    }
    // Facebook's own sites for developers and businesses, and its link shim.
    const OTHER_SITES: [&str; 8] = [
        "l",
        "lm",
        "developers",
        "business",
        "about",
        "ai",
        "transparency",
        "adsmanager",
    ];
    let below = host.split('.').next().unwrap_or(host);
    if host.matches('.').count() > 1 && OTHER_SITES.contains(&below) {
        return None;
    }
    let segments = address.segments();
    let mut parts = segments.iter().map(String::as_str);
    let first = parts.next()?;
    match first.to_ascii_lowercase().as_str() {
        "profile.php" | "story.php" | "permalink.php" => numeric(&address.parameter("id")?),
        "people" => parts.find_map(numeric),
        "pages" => parts
            .filter(|part| *part != "category")
            .find_map(trailing_id),
        "p" => trailing_id(parts.next()?),
        "pg" => handle(parts.next()?),
        "stories" => numeric(parts.next()?),
        "groups" => {
            let name = parts.next()?;
            // "…/groups/ten/user/1000…" shows one of its members.
            match (parts.next(), parts.next()) {
                (Some("user" | "members"), Some(member)) => numeric(member).or_else(|| group(name)),
                _ => group(name),
            }
        }
        "messages" => parts.find_map(numeric),
        "share" => share(parts.collect::<Vec<_>>().as_slice()),
        page if OWN_PAGES.contains(&page) => None,
        // "…/Dich-Vu-103354064614970": a page without a vanity name carries its id.
        _ => handle(first),
    }
}

/// A name, an id, or a canonical id.
pub(super) fn handle(bare: &str) -> Option<Account> {
    if let Some(id) = bare.strip_prefix("group:") {
        return group(id);
    }
    if let Some(code) = bare.strip_prefix("share:") {
        return match code.split_once(':') {
            Some((what, code)) => share(&[what, code]),
            None => share(&[code]),
        };
    }
    if let Some(query) = bare.strip_prefix("profile.php?id=") {
        return numeric(query.split('&').next()?);
    }
    if let Some(account) = numeric(bare).or_else(|| trailing_id(bare)) {
        return Some(account);
    }
    if !is_name(bare, &['.'], 1, 80) {
        return None;
    }
    let id: String = bare
        .chars()
        .filter(|c| *c != '.')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    // Dots may not turn a name into an id or into one of Facebook's own pages.
    let usable = id.len() >= 2
        && id.contains(|c: char| c.is_ascii_alphabetic())
        && !OWN_PAGES.contains(&id.as_str())
        && !OWN_PAGES.contains(&bare.to_ascii_lowercase().as_str());
    usable.then(|| {
        let mut account = Account::new(Platform::Facebook, id);
        account.display = format!("facebook.com/{bare}");
        account
    })
}

fn numeric(bare: &str) -> Option<Account> {
    let fits = bare.len() <= 20 && !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| Account::new(Platform::Facebook, bare))
}

/// The id at the end of `Ten-Trang-103354064614970`.
fn trailing_id(bare: &str) -> Option<Account> {
    let id = bare.rsplit('-').next()?;
    (id.len() >= 8).then(|| numeric(id)).flatten()
}

fn group(id: &str) -> Option<Account> {
    let id = id.to_ascii_lowercase();
    is_name(&id, &['.', '-', '_'], 1, 80)
        .then(|| Account::new(Platform::Facebook, format!("group:{id}")))
}

/// A share link hides the account behind a code; the code is all that can be compared.
fn share(parts: &[&str]) -> Option<Account> {
    let id = match *parts {
        [what @ ("p" | "r" | "v" | "g"), code, ..] if is_code(code) => {
            format!("share:{what}:{code}")
        }
        [code, ..] if is_code(code) => format!("share:{code}"),
        _ => return None,
    };
    Some(Account::new(Platform::Facebook, id))
}

pub(super) fn link_to(id: &str) -> String {
    if let Some(group) = id.strip_prefix("group:") {
        return format!("facebook.com/groups/{group}");
    }
    if let Some(code) = id.strip_prefix("share:") {
        return format!("facebook.com/share/{}", code.replace(':', "/"));
    }
    match id.bytes().all(|b| b.is_ascii_digit()) {
        true => format!("facebook.com/profile.php?id={id}"),
        false => format!("facebook.com/{id}"),
    }
}
