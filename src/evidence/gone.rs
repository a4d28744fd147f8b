//! Files that were taken away with their rows: lists only show one less, the journal knows better.

use uuid::Uuid;

use super::store;
use crate::db::Conn;
use crate::error::Result;

/// Files that are named one by one.
const NAMED: i64 = 100;

/// Files without a row that the journal says were added and never purged, as file and tip, the newest first; a hundred
/// at most.
pub async fn gone(conn: &mut Conn) -> Result<Vec<(Uuid, Uuid)>> {
    let gone = store::gone(conn, NAMED).await?;
    Ok(gone.into_iter().map(|one| (one.id, one.tip_id)).collect())
}
