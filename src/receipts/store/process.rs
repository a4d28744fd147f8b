//! SQL of the notices of suspensions and resumptions.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::case_acts as a;
use crate::error::Result;

/// A notice of the process of a case that the reporter of a tip is owed, or was told.
#[derive(Clone, Debug, QueryableByName)]
pub struct Process {
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub code: String,
    /// When the last suspension or resumption was decided.
    #[diesel(sql_type = st::Timestamptz)]
    pub since: DateTime<Utc>,
    /// When the reporter was told of it.
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    pub told_at: Option<DateTime<Utc>>,
    /// Whether the reporter may read it by receipt: the case began with the tip, or an officer released it.
    #[diesel(sql_type = st::Bool)]
    pub released: bool,
}

/// The notices of the last suspension and the last resumption of a case for tips of it, or that repeat one of it,
/// each tip's in their order. What joined later is owed none.
pub async fn process(conn: &mut Conn, case: Uuid, tips: &[Uuid]) -> Result<Vec<Process>> {
    Ok(diesel::sql_query(
        "select s.tip_id, k.code, greatest(a.at, s.decided_at) as since,
                case when n.told_at >= greatest(a.at, s.decided_at) then n.told_at end as told_at,
                s.status = 'accepted' and c.received_at >= coalesce(s.reached_at, s.received_at)
                    or coalesce(n.released_at >= a.at, false) as released
         from cases c
         cross join (values ('suspended', 'send_suspension_reporter'), ('resumed', 'notify_resumption')) k (act, code)
         cross join lateral (
            select at, recorded_at from case_acts
            where case_id = c.id and act = k.act order by at desc, id desc limit 1) a
         join tip_states s on s.tip_id = any($2) and s.decided_at <= a.recorded_at
         left join process_notices n on n.tip_id = s.tip_id and n.code = k.code
         where c.id = $1
         order by s.tip_id, a.at, k.act desc",
    )
    .bind::<st::Uuid, _>(case)
    .bind::<st::Array<st::Uuid>, _>(tips)
    .load(conn)
    .await?)
}

/// When a case last saw an act.
pub async fn last_act(conn: &mut Conn, case: Uuid, act: &str) -> Result<Option<DateTime<Utc>>> {
    Ok(a::table
        .filter(a::case_id.eq(case).and(a::act.eq(act)))
        .select(diesel::dsl::max(a::at))
        .first(conn)
        .await?)
}

/// Puts a notice on the receipts of tips.
pub async fn release_process(
    conn: &mut Conn,
    tips: &[Uuid],
    code: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    set_process(conn, "released_at", tips, code, at).await
}

/// Notes that the reporters of tips were told.
pub async fn set_process_told(
    conn: &mut Conn,
    tips: &[Uuid],
    code: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    set_process(conn, "told_at", tips, code, at).await
}

/// Sets a time of a notice for tips, in their order: of two that do so at once none waits for the other in a ring.
async fn set_process(
    conn: &mut Conn,
    column: &'static str,
    tips: &[Uuid],
    code: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    diesel::sql_query(format!(
        "insert into process_notices (tip_id, code, {column}) select tip, $2, $3 from unnest($1) tip order by tip
         on conflict (tip_id, code) do update set {column} = excluded.{column}",
    ))
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Text, _>(code)
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}
