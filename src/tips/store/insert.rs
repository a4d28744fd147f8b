//! Stores any number of tips with one statement whose text never changes.
//!
//! Every column goes in as one array, so one tip costs as many statements as two hundred, and the
//! statement is prepared once. Indicators that exist already are left alone: nothing that all
//! intakes touch is locked.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::super::model::NewTip;
use crate::db::Conn;
use crate::db::schema::tips;
use crate::error::Result;

/// How long answers to tips are kept for their idempotency keys (contract §1).
const KEPT_DAYS: i64 = 7;

/// What became of each tip of a batch, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is stored.
    Yes,
    /// Its idempotency key was taken already: the earlier answer counts.
    KeyTaken,
}

/// Stores the tips, all or none, except those whose idempotency key is taken.
pub async fn insert_tips(conn: &mut Conn, batch: &[&NewTip]) -> Result<Vec<Stored>> {
    // One statement is its own transaction: no round trips for begin and commit.
    if batch.iter().all(|tip| tip.claim.is_none()) {
        RunQueryDsl::execute(Insert::<false>::new(batch), conn).await?;
        return Ok(vec![Stored::Yes; batch.len()]);
    }
    let stored: Vec<Uuid> = RunQueryDsl::get_results(Insert::<true>::new(batch), conn).await?;
    let stored: HashSet<Uuid> = stored.into_iter().collect();
    Ok(batch
        .iter()
        .map(|tip| {
            if stored.contains(&tip.id) {
                Stored::Yes
            } else {
                Stored::KeyTaken
            }
        })
        .collect())
}

/// Which of these tips are stored already: asked before a batch is tried again after its answer was lost.
pub async fn stored_ids(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(tips::table
        .select(tips::id)
        .filter(tips::id.eq_any(ids))
        .load(conn)
        .await?)
}

/// The columns of a batch. With `KEYED`, tips whose idempotency key is taken are left out, and the ids of the
/// others are returned.
#[derive(Default)]
struct Insert<'a, const KEYED: bool> {
    id: Vec<Uuid>,
    received_at: Vec<DateTime<Utc>>,
    client_id: Vec<&'a str>,
    device_id: Vec<Option<&'a str>>,
    test: Vec<bool>,
    anonymous: Vec<bool>,
    method: Vec<Option<&'a str>>,
    channel: Vec<Option<&'a str>>,
    language: Vec<Option<&'a str>>,
    narrative: Vec<Option<&'a str>>,
    raw_message: Vec<Option<&'a str>>,
    occurred_at: Vec<Option<DateTime<Utc>>>,
    written_at: Vec<Option<DateTime<Utc>>>,
    unit_code: Vec<Option<&'a str>>,
    place: Vec<Option<&'a str>>,
    in_danger_now: Vec<bool>,
    announced: Vec<i16>,
    loss_vnd: Vec<i64>,
    last_transfer_at: Vec<Option<DateTime<Utc>>>,
    details: Vec<&'a Value>,
    desk: Vec<&'a str>,
    commune: Vec<Option<&'a str>>,
    known_unit: Vec<Option<&'a str>>,
    known_method: Vec<Option<&'a str>>,
    source_kind: Vec<&'a str>,
    score: Vec<i16>,
    level: Vec<&'a str>,
    reasons: Vec<&'a Value>,
    reprioritise_at: Vec<Option<DateTime<Utc>>>,
    due_at: Vec<DateTime<Utc>>,
    receipt: Vec<&'a [u8]>,
    submission: Vec<Uuid>,
    content_type: Vec<&'a str>,
    size: Vec<i32>,
    digest: Vec<&'a [u8]>,
    key_id: Vec<&'a str>,
    wrapped: Vec<&'a [u8]>,
    sealed: Vec<&'a [u8]>,
    body: Vec<&'a Value>,
    withheld: Vec<&'a Value>,
    entry: Vec<Uuid>,
    is_event: Vec<bool>,
    actor: Vec<&'a str>,
    agency: Vec<Option<&'a str>>,
    request_id: Vec<&'a str>,
    data: Vec<&'a Value>,
    key: Keys<'a>,
    identity: Identities<'a>,
    indicator: Indicators<'a>,
    edge: Edges<'a>,
}

/// Idempotency keys that tips claim.
#[derive(Default)]
struct Keys<'a> {
    id: Vec<&'a [u8]>,
    tip: Vec<Uuid>,
    request_hash: Vec<&'a [u8]>,
    answer: Vec<&'a [u8]>,
    at: Vec<DateTime<Utc>>,
    expires_at: Vec<DateTime<Utc>>,
}

#[derive(Default)]
struct Identities<'a> {
    tip: Vec<Uuid>,
    at: Vec<DateTime<Utc>>,
    key_id: Vec<&'a str>,
    wrapped: Vec<&'a [u8]>,
    fields: Vec<&'a Value>,
    blind_tip: Vec<Uuid>,
    blind: Vec<&'a [u8]>,
}

#[derive(Default)]
struct Indicators<'a> {
    key: Vec<&'a [u8]>,
    id: Vec<Uuid>,
    kind: Vec<&'a str>,
    value: Vec<&'a str>,
    display: Vec<&'a str>,
    attributes: Vec<Value>,
    seen: Vec<DateTime<Utc>>,
}

#[derive(Default)]
struct Edges<'a> {
    tip: Vec<Uuid>,
    ordinal: Vec<i16>,
    kind: Vec<&'a str>,
    key: Vec<Option<&'a [u8]>>,
    raw: Vec<Option<&'a str>>,
    source: Vec<&'a str>,
    role: Vec<Option<&'a str>>,
    reason: Vec<Option<&'a str>>,
    attributes: Vec<Value>,
}

impl<'a, const KEYED: bool> Insert<'a, KEYED> {
    fn new(batch: &[&'a NewTip]) -> Self {
        let mut columns = Self::default();
        let mut indicators = BTreeMap::new();
        if KEYED {
            columns.claim(batch);
        }
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
            all.key_id.push(&identity.wrapped.key_id);
            all.wrapped.push(&identity.wrapped.bytes);
            all.fields.push(&identity.fields);
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

impl<const KEYED: bool> QueryId for Insert<'_, KEYED> {
    type QueryId = Insert<'static, KEYED>;
    // The text never changes, so the statement is prepared once a connection.
    const HAS_STATIC_QUERY_ID: bool = true;
}

/// Pushes `$n, $n+1, …)` for the arrays given.
macro_rules! arrays {
    ($out:ident, $($kind:ty => $column:expr),+ $(,)?) => {{
        let mut comma = "";
        $(
            $out.push_sql(comma);
            $out.push_bind_param::<st::Array<$kind>, _>(&$column)?;
            comma = ", ";
        )+
        let _ = comma;
        $out.push_sql(")");
    }};
}

impl<const KEYED: bool> QueryFragment<Pg> for Insert<'_, KEYED> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        type Maybe<T> = st::Nullable<T>;
        out.push_sql("with ");
        if KEYED {
            // A key that another transaction is about to take is waited for.
            out.push_sql("key as (insert into idempotency_keys (id, request_hash, status, answer, created_at, expires_at) select i, h, 201, a, c, e from unnest(");
            arrays!(out,
                st::Binary => self.key.id, st::Binary => self.key.request_hash,
                st::Binary => self.key.answer, st::Timestamptz => self.key.at,
                st::Timestamptz => self.key.expires_at);
            out.push_sql(" as k (i, h, a, c, e) on conflict do nothing returning id), taken as materialized (select t from unnest(");
            arrays!(out, st::Binary => self.key.id, st::Uuid => self.key.tip);
            out.push_sql(" as c (i, t) where not exists (select from key where key.id = c.i)), ");
        }
        // What belongs to a tip that is stored.
        let free = |column: &str| -> String {
            if KEYED {
                format!(" where {column} not in (select t from taken)")
            } else {
                String::new()
            }
        };
        out.push_sql("tip as (insert into tips (id, received_at, client_id, device_id, test, anonymous, method, channel, language, narrative, raw_message, occurred_at, written_at, unit_code, place, in_danger_now, attachments_announced, loss_vnd, last_transfer_at, details) select * from unnest(");
        arrays!(out,
            st::Uuid => self.id, st::Timestamptz => self.received_at, st::Text => self.client_id,
            Maybe<st::Text> => self.device_id, st::Bool => self.test, st::Bool => self.anonymous,
            Maybe<st::Text> => self.method, Maybe<st::Text> => self.channel,
            Maybe<st::Text> => self.language, Maybe<st::Text> => self.narrative,
            Maybe<st::Text> => self.raw_message, Maybe<st::Timestamptz> => self.occurred_at,
            Maybe<st::Timestamptz> => self.written_at, Maybe<st::Text> => self.unit_code,
            Maybe<st::Text> => self.place, st::Bool => self.in_danger_now,
            st::SmallInt => self.announced, st::BigInt => self.loss_vnd,
            Maybe<st::Timestamptz> => self.last_transfer_at, st::Jsonb => self.details);
        out.push_sql(" as u (tip)");
        out.push_sql(&free("tip"));
        out.push_sql("), state as (insert into tip_states (tip_id, received_at, updated_at, status, test, desk, commune, unit_code, method, source_kind, score, level, reasons, reprioritise_at, due_at) select i, r, r, 'received', t, d, c, u, m, sk, sc, l, re, rp, du from unnest(");
        arrays!(out,
            st::Uuid => self.id, st::Timestamptz => self.received_at, st::Bool => self.test,
            st::Text => self.desk, Maybe<st::Text> => self.commune, Maybe<st::Text> => self.known_unit,
            Maybe<st::Text> => self.known_method, st::Text => self.source_kind,
            st::SmallInt => self.score, st::Text => self.level, st::Jsonb => self.reasons,
            Maybe<st::Timestamptz> => self.reprioritise_at, st::Timestamptz => self.due_at);
        out.push_sql(" as s (i, r, t, d, c, u, m, sk, sc, l, re, rp, du)");
        out.push_sql(&free("i"));
        out.push_sql("), submission as (insert into submissions (id, tip_id, received_at, client_id, content_type, size, digest, key_id, wrapped_key, sealed, body, withheld) select * from unnest(");
        arrays!(out,
            st::Uuid => self.submission, st::Uuid => self.id, st::Timestamptz => self.received_at,
            st::Text => self.client_id, st::Text => self.content_type, st::Integer => self.size,
            st::Binary => self.digest, st::Text => self.key_id, st::Binary => self.wrapped,
            st::Binary => self.sealed, st::Jsonb => self.body, st::Jsonb => self.withheld);
        out.push_sql(" as u (s, tip)");
        out.push_sql(&free("tip"));
        out.push_sql("), identity as (insert into reporter_identities (tip_id, created_at, key_id, wrapped_key, fields) select * from unnest(");
        arrays!(out,
            st::Uuid => self.identity.tip, st::Timestamptz => self.identity.at,
            st::Text => self.identity.key_id, st::Binary => self.identity.wrapped,
            st::Jsonb => self.identity.fields);
        out.push_sql(" as u (tip)");
        out.push_sql(&free("tip"));
        out.push_sql("), blind as (insert into reporter_blind_indexes (tip_id, hash) select distinct * from unnest(");
        arrays!(out, st::Uuid => self.identity.blind_tip, st::Binary => self.identity.blind);
        out.push_sql(" as u (tip)");
        out.push_sql(&free("tip"));
        out.push_sql(
            "), receipt as (insert into receipts (hash, tip_id, created_at) select * from unnest(",
        );
        arrays!(out, st::Binary => self.receipt, st::Uuid => self.id, st::Timestamptz => self.received_at);
        out.push_sql(" as u (h, tip)");
        out.push_sql(&free("tip"));
        out.push_sql("), indicator as (insert into indicators (key, id, kind, value, display, attributes, first_seen) select * from unnest(");
        arrays!(out,
            st::Binary => self.indicator.key, st::Uuid => self.indicator.id,
            st::Text => self.indicator.kind, st::Text => self.indicator.value,
            st::Text => self.indicator.display, st::Jsonb => self.indicator.attributes,
            st::Timestamptz => self.indicator.seen);
        if KEYED {
            out.push_sql(" as u (k) where k in (select k from unnest(");
            arrays!(out, st::Uuid => self.edge.tip, Maybe<st::Binary> => self.edge.key);
            out.push_sql(" as e (tip, k)");
            out.push_sql(&free("tip"));
            out.push_sql(")");
        }
        out.push_sql(" on conflict do nothing), edge as (insert into tip_indicators (tip_id, ordinal, kind, indicator_key, raw, source, role, reason, attributes) select * from unnest(");
        arrays!(out,
            st::Uuid => self.edge.tip, st::SmallInt => self.edge.ordinal, st::Text => self.edge.kind,
            Maybe<st::Binary> => self.edge.key, Maybe<st::Text> => self.edge.raw,
            st::Text => self.edge.source, Maybe<st::Text> => self.edge.role,
            Maybe<st::Text> => self.edge.reason, st::Jsonb => self.edge.attributes);
        out.push_sql(" as u (tip)");
        out.push_sql(&free("tip"));
        out.push_sql(") insert into journal_pending (id, at, type, subject_kind, subject_id, client_id, is_event, actor, agency, request_id, data) select i, a, 'tip.received', 'tip', s, c, e, ac, ag, r, d from unnest(");
        arrays!(out,
            st::Uuid => self.entry, st::Timestamptz => self.received_at, st::Uuid => self.id,
            st::Text => self.client_id, st::Bool => self.is_event, st::Text => self.actor,
            Maybe<st::Text> => self.agency, st::Text => self.request_id, st::Jsonb => self.data);
        out.push_sql(" as j (i, a, s, c, e, ac, ag, r, d)");
        out.push_sql(&free("s"));
        if KEYED {
            out.push_sql(" returning subject_id");
        }
        Ok(())
    }
}

impl<const KEYED: bool> diesel::RunQueryDsl<Conn> for Insert<'_, KEYED> {}

impl<const KEYED: bool> diesel::query_builder::Query for Insert<'_, KEYED> {
    type SqlType = st::Uuid;
}
