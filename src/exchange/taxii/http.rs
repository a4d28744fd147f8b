//! Endpoints of TAXII 2.1. Errors are problems (RFC 9457) as everywhere in this service.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::accept::{STIX, TAXII, accepted};
use super::{COLLECTIONS, Collection, Place, Wanted, page};
use crate::domain::ids::{NAMESPACE, name_based};
use crate::error::{Error, Result};
use crate::exchange::stix::{Stamped, Stix, time};
use crate::http::openapi::RawRequest;
use crate::http::{Answer, Api, Caller, Path, Problem, Query, scope};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        show_taxii_discovery,
        show_taxii_api_root,
        list_taxii_collections,
        show_taxii_collection,
        list_taxii_manifest,
        list_taxii_objects,
        show_taxii_object,
        list_taxii_versions
    ]
}

/// Most objects of one answer, and as many as come unasked.
const MOST: usize = 1_000;
const ROOT: &str = "/taxii2/api/";

fn taxii(request: &RawRequest, body: &Value) -> Answer<HttpResponse> {
    let media = accepted(request, &[TAXII])?;
    Ok(HttpResponse::Ok()
        .content_type(media)
        .body(body.to_string()))
}

/// Show the TAXII server and its API root.
#[utoipa::path(get, path = "/taxii2/", tag = "exchange",
    responses((status = 200, description = "Discovery (TAXII 2.1 §4.1)", body = Object, content_type = "application/taxii+json;version=2.1"),
              (status = 406, description = "Another version of TAXII is wanted", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn show_taxii_discovery(
    _: Caller<scope::ExchangeRead>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let discovery = json!({
        "title": "Tinbao",
        "description": "Confirmed traces of online fraud and warnings to the public.",
        "default": ROOT, "api_roots": [ROOT],
    });
    taxii(&request, &discovery)
}

/// Show the TAXII API root.
#[utoipa::path(get, path = "/taxii2/api/", tag = "exchange",
    responses((status = 200, description = "API root (TAXII 2.1 §4.2)", body = Object, content_type = "application/taxii+json;version=2.1"),
              (status = 406, description = "Another version of TAXII is wanted", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn show_taxii_api_root(
    _: Caller<scope::ExchangeRead>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let root = json!({"title": "Tinbao", "versions": [TAXII], "max_content_length": 262_144});
    taxii(&request, &root)
}

/// List the TAXII collections.
#[utoipa::path(get, path = "/taxii2/api/collections/", tag = "exchange",
    responses((status = 200, description = "Collections (TAXII 2.1 §5.1)", body = Object, content_type = "application/taxii+json;version=2.1"),
              (status = 406, description = "Another version of TAXII is wanted", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_taxii_collections(
    _: Caller<scope::ExchangeRead>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let all: Vec<Value> = COLLECTIONS.iter().map(Collection::describe).collect();
    taxii(&request, &json!({"collections": all}))
}

fn collection(name: &str) -> Result<&'static Collection> {
    Collection::find(name).ok_or(Error::not_found("collection"))
}

/// Show a TAXII collection.
#[utoipa::path(get, path = "/taxii2/api/collections/{collection}/", tag = "exchange",
    params(("collection" = String, Path, description = "Id or alias of the collection", example = "indicators")),
    responses((status = 200, description = "Collection (TAXII 2.1 §5.2)", body = Object, content_type = "application/taxii+json;version=2.1"),
              (status = 406, description = "Another version of TAXII is wanted", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn show_taxii_collection(
    _: Caller<scope::ExchangeRead>,
    name: Path<String>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    taxii(&request, &collection(&name.0)?.describe())
}

/// Which objects are wanted (TAXII 2.1 §3.4).
#[derive(Debug, Default, Deserialize, IntoParams)]
struct ObjectQuery {
    /// Only what was added or changed after this time.
    #[param(example = "2026-11-24T00:00:00.000000Z")]
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    added_after: Option<DateTime<Utc>>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// Where the answer before ended.
    next: Option<String>,
    /// Ids, separated by commas.
    #[serde(rename = "match[id]")]
    #[param(rename = "match[id]")]
    id: Option<String>,
    /// Types, separated by commas.
    #[serde(rename = "match[type]")]
    #[param(rename = "match[type]", example = "indicator")]
    kind: Option<String>,
    /// `first`, `last`, `all` or times of `modified`. One version is kept of each object, the last.
    #[serde(rename = "match[version]")]
    #[param(rename = "match[version]")]
    version: Option<String>,
    /// Versions of STIX; there is 2.1.
    #[serde(rename = "match[spec_version]")]
    #[param(rename = "match[spec_version]", example = "2.1")]
    spec_version: Option<String>,
}

/// Whether a comma-separated filter names a value; an absent one names all.
fn names(filter: Option<&String>, value: &str) -> bool {
    filter.is_none_or(|list| list.split(',').any(|one| one.trim() == value))
}

impl ObjectQuery {
    fn fits(&self, object: &Stamped) -> bool {
        let of_time = |one: &str| {
            let asked = DateTime::parse_from_rfc3339(one).map(|at| time(at.with_timezone(&Utc)));
            asked.is_ok_and(|asked| asked == object.version())
        };
        let version = self.version.as_ref().is_none_or(|list| {
            let mut wanted = list.split(',').map(str::trim);
            wanted.any(|one| matches!(one, "first" | "last" | "all") || of_time(one))
        });
        version
            && names(self.id.as_ref(), object.field("id"))
            && names(self.kind.as_ref(), object.field("type"))
            && names(self.spec_version.as_ref(), "2.1")
    }

    fn limit(&self) -> Result<usize> {
        match self.limit {
            None => Ok(MOST),
            Some(limit @ 1..) => Ok(usize::try_from(limit).unwrap_or(MOST).min(MOST)),
            Some(_) => Err(Error::invalid_parameter(
                "limit",
                "out_of_range",
                "limit is 1 or more.",
            )),
        }
    }

    fn place(&self) -> Answer<Place> {
        let Some(next) = &self.next else {
            return Ok(Place::after(self.added_after));
        };
        let refuse = || Problem::new("invalid_cursor", "Take next from the answer before.");
        Place::from_text(next).ok_or_else(refuse)
    }
}

/// Finds objects and answers them, each turned by `each` and named as a list by `list`.
async fn found(
    app: &AppState,
    request: &RawRequest,
    (name, query): (&str, &ObjectQuery),
    shape: Shape,
) -> Answer<HttpResponse> {
    let offers: &[&'static str] = match shape {
        Shape::Objects { .. } => &[TAXII, STIX],
        _ => &[TAXII],
    };
    let media = accepted(request, offers)?;
    let reference = app.reference.get();
    let stix = Stix {
        issuer: &app.settings.issuer,
        reference: &reference,
    };
    let wanted = Wanted {
        added_after: query.added_after,
        from: query.place()?,
        now: app.now(),
        limit: query.limit()?,
        fits: &|object| query.fits(object),
    };
    let mut conn = app.db.get().await?;
    let (objects, next) = page(&mut conn, &stix, collection(name)?, &wanted).await?;
    if let Shape::Objects { one: true } | Shape::Versions = shape
        && objects.is_empty()
        && query.next.is_none()
        && query.version.is_none()
        && query.added_after.is_none()
    {
        return Err(Error::not_found("object").into());
    }
    let mut answer = HttpResponse::Ok();
    answer.content_type(media);
    if let (Some(first), Some(last)) = (objects.first(), objects.last()) {
        answer.insert_header(("X-TAXII-Date-Added-First", time(first.added)));
        answer.insert_header(("X-TAXII-Date-Added-Last", time(last.added)));
    }
    let items: Vec<Value> = objects.iter().map(|object| shape.item(object)).collect();
    let mut body = if media == STIX {
        let content = Value::Array(items.clone()).to_string();
        let bundle = format!("bundle--{}", name_based(NAMESPACE, &content));
        json!({"type": "bundle", "id": bundle, "objects": items})
    } else {
        json!({shape.list(): items, "more": next.is_some()})
    };
    if let (Some(next), Some(body)) = (next.filter(|_| media == TAXII), body.as_object_mut()) {
        body.insert("next".to_owned(), json!(next.to_text()));
    }
    Ok(answer.body(body.to_string()))
}

/// What is answered of the objects found.
#[derive(Clone, Copy)]
enum Shape {
    Objects { one: bool },
    Manifest,
    Versions,
}

impl Shape {
    const fn list(self) -> &'static str {
        match self {
            Self::Versions => "versions",
            Self::Objects { .. } | Self::Manifest => "objects",
        }
    }

    fn item(self, object: &Stamped) -> Value {
        match self {
            Self::Objects { .. } => object.object.clone(),
            Self::Versions => json!(object.version()),
            Self::Manifest => json!({
                "id": object.field("id"), "date_added": time(object.added),
                "version": object.version(), "media_type": STIX,
            }),
        }
    }
}

/// List the objects of a TAXII collection.
///
/// In the order in which they were added; a changed object is listed again. `Accept: application/stix+json` gets a
/// bundle in place of the envelope, without `next`.
#[utoipa::path(get, path = "/taxii2/api/collections/{collection}/objects/", tag = "exchange",
    params(("collection" = String, Path, description = "Id or alias of the collection", example = "indicators")),
    responses((status = 200, description = "Envelope of STIX 2.1 objects (TAXII 2.1 §5.4), or a bundle",
               content((Object = "application/taxii+json;version=2.1"), (Object = "application/stix+json;version=2.1")),
               headers(("X-TAXII-Date-Added-First" = String, description = "When the first object was added"),
                       ("X-TAXII-Date-Added-Last" = String, description = "When the last object was added"))),
              (status = 400, description = "`next` is not one of ours (`invalid_cursor`)", body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
              (status = 406, description = "Another version of TAXII is wanted", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_taxii_objects(
    _: Caller<scope::ExchangeRead>,
    app: web::Data<AppState>,
    name: Path<String>,
    query: Query<ObjectQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let shape = Shape::Objects { one: false };
    found(&app, &request, (&name.0, &query.0), shape).await
}

/// List ids and versions of the objects of a TAXII collection.
#[utoipa::path(get, path = "/taxii2/api/collections/{collection}/manifest/", tag = "exchange",
    params(("collection" = String, Path, description = "Id or alias of the collection", example = "indicators")),
    responses((status = 200, description = "Manifest (TAXII 2.1 §5.3)", body = Object, content_type = "application/taxii+json;version=2.1"),
              (status = 400, description = "`next` is not one of ours (`invalid_cursor`)", body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
              (status = 406, description = "Another version of TAXII is wanted", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_taxii_manifest(
    _: Caller<scope::ExchangeRead>,
    app: web::Data<AppState>,
    name: Path<String>,
    query: Query<ObjectQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    found(&app, &request, (&name.0, &query.0), Shape::Manifest).await
}

/// Show an object of a TAXII collection.
#[utoipa::path(get, path = "/taxii2/api/collections/{collection}/objects/{object_id}/", tag = "exchange",
    params(("collection" = String, Path, description = "Id or alias of the collection", example = "indicators"),
           ("object_id" = String, Path, description = "STIX id", example = "indicator--5f2b7a64-8a0e-5c1d-9b1e-3a1c2d4e5f60")),
    responses((status = 200, description = "Envelope with the object (TAXII 2.1 §5.6)", body = Object, content_type = "application/taxii+json;version=2.1"),
              (status = 400, description = "`next` is not of this list (`invalid_cursor`)", body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
              (status = 406, description = "Another version of TAXII is wanted", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn show_taxii_object(
    _: Caller<scope::ExchangeRead>,
    app: web::Data<AppState>,
    path: Path<(String, String)>,
    query: Query<OneQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let (name, id) = path.0;
    let shape = Shape::Objects { one: true };
    found(&app, &request, (&name, &query.0.of(id)), shape).await
}

/// List the versions of an object: one, since only the last is kept.
#[utoipa::path(get, path = "/taxii2/api/collections/{collection}/objects/{object_id}/versions/", tag = "exchange",
    params(("collection" = String, Path, description = "Id or alias of the collection", example = "indicators"),
           ("object_id" = String, Path, description = "STIX id", example = "indicator--5f2b7a64-8a0e-5c1d-9b1e-3a1c2d4e5f60")),
    responses((status = 200, description = "Versions (TAXII 2.1 §5.8)", body = Object, content_type = "application/taxii+json;version=2.1"),
              (status = 400, description = "`next` is not of this list (`invalid_cursor`)", body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
              (status = 406, description = "Another version of TAXII is wanted", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_taxii_versions(
    _: Caller<scope::ExchangeRead>,
    app: web::Data<AppState>,
    path: Path<(String, String)>,
    query: Query<OneQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let (name, id) = path.0;
    found(&app, &request, (&name, &query.0.of(id)), Shape::Versions).await
}

/// Which versions of one object are wanted.
#[derive(Debug, Deserialize, IntoParams)]
struct OneQuery {
    /// Only if it was added or changed after this time.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    added_after: Option<DateTime<Utc>>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// Where the answer before ended.
    next: Option<String>,
    /// `first`, `last`, `all` or times of `modified`.
    #[serde(rename = "match[version]")]
    #[param(rename = "match[version]")]
    version: Option<String>,
    /// Versions of STIX; there is 2.1.
    #[serde(rename = "match[spec_version]")]
    #[param(rename = "match[spec_version]", example = "2.1")]
    spec_version: Option<String>,
}

impl OneQuery {
    fn of(self, id: String) -> ObjectQuery {
        ObjectQuery {
            added_after: self.added_after,
            limit: self.limit,
            next: self.next,
            id: Some(id),
            kind: None,
            version: self.version,
            spec_version: self.spec_version,
        }
    }
}
