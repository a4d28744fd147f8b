//! SQL of what agencies did about an indicator.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{referral_indicators as ri, referral_renewals as rr, referrals as r};
use crate::error::Result;

/// How many are shown.
const NEWEST: i64 = 20;

/// A referral as far as one indicator is concerned.
#[derive(Queryable)]
pub struct MeasureRow {
    pub referral_id: Uuid,
    pub kind: String,
    pub agency: String,
    pub state: String,
    pub outcome: Option<String>,
    pub amount_vnd: Option<i64>,
    pub answered_at: Option<DateTime<Utc>>,
    pub sent_at: Option<DateTime<Utc>>,
    pub reopened: i32,
    pub renews: Option<Uuid>,
}

/// The newest referrals about an indicator that left the house.
pub async fn measures(conn: &mut Conn, key: &[u8]) -> Result<Vec<MeasureRow>> {
    Ok(ri::table
        .inner_join(r::table)
        .left_join(rr::table.on(rr::referral_id.eq(r::id)))
        .filter(ri::indicator_key.eq(key))
        .filter(r::sent_at.is_not_null())
        .order(r::id.desc())
        .limit(NEWEST)
        .select((
            r::id,
            r::kind,
            r::agency,
            r::state,
            ri::outcome,
            ri::amount_vnd,
            ri::answered_at,
            r::sent_at,
            r::reopened,
            rr::renews.nullable(),
        ))
        .load(conn)
        .await?)
}
