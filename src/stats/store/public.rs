//! SQL of the public figures.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::db::Conn;
use crate::db::schema::public_figures as p;
use crate::error::Result;

/// What the public is told of a month.
#[derive(Clone, Debug, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = p, check_for_backend(diesel::pg::Pg))]
pub struct MonthRow {
    pub month: NaiveDate,
    pub figures: Value,
    pub settled: bool,
    pub made_at: DateTime<Utc>,
}

/// The newest months.
pub async fn newest(conn: &mut Conn, months: i64) -> Result<Vec<MonthRow>> {
    Ok(MonthRow::query()
        .order(p::month.desc())
        .limit(months)
        .load(conn)
        .await?)
}

#[derive(QueryableByName)]
struct Month {
    #[diesel(sql_type = st::Date)]
    month: NaiveDate,
}

/// Months from the first tip's to `running` whose figures are not settled yet.
pub async fn unpublished(conn: &mut Conn, running: NaiveDate) -> Result<Vec<NaiveDate>> {
    let rows: Vec<Month> = diesel::sql_query(
        "select m::date as month
         from generate_series(
                  (select date_trunc('month', min(received_at) at time zone interval '7 hours') from tips),
                  $1::timestamp, interval '1 month') m
         where not exists (select from public_figures p where p.month = m::date and p.settled)
         order by 1",
    )
    .bind::<st::Date, _>(running)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.month).collect())
}

/// Writes a month, unless another replica has settled it.
pub async fn save(conn: &mut Conn, row: &MonthRow) -> Result<()> {
    use diesel::query_dsl::methods::FilterDsl;
    FilterDsl::filter(
        diesel::insert_into(p::table)
            .values(row)
            .on_conflict(p::month)
            .do_update()
            .set(row),
        p::settled.eq(false),
    )
    .execute(conn)
    .await?;
    Ok(())
}
