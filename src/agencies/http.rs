//! Endpoints of agencies.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::wire::{AgencyView, CreateAgency, UpdateAgency};
use crate::db::{self, Conn};
use crate::domain::referral::ReferralKind;
use crate::error::{Error, FieldProblem, Result, valid};
use crate::http::page::Listing;
use crate::http::{
    Answer, Api, Body, Caller, IdempotencyKey, IfMatch, ItemPage, Json, Meta, Path, Province, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::reference::{self, Agency, agencies};
use crate::state::AppState;

/// Where nothing is agreed with an agency, an answer is expected within so many hours.
const EXPECTED_HOURS: u32 = 72;

pub fn api() -> Api {
    crate::handlers![list_agencies, show_agency, create_agency, update_agency]
}

#[derive(Debug, Deserialize, IntoParams)]
struct AgenciesQuery {
    /// Kind of agency.
    #[param(example = "bank")]
    kind: Option<String>,
    /// Only those that take this kind of referral.
    #[param(example = "freeze_funds")]
    referral_kind: Option<String>,
}

/// List agencies, by code.
#[utoipa::path(get, path = "/v1/agencies", tag = "administration",
    responses((status = 200, description = "One page", body = ItemPage<AgencyView>)))]
async fn list_agencies(
    _: Caller<scope::AnyOfficer>,
    app: web::Data<AppState>,
    listing: Listing<AgenciesQuery>,
) -> Answer<ItemPage<AgencyView>> {
    let wanted = &listing.filters;
    let after = listing.page.after::<String>()?.unwrap_or_default();
    let fits = |agency: &&Agency| {
        wanted.kind.as_ref().is_none_or(|kind| *kind == agency.kind)
            && wanted
                .referral_kind
                .as_ref()
                .is_none_or(|kind| agency.referral_kinds.contains(kind))
    };
    let reference = app.reference.get();
    let one_more = usize::try_from(listing.page.limit + 1).unwrap_or(usize::MAX);
    let rows: Vec<&Agency> = reference
        .agencies
        .range((std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded))
        .map(|(_, agency)| agency)
        .filter(fits)
        .take(one_more)
        .collect();
    let page = listing.page.page(rows, |agency| agency.code.clone());
    Ok(page.map(AgencyView::from))
}

/// Show an agency.
#[utoipa::path(get, path = "/v1/agencies/{code}", tag = "administration",
    params(("code" = String, Path, description = "Code of the agency")),
    responses((status = 200, description = "The agency", body = AgencyView,
        headers(("ETag" = String, description = "Its version")))))]
async fn show_agency(
    _: Caller<scope::AnyOfficer>,
    app: web::Data<AppState>,
    code: Path<String>,
) -> Answer<Json<AgencyView>> {
    let reference = app.reference.get();
    let agency = reference.agencies.get(&code.0);
    let agency = agency.ok_or(Error::not_found("agency"))?;
    Ok(Json::versioned(AgencyView::from(agency), agency.version))
}

/// 422 for a kind of referral that does not exist.
fn check_kinds(kinds: &[String]) -> Result<()> {
    let problems: Vec<FieldProblem> = kinds
        .iter()
        .enumerate()
        .filter(|(_, kind)| ReferralKind::parse(kind).is_none())
        .map(|(i, _)| {
            let detail = "There is no such kind of referral.";
            FieldProblem::at(format!("/referral_kinds/{i}"), "unknown_value", detail)
        })
        .collect();
    valid(problems)
}

/// Writes an agency into the list of the transaction.
async fn write(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    kind: &'static str,
    work: impl FnOnce(Option<Agency>) -> Result<Agency>,
    code: &str,
) -> Result<Agency> {
    let now = app.now();
    let (mut document, _) = reference::lock_document(conn, agencies::AGENCIES).await?;
    let mut known =
        agencies::read(document.clone()).map_err(|e| Error::internal("reading the agencies", e))?;
    let agency = work(known.remove(code))?;
    agencies::put(&mut document, &agency)?;
    reference::load_document(conn, agencies::AGENCIES, &document, &actor.name, now).await?;
    let entry = Entry::audit(kind, actor, now).with(json!({"agency": agency}));
    journal::record(conn, &[entry]).await?;
    Ok(agency)
}

/// Add an agency.
#[utoipa::path(post, path = "/v1/agencies", tag = "administration", request_body = CreateAgency,
    responses((status = 201, description = "The agency", body = AgencyView,
               headers(("Location" = String, description = "The agency"), ("ETag" = String, description = "Its version"))),
              (status = 409, description = "The code is taken (`duplicate`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn create_agency(
    caller: Caller<Province<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<CreateAgency>,
) -> Answer<HttpResponse> {
    let wish = &body.value;
    check_kinds(&wish.referral_kinds)?;
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let (secret, now) = (&app.keys.answers, app.now());
    let outcome = idempotency::once(&mut conn, secret, claim, now, async |conn| {
        let make = |known: Option<Agency>| {
            if known.is_some() {
                let detail = "There is an agency with this code.";
                return Err(Error::conflict("duplicate", detail));
            }
            Ok(Agency {
                code: wish.code.clone(),
                kind: wish.kind.clone(),
                name_vi: wish.name_vi.clone(),
                name_en: wish.name_en.clone(),
                referral_kinds: wish.referral_kinds.clone(),
                expected_hours: wish.expected_hours.unwrap_or(EXPECTED_HOURS),
                languages: wish
                    .languages
                    .clone()
                    .unwrap_or_else(|| vec!["vi".to_owned()]),
                contacts: wish
                    .contacts
                    .iter()
                    .flatten()
                    .cloned()
                    .map(Into::into)
                    .collect(),
                source: wish.source.clone(),
                active: true,
                version: 1,
            })
        };
        let agency = write(conn, &app, &actor, "agency.created", make, &wish.code).await?;
        Ok(idempotency::Answer::json(201, &AgencyView::from(&agency))?
            .at(format!("/v1/agencies/{}", agency.code))
            .versioned(agency.version))
    })
    .await?;
    app.reference.refresh(&mut conn).await?;
    Ok(outcome.into())
}

/// Change an agency.
#[utoipa::path(patch, path = "/v1/agencies/{code}", tag = "administration", request_body = UpdateAgency,
    params(("code" = String, Path, description = "Code of the agency")),
    responses((status = 200, description = "The agency", body = AgencyView,
        headers(("ETag" = String, description = "Its version")))))]
async fn update_agency(
    caller: Caller<Province<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    code: Path<String>,
    if_match: IfMatch,
    body: Body<UpdateAgency>,
) -> Answer<Json<AgencyView>> {
    let wish = body.value;
    check_kinds(wish.referral_kinds.as_deref().unwrap_or_default())?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let change = |known: Option<Agency>| {
        let old = known.ok_or(Error::not_found("agency"))?;
        if_match.check(old.version)?;
        Ok(Agency {
            code: old.code,
            kind: old.kind,
            name_vi: wish.name_vi.unwrap_or(old.name_vi),
            name_en: wish.name_en.unwrap_or(old.name_en),
            referral_kinds: wish.referral_kinds.unwrap_or(old.referral_kinds),
            expected_hours: wish.expected_hours.unwrap_or(old.expected_hours),
            languages: wish.languages.unwrap_or(old.languages),
            contacts: match wish.contacts {
                Some(contacts) => contacts.into_iter().map(Into::into).collect(),
                None => old.contacts,
            },
            source: wish.source.or(old.source),
            active: wish.active.unwrap_or(old.active),
            version: old.version + 1,
        })
    };
    let agency = db::transaction(&mut conn, async |conn| {
        write(conn, &app, &actor, "agency.updated", change, &code.0).await
    })
    .await?;
    app.reference.refresh(&mut conn).await?;
    Ok(Json::versioned(AgencyView::from(&agency), agency.version))
}
