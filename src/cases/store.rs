//! SQL of cases.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::NewCase;
use crate::db::Conn;
use crate::db::schema::cases;
use crate::error::{Error, Result};

#[derive(QueryableByName)]
struct Seq {
    #[diesel(sql_type = st::Integer)]
    last: i32,
}

/// Takes the next number of a year; the row lock makes the series gapless.
async fn next_number(conn: &mut Conn, year: i16) -> Result<i32> {
    let row: Seq = diesel::sql_query(
        "insert into number_counters (name, year, last) values ('cases', $1, 1)
         on conflict (name, year) do update set last = number_counters.last + 1 returning last",
    )
    .bind::<st::SmallInt, _>(year)
    .get_result(conn)
    .await?;
    Ok(row.last)
}

pub(super) async fn insert(
    conn: &mut Conn,
    id: Uuid,
    new: &NewCase,
    by: &str,
    prefix: &str,
    now: DateTime<Utc>,
) -> Result<String> {
    let year = crate::tips::background::hanoi_year(now);
    let seq = next_number(conn, year).await?;
    let number = format!("{prefix}-C-{year}-{seq:06}");
    diesel::insert_into(cases::table)
        .values((
            cases::id.eq(id),
            cases::year.eq(year),
            cases::seq.eq(seq),
            cases::number.eq(&number),
            cases::title.eq(&new.title),
            cases::state.eq("accepted"),
            cases::desk.eq(&new.desk),
            cases::methods.eq(&new.methods),
            cases::received_at.eq(new.received_at),
            cases::opened_at.eq(now),
            cases::opened_by.eq(by),
            cases::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(number)
}

/// A case.
#[derive(Clone, Debug, HasQuery)]
#[diesel(table_name = cases, check_for_backend(diesel::pg::Pg))]
pub struct CaseRow {
    pub id: Uuid,
    pub number: String,
    pub state: String,
    pub received_at: DateTime<Utc>,
}

/// One case.
pub async fn find_case(conn: &mut Conn, id: Uuid) -> Result<CaseRow> {
    CaseRow::query()
        .filter(cases::id.eq(id))
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("case"))
}
