//! Pages of tips that name an indicator, however many do and wherever they stand in the order.
//!
//! The planner cannot know how many of them still wait, nor how far back: it may walk a whole queue to meet a
//! few. So the way is chosen here, and none costs more than reading each of them once.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::super::filters::{After, Sort, Wanted, end_of_ids, first_id};
use super::super::visibility::Visibility;
use super::filtered::{besides_indicator, naming};
use super::list::ordered;
use crate::db::Conn;
use crate::db::schema::{indicator_figures as f, tip_indicators as e, tip_states as s};
use crate::error::Result;
use crate::reference::Reference;

/// Where so many tips name it, the queue is likely to hold one soon: it is walked first, but never past more tips
/// than name it, so that a walk in vain costs no more than the other way.
const VIRAL: i64 = 500;
/// Tips that are passed on the walk at most, and those read at once.
const WALK: i64 = 2_000;
const STEP: i64 = 250;
/// Tips read at once at most, of those that name it.
const STRIDE: i64 = 4_000;

/// Ids of one page in its order, and one more where there is more.
pub async fn page(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    key: &[u8],
    wanted: &Wanted<'_>,
) -> Result<Vec<Uuid>> {
    if wanted.sort == Sort::Received {
        return newest(conn, visible, reference, key, wanted).await;
    }
    let waiting =
        wanted.open_only && matches!(wanted.filters.status.as_deref(), None | Some("received"));
    let named_by = if waiting {
        i64::from(tips_naming(conn, key).await?)
    } else {
        0
    };
    if named_by > VIRAL
        && let Some(ids) = walk(conn, visible, reference, key, wanted, named_by.min(WALK)).await?
    {
        return Ok(ids);
    }
    let all = naming(besides_indicator(visible, reference, wanted), key.to_vec());
    Ok(ordered(all, wanted.sort, wanted.after)
        .limit(wanted.limit + 1)
        .select(s::tip_id)
        .load(conn)
        .await?)
}

/// How many tips name an indicator, as far as they are counted.
async fn tips_naming(conn: &mut Conn, key: &[u8]) -> Result<i32> {
    let tips: Option<i32> = f::table
        .filter(f::key.eq(key))
        .select(f::tips)
        .first(conn)
        .await
        .optional()?;
    Ok(tips.unwrap_or(0))
}

/// Newest first: their own index has them in this order.
async fn newest(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    key: &[u8],
    wanted: &Wanted<'_>,
) -> Result<Vec<Uuid>> {
    let full = usize::try_from(wanted.limit + 1).unwrap_or(usize::MAX);
    let cursor = wanted.after.map(After::id);
    let bounds = (
        wanted.filters.received_from.map_or(Uuid::nil(), first_id),
        wanted.filters.received_to.map_or(Uuid::max(), end_of_ids),
    );
    let mut before = cursor.map_or(bounds.1, |id| id.min(bounds.1));
    let (mut found, mut step) = (Vec::new(), STEP.max(wanted.limit + 1));
    loop {
        let naming: Vec<Uuid> = e::table
            .filter(e::indicator_key.eq(key))
            .filter(e::tip_id.lt(before).and(e::tip_id.ge(bounds.0)))
            .order(e::tip_id.desc())
            .limit(step)
            .select(e::tip_id)
            .load(conn)
            .await?;
        let ended = i64::try_from(naming.len()).unwrap_or(0) < step;
        before = naming.last().copied().unwrap_or(before);
        let ids: Vec<Uuid> = besides_indicator(visible, reference, wanted)
            .filter(s::tip_id.eq_any(naming))
            .order(s::tip_id.desc())
            .select(s::tip_id)
            .load(conn)
            .await?;
        found.extend(ids);
        if ended || found.len() >= full {
            found.truncate(full);
            return Ok(found);
        }
        step = (2 * step).min(STRIDE);
    }
}

/// Walks the queue until the page is full; `None` where that leads too far.
async fn walk(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    key: &[u8],
    wanted: &Wanted<'_>,
    most: i64,
) -> Result<Option<Vec<Uuid>>> {
    let full = usize::try_from(wanted.limit + 1).unwrap_or(usize::MAX);
    // Index only, and once: to ask for each step costs more.
    let naming: Vec<Uuid> = e::table
        .filter(e::indicator_key.eq(key))
        .select(e::tip_id)
        .load(conn)
        .await?;
    let naming: HashSet<Uuid> = naming.into_iter().collect();
    let (mut found, mut after) = (Vec::new(), wanted.after);
    for _ in 0..most / STEP {
        let query = ordered(
            besides_indicator(visible, reference, wanted),
            wanted.sort,
            after,
        )
        .limit(STEP);
        // No more than the index of the order has.
        let passed: Vec<After> = if wanted.sort == Sort::Due {
            let rows = query.select((s::due_at.assume_not_null(), s::tip_id));
            let rows: Vec<(_, Uuid)> = rows.load(conn).await?;
            rows.into_iter()
                .map(|(at, id)| After::Due(at, id))
                .collect()
        } else {
            let rows: Vec<(i16, Uuid)> = query.select((s::score, s::tip_id)).load(conn).await?;
            rows.into_iter()
                .map(|(score, id)| After::Priority(score, id))
                .collect()
        };
        let ids: Vec<Uuid> = passed.iter().map(|key| key.id()).collect();
        found.extend(ids.into_iter().filter(|id| naming.contains(id)));
        if found.len() >= full || i64::try_from(passed.len()).unwrap_or(0) < STEP {
            found.truncate(full);
            return Ok(Some(found));
        }
        after = passed.last().copied();
    }
    Ok(None)
}
