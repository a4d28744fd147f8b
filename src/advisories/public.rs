//! What the public reads: warnings that stand now, in every language they are written in.

use std::collections::BTreeMap;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::content::{AdvisoryText, Content, Severity};
use super::rules;
use super::store::{self, PublicWanted, Published};
use super::wire::AdvisoryIndicator;
use crate::db::Conn;
use crate::domain::guidance::{Action, advice};
use crate::domain::lang::Lang;
use crate::error::{Error, Result};
use crate::http::conditional::cached;
use crate::http::openapi::RawRequest;
use crate::http::page::Listing;
use crate::http::{Answer, Anyone, Api, ItemPage, Meta, Path, Query};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![list_public_advisories, show_public_advisory]
}

/// A warning as anybody reads it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicAdvisory {
    /// Id.
    pub id: Uuid,
    /// Counts the publications of its text.
    pub revision: i32,
    /// How bad it is.
    pub severity: Severity,
    /// Whom it is meant for.
    pub audiences: Vec<String>,
    /// Language of `title`, `summary` and `body`: the one asked for, else Vietnamese.
    #[schema(example = "vi")]
    pub language: String,
    /// Heading.
    pub title: String,
    /// The gist.
    pub summary: String,
    /// The whole; a blank line parts paragraphs, `- ` begins a list's line.
    pub body: String,
    /// All its texts by language, for apps that keep it offline.
    pub texts: BTreeMap<String, AdvisoryText>,
    /// Methods it warns of.
    pub methods: Vec<String>,
    /// Communes; empty is the whole province.
    pub unit_codes: Vec<String>,
    /// What to do.
    pub guidance: Vec<PublicAdvice>,
    /// Confirmed scams and official indicators that it names.
    pub indicators: Vec<AdvisoryIndicator>,
    /// From when it holds.
    #[schema(required)]
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when it holds.
    #[schema(required)]
    pub valid_until: Option<DateTime<Utc>>,
    /// When it was first published.
    pub published_at: DateTime<Utc>,
    /// When this revision was published.
    pub updated_at: DateTime<Utc>,
}

/// A piece of advice.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicAdvice {
    /// Stable code.
    pub code: String,
    /// Heading.
    pub title: String,
    /// What to do.
    pub body: String,
    /// Buttons.
    pub actions: Vec<PublicAction>,
}

/// A button beside a piece of advice.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicAction {
    /// Its words.
    pub label: String,
    /// `tel:` or `sms:` and the number.
    pub href: String,
}

impl From<Action> for PublicAction {
    fn from(action: Action) -> Self {
        Self {
            label: action.label,
            href: action.href,
        }
    }
}

/// Which warnings are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub struct PublicQuery {
    /// Meant for this audience, or for everyone.
    #[param(example = "elderly")]
    pub audience: Option<String>,
    /// With a text in this language; it is the one shown.
    #[param(example = "hmn")]
    pub language: Option<String>,
    /// Warning of this method.
    #[param(example = "impersonate_police_court")]
    pub method: Option<String>,
    /// Meant for this commune, or for the whole province.
    #[param(example = "03127")]
    pub unit: Option<String>,
}

impl PublicQuery {
    /// The same as filters, for one page.
    pub fn wanted(&self, after: Option<(DateTime<Utc>, Uuid)>, limit: i64) -> PublicWanted<'_> {
        PublicWanted {
            audience: self.audience.as_deref(),
            language: self.language.as_deref(),
            method: self.method.as_deref(),
            unit: self.unit.as_deref(),
            after,
            limit,
        }
    }

    /// 422 for a code that there is not: a misspelt filter must not look like "no warnings".
    pub fn check(&self, app: &AppState) -> Result<()> {
        let reference = app.reference.get();
        let known = |name: &str, code: &str| match name {
            "audience" => reference.audiences.iter().any(|a| a.code == code),
            "language" => reference.vocabulary.language.contains(code),
            "method" => reference.methods.contains_key(code),
            _ => reference.units.contains_key(code),
        };
        for (name, value) in [
            ("audience", &self.audience),
            ("language", &self.language),
            ("method", &self.method),
            ("unit", &self.unit),
        ] {
            if let Some(code) = value.as_deref().filter(|code| !known(name, code)) {
                let detail = format!("There is no {name} {code:?}.");
                return Err(Error::invalid_parameter(name, "unknown_value", detail));
            }
        }
        Ok(())
    }
}

/// List the warnings in force, newest first.
///
/// No token is needed. Ask again with `If-None-Match`: 304 costs little on a bad network. Atom, JSON
/// Feed and CAP 1.2 say the same.
#[utoipa::path(get, path = "/v1/public/advisories", tag = "advisories",
    responses((status = 200, description = "One page", body = ItemPage<PublicAdvisory>),
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
async fn list_public_advisories(
    _: Anyone,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<PublicQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    listing.filters.check(&app)?;
    let mut conn = app.db.get().await?;
    let after = listing.page.after::<(DateTime<Utc>, Uuid)>()?;
    let wanted = listing.filters.wanted(after, listing.page.limit + 1);
    let rows = store::standing(&mut conn, &wanted, app.now()).await?;
    let page = listing.page.page(rows, |row| (row.changed_at, row.id));
    let language = listing.filters.language.as_deref();
    let items = shown(&mut conn, &app, page.items, language, meta.lang).await?;
    let page = ItemPage {
        items,
        next_cursor: page.next_cursor,
    };
    let mut answer = json(&request, &page)?;
    if let Some(link) = page.link(&request.0)
        && let Ok(link) = HeaderValue::try_from(link)
    {
        answer.headers_mut().insert(header::LINK, link);
    }
    Ok(answer)
}

/// In which language a warning is wanted.
#[derive(Debug, Deserialize, IntoParams)]
struct LanguageQuery {
    /// Language of `title`, `summary` and `body`; absent is that of `Accept-Language`.
    #[param(example = "hmn")]
    language: Option<String>,
}

/// Show a warning; one that was retracted, or whose time is over, is gone.
#[utoipa::path(get, path = "/v1/public/advisories/{id}", tag = "advisories",
    params(("id" = Uuid, Path, description = "Warning's id")),
    responses((status = 200, description = "The warning", body = PublicAdvisory),
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
async fn show_public_advisory(
    _: Anyone,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    query: Query<LanguageQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let row = store::published(&mut conn, id.0).await?;
    if row.reason.is_some() || !stands(&row.content()?, app.now()) {
        return Err(Error::not_found("advisory").into());
    }
    let language = query.0.language.as_deref();
    let mut all = shown(&mut conn, &app, vec![row], language, meta.lang).await?;
    let one = all.pop().ok_or(Error::not_found("advisory"))?;
    json(&request, &one)
}

/// Whether its time has come.
pub fn has_begun(content: &Content, now: DateTime<Utc>) -> bool {
    content.valid_from.is_none_or(|from| from <= now)
}

/// Whether its time has come and is not over.
pub fn stands(content: &Content, now: DateTime<Utc>) -> bool {
    has_begun(content, now) && content.valid_until.is_none_or(|until| until > now)
}

fn json<T: Serialize>(request: &RawRequest, body: &T) -> Answer<HttpResponse> {
    let bytes =
        serde_json::to_vec(body).map_err(|e| Error::internal("writing a public warning", e))?;
    let mut answer = cached(&request.0, bytes, "application/json");
    let language = HeaderValue::from_static("Accept-Language");
    answer.headers_mut().append(header::VARY, language);
    Ok(answer)
}

/// Rows as the public reads them, in a language where they have it.
pub async fn shown(
    conn: &mut Conn,
    app: &AppState,
    rows: Vec<Published>,
    language: Option<&str>,
    lang: Lang,
) -> Result<Vec<PublicAdvisory>> {
    let reference = app.reference.get();
    let read = |row: Published| row.content().map(|content| (row, content));
    let read: Vec<_> = rows.into_iter().map(read).collect::<Result<_>>()?;
    let contents = read.iter().map(|(_, content)| content);
    let known = rules::known(conn, &reference, contents).await?;
    let wanted = language.unwrap_or(lang.as_str());
    let one = |(row, content): (Published, Content)| {
        let mut indicators = rules::of_content(&known, &content);
        indicators.retain(|indicator| indicator.verdict.is_some());
        let (language, text) = content
            .text(wanted)
            .ok_or_else(|| Error::internal("reading a warning", "it has no Vietnamese text"))?;
        let (language, text) = (language.to_owned(), text.clone());
        let pieces = content.guidance.iter();
        let guidance = pieces
            .filter_map(|code| advice(&reference.guidebook, code, lang))
            .map(|piece| PublicAdvice {
                code: piece.code,
                title: piece.title,
                body: piece.body,
                actions: piece.actions.into_iter().map(PublicAction::from).collect(),
            });
        Ok(PublicAdvisory {
            id: row.id,
            revision: row.revision,
            severity: content.severity,
            audiences: content.audiences.clone(),
            language,
            title: text.title,
            summary: text.summary,
            body: text.body,
            methods: content.methods.clone(),
            unit_codes: content.unit_codes.clone(),
            guidance: guidance.collect(),
            indicators,
            valid_from: content.valid_from,
            valid_until: content.valid_until,
            published_at: row.published_at,
            updated_at: row.changed_at,
            texts: content.texts,
        })
    };
    read.into_iter().map(one).collect()
}
