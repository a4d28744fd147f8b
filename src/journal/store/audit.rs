//! SQL of the list of the audit.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::data_types::PgTimestamp;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::last_position;
use super::sealed::moment;
use crate::db::Conn;
use crate::db::schema::{journal, journal_pending};
use crate::error::Result;

/// Filters of the audit list.
#[derive(Default)]
#[expect(missing_docs, reason = "the parameters of the list tell of them")]
pub struct AuditWanted<'a> {
    pub actor: Option<&'a str>,
    pub client_id: Option<&'a str>,
    pub agency: Option<&'a str>,
    pub kind: Option<&'a str>,
    pub subject: Option<Uuid>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub before: Option<i64>,
    pub limit: i64,
}

/// A numbered entry as it stands. What was tampered with so that it can be no entry is absent: the rest is
/// shown all the same.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct AuditRecord {
    pub position: i64,
    pub id: Option<Uuid>,
    pub at: Option<DateTime<Utc>>,
    pub type_: Option<String>,
    pub actor: Option<String>,
    pub client_id: Option<String>,
    pub agency: Option<String>,
    pub subject_kind: Option<String>,
    pub subject_id: Option<Uuid>,
    pub request_id: Option<String>,
    pub data: Option<Value>,
}

type Row = (
    i64,
    Option<Uuid>,
    Option<PgTimestamp>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<Uuid>,
    Option<String>,
    Option<Value>,
);

impl From<Row> for AuditRecord {
    fn from(row: Row) -> Self {
        Self {
            position: row.0,
            id: row.1,
            at: moment(row.2),
            type_: row.3,
            actor: row.4,
            client_id: row.5,
            agency: row.6,
            subject_kind: row.7,
            subject_id: row.8,
            request_id: row.9,
            data: row.10,
        }
    }
}

/// How far the times of entries may stand out of the order of their positions: longer than any transaction.
const OUT_OF_ORDER: TimeDelta = TimeDelta::minutes(10);

/// Nothing here happens as late.
const YEAR_3000: DateTime<Utc> = match DateTime::from_timestamp(32_503_680_000, 0) {
    Some(time) => time,
    None => DateTime::<Utc>::MAX_UTC,
};

/// The first position whose entry is as late as a time, by halves: positions have no gaps and follow time.
async fn position_at(conn: &mut Conn, time: DateTime<Utc>) -> Result<i64> {
    let (mut low, mut high) = (1, last_position(conn).await? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let at: Option<DateTime<Utc>> = journal::table
            .select(journal::at)
            .filter(journal::position.ge(middle))
            // A time that was tampered with tells nothing about its neighbours.
            .filter(journal::at.between(DateTime::UNIX_EPOCH, YEAR_3000))
            .order(journal::position)
            .first(conn)
            .await
            .optional()?;
        match at {
            Some(at) if at < time => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// Whether somebody called so acted through a client of another name.
pub async fn acted_elsewhere(conn: &mut Conn, name: &str) -> Result<bool> {
    use {journal as j, journal_pending as p};
    let sealed = j::table.filter(j::actor.eq(name).and(j::client_id.ne(name)));
    let pending = p::table.filter(p::actor.eq(name).and(p::client_id.ne(name)));
    Ok(diesel::select(exists(sealed).or(exists(pending)))
        .get_result(conn)
        .await?)
}

/// One page of the audit, newest first, and one row more where there is more.
pub async fn audit_page(conn: &mut Conn, wanted: &AuditWanted<'_>) -> Result<Vec<AuditRecord>> {
    // By position, so that a page far back does not read all that came after it.
    let mut before = wanted.before.unwrap_or(i64::MAX);
    if let Some(to) = wanted.to {
        before = before.min(position_at(conn, to + OUT_OF_ORDER).await?);
    }
    let mut query = journal::table
        .select((
            journal::position,
            journal::id.nullable(),
            journal::at.nullable(),
            journal::type_.nullable(),
            journal::actor.nullable(),
            journal::client_id.nullable(),
            journal::agency,
            journal::subject_kind.nullable(),
            journal::subject_id,
            journal::request_id.nullable(),
            journal::data.nullable(),
        ))
        .filter(journal::position.lt(before))
        .order(journal::position.desc())
        .limit(wanted.limit + 1)
        .into_boxed();
    if let Some(actor) = wanted.actor {
        query = query.filter(journal::actor.eq(actor));
    }
    if let Some(client) = wanted.client_id {
        query = query.filter(journal::client_id.eq(client));
    }
    if let Some(agency) = wanted.agency {
        query = query.filter(journal::agency.eq(agency));
    }
    if let Some(kind) = wanted.kind {
        query = query.filter(journal::type_.eq(kind));
    }
    if let Some(subject) = wanted.subject {
        query = query.filter(journal::subject_id.eq(subject));
    }
    if let Some(from) = wanted.from {
        let first = position_at(conn, from - OUT_OF_ORDER).await?;
        query = query.filter(journal::at.ge(from).and(journal::position.ge(first)));
    }
    if let Some(to) = wanted.to {
        query = query.filter(journal::at.lt(to));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    Ok(rows.into_iter().map(AuditRecord::from).collect())
}
