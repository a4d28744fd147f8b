//! What the stories are made of: the templates and voices beside this file, and the reference lists
//! (methods, communes, banks, prefixes) handed in by the caller.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The reference data as JSON text, in the form of the files in `data/`.
#[derive(Clone, Copy, Debug)]
pub struct References<'a> {
    /// `scam_methods.json`
    pub methods: &'a str,
    /// `dien_bien_units.json`
    pub units: &'a str,
    /// `banks.json`
    pub banks: &'a str,
    /// `phone_prefixes.json`
    pub phones: &'a str,
}

/// Everything parsed once.
pub struct Library {
    pub methods: Vec<(String, Method)>,
    pub voices: Voices,
    pub hosts: BTreeMap<String, Vec<String>>,
    pub units: Units,
    pub banks: Vec<Bank>,
    pub phones: Phones,
}

/// How one scam method is told.
#[derive(Clone, Deserialize)]
pub struct Method {
    pub weight: u64,
    pub topic: String,
    pub channels: String,
    pub who: String,
    /// Goes on for weeks, so that nobody reports it within the hour.
    #[serde(default)]
    pub slow: bool,
    /// Median loss in millions of đồng, and the spread (sigma) around it.
    pub loss: (f64, f64),
    #[serde(default)]
    pub apps: Vec<String>,
    pub stories: Vec<String>,
    /// Told only while it is still going on; some are calls for help.
    #[serde(default)]
    pub urgent: Vec<String>,
    /// What the victim received, word for word.
    pub raw: Vec<String>,
}

/// People, manners of writing, and the small lists that fill slots.
#[derive(Deserialize)]
pub struct Voices {
    pub narrators: Vec<Narrator>,
    pub victims: BTreeMap<String, Vec<Victim>>,
    pub openers: Vec<String>,
    pub closers: Vec<String>,
    pub loss_closers: Vec<String>,
    pub terse: Vec<String>,
    pub given_names: Vec<String>,
    pub nicks: Vec<String>,
    pub pages: BTreeMap<String, Vec<String>>,
    pub hamlets: Vec<String>,
    pub elsewhere: Vec<String>,
    pub paths: Vec<String>,
    pub apk_paths: Vec<String>,
    pub email_users: Vec<String>,
    pub bank_weights: BTreeMap<String, u64>,
    pub bank_slang: BTreeMap<String, Vec<String>>,
    /// Which bank a host imitates, by a part of its name.
    pub brands: BTreeMap<String, String>,
    pub holders: Vec<String>,
    pub foreign_calls: Vec<String>,
    pub landlines: Vec<String>,
    pub teencode: BTreeMap<String, Vec<String>>,
    pub misspelt: BTreeMap<String, Vec<String>>,
    pub foreign: Vec<Foreign>,
    pub odd: Vec<Odd>,
}

/// How the person who writes speaks of himself and addresses the police.
#[derive(Clone, Deserialize)]
pub struct Narrator {
    pub nb: String,
    pub cac: String,
    pub ages: Vec<String>,
    pub parent: bool,
    pub weight: u64,
}

/// Who was deceived, as the narrator names them first and afterwards.
#[derive(Clone, Deserialize)]
pub struct Victim {
    pub full: String,
    pub short: String,
    pub age: String,
    pub relation: String,
    #[serde(default)]
    pub parent: bool,
}

/// A note in another language.
#[derive(Deserialize)]
pub struct Foreign {
    pub language: String,
    pub method: String,
    pub text: String,
}

/// Odd or hostile input, laid over an ordinary tip.
#[derive(Deserialize)]
pub struct Odd {
    pub patch: serde_json::Map<String, Value>,
    #[serde(default)]
    pub repeat: usize,
}

#[derive(Deserialize)]
pub struct Units {
    pub units: Vec<Unit>,
    pub former_districts: Vec<FormerDistrict>,
}

#[derive(Deserialize)]
pub struct Unit {
    pub code: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub full_name: String,
    pub merged_from: Vec<FormerUnit>,
}

#[derive(Deserialize)]
pub struct FormerUnit {
    pub full_name: String,
    pub district_code: String,
}

#[derive(Deserialize)]
pub struct FormerDistrict {
    pub code: String,
    pub name: String,
}

#[derive(Deserialize)]
pub struct Bank {
    pub bin: String,
    pub short_name: String,
    pub codes: Vec<String>,
    pub aliases: Vec<String>,
}

#[derive(Deserialize)]
pub struct Phones {
    pub mobile_prefixes: Vec<Prefix>,
    pub conversion_2018: Conversion,
}

#[derive(Deserialize)]
pub struct Prefix {
    pub prefix: String,
}

#[derive(Deserialize)]
pub struct Conversion {
    pub table: Vec<Renumbering>,
}

/// One row of the renumbering of 2018.
#[derive(Deserialize)]
pub struct Renumbering {
    pub old: String,
    pub new: String,
}

#[derive(Deserialize)]
struct MethodList {
    methods: Vec<MethodCode>,
}

#[derive(Deserialize)]
struct MethodCode {
    code: String,
}

#[derive(Deserialize)]
struct BankList {
    banks: Vec<Bank>,
}

impl Library {
    /// Reads the templates and the reference lists; a method without stories of its own is left out.
    pub fn read(references: &References<'_>) -> Result<Self, serde_json::Error> {
        let mut stories: BTreeMap<String, Method> =
            serde_json::from_str(include_str!("data/stories.json"))?;
        let known: MethodList = serde_json::from_str(references.methods)?;
        let banks: BankList = serde_json::from_str(references.banks)?;
        Ok(Self {
            methods: known
                .methods
                .into_iter()
                .filter_map(|m| stories.remove(&m.code).map(|story| (m.code, story)))
                .collect(),
            voices: serde_json::from_str(include_str!("data/voices.json"))?,
            hosts: serde_json::from_str(include_str!("data/hosts.json"))?,
            units: serde_json::from_str(references.units)?,
            banks: banks.banks,
            phones: serde_json::from_str(references.phones)?,
        })
    }

    /// The list under `topic`, or the general one.
    pub fn by_topic<'a>(lists: &'a BTreeMap<String, Vec<String>>, topic: &str) -> &'a [String] {
        lists
            .get(topic)
            .or_else(|| lists.get("any"))
            .map_or(&[], Vec::as_slice)
    }
}
