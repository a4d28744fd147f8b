//! Stores any number of tips with one statement whose text never changes.
//!
//! Every column goes in as one array, so one tip costs as many statements as two hundred, and the
//! statement is prepared once. Indicators that exist already are left alone: nothing that all
//! intakes touch is locked.

mod columns;
mod statement;

use std::collections::HashMap;

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
    /// Another transaction is about to store something under its key: what comes of it is not known yet.
    KeyBusy,
}

/// Stores the tips, all or none, except those whose idempotency key is taken.
pub async fn insert_tips(conn: &mut Conn, batch: &[&NewTip]) -> Result<Vec<Stored>> {
    let columns = Columns::of(batch);
    // One statement is its own transaction: no round trips for begin and commit.
    if batch.iter().all(|tip| tip.claim.is_none()) {
        RunQueryDsl::execute(Insert::<false>(columns), conn).await?;
        return Ok(vec![Stored::Yes; batch.len()]);
    }
    let outcomes: Vec<(Uuid, bool)> =
        RunQueryDsl::get_results(Insert::<true>(columns), conn).await?;
    let outcomes: HashMap<Uuid, bool> = outcomes.into_iter().collect();
    let outcome = |tip: &&NewTip| match outcomes.get(&tip.id) {
        Some(true) => Stored::Yes,
        Some(false) => Stored::KeyBusy,
        None => Stored::KeyTaken,
    };
    Ok(batch.iter().map(outcome).collect())
}

/// Which of these tips are stored already: asked before a batch is tried again after its answer was lost.
pub async fn stored_ids(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(tips::table
        .select(tips::id)
        .filter(tips::id.eq_any(ids))
        .load(conn)
        .await?)
}
