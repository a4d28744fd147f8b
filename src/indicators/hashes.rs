//! The check by hash prefix: the service does not learn which value is looked up.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::conditional::{conditional, tag};
use super::public::PublicIndex;
use crate::error::Error;
use crate::http::openapi::RawRequest;
use crate::http::{Answer, Api, CallerOrPublic, Path, scope};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![list_hashes]
}

/// Suffixes of the hashes under a prefix.
#[derive(Serialize, ToSchema)]
struct HashRange {
    /// The prefix asked for.
    #[schema(example = "21bd1")]
    prefix: String,
    /// Entries in the order of their suffix, padded with random ones.
    items: Vec<HashSuffix>,
}

/// One suffix.
#[derive(Serialize, ToSchema)]
struct HashSuffix {
    /// The other 59 hexadecimal characters of SHA-256 of `kind:value`.
    suffix: String,
    /// `confirmed_scam`, `suspected`, `reported`, `official`.
    #[schema(example = "reported")]
    verdict: String,
}

/// List what is known under a hash prefix.
///
/// The prefix is exactly 5 hexadecimal characters of SHA-256 of `kind:value`, so the service does not
/// learn which value is checked. The list is padded with random suffixes to a multiple of 32.
#[utoipa::path(get, path = "/v1/check/hashes/{prefix}", tag = "check",
    params(("prefix" = String, Path, description = "5 hexadecimal characters", example = "21bd1")),
    responses((status = 200, description = "Suffixes with verdicts", body = HashRange),
              (status = 304, description = "Not changed since the ETag in If-None-Match"),
              (status = 422, description = "Not 5 hexadecimal characters",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_hashes(
    _: CallerOrPublic<scope::CheckRead>,
    app: web::Data<AppState>,
    index: web::Data<PublicIndex>,
    prefix: Path<String>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let prefix = prefix.0.to_ascii_lowercase();
    let number = (prefix.len() == 5 && prefix.bytes().all(|b| b.is_ascii_hexdigit()))
        .then(|| u32::from_str_radix(&prefix, 16).ok())
        .flatten()
        .ok_or_else(|| {
            Error::invalid_parameter(
                "prefix",
                "invalid_value",
                "Exactly 5 hexadecimal characters.",
            )
        })?;
    let mut items: Vec<HashSuffix> = index
        .with_prefix(number, &app.reference.get().official_keys)
        .into_iter()
        .map(|(suffix, verdict)| HashSuffix { suffix, verdict })
        .collect();
    pad(&mut items, &prefix, &app);
    let body = serde_json::to_vec(&HashRange { prefix, items })
        .map_err(|e| Error::internal("serialising hashes", e))?;
    let tag = tag(&[&body]);
    Ok(conditional(&request.0, &tag, "application/json", || {
        body.into()
    }))
}

/// Fills up to a multiple of 32 with suffixes that nothing hashes to; the same list gets the same padding.
fn pad(items: &mut Vec<HashSuffix>, prefix: &str, app: &AppState) {
    let real: String = items
        .iter()
        .map(|i| format!("{}{}", i.suffix, i.verdict))
        .collect();
    let wanted = (items.len() / 32 + 1) * 32;
    for n in items.len()..wanted {
        let seed = format!("{prefix} {n} {real}");
        let hex =
            crate::journal::sequencer::hex(&app.keys.answers.hash("padding", seed.as_bytes()));
        let verdict = if hex.as_bytes().last().is_some_and(|b| b % 4 == 0) {
            "confirmed_scam"
        } else {
            "reported"
        };
        items.push(HashSuffix {
            suffix: hex.get(..59).unwrap_or_default().to_owned(),
            verdict: verdict.to_owned(),
        });
    }
    items.sort_by(|a, b| a.suffix.cmp(&b.suffix));
}
