//! SQL of webhooks; deliveries and lanes have files of their own.

pub mod deliveries;
pub mod lanes;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::manages::Manages;
use crate::db::Conn;
use crate::db::schema::webhooks as w;
use crate::error::{Error, Result};

/// A webhook.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = w, check_for_backend(diesel::pg::Pg))]
pub struct WebhookRow {
    pub id: Uuid,
    pub agency: Option<String>,
    pub url: String,
    pub events: Vec<Option<String>>,
    pub enabled: bool,
    pub disabled_reason: Option<String>,
    pub secret: Vec<u8>,
    pub previous_secret: Option<Vec<u8>>,
    pub previous_secret_until: Option<DateTime<Utc>>,
    pub created_by: String,
    pub client_id: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

/// Adds a webhook.
pub async fn insert(conn: &mut Conn, row: &WebhookRow) -> Result<()> {
    diesel::insert_into(w::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

fn managed<'a>(by: &Manages) -> w::BoxedQuery<'a, diesel::pg::Pg> {
    match by.agency() {
        None => w::table.into_boxed(),
        Some(agency) => w::table
            .filter(w::agency.eq(agency.to_owned()))
            .into_boxed(),
    }
}

/// One page of a bearer's webhooks, newest first, and one row more where there is more.
pub async fn page(
    conn: &mut Conn,
    by: &Manages,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<WebhookRow>> {
    let mut query = managed(by);
    if let Some(id) = after {
        query = query.filter(w::id.lt(id));
    }
    Ok(query
        .select(WebhookRow::as_select())
        .order(w::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// One of a bearer's webhooks.
pub async fn find(conn: &mut Conn, id: Uuid, by: &Manages) -> Result<WebhookRow> {
    managed(by)
        .select(WebhookRow::as_select())
        .filter(w::id.eq(id))
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("webhook"))
}

/// The same, locked for a change.
pub async fn lock(conn: &mut Conn, id: Uuid, by: &Manages) -> Result<WebhookRow> {
    w::table
        .select(w::id)
        .filter(w::id.eq(id))
        .for_update()
        .first::<Uuid>(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("webhook"))?;
    // Looked at once nobody changes it any more.
    find(conn, id, by).await
}

/// How many webhooks an agency (none: the police) has.
pub async fn count(conn: &mut Conn, agency: Option<&str>) -> Result<i64> {
    Ok(w::table
        .filter(w::agency.is_not_distinct_from(agency))
        .count()
        .get_result(conn)
        .await?)
}

/// Webhooks that are told of events, kept from being deleted until the transaction ends.
pub async fn enabled(conn: &mut Conn) -> Result<Vec<WebhookRow>> {
    Ok(WebhookRow::query()
        .filter(w::enabled)
        .for_key_share()
        .load(conn)
        .await?)
}

/// Writes what may change of a webhook.
pub async fn save(conn: &mut Conn, row: &WebhookRow) -> Result<()> {
    diesel::update(w::table.filter(w::id.eq(row.id)))
        .set((
            w::url.eq(&row.url),
            w::events.eq(&row.events),
            w::enabled.eq(row.enabled),
            w::client_id.eq(&row.client_id),
            w::disabled_reason.eq(&row.disabled_reason),
            w::secret.eq(&row.secret),
            w::previous_secret.eq(&row.previous_secret),
            w::previous_secret_until.eq(row.previous_secret_until),
            w::updated_at.eq(row.updated_at),
            w::version.eq(row.version),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Disables a webhook whose receiver is gone; `false` where it is disabled already.
pub async fn disable_gone(conn: &mut Conn, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let changed = diesel::update(w::table.filter(w::id.eq(id).and(w::enabled)))
        .set((
            w::enabled.eq(false),
            w::disabled_reason.eq("gone"),
            w::version.eq(w::version + 1),
            w::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// Disables the webhooks of a client; returns them.
pub async fn disable_of_client(
    conn: &mut Conn,
    client_id: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    let of_client = w::client_id.eq(client_id).and(w::enabled);
    Ok(diesel::update(w::table.filter(of_client))
        .set((
            w::enabled.eq(false),
            w::disabled_reason.eq("client_disabled"),
            w::version.eq(w::version + 1),
            w::updated_at.eq(now),
        ))
        .returning(w::id)
        .get_results(conn)
        .await?)
}

/// Stops the webhooks that somebody made; which.
pub async fn disable_made_by(conn: &mut Conn, sub: &str, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let made = w::created_by.eq(sub).and(w::enabled);
    Ok(diesel::update(w::table.filter(made))
        .set((
            w::enabled.eq(false),
            w::disabled_reason.eq("tokens_ended"),
            w::version.eq(w::version + 1),
            w::updated_at.eq(now),
        ))
        .returning(w::id)
        .get_results(conn)
        .await?)
}

/// Removes a webhook with all its deliveries.
pub async fn delete(conn: &mut Conn, id: Uuid) -> Result<()> {
    diesel::delete(w::table.filter(w::id.eq(id)))
        .execute(conn)
        .await?;
    Ok(())
}
