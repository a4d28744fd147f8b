//! Wire types of indicators and checks.

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::store::MeasureRow;

/// A text to look through.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct ExtractText {
    /// At most 20,000 code points.
    #[validate(length(max = 20000))]
    #[schema(
        max_length = 20000,
        example = "Chuyển vào STK 0011002233445 Vietcombank hoặc gọi 0912.345.678, web vietcombank[.]top-vn.xyz"
    )]
    pub text: String,
}

/// What was found in a text.
#[derive(Debug, Serialize, ToSchema)]
pub struct Extracted {
    /// In the order of the text; what follows from another has the same span.
    pub indicators: Vec<ExtractedIndicator>,
}

/// One indicator in a text.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExtractedIndicator {
    /// Its kind.
    #[schema(example = "phone")]
    pub kind: String,
    /// Canonical value.
    #[schema(example = "+84912345678")]
    pub value: String,
    /// For people.
    #[schema(example = "0912 345 678")]
    pub display: String,
    /// First code point.
    #[schema(example = 52)]
    pub start: usize,
    /// Code point after the last.
    #[schema(example = 64)]
    pub end: usize,
    /// Whether it could be normalised.
    pub valid: bool,
    /// Why not.
    #[schema(required)]
    pub reason: Option<String>,
}

/// What to check.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct CheckValue {
    /// A number, link, account or address in any written form.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000, example = "0912 345 678")]
    pub value: String,
    /// Its kind, where it is known.
    #[schema(value_type = Option<crate::http::Code>, example = "phone")]
    pub kind: Option<String>,
}

/// One thing to check among several: the value alone, or with its kind.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct CheckItem(pub CheckValue);

/// How one thing of a batch is written.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only describes the body")]
pub enum CheckItemForms {
    /// A number, link, account or address in any written form.
    Value(CheckText),
    /// The same with its kind, where it is known.
    Named(CheckValue),
}

/// A value by itself, as [`CheckValue`] bounds it.
#[derive(Serialize)]
pub struct CheckText;

impl PartialSchema for CheckText {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = text.min_length(Some(1)).max_length(Some(5_000));
        RefOr::T(Schema::Object(text.build()))
    }
}

impl ToSchema for CheckText {}

impl Validate for CheckItem {
    fn validate(&self) -> Result<(), validator::ValidationErrors> {
        self.0.validate()
    }
}

// Written out, since an untagged enum would hide unknown fields.
impl<'de> Deserialize<'de> for CheckItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;
        impl<'de> Visitor<'de> for Forms {
            type Value = CheckItem;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or an object")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<CheckItem, E> {
                let value = text.to_owned();
                Ok(CheckItem(CheckValue { value, kind: None }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CheckItem, A::Error> {
                CheckValue::deserialize(MapAccessDeserializer::new(map)).map(CheckItem)
            }
        }
        deserializer.deserialize_any(Forms)
    }
}

/// Several things to check.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct CheckBatch {
    /// At most 200.
    #[validate(length(min = 1, max = 200), nested)]
    #[schema(min_items = 1, max_items = 200, value_type = Vec<CheckItemForms>,
        example = json!([
            "0912 345 678",
            {"kind": "phone", "value": "0169 123 4567"},
            {"kind": "url", "value": "hxxps://vietcombank[.]top-vn.xyz/login"},
            {"kind": "email", "value": "hotro@vietcombank-online.top"},
            {"kind": "bank_account", "value": "STK 0011002233445 Vietcombank"},
            {"kind": "ewallet", "value": "MoMo 0912 345 678"},
            {"kind": "social_account", "value": "https://www.facebook.com/profile.php?id=100012345678901"},
            {"kind": "messaging_account", "value": "https://zalo.me/0912345678"},
            {"kind": "crypto_address", "value": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"},
            {"kind": "app", "value": "http://dichvucong.vidu.top/VNeID.apk"},
            {"kind": "sms_sender", "value": "Vietcombank"},
            {"kind": "payment_qr", "value": "00020101021138570010A00000072701270006970436011300110022334450208QRIBFTTA53037045802VN63044564"}]))]
    pub values: Vec<CheckItem>,
}

/// Answers in the order of the values.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedBatch {
    /// One for each value.
    pub items: Vec<Checked>,
}

/// What the public may learn of a value.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
pub struct Checked {
    /// Its kind; null where it was not recognised.
    #[schema(required, example = "phone")]
    pub kind: Option<&'static str>,
    /// Canonical value, or the text as sent.
    #[schema(example = "+84912345678")]
    pub value: String,
    /// `confirmed_scam`, `suspected`, `reported`, `no_reports`, `official`, `unrecognised`.
    #[schema(example = "no_reports")]
    pub verdict: &'static str,
    /// What the verdict is of: the value itself, its host or its registrable domain.
    #[schema(required, example = "exact")]
    pub matched: Option<&'static str>,
    /// Independent reports, roughly: `0`, `3-9`, `10-49`, `50+`.
    #[schema(example = "0")]
    pub reports: &'static str,
    /// Methods; only where it is confirmed.
    pub methods: Vec<String>,
    /// Month of the last report; only where it is confirmed.
    #[schema(required, example = "2026-11")]
    pub last_reported: Option<String>,
    /// Which brand a host imitates.
    #[schema(required)]
    pub imitates: Option<Imitates>,
    /// What to do, for people.
    pub guidance: &'static str,
}

/// A brand that is imitated.
#[derive(Clone, Debug, Serialize, ToSchema, PartialEq, Eq)]
pub struct Imitates {
    /// Code of the brand.
    #[schema(example = "vietcombank")]
    pub brand: String,
    /// How.
    #[schema(value_type = String, example = "embedded")]
    pub technique: Value,
    /// 50 to 100.
    #[schema(example = 92)]
    pub score: u8,
}

/// An indicator as officers see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorView {
    /// Id.
    pub id: Uuid,
    /// Kind.
    #[schema(example = "bank_account")]
    pub kind: String,
    /// Canonical value.
    #[schema(example = "970436:0011002233445")]
    pub value: String,
    /// For people.
    #[schema(example = "Vietcombank 0011002233445")]
    pub display: String,
    /// What follows from the value.
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    /// Which brand its host imitates.
    #[schema(required)]
    pub imitates: Option<Imitates>,
    /// Tips that name it.
    pub tips: i32,
    /// Independent reports among them.
    pub independent_reports: i32,
    /// Independent reports that came after it was `cleared`: a number may have changed hands. Null without such a
    /// verdict; what the public is told does not change by them.
    #[schema(required, minimum = 0)]
    pub reports_since_cleared: Option<i32>,
    /// Whether these are 3 or more: an officer may have to look at it again.
    pub reexamine: bool,
    /// Losses of the tips that name it, in đồng; of an account what went there, or may have.
    pub loss_vnd: i64,
    /// First time it was named.
    pub first_seen: DateTime<Utc>,
    /// Last time it was named.
    pub last_seen: DateTime<Utc>,
    /// Reporters' methods.
    pub methods: Vec<String>,
    /// The verdict in force or waiting for approval.
    #[schema(required)]
    pub verdict: Option<VerdictView>,
}

/// An indicator with what is around it.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorDetail {
    /// The indicator.
    #[serde(flatten)]
    pub indicator: IndicatorView,
    /// Names of the account's holder as reported; for the police alone.
    pub holder_names: Vec<String>,
    /// Other indicators that tips name together with it.
    pub related: Vec<RelatedIndicator>,
    /// What agencies were asked about it and did, newest first; at most 20.
    pub measures: Vec<Measure>,
    /// Every verdict ever given, newest first.
    pub history: Vec<VerdictView>,
}

/// What an agency was asked about an indicator, and did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Measure {
    /// The referral.
    pub referral_id: Uuid,
    /// What was asked.
    #[schema(example = "takedown")]
    pub kind: String,
    /// Code of the agency.
    #[schema(example = "hosting_platform")]
    pub agency: String,
    /// Where the referral stands.
    #[schema(example = "completed")]
    pub state: String,
    /// What came of it for this indicator: `blocked`, `removed`, `frozen` and such.
    #[schema(required, example = "removed")]
    pub outcome: Option<String>,
    /// What was frozen there, in đồng.
    #[schema(required)]
    pub amount_vnd: Option<i64>,
    /// When it was asked.
    #[schema(required)]
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was answered.
    #[schema(required)]
    pub answered_at: Option<DateTime<Utc>>,
    /// How often removed content came back.
    pub reopened: i32,
    /// The freeze that it prolongs: it is about the same money.
    #[schema(required)]
    pub renews: Option<Uuid>,
}

/// An indicator named by the same tips.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelatedIndicator {
    /// Id.
    pub id: Uuid,
    /// Kind.
    pub kind: String,
    /// Canonical value.
    pub value: String,
    /// Tips that name both, among the newest 200.
    pub tips: i64,
}

/// An officer's word on an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Under check.
    Suspected,
    /// A scam; public only once a second officer approves.
    ConfirmedScam,
    /// Not a scam.
    Cleared,
    /// Belongs to an agency, bank or company itself.
    Official,
}

impl Verdict {
    /// Code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suspected => "suspected",
            Self::ConfirmedScam => "confirmed_scam",
            Self::Cleared => "cleared",
            Self::Official => "official",
        }
    }
}

/// A verdict to give.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"verdict": "confirmed_scam", "reason": "victim_transfers", "expires_at": "2027-05-24T00:00:00Z"}))]
pub struct GiveVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// Reason code.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "victim_transfers")]
    pub reason: String,
    /// For officers.
    #[validate(length(max = 5000))]
    #[schema(max_length = 5000)]
    pub note: Option<String>,
    /// When it ends by itself; in the future.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub expires_at: Option<DateTime<Utc>>,
    /// For `official`: where it was checked. Without it nothing is vouched for.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub source: Option<String>,
    /// For `official`: when it was checked.
    pub checked_at: Option<NaiveDate>,
}

/// A verdict that was given.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VerdictView {
    /// Id.
    pub id: Uuid,
    /// `suspected`, `confirmed_scam`, `cleared`, `official`.
    #[schema(value_type = crate::http::VerdictCode)]
    pub verdict: String,
    /// `pending_approval`, `in_force`, `expired`, `ended`.
    #[schema(value_type = crate::http::VerdictStateCode)]
    pub state: &'static str,
    /// Reason code.
    pub reason: String,
    /// For officers.
    #[schema(required)]
    pub note: Option<String>,
    /// Who gave it.
    pub given_by: String,
    /// When.
    pub given_at: DateTime<Utc>,
    /// When it ends by itself.
    #[schema(required)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Who approved it.
    #[schema(required)]
    pub approved_by: Option<String>,
    /// Source of an official entry.
    #[schema(required)]
    pub source: Option<String>,
}

impl From<MeasureRow> for Measure {
    fn from(row: MeasureRow) -> Self {
        Self {
            referral_id: row.referral_id,
            kind: row.kind,
            agency: row.agency,
            state: row.state,
            outcome: row.outcome,
            amount_vnd: row.amount_vnd,
            sent_at: row.sent_at,
            answered_at: row.answered_at,
            reopened: row.reopened,
            renews: row.renews,
        }
    }
}
