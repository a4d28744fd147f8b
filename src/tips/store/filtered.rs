//! What the filters of a list come to in SQL.

use diesel::dsl::{exists, select, sql};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::super::filters::{Wanted, end_of_ids, first_id, indicator_key};
use super::super::visibility::Visibility;
use super::super::words::{Search, Words};
use super::channel::NO_CHANNEL;
use super::unread::UNREAD;
use crate::db::Conn;
use crate::db::schema::tip_states as s;
use crate::domain::number::Numbered;
use crate::error::Result;
use crate::reference::Reference;

/// Of a tip whose reporter gave an identity: the reception is not told yet, or the tip's own result, or that of the case
/// to which it or the tip that it repeats belongs, or a suspension or resumption of that case.
pub(super) const NOTICE_OWED: &str = "exists (select from tips t where t.id = tip_id and not t.anonymous)
    and (reception_told_at is null
      or status in ('dismissed', 'duplicate') and coalesce(result_told_at < decided_at, true)
      or status in ('accepted', 'duplicate') and exists (
        with recursive original (id, steps) as (
            select tip_states.tip_id, 0
            union all
            select d.duplicate_of, o.steps + 1 from original o
            cross join lateral (
                select duplicate_of from tip_decisions
                where tip_id = o.id and undone_at is null order by decided_at desc, id desc limit 1) d
            where o.steps < 10 and d.duplicate_of is not null
              and exists (select from tip_states y where y.tip_id = o.id and y.status = 'duplicate'))
        select from original o
        join tip_states x on x.tip_id = o.id
        left join case_acts a on x.status = 'accepted' and a.case_id = x.case_id
             and a.act in ('prosecuted', 'not_prosecuted', 'suspended', 'resumed')
        left join process_notices n on n.tip_id = tip_states.tip_id
             and n.code = case a.act when 'suspended' then 'send_suspension_reporter'
                                     when 'resumed' then 'notify_resumption' end
        where case when a.act in ('suspended', 'resumed') then a.recorded_at >= tip_states.decided_at
                        and coalesce(n.told_at < greatest(a.at, tip_states.decided_at), true)
              else (a.at is not null or x.status = 'dismissed')
                        and coalesce(tip_states.result_told_at
                              < greatest(coalesce(a.at, x.decided_at), tip_states.decided_at), true) end))";

/// Whether there are tips of a method, the reporter's or the officer's.
pub async fn has_of_method(conn: &mut Conn, code: &str) -> Result<bool> {
    let named = s::method
        .eq(code)
        .assume_not_null()
        .or(s::methods.contains(vec![Some(code)]));
    Ok(select(exists(s::table.filter(named)))
        .get_result(conn)
        .await?)
}

/// Whether there are tips of a desk.
pub async fn has_of_desk(conn: &mut Conn, code: &str) -> Result<bool> {
    let of_desk = s::table.filter(s::desk.eq(code));
    Ok(select(exists(of_desk)).get_result(conn).await?)
}

/// Whether there are tips from a commune or ward.
pub async fn has_of_unit(conn: &mut Conn, code: &str) -> Result<bool> {
    let of_unit = s::table.filter(s::unit_code.eq(code));
    Ok(select(exists(of_unit)).get_result(conn).await?)
}

/// A query on the states of tips.
pub type Query<'a> = s::BoxedQuery<'a, diesel::pg::Pg>;

/// `None` where nothing can match.
pub fn filtered<'a>(
    visible: &Visibility,
    reference: &Reference,
    wanted: &Wanted<'a>,
) -> Option<Query<'a>> {
    let query = besides_indicator(visible, reference, wanted);
    Some(match &wanted.filters.indicator {
        Some(written) => naming(query, indicator_key(reference, written)?),
        None => query,
    })
}

/// Starts from the tips that name an indicator: their number is the most that it can cost. Left to choose, the
/// planner walks an order to meet them, past all others where they wait no more.
pub fn naming(query: Query<'_>, key: Vec<u8>) -> Query<'_> {
    query.filter(
        sql::<Bool>("tip_id = any(array(select tip_id from tip_indicators where indicator_key = ")
            .bind::<Binary, _>(key)
            .sql("))"),
    )
}

/// All filters but the indicator.
pub fn besides_indicator<'a>(
    visible: &Visibility,
    reference: &Reference,
    wanted: &Wanted<'a>,
) -> Query<'a> {
    let f = wanted.filters;
    let mut query = visible
        .confine(s::table.into_boxed())
        .filter(s::test.eq(false));
    match f.status.as_deref() {
        Some("received") => {
            query = query.filter(
                s::status.eq("received").or(s::status
                    .eq("claimed")
                    .and(s::lease_expires_at.le(wanted.now))),
            );
        }
        Some("claimed") => {
            query = query
                .filter(s::status.eq("claimed"))
                .filter(s::lease_expires_at.gt(wanted.now));
        }
        Some(status) => query = query.filter(s::status.eq(status)),
        // The very words of the partial indexes, or they are not used.
        None if wanted.open_only => {
            query = query.filter(sql::<Bool>(
                "status in ('received', 'claimed', 'info_requested')",
            ));
        }
        None => {}
    }
    if let Some(desk) = &f.desk {
        query = query.filter(s::desk.eq(desk));
    }
    if let Some(level) = &f.priority {
        query = query.filter(s::level.eq(level));
    }
    if let Some(method) = &f.method {
        query = query.filter(
            s::method
                .eq(method)
                .or(s::methods.contains(vec![Some(method)])),
        );
    }
    if let Some(unit) = &f.unit {
        query = query.filter(s::unit_code.eq(unit));
    }
    // Ids tell the time of reception, and every index of an order has them: so it bounds what is read.
    if let Some(from) = f.received_from {
        query = query
            .filter(s::received_at.ge(from))
            .filter(s::tip_id.ge(first_id(from)));
    }
    if let Some(to) = f.received_to {
        query = query
            .filter(s::received_at.lt(to))
            .filter(s::tip_id.lt(end_of_ids(to)));
    }
    if let Some(case) = f.case_id {
        query = query.filter(s::case_id.eq(case));
    }
    if f.no_channel {
        query = query.filter(sql::<Bool>(NO_CHANNEL));
    }
    if f.notice_owed || f.no_channel {
        query = query.filter(sql::<Bool>(NOTICE_OWED));
    }
    match f.overdue {
        Some(true) => {
            query = query
                .filter(s::due_at.lt(wanted.now))
                .filter(s::classified_at.is_null());
        }
        Some(false) => {
            query = query.filter(s::due_at.ge(wanted.now).or(s::classified_at.is_not_null()));
        }
        None => {}
    }
    match f.unread {
        Some(true) => query = query.filter(sql::<Bool>(UNREAD)),
        Some(false) => query = query.filter(diesel::dsl::not(sql::<Bool>(UNREAD))),
        None => {}
    }
    if let Some(flood) = f.flood {
        query = query.filter(s::flood_id.eq(flood));
    }
    if let Some(words) = f.words() {
        query = match Search::read(reference, words) {
            Search::Number(number) => bearing(query, number),
            Search::Words(words) => telling(query, words),
        };
    }
    query
}

impl Numbered {
    /// The condition on the state of a tip, up to the number and the bracket that closes it, and the number.
    pub fn condition(self) -> (&'static str, String) {
        match self {
            Self::Tip(number) => (
                "tip_id in (select tip_id from register where number = ",
                number,
            ),
            Self::Case(number) => ("case_id in (select id from cases where number = ", number),
        }
    }
}

/// The tip that a number of the register names, or the tips of the case with one.
fn bearing(query: Query<'_>, numbered: Numbered) -> Query<'_> {
    let (of, number) = numbered.condition();
    query.filter(sql::<Bool>(of).bind::<Text, _>(number).sql(")"))
}

/// The tips that a search finds; each way has its index.
fn telling(mut query: Query<'_>, search: Words) -> Query<'_> {
    if search.excludes_something() {
        query = query.filter(
            sql::<Bool>(
                "tip_id not in (select tip_id from tip_indicators where indicator_key = any(",
            )
            .bind::<Array<Binary>, _>(search.without_keys.clone())
            .sql(
                ") union all select e.tip_id from indicators i
                     join tip_indicators e on e.indicator_key = i.key
                     where i.kind = 'url' and i.attributes ->> 'host' = any(",
            )
            .bind::<Array<Text>, _>(search.without_hosts.clone())
            .sql("))"),
        );
    }
    let named = search.names_something();
    let by_words = sql::<Bool>("tip_id in (select tip_id from tip_search where document @@ ")
        .bind::<Text, _>(search.tsquery);
    if !named {
        return query.filter(by_words.sql("::tsquery)"));
    }
    query.filter(
        by_words
            .sql("::tsquery union all select tip_id from tip_indicators where indicator_key = any(")
            .bind::<Array<Binary>, _>(search.keys)
            .sql(
                ") union all select e.tip_id from indicators i
                     join tip_indicators e on e.indicator_key = i.key
                     where i.kind = 'url' and i.attributes ->> 'host' = ",
            )
            .bind::<Nullable<Text>, _>(search.host)
            .sql(")"),
    )
}
