//! What must be hidden, what must stay, and that nothing breaks the pass.

use super::*;
use proptest::prelude::*;
use rstest::rstest;

/// The hidden pieces of a text, with their kinds.
fn hidden(text: &str) -> Vec<(String, SecretKind)> {
    let chars: Vec<char> = text.chars().collect();
    mask_secrets(text)
        .spans
        .iter()
        .map(|span| (chars[span.start..span.end].iter().collect(), span.kind))
        .collect()
}

use SecretKind::{CardNumber, CardSecurityCode, NationalId, Otp, Password};

#[rstest]
#[case("Tôi đã đọc mã OTP 482913 cho họ", "482913", Otp)]
#[case("ma otp: 482913", "482913", Otp)]
#[case("O T P 482913", "482913", Otp)]
#[case("o.t.p: 482913", "482913", Otp)]
#[case("mã ô tê pê là 482913", "482913", Otp)]
#[case("mã 2FA 332211", "332211", Otp)]
#[case("Zalo code 123456", "123456", Otp)]
#[case("tôi đọc cho nó 482913 là mã nó gửi", "482913", Otp)]
#[case("Mật mã đăng nhập là meocon2020", "meocon2020", Password)]
#[case("mã số bí mật thẻ 321", "321", CardSecurityCode)]
#[case("OTP=482-913", "482-913", Otp)]
#[case("Mã xác thực là 48 29 13", "48 29 13", Otp)]
#[case("MA XAC NHAN CUA QUY KHACH LA 4829", "4829", Otp)]
#[case("482913 là mã OTP của quý khách, không chia sẻ với ai", "482913", Otp)]
#[case("482913 is your verification code", "482913", Otp)]
#[case(
    "họ hỏi mã otp gửi về máy, tôi đọc 482913 xong thì mất tiền",
    "482913",
    Otp
)]
#[case(
    "Ma OTP cho giao dich chuyen tien 5,000,000 VND la 482913",
    "482913",
    Otp
)]
#[case(
    "Mã OTP giao dịch tại tài khoản 0011002233445 là 482913",
    "482913",
    Otp
)]
#[case("otp482913", "482913", Otp)]
#[case("ＯＴＰ １２３４５６", "１２３４５６", Otp)]
#[case(
    "mật khẩu của tôi là Hoang@123, tài khoản vẫn vào được",
    "Hoang@123",
    Password
)]
#[case("my identity card 012345678", "012345678", NationalId)]
#[case("mật khẩu 0912345679", "0912345679", Password)]
#[case("mat khau: hoangyeu", "hoangyeu", Password)]
#[case("Mật khẩu facebook = \"con meo 12\" nhé", "con meo 12", Password)]
#[case("mk abc123456", "abc123456", Password)]
#[case("pass: qwerty!", "qwerty!", Password)]
#[case("password is Secret99.", "Secret99", Password)]
#[case("mk e k nhớ, pass zalo e la Abc12345", "Abc12345", Password)]
#[case("mat khau la ngay sinh cua toi 01021990", "01021990", Password)]
#[case("mã PIN là 1379", "1379", Password)]
#[case(
    "số thẻ 4111 1111 1111 1111 hết hạn",
    "4111 1111 1111 1111",
    CardNumber
)]
#[case("the visa 4111111111111111", "4111111111111111", CardNumber)]
#[case("4111-1111-1111-1111", "4111-1111-1111-1111", CardNumber)]
#[case("thẻ ATM 9704360000000000002", "9704360000000000002", CardNumber)]
#[case(
    "số thẻ ATM 9704 3600 0000 0000 001",
    "9704 3600 0000 0000 001",
    CardNumber
)]
#[case("mã CVV 3 số: 123", "123", CardSecurityCode)]
#[case("cvc2 9876", "9876", CardSecurityCode)]
#[case("3 số mặt sau là 456", "456", CardSecurityCode)]
#[case(
    "CCCD của tôi số 011196001234 cấp năm 2021",
    "011196001234",
    NationalId
)]
#[case("Tôi tên Mẫu, 011196001234, ở bản Nà", "011196001234", NationalId)]
#[case("Mã OTP của tôi là 4 8 2 9 1 3", "4 8 2 9 1 3", Otp)]
#[case("can cuoc cong dan 0111 9600 1234", "0111 9600 1234", NationalId)]
#[case("số CMND: 040.123.456", "040.123.456", NationalId)]
#[case("chứng minh nhân dân 040123456", "040123456", NationalId)]
#[case("011196001234 là số căn cước của mẹ tôi", "011196001234", NationalId)]
#[case(
    "Họ lấy ảnh căn cước, tôi gửi thêm số 011196001234",
    "011196001234",
    NationalId
)]
#[case("Mã bảo mật: 902817", "902817", Otp)]
#[case("cháu đọc mã 593821 gửi về máy cho họ", "593821", Otp)]
#[case("họ bảo đọc 6 số 593821 vừa nhận", "593821", Otp)]
#[case("Họ bảo tôi đọc mã. Tôi đọc: 482913.", "482913", Otp)]
#[case("nó hỏi mã, tôi trả lời 123456", "123456", Otp)]
#[case("mã gồm 6 chữ số, tôi cung cấp 902817", "902817", Otp)]
#[case("G-884213 is your Google verification code", "884213", Otp)]
#[case("em gửi mã xác thực Zalo 8842 cho nó", "8842", Otp)]
#[case("mã OTP là tám tám bốn hai một ba", "tám tám bốn hai một ba", Otp)]
#[case("3 số sau thẻ là 789", "789", CardSecurityCode)]
#[case("mật khẩu cũ của tôi vẫn là Hoa!2020", "Hoa!2020", Password)]
#[case(
    "12 từ khoá ví của tôi: apple banana cherry dog egg fish gold hat ice jam kite lamp",
    "apple banana cherry dog egg fish gold hat ice jam kite lamp",
    Password
)]
#[case(
    "private key 5Kb8kLf9zgWQnogidDA76MzPL6TsZZY36hWXMssSzNydYXYB9KF",
    "5Kb8kLf9zgWQnogidDA76MzPL6TsZZY36hWXMssSzNydYXYB9KF",
    Password
)]
#[case(
    "tra cuu CJRC-QRA0-M8DP-GB0Y-28KA nhé",
    "CJRC-QRA0-M8DP-GB0Y-28KA",
    SecretKind::Receipt
)]
#[case(
    "mã cjrc qra0 m8dp gb0y 28ka",
    "cjrc qra0 m8dp gb0y 28ka",
    SecretKind::Receipt
)]
#[case(
    "mã tra cứu cjrcqra0m8dpgb0y28ka nhé",
    "cjrcqra0m8dpgb0y28ka",
    SecretKind::Receipt
)]
#[case("(CJRCQRA0M8DPGB0Y28KA)", "CJRCQRA0M8DPGB0Y28KA", SecretKind::Receipt)]
#[case(
    "mã cjrcqra0m8dpgb0y28kacjrcqra0m8dpgb0y28ka",
    "cjrcqra0m8dpgb0y28kacjrcqra0m8dpgb0y28ka",
    SecretKind::Receipt
)]
#[case("qrysf779t2vwxkjz88g6", "qrysf779t2vwxkjz88g6", SecretKind::Receipt)]
#[case::wrong_check_symbol(
    "CJRC-QRA0-M8DP-GB0Y-28KB",
    "CJRC-QRA0-M8DP-GB0Y-28KB",
    SecretKind::Receipt
)]
#[case::wrong_check_symbol_in_one_piece(
    "ma cjrcqra0m8dpgb0y28kb",
    "cjrcqra0m8dpgb0y28kb",
    SecretKind::Receipt
)]
#[case("nhập mật khẩu tại https://vidu.top/otp=123456", "123456", Otp)]
#[case("mật khẩu Techcombank là Hoa12345", "Hoa12345", Password)]
#[case("mật khẩu Techcombank là Tcb@1234 nhé", "Tcb@1234", Password)]
#[case("mật khẩu em đặt là hoa1990", "hoa1990", Password)]
#[case("mật khẩu vào Zalo là hoa1990", "hoa1990", Password)]
#[case("mật khẩu em đặt là 01011990", "01011990", Password)]
#[case("mật khẩu em hay dùng là hoa1990", "hoa1990", Password)]
#[case("mật khẩu: Facebook@99", "Facebook@99", Password)]
#[case("mật khẩu facebook: Facebook@99", "Facebook@99", Password)]
#[case("mật khẩu là vcb@2020", "vcb@2020", Password)]
#[case("pass: Zalo@1990", "Zalo@1990", Password)]
#[case("password: MB Bank mbb12345", "mbb12345", Password)]
#[case("mật khẩu: 123 456", "123 456", Password)]
#[case("user hoa pass 123 456", "123 456", Password)]
#[case("Mã OTP 4-8-2-9-1-3", "4-8-2-9-1-3", Otp)]
#[case("Mã OTP 4.8.2.9.1.3", "4.8.2.9.1.3", Otp)]
#[case("OTP: 12-34-56", "12-34-56", Otp)]
#[case("Your code is 123456", "123456", Otp)]
#[case("PIN thẻ: một hai ba bốn", "một hai ba bốn", Password)]
#[case(
    "số căn cước: 0 1 1 1 9 9 7 5 5 3 2 1",
    "0 1 1 1 9 9 7 5 5 3 2 1",
    NationalId
)]
fn secrets_are_hidden(#[case] text: &str, #[case] secret: &str, #[case] kind: SecretKind) {
    assert_eq!(hidden(text), [(secret.to_owned(), kind)], "{text}");
}

#[rstest]
#[case::phone("Số 0912345678 gọi hỏi mã OTP, tôi không đọc")]
#[case::phone_after("Đừng đọc OTP cho 0912345678")]
#[case::phone_dotted("otp 0912.345.678")]
#[case::phone_spaced("họ xin otp rồi gọi 0912 345 678")]
#[case::phone_abroad("otp +84 912 345 678")]
#[case::short_code("OTP gửi từ tổng đài 8049")]
#[case::account("stk 0011002233445 VCB")]
#[case::account_twelve("số tài khoản 101234567890 Vietinbank")]
#[case::account_of_a_cards_shape("chuyển vào stk 060188123456 Sacombank")]
#[case::twelve_of_no_card("mã 101234567890 và 011999123456")]
#[case::account_near_id("họ bắt chụp CCCD, chuyển vào stk 101234567890")]
#[case::account_sixteen("stk 4111111111111111")]
#[case::account_nine("tai khoan ACB 123456789 ten tren cmnd")]
#[case::amount("đọc OTP xong bị trừ 500000 đồng")]
#[case::amount_bare("đọc OTP xong bị trừ 500000")]
#[case::amount_dots("đọc OTP là mất 48.000.000đ")]
#[case::amount_million("nhập otp mất 4500 nghìn")]
#[case::year("lấy OTP từ năm 2024")]
#[case::date("OTP ngày 24/11/2026 lúc 08:30")]
#[case::transfer_code("otp rồi mã giao dịch FT26328123456")]
#[case::order("mã đơn hàng 482913")]
#[case::twelve_alone("101234567890")]
#[case::sixteen_no_check("1234567890123456")]
#[case::phone_behind_a_password("quên mật khẩu thì gọi 0912345678")]
#[case::phone_told_about_it("đổi mật khẩu của tôi 0912345678")]
#[case::question("mật khẩu là gì? họ hỏi mật khẩu của tôi")]
#[case::changed("họ đổi mật khẩu, tôi không vào được")]
#[case::described("mật khẩu là của tôi, mật khẩu là ngày sinh")]
#[case::teen("mk bị lừa 50tr, mk 50tr")]
#[case::pass_sum("pass 500.000 đồng")]
#[case::proof("để chứng minh tôi có ảnh 123456789 gửi sau")]
#[case::lone_six("giải thưởng 482913")]
#[case::tax("MST 0100109106 cccd")]
#[case::link_that_asks("trang web hỏi mật khẩu: http://vidu-login.top/pass")]
#[case::words_after_a_label("mk: liên hệ zalo 0912345678")]
#[case::a_telephone_as_password("mật khẩu là sđt của tôi")]
#[case::plate("họ đọc biển số 27A 56789")]
#[case::code_of_a_transfer("nó đọc mã giao dịch 123456")]
#[case::sum_after_a_code("nó hỏi mã, tôi gửi 500000 đồng")]
#[case::order_after_a_code("họ hỏi mã đơn hàng 884213")]
#[case::code_of_a_transfer("mã GD MBVCB678123456709988")]
#[case::code_with_letters_behind("FT263251234567890ABC")]
#[case::checksum("a1b2c3d4e5f60718293a")]
#[case::link("https://vidu.top/qrysf779t2vwxkjz88g6")]
#[case::words_of_four_letters("chua nhan 5000 tien 2024 chua")]
#[case::words_of_four("nhan tien chua nhan tien")]
#[case::groups_of_digits("1903-1234-5678-9012-3456")]
#[case::story_of_a_wallet("seed phrase: toi khong dua cho ai nhung ho van lay duoc het")]
#[case::described_by_another("mật khẩu bị lộ, tài khoản của nó là vidu123")]
#[case::sum_in_groups("mk 50 000")]
#[case::sum_of_somebody("mk 500 000 đồng")]
#[case::date_with_hyphens("OTP ngày 24-11-26")]
#[case::site_that_asks("mật khẩu phải nhập ở trang là http://vidu1.top")]
#[case::code_of_a_transfer_behind("mật khẩu bị lộ mã giao dịch là FT26328123456")]
#[case::app_behind("nó bắt nhập mật khẩu vào app tên là vaytien24h")]
#[case::site_behind("mật khẩu bị hỏi ở cái nó gửi là vidu24h.com")]
#[case::plate_behind("nó lấy mật khẩu và biển số xe là 27A12345")]
#[case::loss_behind("mất mật khẩu thì tiền mất là 5tr500k")]
#[case::few_numbers_in_words("OTP có hai ba lần")]
fn evidence_stays(#[case] text: &str) {
    assert_eq!(hidden(text), [], "{text}");
    assert_eq!(mask_secrets(text).text, text);
}

#[test]
fn two_receipts_in_a_row_are_hidden_both() {
    for gap in ["", " ", "-", ", "] {
        for code in ["CJRC-QRA0-M8DP-GB0Y-28KA", "CJRC QRA0 M8DP GB0Y 28KA"] {
            let masked = mask_secrets(&format!("mã {code}{gap}{code}."));
            let hidden: usize = masked.spans.iter().map(|span| span.end - span.start).sum();
            assert_eq!(hidden, 48, "{}", masked.text);
        }
    }
}

#[test]
fn a_password_longer_than_what_is_judged_is_hidden_whole() {
    let long = format!("{}.{}", "a".repeat(127), "b1".repeat(500));
    assert_eq!(
        hidden(&format!("mật khẩu: {long}, nhé")),
        [(long, Password)]
    );
}

#[test]
fn the_code_behind_a_cards_expiry_is_hidden() {
    let text = "số thẻ 4111-1111-1111-1111, 12/27, 321 rồi mất 500";
    let secrets = [
        ("4111-1111-1111-1111".to_owned(), CardNumber),
        ("321".to_owned(), CardSecurityCode),
    ];
    assert_eq!(hidden(text), secrets);
    assert_eq!(hidden("gặp nhau 12/27, 321 đường Láng"), []);
}

#[test]
fn several_secrets_in_one_story() {
    let text = "Người xưng công an gọi 0169 123 4567, bắt đọc CCCD 011196001234, \
                mật khẩu: Abc@2026 và OTP 482913. Tôi mất 48.000.000đ vào stk 0011002233445.";
    let masked = mask_secrets(text);
    assert_eq!(
        masked.text,
        "Người xưng công an gọi 0169 123 4567, bắt đọc CCCD ••••••••••••, \
         mật khẩu: •••••••• và OTP ••••••. Tôi mất 48.000.000đ vào stk 0011002233445."
    );
    assert_eq!(
        withhold(text, &masked.spans, "[withheld]"),
        "Người xưng công an gọi 0169 123 4567, bắt đọc CCCD [withheld], \
         mật khẩu: [withheld] và OTP [withheld]. Tôi mất 48.000.000đ vào stk 0011002233445."
    );
}

#[test]
fn long_hostile_texts_take_linear_time() {
    for piece in [
        "otp 1 ",
        "pass:",
        "mk-",
        "1 ",
        "1.",
        "482913 la ",
        "mat khau la la la ",
        "cccd ",
        "\"",
        "mk \"",
        "pass=\"a ",
        "4111 ",
        "\u{301}",
        "ﷺ",
        "123456 la ma otp ",
        "seed abc ",
        "otp mot ",
        "doc ma ",
        "CJRC-",
    ] {
        let started = std::time::Instant::now();
        let _ = mask_secrets(&piece.repeat(20_000));
        assert!(started.elapsed().as_secs() < 5, "{piece:?}");
    }
}

proptest! {
    #[test]
    fn spans_are_in_order_and_the_length_stays(text in "(otp|mk|cccd|mật khẩu|cvv|số thẻ|stk|là|:|=|\"|[0-9]{1,13}| |\\PC){0,60}") {
        let masked = mask_secrets(&text);
        prop_assert_eq!(masked.text.chars().count(), text.chars().count());
        let count = text.chars().count();
        let mut end = 0;
        for span in &masked.spans {
            prop_assert!(span.start >= end && span.start < span.end && span.end <= count);
            end = span.end;
        }
        for (at, (shown, sent)) in masked.text.chars().zip(text.chars()).enumerate() {
            let inside = masked.spans.iter().any(|span| (span.start..span.end).contains(&at));
            prop_assert_eq!(shown, if inside { MASK } else { sent });
        }
    }

    #[test]
    fn an_announced_code_is_always_hidden(code in "[0-9]{6}", before in "[a-zà-ỹ ]{0,20}") {
        let text = format!("{before}. Mã OTP: {code}");
        prop_assert!(hidden(&text).contains(&(code, Otp)));
    }

    #[test]
    fn a_phone_number_is_never_hidden(phone in "0[35789][0-9]{8}", label in "(otp|cccd|mã pin|cvv|số thẻ) ") {
        let text = format!("{label}{phone}");
        prop_assert_eq!(hidden(&text), []);
    }
}

#[test]
fn a_note_keeps_whom_it_is_about_and_no_secret() {
    let note = "Bị hại CCCD 011199755321 đã đọc mã OTP 482913, mật khẩu: meocon2020.";
    let kept = mask_note(note);
    assert!(kept.contains("011199755321"), "{kept}");
    assert!(
        !kept.contains("482913") && !kept.contains("meocon2020"),
        "{kept}"
    );
    assert_eq!(kept.chars().count(), note.chars().count());
}
