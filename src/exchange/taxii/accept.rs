//! Which of the two media types a TAXII client takes (TAXII 2.1 §1.6.8.1).

use actix_web::http::header;

use crate::http::Problem;
use crate::http::openapi::RawRequest;

/// What TAXII answers with.
pub const TAXII: &str = "application/taxii+json;version=2.1";
/// What a bundle of objects is.
pub const STIX: &str = "application/stix+json;version=2.1";

/// The first of the offers that the client takes; 406 where it takes none. A range without a version
/// takes the newest.
pub fn accepted(request: &RawRequest, offers: &[&'static str]) -> Result<&'static str, Problem> {
    let header = request.0.headers().get(header::ACCEPT);
    let accept = header
        .and_then(|value| value.to_str().ok())
        .unwrap_or("*/*");
    chosen(accept, offers).ok_or_else(|| {
        Problem::new(
            "not_acceptable",
            format!("This path answers {}.", offers.join(" or ")),
        )
    })
}

fn chosen(accept: &str, offers: &[&'static str]) -> Option<&'static str> {
    accept.split(',').find_map(|range| {
        let mut parts = range
            .split(';')
            .map(|part| part.trim().to_ascii_lowercase());
        let name = parts.next().unwrap_or_default();
        let other = parts.any(|part| {
            let version = part.strip_prefix("version=");
            part == "q=0" || version.is_some_and(|v| v.trim_matches('"') != "2.1")
        });
        let takes = |offer: &&&str| {
            let plain = offer.split(';').next().unwrap_or_default();
            matches!(name.as_str(), "" | "*/*" | "application/*") || name == plain
        };
        offers.iter().find(takes).filter(|_| !other).copied()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_version_2_1_is_served() {
        for (accept, expected) in [
            ("application/taxii+json;version=2.1", Some(TAXII)),
            ("application/taxii+json; version=\"2.1\"", Some(TAXII)),
            ("application/taxii+json", Some(TAXII)),
            ("*/*", Some(TAXII)),
            ("text/html, application/stix+json;version=2.1", Some(STIX)),
            ("application/taxii+json;version=2.0", None),
            ("application/vnd.oasis.taxii+json", None),
            ("application/json", None),
            ("*/*;q=0", None),
        ] {
            assert_eq!(chosen(accept, &[TAXII, STIX]), expected, "{accept}");
        }
        assert_eq!(chosen(STIX, &[TAXII]), None);
    }
}
