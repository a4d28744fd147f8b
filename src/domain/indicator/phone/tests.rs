//! Tables of written numbers.

use super::super::catalog::shipped;
use super::*;

fn value(raw: &str) -> String {
    match parse(shipped(), raw) {
        Ok(reading) => reading.indicator.value,
        Err(reason) => reason.code().to_owned(),
    }
}

#[test]
fn every_way_of_writing_a_mobile_number_is_one_value() {
    let forms = [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "0912-345-678",
        "0912 34 56 78",
        "(0912) 345678",
        "84912345678",
        "+84912345678",
        "+84 912 345 678",
        "+84 (0) 912 345 678",
        "(+84) 912 345 678",
        "0084912345678",
        "00 84 912 345 678",
        "+840912345678",
        "840912345678",
        "912345678",
        "0 9 1 2 3 4 5 6 7 8",
        "０９１２３４５６７８",
        "＋８４ ９１２ ３４５ ６７８",
        "O912345678",
        "o912 345 678",
        "09l2345678",
        "09I2 345 678",
        "\u{200B}0912\u{00A0}345\u{2011}678\u{FEFF}",
        "٠٩١٢٣٤٥٦٧٨",
        "tel:+84912345678",
        "tel:+84-912-345-678;ext=1",
        "TEL:0912345678",
        "tel:%2B84912345678",
        "sms:0912345678?body=hi",
        "0912/345/678",
        "0912·345·678",
    ];
    for form in forms {
        assert_eq!(value(form), "+84912345678", "{form:?}");
    }
}

#[test]
fn old_eleven_digit_numbers_become_the_new_ones_and_say_so() {
    let cases = [
        ("0169 123 4567", "+84391234567"),
        ("01691234567", "+84391234567"),
        ("+84 169 123 4567", "+84391234567"),
        ("841691234567", "+84391234567"),
        ("0121 234 5678", "+84792345678"),
        ("0123 456 7890", "+84834567890"),
        ("0186 123 4567", "+84561234567"),
        ("0199 123 4567", "+84591234567"),
    ];
    for (old, new) in cases {
        assert_eq!(value(old), new, "{old}");
    }
    let reading = parse(shipped(), "0169.123.4567").unwrap();
    assert_eq!(reading.indicator.attributes["formerly"], "01691234567");
    let reading = parse(shipped(), "0391234567").unwrap();
    assert!(!reading.indicator.attributes.contains_key("formerly"));
}

#[test]
fn fixed_lines_state_numbers_service_numbers_and_short_codes() {
    let cases = [
        ("0215 3825 168", "+842153825168", "fixed_line"),
        ("(0215) 3.825.168", "+842153825168", "fixed_line"),
        ("024 3825 1234", "+842438251234", "fixed_line"),
        ("+84 28 3829 7643", "+842838297643", "fixed_line"),
        ("02913 123 456", "+842913123456", "fixed_line"),
        ("069 234 8560", "+84692348560", "state_network"),
        ("069.2194.053", "+84692194053", "state_network"),
        ("1900 1234", "19001234", "premium_rate"),
        ("19001234", "19001234", "premium_rate"),
        ("1900 54 54 13", "1900545413", "premium_rate"),
        ("+84 1900 1234", "19001234", "premium_rate"),
        ("1800 1091", "18001091", "toll_free"),
        ("113", "113", "short_code"),
        ("156", "156", "short_code"),
        ("5656", "5656", "short_code"),
        ("+84 113", "113", "short_code"),
    ];
    for (raw, expected, kind) in cases {
        let reading = parse(shipped(), raw).unwrap();
        assert_eq!(reading.indicator.value, expected, "{raw}");
        assert_eq!(reading.indicator.attributes["type"], kind, "{raw}");
    }
}

#[test]
fn foreign_numbers_keep_their_country() {
    let cases = [
        ("+44 (0)20 7946 0958", "+442079460958", "GB"),
        ("+856 20 55 123 456", "+8562055123456", "LA"),
        ("00856 20 55 123 456", "+8562055123456", "LA"),
        ("8562055123456", "+8562055123456", "LA"),
        ("+1 202 555 0123", "+12025550123", "US"),
        ("+94 11 234 5678", "+94112345678", "LK"),
    ];
    for (raw, expected, country) in cases {
        let reading = parse(shipped(), raw).unwrap();
        assert_eq!(reading.indicator.value, expected, "{raw}");
        assert_eq!(reading.indicator.attributes["country"], country, "{raw}");
    }
}

#[test]
fn what_is_no_number_says_why() {
    let cases = [
        ("", "empty"),
        ("\u{200B} ", "empty"),
        ("không nhớ số", "not_a_phone"),
        ("OOOO", "not_a_phone"),
        ("1.500", "not_a_phone"),
        ("0011002233445", "phone_unassigned"),
        ("12", "phone_length"),
        ("3825168", "phone_area_missing"),
        ("0912 345", "phone_length"),
        ("0912 345 678 9", "phone_length"),
        ("0500 000 000", "phone_unassigned"),
        ("+84 111 111 111", "phone_unassigned"),
        ("09123456789012345678", "phone_length"),
        ("nguyen@vidu.vn", "not_a_phone"),
    ];
    for (raw, code) in cases {
        assert_eq!(value(raw), code, "{raw:?}");
    }
}

#[test]
fn the_carrier_is_a_hint_and_a_stray_zero_a_warning() {
    let reading = parse(shipped(), "+840987654321").unwrap();
    assert_eq!(reading.indicator.attributes["carrier"], "viettel");
    assert_eq!(reading.warnings, [Warning::TrunkZero]);
    assert_eq!(reading.indicator.display, "0987 654 321");
    assert!(
        parse(shipped(), "+84 (0) 987 654 321")
            .unwrap()
            .warnings
            .is_empty()
    );
    assert!(
        parse(shipped(), "+84987654321")
            .unwrap()
            .warnings
            .is_empty()
    );
}
