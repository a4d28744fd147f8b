//! Wire types of agencies.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::reference::agencies::{Agency, Contact};

/// An agency.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyView {
    /// Stable code; tokens, clients and referrals name it.
    #[schema(example = "bank_970436")]
    pub code: String,
    /// Its kind.
    #[schema(example = "bank")]
    pub kind: String,
    /// Vietnamese name.
    #[schema(example = "Ngân hàng TMCP Ngoại Thương Việt Nam")]
    pub name_vi: String,
    /// English name.
    #[schema(example = "Vietcombank")]
    pub name_en: String,
    /// Kinds of referral that it takes.
    pub referral_kinds: Vec<String>,
    /// Hours within which an answer is expected.
    #[schema(minimum = 1, example = 1)]
    pub expected_hours: u32,
    /// Languages in which it can be written to.
    pub languages: Vec<String>,
    /// How to reach it outside this service.
    pub contacts: Vec<AgencyContact>,
    /// Where the entry comes from.
    #[schema(required)]
    pub source: Option<String>,
    /// Whether referrals may be sent to it.
    pub active: bool,
    /// The ETag.
    pub version: i32,
}

/// One way to reach an agency; never a private person's number.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct AgencyContact {
    /// What it is.
    #[schema(min_length = 1, max_length = 200, example = "Trực ban 24/7")]
    #[validate(length(min = 1, max = 200))]
    pub label: String,
    /// Telephone number.
    #[validate(length(min = 2, max = 40))]
    #[schema(min_length = 2, max_length = 40)]
    pub phone: Option<String>,
    /// E-mail address.
    #[validate(email)]
    #[schema(format = "email")]
    pub email: Option<String>,
    /// Where a number was read that the agency publishes for everybody. With it and `checked_on` a bank's number is
    /// shown to reporters who name an account there; without both it is for the police alone.
    #[schema(min_length = 1, max_length = 500, example = "vietcombank.com.vn")]
    #[validate(length(min = 1, max = 500))]
    pub source: Option<String>,
    /// When it was last checked.
    pub checked_on: Option<NaiveDate>,
}

/// An agency to add.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"code": "hospital_provincial", "kind": "other", "name_vi": "Bệnh viện Đa khoa tỉnh",
    "name_en": "Provincial General Hospital", "referral_kinds": ["publicise"], "expected_hours": 72}))]
pub struct CreateAgency {
    /// Lower-case letters, digits and `_`, 2 to 60 of them; never changed.
    #[schema(pattern = "^[a-z0-9_]{2,60}$")]
    #[validate(custom(function = "is_code"))]
    pub code: String,
    /// Its kind: `police`, `department`, `border_guard`, `mass_organisation`, `procuracy`, `platform`,
    /// `bank`, `carrier`, `commune`, `other`.
    #[validate(custom(function = "is_kind"))]
    #[schema(value_type = crate::http::Code)]
    pub kind: String,
    /// Vietnamese name.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub name_vi: String,
    /// English name.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub name_en: String,
    /// Kinds of referral that it takes.
    #[validate(length(max = 20))]
    #[schema(value_type = Vec<crate::http::Code>, max_items = 20)]
    pub referral_kinds: Vec<String>,
    /// Hours within which an answer is expected; 72 where it is left out.
    #[schema(minimum = 1, maximum = 8760)]
    #[validate(range(min = 1, max = 8760))]
    pub expected_hours: Option<u32>,
    /// Languages in which it can be written to; Vietnamese where it is left out.
    #[validate(length(min = 1, max = 10))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, min_items = 1, max_items = 10)]
    pub languages: Option<Vec<String>>,
    /// How to reach it outside this service.
    #[validate(length(max = 20), nested)]
    pub contacts: Option<Vec<AgencyContact>>,
    /// Where the entry comes from.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub source: Option<String>,
}

/// What to change of an agency; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"name_vi": "Sở Khoa học và Công nghệ tỉnh Điện Biên", "expected_hours": 48}))]
pub struct UpdateAgency {
    /// Vietnamese name.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub name_vi: Option<String>,
    /// English name.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub name_en: Option<String>,
    /// Kinds of referral that it takes.
    #[validate(length(max = 20))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 20)]
    pub referral_kinds: Option<Vec<String>>,
    /// Hours within which an answer is expected.
    #[schema(minimum = 1, maximum = 8760)]
    #[validate(range(min = 1, max = 8760))]
    pub expected_hours: Option<u32>,
    /// Languages in which it can be written to.
    #[validate(length(min = 1, max = 10))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, min_items = 1, max_items = 10)]
    pub languages: Option<Vec<String>>,
    /// How to reach it outside this service.
    #[validate(length(max = 20), nested)]
    pub contacts: Option<Vec<AgencyContact>>,
    /// Where the entry comes from.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub source: Option<String>,
    /// Whether referrals may be sent to it.
    pub active: Option<bool>,
}

const KINDS: &[&str] = &[
    "police",
    "department",
    "border_guard",
    "mass_organisation",
    "procuracy",
    "platform",
    "bank",
    "carrier",
    "commune",
    "other",
];

fn is_kind(kind: &str) -> Result<(), ValidationError> {
    if KINDS.contains(&kind) {
        return Ok(());
    }
    let message = format!("The kinds of agency are {}.", KINDS.join(", "));
    Err(ValidationError::new("unknown_value").with_message(message.into()))
}

fn is_code(code: &str) -> Result<(), ValidationError> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if (2..=60).contains(&code.len()) && code.bytes().all(fits) {
        return Ok(());
    }
    let message = "A code is 2 to 60 lower-case letters, digits and '_'.";
    Err(ValidationError::new("invalid_value").with_message(message.into()))
}

impl From<&Agency> for AgencyView {
    fn from(agency: &Agency) -> Self {
        Self {
            code: agency.code.clone(),
            kind: agency.kind.clone(),
            name_vi: agency.name_vi.clone(),
            name_en: agency.name_en.clone(),
            referral_kinds: agency.referral_kinds.clone(),
            expected_hours: agency.expected_hours,
            languages: agency.languages.clone(),
            contacts: agency.contacts.iter().map(AgencyContact::from).collect(),
            source: agency.source.clone(),
            active: agency.active,
            version: agency.version,
        }
    }
}

impl From<&Contact> for AgencyContact {
    fn from(contact: &Contact) -> Self {
        Self {
            label: contact.label.clone(),
            phone: contact.phone.clone(),
            email: contact.email.clone(),
            source: contact.source.clone(),
            checked_on: contact.checked_on,
        }
    }
}

impl From<AgencyContact> for Contact {
    fn from(contact: AgencyContact) -> Self {
        Self {
            label: contact.label,
            phone: contact.phone,
            email: contact.email,
            source: contact.source,
            checked_on: contact.checked_on,
        }
    }
}
