//! SQL of a claim: the most urgent tips that wait, leased in one statement.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::serialize::ToSql;
use diesel::sql_types::{self as st, HasSqlType};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Id;
use crate::db::Conn;
use crate::error::Result;
use crate::tips::list;
use crate::tips::words::{Search, Words};

/// What a claim looks for.
pub struct Claim<'a> {
    pub by: &'a str,
    pub desk: Option<&'a str>,
    pub units: Option<&'a [String]>,
    pub level: Option<&'a str>,
    pub method: Option<&'a str>,
    pub indicator: Option<&'a [u8]>,
    pub search: Option<Search>,
    pub received_from: Option<DateTime<Utc>>,
    pub received_to: Option<DateTime<Utc>>,
    pub overdue: Option<bool>,
    pub flood: Option<Uuid>,
    pub max: i64,
    pub now: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Leases the most urgent waiting tips; tips that another transaction is taking are passed over.
pub async fn claim(conn: &mut Conn, claim: Claim<'_>) -> Result<Vec<Uuid>> {
    let (by, until, now, max) = (claim.by, claim.until, claim.now, claim.max);
    // The order is written as only the index of waiting tips has it: that of all open tips would do for the
    // planner, and then a claim reads past all that are claimed.
    let query = Conditions::begin("with picked as materialized (select tip_id, score from tip_states where status = 'received' and not test")
        .of(claim)
        .with::<st::BigInt, _>(" order by -score, tip_id limit {} for update skip locked)", max)
        .with::<st::Text, _>(", taken as (update tip_states s set status = 'claimed', claimed_by = {}", by)
        .with::<st::Timestamptz, _>(", lease_expires_at = {}", until)
        .with::<st::Timestamptz, _>(
            ", first_claimed_at = coalesce(s.first_claimed_at, {})
             from picked where s.tip_id = picked.tip_id returning s.tip_id)
             select p.tip_id as id from picked p join taken using (tip_id) order by p.score desc, p.tip_id",
            now,
        );
    let rows: Vec<Id> = query.0.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A statement that grows by what is wanted: a condition that is not must not stand in the way of the index.
struct Conditions<'a>(BoxedSqlQuery<'a, Pg, SqlQuery>, usize);

impl<'a> Conditions<'a> {
    fn begin(sql: &str) -> Self {
        Self(diesel::sql_query(sql).into_boxed(), 0)
    }

    /// Adds a piece of SQL; its value stands wherever the piece has `{}`.
    fn with<T, V>(self, sql: &str, value: V) -> Self
    where
        Pg: HasSqlType<T>,
        T: Send + 'a,
        V: ToSql<T, Pg> + Send + 'a,
    {
        let number = self.1 + 1;
        let sql = sql.replace("{}", &format!("${number}"));
        Self(self.0.sql(sql).bind::<T, _>(value), number)
    }

    /// The same where there is a value.
    fn and<T, V>(self, sql: &str, value: Option<V>) -> Self
    where
        Pg: HasSqlType<T>,
        T: Send + 'a,
        V: ToSql<T, Pg> + Send + 'a,
    {
        match value {
            Some(value) => self.with::<T, V>(sql, value),
            None => self,
        }
    }

    /// All that a claim asks for.
    fn of(self, claim: Claim<'a>) -> Self {
        let overdue = match claim.overdue {
            Some(true) => " and due_at < {} and classified_at is null",
            _ => " and (due_at >= {} or classified_at is not null)",
        };
        self.and::<st::Text, _>(" and desk = {}", claim.desk)
            .and::<st::Array<st::Text>, _>(" and unit_code = any({})", claim.units)
            .and::<st::Text, _>(" and level = {}", claim.level)
            .and::<st::Text, _>(" and (method = {} or methods @> array[{}])", claim.method)
            .and::<st::Binary, _>(
                " and tip_id = any(array(select tip_id from tip_indicators where indicator_key = {}))",
                claim.indicator,
            )
            .and::<st::Timestamptz, _>(" and received_at >= {}", claim.received_from)
            .and::<st::Uuid, _>(" and tip_id >= {}", claim.received_from.map(list::first_id))
            .and::<st::Timestamptz, _>(" and received_at < {}", claim.received_to)
            .and::<st::Uuid, _>(" and tip_id < {}", claim.received_to.map(list::end_of_ids))
            .and::<st::Timestamptz, _>(overdue, claim.overdue.map(|_| claim.now))
            .and::<st::Uuid, _>(" and flood_id = {}", claim.flood)
            .searching(claim.search)
    }

    /// What is searched for: a number, or words and traces.
    fn searching(self, search: Option<Search>) -> Self {
        match search {
            None => self,
            Some(Search::Number(number)) => {
                let (condition, number) = number.condition();
                self.with::<st::Text, _>(&format!(" and {condition}{{}})"), number)
            }
            Some(Search::Words(words)) => self.without(&words).telling(words),
        }
    }

    /// The words, or the traces that they may mean.
    fn telling(self, words: Words) -> Self {
        self.with::<st::Text, _>(
            " and tip_id in (select tip_id from tip_search where document @@ {}::tsquery",
            words.tsquery,
        )
        .with::<st::Array<st::Binary>, _>(
            " union all select tip_id from tip_indicators where indicator_key = any({})",
            words.keys,
        )
        .with::<st::Nullable<st::Text>, _>(
            " union all select e.tip_id from indicators i join tip_indicators e on e.indicator_key = i.key
                 where i.kind = 'url' and i.attributes ->> 'host' = {})",
            words.host,
        )
    }

    /// The traces that must not be there.
    fn without(self, words: &Words) -> Self {
        if !words.excludes_something() {
            return self;
        }
        self.with::<st::Array<st::Binary>, _>(
            " and tip_id not in (select tip_id from tip_indicators where indicator_key = any({})",
            words.without_keys.clone(),
        )
        .with::<st::Array<st::Text>, _>(
            " union all select e.tip_id from indicators i join tip_indicators e on e.indicator_key = i.key
                 where i.kind = 'url' and i.attributes ->> 'host' = any({}))",
            words.without_hosts.clone(),
        )
    }
}
