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
        if !marked && let Some(told) = self.told_further_on(label) {
            let Some(token) = self.tokens.get(told) else {
                return label + 1;
            };
            return self.hide_run(told, token.start);
        }
        let Some(from) = self.tokens.get(at).map(|token| token.start) else {
            return label + 1;
        };
        if let Some(next) = self.hide_groups(at, marked) {
            return next;
        }
        // Judged by its beginning: a long run must not be walked once for each label inside it.
        let (start, end) = self.run_from(from, MAX_LOOK);
        if start >= end || !self.is_password(label, at, (start, end), marked) {
            return label + 1;
        }
        self.hide_run(at, from)
    }

    /// Hides the run at a place; answers the token to go on with.
    fn hide_run(&mut self, at: usize, from: usize) -> usize {
        let (start, end) = self.run_from(from, usize::MAX);
        self.hide(start, end, SecretKind::Password);
        self.unexplained = None;
        let mut next = at;
        while self.tokens.get(next).is_some_and(|token| token.start < end) {
            next += 1;
        }
        next
    }

    /// "mật khẩu Techcombank tôi đặt là hoa1990": whatever words stand between, in one clause, a run of letters and
    /// digits behind "là", unless they speak of an app, a site or a plate. Answers its token.
    fn told_further_on(&self, label: usize) -> Option<usize> {
        let behind = self.tokens.get(label + 1..)?.iter().take(MAX_BETWEEN);
        let words: Vec<&str> = behind.map_while(|token| token.word()).collect();
        let says = words
            .iter()
            .rposition(|word| matches!(*word, "la" | "is"))?;
        let between = words.get(..says).unwrap_or_default();
        if between.iter().any(|word| labels::names_evidence(word))
            || between
                .last()
                .is_some_and(|word| labels::announces_sum_or_date(word))
        {
            return None;
        }
        let at = label + 2 + says;
        let run = self.run_at(self.tokens.get(at)?.start);
        let has = |what: fn(&char) -> bool| run.chars().any(|c| what(&c));
        let mixed = has(char::is_ascii_digit) && has(|c| c.is_alphabetic());
        let other = is_link(&run) || is_host(&run) || is_sum_or_date(&run);
        (mixed && run.chars().count() >= 6 && !other).then_some(at)
    }

    /// "pass 123 456": a number of four to eight digits in groups. Answers the token to go on with.
    fn hide_groups(&mut self, at: usize, marked: bool) -> Option<usize> {
        let written = self.in_groups(at);
        let (first, last) = (self.tokens.get(at)?, self.tokens.get(written.last)?);
        let (start, end) = (first.start, last.end);
        let behind = self.tokens.get(written.last + 1);
        let glued = behind.is_some_and(|token| token.start == end && token.sign().is_none());
        let counts = behind
            .and_then(|token| token.word())
            .is_some_and(labels::is_unit);
        let sum = !marked && written.digits.ends_with("000");
        let groups = written.chunks.len() > 1 && (4..=8).contains(&written.digits.len());
        if !groups || glued || counts || sum {
            return None;
        }
        self.hide(start, end, SecretKind::Password);
        self.unexplained = None;
        Some(written.last + 1)
    }

    /// Whether a token is a word and not the beginning of "my123" or "Zalo@1990".
    fn stands_alone(&self, at: usize) -> bool {
        let (Some(here), Some(next)) = (self.tokens.get(at), self.tokens.get(at + 1)) else {
            return true;
        };
        let parted = |end: usize, after: usize| {
            let after = self.tokens.get(after);
            after.is_none_or(|after| after.start > end)
        };
        parted(here.end, at + 1)
            || matches!(next.sign(), Some(':' | '=' | '>'))
            || next.sign().is_some() && parted(next.end, at + 2)
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

    /// The run that begins here, folded, as far as it is judged.
    fn run_at(&self, from: usize) -> String {
        let (start, end) = self.run_from(from, MAX_LOOK);
        self.folded(start, end)
    }

    fn folded(&self, start: usize, end: usize) -> String {
        let run = self.chars().get(start..end).unwrap_or_default();
        crate::domain::fold::fold_text(&run.iter().collect::<String>())
    }

    /// Words of a sentence and sums are not passwords, nor are phone numbers unless they follow at once.
    fn is_password(
        &self,
        label: usize,
        at: usize,
        (start, end): (usize, usize),
        marked: bool,
    ) -> bool {
        let run = self.folded(start, end);
        let bare = run.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.is_empty() || is_link(bare) || labels::is_plain_word(bare) {
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

/// "hỏi mật khẩu: http://…" is where it was asked for.
fn is_link(run: &str) -> bool {
    run.starts_with("http") || run.starts_with("hxxp") || run.starts_with("www.")
}

/// "vidu24h.com".
fn is_host(run: &str) -> bool {
    let suffix = run.rsplit_once('.').map(|(_, suffix)| suffix);
    suffix
        .is_some_and(|suffix| suffix.len() >= 2 && suffix.chars().all(|c| c.is_ascii_alphabetic()))
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
