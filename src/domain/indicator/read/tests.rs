//! Kinds that change, words round a value, and values of which nothing is said.

use super::super::catalog::shipped;
use super::*;

fn read(kind: Kind, value: &str) -> String {
    let input = Input {
        kind,
        value,
        bank: None,
    };
    match parse(shipped(), &input) {
        Ok(reading) => {
            let derived: String = reading
                .derived
                .iter()
                .map(|other| format!(" > {} {}", other.kind, other.value))
                .collect();
            format!(
                "{} {}{derived}",
                reading.indicator.kind, reading.indicator.value
            )
        }
        Err(reason) => reason.code().to_owned(),
    }
}

#[test]
fn a_link_becomes_what_it_leads_to() {
    let cases = [
        (
            "https://zalo.me/0912345678",
            "messaging_account zalo:+84912345678 > phone +84912345678",
        ),
        (
            "https://m.me/vidu.shop",
            "messaging_account messenger:vidushop > social_account facebook:vidushop",
        ),
        (
            "https://fb.com/vidu.shop",
            "social_account facebook:vidushop",
        ),
        (
            "hxxps://vidu[.]top/VNeID.apk",
            "url vidu.top/VNeID.apk > app apk:vidu.top/VNeID.apk",
        ),
        (
            "https://play.google.com/store/apps/details?id=com.vidu.app",
            "app android:com.vidu.app",
        ),
        (
            "market://details?id=com.vidu.app",
            "app android:com.vidu.app",
        ),
        (
            "tg://resolve?domain=vidu_shop",
            "messaging_account telegram:vidu_shop",
        ),
        (
            "intent://vidu.top/vao?a=1#Intent;scheme=https;package=com.vidu.app;end",
            "url vidu.top/vao?a=1 > app android:com.vidu.app",
        ),
        (
            "intent://vidu.top/#Intent;scheme=https;package=com.android.chrome;end",
            "url vidu.top/",
        ),
        (
            "intent://mo/#Intent;scheme=vidu;package=com.vidu.app;end",
            "app android:com.vidu.app",
        ),
        ("tel:0912345678", "phone +84912345678"),
        ("mailto:A@Vidu.VN", "email A@vidu.vn"),
        ("https://vidu.top/", "url vidu.top/"),
    ];
    for (raw, expected) in cases {
        assert_eq!(read(Kind::Url, raw), expected, "{raw}");
    }
}

#[test]
fn words_round_a_single_value_do_no_harm() {
    let cases = [
        (
            Kind::Phone,
            "SĐT: 0912 345 678 (anh hàng xóm)",
            "phone +84912345678",
        ),
        (Kind::Phone, "zalo 0912345678", "phone +84912345678"),
        (Kind::Phone, "0912345678 / 0987654321", "several_values"),
        (Kind::Phone, "không nhớ", "not_a_phone"),
        (
            Kind::Url,
            "link này: https://vidu.top/x nhé",
            "url vidu.top/x",
        ),
        (
            Kind::Url,
            "https://vidu.top https://vidu.xyz",
            "several_values",
        ),
        (
            Kind::Url,
            "nick này https://fb.com/vidu.shop nhé",
            "social_account facebook:vidushop",
        ),
        (
            Kind::SocialAccount,
            "nick này https://fb.com/vidu.shop nhé",
            "social_account facebook:vidushop",
        ),
        (Kind::Email, "email là a@vidu.vn", "email a@vidu.vn"),
    ];
    for (kind, raw, expected) in cases {
        assert_eq!(read(kind, raw), expected, "{raw}");
    }
}

#[test]
fn nothing_that_is_written_is_too_long_to_answer() {
    let long = "9".repeat(100_000);
    for kind in Kind::ALL {
        assert_eq!(read(kind, &long), "too_long", "{kind}");
    }
    assert_eq!(recognise(shipped(), &long), None);
}

#[test]
fn values_of_which_nothing_is_said() {
    let cases = [
        ("0912 345 678", "phone +84912345678"),
        ("1900 1234", "phone 19001234"),
        ("113", "phone 113"),
        ("+44 20 7946 0958", "phone +442079460958"),
        ("vietcombank.top-vn.xyz", "url vietcombank.top-vn.xyz/"),
        ("hxxps://vidu[.]top/x", "url vidu.top/x"),
        (
            "https://facebook.com/vidu.shop",
            "social_account facebook:vidushop",
        ),
        ("zalo.me/0912345678", "messaging_account zalo:+84912345678"),
        ("ho.tro@vidu.vn", "email ho.tro@vidu.vn"),
        ("VCB 0011002233445", "bank_account 970436:0011002233445"),
        (
            "0011002233445 Vietcombank",
            "bank_account 970436:0011002233445",
        ),
        ("970436:0011002233445", "bank_account 970436:0011002233445"),
        ("0011002233445", "bank_account ?:0011002233445"),
        ("MoMo 0912345678", "ewallet momo:+84912345678"),
        ("momo:+84912345678", "ewallet momo:+84912345678"),
        ("facebook:vidushop", "social_account facebook:vidushop"),
        ("zalo:+84912345678", "messaging_account zalo:+84912345678"),
        (
            "Telegram @vidu_shop",
            "messaging_account telegram:vidu_shop",
        ),
        ("com.vidu.vneidfake", "app android:com.vidu.vneidfake"),
        ("android:com.vidu.app", "app android:com.vidu.app"),
        (
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "crypto_address eth:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        ),
        (
            "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9F",
            "payment_qr 970416:257678859",
        ),
        ("192.168.1.1", "url 192.168.1.1/"),
        ("hello", "none"),
        ("Nguyễn Thị Ví Dụ", "none"),
        ("500.000", "none"),
        ("Vietcombank", "none"),
        ("VCB Digibank", "none"),
        ("MoMo", "none"),
        ("tech", "none"),
        ("24/11/2026", "none"),
        ("2026-11-24 08:30", "none"),
        ("24.11.26", "none"),
        ("4111 1111 1111 1111", "none"),
        ("Techcombank TENVIDU", "bank_account 970407:TENVIDU"),
        ("24112026", "bank_account ?:24112026"),
        ("", "none"),
    ];
    for (raw, expected) in cases {
        let got = match recognise(shipped(), raw) {
            Some(reading) => format!("{} {}", reading.indicator.kind, reading.indicator.value),
            None => "none".to_owned(),
        };
        assert_eq!(got, expected, "{raw}");
    }
}

#[test]
fn a_piece_of_something_broken_is_not_taken_for_the_whole() {
    for (kind, value, expected) in [
        (Kind::Url, "http://ex ample.com/a", "host_malformed"),
        (Kind::Url, "evil-vidu.top%2Fa", "host_malformed"),
        (
            Kind::Url,
            "evil-vidu . top / login",
            "url evil-vidu.top/login",
        ),
        (Kind::Email, "người@vidu.vn", "not_an_email"),
    ] {
        assert_eq!(read(kind, value), expected, "{value}");
    }
    for value in ["http://a..b.com", "https://a b.com", "a..b.com"] {
        assert_eq!(recognise(shipped(), value), None, "{value}");
    }
}
