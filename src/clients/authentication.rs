//! How a client shows who it is: by HTTP Basic or in the form (RFC 6749 §2.3), and by its name alone where it holds no
//! secret.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::secret::{self, Glance};
use super::store::{self, ClientRow};
use crate::error::{Error, Result};
use crate::http::Problem;
use crate::http::middleware::Gate;
use crate::state::AppState;

/// How long a request waits for its turn at checking a secret.
const WAIT: Duration = Duration::from_secs(3);

/// A refusal with the `error` member of RFC 6749.
pub fn refused(error: &'static str, detail: &'static str) -> Problem {
    match error {
        "invalid_client" => Problem {
            error: Some(error),
            headers: vec![(
                header::WWW_AUTHENTICATE,
                "Basic realm=\"tinbao\"".to_owned(),
            )],
            ..Problem::new("invalid_client", detail)
        },
        _ => Problem {
            error: Some(error),
            ..Problem::new("invalid_grant_request", detail)
        },
    }
}

/// Client and secret from HTTP Basic or the form.
fn credentials(
    request: &HttpRequest,
    client: Option<String>,
    secret: Option<String>,
) -> Option<(String, String)> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else {
        return client.zip(secret);
    };
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    Some((form_decoded(client), form_decoded(secret)))
}

/// RFC 6749 §2.3: a client authenticates in one way, and names itself once.
fn one_way(
    request: &HttpRequest,
    client: Option<&str>,
    secret: Option<&str>,
    by_header: Option<&str>,
) -> Result<(), Problem> {
    let headers = request.headers().get_all(header::AUTHORIZATION).count();
    let twice = headers > 1
        || headers == 1 && secret.is_some()
        || by_header
            .zip(client)
            .is_some_and(|(one, other)| one != other);
    match twice {
        true => Err(refused(
            "invalid_request",
            "Authenticate in one way, and as one client.",
        )),
        false => Ok(()),
    }
}

/// RFC 6749 §2.3.1: both are form-encoded first. Neither ever holds a plus or a blank, so that the
/// many clients that leave the encoding out are understood too.
fn form_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// Where a client asks from.
pub struct Asking<'a> {
    pub app: &'a AppState,
    pub gate: &'a Gate,
    pub request: &'a HttpRequest,
    pub address: &'a str,
}

/// The registered client, once its secret is right. Failed attempts are counted by address before they cost anything;
/// a right secret is always let through. What is wrong is told the same, and as fast, whether the client is there or not.
pub async fn authenticate(
    from: &Asking<'_>,
    client: Option<String>,
    secret: Option<String>,
) -> Result<ClientRow, Problem> {
    let (app, request) = (from.app, from.request);
    let denied = || refused("invalid_client", "The client or its secret is not right.");
    let (in_body, secret_in_body) = (client.clone(), secret.clone());
    let known = credentials(request, client, secret);
    let has_header = request.headers().contains_key(header::AUTHORIZATION);
    let by_header = known.as_ref().filter(|_| has_header);
    one_way(
        request,
        in_body.as_deref(),
        secret_in_body.as_deref(),
        by_header.map(|(client, _)| client.as_str()),
    )?;
    let (client, secret) = known.ok_or_else(denied)?;
    let mut conn = app.db.get().await?;
    let found = store::find_by_name(&mut conn, &client)
        .await?
        .filter(|row| row.disabled_at.is_none());
    drop(conn);
    let known = found.and_then(|row| row.secret_hash.clone().map(|hash| (row, hash)));
    let glance = known.as_ref().map_or(Glance::Another, |(row, hash)| {
        secret::glance(&secret, hash, row.secret_check.as_deref())
    });
    if glance != Glance::Likely {
        // Where only the slow hash can tell, each attempt counts until the first that is right.
        from.gate.limits.failed_secret(from.address)?;
    }
    let (row, hash) = known
        .filter(|_| glance != Glance::Another)
        .ok_or_else(denied)?;
    let turns = app.load.secrets.clone();
    let turn = tokio::time::timeout(WAIT, turns.acquire_owned())
        .await
        .map_err(|_late| Problem::unavailable())?
        .map_err(|e| Error::internal("checking a secret", e))?;
    let check = move || {
        // Held as long as it takes: a sender that goes ends this request, and not the work.
        let _turn = turn;
        secret::matches(&secret, &hash).then(|| secret::check(&secret, &hash))
    };
    let right = web::block(check)
        .await
        .map_err(|e| Error::internal("checking a secret", e))?;
    let check = right.ok_or_else(denied)?;
    if glance == Glance::Unknown {
        store::keep_check(&mut *app.db.get().await?, row.id, &check).await?;
    }
    Ok(row)
}

/// The client that asks for a revocation: a public one holds no secret and names itself (RFC 7009 §2.1), any
/// other proves who it is.
pub async fn asking(
    from: &Asking<'_>,
    client: Option<String>,
    secret: Option<String>,
) -> Result<ClientRow, Problem> {
    let proof = secret.is_some() || from.request.headers().contains_key(header::AUTHORIZATION);
    if let (Some(client), false) = (&client, proof) {
        let found = store::find_by_name(&mut *from.app.db.get().await?, client).await?;
        if let Some(row) = found.filter(|row| row.kind == "public" && row.disabled_at.is_none()) {
            return Ok(row);
        }
    }
    authenticate(from, client, secret).await
}
