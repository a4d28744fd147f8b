//! SQL of how far the background readers of the journal have come.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::last_position;
use crate::db::Conn;
use crate::db::schema::journal_consumers;
use crate::error::Result;

/// Locks a background reader's row for this transaction and returns where it stands; `None` while
/// another replica has it.
pub async fn lock_consumer(conn: &mut Conn, name: &str) -> Result<Option<i64>> {
    if let Some(position) = try_lock_consumer(conn, name).await? {
        return Ok(Some(position));
    }
    // Its first time, or another replica has it.
    use journal_consumers as c;
    let new = diesel::insert_into(c::table)
        .values((c::name.eq(name), c::position.eq(0)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    if new == 0 {
        return Ok(None);
    }
    try_lock_consumer(conn, name).await
}

async fn try_lock_consumer(conn: &mut Conn, name: &str) -> Result<Option<i64>> {
    use journal_consumers as c;
    Ok(c::table
        .select(c::position)
        .filter(c::name.eq(name))
        .for_update()
        .skip_locked()
        .first(conn)
        .await
        .optional()?)
}

/// Where each background reader stands.
pub(in crate::journal) async fn positions(
    conn: &mut Conn,
) -> Result<std::collections::HashMap<String, i64>> {
    use journal_consumers as c;
    let rows: Vec<(String, i64)> = c::table.select((c::name, c::position)).load(conn).await?;
    Ok(rows.into_iter().collect())
}

/// Notes how far a background reader has come.
pub async fn advance_consumer(conn: &mut Conn, name: &str, position: i64) -> Result<()> {
    use journal_consumers as c;
    diesel::update(c::table.filter(c::name.eq(name)))
        .set(c::position.eq(position))
        .execute(conn)
        .await?;
    Ok(())
}

/// The position up to which everything is numbered and these background readers have done their work.
pub async fn settled_position(conn: &mut Conn, readers: &[&str]) -> Result<i64> {
    use journal_consumers as c;
    let head = last_position(conn).await?;
    let slowest: Option<i64> = c::table
        .select(diesel::dsl::min(c::position))
        .filter(c::name.eq_any(readers))
        .first(conn)
        .await?;
    Ok(slowest.map_or(head, |slowest| slowest.min(head)))
}

/// The furthest position that a background reader had come to.
pub(in crate::journal) async fn furthest_reader(conn: &mut Conn) -> Result<i64> {
    let furthest: Option<i64> = journal_consumers::table
        .select(diesel::dsl::max(journal_consumers::position))
        .get_result(conn)
        .await?;
    Ok(furthest.unwrap_or(0))
}
