//! Tips by text message, from SMS gateways: `LD (source) (content)` and free text. A message that holds
//! the receipt of a tip adds to that tip.

use actix_web::HttpResponse;
use actix_web::web::{self, Bytes};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::{Opened, results, standing};
use crate::cases;
use crate::db::Conn;
use crate::domain::indicator::{self, Catalog, Input, Kind};
use crate::domain::lang::Lang;
use crate::domain::receipt::Receipt;
use crate::domain::said::{Said, said};
use crate::domain::sms::{self, Message, Report};
use crate::domain::status::TipStatus;
use crate::domain::text_signs;
use crate::error::Error;
use crate::http::body::RawJson;
use crate::http::idempotency::request_hash;
use crate::http::json::parse;
use crate::http::middleware::Gate;
use crate::http::validation::field_problems;
use crate::http::{Answer, Api, Caller, Meta, Problem, respond::replayable, scope};
use crate::idempotency::{self, Claim, Outcome};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::amend::{Addition, amend};
use crate::tips::intake::{self, Sender};
use crate::tips::submit::Intake;
use crate::tips::wire::Warning;
use crate::tips::{self, Visibility};

/// Receipts that are tried in one message.
const RECEIPTS: usize = 3;

pub fn api() -> Api {
    crate::handlers![submit_sms]
}

/// A message as a gateway received it.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"gateway_id": "gw-1", "message_id": "a1b2", "from": "0900000001", "text": "LD (0912345678) (giả công an bắt chuyển tiền)"}))]
struct SubmitSms {
    /// The gateway's id for the message; with `gateway_id` the idempotency key.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    message_id: String,
    /// Who sent it: reporter identity, sealed, never an indicator.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    from: String,
    /// The text.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
    /// The gateway.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    gateway_id: String,
}

/// What to send back.
#[derive(Debug, Serialize, ToSchema)]
struct SmsReply {
    /// At most 160 characters of the GSM-7 alphabet, the receipt included.
    #[schema(
        example = "Cong an da nhan tin bao. Ma tra cuu: GKV6-RKHD-471B-CWAP-FMXH. Giu kin ma nay."
    )]
    reply: String,
    /// What was not understood of the gateway's message, by pointer.
    warnings: Vec<Warning>,
}

/// Submit a tip by text message.
///
/// The grammar is that of 156/5656: `LD (source) (content)` for a scam call, `V` for a spam call, `S` for a
/// spam message, in round or square brackets, case and accents ignored; anything else is free text.
/// As with every tip nothing is refused for content: an unknown field or a U+0000 is a warning.
/// A message that holds a receipt is added to its tip as by `PATCH /v1/receipt`, and the reply does not say the
/// receipt again; who sent it is sealed with it and changes nothing about the reporter. One that holds nothing else,
/// or only asks how the tip stands or gives thanks, adds nothing: the reply says where the tip stands. A receipt that opens
/// nothing counts as a failed attempt, and the message is a new tip, however many have failed.
#[utoipa::path(post, path = "/v1/tips/sms", tag = "intake", request_body = SubmitSms,
    responses((status = 201, description = "Received and durable; the reply to send", body = SmsReply)))]
async fn submit_sms(
    caller: Caller<scope::TipsSubmit>,
    app: web::Data<AppState>,
    intake: web::Data<Intake>,
    gate: web::Data<Gate>,
    meta: Meta,
    body: RawJson,
) -> Answer<HttpResponse> {
    let raw = body.0;
    let mut sent: Value = parse(&raw)?.value;
    let (mut message, warnings) = intake::received::<SubmitSms>(&mut sent)?;
    message
        .validate()
        .map_err(|errors| Problem::invalid(field_problems(&errors)))?;
    let gateway = &message.gateway_id;
    let key = format!("sms {} {gateway} {}", gateway.len(), message.message_id);
    let claim = Claim::new(
        &caller.who,
        &key,
        request_hash("POST", "/v1/tips/sms", &raw),
    );
    let danger = text_signs::read([message.text.as_str()]).life_at_risk;
    let mut added = None;
    if let Some((opened, rest)) = opened(&app, &gate, &meta, &message.text).await? {
        message.text = rest;
        added = stand(&app, &meta, &opened, &message.text, claim.clone()).await?;
        if added.is_none() {
            added = add(&app, &meta, (&message, &raw), opened, claim.clone(), danger).await?;
        }
    }
    let outcome = match added {
        Some(outcome) => outcome,
        None => {
            let tip = tip_of(&message, &app.reference.get().catalog);
            let mut submission = intake::read(tip.to_string().into())?;
            // What is kept is what came, not what was made of it.
            submission.raw = raw.clone();
            submission.warnings.extend(warnings.iter().cloned());
            let sender = Sender {
                who: &caller.who,
                request_id: &meta.request_id,
                lang: meta.lang,
                content_type: "application/json",
            };
            intake
                .submit(&app, &sender, &submission, Some(claim))
                .await?
        }
    };
    let answer: Value = serde_json::from_str(&outcome.answer.body)
        .map_err(|e| Error::internal("reading the answer to a tip", e))?;
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let reply = match (text("reply"), text("receipt").and_then(Receipt::parse)) {
        (Some(reply), _) => reply.to_owned(),
        (None, Some(receipt)) => sms::reply(&receipt, number_to_call(&app, danger).as_deref()),
        (None, None) => sms::reply_without_receipt().to_owned(),
    };
    let warnings = warnings
        .into_iter()
        .map(|warning| warning.told(meta.lang))
        .collect();
    let answer = idempotency::Answer::json(201, &SmsReply { reply, warnings })?;
    Ok(replayable(answer.into(), outcome.replayed))
}

/// The number to call where a life is in danger, if there is one to show.
fn number_to_call(app: &AppState, danger: bool) -> Option<String> {
    let reference = app.reference.get();
    let number = reference.guidebook.shown_number(standing::EMERGENCY);
    number.filter(|_| danger).map(str::to_owned)
}

/// What a receipt in the text opens, and the text without it: officers never see a receipt.
async fn opened(
    app: &AppState,
    gate: &web::Data<Gate>,
    meta: &Meta,
    text: &str,
) -> Result<Option<(Opened, String)>, Problem> {
    let found = Receipt::find_in(text);
    if found.is_empty() {
        return Ok(None);
    }
    let mut conn = app.db.get().await?;
    for (_, receipt) in found.iter().take(RECEIPTS) {
        let (opened, _) = match super::try_open(&mut conn, app, gate, Some(receipt), meta).await {
            // Many citizens share a gateway: that some had wrong receipts refuses nobody's tip.
            Err(problem) if problem.slug == "rate_limited" => return Ok(None),
            opened => opened?,
        };
        if let Some(opened) = opened {
            let mut rest = text.to_owned();
            for (place, _) in found.into_iter().rev() {
                rest.replace_range(place, "");
            }
            return Ok(Some((opened, rest)));
        }
    }
    Ok(None)
}

/// Where the tip stands, for who only asks or thanks: that is no addition, and undoes no decision. `None` where the
/// message says more, or may answer an officer's question.
async fn stand(
    app: &AppState,
    meta: &Meta,
    opened: &Opened,
    text: &str,
    claim: Claim,
) -> Result<Option<Outcome>, Problem> {
    let said = said(text);
    let (tip, now) = (opened.tip_id, app.now());
    let mut conn = app.db.get().await?;
    let state = tips::find_state(&mut conn, tip, &Visibility::all()).await?;
    let is_asked = TipStatus::parse(&state.status) == Some(TipStatus::InfoRequested);
    if said == Said::More || (said == Said::Thanks && is_asked) {
        return Ok(None);
    }
    let actor = Actor::reporter(&meta.request_id);
    let work = async |conn: &mut Conn| {
        let result = results::readable(conn, &state).await?;
        let stand = standing::stand(conn, &state, result, now).await?;
        let reference = app.reference.get();
        let body = standing::body(conn, &state, &reference, Lang::Vi).await?;
        let danger = stand.is_undecided() && tips::in_danger(conn, tip).await?;
        let number = number_to_call(app, danger);
        let reply = sms::reply_of_status(
            stand.shown(),
            stand.case,
            body.as_deref(),
            number.as_deref(),
        );
        let entry = Entry::audit("receipt.read", &actor, now).on("tip", tip);
        journal::record(conn, &[entry]).await?;
        let warnings = Vec::new();
        idempotency::Answer::json(201, &SmsReply { reply, warnings })
    };
    let secret = &app.keys.answers;
    let outcome = idempotency::once(&mut conn, secret, Some(claim), now, work).await?;
    Ok(Some(outcome))
}

/// Adds a message to the tip that its receipt opened; `None` where the tip takes nothing more.
async fn add(
    app: &AppState,
    meta: &Meta,
    (message, raw): (&SubmitSms, &Bytes),
    opened: Opened,
    claim: Claim,
    danger: bool,
) -> Result<Option<Outcome>, Problem> {
    let mut told = tip_of(message, &app.reference.get().catalog);
    // What the tip says of itself stays, and so does what its reporter wished.
    if let Some(told) = told.as_object_mut() {
        told.retain(|name, _| !matches!(name.as_str(), "channel" | "language"));
        told.insert("reporter".to_owned(), json!({"phone": message.from}));
    }
    let mut submission = intake::read_addition(told.to_string().into())?;
    submission.raw = raw.clone();
    let actor = Actor::reporter(&meta.request_id);
    let reply = sms::reply_to_addition(number_to_call(app, danger).as_deref());
    let (addition, now) = ((opened.tip_id, Addition::BySms), app.now());
    let mut conn = app.db.get().await?;
    let work = async |conn: &mut Conn| {
        amend(conn, app, &actor, meta.lang, addition, &submission).await?;
        let warnings = Vec::new();
        idempotency::Answer::json(201, &SmsReply { reply, warnings })
    };
    let secret = &app.keys.answers;
    match idempotency::once(&mut conn, secret, Some(claim), now, work).await {
        Ok(outcome) => {
            cases::look_again_at(&mut conn, opened.tip_id, now).await?;
            Ok(Some(outcome))
        }
        Err(Error::Conflict {
            code: "wrong_state",
            ..
        }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Who called or wrote: a number, or the name that a message bears; else what its own form says.
fn kind_of_source(catalog: &Catalog, report: Report, source: &str) -> Option<&'static str> {
    let is_read = |kind| {
        let input = Input {
            kind,
            value: source,
            bank: None,
        };
        indicator::parse(catalog, &input).is_ok()
    };
    if report != Report::SpamMessage {
        return is_read(Kind::Phone).then_some(Kind::Phone.as_str());
    }
    // "vcb-xx.com" could be a sender's name, and is a link.
    let link = source.contains(['.', '/', '@'])
        && indicator::recognise(catalog, source).is_some_and(|reading| {
            !matches!(
                reading.indicator.kind,
                Kind::Phone | Kind::BankAccount | Kind::Ewallet
            )
        });
    (!link && is_read(Kind::SmsSender)).then_some(Kind::SmsSender.as_str())
}

/// The tip that a message tells.
fn tip_of(message: &SubmitSms, catalog: &Catalog) -> Value {
    let reporter = json!({"phone": message.from, "may_contact": true});
    match sms::parse(&message.text) {
        Message::Structured {
            report,
            source,
            content,
        } => {
            let kind = kind_of_source(catalog, report, source);
            // What else stands in the brackets is looked for as in any text.
            let words =
                source.contains(char::is_whitespace) && source.contains(char::is_alphabetic);
            let known = kind.is_some() || indicator::recognise(catalog, source).is_some();
            let text = match known && !words {
                true => content.to_owned(),
                false => format!("{source}\n{content}").trim().to_owned(),
            };
            json!({
                "raw_message": text, "channel": report.channel(), "language": "vi",
                "indicators": [{"kind": kind, "value": source, "role": "contacted_me"}],
                "reporter": reporter,
            })
        }
        Message::Free(text) => {
            json!({"narrative": text, "channel": "sms", "language": "vi", "reporter": reporter})
        }
    }
}
