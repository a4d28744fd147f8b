//! SQL of cases themselves: their numbers, who may see them, what may change.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::cases::NewCase;
use crate::db::Conn;
use crate::db::schema::cases as c;
use crate::error::{Error, Result};
use crate::tips::Visibility;

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

/// Stores a new case under the next number of its year.
pub async fn insert(
    conn: &mut Conn,
    id: Uuid,
    new: &NewCase,
    by: &str,
    prefix: &str,
    now: DateTime<Utc>,
) -> Result<String> {
    let year = crate::domain::hanoi::year(now);
    let seq = next_number(conn, year).await?;
    let number = format!("{prefix}-C-{year}-{seq:06}");
    diesel::insert_into(c::table)
        .values((
            c::id.eq(id),
            c::year.eq(year),
            c::seq.eq(seq),
            c::number.eq(&number),
            c::title.eq(&new.title),
            c::summary.eq(&new.summary),
            c::state.eq("accepted"),
            c::desk.eq(&new.desk),
            c::methods.eq(&new.methods),
            c::received_at.eq(new.received_at),
            c::opened_at.eq(now),
            c::opened_by.eq(by),
            c::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(number)
}

/// A case.
#[derive(Clone, Debug, HasQuery)]
#[diesel(table_name = c, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct CaseRow {
    pub id: Uuid,
    pub number: String,
    pub title: String,
    pub summary: Option<String>,
    pub state: String,
    pub decision: Option<String>,
    pub desk: String,
    pub assignee: Option<String>,
    pub methods: Vec<Option<String>>,
    pub received_at: DateTime<Utc>,
    pub opened_at: DateTime<Utc>,
    pub opened_by: String,
    pub next_due_at: Option<DateTime<Utc>>,
    /// Priority of its most urgent tip.
    pub score: i16,
    pub merged_into: Option<Uuid>,
    pub purged_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

/// Confines a query to what a bearer may see.
pub(super) fn confine<'a>(
    visible: &Visibility,
    mut query: c::BoxedQuery<'a, diesel::pg::Pg>,
) -> c::BoxedQuery<'a, diesel::pg::Pg> {
    if let Some(desk) = visible.desk() {
        query = query.filter(c::desk.eq(desk.to_owned()));
    }
    if let Some(units) = visible.units() {
        query = query.filter(
            sql::<st::Bool>(
                "id in (select m.case_id from case_members m join tip_states s on s.tip_id = m.tip_id
                        where m.removed_at is null and s.unit_code = any(",
            )
            .bind::<st::Array<st::Text>, _>(units.to_vec())
            .sql("))"),
        );
    }
    query
}

/// One case that the bearer may see.
pub async fn find_case(conn: &mut Conn, id: Uuid, visible: &Visibility) -> Result<CaseRow> {
    confine(visible, c::table.into_boxed())
        .filter(c::id.eq(id))
        .select(CaseRow::as_select())
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("case"))
}

/// The same, locked until the transaction ends.
pub async fn lock_case(conn: &mut Conn, id: Uuid, visible: &Visibility) -> Result<CaseRow> {
    c::table
        .select(c::id)
        .filter(c::id.eq(id))
        // A membership names the case that it came from, which only has to stay: it does not wait for this.
        .for_no_key_update()
        .first::<Uuid>(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("case"))?;
    // Looked at once nobody changes it any more: it may just have been handed over.
    find_case(conn, id, visible).await
}

/// Locks a case that is still on its own: 409 where another one has taken it over, or its time is over.
pub async fn lock_open_case(conn: &mut Conn, id: Uuid, visible: &Visibility) -> Result<CaseRow> {
    let case = lock_case(conn, id, visible).await?;
    check_open(&case)?;
    Ok(case)
}

/// 409 where another case has taken this one over, or its time is over.
pub fn check_open(case: &CaseRow) -> Result<()> {
    let detail = if case.merged_into.is_some() {
        "Another case has taken this one over."
    } else if case.purged_at.is_some() {
        "The tips and texts of the case were deleted at the end of their time; open a new one."
    } else {
        return Ok(());
    };
    Err(Error::conflict("wrong_state", detail))
}

/// Writes what may change of a case.
pub async fn save(conn: &mut Conn, row: &CaseRow, now: DateTime<Utc>) -> Result<()> {
    diesel::update(c::table.filter(c::id.eq(row.id)))
        .set((
            c::title.eq(&row.title),
            c::summary.eq(&row.summary),
            c::state.eq(&row.state),
            c::decision.eq(&row.decision),
            c::desk.eq(&row.desk),
            c::assignee.eq(&row.assignee),
            c::methods.eq(&row.methods),
            c::received_at.eq(row.received_at),
            c::merged_into.eq(row.merged_into),
            c::version.eq(row.version),
            c::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Cases opened in a time, in the order of their ids; at most `limit` behind a key.
pub async fn opened_between(
    conn: &mut Conn,
    visible: &Visibility,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    after: Uuid,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    Ok(confine(visible, c::table.into_boxed())
        .filter(c::merged_into.is_null())
        .filter(c::opened_at.ge(from).and(c::opened_at.lt(to)))
        .filter(c::id.gt(after))
        .order(c::id)
        .limit(limit)
        .select(CaseRow::as_select())
        .load(conn)
        .await?)
}
