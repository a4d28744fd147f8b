//! SQL of the deliveries: one event for one webhook.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::webhook_deliveries as d;
use crate::error::{Error, Result};

/// Rows of one statement: Postgres takes 65,535 parameters.
const CHUNK: usize = 2_000;

/// A delivery on its way into the database.
#[derive(Insertable)]
#[diesel(table_name = d)]
pub struct NewDelivery {
    pub id: Uuid,
    pub webhook_id: Uuid,
    pub event_id: Uuid,
    pub event: String,
    pub subject: String,
    pub position: i64,
    pub body: String,
    pub created_at: DateTime<Utc>,
}

/// A delivery as the log shows it; without its body.
#[derive(Clone, HasQuery)]
#[diesel(table_name = d, check_for_backend(diesel::pg::Pg))]
pub struct DeliveryRow {
    pub id: Uuid,
    pub event_id: Uuid,
    pub event: String,
    pub subject: String,
    pub state: String,
    pub attempts: i32,
    pub last_attempt_at: Option<DateTime<Utc>>,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub response_code: Option<i16>,
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Adds deliveries and opens their lanes; an event that a webhook has already is left as it is.
pub async fn insert(conn: &mut Conn, rows: &[NewDelivery], now: DateTime<Utc>) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        diesel::insert_into(d::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
    }
    let mut lanes: Vec<(Uuid, &str)> = rows
        .iter()
        .map(|row| (row.webhook_id, row.subject.as_str()))
        .collect();
    // In one order, so that two writers cannot block each other.
    lanes.sort_unstable();
    lanes.dedup();
    super::lanes::open(conn, &lanes, now).await
}

/// One page of a webhook's log, newest first, and one row more where there is more.
pub async fn page(
    conn: &mut Conn,
    webhook: Uuid,
    state: Option<&str>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<DeliveryRow>> {
    let mut query = DeliveryRow::query()
        .filter(d::webhook_id.eq(webhook))
        .order(d::id.desc())
        .limit(limit + 1)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(d::state.eq(state.to_owned()));
    }
    if let Some(id) = after {
        query = query.filter(d::id.lt(id));
    }
    Ok(query.load(conn).await?)
}

/// One delivery of a webhook.
pub async fn find(conn: &mut Conn, webhook: Uuid, id: Uuid) -> Result<DeliveryRow> {
    DeliveryRow::query()
        .filter(d::webhook_id.eq(webhook).and(d::id.eq(id)))
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("delivery"))
}

/// Makes a delivery that is over pending again, from its first attempt; `false` where it is pending.
pub async fn revive(conn: &mut Conn, webhook: Uuid, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let revived: Option<String> = diesel::update(
        d::table.filter(
            d::webhook_id
                .eq(webhook)
                .and(d::id.eq(id))
                .and(d::state.ne("pending")),
        ),
    )
    .set((
        d::state.eq("pending"),
        d::attempts.eq(0),
        d::first_attempt_at.eq(None::<DateTime<Utc>>),
        d::next_attempt_at.eq(now),
        d::response_code.eq(None::<i16>),
        d::error.eq(None::<String>),
    ))
    .returning(d::subject)
    .get_result(conn)
    .await
    .optional()?;
    if let Some(subject) = &revived {
        super::lanes::open(conn, &[(webhook, subject)], now).await?;
        super::lanes::wake(conn, webhook, Some(subject), now).await?;
    }
    Ok(revived.is_some())
}

/// Forgets deliveries made before a time, but none that a working webhook still owes.
pub async fn delete_before(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::sql_query(
        "delete from webhook_deliveries where id in (
            select d.id from webhook_deliveries d join webhooks w on w.id = d.webhook_id
            where d.created_at < $1 and (d.state <> 'pending' or not w.enabled) limit 5000)",
    )
    .bind::<st::Timestamptz, _>(before)
    .execute(conn)
    .await?)
}
