//! SQL of campaign windows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::campaigns as c;
use crate::error::{Error, Result};

/// A campaign window.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = c, check_for_backend(diesel::pg::Pg))]
pub struct CampaignRow {
    pub id: Uuid,
    pub name: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub note: Option<String>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
}

/// Adds a campaign.
pub async fn insert(conn: &mut Conn, row: &CampaignRow) -> Result<()> {
    diesel::insert_into(c::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// One campaign. Campaigns are known to every officer.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<CampaignRow> {
    CampaignRow::query()
        .filter(c::id.eq(id))
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("campaign"))
}

/// One page, newest first, and one row more where there is more.
pub async fn page(conn: &mut Conn, after: Option<Uuid>, limit: i64) -> Result<Vec<CampaignRow>> {
    let mut query = CampaignRow::query()
        .order(c::id.desc())
        .limit(limit + 1)
        .into_boxed();
    if let Some(id) = after {
        query = query.filter(c::id.lt(id));
    }
    Ok(query.load(conn).await?)
}
