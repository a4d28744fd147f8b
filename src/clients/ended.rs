//! The end of all tokens of one bearer: a person who leaves, whose telephone was stolen, whose account was
//! taken over.
//!
//! Tokens are not known one by one, for most of them an identity provider issues. So what stands is a time:
//! what was issued to the bearer up to then is refused, what is issued later is good.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::registry::Registry;
use super::store::{self, EndedRow};
use super::wire::Confinement;
use crate::auth::Principal;
use crate::error::Error;
use crate::http::middleware::Gate;
use crate::http::page::{Listing, NoFilters};
use crate::http::{Answer, Api, Body, Caller, IdempotencyKey, ItemPage, Meta, Police, scope};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::webhooks;

/// How far the clock of another issuer may be ahead: as far as its tokens are taken.
const LEEWAY_SECONDS: i64 = 30;

pub fn api() -> Api {
    crate::handlers![create_revocation, list_revocations]
}

/// Whose tokens to end.
#[derive(Deserialize, ToSchema, Validate)]
#[schema(example = json!({"sub": "analyst-7", "reason": "Mất điện thoại"}))]
struct CreateRevocation {
    /// The person, program or device, as `sub` stands in answers and in the audit.
    #[validate(length(min = 1, max = 300), custom(function = "is_name"))]
    #[schema(min_length = 1, max_length = 300, example = "analyst-7")]
    sub: String,
    /// Only the tokens of this issuer; whoever issued them if left out.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500, example = "https://login.example.vn")]
    issuer: Option<String>,
    /// Why, for the audit.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500, example = "Mất điện thoại")]
    reason: Option<String>,
}

fn is_name(name: &str) -> Result<(), ValidationError> {
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err(ValidationError::new("invalid_value")
            .with_message("A name without control characters is expected.".into()));
    }
    Ok(())
}

/// All tokens of one bearer, ended.
#[derive(Serialize, ToSchema)]
struct RevocationView {
    /// Id.
    id: Uuid,
    /// Whose.
    #[schema(example = "analyst-7")]
    sub: String,
    /// Only those of this issuer; null is whoever issued them.
    #[schema(required, example = "https://login.example.vn")]
    issuer: Option<String>,
    /// Only those confined to this desk; null is all.
    #[schema(required)]
    desk: Option<String>,
    /// Only those confined to some of these communes; null is all.
    #[schema(required)]
    units: Option<Vec<String>>,
    /// Why.
    #[schema(required, example = "Mất điện thoại")]
    reason: Option<String>,
    /// Who ended them.
    #[schema(example = "admin-1")]
    ended_by: String,
    /// Those issued up to then are refused.
    ended_at: DateTime<Utc>,
    /// Webhooks of theirs that were disabled; in the answer that ends the tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_webhooks: Option<Vec<Uuid>>,
}

impl From<EndedRow> for RevocationView {
    fn from(row: EndedRow) -> Self {
        Self {
            id: row.id,
            sub: row.sub,
            issuer: row.issuer,
            desk: row.desk,
            units: row.units.map(|units| units.into_iter().flatten().collect()),
            reason: row.reason,
            ended_by: row.ended_by,
            ended_at: row.ended_at,
            disabled_webhooks: None,
        }
    }
}

/// End all tokens of one person, program or device.
///
/// Every token of this `sub` that was issued up to now is refused: here at once, at every other replica
/// within seconds. `iat` counts in whole seconds, so one that is issued within the same second is refused
/// too; of another issuer, whose clock may be ahead, one that is issued within the next 30 s. An admin who is
/// confined ends only tokens that are confined at least as much. To keep somebody out for good, lock the
/// account at the identity provider first.
///
/// Webhooks that this `sub` made are disabled, and the answer names them; whoever still needs one enables it again by
/// `PATCH`. An admin who is confined stops none: they tell of the whole province.
#[utoipa::path(post, path = "/v1/revocations", tag = "tokens", request_body = CreateRevocation,
    responses((status = 201, description = "Ended", body = RevocationView)))]
async fn create_revocation(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    registry: web::Data<Registry>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<CreateRevocation>,
) -> Answer<HttpResponse> {
    let wish = &body.value;
    let known = |issuer: &String| gate.verifier.believes(issuer);
    if !wish.issuer.as_ref().is_none_or(known) {
        return Err(Error::invalid(
            "/issuer",
            "unknown_value",
            "Tokens of this issuer are not accepted anyway.",
        )
        .into());
    }
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let now = app.now();
    let outcome = idempotency::once(&mut conn, &app.keys.answers, claim, now, async |conn| {
        let row = EndedRow {
            id: app.new_id(),
            sub: wish.sub.clone(),
            issuer: wish.issuer.clone(),
            desk: caller.who.desk.clone(),
            units: caller
                .who
                .units
                .clone()
                .map(|units| units.into_iter().map(Some).collect()),
            reason: wish.reason.clone(),
            ended_by: caller.who.sub.clone(),
            ended_at: now,
        };
        store::insert_ended(conn, &row).await?;
        let entry = Entry::audit("tokens.ended", &actor, now)
            .on("revocation", row.id)
            .with(json!({"sub": row.sub, "issuer": row.issuer, "reason": row.reason}));
        journal::record(conn, &[entry]).await?;
        let stopped = match caller.who.is_confined() {
            true => Vec::new(),
            false => webhooks::disable_made_by(conn, &row.sub, &actor, now).await?,
        };
        let view = RevocationView {
            disabled_webhooks: Some(stopped),
            ..RevocationView::from(row)
        };
        idempotency::Answer::json(201, &view)
    })
    .await?;
    registry.refresh(&mut conn).await?;
    Ok(outcome.into())
}

/// List whose tokens were ended, newest first; a confined admin sees what such admins ended.
#[utoipa::path(get, path = "/v1/revocations", tag = "tokens",
    responses((status = 200, description = "One page", body = ItemPage<RevocationView>)))]
async fn list_revocations(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<RevocationView>> {
    let mut conn = app.db.get().await?;
    let after = listing.page.after::<Uuid>()?;
    let rows = store::page_of_ended(&mut conn, &caller.who, after, listing.page.limit).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("revocation.listed", &actor, app.now());
    journal::record(&mut conn, &[entry]).await?;
    let page = listing.page.page(rows, |row| row.id);
    Ok(page.map(RevocationView::from))
}

/// Whose tokens are no longer good, by `sub`.
#[derive(Default)]
pub struct Ended(HashMap<String, Vec<End>>);

struct End {
    issuer: Option<String>,
    within: Confinement,
    at: i64,
}

impl Ended {
    /// Whether the token is one of those.
    pub fn covers(&self, who: &Principal) -> bool {
        let Some(ends) = self.0.get(&who.sub) else {
            return false;
        };
        let own = Confinement {
            desk: who.desk.clone(),
            units: who.units.clone(),
        };
        let leeway = if who.local { 0 } else { LEEWAY_SECONDS };
        ends.iter().any(|end| {
            let confined = end.within.desk.is_some() || end.within.units.is_some();
            end.issuer.as_ref().is_none_or(|name| *name == who.issuer)
                && (!confined || who.is_police() && !own.is_wider_than(&end.within))
                && who.issued_at.timestamp() <= end.at.saturating_add(leeway)
        })
    }
}

impl FromIterator<EndedRow> for Ended {
    fn from_iter<T: IntoIterator<Item = EndedRow>>(rows: T) -> Self {
        let mut all = Self::default();
        for row in rows {
            let end = End {
                issuer: row.issuer,
                within: Confinement {
                    desk: row.desk,
                    units: row.units.map(|units| units.into_iter().flatten().collect()),
                },
                at: row.ended_at.timestamp(),
            };
            all.0.entry(row.sub).or_default().push(end);
        }
        all
    }
}
