//! How accounts and links are laid out: groups, separators, words stuck to them. Each row was once read
//! wrongly, or is what a rule that reads it right must leave alone.

use super::super::catalog::shipped;
use super::contexts::{check_values as check, values};
use super::extract;

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

#[test]
fn accounts_in_everyday_layouts() {
    let mb: &[&str] = &["bank_account 970422:9999123456789"];
    for text in [
        "9999123456789 LE VAN C MBBANK",
        "9999123456789\nLE VAN C\nMBBANK",
        "9999123456789 - LE VAN C - MB BANK",
        "chuyển vào 9999123456789 tên LE VAN C ngân hàng MB",
        "toi 9999123456789 LE VAN C tai MB",
        "STK|9999123456789|MBBank",
        "MBBank|9999123456789|LE VAN C",
        "LE VAN C | 9999123456789 | MBBANK | 10,000,000 VND",
        "MBBank; 9999123456789; LE VAN C",
        "Quân đội 9999123456789",
    ] {
        assert_eq!(values(text), mb, "{text}");
    }
    check(&[
        (
            "BIDV chi nhánh Điện Biên 36010001234567",
            &["bank_account 970418:36010001234567"],
        ),
        (
            "Vietcombank CN Thành Công 0451000123456",
            &["bank_account 970436:0451000123456"],
        ),
        (
            "Agribank Mường Ảng: 8400205123456",
            &["bank_account 970405:8400205123456"],
        ),
        ("ACB, acc no. 257678859", &["bank_account 970416:257678859"]),
        ("acct: 0011002233445", &["bank_account ?:0011002233445"]),
        (
            "stk=02345678901&bank=tpb",
            &["bank_account 970423:02345678901"],
        ),
        (
            "Tpbank*02345678901*Hoang",
            &["bank_account 970423:02345678901"],
        ),
        (
            "Số dư TK VCB 0451000123456 +50,000,000 VND",
            &["bank_account 970436:0451000123456"],
        ),
        (
            "Mbbank stk là sđt luôn 0888123456",
            &["bank_account 970422:0888123456"],
        ),
        (
            "stk 1903 1234 5678 90 tech",
            &["bank_account 970407:19031234567890"],
        ),
        // Sums, codes, callers and branches' telephones.
        ("Số dư tk 1500000", &[]),
        ("Agribank Mã KH 123456789", &[]),
        ("Vietcombank Hà Nội 02439361234", &["phone +842439361234"]),
        (
            "Nhân viên Vietcombank Nguyễn Văn A 0912345678 gọi",
            &["phone +84912345678"],
        ),
        ("BIDV Metlife hợp đồng 8812345678", &[]),
        ("quân đội 123456789", &[]),
    ]);
}

#[test]
fn what_is_hidden_or_a_name_is_no_account() {
    for text in [
        "số thẻ của tôi 9704 1512 3456 7890 123",
        "số thẻ ATM 9704 3600 0000 0000 001",
        "tk: hoa1990 mk: Hoa!2020",
        "tk hoa1990123 pass Hoa!2020",
        "Tu TK: xxx4567",
    ] {
        assert!(values(text).is_empty(), "{text}");
    }
}

#[test]
fn an_account_that_money_left_is_its_senders() {
    let own = |text: &str| -> Vec<(String, bool)> {
        extract(shipped(), text)
            .iter()
            .filter_map(|found| {
                let value = found.reading.as_ref().ok()?.indicator.value.clone();
                Some((value, found.belongs_to.is_some()))
            })
            .collect()
    };
    let account = "970436:0071000333222";
    for text in [
        "STK của tôi là 0071000333222 VCB bị trừ 10 triệu",
        "VCB: SD TK 0071000333222 -10,000,000VND luc 24/11",
        "TK VCB 0071000333222 +5,000,000VND luc 24/11/2026 10:30",
        "VCB: TK 0071000333222 thay doi: -5,000,000VND",
        "bị trừ từ tài khoản Vietcombank của em 0071000333222",
        "tai khoan cua toi 0071000333222 vcb bi tru tien",
        "tài khoản Vietcombank 0071000333222 của mẹ tôi bị trừ",
        "họ hứa hoàn tiền vào tài khoản của tôi 0071000333222 VCB",
    ] {
        assert_eq!(own(text), [(account.to_owned(), true)], "{text}");
    }
    for text in [
        "chuyển vào 0071000333222 VCB",
        "ck cho em vào STK của em 0071000333222 VCB",
        "STK của em: 0071000333222 VCB, chị ck giúp em",
        "nó bảo chuyển tiền qua tài khoản của nó 0071000333222 vcb",
        "nhận tiền từ tài khoản 0071000333222 VCB rồi bị đòi nợ",
        "Tôi chuyển tới tk 0071000333222 VCB 5 triệu thì bị chặn",
        "đã trừ tiền từ thẻ, tiền vào stk 0071000333222 VCB",
        "VI DU, so tai khoan 0071000333222 VCB",
    ] {
        assert_eq!(own(text), [(account.to_owned(), false)], "{text}");
    }
    assert_eq!(
        own("chuyển từ tài khoản của tôi 0071000333222 vào số tài khoản của nó 0999888777666"),
        [
            ("?:0071000333222".to_owned(), true),
            ("?:0999888777666".to_owned(), false),
        ]
    );
}

#[test]
fn whose_an_account_is_may_stand_between_its_bank_and_its_number() {
    check(&[
        (
            "TK VCB của mẹ tôi 0011002233445",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "TK VCB của nó là 0011002233445",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "tk ngân hàng MB của chị Lan: 9876543210123",
            &["bank_account 970422:9876543210123"],
        ),
        // A telephone, or what the bank is not said of.
        (
            "Vietcombank của tôi gọi từ số 0912345678",
            &["phone +84912345678"],
        ),
        ("VCB của mẹ tôi 0912345678", &["phone +84912345678"]),
        ("VCB của mẹ tôi bị trừ 50000000", &[]),
        ("VCB của mẹ tôi. 0011002233445", &[]),
    ]);
}

#[test]
fn an_account_is_abbreviated_as_in_english() {
    check(&[
        ("a/c 0011002233445", &["bank_account ?:0011002233445"]),
        (
            "Pay to A/C: 0011002233445",
            &["bank_account ?:0011002233445"],
        ),
        (
            "A/C No. 0011002233445 Vietcombank",
            &["bank_account 970436:0011002233445"],
        ),
        ("a/c no: 123456789", &["bank_account ?:123456789"]),
        // "anh/chị".
        ("a/c gọi 0912345678", &["phone +84912345678"]),
        ("Mời a/c 0912 345 678 nhận quà", &["phone +84912345678"]),
        ("a/c chuyển 50000000", &[]),
    ]);
}
