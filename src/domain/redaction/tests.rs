//! What must vanish from a shared narrative, and what must stay.

use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn reporter() -> Identity<'static> {
    Identity {
        name: Some("Lò Thị Thử Nghiệm"),
        phone: Some("+84 912 345 678"),
        email: Some("Thu.Nghiem@example.com"),
        national_id: Some("011196001234"),
        address: Some("Bản Mẫu 2, xã Thanh Nưa"),
    }
}

#[test]
fn the_reporter_disappears_and_what_is_disclosed_stays() {
    let text = "Tôi là LÒ THỊ THỬ NGHIỆM (0912.345.678, thu.nghiem@example.com), ở bản mẫu 2 - xã Thanh Nưa, \
                số 011196001234. Số 0169 123 4567 gọi đòi 48.000.000đ vào stk 0011002233445 của 0987654321.";
    assert_eq!(
        redact(text, &reporter(), &["+841691234567"]),
        "Tôi là [reporter] ([phone], [email]), ở [address], \
         số [id number]. Số 0169 123 4567 gọi đòi 48.000.000đ vào stk 0011002233445 của [phone]."
    );
}

#[rstest]
#[case("gọi +84912345678", "gọi [phone]")]
#[case("gọi 0084 912 345 678 nhé", "gọi [phone] nhé")]
#[case("gọi 84912345678", "gọi [phone]")]
#[case("số 0215 382 5555", "số [phone]")]
#[case(
    "mất 48000000 đồng ngày 24/11/2026",
    "mất 48000000 đồng ngày 24/11/2026"
)]
#[case("stk 0011002233445", "stk 0011002233445")]
#[case("mã FT26328123456", "mã FT26328123456")]
#[case("viết cho a.b@mail.example.vn.", "viết cho [email].")]
#[case("@nhom_zalo và a@b", "@nhom_zalo và a@b")]
#[case("CCCD 040123456789 và OTP 482913", "CCCD [secret] và OTP [secret]")]
fn what_identifies_people_is_hidden(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(redact(text, &Identity::default(), &[]), expected);
}

#[test]
fn the_reporters_own_number_is_hidden_even_if_disclosed_in_another_form() {
    let text = "Gọi lại cho tôi 0912345678";
    assert_eq!(
        redact(text, &reporter(), &["0912345678"]),
        "Gọi lại cho tôi [phone]"
    );
}

#[test]
fn a_one_word_name_is_not_hunted_and_debug_shows_nothing() {
    let short = Identity {
        name: Some("An"),
        ..Identity::default()
    };
    assert_eq!(redact("Tôi thấy an tâm", &short, &[]), "Tôi thấy an tâm");
    assert_eq!(format!("{:?}", reporter()), "Identity([redacted])");
}

#[test]
fn long_hostile_texts_take_linear_time() {
    for piece in ["a@", "@", "1.", "0912345678 ", "Lò Thị Thử ", "+"] {
        let started = std::time::Instant::now();
        let _ = redact(&piece.repeat(20_000), &reporter(), &[]);
        assert!(started.elapsed().as_secs() < 5, "{piece:?}");
    }
}

proptest! {
    #[test]
    fn the_reporters_values_never_survive(before in "\\PC{0,30}", after in "\\PC{0,30}") {
        let text = format!("{before} 0912345678 , 011196001234 , Lò Thị Thử Nghiệm {after}");
        let shown = redact(&text, &reporter(), &[]);
        prop_assert!(!shown.contains("0912345678"), "{}", shown);
        prop_assert!(!shown.contains("011196001234"), "{}", shown);
        prop_assert!(!shown.contains("Thử Nghiệm"), "{}", shown);
    }

    #[test]
    fn nothing_breaks_it(text: String, name: String, phone: String) {
        let identity = Identity { name: Some(&name), phone: Some(&phone), ..Identity::default() };
        let _ = redact(&text, &identity, &[&phone, &name]);
    }
}

#[test]
fn of_what_a_reporter_wrote_only_the_reporters_own_is_hidden() {
    let own = Identity {
        name: Some("Người Báo Tin"),
        phone: Some("0912 345 678"),
        email: Some("Bao.Tin@example.vn"),
        national_id: Some("011099887755"),
        address: Some("Tổ 5, phường Mường Thanh"),
    };
    for (text, hidden) in [
        ("nguoi bao tin đây", Some("[reporter] đây")),
        ("số +84 912.345.678.", Some("số [phone].")),
        ("thư bao.tin@EXAMPLE.vn", Some("thư [email]")),
        ("CCCD 0110 9988 7755", Some("CCCD [id number]")),
        ("ở tổ 5 phường mường thanh", Some("ở [address]")),
        ("nó gọi 0369 123 456, lua@example.vn, OTP 482913", None),
        ("stk 0011002233445, mất 48.000.000", None),
        ("", None),
    ] {
        assert_eq!(hide_own(text, &own).as_deref(), hidden, "{text}");
    }
    assert_eq!(hide_own("0912345678", &Identity::default()), None);
}
