//! The grounds of suspension (BLTTHS art. 148(1)) and how officers write them.

use serde::{Deserialize, Serialize};

use crate::domain::fold::fold_text;

/// A ground on which a resolution may be suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionGround {
    /// An expert's opinion, valuation or foreign legal assistance is pending (148(1)(a)).
    ExpertOrValuationOrMlaPending,
    /// Documents or objects that decide the matter were requested and have not come (148(1)(b)).
    DocumentsRequestedNotReceived,
    /// Force majeure: disaster, epidemic (148(1)(c)).
    ForceMajeureDisasterEpidemic,
}

impl SuspensionGround {
    /// Reads a legal basis such as "BLTTHS 148(1)a", "điểm b khoản 1 Điều 148" or the ground's code.
    pub fn parse(legal_basis: &str) -> Option<Self> {
        let words = fold_text(legal_basis);
        match words.trim() {
            "expert_or_valuation_or_mla_pending" => {
                return Some(Self::ExpertOrValuationOrMlaPending);
            }
            "documents_requested_not_received" => return Some(Self::DocumentsRequestedNotReceived),
            "force_majeure_disaster_epidemic" => return Some(Self::ForceMajeureDisasterEpidemic),
            _ => {}
        }
        if !words
            .split(|c: char| !c.is_ascii_digit())
            .any(|number| number == "148")
        {
            return None;
        }
        let letter = |word: &str| match word {
            "a" => Some(Self::ExpertOrValuationOrMlaPending),
            "b" => Some(Self::DocumentsRequestedNotReceived),
            "c" => Some(Self::ForceMajeureDisasterEpidemic),
            _ => None,
        };
        let paragraph = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
        let mut found = words
            .split(|c: char| !c.is_ascii_alphanumeric())
            // "1a" as well as "1(a)", "điểm a".
            .filter_map(|word| {
                letter(word).or_else(|| {
                    let (digits, last) = word.split_at_checked(word.len().checked_sub(1)?)?;
                    letter(last).filter(|_| !digits.is_empty() && paragraph(digits))
                })
            });
        let ground = found.next();
        // Two letters name two grounds: then the officer must say which.
        if found.any(|other| Some(other) != ground) {
            None
        } else {
            ground
        }
    }
}
