//! SQL of warnings.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::content::Content;
use crate::auth::Principal;
use crate::db::Conn;
use crate::db::schema::{advisories as a, advisory_revisions as r};
use crate::error::{Error, Result};

/// A warning in work.
#[derive(Clone, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = a, check_for_backend(diesel::pg::Pg))]
#[diesel(treat_none_as_null = true)]
pub struct AdvisoryRow {
    pub id: Uuid,
    pub agency: Option<String>,
    pub state: String,
    pub content: Value,
    pub pending: bool,
    pub author: String,
    pub revision: i32,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    pub changed_at: Option<DateTime<Utc>>,
    pub retracted_at: Option<DateTime<Utc>>,
    pub retracted_by: Option<String>,
    pub reason: Option<String>,
}

impl AdvisoryRow {
    /// What it says.
    pub fn content(&self) -> Result<Content> {
        Content::read(&self.content)
    }
}

/// A published revision.
#[derive(Insertable)]
#[diesel(table_name = r, check_for_backend(diesel::pg::Pg))]
pub struct RevisionRow<'a> {
    pub advisory_id: Uuid,
    pub revision: i32,
    pub content: &'a Value,
    pub author: &'a str,
    pub published_by: &'a str,
    pub published_at: DateTime<Utc>,
}

/// The agency that a bearer is confined to; the police see all.
fn confinement(who: &Principal) -> Option<&str> {
    who.agency.as_deref().filter(|_| !who.is_police())
}

/// One warning that the bearer may see.
pub async fn find(conn: &mut Conn, id: Uuid, who: &Principal) -> Result<AdvisoryRow> {
    let mut query = AdvisoryRow::query().filter(a::id.eq(id)).into_boxed();
    if let Some(agency) = confinement(who) {
        query = query.filter(a::agency.eq(agency));
    }
    let row = query.first(conn).await.optional()?;
    row.ok_or(Error::not_found("advisory"))
}

/// The same, locked.
pub async fn lock(conn: &mut Conn, id: Uuid, who: &Principal) -> Result<AdvisoryRow> {
    let query = a::table.select(a::id).filter(a::id.eq(id)).for_update();
    let locked: Option<Uuid> = query.first(conn).await.optional()?;
    locked.ok_or(Error::not_found("advisory"))?;
    // Looked at once nobody changes it any more.
    find(conn, id, who).await
}

/// Filters of the authors' list.
pub struct Wanted<'a> {
    pub state: Option<&'a str>,
    pub pending: Option<bool>,
    pub who: &'a Principal,
    pub after: Option<Uuid>,
    pub limit: i64,
}

/// One page, newest first, and one row more where there is more.
pub async fn page(conn: &mut Conn, wanted: &Wanted<'_>) -> Result<Vec<AdvisoryRow>> {
    let mut query = AdvisoryRow::query()
        .order(a::id.desc())
        .limit(wanted.limit + 1)
        .into_boxed();
    if let Some(agency) = confinement(wanted.who) {
        query = query.filter(a::agency.eq(agency));
    }
    if let Some(state) = wanted.state {
        query = query.filter(a::state.eq(state));
    }
    if let Some(pending) = wanted.pending {
        query = query.filter(a::pending.eq(pending));
    }
    if let Some(id) = wanted.after {
        query = query.filter(a::id.lt(id));
    }
    Ok(query.load(conn).await?)
}

/// Adds a draft.
pub async fn insert(conn: &mut Conn, row: &AdvisoryRow) -> Result<()> {
    diesel::insert_into(a::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes a warning.
pub async fn save(conn: &mut Conn, row: &AdvisoryRow) -> Result<()> {
    diesel::update(a::table.filter(a::id.eq(row.id)))
        .set(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds a revision.
pub async fn insert_revision(conn: &mut Conn, row: &RevisionRow<'_>) -> Result<()> {
    diesel::insert_into(r::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// A time for a publication or retraction, later than all before it; until the transaction ends,
/// nobody else gets one, so that a reader by time misses none.
pub async fn next_change(conn: &mut Conn, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    diesel::sql_query("lock table advisories in share row exclusive mode")
        .execute(conn)
        .await?;
    let last: Option<DateTime<Utc>> = a::table
        .select(diesel::dsl::max(a::changed_at))
        .first(conn)
        .await?;
    Ok(last.map_or(now, |last| {
        now.max(last + chrono::Duration::microseconds(1))
    }))
}

/// The newest published revision of a warning.
#[derive(Clone, QueryableByName)]
pub struct Published {
    /// Id of the warning.
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    /// Which revision.
    #[diesel(sql_type = st::Integer)]
    pub revision: i32,
    /// Its content, as it is kept.
    #[diesel(sql_type = st::Jsonb)]
    pub content: Value,
    /// When the first revision was published.
    #[diesel(sql_type = st::Timestamptz)]
    pub published_at: DateTime<Utc>,
    /// When this one was, or when it was taken back.
    #[diesel(sql_type = st::Timestamptz)]
    pub changed_at: DateTime<Utc>,
    /// Why it was taken back; `None` while it stands.
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub reason: Option<String>,
}

impl Published {
    /// What it says.
    pub fn content(&self) -> Result<Content> {
        Content::read(&self.content)
    }
}

const PUBLISHED: &str = "select a.id, a.revision, r.content, a.published_at, a.changed_at, a.reason
     from advisories a join advisory_revisions r on r.advisory_id = a.id and r.revision = a.revision";

/// Filters of the public list.
#[derive(Default)]
pub struct PublicWanted<'a> {
    pub audience: Option<&'a str>,
    pub language: Option<&'a str>,
    pub method: Option<&'a str>,
    pub unit: Option<&'a str>,
    pub after: Option<(DateTime<Utc>, Uuid)>,
    pub limit: i64,
}

/// Warnings that stand now, newest publication first.
pub async fn standing(
    conn: &mut Conn,
    wanted: &PublicWanted<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<Published>> {
    // What concerns everybody, or the whole province, concerns each audience and commune.
    let sql = format!(
        "{PUBLISHED} where a.state = 'published'
           and coalesce((r.content->>'valid_from')::timestamptz <= $1, true)
           and coalesce((r.content->>'valid_until')::timestamptz > $1, true)
           and ($2::text is null or jsonb_exists_any(r.content->'audiences', array[$2, 'everyone']))
           and ($3::text is null or jsonb_exists(r.content->'texts', $3))
           and ($4::text is null or jsonb_exists(r.content->'methods', $4))
           and ($5::text is null or r.content->'unit_codes' = '[]' or jsonb_exists(r.content->'unit_codes', $5))
           and ($6::timestamptz is null or (a.changed_at, a.id) < ($6, $7))
         order by a.changed_at desc, a.id desc limit $8"
    );
    let (at, id) = wanted.after.unzip();
    Ok(diesel::sql_query(sql)
        .bind::<st::Timestamptz, _>(now)
        .bind::<st::Nullable<st::Text>, _>(wanted.audience)
        .bind::<st::Nullable<st::Text>, _>(wanted.language)
        .bind::<st::Nullable<st::Text>, _>(wanted.method)
        .bind::<st::Nullable<st::Text>, _>(wanted.unit)
        .bind::<st::Nullable<st::Timestamptz>, _>(at)
        .bind::<st::Nullable<st::Uuid>, _>(id)
        .bind::<st::BigInt, _>(wanted.limit)
        .load(conn)
        .await?)
}

/// One warning that was ever published, retracted ones included.
pub async fn published(conn: &mut Conn, id: Uuid) -> Result<Published> {
    let row = diesel::sql_query(format!("{PUBLISHED} where a.id = $1"))
        .bind::<st::Uuid, _>(id)
        .get_result(conn)
        .await
        .optional()?;
    row.ok_or(Error::not_found("advisory"))
}

/// Warnings that were ever published and have begun to hold, in the order in which others could learn of them, from a
/// place on: the one at the place itself comes first. A warning that holds from a later time on changes then; for two
/// that begin together, each within a second at a moment of its own.
pub async fn changed_from(
    conn: &mut Conn,
    (changed_at, id): (DateTime<Utc>, Uuid),
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Published>> {
    let sql = "select id, revision, content, published_at, greatest(changed_at, begins_at) as changed_at, reason
         from (select a.id, a.revision, r.content, a.published_at, a.changed_at, a.reason,
                      (r.content->>'valid_from')::timestamptz
                       + (hashtextextended(a.id::text, 0) & 524287) * interval '1 microsecond' as begins_at
               from advisories a
               join advisory_revisions r on r.advisory_id = a.id and r.revision = a.revision) known
         where (greatest(changed_at, begins_at), id) >= ($1, $2) and coalesce(begins_at <= $4, true)
         order by 5, 1 limit $3";
    Ok(diesel::sql_query(sql)
        .bind::<st::Timestamptz, _>(changed_at)
        .bind::<st::Uuid, _>(id)
        .bind::<st::BigInt, _>(limit)
        .bind::<st::Timestamptz, _>(now)
        .load(conn)
        .await?)
}

/// The newest of them, newest first.
pub async fn newest(conn: &mut Conn, limit: i64) -> Result<Vec<Published>> {
    let sql = format!(
        "{PUBLISHED} where a.changed_at is not null order by a.changed_at desc, a.id desc limit $1"
    );
    Ok(diesel::sql_query(sql)
        .bind::<st::BigInt, _>(limit)
        .load(conn)
        .await?)
}

/// When each revision of a warning was published, oldest first.
pub async fn revisions(conn: &mut Conn, id: Uuid) -> Result<Vec<(i32, DateTime<Utc>)>> {
    Ok(r::table
        .select((r::revision, r::published_at))
        .filter(r::advisory_id.eq(id))
        .order(r::revision)
        .load(conn)
        .await?)
}
