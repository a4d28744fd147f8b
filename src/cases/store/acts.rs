//! SQL of acts: what was done in a case, and when.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::case_acts as a;
use crate::error::Result;

/// An act.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = a, check_for_backend(diesel::pg::Pg))]
pub struct ActRow {
    pub id: Uuid,
    pub case_id: Uuid,
    pub act: String,
    pub at: DateTime<Utc>,
    pub by: String,
    pub recorded_at: DateTime<Utc>,
    pub legal_basis: Option<String>,
    pub document_number: Option<String>,
    pub note: Option<String>,
}

/// Adds acts.
pub async fn insert_acts(conn: &mut Conn, rows: &[ActRow]) -> Result<()> {
    diesel::insert_into(a::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}

/// All acts of a case, in their order.
pub async fn acts(conn: &mut Conn, case: Uuid) -> Result<Vec<ActRow>> {
    Ok(ActRow::query()
        .filter(a::case_id.eq(case))
        .order((a::at, a::id))
        .load(conn)
        .await?)
}

/// The acts of some cases, each case's in their order.
pub async fn acts_of(conn: &mut Conn, cases: &[Uuid]) -> Result<Vec<ActRow>> {
    Ok(ActRow::query()
        .filter(a::case_id.eq_any(cases))
        .order((a::case_id, a::at, a::id))
        .load(conn)
        .await?)
}

/// Notes that the reporters of a case were told its result at a time, those who gave an identity and were not told it
/// before: when one was told first, the time for a complaint began.
pub async fn set_members_told(conn: &mut Conn, case: Uuid, at: DateTime<Utc>) -> Result<()> {
    diesel::sql_query(
        "with decided as (
            select max(at) as at from case_acts
            where case_id = $1 and act in ('prosecuted', 'not_prosecuted')),
         locked as (
            select s.tip_id from tip_states s join tips t on t.id = s.tip_id and not t.anonymous, decided d
            where s.case_id = $1 and s.status = 'accepted'
              and $2 >= greatest(d.at, s.decided_at) and d.at is not null
              and coalesce(s.result_told_at < greatest(d.at, s.decided_at), true)
            order by s.tip_id for update of s)
         update tip_states set result_told_at = $2 from locked where tip_states.tip_id = locked.tip_id",
    )
    .bind::<st::Uuid, _>(case)
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that the reporters of a case who gave an identity were told of its last suspension or resumption at a time,
/// those whose tips were in it then and who were not told before.
pub async fn set_members_told_process(
    conn: &mut Conn,
    case: Uuid,
    (act, code): (&str, &str),
    at: DateTime<Utc>,
) -> Result<()> {
    diesel::sql_query(
        "insert into process_notices (tip_id, code, told_at)
         select s.tip_id, $3, $4 from (
            select at, recorded_at from case_acts where case_id = $1 and act = $2 order by at desc, id desc limit 1) a
         join tip_states s on s.case_id = $1 and s.status = 'accepted' and s.decided_at <= a.recorded_at
         join tips t on t.id = s.tip_id and not t.anonymous
         left join process_notices n on n.tip_id = s.tip_id and n.code = $3
         where $4 >= greatest(a.at, s.decided_at) and coalesce(n.told_at < greatest(a.at, s.decided_at), true)
         order by s.tip_id
         on conflict (tip_id, code) do update set told_at = excluded.told_at",
    )
    .bind::<st::Uuid, _>(case)
    .bind::<st::Text, _>(act)
    .bind::<st::Text, _>(code)
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}
