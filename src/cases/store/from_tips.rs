//! What the clocks of a case read from its tips.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;
use crate::tips::deadlines::{self, CommunePath};

/// What the clocks of a case read from its present tips; of a case without any, nobody reported it.
#[derive(Clone, Debug, Default)]
pub struct FromTips {
    /// Whether a reporter gave an identity, so that notices are owed.
    pub named: bool,
    /// When the last of those who gave one was told of the reception; absent while one was not.
    pub reception_told_at: Option<DateTime<Utc>>,
    /// When the first and the last of them were told a result; absent while one was not.
    pub result_told: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// When the last of those who were to be told of the last suspension was; absent while one was not.
    pub suspension_told_at: Option<DateTime<Utc>>,
    /// The way of the earliest tip that came through a commune's police.
    pub commune: Option<CommunePath>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = st::Uuid)]
    case_id: Uuid,
    #[diesel(sql_type = st::Bool)]
    named: bool,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    reception_told_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    result_first_told_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    result_last_told_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    suspension_told_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Nullable<st::Uuid>)]
    commune_tip: Option<Uuid>,
}

/// What the clocks of some cases read from their tips; nothing of a case without tips.
pub async fn from_tips(conn: &mut Conn, cases: &[Uuid]) -> Result<HashMap<Uuid, FromTips>> {
    let rows: Vec<Row> = diesel::sql_query(
        "select m.case_id, bool_or(not t.anonymous) as named,
                case when bool_and(s.reception_told_at is not null) filter (where not t.anonymous)
                     then max(s.reception_told_at) filter (where not t.anonymous) end as reception_told_at,
                case when bool_and(s.result_told_at is not null) filter (where not t.anonymous)
                     then min(s.result_told_at) filter (where not t.anonymous) end as result_first_told_at,
                max(s.result_told_at) filter (where not t.anonymous) as result_last_told_at,
                case when bool_and(coalesce(n.told_at >= a.at, false))
                              filter (where not t.anonymous and s.decided_at <= a.recorded_at)
                     then max(n.told_at) filter (where not t.anonymous and s.decided_at <= a.recorded_at)
                     end as suspension_told_at,
                (array_agg(s.tip_id order by s.received_at, s.tip_id)
                    filter (where s.commune is not null
                               or t.details #>> '{reception,channel}' = 'commune_police'))[1] as commune_tip
         from case_members m
         join tips t on t.id = m.tip_id
         join tip_states s on s.tip_id = m.tip_id
         left join (
            select distinct on (case_id) case_id, at, recorded_at from case_acts
            where case_id = any($1) and act = 'suspended' order by case_id, at desc, id desc) a
            on a.case_id = m.case_id
         left join process_notices n on n.tip_id = m.tip_id and n.code = 'send_suspension_reporter'
         where m.case_id = any($1) and m.removed_at is null group by m.case_id",
    )
    .bind::<st::Array<st::Uuid>, _>(cases)
    .load(conn)
    .await?;
    let through: Vec<Uuid> = rows.iter().filter_map(|row| row.commune_tip).collect();
    let mut paths = deadlines::commune_paths(conn, &through).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let from = FromTips {
                named: row.named,
                reception_told_at: row.reception_told_at,
                result_told: row.result_first_told_at.zip(row.result_last_told_at),
                suspension_told_at: row.suspension_told_at,
                commune: row.commune_tip.and_then(|tip| paths.remove(&tip)),
            };
            (row.case_id, from)
        })
        .collect())
}

/// The same of one case.
pub async fn from_tips_of(conn: &mut Conn, case: Uuid) -> Result<FromTips> {
    let mut all = from_tips(conn, &[case]).await?;
    Ok(all.remove(&case).unwrap_or_default())
}
