//! Whole messages and narratives, as citizens write and forward them; all numbers are made up.

use super::contexts::check_values as check;

#[test]
fn forwarded_messages() {
    check(&[
        (
            "[Vietcombank] Tai khoan cua quy khach dang bi dang nhap tren thiet bi la. Neu khong phai \
             ban vui long truy cap https://vietcombank.vn-ibank.icu/login?id=8812 de huy. Ma OTP \
             482913.",
            &["url vietcombank.vn-ibank.icu/login?id=8812"],
        ),
        (
            "VCB: TK 0011002233445 +5,000,000VND luc 24/11/2026 10:30. SD 12,345,678VND. Ref \
             MBVCB.6781234567.099887.NGUYEN THI VI DU chuyen tien",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "Chuc mung! SIM 0912345678 trung 1 xe SH va 100.000.000d. Lien he Zalo 0987.654.321 hoac \
             zalo.me/84987654321 truoc 17h ngay 25/11",
            &[
                "phone +84912345678",
                "messaging_account zalo:+84987654321",
                "messaging_account zalo:+84987654321",
            ],
        ),
        (
            "Tuyển CTV chốt đơn Shopee, lương 300-500k/ngày, ib Telegram @tuyen_ctv_2026 hoặc \
             https://t.me/tuyen_ctv_2026. Cọc trước 200k vào MB 0911222333 (NGUYEN VAN VI DU)",
            &[
                "messaging_account telegram:tuyen_ctv_2026",
                "messaging_account telegram:tuyen_ctv_2026",
                "bank_account 970422:0911222333",
            ],
        ),
        (
            "Th0ng ba0: t@i kh0an d!eu'k!en NHAN'TIEN h0 tr0 tai dichvucong-vneid.icude x@c minh",
            &["url dichvucong-vneid.icu/"],
        ),
        (
            "Ban co 1 buu pham chua nhan, ma van don 123456789012. Goi O9l2.345.678 gap nv Lan",
            &["phone +84912345678"],
        ),
        (
            "Cong an tinh thong bao CCCD 011099001234 cua ban lien quan vu an. Goi 069.2345.678 \
             phim 1 truoc 16h30.",
            &["phone +84692345678"],
        ),
        (
            "HOA DON TIEN DIEN thang 11: 1.245.000d, ma KH PA01234567890. TT qua vi MoMo 0901 222 333",
            &["ewallet momo:+84901222333"],
        ),
        (
            "Ngân hàng: Techcombank\nSố tài khoản: 1903 4567 8901 23\nChủ tài khoản: TRAN THI VI DU\n\
             Số tiền: 12.000.000 VND\nNội dung: coc phong 2 dem 28.11.2026",
            &["bank_account 970407:19034567890123"],
        ),
        (
            "Chuyển khoản: 0123456789 - VPBank - LE VAN VI DU. Nhắn lại số 0399888777 nhé",
            &["bank_account 970432:0123456789", "phone +84399888777"],
        ),
    ]);
}

#[test]
fn narratives() {
    check(&[
        (
            "Hôm 20/11/2026 khoảng 8h sáng, số 0912 345 678 gọi cho mẹ tôi tự xưng là cán bộ Công an \
             tỉnh Điện Biên, yêu cầu cài ứng dụng từ link dichvucong.vneid-gov.top/VNeID.apk. Sau đó \
             tài khoản Vietcombank 0011002233445 của mẹ tôi bị trừ 48.000.000 đồng, chuyển đến STK \
             19034567890123 Techcombank tên TRAN VAN VI DU, mã giao dịch FT26325123456789.",
            &[
                "phone +84912345678",
                "url dichvucong.vneid-gov.top/VNeID.apk",
                "bank_account 970436:0011002233445",
                "bank_account 970407:19034567890123",
            ],
        ),
        (
            "Em bị lừa qua Facebook https://www.facebook.com/vi.du.shop99 bán vé máy bay giả, đã \
             chuyển 3.500.000đ vào số tài khoản 102876543210 ngân hàng Công thương chủ tài khoản Vi Du.",
            &[
                "social_account facebook:vidushop99",
                "bank_account 970415:102876543210",
            ],
        ),
        (
            "Người này nhắn từ nick fb.com/profile.php?id=100012345678901, xin số CMND 012345678, \
             ngày sinh 01/02/1990 và mã OTP 6 số.",
            &["social_account facebook:100012345678901"],
        ),
        (
            "Bố tôi năm nay 70 tuổi, nhận cuộc gọi lúc 9:05 từ 02466889900 bảo nợ cước 1.980.000 đồng \
             theo quyết định số 123456789/QĐ-CA, nếu không sẽ khởi tố.",
            &["phone +842466889900"],
        ),
        (
            "Sàn \"vidu-fx. com\" rủ nạp USDT vào ví TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t, lãi 30%/tháng, \
             hotline 1900 6868.",
            &[
                "url vidu-fx.com/",
                "crypto_address tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                "phone 19006868",
            ],
        ),
        (
            "Tôi đã gọi 113 và ra Công an xã Thanh Yên trình báo ngày 21-11-2026 lúc 14h, biên bản số \
             0912345678.",
            &[],
        ),
        (
            "Cháu tôi mới 15 tuổi bị rủ sang Lào làm \"việc nhẹ lương cao\" qua Zalo tên Anh Tuấn, \
             số +856 20 55 123 456, lương 25-30 triệu.",
            &["phone +8562055123456"],
        ),
    ]);
}

#[test]
fn what_is_called_a_card_is_no_account() {
    check(&[
        ("số thẻ 4123450012345678, cvv 123", &[]),
        ("so the atm techcombank 9704073612345678901", &[]),
        ("số thẻ của em là 19034567890123", &[]),
        ("card number 19034567890123", &[]),
        ("số thẻ bảo hiểm GB4010123456789", &[]),
        // A form's field for either, and a card that is not what the number is.
        (
            "Số tài khoản/số thẻ: 0011002233445 VCB",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "nó xin số thẻ rồi bảo chuyển vào 0011002233445 VCB",
            &["bank_account 970436:0011002233445"],
        ),
        (
            "STK 9704360000000008 VCB",
            &["bank_account 970436:9704360000000008"],
        ),
    ]);
}

#[test]
fn what_only_looks_like_a_trace_and_what_hardly_does() {
    check(&[
        ("chuyển 0987654321 đồng", &[]),
        ("chuyển 0987654321 đồng ý không", &["phone +84987654321"]),
        ("gọi 0987654321 đồng nghiệp tôi", &["phone +84987654321"]),
        (
            "fb nguyenvana.1990",
            &["social_account facebook:nguyenvana1990"],
        ),
        ("fb mua 2.500", &[]),
        ("máy chủ IP 103.45.67.89", &["url 103.45.67.89/"]),
        ("địa chỉ ip: 103.45.67.89.", &["url 103.45.67.89/"]),
        ("phiên bản 103.45.67.89", &[]),
        ("vip 103.45.67.89", &[]),
        ("tài khoản tên miền .vn", &[]),
    ]);
}
