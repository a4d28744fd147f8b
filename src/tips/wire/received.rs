//! What the sender of a tip is answered.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::SubmitReporter;
use crate::domain::guidance::{Action, Advice, Hint};
use crate::domain::lang::Lang;
use crate::error::FieldProblem;

/// Something that was received but not understood.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, PartialEq, Eq)]
pub struct Warning {
    /// JSON pointer into what was sent.
    #[schema(example = "/indicators/0/value")]
    pub pointer: String,
    /// Stable code.
    #[schema(example = "unknown_field")]
    pub code: String,
    /// One sentence, in the language of the request.
    pub detail: String,
    /// The same in Vietnamese, where `detail` is still English.
    #[serde(skip)]
    #[schema(ignore)]
    vi: Option<&'static str>,
}

impl Warning {
    /// A warning at a pointer, in Vietnamese and in English.
    pub fn new(pointer: impl Into<String>, code: &str, vi: &'static str, en: &str) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.to_owned(),
            detail: en.to_owned(),
            vi: Some(vi),
        }
    }

    /// The warning as it is kept with the tip. Below a person it names no member: what somebody calls a member that no
    /// tip has may be the very thing that is sealed.
    pub fn kept(&self) -> Self {
        let mut kept = self.clone();
        let known = SubmitReporter::default().fields().map(|(name, _)| name);
        for person in ["/reporter", "/potential_victims"] {
            let below = self.pointer.strip_prefix(person);
            let Some(member) = below.and_then(|below| below.strip_prefix('/')) else {
                continue;
            };
            if person != "/reporter" || !known.contains(&member) {
                person.clone_into(&mut kept.pointer);
            }
        }
        kept
    }

    /// The warning as it is told to somebody.
    pub fn told(mut self, lang: Lang) -> Self {
        if lang == Lang::Vi
            && let Some(vi) = self.vi.take()
        {
            self.detail = vi.to_owned();
        }
        self
    }
}

impl From<FieldProblem> for Warning {
    fn from(problem: FieldProblem) -> Self {
        let pointer = match problem.place {
            crate::error::Place::Pointer(p) | crate::error::Place::Parameter(p) => p,
        };
        Self {
            pointer,
            code: problem.code.into_owned(),
            detail: problem.detail,
            vi: None,
        }
    }
}

/// The answer to a posted tip, sent once it is durable.
#[derive(Debug, Serialize, ToSchema)]
pub struct TipReceived {
    /// The tip's id.
    pub id: Uuid,
    /// The code to write down: it shows what became of the tip. It is shown only here.
    #[schema(example = "GKV6-RKHD-471B-CWAP-FMXH")]
    pub receipt: String,
    /// A compact JWS over tip id, digest, salt and time: proves later that this was received.
    pub attestation: String,
    /// What would help, never a demand.
    pub missing: Vec<HintView>,
    /// `received`.
    #[schema(example = "received")]
    pub status: &'static str,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The desk it went to.
    #[schema(example = "cyber")]
    pub desk: String,
    /// What it points at, normalised.
    pub indicators: Vec<ReceivedIndicator>,
    /// What was not understood.
    pub warnings: Vec<Warning>,
    /// What to do now.
    pub guidance: Vec<AdviceView>,
    /// What the public check would say of these indicators, where it would say anything.
    pub already_known: Vec<KnownIndicator>,
}

/// An indicator of a posted tip.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceivedIndicator {
    /// Its kind.
    #[schema(example = "phone")]
    pub kind: String,
    /// Canonical value, or the text as sent where it is not valid.
    #[schema(example = "+84369123456")]
    pub value: String,
    /// For people.
    #[schema(example = "036 912 3456")]
    pub display: String,
    /// Whether it could be normalised.
    pub valid: bool,
    /// Why not.
    #[schema(required)]
    pub reason: Option<String>,
    /// `reported`, `extracted` or `derived`.
    #[schema(example = "reported")]
    pub source: &'static str,
    /// What it did.
    #[schema(required)]
    pub role: Option<String>,
    /// More that follows from it.
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
}

/// What the public may learn of an indicator.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KnownIndicator {
    /// Its kind.
    pub kind: String,
    /// Canonical value.
    pub value: String,
    /// `confirmed_scam`, `suspected`, `reported`, `official`.
    pub verdict: String,
}

/// Something that would help.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HintView {
    /// Stable code.
    pub code: String,
    /// A question for people.
    #[schema(example = "Bạn chuyển tiền lúc nào?")]
    pub text: String,
}

impl From<Hint> for HintView {
    fn from(hint: Hint) -> Self {
        let code = serde_json::to_value(hint.code)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default();
        Self {
            code,
            text: hint.text,
        }
    }
}

/// One piece of advice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AdviceView {
    /// Stable code.
    #[schema(example = "call_bank_now")]
    pub code: String,
    /// Short title.
    pub title: String,
    /// What to do.
    pub body: String,
    /// Buttons to show.
    pub actions: Vec<ActionView>,
}

/// A button to show.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionView {
    /// Its text.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

impl From<Advice> for AdviceView {
    fn from(advice: Advice) -> Self {
        let action = |a: Action| ActionView {
            label: a.label,
            href: a.href,
        };
        Self {
            code: advice.code,
            title: advice.title,
            body: advice.body,
            actions: advice.actions.into_iter().map(action).collect(),
        }
    }
}
