//! Wire types of evidence.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::{AttachmentRow, CustodyRow};

/// A form with one file, as `multipart/form-data`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the body")]
pub struct UploadFile {
    /// The file, at most 20 MiB; its name and announced type are not used.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
}

/// A file of a tip, as its reporter may know it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentReceived {
    /// Id of the file.
    pub id: Uuid,
    /// By content.
    #[schema(example = "image/jpeg")]
    pub media_type: String,
    /// Bytes of the original.
    #[schema(example = 482_113)]
    pub size: i64,
    /// SHA-256 of the original, in hexadecimal: whoever has the file can check that it is this one.
    pub sha256: String,
    /// When it was complete.
    pub received_at: DateTime<Utc>,
}

impl From<&AttachmentRow> for AttachmentReceived {
    fn from(row: &AttachmentRow) -> Self {
        Self {
            id: row.id,
            media_type: row.media_type.clone(),
            size: row.size,
            sha256: hex::encode(&row.sha256),
            received_at: row.received_at,
        }
    }
}

/// A file of a tip, as officers see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentView {
    /// Id of the file.
    pub id: Uuid,
    /// By content.
    #[schema(example = "image/jpeg")]
    pub media_type: String,
    /// Bytes of the original.
    #[schema(example = 482_113)]
    pub size: i64,
    /// SHA-256 of the original, in hexadecimal.
    pub sha256: String,
    /// When it was complete.
    pub received_at: DateTime<Utc>,
    /// Which officer added it; null for the reporter.
    #[schema(required, example = "analyst")]
    pub added_by: Option<String>,
    /// Whether it may be shown in place; everything else only downloads.
    pub preview: bool,
    /// Whether a copy free of location and device metadata can be made of files of its type, unless they are
    /// damaged, encrypted or a signed package such as an app. Of other files only what is known of metadata is
    /// overwritten; plain text and programs are served as stored.
    pub metadata_removable: bool,
}

/// What happened to a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustodyItem {
    /// When.
    pub at: DateTime<Utc>,
    /// `received`, `downloaded`, `downloaded_uncleaned` (beside `downloaded`, where metadata may be left),
    /// `original_revealed`, `certified`, `found_missing` or `found_altered`.
    #[schema(example = "downloaded")]
    pub act: String,
    /// Who: `sub` of the officer, or `reporter`.
    #[schema(example = "analyst")]
    pub actor: String,
}

impl From<CustodyRow> for CustodyItem {
    fn from(row: CustodyRow) -> Self {
        Self {
            at: row.at,
            act: row.act,
            actor: row.actor,
        }
    }
}

/// Something that only one of the two says: the log of custody, or the journal.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustodyDifference {
    /// Which of them does not say it.
    pub missing_in: Missing,
    /// When, by the other.
    pub at: DateTime<Utc>,
    /// What was done, by the other.
    #[schema(example = "downloaded")]
    pub act: String,
    /// Who did it, by the other.
    #[schema(example = "analyst")]
    pub actor: String,
}

/// Where something is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CustodyMissingIn)]
pub enum Missing {
    /// The log of custody lost it, or says it differently.
    Custody,
    /// The journal does not know it: it was written into the log of custody by another hand.
    Journal,
}

/// A certificate for the case file: which file was received when, and who had it in hand since.
#[derive(Debug, Serialize, ToSchema)]
pub struct Certificate {
    /// Id of the file.
    pub attachment_id: Uuid,
    /// The tip it belongs to.
    pub tip_id: Uuid,
    /// By content.
    #[schema(example = "image/jpeg")]
    pub media_type: String,
    /// Bytes of the original.
    pub size: i64,
    /// SHA-256 of the original, in hexadecimal, hashed while it came.
    pub sha256: String,
    /// Whether the journal's entry of the reception attests `sha256`; false where the row was altered since, null
    /// for files that were received before entries did so.
    #[schema(required)]
    pub sha256_attested: Option<bool>,
    /// SHA-256 of what the store holds now; null where it is lost or does not open.
    #[schema(required)]
    pub stored_sha256: Option<String>,
    /// Whether the journal's entry of the reception attests `stored_sha256`.
    #[schema(required)]
    pub stored_sha256_attested: Option<bool>,
    /// Whether the stored original was opened just now and has this hash, and nothing says that the hash was
    /// altered.
    pub intact: bool,
    /// When it was complete.
    pub received_at: DateTime<Utc>,
    /// `reporter` or `officer`.
    #[schema(example = "reporter")]
    pub received_from: &'static str,
    /// Everything that happened to it, oldest first.
    pub custody: Vec<CustodyItem>,
    /// Whether the journal, which cannot be rewritten unseen, says the same of all of it.
    pub custody_intact: bool,
    /// Where it does not, oldest first.
    pub custody_differences: Vec<CustodyDifference>,
    /// When this certificate was made.
    pub issued_at: DateTime<Utc>,
    /// For whom.
    #[schema(example = "analyst")]
    pub issued_to: String,
    /// All of the above as a compact JWS (keys in `/.well-known/jwks.json`).
    pub signature: String,
}
