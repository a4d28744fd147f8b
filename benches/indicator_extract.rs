//! Extraction on hostile text: how long 20,000 characters take, and that twice the text takes about
//! twice the time.
//!
//! And on an ordinary account of a fraud, what extraction, masking and the signs of danger take beside Unicode's own
//! decomposition of the same text.
//!
//! Run with `cargo bench --bench indicator_extract`. Each row is the best of several runs. The
//! program fails where the largest text takes more than the limit, or where the time for eight times
//! the text grows by far more than eight.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tinbao::domain::indicator::{Catalog, extract};
use tinbao::domain::masking::mask_secrets;
use tinbao::domain::text_signs;
use unicode_normalization::UnicodeNormalization;

/// Characters of the largest text.
const LARGE: usize = 20_000;

/// As in the program: with another, large texts would be charged for pages that it asks for anew each time.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What the largest text may take.
const LIMIT: Duration = Duration::from_millis(5);

/// How much more the large text may take than the eighth of it.
const RATIO: f64 = 16.0;

/// Pieces whose repetition is the worst that we can think of for some search.
const HOSTILE: [(&str, &str); 52] = [
    ("letters", "a"),
    ("digits", "9"),
    ("zeros", "0"),
    ("spaced digits", "0 9 1 2 "),
    ("phones", "0912345678 "),
    ("nearly phones", "0912 345 67 "),
    ("foreign phones", "+12025550123 "),
    ("long groups", "0044 1 "),
    ("plus groups", "+1 2 3 4 5 6 7 8 9 0 1 2 "),
    ("bank digits", "VCB 1 2 3 4 5 6 "),
    (
        "bank long digits",
        "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 VCB ",
    ),
    ("banks and accounts", "VCB a a a a a a stk 123456 "),
    ("plus", "+"),
    ("plus digit", "+1 "),
    ("zero zero", "00 1 "),
    ("dots", "."),
    ("short hosts", "a.vn "),
    ("hosts", "vidu1.top "),
    ("one long host", "a."),
    ("idn hosts", "cốc.vn "),
    ("links", "http://a.vn "),
    ("schemes", "http:"),
    ("schemes with slashes", "http://"),
    ("tel", "tel:"),
    ("ats", "a@"),
    ("mails", "a@vidu.vn "),
    ("open brackets", "("),
    ("brackets", "(a. b) "),
    ("spelled dots", " dot dot"),
    ("dot chains", "a dot b"),
    ("payment heads", "000201"),
    ("payment fields", "00020101021138"),
    ("bank names", "ngan hang "),
    ("stk", "STK 00110022 VCB "),
    ("banks", "VCB MB TCB "),
    ("base58", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb "),
    ("hex", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD "),
    ("banks with colons", "ngan hang: nh: "),
    ("short names", "tech 12345678 "),
    ("short names after", "0 0 0 0 0 0 0 0 tech "),
    ("names in a row", "zalo/momo/"),
    ("platforms", "tele id la "),
    ("handles", "tele ten_9 "),
    ("senders", "tin nhan tu ngan hang so la "),
    ("holders' names", "VCB A B C D E 990011223344 "),
    ("names without a bank", "990011223344 A B C D E "),
    ("owners", "STK cua toi la 990011223344 "),
    ("words stuck to links", "https://a.com.Vui "),
    ("sentences after paths", "a.vn/x.Lien he "),
    ("columns", "VCB|990011|A|"),
    ("marks", "a\u{301}\u{302}"),
    ("invisible", "\u{200B}0"),
];

/// An account of a fraud as people write it.
const ACCOUNT: &str = "Tối qua có người gọi số 0912 345 678 tự xưng nhân viên Vietcombank, nói tài khoản \
    của tôi bị khoá rồi gửi link vietcombank.top-vn.xyz/login bắt tôi nhập mật khẩu và mã OTP. Tôi đã \
    chuyển 48.000.000 đồng vào STK 0011002233445 ngân hàng MB, chủ tài khoản NGUYEN VAN A. Nó còn kết bạn \
    Zalo 0987654321 và Telegram @hotro_vcb24 để hướng dẫn tôi cài ứng dụng. ";

fn main() -> ExitCode {
    let banks = include_str!("../src/reference/data/banks.json");
    let phones = include_str!("../src/reference/data/phone_prefixes.json");
    let parsed = (serde_json::from_str(banks), serde_json::from_str(phones));
    let (Ok(banks), Ok(phones)) = parsed else {
        return ExitCode::FAILURE;
    };
    let Ok(catalog) = Catalog::from_json(&banks, &phones) else {
        return ExitCode::FAILURE;
    };
    let mut failed = false;
    println!(
        "{:<22} {:>10} {:>10} {:>7}",
        "text", "2,500", "20,000", "ratio"
    );
    // Each head begins a payload of 512 characters that comes to nothing.
    let heads = "000201".repeat(83);
    let (no_checksum, no_number) = (format!("{heads}6302AB "), format!("{heads}6304ZZZZ "));
    let long = [
        ("payments in vain", no_checksum.as_str()),
        ("payments, odd checksum", no_number.as_str()),
        ("payments, wrong checksum", "0002015802VN6304AB12 "),
    ];
    for (name, piece) in HOSTILE.into_iter().chain(long) {
        let time = |text: &str| best(1, || black_box(extract(&catalog, black_box(text))).len());
        let small = time(&repeated(piece, LARGE / 8));
        let large = time(&repeated(piece, LARGE));
        let ratio = large.as_secs_f64() / small.as_secs_f64();
        // Below a millisecond the caches decide, not the text.
        let steep = ratio > RATIO && large > Duration::from_millis(1);
        let slow = large > LIMIT || steep;
        failed |= slow;
        let mark = if slow { "  <-- too slow" } else { "" };
        println!("{name:<22} {small:>10.1?} {large:>10.1?} {ratio:>7.1}{mark}");
    }
    ordinary(&catalog);
    match failed {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

/// What an ordinary account takes, as a multiple of its decomposition.
fn ordinary(catalog: &Catalog) {
    let text = ACCOUNT.repeat(2);
    let text = black_box(text.as_str());
    let yardstick = best(100, || text.nfd().count());
    println!("\nordinary account: decomposition (NFD) {yardstick:.1?}");
    for (name, time) in [
        ("extract", best(100, || extract(catalog, text).len())),
        ("mask", best(100, || mask_secrets(text).text.len())),
        (
            "signs",
            best(100, || usize::from(text_signs::read([text]).life_at_risk)),
        ),
    ] {
        let ratio = time.as_secs_f64() / yardstick.as_secs_f64();
        println!("{name:<22} {time:>10.1?} {ratio:>7.1} x");
    }
}

fn repeated(piece: &str, characters: usize) -> String {
    piece.chars().cycle().take(characters).collect()
}

/// The shortest of several runs, which is the one least disturbed; each calls the work so often.
fn best(times: u32, work: impl Fn() -> usize) -> Duration {
    (0..7)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..times {
                black_box(work());
            }
            start.elapsed() / times
        })
        .min()
        .unwrap_or(Duration::MAX)
}
