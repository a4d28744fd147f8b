//! Indicators that come to a tip later by what an agency found, not by what the reporter said.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::intake::indicators;
use super::model::Source;
use super::store;
use crate::db::Conn;
use crate::domain::indicator::Indicator;
use crate::error::Result;
use crate::journal::{self, Actor};

/// Adds an account that a referral's answer brought, with how much went on to it, in the caller's transaction, unless it is there already.
pub async fn attach(
    conn: &mut Conn,
    tip: Uuid,
    (indicator, onward_vnd): (&Indicator, Option<i64>),
    role: &str,
    (referral, actor): (Uuid, &Actor),
    now: DateTime<Utc>,
) -> Result<()> {
    // The lock keeps the numbers of the indicators apart.
    let state = super::lock_state(conn, tip, &super::Visibility::all()).await?;
    let known = store::edge_keys(conn, tip).await?;
    let key = indicator.key();
    if known.iter().any(|(_, k, _)| k.as_deref() == Some(&key)) {
        return Ok(());
    }
    let role = Some(role.to_owned());
    let mut edge = indicators::edge(indicator, key, Source::Derived, role, now);
    edge.attributes
        .insert("onward_vnd".to_owned(), json!(onward_vnd));
    edge.ordinal = known.last().map_or(0, |(ordinal, ..)| ordinal + 1);
    store::insert_edges(conn, tip, &[edge], referral, now).await?;
    let entry = state
        .event("tip.updated", actor, now)
        .with(json!({"change": "traced", "addition": referral, "indicators": 1}));
    journal::record(conn, &[entry]).await
}
