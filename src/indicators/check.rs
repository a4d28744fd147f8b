//! The public check: is this number, link or account known?
//!
//! Answered from memory, so that neither text nor time tells more of an unknown value than of one
//! below the threshold.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::http::imitates;
use super::public::{Entry, PublicIndex};
use super::wire::{CheckBatch, CheckValue, Checked, CheckedBatch, Imitates};
use crate::domain::indicator::{self, Input, Kind, lookalike, lookup_order};
use crate::domain::lang::Lang;
use crate::error::Error;
use crate::http::openapi::RawRequest;
use crate::http::{Answer, Api, Body, CallerOrPublic, Json, Meta, Path, Query, scope};
use crate::reference::Reference;
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![show_check, check_value, check_batch, list_hashes]
}

#[derive(Deserialize, IntoParams)]
struct CheckQuery {
    /// A number, link, account or address in any written form.
    #[param(example = "0912 345 678")]
    value: String,
    /// Its kind, where it is known.
    #[param(example = "phone")]
    kind: Option<String>,
}

/// Check a value.
///
/// `no_reports` does not mean that it is safe. `POST` keeps the value out of access logs.
#[utoipa::path(get, path = "/v1/check", tag = "check",
    responses((status = 200, description = "What the public may learn", body = Checked)))]
async fn show_check(
    _: CallerOrPublic<scope::CheckRead>,
    app: web::Data<AppState>,
    index: web::Data<PublicIndex>,
    meta: Meta,
    query: Query<CheckQuery>,
) -> Answer<Json<Checked>> {
    let wish = CheckValue {
        value: query.0.value,
        kind: query.0.kind,
    };
    if wish.value.trim().is_empty() || wish.value.chars().count() > 5_000 {
        let detail = "Between 1 and 5,000 characters.";
        return Err(Error::invalid_parameter("value", "length", detail).into());
    }
    Ok(Json::new(checked(
        &app.reference.get(),
        &index,
        &wish,
        meta.lang,
    )?))
}

/// Check a value without its standing in a URL.
#[utoipa::path(post, path = "/v1/check", tag = "check", request_body = CheckValue,
    responses((status = 200, description = "What the public may learn", body = Checked)))]
async fn check_value(
    _: CallerOrPublic<scope::CheckRead>,
    app: web::Data<AppState>,
    index: web::Data<PublicIndex>,
    meta: Meta,
    body: Body<CheckValue>,
) -> Answer<Json<Checked>> {
    Ok(Json::new(checked(
        &app.reference.get(),
        &index,
        &body.value,
        meta.lang,
    )?))
}

/// Check up to 200 values.
#[utoipa::path(post, path = "/v1/check/batch", tag = "check", request_body = CheckBatch,
    responses((status = 200, description = "Answers in the order of the values", body = CheckedBatch)))]
async fn check_batch(
    _: CallerOrPublic<scope::CheckRead>,
    app: web::Data<AppState>,
    index: web::Data<PublicIndex>,
    meta: Meta,
    body: Body<CheckBatch>,
) -> Answer<Json<CheckedBatch>> {
    let reference = app.reference.get();
    let items = body
        .value
        .values
        .iter()
        .map(|wish| checked(&reference, &index, wish, meta.lang))
        .collect::<Result<_, _>>()?;
    Ok(Json::new(CheckedBatch { items }))
}

fn checked(
    reference: &Reference,
    index: &PublicIndex,
    wish: &CheckValue,
    lang: Lang,
) -> crate::error::Result<Checked> {
    let reading = match wish
        .kind
        .as_deref()
        .map(|kind| (kind, Kind::from_code(kind)))
    {
        None => indicator::recognise(&reference.catalog, &wish.value),
        Some((_, Some(kind))) => {
            let input = Input {
                kind,
                value: &wish.value,
                bank: None,
            };
            indicator::parse(&reference.catalog, &input).ok()
        }
        Some((_, None)) => {
            let known = Kind::ALL.map(Kind::as_str).join(", ");
            let detail = format!("kind must be one of {known}.");
            return Err(Error::invalid("/kind", "unknown_value", detail));
        }
    };
    let Some(reading) = reading else {
        return Ok(answer(
            None,
            wish.value.clone(),
            "unrecognised",
            None,
            None,
            None,
            lang,
        ));
    };
    let found = reading.indicator;
    let host = found
        .attributes
        .get("host")
        .and_then(|host| host.as_str())
        .map(str::to_owned);
    let imitation = host.as_deref().and_then(|host| imitates(reference, host));
    let kind = Some(found.kind.as_str().to_owned());
    let vouched = host
        .as_deref()
        .is_some_and(|h| lookalike::vouched(&reference.brands, h))
        || (found.kind == Kind::Phone && reference.official_phones.contains(&found.value));
    if vouched {
        return Ok(answer(
            kind,
            found.value,
            "official",
            Some("host"),
            None,
            None,
            lang,
        ));
    }
    let known = look_up(index, found.kind, &found.value);
    Ok(match known {
        None => answer(kind, found.value, "no_reports", None, None, imitation, lang),
        Some((matched, entry)) => {
            let verdict = match entry.verdict.as_str() {
                "confirmed_scam" => "confirmed_scam",
                "suspected" => "suspected",
                "official" => "official",
                _ => "reported",
            };
            answer(
                kind,
                found.value,
                verdict,
                Some(matched),
                Some(entry),
                imitation,
                lang,
            )
        }
    })
}

/// The value itself, else its host, else its registrable domain.
fn look_up(index: &PublicIndex, kind: Kind, value: &str) -> Option<(&'static str, Entry)> {
    if kind != Kind::Url {
        return index.of_value(kind, value).map(|entry| ("exact", entry));
    }
    lookup_order(value).into_iter().find_map(|(width, value)| {
        index
            .of_value(Kind::Url, &value)
            .map(|entry| (width.code(), entry))
    })
}

/// What the public check would say of a value: for the answer to a tip.
pub fn known(index: &PublicIndex, kind: Kind, value: &str) -> Option<String> {
    look_up(index, kind, value).map(|(_, entry)| entry.verdict)
}

fn answer(
    kind: Option<String>,
    value: String,
    verdict: &'static str,
    matched: Option<&'static str>,
    entry: Option<Entry>,
    imitates: Option<Imitates>,
    lang: Lang,
) -> Checked {
    let confirmed = verdict == "confirmed_scam";
    let reports = match entry.as_ref().map_or(0, |e| e.reports) {
        50.. => "50+",
        10.. => "10-49",
        3.. => "3-9",
        _ => "0",
    };
    Checked {
        kind,
        value,
        verdict,
        matched,
        reports,
        methods: entry
            .as_ref()
            .filter(|_| confirmed)
            .map(|e| e.methods.clone())
            .unwrap_or_default(),
        last_reported: entry
            .filter(|_| confirmed)
            .and_then(|e| e.last_reported)
            .map(|day| day.format("%Y-%m").to_string()),
        guidance: guidance(verdict, imitates.is_some(), lang).to_owned(),
        imitates,
    }
}

fn guidance(verdict: &str, imitates: bool, lang: Lang) -> &'static str {
    let (vi, en) = match (verdict, imitates) {
        ("confirmed_scam", _) => (
            "Cơ quan công an đã xác nhận đây là lừa đảo. Không liên lạc, không chuyển tiền, không bấm vào đường dẫn. Nếu đã chuyển tiền, hãy gọi ngay ngân hàng theo số in trên thẻ hoặc trong ứng dụng của ngân hàng.",
            "The police have confirmed this as a scam. Do not reply, pay or open it. If you have sent money, call your bank now by the number on your card or in its app.",
        ),
        ("suspected", _) => (
            "Đang được cơ quan công an kiểm tra. Hãy dừng lại, không chuyển tiền và không cung cấp thông tin.",
            "The police are looking into this. Stop, send no money and give no information.",
        ),
        ("reported", _) => (
            "Đã có người báo tin, chưa được xác minh. Hãy thận trọng, đừng chuyển tiền trước khi kiểm tra lại bằng kênh khác.",
            "Others have reported this; it is not verified. Be careful and check in another way before you pay.",
        ),
        ("official", _) => (
            "Đây là địa chỉ hoặc số chính thức. Số gọi đến vẫn có thể bị giả mạo: hãy tự bấm số hoặc tự gõ địa chỉ.",
            "This is an official number or site. A caller's number can be faked: dial or type it yourself.",
        ),
        ("unrecognised", _) => (
            "Không nhận ra đây là số điện thoại, đường dẫn hay tài khoản. Hãy kiểm tra lại cách viết.",
            "This was not recognised as a number, link or account. Please check how it is written.",
        ),
        (_, true) => (
            "Chưa có tin báo, nhưng tên miền này trông giống một đơn vị quen biết. Rất có thể là giả mạo: đừng đăng nhập.",
            "No reports yet, but the name looks like a known organisation's. It may well be an imitation: do not log in.",
        ),
        _ => (
            "Chưa có tin báo. Điều đó không có nghĩa là an toàn. Không cơ quan nào hỏi mật khẩu hay mã OTP.",
            "No reports. That does not mean that it is safe. No agency asks for a password or an OTP.",
        ),
    };
    lang.pick(vi, en)
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
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
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
        .with_prefix(number)
        .into_iter()
        .map(|(suffix, verdict)| HashSuffix { suffix, verdict })
        .collect();
    pad(&mut items, &prefix, &app);
    let body = serde_json::to_vec(&HashRange { prefix, items })
        .map_err(|e| Error::internal("serialising hashes", e))?;
    Ok(cached(&request.0, body, "application/json"))
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

/// 304 where the client has it, else the body with its tag.
pub fn cached(request: &HttpRequest, body: Vec<u8>, content_type: &str) -> HttpResponse {
    let digest = crate::journal::sequencer::hex(&Sha256::digest(&body));
    let etag = format!("\"{}\"", digest.get(..32).unwrap_or_default());
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|v| v.to_str().ok());
    let mut answer = if known.is_some_and(|known| known.contains(&etag)) {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer.insert_header((header::ETAG, etag));
    answer.insert_header((header::CACHE_CONTROL, "public, max-age=60"));
    if known.is_some_and(|known| known.contains(digest.get(..32).unwrap_or("-"))) {
        return answer.finish();
    }
    answer.content_type(content_type).body(body)
}
