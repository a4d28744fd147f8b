//! Journal entries as CloudEvents 1.0, for changes, live events and webhooks alike.

use serde_json::{Value, json};

use super::Record;

/// The event as JSON; `position` is our extension attribute: where to go on from.
pub fn cloud_event(record: &Record, source: &str) -> Value {
    json!({
        "specversion": "1.0",
        "id": record.id,
        "source": source,
        "type": record.type_,
        "subject": record.subject_id.map(|id| format!("{}/{id}", record.subject_kind)),
        "time": record.at,
        "datacontenttype": "application/json",
        "position": record.position,
        "data": record.data,
    })
}
