//! Hides what a citizen should never have sent: one-time codes, passwords, card numbers and
//! security codes, full ID-card numbers, the words of a wallet and receipts written into free text.
//!
//! A number is hidden only when words beside it say what it is, or when it can only be a payment
//! card; phone numbers, bank accounts, sums, dates and transfer codes are evidence and stay. The
//! masked text has as many code points as the original, so spans fit both. One pass, linear time.

mod labels;
mod numbers;
mod passwords;
mod receipts;
mod tokens;
mod words;

use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use labels::Label;
use tokens::{Kind, Pieces, Token};

/// What was hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// A one-time code.
    Otp,
    /// A password or PIN.
    Password,
    /// The number of a payment card.
    CardNumber,
    /// The security code of a card (CVV, CVC).
    CardSecurityCode,
    /// A 12-digit CCCD or 9-digit CMND number.
    NationalId,
    /// The receipt of a tip.
    Receipt,
}

/// A hidden place, in code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
    /// What was hidden.
    pub kind: SecretKind,
}

/// A text whose secrets are hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// The text with `•` in place of each hidden code point.
    pub text: String,
    /// The hidden places, in order, not overlapping.
    pub spans: Vec<Span>,
}

/// Stands for one hidden code point.
const MASK: char = '•';

/// Hides the secrets of a free text.
pub fn mask_secrets(text: &str) -> Masked {
    mask(text, secrets(text))
}

/// Hides the secrets of an officer's note, of which nothing else is kept: what opens an account or a tip, and not the
/// number of an identity card, by which a person may have to be named.
pub fn mask_note(text: &str) -> String {
    let mut spans = secrets(text);
    spans.retain(|span| span.kind != SecretKind::NationalId);
    mask(text, spans).text
}

fn mask(text: &str, spans: Vec<Span>) -> Masked {
    let mut hidden = spans.iter().copied().peekable();
    let text = match spans.is_empty() {
        true => text.to_owned(),
        false => text
            .chars()
            .enumerate()
            .map(|(at, c)| {
                while hidden.next_if(|span| span.end <= at).is_some() {}
                match hidden.peek() {
                    Some(span) if span.start <= at => MASK,
                    _ => c,
                }
            })
            .collect(),
    };
    Masked { text, spans }
}

/// Where the secrets of a free text are.
pub fn secrets(text: &str) -> Vec<Span> {
    let pieces = Pieces::of(text);
    let tokens = pieces.tokens();
    let mut scan = Scan::new(text, &tokens);
    scan.run();
    with_receipts(scan.spans, receipts::receipts(text))
}

/// Both in order; what overlaps a receipt is part of it.
fn with_receipts(mut spans: Vec<Span>, receipts: Vec<Span>) -> Vec<Span> {
    if !receipts.is_empty() {
        spans.retain(|span| {
            let after = receipts.partition_point(|receipt| receipt.end <= span.start);
            receipts
                .get(after)
                .is_none_or(|receipt| span.end <= receipt.start)
        });
        spans.extend(receipts);
        spans.sort_by_key(|span| span.start);
    }
    spans
}

/// The text with each span replaced by a word such as `[withheld]`.
pub fn withhold(text: &str, spans: &[Span], word: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut hidden = spans.iter().copied().peekable();
    for (at, c) in text.chars().enumerate() {
        while hidden.next_if(|span| span.end <= at).is_some() {}
        match hidden.peek() {
            Some(span) if span.start == at => shown.push_str(word),
            Some(span) if span.start < at => {}
            _ => shown.push(c),
        }
    }
    shown
}

/// Where each label was last seen, as a token index.
#[derive(Default)]
struct Seen {
    otp: Option<usize>,
    /// A code of which nothing says what it is for: "họ hỏi mã".
    code: Option<usize>,
    pin: Option<usize>,
    cvv: Option<usize>,
    card: Option<usize>,
    /// The month and year until which a card holds.
    expiry: Option<usize>,
    id: Option<usize>,
    /// A label of evidence whose number has not come yet.
    evidence: Option<usize>,
}

struct Scan<'a> {
    text: &'a str,
    /// Its code points, once a password is looked for.
    chars: OnceCell<Vec<char>>,
    tokens: &'a [Token<'a>],
    seen: Seen,
    spans: Vec<Span>,
    /// The last number that nothing announced: first and last token, in case its label follows.
    unexplained: Option<(usize, usize)>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, tokens: &'a [Token<'a>]) -> Self {
        Self {
            text,
            chars: OnceCell::new(),
            tokens,
            seen: Seen::default(),
            spans: Vec::new(),
            unexplained: None,
        }
    }

    fn run(&mut self) {
        let mut recent = [""; 3];
        let mut index = 0;
        while let Some(token) = self.tokens.get(index) {
            index = match token.kind {
                Kind::Word(word) => {
                    recent = [recent[1], recent[2], word];
                    let label = labels::label(&recent);
                    // "mã xác thực Zalo 8842" is Zalo's code, no number there.
                    let app = word == "zalo" && self.seen.otp.is_some_and(|otp| otp + 1 == index);
                    match label {
                        Some(Label::Password) => self.password(index),
                        Some(Label::Wallet) => self.wallet_words(index).unwrap_or(index + 1),
                        Some(label) if !app => {
                            self.note(label, index);
                            index + 1
                        }
                        _ => self.spelled_code(index).unwrap_or(index + 1),
                    }
                }
                Kind::Number("2") if self.is_two_factor(index) => {
                    self.note(Label::Otp, index + 1);
                    index + 2
                }
                Kind::Number(_) => self.number(index),
                Kind::Sign(_) => index + 1,
            };
        }
    }

    /// "2FA".
    fn is_two_factor(&self, index: usize) -> bool {
        let (two, next) = (self.tokens.get(index), self.tokens.get(index + 1));
        let end = two.map(|two| two.end);
        next.is_some_and(|next| next.word() == Some("fa") && Some(next.start) == end)
    }

    /// Remembers a label, and applies it to a number just before it ("482913 là mã OTP").
    fn note(&mut self, label: Label, index: usize) {
        let place = match label {
            Label::Otp => &mut self.seen.otp,
            Label::Pin => &mut self.seen.pin,
            Label::Cvv => &mut self.seen.cvv,
            Label::Card => &mut self.seen.card,
            Label::Id => &mut self.seen.id,
            Label::Code => &mut self.seen.code,
            Label::Evidence => &mut self.seen.evidence,
            Label::Password | Label::Wallet => return,
        };
        *place = Some(index);
        if matches!(label, Label::Otp | Label::Id) {
            self.explain_backwards(label, index);
        }
    }

    fn chars(&self) -> &[char] {
        self.chars.get_or_init(|| self.text.chars().collect())
    }

    fn hide(&mut self, start: usize, end: usize, kind: SecretKind) {
        self.spans.push(Span { start, end, kind });
    }
}

#[cfg(test)]
mod tests;
