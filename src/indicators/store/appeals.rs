//! SQL of appeals.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::Principal;
use crate::db::Conn;
use crate::db::schema::{indicator_appeals as a, indicators as i};
use crate::error::{Error, Result};

/// An appeal.
#[derive(Clone, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::indicator_appeals, check_for_backend(diesel::pg::Pg))]
pub struct AppealRow {
    pub id: Uuid,
    pub key: Vec<u8>,
    pub receipt_hash: Vec<u8>,
    pub text: String,
    pub contact: Option<Vec<u8>>,
    pub submitted_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub decision: Option<String>,
    pub reason: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    /// What is contested; empty only where the version before wrote it, which made the indicator at once.
    pub kind: Option<String>,
    pub value: Option<String>,
    pub display: Option<String>,
    pub attributes: Option<Value>,
    /// The identity key that wrapped the contact's data key; none where an earlier version sealed it.
    pub contact_key_id: Option<String>,
    pub contact_wrapped_key: Option<Vec<u8>>,
}

/// The appeals that a bearer may know of: the police all; whoever is confined to a desk or communes, those about
/// indicators that a tip there names.
fn seen(who: &Principal) -> a::BoxedQuery<'_, diesel::pg::Pg> {
    let query = a::table
        .filter(who.is_police().into_sql::<st::Bool>())
        .into_boxed();
    match who.is_confined() {
        true => query.filter(a::key.eq_any(super::known_to(who).select(i::key))),
        false => query,
    }
}

/// Makes sure that what an appeal is about is an indicator, since an officer is about to judge it.
pub async fn ensure_contested(conn: &mut Conn, row: &AppealRow, at: DateTime<Utc>) -> Result<()> {
    let (Some(kind), Some(value)) = (&row.kind, &row.value) else {
        return Ok(());
    };
    diesel::insert_into(i::table)
        .values((
            i::key.eq(&row.key),
            i::id.eq(crate::state::id_at(at)),
            i::kind.eq(kind),
            i::value.eq(value),
            i::display.eq(row.display.as_ref().unwrap_or(value)),
            i::attributes.eq(row.attributes.clone().unwrap_or_else(|| json!({}))),
            i::first_seen.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds an appeal.
pub async fn insert_appeal(conn: &mut Conn, row: &AppealRow) -> Result<()> {
    diesel::insert_into(a::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// One page of appeals, newest first.
pub async fn appeals(
    conn: &mut Conn,
    who: &Principal,
    open: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<AppealRow>> {
    let mut query = seen(who)
        .select(AppealRow::as_select())
        .order(a::id.desc())
        .limit(limit + 1);
    if open {
        query = query.filter(a::decision.is_null());
    }
    if let Some(id) = after {
        query = query.filter(a::id.lt(id));
    }
    Ok(query.load(conn).await?)
}

/// The appeal that a receipt opens.
pub async fn appeal_of(conn: &mut Conn, receipt_hash: &[u8]) -> Result<Option<AppealRow>> {
    Ok(AppealRow::query()
        .filter(a::receipt_hash.eq(receipt_hash))
        .first(conn)
        .await
        .optional()?)
}

/// One appeal, locked.
pub async fn lock_appeal(conn: &mut Conn, id: Uuid, who: &Principal) -> Result<AppealRow> {
    let known: Option<Uuid> = seen(who)
        .filter(a::id.eq(id))
        .select(a::id)
        .first(conn)
        .await
        .optional()?;
    AppealRow::query()
        .filter(a::id.nullable().eq(known))
        .for_update()
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("appeal"))
}

/// Writes a decided appeal.
pub async fn save_appeal(conn: &mut Conn, row: &AppealRow) -> Result<()> {
    diesel::update(a::table.filter(a::id.eq(row.id)))
        .set(row)
        .execute(conn)
        .await?;
    Ok(())
}
