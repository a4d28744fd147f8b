//! Wire types of messages and notes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// A text to be sent or noted.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[schema(example = json!({"text": "Bạn còn giữ biên lai chuyển tiền không? Bạn có thể gửi ảnh ở đây."}))]
pub struct WriteText {
    /// 1 to 5,000 characters.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    pub text: String,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageAuthor)]
pub enum From {
    /// The reporter, by receipt.
    Reporter,
    /// An officer.
    Officer,
}

/// A message as the reporter sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptMessage {
    /// Id of the message.
    pub id: Uuid,
    /// Who wrote it.
    pub from: From,
    /// What it says.
    #[schema(example = "Bạn còn giữ biên lai chuyển tiền không?")]
    pub text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When the other side first read it.
    #[schema(required)]
    pub read_at: Option<DateTime<Utc>>,
}

/// A message as officers see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TipMessage {
    /// Id of the message.
    pub id: Uuid,
    /// Who wrote it.
    pub from: From,
    /// Which officer; null for the reporter.
    #[schema(required, example = "analyst")]
    pub author: Option<String>,
    /// What it says; secrets that a reporter should not have typed are masked.
    #[schema(example = "Tôi còn giữ biên lai, mã giao dịch FT26328001234567.")]
    pub text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When the other side first read it.
    #[schema(required)]
    pub read_at: Option<DateTime<Utc>>,
}

/// A note of an officer.
#[derive(Debug, Serialize, ToSchema)]
pub struct TipNote {
    /// Id of the note.
    pub id: Uuid,
    /// Who wrote it.
    #[schema(example = "analyst")]
    pub author: String,
    /// What it says.
    #[schema(example = "Đã gọi ngân hàng, chờ phản hồi.")]
    pub text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}
