//! What words beside a number make of it: each row was once read wrongly, or is what a rule that
//! reads it right must leave alone.

use super::super::catalog::shipped;
use super::extract;

/// Every trace with what follows from it.
fn found(text: &str) -> Vec<String> {
    extract(shipped(), text)
        .iter()
        .map(|found| match &found.reading {
            Ok(reading) => {
                let derived: String = (reading.derived.iter())
                    .map(|other| format!(" > {}", other.value))
                    .collect();
                let indicator = &reading.indicator;
                format!("{} {}{derived}", indicator.kind, indicator.value)
            }
            Err(reason) => format!("{} !{}", found.kind, reason.code()),
        })
        .collect()
}

/// Names every text of which something else is found than what is wanted.
fn compare(cases: &[(&str, &[&str])], found: fn(&str) -> Vec<String>) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, expected, found(text)))
        .filter(|(_, expected, got)| got != *expected)
        .map(|(text, expected, got)| format!("{text}\n  wanted {expected:?}\n  got    {got:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is found in a text, kind and value alone.
pub(super) fn values(text: &str) -> Vec<String> {
    extract(shipped(), text)
        .iter()
        .map(|found| match &found.reading {
            Ok(reading) => format!("{} {}", reading.indicator.kind, reading.indicator.value),
            Err(reason) => format!("{} !{}", found.kind, reason.code()),
        })
        .collect()
}

/// Compares them with what is wanted.
pub(super) fn check_values(cases: &[(&str, &[&str])]) {
    compare(cases, values);
}

fn check(cases: &[(&str, &[&str])]) {
    compare(cases, found);
}

#[test]
fn sums_dates_and_codes_are_no_accounts() {
    check(&[
        (
            "Ngân hàng: Vietcombank\nSố tiền: 50000000\nSTK: 0011002233445",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "Ngân hàng: Vietcombank\nSố tiền: 52345678\nSTK: 0011002233445",
            &["bank_account 970436:0011002233445"],
        ),
        ("chuyển 50000000 vào MB", &[]),
        ("chuyển 15250500 vào MB", &[]),
        ("chuyển 123456789 MB", &["bank_account 970422:123456789"]),
        ("bị trừ 50000000 ở Vietcombank", &[]),
        ("bị trừ 52345678 ở Vietcombank", &[]),
        ("vay VPBank 100000000", &[]),
        ("giá vàng SJC 85000000 ACB 84500000", &[]),
        ("Vietcombank 20241124", &[]),
        ("Vietcombank 24112024", &[]),
        ("PIN 12345678 MB", &[]),
        ("mã 12345678 MB", &[]),
        ("giao dịch 123456789 MB", &[]),
        ("mất 123456789 ở MB", &[]),
        ("Số tài khoản bị trừ 50000000", &[]),
        // What looks like one of these and is an account.
        (
            "STK nhận tiền vay 123456789 MB",
            &["bank_account 970422:123456789"],
        ),
        (
            "vay tiền thì chuyển phí vào 123456789 MB",
            &["bank_account 970422:123456789"],
        ),
        (
            "mất tiền 0011002233445 Vietcombank",
            &["bank_account 970436:0011002233445"],
        ),
        ("STK 20241124 MB", &["bank_account 970422:20241124"]),
        ("Vietcombank 20249924", &["bank_account 970436:20249924"]),
        ("0011002230000 VCB", &["bank_account 970436:0011002230000"]),
        ("cho vay nhanh 0912345678", &["phone +84912345678"]),
        ("giá rẻ, gọi 0912345678", &["phone +84912345678"]),
        ("số lạ mà 0912345678 cứ gọi", &["phone +84912345678"]),
    ]);
}

#[test]
fn banks_by_their_full_names() {
    let account = "0123456789012";
    for (name, bin) in [
        ("Ngân hàng: Quân Đội", "970422"),
        ("Ngân hàng : Quân Đội", "970422"),
        ("Ngân hàng: Á Châu", "970416"),
        ("Ngân hàng: Ngoại thương Việt Nam", "970436"),
        ("Ngân hàng: Kỹ thương", "970407"),
        ("NH: Công thương", "970415"),
        ("NH: Công thương VN", "970415"),
        ("nh tiên phong", "970423"),
        ("nh quân đội", "970422"),
        ("NHTMCP Công thương", "970415"),
        ("NH TMCP Công thương Việt Nam", "970415"),
        ("Ngân hàng thương mại cổ phần Kỹ thương Việt Nam", "970407"),
        ("Ngân hàng thụ hưởng: Quân đội", "970422"),
        ("Ngân hàng nhận: Sài Gòn Thương Tín", "970403"),
        ("Ngân hàng TMCP Việt Nam Thịnh Vượng", "970432"),
        ("Bank: MB", "970422"),
        ("nh tech", "970407"),
        ("ngân hàng Sài Gòn - Hà Nội", "970443"),
        ("TMCP Tiên Phong", "970423"),
    ] {
        let wanted = [format!("bank_account {bin}:{account}")];
        for text in [
            format!("STK: {account}\n{name}"),
            format!("{name}\nSTK: {account}"),
            format!("STK {account} {name}"),
            format!("{name} {account}"),
        ] {
            assert_eq!(found(&text), wanted, "{text}");
        }
    }
    check(&[
        (
            "Tài khoản thụ hưởng: 0011002233445. Ngân hàng thụ hưởng: VietinBank",
            &["bank_account 970415:0011002233445"],
        ),
        (
            "Số tài khoản thụ hưởng 102876543210, ngân hàng thụ hưởng Công thương",
            &["bank_account 970415:102876543210"],
        ),
        // "nhà cháu" is no "NH Á Châu", "nhân bình" no "NH An Bình".
        ("nhà cháu 123456789", &[]),
        ("nhận bình luận 123456789", &[]),
        ("quân đội 123456789", &[]),
        ("hưởng thụ 123456789", &[]),
    ]);
}

#[test]
fn short_names_need_an_account_beside_them() {
    check(&[
        (
            "tech 19034567890123",
            &["bank_account 970407:19034567890123"],
        ),
        (
            "19034567890123 tech",
            &["bank_account 970407:19034567890123"],
        ),
        ("ck vp 1234567890 nhé", &["bank_account 970432:1234567890"]),
        (
            "stk 0123456789 ngân hàng HD",
            &["bank_account 970437:0123456789"],
        ),
        ("NHNo 3500205123456", &["bank_account 970405:3500205123456"]),
        ("citi 12345678", &["bank_account 533948:12345678"]),
        ("agr 3500205123456", &["bank_account 970405:3500205123456"]),
        ("VP 0912345678", &["phone +84912345678"]),
        ("số HD 12345678", &[]),
        ("HĐ 1234567890123", &[]),
        ("theo HD 1234567890123", &[]),
        ("học tech 2 năm", &[]),
        ("video HD 1080", &[]),
        ("HD 12345678", &[]),
        ("VP 1900545413", &["phone 1900545413"]),
    ]);
}

#[test]
fn a_caller_who_names_a_bank_is_a_telephone() {
    check(&[
        (
            "Nhân viên Vietcombank 0912345678 gọi",
            &["phone +84912345678"],
        ),
        ("số 0912345678 bên MB gọi tới", &["phone +84912345678"]),
        ("VPBank: 0912345678 gọi lại", &["phone +84912345678"]),
        (
            "tự xưng cán bộ MB 0912 345 678 yêu cầu chuyển tiền",
            &["phone +84912345678"],
        ),
        ("gọi Vietcombank 0912345678", &["phone +84912345678"]),
        ("Nhân viên MoMo 0912345678 gọi", &["phone +84912345678"]),
        (
            "gọi điện xưng ngân hàng MB số 0912345678",
            &["phone +84912345678"],
        ),
        (
            "tài khoản MB 0912345678 tên A gọi là B",
            &["bank_account 970422:0912345678"],
        ),
        (
            "chuyển tiền xong thì nhân viên MB 0912345678 gọi",
            &["phone +84912345678"],
        ),
        ("Hotline MB: 0912345678", &["phone +84912345678"]),
        // Paid into, whoever calls.
        (
            "shipper gọi, ck vào MB 0912345678",
            &["bank_account 970422:0912345678"],
        ),
        (
            "Shop gọi tôi, tôi ck 500k MB 0912345678",
            &["bank_account 970422:0912345678"],
        ),
        (
            "nhân viên bảo chuyển vào MB 0912345678",
            &["bank_account 970422:0912345678"],
        ),
        (
            "Cọc trước 200k vào MB 0911222333, gọi em nhé",
            &["bank_account 970422:0911222333"],
        ),
        (
            "cán bộ đọc STK 0912345678 MB",
            &["bank_account 970422:0912345678"],
        ),
        ("MB 0912345678", &["bank_account 970422:0912345678"]),
        (
            "Nhân viên Vietcombank 0011002233445",
            &["bank_account 970436:0011002233445"],
        ),
    ]);
}

#[test]
fn wallets_and_messengers_beside_one_number() {
    let momo = "ewallet momo:+84912345678 > +84912345678";
    check(&[
        ("Momo sđt 0912345678", &[momo]),
        ("SĐT momo: 0912345678", &[momo]),
        ("ví điện tử Momo số điện thoại 0912345678", &[momo]),
        ("momo/sđt: 0912345678", &[momo]),
        (
            "zalo/momo 0912345678",
            &["ewallet momo:+84912345678 > +84912345678 > zalo:+84912345678"],
        ),
        (
            "momo/zalopay 0912345678",
            &["ewallet zalopay:+84912345678 > +84912345678 > momo:+84912345678"],
        ),
        (
            "sđt/momo/zalo: 0912345678",
            &["messaging_account zalo:+84912345678 > +84912345678 > momo:+84912345678"],
        ),
        (
            "0912345678 (zalo/momo)",
            &["messaging_account zalo:+84912345678 > +84912345678 > momo:+84912345678"],
        ),
        (
            "Zalo và Viber 0912345678",
            &["messaging_account viber:+84912345678 > +84912345678 > zalo:+84912345678"],
        ),
        // Neither is about the other.
        (
            "momo 0912345678, zalo 0987654321",
            &[momo, "messaging_account zalo:+84987654321 > +84987654321"],
        ),
        (
            "zalo 0912345678, momo 0987654321",
            &[
                "messaging_account zalo:+84912345678 > +84912345678",
                "ewallet momo:+84987654321 > +84987654321",
            ],
        ),
        (
            "0912345678, momo 0987654321",
            &[
                "phone +84912345678",
                "ewallet momo:+84987654321 > +84987654321",
            ],
        ),
        ("0912345678 (momo)", &[momo]),
        ("0912345678 momo", &[momo]),
        ("dùng momo. Gọi 0912345678", &["phone +84912345678"]),
        (
            "facebook/zalo 0912345678",
            &["messaging_account zalo:+84912345678 > +84912345678"],
        ),
    ]);
}

#[test]
fn secrets_and_ids_are_no_traces() {
    check(&[
        ("số thẻ của tôi 4111 1111 1111 1111", &[]),
        ("thẻ Visa Vietcombank 4111111111111111", &[]),
        (
            "STK 4111111111111112 MB",
            &["bank_account 970422:4111111111111112"],
        ),
        ("số thẻ 9704360000000008", &[]),
        ("mật khẩu 0912345679", &[]),
        ("mk: 0912345679", &[]),
        ("pass 0912345679", &[]),
        ("quên mật khẩu thì gọi 0912345678", &["phone +84912345678"]),
        ("gửi mật khẩu cho số 0912345678", &["phone +84912345678"]),
        (
            "vào https://vidu.top/login?step=2&otp=482913&password=Abc@9 nhé",
            &["url vidu.top/login?step=2&otp=&password="],
        ),
        ("vào https://otp482913.top/x", &[]),
        ("SBD 0912345678", &[]),
        ("số sê-ri 0912345678", &[]),
        ("ID: 0912345678", &[]),
        ("thửa đất số 0912345678", &[]),
        ("tài khoản game 0912345678", &[]),
        (
            "Zalo ID: 0912345678",
            &["messaging_account zalo:+84912345678 > +84912345678"],
        ),
        ("lập trình ASP.NET và VB.NET", &[]),
    ]);
}

#[test]
fn accounts_on_platforms() {
    check(&[
        (
            "@abc_xyz1 trên Telegram",
            &["messaging_account telegram:abc_xyz1"],
        ),
        ("@abc_xyz1 (tele)", &["messaging_account telegram:abc_xyz1"]),
        (
            "nhắn Zalo Lan hoặc @abc_xyz1 trên Telegram",
            &["messaging_account telegram:abc_xyz1"],
        ),
        ("tele abc_xyz1", &["messaging_account telegram:abc_xyz1"]),
        ("Telegram: abcxyz", &["messaging_account telegram:abcxyz"]),
        (
            "Zalo OA 79291234567890123",
            &["messaging_account zalo:oa:79291234567890123"],
        ),
        (
            "Facebook id 100012345678901",
            &["social_account facebook:100012345678901"],
        ),
        ("fb nguyenvana99", &["social_account facebook:nguyenvana99"]),
        ("LINE ID: abc123", &["messaging_account line:abc123"]),
        (
            "nick tiktok vidu_shop9",
            &["social_account tiktok:vidu_shop9"],
        ),
        (
            "ID Facebook 100012345678901",
            &["social_account facebook:100012345678901"],
        ),
        (
            "fb 100012345678901",
            &["social_account facebook:100012345678901"],
        ),
        ("facebook 123456789012345 đồng", &[]),
        // Words, persons, sums and numbers.
        ("Telegram: nhắn tin ngay", &[]),
        ("telegram: chuyen tien", &[]),
        ("Telegram: group", &[]),
        ("Facebook Lan Anh bán hàng", &[]),
        ("Facebook: Nguyễn Văn A9", &[]),
        ("tele 500000vnd", &[]),
        ("on line abc123", &[]),
        ("@abc_xyz1 ở đâu", &[]),
        ("@abc_xyz1 nhắn qua", &[]),
        ("Facebook ID: 0912345678", &[]),
        (
            "tele 0912345678",
            &["messaging_account telegram:+84912345678 > +84912345678"],
        ),
    ]);
}

#[test]
fn senders_of_messages() {
    check(&[
        ("tin nhắn từ Vietcombank", &["sms_sender VIETCOMBANK"]),
        ("tin nhắn của VIETCOMBANK", &["sms_sender VIETCOMBANK"]),
        ("nhận được tin nhắn thương hiệu BIDV", &["sms_sender BIDV"]),
        ("brand name \"Bo Cong An\"", &["sms_sender BO CONG AN"]),
        (
            "tin nhắn từ ngân hàng Vietcombank",
            &["sms_sender VIETCOMBANK"],
        ),
        ("tin nhan tu Bo Cong An", &["sms_sender BO CONG AN"]),
        (
            "tin nhắn từ Viettel báo trúng thưởng",
            &["sms_sender VIETTEL"],
        ),
        ("tin nhắn từ VCB-Digi", &["sms_sender VCB-DIGI"]),
        ("tin nhắn mang tên VIETCOMBANK", &["sms_sender VIETCOMBANK"]),
        ("tin nhắn của Lan", &[]),
        ("tin nhắn từ người lạ", &[]),
        ("tin nhắn từ ngân hàng", &[]),
        ("thương hiệu Vietcombank bị giả mạo", &[]),
        ("nhắn tin cho Vietcombank", &[]),
    ]);
}

#[test]
fn numbers_in_odd_writing() {
    check(&[
        ("gọi 0912,345,678 nhé", &["phone +84912345678"]),
        ("gọi 0912/345/678 nhé", &["phone +84912345678"]),
        ("gọi 0912*345*678 nhé", &["phone +84912345678"]),
        ("lienhe0912345678ngay", &["phone +84912345678"]),
        ("⓪⑨①②③④⑤⑥⑦⑧", &["phone +84912345678"]),
        ("0️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", &["phone +84912345678"]),
        ("số lạ +882 1234 5678 gọi", &["phone +88212345678"]),
        (
            "0912345678/0987654321",
            &["phone +84912345678", "phone +84987654321"],
        ),
        (
            "0912345678,0987654321",
            &["phone +84912345678", "phone +84987654321"],
        ),
        ("+5000000000", &[]),
        ("TK +1234567891 VND", &[]),
        ("tỷ lệ 0,912345678", &[]),
        ("09/12/2026", &[]),
        ("1,234,567,890", &[]),
    ]);
}
