//! Reference data: banks, prefixes, places, methods, desks, agencies, texts.
//!
//! The shipped files are defaults; each list can be replaced in the database by
//! `tinbao reference load FILE` without a release. Every list names its sources inside.

pub mod agencies;
mod holders;
mod official;
mod store;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::calendar::Calendar;
use crate::domain::crossing::Ways;
use crate::domain::deadline::{LegalClock, LegalProcess};
use crate::domain::dismissal::ComplaintWay;
use crate::domain::guidance::Guidebook;
use crate::domain::indicator::Catalog;
use crate::domain::indicator::lookalike::Brands;
use crate::domain::lang::Lang;
use crate::domain::places::{self, Places};
use crate::domain::privacy_clock::RequestTerms;
use crate::domain::referral::ReferralKind;
use crate::domain::{priority, referral_rules, routing};
use crate::error::{Error, Result};

pub use agencies::Agency;
pub use official::Official;
pub use store::{find_document, load_document, load_shipped, lock_document, read_documents};

/// The lists that ship with the binary: name and content.
pub const SHIPPED: &[(&str, &str)] = &[
    ("agencies", include_str!("data/agencies.json")),
    ("audiences", include_str!("data/audiences.json")),
    ("banks", include_str!("data/banks.json")),
    ("border", include_str!("data/border.json")),
    ("brands", include_str!("data/brands.json")),
    ("calendar", include_str!("data/calendar.json")),
    ("complaints", include_str!("data/complaints.json")),
    ("desks", include_str!("data/desks.json")),
    ("guidance", include_str!("data/guidance.json")),
    ("legal_process", include_str!("data/legal_process.json")),
    ("phone_prefixes", include_str!("data/phone_prefixes.json")),
    ("priority", include_str!("data/priority.json")),
    ("privacy_terms", include_str!("data/privacy_terms.json")),
    ("provinces", include_str!("data/provinces.json")),
    ("referrals", include_str!("data/referrals.json")),
    ("scam_methods", include_str!("data/scam_methods.json")),
    ("units", include_str!("data/dien_bien_units.json")),
    ("vocabulary", include_str!("data/vocabulary.json")),
];

/// A list of reference data does not have the shape it must have.
#[derive(Debug, thiserror::Error)]
#[error("reference data '{name}': {why}")]
pub struct ReferenceError {
    name: String,
    why: String,
}

/// A way of swindling people.
#[derive(Clone, Debug, Deserialize)]
pub struct Method {
    /// Stable code.
    pub code: String,
    /// Vietnamese name.
    pub label_vi: String,
    /// English name.
    pub label_en: String,
    /// `life_at_risk` and such.
    pub urgency_hint: Option<String>,
}

impl Method {
    /// Its name for people.
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.label_vi,
            Lang::En => &self.label_en,
        }
    }
}

#[derive(Deserialize)]
struct Methods {
    methods: Vec<Method>,
}

/// A commune or ward.
#[derive(Clone, Debug, Deserialize)]
pub struct Unit {
    /// Official code.
    pub code: String,
    /// Full Vietnamese name.
    pub full_name: String,
}

#[derive(Deserialize)]
struct Units {
    units: Vec<Unit>,
}

/// The same list as what was merged when.
#[derive(Deserialize)]
struct FormerUnits {
    units: Vec<places::Made>,
    #[serde(default)]
    former_districts: Vec<places::District>,
}

/// Whom a warning may be meant for.
#[derive(Clone, Debug, Deserialize)]
pub struct Audience {
    /// Stable code.
    pub code: String,
    /// Vietnamese name.
    pub label_vi: String,
    /// English name.
    pub label_en: String,
}

#[derive(Deserialize)]
struct Audiences {
    audiences: Vec<Audience>,
}

/// The word lists of the API.
#[derive(Debug, Deserialize)]
pub struct Vocabulary {
    /// Channels of contact.
    pub channel: HashSet<String>,
    /// How an officer received a tip.
    pub reception_channel: HashSet<String>,
    /// Roles of an indicator.
    pub indicator_role: HashSet<String>,
    /// Victim's relation to the reporter.
    pub victim_relation: HashSet<String>,
    /// Victim's age group.
    pub age_group: HashSet<String>,
    /// Languages.
    pub language: HashSet<String>,
}

/// All lists, parsed.
pub struct Reference {
    /// Banks, prefixes, platforms: what recognition needs.
    pub catalog: Catalog,
    /// Brands, their official domains, and what imitates them.
    pub brands: Brands,
    /// What belongs to authorities, banks and companies themselves.
    pub official: Official,
    /// Desks and routing rules.
    pub routing: routing::RoutingRules,
    /// Points and levels of the priority.
    pub priority: priority::Rules,
    /// Advice to citizens.
    pub guidebook: Guidebook,
    /// Methods by code.
    pub methods: HashMap<String, Method>,
    /// Communes and wards by code.
    pub units: HashMap<String, Unit>,
    /// How they are found by what people write.
    pub places: Places,
    /// Audiences of warnings, in the order of the list.
    pub audiences: Vec<Audience>,
    /// Agencies by code.
    pub agencies: BTreeMap<String, Agency>,
    /// Ways across the border and lures, as narratives speak of them.
    pub ways: Ways,
    /// Which referrals are proposed.
    pub referrals: referral_rules::Rules,
    /// Days off.
    pub calendar: Calendar,
    /// How a decision on a tip can be complained of.
    pub complaints: ComplaintWay,
    /// Amounts and laws of the deadlines.
    pub process: LegalProcess,
    /// Terms of data subjects' requests.
    pub privacy_terms: RequestTerms,
    /// Word lists.
    pub vocabulary: Vocabulary,
    /// The lists as they were loaded, by name.
    pub documents: BTreeMap<String, Value>,
}

impl Reference {
    /// Parses the lists; one that is absent is taken from the binary.
    pub fn from_documents(
        mut documents: BTreeMap<String, Value>,
    ) -> std::result::Result<Self, ReferenceError> {
        for (name, text) in SHIPPED {
            if !documents.contains_key(*name) {
                let value = serde_json::from_str(text).map_err(|e| failed(name, e))?;
                documents.insert((*name).to_owned(), value);
            }
        }
        let get = |name: &str| documents.get(name).cloned().unwrap_or_default();
        let catalog = Catalog::from_json(&get("banks"), &get("phone_prefixes"))
            .map_err(|e| failed("banks or phone_prefixes", e))?;
        let brands = get("brands");
        let owned = official::Lists {
            brands: &brands,
            guidance: &get("guidance"),
            prefixes: &get("phone_prefixes"),
        };
        let official = Official::read(&catalog, &owned);
        let brands = Brands::from_json(&brands).map_err(|e| failed("brands", e))?;
        let methods: Methods = parse("scam_methods", get("scam_methods"))?;
        let units: Units = parse("units", get("units"))?;
        let former: FormerUnits = parse("units", get("units"))?;
        Ok(Self {
            catalog,
            official: official.with_domains(&brands),
            brands,
            routing: parse("desks", get("desks"))?,
            priority: parse("priority", get("priority"))?,
            guidebook: parse("guidance", get("guidance"))?,
            methods: methods
                .methods
                .into_iter()
                .map(|m| (m.code.clone(), m))
                .collect(),
            places: Places::new(&former.units, &former.former_districts),
            units: units
                .units
                .into_iter()
                .map(|u| (u.code.clone(), u))
                .collect(),
            audiences: parse::<Audiences>("audiences", get("audiences"))?.audiences,
            agencies: agencies::read(get(agencies::AGENCIES))
                .map_err(|e| failed(agencies::AGENCIES, e))?,
            ways: parse("border", get("border"))?,
            referrals: parse("referrals", get("referrals"))?,
            calendar: parse("calendar", get("calendar"))?,
            complaints: parse("complaints", get("complaints"))?,
            process: parse("legal_process", get("legal_process"))?,
            privacy_terms: parse("privacy_terms", get("privacy_terms"))?,
            vocabulary: parse("vocabulary", get("vocabulary"))?,
            documents,
        })
    }

    /// The rules by which deadlines are computed.
    pub fn legal_clock(&self) -> LegalClock<'_> {
        LegalClock {
            process: &self.process,
            calendar: &self.calendar,
            counting: self.process.counting(),
        }
    }

    /// Whether there is a desk with this code.
    pub fn knows_desk(&self, code: &str) -> bool {
        self.routing
            .has_desk(code, |unit| self.units.contains_key(unit))
    }

    /// Whether there is an agency with this code.
    pub fn knows_agency(&self, code: &str) -> bool {
        self.agencies.contains_key(code)
    }

    /// Whether an agency takes such referrals now; else why not, as a code and in words.
    pub fn takes(
        &self,
        agency: &str,
        kind: ReferralKind,
    ) -> std::result::Result<(), (&'static str, String)> {
        match self.agencies.get(agency) {
            None => Err(("unknown_value", "There is no such agency.".to_owned())),
            Some(agency) if !agency.active => {
                Err(("inactive", "The agency takes no referrals.".to_owned()))
            }
            Some(agency) if !agency.referral_kinds.iter().any(|k| k == kind.as_str()) => Err((
                "kind_not_taken",
                format!("The agency takes {}.", agency.referral_kinds.join(", ")),
            )),
            Some(_) => Ok(()),
        }
    }

    /// Whether a value belongs to an authority, bank or company itself.
    pub fn is_official(&self, kind: &str, value: &str, host: Option<&str>) -> bool {
        self.official.holds(&self.brands, kind, value, host)
    }

    /// Whether no verdict may accuse a value: it is official, or stands on what is.
    pub fn is_shielded(&self, kind: &str, value: &str, host: Option<&str>) -> bool {
        self.is_official(kind, value, host) || self.official.carries(&self.brands, kind, value)
    }

    /// The shipped lists.
    pub fn shipped() -> std::result::Result<Self, ReferenceError> {
        Self::from_documents(BTreeMap::new())
    }
}

fn parse<T: DeserializeOwned>(name: &str, value: Value) -> std::result::Result<T, ReferenceError> {
    serde_json::from_value(value).map_err(|e| failed(name, e))
}

fn failed(name: &str, why: impl std::fmt::Display) -> ReferenceError {
    ReferenceError {
        name: name.to_owned(),
        why: why.to_string(),
    }
}

/// The current lists of this replica; replaced as a whole when one changes.
#[derive(Clone)]
pub struct ReferenceStore(Arc<ArcSwap<Reference>>);

impl ReferenceStore {
    /// Starts with these lists.
    pub fn new(reference: Reference) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(reference)))
    }

    /// The lists as they are now.
    pub fn get(&self) -> Arc<Reference> {
        self.0.load_full()
    }

    /// Reads the lists from the database again.
    pub async fn refresh(&self, conn: &mut crate::db::Conn) -> Result<()> {
        let documents = store::read_documents(conn).await?;
        let reference = Reference::from_documents(documents)
            .map_err(|e| Error::internal("reading reference data", e))?;
        self.0.store(Arc::new(reference));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_lists_parse_and_are_complete() {
        let reference = Reference::shipped().unwrap();
        assert_eq!(reference.methods.len(), 48);
        assert_eq!(reference.units.len(), 45);
        assert_eq!(reference.agencies.len(), 134);
        assert!(reference.vocabulary.channel.contains("zalo"));
        assert_eq!(
            reference.priority,
            priority::Rules::default(),
            "contract §5 is the default"
        );
    }
}
