//! SQL of tips whose traces leave the register, as officers have decided: it is no matter of the border, or nothing
//! happened.

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::tip_states;
use crate::domain::case_flow::is_no_act;
use crate::error::Result;

/// The tips of some cases.
pub async fn tips_of(conn: &mut Conn, cases: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(tip_states::table
        .filter(tip_states::case_id.eq_any(cases))
        .select(tip_states::tip_id)
        .load(conn)
        .await?)
}

/// What officers have decided on a tip.
#[derive(QueryableByName)]
struct Decided {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
    /// Their methods are given, and none of them is of the border.
    #[diesel(sql_type = st::Bool)]
    other_matter: bool,
    /// The ground on which its case was not prosecuted, if that was decided last.
    #[diesel(sql_type = st::Nullable<st::Text>)]
    not_prosecuted_on: Option<String>,
}

/// Those of some tips that are a matter of the border, and not about an act that was none.
pub async fn staying(conn: &mut Conn, tips: &[Uuid], methods: &[String]) -> Result<Vec<Uuid>> {
    let decided: Vec<Decided> = diesel::sql_query(
        "select s.tip_id as id,
                cardinality(array_remove(s.methods, null)) > 0 and not s.methods && $2 as other_matter,
                case when last.act = 'not_prosecuted' then last.legal_basis end as not_prosecuted_on
         from tip_states s left join lateral (
            select act, legal_basis from case_acts
            where case_id = s.case_id and act in ('prosecuted', 'not_prosecuted')
            order by at desc, id desc limit 1) last on true
         where s.tip_id = any($1) and (s.methods && $2 or exists (
            select 1 from tips t where t.id = s.tip_id and t.method = any($2)))",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Array<st::Text>, _>(methods)
    .load(conn)
    .await?;
    let out =
        |tip: &Decided| tip.other_matter || tip.not_prosecuted_on.as_deref().is_some_and(is_no_act);
    let staying = decided.into_iter().filter(|tip| !out(tip));
    Ok(staying.map(|tip| tip.id).collect())
}
