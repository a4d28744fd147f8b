//! How what a reporter adds goes into the working copy that officers see.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::intake::{facts, sealing};
use super::losses::{merge_losses, overlay};
use super::store::TipRow;
use super::wire::{SubmitReporter, SubmitTip, Warning};
use crate::domain::money;
use crate::domain::priority::{self, told};
use crate::domain::text_signs;

/// Characters of a working text.
const TEXT: usize = 100_000;

/// Merges what was sent into the working copy: what is sent anew replaces, texts are added. Returns the fields for
/// which there was no room.
pub(super) fn merge(
    row: &mut TipRow,
    sent: &SubmitTip,
    facts: &facts::Facts,
    losses: Vec<Value>,
    warnings: &[Warning],
    (now, rules): (DateTime<Utc>, &priority::Rules),
) -> Vec<&'static str> {
    let mut full = Vec::new();
    replace(&mut row.method, sent.method.clone());
    replace(&mut row.channel, sent.channel.clone());
    replace(&mut row.language, sent.language.clone());
    replace(&mut row.occurred_at, facts.occurred_at);
    replace(&mut row.written_at, facts.written_at);
    if let Some(location) = &sent.location {
        replace(&mut row.unit_code, location.unit_code.clone());
        replace(&mut row.place, sealing::masked(location.place.as_deref()));
    }
    let names = sealing::names_of_victims(sent);
    for (place, before, added) in [
        ("/narrative", &mut row.narrative, &sent.narrative),
        ("/raw_message", &mut row.raw_message, &sent.raw_message),
    ] {
        // Whom it names now may stand in what was told before.
        if !names.is_empty() {
            *before = sealing::masked_with(before.as_deref(), &names);
        }
        if !append(before, sealing::masked_with(added.as_deref(), &names)) {
            full.push(place);
        }
    }
    row.in_danger_now |= sent.in_danger_now == Some(true);
    if sent.attachments_announced.is_some() {
        row.attachments_announced = facts.attachments_announced;
    }
    let mut details: Map<String, Value> = row.details.as_object().cloned().unwrap_or_default();
    let mut all = list(&details, "losses");
    if !merge_losses(&mut all, losses) {
        full.push("/losses");
    }
    let amounts = all
        .iter()
        .filter_map(|loss| loss.get("amount_vnd")?.as_i64());
    row.loss_vnd = money::total(amounts.map(money::counted));
    details.insert("losses".to_owned(), Value::Array(all));
    if let Some(victim) = &sent.victim {
        let victim = json!({"relation": victim.relation, "age_group": victim.age_group});
        let entry = details
            .entry("victim")
            .or_insert_with(|| json!({"relation": null, "age_group": null}));
        overlay(entry, victim);
    }
    let texts = [&row.narrative, &row.raw_message].into_iter().flatten();
    let signs = text_signs::read(texts.map(String::as_str));
    details.insert(told::SIGNS.to_owned(), facts::noted(signs));
    details.insert(told::TOLD_AT.to_owned(), json!(now));
    // Whoever holds the phone now, be it the kidnapper, ends no alarm: an officer does (`triage/danger.rs`).
    match sent.in_danger_now {
        Some(true) => {
            details.remove(told::DANGER_DENIED_AT);
        }
        Some(false) if row.in_danger_now || signs.life_at_risk => {
            details.insert(told::DANGER_DENIED_AT.to_owned(), json!(now));
        }
        Some(false) | None => {}
    }
    let mut all = list(&details, "warnings");
    for warning in warnings.iter().map(|warning| json!(warning.kept())) {
        if !all.contains(&warning) {
            all.push(warning);
        }
    }
    details.insert("warnings".to_owned(), Value::Array(all));
    if let Some(reporter) = &sent.reporter {
        wishes(&mut details, reporter);
    }
    row.details = Value::Object(details);
    let told = priority::Facts {
        losses: told::losses(&row.details),
        occurred_at: row.occurred_at,
        ..priority::Facts::received(now)
    };
    row.last_transfer_at = priority::last_transfer(&told, rules);
    full
}

fn wishes(details: &mut Map<String, Value>, reporter: &SubmitReporter) {
    for (name, wish) in [
        ("may_contact", reporter.may_contact),
        ("keep_secret", reporter.keep_secret),
    ] {
        if let Some(wish) = wish {
            details.insert(name.to_owned(), Value::from(wish));
        }
    }
}

fn list(details: &Map<String, Value>, name: &str) -> Vec<Value> {
    details
        .get(name)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// Puts what is said now in place of what was said before.
pub(super) fn replace<T>(old: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *old = new;
    }
}

/// Adds a text unless it is there already, paragraph by paragraph: a short answer may well stand somewhere in a longer
/// sentence. Returns whether there was room; the submission keeps what no longer fits into the working copy.
fn append(old: &mut Option<String>, new: Option<String>) -> bool {
    let Some(new) = new.filter(|text| !text.trim().is_empty()) else {
        return true;
    };
    match old {
        // The app sent the whole text again.
        Some(old) if holds(old, &new) => {}
        Some(old) if new.starts_with(old.as_str()) || holds(&new, old) => *old = new,
        Some(old) if old.len() + new.len() > TEXT * 4 => return false,
        Some(old) => {
            old.push_str("\n\n");
            old.push_str(&new);
        }
        None => *old = Some(new),
    }
    true
}

/// Whether all paragraphs of a part stand in a text one behind the other.
fn holds(whole: &str, part: &str) -> bool {
    let paragraphs = |text| -> Vec<&str> { str::split(text, "\n\n").map(str::trim).collect() };
    let (whole, part) = (paragraphs(whole), paragraphs(part));
    whole.windows(part.len()).any(|some| *some == *part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_sent_again_is_not_doubled() {
        let mut text = Some("Tôi bị lừa.".to_owned());
        for (new, whole) in [
            ("Tôi bị lừa.", "Tôi bị lừa."),
            ("Qua Zalo.", "Tôi bị lừa.\n\nQua Zalo."),
            ("Qua Zalo.", "Tôi bị lừa.\n\nQua Zalo."),
            (" ", "Tôi bị lừa.\n\nQua Zalo."),
            // Words of a sentence are no answer that was given before.
            ("Zalo", "Tôi bị lừa.\n\nQua Zalo.\n\nZalo"),
            (
                "Tôi bị lừa.\n\nQua Zalo.\n\nZalo\n\nHôm qua.",
                "Tôi bị lừa.\n\nQua Zalo.\n\nZalo\n\nHôm qua.",
            ),
            (
                "Qua Zalo.\n\nZalo",
                "Tôi bị lừa.\n\nQua Zalo.\n\nZalo\n\nHôm qua.",
            ),
        ] {
            assert!(append(&mut text, Some(new.to_owned())));
            assert_eq!(text.as_deref(), Some(whole));
        }
        assert!(!append(&mut text, Some("a".repeat(TEXT * 4))), "no room");
    }
}
