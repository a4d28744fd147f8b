//! Views of cases.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::store::{self, CaseRow, HoldRow};
use super::wire::{CaseTotals, CaseView, HoldView};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::tips::{self, Visibility};

/// Those of some tips that a bearer may know of. Who sees a case by its desk sees which tips it has; who
/// is confined to communes only those of them that lie there.
pub async fn known(conn: &mut Conn, visible: &Visibility, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    Ok(match visible.units() {
        None => ids.iter().copied().collect(),
        Some(_) => tips::visible_ids(conn, visible, ids)
            .await?
            .into_iter()
            .collect(),
    })
}

/// The views of some cases, in their order.
pub async fn of(
    conn: &mut Conn,
    rows: Vec<CaseRow>,
    visible: &Visibility,
) -> Result<Vec<CaseView>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut totals: HashMap<_, _> = store::totals(conn, &ids, visible.units())
        .await?
        .into_iter()
        .map(|t| (t.case_id, t))
        .collect();
    let mut holds: HashMap<_, _> = store::holds(conn, &ids)
        .await?
        .into_iter()
        .map(|hold| (hold.case_id, hold))
        .collect();
    let tips: Vec<Uuid> = totals.values().flat_map(|t| t.tip_ids.clone()).collect();
    let seen = known(conn, visible, &tips).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let hold = holds.remove(&row.id);
        let mut sums = totals.remove(&row.id).unwrap_or_default();
        sums.tip_ids.retain(|tip| seen.contains(tip));
        views.push(CaseView {
            id: row.id,
            number: row.number,
            title: row.title,
            summary: row.summary,
            state: row.state,
            decision: row.decision,
            desk: row.desk,
            assignee: row.assignee,
            methods: row.methods.into_iter().flatten().collect(),
            received_at: row.received_at,
            opened_at: row.opened_at,
            opened_by: row.opened_by,
            totals: CaseTotals {
                tips: sums.tips,
                victims: sums.victims,
                losses_vnd: sums.losses_vnd,
                recovered_vnd: sums.recovered_vnd,
            },
            tips: sums.tip_ids,
            next_due_at: row.next_due_at,
            hold: hold.map(HoldView::from),
            merged_into: row.merged_into,
            purged_at: row.purged_at,
            version: row.version,
            updated_at: row.updated_at,
        });
    }
    Ok(views)
}

/// The view of one case.
pub async fn one(conn: &mut Conn, row: CaseRow, visible: &Visibility) -> Result<CaseView> {
    of(conn, vec![row], visible)
        .await?
        .pop()
        .ok_or(Error::not_found("case"))
}

impl From<HoldRow> for HoldView {
    fn from(row: HoldRow) -> Self {
        Self {
            reason: row.reason,
            legal_basis: row.legal_basis,
            set_by: row.set_by,
            set_at: row.set_at,
            lift_requested_by: row.lift_requested_by,
            lift_requested_at: row.lift_requested_at,
        }
    }
}
