//! Texts on their way to another agency, without whoever reported.

use uuid::Uuid;

use super::store;
use crate::db::Conn;
use crate::domain::masking::mask_note;
use crate::domain::redaction::{Identity, hide_own, redact};
use crate::error::Result;
use crate::keys::IdentityKeys;
use crate::tips::identity::{self, Known};

/// A text of which its reporters are no part.
pub enum Unnamed {
    /// What may be told.
    Told(String),
    /// An identity does not open, so that nobody knows what would have to be hidden.
    Withheld,
}

impl Unnamed {
    /// What may be told.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Told(text) => Some(text.clone()),
            Self::Withheld => None,
        }
    }
}

/// What citizens wrote: also other people's numbers are hidden, but those `shown`.
pub fn narrative<'a>(
    text: &str,
    reporters: impl Iterator<Item = &'a Known>,
    shown: &[&str],
) -> Unnamed {
    let mut text = redact(text, &Identity::default(), shown);
    for known in reporters {
        match known {
            Known::Open(reporter) => text = redact(&text, &reporter.for_redaction(), shown),
            Known::Broken => return Unnamed::Withheld,
            Known::None => {}
        }
    }
    Unnamed::Told(text)
}

/// What officers write: whoever reported the tip, or a tip of the case, is hidden in it, and what opens an account. Other
/// people and numbers stay, for the agency may be asked about them.
pub async fn note(
    conn: &mut Conn,
    keys: &IdentityKeys,
    (tip, case): (Option<Uuid>, Option<Uuid>),
    text: &str,
) -> Result<String> {
    let tips = match (tip, case) {
        (Some(tip), _) => vec![tip],
        (None, Some(case)) => {
            let cases = store::cases(conn, &[case], None).await?;
            cases.into_iter().flat_map(|case| case.tips).collect()
        }
        (None, None) => Vec::new(),
    };
    let mut text = mask_note(text);
    for known in identity::open_all(conn, keys, &tips).await?.into_values() {
        let own = known.or_nothing();
        if let Some(hidden) = hide_own(&text, &own.for_redaction()) {
            text = hidden;
        }
    }
    Ok(text)
}

/// The same of a text that may be absent.
pub async fn note_if_any(
    conn: &mut Conn,
    keys: &IdentityKeys,
    of: (Option<Uuid>, Option<Uuid>),
    text: Option<&str>,
) -> Result<Option<String>> {
    Ok(match text {
        Some(text) => Some(note(conn, keys, of, text).await?),
        None => None,
    })
}
