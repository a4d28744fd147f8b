//! SQL of the list of the audit.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Record, last_position};
use crate::db::Conn;
use crate::db::schema::journal;
use crate::error::Result;

/// Filters of the audit list.
#[derive(Default)]
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

/// How far the times of entries may stand out of the order of their positions: longer than any transaction.
const OUT_OF_ORDER: TimeDelta = TimeDelta::minutes(10);

/// The first position whose entry is as late as a time, by halves: positions have no gaps and follow time.
async fn position_at(conn: &mut Conn, time: DateTime<Utc>) -> Result<i64> {
    let (mut low, mut high) = (1, last_position(conn).await? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let at: Option<DateTime<Utc>> = journal::table
            .select(journal::at)
            .filter(journal::position.ge(middle))
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

/// One page of the audit, newest first, and one row more where there is more.
pub async fn audit_page(conn: &mut Conn, wanted: &AuditWanted<'_>) -> Result<Vec<Record>> {
    // By position, so that a page far back does not read all that came after it.
    let mut before = wanted.before.unwrap_or(i64::MAX);
    if let Some(to) = wanted.to {
        before = before.min(position_at(conn, to + OUT_OF_ORDER).await?);
    }
    let mut query = journal::table
        .select(Record::as_select())
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
    Ok(query.load(conn).await?)
}
