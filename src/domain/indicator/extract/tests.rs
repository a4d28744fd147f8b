//! Messages as people forward them, and numbers that are none of our business.

use super::super::catalog::shipped;
use super::*;

/// Every trace as `kind value`, errors by their code.
fn found(text: &str) -> Vec<String> {
    extract(shipped(), text)
        .iter()
        .map(|found| {
            let slice: String = text
                .chars()
                .skip(found.start)
                .take(found.end - found.start)
                .collect();
            assert_eq!(slice, found.raw, "{text}");
            match &found.reading {
                Ok(reading) => {
                    let indicator = &reading.indicator;
                    format!("{} {}", indicator.kind, indicator.value)
                }
                Err(reason) => format!("{} !{}", found.kind, reason.code()),
            }
        })
        .collect()
}

#[test]
fn traces_in_messages() {
    let cases: [(&str, &[&str]); 80] = [
        ("Gọi ngay 0912345678 để nhận quà", &["phone +84912345678"]),
        (
            "Gọi 0912.345.678 hoặc 0987 654 321",
            &["phone +84912345678", "phone +84987654321"],
        ),
        (
            "LH: 0912345678/0987654321",
            &["phone +84912345678", "phone +84987654321"],
        ),
        (
            "lh 0912345678-0987654321.",
            &["phone +84912345678", "phone +84987654321"],
        ),
        ("SĐT (+84) 912 345 678", &["phone +84912345678"]),
        ("so +84-912-345-678 goi toi", &["phone +84912345678"]),
        (
            "số lạ +840912345678 tự xưng công an",
            &["phone +84912345678"],
        ),
        ("số 84912345678 gọi", &["phone +84912345678"]),
        ("O912 345 67B", &[]),
        ("lien he O9l2345678 gap", &["phone +84912345678"]),
        ("goi O912.345.678", &["phone +84912345678"]),
        ("0 9 1 2 3 4 5 6 7 8 goi nhe", &["phone +84912345678"]),
        ("０９１２３４５６７８ liên hệ", &["phone +84912345678"]),
        ("số cũ 0169 123 4567", &["phone +84391234567"]),
        ("tổng đài 1900 1234 xin nghe", &["phone 19001234"]),
        ("Vietcombank 1900545413", &["phone 1900545413"]),
        ("cong an 069 234 8560 bao", &["phone +84692348560"]),
        ("máy bàn 0215.3825.168", &["phone +842153825168"]),
        ("bị +44 20 7946 0958 gọi", &["phone +442079460958"]),
        ("số 00856 20 55123456 nhá máy", &["phone +8562055123456"]),
        ("sdt0912345678", &["phone +84912345678"]),
        ("gap 0912345678nhe", &["phone +84912345678"]),
        ("Zalo 0912345678", &["messaging_account zalo:+84912345678"]),
        (
            "kết bạn zalo: 0912 345 678 nhé",
            &["messaging_account zalo:+84912345678"],
        ),
        (
            "Telegram @Vi_Du_Shop nhé",
            &["messaging_account telegram:vi_du_shop"],
        ),
        (
            "vào nhóm tele: @vidu_shop, ib",
            &["messaging_account telegram:vidu_shop"],
        ),
        ("fb: vi.du.99", &["social_account facebook:vidu99"]),
        (
            "kênh Tik Tok @vidu.shop9",
            &["social_account tiktok:vidu.shop9"],
        ),
        (
            "https://zalo.me/0912345678.",
            &["messaging_account zalo:+84912345678"],
        ),
        (
            "vào https://vidu.top/dang-nhap?id=5, nhập OTP",
            &["url vidu.top/dang-nhap?id=5"],
        ),
        ("(xem https://vidu.top/a_(b)).", &["url vidu.top/a_(b)"]),
        (
            "hxxps://vidu[.]top/x và vidu[.]xyz",
            &["url vidu.top/x", "url vidu.xyz/"],
        ),
        (
            "truy cập vietcombank.vn-ibank.icu",
            &["url vietcombank.vn-ibank.icu/"],
        ),
        (
            "dang nhap vietcombank.icude nhan qua",
            &["url vietcombank.icu/"],
        ),
        ("tai vidu dot com nhe", &["url vidu.com/"]),
        ("web vidu .com", &["url vidu.com/"]),
        (
            "Link (vidu-bank. com-vn. top)",
            &["url vidu-bank.com-vn.top/"],
        ),
        (
            "app tại vidu.top/VNeID.apk nhé",
            &["url vidu.top/VNeID.apk"],
        ),
        (
            "cài gói com.vidu.vneidfake",
            &["app android:com.vidu.vneidfake"],
        ),
        (
            "mail ho.tro@vidu.vn hoặc a[at]vidu[.]vn",
            &["email ho.tro@vidu.vn", "email a@vidu.vn"],
        ),
        (
            "ví 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            &["crypto_address eth:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"],
        ),
        (
            "gửi USDT TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            &["crypto_address tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"],
        ),
        (
            "STK 0011002233445 Vietcombank",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "Vietcombank STK 0011 0022 33445",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "Số tài khoản: 0011002233445\nNgân hàng: Vietcombank",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "Ngân hàng: MB Bank\nChủ TK: NGUYEN THI VI DU\nSố TK: 0011002233",
            &["bank_account 970422:0011002233"],
        ),
        (
            "STK 0011002233445 chủ tk NGUYEN THI VI DU ngân hàng Ngoại thương",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "ck vào VCB 0011002233445 nhé",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "0011002233445 (VCB)",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "VCB: 111111111 MB: 222222222",
            &[
                "bank_account 970436:111111111",
                "bank_account 970422:222222222",
            ],
        ),
        (
            "stk 111111111 vcb, stk 222222222 mb",
            &[
                "bank_account 970436:111111111",
                "bank_account 970422:222222222",
            ],
        ),
        ("STK 0011002233445", &["bank_account ?:0011002233445"]),
        (
            "Vietcombank cảnh báo. Chuyển tiền vào STK 0011002233445",
            &["bank_account ?:0011002233445"],
        ),
        (
            "Vietcombank thong bao the cua quy khach bi khoa, chuyen vao STK 0011002233445",
            &["bank_account ?:0011002233445"],
        ),
        (
            "STK: 0011002233445. Ngân hàng VCB.",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "Ngân hàng: VCB. STK: 0011002233445.",
            &["bank_account 970436:0011002233445"],
        ),
        ("Gọi0912345678ngay", &["phone +84912345678"]),
        (
            "ĐT: 0912345678 (Zalo)",
            &["messaging_account zalo:+84912345678"],
        ),
        (
            "ĐT/Zalo/Viber: 0912345678",
            &["messaging_account viber:+84912345678"],
        ),
        ("vidu (dot) vn", &["url vidu.vn/"]),
        ("Brandname Vietcombank gửi tin", &["sms_sender VIETCOMBANK"]),
        ("stk 0912345678 mb", &["bank_account 970422:0912345678"]),
        ("chuyển momo 0912345678", &["ewallet momo:+84912345678"]),
        (
            "Ví ZaloPay: 0912 345 678",
            &["ewallet zalopay:+84912345678"],
        ),
        (
            "STK 99MM24011M34875080 BVBank",
            &["ewallet momo:99MM24011M34875080"],
        ),
        (
            "chuyển 5.000.000đ vào stk 0011002233445 ngân hàng Quân đội",
            &["bank_account 970422:0011002233445"],
        ),
        (
            "brandname VCB-Digi gửi link vcb.vidu-digi.top",
            &["sms_sender VCB-DIGI", "url vcb.vidu-digi.top/"],
        ),
        (
            "http://xn--vitcombank-w2b.vn/ là giả",
            &["url !idn_malformed"],
        ),
        (
            "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9F",
            &["payment_qr 970416:257678859"],
        ),
        (
            "mã 00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9E",
            &["payment_qr !qr_checksum"],
        ),
        (
            "ck cho em 19036789012345 nha",
            &["bank_account ?:19036789012345"],
        ),
        (
            "Chuyển tiền tới 19036789012345, techcombank",
            &["bank_account 970407:19036789012345"],
        ),
        ("chuyển khoản cho 0912345678", &["phone +84912345678"]),
        (
            "Tự xưng Viện kiểm sát nhân dân tỉnh, số 0987654321 gọi đến",
            &["phone +84987654321"],
        ),
        ("Toà án nhân dân 0987 654 321", &["phone +84987654321"]),
        ("chăm sóc khách hàng: 0901 234 567", &["phone +84901234567"]),
        ("bảo đọc mã OTP cho số 0912345678", &["phone +84912345678"]),
        ("gửi ảnh CCCD qua số 0912 345 678", &["phone +84912345678"]),
        (
            "tài khoản Telegram 0912 345 678",
            &["messaging_account telegram:+84912345678"],
        ),
        (
            "server 103.20.1.5:8080/admin",
            &["url 103.20.1.5:8080/admin"],
        ),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, expected, found(text)))
        .filter(|(_, expected, got)| got != *expected)
        .map(|(text, expected, got)| format!("{text}\n  wanted {expected:?}\n  got    {got:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hard_negatives() {
    let texts = [
        "Chuyển 48000000 đồng",
        "chuyển khoản 15000000000 cho nó",
        "chuyển tiền mã giao dịch 190367890123",
        "mất 1.500.000đ, 200,000,000 VND và 0,5 tỷ",
        "số tiền 84912345678 đồng",
        "ngày 24/11/2026 lúc 08:30",
        "09/12/2026 10:30:15",
        "từ 03-05-2026 1234567",
        "2026-11-24 0912",
        "Ma OTP cua ban la 123456",
        "OTP 0912345678 khong chia se",
        "Mã giao dịch FT26328123456789",
        "FT26328123456789 Techcombank",
        "VCB FT26328123456789",
        "MBVCB.1234567890.0912345678.chuyen tien",
        "GD0912345678",
        "mã đơn 0912345678",
        "CCCD 001099012345",
        "CCCD: 001 099 012 345",
        "căn cước công dân số 079201012345",
        "CMND 0912345678",
        "MST 0312345678",
        "mã số thuế: 0912345678",
        "mã khách hàng 0912345678",
        "chứng minh nhân dân số 0912345678",
        "Tổng số tiền bị lừa: 1.900.000.000",
        "tổng cộng 1.800.500.000",
        "biển số 27B1-123.45",
        "Nghị định 144/2021/NĐ-CP",
        "từ năm 1900 đến 2026",
        "0912345",
        "09123456789012",
        "0912.345.678.901",
        "#0912345678",
        "id=0912345678",
        "tài khoản của bạn bị khoá",
        "TK của tôi bị trừ 500000",
        "100 MB dữ liệu",
        "tại TP.HCM, v.v.",
        "xong rồi.Sau đó họ gọi",
        "file hoadon.pdf và anh.jpg",
        "chuyển nhanh.xin cảm ơn",
        "Th0ng ba0: tai kh0an bi kh0a",
        "d!eu'k!en NHAN'TIEN",
        "lúc 20h30 ngày 5.6",
        "phiên bản 1.2.3.4",
        "1,234,567,890",
        "Facebook Nguyễn Thị Ví Dụ",
        "@everyone vào xem",
        "tỷ lệ 0.912345678",
    ];
    let wrong: Vec<String> = texts
        .iter()
        .map(|text| (text, found(text)))
        .filter(|(_, got)| !got.is_empty())
        .map(|(text, got)| format!("{text}: {got:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
