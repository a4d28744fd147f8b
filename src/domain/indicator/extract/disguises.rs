//! Ways of writing that get past filters of platforms, each beside what looks alike and is nothing.

use super::super::catalog::shipped;
use super::extract;

fn found(text: &str) -> Vec<String> {
    let found = extract(shipped(), text).into_iter();
    let read = found.filter_map(|found| found.reading.ok());
    read.map(|reading| reading.indicator.value).collect()
}

#[test]
fn disguised_links_are_found_and_prose_is_not() {
    for (text, values) in [
        ("vào w w w . vidu . com nhé", &["vidu.com/"][..]),
        ("vao web w w w . x y z . com de nhan", &["xyz.com/"]),
        ("v i d u - 9 . t o p", &["vidu-9.top/"]),
        ("vidu . c o m", &["vidu.com/"]),
        ("bỏ phiếu câu a . b . c . d . cho em", &[]),
        ("chọn a b c . co gì", &[]),
        ("link mb bank . vip nhận quà", &["mbbank.vip/"]),
        ("viet com bank . vip", &["bank.vip/"]),
        ("vào mbbank . vip", &["mbbank.vip/"]),
        ("gửi MB bank. Vip thì được", &[]),
        ("hxxp://vidu.com/a", &["vidu.com/a"]),
        ("hxxps://x[.]com/vidu_9", &["x:vidu_9"]),
        ("vào vidu[.]com", &["vidu.com/"]),
        ("vào vidu(.)com", &["vidu.com/"]),
        ("vào vidu dot com", &["vidu.com/"]),
        ("(.) [.] dot", &[]),
    ] {
        assert_eq!(found(text), values, "{text}");
    }
}

#[test]
fn disguised_numbers_are_found_and_others_are_not() {
    for (text, values) in [
        ("zalo 0 9 1 2 3 4 5 6 7 8", &["zalo:+84912345678"][..]),
        ("zalo O9l2 345 678", &["zalo:+84912345678"]),
        ("sdt 09i2345678", &["+84912345678"]),
        ("gọi ０９１２３４５６７８", &["+84912345678"]),
        ("zalo ０ ９ １ ２ ３ ４ ５ ６ ７ ８", &["zalo:+84912345678"]),
        ("điểm 9 8 7 6 5 4 3 2 1 0", &[]),
        ("có 0 1 2 3 4 5 6 7 8 9 con", &[]),
        ("size l i O l l i i O", &[]),
        ("lillioi 0912", &[]),
    ] {
        assert_eq!(found(text), values, "{text}");
    }
}
