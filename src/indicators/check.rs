//! The public check: is this number, link or account known?
//!
//! Answered from memory, so that neither text nor time tells more of an unknown value than of one
//! below the threshold.

use actix_web::web;
use serde::Deserialize;
use utoipa::IntoParams;

use super::http::imitates;
use super::public::{Entry, PublicIndex, Said, Verdict, month};
use super::wire::{CheckBatch, CheckValue, Checked, CheckedBatch, Imitates};
use crate::domain::indicator::{
    self, Indicator, Input, Kind, Reading, Width, lookalike, lookup_order,
};
use crate::domain::lang::Lang;
use crate::error::{Error, FieldProblem};
use crate::http::{Answer, Api, Body, CallerOrPublic, Json, KindCode, Meta, Query, scope};
use crate::reference::Reference;
use crate::state::AppState;

pub fn api() -> Api {
    let api = crate::handlers![show_check, check_value, check_batch];
    #[cfg(feature = "bench")]
    let api = Api::merge([api, crate::handlers![show_nothing]]);
    api
}

/// Answer with nothing.
///
/// What the guard, the limits and HTTP itself cost: the yardstick of the checks in `script/bench`.
#[cfg(feature = "bench")]
#[utoipa::path(get, path = "/v1/check/nothing", tag = "check",
    responses((status = 204, description = "Nothing")))]
async fn show_nothing(_: CallerOrPublic<scope::CheckRead>) -> Answer<actix_web::HttpResponse> {
    Ok(actix_web::HttpResponse::NoContent().finish())
}

#[derive(Deserialize, IntoParams)]
struct CheckQuery {
    /// A number, link, account or address in any written form.
    #[param(example = "0912 345 678")]
    value: String,
    /// Its kind, where it is known.
    #[param(value_type = Option<KindCode>, inline, example = "phone")]
    kind: Option<String>,
}

/// Check a value.
///
/// `no_reports` does not mean that the value is safe. `POST` keeps the value out of access logs.
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
        |code, detail| FieldProblem::parameter("kind", code, detail),
        meta.lang,
    )?))
}

/// Check a value without putting it in the URL.
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
        |code, detail| FieldProblem::at("/kind", code, detail),
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
        .enumerate()
        .map(|(i, wish)| {
            let at = |code, detail| FieldProblem::at(format!("/values/{i}/kind"), code, detail);
            checked(&reference, &index, &wish.0, at, meta.lang)
        })
        .collect::<Result<_, _>>()?;
    Ok(Json::new(CheckedBatch { items }))
}

/// What the public may learn of a value; `at` says where its kind stands, should that be unknown.
fn checked(
    reference: &Reference,
    index: &PublicIndex,
    wish: &CheckValue,
    at: impl FnOnce(&'static str, String) -> FieldProblem,
    lang: Lang,
) -> crate::error::Result<Checked> {
    let kind = read_kind(wish.kind.as_deref(), at)?;
    let Some(reading) = reading(reference, kind, &wish.value) else {
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
    let kind = Some(found.kind.as_str());
    if let Some(matched) = official(reference, &found, host.as_deref()) {
        return Ok(answer(
            kind,
            found.value,
            "official",
            Some(matched),
            None,
            None,
            lang,
        ));
    }
    let mut told = match look_up(index, found.kind, &found.value)? {
        // An officer looked at this very value: what it stands on does not warn of it.
        Said::Cleared => {
            return Ok(answer(
                kind,
                found.value,
                "no_reports",
                None,
                None,
                imitation,
                lang,
            ));
        }
        Said::Nothing => None,
        Said::Told((matched, entry)) => Some((found.kind, found.value.clone(), matched, entry)),
    };
    // A payment code is known by its account, a link to an app by the app, an account by the bank that has it: the
    // answer is about that where it warns more.
    let derived = reading.derived.iter();
    let others = derived
        .map(|other| (other.kind, other.value.clone()))
        .chain(at_every_bank(reference, &found));
    for (kind, value) in others {
        // That a number is an authority's says nothing of who holds a Zalo account by it.
        if let Said::Told((matched, entry)) = look_up(index, kind, &value)?
            && entry.verdict != Verdict::Official
            && told
                .as_ref()
                .is_none_or(|(.., known)| entry.verdict.outweighs(known.verdict))
        {
            told = Some((kind, value, matched, entry));
        }
    }
    let Some((kind, value, matched, entry)) = told else {
        return Ok(answer(
            kind,
            found.value,
            "no_reports",
            None,
            None,
            imitation,
            lang,
        ));
    };
    let verdict = entry.verdict.as_str();
    let kind = Some(kind.as_str());
    Ok(answer(
        kind,
        value,
        verdict,
        Some(matched),
        Some(entry),
        imitation,
        lang,
    ))
}

/// Citizens seldom write the bank with the number: the accounts that it may be.
fn at_every_bank<'a>(
    reference: &'a Reference,
    found: &'a Indicator,
) -> impl Iterator<Item = (Kind, String)> + 'a {
    let bare = found.value.strip_prefix("?:");
    let bare = bare.filter(|_| found.kind == Kind::BankAccount);
    bare.into_iter().flat_map(|number| {
        let banks = reference.catalog.banks();
        banks.map(move |bank| (Kind::BankAccount, format!("{}:{number}", bank.bin)))
    })
}

/// A written value, as of a kind where one is given.
pub fn reading(reference: &Reference, kind: Option<Kind>, value: &str) -> Option<Reading> {
    let Some(kind) = kind else {
        return indicator::recognise(&reference.catalog, value);
    };
    let input = Input {
        kind,
        value,
        bank: None,
    };
    indicator::parse(&reference.catalog, &input).ok()
}

/// A kind by its code, where one was sent.
pub fn read_kind(
    code: Option<&str>,
    at: impl FnOnce(&'static str, String) -> FieldProblem,
) -> crate::error::Result<Option<Kind>> {
    let Some(code) = code else {
        return Ok(None);
    };
    let kind = Kind::from_code(code).ok_or_else(|| {
        let known = Kind::ALL.map(Kind::as_str).join(", ");
        Error::Invalid(vec![at(
            "unknown_value",
            format!("kind must be one of {known}."),
        )])
    })?;
    Ok(Some(kind))
}

/// How much of a value is official by reference data.
fn official(reference: &Reference, found: &Indicator, host: Option<&str>) -> Option<&'static str> {
    let known = |value: &str| {
        let key = indicator::key(found.kind, value);
        reference.official.keys.contains(&key)
    };
    if known(&found.value) {
        return Some("exact");
    }
    let host = host.filter(|host| lookalike::vouched(&reference.brands, host))?;
    Some(if known(&format!("{host}/")) {
        "host"
    } else {
        "domain"
    })
}

/// The value itself, else its host, else its registrable domain; but a wider one that warns more stands before it, so
/// that a few reports of a page do not hide what officers said of its host. What was cleared ends the look.
fn look_up(
    index: &PublicIndex,
    kind: Kind,
    value: &str,
) -> crate::error::Result<Said<(&'static str, Entry)>> {
    let order = match kind {
        Kind::Url => lookup_order(value),
        _ => vec![(Width::Exact, value.to_owned())],
    };
    let mut found: Option<(&'static str, Entry)> = None;
    for (width, value) in order {
        match index.of_value(kind, &value)? {
            Said::Nothing => {}
            Said::Cleared => return Ok(found.map_or(Said::Cleared, Said::Told)),
            Said::Told(entry) => {
                let known = found.as_ref().map(|(_, known)| known.verdict);
                if known.is_none_or(|known| entry.verdict.outweighs(known)) {
                    found = Some((width.code(), entry));
                }
            }
        }
    }
    Ok(found.map_or(Said::Nothing, Said::Told))
}

/// What the public check would say of a value: for the answer to a tip, which does not wait for it.
pub fn known(index: &PublicIndex, kind: Kind, value: &str) -> Option<&'static str> {
    let found = look_up(index, kind, value).unwrap_or_else(|error| {
        let fault = error.with_causes();
        tracing::warn!(fault, "a tip was answered without what is known");
        Said::Nothing
    });
    match found {
        Said::Told((_, entry)) => Some(entry.verdict.as_str()),
        Said::Nothing | Said::Cleared => None,
    }
}

/// The range of counts that the public is told, and its lower end.
pub const fn bucket(reports: i32) -> (&'static str, i32) {
    match reports {
        50.. => ("50+", 50),
        10.. => ("10-49", 10),
        3.. => ("3-9", 3),
        _ => ("0", 0),
    }
}

fn answer(
    kind: Option<&'static str>,
    value: String,
    verdict: &'static str,
    matched: Option<&'static str>,
    entry: Option<Entry>,
    imitates: Option<Imitates>,
    lang: Lang,
) -> Checked {
    let confirmed = verdict == "confirmed_scam";
    let (reports, _) = bucket(entry.as_ref().map_or(0, |e| e.reports));
    Checked {
        kind,
        value,
        verdict,
        matched,
        reports,
        methods: entry
            .as_ref()
            .filter(|_| confirmed)
            .map(|e| e.methods.to_vec())
            .unwrap_or_default(),
        last_reported: entry
            .filter(|_| confirmed)
            .and_then(|e| e.last_reported)
            .map(month),
        guidance: guidance(verdict, imitates.is_some(), lang),
        imitates,
    }
}

fn guidance(verdict: &str, imitates: bool, lang: Lang) -> &'static str {
    let (vi, en) = match (verdict, imitates) {
        ("confirmed_scam", _) => (
            "Cơ quan công an cảnh báo: có dấu hiệu lừa đảo. Không liên lạc, không chuyển tiền, không bấm vào đường dẫn. Nếu đã chuyển tiền, hãy gọi ngay ngân hàng theo số in trên thẻ hoặc trong ứng dụng của ngân hàng.",
            "The police warn: there are signs of a scam. Do not reply, pay or open it. If you have sent money, call your bank now by the number on your card or in its app.",
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
            "Chưa có tin báo, nhưng tên miền này trông giống tên miền của một cơ quan, doanh nghiệp có thật. Rất có thể là giả mạo: đừng đăng nhập.",
            "No reports yet, but the name looks like that of a real agency or company. It may well be an imitation: do not log in.",
        ),
        _ => (
            "Chưa có tin báo. Điều đó không có nghĩa là an toàn. Không cơ quan nào hỏi mật khẩu hay mã OTP.",
            "No reports. That does not mean that it is safe. No agency asks for a password or an OTP.",
        ),
    };
    lang.pick(vi, en)
}
