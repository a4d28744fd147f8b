//! The hash chain: what it covers, and how.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::store::Pending;

/// The chain hash before the first entry.
pub const GENESIS: [u8; 32] = [0; 32];

/// Begins every hash, so that another format can never give the same one.
const FORMAT: &[u8] = b"tinbao-journal-2";

/// What the chain hash covers besides the hash before and the position.
pub struct Fields<'a> {
    id: Uuid,
    at: DateTime<Utc>,
    is_event: bool,
    subject_id: Option<Uuid>,
    /// Type, actor, client, agency, subject kind, data as Postgres prints it, request id.
    texts: [Option<&'a str>; 7],
}

impl<'a> From<&'a Pending> for Fields<'a> {
    fn from(row: &'a Pending) -> Self {
        Self {
            id: row.id,
            at: row.at,
            is_event: row.is_event,
            subject_id: row.subject_id,
            texts: [
                Some(&row.kind),
                Some(&row.actor),
                Some(&row.client_id),
                row.agency.as_deref(),
                Some(&row.subject_kind),
                Some(&row.data),
                Some(&row.request_id),
            ],
        }
    }
}

/// SHA-256 over the hash before, the position and every field: each with a mark whether it is there and
/// with its length, so that nothing can move from one field to the next, and null is not empty.
pub fn link(before: &[u8], position: i64, fields: &Fields<'_>) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(FORMAT);
    hash.update(before);
    hash.update(position.to_be_bytes());
    hash.update(fields.id.as_bytes());
    hash.update(fields.at.timestamp_micros().to_be_bytes());
    hash.update([u8::from(fields.is_event)]);
    let subject = fields
        .subject_id
        .as_ref()
        .map(|id| id.as_bytes().as_slice());
    let texts = fields.texts.iter().map(|text| text.map(str::as_bytes));
    for field in std::iter::once(subject).chain(texts) {
        hash.update([u8::from(field.is_some())]);
        let bytes = field.unwrap_or_default();
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(bytes);
    }
    hash.finalize().into()
}
