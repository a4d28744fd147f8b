//! Times in requests: RFC 3339 between the years 1900 and 2200.
//!
//! chrono reads years that Postgres has no timestamps for, and near whose ends a period overflows.

use chrono::{DateTime, Datelike, Utc};
use serde::de::{Deserialize, Deserializer, Error};

/// Reads a time; others are refused by what is expected.
pub fn required<'de, D: Deserializer<'de>>(source: D) -> Result<DateTime<Utc>, D::Error> {
    let at = DateTime::<Utc>::deserialize(source)?;
    match (1900..=2200).contains(&at.year()) {
        true => Ok(at),
        false => Err(D::Error::custom(
            "expected a time between the years 1900 and 2200",
        )),
    }
}

/// The same for a time that may be left out: with `#[serde(default)]`.
pub fn optional<'de, D: Deserializer<'de>>(source: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    #[derive(serde::Deserialize)]
    struct Moment(#[serde(deserialize_with = "required")] DateTime<Utc>);
    Ok(Option::<Moment>::deserialize(source)?.map(|moment| moment.0))
}
