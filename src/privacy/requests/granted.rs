//! What a granted request leads to: data erased, put right, or their use restricted until that is lifted.

use serde_json::json;
use uuid::Uuid;

use super::store::{self, RequestRow};
use super::wire::{Correction, DecideRequest, Extent, RequestDecision};
use crate::cases;
use crate::db::Conn;
use crate::domain::lang::Lang;
use crate::domain::privacy_clock::RequestKind;
use crate::error::{Error, Result};
use crate::journal::{self, Actor};
use crate::privacy::purge::{self, Purger};
use crate::privacy::store::purge as ending;
use crate::receipts;
use crate::state::AppState;
use crate::tips::amend::Addition;
use crate::tips::{self, TipState, Visibility, intake};

/// 422 where a decision says more than its request needs, or less.
pub fn check(row: &RequestRow, wish: &DecideRequest) -> Result<()> {
    let grants = |kind: RequestKind| {
        wish.decision == RequestDecision::Granted
            && row.kind == kind.as_str()
            && row.tip_id.is_some()
    };
    if wish.extent.is_some() && !grants(RequestKind::Erasure) {
        let detail = "Only a granted erasure of a tip's data has an extent.";
        return Err(Error::invalid("/extent", "not_allowed", detail));
    }
    match (&wish.correction, grants(RequestKind::Correction)) {
        (Some(_), false) => {
            let detail = "Only a granted correction of a tip's data has one.";
            Err(Error::invalid("/correction", "not_allowed", detail))
        }
        (None, true) => {
            let detail = "Say what is put right: fields of the reporter, or the narrative.";
            Err(Error::invalid("/correction", "required", detail))
        }
        (Some(correction), true) if correction.is_empty() => {
            let detail = "It puts nothing right.";
            Err(Error::invalid("/correction", "nothing_said", detail))
        }
        _ => Ok(()),
    }
}

/// Does what was granted about a tip; returns the objects of files that ended.
pub async fn carry_out(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    row: &mut RequestRow,
    wish: &DecideRequest,
) -> Result<Vec<Uuid>> {
    let Some(tip) = row.tip_id else {
        return Ok(Vec::new());
    };
    match RequestKind::parse(&row.kind) {
        Some(RequestKind::Erasure) => {
            row.text = None;
            row.text_key_id = None;
            row.text_wrapped_key = None;
            store::forget_texts(conn, tip).await?;
            let extent = wish.extent.unwrap_or_default();
            let objects = erase(conn, app, actor, tip, extent).await?;
            if extent == Extent::Tip {
                row.tip_id = None;
            }
            return Ok(objects);
        }
        Some(RequestKind::Correction) => {
            if let Some(correction) = &wish.correction {
                correct(conn, app, actor, tip, correction).await?;
            }
        }
        Some(RequestKind::Restriction) => restrict(conn, app, actor, tip).await?,
        // What is held is handed over by `disclosure.rs`; a tip needs no consent that could be withdrawn.
        Some(RequestKind::Access | RequestKind::Withdrawal) | None => {}
    }
    Ok(Vec::new())
}

/// Erases the data of a tip, unless the law keeps it (law 91/2025 art. 14(2), 19).
async fn erase(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    tip: Uuid,
    extent: Extent,
) -> Result<Vec<Uuid>> {
    let now = app.now();
    receipts::erase(conn, Some(&app.keys.identity), actor, tip, now).await?;
    if extent == Extent::Identity {
        return Ok(Vec::new());
    }
    no_longer_needed(conn, tip).await?;
    names_nobody_looked_for(conn, tip).await?;
    receipts::ends::note(conn, tip, receipts::ends::How::Erased, now).await?;
    let purger = Purger {
        storage: &app.storage,
        actor,
        now,
    };
    purge::delete_tips(conn, &purger, &[tip], "request").await
}

/// The tip that a decision erases data of, and whether all of them: to be noted in the store before it is done. Where
/// the law keeps them it is refused here already.
pub async fn about_to_erase(
    conn: &mut Conn,
    row: &RequestRow,
    wish: &DecideRequest,
) -> Result<Option<(Uuid, bool)>> {
    let granted = wish.decision == RequestDecision::Granted
        && RequestKind::parse(&row.kind) == Some(RequestKind::Erasure);
    let Some(tip) = row.tip_id.filter(|_| granted) else {
        return Ok(None);
    };
    cases::not_retained(conn, tip).await?;
    let whole = wish.extent.unwrap_or_default() == Extent::Tip;
    if whole {
        no_longer_needed(conn, tip).await?;
        names_nobody_looked_for(conn, tip).await?;
    }
    Ok(Some((tip, whole)))
}

/// 409 while an officer has recorded why the persons whom the tip names are kept; the reporter's own identity can be
/// erased all the same.
async fn names_nobody_looked_for(conn: &mut Conn, tip: Uuid) -> Result<()> {
    if tips::victims::have_ground(conn, tip).await? {
        let detail = "Persons whom the tip names are kept for a ground that an officer recorded; erase the identity.";
        return Err(Error::conflict("retained_by_law", detail));
    }
    Ok(())
}

/// A tip whose data the police have no duty to work with; else 409 with the ground.
async fn no_longer_needed(conn: &mut Conn, tip: Uuid) -> Result<TipState> {
    let state = tips::lock_state(conn, tip, &Visibility::all()).await?;
    if state.is_open() {
        return Err(Error::conflict(
            "retained_by_law",
            "The tip is not decided yet; what is told must be resolved (BLTTHS art. 145, 147).",
        ));
    }
    cases::not_retained(conn, tip).await?;
    if ending::is_kept(conn, tip).await? {
        return Err(Error::conflict(
            "retained_by_law",
            "The tip repeats one that belongs to a criminal case (law 91/2025 art. 14(2), 19).",
        ));
    }
    Ok(state)
}

/// Keeps what is right beside what was sent.
async fn correct(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    tip: Uuid,
    correction: &Correction,
) -> Result<()> {
    let bytes =
        serde_json::to_vec(correction).map_err(|e| Error::internal("writing a correction", e))?;
    let submission = intake::read_addition(bytes.into())
        .map_err(|_why| Error::internal("reading a correction", "it is no submission"))?;
    let addition = (tip, Addition::Correction);
    tips::amend::amend(conn, app, actor, Lang::Vi, addition, &submission).await?;
    Ok(())
}

/// Has the data of a tip kept and used no more, unless the law has them used.
async fn restrict(conn: &mut Conn, app: &AppState, actor: &Actor, tip: Uuid) -> Result<()> {
    let mut state = no_longer_needed(conn, tip).await?;
    state.restricted_at = state.restricted_at.or(Some(app.now()));
    changed(conn, app, actor, state, "restricted").await
}

/// Lets the data of a tip be used again.
pub async fn release(conn: &mut Conn, app: &AppState, actor: &Actor, tip: Uuid) -> Result<()> {
    let mut state = tips::lock_state(conn, tip, &Visibility::all()).await?;
    state.restricted_at = None;
    changed(conn, app, actor, state, "restriction_lifted").await
}

async fn changed(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    mut state: TipState,
    change: &str,
) -> Result<()> {
    let now = app.now();
    state.version += 1;
    tips::update_state(conn, &state, now).await?;
    let entry = state
        .event("tip.updated", actor, now)
        .with(json!({"change": change}));
    journal::record(conn, &[entry]).await
}
