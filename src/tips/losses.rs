//! Losses that are told again, with more or with what is right.

use serde_json::Value;

use super::amend::LOSSES;
use crate::domain::priority::told;

/// Lays what is not null over an object.
pub fn overlay(old: &mut Value, new: Value) {
    if let (Value::Object(old), Value::Object(new)) = (old, new) {
        old.extend(new.into_iter().filter(|(_, value)| !value.is_null()));
    }
}

/// A loss that tells more of a known one (same reference, or same amount and no other time) corrects it, and so does
/// one with another amount where account and time are those of one known loss; others are added while there is room.
/// Returns whether all had room.
pub fn merge_losses(all: &mut Vec<Value>, new: Vec<Value>) -> bool {
    let mut fitted = true;
    // Two losses of one addition are two, however alike they are.
    let mut open = vec![true; all.len()];
    for loss in new {
        let full = all.len() >= LOSSES;
        let known = all
            .iter()
            .position(|old| tells_of(old, &loss))
            .or_else(|| corrected(all, &open, &loss));
        match known {
            Some(at) => {
                if let Some(open) = open.get_mut(at) {
                    *open = false;
                }
                if let Some(old) = all.get_mut(at) {
                    correct(old, loss);
                }
            }
            None if full => fitted = false,
            None => all.push(loss),
        }
    }
    fitted
}

/// A member that says something.
fn field<'a>(loss: &'a Value, name: &str) -> Option<&'a Value> {
    loss.get(name).filter(|value| !value.is_null())
}

/// Whether two losses are one by their reference, or by amount, time and account as far as both state them.
fn tells_of(old: &Value, loss: &Value) -> bool {
    let same = |name| field(old, name) == field(loss, name);
    let agree = |name| field(old, name).is_none() || field(loss, name).is_none();
    match (field(old, "reference"), field(loss, "reference")) {
        (Some(a), Some(b)) => a == b,
        _ => {
            same("amount_vnd")
                && (same("transferred_at") || agree("transferred_at"))
                && (same("to_indicator") || agree("to_indicator"))
        }
    }
}

/// The one loss to the same account at the same time: its amount was mistyped.
fn corrected(all: &[Value], open: &[bool], loss: &Value) -> Option<usize> {
    let same =
        |old: &Value, name| field(old, name).is_some() && field(old, name) == field(loss, name);
    let one = |old: &Value| {
        let references = (field(old, "reference"), field(loss, "reference"));
        same(old, "transferred_at")
            && same(old, "to_indicator")
            && !matches!(references, (Some(_), Some(_)))
    };
    let mut found = all
        .iter()
        .zip(open)
        .enumerate()
        .filter(|(_, (old, open))| **open && one(old));
    let (at, _) = found.next()?;
    found.next().is_none().then_some(at)
}

/// Lays a loss over the one that it corrects; what was made of another time goes with it.
fn correct(old: &mut Value, new: Value) {
    let timed = new.get("transferred_at").is_some_and(|at| !at.is_null());
    let sent_at = new.get(told::SENT_AT).cloned();
    overlay(old, new);
    if let Some(old) = old.as_object_mut().filter(|_| timed) {
        old.remove(told::SENT_AT);
        old.extend(sent_at.map(|at| (told::SENT_AT.to_owned(), at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn loss(amount: i64, at: Option<&str>, reference: Option<&str>) -> Value {
        json!({"amount_vnd": amount, "transferred_at": at, "to_indicator": null, "reference": reference})
    }

    #[test]
    fn a_loss_is_corrected_or_added() {
        let (morning, noon) = ("2026-11-24T01:10:00Z", "2026-11-24T05:00:00Z");
        for (old, new, count, total) in [
            (loss(5, None, None), loss(5, Some(noon), None), 1, 5),
            (loss(5, None, None), loss(5, None, Some("FT1")), 1, 5),
            (
                loss(5, None, Some("FT1")),
                loss(7, Some(noon), Some("FT1")),
                1,
                7,
            ),
            (
                loss(5, Some(morning), None),
                loss(5, Some(noon), None),
                2,
                10,
            ),
            (
                loss(5, None, Some("FT1")),
                loss(5, None, Some("FT2")),
                2,
                10,
            ),
            (loss(5, None, None), loss(6, None, None), 2, 11),
        ] {
            let mut all = vec![old.clone()];
            merge_losses(&mut all, vec![new.clone()]);
            merge_losses(&mut all, vec![new.clone()]);
            assert_eq!(all.len(), count, "{old} and {new}");
            let sum: i64 = all.iter().filter_map(|l| l["amount_vnd"].as_i64()).sum();
            assert_eq!(sum, total, "{old} and {new}");
        }
    }

    #[test]
    fn a_mistyped_amount_is_put_right_by_account_and_time() {
        let to = |account: i64, amount: i64, at: &str| json!({"amount_vnd": amount, "transferred_at": at, "to_indicator": account, "reference": null});
        let (morning, noon) = ("2026-11-24T01:10:00Z", "2026-11-24T05:00:00Z");
        for (old, new, left) in [
            (vec![to(1, 5, morning)], vec![to(1, 6, morning)], vec![6]),
            (vec![to(1, 5, morning)], vec![to(1, 6, noon)], vec![5, 6]),
            (vec![to(1, 5, morning)], vec![to(2, 6, morning)], vec![5, 6]),
            // Two transfers of one minute, told together.
            (
                vec![],
                vec![to(1, 5, morning), to(1, 6, morning)],
                vec![5, 6],
            ),
            (
                vec![to(1, 5, morning), to(1, 6, morning)],
                vec![to(1, 7, morning)],
                vec![5, 6, 7],
            ),
            (
                vec![to(1, 5, morning)],
                vec![to(1, 5, morning), to(1, 6, morning)],
                vec![5, 6],
            ),
        ] {
            let mut all = old.clone();
            assert!(merge_losses(&mut all, new.clone()));
            let amounts: Vec<i64> = all
                .iter()
                .filter_map(|l| l["amount_vnd"].as_i64())
                .collect();
            assert_eq!(amounts, left, "{old:?} and {new:?}");
        }
    }

    #[test]
    fn a_time_that_is_put_right_takes_along_what_was_made_of_it() {
        let ahead =
            json!({"reference": "FT1", "transferred_at": "2026-11-24T11:00:00Z", "sent_at": null});
        let right = json!({"reference": "FT1", "transferred_at": "2026-11-24T01:00:00Z"});
        let mut all = vec![ahead.clone()];
        merge_losses(&mut all, vec![right.clone()]);
        assert_eq!(all, [right]);
        merge_losses(&mut all, vec![ahead.clone()]);
        assert_eq!(all, [ahead]);
    }
}
