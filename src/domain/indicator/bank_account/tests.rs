//! Tables of written accounts.

use super::super::catalog::shipped;
use super::*;

fn read(raw: &str, bank: Option<&str>) -> String {
    match parse(shipped(), raw, bank) {
        Ok(reading) => {
            let doubts: String = reading
                .warnings
                .iter()
                .map(|warning| format!(" !{}", warning.code()))
                .collect();
            let derived: String = reading
                .derived
                .iter()
                .map(|other| format!(" > {}", other.value))
                .collect();
            format!(
                "{} {}{derived}{doubts}",
                reading.indicator.kind, reading.indicator.value
            )
        }
        Err(reason) => reason.code().to_owned(),
    }
}

#[test]
fn one_account_in_many_forms() {
    let forms = [
        ("0011002233445", Some("VCB")),
        ("0011 0022 33445", Some("Vietcombank")),
        (
            "0011.0022.33445",
            Some("Ngân hàng TMCP Ngoại Thương Việt Nam"),
        ),
        ("0011-0022-33445", Some("ngan hang ngoai thuong")),
        ("００１１００２２３３４４５", Some("ＶＣＢ")),
        ("STK 0011002233445", Some("970436")),
        ("VCB 0011 0022 33445", None),
        ("0011 0022 33445 Vietcombank", None),
        ("0011002233445 - NGUYEN THI VI DU - Vietcombank", None),
        ("Số tài khoản: 0011002233445 (Vietcombank)", None),
        ("970436 0011002233445", None),
        ("970436:0011002233445", None),
        ("970436:0011 0022 33445", Some("MB")),
        ("Vietcombank 0011002233445", Some("  ")),
    ];
    for (raw, bank) in forms {
        assert_eq!(
            read(raw, bank),
            "bank_account 970436:0011002233445",
            "{raw} {bank:?}"
        );
    }
}

#[test]
fn banks_that_are_unknown_ambiguous_or_wallets() {
    let cases = [
        ("0011002233445", None, "bank_account ?:0011002233445"),
        ("?:0011002233445", None, "bank_account ?:0011002233445"),
        (
            "0011002233445",
            Some("ngân hàng nào đó"),
            "bank_account ?:0011002233445 !bank_unknown",
        ),
        (
            "0011002233445",
            Some("BVB"),
            "bank_account ?:0011002233445 !bank_ambiguous",
        ),
        (
            "0011002233445",
            Some("VCB hoặc MB"),
            "bank_account ?:0011002233445 !bank_ambiguous",
        ),
        ("0912345678", Some("MB"), "bank_account 970422:0912345678"),
        (
            "0912345678",
            Some("MoMo"),
            "ewallet momo:+84912345678 > +84912345678",
        ),
        (
            "0912 345 678",
            Some("ví ZaloPay"),
            "ewallet zalopay:+84912345678 > +84912345678",
        ),
        (
            "0912345678",
            Some("971005"),
            "ewallet viettel_money:+84912345678 > +84912345678",
        ),
        (
            "99MM24011M34875080",
            Some("BVBank"),
            "ewallet momo:99MM24011M34875080",
        ),
        (
            "99zp24009m07248267",
            Some("Bản Việt"),
            "ewallet zalopay:99ZP24009M07248267",
        ),
        (
            "99MM24011M34875080",
            None,
            "ewallet momo:99MM24011M34875080",
        ),
        (
            "PSP123456789000000",
            Some("MoMo"),
            "ewallet momo:PSP123456789000000",
        ),
        (
            "tenvidu",
            Some("Techcombank"),
            "bank_account 970407:TENVIDU",
        ),
        ("Techcombank TENVIDU", None, "bank_account 970407:TENVIDU"),
        ("tenvidu99", None, "bank_account ?:TENVIDU99"),
        (
            "MB-0912345678-NGUYEN VAN A",
            None,
            "bank_account 970422:0912345678",
        ),
        ("MB-0912345678", None, "bank_account 970422:0912345678"),
        ("0912345678–MB", None, "bank_account 970422:0912345678"),
        ("0011-0022-33445", None, "bank_account ?:0011002233445"),
        ("tenvidu-99", None, "account_length"),
        (
            "19034567890123",
            Some("tech"),
            "bank_account 970407:19034567890123",
        ),
        ("0123456789", Some("VP"), "bank_account 970432:0123456789"),
        ("0123456789", Some("hd"), "bank_account 970437:0123456789"),
        (
            "3500205123456",
            Some("agr"),
            "bank_account 970405:3500205123456",
        ),
        (
            "3500205123456",
            Some("NHNo"),
            "bank_account 970405:3500205123456",
        ),
        (
            "3500205123456",
            Some("NHNo&PTNT"),
            "bank_account 970405:3500205123456",
        ),
        ("12345678", Some("citi"), "bank_account 533948:12345678"),
        (
            "tech 19034567890123",
            None,
            "bank_account 970407:19034567890123",
        ),
        (
            "0123456789",
            Some("NHTMCP Công thương"),
            "bank_account 970415:0123456789",
        ),
        (
            "0123456789",
            Some("văn phòng VP nào đó"),
            "bank_account ?:0123456789 !bank_unknown",
        ),
        ("970455:123456789", None, "bank_account 970455:123456789"),
        ("999999:123456789", None, "bank_account 999999:123456789"),
        // Made up, with a right Luhn digit.
        (
            "9704 3600 0000 0001",
            None,
            "bank_account ?:9704360000000001",
        ),
        (
            "9704 3600 0000 0008",
            None,
            "bank_account 970436:9704360000000008",
        ),
    ];
    for (raw, bank, expected) in cases {
        assert_eq!(read(raw, bank), expected, "{raw} {bank:?}");
    }
}

#[test]
fn what_is_no_account_says_why() {
    let cases = [
        ("", "empty"),
        ("12345", "account_length"),
        ("12345678901234567890", "account_length"),
        ("không nhớ rõ", "account_characters"),
        ("khong nho ro", "account_characters"),
        ("Đ123456", "account_characters"),
        ("1234#5678", "account_characters"),
    ];
    for (raw, expected) in cases {
        assert_eq!(read(raw, None), expected, "{raw}");
    }
}
