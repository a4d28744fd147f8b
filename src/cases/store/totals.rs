//! SQL of what the tips of cases add up to.

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;

/// Sums over the tips of cases.
#[derive(QueryableByName, Clone, Debug, Default)]
pub struct Totals {
    #[diesel(sql_type = st::Uuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = st::BigInt)]
    pub tips: i64,
    #[diesel(sql_type = st::BigInt)]
    pub victims: i64,
    #[diesel(sql_type = st::BigInt)]
    pub losses_vnd: i64,
    /// What banks froze by referrals of the case and of its tips.
    #[diesel(sql_type = st::BigInt)]
    pub recovered_vnd: i64,
    #[diesel(sql_type = st::Array<st::Uuid>)]
    pub tip_ids: Vec<Uuid>,
}

macro_rules! recovered {
    ($only:literal) => {
        concat!(
            "least((select coalesce(sum(coalesce(f.counted_vnd, r.answer_amount_vnd)), 0) from case_members x
      join referrals r on r.tip_id = x.tip_id and r.kind = 'freeze_funds'
      left join freeze_counts f on f.referral_id = r.id
      where x.case_id = c.id and x.removed_at is null",
            $only,
            ")
     + (with recursive taken (id) as (
          select c.id union select o.id from cases o join taken on o.merged_into = taken.id)
        select coalesce(sum(coalesce(f.counted_vnd, r.answer_amount_vnd)), 0) from taken
        join referrals r on r.case_id = taken.id
        left join freeze_counts f on f.referral_id = r.id
        where r.tip_id is null and r.kind = 'freeze_funds'), 9223372036854775807)::bigint"
        )
    };
}

/// What banks froze, by the last answer for each account, by referrals of a case `c`, of its tips, and of the cases
/// that it took over with those that these had taken over before, in đồng.
pub const RECOVERED: &str = recovered!("");

/// The same of those of its tips that lie in the communes `$2`, where these are given.
const RECOVERED_WITHIN: &str = recovered!(
    " and ($2::text[] is null
           or exists (select from tip_states s where s.tip_id = x.tip_id and s.unit_code = any($2)))"
);

/// Totals of some cases, of the tips in these communes where such are given; at most 200 tip ids each.
pub async fn totals(
    conn: &mut Conn,
    ids: &[Uuid],
    communes: Option<&[String]>,
) -> Result<Vec<Totals>> {
    let sql = format!(
        "select c.id as case_id, count(t.id) as tips,
                count(t.id) filter (where coalesce(t.details #>> '{{victim,relation}}', '') <> 'no_victim' and t.loss_vnd > 0) as victims,
                least(coalesce(sum(t.loss_vnd), 0), 9223372036854775807)::bigint as losses_vnd,
                {RECOVERED_WITHIN} as recovered_vnd,
                coalesce((array_agg(m.tip_id order by m.added_at, m.tip_id) filter (where m.tip_id is not null))[1:200], '{{}}') as tip_ids
         from cases c
         left join case_members m on m.case_id = c.id and m.removed_at is null
              and ($2::text[] is null
                   or exists (select from tip_states s where s.tip_id = m.tip_id and s.unit_code = any($2)))
         left join tips t on t.id = m.tip_id
         where c.id = any($1) group by c.id"
    );
    Ok(diesel::sql_query(sql)
        .bind::<st::Array<st::Uuid>, _>(ids)
        .bind::<st::Nullable<st::Array<st::Text>>, _>(communes)
        .load(conn)
        .await?)
}
