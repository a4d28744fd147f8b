//! Whether a decision not to prosecute says that nothing happened that could be a crime (BLTTHS art. 157(1)).

use crate::domain::fold::fold_text;

/// How officers write "paragraph".
const PARAGRAPH: [&str; 5] = ["khoan", "k", "clause", "paragraph", "para"];
/// How they write "article", and what stands between.
const ARTICLE: [&str; 6] = ["dieu", "d", "article", "art", "cua", "of"];

/// Whether a legal basis such as "BLTTHS 157(1)" or "khoản 1 Điều 157" names that ground.
pub fn is_no_act(legal_basis: &str) -> bool {
    let text = fold_text(legal_basis);
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.iter().enumerate().any(|(at, word)| {
        if *word != "157" {
            return false;
        }
        let behind = words.iter().skip(at + 1);
        let mut behind = behind.skip_while(|word| PARAGRAPH.contains(word));
        let mut before = words.iter().take(at).rev();
        let mut before = before.by_ref().skip_while(|word| ARTICLE.contains(word));
        behind.next() == Some(&"1")
            || before.next() == Some(&"1")
                && before.next().is_some_and(|word| PARAGRAPH.contains(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_ground_says_that_nothing_happened() {
        for no_act in [
            "BLTTHS 157(1)",
            "BLTTHS 157.1",
            "khoản 1 Điều 157 BLTTHS",
            "Điều 157 khoản 1",
            "k.1 Đ.157",
            "paragraph 1 of article 157",
        ] {
            assert!(is_no_act(no_act), "{no_act}");
        }
        for other in [
            "BLTTHS 157(2)",
            "BLTTHS 158",
            "khoản 2 Điều 157",
            "BLTTHS 157",
            "Điều 1, Điều 157(7)",
            "157(11)",
            "",
        ] {
            assert!(!is_no_act(other), "{other}");
        }
    }
}
