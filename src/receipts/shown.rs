//! When officers saw who reported, as the journal has it: the reporter may know that, not who looked and why.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;
use crate::journal::{self, Told};

/// No receipt tells more.
const MOST: usize = 200;

/// That the reporter's identity was shown to an officer.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityShown {
    /// When.
    at: DateTime<Utc>,
    /// How: `reveal` of the identity, `register` with a purpose, `submission` as it was sent, or `personal_data` gathered
    /// to be handed over to the reporter.
    #[schema(example = "reveal")]
    how: &'static str,
}

/// Every time that it was shown, oldest first; a request that was never approved or used is none.
pub async fn of_tip(conn: &mut Conn, tip: Uuid) -> Result<Vec<IdentityShown>> {
    let acts = [
        "reporter.revealed",
        "submission.revealed",
        "personal_data.revealed",
    ];
    let told = journal::told(conn, tip, &acts).await?;
    let newest = told.len().saturating_sub(MOST);
    Ok(told
        .into_iter()
        .skip(newest)
        .map(IdentityShown::from)
        .collect())
}

impl From<Told> for IdentityShown {
    fn from(entry: Told) -> Self {
        let by = entry.data.get("by").and_then(Value::as_str);
        Self {
            at: entry.at,
            how: match (entry.kind.as_str(), by) {
                ("submission.revealed", _) => "submission",
                ("personal_data.revealed", _) => "personal_data",
                (_, Some("register")) => "register",
                (_, _) => "reveal",
            },
        }
    }
}
