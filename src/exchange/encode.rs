//! Rows of an export as lines: NDJSON, or CSV for spreadsheets.

use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use tokio_postgres::Row;
use uuid::Uuid;

use super::store::{Column, Dataset, Kind};
use crate::domain::spreadsheet;
use crate::error::{Error, Result};

/// Name of the column that says where to go on.
pub const CURSOR: &str = "cursor";

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// RFC 4180, UTF-8 with BOM.
    Csv,
}

impl Format {
    /// Ending of the path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    /// `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

enum Cell<'a> {
    Null,
    Uuid(Uuid),
    Text(&'a str),
    Int(i64),
    Bool(bool),
    Time(DateTime<Utc>),
    Texts(Vec<&'a str>),
    Json(&'a str),
}

fn cell<'a>(row: &'a Row, at: usize, kind: Kind) -> Result<Cell<'a>> {
    Ok(match kind {
        Kind::Uuid => row.try_get::<_, Option<_>>(at)?.map(Cell::Uuid),
        Kind::Text => row.try_get::<_, Option<_>>(at)?.map(Cell::Text),
        Kind::Int => row.try_get::<_, Option<_>>(at)?.map(Cell::Int),
        Kind::Bool => row.try_get::<_, Option<_>>(at)?.map(Cell::Bool),
        Kind::Time => row.try_get::<_, Option<_>>(at)?.map(Cell::Time),
        Kind::Texts => row.try_get::<_, Option<_>>(at)?.map(Cell::Texts),
        Kind::Json | Kind::JsonList | Kind::JsonIds => {
            row.try_get::<_, Option<_>>(at)?.map(Cell::Json)
        }
    }
    .unwrap_or(Cell::Null))
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Collects lines until they are taken.
pub enum Encoder {
    /// NDJSON.
    Ndjson(&'static [Column], Vec<u8>),
    /// CSV.
    Csv(&'static [Column], Box<csv::Writer<Vec<u8>>>),
}

impl Encoder {
    /// An encoder that holds what comes before the first row.
    pub fn new(dataset: &Dataset, format: Format) -> Result<Self> {
        let columns = dataset.columns;
        Ok(match format {
            Format::Ndjson => Self::Ndjson(columns, Vec::new()),
            Format::Csv => {
                let mut writer = spreadsheet::writer(spreadsheet::BOM.to_vec());
                let names = columns.iter().map(|column| column.name);
                writer.write_record(names.chain([CURSOR])).map_err(failed)?;
                Self::Csv(columns, Box::new(writer))
            }
        })
    }

    /// Adds a row.
    pub fn push(&mut self, row: &Row, cursor: &str) -> Result<()> {
        match self {
            Self::Ndjson(columns, out) => ndjson(columns, row, cursor, out),
            Self::Csv(columns, writer) => {
                for (at, column) in columns.iter().enumerate() {
                    csv_field(&cell(row, at, column.kind)?, writer)?;
                }
                writer.write_record([cursor]).map_err(failed)
            }
        }
    }

    /// About how many bytes wait to be taken.
    pub fn waiting(&self) -> usize {
        match self {
            Self::Ndjson(_, out) => out.len(),
            Self::Csv(_, writer) => writer.get_ref().len(),
        }
    }

    /// Takes what was collected.
    pub fn take(&mut self) -> Result<Vec<u8>> {
        match self {
            Self::Ndjson(_, out) => Ok(std::mem::take(out)),
            Self::Csv(_, writer) => {
                let fresh = Box::new(spreadsheet::writer(Vec::new()));
                std::mem::replace(writer, fresh)
                    .into_inner()
                    .map_err(|e| Error::internal("writing CSV", e.to_string()))
            }
        }
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal("writing an export", error)
}

fn ndjson(columns: &[Column], row: &Row, cursor: &str, out: &mut Vec<u8>) -> Result<()> {
    for (at, column) in columns.iter().enumerate() {
        let before = if at == 0 { "{" } else { "," };
        write!(out, "{before}\"{}\":", column.name).map_err(failed)?;
        match cell(row, at, column.kind)? {
            Cell::Null => out.extend_from_slice(b"null"),
            Cell::Json(text) => out.extend_from_slice(text.as_bytes()),
            Cell::Text(text) => serde_json::to_writer(&mut *out, text).map_err(failed)?,
            Cell::Texts(texts) => serde_json::to_writer(&mut *out, &texts).map_err(failed)?,
            Cell::Uuid(id) => write!(out, "\"{id}\"").map_err(failed)?,
            Cell::Int(number) => write!(out, "{number}").map_err(failed)?,
            Cell::Bool(flag) => write!(out, "{flag}").map_err(failed)?,
            Cell::Time(at) => write!(out, "\"{}\"", time(at)).map_err(failed)?,
        }
    }
    writeln!(out, ",\"{CURSOR}\":\"{cursor}\"}}").map_err(failed)
}

fn csv_field(cell: &Cell<'_>, writer: &mut csv::Writer<Vec<u8>>) -> Result<()> {
    match cell {
        Cell::Null => writer.write_field(""),
        Cell::Text(text) => writer.write_field(spreadsheet::cell(text).as_bytes()),
        Cell::Texts(texts) => writer.write_field(spreadsheet::cell(&texts.join(";")).as_bytes()),
        Cell::Json(text) => writer.write_field(text),
        Cell::Uuid(id) => {
            writer.write_field(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
        }
        Cell::Int(number) => writer.write_field(number.to_string()),
        Cell::Bool(flag) => writer.write_field(if *flag { "true" } else { "false" }),
        Cell::Time(at) => writer.write_field(time(*at)),
    }
    .map_err(failed)
}
