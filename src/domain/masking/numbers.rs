//! Decides what a number is: by its shape, by the words before it, and by what follows.

use super::labels::{self, Label};
use super::tokens::Token;
use super::{Scan, SecretKind};

/// How many tokens after its label a secret may stand.
const NEAR: usize = 5;
const FAR: usize = 14;
/// Most chunks that one number may be written in: the digits of an identity card, each by itself.
const MAX_CHUNKS: usize = 12;

/// A number as written: one or more chunks of digits.
pub(super) struct Written<'a> {
    pub(super) chunks: Vec<&'a str>,
    pub(super) digits: String,
    first: usize,
    pub(super) last: usize,
}

impl Written<'_> {
    /// "12/27".
    fn is_month(&self) -> bool {
        matches!(self.chunks.as_slice(), [month, year]
            if ("01"..="12").contains(month) && year.len() == 2)
    }

    fn is_digit_by_digit(&self) -> bool {
        self.chunks.iter().all(|chunk| chunk.len() == 1)
    }

    /// One long number written in groups, such as a phone number or an account.
    fn is_grouped(&self) -> bool {
        let sizes = || self.chunks.iter().map(|chunk| chunk.len());
        match self.chunks.len() {
            0 | 1 => false,
            2 => self.digits.starts_with('0') && matches!(self.digits.len(), 10 | 11),
            _ => self.digits.len() >= 9 && sizes().all(|size| (2..=6).contains(&size)),
        }
    }
}

impl<'a> Scan<'a> {
    /// Looks at the number that begins at a token; answers the token to go on with.
    pub(super) fn number(&mut self, index: usize) -> usize {
        // A number written with single spaces ("0111 9600 1234"), else only its first chunk.
        let spaced = self.written(index, Some(Gap::Space));
        let tight = self.written(index, Some(Gap::Sign));
        for written in [&spaced, &tight] {
            if written.chunks.len() > 1
                && let Some(kind) = self.secret(written, true)
            {
                return self.take(written, kind);
            }
        }
        // Sums, dates, times, and phone and account numbers written in groups stay whole.
        for whole in [&tight, &spaced] {
            if (whole.chunks.len() > 1 && self.joined_by_sign(whole)) || whole.is_grouped() {
                // "12/27" behind a card's number.
                if whole.is_month() && self.within(self.seen.card, whole.first, FAR) {
                    self.seen.expiry = Some(whole.last);
                }
                self.seen.evidence = None;
                return whole.last + 1;
            }
        }
        let single = self.written(index, None);
        if let Some(kind) = self.secret(&single, false) {
            return self.take(&single, kind);
        }
        self.seen.evidence = None;
        self.unexplained = Some((single.first, single.last));
        single.last + 1
    }

    /// The number that begins at a token, in groups parted by blanks.
    pub(super) fn in_groups(&self, index: usize) -> Written<'a> {
        self.written(index, Some(Gap::Space))
    }

    fn take(&mut self, written: &Written<'_>, kind: SecretKind) -> usize {
        if let (Some(first), Some(last)) = (
            self.tokens.get(written.first),
            self.tokens.get(written.last),
        ) {
            self.hide(first.start, last.end, kind);
        }
        self.unexplained = None;
        written.last + 1
    }

    /// Gathers chunks as long as what stands between them is as wanted.
    fn written(&self, index: usize, joined: Option<Gap>) -> Written<'a> {
        let tokens: &'a [Token<'a>] = self.tokens;
        let mut written = Written {
            chunks: Vec::new(),
            digits: String::new(),
            first: index,
            last: index,
        };
        let mut at = index;
        while let Some(digits) = tokens.get(at).and_then(Token::number) {
            written.chunks.push(digits);
            written.digits.push_str(digits);
            written.last = at;
            if written.chunks.len() == MAX_CHUNKS {
                break;
            }
            let (gap, next) = self.gap_after(at);
            if Some(gap) != joined {
                break;
            }
            at = next;
        }
        written
    }

    /// What stands between a chunk and the next token that is a number.
    fn gap_after(&self, at: usize) -> (Gap, usize) {
        let (Some(here), Some(next)) = (self.tokens.get(at), self.tokens.get(at + 1)) else {
            return (Gap::Other, at);
        };
        if next.number().is_some() {
            let gap = if next.start == here.end + 1 {
                Gap::Space
            } else {
                Gap::Other
            };
            return (gap, at + 1);
        }
        let after = self
            .tokens
            .get(at + 2)
            .filter(|token| token.number().is_some());
        match (next.sign(), after) {
            (Some('.' | ',' | '-' | '/' | ':'), Some(after))
                if next.start == here.end && after.start == next.end =>
            {
                (Gap::Sign, at + 2)
            }
            _ => (Gap::Other, at),
        }
    }

    /// The kind of secret that a number is, if it is one.
    fn secret(&self, written: &Written<'_>, chunked: bool) -> Option<SecretKind> {
        let count = written.digits.len();
        if !(3..=19).contains(&count) || self.is_evidence(written) {
            return None;
        }
        let first = written.first;
        let signed = chunked && self.joined_by_sign(written);
        let card = self.within(self.seen.card, first, FAR);
        if count >= 13 {
            return is_card(&written.digits, &written.chunks, card)
                .then_some(SecretKind::CardNumber);
        }
        if matches!(count, 9 | 12) && self.within(self.seen.id, first, FAR) {
            let plausible = !chunked
                || written
                    .chunks
                    .iter()
                    .all(|chunk| (2..=6).contains(&chunk.len()))
                || written.is_digit_by_digit();
            return plausible.then_some(SecretKind::NationalId);
        }
        if !chunked && is_identity_number(&written.digits) {
            return Some(SecretKind::NationalId);
        }
        let digit_by_digit = chunked && written.is_digit_by_digit();
        let hyphens = signed && self.joined_by_hyphen(written);
        if signed && !hyphens && !digit_by_digit {
            return None;
        }
        let of_card = self.within(self.seen.cvv, first, NEAR)
            || count == 3 && self.within(self.seen.expiry, first, 2);
        if matches!(count, 3 | 4) && !chunked && of_card {
            return Some(SecretKind::CardSecurityCode);
        }
        let sizes: Vec<usize> = written.chunks.iter().map(|chunk| chunk.len()).collect();
        let code_shape = !chunked
            || matches!(sizes.as_slice(), [3, 3] | [4, 4])
            || (digit_by_digit && count >= 4)
            || ((!signed || hyphens) && sizes.as_slice() == [2, 2, 2]);
        if !code_shape || self.before_is_sum(first) && !self.is_for_them(first) {
            return None;
        }
        if (4..=6).contains(&count) && self.within(self.seen.pin, first, NEAR) {
            return Some(SecretKind::Password);
        }
        // "Mã bảo mật: 902817" is too long for a card's.
        let sent = (5..=8).contains(&count) && self.within(self.seen.cvv, first, NEAR);
        let given = count == 6
            && !chunked
            && self.within(self.seen.code, first, FAR)
            && self.is_given(first);
        if sent || given {
            return Some(SecretKind::Otp);
        }
        let reach = if count == 6 { FAR } else { NEAR };
        ((4..=8).contains(&count) && self.within(self.seen.otp, first, reach))
            .then_some(SecretKind::Otp)
    }

    /// Applies a label to the number before it, when only connecting words stand between.
    pub(super) fn explain_backwards(&mut self, label: Label, index: usize) {
        let Some((first, last)) = self.unexplained else {
            return;
        };
        let between = self.tokens.get(last + 1..index).unwrap_or_default();
        let connected = between.len() <= NEAR
            && between
                .iter()
                .any(|token| matches!(token.word(), Some("la" | "is")))
            && between.iter().all(|token| {
                token.sign().is_some()
                    || token.word().is_some_and(|word| {
                        labels::is_connector(word)
                            || matches!(word, "can" | "chung" | "xac" | "dinh" | "verification")
                    })
            });
        let digits = self
            .tokens
            .get(first)
            .and_then(Token::number)
            .unwrap_or_default();
        let kind = match label {
            Label::Otp if (4..=8).contains(&digits.len()) => SecretKind::Otp,
            Label::Id if matches!(digits.len(), 9 | 12) => SecretKind::NationalId,
            _ => return,
        };
        if connected && let Some(token) = self.tokens.get(first) {
            let (start, end) = (token.start, token.end);
            // Whatever was hidden since stands after it: keep the spans in order.
            let place = self.spans.partition_point(|span| span.start < start);
            self.spans.insert(place, super::Span { start, end, kind });
            self.unexplained = None;
        }
    }

    fn within(&self, label: Option<usize>, index: usize, reach: usize) -> bool {
        label.is_some_and(|label| index.saturating_sub(label) <= reach)
    }

    /// Numbers that must stay readable: announced as such, glued into a code, or sums.
    fn is_evidence(&self, written: &Written<'_>) -> bool {
        let before = written
            .first
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at));
        let (Some(here), Some(end)) = (
            self.tokens.get(written.first),
            self.tokens.get(written.last),
        ) else {
            return true;
        };
        // FT26328123456, VCB123…: part of a code, unless the letters are a label ("otp123456").
        let glued_before = before.is_some_and(|token| {
            token.end == here.start
                && token
                    .word()
                    .is_some_and(|word| labels::label(&["", "", word]).is_none())
        });
        let after = self.tokens.get(written.last + 1);
        let glued_after =
            after.is_some_and(|token| token.start == end.end && token.word().is_some());
        let sum = after.and_then(Token::word).is_some_and(labels::is_unit)
            || before
                .and_then(Token::sign)
                .is_some_and(|sign| matches!(sign, '+' | '$'));
        glued_before || glued_after || sum || self.announced_as_evidence(written)
    }

    /// A label of evidence claims a long number near it, and a short one right after it.
    fn announced_as_evidence(&self, written: &Written<'_>) -> bool {
        let Some(label) = self.seen.evidence else {
            return false;
        };
        let between = self
            .tokens
            .get(label + 1..written.first)
            .unwrap_or_default();
        let newer_label = [
            self.seen.otp,
            self.seen.pin,
            self.seen.cvv,
            self.seen.card,
            self.seen.id,
        ]
        .into_iter()
        .flatten()
        .any(|other| other > label);
        let directly = between.len() <= 2
            && between
                .iter()
                .all(|token| token.word().is_none_or(|word| word == "so"));
        !newer_label && (directly || (written.digits.len() >= 7 && between.len() <= NEAR))
    }

    fn before_is_sum(&self, first: usize) -> bool {
        first
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .and_then(Token::word)
            .is_some_and(labels::announces_sum_or_date)
    }

    /// "tôi đọc: 482913", "đọc mã 593821".
    fn is_given(&self, first: usize) -> bool {
        let token = |back: usize| first.checked_sub(back).and_then(|at| self.tokens.get(at));
        let colon = token(1).and_then(Token::sign) == Some(':');
        let back = usize::from(colon);
        let word = token(back + 1).and_then(Token::word);
        word.is_some_and(labels::gives_code) || self.is_for_them(first - back)
    }

    /// "đọc cho nó 482913": no debt.
    fn is_for_them(&self, first: usize) -> bool {
        let word = |back: usize| self.tokens.get(first.checked_sub(back)?)?.word();
        word(2) == Some("cho") && matches!(word(1), Some("no" | "ho"))
    }

    fn joined_by_sign(&self, written: &Written<'_>) -> bool {
        self.tokens
            .get(written.first + 1)
            .is_some_and(|token| token.sign().is_some())
    }

    fn joined_by_hyphen(&self, written: &Written<'_>) -> bool {
        self.tokens
            .get(written.first..=written.last)
            .unwrap_or_default()
            .iter()
            .filter_map(Token::sign)
            .all(|sign| sign == '-')
    }
}

/// What stands between two chunks of digits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// One white space.
    Space,
    /// One sign without white space.
    Sign,
    /// Anything else.
    Other,
}

/// Whether digits are built as the number of an ID card, which nothing need announce: province 001 to
/// 096, century and sex, year of birth (NĐ 137/2015 art. 13; TT 59/2021 art. 4). Only years of people
/// who can hold a card count, so that few accounts of twelve digits are taken for one.
fn is_identity_number(digits: &str) -> bool {
    let part = |range| {
        digits
            .get(range)
            .and_then(|text: &str| text.parse::<u32>().ok())
    };
    let (Some(province), Some(century), Some(year)) = (part(0..3), part(3..4), part(4..6)) else {
        return false;
    };
    digits.len() == 12
        && (1..=96).contains(&province)
        && match century {
            0 | 1 => year >= 30,
            2 | 3 => year <= 12,
            _ => false,
        }
}

/// Whether digits can be a payment card: the issuer, and either words that say so, or the check
/// digit and the way a card is printed. 9704 is the issuer prefix of domestic cards.
fn is_card(digits: &str, chunks: &[&str], announced: bool) -> bool {
    let issuer = digits.starts_with("9704")
        || match digits.len() {
            13 | 19 => digits.starts_with('4'),
            15 => digits.starts_with("34") || digits.starts_with("37"),
            16 => {
                digits.starts_with('4')
                    || digits.starts_with("35")
                    || digits.starts_with('6')
                    || matches!(digits.get(..2), Some("51" | "52" | "53" | "54" | "55"))
                    || matches!(digits.get(..4), Some(range) if ("2221"..="2720").contains(&range))
            }
            _ => false,
        };
    let printed = matches!(chunks, [a, b, c, d, ..]
        if [a, b, c, d].iter().all(|chunk| chunk.len() == 4));
    let domestic = digits.starts_with("9704") && matches!(digits.len(), 16 | 19);
    // What is announced as a card is one even if a digit was mistyped.
    issuer && (announced || (luhn(digits) && (printed || domestic || digits.len() == 16)))
}

/// The check digit of ISO/IEC 7812.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, doubled) if doubled > 9 => doubled - 9,
                (_, doubled) => doubled,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}
