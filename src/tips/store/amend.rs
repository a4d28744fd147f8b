//! SQL of what a reporter adds later, and of identities and submissions.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::super::model::{NewEdge, NewIdentity, NewSubmission, SealedIdentity};
use super::{TipRow, TipState};
use crate::db::Conn;
use crate::db::schema::{
    indicators, reporter_blind_indexes, reporter_identities, submissions, tip_indicators,
    tip_states, tips,
};
use crate::domain::priority::told::DANGER_DENIED_AT;
use crate::error::{Error, Result};
use crate::keys::Wrapped;

#[derive(HasQuery)]
#[diesel(table_name = reporter_identities, check_for_backend(diesel::pg::Pg))]
struct IdentityRow {
    tip_id: Uuid,
    key_id: String,
    wrapped_key: Vec<u8>,
    fields: Value,
    sealed_as: i16,
}

impl From<IdentityRow> for (Uuid, SealedIdentity) {
    fn from(row: IdentityRow) -> Self {
        let sealed = SealedIdentity {
            wrapped: Wrapped {
                key_id: row.key_id,
                bytes: row.wrapped_key,
            },
            fields: row.fields,
            sealed_as: row.sealed_as,
        };
        (row.tip_id, sealed)
    }
}

/// The sealed identities of some tips.
pub async fn find_identities(
    conn: &mut Conn,
    tips: &[Uuid],
) -> Result<Vec<(Uuid, SealedIdentity)>> {
    let rows = IdentityRow::query()
        .filter(reporter_identities::tip_id.eq_any(tips))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The newest sealed identities.
pub async fn newest_identities(conn: &mut Conn, limit: i64) -> Result<Vec<(Uuid, SealedIdentity)>> {
    let rows = IdentityRow::query()
        .order(reporter_identities::tip_id.desc())
        .limit(limit)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Locks identities that another key than `current` wrapped, or that are sealed in an earlier form.
pub async fn identities_otherwise(
    conn: &mut Conn,
    (current, sealed_as): (&str, i16),
    after: Uuid,
    limit: i64,
) -> Result<Vec<(Uuid, SealedIdentity)>> {
    use reporter_identities as i;
    let rows = IdentityRow::query()
        .filter(i::key_id.ne(current).or(i::sealed_as.lt(sealed_as)))
        .filter(i::tip_id.gt(after))
        .order(i::tip_id)
        .limit(limit)
        .for_update()
        .skip_locked()
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Stores a first identity.
pub async fn insert_identity(
    conn: &mut Conn,
    tip: Uuid,
    new: &NewIdentity,
    at: DateTime<Utc>,
) -> Result<()> {
    use reporter_identities as i;
    diesel::insert_into(i::table)
        .values((
            i::tip_id.eq(tip),
            i::key_id.eq(&new.sealed.wrapped.key_id),
            i::wrapped_key.eq(&new.sealed.wrapped.bytes),
            i::fields.eq(&new.sealed.fields),
            i::sealed_as.eq(new.sealed.sealed_as),
            i::created_at.eq(at),
        ))
        .execute(conn)
        .await?;
    insert_blind(conn, tip, &new.blind).await
}

/// Writes an identity that was sealed or wrapped anew.
pub async fn update_identity(conn: &mut Conn, tip: Uuid, sealed: &SealedIdentity) -> Result<()> {
    use reporter_identities as i;
    diesel::update(i::table.filter(i::tip_id.eq(tip)))
        .set((
            i::key_id.eq(&sealed.wrapped.key_id),
            i::wrapped_key.eq(&sealed.wrapped.bytes),
            i::fields.eq(&sealed.fields),
            i::sealed_as.eq(sealed.sealed_as),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds hashes of a reporter; earlier ones stay, so that tips still meet.
pub async fn insert_blind(conn: &mut Conn, tip: Uuid, blind: &[[u8; 32]]) -> Result<()> {
    use reporter_blind_indexes as b;
    let rows: Vec<_> = blind
        .iter()
        .map(|hash| (b::hash.eq(hash.as_slice()), b::tip_id.eq(tip)))
        .collect();
    diesel::insert_into(b::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// Destroys the identities of tips, their index and the data keys of the submissions; what was withheld
/// already and the digests stay.
pub async fn erase_reporters(conn: &mut Conn, ids: &[Uuid]) -> Result<()> {
    diesel::delete(reporter_identities::table.filter(reporter_identities::tip_id.eq_any(ids)))
        .execute(conn)
        .await?;
    diesel::update(submissions::table.filter(submissions::tip_id.eq_any(ids)))
        .set((
            submissions::wrapped_key.eq(None::<Vec<u8>>),
            submissions::sealed.eq(None::<Vec<u8>>),
        ))
        .execute(conn)
        .await?;
    diesel::update(tips::table.filter(tips::id.eq_any(ids)))
        .set(tips::anonymous.eq(true))
        .execute(conn)
        .await?;
    Ok(())
}

/// Ids, keys and written forms of the indicators that a tip has, in order.
pub async fn edge_keys(
    conn: &mut Conn,
    tip: Uuid,
) -> Result<Vec<(i16, Option<Vec<u8>>, Option<String>)>> {
    use tip_indicators as e;
    Ok(e::table
        .select((e::ordinal, e::indicator_key, e::raw))
        .filter(e::tip_id.eq(tip))
        .order(e::ordinal)
        .load(conn)
        .await?)
}

/// Adds indicators to a tip.
pub async fn insert_edges(
    conn: &mut Conn,
    tip: Uuid,
    edges: &[NewEdge],
    addition: Uuid,
    at: DateTime<Utc>,
) -> Result<()> {
    use indicators as i;
    use tip_indicators as e;
    let mut new: Vec<&NewEdge> = edges.iter().filter(|edge| edge.key.is_some()).collect();
    // In the order of the keys, as every writer takes them.
    new.sort_by_key(|edge| edge.key);
    let rows: Vec<_> = new
        .into_iter()
        .map(|edge| {
            (
                i::key.eq(edge.key.unwrap_or_default().to_vec()),
                i::id.eq(edge.id),
                i::kind.eq(&edge.kind),
                i::value.eq(edge.value.as_deref().unwrap_or_default()),
                i::display.eq(&edge.display),
                i::attributes.eq(Value::Object(edge.facts.clone())),
                i::first_seen.eq(at),
            )
        })
        .collect();
    diesel::insert_into(i::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    let rows: Vec<_> = edges
        .iter()
        .map(|edge| {
            (
                e::tip_id.eq(tip),
                e::ordinal.eq(edge.ordinal),
                e::kind.eq(&edge.kind),
                e::indicator_key.eq(edge.key.map(|key| key.to_vec())),
                e::raw.eq(&edge.raw),
                e::source.eq(edge.source.as_str()),
                e::role.eq(&edge.role),
                e::reason.eq(&edge.reason),
                e::attributes.eq(Value::Object(edge.attributes.clone())),
                e::addition.eq(addition),
            )
        })
        .collect();
    diesel::insert_into(e::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}

/// What was read from the texts of a tip: place, source, key and value.
pub async fn read_from_texts(
    conn: &mut Conn,
    tip: Uuid,
) -> Result<Vec<(i16, String, Vec<u8>, String)>> {
    use indicators as i;
    use tip_indicators as e;
    Ok(e::table
        .inner_join(i::table.on(e::indicator_key.eq(i::key.nullable())))
        .filter(e::tip_id.eq(tip))
        .filter(e::source.eq_any(["extracted", "derived"]))
        .select((e::ordinal, e::source, i::key, i::value))
        .load(conn)
        .await?)
}

/// Makes indicators of a tip none any more; their figures follow with the reader that counts.
pub async fn withdraw_edges(conn: &mut Conn, tip: Uuid, ordinals: &[i16], by: Uuid) -> Result<()> {
    diesel::sql_query(
        "with none as (
            update tip_indicators set withdrawn_key = indicator_key, withdrawn_by = $3, indicator_key = null,
                   raw = '[withheld]', role = null, reason = 'reporters_own', attributes = '{}'
            where tip_id = $1 and ordinal = any($2) returning withdrawn_key)
         delete from border_traces b using none
         where b.tip_id = $1 and b.indicator_key = none.withdrawn_key",
    )
    .bind::<st::Uuid, _>(tip)
    .bind::<st::Array<st::SmallInt>, _>(ordinals)
    .bind::<st::Uuid, _>(by)
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps one more submission beside the others.
pub async fn insert_submission(
    conn: &mut Conn,
    tip: Uuid,
    row: &NewSubmission,
    client: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    use submissions as s;
    diesel::insert_into(s::table)
        .values((
            s::id.eq(row.id),
            s::tip_id.eq(tip),
            s::received_at.eq(at),
            s::client_id.eq(client),
            s::content_type.eq(&row.content_type),
            s::size.eq(row.size),
            s::digest.eq(row.digest.as_slice()),
            s::key_id.eq(&row.wrapped.key_id),
            s::wrapped_key.eq(&row.wrapped.bytes),
            s::sealed.eq(&row.sealed),
            s::body.eq(&row.body),
            s::withheld.eq(&row.withheld),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// A submission as it is kept.
#[derive(HasQuery)]
#[diesel(table_name = submissions, check_for_backend(diesel::pg::Pg))]
pub struct KeptSubmission {
    pub id: Uuid,
    pub received_at: DateTime<Utc>,
    pub size: i32,
    pub digest: Vec<u8>,
    pub key_id: String,
    pub wrapped_key: Option<Vec<u8>>,
    pub sealed: Option<Vec<u8>>,
}

/// The newest submission of a tip.
pub async fn newest_submission(conn: &mut Conn, tip: Uuid) -> Result<Option<KeptSubmission>> {
    Ok(KeptSubmission::query()
        .filter(submissions::tip_id.eq(tip))
        .order(submissions::id.desc())
        .first(conn)
        .await
        .optional()?)
}

/// How many submissions a tip has.
pub async fn count_submissions(conn: &mut Conn, tip: Uuid) -> Result<i64> {
    Ok(submissions::table
        .filter(submissions::tip_id.eq(tip))
        .count()
        .get_result(conn)
        .await?)
}

/// What a tip says.
pub async fn find_tip(conn: &mut Conn, id: Uuid) -> Result<TipRow> {
    TipRow::query()
        .filter(tips::id.eq(id))
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("tip"))
}

/// Writes the working copy of a tip and what the lists know of it.
pub async fn update_tip(
    conn: &mut Conn,
    tip: &TipRow,
    state: &TipState,
    at: DateTime<Utc>,
) -> Result<()> {
    use tips as t;
    diesel::update(t::table.filter(t::id.eq(tip.id)))
        .set((
            t::anonymous.eq(tip.anonymous),
            t::method.eq(&tip.method),
            t::channel.eq(&tip.channel),
            t::language.eq(&tip.language),
            t::narrative.eq(&tip.narrative),
            t::raw_message.eq(&tip.raw_message),
            t::occurred_at.eq(tip.occurred_at),
            t::written_at.eq(tip.written_at),
            t::unit_code.eq(&tip.unit_code),
            t::place.eq(&tip.place),
            t::in_danger_now.eq(tip.in_danger_now),
            t::attachments_announced.eq(tip.attachments_announced),
            t::loss_vnd.eq(tip.loss_vnd),
            t::last_transfer_at.eq(tip.last_transfer_at),
            t::details.eq(&tip.details),
        ))
        .execute(conn)
        .await?;
    diesel::update(tip_states::table.filter(tip_states::tip_id.eq(tip.id)))
        .set((
            tip_states::method.eq(&state.method),
            tip_states::unit_code.eq(&state.unit_code),
            // An addition is sealed bytes again, and may name its reporter.
            tip_states::anonymised_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)
        .await?;
    super::update_state(conn, state, at).await
}

/// Notes whether somebody is in danger now, as an officer finds it.
pub async fn set_danger(conn: &mut Conn, tip: Uuid, in_danger: bool) -> Result<()> {
    diesel::sql_query("update tips set in_danger_now = $2, details = details - $3 where id = $1")
        .bind::<st::Uuid, _>(tip)
        .bind::<st::Bool, _>(in_danger)
        .bind::<st::Text, _>(DANGER_DENIED_AT)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that the reporter was told of reception, and of the result where there is one.
pub async fn set_told(
    conn: &mut Conn,
    tip: Uuid,
    reception: Option<DateTime<Utc>>,
    result: Option<DateTime<Utc>>,
) -> Result<()> {
    diesel::update(tip_states::table.filter(tip_states::tip_id.eq(tip)))
        .set((
            tip_states::reception_told_at.eq(reception),
            tip_states::result_told_at.eq(result),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
