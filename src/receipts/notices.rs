//! Notices that the law owes a reporter (reception within 3 working days, the result within 3 days:
//! BLTTHS art. 145, TTLT 01/2017): written by themselves, met once the reporter has fetched them by
//! receipt or an officer has recorded how they were sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::results::{self, TipResult};
use super::{kept, process, standing, store};
use crate::auth::Principal;
use crate::cases;
use crate::db::Conn;
use crate::domain::dates;
use crate::domain::lang::Lang;
use crate::domain::status::status_text;
use crate::error::{Error, Result};
use crate::journal::{self, Actor};
use crate::state::AppState;
use crate::tips::{self, TipState, Visibility};

/// Which notice; the codes are those of the deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    /// That the tip was received.
    NotifyReporterReception,
    /// What came of it.
    NotifyReporterResult,
    /// That its case was suspended.
    SendSuspensionReporter,
    /// That its case was resumed.
    NotifyResumption,
}

impl NoticeCode {
    /// Those of the process of a case besides its result.
    pub const PROCESS: [Self; 2] = [Self::SendSuspensionReporter, Self::NotifyResumption];

    /// The code on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotifyReporterReception => "notify_reporter_reception",
            Self::NotifyReporterResult => "notify_reporter_result",
            Self::SendSuspensionReporter => "send_suspension_reporter",
            Self::NotifyResumption => "notify_resumption",
        }
    }
}

/// A notice to a reporter.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice {
    /// Which one.
    pub code: NoticeCode,
    /// What it says.
    #[schema(
        example = "Công an tỉnh đã tiếp nhận tin báo của bạn lúc 08:20 ngày 24/11/2026, số DB-T-2026-000123."
    )]
    pub text: String,
    /// Since when it is owed.
    pub since: DateTime<Utc>,
    /// When the reporter was told.
    #[schema(required)]
    pub told_at: Option<DateTime<Utc>>,
    /// Whether the reporter can read it by receipt. Where not, an officer sends it and records how, or
    /// releases `case_result`.
    pub on_receipt: bool,
}

/// How a notice was sent otherwise than by receipt.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[schema(example = json!({"channel": "letter", "sent_at": "2026-11-25T02:00:00Z"}))]
pub struct RecordNotice {
    /// By which way.
    pub channel: NoticeChannel,
    /// When it was sent; defaults to now.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub sent_at: Option<DateTime<Utc>>,
}

/// Ways of telling a reporter.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeChannel {
    /// By telephone.
    Phone,
    /// By a letter.
    Letter,
    /// By e-mail.
    Email,
    /// Face to face.
    InPerson,
    /// Otherwise.
    Other,
}

/// The notices owed for a tip so far, as officers see them.
pub async fn owed(
    conn: &mut Conn,
    app: &AppState,
    state: &TipState,
    lang: Lang,
) -> Result<Vec<Notice>> {
    let result = results::known(conn, state).await?;
    let readable = tips::has_receipt(conn, state.tip_id).await?;
    list(conn, app, state, (result, readable), lang).await
}

/// Those of them that the reporter may read.
pub async fn readable(
    conn: &mut Conn,
    app: &AppState,
    state: &TipState,
    result: Option<TipResult>,
    lang: Lang,
) -> Result<Vec<Notice>> {
    let mut all = list(conn, app, state, (result, true), lang).await?;
    all.retain(|notice| notice.on_receipt);
    Ok(all)
}

async fn list(
    conn: &mut Conn,
    app: &AppState,
    state: &TipState,
    (result, readable): (Option<TipResult>, bool),
    lang: Lang,
) -> Result<Vec<Notice>> {
    let number = store::number(conn, state.tip_id).await?;
    let number = number.map(|n| match lang {
        Lang::Vi => format!(", số {n} trong sổ tiếp nhận"),
        Lang::En => format!(", number {n} of the register"),
    });
    let at = dates::moment(state.clock_start(), lang);
    let number = number.unwrap_or_default();
    let mut all = vec![Notice {
        code: NoticeCode::NotifyReporterReception,
        text: match lang {
            Lang::Vi => {
                format!("Công an tỉnh đã tiếp nhận tin báo của bạn lúc {at}{number}.")
            }
            Lang::En => {
                format!("The provincial police received your report at {at}{number}.")
            }
        },
        since: state.clock_start(),
        told_at: state.reception_told_at,
        on_receipt: readable,
    }];
    let process = process::of_tip(conn, state).await?;
    all.extend(process.iter().map(|due| due.notice(readable, lang)));
    if let Some(result) = result {
        all.push(Notice {
            code: NoticeCode::NotifyReporterResult,
            text: result_text(conn, app, state, result, lang).await?,
            since: result.at,
            told_at: state.told_result_since(result.at),
            on_receipt: readable && result.released,
        });
    }
    let kept = kept::of_tip(conn, state).await?;
    all.extend(kept.iter().map(|kept| kept.notice(app, readable, lang)));
    Ok(all)
}

/// The result in words; of one that goes against the reporter with the class of the reason and the way to complain,
/// as a letter must have them too.
async fn result_text(
    conn: &mut Conn,
    app: &AppState,
    state: &TipState,
    result: TipResult,
    lang: Lang,
) -> Result<String> {
    let mut text = vec![status_text(result.status, result.case, lang).to_owned()];
    let reason = standing::reason(conn, Some(result), lang).await?;
    text.extend(reason.map(|reason| reason.text));
    let complaint = standing::complaint(app, state, Some(result), lang);
    text.extend(complaint.map(|complaint| complaint.text));
    Ok(text.join(" "))
}

/// Records how an officer sent a notice; the first time counts.
pub async fn record(
    conn: &mut Conn,
    who: &Principal,
    actor: &Actor,
    (tip, code): (Uuid, NoticeCode),
    sent: &RecordNotice,
    now: DateTime<Utc>,
) -> Result<TipState> {
    tips::find_state(conn, tip, &Visibility::of(who)).await?;
    // The case before the tip, as everywhere: so nobody waits for whom he blocks.
    cases::look_again_at(conn, tip, now).await?;
    let mut state = tips::lock_state(conn, tip, &Visibility::of(who)).await?;
    let due = process::of_tip(conn, &state).await?;
    let due = due.into_iter().find(|due| due.code == code);
    let (since, told) = match code {
        NoticeCode::NotifyReporterReception => (Some(state.clock_start()), state.reception_told_at),
        NoticeCode::NotifyReporterResult => {
            let result = results::known(conn, &state).await?;
            (result.map(|result| result.at), state.result_told_at)
        }
        _ => (due.map(|due| due.since), due.and_then(|due| due.told_at)),
    };
    let since = since.ok_or_else(|| {
        Error::conflict(
            "wrong_state",
            "There is nothing of that to tell the reporter yet.",
        )
    })?;
    let at = sent.sent_at.unwrap_or(now);
    if at < since || at > now {
        return Err(Error::invalid(
            "/sent_at",
            "out_of_range",
            "A notice is sent after it is owed and not in the future.",
        ));
    }
    if told.is_none_or(|told| told < since || told > at) {
        match code {
            NoticeCode::NotifyReporterReception => state.reception_told_at = Some(at),
            NoticeCode::NotifyReporterResult => {
                state.result_told_at = Some(at);
                if let Some(result) = results::known(conn, &state).await? {
                    kept::note(conn, tip, result, at).await?;
                }
            }
            _ => process::told(conn, tip, &[code], at).await?,
        }
    }
    let told = (state.reception_told_at, state.result_told_at);
    tips::set_told(conn, tip, told.0, told.1).await?;
    let entry = state.event("tip.updated", actor, now).with(
        json!({"change": "notice_sent", "code": code, "channel": sent.channel, "sent_at": at}),
    );
    journal::record(conn, &[entry]).await?;
    Ok(state)
}
