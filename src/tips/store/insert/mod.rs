//! Stores any number of tips with one statement whose text never changes.
//!
//! Every column goes in as one array, so one tip costs as many statements as two hundred, and the
//! statement is prepared once. Indicators that exist already are left alone: nothing that all
//! intakes touch is locked.

mod columns;
mod statement;

use std::collections::HashSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use self::columns::Columns;
use self::statement::Insert;
use super::super::model::NewTip;
use crate::db::Conn;
use crate::db::schema::tips;
use crate::error::Result;

/// What became of each tip of a batch, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is stored.
    Yes,
    /// Its idempotency key was taken already: the earlier answer counts.
    KeyTaken,
}

/// Stores the tips, all or none, except those whose idempotency key is taken.
pub async fn insert_tips(conn: &mut Conn, batch: &[&NewTip]) -> Result<Vec<Stored>> {
    let columns = Columns::of(batch);
    // One statement is its own transaction: no round trips for begin and commit.
    if batch.iter().all(|tip| tip.claim.is_none()) {
        RunQueryDsl::execute(Insert::<false>(columns), conn).await?;
        return Ok(vec![Stored::Yes; batch.len()]);
    }
    let stored: Vec<Uuid> = RunQueryDsl::get_results(Insert::<true>(columns), conn).await?;
    let stored: HashSet<Uuid> = stored.into_iter().collect();
    Ok(batch
        .iter()
        .map(|tip| {
            if stored.contains(&tip.id) {
                Stored::Yes
            } else {
                Stored::KeyTaken
            }
        })
        .collect())
}

/// Which of these tips are stored already: asked before a batch is tried again after its answer was lost.
pub async fn stored_ids(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(tips::table
        .select(tips::id)
        .filter(tips::id.eq_any(ids))
        .load(conn)
        .await?)
}
