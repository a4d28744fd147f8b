//! SQL of the statistics. Costs are those of a million tips in the period on two cores; a usual month
//! has a tenth.

pub mod campaigns;
pub mod public;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;

use crate::cases::{RECOVERED, Tally};
use crate::db::Conn;
use crate::domain::period::{Period, Step};
use crate::error::Result;
use crate::tips::Visibility;

/// What is counted: whose tips, of when, as of now.
pub struct Scope<'a> {
    /// What the bearer may see.
    pub visible: &'a Visibility,
    /// When received.
    pub period: Period,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What tips are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Nothing.
    None,
    /// Methods: the officer's, each counted, else the reporter's.
    Method,
    /// The first of these, so that the groups add up to the total.
    MainMethod,
    /// Communes.
    Unit,
    /// Desks.
    Desk,
}

impl Key {
    /// Expression and further `from` item.
    const fn sql(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("null::text", ""),
            Self::Method => (
                "m.code",
                " cross join lateral unnest(case when s.methods = '{}' then array[s.method] else s.methods end) as m (code)",
            ),
            Self::MainMethod => ("coalesce(s.methods[1], s.method)", ""),
            Self::Unit => ("s.unit_code", ""),
            Self::Desk => ("s.desk", ""),
        }
    }
}

/// Tips of the period that the bearer may see, without trials; `$5` is the time.
const OWN: &str = "s.received_at >= $1 and s.received_at < $2 and not s.test
    and ($3::text is null or s.desk = $3) and ($4::text[] is null or s.unit_code = any($4))";
/// When a tip was classified, and until when it had to be: of one that came back after its decision, the first
/// time counts.
const FIRST: &str = " left join first_classifications f on f.tip_id = s.tip_id";
const CLASSIFIED: &str = "coalesce(f.at, s.classified_at)";
const DUE: &str = "coalesce(f.due_at, s.due_at)";
/// Whether the deadline of classification is reached, by time or because it was met.
const REACHED: &str = "coalesce(f.due_at, s.due_at) is not null
    and (coalesce(f.due_at, s.due_at) <= $5 or coalesce(f.at, s.classified_at) is not null)";
/// Whether it was missed.
const MISSED: &str = "coalesce(f.due_at, s.due_at) < coalesce(f.at, s.classified_at, $5)";

/// Counts of a group of tips.
#[derive(Clone, Debug, Default, QueryableByName)]
pub struct GroupRow {
    /// First day of the step, where steps are asked for.
    #[diesel(sql_type = st::Nullable<st::Date>)]
    pub start: Option<NaiveDate>,
    /// Code of the group.
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub code: Option<String>,
    #[diesel(sql_type = st::BigInt)]
    pub tips: i64,
    #[diesel(sql_type = st::BigInt)]
    pub accepted: i64,
    #[diesel(sql_type = st::BigInt)]
    pub losses_vnd: i64,
    #[diesel(sql_type = st::BigInt)]
    pub reached: i64,
    #[diesel(sql_type = st::BigInt)]
    pub missed: i64,
}

/// Tips by group and step, the largest group first.
///
/// Cost: states by the block range index, losses from the index alone, one hash join: 1.5 s.
pub async fn grouped(
    conn: &mut Conn,
    scope: &Scope<'_>,
    key: Key,
    step: Option<Step>,
) -> Result<Vec<GroupRow>> {
    let (code, join) = key.sql();
    let start = match step {
        None => "null::date".to_owned(),
        Some(step) => format!(
            "date_trunc('{}', s.received_at at time zone interval '7 hours')::date",
            step.as_str()
        ),
    };
    let sql = format!(
        "select {start} as start, {code} as code, count(*) as tips,
                count(*) filter (where s.status = 'accepted') as accepted,
                least(coalesce(sum(t.loss_vnd), 0), 9223372036854775807)::bigint as losses_vnd,
                count(*) filter (where {REACHED}) as reached,
                count(*) filter (where {REACHED} and {MISSED}) as missed
         from tip_states s
         join tips t on t.id = s.tip_id and t.received_at >= $1 and t.received_at < $2{FIRST}{join}
         where {OWN} group by 1, 2 order by 1, 3 desc, 2"
    );
    Ok(bound(sql, scope).load(conn).await?)
}

/// How many tips stand where, are how urgent, came how.
#[derive(Debug, QueryableByName)]
pub struct KindRow {
    #[diesel(sql_type = st::Text)]
    pub status: String,
    #[diesel(sql_type = st::Text)]
    pub level: String,
    #[diesel(sql_type = st::Text)]
    pub source_kind: String,
    #[diesel(sql_type = st::BigInt)]
    pub tips: i64,
}

/// Tips by status, level and kind of source: at most 96 rows. A lease that has run out claims nothing.
///
/// Cost: states alone, 0.4 s.
pub async fn kinds(conn: &mut Conn, scope: &Scope<'_>) -> Result<Vec<KindRow>> {
    let sql = format!(
        "select case when s.status = 'claimed' and s.lease_expires_at <= $5 then 'received' else s.status end as status,
                s.level, s.source_kind, count(*) as tips
         from tip_states s where {OWN} group by 1, 2, 3"
    );
    Ok(bound(sql, scope).load(conn).await?)
}

/// Minutes from reception to the first claim and to the classification.
#[derive(Debug, QueryableByName)]
pub struct TimesRow {
    #[diesel(sql_type = st::BigInt)]
    pub claimed: i64,
    #[diesel(sql_type = st::Nullable<st::Array<st::Double>>)]
    pub to_claim: Option<Vec<f64>>,
    #[diesel(sql_type = st::BigInt)]
    pub decided: i64,
    #[diesel(sql_type = st::Nullable<st::Array<st::Double>>)]
    pub to_decision: Option<Vec<f64>>,
}

/// Medians and ninetieth percentiles.
///
/// Cost: states alone, and two sorts of a number each: 1 s.
pub async fn times(conn: &mut Conn, scope: &Scope<'_>) -> Result<TimesRow> {
    let minutes = |end: &str| {
        format!(
            "percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from {end} - s.received_at)::float8 / 60)"
        )
    };
    let sql = format!(
        "select count(s.first_claimed_at) as claimed, {} as to_claim, count({CLASSIFIED}) as decided, {} as to_decision
         from tip_states s{FIRST} where {OWN} and $5::timestamptz is not null",
        minutes("s.first_claimed_at"),
        minutes(CLASSIFIED)
    );
    Ok(bound(sql, scope).get_result(conn).await?)
}

#[derive(QueryableByName)]
struct ClassifiedRow {
    #[diesel(sql_type = st::BigInt)]
    met: i64,
    #[diesel(sql_type = st::BigInt)]
    late: i64,
    #[diesel(sql_type = st::BigInt)]
    overdue: i64,
    #[diesel(sql_type = st::BigInt)]
    pending: i64,
}

/// How the deadline of classification was kept by the tips of the period.
///
/// Cost: states alone, 0.4 s.
pub async fn classified(conn: &mut Conn, scope: &Scope<'_>) -> Result<Tally> {
    let sql = format!(
        "select count(*) filter (where classified_at <= due_at) as met,
                count(*) filter (where classified_at > due_at) as late,
                count(*) filter (where classified_at is null and due_at <= $5) as overdue,
                count(*) filter (where classified_at is null and due_at > $5) as pending
         from (select {CLASSIFIED} as classified_at, {DUE} as due_at from tip_states s{FIRST} where {OWN}) s"
    );
    let row: ClassifiedRow = bound(sql, scope).get_result(conn).await?;
    Ok(Tally {
        met: row.met,
        late: row.late,
        overdue: row.overdue,
        pending: row.pending,
    })
}

/// Cases of the period.
#[derive(Debug, QueryableByName)]
pub struct CasesRow {
    #[diesel(sql_type = st::BigInt)]
    pub opened: i64,
    #[diesel(sql_type = st::BigInt)]
    pub decided: i64,
    #[diesel(sql_type = st::BigInt)]
    pub recovered_vnd: i64,
}

/// Cases that a bearer may see.
const OWN_CASES: &str = "c.merged_into is null and ($3::text is null or c.desk = $3)
    and ($4::text[] is null or c.id in (select m.case_id from case_members m join tip_states s on s.tip_id = m.tip_id
                                        where m.removed_at is null and s.unit_code = any($4)))";

/// Cases opened in the period, what was recovered in them and for tips of no case, and cases decided in it.
///
/// Cost: cases by their index with two look-ups each, acts in one pass: 1 s for 100,000 cases.
pub async fn cases(conn: &mut Conn, scope: &Scope<'_>) -> Result<CasesRow> {
    let sql = format!(
        "select (select count(*) from cases c where c.opened_at >= $1 and c.opened_at < $2 and {OWN_CASES}) as opened,
                least((select coalesce(sum({RECOVERED}), 0) from cases c
                       where c.opened_at >= $1 and c.opened_at < $2 and {OWN_CASES})
                    + (select coalesce(sum(coalesce(f.counted_vnd, r.answer_amount_vnd)), 0) from referrals r
                       left join freeze_counts f on f.referral_id = r.id
                       join tip_states s on s.tip_id = r.tip_id and s.case_id is null and not s.test
                       where r.kind = 'freeze_funds' and r.answer_amount_vnd > 0
                         and s.received_at >= $1 and s.received_at < $2
                         and ($3::text is null or s.desk = $3)
                         and ($4::text[] is null or s.unit_code = any($4))), 9223372036854775807)::bigint
                    as recovered_vnd,
                (select count(distinct a.case_id) from case_acts a join cases c on c.id = a.case_id
                 where a.at >= $1 and a.at < $2 and {OWN_CASES}
                   and a.act in ('prosecuted', 'not_prosecuted', 'suspended', 'transferred_out')) as decided
         where $5::timestamptz is not null"
    );
    Ok(bound(sql, scope).get_result(conn).await?)
}

/// Indicators of a kind.
#[derive(Clone, Debug, Default, QueryableByName)]
pub struct IndicatorRow {
    /// First day of the step, where steps are asked for.
    #[diesel(sql_type = st::Nullable<st::Date>)]
    pub start: Option<NaiveDate>,
    #[diesel(sql_type = st::Text)]
    pub kind: String,
    #[diesel(sql_type = st::BigInt)]
    pub first_reported: i64,
    #[diesel(sql_type = st::BigInt)]
    pub confirmed: i64,
}

/// Indicators first reported and confirmed in the period, by kind and step. A confined bearer gets
/// those that a tip of theirs names.
///
/// Cost: one pass over the figures of two million indicators, 0.5 s; confined, one look-up each.
pub async fn indicators(
    conn: &mut Conn,
    scope: &Scope<'_>,
    step: Option<Step>,
) -> Result<Vec<IndicatorRow>> {
    let start = match step {
        None => "null::date".to_owned(),
        Some(step) => format!(
            "date_trunc('{}', e.at at time zone interval '7 hours')::date",
            step.as_str()
        ),
    };
    let sql = format!(
        "select {start} as start, i.kind, count(*) filter (where not e.confirmed) as first_reported,
                count(*) filter (where e.confirmed) as confirmed
         from (select key, first_reported as at, false as confirmed from indicator_figures
               where first_reported >= $1 and first_reported < $2
               union all
               select key, approved_at, true from indicator_verdicts
               where verdict = 'confirmed_scam' and approved_at >= $1 and approved_at < $2) e
         join indicators i on i.key = e.key
         where $5::timestamptz is not null
           and ($3::text is null and $4::text[] is null or exists (
               select from tip_indicators n join tip_states s on s.tip_id = n.tip_id
               where n.indicator_key = e.key and not s.test
                 and ($3::text is null or s.desk = $3) and ($4::text[] is null or s.unit_code = any($4))))
         group by 1, 2 order by 1, 3 desc, 2"
    );
    Ok(bound(sql, scope).load(conn).await?)
}

type Bound =
    diesel::query_builder::BoxedSqlQuery<'static, diesel::pg::Pg, diesel::query_builder::SqlQuery>;

fn bound(sql: String, scope: &Scope<'_>) -> Bound {
    diesel::sql_query(sql)
        .into_boxed()
        .bind::<st::Timestamptz, _>(scope.period.from)
        .bind::<st::Timestamptz, _>(scope.period.to)
        .bind::<st::Nullable<st::Text>, _>(scope.visible.desk().map(str::to_owned))
        .bind::<st::Nullable<st::Array<st::Text>>, _>(scope.visible.units().map(<[String]>::to_vec))
        .bind::<st::Timestamptz, _>(scope.now)
}
