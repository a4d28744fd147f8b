//! SQL of reporters whom no notice reaches. Which fields an identity has is known without opening it; what they say is not.

use std::collections::HashSet;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::filtered::NOTICE_OWED;
use crate::db::Conn;
use crate::db::schema::tip_states as s;
use crate::error::Result;

/// Of a tip whose reporter gave an identity, but neither phone nor e-mail nor address, and by whose receipt nobody has
/// ever come, or can come any more. The first line is in the words of a partial index.
pub(super) const NO_CHANNEL: &str = "tip_id in (
        select r.tip_id from reporter_identities r where not r.fields ?| array['phone', 'email', 'address'])
    and not exists (
        select from receipts x
        where x.tip_id = tip_states.tip_id and x.withdrawn_at is null
          and (exists (select from journal j where j.subject_id = x.tip_id and j.actor = 'reporter')
            or exists (select from journal_pending p where p.subject_id = x.tip_id and p.actor = 'reporter')))";

/// Those of some tips whose reporters are owed a notice that reaches them in no way.
pub async fn without_channel(conn: &mut Conn, tips: &[Uuid]) -> Result<HashSet<Uuid>> {
    if tips.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<Uuid> = s::table
        .filter(s::tip_id.eq_any(tips))
        .filter(sql::<Bool>(NO_CHANNEL))
        .filter(sql::<Bool>(NOTICE_OWED))
        .select(s::tip_id)
        .load(conn)
        .await?;
    Ok(found.into_iter().collect())
}
