//! Figures of a period, put together from what the store counts.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::asked::Asked;
use super::store::{self, GroupRow, IndicatorRow, Key, Scope};
use super::wire::{
    Breakdown, Counts, DeadlineCounts, DeadlineItem, Figures, GroupBy, GroupItem, IndicatorCounts,
    IndicatorItem, Minutes, PreviousSummary, ReferralItem, StatsSummary, share,
};
use crate::cases;
use crate::db::Conn;
use crate::domain::period::{Period, Step};
use crate::error::Result;
use crate::http::Answer;
use crate::referrals;

/// The summary.
pub async fn summary(asked: &Asked<'_>) -> Answer<StatsSummary> {
    asked
        .measure(async |conn| {
            let figures = figures(conn, &asked.scope(asked.period)).await?;
            let previous = match asked.previous {
                None => None,
                Some(period) => Some(PreviousSummary {
                    period: period.into(),
                    figures: self::figures(conn, &asked.scope(period)).await?,
                }),
            };
            Ok(StatsSummary {
                period: asked.period.into(),
                figures,
                previous,
            })
        })
        .await
}

async fn figures(conn: &mut Conn, scope: &Scope<'_>) -> Result<Figures> {
    let mut counts = Counts::default();
    for row in store::grouped(conn, scope, Key::None, None).await? {
        counts.add(&row);
    }
    let (mut by_status, mut by_level, mut by_source_kind) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for row in store::kinds(conn, scope).await? {
        *by_status.entry(row.status).or_insert(0) += row.tips;
        *by_level.entry(row.level).or_insert(0) += row.tips;
        *by_source_kind.entry(row.source_kind).or_insert(0) += row.tips;
    }
    let times = store::times(conn, scope).await?;
    let minutes = |tips: i64, values: Option<Vec<f64>>| {
        let rounded = |at: usize| {
            let value = values.as_ref()?.get(at)?;
            Some((value * 10.0).round() / 10.0)
        };
        Minutes {
            tips,
            median: rounded(0),
            p90: rounded(1),
        }
    };
    let cases = store::cases(conn, scope).await?;
    let indicators = store::indicators(conn, scope, None).await?;
    Ok(Figures {
        counts,
        by_status,
        by_source_kind,
        by_level,
        minutes_to_claim: minutes(times.claimed, times.to_claim),
        minutes_to_decision: minutes(times.decided, times.to_decision),
        cases_opened: cases.opened,
        cases_decided: cases.decided,
        recovered_vnd: cases.recovered_vnd,
        indicators_first_reported: indicators.iter().map(|row| row.first_reported).sum(),
        indicators_confirmed: indicators.iter().map(|row| row.confirmed).sum(),
    })
}

type Place = (Option<NaiveDate>, Option<String>);

/// Figures over time: every step of the period, also the empty ones.
pub async fn series(asked: &Asked<'_>) -> Answer<Breakdown<GroupItem>> {
    let step = asked.group_by.unwrap_or(GroupBy::Day).into();
    let starts = asked.starts(step, asked.period)?;
    let (rows, before) = both(asked, Key::None, Some(step)).await?;
    let mut rows: HashMap<Place, Counts> = rows.into_iter().collect();
    let beside = asked.beside(Some(step))?;
    let items = starts.into_iter().map(|start| GroupItem {
        start: Some(start),
        code: None,
        name: None,
        counts: rows.remove(&(Some(start), None)).unwrap_or_default(),
        previous: before.as_ref().map(|before| {
            let start = beside.get(&Some(start)).copied().flatten();
            before.get(&(start, None)).cloned().unwrap_or_default()
        }),
    });
    Ok(Breakdown {
        period: asked.period.into(),
        previous: asked.previous.map(Into::into),
        items: items.collect(),
    })
}

/// Figures by group, and by step where steps are asked for.
pub async fn groups(asked: &Asked<'_>, key: Key) -> Answer<Breakdown<GroupItem>> {
    let step = asked.group_by.map(Step::from);
    let beside = asked.beside(step)?;
    let (rows, before) = both(asked, key, step).await?;
    let items = rows.into_iter().map(|((start, code), counts)| GroupItem {
        previous: before.as_ref().map(|before| {
            let start = beside.get(&start).copied().flatten();
            before
                .get(&(start, code.clone()))
                .cloned()
                .unwrap_or_default()
        }),
        name: code.as_deref().and_then(|code| asked.name(key, code)),
        start,
        code,
        counts,
    });
    Ok(Breakdown {
        period: asked.period.into(),
        previous: asked.previous.map(Into::into),
        items: items.collect(),
    })
}

/// The groups of the period in their order, and those of the one before by their place.
async fn both(
    asked: &Asked<'_>,
    key: Key,
    step: Option<Step>,
) -> Answer<(Vec<(Place, Counts)>, Option<HashMap<Place, Counts>>)> {
    let placed = |row: GroupRow| {
        let counts = Counts::from(&row);
        ((row.start, row.code), counts)
    };
    asked
        .measure(async |conn| {
            let rows = store::grouped(conn, &asked.scope(asked.period), key, step).await?;
            let before = match asked.previous {
                None => None,
                Some(period) => {
                    let rows = store::grouped(conn, &asked.scope(period), key, step).await?;
                    Some(rows.into_iter().map(placed).collect())
                }
            };
            Ok((rows.into_iter().map(placed).collect(), before))
        })
        .await
}

/// Figures of indicators by kind.
pub async fn indicators(asked: &Asked<'_>) -> Answer<Breakdown<IndicatorItem>> {
    let step = asked.group_by.map(Step::from);
    let beside = asked.beside(step)?;
    let counts = |row: &IndicatorRow| IndicatorCounts {
        first_reported: row.first_reported,
        confirmed: row.confirmed,
    };
    asked
        .measure(async |conn| {
            let rows = store::indicators(conn, &asked.scope(asked.period), step).await?;
            let before: Option<HashMap<_, _>> = match asked.previous {
                None => None,
                Some(period) => {
                    let rows = store::indicators(conn, &asked.scope(period), step).await?;
                    let placed = |row: IndicatorRow| ((row.start, row.kind.clone()), counts(&row));
                    Some(rows.into_iter().map(placed).collect())
                }
            };
            let items = rows.into_iter().map(|row| IndicatorItem {
                previous: before.as_ref().map(|before| {
                    let start = beside.get(&row.start).copied().flatten();
                    before
                        .get(&(start, row.kind.clone()))
                        .copied()
                        .unwrap_or_default()
                }),
                counts: counts(&row),
                start: row.start,
                kind: row.kind,
            });
            Ok(Breakdown {
                period: asked.period.into(),
                previous: asked.previous.map(Into::into),
                items: items.collect(),
            })
        })
        .await
}

/// How referrals were answered, by kind.
pub async fn referrals(asked: &Asked<'_>) -> Answer<Breakdown<ReferralItem>> {
    let now = asked.app.now();
    asked
        .measure(async |conn| {
            let mut figures = async |period: Period| {
                referrals::figures(conn, asked.who, (period.from, period.to), now).await
            };
            let rows = figures(asked.period).await?;
            let mut before = match asked.previous {
                None => Vec::new(),
                Some(period) => figures(period).await?,
            };
            let items = rows.into_iter().map(|row| ReferralItem {
                previous: before
                    .iter()
                    .position(|old| old.kind == row.kind)
                    .map(|at| before.swap_remove(at)),
                figures: row,
            });
            Ok(Breakdown {
                items: items.collect(),
                period: asked.period.into(),
                previous: asked.previous.map(Into::into),
            })
        })
        .await
}

/// The deadline that a tip has by itself.
const CLASSIFY: &str = "classify";

/// How the deadlines were kept.
pub async fn deadlines(asked: &Asked<'_>) -> Answer<Breakdown<DeadlineItem>> {
    asked
        .measure(async |conn| {
            let mut kept = kept(conn, asked, asked.period).await?;
            let mut before = match asked.previous {
                None => None,
                Some(period) => Some(self::kept(conn, asked, period).await?),
            };
            if let Some(before) = &before {
                for code in before.keys() {
                    kept.entry(code).or_default();
                }
            }
            let items = kept.into_iter().map(|(code, counts)| DeadlineItem {
                code: code.to_owned(),
                counts,
                previous: before
                    .as_mut()
                    .map(|before| before.remove(code).unwrap_or_default()),
            });
            Ok(Breakdown {
                period: asked.period.into(),
                previous: asked.previous.map(Into::into),
                items: items.collect(),
            })
        })
        .await
}

async fn kept(
    conn: &mut Conn,
    asked: &Asked<'_>,
    period: Period,
) -> Result<BTreeMap<&'static str, DeadlineCounts>> {
    let of_cases = cases::tally(conn, asked.app, &asked.visible, (period.from, period.to)).await?;
    let classify = store::classified(conn, &asked.scope(period)).await?;
    let mut all: BTreeMap<&'static str, DeadlineCounts> = of_cases
        .into_iter()
        .map(|(code, tally)| (code, tally.into()))
        .collect();
    all.insert(CLASSIFY, classify.into());
    all.retain(|_, counts| counts.met + counts.late + counts.overdue + counts.pending > 0);
    Ok(all)
}

impl From<cases::Tally> for DeadlineCounts {
    fn from(tally: cases::Tally) -> Self {
        let missed = tally.late + tally.overdue;
        Self {
            met: tally.met,
            late: tally.late,
            overdue: tally.overdue,
            pending: tally.pending,
            overdue_share: share(missed, tally.met + missed),
        }
    }
}
