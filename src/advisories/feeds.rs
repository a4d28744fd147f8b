//! Warnings for feed readers and alert aggregators: Atom (RFC 4287), JSON Feed 1.1, CAP 1.2.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cap;
use super::content::Content;
use super::public::{PublicAdvisory, PublicQuery, has_begun, shown, stands};
use super::store::{self, Published};
use super::xml::{self, Xml};
use crate::auth::POLICE;
use crate::db::Conn;
use crate::domain::ids::{NAMESPACE, name_based};
use crate::domain::lang::Lang;
use crate::domain::markup::to_html;
use crate::error::{Error, Result};
use crate::http::conditional::cached;
use crate::http::openapi::RawRequest;
use crate::http::{Answer, Anyone, Api, Path, Query};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        show_advisories_atom,
        show_advisories_json_feed,
        list_cap_messages,
        show_cap_message
    ]
}

/// Most entries of a feed.
const ENTRIES: i64 = 200;
const ATOM: &str = "http://www.w3.org/2005/Atom";
const ATOM_TYPE: &str = "application/atom+xml; charset=utf-8";
const CAP_TYPE: &str = "application/cap+xml; charset=utf-8";
const TITLE: &str = "Cảnh báo lừa đảo trên mạng";

async fn entries(
    conn: &mut Conn,
    app: &AppState,
    query: &PublicQuery,
) -> Result<Vec<PublicAdvisory>> {
    query.check(app)?;
    let rows = store::standing(conn, &query.wanted(None, ENTRIES), app.now()).await?;
    shown(conn, app, rows, query.language.as_deref(), Lang::Vi).await
}

/// Who warns, for people.
fn author(app: &AppState) -> String {
    let reference = app.reference.get();
    let police = reference.agencies.get(POLICE);
    police.map_or_else(
        || app.settings.issuer.clone(),
        |police| police.name_vi.clone(),
    )
}

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// When something last changed: retractions count, though nothing of them is shown.
async fn updated(conn: &mut Conn) -> Result<DateTime<Utc>> {
    let newest = store::newest(conn, 1).await?;
    Ok(newest
        .first()
        .map_or(DateTime::UNIX_EPOCH, |row| row.changed_at))
}

/// Show the warnings in force as an Atom feed.
#[utoipa::path(get, path = "/v1/public/advisories.atom", tag = "advisories",
    responses((status = 200, description = "Atom (RFC 4287)", body = String, content_type = "application/atom+xml"),
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
async fn show_advisories_atom(
    _: Anyone,
    app: web::Data<AppState>,
    query: Query<PublicQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let entries = entries(&mut conn, &app, &query.0).await?;
    let updated = updated(&mut conn).await?;
    let own = "/v1/public/advisories.atom";
    let feed = atom(&app, own, updated, |xml| {
        for entry in &entries {
            xml.element("entry", &[("xml:lang", &entry.language)], |xml| {
                xml.text("id", &[], &format!("urn:uuid:{}", entry.id))?;
                xml.text("title", &[], &entry.title)?;
                xml.text("published", &[], &rfc3339(entry.published_at))?;
                xml.text("updated", &[], &rfc3339(entry.updated_at))?;
                let link = format!("/v1/public/advisories/{}", entry.id);
                xml.empty(
                    "link",
                    &[
                        ("rel", "alternate"),
                        ("type", "application/json"),
                        ("href", &link),
                    ],
                )?;
                for method in &entry.methods {
                    xml.empty("category", &[("term", method)])?;
                }
                xml.text("summary", &[], &entry.summary)?;
                xml.text("content", &[("type", "html")], &to_html(&entry.body))
            })?;
        }
        Ok(())
    })?;
    Ok(cached(&request.0, feed, ATOM_TYPE))
}

fn atom(
    app: &AppState,
    own: &str,
    updated: DateTime<Utc>,
    entries: impl FnOnce(&mut Xml) -> std::io::Result<()>,
) -> Result<Vec<u8>> {
    let id = name_based(NAMESPACE, &format!("{} {own}", app.settings.issuer));
    xml::document(|xml| {
        xml.element("feed", &[("xmlns", ATOM), ("xml:lang", "vi")], |xml| {
            xml.text("id", &[], &format!("urn:uuid:{id}"))?;
            xml.text("title", &[], TITLE)?;
            xml.text("updated", &[], &rfc3339(updated))?;
            xml.empty("link", &[("rel", "self"), ("href", own)])?;
            xml.element("author", &[], |xml| xml.text("name", &[], &author(app)))?;
            entries(xml)
        })
    })
}

/// Show the warnings in force as a JSON Feed.
#[utoipa::path(get, path = "/v1/public/advisories.json", tag = "advisories",
    responses((status = 200, description = "JSON Feed 1.1", body = Object, content_type = "application/feed+json"),
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
async fn show_advisories_json_feed(
    _: Anyone,
    app: web::Data<AppState>,
    query: Query<PublicQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let entries = entries(&mut conn, &app, &query.0).await?;
    let items: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let tags = [entry.methods.clone(), entry.audiences.clone()].concat();
            json!({
                "id": format!("urn:uuid:{}", entry.id),
                "title": entry.title,
                "summary": entry.summary,
                "content_html": to_html(&entry.body),
                "content_text": entry.body,
                "date_published": rfc3339(entry.published_at),
                "date_modified": rfc3339(entry.updated_at),
                "language": entry.language,
                "tags": tags,
            })
        })
        .collect();
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": TITLE,
        "language": "vi",
        "authors": [{"name": author(&app)}],
        "items": items,
    });
    Ok(cached(
        &request.0,
        feed.to_string().into_bytes(),
        "application/feed+json",
    ))
}

/// Whether aggregators are told of a warning: while it stands, and that it was taken back.
fn is_told(row: &Published, content: &Content, now: DateTime<Utc>) -> bool {
    match row.reason {
        Some(_) => has_begun(content, now),
        None => stands(content, now),
    }
}

/// List the newest CAP messages, cancellations included, as an Atom feed that links to each.
#[utoipa::path(get, path = "/v1/public/advisories.cap", tag = "advisories",
    responses((status = 200, description = "Atom with links to `application/cap+xml`", body = String, content_type = "application/atom+xml"),
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
async fn list_cap_messages(
    _: Anyone,
    app: web::Data<AppState>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let mut rows: Vec<(Published, String)> = Vec::new();
    for row in store::newest(&mut conn, ENTRIES).await? {
        let content = row.content()?;
        if is_told(&row, &content, app.now()) {
            let title = content.text("vi").map(|(_, text)| text.title.clone());
            rows.push((row, title.unwrap_or_default()));
        }
    }
    let updated = rows
        .first()
        .map_or(DateTime::UNIX_EPOCH, |(row, _)| row.changed_at);
    let feed = atom(&app, "/v1/public/advisories.cap", updated, |xml| {
        for (row, title) in &rows {
            let title = match &row.reason {
                Some(_) => "Thu hồi cảnh báo",
                None => title,
            };
            xml.element("entry", &[], |xml| {
                let link = format!("/v1/public/advisories/{}.cap", row.id);
                xml.text("id", &[], &format!("urn:uuid:{}", row.id))?;
                xml.text("title", &[], title)?;
                xml.text("updated", &[], &rfc3339(row.changed_at))?;
                xml.empty(
                    "link",
                    &[
                        ("rel", "alternate"),
                        ("type", "application/cap+xml"),
                        ("href", &link),
                    ],
                )
            })?;
        }
        Ok(())
    })?;
    Ok(cached(&request.0, feed, ATOM_TYPE))
}

/// Show the newest CAP 1.2 message about a warning: Alert, Update or Cancel.
#[utoipa::path(get, path = "/v1/public/advisories/{id}.cap", tag = "advisories",
    params(("id" = Uuid, Path, description = "Warning's id")),
    responses((status = 200, description = "CAP 1.2", body = String, content_type = "application/cap+xml"),
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
async fn show_cap_message(
    _: Anyone,
    app: web::Data<AppState>,
    id: Path<Uuid>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let row = store::published(&mut conn, id.0).await?;
    let content = row.content()?;
    if !is_told(&row, &content, app.now()) {
        return Err(Error::not_found("advisory").into());
    }
    let revisions = store::revisions(&mut conn, id.0).await?;
    let reason = row.reason.clone();
    let mut texts = Vec::new();
    if reason.is_none() {
        // Vietnamese first: whoever shows one block shows that.
        let mut languages: Vec<_> = content.texts.keys().collect();
        languages.sort_by_key(|language| *language != "vi");
        for language in languages {
            let lang = if language == "en" { Lang::En } else { Lang::Vi };
            texts.extend(shown(&mut conn, &app, vec![row.clone()], Some(language), lang).await?);
        }
    }
    let installation = hex::encode(app.keys.receipt.hash("cap sender", b""));
    let installation = installation.get(..16).unwrap_or_default();
    let sender = cap::sender(&app.settings.issuer, installation);
    let message = cap::Message {
        id: id.0,
        revisions: &revisions,
        texts: &texts,
        retracted: reason.as_deref().map(|reason| (row.changed_at, reason)),
        sender: &sender,
        sender_name: &author(&app),
    };
    let body = cap::message(&message, &app.reference.get())?;
    Ok(cached(&request.0, body, CAP_TYPE))
}
