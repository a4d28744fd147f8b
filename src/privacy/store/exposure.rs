//! SQL of the exposure list: the reads of the journal, unfolded to the tips that were seen.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;

/// Entries by which somebody saw data of the tip that they are about.
const ON_TIP: [&str; 16] = [
    "attachment.read",
    "attachments.listed",
    "attachment.revealed",
    "messages.read",
    "notes.read",
    "notices.read",
    "personal_data.revealed",
    "potential_victims.revealed",
    "related.read",
    "reporter.matched",
    "reporter.revealed",
    "submission.read",
    "submission.revealed",
    "timeline.read",
    "tip.claimed",
    "tip.read",
];
/// Entries that list the tips that were seen in `ids`, or name them by their `numbers`, or are about
/// cases with tips or about referrals of tips, or about indicators of tips, or about exports, of which
/// every tip in their period may have been read; and requests of reporters, whose answers show what the
/// reporter wrote.
const UNFOLDED: [&str; 24] = [
    "border.brokers_read",
    "case.suggestions_read",
    "export.read",
    "indicator.read",
    "privacy.acknowledged",
    "privacy.decided",
    "privacy.extended",
    "privacy.lifted",
    "privacy.listed",
    "privacy.read",
    "tip.listed",
    "register.read",
    "case.read",
    "case.listed",
    "referral.read",
    "referral.listed",
    // Who issues, takes back or answers is shown the referral as well; what the service does is nobody's reading.
    "referral.sent",
    "referral.recalled",
    "referral.discarded",
    "referral.answer_recorded",
    "referral.acknowledged",
    "referral.completed",
    "referral.declined",
    "referral.updated",
];

/// What one reader saw of one tip.
#[derive(QueryableByName)]
pub struct ExposureRow {
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub number: Option<String>,
    #[diesel(sql_type = st::Text)]
    pub reader: String,
    #[diesel(sql_type = st::Text)]
    pub client_id: String,
    #[diesel(sql_type = st::Array<st::Text>)]
    pub kinds: Vec<String>,
    #[diesel(sql_type = st::Timestamptz)]
    pub first_at: DateTime<Utc>,
    #[diesel(sql_type = st::Timestamptz)]
    pub last_at: DateTime<Utc>,
    #[diesel(sql_type = st::BigInt)]
    pub count: i64,
}

/// Which reads are wanted.
pub struct Wanted<'a> {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub actor: Option<&'a str>,
    pub client_id: Option<&'a str>,
    pub tip: Option<Uuid>,
    pub after: Option<(Uuid, String, String)>,
    pub limit: i64,
}

/// One page by tip, reader and client, and one row more where there is more.
pub async fn page(conn: &mut Conn, wanted: &Wanted<'_>) -> Result<Vec<ExposureRow>> {
    let kinds: Vec<&str> = ON_TIP.iter().chain(&UNFOLDED).copied().collect();
    let (tip, actor, client) = match &wanted.after {
        None => (None, None, None),
        Some((tip, actor, client)) => (Some(*tip), Some(actor.as_str()), Some(client.as_str())),
    };
    Ok(diesel::sql_query(
        "with entries as (
            select at, type, actor, client_id, subject_kind, subject_id, data from journal
            where at >= $1 and at < $2 and type = any($3) and client_id <> ''
              and ($4::text is null or actor = $4) and ($5::text is null or client_id = $5)),
         reads as (
            select subject_id as tip_id, at, type, actor, client_id
            from entries where subject_kind = 'tip'
            union all
            select i.id::uuid, at, type, actor, client_id
            from entries cross join lateral jsonb_array_elements_text(data -> 'ids') i (id)
            where type in ('tip.listed', 'reporter.matched', 'related.read', 'case.suggestions_read')
            union all
            -- Of a case, page by page.
            select i.id::uuid, at, type, actor, client_id
            from entries cross join lateral jsonb_array_elements_text(data -> 'tips') i (id)
            where type = 'notices.read' and subject_kind = 'case'
            union all
            select l.tip_id, e.at, e.type, e.actor, e.client_id
            from entries e cross join lateral jsonb_array_elements_text(e.data -> 'ids') i (id)
            join indicators n on n.id = i.id::uuid
            join tip_indicators l on l.indicator_key = n.key
            join tips t on t.id = l.tip_id and t.received_at <= e.at
            where e.type = 'border.brokers_read'
            union all
            -- The names of account holders are the data of whoever told them.
            select l.tip_id, e.at, e.type, e.actor, e.client_id
            from entries e
            join indicators n on n.id = e.subject_id
            join tip_indicators l on l.indicator_key = n.key and l.attributes ? 'holder_name'
            join tips t on t.id = l.tip_id and t.received_at <= e.at
            where e.type = 'indicator.read'
            union all
            select t.id, e.at, e.type, e.actor, e.client_id
            from entries e join tips t on t.received_at <= e.at and not t.test
                and ((e.data ->> 'from') is null or t.received_at >= (e.data ->> 'from')::timestamptz)
                and ((e.data ->> 'to') is null or t.received_at < (e.data ->> 'to')::timestamptz)
            where e.type = 'export.read' and e.data ->> 'export' = 'tips'
            union all
            select r.tip_id, e.at, e.type, e.actor, e.client_id
            from entries e cross join lateral jsonb_array_elements_text(e.data -> 'numbers') n (number)
            join register r on r.number = n.number
            where e.type = 'register.read'
            union all
            select (data ->> 'tip_id')::uuid, at, type, actor, client_id
            from entries where subject_kind = 'privacy_request' and data ->> 'tip_id' is not null
            union all
            select i.id::uuid, at, type, actor, client_id
            from entries cross join lateral jsonb_array_elements_text(data -> 'tip_ids') i (id)
            where type = 'privacy.listed'
            union all
            select m.tip_id, e.at, e.type, e.actor, e.client_id
            from entries e
            cross join lateral (
                select e.subject_id as id where e.type = 'case.read'
                union all
                select i.id::uuid from jsonb_array_elements_text(e.data -> 'ids') i (id)
                where e.type = 'case.listed') c
            join case_members m on m.case_id = c.id
                and m.added_at <= e.at and (m.removed_at is null or m.removed_at > e.at)
            where e.type in ('case.read', 'case.listed')
            union all
            select coalesce(f.tip_id, m.tip_id), e.at, e.type, e.actor, e.client_id
            from entries e
            cross join lateral (
                select e.subject_id as id where e.type <> 'referral.listed'
                union all
                select i.id::uuid from jsonb_array_elements_text(e.data -> 'ids') i (id)
                where e.type = 'referral.listed') c
            join referrals f on f.id = c.id
            -- One for a case shows what its tips lost.
            left join case_members m on f.tip_id is null and m.case_id = f.case_id
                and m.added_at <= e.at and (m.removed_at is null or m.removed_at > e.at)
            where (e.subject_kind = 'referral' or e.type = 'referral.listed') and coalesce(f.tip_id, m.tip_id) is not null),
         page as (
            select tip_id, actor, client_id, array_agg(distinct type order by type) as kinds,
                   min(at) as first_at, max(at) as last_at, count(*) as count
            from reads
            where ($6::uuid is null or tip_id = $6)
              and ($7::uuid is null or (tip_id, actor, client_id) > ($7, $8, $9))
            group by tip_id, actor, client_id order by tip_id, actor, client_id limit $10)
         select p.tip_id, r.number, p.actor as reader, p.client_id, p.kinds, p.first_at, p.last_at, p.count
         from page p left join register r on r.tip_id = p.tip_id
         order by p.tip_id, p.actor, p.client_id",
    )
    .bind::<st::Timestamptz, _>(wanted.from)
    .bind::<st::Timestamptz, _>(wanted.to)
    .bind::<st::Array<st::Text>, _>(kinds)
    .bind::<st::Nullable<st::Text>, _>(wanted.actor)
    .bind::<st::Nullable<st::Text>, _>(wanted.client_id)
    .bind::<st::Nullable<st::Uuid>, _>(wanted.tip)
    .bind::<st::Nullable<st::Uuid>, _>(tip)
    .bind::<st::Nullable<st::Text>, _>(actor)
    .bind::<st::Nullable<st::Text>, _>(client)
    .bind::<st::BigInt, _>(wanted.limit + 1)
    .load(conn)
    .await?)
}
