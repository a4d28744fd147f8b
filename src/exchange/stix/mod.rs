//! STIX 2.1 objects of what is public: confirmed indicators, how often they were reported, warnings.
//!
//! Ids follow from what they name (UUIDv5), so that every copy of an object is known again. Nothing
//! of a tip is told: counts are those of the public check, times are months.

mod observable;

use chrono::{DateTime, Datelike, Months, NaiveDate, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::advisories::Published;
use crate::auth::POLICE;
use crate::domain::hanoi;
use crate::domain::ids::{NAMESPACE, name_based};
use crate::error::Result;
use crate::indicators::{FeedRow, Named, bucket};
use crate::reference::Reference;

pub use observable::Web;
use observable::{observable, pattern};

/// TLP:WHITE, as STIX 2.1 (§7.2.1.4) defines it: the feeds say the same to everybody.
const TLP_WHITE: &str = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9";
/// Type of the observables that STIX has no type for.
const TRACE: &str = "x-tinbao-trace";

/// An object and when it came into its collection.
pub struct Stamped {
    /// The object.
    pub object: Value,
    /// When it was added, or changed last.
    pub added: DateTime<Utc>,
}

impl Stamped {
    /// A string of the object.
    pub fn field(&self, name: &str) -> &str {
        let text = self.object.get(name).and_then(Value::as_str);
        text.unwrap_or_default()
    }

    /// Its version: `modified`, or when it was added where its type has none.
    pub fn version(&self) -> String {
        let modified = self.object.get("modified").and_then(Value::as_str);
        modified.map_or_else(|| time(self.added), str::to_owned)
    }
}

/// The objects of one row: each has a date of its own, so that a client that pages by date loses none.
fn stamped(objects: impl IntoIterator<Item = Value>, at: DateTime<Utc>) -> Vec<Stamped> {
    let dates = std::iter::successors(Some(at), |at| Some(*at + TimeDelta::microseconds(1)));
    let each = objects.into_iter().zip(dates);
    each.map(|(object, added)| Stamped { object, added })
        .collect()
}

/// A time as STIX and TAXII write it.
pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// When the objects that never change came in: before everything else.
pub fn beginning() -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

fn id(kind: &str, name: &str) -> String {
    format!(
        "{kind}--{}",
        name_based(NAMESPACE, &format!("{kind} {name}"))
    )
}

fn extension_id() -> String {
    id("extension-definition", TRACE)
}

/// Writes one issuer's objects.
pub struct Stix<'a> {
    /// Name of the issuer, by which its identity is known.
    pub issuer: &'a str,
    /// Names for people.
    pub reference: &'a Reference,
}

impl Stix<'_> {
    fn identity_id(&self) -> String {
        id("identity", self.issuer)
    }

    /// An object with what all have in common.
    fn object(
        &self,
        kind: &str,
        id: String,
        (created, modified): (DateTime<Utc>, DateTime<Utc>),
        more: Value,
    ) -> Value {
        let mut object = json!({
            "type": kind, "spec_version": "2.1", "id": id,
            "created_by_ref": self.identity_id(),
            "created": time(created), "modified": time(modified),
            "object_marking_refs": [TLP_WHITE],
        });
        if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
            object.extend(more);
        }
        object
    }

    /// Who speaks, and what the observables of our own are.
    pub fn fixed(&self) -> Vec<Stamped> {
        let at = beginning();
        let police = self.reference.agencies.get(POLICE);
        let name = police.map_or(self.issuer, |police| police.name_en.as_str());
        let identity = self.object(
            "identity",
            self.identity_id(),
            (at, at),
            json!({
                "name": name, "identity_class": "organization", "sectors": ["government"],
            }),
        );
        let extension = self.object("extension-definition", extension_id(), (at, at), json!({
            "name": "Tinbao trace",
            "description": "A telephone number, account, app or other trace of fraud that STIX has no type for.",
            "schema": "x-tinbao-trace has two required strings: kind (phone, bank_account, ewallet, social_account, \
                       messaging_account, crypto_address, app, sms_sender, payment_qr) and value, the canonical form. \
                       Both contribute to the id.",
            "version": "1.0.0",
            "extension_types": ["new-sco"],
        }));
        stamped([identity, extension], at)
    }

    /// A confirmed indicator; one that was corrected is revoked.
    pub fn indicator(&self, row: &FeedRow) -> Stamped {
        let created = row.confirmed_at.unwrap_or(row.changed_at);
        let mut object = self.object(
            "indicator",
            indicator_id(&row.kind, &row.value),
            (created, row.changed_at),
            json!({
                "name": format!("{} {}", row.kind, row.value),
                "description": "Used in online fraud, as two police officers have confirmed.",
                "indicator_types": ["malicious-activity"],
                "pattern": pattern(&row.kind, &row.value),
                "pattern_type": "stix",
                "pattern_version": "2.1",
                "valid_from": time(created),
                "revoked": !is_confirmed(row),
            }),
        );
        if let (Some(until), Some(object)) = (row.expires_at, object.as_object_mut()) {
            object.insert("valid_until".to_owned(), json!(time(until)));
        }
        let methods: Vec<&String> = row.methods.iter().flatten().collect();
        if !methods.is_empty()
            && let Some(object) = object.as_object_mut()
        {
            object.insert("labels".to_owned(), json!(methods));
        }
        Stamped {
            object,
            added: row.changed_at,
        }
    }

    /// How often it was reported: the observable, the observation of a month, and the sighting, with
    /// the lower end of the range that the public check tells. Nothing where nobody reported it.
    pub fn sightings(&self, row: &FeedRow) -> Vec<Stamped> {
        let confirmed = is_confirmed(row);
        let times = (row.confirmed_at.unwrap_or(row.changed_at), row.changed_at);
        let month = row.last_reported.and_then(month_of);
        let (from, to) = match (confirmed, month) {
            (true, None) => return Vec::new(),
            (true, Some(month)) => month,
            (false, _) => (times.0, times.0),
        };
        let name = format!("{}:{}", row.kind, row.value);
        let (_, count) = bucket(row.reports);
        let observable = observable(&row.kind, &row.value);
        let seen = id("observed-data", &name);
        let observed = self.object(
            "observed-data",
            seen.clone(),
            times,
            json!({
                "first_observed": time(from), "last_observed": time(to),
                "number_observed": count.max(1),
                "object_refs": [observable.get("id")],
                "revoked": !confirmed,
            }),
        );
        let mut sighting = json!({
            "sighting_of_ref": indicator_id(&row.kind, &row.value),
            "observed_data_refs": [seen],
            "where_sighted_refs": [self.identity_id()],
            "summary": true,
            "revoked": !confirmed,
        });
        if let Some(sighting) = sighting.as_object_mut().filter(|_| count > 0) {
            sighting.insert("count".to_owned(), json!(count));
        }
        let sighting = self.object("sighting", id("sighting", &name), times, sighting);
        let told = confirmed.then_some(observable);
        stamped(told.into_iter().chain([observed, sighting]), row.changed_at)
    }

    /// A warning as a report; one that was taken back is revoked, and says no more than why.
    pub fn report(&self, row: &Published, named: &[Named]) -> Result<Stamped> {
        let content = row.content()?;
        let text = content.text("vi").map(|(_, text)| text);
        let mut refs: Vec<String> = Vec::new();
        let (name, description) = match (&row.reason, text) {
            (Some(reason), _) => ("Cảnh báo đã thu hồi", reason.as_str()),
            (None, Some(text)) => {
                refs.extend(content.indicator_ids.iter().filter_map(|id| {
                    let one = named.iter().find(|one| one.id == *id)?;
                    let official = one.verdict == Some("official");
                    (!official).then(|| indicator_id(&one.kind, &one.value))
                }));
                (text.title.as_str(), text.summary.as_str())
            }
            (None, None) => ("", ""),
        };
        if refs.is_empty() {
            // A report refers to something: at least to who speaks.
            refs.push(self.identity_id());
        }
        let report = id("report", &row.id.to_string());
        let mut object = self.object(
            "report",
            report,
            (row.published_at, row.changed_at),
            json!({
                "name": name, "description": description, "lang": "vi",
                "report_types": ["threat-report"],
                "published": time(row.published_at),
                "object_refs": refs,
                "external_references": [{"source_name": "tinbao-advisory", "external_id": row.id}],
                "revoked": row.reason.is_some(),
            }),
        );
        if let Some(object) = object
            .as_object_mut()
            .filter(|_| !content.methods.is_empty())
        {
            object.insert("labels".to_owned(), json!(content.methods));
        }
        Ok(Stamped {
            object,
            added: row.changed_at,
        })
    }
}

/// Whether it stands in the feeds now.
pub fn is_confirmed(row: &FeedRow) -> bool {
    row.verdict.as_deref() == Some("confirmed_scam")
}

fn indicator_id(kind: &str, value: &str) -> String {
    id("indicator", &format!("{kind}:{value}"))
}

/// First and last moment of a day's month, in Asia/Ho_Chi_Minh.
fn month_of(day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let first = day.with_day(1)?;
    let end = hanoi::midnight(first.checked_add_months(Months::new(1))?);
    Some((hanoi::midnight(first), end - chrono::Duration::seconds(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_told_by_its_month() {
        let day = NaiveDate::from_ymd_opt(2026, 12, 24).unwrap();
        let (from, to) = month_of(day).unwrap();
        assert_eq!(time(from), "2026-11-30T17:00:00.000000Z");
        assert_eq!(time(to), "2026-12-31T16:59:59.000000Z");
    }
}
