//! Which tips a list holds: its filters, and what they come to in SQL.

use chrono::{DateTime, Duration, Utc};
use diesel::dsl::{exists, select, sql};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::list::Wanted;
use super::visibility::Visibility;
use super::words::{Search, Words};
use crate::db::Conn;
use crate::db::schema::tip_states as s;
use crate::domain::number::Numbered;
use crate::domain::{ids, indicator};
use crate::error::{Error, Result};
use crate::reference::Reference;

/// Filters of the queue; all given ones hold together.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub struct TipFilters {
    /// Code of the desk.
    #[param(max_length = 100, example = "cyber")]
    #[schema(max_length = 100)]
    pub desk: Option<String>,
    /// `received`, `claimed`, `info_requested`, `accepted`, `dismissed`, `duplicate`, `transferred`, `withdrawn`.
    #[param(max_length = 100, example = "received")]
    #[schema(max_length = 100)]
    pub status: Option<String>,
    /// Level: `critical`, `high`, `normal`, `low`.
    #[param(max_length = 100, example = "critical")]
    #[schema(max_length = 100)]
    pub priority: Option<String>,
    /// Code of the method, the reporter's or the officer's.
    #[param(max_length = 100, example = "impersonate_police_court")]
    #[schema(max_length = 100)]
    pub method: Option<String>,
    /// Code of the commune or ward.
    #[param(max_length = 100, example = "03127")]
    #[schema(max_length = 100)]
    pub unit: Option<String>,
    /// A number, link or account in any written form.
    #[param(max_length = 5000, example = "0369 123 456")]
    #[schema(max_length = 5000)]
    pub indicator: Option<String>,
    /// Received at or after (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub received_from: Option<DateTime<Utc>>,
    /// Received before (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub received_to: Option<DateTime<Utc>>,
    /// Only tips whose deadline of classification is over.
    pub overdue: Option<bool>,
    /// Words of the text, with or without accents; "in quotes" for a phrase, `chuy*` for the beginning of a
    /// word, `-not` for what must not be there, `or` between two searches. What stands together, as
    /// `vietcom-bank.vn`, is a phrase of its words. A number, link, host or account alone also finds the tips that
    /// name it in another way of writing, and after a `-` leaves them out. A number of the register or of a case (`DB-T-2026-000123`) finds its tip or
    /// the tips of the case. At most 10 s behind.
    #[param(max_length = 200, example = "chuyen khoan")]
    #[schema(max_length = 200)]
    pub q: Option<String>,
    /// Only the copies of one message: `flood.id` of an item of the collapsed queue.
    pub flood: Option<Uuid>,
    /// Only tips of a case: nothing that a queue or a claim would ask for.
    #[serde(skip)]
    pub case_id: Option<Uuid>,
    /// Only tips whose reporter is still owed a notice; for lists alone as well.
    #[serde(skip)]
    pub notice_owed: bool,
    /// Only tips whose reporter wrote what no officer has read; for lists and the queue.
    #[serde(skip)]
    pub unread: Option<bool>,
}

/// Of a tip whose reporter gave an identity: the reception is not told yet, or the tip's own result, or that of the case
/// to which it or the tip that it repeats belongs, or a suspension or resumption of that case.
const NOTICE_OWED: &str = "exists (select from tips t where t.id = tip_id and not t.anonymous)
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

/// Few tips at any time: the partial index names them all.
const UNREAD: &str =
    "tip_id in (select m.tip_id from tip_messages m where m.from_reporter and m.read_at is null)";

/// How far the time in the id of a tip may lie from its reception: clocks are set, and ids were once made a moment
/// later. The exact bounds hold besides.
const SKEW: Duration = Duration::minutes(10);

const STATUSES: [&str; 8] = [
    "received",
    "claimed",
    "info_requested",
    "accepted",
    "dismissed",
    "duplicate",
    "transferred",
    "withdrawn",
];
const LEVELS: [&str; 4] = ["critical", "high", "normal", "low"];

impl TipFilters {
    /// What is searched for in the texts.
    pub fn words(&self) -> Option<&str> {
        self.q.as_deref().filter(|q| !q.trim().is_empty())
    }

    /// 422 for a value outside its vocabulary.
    pub async fn check(&self, conn: &mut Conn, reference: &Reference) -> Result<()> {
        for (name, value, known) in [
            ("status", &self.status, STATUSES.as_slice()),
            ("priority", &self.priority, LEVELS.as_slice()),
        ] {
            if value.as_ref().is_some_and(|v| !known.contains(&v.as_str())) {
                let detail = format!("{name} must be one of {}.", known.join(", "));
                return Err(Error::invalid_parameter(name, "unknown_value", detail));
            }
        }
        if self.q.as_ref().is_some_and(|q| q.chars().count() > 200) {
            return Err(Error::invalid_parameter(
                "q",
                "too_long",
                "At most 200 characters.",
            ));
        }
        let written = self.indicator.as_ref();
        if written.is_some_and(|written| written.chars().count() > 5_000) {
            return Err(Error::invalid_parameter(
                "indicator",
                "too_long",
                "At most 5000 characters.",
            ));
        }
        let unknown = |name: &str| {
            let detail = format!("There is no such {name}.");
            Err(Error::invalid_parameter(name, "unknown_value", detail))
        };
        if let Some(desk) = &self.desk
            && !knows_desk(conn, reference, desk).await?
        {
            return unknown("desk");
        }
        if let Some(unit) = &self.unit
            && !knows_unit(conn, reference, unit).await?
        {
            return unknown("unit");
        }
        // Those that were taken off the list go on telling of old tips.
        if let Some(method) = &self.method
            && !knows_method(conn, reference, method).await?
        {
            return unknown("method");
        }
        Ok(())
    }
}

/// The same for a method, the reporter's or the officer's.
async fn knows_method(conn: &mut Conn, reference: &Reference, code: &str) -> Result<bool> {
    if reference.methods.contains_key(code) {
        return Ok(true);
    }
    let named = s::method
        .eq(code)
        .assume_not_null()
        .or(s::methods.contains(vec![Some(code)]));
    Ok(select(exists(s::table.filter(named)))
        .get_result(conn)
        .await?)
}

/// Whether there is a desk with this code, or are tips of one that is on the list no more.
pub async fn knows_desk(conn: &mut Conn, reference: &Reference, code: &str) -> Result<bool> {
    let of_desk = s::table.filter(s::desk.eq(code));
    Ok(reference.knows_desk(code) || select(exists(of_desk)).get_result(conn).await?)
}

/// The same for a commune or ward.
async fn knows_unit(conn: &mut Conn, reference: &Reference, code: &str) -> Result<bool> {
    let of_unit = s::table.filter(s::unit_code.eq(code));
    let listed = reference.units.contains_key(code);
    Ok(listed || select(exists(of_unit)).get_result(conn).await?)
}

/// A query on the states of tips.
pub(super) type Query<'a> = s::BoxedQuery<'a, diesel::pg::Pg>;

/// `None` where nothing can match.
pub(super) fn filtered<'a>(
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
pub(super) fn naming(query: Query<'_>, key: Vec<u8>) -> Query<'_> {
    query.filter(
        sql::<Bool>("tip_id = any(array(select tip_id from tip_indicators where indicator_key = ")
            .bind::<Binary, _>(key)
            .sql("))"),
    )
}

/// All filters but the indicator.
pub(super) fn besides_indicator<'a>(
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
    if f.notice_owed {
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

/// No tip received at or after has a lesser id.
pub fn first_id(from: DateTime<Utc>) -> Uuid {
    ids::first_at(from - SKEW)
}

/// Every tip received before has a lesser id.
pub fn end_of_ids(to: DateTime<Utc>) -> Uuid {
    ids::first_at(to + SKEW)
}

/// The key of an indicator in any written form, or of `kind:value` as the API shows it.
pub fn indicator_key(reference: &Reference, written: &str) -> Option<Vec<u8>> {
    if let Some((kind, value)) = written.split_once(':')
        && let Some(kind) = indicator::Kind::from_code(kind)
    {
        let input = indicator::Input {
            kind,
            value,
            bank: None,
        };
        let key = indicator::parse(&reference.catalog, &input)
            .map_or_else(|_| indicator::key(kind, value), |r| r.indicator.key());
        return Some(key.to_vec());
    }
    indicator::recognise(&reference.catalog, written).map(|r| r.indicator.key().to_vec())
}
