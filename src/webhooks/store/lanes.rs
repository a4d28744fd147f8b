//! SQL of the lanes: which subject of which webhook is due, and who sends.
//!
//! Whoever adds a delivery touches its lane afterwards, whoever ends one locks its lane before; so a
//! lane is never closed over a delivery that was just added.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{webhook_deliveries as d, webhook_lanes as l};
use crate::error::Result;
use crate::webhooks::sender::Attempt;

/// Opens lanes; one that is open keeps its time.
pub async fn open(conn: &mut Conn, lanes: &[(Uuid, &str)], now: DateTime<Utc>) -> Result<()> {
    let (webhooks, subjects): (Vec<Uuid>, Vec<&str>) = lanes.iter().copied().unzip();
    // The update changes nothing but waits for a transaction that is about to close the lane.
    diesel::sql_query(
        "insert into webhook_lanes (webhook_id, subject, due_at)
         select webhook_id, subject, $3 from unnest($1, $2) as t (webhook_id, subject)
         on conflict (webhook_id, subject) do update set due_at = webhook_lanes.due_at",
    )
    .bind::<st::Array<st::Uuid>, _>(webhooks)
    .bind::<st::Array<st::Text>, _>(subjects)
    .bind::<st::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes one lane, or all of a webhook, due now, but for those that are being sent.
pub async fn wake(
    conn: &mut Conn,
    webhook: Uuid,
    subject: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::sql_query(
        "update webhook_lanes set due_at = $3
         where webhook_id = $1 and ($2 is null or subject = $2) and lease is null and due_at > $3",
    )
    .bind::<st::Uuid, _>(webhook)
    .bind::<st::Nullable<st::Text>, _>(subject)
    .bind::<st::Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// What a claim takes at most.
pub struct Wanted<'a> {
    /// Lanes in all.
    pub lanes: i64,
    /// Lanes of one webhook, those under way included.
    pub each: i64,
    /// The webhook of each lane under way.
    pub busy: &'a [Uuid],
}

#[derive(QueryableByName)]
struct LaneKey {
    #[diesel(sql_type = st::Uuid)]
    webhook_id: Uuid,
    #[diesel(sql_type = st::Text)]
    subject: String,
}

/// The first delivery of a lane that this replica has leased.
#[derive(QueryableByName)]
pub struct Leased {
    #[diesel(sql_type = st::Uuid)]
    pub webhook_id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub subject: String,
    #[diesel(sql_type = st::Text)]
    pub url: String,
    #[diesel(sql_type = st::Binary)]
    pub secret: Vec<u8>,
    #[diesel(sql_type = st::Nullable<st::Binary>)]
    pub previous_secret: Option<Vec<u8>>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    pub previous_secret_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Uuid)]
    pub event_id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub body: String,
    #[diesel(sql_type = st::Integer)]
    pub attempts: i32,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    pub first_attempt_at: Option<DateTime<Utc>>,
}

/// Leases the lanes that have waited longest, some of each webhook, and returns their deliveries.
///
/// To be run in a transaction: the second statement must see what was committed before the first
/// had its locks.
pub async fn lease(
    conn: &mut Conn,
    wanted: &Wanted<'_>,
    token: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Leased>> {
    let lanes: Vec<LaneKey> = diesel::sql_query(
        "with due as (
            select l.webhook_id, l.subject from webhooks w
            cross join lateral (
                select webhook_id, subject, due_at from webhook_lanes
                where webhook_id = w.id and due_at <= $1
                order by due_at
                limit greatest(0, $4 - (select count(*) from unnest($5) as b (id) where b.id = w.id))
                for update skip locked) l
            where w.enabled
            order by l.due_at limit $6)
         update webhook_lanes l set lease = $2, due_at = $3 from due
         where l.webhook_id = due.webhook_id and l.subject = due.subject
         returning l.webhook_id, l.subject",
    )
    .bind::<st::Timestamptz, _>(now)
    .bind::<st::Uuid, _>(token)
    .bind::<st::Timestamptz, _>(until)
    .bind::<st::BigInt, _>(wanted.each)
    .bind::<st::Array<st::Uuid>, _>(wanted.busy)
    .bind::<st::BigInt, _>(wanted.lanes)
    .load(conn)
    .await?;
    if lanes.is_empty() {
        return Ok(Vec::new());
    }
    let (webhooks, subjects): (Vec<Uuid>, Vec<&str>) = lanes
        .iter()
        .map(|lane| (lane.webhook_id, lane.subject.as_str()))
        .unzip();
    let heads: Vec<Leased> = diesel::sql_query(
        "select w.id as webhook_id, l.subject, w.url, w.secret, w.previous_secret, w.previous_secret_until,
                d.id, d.event_id, d.body, d.attempts, d.first_attempt_at
         from unnest($1, $2) as l (webhook_id, subject)
         join webhooks w on w.id = l.webhook_id
         cross join lateral (
            select * from webhook_deliveries
            where webhook_id = l.webhook_id and subject = l.subject and state = 'pending'
            order by position limit 1) d",
    )
    .bind::<st::Array<st::Uuid>, _>(&webhooks)
    .bind::<st::Array<st::Text>, _>(&subjects)
    .load(conn)
    .await?;
    for lane in &lanes {
        let empty = !heads
            .iter()
            .any(|head| head.webhook_id == lane.webhook_id && head.subject == lane.subject);
        if empty {
            close_or_go_on(conn, lane.webhook_id, &lane.subject, now).await?;
        }
    }
    Ok(heads)
}

/// What follows an attempt.
pub enum After {
    /// The receiver has it.
    Delivered,
    /// It is given up.
    Dead,
    /// It is tried again then.
    Again(DateTime<Utc>),
}

/// Notes an attempt and frees the lane; `false` where the lease was lost meanwhile, and then nothing
/// is changed.
pub async fn finish(
    conn: &mut Conn,
    sent: &Leased,
    token: Uuid,
    attempt: Attempt,
    after: &After,
    now: DateTime<Utc>,
) -> Result<bool> {
    let held: Option<Uuid> = l::table
        .select(l::webhook_id)
        .filter(l::webhook_id.eq(sent.webhook_id))
        .filter(l::subject.eq(&sent.subject))
        .filter(l::lease.eq(token))
        .for_update()
        .first(conn)
        .await
        .optional()?;
    if held.is_none() {
        return Ok(false);
    }
    let (state, next) = match after {
        After::Delivered => ("delivered", None),
        After::Dead => ("dead", None),
        After::Again(at) => ("pending", Some(*at)),
    };
    diesel::update(d::table.filter(d::id.eq(sent.id)))
        .set((
            d::state.eq(state),
            d::attempts.eq(d::attempts + 1),
            d::first_attempt_at.eq(sent.first_attempt_at.unwrap_or(now)),
            d::last_attempt_at.eq(now),
            d::next_attempt_at.eq(next),
            d::response_code.eq(attempt.code.and_then(|code| i16::try_from(code).ok())),
            d::error.eq(attempt.error),
        ))
        .execute(conn)
        .await?;
    match next {
        None => close_or_go_on(conn, sent.webhook_id, &sent.subject, now).await?,
        Some(at) => {
            diesel::update(l::table.find((sent.webhook_id, &sent.subject)))
                .set((l::lease.eq(None::<Uuid>), l::due_at.eq(at)))
                .execute(conn)
                .await?;
        }
    }
    Ok(true)
}

/// Makes a lane that the transaction has locked due now, or closes it where nothing is pending.
async fn close_or_go_on(
    conn: &mut Conn,
    webhook: Uuid,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let pending = d::table.filter(
        d::webhook_id
            .eq(webhook)
            .and(d::subject.eq(subject))
            .and(d::state.eq("pending")),
    );
    let more: bool = diesel::select(diesel::dsl::exists(pending))
        .get_result(conn)
        .await?;
    if more {
        diesel::update(l::table.find((webhook, subject)))
            .set((l::lease.eq(None::<Uuid>), l::due_at.eq(now)))
            .execute(conn)
            .await?;
    } else {
        diesel::delete(l::table.find((webhook, subject)))
            .execute(conn)
            .await?;
    }
    Ok(())
}
