//! Seals what came: the submission under a key of its own, each field of the reporter's identity,
//! the receipt as a keyed hash; and keeps a copy with the secrets withheld.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::super::fields;
use super::super::model::{NewIdentity, NewSubmission};
use super::super::store::KeptSubmission;
use super::super::wire::{SubmitReporter, SubmitTip};
use super::Submission;
use crate::domain::receipt::Receipt;
use crate::domain::{masking, redaction};
use crate::error::{Error, Result};
use crate::http::json::push_segment;
use crate::keys::{DataKey, SealError, Wrapped, random_bytes};
use crate::state::AppState;

/// Media type of the attestation.
pub const ATTESTATION: &str = "tip-attestation+jwt";

const WITHHELD: &str = "[withheld]";
/// Random bytes before those of a submission: its digest says nothing of them to who has not the salt.
const SALT: usize = 32;

/// A text with the secrets masked that a citizen should never have sent.
pub fn masked(text: Option<&str>) -> Option<String> {
    text.map(|text| masking::mask_secrets(text).text)
}

/// Names of those who may be lured: sealed, and shown by a reveal alone (contract §7).
pub fn names_of_victims(tip: &SubmitTip) -> Vec<&str> {
    let victims = tip.potential_victims.iter().flatten();
    victims
        .filter_map(|person| person.name.as_deref())
        .collect()
}

/// The same without the names of potential victims, which nobody looks for.
pub fn masked_with(text: Option<&str>, names: &[&str]) -> Option<String> {
    masked(text).map(|text| redaction::mask_names(&text, names))
}

/// A sealed submission, before its sender is known.
pub struct Sealed {
    pub attestation: String,
    row: NewSubmission,
    /// Where something was withheld.
    withheld: Vec<String>,
}

impl Sealed {
    /// A text of the submission as `masked_with` gives it, which is read again only where something of it was withheld.
    pub fn masked(&self, pointer: &str, text: Option<&str>, names: &[&str]) -> Option<String> {
        match self.withheld.iter().any(|at| at == pointer) {
            true => masked_with(text, names),
            false => text.map(str::to_owned),
        }
    }

    /// The row.
    pub fn into_row(self, content_type: &str) -> NewSubmission {
        NewSubmission {
            content_type: content_type.to_owned(),
            ..self.row
        }
    }
}

fn failed_to_open(submission: Uuid, error: SealError) -> Error {
    Error::internal(format!("opening the submission {submission}"), error)
}

fn failed(error: SealError) -> Error {
    Error::internal("sealing a submission", error)
}

/// A fresh receipt as the reporter writes it down, and the hash under which it is stored.
pub fn new_receipt(app: &AppState) -> (String, [u8; 32]) {
    let receipt = Receipt::from_bytes(random_bytes());
    (receipt.to_code(), receipt_hash(app, &receipt))
}

/// Seals a submission and attests it.
pub fn seal(
    app: &AppState,
    tip: Uuid,
    submission: &Submission,
    now: DateTime<Utc>,
) -> Result<Sealed> {
    let salt = random_bytes::<SALT>();
    let digest: [u8; 32] = Sha256::new()
        .chain_update(salt)
        .chain_update(&submission.raw)
        .finalize()
        .into();
    let id = app.new_id();
    let key = DataKey::random();
    let wrapped = key
        .wrap(&app.keys.identity, id.as_bytes())
        .map_err(failed)?;
    let mut plain = salt.to_vec();
    plain.extend_from_slice(&submission.raw);
    let sealed = key.seal(id.as_bytes(), &plain).map_err(failed)?;
    let mut body = submission.body.clone();
    let mut withheld = Vec::new();
    let names = names_of_victims(&submission.tip);
    withhold(&mut body, &mut String::new(), &names, &mut withheld);

    Ok(Sealed {
        attestation: attest(app, (tip, id), &digest, &salt, now)?,
        row: NewSubmission {
            id,
            content_type: String::new(),
            size: i32::try_from(submission.raw.len()).unwrap_or(i32::MAX),
            digest,
            wrapped,
            sealed,
            body,
            withheld: json!(withheld),
        },
        withheld,
    })
}

/// Attests that a submission was received.
fn attest(
    app: &AppState,
    (tip, submission): (Uuid, Uuid),
    digest: &[u8],
    salt: &[u8],
    at: DateTime<Utc>,
) -> Result<String> {
    let claims = json!({
        "iss": app.settings.issuer, "tip_id": tip, "submission_id": submission,
        "digest": hex::encode(digest),
        "salt": STANDARD.encode(salt), "received_at": at, "iat": at.timestamp(),
    });
    app.signer
        .sign_jws(&claims, ATTESTATION)
        .map_err(|e| Error::internal("signing an attestation", e))
}

/// The attestation of a sealed submission once more, if these are its bytes.
pub fn attest_again(
    app: &AppState,
    tip: Uuid,
    kept: &KeptSubmission,
    raw: &[u8],
) -> Result<Option<String>> {
    let same_size = usize::try_from(kept.size).is_ok_and(|size| size == raw.len());
    let (Some(wrapped), Some(sealed)) = (&kept.wrapped_key, &kept.sealed) else {
        return Ok(None);
    };
    if !same_size {
        return Ok(None);
    }
    let owner = kept.id.as_bytes();
    let wrapped = Wrapped {
        key_id: kept.key_id.clone(),
        bytes: wrapped.clone(),
    };
    let opened = DataKey::unwrap(&app.keys.identity, owner, &wrapped)
        .and_then(|key| key.open(owner, sealed));
    let plain = match opened {
        Ok(plain) => plain,
        // What was altered in the database says nothing of what comes now, and must not keep it out.
        Err(error) => {
            let fault = failed_to_open(kept.id, error).with_causes();
            tracing::error!(fault, "a tip is added to whose submission does not open");
            metrics::counter!("submissions_unreadable_total").increment(1);
            return Ok(None);
        }
    };
    match plain.split_at_checked(SALT) {
        Some((salt, bytes)) if bytes == raw => {
            attest(app, (tip, kept.id), &kept.digest, salt, kept.received_at).map(Some)
        }
        _ => Ok(None),
    }
}

/// The bytes of a submission, from what was sealed: nothing where it is too short to be that.
pub fn without_salt(plain: &[u8]) -> &[u8] {
    plain.get(SALT..).unwrap_or_default()
}

/// The keyed hash under which a receipt is stored.
pub fn receipt_hash(app: &AppState, receipt: &Receipt) -> [u8; 32] {
    app.keys.receipt.hash("receipt", receipt.as_bytes())
}

/// Persons: withheld as a whole.
const PERSONS: [&str; 2] = ["/reporter", "/potential_victims"];

/// What an officer writes down of others, under names of its own.
const OFFICERS: [&str; 3] = ["/suspects", "/witnesses", "/reception"];

/// Names under which an app of somebody else's making sends who reports, in letters and digits alone.
const PERSONAL: [&str; 14] = [
    "name",
    "fullname",
    "hoten",
    "phone",
    "phonenumber",
    "sdt",
    "email",
    "nationalid",
    "cccd",
    "cmnd",
    "address",
    "diachi",
    "gps",
    "fromaccount",
];

/// Whether a member that no tip has may tell who reports.
fn is_personal(key: &str, pointer: &str) -> bool {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    let plain = letters.collect::<String>().to_ascii_lowercase();
    let officers = OFFICERS.iter().any(|part| pointer.starts_with(part));
    !officers && (plain.starts_with("reporter") || PERSONAL.contains(&plain.as_str()))
}

/// Replaces persons and every secret in a text; notes where.
fn withhold(value: &mut Value, pointer: &mut String, names: &[&str], withheld: &mut Vec<String>) {
    let length = pointer.len();
    match value {
        Value::String(text) => {
            let spans = masking::secrets(text);
            if !spans.is_empty() {
                *text = masking::withhold(text, &spans, WITHHELD);
            }
            let without = redaction::withhold_names(text, names, WITHHELD);
            if !spans.is_empty() || without.is_some() {
                withheld.push(pointer.clone());
            }
            if let Some(without) = without {
                *text = without;
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                pointer.push_str(&format!("/{index}"));
                withhold(item, pointer, names, withheld);
                pointer.truncate(length);
            }
        }
        Value::Object(map) => {
            for (key, item) in map.iter_mut() {
                push_segment(pointer, key);
                let person = PERSONS.contains(&pointer.as_str()) || is_personal(key, pointer);
                if person && !item.is_null() {
                    *item = Value::from(WITHHELD);
                    withheld.push(pointer.clone());
                } else {
                    withhold(item, pointer, names, withheld);
                }
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Seals who reports; `None` for an anonymous tip.
pub fn identity(
    app: &AppState,
    tip: Uuid,
    reporter: Option<&SubmitReporter>,
) -> Result<Option<NewIdentity>> {
    let given: Vec<(&str, &str)> = reporter
        .map(|r| r.fields())
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name, value?.trim())))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    if given.is_empty() {
        return Ok(None);
    }
    let blind = given
        .iter()
        .filter_map(|(name, value)| blind_index(app, name, value))
        .collect();
    let sealed = fields::seal(&app.keys.identity, tip, given).map_err(failed)?;
    Ok(Some(NewIdentity { sealed, blind }))
}

/// A keyed hash by which tips of one reporter meet; none for what does not identify.
pub fn blind_index(app: &AppState, field: &str, value: &str) -> Option<[u8; 32]> {
    use crate::domain::indicator::{Input, Kind, parse};
    let canonical = |kind| {
        let reference = app.reference.get();
        parse(
            &reference.catalog,
            &Input {
                kind,
                value,
                bank: None,
            },
        )
        .ok()
        .map(|r| r.indicator.value)
    };
    let normal = match field {
        "phone" => canonical(Kind::Phone),
        "email" => canonical(Kind::Email),
        "national_id" => Some(value.chars().filter(char::is_ascii_digit).collect()),
        _ => return None,
    };
    // A value that does not parse still meets its equals.
    let normal = normal.unwrap_or_else(|| value.to_lowercase());
    Some(app.keys.blind.hash(field, normal.as_bytes()))
}
