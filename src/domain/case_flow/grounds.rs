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
    /// Reads a legal basis such as "BLTTHS 148(1)a", "điểm a, b khoản 1 Điều 148" or the ground's code: the grounds
    /// that it names, none where it names what is no ground.
    pub fn parse(legal_basis: &str) -> Vec<Self> {
        let text = fold_text(legal_basis);
        match text.trim() {
            "expert_or_valuation_or_mla_pending" => {
                return vec![Self::ExpertOrValuationOrMlaPending];
            }
            "documents_requested_not_received" => return vec![Self::DocumentsRequestedNotReceived],
            "force_majeure_disaster_epidemic" => return vec![Self::ForceMajeureDisasterEpidemic],
            _ => {}
        }
        if !text
            .split(|c: char| !c.is_ascii_digit())
            .any(|number| number == "148")
        {
            return Vec::new();
        }
        let words: Vec<&str> = text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let mut grounds = Vec::new();
        for (i, word) in words.iter().enumerate() {
            let next = words.get(i + 1);
            match Self::of_point(word) {
                Some(ground) if !grounds.contains(&ground) => grounds.push(ground),
                Some(_) => {}
                // "a, d": no such ground. But "a, Đ. 148" and "a k. 1" shorten the words for article and paragraph.
                None if word.len() == 1
                    && is_letter(word)
                    && i.checked_sub(1)
                        .and_then(|before| Self::of_point(words.get(before)?))
                        .is_some()
                    && !next.is_some_and(|next| is_number(next)) =>
                {
                    return Vec::new();
                }
                None => {}
            }
        }
        grounds
    }

    /// The ground of a point: "a", and "1a" as well as "1(a)".
    fn of_point(word: &str) -> Option<Self> {
        let (digits, letter) = word.split_at_checked(word.len().checked_sub(1)?)?;
        if !digits.is_empty() && !is_number(digits) {
            return None;
        }
        match letter {
            "a" => Some(Self::ExpertOrValuationOrMlaPending),
            "b" => Some(Self::DocumentsRequestedNotReceived),
            "c" => Some(Self::ForceMajeureDisasterEpidemic),
            _ => None,
        }
    }
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_letter(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphabetic())
}
