//! Endpoints of indicators for officers, and extraction.

use std::collections::HashMap;

use actix_web::web;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::check;
use super::figures::THRESHOLD;
use super::store::{self, IndicatorRow, Wanted};
use super::verdicts;
use super::wire::{
    ExtractText, Extracted, ExtractedIndicator, GiveVerdict, Imitates, IndicatorDetail,
    IndicatorView, Measure, RelatedIndicator, VerdictView,
};
use crate::db::Conn;
use crate::domain::indicator::{self, Indicator, Kind, lookalike};
use crate::error::{Error, Result};
use crate::http::page::Listing;
use crate::http::{
    Answer, Api, Body, Caller, CitizenBody, IfMatch, ItemPage, Json, Meta, Path, scope,
};
use crate::journal::{self, Actor, Entry};
use crate::reference::Reference;
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        extract_indicators,
        list_indicators,
        show_indicator,
        give_verdict,
        approve_verdict
    ]
}

/// Find numbers, links and accounts in a text; nothing is stored.
#[utoipa::path(post, path = "/v1/indicators/extract", tag = "check", request_body = ExtractText,
    responses((status = 200, description = "What was found", body = Extracted)))]
async fn extract_indicators(
    _: Caller<scope::SubmitOrCheck>,
    app: web::Data<AppState>,
    body: CitizenBody<ExtractText>,
) -> Answer<Json<Extracted>> {
    let reference = app.reference.get();
    let mut indicators = Vec::new();
    for found in indicator::extract(&reference.catalog, &body.value.text) {
        let span = (found.start, found.end);
        match found.reading {
            Ok(reading) => {
                indicators.push(shown(&reading.indicator, span));
                indicators.extend(reading.derived.iter().map(|derived| shown(derived, span)));
            }
            Err(reason) => indicators.push(ExtractedIndicator {
                kind: found.kind.as_str().to_owned(),
                value: found.raw.clone(),
                display: found.raw,
                start: span.0,
                end: span.1,
                valid: false,
                reason: Some(reason.code().to_owned()),
            }),
        }
    }
    Ok(Json::new(Extracted { indicators }))
}

fn shown(indicator: &Indicator, (start, end): (usize, usize)) -> ExtractedIndicator {
    ExtractedIndicator {
        kind: indicator.kind.as_str().to_owned(),
        value: indicator.value.clone(),
        display: indicator.display.clone(),
        start,
        end,
        valid: true,
        reason: None,
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
struct IndicatorQuery {
    /// Kind.
    #[param(value_type = Option<crate::http::KindCode>, inline, example = "bank_account")]
    kind: Option<String>,
    /// A number, link or account in any written form.
    #[param(example = "0912 345 678")]
    value: Option<String>,
    /// Current verdict: `suspected`, `confirmed_scam`, `cleared`, `official`.
    #[param(value_type = Option<crate::http::VerdictCode>, inline, example = "confirmed_scam")]
    verdict: Option<String>,
    /// Named by at least so many tips.
    #[param(minimum = 1)]
    min_tips: Option<i32>,
    /// `true`: only what was `cleared` and has since been named by 3 independent reports or more; an officer may have
    /// to look at it again.
    reexamine: Option<bool>,
}

/// List indicators, newest first.
#[utoipa::path(get, path = "/v1/indicators", tag = "indicators",
    responses((status = 200, description = "One page", body = ItemPage<IndicatorView>)))]
async fn list_indicators(
    caller: Caller<scope::IndicatorsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<IndicatorQuery>,
) -> Answer<ItemPage<IndicatorView>> {
    let query = &listing.filters;
    let reference = app.reference.get();
    for (name, value, known) in [
        (
            "kind",
            &query.kind,
            indicator::Kind::ALL.map(|k| k.as_str()).as_slice(),
        ),
        (
            "verdict",
            &query.verdict,
            &["suspected", "confirmed_scam", "cleared", "official"],
        ),
    ] {
        if value.as_ref().is_some_and(|v| !known.contains(&v.as_str())) {
            let detail = format!("{name} must be one of {}.", known.join(", "));
            return Err(Error::invalid_parameter(name, "unknown_value", detail).into());
        }
    }
    let key = match &query.value {
        None => None,
        Some(written) => match check::reading(
            &reference,
            query.kind.as_deref().and_then(Kind::from_code),
            written,
        ) {
            Some(reading) => Some(reading.indicator.key().to_vec()),
            None => Some(Vec::new()),
        },
    };
    let mut conn = app.db.get().await?;
    let rows = store::page(
        &mut conn,
        &Wanted {
            kind: query.kind.as_deref(),
            key: key.as_deref(),
            verdict: query.verdict.as_deref(),
            min_tips: query.min_tips,
            reexamine: query.reexamine.map(|asked| (asked, THRESHOLD)),
            who: &caller.who,
            after: listing.page.after::<Uuid>()?,
            limit: listing.page.limit,
        },
    )
    .await?;
    let page = listing.page.page(rows, |row| row.id);
    let items = views(&mut conn, &app, &reference, page.items).await?;
    let ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("indicator.listed", &actor, app.now()).with(json!({"ids": ids}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(ItemPage {
        items,
        next_cursor: page.next_cursor,
    })
}

async fn views(
    conn: &mut Conn,
    app: &AppState,
    reference: &Reference,
    rows: Vec<IndicatorRow>,
) -> Result<Vec<IndicatorView>> {
    let keys: Vec<Vec<u8>> = rows.iter().map(|row| row.key.clone()).collect();
    let mut figures: HashMap<_, _> = store::figures(conn, &keys)
        .await?
        .into_iter()
        .map(|f| (f.key.clone(), f))
        .collect();
    let mut verdicts: HashMap<_, _> = store::current_verdicts(conn, &keys)
        .await?
        .into_iter()
        .map(|v| (v.key.clone(), v))
        .collect();
    let now = app.now();
    Ok(rows
        .into_iter()
        .map(|row| {
            let figure = figures.remove(&row.key);
            let verdict = verdicts.remove(&row.key);
            let reports = figure.as_ref().map_or(0, |f| f.independent);
            let cleared = verdict
                .as_ref()
                .filter(|v| v.verdict == "cleared" && !v.waits);
            let since = cleared.and_then(|v| Some(reports.saturating_sub(v.independent?).max(0)));
            let attributes = row.attributes.as_object().cloned().unwrap_or_default();
            let host = attributes.get("host").and_then(serde_json::Value::as_str);
            IndicatorView {
                id: row.id,
                imitates: host.and_then(|host| imitates(reference, host)),
                tips: figure.as_ref().map_or(0, |f| f.tips),
                independent_reports: reports,
                reports_since_cleared: since,
                reexamine: since.is_some_and(|reports| reports >= THRESHOLD),
                loss_vnd: figure.as_ref().map_or(0, |f| f.loss_vnd),
                first_seen: row.first_seen,
                last_seen: figure.as_ref().map_or(row.first_seen, |f| f.last_reported),
                methods: figure
                    .map(|f| f.methods.into_iter().flatten().collect())
                    .unwrap_or_default(),
                verdict: verdict.map(|v| verdicts::view(v, now)),
                kind: row.kind,
                value: row.value,
                display: row.display,
                attributes,
            }
        })
        .collect())
}

/// Which brand a host imitates.
pub fn imitates(reference: &Reference, host: &str) -> Option<Imitates> {
    let found = lookalike::lookalike(&reference.brands, host)?;
    Some(Imitates {
        brand: found.brand,
        technique: serde_json::to_value(found.technique).unwrap_or_default(),
        score: found.score,
    })
}

/// Show an indicator with its figures, verdicts and neighbours.
#[utoipa::path(get, path = "/v1/indicators/{id}", tag = "indicators",
    params(("id" = Uuid, Path, description = "Indicator id")),
    responses((status = 200, description = "The indicator", body = IndicatorDetail,
        headers(("ETag" = String, description = "Version of its verdicts")))))]
async fn show_indicator(
    caller: Caller<scope::IndicatorsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<IndicatorDetail>> {
    let mut conn = app.db.get().await?;
    let now = app.now();
    let row = store::find(&mut conn, id.0, &caller.who).await?;
    // Before the verdicts: what is read later is never older than its tag.
    let version = store::verdict_version(&mut conn, &row.key).await?;
    let holder_names = store::holder_names(&mut conn, &row.key, &caller.who).await?;
    let related = store::related(&mut conn, &row.key, &caller.who)
        .await?
        .into_iter()
        .map(|(id, kind, value, tips)| RelatedIndicator {
            id,
            kind,
            value,
            tips,
        })
        .collect();
    let measures = store::measures(&mut conn, &row.key)
        .await?
        .into_iter()
        .map(Measure::from)
        .collect();
    let history = store::verdict_history(&mut conn, &row.key)
        .await?
        .into_iter()
        .map(|v| verdicts::view(v, now))
        .collect();
    let indicator = views(&mut conn, &app, &app.reference.get(), vec![row])
        .await?
        .pop()
        .ok_or(Error::not_found("indicator"))?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("indicator.read", &actor, now).on("indicator", id.0);
    journal::record(&mut conn, &[entry]).await?;
    let detail = IndicatorDetail {
        indicator,
        holder_names,
        related,
        measures,
        history,
    };
    Ok(Json::versioned(detail, version))
}

/// Give a verdict on an indicator.
///
/// `confirmed_scam` reaches the public only after a second officer approves it. An official entry
/// ends only with `admin`: what is given in its place waits (`pending_approval`, in
/// `history`) until a second admin approves it, and meanwhile the entry stands; giving the entry once
/// more takes the proposal back.
#[utoipa::path(put, path = "/v1/indicators/{id}/verdict", tag = "indicators", request_body = GiveVerdict,
    params(("id" = Uuid, Path, description = "Indicator id")),
    responses((status = 200, description = "The verdict, in force or waiting for approval", body = VerdictView,
               headers(("ETag" = String, description = "Version of the indicator's verdicts"))),
              (status = 409, description = "An official entry (`official_entry`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn give_verdict(
    caller: Caller<scope::IndicatorsCurate>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<GiveVerdict>,
) -> Answer<Json<VerdictView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let (verdict, version) = crate::db::transaction(&mut conn, async |conn| {
        let verdict = verdicts::give(conn, &app, &caller.who, &actor, id.0, &body.value).await?;
        let version = store::verdict_version(conn, &verdict.key).await?;
        Ok((verdict, version))
    })
    .await?;
    Ok(Json::versioned(verdicts::view(verdict, app.now()), version))
}

/// Approve a verdict that waits, as the second officer.
///
/// A confirmed scam, or with `admin` what is to replace an official entry. With `If-Match`, the
/// `ETag` of the indicator or of the verdict given, only what was seen is approved: 412 where the verdicts
/// have changed since.
#[utoipa::path(post, path = "/v1/indicators/{id}/verdict/approve", tag = "indicators",
    params(("id" = Uuid, Path, description = "Indicator id")),
    responses((status = 200, description = "The verdict, in force", body = VerdictView,
               headers(("ETag" = String, description = "Version of the indicator's verdicts"))),
              (status = 409, description = "Nothing waits (`wrong_state`) or one's own verdict (`same_person`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn approve_verdict(
    caller: Caller<scope::IndicatorsCurate>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: Option<IfMatch>,
) -> Answer<Json<VerdictView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let (verdict, version) = crate::db::transaction(&mut conn, async |conn| {
        let wanted = (id.0, if_match.as_ref());
        let verdict = verdicts::approve(conn, &app, &caller.who, &actor, wanted).await?;
        let version = store::verdict_version(conn, &verdict.key).await?;
        Ok((verdict, version))
    })
    .await?;
    Ok(Json::versioned(verdicts::view(verdict, app.now()), version))
}
