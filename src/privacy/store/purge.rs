//! SQL of what ends: which rows are due, locked for one batch, and how they end.
//!
//! "Kept" stands in one place: a tip or case that a hold or an open case keeps is due for nothing.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{
    case_acts, case_notes, cases, indicator_appeals, privacy_requests, referral_messages, referrals,
};
use crate::error::Result;
use crate::privacy::class::{Class, ENDED_CASES};

/// Tips that ended without a case; the very words of the partial indexes, or they are not used.
const ENDED_TIPS: &str = "s.status in ('dismissed', 'duplicate', 'transferred', 'withdrawn')
    and s.decided_at < $1 and not s.test";

/// A tip `s` is kept while a case that it ever belonged to is held, and as a duplicate while its
/// original belongs to a case that is open or held.
const TIP_KEPT: &str = "(s.case_id is not null
    or exists (select 1 from case_members m join case_holds h on h.case_id = m.case_id
               where m.tip_id = s.tip_id)
    or exists (select 1 from tip_decisions d
               join tip_states o on o.tip_id = d.duplicate_of
               join cases oc on oc.id = o.case_id
               where d.tip_id = s.tip_id and d.undone_at is null
                 and (oc.state <> all($2)
                      or exists (select 1 from case_members m join case_holds h on h.case_id = m.case_id
                                 where m.tip_id = o.tip_id))))";

/// Cases on their own that ended; their term counts from the last act recorded or tip added.
const ENDED_CASE: &str = "c.state = any($2) and c.merged_into is null and c.purged_at is null
    and greatest(c.opened_at, (select max(a.recorded_at) from case_acts a where a.case_id = c.id),
                 (select max(m.added_at) from case_members m where m.case_id = c.id)) < $1";

/// A case `c` is kept while it is held, or one that it took over, or one that any of its tips ever
/// belonged to.
const CASE_KEPT: &str = "(exists (with recursive family (id) as (
            select c.id union select x.id from cases x join family f on x.merged_into = f.id)
        select 1 from family f join case_holds h on h.case_id = f.id)
    or exists (select 1 from case_members m join case_members e on e.tip_id = m.tip_id
               join case_holds h on h.case_id = e.case_id
               where m.case_id = c.id and m.removed_at is null))";

/// What is due of a class, as `from … where …` with `{kept}` for the condition that keeps.
struct Due {
    /// What a batch takes.
    id: &'static str,
    /// When it ended.
    ended: &'static str,
    from: &'static str,
    condition: String,
    kept: &'static str,
    /// The tables whose rows a batch locks.
    lock: &'static str,
}

fn due(class: Class) -> Due {
    let ended = "s.decided_at";
    let tips = |from, more: &str, id, lock| Due {
        id,
        ended,
        from,
        condition: format!("{ENDED_TIPS}{more}"),
        kept: TIP_KEPT,
        lock,
    };
    let cases = |from, more: &str, id, lock| Due {
        id,
        ended: "c.opened_at",
        from,
        condition: format!("{ENDED_CASE}{more}"),
        kept: CASE_KEPT,
        lock,
    };
    let decided = |from| Due {
        id: "r.id",
        ended: "r.decided_at",
        from,
        // $2 belongs to the conditions of the other classes.
        condition: "r.decided_at < $1 and $2 is not null".to_owned(),
        kept: "false",
        lock: "r",
    };
    match class {
        Class::ReporterIdentities => tips(
            "tip_states s",
            " and s.anonymised_at is null",
            "s.tip_id",
            "s",
        ),
        Class::Evidence => tips(
            "attachments f join tip_states s on s.tip_id = f.tip_id",
            "",
            "f.id",
            "f",
        ),
        // Persons who are looked for hang on their tip.
        Class::Tips => tips(
            "tip_states s",
            " and not exists (select from potential_victim_grounds g where g.tip_id = s.tip_id)",
            "s.tip_id",
            "s",
        ),
        Class::CaseIdentities => cases(
            "cases c join tip_states s on s.case_id = c.id",
            " and s.anonymised_at is null",
            "s.tip_id",
            "c, s",
        ),
        Class::Cases => cases("cases c", "", "c.id", "c"),
        Class::Appeals => decided("indicator_appeals r"),
        Class::PrivacyRequests => decided("privacy_requests r"),
    }
}

fn ended_cases() -> Vec<&'static str> {
    ENDED_CASES.iter().map(|state| state.as_str()).collect()
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
}

/// Locks one batch of what is due.
pub async fn take(
    conn: &mut Conn,
    class: Class,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Uuid>> {
    let Due {
        id,
        ended,
        from,
        condition,
        kept,
        lock,
    } = due(class);
    let rows: Vec<Id> = diesel::sql_query(format!(
        "select {id} as id from {from} where {condition} and not {kept}
         order by {ended}, {id} limit $3 for update of {lock} skip locked"
    ))
    .bind::<st::Timestamptz, _>(before)
    .bind::<st::Array<st::Text>, _>(ended_cases())
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct Flag {
    #[diesel(sql_type = st::Bool)]
    flag: bool,
}

/// Whether a tip is kept by a case or a hold.
pub async fn is_kept(conn: &mut Conn, tip: Uuid) -> Result<bool> {
    let row: Option<Flag> = diesel::sql_query(format!(
        "select {TIP_KEPT} as flag from tip_states s where s.tip_id = $1"
    ))
    .bind::<st::Uuid, _>(tip)
    .bind::<st::Array<st::Text>, _>(ended_cases())
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.is_some_and(|row| row.flag))
}

/// What a run would end.
#[derive(QueryableByName, Default)]
pub struct Count {
    /// How much is due.
    #[diesel(sql_type = st::BigInt)]
    pub due: i64,
    /// How much would be due, were it not kept.
    #[diesel(sql_type = st::BigInt)]
    pub kept: i64,
    /// When the oldest that is due ended.
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    pub oldest: Option<DateTime<Utc>>,
}

/// Counts what is due.
pub async fn count(conn: &mut Conn, class: Class, before: DateTime<Utc>) -> Result<Count> {
    let Due {
        ended,
        from,
        condition,
        kept,
        ..
    } = due(class);
    Ok(diesel::sql_query(format!(
        "select count(*) filter (where not kept) as due, count(*) filter (where kept) as kept,
                min(ended) filter (where not kept) as oldest
         from (select {ended} as ended, {kept} as kept from {from} where {condition}) d"
    ))
    .bind::<st::Timestamptz, _>(before)
    .bind::<st::Array<st::Text>, _>(ended_cases())
    .get_result(conn)
    .await?)
}

/// Empties the texts of referrals of these tips or cases, which otherwise stay: what was asked of
/// whom, when, and the outcome.
pub async fn forget_referrals(conn: &mut Conn, tips: &[Uuid], cases: &[Uuid]) -> Result<()> {
    use referral_messages as m;
    use referrals as f;
    let of = f::tip_id.eq_any(tips).or(f::case_id.eq_any(cases));
    let ids: Vec<Uuid> = diesel::update(f::table.filter(of))
        .set((
            f::note.eq(None::<String>),
            f::answer.eq(None::<String>),
            f::version.eq(f::version + 1),
        ))
        .returning(f::id)
        .get_results(conn)
        .await?;
    diesel::delete(m::table.filter(m::referral_id.eq_any(ids)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Some tips of a case, in the order of their ids.
pub async fn tips_of_case(conn: &mut Conn, case: Uuid, limit: i64) -> Result<Vec<Uuid>> {
    use crate::db::schema::tip_states as s;
    Ok(s::table
        .select(s::tip_id)
        .filter(s::case_id.eq(case))
        .order(s::tip_id)
        .limit(limit)
        .for_update()
        .load(conn)
        .await?)
}

/// Deletes the texts of a case and of those that it took over; numbers, states and times stay.
pub async fn empty_case(conn: &mut Conn, case: Uuid, at: DateTime<Utc>) -> Result<()> {
    let family: Vec<Id> = diesel::sql_query(
        "with recursive family (id) as (
            select $1 union select x.id from cases x join family f on x.merged_into = f.id)
         select id from family",
    )
    .bind::<st::Uuid, _>(case)
    .load(conn)
    .await?;
    let family: Vec<Uuid> = family.into_iter().map(|row| row.id).collect();
    forget_referrals(conn, &[], &family).await?;
    diesel::delete(case_notes::table.filter(case_notes::case_id.eq_any(&family)))
        .execute(conn)
        .await?;
    diesel::update(case_acts::table.filter(case_acts::case_id.eq_any(&family)))
        .set(case_acts::note.eq(None::<String>))
        .execute(conn)
        .await?;
    diesel::update(cases::table.filter(cases::id.eq_any(&family)))
        .set((
            cases::title.eq(cases::number),
            cases::summary.eq(None::<String>),
            cases::purged_at.eq(at),
            cases::updated_at.eq(at),
            cases::version.eq(cases::version + 1),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes appeals; returns the keys of the indicators that they were about.
pub async fn delete_appeals(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Vec<u8>>> {
    use indicator_appeals as a;
    Ok(diesel::delete(a::table.filter(a::id.eq_any(ids)))
        .returning(a::key)
        .get_results(conn)
        .await?)
}

/// Deletes requests of data subjects.
pub async fn delete_requests(conn: &mut Conn, ids: &[Uuid]) -> Result<()> {
    use privacy_requests as r;
    diesel::delete(r::table.filter(r::id.eq_any(ids)))
        .execute(conn)
        .await?;
    Ok(())
}
