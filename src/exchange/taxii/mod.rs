//! TAXII 2.1 (OASIS): three collections of STIX objects, read in the order in which they came in.

mod accept;
mod http;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stix::{Stamped, Stix, beginning};
use crate::advisories;
use crate::db::Conn;
use crate::domain::ids::{NAMESPACE, name_based};
use crate::error::Result;
use crate::indicators::{OF_ONE_CHANGE, feed_from, named};

pub use http::api;

/// Rows read at a time.
const PAGE: i64 = 2_000;
/// Most pages looked at for one answer; a filter that fits little goes on with `next`.
const PASSES: usize = 50;

/// A collection.
pub struct Collection {
    /// Its name in paths, besides its id.
    pub alias: &'static str,
    title: &'static str,
    description: &'static str,
}

/// All collections.
pub const COLLECTIONS: &[Collection] = &[
    Collection {
        alias: "indicators",
        title: "Confirmed indicators",
        description: "Traces of fraud that two officers confirmed; revoked where that was corrected.",
    },
    Collection {
        alias: "sightings",
        title: "Sightings",
        description: "How often confirmed indicators were reported, as ranges and by month.",
    },
    Collection {
        alias: "advisories",
        title: "Warnings to the public",
        description: "Published warnings as reports; revoked where one was taken back.",
    },
];

impl Collection {
    /// Its id, the same on every installation.
    pub fn id(&self) -> Uuid {
        name_based(NAMESPACE, &format!("taxii collection {}", self.alias))
    }

    /// The collection of an id or alias.
    pub fn find(name: &str) -> Option<&'static Self> {
        let id = Uuid::try_parse(name).ok();
        COLLECTIONS
            .iter()
            .find(|known| known.alias == name || id == Some(known.id()))
    }

    /// The collection resource (TAXII 2.1 §5.2).
    pub fn describe(&self) -> Value {
        json!({
            "id": self.id(), "alias": self.alias, "title": self.title, "description": self.description,
            "can_read": true, "can_write": false,
            "media_types": ["application/stix+json;version=2.1"],
        })
    }
}

/// A place in a collection: the objects of one row, and how many of them are behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    at: DateTime<Utc>,
    key: Vec<u8>,
    skip: usize,
}

impl Place {
    /// Before whatever came after a time.
    pub fn after(time: Option<DateTime<Utc>>) -> Self {
        Self {
            // Of a row whose first object has just that date, the others are still to come.
            at: time.unwrap_or(DateTime::UNIX_EPOCH) - OF_ONE_CHANGE,
            key: Vec::new(),
            skip: 0,
        }
    }

    /// As `next` carries it.
    pub fn to_text(&self) -> String {
        let key = hex::encode(&self.key);
        format!("{}.{key}.{}", self.at.timestamp_micros(), self.skip)
    }

    /// Reads it back.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let at = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
        let key = parts.next()?;
        let skip = parts.next()?.parse().ok()?;
        if parts.next().is_some()
            || !key.is_ascii()
            || key.len() > 128
            || !key.len().is_multiple_of(2)
        {
            return None;
        }
        let byte = |i: usize| u8::from_str_radix(key.get(i..i + 2)?, 16).ok();
        let key: Option<Vec<u8>> = (0..key.len()).step_by(2).map(byte).collect();
        Some(Self {
            at,
            key: key?,
            skip,
        })
    }
}

/// The objects of one row.
struct Block {
    at: DateTime<Utc>,
    key: Vec<u8>,
    objects: Vec<Stamped>,
}

/// Which objects are wanted.
pub struct Wanted<'a> {
    /// Added after this time.
    pub added_after: Option<DateTime<Utc>>,
    /// From this place on.
    pub from: Place,
    /// The time: what begins to hold later is not told yet.
    pub now: DateTime<Utc>,
    /// At most so many.
    pub limit: usize,
    /// Those that fit.
    pub fits: &'a dyn Fn(&Stamped) -> bool,
}

/// One page of objects, and where the next begins.
pub async fn page(
    conn: &mut Conn,
    stix: &Stix<'_>,
    collection: &Collection,
    wanted: &Wanted<'_>,
) -> Result<(Vec<Stamped>, Option<Place>)> {
    let mut found = Vec::new();
    let mut place = wanted.from.clone();
    for _ in 0..PASSES {
        let (blocks, more) = blocks(conn, stix, collection, &place, wanted.now).await?;
        let mut last = None;
        for block in blocks {
            let here = block.at == place.at && block.key == place.key;
            let behind = if here { place.skip } else { 0 };
            for (i, object) in block.objects.into_iter().enumerate().skip(behind) {
                let fresh = wanted.added_after.is_none_or(|after| object.added > after);
                if !fresh || !(wanted.fits)(&object) {
                    continue;
                }
                if found.len() == wanted.limit {
                    let (at, key) = (block.at, block.key);
                    return Ok((found, Some(Place { at, key, skip: i })));
                }
                found.push(object);
            }
            last = Some((block.at, block.key));
        }
        let Some((at, key)) = last.filter(|_| more) else {
            return Ok((found, None));
        };
        let skip = usize::MAX;
        place = Place { at, key, skip };
    }
    Ok((found, Some(place)))
}

/// The blocks from a place on, its own first, and whether there may be more.
async fn blocks(
    conn: &mut Conn,
    stix: &Stix<'_>,
    collection: &Collection,
    from: &Place,
    now: DateTime<Utc>,
) -> Result<(Vec<Block>, bool)> {
    let mut blocks = Vec::new();
    if (from.at, from.key.as_slice()) <= (beginning(), [].as_slice()) {
        blocks.push(Block {
            at: beginning(),
            key: Vec::new(),
            objects: stix.fixed(),
        });
    }
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let count;
    if collection.alias == "advisories" {
        let id = Uuid::from_slice(&from.key).unwrap_or(Uuid::nil());
        let rows = advisories::changed_from(conn, (from.at, id), now, PAGE).await?;
        count = rows.len();
        let mut ids = Vec::new();
        for row in &rows {
            ids.extend(row.content()?.indicator_ids);
        }
        let known = named(conn, stix.reference, &ids).await?;
        for row in rows {
            blocks.push(Block {
                at: row.changed_at,
                key: row.id.as_bytes().to_vec(),
                objects: vec![stix.report(&row, &known)?],
            });
        }
    } else {
        let rows = feed_from(conn, (from.at, &from.key), PAGE).await?;
        count = rows.len();
        blocks.extend(rows.into_iter().map(|row| Block {
            objects: match collection.alias {
                "sightings" => stix.sightings(&row),
                _ => vec![stix.indicator(&row)],
            },
            at: row.changed_at,
            key: row.key,
        }));
    }
    Ok((blocks, count == page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_and_nonsense_is_not() {
        let place = Place {
            at: DateTime::from_timestamp_micros(1_795_483_200_000_001).unwrap(),
            key: vec![0, 255, 16],
            skip: 2,
        };
        assert_eq!(Place::from_text(&place.to_text()), Some(place));
        for text in [
            "",
            "1",
            "1.0",
            "x.00.0",
            "1.0.0",
            "1.zz.0",
            "1.00.-1",
            "1.00.0.0",
            "1.é.0",
            "99999999999999999999.00.0",
        ] {
            assert_eq!(Place::from_text(text), None, "{text}");
        }
    }
}
