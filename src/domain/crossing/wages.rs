//! Whether a sentence names a wage: "lương 30 triệu", "25-30tr/tháng", "thu nhập 1.000 đô".

use super::Word;

/// Words between "lương" and the sum.
const REACH: usize = 7;

/// What is done with money that is no wage.
const PAID: [&str; 12] = [
    "chuyen", "gui", "nop", "coc", "mat", "dong", "chuoc", "phat", "no", "ck", "tra", "doi",
];

/// Whether a wage stands in the sentence.
pub(super) fn is_named(sentence: &[Word]) -> bool {
    let fold = |at: Option<usize>| {
        let word = at.and_then(|at| sentence.get(at));
        word.map_or("", |word| word.fold.as_str())
    };
    (0..sentence.len()).any(|at| {
        if !is_number(fold(Some(at))) || !is_unit(fold(Some(at + 1)), fold(Some(at + 2))) {
            return false;
        }
        let before = sentence.get(at.saturating_sub(REACH)..at).unwrap_or_default();
        let told = |wanted: &dyn Fn(&str) -> bool| before.iter().any(|w| wanted(&w.fold));
        let paid = told(&|word| PAID.contains(&word));
        let wage = told(&|word| matches!(word, "luong" | "salary" | "wage"))
            || before.windows(2).any(|pair| {
                matches!(pair, [a, b] if a.fold == "thu" && b.fold == "nhap" || a.said == "tiền" && b.said == "công")
            });
        let month = (2..=4).find(|step| matches!(fold(Some(at + step)), "thang" | "month"));
        let monthly = month.is_some_and(|step| !is_date(fold(Some(at + step + 1))))
            || fold(Some(at.wrapping_sub(2))) == "moi" && fold(Some(at.wrapping_sub(1))) == "thang";
        wage || monthly && !paid
    })
}

/// "tháng trước", "tháng 11": when, not how often.
fn is_date(next: &str) -> bool {
    matches!(next, "truoc" | "nay" | "sau" | "roi" | "vua" | "toi") || is_number(next)
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// Millions of đồng, dollars, yuan.
fn is_unit(word: &str, next: &str) -> bool {
    matches!(word, "trieu" | "tr" | "cu" | "usd" | "do" | "dola" | "dollar" | "dollars" | "te" | "ndt")
        // "25-30 triệu": the second number bears the unit.
        || is_number(word) && matches!(next, "trieu" | "tr" | "cu" | "usd" | "do" | "te")
}
