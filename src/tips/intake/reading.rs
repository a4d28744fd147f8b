//! Reads the body: refuses only what an app's author must mend, warns about the rest
//! (reception may not be refused for content: BLTTHS art. 145(1)).

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value, json};

use super::super::wire::{SubmitReporter, SubmitTip, Warning};
use super::sealing;
use super::{ReadResult, is_future};
use crate::domain::money::{self, MOST_VND};
use crate::domain::priority;
use crate::error::FieldProblem;
use crate::http::{Problem, body};
use crate::reference::Reference;

const NARRATIVE: usize = 20_000;
const RAW_MESSAGE: usize = 5_000;
const INDICATORS: usize = 50;
const LOSSES: usize = 20;
const POTENTIAL_VICTIMS: usize = 20;
const ATTACHMENTS: i64 = 10;
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
    let mut body: Value = body::parse(&raw)?.value;
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
    let mut body: Value = body::parse(&raw)?.value;
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
    let (tip, warnings) = received::<SubmitTip>(body)?;
    check_limits(&tip)?;
    Ok(Submission {
        raw,
        body: std::mem::take(body),
        tip,
        warnings,
    })
}

/// Reads a value of which nothing is lost: warns of unknown fields and of U+0000, which is replaced.
pub fn received<T: DeserializeOwned>(body: &mut Value) -> Result<(T, Vec<Warning>), Problem> {
    let mut warnings = Vec::new();
    // Postgres text cannot hold U+0000.
    replace_nul(body, &mut String::new(), &mut warnings);
    let parsed = body::parse_value::<T>(body)?;
    warnings.extend(parsed.ignored.into_iter().map(|pointer| {
        Warning::new(
            pointer,
            "unknown_field",
            "Không có trường này; nội dung vẫn được giữ cùng bản gửi.",
            "The field is not known; it is kept with the submission.",
        )
    }));
    Ok((parsed.value, warnings))
}

fn replace_nul(value: &mut Value, pointer: &mut String, warnings: &mut Vec<Warning>) {
    let length = pointer.len();
    match value {
        Value::String(text) if text.contains('\0') => {
            *text = text.replace('\0', "\u{fffd}");
            warnings.push(Warning::new(
                pointer.clone(),
                "nul_replaced",
                "Ký tự U+0000 đã được thay bằng U+FFFD.",
                "A character U+0000 was replaced by U+FFFD.",
            ));
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                pointer.push_str(&format!("/{index}"));
                replace_nul(item, pointer, warnings);
                pointer.truncate(length);
            }
        }
        Value::Object(map) => {
            if map.keys().any(|key| key.contains('\0')) {
                let old = std::mem::take(map);
                map.extend(
                    old.into_iter()
                        .map(|(k, v)| (k.replace('\0', "\u{fffd}"), v)),
                );
            }
            for (key, item) in map.iter_mut() {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                replace_nul(item, pointer, warnings);
                pointer.truncate(length);
            }
        }
        _ => {}
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
    let mut problems = Vec::new();
    let mut text = |pointer: &str, text: Option<&str>, limit: usize| {
        if text.is_some_and(|text| text.len() > limit && text.chars().count() > limit) {
            problems.push(FieldProblem::at(
                pointer,
                "too_long",
                format!("At most {limit} characters."),
            ));
        }
    };
    text("/narrative", tip.narrative.as_deref(), NARRATIVE);
    text("/raw_message", tip.raw_message.as_deref(), RAW_MESSAGE);
    text("/method", tip.method.as_deref(), CODE);
    text("/channel", tip.channel.as_deref(), CODE);
    text("/language", tip.language.as_deref(), CODE);
    text("/occurred_at", tip.occurred_at.as_deref(), CODE);
    text("/written_at", tip.written_at.as_deref(), CODE);
    if let Some(location) = &tip.location {
        text("/location/unit_code", location.unit_code.as_deref(), CODE);
        text("/location/place", location.place.as_deref(), TEXT);
    }
    if let Some(victim) = &tip.victim {
        text("/victim/relation", victim.relation.as_deref(), CODE);
        text("/victim/age_group", victim.age_group.as_deref(), CODE);
    }
    if let Some(reporter) = &tip.reporter {
        for (name, value) in reporter.fields() {
            text(&format!("/reporter/{name}"), value, TEXT);
        }
    }
    for (i, indicator) in tip.indicators.iter().flatten().enumerate().take(INDICATORS) {
        text(
            &format!("/indicators/{i}/value"),
            indicator.value.as_deref(),
            TEXT,
        );
        text(
            &format!("/indicators/{i}/holder_name"),
            indicator.holder_name.as_deref(),
            TEXT,
        );
        text(
            &format!("/indicators/{i}/bank"),
            indicator.bank.as_deref(),
            CODE,
        );
        text(
            &format!("/indicators/{i}/kind"),
            indicator.kind.as_deref(),
            CODE,
        );
        text(
            &format!("/indicators/{i}/role"),
            indicator.role.as_deref(),
            CODE,
        );
    }
    for (i, loss) in tip.losses.iter().flatten().enumerate().take(LOSSES) {
        text(
            &format!("/losses/{i}/reference"),
            loss.reference.as_deref(),
            CODE,
        );
        text(
            &format!("/losses/{i}/transferred_at"),
            loss.transferred_at.as_deref(),
            CODE,
        );
    }
    for (i, person) in tip.potential_victims.iter().flatten().enumerate() {
        for (name, value) in [
            ("name", &person.name),
            ("phone", &person.phone),
            ("note", &person.note),
        ] {
            let pointer = format!("/potential_victims/{i}/{name}");
            text(&pointer, value.as_deref(), TEXT);
        }
    }
    for (pointer, count, limit) in [
        (
            "/potential_victims",
            tip.potential_victims.as_ref().map_or(0, Vec::len),
            POTENTIAL_VICTIMS,
        ),
        (
            "/indicators",
            tip.indicators.as_ref().map_or(0, Vec::len),
            INDICATORS,
        ),
        ("/losses", tip.losses.as_ref().map_or(0, Vec::len), LOSSES),
    ] {
        if count > limit {
            problems.push(FieldProblem::at(
                pointer,
                "too_many",
                format!("At most {limit} items."),
            ));
        }
    }
    let announced = tip.attachments_announced.as_ref().and_then(integer);
    if announced.is_some_and(|n| n > ATTACHMENTS) {
        problems.push(FieldProblem::at(
            "/attachments_announced",
            "too_many",
            format!("At most {ATTACHMENTS} files."),
        ));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(problems))
    }
}

impl SubmitReporter {
    /// The fields that tell who it is, by name.
    pub fn fields(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("name", self.name.as_deref()),
            ("phone", self.phone.as_deref()),
            ("email", self.email.as_deref()),
            ("national_id", self.national_id.as_deref()),
            ("address", self.address.as_deref()),
        ]
    }
}

/// What the rules need to know of a tip.
pub struct Facts {
    pub now: DateTime<Utc>,
    pub known_method: Option<String>,
    pub known_unit: Option<String>,
    pub occurred_at: Option<DateTime<Utc>>,
    pub written_at: Option<DateTime<Utc>>,
    pub attachments_announced: i16,
    pub losses: Vec<Value>,
    pub loss_vnd: i64,
    pub last_transfer_at: Option<DateTime<Utc>>,
    pub child_victim: bool,
    pub priority: priority::Facts,
}

/// Draws the facts out of a tip, with a warning for each value that is not understood.
pub fn facts(
    tip: &SubmitTip,
    reference: &Reference,
    now: DateTime<Utc>,
    warnings: &mut Vec<Warning>,
) -> Facts {
    let words = &reference.vocabulary;
    let known_method = tip
        .method
        .clone()
        .filter(|m| reference.methods.contains_key(m));
    let unit = tip.location.as_ref().and_then(|l| l.unit_code.clone());
    let known_unit = unit.clone().filter(|u| reference.units.contains_key(u));
    let age = tip.victim.as_ref().and_then(|v| v.age_group.as_deref());
    let relation = tip.victim.as_ref().and_then(|v| v.relation.as_deref());
    let mut unknown = |pointer: &str, value: Option<&str>, known: bool| {
        if value.is_some() && !known {
            warnings.push(Warning::new(
                pointer,
                "unknown_value",
                "Giá trị không có trong danh mục; vẫn được giữ như đã gửi.",
                "The value is not in the vocabulary; it is kept as sent.",
            ));
        }
    };
    let within = |set: &std::collections::HashSet<String>, value: Option<&str>| {
        value.is_some_and(|v| set.contains(v))
    };
    unknown("/method", tip.method.as_deref(), known_method.is_some());
    unknown(
        "/channel",
        tip.channel.as_deref(),
        within(&words.channel, tip.channel.as_deref()),
    );
    unknown(
        "/language",
        tip.language.as_deref(),
        within(&words.language, tip.language.as_deref()),
    );
    unknown("/location/unit_code", unit.as_deref(), known_unit.is_some());
    unknown("/victim/age_group", age, within(&words.age_group, age));
    unknown(
        "/victim/relation",
        relation,
        within(&words.victim_relation, relation),
    );

    let occurred_at = time("/occurred_at", tip.occurred_at.as_deref(), now, warnings);
    let written_at = time("/written_at", tip.written_at.as_deref(), now, warnings);
    let (losses, loss_facts) = losses(tip, now, warnings);
    let loss_vnd = money::total(loss_facts.iter().map(|l| l.amount_vnd));
    let hint = known_method
        .as_ref()
        .and_then(|m| reference.methods.get(m))
        .and_then(|m| m.urgency_hint.as_deref());
    let announced = tip.attachments_announced.as_ref().map(integer);
    if matches!(announced, Some(None | Some(..0))) {
        warnings.push(Warning::new(
            "/attachments_announced",
            "invalid_value",
            "Số tệp phải là số nguyên từ 0 trở lên.",
            "The number of files is a whole number of 0 or more.",
        ));
    }
    let announced = announced.flatten().unwrap_or(0);
    Facts {
        now,
        occurred_at,
        written_at,
        attachments_announced: i16::try_from(announced.clamp(0, ATTACHMENTS)).unwrap_or(0),
        losses,
        loss_vnd,
        last_transfer_at: loss_facts
            .iter()
            .filter_map(|l| l.transferred_at)
            .filter(|at| !is_future(*at, now))
            .max(),
        child_victim: matches!(age, Some("under_16" | "16_17")),
        priority: priority::Facts {
            in_danger_now: tip.in_danger_now.unwrap_or(false),
            urgency_hint_life: hint == Some("life_at_risk"),
            urgency_hint_other: hint.is_some_and(|h| h != "life_at_risk"),
            vulnerable_victim: matches!(age, Some("under_16" | "16_17" | "60_plus")),
            losses: loss_facts,
            ..priority::Facts::received(now)
        },
        known_method,
        known_unit,
    }
}

/// A time as it was written, with a warning where it is none or lies in the future.
pub fn time(
    pointer: &str,
    text: Option<&str>,
    now: DateTime<Utc>,
    warnings: &mut Vec<Warning>,
) -> Option<DateTime<Utc>> {
    let text = text?;
    match DateTime::parse_from_rfc3339(text.trim()) {
        Ok(at) => {
            let at = at.with_timezone(&Utc);
            if is_future(at, now) {
                warnings.push(Warning::new(
                    pointer,
                    "in_future",
                    "Thời điểm này ở tương lai.",
                    "The time lies in the future.",
                ));
            }
            // Postgres ends at the year 294276; nothing before 1900 happened online.
            let sane = at.timestamp() > -2_208_988_800 && at.timestamp() < 253_402_300_800;
            if !sane {
                warnings.push(Warning::new(
                    pointer,
                    "implausible_date",
                    "Thời điểm không hợp lý; nội dung vẫn được giữ cùng bản gửi.",
                    "So early or late a time is kept with the submission alone.",
                ));
            }
            sane.then_some(at)
        }
        Err(_) => {
            warnings.push(Warning::new(
                pointer,
                "invalid_date",
                "Không phải thời điểm theo RFC 3339; nội dung vẫn được giữ cùng bản gửi.",
                "Not an RFC 3339 time; it is kept with the submission.",
            ));
            None
        }
    }
}

fn losses(
    tip: &SubmitTip,
    now: DateTime<Utc>,
    warnings: &mut Vec<Warning>,
) -> (Vec<Value>, Vec<priority::LossFact>) {
    let mut shown = Vec::new();
    let mut facts = Vec::new();
    let indicators = tip.indicators.as_ref().map_or(0, Vec::len);
    for (i, loss) in tip.losses.iter().flatten().enumerate() {
        let pointer = |field: &str| format!("/losses/{i}/{field}");
        let amount = loss.amount_vnd.as_ref().map(|n| (n, integer(n)));
        match amount {
            Some((_, Some(n))) if n < 0 => warnings.push(Warning::new(
                pointer("amount_vnd"),
                "negative_amount",
                "Số tiền mất không thể âm; vẫn được giữ nhưng không được tính.",
                "A loss below nought is kept but not counted.",
            )),
            Some((_, Some(n))) if n > MOST_VND => warnings.push(Warning::new(
                pointer("amount_vnd"),
                "implausible_amount",
                "Số tiền quá lớn; vẫn được giữ nhưng không được tính.",
                "So large a loss is kept but not counted.",
            )),
            Some((_, None)) => warnings.push(Warning::new(
                pointer("amount_vnd"),
                "not_an_integer",
                "Hãy ghi số tiền bằng số nguyên đồng.",
                "Write the amount as a whole number of đồng.",
            )),
            _ => {}
        }
        let at = time(
            &pointer("transferred_at"),
            loss.transferred_at.as_deref(),
            now,
            warnings,
        );
        let to = loss
            .to_indicator
            .as_ref()
            .and_then(integer)
            .and_then(|n| usize::try_from(n).ok());
        let to = to.filter(|n| *n < indicators);
        if loss.to_indicator.is_some() && to.is_none() {
            warnings.push(Warning::new(
                pointer("to_indicator"),
                "no_such_indicator",
                "Không có dấu hiệu nào ở vị trí này.",
                "There is no indicator with this index.",
            ));
        }
        let amount_vnd = amount.and_then(|(_, n)| n);
        facts.push(priority::LossFact {
            amount_vnd: money::counted(amount_vnd.unwrap_or(0)),
            transferred_at: at,
        });
        shown.push(json!({
            "amount_vnd": amount_vnd, "transferred_at": at, "to_indicator": to,
            "reference": sealing::masked(loss.reference.as_deref()),
        }));
    }
    (shown, facts)
}

/// A whole number, also when written `48000000.0`: JSON knows no difference.
fn integer(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() < 9e15)
            .then(|| format!("{float:.0}").parse().ok())
            .flatten()
    })
}

/// What officers see besides the columns of the tip.
pub fn details(
    tip: &SubmitTip,
    facts: &Facts,
    officer: bool,
    warnings: &[Warning],
    reporter: Option<&SubmitReporter>,
) -> Value {
    let mut details = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            details.insert(name.to_owned(), value);
        }
    };
    put("losses", Value::Array(facts.losses.clone()));
    if let Some(victim) = &tip.victim {
        put(
            "victim",
            json!({"relation": victim.relation, "age_group": victim.age_group}),
        );
    }
    put("warnings", json!(warnings));
    if let Some(reporter) = reporter {
        put("may_contact", json!(reporter.may_contact));
        put("keep_secret", json!(reporter.keep_secret));
    }
    if officer {
        put("reception", json!(tip.reception));
        put("suspects", json!(tip.suspects));
        put("witnesses", json!(tip.witnesses));
    }
    Value::Object(details)
}
