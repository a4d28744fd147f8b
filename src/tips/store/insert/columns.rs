//! A batch of tips turned on its side: one array for each column that is written.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::tips::model::NewTip;

/// How long answers to tips are kept for their idempotency keys (contract §1).
const KEPT_DAYS: i64 = 7;

/// The columns of a batch.
#[derive(Default)]
pub struct Columns<'a> {
    pub id: Vec<Uuid>,
    pub received_at: Vec<DateTime<Utc>>,
    pub client_id: Vec<&'a str>,
    pub device_id: Vec<Option<&'a str>>,
    pub test: Vec<bool>,
    pub anonymous: Vec<bool>,
    pub method: Vec<Option<&'a str>>,
    pub channel: Vec<Option<&'a str>>,
    pub language: Vec<Option<&'a str>>,
    pub narrative: Vec<Option<&'a str>>,
    pub raw_message: Vec<Option<&'a str>>,
    pub occurred_at: Vec<Option<DateTime<Utc>>>,
    pub written_at: Vec<Option<DateTime<Utc>>>,
    pub unit_code: Vec<Option<&'a str>>,
    pub place: Vec<Option<&'a str>>,
    pub in_danger_now: Vec<bool>,
    pub announced: Vec<i16>,
    pub loss_vnd: Vec<i64>,
    pub last_transfer_at: Vec<Option<DateTime<Utc>>>,
    pub details: Vec<&'a Value>,
    pub desk: Vec<&'a str>,
    pub commune: Vec<Option<&'a str>>,
    pub known_unit: Vec<Option<&'a str>>,
    pub known_method: Vec<Option<&'a str>>,
    pub source_kind: Vec<&'a str>,
    pub score: Vec<i16>,
    pub level: Vec<&'a str>,
    pub reasons: Vec<&'a Value>,
    pub reprioritise_at: Vec<Option<DateTime<Utc>>>,
    pub due_at: Vec<DateTime<Utc>>,
    pub reached_at: Vec<Option<DateTime<Utc>>>,
    pub receipt: Vec<&'a [u8]>,
    pub submission: Vec<Uuid>,
    pub content_type: Vec<&'a str>,
    pub size: Vec<i32>,
    pub digest: Vec<&'a [u8]>,
    pub key_id: Vec<&'a str>,
    pub wrapped: Vec<&'a [u8]>,
    pub sealed: Vec<&'a [u8]>,
    pub body: Vec<&'a Value>,
    pub withheld: Vec<&'a Value>,
    pub entry: Vec<Uuid>,
    pub is_event: Vec<bool>,
    pub actor: Vec<&'a str>,
    pub agency: Vec<Option<&'a str>>,
    pub request_id: Vec<&'a str>,
    pub data: Vec<&'a Value>,
    pub key: Keys<'a>,
    pub identity: Identities<'a>,
    pub indicator: Indicators<'a>,
    pub edge: Edges<'a>,
}

/// Idempotency keys that tips claim.
#[derive(Default)]
pub struct Keys<'a> {
    pub id: Vec<&'a [u8]>,
    pub lock: Vec<i64>,
    pub tip: Vec<Uuid>,
    pub request_hash: Vec<&'a [u8]>,
    pub answer: Vec<&'a [u8]>,
    pub at: Vec<DateTime<Utc>>,
    pub expires_at: Vec<DateTime<Utc>>,
}

/// Reporters' identities, and by what each can be found again.
#[derive(Default)]
pub struct Identities<'a> {
    pub tip: Vec<Uuid>,
    pub at: Vec<DateTime<Utc>>,
    pub key_id: Vec<&'a str>,
    pub wrapped: Vec<&'a [u8]>,
    pub fields: Vec<&'a Value>,
    pub sealed_as: Vec<i16>,
    pub blind_tip: Vec<Uuid>,
    pub blind: Vec<&'a [u8]>,
}

/// Indicators that tips name, each once.
#[derive(Default)]
pub struct Indicators<'a> {
    pub key: Vec<&'a [u8]>,
    pub id: Vec<Uuid>,
    pub kind: Vec<&'a str>,
    pub value: Vec<&'a str>,
    pub display: Vec<&'a str>,
    pub attributes: Vec<Value>,
    pub seen: Vec<DateTime<Utc>>,
}

/// Which tip names which indicator, and what was read that is none.
#[derive(Default)]
pub struct Edges<'a> {
    pub tip: Vec<Uuid>,
    pub ordinal: Vec<i16>,
    pub kind: Vec<&'a str>,
    pub key: Vec<Option<&'a [u8]>>,
    pub raw: Vec<Option<&'a str>>,
    pub source: Vec<&'a str>,
    pub role: Vec<Option<&'a str>>,
    pub reason: Vec<Option<&'a str>>,
    pub attributes: Vec<Value>,
}

impl<'a> Columns<'a> {
    /// The columns that these tips fill.
    pub fn of(batch: &[&'a NewTip]) -> Self {
        let mut columns = Self::default();
        let mut indicators = BTreeMap::new();
        columns.claim(batch);
        for tip in batch {
            columns.push(tip);
            for edge in &tip.indicators {
                if let (Some(key), Some(value)) = (&edge.key, &edge.value) {
                    // By key, so that every writer takes index entries in the same order.
                    indicators
                        .entry(key)
                        .or_insert((edge, value, tip.received_at));
                }
            }
        }
        for (key, (edge, value, seen)) in indicators {
            let all = &mut columns.indicator;
            all.key.push(key);
            all.id.push(edge.id);
            all.kind.push(&edge.kind);
            all.value.push(value);
            all.display.push(&edge.display);
            all.attributes.push(Value::Object(edge.facts.clone()));
            all.seen.push(seen);
        }
        columns
    }

    fn claim(&mut self, batch: &[&'a NewTip]) {
        let mut claims: Vec<_> = batch
            .iter()
            .filter_map(|tip| tip.claim.as_ref().map(|claim| (tip, claim)))
            .collect();
        // Sorted, so that two writers take the same locks in the same order.
        claims.sort_by_key(|(_, (claim, _))| claim.id);
        for (tip, (claim, answer)) in claims {
            self.key.id.push(&claim.id);
            self.key.lock.push(claim.lock());
            self.key.tip.push(tip.id);
            self.key.request_hash.push(&claim.request_hash);
            self.key.answer.push(answer);
            self.key.at.push(tip.received_at);
            let expires_at = tip.received_at + chrono::Duration::days(KEPT_DAYS);
            self.key.expires_at.push(expires_at);
        }
    }

    fn push(&mut self, tip: &'a NewTip) {
        self.id.push(tip.id);
        self.received_at.push(tip.received_at);
        self.client_id.push(&tip.client_id);
        self.device_id.push(tip.device_id.as_deref());
        self.test.push(tip.test);
        self.anonymous.push(tip.anonymous);
        self.method.push(tip.method.as_deref());
        self.channel.push(tip.channel.as_deref());
        self.language.push(tip.language.as_deref());
        self.narrative.push(tip.narrative.as_deref());
        self.raw_message.push(tip.raw_message.as_deref());
        self.occurred_at.push(tip.occurred_at);
        self.written_at.push(tip.written_at);
        self.unit_code.push(tip.unit_code.as_deref());
        self.place.push(tip.place.as_deref());
        self.in_danger_now.push(tip.in_danger_now);
        self.announced.push(tip.attachments_announced);
        self.loss_vnd.push(tip.loss_vnd);
        self.last_transfer_at.push(tip.last_transfer_at);
        self.details.push(&tip.details);
        self.desk.push(&tip.state.desk);
        self.commune.push(tip.state.commune.as_deref());
        self.known_unit.push(tip.state.unit_code.as_deref());
        self.known_method.push(tip.state.method.as_deref());
        self.source_kind.push(tip.state.source_kind);
        self.score.push(tip.state.score);
        self.level.push(tip.state.level);
        self.reasons.push(&tip.state.reasons);
        self.reprioritise_at.push(tip.state.reprioritise_at);
        self.due_at.push(tip.state.due_at);
        self.reached_at.push(tip.state.reached_at);
        self.receipt.push(&tip.receipt_hash);
        self.submission.push(tip.submission.id);
        self.content_type.push(&tip.submission.content_type);
        self.size.push(tip.submission.size);
        self.digest.push(&tip.submission.digest);
        self.key_id.push(&tip.submission.wrapped.key_id);
        self.wrapped.push(&tip.submission.wrapped.bytes);
        self.sealed.push(&tip.submission.sealed);
        self.body.push(&tip.submission.body);
        self.withheld.push(&tip.submission.withheld);
        self.entry.push(tip.entry.id);
        self.is_event.push(tip.entry.is_event);
        self.actor.push(&tip.entry.actor.name);
        self.agency.push(tip.entry.actor.agency.as_deref());
        self.request_id.push(&tip.entry.actor.request_id);
        self.data.push(&tip.entry.data);
        if let Some(identity) = &tip.identity {
            let all = &mut self.identity;
            all.tip.push(tip.id);
            all.at.push(tip.received_at);
            all.key_id.push(&identity.sealed.wrapped.key_id);
            all.wrapped.push(&identity.sealed.wrapped.bytes);
            all.fields.push(&identity.sealed.fields);
            all.sealed_as.push(identity.sealed.sealed_as);
            for hash in &identity.blind {
                all.blind_tip.push(tip.id);
                all.blind.push(hash);
            }
        }
        for edge in &tip.indicators {
            let all = &mut self.edge;
            all.tip.push(tip.id);
            all.ordinal.push(edge.ordinal);
            all.kind.push(&edge.kind);
            all.key.push(edge.key.as_ref().map(<[u8; 32]>::as_slice));
            all.raw.push(edge.raw.as_deref());
            all.source.push(edge.source.as_str());
            all.role.push(edge.role.as_deref());
            all.reason.push(edge.reason.as_deref());
            all.attributes.push(Value::Object(edge.attributes.clone()));
        }
    }
}
