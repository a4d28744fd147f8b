//! SQL of what happened to a case and its tips.

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = st::BigInt)]
    position: i64,
}

/// What happened to a case and its tips, newest first, before a position. A tip brings its history along; what
/// happens to it after it has left belongs to the case no more. Of each tip only the newest few are looked up, so
/// that the cost follows the number of tips and not of what happened to them.
pub async fn timeline(
    conn: &mut Conn,
    case: Uuid,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<crate::journal::Record>> {
    use crate::db::schema::journal as j;
    let found: Vec<Position> = diesel::sql_query(
        "select j.position
         from (select $1 as id, null::timestamptz as until, true as is_case
               union all
               select tip_id, case when bool_and(removed_at is not null) then max(removed_at) end, false
               from case_members where case_id = $1 group by tip_id) s
         cross join lateral (
            select position from journal
            where subject_id = s.id and position < $2 and (is_event or s.is_case)
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
        .select(crate::journal::Record::as_select())
        .filter(j::position.eq_any(positions))
        .order(j::position.desc())
        .load(conn)
        .await?)
}
