//! Who may see what is sealed, and that it is never seen without a trace.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::store::{self, RevealRow, SealedRow};
use super::wire::{RevealStatus, RevealView, RevealedIdentity, SameReporter, Subject};
use crate::auth::{Principal, Scope};
use crate::db::{self, Conn};
use crate::domain::redaction::redact;
use crate::error::{Error, Result};
use crate::http::Meta;
use crate::journal::{self, Actor, Entry};
use crate::keys::{DataKey, SealError, Wrapped};
use crate::state::AppState;
use crate::tips::identity::{self, OpenIdentity};
use crate::tips::{self, TipState, Visibility};

/// How long a request waits for its approval.
const REQUEST_HOURS: i64 = 24;
/// Bytes of the salt that goes before a submission.
const SALT: usize = 32;

/// Who asks, and why.
pub struct Asker<'a> {
    /// The bearer.
    pub who: &'a Principal,
    /// The same as the journal names it.
    pub actor: &'a Actor,
    /// Why, in the asker's own words; it is kept.
    pub purpose: &'a str,
}

/// Asks for a reveal, in a transaction of its own.
pub async fn ask<T>(
    app: &AppState,
    who: &Principal,
    meta: &Meta,
    purpose: &str,
    work: impl AsyncFnOnce(&mut Conn, &Asker<'_>) -> Result<Outcome<T>>,
) -> Result<Outcome<T>> {
    let actor = Actor::bearer(who, &meta.request_id);
    let asker = Asker {
        who,
        actor: &actor,
        purpose,
    };
    let mut conn = app.db.get().await?;
    db::transaction(&mut conn, async |conn| work(conn, &asker).await).await
}

/// What a request for a reveal came to.
pub enum Outcome<T> {
    /// It is shown.
    Shown(T),
    /// Another officer has to approve.
    Waits(RevealView),
}

/// The bytes of a submission.
pub struct RevealedSubmission {
    pub reveal_id: Uuid,
    pub id: Uuid,
    pub content_type: String,
    pub digest: Vec<u8>,
    pub salt: Vec<u8>,
    pub bytes: Vec<u8>,
}

/// Shows who reported a tip.
pub async fn identity(
    conn: &mut Conn,
    app: &AppState,
    asker: &Asker<'_>,
    tip: Uuid,
) -> Result<Outcome<RevealedIdentity>> {
    let state = worked_on(conn, app, asker.who, tip).await?;
    let identity = identity::open(conn, app, tip)
        .await?
        .ok_or(Error::not_found("reporter"))?;
    let wishes = store::details(conn, tip).await?;
    let reveal = match admit(
        conn,
        app,
        asker,
        &state,
        (Subject::Identity, None),
        &identity,
        &wishes,
    )
    .await?
    {
        Outcome::Shown(id) => id,
        Outcome::Waits(view) => return Ok(Outcome::Waits(view)),
    };
    Ok(Outcome::Shown(revealed((reveal, tip), &identity, &wishes)))
}

fn revealed(
    (reveal_id, tip_id): (Uuid, Uuid),
    identity: &OpenIdentity,
    wishes: &Value,
) -> RevealedIdentity {
    let field = |name: &str| identity.get(name).map(str::to_owned);
    let wish = |name: &str| wishes.get(name).and_then(Value::as_bool);
    RevealedIdentity {
        reveal_id,
        tip_id,
        name: field("name"),
        phone: field("phone"),
        email: field("email"),
        national_id: field("national_id"),
        address: field("address"),
        may_contact: wish("may_contact"),
        keep_secret: wish("keep_secret"),
    }
}

/// All that is sealed of a tip.
pub struct Opened {
    pub reveal_id: Uuid,
    pub identity: Option<RevealedIdentity>,
    pub submissions: Vec<OpenSubmission>,
}

/// A submission with its bytes, while there are any.
pub struct OpenSubmission {
    pub id: Uuid,
    pub received_at: DateTime<Utc>,
    pub content_type: String,
    pub bytes: Option<Vec<u8>>,
    /// The copy with what must stay sealed withheld.
    pub withheld: Value,
}

/// Opens all that is sealed of a tip, for the reporter whose data they are: the ground is the request that
/// was granted, not the officer's work on the tip.
pub async fn personal_data(
    conn: &mut Conn,
    app: &AppState,
    asker: &Asker<'_>,
    tip: Uuid,
) -> Result<Outcome<Opened>> {
    let state = tips::find_state(conn, tip, &Visibility::of(asker.who)).await?;
    let found = identity::open(conn, app, tip).await?;
    let wishes = store::details(conn, tip).await?;
    let subject = (Subject::PersonalData, None);
    let known = found.as_ref();
    let none = OpenIdentity::default();
    let identity = known.unwrap_or(&none);
    let reveal_id = match admit(conn, app, asker, &state, subject, identity, &wishes).await? {
        Outcome::Shown(id) => id,
        Outcome::Waits(view) => return Ok(Outcome::Waits(view)),
    };
    let mut submissions = Vec::new();
    for (row, received_at, withheld) in store::all_sealed(conn, tip).await? {
        submissions.push(OpenSubmission {
            bytes: unseal(app, &row)?.map(|(_, bytes)| bytes),
            id: row.id,
            content_type: row.content_type,
            received_at,
            withheld,
        });
    }
    Ok(Outcome::Shown(Opened {
        reveal_id,
        identity: known.map(|identity| revealed((reveal_id, tip), identity, &wishes)),
        submissions,
    }))
}

/// Shows a submission byte for byte.
pub async fn submission(
    conn: &mut Conn,
    app: &AppState,
    asker: &Asker<'_>,
    tip: Uuid,
    submission: Option<Uuid>,
) -> Result<Outcome<RevealedSubmission>> {
    let state = worked_on(conn, app, asker.who, tip).await?;
    let row = store::sealed(conn, tip, submission).await?;
    if row.sealed.is_none() {
        return Err(Error::conflict(
            "wrong_state",
            "Its key was destroyed when the reporter was erased; only the withheld copy is left.",
        ));
    }
    let identity = hidden_in_purpose(conn, app, tip).await?;
    let wishes = store::details(conn, tip).await?;
    let subject = (Subject::Submission, Some(row.id));
    let reveal = match admit(conn, app, asker, &state, subject, &identity, &wishes).await? {
        Outcome::Shown(id) => id,
        Outcome::Waits(view) => return Ok(Outcome::Waits(view)),
    };
    let (salt, bytes) = unseal(app, &row)?
        .ok_or_else(|| Error::internal("opening a submission", "it lost its key"))?;
    Ok(Outcome::Shown(RevealedSubmission {
        reveal_id: reveal,
        id: row.id,
        content_type: row.content_type,
        digest: row.digest,
        salt,
        bytes,
    }))
}

/// Salt and bytes of a submission; `None` where its key is destroyed.
pub fn unseal(app: &AppState, row: &SealedRow) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    let (Some(wrapped), Some(sealed)) = (&row.wrapped_key, &row.sealed) else {
        return Ok(None);
    };
    let broken = |error: SealError| unreadable(row.id, &error.to_string());
    let owner = row.id.as_bytes();
    let wrapped = Wrapped {
        key_id: row.key_id.clone(),
        bytes: wrapped.clone(),
    };
    let key = DataKey::unwrap(&app.keys.identity, owner, &wrapped).map_err(broken)?;
    let plain = key.open(owner, sealed).map_err(broken)?;
    let (salt, bytes) = plain
        .split_at_checked(SALT)
        .ok_or_else(|| unreadable(row.id, "it has no salt"))?;
    Ok(Some((salt.to_vec(), bytes.to_vec())))
}

fn unreadable(submission: Uuid, fault: &str) -> Error {
    tracing::error!(%submission, fault, "a submission that was asked for does not open");
    metrics::counter!("submissions_unreadable_total").increment(1);
    Error::conflict(
        "sealed_unreadable",
        "This submission does not open: it was altered in the database, or an identity key is missing. Tell the \
         operator; the withheld copy is still there.",
    )
}

/// Admits an officer to something else that is sealed, by the rules of the identity that it may hold.
pub async fn sealed(
    conn: &mut Conn,
    app: &AppState,
    asker: &Asker<'_>,
    tip: Uuid,
    subject: (Subject, Option<Uuid>),
) -> Result<Outcome<Uuid>> {
    let state = worked_on(conn, app, asker.who, tip).await?;
    let identity = hidden_in_purpose(conn, app, tip).await?;
    let wishes = store::details(conn, tip).await?;
    admit(conn, app, asker, &state, subject, &identity, &wishes).await
}

/// What of the reporter is hidden in a purpose. An identity that does not open keeps nothing else of the tip closed:
/// of it nothing is known that the purpose could name.
async fn hidden_in_purpose(conn: &mut Conn, app: &AppState, tip: Uuid) -> Result<OpenIdentity> {
    let known = identity::known(conn, &app.keys.identity, tip).await?;
    Ok(known.or_nothing())
}

/// A tip that the officer has claimed, or works on in its case: who opened the case, is assigned to it, brought the
/// tip into it, or writes in the cases of its desk. To see a case is not enough.
async fn worked_on(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    tip: Uuid,
) -> Result<TipState> {
    let state = tips::find_state(conn, tip, &Visibility::of(who)).await?;
    let holder = state.holder(app.now());
    if holder == Some(who.sub.as_str()) {
        return Ok(state);
    }
    if let Some(case) = state.case_id
        && let Some(workers) = store::workers(conn, case, tip).await?
    {
        let by_name = [
            Some(&workers.opened_by),
            workers.assignee.as_ref(),
            Some(&workers.added_by),
        ];
        let at_its_desk = who.desk.as_ref() == Some(&workers.desk)
            && (who.may(Scope::CasesWrite) || who.may(Scope::CasesDecide));
        if at_its_desk || by_name.contains(&Some(&who.sub)) {
            return Ok(state);
        }
    }
    Err(match holder {
        Some(_) => Error::conflict("claimed_by_other", "Another officer holds the claim."),
        None => Error::conflict("not_claimed", "Claim the tip first, or work on its case."),
    })
}

/// Writes the reveal and its audit entry, or the request for an approval.
async fn admit(
    conn: &mut Conn,
    app: &AppState,
    asker: &Asker<'_>,
    state: &TipState,
    (subject, object): (Subject, Option<Uuid>),
    identity: &OpenIdentity,
    wishes: &Value,
) -> Result<Outcome<Uuid>> {
    let now = app.now();
    let secret = wishes.get("keep_secret").and_then(Value::as_bool) == Some(true);
    let needs_approval = secret || app.settings.reveals_approved;
    // The journal is never rewritten: nothing that identifies the reporter may get into it.
    let purpose = redact(asker.purpose, &identity.for_redaction(), &[]);
    let open = if needs_approval {
        // Who asks twice at the same time asks once: the second waits here, and then finds the first.
        tips::lock_state(conn, state.tip_id, &Visibility::of(asker.who)).await?;
        store::find_open(
            conn,
            state.tip_id,
            (subject.as_str(), object),
            (&asker.who.sub, &purpose),
            now,
        )
        .await?
    } else {
        None
    };
    let row = match open {
        Some(row) => row,
        None => {
            let wait = Duration::hours(if needs_approval { REQUEST_HOURS } else { 0 });
            let row = RevealRow {
                id: app.new_id(),
                tip_id: state.tip_id,
                subject: subject.as_str().to_owned(),
                object_id: object,
                purpose: purpose.clone(),
                requested_by: asker.who.sub.clone(),
                requested_at: now,
                needs_approval,
                approved_by: None,
                approved_at: None,
                expires_at: now + wait,
                declined_by: None,
                declined_at: None,
                decline_reason: None,
            };
            store::insert(conn, &row).await?;
            if needs_approval {
                let data = json!({"reveal_id": row.id, "subject": subject, "object_id": object, "purpose": purpose});
                let entry = Entry::audit("reveal.requested", asker.actor, now);
                journal::record(conn, &[entry.on("tip", state.tip_id).with(data)]).await?;
            }
            row
        }
    };
    if needs_approval && row.approved_at.is_none() {
        return Ok(Outcome::Waits(view(row, now)));
    }
    let data = json!({"reveal_id": row.id, "object_id": object, "purpose": purpose, "approved_by": row.approved_by});
    let entry = Entry::audit(subject.act(), asker.actor, now);
    journal::record(conn, &[entry.on("tip", state.tip_id).with(data)]).await?;
    Ok(Outcome::Shown(row.id))
}

/// Other tips of the same reporter, found without opening anything. Whose identity takes a second officer to reveal is
/// not found so either: a tip of one's own making, with the number of whoever is suspected to have reported, would
/// tell it.
pub async fn same_reporter(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    (before, limit): (Option<Uuid>, i64),
) -> Result<Vec<SameReporter>> {
    let now = app.now();
    worked_on(conn, app, who, tip).await?;
    let shown = store::Shown {
        by: &who.sub,
        at: now,
        all_need_approval: app.settings.reveals_approved,
    };
    if !store::may_be_known(conn, tip, &shown).await? {
        return Err(Error::conflict(
            "wrong_state",
            "Another officer has to approve first: send POST /v1/tips/{id}/reporter/reveal for this tip.",
        ));
    }
    let visible = Visibility::of(who);
    let found = store::same_reporter(conn, &visible, tip, &shown, (before, limit)).await?;
    let ids: Vec<Uuid> = found.iter().map(|state| state.tip_id).collect();
    let entry = Entry::audit("reporter.matched", actor, now);
    journal::record(conn, &[entry.on("tip", tip).with(json!({"ids": ids}))]).await?;
    Ok(found
        .into_iter()
        .map(|state| SameReporter {
            tip_id: state.tip_id,
            received_at: state.received_at,
            status: state.status(now).to_owned(),
        })
        .collect())
}

/// A request as officers see it.
pub fn view(row: RevealRow, now: DateTime<Utc>) -> RevealView {
    let status = if !row.needs_approval {
        RevealStatus::Shown
    } else if row.declined_at.is_some() {
        RevealStatus::Declined
    } else if row.expires_at <= now {
        RevealStatus::Expired
    } else if row.approved_at.is_some() {
        RevealStatus::Approved
    } else {
        RevealStatus::Pending
    };
    RevealView {
        id: row.id,
        tip_id: row.tip_id,
        subject: Subject::parse(&row.subject),
        object_id: row.object_id,
        status,
        purpose: row.purpose,
        requested_by: row.requested_by,
        requested_at: row.requested_at,
        approved_by: row.approved_by,
        declined_by: row.declined_by,
        decline_reason: row.decline_reason,
        expires_at: row.expires_at,
    }
}
