//! SQL of appeals.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::auth::Principal;
use crate::db::Conn;
use crate::db::schema::indicators as i;
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
}

/// Adds an appeal.
pub async fn insert_appeal(conn: &mut Conn, row: &AppealRow) -> Result<()> {
    use crate::db::schema::indicator_appeals as a;
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
    use crate::db::schema::indicator_appeals as a;
    let mut query = AppealRow::query()
        .filter(a::key.eq_any(super::known_to(who).select(i::key)))
        .order(a::id.desc())
        .limit(limit + 1)
        .into_boxed();
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
    use crate::db::schema::indicator_appeals as a;
    Ok(AppealRow::query()
        .filter(a::receipt_hash.eq(receipt_hash))
        .first(conn)
        .await
        .optional()?)
}

/// One appeal, locked.
pub async fn lock_appeal(conn: &mut Conn, id: Uuid, who: &Principal) -> Result<AppealRow> {
    use crate::db::schema::indicator_appeals as a;
    AppealRow::query()
        .filter(a::id.eq(id))
        .filter(a::key.eq_any(super::known_to(who).select(i::key)))
        .for_update()
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("appeal"))
}

/// Writes a decided appeal.
pub async fn save_appeal(conn: &mut Conn, row: &AppealRow) -> Result<()> {
    use crate::db::schema::indicator_appeals as a;
    diesel::update(a::table.filter(a::id.eq(row.id)))
        .set(row)
        .execute(conn)
        .await?;
    Ok(())
}
