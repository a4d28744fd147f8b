//! What goes over the wire.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::content::{AdvisoryText, Content, Severity};
use super::store::AdvisoryRow;

/// A warning to draft.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"severity": "severe", "audiences": ["elderly"], "texts": {"vi": {"title": "Cảnh giác cuộc gọi giả danh công an", "summary": "Công an không bao giờ yêu cầu chuyển tiền qua điện thoại.", "body": "Kẻ gian gọi tự xưng công an.\n\n- Không chuyển tiền\n- Báo công an xã gần nhất"}}, "methods": ["impersonate_police_court"], "unit_codes": ["03127"], "valid_until": "2027-02-24T17:00:00Z", "guidance": ["fake_authority"], "indicator_ids": []}))]
pub struct DraftAdvisory {
    /// How bad it is.
    pub severity: Severity,
    /// Whom it is meant for (list `audiences` of the reference data); absent is `everyone`.
    #[validate(length(min = 1, max = 20))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, min_items = 1, max_items = 20)]
    pub audiences: Option<Vec<String>>,
    /// Its texts by language (`vi`, `en`, `tai`, `hmn`, `lo`, `zh`); `vi` must be among them.
    #[validate(length(min = 1, max = 10))]
    pub texts: BTreeMap<String, AdvisoryText>,
    /// Methods it warns of.
    #[validate(length(max = 50))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 50)]
    pub methods: Option<Vec<String>>,
    /// Communes it is meant for; absent or empty is the whole province.
    #[validate(length(max = 200))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 200)]
    pub unit_codes: Option<Vec<String>>,
    /// From when it is shown; absent is from publication.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when it is shown; absent is until it is retracted.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub valid_until: Option<DateTime<Utc>>,
    /// What to do, as codes of the advice that reporters are given.
    #[validate(length(max = 20))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 20)]
    pub guidance: Option<Vec<String>>,
    /// Indicators it names: confirmed scams or official ones alone.
    #[validate(length(max = 50))]
    pub indicator_ids: Option<Vec<Uuid>>,
}

impl From<DraftAdvisory> for Content {
    fn from(wish: DraftAdvisory) -> Self {
        Self {
            severity: wish.severity,
            audiences: wish
                .audiences
                .unwrap_or_else(|| vec!["everyone".to_owned()]),
            texts: wish.texts,
            methods: wish.methods.unwrap_or_default(),
            unit_codes: wish.unit_codes.unwrap_or_default(),
            valid_from: wish.valid_from,
            valid_until: wish.valid_until,
            guidance: wish.guidance.unwrap_or_default(),
            indicator_ids: wish.indicator_ids.unwrap_or_default(),
        }
    }
}

/// What to change of a warning; what is left out or null stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"severity": "extreme", "valid_until": "2027-03-24T17:00:00Z"}))]
pub struct EditAdvisory {
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Whom it is meant for.
    #[validate(length(min = 1, max = 20))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, min_items = 1, max_items = 20)]
    pub audiences: Option<Vec<String>>,
    /// All its texts by language.
    #[validate(length(min = 1, max = 10))]
    pub texts: Option<BTreeMap<String, AdvisoryText>>,
    /// Methods it warns of.
    #[validate(length(max = 50))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 50)]
    pub methods: Option<Vec<String>>,
    /// Communes it is meant for; empty is the whole province.
    #[validate(length(max = 200))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 200)]
    pub unit_codes: Option<Vec<String>>,
    /// From when it is shown.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when it is shown.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub valid_until: Option<DateTime<Utc>>,
    /// What to do, as codes of advice.
    #[validate(length(max = 20))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 20)]
    pub guidance: Option<Vec<String>>,
    /// Indicators it names.
    #[validate(length(max = 50))]
    pub indicator_ids: Option<Vec<Uuid>>,
}

impl EditAdvisory {
    /// The content with the changes.
    pub fn apply(self, to: &Content) -> Content {
        let old = to.clone();
        Content {
            severity: self.severity.unwrap_or(old.severity),
            audiences: self.audiences.unwrap_or(old.audiences),
            texts: self.texts.unwrap_or(old.texts),
            methods: self.methods.unwrap_or(old.methods),
            unit_codes: self.unit_codes.unwrap_or(old.unit_codes),
            valid_from: self.valid_from.or(old.valid_from),
            valid_until: self.valid_until.or(old.valid_until),
            guidance: self.guidance.unwrap_or(old.guidance),
            indicator_ids: self.indicator_ids.unwrap_or(old.indicator_ids),
        }
    }
}

/// Why a warning is taken back.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct RetractAdvisory {
    /// For the public, in Vietnamese: it goes out with the retraction.
    #[validate(
        length(min = 3, max = 500),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(
        min_length = 3,
        max_length = 500,
        example = "Trang mạng đã được xác minh là chính thức."
    )]
    pub reason: String,
}

/// An indicator that a warning names.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdvisoryIndicator {
    /// Its id.
    pub id: Uuid,
    /// Kind.
    #[schema(example = "phone")]
    pub kind: String,
    /// Canonical value.
    #[schema(example = "+84912345678")]
    pub value: String,
    /// `confirmed_scam` or `official`; null where it may no longer be named: the public does not see it
    /// any more, and the texts want a revision.
    #[schema(required, example = "confirmed_scam")]
    pub verdict: Option<String>,
}

/// A warning as its authors and publishers see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdvisoryView {
    /// Id.
    pub id: Uuid,
    /// `draft`, `published` or `retracted`.
    #[schema(value_type = crate::http::AdvisoryStateCode)]
    pub state: String,
    /// Agency of its first author; null is the provincial police.
    #[schema(required)]
    pub agency: Option<String>,
    /// Newest published revision; 0 before the first.
    pub revision: i32,
    /// Whether what is shown here differs from what is published and waits for a second person.
    pub pending: bool,
    /// How bad it is.
    pub severity: Severity,
    /// Whom it is meant for.
    pub audiences: Vec<String>,
    /// Its languages.
    #[schema(example = json!(["en", "vi"]))]
    pub languages: Vec<String>,
    /// Its texts by language.
    pub texts: BTreeMap<String, AdvisoryText>,
    /// Methods it warns of.
    pub methods: Vec<String>,
    /// Communes; empty is the whole province.
    pub unit_codes: Vec<String>,
    /// From when it is shown.
    #[schema(required)]
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when it is shown.
    #[schema(required)]
    pub valid_until: Option<DateTime<Utc>>,
    /// Codes of advice.
    pub guidance: Vec<String>,
    /// Indicators it names.
    pub indicators: Vec<AdvisoryIndicator>,
    /// Who wrote last: somebody else has to publish.
    pub author: String,
    /// When it was first drafted.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was first published.
    #[schema(required)]
    pub published_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    #[schema(required)]
    pub retracted_at: Option<DateTime<Utc>>,
    /// Why it was taken back.
    #[schema(required)]
    pub reason: Option<String>,
    /// The ETag.
    pub version: i32,
}

impl AdvisoryView {
    /// The view of a row.
    pub fn new(row: AdvisoryRow, content: Content, indicators: Vec<AdvisoryIndicator>) -> Self {
        Self {
            id: row.id,
            state: row.state,
            agency: row.agency,
            revision: row.revision,
            pending: row.pending,
            severity: content.severity,
            audiences: content.audiences,
            languages: content.texts.keys().cloned().collect(),
            texts: content.texts,
            methods: content.methods,
            unit_codes: content.unit_codes,
            valid_from: content.valid_from,
            valid_until: content.valid_until,
            guidance: content.guidance,
            indicators,
            author: row.author,
            created_at: row.created_at,
            updated_at: row.updated_at,
            published_at: row.published_at,
            retracted_at: row.retracted_at,
            reason: row.reason,
            version: row.version,
        }
    }
}
