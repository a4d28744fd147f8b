//! Tips that something happened to after a position of the journal.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::filters::{Sort, TipFilters, Wanted};
use super::store::{self, TipState};
use super::visibility::Visibility;
use crate::db::Conn;
use crate::error::Result;
use crate::reference::Reference;

/// Events that are read at once.
const EVENTS: i64 = 1_000;
/// Most readings for one page: whoever may see little of much gets a page with little on it.
const READINGS: usize = 20;

/// A page of changed tips.
pub struct Changed {
    /// Each tip once, in the order of their events.
    pub states: Vec<TipState>,
    /// The last event that was looked at.
    pub position: i64,
    /// Whether there are events behind it.
    pub more: bool,
}

/// The tips that the events after a position are about, as far as they fit the filters.
pub async fn since(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    filters: &TipFilters,
    (position, limit): (i64, i64),
    now: DateTime<Utc>,
) -> Result<Changed> {
    filters.check(conn, reference).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut page = Changed {
        states: Vec::new(),
        position,
        more: true,
    };
    let mut taken: HashSet<Uuid> = HashSet::new();
    for _ in 0..READINGS {
        let events = store::changes_after(conn, page.position, EVENTS).await?;
        let whole = i64::try_from(events.len()).unwrap_or(i64::MAX) == EVENTS;
        let ids: HashSet<Uuid> = events.iter().filter_map(|(_, id)| *id).collect();
        let wanted = Wanted {
            filters,
            open_only: false,
            sort: Sort::Received,
            after: None,
            limit,
            now,
        };
        let ids = ids.into_iter().collect();
        let fitting = store::fitting(conn, visible, reference, &wanted, ids).await?;
        let mut fitting: HashMap<Uuid, TipState> = fitting
            .into_iter()
            .map(|state| (state.tip_id, state))
            .collect();
        for (position, id) in events {
            let new = id.filter(|id| !taken.contains(id) && fitting.contains_key(id));
            if let Some(id) = new {
                if page.states.len() >= most {
                    return Ok(page);
                }
                taken.insert(id);
                page.states.extend(fitting.remove(&id));
            }
            page.position = position;
        }
        if !whole {
            page.more = false;
            return Ok(page);
        }
    }
    Ok(page)
}
