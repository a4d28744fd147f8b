//! How accounts and links are laid out: groups, separators, words stuck to them. Each row was once read
//! wrongly, or is what a rule that reads it right must leave alone.

use super::super::catalog::shipped;
use super::contexts::compare;
use super::extract;

fn found(text: &str) -> Vec<String> {
    extract(shipped(), text)
        .iter()
        .map(|found| match &found.reading {
            Ok(reading) => format!("{} {}", reading.indicator.kind, reading.indicator.value),
            Err(reason) => format!("{} !{}", found.kind, reason.code()),
        })
        .collect()
}

fn check(cases: &[(&str, &[&str])]) {
    compare(cases, found);
}

#[test]
fn an_account_in_uneven_groups_is_whole_or_none() {
    check(&[
        (
            "stk 001100 2233445 vcb",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "STK: 1903 1234567890 tcb",
            &["bank_account 970407:19031234567890"],
        ),
        (
            "stk 19031234 567890 tcb",
            &["bank_account 970407:19031234567890"],
        ),
        (
            "stk mb 999912345 6789",
            &["bank_account 970422:9999123456789"],
        ),
        (
            "stk vcb 0011002233 445",
            &["bank_account 970436:0011002233445"],
        ),
        // A sum, a year, a telephone, another account.
        (
            "stk 0011002233445 500000",
            &["bank_account ?:0011002233445"],
        ),
        (
            "stk 001100223344 500 nghìn",
            &["bank_account ?:001100223344"],
        ),
        ("stk 0912345678 500 mb", &["bank_account 970422:0912345678"]),
        ("stk 257678859 2026 acb", &["bank_account 970416:257678859"]),
        (
            "VCB 0011002233445 0912345678",
            &["bank_account 970436:0011002233445", "phone +84912345678"],
        ),
        (
            "stk 123456789 987654321 ACB",
            &["bank_account ?:123456789", "bank_account 970416:987654321"],
        ),
        // What nobody can put together is nobody's account.
        ("stk 001100 0912345678 vcb", &["phone +84912345678"]),
        ("Tài khoản: 970436 0011002233445", &[]),
    ]);
}

#[test]
fn words_stuck_to_a_link_are_no_part_of_it() {
    check(&[
        (
            "vào https://vcb-digibank.com.Vui long xác thực",
            &["url vcb-digibank.com/"],
        ),
        (
            "TK khoa https://vcb-digi.icude mo khoa",
            &["url vcb-digi.icu/"],
        ),
        (
            "http://vay-nhanh.vip.LH 0912345678",
            &["url vay-nhanh.vip/", "phone +84912345678"],
        ),
        ("https://vidu-vcb.com.Me bao", &["url vidu-vcb.com/"]),
        ("http://vcb-digi.comđể nhận", &["url vcb-digi.com/"]),
        ("dang nhap vcb.icude mo khoa", &["url vcb.icu/"]),
        ("dang nhap vidu.icude mo khoa", &["url vidu.icu/"]),
        (
            "facebook.com/abc.xyz.Lien he",
            &["social_account facebook:abcxyz"],
        ),
        (
            "zalo.me/0912345678.Hotline",
            &["messaging_account zalo:+84912345678"],
        ),
        (
            "zalo.me/g/abc123.Vao nhóm",
            &["messaging_account zalo:g:abc123"],
        ),
        (
            "https://t.me/nhom_vip.Tham gia",
            &["messaging_account telegram:nhom_vip"],
        ),
        ("https://vidu.top/a.apk.Cai ngay", &["url vidu.top/a.apk"]),
        ("https://vidu.vip/dk.Vui long", &["url vidu.vip/dk"]),
        ("mail a@b.com.Gui", &["email a@b.com"]),
        // These end where they seem to.
        ("https://Vcb-Digi.Com.Vn nhé", &["url vcb-digi.com.vn/"]),
        ("HTTPS://VCB-DIGI.TOP nhé", &["url vcb-digi.top/"]),
        ("http://vidu.com.me", &["url vidu.com.me/"]),
        (
            "https://vidu.top/Bao.Cao.Xem",
            &["url vidu.top/Bao.Cao.Xem"],
        ),
        (
            "https://www.facebook.com/Vi.Du.Shop bán hàng",
            &["social_account facebook:vidushop"],
        ),
        (
            "facebook.com/hoa.nguyen.Shop bán",
            &["social_account facebook:hoanguyenshop"],
        ),
        ("xong.comua nhé", &[]),
    ]);
}
