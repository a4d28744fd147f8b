//! SQL of searches: how long one may take, and the documents: the texts they are made of, and how Postgres takes them.

use std::io::Write;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types as st;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use uuid::Uuid;

use crate::db::Conn;
use crate::domain::search_words::Document;
use crate::error::Result;

/// A search that takes longer helps nobody and holds others up.
const LIMIT: &str = "set local statement_timeout = '3s'";

/// Ends the statements of this transaction that take longer than a search may.
pub async fn end_in_time(conn: &mut Conn) -> Result<()> {
    conn.batch_execute(LIMIT).await?;
    Ok(())
}

/// Documents of one statement: in memory each takes several times its text.
const DOCUMENTS: usize = 100;

/// The texts of a tip, and the flood it belongs to so far.
#[derive(QueryableByName)]
pub struct Text {
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    narrative: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    raw_message: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    place: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Uuid>)]
    pub flood_id: Option<Uuid>,
}

impl Text {
    /// What was told: the narrative, or else the message.
    pub fn told(&self) -> &str {
        let told = self.narrative.as_deref().or(self.raw_message.as_deref());
        told.unwrap_or_default()
    }

    fn document(&self) -> Row {
        let all = [&self.narrative, &self.raw_message, &self.place];
        Row(Document::of(all.into_iter().filter_map(Option::as_deref)))
    }
}

/// Texts of some tips (trials left out), in the order of their ids.
pub async fn texts(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Text>> {
    Ok(diesel::sql_query(
        "select t.id, t.narrative, t.raw_message, t.place, s.flood_id
         from tips t join tip_states s on s.tip_id = t.id where t.id = any($1) and not t.test order by t.id",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .load(conn)
    .await?)
}

/// Keeps the search documents of texts, replacing what is there.
pub async fn insert_documents(conn: &mut Conn, texts: &[Text]) -> Result<()> {
    for texts in texts.chunks(DOCUMENTS) {
        diesel::sql_query(
            "insert into tip_search (tip_id, document, stale) select *, false from unnest($1, $2)
             on conflict (tip_id) do update set document = excluded.document, stale = false",
        )
        .bind::<st::Array<st::Uuid>, _>(texts.iter().map(|text| text.id).collect::<Vec<_>>())
        .bind::<st::Array<Tsvector>, _>(texts.iter().map(Text::document).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = st::Uuid)]
    tip_id: Uuid,
}

/// Locks some documents that an earlier version made.
pub async fn lock_stale(conn: &mut Conn, limit: i64) -> Result<Vec<Uuid>> {
    let rows: Vec<Id> = diesel::sql_query(
        "select tip_id from tip_search where stale order by tip_id limit $1 for update skip locked",
    )
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.tip_id).collect())
}

/// As `schema.rs` has it, but known by its numbers, so that no connection has to ask for them.
#[derive(st::SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(oid = 3614, array_oid = 3643))]
struct Tsvector;

#[derive(Debug)]
struct Row(Document);

/// What `tsvectorrecv` reads: how many words, then each with a zero byte after it, how many places, and these.
impl ToSql<Tsvector, Pg> for Row {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        out.write_all(&i32::try_from(self.0.words().len())?.to_be_bytes())?;
        for (word, places) in self.0.words() {
            out.write_all(word.as_bytes())?;
            out.write_all(&[0])?;
            out.write_all(&u16::try_from(places.len())?.to_be_bytes())?;
            for place in places {
                out.write_all(&place.to_be_bytes())?;
            }
        }
        Ok(IsNull::No)
    }
}
