//! How far a background reader of the journal is behind.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;

use crate::db::Conn;
use crate::error::Result;

#[derive(QueryableByName)]
struct Oldest {
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// When the oldest entry was written that the named reader has not read; none where it has read all.
pub async fn unread_since(conn: &mut Conn, reader: &str) -> Result<Option<DateTime<Utc>>> {
    let row: Oldest = diesel::sql_query(
        "select coalesce(
            (select at from journal where position > coalesce(
                (select position from journal_consumers where name = $1), 0) order by position limit 1),
            (select at from journal_pending order by written limit 1)) as at",
    )
    .bind::<st::Text, _>(reader)
    .get_result(conn)
    .await?;
    Ok(row.at)
}
