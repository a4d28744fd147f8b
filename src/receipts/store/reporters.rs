//! SQL of the reporters of a whole case.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{reporter_news as n, tip_states as s};
use crate::domain::news::News;
use crate::error::Result;

/// What the reporter of a tip of a case was told, and how one can be.
#[derive(Clone, Debug, QueryableByName)]
pub struct Reporter {
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub number: Option<String>,
    /// Whether the tip repeats one of the case.
    #[diesel(sql_type = st::Bool)]
    pub duplicate: bool,
    #[diesel(sql_type = st::Bool)]
    pub anonymous: bool,
    #[diesel(sql_type = st::Bool)]
    pub has_receipt: bool,
    /// Whether the case began with it, so that its result is on the receipt by itself.
    #[diesel(sql_type = st::Bool)]
    pub began: bool,
    /// Whether an officer released the result.
    #[diesel(sql_type = st::Bool)]
    pub released: bool,
    /// When the police received it, be it on paper.
    #[diesel(sql_type = st::Timestamptz)]
    pub received_at: DateTime<Utc>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    decided_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    pub reception_told_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    result_told_at: Option<DateTime<Utc>>,
}

impl Reporter {
    /// Since when the result of a case that was decided at a time is owed: a tip may have joined it later.
    pub fn result_since(&self, decided: DateTime<Utc>) -> DateTime<Utc> {
        decided.max(self.decided_at.unwrap_or(decided))
    }

    /// When the reporter was told a result that there is since a time.
    pub fn told_since(&self, since: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        self.result_told_at
            .filter(|told| Some(*told) >= since && since.is_some())
    }

    /// Whether the result can be read by receipt.
    pub fn is_readable(&self) -> bool {
        self.has_receipt && (self.began || self.released)
    }
}

/// The tips of a case and those that repeat one of them, however many steps away, in the order of their ids; a page
/// of them, or all.
pub async fn reporters(
    conn: &mut Conn,
    case: Uuid,
    after: Option<Uuid>,
    limit: Option<i64>,
) -> Result<Vec<Reporter>> {
    Ok(diesel::sql_query(
        "with recursive told (tip_id, duplicate) as (
            select tip_id, false from tip_states where case_id = $1 and status = 'accepted'
            union
            select d.tip_id, true from told x
            join tip_decisions d on d.duplicate_of = x.tip_id and d.undone_at is null
            join tip_states s on s.tip_id = d.tip_id and s.status = 'duplicate'
            where not exists (
                select from tip_decisions later
                where later.tip_id = d.tip_id and later.undone_at is null
                  and (later.decided_at, later.id) > (d.decided_at, d.id)))
         select x.tip_id, g.number, x.duplicate, t.anonymous, coalesce(s.reached_at, s.received_at) as received_at,
                s.decided_at, s.reception_told_at, s.result_told_at,
                exists (select from receipts r where r.tip_id = x.tip_id and r.withdrawn_at is null) as has_receipt,
                not x.duplicate and c.received_at >= coalesce(s.reached_at, s.received_at) as began,
                exists (select from reporter_news n where n.tip_id = x.tip_id and n.code = $2) as released
         from told x
         join tip_states s on s.tip_id = x.tip_id
         join tips t on t.id = x.tip_id
         join cases c on c.id = $1
         left join register g on g.tip_id = x.tip_id
         where not s.test and ($3 is null or x.tip_id > $3)
         order by x.tip_id limit $4",
    )
    .bind::<st::Uuid, _>(case)
    .bind::<st::Text, _>(News::CaseResult.as_str())
    .bind::<st::Nullable<st::Uuid>, _>(after)
    .bind::<st::Nullable<st::BigInt>, _>(limit)
    .load(conn)
    .await?)
}

/// Puts the result of their case on the receipts of tips.
pub async fn insert_case_result(
    conn: &mut Conn,
    tips: &[Uuid],
    at: DateTime<Utc>,
    by: &str,
) -> Result<()> {
    for tips in tips.chunks(1_000) {
        let rows: Vec<_> = tips
            .iter()
            .map(|tip| {
                (
                    n::id.eq(crate::state::id_at(at)),
                    n::tip_id.eq(*tip),
                    n::code.eq(News::CaseResult.as_str()),
                    n::at.eq(at),
                    n::released_by.eq(by),
                )
            })
            .collect();
        diesel::insert_into(n::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Notes that the reporters of locked tips were told of the reception; the first time counts.
pub async fn set_reception_told(conn: &mut Conn, tips: &[Uuid], at: DateTime<Utc>) -> Result<()> {
    let untold = s::table
        .filter(s::tip_id.eq_any(tips))
        .filter(s::reception_told_at.is_null());
    diesel::update(untold)
        .set(s::reception_told_at.eq(at))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that the reporters of locked tips were told the result.
pub async fn set_result_told(conn: &mut Conn, tips: &[Uuid], at: DateTime<Utc>) -> Result<()> {
    diesel::update(s::table.filter(s::tip_id.eq_any(tips)))
        .set(s::result_told_at.eq(at))
        .execute(conn)
        .await?;
    Ok(())
}
