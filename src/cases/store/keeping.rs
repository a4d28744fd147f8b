//! What keeps a tip from being changed or deleted: its case, or a hold.

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;

#[derive(QueryableByName)]
struct Keeper {
    #[diesel(sql_type = st::Bool)]
    held: bool,
    #[diesel(sql_type = st::Bool)]
    in_case: bool,
}

/// Why a tip is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It belongs to a case.
    Case,
    /// A case that it belongs to, or belonged to, is held.
    Hold,
}

/// What keeps a tip: the hold of any case that it ever belonged to, or its case.
pub async fn keeper(conn: &mut Conn, tip: Uuid) -> Result<Option<Keep>> {
    let row: Keeper = diesel::sql_query(
        "select exists (select 1 from case_members m join case_holds h on h.case_id = m.case_id
                        where m.tip_id = $1) as held,
                exists (select 1 from tip_states where tip_id = $1 and case_id is not null) as in_case",
    )
    .bind::<st::Uuid, _>(tip)
    .get_result(conn)
    .await?;
    Ok(match row {
        Keeper { held: true, .. } => Some(Keep::Hold),
        Keeper { in_case: true, .. } => Some(Keep::Case),
        Keeper { .. } => None,
    })
}
