//! A figure that was asked for: the query read, the time limit, the names.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::json;

use super::store::{Key, Scope, campaigns};
use super::wire::{Compare, GroupBy, StatsQuery};
use crate::auth::Principal;
use crate::db::{self, Conn};
use crate::domain::lang::Lang;
use crate::domain::period::{Edge, Period, Step, parse};
use crate::error::{Error, Result};
use crate::http::{Answer, Meta, Problem};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::Visibility;

/// Rows that a series may have.
const MOST_STEPS: usize = 1_000;

/// A figure that was asked for: whose, of when, compared with what.
pub struct Asked<'a> {
    /// Shared state.
    pub app: &'a AppState,
    /// Who asks.
    pub who: &'a Principal,
    /// What the bearer may see.
    pub visible: Visibility,
    lang: Lang,
    /// Steps.
    pub group_by: Option<GroupBy>,
    /// The period.
    pub period: Period,
    /// The period before, where it is to be compared.
    pub previous: Option<Period>,
}

impl<'a> Asked<'a> {
    /// Reads the query, and records that it was asked.
    pub async fn new(
        app: &'a AppState,
        who: &'a Principal,
        meta: &Meta,
        query: &StatsQuery,
    ) -> Answer<Self> {
        let mut conn = app.db.get().await?;
        let (period, previous) = read_period(&mut conn, app, query).await?;
        let actor = Actor::bearer(who, &meta.request_id);
        let entry = Entry::audit("stats.read", &actor, app.now())
            .with(json!({"path": meta.path, "from": period.from, "to": period.to}));
        journal::record(&mut conn, &[entry]).await?;
        Ok(Self {
            app,
            who,
            visible: Visibility::of(who),
            lang: meta.lang,
            group_by: query.group_by,
            period,
            previous,
        })
    }

    /// What is counted in a period.
    pub fn scope(&self, period: Period) -> Scope<'_> {
        Scope {
            visible: &self.visible,
            period,
            now: self.app.now(),
        }
    }

    /// Runs queries on one snapshot: all figures of an answer are of the same moment.
    pub async fn measure<T>(&self, work: impl AsyncFnOnce(&mut Conn) -> Result<T>) -> Answer<T> {
        let mut conn = self.app.reads.get().await?;
        let outcome = db::transaction(&mut conn, async |conn| {
            db::one_snapshot(conn).await?;
            work(conn).await
        })
        .await;
        outcome.map_err(|error| {
            if error.is_too_slow() {
                Problem {
                    detail: "These figures take too long: choose a shorter period.".into(),
                    source: Some(error),
                    ..Problem::unavailable()
                }
            } else {
                error.into()
            }
        })
    }

    /// The name of a group in the language asked for.
    pub fn name(&self, key: Key, code: &str) -> Option<String> {
        let reference = self.app.reference.get();
        match key {
            Key::Method | Key::MainMethod => {
                let method = reference.methods.get(code)?;
                Some(method.label(self.lang).to_owned())
            }
            Key::Unit => Some(reference.units.get(code)?.full_name.clone()),
            Key::Desk => {
                let (desk, unit) = reference.routing.find_desk(code)?;
                let name = match self.lang {
                    Lang::Vi => &desk.name_vi,
                    Lang::En => &desk.name_en,
                };
                Some(match unit.and_then(|unit| reference.units.get(unit)) {
                    Some(unit) => format!("{name}: {}", unit.full_name),
                    None => name.clone(),
                })
            }
            Key::None => None,
        }
    }

    /// The first days of the steps of a period.
    pub fn starts(&self, step: Step, period: Period) -> Result<Vec<NaiveDate>> {
        step.starts(period, MOST_STEPS).ok_or_else(|| {
            let detail = format!(
                "That makes more than {MOST_STEPS} rows: choose longer steps or a shorter period."
            );
            Error::invalid_parameter("group_by", "too_many", detail)
        })
    }

    /// Which step of the period before stands beside which of this one: by their order.
    pub fn beside(
        &self,
        step: Option<Step>,
    ) -> Result<HashMap<Option<NaiveDate>, Option<NaiveDate>>> {
        let (Some(step), Some(previous)) = (step, self.previous) else {
            return Ok(HashMap::from([(None, None)]));
        };
        let (now, before) = (
            self.starts(step, self.period)?,
            self.starts(step, previous)?,
        );
        let pairs = now.into_iter().zip(before);
        Ok(pairs
            .map(|(now, before)| (Some(now), Some(before)))
            .collect())
    }
}

/// Days where no period is named.
const USUAL: u64 = 30;

/// The period asked for and, where it is to be compared, the one before.
async fn read_period(
    conn: &mut Conn,
    app: &AppState,
    query: &StatsQuery,
) -> Result<(Period, Option<Period>)> {
    let period = match (&query.campaign, &query.from, &query.to) {
        (Some(id), None, None) => {
            let campaign = campaigns::find(conn, *id)
                .await
                .map_err(|error| match error {
                    Error::NotFound { .. } => {
                        let detail = "There is no such campaign.";
                        Error::invalid_parameter("campaign", "not_found", detail)
                    }
                    other => other,
                })?;
            Period {
                from: campaign.starts_at,
                to: campaign.ends_at,
            }
        }
        (Some(_), _, _) => {
            let detail = "Give a campaign, or from and to.";
            return Err(Error::invalid_parameter("campaign", "conflicting", detail));
        }
        (None, from, to) => {
            let usual = Period::last_days(USUAL, app.now());
            let to = match to {
                None => usual.to,
                Some(text) => moment(text, "to", Edge::To)?,
            };
            let from = match from {
                None => to - (usual.to - usual.from),
                Some(text) => moment(text, "from", Edge::From)?,
            };
            Period { from, to }
        }
    };
    if period.from >= period.to {
        let detail = "from must lie before to.";
        return Err(Error::invalid_parameter("from", "out_of_range", detail));
    }
    let previous = query.compare.map(|Compare::Previous| period.previous());
    Ok((period, previous))
}

/// Reads one end of a period.
fn moment(text: &str, name: &str, edge: Edge) -> Result<chrono::DateTime<chrono::Utc>> {
    parse(text, edge).ok_or_else(|| {
        let detail =
            format!("{name} must be a day (2026-11-30) or a moment (2026-11-30T17:00:00Z).");
        Error::invalid_parameter(name, "invalid_value", detail)
    })
}
