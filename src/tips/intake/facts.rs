//! What the rules need to know of a tip, drawn out of what was sent; what is not understood is warned of.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::super::wire::{SubmitReporter, SubmitTip, Warning};
use super::is_future;
use super::reading::{ATTACHMENTS, integer};
use super::sealing;
use crate::domain::money::MOST_VND;
use crate::domain::priority::{self, told};
use crate::domain::text_signs::{self, TextSigns};
use crate::reference::Reference;

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
    pub speaks_of_paying: bool,
    pub priority: priority::Facts,
}

/// Draws the facts out of a tip, with a warning for each value that is not understood.
pub fn draw(
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
    let place = tip.location.as_ref().and_then(|l| l.place.as_deref());
    let known_unit = known_unit(unit.as_deref(), place, reference);
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

    let reception = tip.reception.as_ref();
    let came_by = reception.and_then(|said| said.get("channel")?.as_str());
    unknown(
        "/reception/channel",
        came_by,
        within(&words.reception_channel, came_by),
    );

    let occurred_at = time("/occurred_at", tip.occurred_at.as_deref(), now, warnings);
    let written_at = time("/written_at", tip.written_at.as_deref(), now, warnings);
    let losses = losses(tip, (now, &reference.priority), warnings);
    let texts = [&tip.narrative, &tip.raw_message];
    let texts = || texts.into_iter().flatten().map(String::as_str);
    let (signs, speaks_of_paying) = text_signs::read_all(texts());
    let child_victim = is_child(age);
    let priority = priority::Facts {
        in_danger_now: tip.in_danger_now.unwrap_or(false),
        vulnerable_victim: is_vulnerable(age),
        losses: told::losses(&json!({"losses": losses})),
        signs,
        occurred_at,
        ..urgency(reference, known_method.as_deref(), child_victim, now)
    };
    let loss_vnd = priority::total_loss(&priority);
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
        last_transfer_at: priority::last_transfer(&priority, &reference.priority),
        child_victim,
        speaks_of_paying,
        priority,
        known_method,
        known_unit,
    }
}

/// Whether an age group is that of a child.
pub fn is_child(age: Option<&str>) -> bool {
    matches!(age, Some("under_16" | "16_17"))
}

/// Whether an age group is that of somebody who is easily harmed.
pub fn is_vulnerable(age: Option<&str>) -> bool {
    is_child(age) || age == Some("60_plus")
}

/// What methods say of the urgency.
pub fn urgency<'a>(
    reference: &Reference,
    methods: impl IntoIterator<Item = &'a str>,
    child_victim: bool,
    received_at: DateTime<Utc>,
) -> priority::Facts {
    let mut facts = priority::Facts::received(received_at);
    let known = methods
        .into_iter()
        .filter_map(|code| reference.methods.get(code));
    for hint in known.filter_map(|method| method.urgency_hint.as_deref()) {
        match hint {
            "life_at_risk" => facts.urgency_hint_life = true,
            "victim_distress" if child_victim => facts.child_in_distress = true,
            _ => facts.urgency_hint_other = true,
        }
    }
    facts
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
            // Nothing before 1900 happened online, and RFC 3339 writes no year after 9999.
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
    (now, rules): (DateTime<Utc>, &priority::Rules),
    warnings: &mut Vec<Warning>,
) -> Vec<Value> {
    let mut shown = Vec::new();
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
        let mut loss = json!({
            "amount_vnd": amount_vnd, "transferred_at": at, "to_indicator": to,
            "reference": sealing::masked(loss.reference.as_deref()),
        });
        told::note_sent_at(&mut loss, now, rules);
        shown.push(loss);
    }
    shown
}

/// What the texts tell, as it is kept; null where they tell nothing.
pub fn noted(signs: TextSigns) -> Value {
    match signs == TextSigns::default() {
        true => Value::Null,
        false => json!(signs),
    }
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
    put(told::SIGNS, noted(facts.priority.signs));
    if let Some(victim) = &tip.victim {
        put(
            "victim",
            json!({"relation": victim.relation, "age_group": victim.age_group}),
        );
    }
    let mut kept: Vec<Warning> = Vec::new();
    for warning in warnings.iter().map(Warning::kept) {
        if !kept.contains(&warning) {
            kept.push(warning);
        }
    }
    put("warnings", json!(kept));
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

/// The unit of today: by the code, which may be a former one, else by the address as it was written.
fn known_unit(code: Option<&str>, place: Option<&str>, reference: &Reference) -> Option<String> {
    let places = &reference.places;
    code.and_then(|code| places.by_code(code))
        .or_else(|| places.by_address(place.filter(|_| code.is_none())?))
        .map(str::to_owned)
}
