//! All that is held of a reporter, for the officer who hands it over to that reporter.
//!
//! Only of the tip that the request is about. Other tips under the same telephone number or name may be
//! somebody else's who wrote that number down: nobody has shown a paper for it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::service;
use super::store;
use super::wire::OwnRequest;
use crate::db::Conn;
use crate::domain::privacy_clock::RequestKind;
use crate::error::{Error, Result};
use crate::reveals::{self, Asker, Outcome, RevealedIdentity};
use crate::state::AppState;
use crate::tips::{self, Visibility};

/// Why the police hold these data without consent.
const BASIS: &str = "BLTTHS art. 144–146; law 91/2025/QH15 art. 19(1)b, c";

/// All that is held of the reporter of a tip.
#[derive(Serialize, ToSchema)]
pub struct PersonalData {
    /// Id of the reveal, as the audit log names it.
    pub reveal_id: Uuid,
    /// The request that it answers.
    pub request_id: Uuid,
    /// The tip.
    pub tip_id: Uuid,
    /// Its number in the register.
    #[schema(required, example = "DB-T-2026-000123")]
    pub number: Option<String>,
    /// When the tip came.
    pub received_at: DateTime<Utc>,
    /// Where it stands.
    #[schema(example = "dismissed")]
    pub status: String,
    /// Since when its use is restricted.
    #[schema(required)]
    pub restricted_at: Option<DateTime<Utc>>,
    /// The laws by which the data are held.
    #[schema(example = "BLTTHS art. 144–146; law 91/2025/QH15 art. 19(1)b, c")]
    pub legal_basis: String,
    /// The identity; null where none was given, or it is erased.
    #[schema(required)]
    pub reporter: Option<RevealedIdentity>,
    /// The installation of the app that sent the tip: a random name.
    #[schema(required)]
    pub device: Option<String>,
    /// What was sent, what was added and what was put right, oldest first.
    pub submissions: Vec<HeldSubmission>,
    /// Messages in both directions, oldest first.
    pub messages: Vec<HeldMessage>,
    /// Files that the reporter sent.
    pub files: Vec<HeldFile>,
    /// Requests about these data, newest first.
    pub requests: Vec<HeldRequest>,
    /// As of when this holds.
    pub made_at: DateTime<Utc>,
}

/// A submission.
#[derive(Serialize, ToSchema)]
pub struct HeldSubmission {
    /// Id.
    pub id: Uuid,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// Media type of what was sent.
    #[schema(example = "application/json")]
    pub content_type: String,
    /// Whether it is as it was sent; else its key was destroyed, and what was sealed is withheld.
    pub whole: bool,
    /// JSON as it was sent; other types as text.
    #[schema(value_type = Object)]
    pub body: Value,
}

/// A message.
#[derive(Serialize, ToSchema)]
pub struct HeldMessage {
    /// Whether the reporter wrote it.
    pub from_reporter: bool,
    /// Its text.
    pub text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// A file.
#[derive(Serialize, ToSchema)]
pub struct HeldFile {
    /// Id.
    pub id: Uuid,
    /// Type by content.
    #[schema(example = "image/jpeg")]
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the file as it was sent, in hexadecimal.
    pub sha256: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// A request about these data.
#[derive(Serialize, ToSchema)]
pub struct HeldRequest {
    /// As its maker sees it.
    #[serde(flatten)]
    pub own: OwnRequest,
    /// In the person's words.
    #[schema(required)]
    pub text: Option<String>,
}

/// Puts together what a granted request for access asks for.
pub async fn disclose(
    conn: &mut Conn,
    app: &AppState,
    asker: &Asker<'_>,
    request: Uuid,
) -> Result<Outcome<PersonalData>> {
    let visible = Visibility::of(asker.who);
    let row = store::find(conn, request, &visible).await?;
    let granted = row.kind == RequestKind::Access.as_str() && row.state == "granted";
    let Some(tip) = row.tip_id.filter(|_| granted) else {
        let detail =
            "Only a granted request for access to the data of a tip is answered with them.";
        return Err(Error::conflict("wrong_state", detail));
    };
    let opened = match reveals::personal_data(conn, app, asker, tip).await? {
        Outcome::Waits(view) => return Ok(Outcome::Waits(view)),
        Outcome::Shown(opened) => opened,
    };
    let now = app.now();
    let state = tips::find_state(conn, tip, &visible).await?;
    let (number, received_at, device) = store::held(conn, tip).await?;
    let submissions = opened.submissions.into_iter().map(|one| HeldSubmission {
        id: one.id,
        received_at: one.received_at,
        content_type: one.content_type,
        whole: one.bytes.is_some(),
        body: one.bytes.map_or(one.withheld, |bytes| as_sent(&bytes)),
    });
    let messages = store::messages(conn, tip).await?.into_iter();
    let files = store::files(conn, tip).await?.into_iter();
    let mut requests = Vec::new();
    for row in store::of_tip(conn, tip, None, i64::from(u16::MAX)).await? {
        let own = OwnRequest::from(&row);
        let text = service::text(app, &row)?;
        requests.push(HeldRequest { own, text });
    }
    Ok(Outcome::Shown(PersonalData {
        reveal_id: opened.reveal_id,
        request_id: row.id,
        tip_id: tip,
        number,
        received_at,
        status: state.status(now).to_owned(),
        restricted_at: state.restricted_at,
        legal_basis: BASIS.to_owned(),
        reporter: opened.identity,
        device,
        submissions: submissions.collect(),
        messages: messages
            .map(|(from_reporter, text, created_at)| HeldMessage {
                from_reporter,
                text,
                created_at,
            })
            .collect(),
        files: files
            .map(|(id, media_type, size, sha256, received_at)| HeldFile {
                id,
                media_type,
                size,
                sha256: hex::encode(sha256),
                received_at,
            })
            .collect(),
        requests,
        made_at: now,
    }))
}

fn as_sent(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}
