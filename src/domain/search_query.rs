//! What people write into the search field, as Postgres takes it.
//!
//! All words must be there; `"in quotes"` they must stand together, as must what was written without a gap
//! (`vietcom-bank.vn`, `5.000.000`). `-not` must not be there, `or` parts two searches, and an asterisk makes the
//! last word the beginning of one: `lừa*`, `"chuyển kho*"`. Words are those of [`search_words`](super::search_words).

use super::search_words::words;

/// A search.
#[derive(Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// As text of a `tsquery`; empty where no word was written, which finds nothing.
    pub tsquery: String,
    /// What must not be there, each as it was written; nothing where `or` parts two searches: there it would be
    /// missing from one of them alone.
    pub without: Vec<String>,
}

impl SearchQuery {
    /// Reads what somebody wrote; any text is a search.
    pub fn parse(text: &str) -> Self {
        let mut either: Vec<Vec<String>> = vec![Vec::new()];
        let mut without = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (piece, after) = Piece::cut(rest);
            rest = after.trim_start();
            if piece.not && !piece.quoted && piece.term().is_some() {
                without.push(piece.text.to_owned());
            }
            match (piece.term(), either.last_mut()) {
                _ if piece.is_or() => either.push(Vec::new()),
                (Some(term), Some(all)) => all.push(term),
                _ => {}
            }
        }
        either.retain(|all| !all.is_empty());
        if either.len() > 1 {
            without.clear();
        }
        let either: Vec<String> = either.iter().map(|all| all.join(" & ")).collect();
        Self {
            tsquery: either.join(" | "),
            without,
        }
    }
}

/// What stands between two gaps, or in quotes.
struct Piece<'a> {
    not: bool,
    quoted: bool,
    text: &'a str,
}

impl<'a> Piece<'a> {
    /// Cuts the first off; a quote that is never closed runs to the end.
    fn cut(text: &'a str) -> (Self, &'a str) {
        let bare = text.trim_start_matches('-');
        let not = bare.len() < text.len();
        let quoted = bare.strip_prefix('"');
        let (text, rest) = match quoted {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => {
                let end = bare.find(|c: char| c.is_whitespace() || c == '"');
                bare.split_at(end.unwrap_or(bare.len()))
            }
        };
        let quoted = quoted.is_some();
        (Self { not, quoted, text }, rest)
    }

    fn is_or(&self) -> bool {
        !self.quoted && !self.not && self.text.eq_ignore_ascii_case("or")
    }

    /// `!('chuyen' <-> 'kho':*)`; none where there is no word.
    fn term(&self) -> Option<String> {
        let words = words(self.text);
        if words.is_empty() {
            return None;
        }
        // Letters and digits only: nothing in them means something in a query.
        let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let mut term = words.join(" <-> ");
        let beginning = self.text.trim_end().strip_suffix('*');
        if beginning.is_some_and(|text| text.ends_with(char::is_alphanumeric)) {
            term.push_str(":*");
        }
        Some(if self.not { format!("!({term})") } else { term })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("chuyển  khoản", "'chuyen' & 'khoan'")]
    #[case("\"Chuyển khoản\" la", "'chuyen' <-> 'khoan' & 'la'")]
    #[case("lừa*", "'lua':*")]
    #[case("\"chuyển kho*\" Vietcom*", "'chuyen' <-> 'kho':* & 'vietcom':*")]
    #[case("\"công an\" -đùa gi*", "'cong' <-> 'an' & !('dua') & 'gi':*")]
    #[case("-\"công an\" -lừa*", "!('cong' <-> 'an') & !('lua':*)")]
    #[case("zalo or facebook gi*", "'zalo' | 'facebook' & 'gi':*")]
    #[case("OR zalo or or -or or", "'zalo' | !('or')")]
    #[case("\"or\" \"zalo or\"", "'or' & 'zalo' <-> 'or'")]
    #[case("https://vietcom-bank.vn", "'https' <-> 'vietcom' <-> 'bank' <-> 'vn'")]
    #[case("5.000.000đ", "'5' <-> '000' <-> '000' <-> 'd'")]
    #[case("+84 0901*", "'84' & '0901':*")]
    #[case("a\"b c\"d", "'a' & 'b' <-> 'c' & 'd'")]
    #[case("a'b* a'b:*", "'a' <-> 'b':* & 'a' <-> 'b'")]
    #[case("\"công an", "'cong' <-> 'an'")]
    #[case("- -- * ** '* \"\" | & <-> !", "")]
    #[case("", "")]
    fn a_search_is_read(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(SearchQuery::parse(text).tsquery, expected, "{text}");
    }

    #[test]
    fn what_must_not_be_there_is_told_as_it_was_written() {
        for (text, without) in [
            (
                "lừa -0987.654.321 --vcb.top",
                vec!["0987.654.321", "vcb.top"],
            ),
            ("-\"công an\" lừa", vec![]),
            ("lừa or -0987654321", vec![]),
            ("- lừa", vec![]),
        ] {
            assert_eq!(SearchQuery::parse(text).without, without, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_of_the_text_becomes_syntax(text in "\\PC{0,200}|[-\"*'or a]{0,60}") {
            let found = SearchQuery::parse(&text).tsquery;
            let plain = |c: char| c.is_alphanumeric() || " '<->():*&|!".contains(c);
            prop_assert!(found.chars().all(plain));
            // Every second piece is a word.
            let words: Vec<&str> = found.split('\'').skip(1).step_by(2).collect();
            prop_assert!(words.iter().all(|word| word.chars().all(char::is_alphanumeric)));
            prop_assert_eq!(found.matches('\'').count() % 2, 0);
        }
    }
}
