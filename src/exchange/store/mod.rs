//! SQL of the exports: each dataset is a list of columns, and one statement reads a page of it.

mod cases;
mod indicators;
mod tips;

use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

pub use cases::CASES;
pub use indicators::INDICATORS;
pub use tips::TIPS;

use crate::db::Reader;
use crate::error::Result;
use crate::tips::Visibility;

/// Rows read by one statement. Each page is a snapshot of its own, open for moments: one held for the
/// whole export would keep dead rows at the head of the triage queue's index and slow every claim.
pub const PAGE: i64 = 2_000;

/// How a page is read: along the key, from where it begins. A plan for any key, or one that hashes a
/// whole table, costs as much as everything before the page.
const SESSION: &str = "set application_name = 'tinbao export'; set statement_timeout = '60s';
    set plan_cache_mode = force_custom_plan; set enable_hashjoin = off; set jit = off;
    set max_parallel_workers_per_gather = 0";

/// How a column is read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `uuid`.
    Uuid,
    /// `text`.
    Text,
    /// `bigint`.
    Int,
    /// `boolean`.
    Bool,
    /// `timestamptz`.
    Time,
    /// `text[]`.
    Texts,
    /// A JSON object as `text`.
    Json,
    /// A JSON array of objects as `text`.
    JsonList,
    /// A JSON array of ids as `text`.
    JsonIds,
}

/// One column of an export: its name on the wire, its SQL, and what it means.
pub struct Column {
    /// Name on the wire.
    pub name: &'static str,
    /// How it is read and written.
    pub kind: Kind,
    /// SQL expression.
    sql: &'static str,
    /// What it means.
    pub about: &'static str,
}

const fn column(name: &'static str, kind: Kind, sql: &'static str, about: &'static str) -> Column {
    Column {
        name,
        kind,
        sql,
        about,
    }
}

/// What can be exported. In its SQL `$3` is the time; the first column is the key.
pub struct Dataset {
    /// Name in the path.
    pub name: &'static str,
    /// Columns in their order.
    pub columns: &'static [Column],
    /// Tables; `{begin}` where one that is joined in the order of the key begins, `{communes}` those that a
    /// bearer is confined to, or null.
    from: &'static str,
    only: &'static str,
    key: &'static str,
    at: &'static str,
    /// Conditions of a bearer's confinement; `{}` is the parameter.
    desk: &'static str,
    units: &'static str,
    /// Where key and time of all rows are, for the bounds.
    table: &'static str,
    time: &'static str,
    /// Ids of rows that something happened to after position `$1`.
    changed: &'static str,
    /// Background readers of the journal that write columns of it.
    pub readers: &'static [&'static str],
}

/// Which rows are wanted.
#[derive(Clone)]
pub struct Wanted {
    /// Only what changed after this position of the journal.
    pub updated_since: Option<i64>,
    /// At or after.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
    /// What the bearer may see.
    pub visible: Visibility,
    /// The time.
    pub now: DateTime<Utc>,
}

type Parameter = Box<dyn ToSql + Sync + Send>;

/// The statement of an export, prepared on its connection.
pub struct Pages {
    statement: tokio_postgres::Statement,
    changes: Option<(i64, tokio_postgres::Statement)>,
    filters: Vec<Parameter>,
    now: DateTime<Utc>,
}

/// Keys of the first and the last row that an export may hold, so that it ends although rows keep
/// coming; `None` where there are none.
pub async fn bounds(
    reader: &Reader,
    dataset: &Dataset,
    wanted: &Wanted,
) -> Result<Option<(Uuid, Uuid)>> {
    let (table, time) = (dataset.table, dataset.time);
    let row = if wanted.from.is_none() && wanted.to.is_none() {
        let sql = format!("select id from {table} order by id desc limit 1");
        let newest = reader.client.query_opt(&sql, &[]).await?;
        return Ok(match newest {
            None => None,
            Some(row) => Some((Uuid::nil(), row.try_get(0)?)),
        });
    } else {
        // Postgres 15 has no min(uuid); the text has the same order.
        let sql = format!(
            "select min(id::text collate \"C\")::uuid, max(id::text collate \"C\")::uuid from {table}
             where {time} >= coalesce($1::timestamptz, '-infinity') and {time} < coalesce($2::timestamptz, 'infinity')"
        );
        reader
            .client
            .query_one(&sql, &[&wanted.from, &wanted.to])
            .await?
    };
    let (first, last): (Option<Uuid>, Option<Uuid>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(first.zip(last))
}

impl Pages {
    /// Prepares the statements.
    pub async fn prepare(reader: &Reader, dataset: &Dataset, wanted: &Wanted) -> Result<Self> {
        reader.client.batch_execute(SESSION).await?;
        let mut conditions = format!("{} <= $2 and {}", dataset.key, dataset.only);
        let mut filters: Vec<Parameter> = Vec::new();
        let mut add = |condition: &str, value: Parameter| {
            filters.push(value);
            conditions.push_str(" and ");
            conditions.push_str(&condition.replace("{}", &format!("${}", filters.len() + 3)));
        };
        if let Some(from) = wanted.from {
            add(&format!("{} >= {{}}", dataset.at), Box::new(from));
        }
        if let Some(to) = wanted.to {
            add(&format!("{} < {{}}", dataset.at), Box::new(to));
        }
        if let Some(desk) = wanted.visible.desk() {
            add(dataset.desk, Box::new(desk.to_owned()));
        }
        if let Some(units) = wanted.visible.units() {
            add(dataset.units, Box::new(units.to_vec()));
        }
        let columns: Vec<_> = dataset
            .columns
            .iter()
            .map(|column| format!("{} as {}", column.sql, column.name))
            .collect();
        let key = dataset.key;
        let (begin, page) = match wanted.updated_since {
            None => (
                "> $1::uuid",
                format!("{key} > $1::uuid and {conditions} order by {key} limit {PAGE}"),
            ),
            Some(_) => (
                "= any($1::uuid[])",
                format!("{key} = any($1::uuid[]) and {conditions} order by {key}"),
            ),
        };
        let mut from = dataset.from.replace("{begin}", begin);
        if from.contains("{communes}") {
            filters.push(Box::new(wanted.visible.units().map(<[String]>::to_vec)));
            from = from.replace("{communes}", &format!("${}::text[]", filters.len() + 3));
        }
        let sql = format!(
            "select {} from {from} where $3::timestamptz is not null and {page}",
            columns.join(", ")
        );
        let changes = match wanted.updated_since {
            None => None,
            Some(position) => {
                let sql = format!(
                    "select distinct id from ({}) changed where id > $2 and id <= $3 order by id limit {PAGE}",
                    dataset.changed
                );
                Some((position, reader.client.prepare(&sql).await?))
            }
        };
        Ok(Self {
            statement: reader.client.prepare(&sql).await?,
            changes,
            filters,
            now: wanted.now,
        })
    }

    /// The page behind a key, as a stream of rows; for changes, also the last key looked at.
    pub async fn after(
        &self,
        reader: &Reader,
        after: Uuid,
        last: Uuid,
    ) -> Result<(tokio_postgres::RowStream, Option<Changed>)> {
        let changed = match &self.changes {
            None => None,
            Some((position, statement)) => {
                let rows = reader
                    .client
                    .query(statement, &[position, &after, &last])
                    .await?;
                let ids = rows
                    .iter()
                    .map(|row| row.try_get(0))
                    .collect::<Result<Vec<Uuid>, _>>()?;
                Some(ids)
            }
        };
        let key: &(dyn ToSql + Sync) = match &changed {
            None => &after,
            Some(ids) => ids,
        };
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![key, &last, &self.now];
        parameters.extend(self.filters.iter().map(|p| -> &(dyn ToSql + Sync) { &**p }));
        let rows = reader.client.query_raw(&self.statement, parameters).await?;
        let changed = changed.map(|ids| Changed {
            looked_at: ids.len(),
            last: ids.last().copied(),
        });
        Ok((rows, changed))
    }
}

/// A page of changed ids, of which a confined bearer may see but a part.
pub struct Changed {
    /// How many ids.
    pub looked_at: usize,
    /// The last of them.
    pub last: Option<Uuid>,
}
