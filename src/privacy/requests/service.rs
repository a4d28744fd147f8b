//! What becomes of the requests of data subjects.

use serde_json::json;
use uuid::Uuid;

use super::granted;
use super::store::{self, RequestRow};
use super::wire::{
    DecideRequest, OwnRequest, PrivacyRequestView, RequestDecision, SubmitPrivacyRequest,
};
use crate::auth::Principal;
use crate::cases;
use crate::db::{self, Conn};
use crate::domain::masking::mask_secrets;
use crate::domain::privacy_clock::RequestKind;
use crate::error::{Error, Result};
use crate::evidence;
use crate::journal::{self, Actor, Entry};
use crate::keys::{SealError, SealedAlone, Secret};
use crate::persons;
use crate::state::AppState;
use crate::tips::Visibility;

/// What earlier versions sealed the texts under.
fn former_key(app: &AppState) -> Secret {
    app.keys.answers.derive("privacy requests")
}

/// Writes a request down; its clocks start now.
pub async fn receive(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    recorded_by: Option<&str>,
    tip: Option<Uuid>,
    wish: &SubmitPrivacyRequest,
) -> Result<RequestRow> {
    let now = app.now();
    let id = app.new_id();
    let text = match &wish.text {
        None => None,
        Some(text) => Some(
            SealedAlone::seal(&app.keys.identity, id.as_bytes(), text.as_bytes())
                .map_err(|e| Error::internal("sealing a request", e))?,
        ),
    };
    let (text, key) = text.map(|sealed| (sealed.bytes, sealed.key)).unzip();
    let (text_key_id, text_wrapped_key) = key.map(|key| (key.key_id, key.bytes)).unzip();
    let reference = app.reference.get();
    let (terms, calendar) = (&reference.privacy_terms, &reference.calendar);
    let row = RequestRow {
        id,
        kind: wish.kind.as_str().to_owned(),
        state: "received".to_owned(),
        tip_id: tip,
        recorded_by: recorded_by.map(str::to_owned),
        text,
        received_at: now,
        acknowledge_by: terms.acknowledge_by(calendar, now),
        due_at: terms.due_at(calendar, wish.kind, now, false),
        acknowledged_at: None,
        acknowledged_by: None,
        extended_at: None,
        extended_by: None,
        extension_reason: None,
        decision_reason: None,
        decision_ground: None,
        decided_at: None,
        decided_by: None,
        lifted_at: None,
        lifted_by: None,
        lift_reason: None,
        text_key_id,
        text_wrapped_key,
    };
    store::insert(conn, &row).await?;
    record(conn, actor, &row, "privacy.requested", app).await?;
    Ok(row)
}

async fn record(
    conn: &mut Conn,
    actor: &Actor,
    row: &RequestRow,
    act: &'static str,
    app: &AppState,
) -> Result<()> {
    let entry = Entry::audit(act, actor, app.now())
        .on("privacy_request", row.id)
        .with(json!({"kind": row.kind, "state": row.state, "tip_id": row.tip_id}));
    journal::record(conn, &[entry]).await
}

/// What the person wrote, opened.
pub fn text(app: &AppState, row: &RequestRow) -> Result<Option<String>> {
    let Some(sealed) = &row.text else {
        return Ok(None);
    };
    let owner = row.id.as_bytes();
    let (key_id, wrapped) = (row.text_key_id.as_deref(), row.text_wrapped_key.as_deref());
    let plain = match SealedAlone::stored(key_id, wrapped, sealed) {
        Some(sealed) => sealed.open(&app.keys.identity, owner),
        None => former_key(app).open(owner, sealed),
    };
    let plain = plain.map_err(|error| unreadable(row.id, error))?;
    Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
}

fn unreadable(request: Uuid, error: SealError) -> Error {
    let fault = Error::internal("opening a request", error).with_causes();
    tracing::error!(%request, fault, "the text of a data subject's request does not open");
    metrics::counter!("requests_unreadable_total").increment(1);
    Error::conflict(
        "sealed_unreadable",
        format!(
            "The text of request {request} does not open: it was altered in the database, or a key is missing. \
             Tell the operator."
        ),
    )
}

/// A request as administrators see it, with its text opened. One that does not open hides neither the request nor those
/// beside it.
pub fn view(app: &AppState, row: &RequestRow) -> PrivacyRequestView {
    let text = text(app, row);
    let text_unreadable = text.is_err();
    let now = app.now();
    let unacknowledged = row.acknowledged_at.is_none() && row.acknowledge_by < now;
    PrivacyRequestView {
        own: OwnRequest::from(row),
        tip_id: row.tip_id,
        by_receipt: row.recorded_by.is_none(),
        recorded_by: row.recorded_by.clone(),
        // Sealed as it was sent; who works on it needs no OTP to do so.
        text: text.ok().flatten().map(|text| mask_secrets(&text).text),
        text_unreadable,
        overdue: row.decided_at.is_none() && (row.due_at < now || unacknowledged),
        acknowledged_by: row.acknowledged_by.clone(),
        extended_at: row.extended_at,
        extended_by: row.extended_by.clone(),
        decided_by: row.decided_by.clone(),
        lifted_by: row.lifted_by.clone(),
    }
}

/// Locks an open request, does the work, writes the request as it is then.
async fn change_open(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    act: &'static str,
    work: impl AsyncFnOnce(&mut Conn, &mut RequestRow) -> Result<Vec<Uuid>>,
) -> Result<RequestRow> {
    change(app, who, actor, id, act, async |conn, row| {
        if row.decided_at.is_some() {
            return Err(wrong_state("The request is decided already."));
        }
        work(conn, row).await
    })
    .await
}

fn wrong_state(detail: &'static str) -> Error {
    Error::conflict("wrong_state", detail)
}

/// Locks a request, does the work, writes the request as it is then; deletes the objects of files that ended.
async fn change(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    act: &'static str,
    work: impl AsyncFnOnce(&mut Conn, &mut RequestRow) -> Result<Vec<Uuid>>,
) -> Result<RequestRow> {
    let mut conn = app.db.get().await?;
    let (row, objects) = db::transaction(&mut conn, async |conn| {
        let mut row = store::lock(conn, id, &Visibility::of(who)).await?;
        let objects = work(conn, &mut row).await?;
        store::save(conn, &row).await?;
        record(conn, actor, &row, act, app).await?;
        Ok((row, objects))
    })
    .await?;
    // A bucket may take its time.
    drop(conn);
    evidence::delete_objects(&app.storage, &objects).await;
    Ok(row)
}

/// Acknowledges a request.
pub async fn acknowledge(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
) -> Result<RequestRow> {
    let act = "privacy.acknowledged";
    change_open(app, who, actor, id, act, async |_, row| {
        if row.acknowledged_at.is_some() {
            return Err(wrong_state("The request is acknowledged already."));
        }
        acknowledged(app, who, row);
        Ok(Vec::new())
    })
    .await
}

fn acknowledged(app: &AppState, who: &Principal, row: &mut RequestRow) {
    "acknowledged".clone_into(&mut row.state);
    row.acknowledged_at = Some(app.now());
    row.acknowledged_by = Some(who.sub.clone());
}

/// Extends the term of a request, once, while it still runs.
pub async fn extend(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    reason: String,
) -> Result<RequestRow> {
    let act = "privacy.extended";
    change_open(app, who, actor, id, act, async |_, row| {
        if row.extended_at.is_some() || row.due_at < app.now() {
            return Err(wrong_state(
                "A term is extended once, and before it is over.",
            ));
        }
        let kind = RequestKind::parse(&row.kind)
            .ok_or_else(|| Error::internal("extending a request", "an unknown kind"))?;
        let reference = app.reference.get();
        let terms = &reference.privacy_terms;
        row.due_at = terms.due_at(&reference.calendar, kind, row.received_at, true);
        row.extended_at = Some(app.now());
        row.extended_by = Some(who.sub.clone());
        row.extension_reason = Some(reason);
        Ok(Vec::new())
    })
    .await
}

/// Decides a request; what is granted about a tip is done with it, but for the handing over of an access.
pub async fn decide(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    wish: DecideRequest,
) -> Result<RequestRow> {
    if wish.decision == RequestDecision::Refused && wish.ground.is_none() {
        let detail = "A refusal names the law that it rests on.";
        return Err(Error::invalid("/ground", "required", detail));
    }
    note_erasure(app, who, id, &wish).await?;
    let act = "privacy.decided";
    let row = change_open(app, who, actor, id, act, async |conn, row| {
        may_decide(conn, who, row, &wish).await?;
        if row.acknowledged_at.is_none() {
            acknowledged(app, who, row);
        }
        wish.decision.as_str().clone_into(&mut row.state);
        row.decision_reason = Some(wish.reason.clone());
        row.decision_ground.clone_from(&wish.ground);
        row.decided_at = Some(app.now());
        row.decided_by = Some(who.sub.clone());
        match wish.decision {
            RequestDecision::Granted => granted::carry_out(conn, app, actor, row, &wish).await,
            RequestDecision::Refused => Ok(Vec::new()),
        }
    })
    .await?;
    let corrected = row.kind == RequestKind::Correction.as_str() && row.state == "granted";
    if let Some(tip) = row.tip_id.filter(|_| corrected) {
        // Who is known now is owed the notices. Not within: a case is locked before its tips.
        let mut conn = app.db.get().await?;
        cases::look_again_at(&mut conn, tip, app.now()).await?;
    }
    Ok(row)
}

/// Refuses what may not be decided so, or not by this officer.
async fn may_decide(
    conn: &mut Conn,
    who: &Principal,
    row: &RequestRow,
    wish: &DecideRequest,
) -> Result<()> {
    // Who writes down a request for somebody must not be the one who grants it.
    if let Some(recorder) = &row.recorded_by {
        let detail = "Another admin than the one who recorded the request has to decide it.";
        persons::refuse_same(conn, who, &[recorder], detail).await?;
    }
    granted::check(row, wish)
}

/// Notes an erasure that is about to be granted, for the day that an older backup is restored. A bucket may take its
/// time: no connection is held, and no row is locked.
async fn note_erasure(
    app: &AppState,
    who: &Principal,
    id: Uuid,
    wish: &DecideRequest,
) -> Result<()> {
    let mut conn = app.db.get().await?;
    let row = store::find(&mut conn, id, &Visibility::of(who)).await?;
    if row.decided_at.is_some() {
        return Err(wrong_state("The request is decided already."));
    }
    may_decide(&mut conn, who, &row, wish).await?;
    let erases = granted::about_to_erase(&mut conn, &row, wish).await?;
    drop(conn);
    match erases {
        Some((tip, whole)) => app.storage.note_erasure(tip, whole, app.now()).await,
        None => Ok(()),
    }
}

/// Ends the restriction that a request led to.
pub async fn lift(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    reason: String,
) -> Result<RequestRow> {
    let act = "privacy.lifted";
    change(app, who, actor, id, act, async |conn, row| {
        let restricts = row.kind == RequestKind::Restriction.as_str() && row.state == "granted";
        let Some(tip) = row.tip_id.filter(|_| restricts && row.lifted_at.is_none()) else {
            return Err(wrong_state("It restricts the use of no tip."));
        };
        row.lifted_at = Some(app.now());
        row.lifted_by = Some(who.sub.clone());
        row.lift_reason = Some(reason);
        if !store::restricts(conn, tip, row.id).await? {
            granted::release(conn, app, actor, tip).await?;
        }
        Ok(Vec::new())
    })
    .await
}
