//! Properties that hold for whatever anybody writes.

use proptest::prelude::*;

use super::catalog::shipped;
use super::{Input, Kind, Reading, extract, lookup_order, parse, recognise};

fn read(kind: Kind, value: &str) -> Option<Reading> {
    parse(
        shipped(),
        &Input {
            kind,
            value,
            bank: None,
        },
    )
    .ok()
}

/// Reading a value or its display again gives the same indicator.
fn check_stable(reading: &Reading) {
    for indicator in std::iter::once(&reading.indicator).chain(&reading.derived) {
        let again = read(indicator.kind, &indicator.value);
        let again = again.map(|again| (again.indicator.kind, again.indicator.value));
        assert_eq!(
            again,
            Some((indicator.kind, indicator.value.clone())),
            "value of {}: {:?}",
            indicator.kind,
            indicator.value
        );
        let shown = read(indicator.kind, &indicator.display);
        let shown = shown.map(|shown| (shown.indicator.kind, shown.indicator.value));
        assert_eq!(
            shown,
            Some((indicator.kind, indicator.value.clone())),
            "display of {}: {:?}",
            indicator.kind,
            indicator.display
        );
    }
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL.to_vec())
}

/// Found by the properties below in runs of a million cases, of which the suite makes five hundred.
#[test]
fn what_was_once_read_in_two_ways_is_read_in_one() {
    const TEXTS: [&str; 12] = [
        "0084[.]c/.apk",
        "https://000201.comtel:/.apk",
        "apk://id.apk",
        "line.me/ti/p/~O0912345678912",
        "m.me/%%6304",
        "m.me/%6%63/%6",
        "000201.com.vncốccốcc/?",
        "com.vidu.app.oa:",
        "com.vidu.app.oa/?utm_source=x",
        "+640o0I0OI0+",
        "zalo.me/[%2e]",
        "momo:970436:912",
    ];
    for text in TEXTS {
        for kind in Kind::ALL {
            if let Some(reading) = read(kind, text) {
                check_stable(&reading);
            }
        }
        if let Some(reading) = recognise(shipped(), text) {
            check_stable(&reading);
        }
    }
}

/// Pieces that mean something to one of the readers, glued at random.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: [&str; 100] = [
        "0912345678",
        "+84",
        "0084",
        "84",
        "912",
        "345",
        "678",
        "0",
        "00",
        "1900",
        "069",
        "O",
        "l",
        " ",
        ".",
        "-",
        "(",
        ")",
        "/",
        ":",
        "//",
        "@",
        "?",
        "#",
        "&",
        "=",
        "%",
        "\n",
        "[.]",
        "(.)",
        "[",
        "]",
        " dot ",
        " chấm ",
        "http",
        "https://",
        "hxxp://",
        "www.",
        "vidu",
        "vietcombank",
        ".com",
        ".vn",
        ".com.vn",
        ".top",
        ".weebly.com",
        "xn--",
        "cốccốc",
        "%2e",
        "..",
        ":8080",
        "facebook.com/",
        "profile.php?id=",
        "100012345678901",
        "zalo.me/",
        "t.me/",
        "+AbC",
        "m.me/",
        "wa.me/",
        "tiktok.com/@",
        "youtube.com/",
        "c/",
        "user/",
        "signal.me/#p/",
        "line.me/ti/p/~",
        "tg://resolve?domain=",
        "tel:",
        "mailto:",
        "market://details?id=",
        "com.vidu.app",
        "apk:",
        ".apk",
        "id",
        "VCB ",
        "MB",
        "STK ",
        "ngân hàng ",
        "MoMo ",
        "?:",
        "970436:",
        "99MM",
        "momo:",
        "zalo:",
        "facebook:",
        "group:",
        "oa:",
        "share:",
        "000201",
        "6304",
        "38",
        "0010A000000727",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "\u{200B}",
        "Ｏ",
        "đ",
        "а",
        "utm_source=x",
        "'",
        "`",
        "l.facebook.com/l.php?u=",
        "img.vietqr.io/image/",
    ];
    prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..14)
        .prop_map(|pieces| pieces.concat())
}

/// CRC-16/CCITT-FALSE, bit by bit.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 {
                crc << 1
            } else {
                (crc << 1) ^ 0x1021
            }
        })
    })
}

/// A field of a payment code, its length written right or wrong.
fn field() -> impl Strategy<Value = String> {
    let id = prop::sample::select(vec!["00", "01", "26", "38", "53", "54", "58", "62", "63"]);
    let value = prop_oneof![
        "[0-9]{0,20}".boxed(),
        "\\PC{0,12}".boxed(),
        Just("0010A0000007270124000697043601100011002233".to_owned()).boxed(),
    ];
    (id, value, prop::option::weighted(0.1, 0_usize..100)).prop_map(|(id, value, wrong)| {
        let length = wrong.unwrap_or(value.chars().count());
        format!("{id}{length:02}{value}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_text_is_read_twice_alike(kind in kinds(), text in "\\PC{0,60}") {
        if let Some(reading) = read(kind, &text) {
            check_stable(&reading);
        }
    }

    #[test]
    fn any_pieces_are_read_twice_alike(kind in kinds(), text in pieces()) {
        if let Some(reading) = read(kind, &text) {
            check_stable(&reading);
        }
        if let Some(reading) = recognise(shipped(), &text) {
            check_stable(&reading);
        }
    }

    #[test]
    fn numbers_are_read_twice_alike(kind in kinds(), text in "[+0-9OolI .():-]{1,24}") {
        if let Some(reading) = read(kind, &text) {
            check_stable(&reading);
        }
    }

    #[test]
    fn accounts_are_read_twice_alike(
        bank in prop::option::of("[A-Za-z0-9 ]{0,12}"),
        value in "[A-Za-z0-9 :.-]{1,24}",
    ) {
        let input = Input { kind: Kind::BankAccount, value: &value, bank: bank.as_deref() };
        if let Ok(reading) = parse(shipped(), &input) {
            check_stable(&reading);
        }
    }

    #[test]
    fn extraction_keeps_to_the_text(text in prop_oneof![
        "\\PC{0,200}".boxed(),
        prop::collection::vec(pieces(), 0..6).prop_map(|parts| parts.join(" ")).boxed(),
    ]) {
        let mut last = 0;
        for found in extract(shipped(), &text) {
            prop_assert!(last <= found.start && found.start < found.end);
            last = found.end;
            let slice: String =
                text.chars().skip(found.start).take(found.end - found.start).collect();
            prop_assert_eq!(&slice, &found.raw);
            if let Ok(reading) = &found.reading {
                prop_assert_eq!(reading.indicator.kind, found.kind);
                check_stable(reading);
            }
        }
    }

    #[test]
    fn payment_codes_with_a_right_checksum_are_read_twice_alike(
        fields in prop::collection::vec(field(), 0..8),
    ) {
        let body = format!("000201{}6304", fields.concat());
        let payload = format!("{body}{:04X}", crc(body.as_bytes()));
        if let Some(reading) = read(Kind::PaymentQr, &payload) {
            check_stable(&reading);
        }
    }

    #[test]
    fn a_link_is_looked_up_by_itself_its_host_and_its_domain(text in pieces()) {
        if let Some(reading) = read(Kind::Url, &text)
            && reading.indicator.kind == Kind::Url
        {
            let order = lookup_order(&reading.indicator.value);
            prop_assert!((1..=3).contains(&order.len()));
        }
    }
}
