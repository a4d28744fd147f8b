//! SQL of the numbers of open tips: kept, never counted.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;

use super::super::visibility::Visibility;
use crate::db::Conn;
use crate::error::Result;

/// Open tips of a desk and level.
#[derive(QueryableByName)]
pub struct OpenCount {
    #[diesel(sql_type = st::Text)]
    pub desk: String,
    #[diesel(sql_type = st::Text)]
    pub level: String,
    #[diesel(sql_type = st::BigInt)]
    pub tips: i64,
    #[diesel(sql_type = st::BigInt)]
    pub claimed: i64,
    #[diesel(sql_type = st::BigInt)]
    pub overdue: i64,
    #[diesel(sql_type = st::BigInt)]
    pub under_1h: i64,
    #[diesel(sql_type = st::BigInt)]
    pub under_24h: i64,
    #[diesel(sql_type = st::BigInt)]
    pub older: i64,
}

/// Open tips by desk and level; ages to the minute. What is added up and what is not yet are read in one
/// statement, so the numbers are exact; of the tips themselves only the claimed ones are looked at, and
/// there are never more of these than officers can hold.
pub async fn open_counts(
    conn: &mut Conn,
    visible: &Visibility,
    now: DateTime<Utc>,
) -> Result<Vec<OpenCount>> {
    Ok(diesel::sql_query(
        "with counted as (
            select desk, level, received_minute, due_minute, tips from open_tip_counts
            where ($2::text is null or desk = $2) and ($3::text[] is null or unit_code = any($3))
            union all
            select desk, level, received_minute, due_minute, tips from open_tip_changes
            where ($2::text is null or desk = $2) and ($3::text[] is null or unit_code = any($3))),
         claimed as (
            select desk, level, count(*) as tips from tip_states
            where status = 'claimed' and lease_expires_at > $1 and not test
              and ($2::text is null or desk = $2) and ($3::text[] is null or unit_code = any($3))
            group by desk, level)
         select o.desk, o.level, o.tips, coalesce(c.tips, 0) as claimed, o.overdue, o.under_1h,
                o.under_24h - o.under_1h as under_24h, o.tips - o.under_24h as older
         from (select desk, level, sum(tips)::bigint as tips,
                      coalesce(sum(tips) filter (where due_minute + interval '1 minute' <= $1), 0)::bigint as overdue,
                      coalesce(sum(tips) filter (where received_minute > $1 - interval '1 hour'), 0)::bigint as under_1h,
                      coalesce(sum(tips) filter (where received_minute > $1 - interval '24 hours'), 0)::bigint as under_24h
               from counted group by desk, level) o
         left join claimed c using (desk, level)
         where o.tips > 0 order by o.desk, o.level",
    )
    .bind::<st::Timestamptz, _>(now)
    .bind::<st::Nullable<st::Text>, _>(visible.desk())
    .bind::<st::Nullable<st::Array<st::Text>>, _>(visible.units())
    .load(conn)
    .await?)
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = st::BigInt)]
    changes: i64,
}

/// Adds up what has changed; returns how many changes there were.
pub async fn add_up_open(conn: &mut Conn, limit: i64) -> Result<usize> {
    // In the order of the key, so that two replicas never wait for each other.
    let taken: Taken = diesel::sql_query(
        "with taken as (
            delete from open_tip_changes where id in (
                select id from open_tip_changes order by id limit $1 for update skip locked)
            returning desk, level, unit_code, received_minute, due_minute, tips),
         added as (
            insert into open_tip_counts as c (desk, level, unit_code, received_minute, due_minute, tips)
            select desk, level, unit_code, received_minute, due_minute, sum(tips) from taken
            group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
            on conflict on constraint open_tip_counts_pkey do update set tips = c.tips + excluded.tips)
         select count(*) as changes from taken",
    )
    .bind::<st::BigInt, _>(limit)
    .get_result(conn)
    .await?;
    Ok(usize::try_from(taken.changes).unwrap_or(0))
}

/// Puts minutes together that tell nothing more, and forgets rows that have come to nothing. A minute and
/// its corrections may stand apart for a while: only their sum is ever read. Locked in the order of the key, as above.
pub async fn put_old_together(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::sql_query(
        "with over as (
            select ctid from open_tip_counts
            where tips = 0
               or received_minute <= $1 - interval '25 hours' and received_minute > '-infinity'
               or due_minute <= $1 - interval '1 hour' and due_minute > '-infinity'
            order by desk, level, unit_code, received_minute, due_minute for update),
         old as (
            delete from open_tip_counts using over where open_tip_counts.ctid = over.ctid
            returning desk, level, unit_code,
                case when received_minute <= $1 - interval '25 hours' then '-infinity' else received_minute end as received_minute,
                case when due_minute <= $1 - interval '1 hour' then '-infinity' else due_minute end as due_minute, tips)
         insert into open_tip_counts as c (desk, level, unit_code, received_minute, due_minute, tips)
         select desk, level, unit_code, received_minute, due_minute, sum(tips) from old
         group by 1, 2, 3, 4, 5 having sum(tips) <> 0 order by 1, 2, 3, 4, 5
         on conflict on constraint open_tip_counts_pkey do update set tips = c.tips + excluded.tips",
    )
    .bind::<st::Timestamptz, _>(now)
    .execute(conn)
    .await?)
}
