//! What an agency may be let see of a tip or case; who reported never is.

use super::store::ReferralRow;
use crate::domain::referral::ReferralKind;
use crate::error::{FieldProblem, Result, valid};

/// What may be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    Indicators,
    Method,
    Narrative,
    Losses,
    Place,
    OccurredAt,
    Channel,
    Victim,
    BorderTraces,
}

impl Grant {
    const ALL: [(&'static str, Self); 9] = [
        ("indicators", Self::Indicators),
        ("method", Self::Method),
        ("narrative", Self::Narrative),
        ("losses", Self::Losses),
        ("place", Self::Place),
        ("occurred_at", Self::OccurredAt),
        ("channel", Self::Channel),
        ("victim", Self::Victim),
        ("border_traces", Self::BorderTraces),
    ];

    fn parse(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find_map(|(name, grant)| (name == code).then_some(grant))
    }
}

/// What is granted where nothing is said (contract §7).
pub const DEFAULT: [&str; 2] = ["indicators", "method"];

/// 422 for what cannot be granted; the reporter never can.
pub fn check(kind: ReferralKind, disclose: &[String]) -> Result<()> {
    let mut problems: Vec<FieldProblem> = disclose
        .iter()
        .enumerate()
        .filter(|(_, code)| Grant::parse(code).is_none())
        .map(|(i, code)| {
            let (code, detail) = if code.contains("reporter") || code.contains("identity") {
                (
                    "never_disclosed",
                    "Who reported is never disclosed.".to_owned(),
                )
            } else {
                let names: Vec<&str> = Grant::ALL.iter().map(|(name, _)| *name).collect();
                (
                    "unknown_value",
                    format!("One of {} is expected.", names.join(", ")),
                )
            };
            FieldProblem::at(format!("/disclose/{i}"), code, detail)
        })
        .collect();
    if kind == ReferralKind::Publicise {
        let told = disclose.iter().position(|code| code == "narrative");
        problems.extend(told.map(|i| {
            let detail = "A narrative is not for publication.";
            FieldProblem::at(format!("/disclose/{i}"), "not_for_publication", detail)
        }));
    }
    if kind != ReferralKind::BorderAlert
        && let Some(i) = disclose.iter().position(|code| code == "border_traces")
    {
        let detail = "Plates, ways and lures of illegal exit are for a border alert.";
        problems.push(FieldProblem::at(
            format!("/disclose/{i}"),
            "not_allowed",
            detail,
        ));
    }
    if kind.traces().is_some() && !disclose.iter().any(|code| code == "indicators") {
        let detail = "What this kind of referral is about are indicators: disclose them.";
        problems.push(FieldProblem::at("/disclose", "required", detail));
    }
    valid(problems)
}

/// What of it is granted by a referral.
pub fn grants(row: &ReferralRow) -> Vec<Grant> {
    let codes = row.disclose.iter().flatten();
    codes.filter_map(|code| Grant::parse(code)).collect()
}
