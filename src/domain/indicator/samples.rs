//! Real phishing hosts run through recognition, as text only: none is ever resolved or opened.
//!
//! The lists are under their own licences, beside them in `tests/samples`.

use super::catalog::shipped;
use super::{Input, Kind, extract, parse, recognise};

const LISTS: [(&str, &str); 3] = [
    (
        "chongluadao_urls",
        include_str!("../../../tests/samples/chongluadao_urls.txt"),
    ),
    (
        "hostsvn_threat_vn",
        include_str!("../../../tests/samples/hostsvn_threat_vn.txt"),
    ),
    (
        "vn_brand_phish_sample",
        include_str!("../../../tests/samples/vn_brand_phish_sample.txt"),
    ),
];

fn read(kind: Kind, value: &str) -> (Kind, String) {
    let input = Input {
        kind,
        value,
        bank: None,
    };
    let reading = parse(shipped(), &input).unwrap_or_else(|reason| panic!("{value}: {reason:?}"));
    (reading.indicator.kind, reading.indicator.value)
}

#[test]
fn every_host_canonicalises_once_and_for_all() {
    for (list, lines) in LISTS {
        let mut count = 0;
        for line in lines.lines().filter(|line| !line.is_empty()) {
            count += 1;
            let (kind, value) = read(Kind::Url, line);
            assert_eq!(read(kind, &value), (kind, value.clone()), "{list}: {line}");
            for form in [
                format!("https://{line}"),
                format!("HTTP://www.{line}"),
                line.replacen('.', "[.]", 1),
            ] {
                // "www." before a subdomain of a platform is no longer that platform's.
                if kind == Kind::Url || !form.contains("www.") {
                    assert_eq!(
                        read(Kind::Url, &form),
                        (kind, value.clone()),
                        "{list}: {form}"
                    );
                }
            }
            let seen = recognise(shipped(), line).map(|reading| reading.indicator);
            let seen = seen.map(|indicator| (indicator.kind, indicator.value));
            assert_eq!(seen, Some((kind, value)), "{list}: {line}");
        }
        assert!(count > 700, "{list}");
    }
}

#[test]
fn nearly_every_host_is_found_in_a_sentence() {
    for (list, lines) in LISTS {
        let (mut total, mut missed) = (0, Vec::new());
        for line in lines.lines().filter(|line| !line.is_empty()) {
            total += 1;
            let expected = read(Kind::Url, line);
            let text = format!("Truy cập {line}, nhập mã OTP.");
            let found = extract(shipped(), &text);
            let hit = found.iter().any(|found| {
                let reading = found.reading.as_ref().ok();
                reading.is_some_and(|reading| {
                    (reading.indicator.kind, reading.indicator.value.clone()) == expected
                })
            });
            if !hit {
                missed.push(line);
            }
        }
        println!("{list}: {} of {total} missed: {missed:?}", missed.len());
        // What is missed reads like two words and a full stop.
        assert!(missed.len() * 500 <= total, "{list}: {missed:?}");
    }
}
