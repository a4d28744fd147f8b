//! What people write into the search field, as Postgres takes it.
//!
//! Words, `"phrases"`, `-not` and `or` go to `websearch_to_tsquery` as they are. What it does not know is
//! the beginning of a word: `lừa*`, and as the last word of a phrase `"chuyển kho*"`. Those are cut out
//! here and written for `to_tsquery`.

use super::fold::fold_text;

/// A search in the two forms that Postgres takes; all of both must hold.
#[derive(Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// For `websearch_to_tsquery`.
    pub words: String,
    /// For `to_tsquery`.
    pub beginnings: String,
}

impl SearchQuery {
    /// Reads what somebody wrote; any text is a search.
    pub fn parse(text: &str) -> Self {
        let (mut words, mut beginnings) = (Vec::new(), Vec::new());
        // Every second piece stands in quotes; a quote that is never closed runs to the end.
        for (n, piece) in text.split('"').enumerate() {
            if n % 2 == 1 {
                match beginning(piece) {
                    Some(found) => beginnings.push(found),
                    None => words.push(format!("\"{piece}\"")),
                }
                continue;
            }
            for word in piece.split_whitespace() {
                match beginning(word).filter(|_| !word.starts_with('-')) {
                    Some(found) => beginnings.push(found),
                    None => words.push(word.to_owned()),
                }
            }
        }
        Self {
            words: words.join(" ").replace('\0', " "),
            beginnings: beginnings.join(" & "),
        }
    }
}

/// `'chuyen' <-> 'kho':*` where the text ends with an asterisk after a word.
fn beginning(text: &str) -> Option<String> {
    let folded = fold_text(text.trim().strip_suffix('*')?);
    if !folded.ends_with(char::is_alphanumeric) {
        return None;
    }
    // Letters and digits only: nothing is left that means something in a query.
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!("'{word}'"))
        .collect();
    Some(format!("({}:*)", words.join(" <-> ")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn beginnings_are_cut_out_and_everything_else_stays() {
        for (text, words, beginnings) in [
            ("chuyển khoản", "chuyển khoản", ""),
            ("lừa*", "", "('lua':*)"),
            (
                "\"chuyển kho*\" Vietcom*",
                "",
                "('chuyen' <-> 'kho':*) & ('vietcom':*)",
            ),
            ("\"công an\" -đùa gi*", "\"công an\" -đùa", "('gi':*)"),
            ("-lừa* * ** '*", "-lừa* * ** '*", ""),
            ("a'b*", "", "('a' <-> 'b':*)"),
            ("a'b:*", "a'b:*", ""),
            ("\"công an", "\"công an\"", ""),
        ] {
            let found = SearchQuery::parse(text);
            assert_eq!(
                (&*found.words, &*found.beginnings),
                (words, beginnings),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_of_the_text_becomes_syntax(text in ".{0,200}") {
            let found = SearchQuery::parse(&text);
            prop_assert!(!found.words.contains('\0'));
            let plain = |c: char| c.is_alphanumeric() || " '<->():*&".contains(c);
            prop_assert!(found.beginnings.chars().all(plain));
            prop_assert_eq!(found.beginnings.matches('\'').count() % 2, 0);
        }
    }
}
