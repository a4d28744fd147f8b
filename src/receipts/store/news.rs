//! SQL of what came of a tip, as its reporter may read it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;

/// News of a tip.
#[derive(Clone, Debug, QueryableByName)]
pub struct NewsRow {
    #[diesel(sql_type = st::Text)]
    pub code: String,
    #[diesel(sql_type = st::Nullable<st::BigInt>)]
    pub amount_vnd: Option<i64>,
    #[diesel(sql_type = st::Timestamptz)]
    pub at: DateTime<Utc>,
    /// When the freeze ends that it is of.
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    pub until: Option<DateTime<Utc>>,
}

/// What the reporter of a tip may read, oldest first. Of a freeze that was prolonged the news of the renewal say
/// what is held: it is not told twice.
pub async fn news(conn: &mut Conn, tip: Uuid) -> Result<Vec<NewsRow>> {
    Ok(diesel::sql_query(
        "select n.code, n.amount_vnd - coalesce(x.renewed_vnd, 0)::bigint as amount_vnd, n.at, r.expires_at as until
         from reporter_news n
         left join referrals r on r.id = n.referral_id and r.kind = 'freeze_funds' and r.answer_amount_vnd > 0
         left join lateral (
            select sum(i.amount_vnd) filter (where w.renewed) as renewed_vnd, bool_or(w.renewed) as some,
                   bool_and(w.renewed) filter (where i.amount_vnd > 0 or a.unknown) as whole
            from referral_indicators i
            cross join lateral (
                select exists (
                    select from referral_renewals l
                    join referrals n on n.id = l.referral_id and n.state = 'completed'
                    join referral_indicators k on k.referral_id = n.id and k.indicator_key = i.indicator_key
                    where l.renews = r.id) as renewed) w
            cross join lateral (
                select not exists (select from referral_indicators o
                                   where o.referral_id = r.id and o.amount_vnd > 0) as unknown) a
            where i.referral_id = r.id and i.outcome in ('frozen', 'partly_frozen')) x on true
         where n.tip_id = $1 and not coalesce(x.some and x.whole, false)
         order by n.id",
    )
    .bind::<st::Uuid, _>(tip)
    .load(conn)
    .await?)
}
