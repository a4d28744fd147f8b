//! SQL of tips that join or leave cases, however many at once. All lock them in the order of their ids, so that two
//! officers cannot block each other.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::super::visibility::Visibility;
use super::read::TipState;
use crate::db::Conn;
use crate::db::schema::tip_states as s;
use crate::error::Result;

/// Those of some tips that a bearer may see, locked until the transaction ends.
pub async fn lock_states(
    conn: &mut Conn,
    ids: &[Uuid],
    visible: &Visibility,
) -> Result<Vec<TipState>> {
    let locked: Vec<Uuid> = s::table
        .select(s::tip_id)
        .filter(s::tip_id.eq_any(ids))
        .order(s::tip_id)
        .for_update()
        .load(conn)
        .await?;
    // Looked at once nobody changes them any more: one may just have been handed over.
    Ok(visible
        .confine(s::table.into_boxed())
        .filter(s::tip_id.eq_any(locked))
        .order(s::tip_id)
        .select(TipState::as_select())
        .load(conn)
        .await?)
}

/// Accepts locked tips into a case.
pub async fn accept_into(
    conn: &mut Conn,
    ids: &[Uuid],
    case: Uuid,
    at: DateTime<Utc>,
) -> Result<()> {
    diesel::sql_query(
        "update tip_states set status = 'accepted', claimed_by = null, lease_expires_at = null, case_id = $2,
                decided_at = $3, classified_at = coalesce(classified_at, $3), version = version + 1, updated_at = $3
         where tip_id = any($1)",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::Uuid, _>(case)
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts locked tips that were in a case back into the queue; they are to be classified again.
pub async fn put_back(conn: &mut Conn, ids: &[Uuid], at: DateTime<Utc>) -> Result<()> {
    keep_first_classification(conn, ids).await?;
    diesel::sql_query(
        "update tip_states set status = 'received', case_id = null, decided_at = null,
                passed_on_at = case when commune is not null then coalesce(passed_on_at, classified_at)
                                    else passed_on_at end,
                classified_at = null, due_at = $2 + interval '24 hours',
                unclaimed_since = case when status <> 'received' then $2 else unclaimed_since end,
                version = version + 1, updated_at = $2
         where tip_id = any($1)",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps when tips that come back were classified the first time, for the figures.
pub async fn keep_first_classification(conn: &mut Conn, ids: &[Uuid]) -> Result<()> {
    diesel::sql_query(
        "insert into first_classifications (tip_id, due_at, at)
         select tip_id, due_at, classified_at from tip_states
         where tip_id = any($1) and classified_at is not null and due_at is not null
         on conflict (tip_id) do nothing",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves tips from one case to another.
pub async fn move_to(conn: &mut Conn, ids: &[Uuid], case: Uuid, at: DateTime<Utc>) -> Result<()> {
    diesel::sql_query(
        "with locked as materialized
            (select tip_id from tip_states where tip_id = any($1) order by tip_id for update)
         update tip_states s set case_id = $2, updated_at = $3 from locked l where s.tip_id = l.tip_id",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::Uuid, _>(case)
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}
