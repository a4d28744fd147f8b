//! The guidebook: advice, hints and telephone numbers as data, and what may be wrong with them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Action, Facts};
use crate::domain::lang::{Lang, Text};

/// Advice, hints and telephone numbers, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guidebook {
    /// Up to this age money may still be held.
    pub fresh_within_minutes: i64,
    /// Telephone numbers that texts may name.
    pub numbers: Vec<Number>,
    /// Pieces of advice, in the order in which they are shown.
    pub advice: Vec<Piece>,
    /// Texts of the hints.
    pub hints: Vec<HintText>,
}

/// A telephone number that texts name by its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// The code between braces in texts.
    pub code: String,
    /// The number, if there is one to show.
    pub number: Option<String>,
    /// Label of the button that calls it.
    pub label: Text,
    /// Words shown in place of a number that may not be shown.
    pub fallback: Text,
    /// How the button reaches it.
    #[serde(default)]
    pub scheme: Scheme,
    /// Where the number was read.
    #[serde(default)]
    pub source: Option<String>,
    /// When it was last checked.
    #[serde(default)]
    pub checked_on: Option<NaiveDate>,
}

/// How a number is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// By a call.
    #[default]
    Tel,
    /// By a text message.
    Sms,
}

/// One piece of advice with its conditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// Stable code.
    pub code: String,
    /// Shown when all of these hold.
    pub when: When,
    /// Heading.
    pub title: Text,
    /// Text; `{code}` stands for a number.
    pub body: Text,
    /// Codes of the numbers offered as buttons.
    #[serde(default)]
    pub actions: Vec<String>,
}

/// The conditions of a piece; one that is absent holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Whether somebody is in danger now.
    pub danger: Option<bool>,
    /// Whether the words speak of a country abroad, from where no number of ours can be called.
    pub abroad: Option<bool>,
    /// Whether money was lost.
    pub loss: Option<bool>,
    /// Whether money may have been sent although no loss is stated.
    pub may_have_paid: Option<bool>,
    /// Whether money is about to be sent and can still be stopped.
    pub about_to_pay: Option<bool>,
    /// Whether the victim is under 18.
    pub child: Option<bool>,
    /// Whether a password or code was given away, as the words say; then the method does not matter.
    pub told_secret: Option<bool>,
    /// Age of the last transfer.
    pub transfer: Option<Vec<TransferAge>>,
    /// The method is one of these.
    pub method: Option<Vec<String>>,
    /// Some indicator is of one of these kinds.
    pub indicator_kind: Option<Vec<String>>,
}

/// Whether the money may still be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransferAge {
    /// Sent a short time ago.
    Fresh,
    /// Sent longer ago.
    Old,
    /// No time is stated.
    Unknown,
}

/// The text of one hint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HintText {
    /// Stable code.
    pub code: HintCode,
    /// The question.
    pub text: Text,
}

/// What a tip may still lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HintCode {
    /// No account of what happened.
    WhatHappened,
    /// No channel.
    HowContacted,
    /// No indicator.
    WhoContacted,
    /// No time of the event.
    WhenHappened,
    /// No commune.
    WhereHappened,
    /// A loss without an amount.
    LossAmount,
    /// A loss without its time.
    TransferTime,
    /// A loss without an account.
    ReceivingAccount,
    /// An account whose bank is not known.
    ReceivingBank,
    /// A loss without the code of the transfer.
    TransferReference,
    /// No attachment.
    Screenshots,
}

impl Number {
    /// The number, if it may be shown at all.
    fn shown(&self) -> Option<&str> {
        let sourced = self
            .source
            .as_deref()
            .is_some_and(|source| !source.trim().is_empty());
        self.number
            .as_deref()
            .filter(|number| sourced && self.checked_on.is_some() && !number.is_empty())
    }
}

/// A number as it is dialled.
pub(super) fn dialled(number: &str) -> String {
    number
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect()
}

impl Guidebook {
    /// A number that may be shown.
    pub fn shown_number(&self, code: &str) -> Option<&str> {
        self.number(code)?.shown()
    }

    fn number(&self, code: &str) -> Option<&Number> {
        self.numbers.iter().find(|number| number.code == code)
    }

    pub(super) fn action(&self, code: &str, lang: Lang) -> Option<Action> {
        let number = self.number(code)?;
        let digits = dialled(number.shown()?);
        let scheme = match number.scheme {
            Scheme::Tel => "tel",
            Scheme::Sms => "sms",
        };
        Some(Action {
            label: number.label.in_lang(lang).to_owned(),
            href: format!("{scheme}:{digits}"),
        })
    }

    /// Puts numbers, or their fallback words, where `{code}` stands.
    pub(super) fn fill(&self, text: &str, lang: Lang) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((code, tail)) = after.split_once('}') else {
                rest = after;
                break;
            };
            if let Some(number) = self.number(code) {
                filled.push_str(number.shown().unwrap_or(number.fallback.in_lang(lang)));
            }
            rest = tail;
        }
        filled.push_str(rest);
        filled
    }

    /// What is wrong with an edited book: unknown codes, stray braces, numbers written into texts.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for piece in &self.advice {
            if !seen.insert(piece.code.as_str()) {
                problems.push(format!("{}: the code stands twice", piece.code));
            }
            for code in &piece.actions {
                if self.number(code).is_none() {
                    problems.push(format!("{}: no number {code}", piece.code));
                }
            }
            for text in [
                &piece.title.vi,
                &piece.title.en,
                &piece.body.vi,
                &piece.body.en,
            ] {
                self.check_text(&piece.code, text, &mut problems);
            }
        }
        problems
    }

    fn check_text(&self, code: &str, text: &str, problems: &mut Vec<String>) {
        if text.trim().is_empty() {
            problems.push(format!("{code}: a text is empty"));
        }
        for part in text.split('{').skip(1) {
            match part.split_once('}') {
                Some((number, _)) if self.number(number).is_some() => {}
                _ => problems.push(format!("{code}: a brace names no number")),
            }
        }
        let longest = text
            .split(|c: char| !c.is_ascii_digit())
            .map(str::len)
            .max()
            .unwrap_or(0);
        if longest >= 3 {
            problems.push(format!("{code}: a number stands in the text itself"));
        }
    }
}

impl When {
    pub(super) fn fits(&self, book: &Guidebook, facts: &Facts<'_>) -> bool {
        let equal = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        let age = match facts.minutes_since_transfer {
            None => TransferAge::Unknown,
            Some(minutes) if minutes <= book.fresh_within_minutes => TransferAge::Fresh,
            Some(_) => TransferAge::Old,
        };
        equal(self.danger, facts.in_danger_now)
            && equal(self.abroad, facts.abroad)
            && equal(self.loss, facts.has_loss)
            && equal(self.may_have_paid, facts.may_have_paid)
            && equal(self.about_to_pay, facts.about_to_pay)
            && equal(self.child, facts.child_victim)
            && self
                .transfer
                .as_ref()
                .is_none_or(|ages| ages.contains(&age))
            && match &self.method {
                None => equal(self.told_secret, facts.told_secret),
                Some(methods) => {
                    let named = |is| methods.iter().any(|method| method == is);
                    self.told_secret == Some(true) && facts.told_secret
                        || facts.method.is_some_and(named)
                }
            }
            && self.indicator_kind.as_ref().is_none_or(|kinds| {
                kinds
                    .iter()
                    .any(|kind| facts.indicator_kinds.iter().any(|is| is == kind))
            })
    }
}
