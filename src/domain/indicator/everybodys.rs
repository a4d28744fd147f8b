//! Hosts on which anybody has a page or an account: what is known of one page says nothing of the host, and a feed that
//! carried the host would cut everybody off.

use super::lookalike::{Brands, official};
use super::url::{HOSTING_SUFFIXES, SHARED_HOSTS, is_private_suffix, read};

/// Platforms, stores, search engines and mail services, each with all hosts below it.
const PLATFORMS: [&str; 50] = [
    "apple.com",
    "bing.com",
    "chatgpt.com",
    "coccoc.com",
    "discord.com",
    "discord.gg",
    "dropbox.com",
    "facebook.com",
    "fb.com",
    "fb.me",
    "fb.watch",
    "github.com",
    "gmail.com",
    "google.com",
    "google.com.vn",
    "icloud.com",
    "instagram.com",
    "line.me",
    "linkedin.com",
    "live.com",
    "m.me",
    "mediafire.com",
    "medium.com",
    "mega.nz",
    "messenger.com",
    "microsoft.com",
    "notion.so",
    "office.com",
    "outlook.com",
    "pinterest.com",
    "reddit.com",
    "signal.me",
    "signal.org",
    "skype.com",
    "t.me",
    "telegram.me",
    "telegram.org",
    "threads.net",
    "tiktok.com",
    "twitter.com",
    "viber.com",
    "wa.me",
    "wechat.com",
    "whatsapp.com",
    "wikipedia.org",
    "x.com",
    "yahoo.com",
    "youtu.be",
    "youtube.com",
    "zalo.me",
];

/// Whether a host is nobody's in particular.
pub fn is_everybodys_host(host: &str) -> bool {
    let below = |platform: &&str| {
        let rest = host.strip_suffix(*platform);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    SHARED_HOSTS.contains(&host)
        || HOSTING_SUFFIXES.contains(&host)
        || is_private_suffix(host)
        || PLATFORMS.iter().any(below)
}

/// Whether a web address is the bare name of such a host.
pub fn is_everybodys_site(value: &str) -> bool {
    value
        .strip_suffix('/')
        .is_some_and(|host| !host.contains('/') && is_everybodys_host(host))
}

/// Whether the host of a web address belongs to an authority, bank or company.
pub fn is_on_official_host(brands: &Brands, value: &str) -> bool {
    read(value).is_ok_and(|address| official(brands, &address.host))
}

/// Whether a web address says nothing of who is behind it: a page of an official domain, or the bare name of a host on
/// which anybody has a page.
pub fn is_everybodys(brands: &Brands, value: &str) -> bool {
    is_everybodys_site(value) || is_on_official_host(brands, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_belong_to_everybody_and_a_users_site_to_its_user() {
        for (value, everybodys) in [
            ("facebook.com/", true),
            ("m.facebook.com/", true),
            ("play.google.com/", true),
            ("sites.google.com/", true),
            ("t.me/", true),
            ("web.app/", true),
            ("weebly.com/", true),
            ("bit.ly/", true),
            ("vi-du-lua-dao.web.app/", false),
            ("vidu.weebly.com/", false),
            ("vidu.wordpress.com/", false),
            ("facebook.com/watch", false),
            ("notfacebook.com/", false),
            ("facebook.com.vidu.top/", false),
            ("vidu.top/", false),
        ] {
            assert_eq!(is_everybodys_site(value), everybodys, "{value}");
        }
    }
}
