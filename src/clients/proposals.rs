//! What one admin may change of a client alone, and what waits for a second (contract §2).
//!
//! What waits is one person's: a proposal by another admin takes its place, so that nobody approves a
//! part of their own.

use serde_json::json;

use super::bounds;
use super::store::ClientRow;
use super::wire::Confinement;
use crate::auth::{Principal, SENSITIVE, Scope};
use crate::db::Conn;
use crate::error::{Error, FieldProblem, Result, valid};
use crate::persons;

/// Whether a change is made or waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It holds from now on.
    Made,
    /// Another admin has to approve it.
    Waits,
}

impl Effect {
    /// Status of the answer.
    pub const fn status(self) -> u16 {
        match self {
            Self::Made => 200,
            Self::Waits => 202,
        }
    }
}

fn is_sensitive(code: &str) -> bool {
    Scope::from_code(code).is_some_and(|scope| SENSITIVE.contains(&scope))
}

/// Whether the client may do, or shall be able to do, what one admin cannot grant alone.
fn holds_sensitive(row: &ClientRow) -> bool {
    let held = row.scopes.iter().chain(&row.pending_scopes);
    held.flatten().any(|code| is_sensitive(code))
}

fn waits(row: &ClientRow) -> bool {
    !row.pending_scopes.is_empty()
        || row.pending_confinement.is_some()
        || row.pending_secret_hash.is_some()
}

/// Makes what waits this person's, before something is added to it.
fn propose(row: &mut ClientRow, by: &str) {
    if row.pending_by.as_deref() != Some(by) {
        row.pending_scopes.clear();
        row.pending_confinement = None;
        row.pending_secret_hash = None;
    }
    row.pending_by = Some(by.to_owned());
}

fn settle(row: &mut ClientRow) {
    if !waits(row) {
        row.pending_by = None;
    }
}

/// Grants what one admin may grant; the rest of the scopes waits.
pub fn grant(row: &mut ClientRow, wished: &[String], by: &str) -> Result<()> {
    let mut problems = Vec::new();
    let (mut now, mut later) = (Vec::new(), Vec::new());
    let only = [Scope::TipsSubmit.as_str(), Scope::CheckRead.as_str()];
    for (i, code) in wished.iter().enumerate() {
        let mut wrong = |problem, detail: String| {
            problems.push(FieldProblem::at(format!("/scopes/{i}"), problem, detail));
        };
        let granted = row.scopes.iter().flatten().any(|known| known == code);
        if wished.iter().take(i).any(|before| before == code) {
            continue;
        }
        if Scope::from_code(code).is_none() {
            wrong("unknown_value", "There is no such scope.".to_owned());
        } else if row.kind == "public" && !only.contains(&code.as_str()) {
            let only = only.join(" and ");
            wrong(
                "not_for_public",
                format!("A public client may hold {only} alone, not {code}."),
            );
        } else if is_sensitive(code) && !granted {
            later.push(Some(code.clone()));
        } else {
            now.push(Some(code.clone()));
        }
    }
    valid(problems)?;
    row.scopes = now;
    row.pending_scopes.clear();
    if !later.is_empty() {
        propose(row, by);
        row.pending_scopes = later;
    }
    settle(row);
    Ok(())
}

/// Confines a client; what opens more to one with sensitive scopes waits.
pub fn confine(row: &mut ClientRow, wished: Confinement, by: &str) -> Result<()> {
    if holds_sensitive(row) && wished.is_wider_than(&Confinement::of(row)) {
        propose(row, by);
        row.pending_confinement = Some(json!(wished));
    } else {
        wished.apply(row);
        row.pending_confinement = None;
    }
    settle(row);
    Ok(())
}

/// Takes a new secret; that of a client with sensitive scopes waits.
pub fn rotate(row: &mut ClientRow, hash: String, by: &str) -> Result<Effect> {
    if row.kind == "public" {
        return Err(Error::conflict(
            "wrong_state",
            "A public client has no secret.",
        ));
    }
    if holds_sensitive(row) {
        propose(row, by);
        row.pending_secret_hash = Some(hash);
        return Ok(Effect::Waits);
    }
    row.secret_hash = Some(hash);
    known_to(row, by);
    row.pending_secret_hash = None;
    settle(row);
    Ok(Effect::Made)
}

/// Whoever knew a secret stays one behind the program: what was done with an old one may still wait.
fn known_to(row: &mut ClientRow, who: &str) {
    let who = Some(who.to_owned());
    if !row.secret_known_to.contains(&who) {
        row.secret_known_to.push(who);
    }
}

/// Puts in force what waits.
pub async fn approve(conn: &mut Conn, row: &mut ClientRow, who: &Principal) -> Result<()> {
    let Some(proposer) = row.pending_by.take() else {
        let detail = "Nothing waits for approval.";
        return Err(Error::conflict("wrong_state", detail));
    };
    let detail = "The admin who proposed it cannot approve it.";
    persons::refuse_same(conn, who, &[&proposer], detail).await?;
    row.scopes.append(&mut row.pending_scopes);
    if let Some(waiting) = row.pending_confinement.take() {
        let waiting: Confinement = serde_json::from_value(waiting)
            .map_err(|e| Error::internal("reading a proposed confinement", e))?;
        bounds::check_given(who, &waiting)?;
        waiting.apply(row);
    }
    if let Some(hash) = row.pending_secret_hash.take() {
        row.secret_hash = Some(hash);
        known_to(row, &proposer);
    }
    Ok(())
}
