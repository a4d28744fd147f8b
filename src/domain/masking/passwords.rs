//! Finds the password that follows "mật khẩu", "mk", "pass" and such.

use super::labels;
use super::{Scan, SecretKind};

/// Most tokens between the label and the password.
const MAX_BETWEEN: usize = 8;
/// How much of a run is looked at to judge it.
const MAX_LOOK: usize = 128;

impl Scan<'_> {
    /// Looks behind a password label; answers the token to go on with.
    pub(super) fn password(&mut self, label: usize) -> usize {
        let mut at = label + 1;
        let mut marked = false;
        // After "mật khẩu là ngày sinh của tôi" only a run with digits is a password.
        let mut described = false;
        while let Some(token) = self.tokens.get(at).filter(|_| at - label <= MAX_BETWEEN) {
            match (token.word(), token.sign()) {
                (Some("la" | "is"), _) | (_, Some(':' | '=' | '>')) => marked = true,
                (Some(word), _) if labels::is_connector(word) && self.stands_alone(at) => {
                    described |= marked;
                }
                (_, Some('-')) if !marked => {}
                _ => break,
            }
            at += 1;
        }
        let marked = marked && !described;
        let Some(from) = self.tokens.get(at).map(|token| token.start) else {
            return label + 1;
        };
        // Judged by its beginning: a long run must not be walked once for each label inside it.
        let (start, end) = self.run_from(from, MAX_LOOK);
        if start >= end || !self.is_password(label, at, (start, end), marked) {
            return label + 1;
        }
        let (start, end) = self.run_from(from, usize::MAX);
        self.hide(start, end, SecretKind::Password);
        self.unexplained = None;
        let mut next = at;
        while self.tokens.get(next).is_some_and(|token| token.start < end) {
            next += 1;
        }
        next
    }

    /// Whether white space or the end follows a token, so that it is a word and not "my123".
    fn stands_alone(&self, at: usize) -> bool {
        match (self.tokens.get(at), self.tokens.get(at + 1)) {
            (Some(here), Some(next)) => next.start > here.end || next.sign().is_some(),
            _ => true,
        }
    }

    /// The run of visible characters, or what stands between quotes, in code points.
    fn run_from(&self, start: usize, most: usize) -> (usize, usize) {
        let rest = self.chars().get(start..).unwrap_or_default();
        if let Some(open) = rest.first().filter(|c| is_quote(**c)) {
            let inside = rest.get(1..).unwrap_or_default();
            let close = inside
                .iter()
                .take(MAX_LOOK)
                .take_while(|c| **c != '\n')
                .position(|c| is_quote(*c) && (*open != '\'' || *c == '\''));
            if let Some(length) = close {
                return (start + 1, start + 1 + length);
            }
        }
        let length = rest
            .iter()
            .take(most)
            .take_while(|c| !c.is_whitespace())
            .count();
        let run = rest.get(..length).unwrap_or_default();
        let trailing = run
            .iter()
            .rev()
            .take_while(|c| matches!(c, '.' | ',' | ';' | ')') || is_quote(**c))
            .count();
        (start, start + length - trailing)
    }

    /// Words of a sentence and sums are not passwords, nor are phone numbers unless they follow at once.
    fn is_password(
        &self,
        label: usize,
        at: usize,
        (start, end): (usize, usize),
        marked: bool,
    ) -> bool {
        let run: String = self
            .chars()
            .get(start..end)
            .unwrap_or_default()
            .iter()
            .collect();
        let run = crate::domain::fold::fold_text(&run);
        let bare = run.trim_matches(|c: char| !c.is_alphanumeric());
        // "hỏi mật khẩu: http://…" is where it was asked for.
        let link = bare.starts_with("http") || bare.starts_with("hxxp") || bare.starts_with("www.");
        if bare.is_empty() || link || labels::is_plain_word(bare) {
            return false;
        }
        if marked {
            return true;
        }
        let digits = run.chars().filter(char::is_ascii_digit).count();
        let unit_follows = self
            .tokens
            .get(at + 1)
            .and_then(|token| token.word())
            .is_some_and(labels::is_unit);
        let phone = at > label + 1
            && matches!(digits, 10 | 11)
            && (bare.starts_with('0') || bare.starts_with("84"));
        digits > 0 && bare.chars().count() >= 4 && !unit_follows && !phone && !is_sum_or_date(bare)
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’' | '«' | '»')
}

/// "500.000", "50tr", "5000000d", "24/11/2026".
fn is_sum_or_date(run: &str) -> bool {
    let letters: String = run.chars().filter(|c| c.is_alphabetic()).collect();
    let grouped = run.contains(['.', ',', '/', ':']);
    let rest_is_digits = run
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | ',' | '/' | ':' | '-'));
    rest_is_digits && (labels::is_unit(&letters) || (letters.is_empty() && grouped))
}
