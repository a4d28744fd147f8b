//! Cases: tips accepted as one matter under the Criminal Procedure Code.

mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub use store::{CaseRow, find_case};

/// What a case is opened from.
pub struct NewCase {
    /// Title.
    pub title: String,
    /// Desk.
    pub desk: String,
    /// Reception of its earliest tip: where the clocks start.
    pub received_at: DateTime<Utc>,
    /// Officer's methods.
    pub methods: Vec<String>,
}

/// Opens a case in the caller's transaction and gives it its number.
pub async fn open(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    new: NewCase,
) -> Result<(Uuid, String)> {
    let now = app.now();
    let id = Uuid::now_v7();
    let number = store::insert(
        conn,
        id,
        &new,
        &actor.name,
        &app.settings.number_prefix,
        now,
    )
    .await?;
    let entry = Entry::event("case.opened", actor, now)
        .on("case", id)
        .with(serde_json::json!({"number": number, "desk": new.desk}));
    journal::record(conn, &[entry]).await?;
    Ok((id, number))
}
