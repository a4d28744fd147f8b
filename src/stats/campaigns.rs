//! Campaign windows (đợt cao điểm): named periods, usable as `campaign=` in every figure.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::store::campaigns::{self as store, CampaignRow};
use crate::domain::period::{Edge, parse};
use crate::error::{Error, Result};
use crate::http::page::{Listing, NoFilters};
use crate::http::{Answer, Api, Body, Caller, IdempotencyKey, ItemPage, Meta, Province, scope};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![create_campaign, list_campaigns]
}

/// A campaign window to set.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"name": "Cao điểm phòng, chống lừa đảo trực tuyến dịp Tết", "from": "2026-12-15", "to": "2027-02-15"}))]
struct CreateCampaign {
    /// Name.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// First day in Asia/Ho_Chi_Minh, or a moment (RFC 3339).
    #[schema(max_length = 40, example = "2026-12-15")]
    from: String,
    /// Last day, meant whole, or the moment before which (RFC 3339).
    #[schema(max_length = 40, example = "2027-02-15")]
    to: String,
    /// What it is about, or the plan it follows.
    #[validate(length(max = 2000))]
    #[schema(max_length = 2000)]
    note: Option<String>,
}

/// A campaign window.
#[derive(Debug, Serialize, ToSchema)]
struct CampaignView {
    /// Id.
    id: Uuid,
    /// Name.
    name: String,
    /// The first moment.
    from: DateTime<Utc>,
    /// The first moment that no longer belongs to it.
    to: DateTime<Utc>,
    /// What it is about.
    #[schema(required)]
    note: Option<String>,
    /// Who set it.
    created_by: String,
    /// When.
    created_at: DateTime<Utc>,
}

impl From<CampaignRow> for CampaignView {
    fn from(row: CampaignRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            from: row.starts_at,
            to: row.ends_at,
            note: row.note,
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

fn moment(text: &str, pointer: &str, edge: Edge) -> Result<DateTime<Utc>> {
    parse(text, edge).ok_or_else(|| {
        let detail = "A day (2026-11-30) or a moment (2026-11-30T17:00:00Z) is wanted.";
        Error::invalid(pointer, "invalid_value", detail)
    })
}

/// Set a campaign window.
#[utoipa::path(post, path = "/v1/campaigns", tag = "statistics", request_body = CreateCampaign,
    responses((status = 201, description = "The campaign", body = CampaignView,
        headers(("Location" = String, description = "The list that it is in")))))]
async fn create_campaign(
    caller: Caller<Province<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<CreateCampaign>,
) -> Answer<HttpResponse> {
    let wish = &body.value;
    let from = moment(&wish.from, "/from", Edge::From)?;
    let to = moment(&wish.to, "/to", Edge::To)?;
    if from >= to {
        let detail = "The end must lie after the beginning.";
        return Err(Error::invalid("/to", "out_of_range", detail).into());
    }
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let now = app.now();
    idempotency::respond(&app, claim, async |conn| {
        let row = CampaignRow {
            id: app.new_id(),
            name: wish.name.clone(),
            starts_at: from,
            ends_at: to,
            note: wish.note.clone(),
            created_by: caller.who.sub.clone(),
            created_at: now,
        };
        store::insert(conn, &row).await?;
        let entry = Entry::audit("campaign.created", &actor, now)
            .on("campaign", row.id)
            .with(json!({"name": row.name, "from": from, "to": to}));
        journal::record(conn, &[entry]).await?;
        let answer = idempotency::Answer::json(201, &CampaignView::from(row))?;
        Ok(answer.at("/v1/campaigns".to_owned()))
    })
    .await
}

/// List campaign windows, newest first.
#[utoipa::path(get, path = "/v1/campaigns", tag = "statistics",
    responses((status = 200, description = "One page", body = ItemPage<CampaignView>)))]
async fn list_campaigns(
    _: Caller<scope::OfficerOrStats>,
    app: web::Data<AppState>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<CampaignView>> {
    let mut conn = app.db.get().await?;
    let after = listing.page.after::<Uuid>()?;
    let rows = store::page(&mut conn, after, listing.page.limit).await?;
    Ok(listing
        .page
        .page(rows, |row| row.id)
        .map(CampaignView::from))
}
