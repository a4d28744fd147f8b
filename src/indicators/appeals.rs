//! Appeals: anybody may contest a verdict, without an account; an officer answers within a term.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::check::read_kind;
use super::store::{self, AppealRow, VerdictRow};
use super::wire::Verdict;
use crate::auth::Principal;
use crate::domain::calendar::end_of_day;
use crate::domain::hanoi;
use crate::domain::indicator::{self, Input};
use crate::domain::masking::mask_secrets;
use crate::domain::receipt::Receipt;
use crate::error::{Error, FieldProblem, Result};
use crate::http::idempotency::request_hash;
use crate::http::page::Listing;
use crate::http::{
    Answer, Anyone, Api, Body, Caller, CitizenBody, IdempotencyKey, ItemPage, Json, Meta, Path,
    Problem, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::keys::{SealedAlone, random_bytes};
use crate::persons;
use crate::state::AppState;

/// A correction is owed within 10 days (NĐ 356/2025 art. 5); the last of them ends at 24:00 in Vietnam.
const TERM_DAYS: u64 = 10;

pub fn api() -> Api {
    crate::handlers![submit_appeal, list_appeals, decide_appeal]
}

/// What a receipt is found by.
pub fn receipt_hash(app: &AppState, receipt: &Receipt) -> Vec<u8> {
    app.keys.receipt.hash("appeal", receipt.as_bytes()).to_vec()
}

/// An objection to what the service says of a value.
#[derive(Debug, Deserialize, ToSchema, Validate)]
struct SubmitAppeal {
    /// The number, link or account, in any written form.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000, example = "0912 345 678")]
    value: String,
    /// Its kind, where it is known.
    #[schema(value_type = Option<crate::http::Code>)]
    kind: Option<String>,
    /// Why it is wrong.
    #[validate(length(min = 1, max = 5000))]
    #[schema(
        min_length = 1,
        max_length = 5000,
        example = "Đây là số của cửa hàng tôi, tôi có giấy phép kinh doanh."
    )]
    text: String,
    /// How to answer; sealed.
    #[validate(length(max = 500))]
    #[schema(max_length = 500)]
    contact: Option<String>,
}

/// An appeal that was received.
#[derive(Debug, Serialize, ToSchema)]
struct AppealReceived {
    /// Id.
    id: Uuid,
    /// The code to write down.
    #[schema(example = "GKV6-RKHD-471B-CWAP-FMXH")]
    receipt: String,
    /// By when it will be answered.
    due_at: DateTime<Utc>,
}

/// Contest what is said of a value.
///
/// Open to anybody. The answer does not tell whether the value is known.
#[utoipa::path(post, path = "/v1/appeals", tag = "indicators", request_body = SubmitAppeal,
    responses((status = 201, description = "Received", body = AppealReceived)))]
async fn submit_appeal(
    _: Anyone,
    app: web::Data<AppState>,
    meta: Meta,
    key: IdempotencyKey,
    body: CitizenBody<SubmitAppeal>,
) -> Answer<HttpResponse> {
    let reference = app.reference.get();
    let wish = &body.value;
    let reading = match read_kind(wish.kind.as_deref(), |code, detail| {
        FieldProblem::at("/kind", code, detail)
    })? {
        Some(kind) => indicator::parse(
            &reference.catalog,
            &Input {
                kind,
                value: &wish.value,
                bank: None,
            },
        )
        .ok(),
        None => indicator::recognise(&reference.catalog, &wish.value),
    };
    let found = reading
        .ok_or_else(|| {
            Problem::invalid(vec![FieldProblem::at(
                "/value",
                "unrecognised",
                "This was not recognised as a number, link or account.",
            )])
        })?
        .indicator;
    let claim = key.0.as_deref().map(|key| {
        let hash = request_hash(&meta.method, &meta.path, &body.raw);
        Claim::scoped("appeals", &meta.address, key, hash)
    });
    let now = app.now();
    idempotency::respond(&app, claim, async |conn| {
        let id = app.new_id();
        let receipt = Receipt::from_bytes(random_bytes());
        let contact = match &wish.contact {
            Some(contact) => Some(
                SealedAlone::seal(&app.keys.identity, id.as_bytes(), contact.as_bytes())
                    .map_err(|e| Error::internal("sealing a contact", e))?,
            ),
            None => None,
        };
        let (contact, key) = contact.map(|sealed| (sealed.bytes, sealed.key)).unzip();
        let (contact_key_id, contact_wrapped_key) = key.map(|key| (key.key_id, key.bytes)).unzip();
        let due_at = end_of_day(hanoi::date(now) + Days::new(TERM_DAYS));
        store::insert_appeal(
            conn,
            &AppealRow {
                id,
                key: found.key().to_vec(),
                receipt_hash: receipt_hash(&app, &receipt),
                text: mask_secrets(&wish.text).text,
                contact,
                submitted_at: now,
                due_at,
                decision: None,
                reason: None,
                decided_by: None,
                decided_at: None,
                kind: Some(found.kind.as_str().to_owned()),
                value: Some(found.value.clone()),
                display: Some(found.display.clone()),
                attributes: Some(Value::Object(found.attributes.clone())),
                contact_key_id,
                contact_wrapped_key,
            },
        )
        .await?;
        let actor = Actor::public(&meta.request_id);
        journal::record(
            conn,
            &[Entry::audit("appeal.received", &actor, now).on("appeal", id)],
        )
        .await?;
        idempotency::Answer::json(
            201,
            &AppealReceived {
                id,
                receipt: receipt.to_code(),
                due_at,
            },
        )
    })
    .await
}

/// An appeal as officers see it.
#[derive(Debug, Serialize, ToSchema)]
struct AppealView {
    /// Id.
    id: Uuid,
    /// The indicator; null where nobody reported the value and no officer has judged it.
    #[schema(required)]
    indicator_id: Option<Uuid>,
    /// Kind of what is contested.
    #[schema(required, example = "phone")]
    kind: Option<String>,
    /// What is contested, in its canonical form.
    #[schema(required, example = "+84912345678")]
    value: Option<String>,
    /// The same as people write it.
    #[schema(required, example = "0912 345 678")]
    display: Option<String>,
    /// Why it is said to be wrong; what nobody should send (passwords, OTPs) is masked.
    text: String,
    /// Whether a contact was given; `POST /v1/appeals/{id}/contact/reveal` shows it.
    has_contact: bool,
    /// When it came.
    submitted_at: DateTime<Utc>,
    /// By when it must be answered.
    due_at: DateTime<Utc>,
    /// `upheld` or `rejected`.
    #[schema(required)]
    decision: Option<String>,
    /// Why.
    #[schema(required)]
    reason: Option<String>,
    /// When it was decided.
    #[schema(required)]
    decided_at: Option<DateTime<Utc>>,
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
struct AppealQuery {
    /// Only those that are not decided.
    open: Option<bool>,
}

/// List appeals, newest first.
#[utoipa::path(get, path = "/v1/appeals", tag = "indicators",
    responses((status = 200, description = "One page", body = ItemPage<AppealView>)))]
async fn list_appeals(
    caller: Caller<scope::IndicatorsCurate>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<AppealQuery>,
) -> Answer<ItemPage<AppealView>> {
    let mut conn = app.db.get().await?;
    let after = listing.page.after::<Uuid>()?;
    let open = listing.filters.open == Some(true);
    let rows = store::appeals(&mut conn, &caller.who, open, after, listing.page.limit).await?;
    let keys: Vec<Vec<u8>> = rows.iter().map(|row| row.key.clone()).collect();
    let ids = store::ids(&mut conn, &keys).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    journal::record(
        &mut conn,
        &[Entry::audit("appeal.listed", &actor, app.now())],
    )
    .await?;
    Ok(listing.page.page(rows, |row| row.id).map(|row| {
        let indicator_id = ids
            .iter()
            .find(|(key, _)| *key == row.key)
            .map(|(_, id)| *id);
        view(row, indicator_id)
    }))
}

fn view(row: AppealRow, indicator_id: Option<Uuid>) -> AppealView {
    AppealView {
        id: row.id,
        indicator_id,
        kind: row.kind,
        value: row.value,
        display: row.display,
        // What came before texts were masked on their way in.
        text: mask_secrets(&row.text).text,
        has_contact: row.contact.is_some(),
        submitted_at: row.submitted_at,
        due_at: row.due_at,
        decision: row.decision,
        reason: row.reason,
        decided_at: row.decided_at,
    }
}

/// What is decided on an appeal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AppealDecision {
    /// The objection is right: the verdict ends, `cleared` takes its place, and every feed is corrected.
    Upheld,
    /// The verdict stands.
    Rejected,
}

/// A decision on an appeal.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"decision": "upheld", "reason": "Chủ số đã chứng minh."}))]
struct DecideAppeal {
    /// What is decided.
    decision: AppealDecision,
    /// Why; whoever objected is told so by the receipt.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    reason: String,
}

/// Decide on an appeal.
///
/// Never by an officer who gave or approved the verdict that it is about. This does not
/// end an official entry: for that an admin proposes another verdict and a second one approves it.
#[utoipa::path(post, path = "/v1/appeals/{id}/decision", tag = "indicators", request_body = DecideAppeal,
    params(("id" = Uuid, Path, description = "Appeal id")),
    responses((status = 200, description = "Decided", body = AppealView),
              (status = 409, description = "Decided already (`already_decided`), a verdict of one's own (`same_person`), or an official entry (`official_entry`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn decide_appeal(
    caller: Caller<scope::IndicatorsCurate>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<DecideAppeal>,
) -> Answer<Json<AppealView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let row = crate::db::transaction(&mut conn, async |conn| {
        decide(conn, &app, &caller.who, &actor, id.0, &body.value).await
    })
    .await?;
    Ok(Json::new(row))
}

async fn decide(
    conn: &mut crate::db::Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    wish: &DecideAppeal,
) -> Result<AppealView> {
    let now = app.now();
    let mut row = store::lock_appeal(conn, id, who).await?;
    if row.decision.is_some() {
        return Err(Error::conflict(
            "already_decided",
            "The appeal is decided already.",
        ));
    }
    let upheld = wish.decision == AppealDecision::Upheld;
    if upheld {
        store::ensure_contested(conn, &row, now).await?;
    }
    store::lock_if_any(conn, &row.key).await?;
    if let Some(verdict) = store::current_verdict(conn, &row.key).await? {
        let judged_by = [Some(&verdict.given_by), verdict.approved_by.as_ref()];
        let judged_by: Vec<&str> = judged_by
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let detail = "An officer who gave or approved the verdict cannot decide on the appeal.";
        persons::refuse_same(conn, who, &judged_by, detail).await?;
        if upheld && verdict.verdict == "official" {
            return Err(Error::conflict(
                "official_entry",
                "An official entry ends only by two admins: give another verdict in its place.",
            ));
        }
    }
    row.decision = Some(if upheld { "upheld" } else { "rejected" }.to_owned());
    row.reason = Some(wish.reason.clone());
    row.decided_by = Some(who.sub.clone());
    row.decided_at = Some(now);
    store::save_appeal(conn, &row).await?;
    let indicator = store::ids(conn, std::slice::from_ref(&row.key))
        .await?
        .first()
        .map(|(_, id)| *id);
    let mut entries = vec![
        Entry::audit("appeal.decided", actor, now)
            .on("appeal", id)
            .with(json!({"decision": row.decision})),
    ];
    if let (true, Some(indicator)) = (upheld, indicator) {
        store::end_verdict(conn, &row.key, now).await?;
        // Said by an officer, or reports alone would accuse it again the same moment.
        let cleared = VerdictRow {
            id: app.new_id(),
            key: row.key.clone(),
            verdict: Verdict::Cleared.as_str().to_owned(),
            reason: "appeal_upheld".to_owned(),
            note: None,
            source: None,
            checked_at: None,
            given_by: who.sub.clone(),
            given_at: now,
            expires_at: None,
            approved_by: None,
            approved_at: None,
            ended_at: None,
            waits: false,
            independent: Some(store::independent_reports(conn, &row.key).await?),
        };
        store::insert_verdict(conn, &cleared).await?;
        entries.push(
            Entry::event("indicator.corrected", actor, now)
                .on("indicator", indicator)
                .with(json!({"change": "appeal_upheld"})),
        );
    }
    journal::record(conn, &entries).await?;
    Ok(view(row, indicator))
}
