//! SQL of what became of earlier tips from a device.

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;

// Shown as it is, so it has the words of the document.
/// What became of earlier tips from one device: the last 50 of them. It names neither the device nor its owner.
/// Of what is decided, `accepted`, `transferred` and `duplicate` were hits and `dismissed` was none; what is in
/// none of them is open or was withdrawn.
#[derive(Debug, Serialize, ToSchema, QueryableByName)]
pub struct DeviceHistory {
    /// Tips sent, 0 to 50.
    #[schema(example = 14)]
    #[diesel(sql_type = st::BigInt)]
    pub sent: i64,
    /// Accepted among them.
    #[schema(example = 9)]
    #[diesel(sql_type = st::BigInt)]
    pub accepted: i64,
    /// Transferred to another body among them.
    #[schema(example = 1)]
    #[diesel(sql_type = st::BigInt)]
    pub transferred: i64,
    /// Among them what had been told before.
    #[schema(example = 1)]
    #[diesel(sql_type = st::BigInt)]
    pub duplicate: i64,
    /// Dismissed among them.
    #[schema(example = 1)]
    #[diesel(sql_type = st::BigInt)]
    pub dismissed: i64,
}

/// What became of earlier tips from the devices of some tips that came by a device's token.
pub async fn device_histories(
    conn: &mut Conn,
    tips: &[Uuid],
) -> Result<impl Iterator<Item = (Uuid, DeviceHistory)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = st::Uuid)]
        tip_id: Uuid,
        #[diesel(embed)]
        history: DeviceHistory,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "select t.id as tip_id, count(s.tip_id) as sent, count(*) filter (where s.status = 'accepted') as accepted,
                count(*) filter (where s.status = 'transferred') as transferred,
                count(*) filter (where s.status = 'duplicate') as duplicate,
                count(*) filter (where s.status = 'dismissed') as dismissed
         from tips t
         left join lateral (select o.id from tips o where o.device_id = t.device_id and o.id < t.id and not o.test
                            order by o.id desc limit 50) o on true
         left join tip_states s on s.tip_id = o.id
         where t.id = any($1)
         group by t.id",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tip_id, row.history)))
}
