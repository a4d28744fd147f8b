//! Cases: tips accepted as one matter under the Criminal Procedure Code, with its clocks.

mod calendar;
pub mod clock;
mod flow;
mod graph;
mod grouping;
mod holds;
mod http;
mod legal;
mod listing;
mod members;
mod notes;
mod store;
mod tally;
mod view;
mod wire;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::http::Api;
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub use calendar::clocks_changed;
pub use flow::decided_since;
pub use members::{TRIAL, join, leave};
pub use store::{
    CaseRow, RECOVERED, find_case, is_held, lock_case, lock_open_case, look_again_at,
    look_again_at_case, visible_ids,
};
pub use tally::{Tally, tally};
pub use view::known as known_tips;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([
        http::api(),
        grouping::api(),
        legal::api(),
        listing::api(),
        holds::api(),
        graph::api(),
        notes::api(),
        calendar::api(),
    ])
}

/// What a case is opened from.
pub struct NewCase {
    /// Title.
    pub title: String,
    /// Summary.
    pub summary: Option<String>,
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
    let id = app.new_id();
    let number = store::insert(
        conn,
        id,
        &new,
        &actor.name,
        &app.settings.number_prefix,
        now,
    )
    .await?;
    clock::refresh(conn, app, id).await?;
    let entry = Entry::event("case.opened", actor, now)
        .on("case", id)
        .with(serde_json::json!({"number": number, "desk": new.desk}));
    journal::record(conn, &[entry]).await?;
    Ok((id, number))
}

/// 409 with the ground where the law wants a tip kept as it is: it belongs to a case, or a case that
/// it belongs to or belonged to is held.
pub async fn not_retained(conn: &mut Conn, tip: Uuid) -> Result<()> {
    let ground = match store::keeper(conn, tip).await? {
        None => return Ok(()),
        Some(store::Keep::Case) => {
            "The tip belongs to a criminal case; its file is kept as it is (BLTTHS art. 131, TT 28/2020 art. 5)."
        }
        Some(store::Keep::Hold) => db::HELD,
    };
    Err(Error::conflict("retained_by_law", ground))
}
