//! The indicators of a tip: what the reporter listed, what follows from it, what the text holds.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::super::model::{NewEdge, Source};
use super::super::own::Own;
use super::super::wire::{ReceivedIndicator, SubmitIndicator, SubmitReporter, SubmitTip, Warning};
use super::sealing;
use crate::domain::indicator::{self, Indicator, Input, Kind, Reading, Reason, Warning as Doubt};
use crate::domain::lang::Lang;
use crate::reference::Reference;
use crate::state::id_at;

/// A tip points at no more than this; a text with hundreds of links is a flood, not a tip.
const MOST: usize = 150;

/// Reads them all; reported ones keep their index as ordinal. `known` is the reporter as sealed
/// before, where this comes later.
pub fn read(
    tip: &SubmitTip,
    known: Option<&SubmitReporter>,
    (reference, now): (&Reference, DateTime<Utc>),
    warnings: &mut Vec<Warning>,
) -> Vec<NewEdge> {
    let mut edges = Vec::new();
    let mut seen: HashSet<[u8; 32]> = HashSet::new();
    let mut derived = Vec::new();
    for (i, sent) in tip.indicators.iter().flatten().enumerate() {
        let (edge, follows) = reported(i, sent, (reference, now), warnings);
        seen.extend(edge.key);
        derived.extend(
            follows
                .into_iter()
                .map(|indicator| (indicator, edge.role.clone())),
        );
        edges.push(edge);
    }
    let own = Own::of([tip.reporter.as_ref(), known], reference);
    let texts = [
        ("/raw_message", &tip.raw_message),
        ("/narrative", &tip.narrative),
    ];
    let mut cut = None;
    for (pointer, text) in texts {
        for found in indicator::extract(&reference.catalog, text.as_deref().unwrap_or_default()) {
            let Ok(reading) = found.reading else { continue };
            let key = reading.indicator.key();
            if own.holds(&reading.indicator) || reading.derived.iter().any(|also| own.holds(also)) {
                continue;
            }
            let role = || found.belongs_to.map(|party| party.role().to_owned());
            derived.extend(
                reading
                    .derived
                    .into_iter()
                    .map(|indicator| (indicator, role())),
            );
            // Of the sender's own account money left: nobody is accused, and nothing is to be frozen there.
            if seen.insert(key) {
                edges.push(edge(
                    &reading.indicator,
                    key,
                    Source::Extracted,
                    role(),
                    now,
                ));
            } else if let Some(edge) = edges.iter_mut().find(|edge| edge.key == Some(key)) {
                edge.role = edge.role.take().or_else(role);
            }
        }
        cut = cut.or((edges.len() > MOST).then_some(pointer));
    }
    for (indicator, role) in derived {
        let key = indicator.key();
        if seen.insert(key) && !own.is(&key) {
            edges.push(edge(&indicator, key, Source::Derived, role, now));
        }
    }
    if edges.len() > MOST {
        warnings.push(Warning::new(
            cut.unwrap_or("/indicators"),
            "too_many",
            "Nội dung nêu quá nhiều số, tài khoản và đường dẫn; chỉ những mục đầu được ghi riêng, nội dung vẫn được giữ đủ.",
            "The text names too many numbers, accounts and links; only the first are kept apart, the text is kept whole.",
        ));
    }
    edges.truncate(MOST);
    for (edge, ordinal) in edges.iter_mut().zip(0_i16..) {
        edge.ordinal = ordinal;
    }
    edges
}

/// A value as it was written, without the secrets that stand beside what was read from it.
fn as_written(value: &str, bank: Option<&str>, read: &Indicator, reference: &Reference) -> String {
    let masked = sealing::masked(Some(value)).unwrap_or_default();
    if masked == value {
        return masked;
    }
    // An account may look like a document's number: what is read as before hides nothing else.
    let input = Input {
        kind: read.kind,
        value: &masked,
        bank,
    };
    let same = indicator::parse(&reference.catalog, &input)
        .is_ok_and(|again| again.indicator.key() == read.key());
    match same {
        true => masked,
        false => read.display.clone(),
    }
}

fn reported(
    index: usize,
    sent: &SubmitIndicator,
    (reference, now): (&Reference, DateTime<Utc>),
    warnings: &mut Vec<Warning>,
) -> (NewEdge, Vec<Indicator>) {
    let value = sent.value.as_deref().unwrap_or_default();
    let kind = sent.kind.as_deref().and_then(Kind::from_code);
    let named = sent.kind.as_deref().filter(|_| kind.is_none());
    let on_platform =
        named.and_then(|name| indicator::on_platform(&reference.catalog, name, value));
    if on_platform.is_some() {
        warnings.push(Warning::new(
            format!("/indicators/{index}/kind"),
            "unknown_value",
            "Đây là tên mạng, không phải loại; đã đọc là tài khoản trên mạng đó.",
            "That is a platform and no kind; the value was read as an account there.",
        ));
    } else if named.is_some() {
        warnings.push(Warning::new(
            format!("/indicators/{index}/kind"),
            "unknown_value",
            "Không có loại này; đã nhận dạng theo nội dung nếu được.",
            "The kind is not known; it was recognised from the value where possible.",
        ));
    }
    if let Some(role) = &sent.role
        && !reference.vocabulary.indicator_role.contains(role)
    {
        warnings.push(Warning::new(
            format!("/indicators/{index}/role"),
            "unknown_value",
            "Vai trò không có trong danh mục; vẫn được giữ như đã gửi.",
            "The role is not in the vocabulary; it is kept as sent.",
        ));
    }
    let bank = sent.bank.as_deref();
    let said = |reason: Reason| (reason.code(), reason.text(Lang::Vi), reason.text(Lang::En));
    let kind = kind.or(on_platform.as_ref().map(|(kind, _)| *kind));
    let reading: Result<Reading, (&str, &'static str, &str)> = match (on_platform, kind) {
        (Some((_, reading)), _) => reading.map_err(said),
        (None, Some(kind)) => {
            indicator::parse(&reference.catalog, &Input { kind, value, bank }).map_err(said)
        }
        (None, None) => indicator::recognise(&reference.catalog, value).ok_or((
            "unrecognised",
            "Không nhận ra loại dấu hiệu nào trong nội dung này.",
            "No kind of indicator was recognised in the value.",
        )),
    };
    let mut attributes = Map::new();
    for (name, text) in [
        ("holder_name", &sent.holder_name),
        ("bank_as_sent", &sent.bank),
    ] {
        if let Some(text) = text {
            attributes.insert(name.to_owned(), Value::from(sealing::masked(Some(text))));
        }
    }
    match reading {
        Ok(reading) => {
            for warning in &reading.warnings {
                let field = match warning {
                    Doubt::BankAmbiguous | Doubt::BankUnknown | Doubt::WalletUnknown
                        if bank.is_some() =>
                    {
                        "bank"
                    }
                    _ => "value",
                };
                warnings.push(Warning::new(
                    format!("/indicators/{index}/{field}"),
                    warning.code(),
                    warning.text(Lang::Vi),
                    warning.text(Lang::En),
                ));
            }
            let key = reading.indicator.key();
            let mut edge = edge(
                &reading.indicator,
                key,
                Source::Reported,
                sent.role.clone(),
                now,
            );
            edge.raw = Some(as_written(value, bank, &reading.indicator, reference));
            edge.attributes = attributes;
            (edge, reading.derived)
        }
        Err((code, vi, en)) => {
            warnings.push(Warning::new(
                format!("/indicators/{index}/value"),
                code,
                vi,
                en,
            ));
            // Nothing in it is known to be no secret.
            let masked = sealing::masked(Some(value)).unwrap_or_default();
            let edge = NewEdge {
                ordinal: 0,
                id: id_at(now),
                kind: kind.map_or_else(
                    || sent.kind.clone().unwrap_or_else(|| "unknown".to_owned()),
                    |k| k.as_str().to_owned(),
                ),
                key: None,
                value: None,
                display: masked.clone(),
                facts: Map::new(),
                raw: Some(masked),
                source: Source::Reported,
                role: sent.role.clone(),
                reason: Some(code.to_owned()),
                attributes,
            };
            (edge, Vec::new())
        }
    }
}

/// An edge to an indicator; its index is the caller's to give.
pub fn edge(
    indicator: &Indicator,
    key: [u8; 32],
    source: Source,
    role: Option<String>,
    now: DateTime<Utc>,
) -> NewEdge {
    NewEdge {
        ordinal: 0,
        id: id_at(now),
        kind: indicator.kind.as_str().to_owned(),
        key: Some(key),
        value: Some(indicator.value.clone()),
        display: indicator.display.clone(),
        facts: indicator.attributes.clone(),
        raw: None,
        source,
        role,
        reason: None,
        attributes: Map::new(),
    }
}

impl From<&NewEdge> for ReceivedIndicator {
    fn from(edge: &NewEdge) -> Self {
        Self {
            kind: edge.kind.clone(),
            value: edge.value.clone().unwrap_or_else(|| edge.display.clone()),
            display: edge.display.clone(),
            valid: edge.key.is_some(),
            reason: edge.reason.clone(),
            source: edge.source.as_str(),
            role: edge.role.clone(),
            attributes: edge.facts.clone(),
        }
    }
}
