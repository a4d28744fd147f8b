//! Desks, routing rules and the counts of what waits.

use actix_web::web;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::store;
use crate::db::{self, Conn};
use crate::domain::routing::{Desk, RoutingRules};
use crate::error::{Error, FieldProblem, Result, valid};
use crate::http::page::NoFilters;
use crate::http::problem::ProblemBody;
use crate::http::{Answer, Api, Body, Caller, IfMatch, Json, Meta, Province, Query, scope};
use crate::journal::{self, Actor, Entry};
use crate::reference::{self, Reference};
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
/// The numbers are maintained rather than counted, and exact at any moment: they cost the same however many tips
/// wait.
#[utoipa::path(get, path = "/v1/triage/summary", tag = "triage",
    responses((status = 200, description = "Counts of open tips", body = Summary)))]
async fn show_summary(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    _: Query<NoFilters>,
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
    /// Each that there is, those of the communes last.
    items: Vec<DeskView>,
}

/// A desk.
#[derive(Serialize, ToSchema)]
struct DeskView {
    /// Its code, in filters, tokens and tips.
    #[schema(example = "commune_03127")]
    code: String,
    /// Vietnamese name.
    name_vi: String,
    /// English name.
    name_en: String,
    /// A remark for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The commune whose desk it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "03127")]
    unit_code: Option<String>,
}

/// The desks of a list; one that stands for one a commune is all of these.
fn each_desk(reference: &Reference) -> Vec<DeskView> {
    let mut units: Vec<_> = reference.units.values().collect();
    units.sort_by(|a, b| a.code.cmp(&b.code));
    let (of_units, others): (Vec<&Desk>, Vec<&Desk>) = reference
        .routing
        .desks
        .iter()
        .partition(|desk| desk.per_unit);
    let plain = others.into_iter().map(|desk| DeskView {
        code: desk.code.clone(),
        name_vi: desk.name_vi.clone(),
        name_en: desk.name_en.clone(),
        note: desk.note.clone(),
        unit_code: None,
    });
    let communes = of_units.into_iter().flat_map(|desk| {
        units.iter().map(|unit| DeskView {
            code: format!("{}_{}", desk.code, unit.code),
            name_vi: format!("{}: {}", desk.name_vi, unit.full_name),
            name_en: format!("{}: {}", desk.name_en, unit.full_name),
            note: desk.note.clone(),
            unit_code: Some(unit.code.clone()),
        })
    });
    plain.chain(communes).collect()
}

/// List the desks, each by the code that filters and tokens take.
#[utoipa::path(get, path = "/v1/desks", tag = "administration",
    responses((status = 200, description = "All desks", body = Desks)))]
async fn list_desks(
    _: Caller<scope::AnyOfficer>,
    app: web::Data<AppState>,
    _: Query<NoFilters>,
) -> Answer<Json<Desks>> {
    Ok(Json::new(Desks {
        items: each_desk(&app.reference.get()),
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
    #[validate(length(min = 1, max = 500))]
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 500)]
    rules: Vec<Value>,
    /// The ETag; in a request it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    version: Option<i32>,
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
        version: Some(version),
    };
    Ok(Json::versioned(routing, version))
}

/// Replace the routing rules.
///
/// A desk can be removed once no tip waits there and no client is confined to it.
#[utoipa::path(put, path = "/v1/routing/rules", tag = "administration", request_body = Routing,
    responses((status = 200, description = "Desks and rules, in order", body = Routing,
        headers(("ETag" = String, description = "Version of the rules"))),
        (status = 409, description = "A desk that is left out is in use (`wrong_state`); the detail names it",
         body = ProblemBody, content_type = "application/problem+json")))]
async fn replace_routing_rules(
    caller: Caller<Province<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    if_match: IfMatch,
    body: Body<Routing>,
) -> Answer<Json<Routing>> {
    let mut wish = body.value;
    let after = check(&wish)?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let version = db::transaction(&mut conn, async |conn| {
        let (mut document, version) = reference::lock_document(conn, "desks").await?;
        if_match.check(version)?;
        keeps_desks_in_use(conn, &app, &document, &after).await?;
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
    wish.version = Some(version);
    Ok(Json::versioned(wish, version))
}

/// 409 where tips wait at a desk that goes, or a client is confined to it: nobody would see them any more.
async fn keeps_desks_in_use(
    conn: &mut Conn,
    app: &AppState,
    before: &Value,
    after: &RoutingRules,
) -> Result<()> {
    let before: RoutingRules = serde_json::from_value(before.clone())
        .map_err(|e| Error::internal("reading the desks", e))?;
    let reference = app.reference.get();
    let goes = |desk: &str| {
        let is_unit = |unit: &str| reference.units.contains_key(unit);
        before.has_desk(desk, is_unit) && !after.has_desk(desk, is_unit)
    };
    let waiting = tips::open_counts(conn, &Visibility::all(), app.now()).await?;
    let mut in_use: Vec<String> = waiting.into_iter().map(|row| row.desk).collect();
    in_use.extend(store::desks_of_clients(conn).await?);
    in_use.retain(|desk| goes(desk));
    in_use.sort_unstable();
    in_use.dedup();
    if in_use.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "Tips wait there, or a client is confined to it: {}. Hand them over first.",
        in_use.join(", ")
    );
    Err(Error::conflict("wrong_state", detail))
}

fn check(wish: &Routing) -> Result<RoutingRules> {
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
    valid(problems)?;
    Ok(rules)
}
