//! SQL of what is asked for already of accounts.

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::ReferralRow;
use crate::db::Conn;
use crate::error::Result;

/// The case that a tip belongs to.
pub async fn case_of_tip(conn: &mut Conn, tip: Uuid) -> Result<Option<Uuid>> {
    use crate::db::schema::tip_states as s;
    let case = s::table.filter(s::tip_id.eq(tip)).select(s::case_id);
    Ok(case.first(conn).await.optional()?.flatten())
}

/// Freezes of these accounts are looked at one after the other, until the transaction ends.
pub async fn lock_accounts(conn: &mut Conn, accounts: &[Vec<u8>]) -> Result<()> {
    diesel::sql_query(
        "select count(pg_advisory_xact_lock(hashtextextended('freeze ' || encode(key, 'hex'), 0)))
         from (select key from unnest($1) key order by key) k",
    )
    .bind::<st::Array<st::Binary>, _>(accounts)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = st::BigInt)]
    sum: i64,
}

/// What other freezes of these accounts ask for, or have frozen, for a tip or for a case and its tips, in đồng.
/// A hold that has run out is prolonged, not asked for again: it counts until the bank says that it is released. Of
/// a chain of renewals the last answer counts for each account.
pub async fn asked(
    conn: &mut Conn,
    row: &ReferralRow,
    (tip, case): (Option<Uuid>, Option<Uuid>),
    accounts: &[Vec<u8>],
) -> Result<i64> {
    let sum: Sum = diesel::sql_query(
        "with renewed (id, key) as (
            select n.renews, k.indicator_key from referral_renewals n
            join referrals x on x.id = n.referral_id and x.state = 'completed'
            join referral_indicators k on k.referral_id = x.id
            where k.indicator_key = any($4))
         select least(coalesce(sum(case
                    when r.state in ('sent', 'acknowledged') then coalesce(r.amount_vnd, 0)
                    else least(coalesce(r.answer_amount_vnd, 0), coalesce(
                        (select sum(ri.amount_vnd) from referral_indicators ri
                         where ri.referral_id = r.id and ri.indicator_key = any($4)
                           and (r.id, ri.indicator_key) not in (select id, key from renewed)),
                        case when r.id in (select id from renewed) then 0 else r.answer_amount_vnd end, 0)) end),
                    0), 9223372036854775807)::bigint as sum
         from referrals r
         where r.kind = 'freeze_funds' and r.id <> $1
           and (r.state = 'completed' or r.state in ('sent', 'acknowledged')
                and not exists (select from referral_renewals n where n.referral_id = r.id))
           and (r.tip_id = $2 or r.case_id = $3 or r.tip_id in (
                select m.tip_id from case_members m where m.case_id = $3 and m.removed_at is null))
           and exists (select 1 from referral_indicators ri
                       where ri.referral_id = r.id and ri.indicator_key = any($4))",
    )
    .bind::<st::Uuid, _>(row.id)
    .bind::<st::Nullable<st::Uuid>, _>(tip)
    .bind::<st::Nullable<st::Uuid>, _>(case)
    .bind::<st::Array<st::Binary>, _>(accounts)
    .get_result(conn)
    .await?;
    Ok(sum.sum)
}
