//! Shapes of the webhook endpoints.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::store::{WebhookRow, deliveries::DeliveryRow};

/// A webhook to register.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"url": "https://hooks.vietcombank.example/tinbao", "events": ["referral.sent", "referral.recalled", "indicator.corrected"]}))]
pub struct CreateWebhook {
    /// Where events are posted to: `https`, a public host, no user name or password.
    #[validate(length(min = 1, max = 2048))]
    #[schema(format = "uri", min_length = 1, max_length = 2048)]
    pub url: String,
    /// Names of events; an agency receives those that it may know of.
    #[validate(length(min = 1, max = 50))]
    #[schema(value_type = Vec<crate::http::Code>, min_items = 1, max_items = 50)]
    pub events: Vec<String>,
}

/// What to change of a webhook; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"enabled": true}))]
pub struct UpdateWebhook {
    /// Where events are posted to.
    #[validate(length(min = 1, max = 2048))]
    #[schema(format = "uri", min_length = 1, max_length = 2048)]
    pub url: Option<String>,
    /// Names of events.
    #[validate(length(min = 1, max = 50))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, min_items = 1, max_items = 50)]
    pub events: Option<Vec<String>>,
    /// While false nothing is sent, and events that happen are not kept for later.
    pub enabled: Option<bool>,
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookView {
    /// Id.
    pub id: Uuid,
    /// Agency that it belongs to; null is the provincial police.
    #[schema(required, example = "bank_970436")]
    pub agency: Option<String>,
    /// Where events are posted to.
    #[schema(example = "https://hooks.vietcombank.example/tinbao")]
    pub url: String,
    /// Names of events.
    #[schema(example = json!(["referral.sent", "indicator.corrected"]))]
    pub events: Vec<String>,
    /// Whether anything is sent.
    pub enabled: bool,
    /// `gone` where the receiver answered 410, `client_disabled` where its client was disabled, `tokens_ended` where
    /// all tokens of whoever made it were ended.
    #[schema(required)]
    pub disabled_reason: Option<String>,
    /// Until when deliveries carry a second signature, by the secret before the last rotation.
    #[schema(required)]
    pub previous_secret_until: Option<DateTime<Utc>>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The ETag.
    pub version: i32,
    /// What deliveries are signed with (Standard Webhooks); shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
}

impl WebhookView {
    /// As it is at a time.
    pub fn at(row: WebhookRow, now: DateTime<Utc>) -> Self {
        Self {
            id: row.id,
            agency: row.agency,
            url: row.url,
            events: row.events.into_iter().flatten().collect(),
            enabled: row.enabled,
            disabled_reason: row.disabled_reason,
            previous_secret_until: row.previous_secret_until.filter(|until| now < *until),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            secret: None,
        }
    }

    /// With the secret, for the one answer that shows it.
    #[must_use]
    pub fn revealing(mut self, secret: String) -> Self {
        self.secret = Some(secret);
        self
    }
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent, or to be sent again.
    Pending,
    /// The receiver has answered 2xx.
    Delivered,
    /// Given up; it can be replayed.
    Dead,
}

impl DeliveryState {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// Filters of the log.
#[derive(Deserialize, IntoParams)]
pub struct DeliveryFilters {
    /// Only those that stand so.
    #[param(inline)]
    pub state: Option<DeliveryState>,
}

/// One event for one webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Id.
    pub id: Uuid,
    /// Id of the event, sent as `webhook-id`: the same at every attempt and replay.
    pub event_id: Uuid,
    /// Name of the event.
    #[schema(example = "referral.sent")]
    pub event: String,
    /// What the event is about; deliveries of one subject keep their order.
    #[schema(example = "referral/019ab1c5-7a10-7e02-b8d4-2c6f1e0a9b87")]
    pub subject: String,
    /// `pending`, `delivered` or `dead`.
    #[schema(value_type = crate::http::DeliveryStateCode)]
    pub state: String,
    /// How often it was sent.
    #[schema(example = 3)]
    pub attempts: i32,
    /// Status of the last answer; null where none came.
    #[schema(required, example = 503)]
    pub response_code: Option<i16>,
    /// Why the last attempt failed: `status`, `timeout`, `connection_failed`, `answer_broken_off`,
    /// `redirect_not_followed`, `name_not_resolved`, `target_not_allowed` …
    #[schema(required, example = "status")]
    pub error: Option<String>,
    /// When it was last sent.
    #[schema(required)]
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// When it is sent again; null where it is over, or waits for an earlier event of its subject.
    #[schema(required)]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was made from the event.
    pub created_at: DateTime<Utc>,
}

impl From<DeliveryRow> for DeliveryView {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            event_id: row.event_id,
            event: row.event,
            subject: row.subject,
            state: row.state,
            attempts: row.attempts,
            response_code: row.response_code,
            error: row.error,
            last_attempt_at: row.last_attempt_at,
            next_attempt_at: row.next_attempt_at,
            created_at: row.created_at,
        }
    }
}
