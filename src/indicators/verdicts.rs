//! Verdicts: given by one officer; a confirmed scam reaches the public only after a second, and an
//! official entry stands until two admins agree to end it (contract §2).

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, IndicatorRow, VerdictRow};
use super::wire::{GiveVerdict, Verdict, VerdictView};
use crate::auth::{Principal, Scope};
use crate::db::Conn;
use crate::domain::indicator::{self, Kind, is_everybodys_site};
use crate::domain::masking::mask_note;
use crate::error::{Error, Result};
use crate::http::IfMatch;
use crate::journal::{self, Actor, Entry};
use crate::persons;
use crate::reference::Reference;
use crate::state::AppState;

/// Gives a verdict in place of the one before.
pub async fn give(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    wish: &GiveVerdict,
) -> Result<VerdictRow> {
    let now = app.now();
    check_times(wish, now)?;
    let row = store::find(conn, id, who).await?;
    store::lock(conn, &row.key).await?;
    let current = store::current_verdict(conn, &row.key).await?;
    let accuses = matches!(wish.verdict, Verdict::Suspected | Verdict::ConfirmedScam);
    if accuses {
        let entries = [current.clone(), verdict_below(conn, &row).await?];
        may_be_accused(&row, &entries, &app.reference.get(), now)?;
    }
    let standing = current.as_ref().filter(|v| state(v, now) == "in_force");
    if let Some(standing) = standing.filter(|v| confirms(v, wish)) {
        return already(standing, wish);
    }
    let official = standing.filter(|v| v.verdict == "official");
    if let Some(official) = official.filter(|v| same(v, wish)) {
        store::end_proposed(conn, &row.key, now).await?;
        return Ok(official.clone());
    }
    let waits = match official {
        Some(official) => takes_from(official, wish),
        // What the public is told stands until the second officer has agreed.
        None => standing.is_some() && wish.verdict == Verdict::ConfirmedScam,
    };
    if waits {
        if official.is_some() && !who.may(Scope::Admin) {
            return Err(Error::LacksScope(Scope::Admin.as_str()));
        }
        store::end_proposed(conn, &row.key, now).await?;
    } else {
        store::end_verdict(conn, &row.key, now).await?;
    }
    let independent = store::independent_reports(conn, &row.key).await?;
    let verdict = VerdictRow {
        waits,
        independent: Some(independent),
        ..given(&row.key, who, wish, now)
    };
    store::insert_verdict(conn, &verdict).await?;
    // Whoever was told to block it is told to end that.
    let corrects = current.is_some_and(|was| !waits && told_as_scam(&was));
    journal::record(conn, &told_of(&verdict, id, corrects, actor)).await?;
    Ok(verdict)
}

/// 422 for an end that is past, and for a day of checking that is to come.
fn check_times(wish: &GiveVerdict, now: DateTime<Utc>) -> Result<()> {
    if wish.expires_at.is_some_and(|at| at <= now) {
        let detail = "The end must lie in the future.";
        return Err(Error::invalid("/expires_at", "in_past", detail));
    }
    let day = crate::domain::hanoi::date(now);
    let checked = |on: NaiveDate| on <= day && on.year() >= 1900;
    if !wish.checked_at.is_none_or(checked) {
        let detail = "It was checked today or earlier.";
        return Err(Error::invalid("/checked_at", "out_of_range", detail));
    }
    Ok(())
}

/// Whether a wish gives a verdict that a second officer has approved.
fn confirms(verdict: &VerdictRow, wish: &GiveVerdict) -> bool {
    verdict.verdict == wish.verdict.as_str() && verdict.approved_at.is_some()
}

/// The verdict that stands, where nothing about it would change: a second confirmation would take the first from the
/// public until it is approved too.
fn already(standing: &VerdictRow, wish: &GiveVerdict) -> Result<VerdictRow> {
    if same(standing, wish) {
        return Ok(standing.clone());
    }
    Err(Error::conflict(
        "wrong_state",
        "It is confirmed already; to change the grounds, end that verdict first.",
    ))
}

/// The note on a verdict, without the codes and passwords in it.
fn noted(wish: &GiveVerdict) -> Option<String> {
    wish.note.as_deref().map(mask_note)
}

/// A verdict as it was given, before anybody else has looked at it.
fn given(key: &[u8], who: &Principal, wish: &GiveVerdict, now: DateTime<Utc>) -> VerdictRow {
    VerdictRow {
        id: crate::state::id_at(now),
        key: key.to_vec(),
        verdict: wish.verdict.as_str().to_owned(),
        reason: wish.reason.clone(),
        note: noted(wish),
        source: wish.source.clone(),
        checked_at: wish.checked_at,
        given_by: who.sub.clone(),
        given_at: now,
        expires_at: wish.expires_at,
        approved_by: None,
        approved_at: None,
        ended_at: None,
        waits: false,
        independent: None,
    }
}

/// What the journal tells of a new verdict.
fn told_of(verdict: &VerdictRow, id: Uuid, corrects: bool, actor: &Actor) -> Vec<Entry> {
    let at = verdict.given_at;
    let given = Entry::event("indicator.verdict", actor, at)
        .on("indicator", id)
        .with(json!({"verdict": verdict.verdict, "reason": verdict.reason, "state": state(verdict, at)}));
    let corrected = corrects.then(|| {
        Entry::event("indicator.corrected", actor, at)
            .on("indicator", id)
            .with(json!({"change": "verdict_replaced"}))
    });
    std::iter::once(given).chain(corrected).collect()
}

/// Whether every feed carries it as a scam.
fn told_as_scam(verdict: &VerdictRow) -> bool {
    verdict.verdict == Verdict::ConfirmedScam.as_str() && is_agreed(verdict)
}

/// Approves a confirmed scam as the second officer, or the end of an official entry as the second admin.
pub async fn approve(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    (id, seen): (Uuid, Option<&IfMatch>),
) -> Result<VerdictRow> {
    let now = app.now();
    let row = store::find(conn, id, who).await?;
    store::lock(conn, &row.key).await?;
    if let Some(seen) = seen {
        seen.check(store::verdict_version(conn, &row.key).await?)?;
    }
    let waiting = |v: &VerdictRow| state(v, now) == "pending_approval";
    let proposed = store::proposed_verdict(conn, &row.key).await?;
    let verdict = match proposed.filter(waiting) {
        Some(proposed) => Some(proposed),
        None => store::current_verdict(conn, &row.key)
            .await?
            .filter(waiting),
    }
    .ok_or_else(|| Error::conflict("wrong_state", "No verdict waits for approval."))?;
    let official = (store::current_verdict(conn, &row.key).await?)
        .is_some_and(|v| v.verdict == "official" && state(&v, now) == "in_force");
    if verdict.waits && official && !who.may(Scope::Admin) {
        return Err(Error::LacksScope(Scope::Admin.as_str()));
    }
    if verdict.verdict == Verdict::ConfirmedScam.as_str() {
        // It may have become official since it was proposed.
        let standing = store::current_verdict(conn, &row.key).await?;
        let entries = [standing, verdict_below(conn, &row).await?];
        may_be_accused(&row, &entries, &app.reference.get(), now)?;
    }
    let detail = "The officer who gave the verdict cannot approve it.";
    persons::refuse_same(conn, who, &[&verdict.given_by], detail).await?;
    store::approve_verdict(conn, &verdict, &who.sub, now).await?;
    let entry = Entry::event("indicator.verdict", actor, now)
        .on("indicator", id)
        .with(json!({"verdict": verdict.verdict, "reason": verdict.reason, "state": "in_force"}));
    journal::record(conn, &[entry]).await?;
    Ok(VerdictRow {
        approved_by: Some(who.sub.clone()),
        approved_at: Some(now),
        waits: false,
        ..verdict
    })
}

/// Whether a wish takes anything from an official entry: its standing, its source or its time.
fn takes_from(official: &VerdictRow, wish: &GiveVerdict) -> bool {
    let sooner = match (official.expires_at, wish.expires_at) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(before), Some(after)) => after < before,
    };
    wish.verdict != Verdict::Official
        || (official.source.is_some() && wish.source.is_none())
        || (official.checked_at.is_some() && wish.checked_at.is_none())
        || sooner
}

/// Whether a wish is what stands already.
fn same(verdict: &VerdictRow, wish: &GiveVerdict) -> bool {
    verdict.verdict == wish.verdict.as_str()
        && verdict.reason == wish.reason
        && verdict.note == noted(wish)
        && verdict.source == wish.source
        && verdict.checked_at == wish.checked_at
        && verdict.expires_at == wish.expires_at
}

/// 409 where a verdict would accuse what is official, or a site on which anybody has a page.
fn may_be_accused(
    row: &IndicatorRow,
    entries: &[Option<VerdictRow>; 2],
    reference: &Reference,
    now: DateTime<Utc>,
) -> Result<()> {
    let detail = if is_everybodys_site(&row.value) {
        "Anybody has a page or an account there: accuse the page, not the site."
    } else if is_official(row, entries.iter().flatten(), reference, now) {
        "It belongs to an agency, bank or company itself; end that entry first."
    } else {
        return Ok(());
    };
    Err(Error::conflict("official_entry", detail))
}

/// The verdict on what an indicator stands on.
async fn verdict_below(conn: &mut Conn, row: &IndicatorRow) -> Result<Option<VerdictRow>> {
    match key_below(&row.kind, &row.value) {
        None => Ok(None),
        Some(key) => store::current_verdict(conn, &key).await,
    }
}

/// The key of what an indicator stands on.
pub fn key_below(kind: &str, value: &str) -> Option<[u8; 32]> {
    let (kind, value) = indicator::stands_on(Kind::from_code(kind)?, value)?;
    Some(indicator::key(kind, value))
}

/// Official numbers, domains and accounts never get a scam verdict, nor does what stands on them; `entries` are the
/// verdicts on the indicator and on what it stands on.
pub fn is_official<'a>(
    row: &IndicatorRow,
    mut entries: impl Iterator<Item = &'a VerdictRow>,
    reference: &Reference,
    now: DateTime<Utc>,
) -> bool {
    let entered =
        entries.any(|v| v.verdict == "official" && v.expires_at.is_none_or(|at| at > now));
    let host = row
        .attributes
        .get("host")
        .and_then(serde_json::Value::as_str);
    entered || reference.is_shielded(&row.kind, &row.value, host)
}

/// Where a verdict stands.
pub fn state(verdict: &VerdictRow, now: DateTime<Utc>) -> &'static str {
    if verdict.ended_at.is_some() {
        "ended"
    } else if verdict.expires_at.is_some_and(|at| at <= now) {
        "expired"
    } else if is_agreed(verdict) {
        "in_force"
    } else {
        "pending_approval"
    }
}

/// Whether it needs no second officer, or has one.
pub fn is_agreed(verdict: &VerdictRow) -> bool {
    let by_one = verdict.verdict != Verdict::ConfirmedScam.as_str();
    !verdict.waits && (by_one || verdict.approved_at.is_some())
}

/// As officers see it.
pub fn view(verdict: VerdictRow, now: DateTime<Utc>) -> VerdictView {
    VerdictView {
        state: state(&verdict, now),
        id: verdict.id,
        verdict: verdict.verdict,
        reason: verdict.reason,
        note: verdict.note,
        given_by: verdict.given_by,
        given_at: verdict.given_at,
        expires_at: verdict.expires_at,
        approved_by: verdict.approved_by,
        source: verdict.source,
    }
}
