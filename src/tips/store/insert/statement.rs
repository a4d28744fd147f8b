//! The statement that stores a batch.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types as st;

use super::columns::Columns;
use crate::db::Conn;

/// Stores a batch. With `KEYED`, tips whose idempotency key is taken, or is busy, are left out; the ids of those that
/// were stored are returned with `true`, those whose key is busy with `false`.
pub struct Insert<'a, const KEYED: bool>(pub Columns<'a>);

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
        let all = &self.0;
        out.push_sql("with ");
        if KEYED {
            // A key that another writer is about to take is not waited for: the whole batch would wait with it.
            out.push_sql(
                "lock as materialized (select t, pg_try_advisory_xact_lock(l) as mine from unnest(",
            );
            arrays!(out, st::Uuid => all.key.tip, st::BigInt => all.key.lock);
            out.push_sql(" as l (t, l)), key as (insert into idempotency_keys (id, request_hash, status, answer, created_at, expires_at) select i, h, 201, a, c, e from unnest(");
            arrays!(out,
                st::Uuid => all.key.tip, st::Binary => all.key.id,
                st::Binary => all.key.request_hash, st::Binary => all.key.answer,
                st::Timestamptz => all.key.at, st::Timestamptz => all.key.expires_at);
            out.push_sql(" as k (t, i, h, a, c, e) where t in (select t from lock where mine) on conflict do nothing returning id), taken as materialized (select t from unnest(");
            arrays!(out, st::Binary => all.key.id, st::Uuid => all.key.tip);
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
            st::Uuid => all.id, st::Timestamptz => all.received_at, st::Text => all.client_id,
            Maybe<st::Text> => all.device_id, st::Bool => all.test, st::Bool => all.anonymous,
            Maybe<st::Text> => all.method, Maybe<st::Text> => all.channel,
            Maybe<st::Text> => all.language, Maybe<st::Text> => all.narrative,
            Maybe<st::Text> => all.raw_message, Maybe<st::Timestamptz> => all.occurred_at,
            Maybe<st::Timestamptz> => all.written_at, Maybe<st::Text> => all.unit_code,
            Maybe<st::Text> => all.place, st::Bool => all.in_danger_now,
            st::SmallInt => all.announced, st::BigInt => all.loss_vnd,
            Maybe<st::Timestamptz> => all.last_transfer_at, st::Jsonb => all.details);
        out.push_sql(" as u (tip)");
        out.push_sql(&free("tip"));
        out.push_sql("), state as (insert into tip_states (tip_id, received_at, updated_at, status, test, desk, commune, unit_code, method, source_kind, score, level, reasons, reprioritise_at, due_at, reached_at) select i, r, r, 'received', t, d, c, u, m, sk, sc, l, re, rp, du, ra from unnest(");
        arrays!(out,
            st::Uuid => all.id, st::Timestamptz => all.received_at, st::Bool => all.test,
            st::Text => all.desk, Maybe<st::Text> => all.commune, Maybe<st::Text> => all.known_unit,
            Maybe<st::Text> => all.known_method, st::Text => all.source_kind,
            st::SmallInt => all.score, st::Text => all.level, st::Jsonb => all.reasons,
            Maybe<st::Timestamptz> => all.reprioritise_at, st::Timestamptz => all.due_at,
            Maybe<st::Timestamptz> => all.reached_at);
        out.push_sql(" as s (i, r, t, d, c, u, m, sk, sc, l, re, rp, du, ra)");
        out.push_sql(&free("i"));
        out.push_sql("), submission as (insert into submissions (id, tip_id, received_at, client_id, content_type, size, digest, key_id, wrapped_key, sealed, body, withheld) select * from unnest(");
        arrays!(out,
            st::Uuid => all.submission, st::Uuid => all.id, st::Timestamptz => all.received_at,
            st::Text => all.client_id, st::Text => all.content_type, st::Integer => all.size,
            st::Binary => all.digest, st::Text => all.key_id, st::Binary => all.wrapped,
            st::Binary => all.sealed, st::Jsonb => all.body, st::Jsonb => all.withheld);
        out.push_sql(" as u (s, tip)");
        out.push_sql(&free("tip"));
        out.push_sql("), identity as (insert into reporter_identities (tip_id, created_at, key_id, wrapped_key, fields, sealed_as) select * from unnest(");
        arrays!(out,
            st::Uuid => all.identity.tip, st::Timestamptz => all.identity.at,
            st::Text => all.identity.key_id, st::Binary => all.identity.wrapped,
            st::Jsonb => all.identity.fields, st::SmallInt => all.identity.sealed_as);
        out.push_sql(" as u (tip)");
        out.push_sql(&free("tip"));
        out.push_sql("), blind as (insert into reporter_blind_indexes (tip_id, hash) select distinct * from unnest(");
        arrays!(out, st::Uuid => all.identity.blind_tip, st::Binary => all.identity.blind);
        out.push_sql(" as u (tip)");
        out.push_sql(&free("tip"));
        out.push_sql(
            "), receipt as (insert into receipts (hash, tip_id, created_at) select * from unnest(",
        );
        arrays!(out, st::Binary => all.receipt, st::Uuid => all.id, st::Timestamptz => all.received_at);
        out.push_sql(" as u (h, tip)");
        out.push_sql(&free("tip"));
        out.push_sql("), indicator as (insert into indicators (key, id, kind, value, display, attributes, first_seen) select * from unnest(");
        arrays!(out,
            st::Binary => all.indicator.key, st::Uuid => all.indicator.id,
            st::Text => all.indicator.kind, st::Text => all.indicator.value,
            st::Text => all.indicator.display, st::Jsonb => all.indicator.attributes,
            st::Timestamptz => all.indicator.seen);
        if KEYED {
            out.push_sql(" as u (k) where k in (select k from unnest(");
            arrays!(out, st::Uuid => all.edge.tip, Maybe<st::Binary> => all.edge.key);
            out.push_sql(" as e (tip, k)");
            out.push_sql(&free("tip"));
            out.push_sql(")");
        }
        out.push_sql(" on conflict do nothing), edge as (insert into tip_indicators (tip_id, ordinal, kind, indicator_key, raw, source, role, reason, attributes) select * from unnest(");
        arrays!(out,
            st::Uuid => all.edge.tip, st::SmallInt => all.edge.ordinal, st::Text => all.edge.kind,
            Maybe<st::Binary> => all.edge.key, Maybe<st::Text> => all.edge.raw,
            st::Text => all.edge.source, Maybe<st::Text> => all.edge.role,
            Maybe<st::Text> => all.edge.reason, st::Jsonb => all.edge.attributes);
        out.push_sql(" as u (tip)");
        out.push_sql(&free("tip"));
        out.push_sql(if KEYED {
            "), entry as (insert into journal_pending"
        } else {
            ") insert into journal_pending"
        });
        out.push_sql(" (id, at, type, subject_kind, subject_id, client_id, is_event, actor, agency, request_id, data) select i, a, 'tip.received', 'tip', s, c, e, ac, ag, r, d from unnest(");
        arrays!(out,
            st::Uuid => all.entry, st::Timestamptz => all.received_at, st::Uuid => all.id,
            st::Text => all.client_id, st::Bool => all.is_event, st::Text => all.actor,
            Maybe<st::Text> => all.agency, st::Text => all.request_id, st::Jsonb => all.data);
        out.push_sql(" as j (i, a, s, c, e, ac, ag, r, d)");
        out.push_sql(&free("s"));
        if KEYED {
            out.push_sql(" returning subject_id) select subject_id, true from entry union all select t, false from lock where not mine");
        }
        Ok(())
    }
}

impl<const KEYED: bool> diesel::RunQueryDsl<Conn> for Insert<'_, KEYED> {}

impl<const KEYED: bool> diesel::query_builder::Query for Insert<'_, KEYED> {
    type SqlType = (st::Uuid, st::Bool);
}
