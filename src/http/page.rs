//! Keyset pages: `limit` and a sealed `cursor` in, items and the next cursor out.
//!
//! A cursor holds the key of the last row, encrypted and bound to the path and filters of its list:
//! it tells nobody what the row was, and a tampered cursor or one from another list is refused
//! instead of answering nonsense. The same row makes the same cursor, so that pages keep their `ETag`.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, http::header, web};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{KeyInit, Mac};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::openapi::{
    Required,
    path::{ParameterBuilder, ParameterIn},
    schema::{ObjectBuilder, Type},
};
use utoipa::{IntoParams, ToSchema};

use super::api::{Describe, Operation};
use super::params;
use super::problem::Problem;
use crate::error::FieldProblem;
use crate::keys::keyed;

/// Bytes of the nonce of XChaCha20-Poly1305.
const NONCE: usize = 24;

/// The key that seals cursors.
#[derive(Clone)]
pub struct Cursors([u8; 32]);

impl Cursors {
    /// Seals with this key.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Bytes that only the holder of the key can make of these.
    fn mac(&self, what: &str, payload: &[u8]) -> [u8; 32] {
        let mut mac = keyed(&self.0);
        mac.update(what.as_bytes());
        mac.update(&[0]);
        mac.update(payload);
        mac.finalize().into_bytes().into()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.mac("cipher", &[]).into())
    }

    fn seal<K: Serialize>(&self, list: &str, key: &K) -> String {
        self.seal_bytes(list, &serde_json::to_vec(key).unwrap_or_default())
    }

    fn open<K: DeserializeOwned>(&self, list: &str, cursor: &str) -> Option<K> {
        serde_json::from_slice(&self.open_bytes(list, cursor)?).ok()
    }

    pub(super) fn seal_bytes(&self, list: &str, payload: &[u8]) -> String {
        // A nonce of what is sealed: it comes again only with the same list and row.
        let nonce: Vec<u8> = self.mac(list, payload).into_iter().take(NONCE).collect();
        let aad = list.as_bytes();
        let sealed = XNonce::try_from(nonce.as_slice()).ok().and_then(|nonce| {
            self.cipher()
                .encrypt(&nonce, Payload { msg: payload, aad })
                .ok()
        });
        // It cannot fail for so few bytes; an empty cursor would be refused.
        URL_SAFE_NO_PAD.encode([nonce, sealed.unwrap_or_default()].concat())
    }

    pub(super) fn open_bytes(&self, list: &str, cursor: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let nonce = XNonce::try_from(nonce).ok()?;
        let aad = list.as_bytes();
        self.cipher()
            .decrypt(&nonce, Payload { msg: sealed, aad })
            .ok()
    }

    pub(super) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        request
            .app_data::<web::Data<Self>>()
            .map(|cursors| cursors.get_ref().clone())
            .ok_or_else(Problem::unavailable)
    }
}

/// Which page of a list is wanted.
pub struct PageQuery {
    /// How many items, 1 to 200.
    pub limit: i64,
    /// Whether the client chose it.
    pub is_chosen: bool,
    cursor: Option<String>,
    list: String,
    cursors: Cursors,
}

impl PageQuery {
    /// The key of the last row that the client saw.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        match &self.cursor {
            None => Ok(None),
            Some(cursor) => self
                .cursors
                .open(&self.list, cursor)
                .map(Some)
                .ok_or_else(|| {
                    Problem::new(
                        "invalid_cursor",
                        "Take the cursor from next_cursor of this very list.",
                    )
                }),
        }
    }

    /// Makes a page of `limit + 1` rows or fewer: the extra row only says that there is more.
    pub fn page<T, K: Serialize>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> ItemPage<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(self.cursors.seal(&self.list, &key(last))),
            _ => None,
        };
        ItemPage {
            items: rows,
            next_cursor,
        }
    }
}

impl PageQuery {
    /// Makes a page of exactly these rows; there is more where a key is given.
    pub fn ending<T, K: Serialize>(&self, items: Vec<T>, next: Option<K>) -> ItemPage<T> {
        ItemPage {
            items,
            next_cursor: next.map(|key| self.cursors.seal(&self.list, &key)),
        }
    }
}

/// A list's filters together with the page wanted.
pub struct Listing<F> {
    /// The filters.
    pub filters: F,
    /// The page.
    pub page: PageQuery,
}

/// A list without filters.
#[derive(serde::Deserialize, IntoParams)]
pub struct NoFilters {}

impl<F: IntoParams> Describe for Listing<F> {
    fn describe(operation: &mut Operation) {
        params::describe::<F>(operation);
        let query = |name: &str, text: &str, schema: ObjectBuilder| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(text))
                .schema(Some(schema))
                .build()
        };
        operation.parameter(query(
            "limit",
            "How many items a page holds.",
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(1))
                .maximum(Some(200))
                .default(Some(50.into())),
        ));
        operation.parameter(query(
            "cursor",
            "`next_cursor` of the page before; valid for the same path and filters only.",
            ObjectBuilder::new().schema_type(Type::String),
        ));
        operation.errors(&[400, 422]);
        operation.header(
            "Link",
            Type::String,
            "The next page, with `rel=\"next\"` (RFC 8288); absent on the last one.",
        );
    }
}

impl<F: DeserializeOwned + 'static> FromRequest for Listing<F> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read<F: DeserializeOwned>(request: &HttpRequest) -> Result<Listing<F>, Problem> {
    params::readable(request.query_string())?;
    let (mut limit, mut cursor) = (None, None);
    let mut filters = Vec::new();
    for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "limit" => match value.parse::<i64>() {
                Ok(number @ 1..=200) => limit = Some(number),
                _ => {
                    return Err(Problem::invalid(vec![FieldProblem::parameter(
                        "limit",
                        "out_of_range",
                        "limit must be between 1 and 200.",
                    )]));
                }
            },
            "cursor" => cursor = Some(value.into_owned()),
            _ => filters.push((name.into_owned(), value.into_owned())),
        }
    }
    filters.sort();
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&filters)
        .finish();
    let cursors = Cursors::of(request)?;
    Ok(Listing {
        filters: params::parse(&query)?,
        page: PageQuery {
            limit: limit.unwrap_or(50),
            is_chosen: limit.is_some(),
            cursor,
            list: format!("{}?{query}", request.path()),
            cursors,
        },
    })
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Page)]
pub struct ItemPage<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Pass it as `cursor` to get the next page; null on the last one.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl<T> ItemPage<T> {
    /// The same page with each item turned into another.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> ItemPage<U> {
        ItemPage {
            items: self.items.into_iter().map(f).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

impl<T> ItemPage<T> {
    /// The `Link` to the next page (RFC 8288).
    pub fn link(&self, request: &HttpRequest) -> Option<String> {
        let cursor = self.next_cursor.as_ref()?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
            if name != "cursor" {
                query.append_pair(&name, &value);
            }
        }
        query.append_pair("cursor", cursor);
        Some(format!(
            "<{}?{}>; rel=\"next\"",
            request.path(),
            query.finish()
        ))
    }
}

impl<T: Serialize> Responder for ItemPage<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        if let Some(link) = self.link(request) {
            answer.insert_header((header::LINK, link));
        }
        answer.json(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_unchanged_and_only_for_its_list() {
        let cursors = Cursors::new([7; 32]);
        let cursor = cursors.seal("/v1/tips?", &(5, "x"));
        assert_eq!(
            cursors.open::<(i32, String)>("/v1/tips?", &cursor),
            Some((5, "x".into()))
        );
        assert_eq!(cursors.open::<(i32, String)>("/v1/cases?", &cursor), None);
        assert_eq!(
            Cursors::new([8; 32]).open::<(i32, String)>("/v1/tips?", &cursor),
            None
        );
        for i in 0..cursor.len() {
            let mut bytes = cursor.clone().into_bytes();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            let tampered = String::from_utf8(bytes).unwrap();
            if tampered != cursor {
                // The last character of base64 may carry unused bits; the decoder refuses those.
                assert_eq!(
                    cursors.open::<(i32, String)>("/v1/tips?", &tampered),
                    None,
                    "{i}"
                );
            }
        }
    }
}
