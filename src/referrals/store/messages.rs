//! SQL of what is said about a referral: questions, answers, and news for reporters.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{referral_messages as m, reporter_news as news};
use crate::error::Result;

/// A question or an answer to one.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = m, check_for_backend(diesel::pg::Pg))]
pub struct MessageRow {
    pub id: Uuid,
    pub referral_id: Uuid,
    pub from_agency: bool,
    pub author: String,
    pub text: String,
    pub created_at: DateTime<Utc>,
}

/// Adds a message.
pub async fn insert_message(conn: &mut Conn, row: &MessageRow) -> Result<()> {
    diesel::insert_into(m::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Messages of a referral, newest first, before an id; one more than `limit`.
pub async fn messages(
    conn: &mut Conn,
    referral: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<MessageRow>> {
    Ok(MessageRow::query()
        .filter(m::referral_id.eq(referral))
        .filter(m::id.lt(before.unwrap_or(Uuid::max())))
        .order(m::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// News for a reporter, once for each code and referral.
pub async fn insert_news(
    conn: &mut Conn,
    tips: &[Uuid],
    code: &str,
    amount_vnd: Option<i64>,
    (at, released_by): (DateTime<Utc>, Option<&str>),
    referral: Uuid,
) -> Result<usize> {
    let rows: Vec<_> = tips
        .iter()
        .map(|tip| {
            (
                news::id.eq(crate::state::id_at(at)),
                news::tip_id.eq(*tip),
                news::code.eq(code),
                news::amount_vnd.eq(amount_vnd),
                news::at.eq(at),
                news::released_by.eq(released_by),
                news::referral_id.eq(referral),
            )
        })
        .collect();
    Ok(diesel::insert_into(news::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?)
}

/// The tips whose reporters were told of a referral.
pub async fn told_of(conn: &mut Conn, referral: Uuid) -> Result<Vec<Uuid>> {
    Ok(news::table
        .filter(news::referral_id.eq(referral))
        .select(news::tip_id)
        .distinct()
        .load(conn)
        .await?)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
}

/// The tips of a case that name an indicator for which a referral had one of these outcomes.
pub async fn namers(
    conn: &mut Conn,
    case: Uuid,
    referral: Uuid,
    outcomes: &[&str],
) -> Result<Vec<Uuid>> {
    let rows: Vec<Id> = diesel::sql_query(
        "select distinct e.tip_id as id from case_members m
         join tip_indicators e on e.tip_id = m.tip_id
         join referral_indicators ri on ri.indicator_key = e.indicator_key and ri.referral_id = $2
         where m.case_id = $1 and m.removed_at is null and ri.outcome = any($3) limit 5000",
    )
    .bind::<st::Uuid, _>(case)
    .bind::<st::Uuid, _>(referral)
    .bind::<st::Array<st::Text>, _>(outcomes)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The tips of a case that lost money to what a referral is about.
pub async fn losers(conn: &mut Conn, case: Uuid, referral: Uuid) -> Result<Vec<Uuid>> {
    let rows: Vec<Id> = diesel::sql_query(
        "select distinct t.id from case_members m
         join tips t on t.id = m.tip_id and t.loss_vnd > 0
         join tip_indicators e on e.tip_id = t.id
         join referral_indicators ri on ri.indicator_key = e.indicator_key and ri.referral_id = $2
         where m.case_id = $1 and m.removed_at is null limit 5000",
    )
    .bind::<st::Uuid, _>(case)
    .bind::<st::Uuid, _>(referral)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
