//! SQL of dismissing a flood.

use chrono::{DateTime, Utc};
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Id;
use crate::db::Conn;
use crate::error::Result;
use crate::tips::{Visibility, list};

/// What makes many tips a flood.
pub enum FloodOf {
    /// Key of an indicator that all name.
    Indicator(Vec<u8>),
    /// One client sent them.
    Client(String),
    /// Copies of one message.
    Text(Uuid),
}

impl FloodOf {
    /// As the audit names it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Indicator(_) => "indicator",
            Self::Client(_) => "client_id",
            Self::Text(_) => "flood",
        }
    }

    const fn condition(&self) -> &'static str {
        match self {
            Self::Indicator(_) => {
                "s.tip_id = any(array(select tip_id from tip_indicators where indicator_key = $1))"
            }
            Self::Client(_) => "t.client_id = $2",
            Self::Text(_) => "s.flood_id = $3",
        }
    }

    /// In which order they go: as an index has them, so that a call reads no more than it dismisses.
    const fn order(&self) -> &'static str {
        match self {
            Self::Indicator(_) | Self::Client(_) => "s.tip_id desc",
            Self::Text(_) => "s.score, s.tip_id desc",
        }
    }
}

/// Which tips of a flood may be dismissed together.
pub struct Dismissable<'a> {
    pub of: &'a FloodOf,
    pub by: &'a str,
    pub visible: &'a Visibility,
    pub received_from: Option<DateTime<Utc>>,
    pub received_to: Option<DateTime<Utc>>,
    pub limit: i64,
    /// Whether to lock them; who is locked by another transaction is passed over.
    pub lock: bool,
    pub now: DateTime<Utc>,
}

/// Tips of a flood that nobody else works on and that are neither critical nor about a life in danger; of
/// copies the least urgent first, then the newest.
pub async fn dismissable(conn: &mut Conn, wanted: &Dismissable<'_>) -> Result<Vec<Uuid>> {
    let lock = if wanted.lock {
        "for update of s skip locked"
    } else {
        ""
    };
    let (condition, order) = (wanted.of.condition(), wanted.of.order());
    let sql = format!(
        "with wanted (k, c, f) as (values ($1::bytea, $2::text, $3::uuid))
         select s.tip_id as id from tip_states s join tips t on t.id = s.tip_id
         where {condition} and not s.test and s.restricted_at is null and s.level <> 'critical'
           and not t.in_danger_now
           and (s.status = 'received'
                or s.status = 'claimed' and (s.claimed_by = $4 or s.lease_expires_at <= $5))
           and ($6::timestamptz is null or t.received_at >= $6) and s.tip_id >= $11
           and ($7::timestamptz is null or t.received_at < $7) and s.tip_id < $12
           and ($8::text is null or s.desk = $8) and ($9::text[] is null or s.unit_code = any($9))
         order by {order} limit $10 {lock}"
    );
    let (key, client, flood) = match wanted.of {
        FloodOf::Indicator(key) => (Some(key), None, None),
        FloodOf::Client(client) => (None, Some(client), None),
        FloodOf::Text(flood) => (None, None, Some(*flood)),
    };
    let rows: Vec<Id> = diesel::sql_query(sql)
        .bind::<st::Nullable<st::Binary>, _>(key)
        .bind::<st::Nullable<st::Text>, _>(client)
        .bind::<st::Nullable<st::Uuid>, _>(flood)
        .bind::<st::Text, _>(wanted.by)
        .bind::<st::Timestamptz, _>(wanted.now)
        .bind::<st::Nullable<st::Timestamptz>, _>(wanted.received_from)
        .bind::<st::Nullable<st::Timestamptz>, _>(wanted.received_to)
        .bind::<st::Nullable<st::Text>, _>(wanted.visible.desk())
        .bind::<st::Nullable<st::Array<st::Text>>, _>(wanted.visible.units())
        .bind::<st::BigInt, _>(wanted.limit)
        .bind::<st::Uuid, _>(wanted.received_from.map_or(Uuid::nil(), list::first_id))
        .bind::<st::Uuid, _>(wanted.received_to.map_or(Uuid::max(), list::end_of_ids))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
