//! Desks, routing rules and the counts of what waits.

use actix_web::web;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use crate::db;
use crate::domain::routing::RoutingRules;
use crate::error::{Error, FieldProblem, Result};
use crate::http::{Answer, Api, Body, Caller, IfMatch, Json, Meta, Province, scope};
use crate::journal::{self, Actor, Entry};
use crate::reference;
use crate::state::AppState;
use crate::tips::{self, Visibility};

pub fn api() -> Api {
    crate::handlers![
        show_summary,
        list_desks,
        list_routing_rules,
        replace_routing_rules
    ]
}

/// What waits, by desk and level.
#[derive(Serialize, ToSchema)]
struct Summary {
    /// All open tips.
    total: i64,
    /// One row a desk and level.
    items: Vec<SummaryRow>,
}

/// Open tips of a desk and level.
#[derive(Serialize, ToSchema)]
struct SummaryRow {
    /// Desk.
    #[schema(example = "cyber")]
    desk: String,
    /// Level.
    #[schema(example = "critical")]
    priority: String,
    /// Open tips.
    tips: i64,
    /// Of these, claimed now.
    claimed: i64,
    /// Of these, past the deadline of classification, to the minute.
    overdue: i64,
    /// By age.
    age: Ages,
}

/// Open tips by age.
#[derive(Serialize, ToSchema)]
struct Ages {
    /// Received less than an hour ago, to the minute.
    under_1h: i64,
    /// Received less than a day ago.
    under_24h: i64,
    /// Older.
    older: i64,
}

/// Show what waits, by desk, priority and age.
///
/// The numbers are kept, not counted, and exact at any moment: they cost the same however many tips wait.
#[utoipa::path(get, path = "/v1/triage/summary", tag = "triage",
    responses((status = 200, description = "Counts of open tips", body = Summary)))]
async fn show_summary(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
) -> Answer<Json<Summary>> {
    let mut conn = app.db.get().await?;
    let now = app.now();
    let items: Vec<SummaryRow> = tips::open_counts(&mut conn, &Visibility::of(&caller.who), now)
        .await?
        .into_iter()
        .map(|row| SummaryRow {
            desk: row.desk,
            priority: row.level,
            tips: row.tips,
            claimed: row.claimed,
            overdue: row.overdue,
            age: Ages {
                under_1h: row.under_1h,
                under_24h: row.under_24h,
                older: row.older,
            },
        })
        .collect();
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    journal::record(&mut conn, &[Entry::audit("summary.read", &actor, now)]).await?;
    Ok(Json::new(Summary {
        total: items.iter().map(|row| row.tips).sum(),
        items,
    }))
}

/// Desks.
#[derive(Serialize, ToSchema)]
struct Desks {
    /// `code`, `name_vi`, `name_en`; a desk that is `per_unit` stands for one desk a commune.
    #[schema(value_type = Vec<Object>)]
    items: Value,
}

/// List the desks.
#[utoipa::path(get, path = "/v1/desks", tag = "administration",
    responses((status = 200, description = "All desks", body = Desks)))]
async fn list_desks(_: Caller<scope::AnyOfficer>, app: web::Data<AppState>) -> Answer<Json<Desks>> {
    Ok(Json::new(Desks {
        items: json!(app.reference.get().routing.desks),
    }))
}

/// Desks and routing rules; the first rule that fits takes the tip, the duty desk what none takes.
#[derive(Serialize, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"desks": [{"code": "duty", "name_vi": "Trực ban hình sự", "name_en": "Criminal duty desk"}], "rules": [{"when": {"in_danger_now": true}, "desk": "duty"}]}))]
struct Routing {
    /// Desks.
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Vec<Object>)]
    desks: Vec<Value>,
    /// Rules in order: `when` (`method`, `indicator_kind`, `unit`, `unit_known`, `in_danger_now`, `no_loss`,
    /// `language`) and `desk`.
    #[validate(length(max = 500))]
    #[schema(value_type = Vec<Object>)]
    rules: Vec<Value>,
}

fn list(document: &Value, name: &str) -> Vec<Value> {
    document
        .get(name)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// List the routing rules.
#[utoipa::path(get, path = "/v1/routing/rules", tag = "administration",
    responses((status = 200, description = "Desks and rules, in order", body = Routing,
        headers(("ETag" = String, description = "Version of the rules")))))]
async fn list_routing_rules(
    _: Caller<scope::AnyOfficer>,
    app: web::Data<AppState>,
) -> Answer<Json<Routing>> {
    let mut conn = app.db.get().await?;
    let (document, version) = reference::find_document(&mut conn, "desks").await?;
    let routing = Routing {
        desks: list(&document, "desks"),
        rules: list(&document, "rules"),
    };
    Ok(Json::versioned(routing, version))
}

/// Replace the routing rules.
#[utoipa::path(put, path = "/v1/routing/rules", tag = "administration", request_body = Routing,
    responses((status = 200, description = "Desks and rules, in order", body = Routing,
        headers(("ETag" = String, description = "Version of the rules")))))]
async fn replace_routing_rules(
    caller: Caller<Province<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    if_match: IfMatch,
    body: Body<Routing>,
) -> Answer<Json<Routing>> {
    let wish = body.value;
    check(&wish)?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let version = db::transaction(&mut conn, async |conn| {
        let (mut document, version) = reference::lock_document(conn, "desks").await?;
        if_match.check(version)?;
        if let Some(map) = document.as_object_mut() {
            map.insert("desks".to_owned(), json!(wish.desks));
            map.insert("rules".to_owned(), json!(wish.rules));
        }
        reference::load_document(conn, "desks", &document, &caller.who.sub, app.now()).await?;
        let entry = Entry::audit("routing.replaced", &actor, app.now())
            .with(json!({"rules": wish.rules.len()}));
        journal::record(conn, &[entry]).await?;
        Ok(version + 1)
    })
    .await?;
    app.reference.refresh(&mut conn).await?;
    Ok(Json::versioned(wish, version))
}

fn check(wish: &Routing) -> Result<()> {
    let value = json!({"desks": wish.desks, "rules": wish.rules});
    let rules: RoutingRules = serde_json::from_value(value).map_err(|why| {
        // serde names the field that is wrong; nothing in a rule is private.
        Error::invalid(
            "/rules",
            "invalid_value",
            format!("A desk or rule cannot be read: {why}."),
        )
    })?;
    let problems: Vec<FieldProblem> = rules
        .problems()
        .into_iter()
        .map(|(pointer, detail)| FieldProblem::at(pointer, "invalid_value", detail))
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(problems))
    }
}
