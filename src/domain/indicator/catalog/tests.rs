//! The shipped reference data, looked up as people would.

use super::*;

#[test]
fn every_institution_is_found_by_its_bin_and_short_name() {
    let catalog = shipped();
    assert!(catalog.banks().count() >= 60);
    for bank in catalog.banks() {
        let who = Resolved::One(catalog.institution(&bank.bin));
        assert_eq!(catalog.resolve(&bank.bin), who, "{}", bank.bin);
        assert_eq!(
            catalog.resolve(&bank.short_name),
            who,
            "{}",
            bank.short_name
        );
        assert_eq!(catalog.resolve(&bank.full_name), who, "{}", bank.full_name);
    }
    for wallet in catalog.wallets() {
        let who = Resolved::One(Institution::Wallet(wallet.code.clone()));
        assert_eq!(catalog.resolve(&wallet.name), who, "{}", wallet.name);
    }
}

#[test]
fn names_resolve_without_case_accents_or_frills() {
    let cases = [
        ("VCB", "970436"),
        ("vietcombank", "970436"),
        ("Ngân hàng Vietcombank", "970436"),
        ("NH Vietcombank - CN Điện Biên", "970436"),
        ("Vietcombank (VCB)", "970436"),
        ("Ngân hàng TMCP Ngoại Thương Việt Nam", "970436"),
        ("ngan hang ngoai thuong", "970436"),
        ("Ngoại thương", "970436"),
        ("MB", "970422"),
        ("mb bank", "970422"),
        ("Ngân hàng Quân Đội", "970422"),
        ("quan doi", "970422"),
        ("LienVietPostBank", "970449"),
        ("LPBank", "970449"),
        ("Đông Á", "970406"),
        ("Ngân hàng Đông Nam Á", "970440"),
        ("ngan hang sai gon", "970429"),
        ("Sài Gòn Công Thương", "970400"),
        ("Sài Gòn - Hà Nội", "970443"),
        ("Á Châu", "970416"),
        ("agribank", "970405"),
        ("Nông nghiệp và phát triển nông thôn", "970405"),
        ("BFTVVNVX", "970436"),
        ("CAKE by VPBank", "546034"),
        ("Timo by Bản Việt Bank", "963388"),
        ("V C B", "970436"),
        ("ＶＣＢ", "970436"),
        ("970436", "970436"),
        ("BVB", "several"),
        ("IBK", "several"),
        ("Kookmin", "several"),
        ("không nhớ", "unknown"),
        ("", "unknown"),
        ("123456", "unknown"),
        ("ngân hàng", "unknown"),
    ];
    for (written, expected) in cases {
        let got = match shipped().resolve(written) {
            Resolved::One(Institution::Bank(bin)) => bin,
            Resolved::One(Institution::Wallet(code)) => code,
            Resolved::Several => "several".to_owned(),
            Resolved::Unknown => "unknown".to_owned(),
        };
        assert_eq!(got, expected, "{written}");
    }
}

#[test]
fn wallets_are_found_by_any_of_their_names() {
    let cases = [
        ("MoMo", "momo"),
        ("ví momo", "momo"),
        ("Ví điện tử MoMo", "momo"),
        ("971025", "momo"),
        ("Zalo Pay", "zalopay"),
        ("ViettelMoney", "viettel_money"),
        ("viettel pay", "viettel_money"),
        ("971005", "viettel_money"),
        ("VNPT Money", "vnpt_money"),
        ("AirPay", "shopeepay"),
    ];
    for (written, code) in cases {
        let who = Resolved::One(Institution::Wallet(code.to_owned()));
        assert_eq!(shipped().resolve(written), who, "{written}");
    }
}

#[test]
fn broken_reference_data_is_refused() {
    let phones =
        serde_json::from_str(include_str!("../../../reference/data/phone_prefixes.json")).unwrap();
    for banks in [
        serde_json::json!({}),
        serde_json::json!({"banks": [{"bin": "97", "short_name": "X", "full_name": "X"}]}),
    ] {
        assert!(Catalog::from_json(&banks, &phones).is_err());
    }
    assert!(Catalog::from_json(&serde_json::json!({"banks": []}), &Value::Null).is_err());
}
