//! The list with each flood of copies as one line: the first of it that the list would show.
//!
//! A page reads on in the order of the list and passes over floods it has shown. What earlier pages
//! showed is not remembered in the cursor but asked for: whether the list holds a tip of the flood
//! before the cursor. So a page costs what it shows, and never a sort of the whole queue.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::super::filters::{After, Wanted};
use super::super::visibility::Visibility;
use super::TipState;
use super::filtered::{Query, filtered};
use super::list::ordered;
use crate::db::Conn;
use crate::db::schema::tip_states as s;
use crate::error::Result;
use crate::reference::Reference;

/// Rows read at once at least: what is passed over comes in runs.
const CHUNK: i64 = 200;

/// One page, and one row more where there is more.
pub async fn collapsed_page(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    wanted: &Wanted<'_>,
) -> Result<Vec<TipState>> {
    let full = usize::try_from(wanted.limit + 1).unwrap_or(usize::MAX);
    let chunk = CHUNK.max(wanted.limit + 1);
    let (mut shown, mut seen, mut after) = (Vec::new(), BTreeSet::new(), wanted.after);
    loop {
        let Some(query) = filtered(visible, reference, wanted) else {
            return Ok(Vec::new());
        };
        let passed: Vec<Uuid> = seen.iter().copied().collect();
        let rows: Vec<TipState> = ordered(query, wanted.sort, after)
            .filter(s::flood_id.is_null().or(s::flood_id.ne_all(passed)))
            .limit(chunk)
            .select(TipState::as_select())
            .load(conn)
            .await?;
        let last = rows.last().map(|row| After::of(row, wanted.sort));
        let ended = i64::try_from(rows.len()).unwrap_or(0) < chunk;
        seen.extend(shown_before(conn, visible, reference, wanted, &rows).await?);
        for row in rows {
            if row.flood_id.is_none_or(|flood| seen.insert(flood)) {
                shown.push(row);
            }
            if shown.len() == full {
                return Ok(shown);
            }
        }
        if ended {
            return Ok(shown);
        }
        after = last;
    }
}

/// Floods of these rows that an earlier page has shown.
async fn shown_before(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    wanted: &Wanted<'_>,
    rows: &[TipState],
) -> Result<Vec<Uuid>> {
    let floods: BTreeSet<Uuid> = rows.iter().filter_map(|row| row.flood_id).collect();
    let (Some(cursor), false) = (wanted.after, floods.is_empty()) else {
        return Ok(Vec::new());
    };
    let Some(query) = filtered(visible, reference, wanted) else {
        return Ok(Vec::new());
    };
    let found: Vec<Option<Uuid>> = up_to(query, cursor)
        .filter(s::flood_id.eq_any(floods))
        .select(s::flood_id)
        .distinct()
        .load(conn)
        .await?;
    Ok(found.into_iter().flatten().collect())
}

/// Rows up to the last of the page before.
fn up_to(query: Query<'_>, cursor: After) -> Query<'_> {
    match cursor {
        After::Priority(score, id) => query
            .filter(s::score.ge(score))
            .filter(s::score.gt(score).or(s::tip_id.le(id))),
        After::Received(id) => query.filter(s::tip_id.ge(id)),
        After::Due(at, id) => query
            .filter(s::due_at.le(at))
            .filter(s::due_at.lt(at).or(s::tip_id.le(id))),
    }
}

/// For each tip shown that belongs to a flood: the flood, and how many of it the list holds.
pub async fn flood_counts(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    wanted: &Wanted<'_>,
    shown: &[TipState],
) -> Result<HashMap<Uuid, (Uuid, i64)>> {
    let floods: BTreeSet<Uuid> = shown.iter().filter_map(|row| row.flood_id).collect();
    let Some(query) = filtered(visible, reference, wanted).filter(|_| !floods.is_empty()) else {
        return Ok(HashMap::new());
    };
    let listed = query.filter(s::flood_id.eq_any(floods)).select(s::tip_id);
    let counted: Vec<(Option<Uuid>, i64)> = s::table
        .filter(s::tip_id.eq_any(listed))
        .group_by(s::flood_id)
        .select((s::flood_id, diesel::dsl::count_star()))
        .load(conn)
        .await?;
    let counted: HashMap<_, _> = counted.into_iter().collect();
    let line = |row: &TipState| {
        let tips = counted.get(&row.flood_id).copied()?;
        Some((row.tip_id, (row.flood_id?, tips)))
    };
    Ok(shown.iter().filter_map(line).collect())
}
