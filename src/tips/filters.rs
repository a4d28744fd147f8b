//! What a list of tips is asked for: its filters, its order, and where its page begins.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::TipState;
use crate::domain::{ids, indicator};
use crate::reference::Reference;

/// How far the time in the id of a tip may lie from its reception: clocks are set, and ids were once made a moment
/// later. The exact bounds hold besides.
const SKEW: Duration = Duration::minutes(10);

/// Filters of the queue; all given ones hold together.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub struct TipFilters {
    /// Code of the desk.
    #[param(max_length = 100, example = "cyber")]
    #[schema(max_length = 100)]
    pub desk: Option<String>,
    /// `received`, `claimed`, `info_requested`, `accepted`, `dismissed`, `duplicate`, `transferred`, `withdrawn`.
    #[param(max_length = 100, example = "received")]
    #[schema(max_length = 100)]
    pub status: Option<String>,
    /// Level: `critical`, `high`, `normal`, `low`.
    #[param(max_length = 100, example = "critical")]
    #[schema(max_length = 100)]
    pub priority: Option<String>,
    /// Code of the method, the reporter's or the officer's.
    #[param(max_length = 100, example = "impersonate_police_court")]
    #[schema(max_length = 100)]
    pub method: Option<String>,
    /// Code of the commune or ward.
    #[param(max_length = 100, example = "03127")]
    #[schema(max_length = 100)]
    pub unit: Option<String>,
    /// A number, link or account in any written form.
    #[param(max_length = 5000, example = "0369 123 456")]
    #[schema(max_length = 5000)]
    pub indicator: Option<String>,
    /// Received at or after (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub received_from: Option<DateTime<Utc>>,
    /// Received before (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub received_to: Option<DateTime<Utc>>,
    /// Only tips whose deadline of classification is over.
    pub overdue: Option<bool>,
    /// Words of the text, with or without accents; "in quotes" for a phrase, `chuy*` for the beginning of a
    /// word, `-not` for what must not be there, `or` between two searches. What stands together, as
    /// `vietcom-bank.vn`, is a phrase of its words. A number, link, host or account alone also finds the tips that
    /// name it in another way of writing, and after a `-` leaves them out. A number of the register or of a case (`DB-T-2026-000123`) finds its tip or
    /// the tips of the case. At most 10 s behind.
    #[param(max_length = 200, example = "chuyen khoan")]
    #[schema(max_length = 200)]
    pub q: Option<String>,
    /// Only the copies of one message: `flood.id` of an item of the collapsed queue.
    pub flood: Option<Uuid>,
    /// Only tips of a case: nothing that a queue or a claim would ask for.
    #[serde(skip)]
    pub case_id: Option<Uuid>,
    /// Only tips whose reporter is still owed a notice; for lists alone as well.
    #[serde(skip)]
    pub notice_owed: bool,
    /// Only tips whose reporter is owed a notice that reaches nobody; for lists alone as well.
    #[serde(skip)]
    pub no_channel: bool,
    /// Only tips whose reporter sent what no officer has seen; for lists and the queue.
    #[serde(skip)]
    pub unread: Option<bool>,
}

impl TipFilters {
    /// What is searched for in the texts.
    pub fn words(&self) -> Option<&str> {
        self.q.as_deref().filter(|q| !q.trim().is_empty())
    }
}

/// Orders of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Most urgent first, the older first among equals.
    #[default]
    Priority,
    /// Newest first.
    Received,
    /// The deadline that ends first.
    Due,
}

/// The key of the last row of a page.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum After {
    /// Score and id.
    Priority(i16, Uuid),
    /// Id alone: ids are in the order of reception.
    Received(Uuid),
    /// Deadline and id.
    Due(DateTime<Utc>, Uuid),
}

impl After {
    /// The tip.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Priority(_, id) | Self::Received(id) | Self::Due(_, id) => id,
        }
    }

    /// The key of a row in an order.
    pub fn of(state: &TipState, sort: Sort) -> Self {
        match sort {
            Sort::Priority => Self::Priority(state.score, state.tip_id),
            Sort::Received => Self::Received(state.tip_id),
            Sort::Due => Self::Due(
                state.due_at.unwrap_or(DateTime::<Utc>::MAX_UTC),
                state.tip_id,
            ),
        }
    }
}

/// What a list is to hold.
pub struct Wanted<'a> {
    /// Filters.
    pub filters: &'a TipFilters,
    /// Only tips that wait for a decision, unless a status is asked for.
    pub open_only: bool,
    /// Order.
    pub sort: Sort,
    /// Last row seen.
    pub after: Option<After>,
    /// How many rows; one more is loaded.
    pub limit: i64,
    /// The time.
    pub now: DateTime<Utc>,
}

/// No tip received at or after has a lesser id.
pub fn first_id(from: DateTime<Utc>) -> Uuid {
    ids::first_at(from - SKEW)
}

/// Every tip received before has a lesser id.
pub fn end_of_ids(to: DateTime<Utc>) -> Uuid {
    ids::first_at(to + SKEW)
}

/// The key of an indicator in any written form, or of `kind:value` as the API shows it.
pub fn indicator_key(reference: &Reference, written: &str) -> Option<Vec<u8>> {
    if let Some((kind, value)) = written.split_once(':')
        && let Some(kind) = indicator::Kind::from_code(kind)
    {
        let input = indicator::Input {
            kind,
            value,
            bank: None,
        };
        let key = indicator::parse(&reference.catalog, &input)
            .map_or_else(|_| indicator::key(kind, value), |r| r.indicator.key());
        return Some(key.to_vec());
    }
    indicator::recognise(&reference.catalog, written).map(|r| r.indicator.key().to_vec())
}
