//! SQL of which cases a bearer may know of.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::cases::confine;
use crate::db::Conn;
use crate::db::schema::cases as c;
use crate::error::Result;
use crate::tips::Visibility;

/// Which of these cases a bearer may know of.
pub async fn visible_ids(conn: &mut Conn, visible: &Visibility, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(confine(visible, c::table.into_boxed())
        .filter(c::id.eq_any(ids.to_vec()))
        .select(c::id)
        .load(conn)
        .await?)
}
