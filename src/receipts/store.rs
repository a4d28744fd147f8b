//! SQL of receipts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{cases, receipts, register, reporter_news};
use crate::error::Result;

/// What a valid receipt opens.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The tip.
    pub tip_id: Uuid,
}

/// The tip of a receipt that was not withdrawn.
pub(super) async fn find(conn: &mut Conn, hash: &[u8; 32]) -> Result<Option<Opened>> {
    Ok(receipts::table
        .filter(receipts::hash.eq(hash.as_slice()))
        .filter(receipts::withdrawn_at.is_null())
        .select(receipts::tip_id)
        .first(conn)
        .await
        .optional()?
        .map(|tip_id| Opened { tip_id }))
}

/// Withdraws the receipt of a tip: it opens nothing any more.
pub(super) async fn withdraw(conn: &mut Conn, tip: Uuid, at: DateTime<Utc>) -> Result<()> {
    diesel::update(receipts::table.filter(receipts::tip_id.eq(tip)))
        .set(receipts::withdrawn_at.eq(at))
        .execute(conn)
        .await?;
    Ok(())
}

/// Number of a tip in the register, once it is given.
pub(super) async fn number(conn: &mut Conn, tip: Uuid) -> Result<Option<String>> {
    Ok(register::table
        .select(register::number)
        .filter(register::tip_id.eq(tip))
        .first(conn)
        .await
        .optional()?)
}

/// State of the case that a tip began, as the reporter's status text depends on it; nothing for a
/// tip that joined a case after an earlier one: news of that is an officer's to release.
pub(super) async fn case_state(
    conn: &mut Conn,
    id: Uuid,
    received_at: DateTime<Utc>,
) -> Result<Option<String>> {
    Ok(cases::table
        .select(cases::state)
        .filter(cases::id.eq(id))
        .filter(cases::received_at.ge(received_at))
        .first(conn)
        .await
        .optional()?)
}

/// What the reporter of a tip may read, oldest first: code, amount and time.
pub(super) async fn news(
    conn: &mut Conn,
    tip: Uuid,
) -> Result<Vec<(String, Option<i64>, DateTime<Utc>)>> {
    use reporter_news as n;
    Ok(n::table
        .filter(n::tip_id.eq(tip))
        .order(n::id)
        .select((n::code, n::amount_vnd, n::at))
        .load(conn)
        .await?)
}

/// Releases news that belong to no referral; returns whether they are new.
pub(super) async fn insert_news(
    conn: &mut Conn,
    tip: Uuid,
    code: &str,
    at: DateTime<Utc>,
    by: &str,
) -> Result<bool> {
    use reporter_news as n;
    let new = diesel::insert_into(n::table)
        .values((
            n::id.eq(Uuid::now_v7()),
            n::tip_id.eq(tip),
            n::code.eq(code),
            n::at.eq(at),
            n::released_by.eq(by),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(new == 1)
}
