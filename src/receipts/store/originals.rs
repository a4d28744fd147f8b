//! SQL of the tips that duplicates repeat.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{tip_decisions as d, tip_states as s};
use crate::error::Result;

/// The tip that a duplicate repeats.
#[derive(Clone, Debug, Queryable)]
pub struct Original {
    pub tip_id: Uuid,
    pub status: String,
    pub case_id: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// Steps of a chain of duplicates; a circle of them ends as well.
const STEPS: usize = 10;

/// What a duplicate repeats; of a chain of duplicates, the tip where it ends.
pub async fn original(conn: &mut Conn, duplicate: Uuid) -> Result<Option<Original>> {
    let mut found: Option<Original> = None;
    for _ in 0..STEPS {
        let at = match &found {
            None => duplicate,
            Some(tip) if tip.status == "duplicate" => tip.tip_id,
            Some(_) => break,
        };
        let next: Option<Option<Uuid>> = d::table
            .select(d::duplicate_of)
            .filter(d::tip_id.eq(at).and(d::undone_at.is_null()))
            .order((d::decided_at.desc(), d::id.desc()))
            .first(conn)
            .await
            .optional()?;
        let Some(next) = next.flatten() else { break };
        found = s::table
            .filter(s::tip_id.eq(next))
            .select((s::tip_id, s::status, s::case_id, s::decided_at))
            .first(conn)
            .await
            .optional()?;
        if found.is_none() {
            break;
        }
    }
    Ok(found.filter(|tip| tip.tip_id != duplicate))
}
