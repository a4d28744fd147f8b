//! Reads the body: refuses only what an app's author must mend, warns about the rest
//! (reception may not be refused for content: BLTTHS art. 145(1)).

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use super::super::shapes::RECEPTION;
use super::super::wire::{SubmitTip, Warning};
use super::{ReadResult, sealing};
use crate::error::FieldProblem;
use crate::http::{Problem, json};

const NARRATIVE: usize = 20_000;
const RAW_MESSAGE: usize = 5_000;
const INDICATORS: usize = 50;
const LOSSES: usize = 20;
const POTENTIAL_VICTIMS: usize = 20;
pub(super) const ATTACHMENTS: i64 = 10;
const TEXT: usize = 5_000;
const CODE: usize = 200;

/// A body that was read.
pub struct Submission {
    /// The bytes as they came.
    pub raw: actix_web::web::Bytes,
    /// The same as JSON, U+0000 replaced.
    pub body: Value,
    /// What it says.
    pub tip: SubmitTip,
    /// What was not understood so far.
    pub warnings: Vec<Warning>,
}

/// Reads a body.
pub fn read(raw: actix_web::web::Bytes) -> ReadResult {
    let mut body: Value = json::parse(&raw)?.value;
    let submission = read_value(raw, &mut body)?;
    if says_something(&submission.tip) {
        Ok(submission)
    } else {
        Err(nothing_said(
            "One of narrative, raw_message, indicators and attachments_announced must say something.",
        ))
    }
}

/// Reads what a reporter adds later: any one field says something.
pub fn read_addition(raw: actix_web::web::Bytes) -> ReadResult {
    let mut body: Value = json::parse(&raw)?.value;
    let fields = body.as_object().map(Map::values).into_iter().flatten();
    let empty = body.is_object() && !fields.into_iter().any(|value| !value.is_null());
    let submission = read_value(raw, &mut body)?;
    if empty {
        Err(nothing_said("At least one field must say something."))
    } else {
        Ok(submission)
    }
}

fn nothing_said(detail: &str) -> Problem {
    Problem::invalid(vec![FieldProblem::at("", "nothing_said", detail)])
}

fn read_value(raw: actix_web::web::Bytes, body: &mut Value) -> ReadResult {
    let (mut tip, mut warnings) = received::<SubmitTip>(body)?;
    check_reception(&tip, &mut warnings)?;
    check_limits(&tip)?;
    mask_codes(&mut tip);
    Ok(Submission {
        raw,
        body: std::mem::take(body),
        tip,
        warnings,
    })
}

/// Reads a value of which nothing is lost: warns of unknown fields and of U+0000, which is replaced.
pub fn received<T: DeserializeOwned>(body: &mut Value) -> Result<(T, Vec<Warning>), Problem> {
    // Postgres text cannot hold U+0000.
    let replaced = json::replace_nul(body);
    let mut warnings: Vec<_> = replaced.into_iter().map(nul_replaced).collect();
    let parsed = json::parse_value::<T>(body)?;
    warnings.extend(parsed.ignored.into_iter().map(unknown_field));
    Ok((parsed.value, warnings))
}

fn unknown_field(pointer: String) -> Warning {
    Warning::new(
        pointer,
        "unknown_field",
        "Không có trường này; nội dung vẫn được giữ cùng bản gửi.",
        "The field is not known; it is kept with the submission.",
    )
}

/// 422 for what is no text in a reception, a warning for each member of it that nobody reads: all of them are kept.
fn check_reception(tip: &SubmitTip, warnings: &mut Vec<Warning>) -> Result<(), Problem> {
    let mut problems = Vec::new();
    for (name, value) in tip.reception.iter().flatten() {
        let mut pointer = "/reception".to_owned();
        json::push_segment(&mut pointer, name);
        if !RECEPTION.contains(&name.as_str()) {
            warnings.push(unknown_field(pointer));
        } else if !value.is_null() && !value.is_string() {
            problems.push(FieldProblem::at(
                pointer,
                "wrong_type",
                "A text is expected.",
            ));
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Problem::invalid(problems)),
    }
}

fn nul_replaced(pointer: String) -> Warning {
    Warning::new(
        pointer,
        "nul_replaced",
        "Ký tự U+0000 đã được thay bằng U+FFFD.",
        "A character U+0000 was replaced by U+FFFD.",
    )
}

/// Masks the secrets of what should be a code and may be anything: officers see it as it was sent.
fn mask_codes(tip: &mut SubmitTip) {
    let mask = |code: &mut Option<String>| *code = sealing::masked(code.as_deref());
    mask(&mut tip.method);
    mask(&mut tip.channel);
    mask(&mut tip.language);
    if let Some(location) = &mut tip.location {
        mask(&mut location.unit_code);
    }
    if let Some(victim) = &mut tip.victim {
        mask(&mut victim.relation);
        mask(&mut victim.age_group);
    }
    for indicator in tip.indicators.iter_mut().flatten() {
        mask(&mut indicator.kind);
        mask(&mut indicator.role);
    }
}

/// Whether there is anything to go by.
fn says_something(tip: &SubmitTip) -> bool {
    let says = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
    let announced = tip.attachments_announced.as_ref().and_then(integer);
    says(&tip.narrative)
        || says(&tip.raw_message)
        || tip.indicators.iter().flatten().any(|i| says(&i.value))
        || announced.is_some_and(|n| n > 0)
}

/// 422 for what is too long or too many.
fn check_limits(tip: &SubmitTip) -> Result<(), Problem> {
    let mut over = Over::default();
    over.told(tip);
    over.people(tip);
    over.traces(tip);
    let announced = tip.attachments_announced.as_ref().and_then(integer);
    if announced.is_some_and(|n| n > ATTACHMENTS) {
        over.many(
            "/attachments_announced",
            format!("At most {ATTACHMENTS} files."),
        );
    }
    match over.0.is_empty() {
        true => Ok(()),
        false => Err(Problem::invalid(over.0)),
    }
}

/// What goes over its limit.
#[derive(Default)]
struct Over(Vec<FieldProblem>);

impl Over {
    /// The texts about what happened, how and where.
    fn told(&mut self, tip: &SubmitTip) {
        self.text("/narrative", &tip.narrative, NARRATIVE);
        self.text("/raw_message", &tip.raw_message, RAW_MESSAGE);
        self.text("/method", &tip.method, CODE);
        self.text("/channel", &tip.channel, CODE);
        self.text("/language", &tip.language, CODE);
        self.text("/occurred_at", &tip.occurred_at, CODE);
        self.text("/written_at", &tip.written_at, CODE);
        if let Some(location) = &tip.location {
            self.text("/location/unit_code", &location.unit_code, CODE);
            self.text("/location/place", &location.place, TEXT);
        }
        for name in RECEPTION {
            let said = tip.reception.as_ref().and_then(|said| said.get(name));
            let said = said.and_then(Value::as_str);
            self.written(&format!("/reception/{name}"), said, TEXT);
        }
    }

    /// Victims, the reporter, and who may become a victim.
    fn people(&mut self, tip: &SubmitTip) {
        if let Some(victim) = &tip.victim {
            self.text("/victim/relation", &victim.relation, CODE);
            self.text("/victim/age_group", &victim.age_group, CODE);
        }
        for (name, value) in tip.reporter.iter().flat_map(|reporter| reporter.fields()) {
            self.written(&format!("/reporter/{name}"), value, TEXT);
        }
        for (i, person) in tip.potential_victims.iter().flatten().enumerate() {
            let pointer = format!("/potential_victims/{i}");
            self.text(&format!("{pointer}/name"), &person.name, TEXT);
            self.text(&format!("{pointer}/phone"), &person.phone, TEXT);
            self.text(&format!("{pointer}/note"), &person.note, TEXT);
        }
        self.items(
            "/potential_victims",
            tip.potential_victims.as_deref(),
            POTENTIAL_VICTIMS,
        );
    }

    /// Indicators and losses.
    fn traces(&mut self, tip: &SubmitTip) {
        for (i, indicator) in tip.indicators.iter().flatten().enumerate().take(INDICATORS) {
            let pointer = format!("/indicators/{i}");
            self.text(&format!("{pointer}/value"), &indicator.value, TEXT);
            self.text(&format!("{pointer}/bank"), &indicator.bank, CODE);
            self.text(&format!("{pointer}/kind"), &indicator.kind, CODE);
            self.text(&format!("{pointer}/role"), &indicator.role, CODE);
        }
        for (i, loss) in tip.losses.iter().flatten().enumerate().take(LOSSES) {
            let pointer = format!("/losses/{i}");
            self.text(&format!("{pointer}/reference"), &loss.reference, CODE);
            self.text(
                &format!("{pointer}/transferred_at"),
                &loss.transferred_at,
                CODE,
            );
        }
        self.items("/indicators", tip.indicators.as_deref(), INDICATORS);
        self.items("/losses", tip.losses.as_deref(), LOSSES);
    }

    fn text(&mut self, pointer: &str, text: &Option<String>, limit: usize) {
        self.written(pointer, text.as_deref(), limit);
    }

    fn written(&mut self, pointer: &str, text: Option<&str>, limit: usize) {
        if text.is_some_and(|text| text.len() > limit && text.chars().count() > limit) {
            let detail = format!("At most {limit} characters.");
            self.0.push(FieldProblem::at(pointer, "too_long", detail));
        }
    }

    fn items<T>(&mut self, pointer: &str, items: Option<&[T]>, limit: usize) {
        if items.is_some_and(|items| items.len() > limit) {
            self.many(pointer, format!("At most {limit} items."));
        }
    }

    fn many(&mut self, pointer: &str, detail: String) {
        self.0.push(FieldProblem::at(pointer, "too_many", detail));
    }
}

/// A whole number, also when written `48000000.0`: JSON knows no difference.
pub(super) fn integer(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() < 9e15)
            .then(|| format!("{float:.0}").parse().ok())
            .flatten()
    })
}
