//! SQL of cases.

mod from_tips;
mod holds;
mod keeping;
mod list;
mod visible;

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::NewCase;
use crate::db::Conn;
use crate::db::schema::{case_acts as a, case_members as m, case_notes as n, cases as c};
use crate::error::{Error, Result};
use crate::tips::Visibility;

pub use from_tips::{FromTips, from_tips, from_tips_of};
pub use holds::{HoldRow, ask_to_lift, hold, holds, is_held, lift_hold, set_hold};
pub use keeping::{Keep, keeper};
pub use list::{After, Sort, Wanted, page};
pub use visible::visible_ids;

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

pub(super) async fn insert(
    conn: &mut Conn,
    id: Uuid,
    new: &NewCase,
    by: &str,
    prefix: &str,
    now: DateTime<Utc>,
) -> Result<String> {
    let year = crate::tips::background::hanoi_year(now);
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

fn confine<'a>(
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
    find_case(conn, id, visible).await?;
    CaseRow::query()
        .filter(c::id.eq(id))
        .for_update()
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("case"))
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

/// Writes how urgent the most urgent of its tips is.
pub async fn set_score(conn: &mut Conn, id: Uuid) -> Result<()> {
    diesel::sql_query(
        "update cases set score = coalesce((
            select max(s.score) from case_members m join tip_states s on s.tip_id = m.tip_id
            where m.case_id = $1 and m.removed_at is null), 0)
         where id = $1",
    )
    .bind::<st::Uuid, _>(id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes when the next deadline ends and what is announced next.
pub async fn set_due(
    conn: &mut Conn,
    id: Uuid,
    next_due_at: Option<DateTime<Utc>>,
    announce_at: Option<DateTime<Utc>>,
    announced_until: DateTime<Utc>,
) -> Result<()> {
    diesel::update(c::table.filter(c::id.eq(id)))
        .set((
            c::next_due_at.eq(next_due_at),
            c::announce_at.eq(announce_at),
            c::announced_until.eq(announced_until),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Until when everything is announced.
pub async fn announced_until(conn: &mut Conn, id: Uuid) -> Result<Option<DateTime<Utc>>> {
    Ok(c::table
        .select(c::announced_until)
        .filter(c::id.eq(id))
        .first(conn)
        .await?)
}

/// An act.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = a, check_for_backend(diesel::pg::Pg))]
pub struct ActRow {
    pub id: Uuid,
    pub case_id: Uuid,
    pub act: String,
    pub at: DateTime<Utc>,
    pub by: String,
    pub recorded_at: DateTime<Utc>,
    pub legal_basis: Option<String>,
    pub document_number: Option<String>,
    pub note: Option<String>,
}

/// Adds acts.
pub async fn insert_acts(conn: &mut Conn, rows: &[ActRow]) -> Result<()> {
    diesel::insert_into(a::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}

/// All acts of a case, in their order.
pub async fn acts(conn: &mut Conn, case: Uuid) -> Result<Vec<ActRow>> {
    Ok(ActRow::query()
        .filter(a::case_id.eq(case))
        .order((a::at, a::id))
        .load(conn)
        .await?)
}

/// The acts of some cases, each case's in their order.
pub async fn acts_of(conn: &mut Conn, cases: &[Uuid]) -> Result<Vec<ActRow>> {
    Ok(ActRow::query()
        .filter(a::case_id.eq_any(cases))
        .order((a::case_id, a::at, a::id))
        .load(conn)
        .await?)
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

/// A tip's membership.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = m, check_for_backend(diesel::pg::Pg))]
pub struct MemberRow {
    pub id: Uuid,
    pub case_id: Uuid,
    pub tip_id: Uuid,
    pub added_by: String,
    pub added_at: DateTime<Utc>,
    pub removed_by: Option<String>,
    pub removed_at: Option<DateTime<Utc>>,
    pub from_case: Option<Uuid>,
}

/// Adds memberships.
pub async fn insert_members(conn: &mut Conn, rows: &[MemberRow]) -> Result<()> {
    diesel::insert_into(m::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}

/// Current members of a case, or of all cases that it took over with `from`.
pub async fn members(conn: &mut Conn, case: Uuid) -> Result<Vec<MemberRow>> {
    Ok(MemberRow::query()
        .filter(m::case_id.eq(case).and(m::removed_at.is_null()))
        .order(m::added_at)
        .load(conn)
        .await?)
}

/// Ends memberships of tips.
pub async fn end_members(
    conn: &mut Conn,
    case: Uuid,
    tips: &[Uuid],
    by: &str,
    at: DateTime<Utc>,
) -> Result<usize> {
    Ok(diesel::update(
        m::table.filter(
            m::case_id
                .eq(case)
                .and(m::removed_at.is_null())
                .and(m::tip_id.eq_any(tips)),
        ),
    )
    .set((m::removed_by.eq(by), m::removed_at.eq(at)))
    .execute(conn)
    .await?)
}

/// Sums over the tips of cases.
#[derive(QueryableByName, Clone, Debug, Default)]
pub struct Totals {
    #[diesel(sql_type = st::Uuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = st::BigInt)]
    pub tips: i64,
    #[diesel(sql_type = st::BigInt)]
    pub victims: i64,
    #[diesel(sql_type = st::BigInt)]
    pub losses_vnd: i64,
    /// What banks froze by referrals of the case and of its tips.
    #[diesel(sql_type = st::BigInt)]
    pub recovered_vnd: i64,
    #[diesel(sql_type = st::Array<st::Uuid>)]
    pub tip_ids: Vec<Uuid>,
}

/// What banks froze by referrals of a case `c`, of its tips, and of the cases that it took over with those
/// that these had taken over before, in đồng.
pub const RECOVERED: &str =
    "least((select coalesce(sum(r.answer_amount_vnd), 0) from case_members x
      join referrals r on r.tip_id = x.tip_id and r.kind = 'freeze_funds'
      where x.case_id = c.id and x.removed_at is null)
     + (with recursive taken (id) as (
          select c.id union select o.id from cases o join taken on o.merged_into = taken.id)
        select coalesce(sum(r.answer_amount_vnd), 0) from taken
        join referrals r on r.case_id = taken.id
        where r.tip_id is null and r.kind = 'freeze_funds'), 9223372036854775807)::bigint";

/// Totals of some cases; at most 200 tip ids each.
pub async fn totals(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Totals>> {
    let sql = format!(
        "select c.id as case_id, count(t.id) as tips,
                count(t.id) filter (where coalesce(t.details #>> '{{victim,relation}}', '') <> 'no_victim' and t.loss_vnd > 0) as victims,
                least(coalesce(sum(t.loss_vnd), 0), 9223372036854775807)::bigint as losses_vnd,
                {RECOVERED} as recovered_vnd,
                coalesce((array_agg(m.tip_id order by m.added_at, m.tip_id) filter (where m.tip_id is not null))[1:200], '{{}}') as tip_ids
         from cases c
         left join case_members m on m.case_id = c.id and m.removed_at is null
         left join tips t on t.id = m.tip_id
         where c.id = any($1) group by c.id"
    );
    Ok(diesel::sql_query(sql)
        .bind::<st::Array<st::Uuid>, _>(ids)
        .load(conn)
        .await?)
}

/// A note.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = n, check_for_backend(diesel::pg::Pg))]
pub struct NoteRow {
    pub id: Uuid,
    pub case_id: Uuid,
    pub author: String,
    pub text: String,
    pub created_at: DateTime<Utc>,
}

/// Adds a note.
pub async fn insert_note(conn: &mut Conn, row: &NoteRow) -> Result<()> {
    diesel::insert_into(n::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes of a case, newest first, before an id; one more than `limit`.
pub async fn notes(
    conn: &mut Conn,
    case: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<NoteRow>> {
    Ok(NoteRow::query()
        .filter(n::case_id.eq(case))
        .filter(n::id.lt(before.unwrap_or(Uuid::max())))
        .order(n::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// Has the announcer look at the clock of a tip's case anew: what its reporter was told, or who it is, has changed.
pub async fn look_again_at(conn: &mut Conn, tip: Uuid, at: DateTime<Utc>) -> Result<()> {
    diesel::sql_query(
        "update cases set announce_at = least(announce_at, $2)
         where id = (select case_id from tip_states where tip_id = $1)",
    )
    .bind::<st::Uuid, _>(tip)
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Has the announcer look at every running clock anew, at a time.
pub async fn look_again(conn: &mut Conn, at: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::sql_query(
        "update cases set announce_at = least(announce_at, $1)
         where next_due_at is not null and merged_into is null",
    )
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?)
}

/// Where the last memberships of these tips in a case came from.
pub async fn came_from(
    conn: &mut Conn,
    case: Uuid,
    tips: &[Uuid],
) -> Result<std::collections::HashMap<Uuid, Option<Uuid>>> {
    let rows: Vec<(Uuid, Option<Uuid>)> = m::table
        .filter(m::case_id.eq(case).and(m::tip_id.eq_any(tips)))
        .order((m::added_at, m::id))
        .select((m::tip_id, m::from_case))
        .load(conn)
        .await?;
    // A later membership takes the place of an earlier one.
    Ok(rows.into_iter().collect())
}

/// Cases with something to announce, locked, and since when nothing was announced.
pub async fn to_announce(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(CaseRow, DateTime<Utc>)>> {
    let rows: Vec<(CaseRow, Option<DateTime<Utc>>)> = c::table
        .filter(c::announce_at.le(now))
        .filter(c::merged_into.is_null())
        .order(c::announce_at)
        .limit(limit)
        .select((CaseRow::as_select(), c::announced_until))
        .for_update()
        .skip_locked()
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(case, since)| (case, since.unwrap_or(now)))
        .collect())
}

/// An edge of the graph.
#[derive(QueryableByName, Clone, Debug)]
pub struct EdgeRow {
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Uuid)]
    pub indicator_id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub kind: String,
    #[diesel(sql_type = st::Text)]
    pub value: String,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub role: Option<String>,
}

/// Edges from some tips to indicators.
pub async fn edges(conn: &mut Conn, tips: &[Uuid], limit: i64) -> Result<Vec<EdgeRow>> {
    Ok(diesel::sql_query(
        "select e.tip_id, i.id as indicator_id, i.kind, i.value, e.role
         from tip_indicators e join indicators i on i.key = e.indicator_key
         where e.tip_id = any($1) order by e.tip_id, e.ordinal limit $2",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// Open tips of a desk (or all) with their indicators, the most urgent first: what suggestions are drawn from. Of each
/// indicator at most `each` edges; official ones and senders of SMS, which anybody can put on, are left out.
pub async fn open_edges(
    conn: &mut Conn,
    visible: &Visibility,
    tips: i64,
    each: i64,
) -> Result<Vec<EdgeRow>> {
    Ok(diesel::sql_query(
        "select tip_id, indicator_id, kind, value, role
         from (select e.tip_id, i.id as indicator_id, i.kind, i.value, e.role,
                      row_number() over (partition by i.key order by t.score desc, t.tip_id) as n
               from (select tip_id, score from tip_states
                     where status in ('received', 'claimed', 'info_requested') and not test
                       and ($3::text is null or desk = $3) and ($4::text[] is null or unit_code = any($4))
                     order by score desc, tip_id limit $1) t
               join tip_indicators e on e.tip_id = t.tip_id
               join indicators i on i.key = e.indicator_key
               where i.kind <> 'sms_sender'
                 and not exists (select from indicator_verdicts v
                                 where v.key = i.key and v.ended_at is null and v.verdict = 'official')) all_edges
         where n <= $2",
    )
    .bind::<st::BigInt, _>(tips)
    .bind::<st::BigInt, _>(each)
    .bind::<st::Nullable<st::Text>, _>(visible.desk())
    .bind::<st::Nullable<st::Array<st::Text>>, _>(visible.units())
    .load(conn)
    .await?)
}

/// Reception of the earliest tip of a case.
pub async fn earliest(conn: &mut Conn, case: Uuid) -> Result<Option<DateTime<Utc>>> {
    use crate::db::schema::tips as t;
    Ok(m::table
        .inner_join(t::table)
        .filter(m::case_id.eq(case).and(m::removed_at.is_null()))
        .select(diesel::dsl::min(t::received_at))
        .first(conn)
        .await?)
}

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = st::BigInt)]
    position: i64,
}

/// What happened to a case and its tips, newest first, before a position. A tip brings its history along; what
/// happens to it after it has left belongs to the case no more. Of each tip only the newest few are looked up, so
/// that the cost follows the number of tips and not of what happened to them.
pub async fn timeline(
    conn: &mut Conn,
    case: Uuid,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<crate::journal::Record>> {
    use crate::db::schema::journal as j;
    let found: Vec<Position> = diesel::sql_query(
        "select j.position
         from (select $1 as id, null::timestamptz as until, true as is_case
               union all
               select tip_id, case when bool_and(removed_at is not null) then max(removed_at) end, false
               from case_members where case_id = $1 group by tip_id) s
         cross join lateral (
            select position from journal
            where subject_id = s.id and position < $2 and (is_event or s.is_case)
              and (s.until is null or at <= s.until)
            order by position desc limit $3) j
         order by j.position desc limit $3",
    )
    .bind::<st::Uuid, _>(case)
    .bind::<st::BigInt, _>(before.unwrap_or(i64::MAX))
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?;
    let positions: Vec<i64> = found.into_iter().map(|row| row.position).collect();
    Ok(j::table
        .select(crate::journal::Record::as_select())
        .filter(j::position.eq_any(positions))
        .order(j::position.desc())
        .load(conn)
        .await?)
}
