//! Query parameters that follow people about, or hold what they typed, and say nothing of where a link leads.
//!
//! Sources: Mozilla Firefox's query-stripping list, the documents of the advertisers named beside
//! the groups, and what Facebook, Instagram and Zalo add when a link is shared from their apps.
//! Names that also carry meaning somewhere (`id`, `ref`, `si`, `source`) are not in the list.

/// Parameters dropped by exact name, lower case, sorted.
const TRACKERS: [&str; 66] = [
    "__hsfp",
    "__hssc",
    "__hstc",
    "__s",
    "_branch_match_id",
    "_ga",
    "_gac",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_kx",
    "_openstat",
    "bbeml",
    "dclid",
    "epik",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "hsctatracking",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mibextid",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "mtm_campaign",
    "mtm_cid",
    "mtm_content",
    "mtm_group",
    "mtm_keyword",
    "mtm_medium",
    "mtm_placement",
    "mtm_source",
    "oft_c",
    "oft_ck",
    "oft_d",
    "oft_id",
    "oft_ids",
    "oft_k",
    "oft_lk",
    "oft_sid",
    "oly_anon_id",
    "oly_enc_id",
    "rb_clickid",
    "s_cid",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "yclid",
    "ysclid",
    "zarsrc",
];

/// Whether a query parameter only tracks.
fn is_tracker(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("utm_") || TRACKERS.binary_search(&name.as_str()).is_ok()
}

/// What a false page put into its address after the victim typed it: whose it is, not where it leads.
const SECRETS: [&str; 20] = [
    "cccd", "cmnd", "cvc", "cvv", "ma_otp", "maotp", "mat_khau", "matkhau", "mk", "otp",
    "otp_code", "otpcode", "pass", "passcode", "passwd", "password", "pin", "pwd", "so_the",
    "sothe",
];

fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name.to_ascii_lowercase().as_str())
}

/// The query without trackers and without what secrets hold, otherwise as it was; nothing if nothing is left.
pub(super) fn without_trackers(query: &str) -> Option<String> {
    let kept: Vec<&str> = query
        .split('&')
        .filter_map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => pair.get(..=name.len()),
            Some((name, _)) => (!is_tracker(name)).then_some(pair),
            None => (!is_tracker(pair)).then_some(pair),
        })
        .collect();
    let kept = kept.join("&");
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(TRACKERS.is_sorted());
    }

    #[test]
    fn trackers_go_and_everything_else_stays_in_order() {
        let cases = [
            ("utm_source=zalo&id=5&fbclid=IwAR0", Some("id=5")),
            ("UTM_Campaign=x&b=2&a=1", Some("b=2&a=1")),
            ("gclid=1&mibextid=2&zarsrc=3", None),
            ("", None),
            ("a", Some("a")),
            ("a=1&&b", Some("a=1&&b")),
            ("id=utm_source", Some("id=utm_source")),
            ("ref=abc&source=x", Some("ref=abc&source=x")),
            (
                "id=5&OTP=482913&password=a=b&step=2",
                Some("id=5&OTP=&password=&step=2"),
            ),
            ("otp", Some("otp")),
        ];
        for (query, expected) in cases {
            assert_eq!(without_trackers(query).as_deref(), expected, "{query}");
        }
    }
}
