//! SQL of the reference lists.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::SHIPPED;
use crate::db::Conn;
use crate::db::schema::reference_documents as documents;
use crate::error::{Error, Result};

/// Every list that the database holds.
pub async fn read_documents(conn: &mut Conn) -> Result<BTreeMap<String, Value>> {
    let rows: Vec<(String, Value)> = documents::table
        .select((documents::name, documents::document))
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Loads the shipped lists where the database has none of that name; returns how many.
pub async fn load_shipped(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let mut rows = Vec::new();
    for (name, text) in SHIPPED {
        let value: Value =
            serde_json::from_str(text).map_err(|e| Error::internal("reading a shipped list", e))?;
        rows.push((
            documents::name.eq(*name),
            documents::document.eq(value),
            documents::loaded_at.eq(now),
            documents::loaded_by.eq("shipped"),
        ));
    }
    Ok(diesel::insert_into(documents::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?)
}

/// Replaces one list.
pub async fn load_document(
    conn: &mut Conn,
    name: &str,
    document: &Value,
    by: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(documents::table)
        .values((
            documents::name.eq(name),
            documents::document.eq(document),
            documents::loaded_at.eq(now),
            documents::loaded_by.eq(by),
        ))
        .on_conflict(documents::name)
        .do_update()
        .set((
            documents::document.eq(document),
            documents::version.eq(documents::version + 1),
            documents::loaded_at.eq(now),
            documents::loaded_by.eq(by),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// One list with its version; the shipped one where the database has none.
pub async fn find_document(conn: &mut Conn, name: &str) -> Result<(Value, i32)> {
    documents::table
        .select((documents::document, documents::version))
        .filter(documents::name.eq(name))
        .first(conn)
        .await
        .optional()?
        .map_or_else(|| shipped(name), Ok)
}

/// The same, locked until the transaction ends. Where the database has none the shipped one is put there first:
/// what is not there cannot be locked, and of two first edits one would be lost.
pub async fn lock_document(conn: &mut Conn, name: &str) -> Result<(Value, i32)> {
    if SHIPPED.iter().any(|(known, _)| *known == name) {
        let (value, version) = shipped(name)?;
        diesel::insert_into(documents::table)
            .values((
                documents::name.eq(name),
                documents::document.eq(value),
                documents::version.eq(version),
                documents::loaded_at.eq(diesel::dsl::now),
                documents::loaded_by.eq("shipped"),
            ))
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
    }
    documents::table
        .select((documents::document, documents::version))
        .filter(documents::name.eq(name))
        .for_update()
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("list"))
}

fn shipped(name: &str) -> Result<(Value, i32)> {
    let (_, text) = SHIPPED
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or(Error::not_found("list"))?;
    let value =
        serde_json::from_str(text).map_err(|e| Error::internal("reading a shipped list", e))?;
    Ok((value, 0))
}
