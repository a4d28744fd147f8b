//! What a reporter is told at once: what to do now, and what the tip still lacks.
//!
//! All texts and conditions are data (`Guidebook`). A telephone number is shown only while its
//! entry has a source and a date of checking; else its fallback words stand there ("the number
//! printed on your card …"). Hints are never demands: reception may not be refused (BLTTHS 145).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::lang::Lang;

mod book;

pub use book::{Guidebook, HintCode, HintText, Number, Piece, Scheme, TransferAge, When};

/// What advice and hints are drawn from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The reporter's method, if known.
    pub method: Option<&'a str>,
    /// Somebody is in danger now.
    pub in_danger_now: bool,
    /// Somebody is in danger, and the words speak of a country abroad.
    pub abroad: bool,
    /// The victim is under 18.
    pub child_victim: bool,
    /// Kinds of the indicators.
    pub indicator_kinds: Vec<&'a str>,
    /// A loss is stated.
    pub has_loss: bool,
    /// No loss is stated, but an account is named or the words speak of paying.
    pub may_have_paid: bool,
    /// No loss is stated, and the words say that money is about to be sent.
    pub about_to_pay: bool,
    /// A password or a code was given away, as the words say.
    pub told_secret: bool,
    /// Minutes from the last transfer to now; below zero counts as just now.
    pub minutes_since_transfer: Option<i64>,
    /// When the money was sent is stated.
    pub has_transfer_time: bool,
    /// The published numbers of the banks whose accounts are named.
    pub hotlines: Vec<Hotline>,
    /// The narrative or the message says something.
    pub has_text: bool,
    /// The channel is stated.
    pub has_channel: bool,
    /// The time of the event is stated.
    pub has_occurred_at: bool,
    /// The commune is known.
    pub has_unit: bool,
    /// Every loss has a positive amount.
    pub losses_have_amount: bool,
    /// Every loss has a code of the transfer.
    pub losses_have_reference: bool,
    /// Some bank account has no known bank.
    pub has_account_without_bank: bool,
    /// Attachments are there or announced.
    pub has_attachments: bool,
}

/// The published number of a bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hotline {
    /// The bank's name.
    pub bank: String,
    /// Its number.
    pub number: String,
    /// When it was last checked.
    pub checked_on: NaiveDate,
}

/// One piece of advice as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// Stable code.
    pub code: String,
    /// Heading.
    pub title: String,
    /// What to do.
    pub body: String,
    /// Buttons.
    pub actions: Vec<Action>,
}

/// A button beside a piece of advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Its words.
    pub label: String,
    /// `tel:` or `sms:` and the number.
    pub href: String,
}

/// A question that would help; never a demand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// Stable code.
    pub code: HintCode,
    /// The question.
    pub text: String,
}

/// What to do now, in the order of the book.
pub fn guidance(book: &Guidebook, facts: &Facts<'_>, lang: Lang) -> Vec<Advice> {
    book.advice
        .iter()
        .filter(|piece| piece.when.fits(book, facts))
        .map(|piece| {
            let mut advice = shown(book, piece, lang);
            if piece.actions.iter().any(|action| action == BANK) {
                for line in &facts.hotlines {
                    line.add_to(&mut advice, lang);
                }
            }
            advice
        })
        .collect()
}

/// The number that stands for the reporter's bank, whichever that is.
const BANK: &str = "bank";

impl Hotline {
    fn add_to(&self, advice: &mut Advice, lang: Lang) {
        let Self { bank, number, .. } = self;
        let day = self
            .checked_on
            .format(lang.pick("%d/%m/%Y", "%-d %B %Y"))
            .to_string();
        advice.body.push_str(&lang.pick(
            format!("\nTổng đài {bank}: {number} (kiểm tra ngày {day})."),
            format!("\n{bank}: {number} (checked on {day})."),
        ));
        advice.actions.push(Action {
            label: lang.pick(
                format!("Gọi {bank}: {number}"),
                format!("Call {bank}: {number}"),
            ),
            href: format!("tel:{}", book::dialled(number)),
        });
    }
}

/// Whether a kind of indicator is one that money is sent to.
pub fn takes_money(kind: &str) -> bool {
    matches!(
        kind,
        "bank_account" | "ewallet" | "payment_qr" | "crypto_address"
    )
}

/// One piece of advice by its code, whatever its conditions.
pub fn advice(book: &Guidebook, code: &str, lang: Lang) -> Option<Advice> {
    let piece = book.advice.iter().find(|piece| piece.code == code)?;
    Some(shown(book, piece, lang))
}

fn shown(book: &Guidebook, piece: &Piece, lang: Lang) -> Advice {
    Advice {
        code: piece.code.clone(),
        title: book.fill(piece.title.in_lang(lang), lang),
        body: book.fill(piece.body.in_lang(lang), lang),
        actions: piece
            .actions
            .iter()
            .filter_map(|code| book.action(code, lang))
            .collect(),
    }
}

/// What the tip still lacks, weightiest question first.
pub fn missing(book: &Guidebook, facts: &Facts<'_>, lang: Lang) -> Vec<Hint> {
    let money = facts.indicator_kinds.iter().any(|kind| takes_money(kind));
    let loss = facts.has_loss;
    [
        (
            HintCode::TransferTime,
            facts.may_have_paid || loss && !facts.has_transfer_time,
        ),
        (HintCode::ReceivingAccount, loss && !money),
        (HintCode::ReceivingBank, facts.has_account_without_bank),
        (
            HintCode::LossAmount,
            facts.may_have_paid || loss && !facts.losses_have_amount,
        ),
        (
            HintCode::TransferReference,
            loss && !facts.losses_have_reference,
        ),
        (HintCode::WhatHappened, !facts.has_text),
        (HintCode::WhoContacted, facts.indicator_kinds.is_empty()),
        (HintCode::HowContacted, !facts.has_channel),
        (
            HintCode::WhenHappened,
            !facts.has_occurred_at && facts.minutes_since_transfer.is_none(),
        ),
        (HintCode::WhereHappened, !facts.has_unit),
        (HintCode::Screenshots, !facts.has_attachments),
    ]
    .into_iter()
    .filter(|(_, lacking)| *lacking)
    .filter_map(|(code, _)| {
        let hint = book.hints.iter().find(|hint| hint.code == code)?;
        Some(Hint {
            code,
            text: hint.text.in_lang(lang).to_owned(),
        })
    })
    .collect()
}

#[cfg(test)]
mod tests;
