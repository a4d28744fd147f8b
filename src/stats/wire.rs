//! Wire types of the statistics.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::GroupRow;
use crate::domain::period::{Period, Step};
use crate::referrals::KindFigures;

/// With what a period is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// The period of the same length just before.
    Previous,
}

/// Steps of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// Days of Asia/Ho_Chi_Minh.
    Day,
    /// Weeks, from Monday.
    Week,
    /// Months.
    Month,
}

impl From<GroupBy> for Step {
    fn from(group: GroupBy) -> Self {
        match group {
            GroupBy::Day => Self::Day,
            GroupBy::Week => Self::Week,
            GroupBy::Month => Self::Month,
        }
    }
}

/// The period, and how to cut and compare it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// First day in Asia/Ho_Chi_Minh, or a moment (RFC 3339); 30 days up to today if all are left out.
    #[param(example = "2026-11-01")]
    pub from: Option<String>,
    /// Last day, meant whole, or the moment before which (RFC 3339).
    #[param(example = "2026-11-30")]
    pub to: Option<String>,
    /// Id of a campaign, in place of `from` and `to`.
    pub campaign: Option<Uuid>,
    /// Steps: of the time series (`day` if left out), and of methods, units, desks and indicators where
    /// wanted; the summary and the deadlines have none.
    #[param(inline)]
    pub group_by: Option<GroupBy>,
    /// `previous` adds the figures of the period of the same length just before.
    #[param(inline)]
    pub compare: Option<Compare>,
}

/// From a moment to before another.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PeriodView {
    /// The first moment.
    #[schema(example = "2026-10-31T17:00:00Z")]
    pub from: DateTime<Utc>,
    /// The first moment that no longer belongs to it.
    #[schema(example = "2026-11-30T17:00:00Z")]
    pub to: DateTime<Utc>,
}

impl From<Period> for PeriodView {
    fn from(period: Period) -> Self {
        Self {
            from: period.from,
            to: period.to,
        }
    }
}

/// Counts of tips received in a period.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Counts {
    /// Tips received.
    pub tips: i64,
    /// Of these, accepted by now.
    pub accepted: i64,
    /// Losses that they report, in đồng.
    pub losses_vnd: i64,
    /// Of these, past the deadline of classification or classified.
    pub deadlines_reached: i64,
    /// Of these, classified late or not at all.
    pub overdue: i64,
    /// `overdue` by `deadlines_reached`; null where no deadline is reached.
    #[schema(required, example = 0.125)]
    pub overdue_share: Option<f64>,
}

impl Counts {
    /// Adds a group.
    pub fn add(&mut self, row: &GroupRow) {
        self.tips += row.tips;
        self.accepted += row.accepted;
        self.losses_vnd = self.losses_vnd.saturating_add(row.losses_vnd);
        self.deadlines_reached += row.reached;
        self.overdue += row.missed;
        self.overdue_share = share(self.overdue, self.deadlines_reached);
    }
}

impl From<&GroupRow> for Counts {
    fn from(row: &GroupRow) -> Self {
        let mut counts = Self::default();
        counts.add(row);
        counts
    }
}

/// A part of a whole, to four digits.
pub fn share(part: i64, whole: i64) -> Option<f64> {
    use num_traits::ToPrimitive;
    if whole == 0 {
        return None;
    }
    let share = part.to_f64()? / whole.to_f64()?;
    Some((share * 10_000.0).round() / 10_000.0)
}

/// A median and a ninetieth percentile, in minutes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Minutes {
    /// Of how many tips.
    pub tips: i64,
    /// Half of them took no longer.
    #[schema(required, example = 12.5)]
    pub median: Option<f64>,
    /// Nine of ten took no longer.
    #[schema(required, example = 95.0)]
    pub p90: Option<f64>,
}

/// The figures of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Figures {
    /// Counts of tips.
    #[serde(flatten)]
    pub counts: Counts,
    /// Tips by where they stand.
    #[schema(example = json!({"received": 3, "accepted": 12, "dismissed": 5}))]
    pub by_status: BTreeMap<String, i64>,
    /// Tips by kind of source.
    #[schema(example = json!({"to_giac": 14, "tin_bao": 6}))]
    pub by_source_kind: BTreeMap<String, i64>,
    /// Tips by priority.
    #[schema(example = json!({"critical": 2, "high": 5, "normal": 13}))]
    pub by_level: BTreeMap<String, i64>,
    /// From reception to the first claim.
    pub minutes_to_claim: Minutes,
    /// From reception to the classification.
    pub minutes_to_decision: Minutes,
    /// Cases opened.
    pub cases_opened: i64,
    /// Cases decided: prosecuted, not prosecuted, suspended, transferred.
    pub cases_decided: i64,
    /// What banks froze in the cases opened, in đồng.
    pub recovered_vnd: i64,
    /// Indicators first reported.
    pub indicators_first_reported: i64,
    /// Indicators confirmed by a second officer.
    pub indicators_confirmed: i64,
}

/// The summary of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatsSummary {
    /// The period.
    pub period: PeriodView,
    /// Its figures.
    pub figures: Figures,
    /// The period before, where it was asked for.
    #[schema(required)]
    pub previous: Option<PreviousSummary>,
}

/// The summary of the period before.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviousSummary {
    /// The period.
    pub period: PeriodView,
    /// Its figures.
    pub figures: Figures,
}

/// Figures by group, step, or both.
#[derive(Debug, Serialize, ToSchema)]
pub struct Breakdown<T> {
    /// The period.
    pub period: PeriodView,
    /// The period before, where it was asked for.
    #[schema(required)]
    pub previous: Option<PeriodView>,
    /// The rows.
    pub items: Vec<T>,
}

/// Tips of a group, a step, or both.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupItem {
    /// First day of the step in Asia/Ho_Chi_Minh, where steps were asked for.
    #[schema(required)]
    pub start: Option<NaiveDate>,
    /// Code of the group; null where it is not known, and in the time series.
    #[schema(required, example = "impersonate_police_court")]
    pub code: Option<String>,
    /// Its name in the language asked for.
    #[schema(required, example = "Giả danh công an, viện kiểm sát, toà án")]
    pub name: Option<String>,
    /// Its counts.
    #[serde(flatten)]
    pub counts: Counts,
    /// The same of the period before, where it was asked for.
    #[schema(required)]
    pub previous: Option<Counts>,
}

/// Indicators of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorItem {
    /// First day of the step in Asia/Ho_Chi_Minh, where steps were asked for.
    #[schema(required)]
    pub start: Option<NaiveDate>,
    /// Kind.
    #[schema(example = "bank_account")]
    pub kind: String,
    /// Its counts.
    #[serde(flatten)]
    pub counts: IndicatorCounts,
    /// The same of the period before, where it was asked for.
    #[schema(required)]
    pub previous: Option<IndicatorCounts>,
}

/// Counts of indicators.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct IndicatorCounts {
    /// First reported in the period.
    pub first_reported: i64,
    /// Confirmed by a second officer in the period.
    pub confirmed: i64,
}

/// Referrals of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralItem {
    /// Its figures.
    #[serde(flatten)]
    pub figures: KindFigures,
    /// The same of the period before, where it was asked for; null where none was sent then.
    #[schema(required)]
    pub previous: Option<KindFigures>,
}

/// How a deadline was kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadlineItem {
    /// Code of the deadline.
    #[schema(example = "classify")]
    pub code: String,
    /// Its counts.
    #[serde(flatten)]
    pub counts: DeadlineCounts,
    /// The same of the period before, where it was asked for.
    #[schema(required)]
    pub previous: Option<DeadlineCounts>,
}

/// Counts of a deadline, of the tips received and the cases opened in the period.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct DeadlineCounts {
    /// Kept.
    pub met: i64,
    /// Done, but late.
    pub late: i64,
    /// Past and not done.
    pub overdue: i64,
    /// Still running.
    pub pending: i64,
    /// `late` and `overdue` by all that are not pending.
    #[schema(required, example = 0.125)]
    pub overdue_share: Option<f64>,
}
