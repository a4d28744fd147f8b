//! Lists of cases: filters, orders and keysets.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cases::{CaseRow, confine};
use crate::db::Conn;
use crate::db::schema::cases as c;
use crate::domain::search_query::SearchQuery;
use crate::error::Result;
use crate::reference::Reference;
use crate::tips::Visibility;
use crate::tips::list::{TipFilters, case_ids};

/// Orders of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Opened last first.
    #[default]
    Opened,
    /// Most urgent tip first, opened last first among equals.
    Priority,
    /// Clock started last first.
    Received,
    /// The deadline that ends first.
    Due,
}

/// The key of the last row of a page.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum After {
    /// Id alone: ids are in the order of opening.
    Opened(Uuid),
    /// Score and id.
    Priority(i16, Uuid),
    /// Start of the clock and id.
    Received(DateTime<Utc>, Uuid),
    /// Deadline and id.
    Due(DateTime<Utc>, Uuid),
}

impl After {
    /// The key of a row in an order.
    pub fn of(row: &CaseRow, sort: Sort) -> Self {
        match sort {
            Sort::Opened => Self::Opened(row.id),
            Sort::Priority => Self::Priority(row.score, row.id),
            Sort::Received => Self::Received(row.received_at, row.id),
            Sort::Due => Self::Due(row.next_due_at.unwrap_or(DateTime::<Utc>::MAX_UTC), row.id),
        }
    }
}

/// What a list is to hold; all that is given holds together.
#[derive(Default)]
pub struct Wanted<'a> {
    pub state: Option<&'a str>,
    pub decision: Option<&'a str>,
    pub desk: Option<&'a str>,
    pub assignee: Option<&'a str>,
    pub method: Option<&'a str>,
    /// The next deadline ends before.
    pub deadline_before: Option<DateTime<Utc>>,
    /// No deadline that still runs ends before.
    pub no_deadline_before: Option<DateTime<Utc>>,
    pub received_from: Option<DateTime<Utc>>,
    pub received_to: Option<DateTime<Utc>>,
    /// What one of its tips must be like.
    pub a_tip: TipFilters,
    /// The words that the case or one of its tips must tell.
    pub told: TipFilters,
    pub sort: Sort,
    pub after: Option<After>,
    pub limit: i64,
}

/// A query on cases.
type Query<'a> = c::BoxedQuery<'a, diesel::pg::Pg>;

/// One page, and one row more where there is more.
pub async fn page(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    wanted: &Wanted<'_>,
) -> Result<Vec<CaseRow>> {
    let query = confine(visible, c::table.into_boxed()).filter(c::merged_into.is_null());
    let Some(query) = by_tips(by_case(query, wanted), visible, reference, wanted) else {
        return Ok(Vec::new());
    };
    Ok(ordered(query, wanted)
        .limit(wanted.limit + 1)
        .select(CaseRow::as_select())
        .load(conn)
        .await?)
}

/// What the case itself must be like.
fn by_case<'a>(mut query: Query<'a>, wanted: &Wanted<'a>) -> Query<'a> {
    if let Some(state) = wanted.state {
        query = query.filter(c::state.eq(state));
    }
    if let Some(decision) = wanted.decision {
        query = query.filter(c::decision.eq(decision));
    }
    if let Some(desk) = wanted.desk {
        query = query.filter(c::desk.eq(desk));
    }
    if let Some(assignee) = wanted.assignee {
        query = query.filter(c::assignee.eq(assignee));
    }
    if let Some(method) = wanted.method {
        query = query.filter(c::methods.contains(vec![Some(method)]));
    }
    if let Some(at) = wanted.deadline_before {
        query = query.filter(c::next_due_at.lt(at));
    }
    if let Some(at) = wanted.no_deadline_before {
        query = query.filter(c::next_due_at.is_null().or(c::next_due_at.ge(at)));
    }
    if let Some(from) = wanted.received_from {
        query = query.filter(c::received_at.ge(from));
    }
    if let Some(to) = wanted.received_to {
        query = query.filter(c::received_at.lt(to));
    }
    query
}

/// What its present tips must be like; `None` where nothing can match. Who is confined to communes learns nothing of
/// tips elsewhere.
fn by_tips<'a>(
    mut query: Query<'a>,
    visible: &Visibility,
    reference: &Reference,
    wanted: &'a Wanted<'_>,
) -> Option<Query<'a>> {
    let tip = &wanted.a_tip;
    if tip.unit.is_some() || tip.indicator.is_some() || tip.priority.is_some() {
        query = query.filter(c::id.eq_any(case_ids(visible, reference, tip)?));
    }
    if let Some(words) = wanted.told.words() {
        let search = SearchQuery::parse(words);
        let own = sql::<st::Bool>(
            "id in (select x.id from cases x
                    where to_tsvector('tinbao_vi', x.title || ' ' || coalesce(x.summary, ''))
                       @@ ",
        )
        .bind::<st::Text, _>(search.tsquery)
        .sql("::tsquery union all select x.id from cases x where x.number = ")
        .bind::<st::Text, _>(words.trim().to_ascii_uppercase())
        .sql(")");
        query = match case_ids(visible, reference, &wanted.told) {
            Some(ids) => query.filter(c::id.eq_any(ids).or(own)),
            None => query.filter(own),
        };
    }
    Some(query)
}

/// In an order, after a row.
fn ordered<'a>(query: Query<'a>, wanted: &Wanted<'_>) -> Query<'a> {
    let query = match wanted.after {
        Some(After::Opened(id)) => query.filter(c::id.lt(id)),
        Some(After::Priority(score, id)) => query
            .filter(c::score.le(score))
            .filter(c::score.lt(score).or(c::id.lt(id))),
        Some(After::Received(at, id)) => query
            .filter(c::received_at.le(at))
            .filter(c::received_at.lt(at).or(c::id.lt(id))),
        Some(After::Due(at, id)) => query
            .filter(c::next_due_at.ge(at))
            .filter(c::next_due_at.gt(at).or(c::id.gt(id))),
        None => query,
    };
    match wanted.sort {
        Sort::Opened => query.order(c::id.desc()),
        Sort::Priority => query.order((c::score.desc(), c::id.desc())),
        Sort::Received => query.order((c::received_at.desc(), c::id.desc())),
        Sort::Due => query
            .filter(c::next_due_at.is_not_null())
            .order((c::next_due_at, c::id)),
    }
}
