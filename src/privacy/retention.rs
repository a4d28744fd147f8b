//! Endpoints of the retention rules: shown, proposed, approved by a second administrator, tried dry.

use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::class::{self, Class, Rule};
use super::purge;
use super::store::retention::{self as store, RetentionRow};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::http::problem::ProblemBody;
use crate::http::{
    Accepted, Answer, Api, Body, Caller, IfMatch, Json, Meta, Police, Province, Query, scope,
};
use crate::journal::{self, Actor, Entry};
use crate::persons;
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        show_retention,
        propose_retention,
        approve_retention,
        preview_retention
    ]
}

/// Rules to propose: one for every class.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"rules": [
    {"class": "reporter_identities", "after_days": 90, "note": "Theo kế hoạch rà soát dữ liệu năm 2027."},
    {"class": "evidence", "after_days": 365, "note": null},
    {"class": "tips", "after_days": 730, "note": null},
    {"class": "case_identities", "after_days": 1825, "note": null},
    {"class": "cases", "after_days": null, "note": "Chờ ý kiến của Viện kiểm sát."},
    {"class": "appeals", "after_days": 730, "note": null},
    {"class": "privacy_requests", "after_days": 730, "note": null}]}))]
struct ProposeRetention {
    /// The rules; what is not said of a class is not guessed.
    #[validate(length(max = 50), nested)]
    #[schema(max_items = 50)]
    rules: Vec<Rule>,
}

/// The rules of retention.
#[derive(Debug, Serialize, ToSchema)]
struct RetentionView {
    /// The rules in force.
    rules: Vec<Rule>,
    /// Who proposed them; null for those that the service came with.
    #[schema(required)]
    proposed_by: Option<String>,
    /// Who approved them.
    #[schema(required)]
    approved_by: Option<String>,
    /// Since when they are in force.
    #[schema(required)]
    in_force_since: Option<DateTime<Utc>>,
    /// The rules that wait for a second administrator.
    #[schema(required)]
    pending: Option<PendingRules>,
    /// The ETag; moves with each proposal and each approval.
    version: i32,
}

/// Rules that wait for a second administrator.
#[derive(Debug, Serialize, ToSchema)]
struct PendingRules {
    /// The rules.
    rules: Vec<Rule>,
    /// Who proposed them.
    proposed_by: String,
    /// When.
    proposed_at: DateTime<Utc>,
}

/// The rules of a row.
pub fn rules_of(value: &Value) -> Result<Vec<Rule>> {
    serde_json::from_value(value.clone())
        .map_err(|e| Error::internal("reading the retention rules", e))
}

impl TryFrom<RetentionRow> for RetentionView {
    type Error = Error;

    fn try_from(row: RetentionRow) -> Result<Self> {
        let pending = match (row.pending, row.pending_by, row.pending_at) {
            (Some(rules), Some(proposed_by), Some(proposed_at)) => Some(PendingRules {
                rules: rules_of(&rules)?,
                proposed_by,
                proposed_at,
            }),
            _ => None,
        };
        Ok(Self {
            rules: rules_of(&row.rules)?,
            proposed_by: row.set_by,
            approved_by: row.approved_by,
            in_force_since: row.in_force_since,
            pending,
            version: row.version,
        })
    }
}

/// The row of the rules; written from the shipped ones the first time.
pub async fn in_force(conn: &mut Conn) -> Result<RetentionRow> {
    if let Some(row) = store::find(conn).await? {
        return Ok(row);
    }
    store::ensure(conn, &json!(class::shipped()?)).await?;
    store::find(conn)
        .await?
        .ok_or_else(|| Error::internal("reading the retention rules", "they are gone"))
}

/// The rules in force.
pub async fn current_rules(conn: &mut Conn) -> Result<Vec<Rule>> {
    rules_of(&in_force(conn).await?.rules)
}

/// Show the retention rules.
#[utoipa::path(get, path = "/v1/retention", tag = "privacy",
    responses((status = 200, description = "The rules in force and those that wait", body = RetentionView,
        headers(("ETag" = String, description = "Version of the rules")))))]
async fn show_retention(
    _: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
) -> Answer<Json<RetentionView>> {
    let mut conn = app.db.get().await?;
    answer(in_force(&mut conn).await?)
}

fn answer(row: RetentionRow) -> Answer<Json<RetentionView>> {
    let version = row.version;
    Ok(Json::versioned(row.try_into()?, version))
}

/// Locks the rules, does the work, writes them as they are then.
async fn change(
    app: &AppState,
    work: impl AsyncFnOnce(&mut Conn, &mut RetentionRow) -> Result<Entry>,
) -> Result<RetentionRow> {
    let mut conn = app.db.get().await?;
    in_force(&mut conn).await?;
    db::transaction(&mut conn, async |conn| {
        let mut row = store::lock(conn).await?;
        let entry = work(conn, &mut row).await?;
        row.version += 1;
        store::save(conn, &row).await?;
        journal::record(conn, &[entry]).await?;
        Ok(row)
    })
    .await
}

/// Propose new retention rules.
///
/// They wait until another administrator approves; a new proposal replaces the one that waits, and proposing the
/// rules in force withdraws it.
#[utoipa::path(put, path = "/v1/retention", tag = "privacy", request_body = ProposeRetention,
    responses((status = 202, description = "Proposed: `pending` waits for approval", body = RetentionView,
        headers(("ETag" = String, description = "Version of the rules")))))]
async fn propose_retention(
    caller: Caller<Province<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    if_match: IfMatch,
    body: Body<ProposeRetention>,
) -> Answer<Accepted<RetentionView>> {
    let rules = body.value.rules;
    class::check(&rules)?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let now = app.now();
    let row = change(&app, async |_, row| {
        if_match.check(row.version)?;
        if rules_of(&row.rules)? == rules {
            (row.pending, row.pending_by, row.pending_at) = (None, None, None);
            return Ok(Entry::audit("retention.kept", &actor, now));
        }
        row.pending = Some(json!(rules));
        row.pending_by = Some(caller.who.sub.clone());
        row.pending_at = Some(now);
        Ok(Entry::audit("retention.proposed", &actor, now).with(json!({"rules": rules})))
    })
    .await?;
    let version = row.version;
    Ok(Accepted::versioned(row.try_into()?, version))
}

/// Approve the proposed retention rules, as the second administrator.
///
/// With `If-Match` only what was seen is approved: 412 where another proposal has taken its place.
#[utoipa::path(post, path = "/v1/retention/approve", tag = "privacy",
    responses((status = 200, description = "The rules, in force from now on", body = RetentionView,
        headers(("ETag" = String, description = "Version of the rules"))),
        (status = 409, description = "Nothing waits (`wrong_state`), or one's own proposal (`same_person`)",
         body = ProblemBody, content_type = "application/problem+json")))]
async fn approve_retention(
    caller: Caller<Province<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    if_match: Option<IfMatch>,
) -> Answer<Json<RetentionView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let now = app.now();
    let row = change(&app, async |conn, row| {
        if let Some(if_match) = &if_match {
            if_match.check(row.version)?;
        }
        let (Some(rules), Some(by)) = (row.pending.take(), row.pending_by.take()) else {
            return Err(Error::conflict(
                "wrong_state",
                "No rules wait for approval.",
            ));
        };
        let detail = "The administrator who proposed the rules cannot approve them.";
        persons::refuse_same(conn, &caller.who, &[&by], detail).await?;
        let entry = Entry::audit("retention.approved", &actor, now)
            .with(json!({"proposed_by": by, "rules": rules, "before": row.rules}));
        row.rules = rules;
        row.set_by = Some(by);
        row.approved_by = Some(caller.who.sub.clone());
        row.in_force_since = Some(now);
        row.pending_at = None;
        Ok(entry)
    })
    .await?;
    answer(row)
}

/// Which rules to try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WhichRules {
    /// Those in force.
    #[default]
    InForce,
    /// Those that wait for approval.
    Pending,
}

#[derive(Deserialize, IntoParams)]
struct PreviewQuery {
    /// Which rules to try; those in force if left out.
    #[param(inline)]
    rules: Option<WhichRules>,
}

/// What a run would end now.
#[derive(Debug, Serialize, ToSchema)]
struct RetentionPreview {
    /// As of.
    at: DateTime<Utc>,
    /// One a class.
    items: Vec<ClassPreview>,
}

/// What a run would end of a class.
#[derive(Debug, Serialize, ToSchema)]
struct ClassPreview {
    /// Which data.
    class: Class,
    /// The term of the rule.
    #[schema(required, example = 180)]
    after_days: Option<i32>,
    /// How much would end.
    #[schema(example = 42)]
    due: i64,
    /// How much is past its term but kept by a hold or an open case.
    #[schema(example = 3)]
    kept: i64,
    /// When the oldest that would end was closed; for cases, opened.
    #[schema(required)]
    oldest: Option<DateTime<Utc>>,
}

/// Preview what the retention rules would erase now; changes nothing.
#[utoipa::path(get, path = "/v1/retention/preview", tag = "privacy",
    responses((status = 200, description = "Counts and oldest dates, one a class", body = RetentionPreview),
        (status = 409, description = "No rules wait (`wrong_state`)",
         body = ProblemBody, content_type = "application/problem+json")))]
async fn preview_retention(
    _: Caller<Province<scope::Admin>>,
    app: web::Data<AppState>,
    query: Query<PreviewQuery>,
) -> Answer<Json<RetentionPreview>> {
    let mut conn = app.db.get().await?;
    let row = in_force(&mut conn).await?;
    let rules = match query.0.rules.unwrap_or_default() {
        WhichRules::InForce => row.rules,
        WhichRules::Pending => row
            .pending
            .ok_or_else(|| Error::conflict("wrong_state", "No rules wait for approval."))?,
    };
    let terms = class::terms(&rules_of(&rules)?);
    let at = app.now();
    let items = purge::preview(&mut conn, &terms, at)
        .await?
        .into_iter()
        .map(|(class, count)| ClassPreview {
            class,
            after_days: terms.get(&class).copied().flatten(),
            due: count.due,
            kept: count.kept,
            oldest: count.oldest,
        })
        .collect();
    Ok(Json::new(RetentionPreview { at, items }))
}
