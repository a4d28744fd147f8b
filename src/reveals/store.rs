//! SQL of reveals.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not, sql};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{
    case_holds, case_members, cases, potential_victim_grounds, reporter_blind_indexes, reveals,
    submissions, tip_states, tips,
};
use crate::error::{Error, Result};
use crate::tips::{TipState, Visibility};

/// A request for a reveal.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = reveals, check_for_backend(diesel::pg::Pg))]
pub struct RevealRow {
    pub id: Uuid,
    pub tip_id: Uuid,
    pub subject: String,
    pub object_id: Option<Uuid>,
    pub purpose: String,
    pub requested_by: String,
    pub requested_at: DateTime<Utc>,
    pub needs_approval: bool,
    pub approved_by: Option<String>,
    pub approved_at: Option<DateTime<Utc>>,
    pub expires_at: DateTime<Utc>,
    pub declined_by: Option<String>,
    pub declined_at: Option<DateTime<Utc>>,
    pub decline_reason: Option<String>,
}

/// Keeps a request for a reveal.
pub async fn insert(conn: &mut Conn, row: &RevealRow) -> Result<()> {
    diesel::insert_into(reveals::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// The officer's latest request for a purpose that needs approval and has not run out: what was approved for one
/// purpose is not shown for another.
pub async fn find_open(
    conn: &mut Conn,
    tip: Uuid,
    (subject, object): (&str, Option<Uuid>),
    (by, purpose): (&str, &str),
    now: DateTime<Utc>,
) -> Result<Option<RevealRow>> {
    use reveals as r;
    Ok(RevealRow::query()
        .filter(r::tip_id.eq(tip).and(r::subject.eq(subject)))
        .filter(r::object_id.is_not_distinct_from(object))
        .filter(r::requested_by.eq(by).and(r::needs_approval))
        .filter(r::purpose.eq(purpose).and(r::expires_at.gt(now)))
        .order(r::id.desc())
        .first(conn)
        .await
        .optional()?)
}

/// Locks a request.
pub async fn lock(conn: &mut Conn, id: Uuid) -> Result<RevealRow> {
    reveals::table
        .select(RevealRow::as_select())
        .filter(reveals::id.eq(id).and(reveals::needs_approval))
        .for_update()
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("reveal"))
}

/// Writes who approved it, when, and until when it may be used.
pub async fn approve(conn: &mut Conn, row: &RevealRow) -> Result<()> {
    use reveals as r;
    diesel::update(r::table.filter(r::id.eq(row.id)))
        .set((
            r::approved_by.eq(&row.approved_by),
            r::approved_at.eq(row.approved_at),
            r::expires_at.eq(row.expires_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes who declined it, when and why, and that it has run out.
pub async fn decline(conn: &mut Conn, row: &RevealRow) -> Result<()> {
    use reveals as r;
    diesel::update(r::table.filter(r::id.eq(row.id)))
        .set((
            r::declined_by.eq(&row.declined_by),
            r::declined_at.eq(row.declined_at),
            r::decline_reason.eq(&row.decline_reason),
            r::expires_at.eq(row.expires_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Where a request stands at a time.
#[derive(Clone, Copy)]
pub enum Standing {
    /// Another officer has to approve it.
    Pending,
    /// Approved, and good still.
    Approved,
    /// Shown at once.
    Shown,
    /// Declined, or taken back.
    Declined,
    /// Too late.
    Expired,
}

/// Requests about tips that the bearer may see, newest first, before an id; one more than `limit`. Of those that stand
/// so now, where that is asked for.
pub async fn list(
    conn: &mut Conn,
    visible: &Visibility,
    (standing, now): (Option<Standing>, DateTime<Utc>),
    (before, limit): (Option<Uuid>, i64),
) -> Result<Vec<RevealRow>> {
    use reveals as r;
    let tips = visible
        .confine(tip_states::table.into_boxed())
        .select(tip_states::tip_id);
    let query = RevealRow::query()
        .filter(r::id.lt(before.unwrap_or(Uuid::max())))
        .filter(r::tip_id.eq_any(tips))
        .order(r::id.desc())
        .limit(limit + 1)
        .into_boxed();
    let waited_for = r::needs_approval;
    let query = match standing {
        None => query,
        Some(Standing::Shown) => query.filter(not(waited_for)),
        Some(Standing::Declined) => query.filter(r::declined_at.is_not_null()),
        Some(Standing::Expired) => query
            .filter(waited_for.and(r::expires_at.le(now)))
            .filter(r::declined_at.is_null()),
        Some(Standing::Approved) => query
            .filter(waited_for.and(r::expires_at.gt(now)))
            .filter(r::approved_at.is_not_null()),
        Some(Standing::Pending) => query
            .filter(waited_for.and(r::expires_at.gt(now)))
            .filter(r::approved_at.is_null()),
    };
    Ok(query.load(conn).await?)
}

/// Who works on a tip in its case.
#[derive(Queryable)]
pub struct Workers {
    pub opened_by: String,
    pub assignee: Option<String>,
    pub desk: String,
    /// Who brought the tip into the case.
    pub added_by: String,
}

/// Who works on a tip in its case.
pub async fn workers(conn: &mut Conn, case: Uuid, tip: Uuid) -> Result<Option<Workers>> {
    use case_members as m;
    Ok(cases::table
        .inner_join(m::table.on(m::case_id.eq(cases::id)))
        .filter(cases::id.eq(case).and(m::tip_id.eq(tip)))
        .filter(m::removed_at.is_null())
        .select((cases::opened_by, cases::assignee, cases::desk, m::added_by))
        .first(conn)
        .await
        .optional()?)
}

/// What a tip says besides its columns: the reporter's wishes among it.
pub async fn details(conn: &mut Conn, tip: Uuid) -> Result<Value> {
    Ok(tips::table
        .select(tips::details)
        .filter(tips::id.eq(tip))
        .first(conn)
        .await?)
}

/// A submission with its sealed bytes.
#[derive(HasQuery)]
#[diesel(table_name = submissions, check_for_backend(diesel::pg::Pg))]
pub struct SealedRow {
    pub id: Uuid,
    pub content_type: String,
    pub digest: Vec<u8>,
    pub key_id: String,
    pub wrapped_key: Option<Vec<u8>>,
    pub sealed: Option<Vec<u8>>,
}

/// One submission of a tip, or its first.
pub async fn sealed(conn: &mut Conn, tip: Uuid, id: Option<Uuid>) -> Result<SealedRow> {
    SealedRow::query()
        .filter(submissions::tip_id.eq(tip))
        .filter(submissions::id.ge(id.unwrap_or(Uuid::nil())))
        .filter(submissions::id.le(id.unwrap_or(Uuid::max())))
        .order(submissions::id)
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("submission"))
}

/// All submissions of a tip, oldest first: sealed, when it came, and the copy with what is withheld.
pub async fn all_sealed(
    conn: &mut Conn,
    tip: Uuid,
) -> Result<Vec<(SealedRow, DateTime<Utc>, Value)>> {
    use submissions as s;
    Ok(s::table
        .filter(s::tip_id.eq(tip))
        .order(s::id)
        .select((SealedRow::as_select(), s::received_at, s::body))
        .load(conn)
        .await?)
}

/// To whom tips of one reporter are shown, when, and whether each takes a second officer.
pub struct Shown<'a> {
    pub by: &'a str,
    pub at: DateTime<Utc>,
    pub all_need_approval: bool,
}

impl<'a> Shown<'a> {
    /// Of these tips those whose reporter asked for no secrecy, or whose identity was approved for this officer.
    fn of(&self, tips: tip_states::BoxedQuery<'a, Pg>) -> tip_states::BoxedQuery<'a, Pg> {
        use reveals as r;
        let approved = r::table
            .filter(r::tip_id.eq(tip_states::tip_id))
            .filter(r::subject.eq("identity"))
            .filter(r::requested_by.eq(self.by))
            .filter(r::approved_at.is_not_null().and(r::expires_at.gt(self.at)));
        if self.all_need_approval {
            return tips.filter(exists(approved));
        }
        let secret = tips::table
            .filter(tips::id.eq(tip_states::tip_id))
            .filter(sql::<Bool>(SECRET));
        tips.filter(not(exists(secret)).or(exists(approved)))
    }
}

/// Whose reporter asked for secrecy.
const SECRET: &str = "tips.details @> '{\"keep_secret\": true}'";

/// Whether it may be looked for other tips of the reporter of this one.
pub async fn may_be_known(conn: &mut Conn, tip: Uuid, shown: &Shown<'_>) -> Result<bool> {
    let this = tip_states::table.filter(tip_states::tip_id.eq(tip));
    let known: Option<Uuid> = shown
        .of(this.into_boxed())
        .select(tip_states::tip_id)
        .first(conn)
        .await
        .optional()?;
    Ok(known.is_some())
}

/// Other tips whose reporter has a phone, e-mail or ID number in common, as far as they may be shown; newest first,
/// before an id, one more than `limit`.
pub async fn same_reporter(
    conn: &mut Conn,
    visible: &Visibility,
    tip: Uuid,
    shown: &Shown<'_>,
    (before, limit): (Option<Uuid>, i64),
) -> Result<Vec<TipState>> {
    use reporter_blind_indexes as b;
    let (mine, other) = diesel::alias!(
        reporter_blind_indexes as mine,
        reporter_blind_indexes as other
    );
    let hashes = mine
        .select(mine.field(b::hash))
        .filter(mine.field(b::tip_id).eq(tip));
    let found = other
        .select(other.field(b::tip_id))
        .filter(other.field(b::hash).eq_any(hashes));
    Ok(shown
        .of(visible.confine(tip_states::table.into_boxed()))
        .filter(tip_states::tip_id.eq_any(found))
        .filter(tip_states::tip_id.ne(tip))
        .filter(tip_states::tip_id.lt(before.unwrap_or(Uuid::max())))
        .order(tip_states::tip_id.desc())
        .limit(limit + 1)
        .select(TipState::as_select())
        .load(conn)
        .await?)
}

/// The withheld pointer of what names potential victims.
const VICTIMS: &str = "withheld @> '[\"/potential_victims\"]'";

/// Submissions of a tip that name potential victims, oldest first.
pub async fn naming_victims(conn: &mut Conn, tip: Uuid) -> Result<Vec<(SealedRow, DateTime<Utc>)>> {
    Ok(submissions::table
        .filter(submissions::tip_id.eq(tip))
        .filter(sql::<Bool>(VICTIMS))
        .order(submissions::id)
        .select((SealedRow::as_select(), submissions::received_at))
        .load(conn)
        .await?)
}

/// The ground for keeping the potential victims of a tip.
#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = potential_victim_grounds, check_for_backend(diesel::pg::Pg))]
pub struct GroundRow {
    pub tip_id: Uuid,
    pub ground: String,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
}

/// Whether a ground is recorded, or a case that the tip belongs or belonged to is held.
pub async fn are_kept(conn: &mut Conn, tip: Uuid) -> Result<bool> {
    let grounds = potential_victim_grounds::table.find(tip);
    let held = case_members::table
        .inner_join(case_holds::table.on(case_holds::case_id.eq(case_members::case_id)))
        .filter(case_members::tip_id.eq(tip));
    Ok(diesel::select(exists(grounds).or(exists(held)))
        .get_result(conn)
        .await?)
}

/// Records a ground, or replaces it.
pub async fn save_ground(conn: &mut Conn, row: &GroundRow) -> Result<()> {
    use potential_victim_grounds as g;
    diesel::insert_into(g::table)
        .values(row)
        .on_conflict(g::tip_id)
        .do_update()
        .set(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a ground, and with it what it keeps; returns whether there was one.
pub async fn end_ground(conn: &mut Conn, tip: Uuid) -> Result<bool> {
    let ended = diesel::delete(potential_victim_grounds::table.find(tip));
    Ok(ended.execute(conn).await? == 1)
}

/// Destroys the keys of submissions that name potential victims and came before a time, unless a
/// ground is recorded or a case of the tip is held; returns the tips.
pub async fn erase_victims(conn: &mut Conn, before: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let rows: Vec<TipId> = diesel::sql_query(
        "update submissions s set wrapped_key = null, sealed = null
         where s.received_at < $1 and s.withheld @> '[\"/potential_victims\"]' and s.wrapped_key is not null
           and not exists (select 1 from potential_victim_grounds g where g.tip_id = s.tip_id)
           and not exists (select 1 from case_members m join case_holds h on h.case_id = m.case_id
                           where m.tip_id = s.tip_id)
         returning s.tip_id",
    )
    .bind::<diesel::sql_types::Timestamptz, _>(before)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.tip_id).collect())
}

#[derive(QueryableByName)]
struct TipId {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    tip_id: Uuid,
}
