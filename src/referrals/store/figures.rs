//! SQL of how fast and with what success referrals are answered.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::reach::Reach;
use crate::db::Conn;
use crate::db::schema::referrals as r;
use crate::error::Result;

// Shown as they are, so they have the words of the document.
/// Figures of one kind of referral.
#[derive(Clone, Debug, Serialize, ToSchema, QueryableByName)]
pub struct KindFigures {
    /// Kind.
    #[diesel(sql_type = st::Text)]
    #[schema(example = "freeze_funds")]
    pub kind: String,
    /// Sent in the period.
    #[diesel(sql_type = st::BigInt)]
    sent: i64,
    /// Of these, to prolong a freeze; they count neither for the minutes from the report nor for the money.
    #[diesel(sql_type = st::BigInt)]
    renewals: i64,
    /// Of these, answered.
    #[diesel(sql_type = st::BigInt)]
    completed: i64,
    /// Declined.
    #[diesel(sql_type = st::BigInt)]
    declined: i64,
    /// Recalled.
    #[diesel(sql_type = st::BigInt)]
    recalled: i64,
    /// Waiting for an answer that is overdue.
    #[diesel(sql_type = st::BigInt)]
    overdue: i64,
    /// Answers by outcome.
    #[diesel(sql_type = st::Jsonb)]
    #[schema(value_type = Object, example = json!({"frozen": 3, "moved_on": 1}))]
    outcomes: Value,
    /// Median of the minutes from the report to sending.
    #[diesel(sql_type = st::Nullable<st::Double>)]
    #[schema(required)]
    median_minutes_report_to_sent: Option<f64>,
    /// Median of the minutes from sending to the acknowledgement.
    #[diesel(sql_type = st::Nullable<st::Double>)]
    #[schema(required)]
    median_minutes_sent_to_acknowledged: Option<f64>,
    /// Median of the minutes from the report to the answer; of a freeze, to money frozen.
    #[diesel(sql_type = st::Nullable<st::Double>)]
    #[schema(required)]
    median_minutes_report_to_completed: Option<f64>,
    /// The same for nine of ten.
    #[diesel(sql_type = st::Nullable<st::Double>)]
    #[schema(required)]
    p90_minutes_report_to_completed: Option<f64>,
    /// What freezes asked for, in đồng.
    #[diesel(sql_type = st::BigInt)]
    requested_vnd: i64,
    /// What was frozen, in đồng; of a freeze that was prolonged what the last answers say, once.
    #[diesel(sql_type = st::BigInt)]
    frozen_vnd: i64,
    /// What banks held and did not freeze again when they were asked to prolong it, in đồng.
    #[diesel(sql_type = st::BigInt)]
    released_vnd: i64,
}

/// Figures by kind of the referrals that a bearer may know of, sent in a period.
pub async fn kind_figures(
    conn: &mut Conn,
    reach: &Reach,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    agency: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Vec<KindFigures>> {
    let mut seen = reach
        .confine(r::table.into_boxed())
        .filter(r::sent_at.ge(from).and(r::sent_at.lt(to)));
    if let Some(agency) = agency {
        seen = seen.filter(r::agency.eq(agency.to_owned()));
    }
    let ids: Vec<Uuid> = seen.select(r::id).load(conn).await?;
    Ok(diesel::sql_query(
        "select kind, count(*) as sent,
                count(n.renews) as renewals,
                count(*) filter (where state = 'completed') as completed,
                count(*) filter (where state = 'declined') as declined,
                count(*) filter (where state = 'recalled') as recalled,
                count(*) filter (where state in ('sent', 'acknowledged') and due_at <= $2) as overdue,
                (select coalesce(jsonb_object_agg(o.outcome, o.n), '{}') from (
                    select outcome, count(*) as n from referrals x
                    where x.id = any($1) and x.kind = r.kind and x.outcome is not null group by outcome) o) as outcomes,
                round(percentile_cont(0.5) within group (order by extract(epoch from sent_at - reported_at) / 6)
                      filter (where n.renews is null)) / 10
                    as median_minutes_report_to_sent,
                round(percentile_cont(0.5) within group (order by extract(epoch from acknowledged_at - sent_at) / 6)) / 10
                    as median_minutes_sent_to_acknowledged,
                round(percentile_cont(0.5) within group (order by extract(epoch from closed_at - reported_at) / 6)
                      filter (where n.renews is null and outcome is not null and (kind <> 'freeze_funds' or answer_amount_vnd > 0))) / 10
                    as median_minutes_report_to_completed,
                round(percentile_cont(0.9) within group (order by extract(epoch from closed_at - reported_at) / 6)
                      filter (where n.renews is null and outcome is not null and (kind <> 'freeze_funds' or answer_amount_vnd > 0))) / 10
                    as p90_minutes_report_to_completed,
                least(coalesce(sum(amount_vnd) filter (where n.renews is null), 0), 9223372036854775807)::bigint
                    as requested_vnd,
                least(coalesce(sum(coalesce(f.counted_vnd, answer_amount_vnd)), 0), 9223372036854775807)::bigint
                    as frozen_vnd,
                least(coalesce(sum(answer_amount_vnd - f.counted_vnd) filter (where n.renews is null), 0),
                      9223372036854775807)::bigint as released_vnd
         from referrals r
         left join referral_renewals n on n.referral_id = r.id
         left join freeze_counts f on f.referral_id = r.id
         where id = any($1) group by kind order by kind",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::Timestamptz, _>(now)
    .load(conn)
    .await?)
}
