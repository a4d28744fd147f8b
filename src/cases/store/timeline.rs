//! SQL of what happened to a case and its tips.

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::journal as j;
use crate::error::Result;
use crate::journal::Record;

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = st::BigInt)]
    position: i64,
}

#[derive(QueryableByName)]
struct Flag {
    #[diesel(sql_type = st::Bool)]
    flag: bool,
}

/// Whether entries about a case or its tips, made before an id, have no position yet.
pub async fn is_pending(conn: &mut Conn, case: Uuid, made_before: Uuid) -> Result<bool> {
    let row: Flag = diesel::sql_query(
        "select exists (select from journal_pending where id <= $2 and (subject_id = $1
            or subject_id in (select tip_id from case_members where case_id = $1))) as flag",
    )
    .bind::<st::Uuid, _>(case)
    .bind::<st::Uuid, _>(made_before)
    .get_result(conn)
    .await?;
    Ok(row.flag)
}

/// What happened to a case and its tips, newest first, before a position. A tip brings its history along; what
/// happens to it after it has left belongs to the case no more. The newest records are those of the tips whose last
/// one is newest, so of thousands of tips only the last record is looked up. A
/// referral of a tip that names the case as well stands there already.
pub async fn timeline(
    conn: &mut Conn,
    case: Uuid,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Record>> {
    let found: Vec<Position> = diesel::sql_query(
        "with subjects as (
            select $1 as id, null::timestamptz as until, true as is_case
            union all
            select tip_id, case when bool_and(removed_at is not null) then max(removed_at) end, false
            from case_members where case_id = $1 group by tip_id),
         newest as (
            select s.* from subjects s
            cross join lateral (
                select position from journal
                where subject_id = s.id and position < $2 and (is_event or s.is_case or type = 'tip.referral' and not exists (
                    select from referrals r where r.id = (data ->> 'referral_id')::uuid and r.case_id = $1))
                  and (s.until is null or at <= s.until)
                order by position desc limit 1) last
            order by last.position desc limit $3)
         select j.position from newest s
         cross join lateral (
            select position from journal
            where subject_id = s.id and position < $2 and (is_event or s.is_case or type = 'tip.referral' and not exists (
                    select from referrals r where r.id = (data ->> 'referral_id')::uuid and r.case_id = $1))
              and (s.until is null or at <= s.until)
            order by position desc limit $3) j
         order by j.position desc limit $3",
    )
    .bind::<st::Uuid, _>(case)
    .bind::<st::BigInt, _>(before.unwrap_or(i64::MAX))
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?;
    let positions: Vec<i64> = found.into_iter().map(|row| row.position).collect();
    Ok(j::table
        .select(Record::as_select())
        .filter(j::position.eq_any(positions))
        .order(j::position.desc())
        .load(conn)
        .await?)
}
