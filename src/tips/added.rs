//! What an addition brings to the indicators of a tip.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::amend::INDICATORS;
use super::model::{NewEdge, Source};
use super::wire::Warning;

/// What the working copy takes no more of; the submission keeps it.
pub(super) fn no_room(pointer: &str) -> Warning {
    Warning::new(
        pointer,
        "too_many",
        "Tin đã có quá nhiều mục; phần thêm chỉ được giữ cùng bản gửi.",
        "The tip holds too many of these; what is more is kept with the submission alone.",
    )
}

/// What an addition brings to the indicators of a tip.
pub(super) struct Added {
    /// Those that are new to the tip, numbered on.
    pub edges: Vec<NewEdge>,
    /// For each reported one of the addition its index in the tip.
    pub ordinals: Vec<Option<i16>>,
    /// Whether there was room for all.
    pub fitted: bool,
}

pub(super) fn beside(
    existing: Vec<(i16, Option<Vec<u8>>, Option<String>)>,
    read: Vec<NewEdge>,
) -> Added {
    let mut next = existing.last().map_or(0, |(ordinal, ..)| ordinal + 1);
    let mut by_key: HashMap<Vec<u8>, i16> = HashMap::new();
    let mut by_text: HashMap<String, i16> = HashMap::new();
    for (ordinal, key, raw) in existing {
        match (key, raw) {
            (Some(key), _) => {
                by_key.entry(key).or_insert(ordinal);
            }
            (None, Some(raw)) => {
                by_text.entry(raw).or_insert(ordinal);
            }
            (None, None) => {}
        }
    }
    let (mut edges, mut ordinals, mut fitted) = (Vec::new(), Vec::new(), true);
    for mut edge in read {
        let there = match (&edge.key, &edge.raw) {
            (Some(key), _) => by_key.get(key.as_slice()).copied(),
            (None, raw) => raw.as_ref().and_then(|raw| by_text.get(raw).copied()),
        };
        let full = usize::try_from(next).unwrap_or(usize::MAX) >= INDICATORS;
        let ordinal = match there {
            None if full => {
                fitted = false;
                None
            }
            None => {
                edge.ordinal = next;
                if let Some(key) = edge.key {
                    by_key.insert(key.to_vec(), next);
                }
                next += 1;
                Some(edge.ordinal)
            }
            known => known,
        };
        if edge.source == Source::Reported {
            ordinals.push(ordinal);
        }
        if there.is_none() && ordinal.is_some() {
            edges.push(edge);
        }
    }
    Added {
        edges,
        ordinals,
        fitted,
    }
}

/// A loss whose account is named by its index in the tip.
pub(super) fn renumbered(loss: &Value, ordinals: &[Option<i16>]) -> Value {
    let mut loss = loss.clone();
    if let Some(to) = loss.get_mut("to_indicator") {
        let index = to.as_u64().and_then(|index| usize::try_from(index).ok());
        *to = json!(index.and_then(|index| ordinals.get(index).copied().flatten()));
    }
    loss
}
