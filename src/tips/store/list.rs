//! Pages of a list of tips, in their orders and by their keysets.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::super::filters::{After, Sort, TipFilters, Wanted, indicator_key};
use super::super::visibility::Visibility;
use super::TipState;
use super::filtered::{Query, besides_indicator, filtered};
use super::named;
use crate::db::Conn;
use crate::db::schema::tip_states as s;
use crate::error::Result;
use crate::reference::Reference;

/// One page, and one row more where there is more.
pub async fn page(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    wanted: &Wanted<'_>,
) -> Result<Vec<TipState>> {
    if let Some(written) = &wanted.filters.indicator {
        return match indicator_key(reference, written) {
            Some(key) => {
                let ids = named::page(conn, visible, reference, &key, wanted).await?;
                states(conn, &ids).await
            }
            None => Ok(Vec::new()),
        };
    }
    let found = ordered(
        besides_indicator(visible, reference, wanted),
        wanted.sort,
        wanted.after,
    )
    .limit(wanted.limit + 1);
    if wanted.filters.words().is_some() {
        // Few fit: the planner starts from them only while it reads their rows.
        return Ok(found.select(TipState::as_select()).load(conn).await?);
    }
    // The ids alone stand in the index of the order: rows are read only of those that the page shows.
    let shown = s::table
        .into_boxed()
        .filter(s::tip_id.eq_any(found.select(s::tip_id)));
    Ok(ordered(shown, wanted.sort, None)
        .select(TipState::as_select())
        .load(conn)
        .await?)
}

/// Those of these tips that a list would hold.
pub async fn fitting(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    wanted: &Wanted<'_>,
    ids: Vec<Uuid>,
) -> Result<Vec<TipState>> {
    let Some(query) = filtered(visible, reference, wanted) else {
        return Ok(Vec::new());
    };
    Ok(query
        .filter(s::tip_id.eq_any(ids))
        .select(TipState::as_select())
        .load(conn)
        .await?)
}

/// The states of tips that were found, in this order.
pub async fn states(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<TipState>> {
    let rows: Vec<TipState> = TipState::query()
        .filter(s::tip_id.eq_any(ids))
        .load(conn)
        .await?;
    let mut by_id: HashMap<_, _> = rows.into_iter().map(|row| (row.tip_id, row)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// The cases of the tips that checked filters leave, for a list of cases; `None` where nothing can match. Who sees a case by its
/// desk sees which tips it has; who is confined to communes only those that lie there.
pub fn case_ids<'a>(
    visible: &Visibility,
    reference: &Reference,
    filters: &'a TipFilters,
) -> Option<diesel::dsl::Select<Query<'a>, diesel::dsl::AssumeNotNull<s::case_id>>> {
    let wanted = Wanted {
        filters,
        open_only: false,
        sort: Sort::default(),
        after: None,
        limit: 0,
        now: DateTime::<Utc>::MIN_UTC,
    };
    let query = filtered(&visible.of_communes(), reference, &wanted)?;
    Some(
        query
            .filter(s::case_id.is_not_null())
            .select(s::case_id.assume_not_null()),
    )
}

/// In an order, after a row.
pub fn ordered(query: Query<'_>, sort: Sort, after: Option<After>) -> Query<'_> {
    let query = match after {
        Some(After::Priority(score, id)) => query
            .filter(s::score.le(score))
            .filter(s::score.lt(score).or(s::tip_id.gt(id))),
        Some(After::Received(id)) => query.filter(s::tip_id.lt(id)),
        Some(After::Due(at, id)) => query
            .filter(s::due_at.ge(at))
            .filter(s::due_at.gt(at).or(s::tip_id.gt(id))),
        None => query,
    };
    match sort {
        Sort::Priority => query.order((s::score.desc(), s::tip_id)),
        Sort::Received => query.order(s::tip_id.desc()),
        Sort::Due => query
            .filter(s::due_at.is_not_null())
            .order((s::due_at, s::tip_id)),
    }
}
