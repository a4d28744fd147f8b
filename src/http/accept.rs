//! Which representation a client wants (RFC 9110 §12.5.1).

/// The offer that an `Accept` header likes best, the first among equals; `None` where it likes none.
pub fn preferred<'a>(accept: Option<&str>, offers: &[&'a str]) -> Option<&'a str> {
    let Some(accept) = accept.map(str::trim).filter(|accept| !accept.is_empty()) else {
        return offers.first().copied();
    };
    let mut best: Option<(u16, &'a str)> = None;
    for offer in offers {
        let quality = quality(accept, offer);
        if quality > 0 && best.is_none_or(|(known, _)| quality > known) {
            best = Some((quality, offer));
        }
    }
    best.map(|(_, offer)| offer)
}

/// How much a header likes a media type, in thousandths: by the range that names it most closely.
fn quality(accept: &str, offer: &str) -> u16 {
    let family = offer.split('/').next().unwrap_or_default();
    let mut found = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let closeness = if name.eq_ignore_ascii_case(offer) {
            3
        } else if name
            .strip_suffix("/*")
            .is_some_and(|prefix| prefix.eq_ignore_ascii_case(family))
        {
            2
        } else if name == "*/*" {
            1
        } else {
            continue;
        };
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(1000, thousandths);
        if closeness > found.0 {
            found = (closeness, weight);
        }
    }
    found.1
}

/// `0.25` as 250; nonsense counts as 1.
fn thousandths(text: &str) -> u16 {
    match text.split_once('.') {
        None if text == "0" => 0,
        Some(("0", digits)) if digits.len() <= 3 => format!("{digits:0<3}").parse().unwrap_or(1000),
        _ => 1000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_s_wish_decides() {
        let offers = ["application/json", "text/csv", "image/svg+xml"];
        for (accept, expected) in [
            (None, Some("application/json")),
            (Some(""), Some("application/json")),
            (Some("*/*"), Some("application/json")),
            (Some("text/csv"), Some("text/csv")),
            (
                Some("TEXT/CSV; q=0.9, application/json;q=0.5"),
                Some("text/csv"),
            ),
            (Some("image/*"), Some("image/svg+xml")),
            (
                Some("image/avif,image/svg+xml,*/*;q=0.8"),
                Some("image/svg+xml"),
            ),
            (Some("application/json;q=0, */*"), Some("text/csv")),
            (Some("application/pdf"), None),
            (Some("text/html"), None),
        ] {
            assert_eq!(preferred(accept, &offers), expected, "{accept:?}");
        }
    }
}
