//! SQL of the register.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::not;
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::super::visibility::Visibility;
use crate::db::Conn;
use crate::db::schema::reveals;
use crate::error::Result;

/// A row of the register with what its tip tells; of a purged tip only the row is left.
#[derive(QueryableByName)]
pub struct RegisterRow {
    #[diesel(sql_type = st::Integer)]
    pub seq: i32,
    #[diesel(sql_type = st::Text)]
    pub number: String,
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Timestamptz)]
    pub received_at: DateTime<Utc>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub received_by: Option<String>,
    #[diesel(sql_type = st::Bool)]
    pub identified: bool,
    #[diesel(sql_type = st::Bool)]
    pub keep_secret: bool,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    pub occurred_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub place: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub narrative: Option<String>,
    #[diesel(sql_type = st::Jsonb)]
    pub details: Value,
    #[diesel(sql_type = st::Nullable<st::BigInt>)]
    pub loss_vnd: Option<i64>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub source_kind: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub status: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    pub purged_at: Option<DateTime<Utc>>,
}

/// One page of a year in the order of the numbers, and one row more where there is more.
pub async fn register_page(
    conn: &mut Conn,
    visible: &Visibility,
    year: i16,
    (after, limit): (Option<i32>, i64),
) -> Result<Vec<RegisterRow>> {
    let confined = visible.desk().is_some() || visible.units().is_some();
    Ok(diesel::sql_query(
        "select r.seq, r.number, r.tip_id, r.received_at, coalesce(t.device_id, t.client_id) as received_by,
                coalesce(not t.anonymous, false) as identified,
                coalesce((t.details -> 'keep_secret')::bool, false) as keep_secret,
                t.occurred_at,
                coalesce(t.place, t.unit_code) as place, coalesce(t.narrative, t.raw_message) as narrative,
                coalesce(t.details, '{}') as details, t.loss_vnd, s.source_kind, s.status, r.purged_at
         from register r left join tips t on t.id = r.tip_id left join tip_states s on s.tip_id = r.tip_id
         where r.year = $1 and r.seq > $2
           and (not $3 or (($4::text is null or coalesce(s.desk, r.desk) = $4)
                         and ($5::text[] is null or coalesce(s.unit_code, r.unit_code) = any($5))))
         order by r.seq limit $6",
    )
    .bind::<st::SmallInt, _>(year)
    .bind::<st::Integer, _>(after.unwrap_or(0))
    .bind::<st::Bool, _>(confined)
    .bind::<st::Nullable<st::Text>, _>(visible.desk())
    .bind::<st::Nullable<st::Array<st::Text>>, _>(visible.units())
    .bind::<st::BigInt, _>(limit + 1)
    .load(conn)
    .await?)
}

/// Why, by whom and when identities were shown by the register.
pub struct Shown<'a> {
    pub purpose: &'a str,
    pub by: &'a str,
    pub at: DateTime<Utc>,
}

/// For how long one reveal stands for all times that the register shows the same for the same purpose.
const STANDS: TimeDelta = TimeDelta::hours(1);

/// A reveal of an identity, that of its tip.
#[derive(HasQuery)]
#[diesel(table_name = reveals, check_for_backend(diesel::pg::Pg))]
pub struct RevealOfTip {
    pub id: Uuid,
    pub tip_id: Uuid,
    pub purpose: String,
    pub approved_by: Option<String>,
}

/// Reveals of the identities of these tips that the reader may use now, newest first: those that another officer
/// approved, each for its own purpose, and those that the register showed for this one within the hour.
pub async fn open_reveals(
    conn: &mut Conn,
    tips: &[Uuid],
    shown: &Shown<'_>,
) -> Result<Vec<RevealOfTip>> {
    use reveals as r;
    let approved = r::approved_at.is_not_null().and(r::expires_at.gt(shown.at));
    let lately = r::requested_at.gt(shown.at - STANDS);
    let again = not(r::needs_approval)
        .and(r::purpose.eq(shown.purpose))
        .and(lately);
    Ok(RevealOfTip::query()
        .filter(r::tip_id.eq_any(tips))
        .filter(r::subject.eq("identity").and(r::requested_by.eq(shown.by)))
        .filter(approved.or(again))
        .order(r::id.desc())
        .load(conn)
        .await?)
}

/// Keeps the reveals of a page: id of the reveal, and tip.
pub async fn insert_shown(
    conn: &mut Conn,
    pairs: &[(Uuid, Uuid)],
    shown: &Shown<'_>,
) -> Result<()> {
    let rows = pairs.iter().map(|(id, tip)| {
        (
            reveals::id.eq(*id),
            reveals::tip_id.eq(*tip),
            reveals::subject.eq("identity"),
            reveals::purpose.eq(shown.purpose),
            reveals::requested_by.eq(shown.by),
            reveals::requested_at.eq(shown.at),
            reveals::needs_approval.eq(false),
            reveals::expires_at.eq(shown.at),
        )
    });
    diesel::insert_into(reveals::table)
        .values(rows.collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}

/// A number of the register whose tip is gone.
#[derive(QueryableByName)]
pub struct Lost {
    /// The number.
    #[diesel(sql_type = st::Text)]
    pub number: String,
    /// The tip that had it.
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
}

/// Tips of the register that are gone although nothing purged them, the newest first; a hundred at most.
pub async fn lost(conn: &mut Conn) -> Result<Vec<Lost>> {
    Ok(diesel::sql_query(
        "select number, tip_id from register r
         where purged_at is null and not exists (select from tips t where t.id = r.tip_id)
         order by received_at desc limit 100",
    )
    .load(conn)
    .await?)
}
