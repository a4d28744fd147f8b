//! Agencies that get their share of tips and cases. Names and competences change: they are data.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};

/// The list's name among the reference documents.
pub const AGENCIES: &str = "agencies";

/// An agency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agency {
    /// Stable code: `bank_970436`, `border_guard`, `unit_03127`.
    pub code: String,
    /// `bank`, `carrier`, `commune`, `department` and such.
    pub kind: String,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name.
    pub name_en: String,
    /// Kinds of referral that it takes.
    pub referral_kinds: Vec<String>,
    /// Hours within which an answer is expected.
    pub expected_hours: u32,
    /// Languages in which it can be written to.
    #[serde(default = "vietnamese")]
    pub languages: Vec<String>,
    /// How to reach it outside this service.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// Where the entry comes from.
    #[serde(default)]
    pub source: Option<String>,
    /// Whether referrals may be sent to it.
    #[serde(default = "yes")]
    pub active: bool,
    /// Moves with each change.
    #[serde(default = "first")]
    pub version: i32,
}

/// One way to reach an agency; never a private person's number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// What it is: "duty desk, day and night".
    pub label: String,
    /// Telephone number.
    #[serde(default)]
    pub phone: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Where a published number was read; with the day of checking it is shown to reporters.
    #[serde(default)]
    pub source: Option<String>,
    /// When it was last checked.
    #[serde(default)]
    pub checked_on: Option<NaiveDate>,
}

impl Contact {
    /// The day on which a published number was checked.
    pub fn checked(&self) -> Option<NaiveDate> {
        let source = self.source.as_deref()?;
        self.checked_on.filter(|_| !source.trim().is_empty())
    }
}

fn vietnamese() -> Vec<String> {
    vec!["vi".to_owned()]
}

const fn yes() -> bool {
    true
}

const fn first() -> i32 {
    1
}

#[derive(Deserialize)]
struct List {
    agencies: Vec<Agency>,
}

/// The agencies of a document, by code.
pub fn read(document: Value) -> serde_json::Result<BTreeMap<String, Agency>> {
    let list: List = serde_json::from_value(document)?;
    Ok(list
        .agencies
        .into_iter()
        .map(|agency| (agency.code.clone(), agency))
        .collect())
}

/// Puts one agency into a document, in place of the entry with its code or at the end.
pub fn put(document: &mut Value, agency: &Agency) -> Result<()> {
    let list = document
        .get_mut("agencies")
        .and_then(Value::as_array_mut)
        .ok_or_else(|| Error::internal("reading the agencies", "there is no list"))?;
    let same = list
        .iter_mut()
        .find(|known| known.get("code").and_then(Value::as_str) == Some(&agency.code));
    match same {
        Some(known) => *known = json!(agency),
        None => list.push(json!(agency)),
    }
    Ok(())
}
