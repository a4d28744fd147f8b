//! What a warning says, as it is kept.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{Error, Result};

/// How bad it is; the words of CAP 1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Little harm.
    Minor,
    /// Some may lose money.
    Moderate,
    /// Many lose much.
    Severe,
    /// Lives are at risk.
    Extreme,
}

impl Severity {
    /// The word of CAP 1.2.
    pub const fn cap(self) -> &'static str {
        match self {
            Self::Minor => "Minor",
            Self::Moderate => "Moderate",
            Self::Severe => "Severe",
            Self::Extreme => "Extreme",
        }
    }
}

/// A warning in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdvisoryText {
    /// Heading, one line of at most 200 code points.
    #[schema(max_length = 200, example = "Cảnh giác cuộc gọi giả danh công an")]
    pub title: String,
    /// The gist, at most 500 code points: for lists, messages and loudspeakers.
    #[schema(
        max_length = 500,
        example = "Công an không bao giờ yêu cầu chuyển tiền qua điện thoại."
    )]
    pub summary: String,
    /// The whole, at most 10,000 code points. A blank line parts paragraphs, lines that begin with
    /// `- ` are a list; everything else is shown as written.
    #[schema(
        max_length = 10000,
        example = "Kẻ gian gọi tự xưng công an.\n\n- Không chuyển tiền\n- Báo công an xã gần nhất"
    )]
    pub body: String,
}

/// What a warning says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// How bad it is.
    pub severity: Severity,
    /// Whom it is meant for.
    pub audiences: Vec<String>,
    /// Its texts by language; Vietnamese is always there.
    pub texts: BTreeMap<String, AdvisoryText>,
    /// Methods it warns of.
    pub methods: Vec<String>,
    /// Communes; empty is the whole province.
    pub unit_codes: Vec<String>,
    /// From when it holds.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when it holds.
    pub valid_until: Option<DateTime<Utc>>,
    /// Codes of advice.
    pub guidance: Vec<String>,
    /// Indicators it names.
    pub indicator_ids: Vec<Uuid>,
}

impl Content {
    /// The text in a language, else in Vietnamese, with the language that it is in.
    pub fn text<'a>(&'a self, language: &'a str) -> Option<(&'a str, &'a AdvisoryText)> {
        let named = self.texts.get_key_value(language);
        named
            .or_else(|| self.texts.get_key_value("vi"))
            .map(|(language, text)| (language.as_str(), text))
    }

    /// What is kept.
    pub fn read(value: &Value) -> Result<Self> {
        serde::Deserialize::deserialize(value)
            .map_err(|e| Error::internal("reading a warning's content", e))
    }

    /// As it is kept.
    pub fn to_json(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|e| Error::internal("writing a warning's content", e))
    }
}
