//! The classes of personal data that end, in one table, and the rules that say when.
//!
//! A new class is a row here, its SQL in `store/purge.rs`, and a rule in `rules.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::domain::case_flow::CaseState;
use crate::error::{Error, FieldProblem, Result, valid};

/// A class of personal data with a term of its own.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
#[schema(as = RetentionClass)]
pub enum Class {
    /// Identity, its index and the sealed bytes of tips that ended without a case.
    ReporterIdentities,
    /// Files of tips that ended without a case.
    Evidence,
    /// Whole tips that ended without a case.
    Tips,
    /// The same as reporter identities for tips of cases that ended.
    CaseIdentities,
    /// Tips, files, notes and texts of cases that ended.
    Cases,
    /// Appeals that were decided.
    Appeals,
    /// Requests of data subjects that were decided.
    PrivacyRequests,
}

/// What the service knows of a class.
struct Facts {
    class: Class,
    code: &'static str,
    /// A shorter term than this would be a slip of the hand.
    least_days: i32,
}

/// All classes, in the order in which a run takes them.
const TABLE: [Facts; 7] = [
    Facts {
        class: Class::ReporterIdentities,
        code: "reporter_identities",
        least_days: 30,
    },
    Facts {
        class: Class::Evidence,
        code: "evidence",
        least_days: 30,
    },
    Facts {
        class: Class::Tips,
        code: "tips",
        least_days: 90,
    },
    Facts {
        class: Class::CaseIdentities,
        code: "case_identities",
        least_days: 365,
    },
    Facts {
        class: Class::Cases,
        code: "cases",
        least_days: 365,
    },
    Facts {
        class: Class::Appeals,
        code: "appeals",
        least_days: 90,
    },
    Facts {
        class: Class::PrivacyRequests,
        code: "privacy_requests",
        least_days: 90,
    },
];

/// A hundred years: what is longer is meant as for ever.
const MOST_DAYS: i32 = 36_500;

/// States in which a case has ended; a suspended or archived one may still be taken up again.
pub const ENDED_CASES: [CaseState; 4] = [
    CaseState::DecidedProsecute,
    CaseState::DecidedNoProsecution,
    CaseState::TransferredOut,
    CaseState::Closed,
];

impl Class {
    /// All classes.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|facts| facts.class)
    }

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        TABLE
            .iter()
            .find(|facts| facts.class == self)
            .map_or("", |facts| facts.code)
    }
}

/// How long a class is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Rule {
    /// Which data.
    pub class: Class,
    /// Days after the tip, case, appeal or request ended; null keeps it for ever.
    // For ever must be said, not left out by a slip.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required, example = 180)]
    pub after_days: Option<i32>,
    /// Why so long: the purpose, the law.
    #[schema(max_length = 1000, required)]
    #[validate(length(max = 1000))]
    pub note: Option<String>,
}

/// The rules of all classes.
pub type Terms = BTreeMap<Class, Option<i32>>;

/// The terms that some rules set.
pub fn terms(rules: &[Rule]) -> Terms {
    rules
        .iter()
        .map(|rule| (rule.class, rule.after_days))
        .collect()
}

#[derive(Deserialize)]
struct Shipped {
    rules: Vec<Rule>,
}

/// The rules that hold until others are approved.
pub fn shipped() -> Result<Vec<Rule>> {
    let file: Shipped = serde_json::from_str(include_str!("rules.json"))
        .map_err(|e| Error::internal("reading the shipped retention rules", e))?;
    Ok(file.rules)
}

/// 422 unless every class stands once, with a term in its bounds.
pub fn check(rules: &[Rule]) -> Result<()> {
    let mut problems = Vec::new();
    for facts in &TABLE {
        let found: Vec<_> = rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.class == facts.class)
            .collect();
        let Some((n, rule)) = found.first() else {
            let detail = format!("The rule for {} is missing.", facts.code);
            problems.push(FieldProblem::at("/rules", "missing", detail));
            continue;
        };
        if rule
            .after_days
            .is_some_and(|days| !(facts.least_days..=MOST_DAYS).contains(&days))
        {
            problems.push(FieldProblem::at(
                format!("/rules/{n}/after_days"),
                "out_of_range",
                format!(
                    "{} to {MOST_DAYS} days, or null for ever.",
                    facts.least_days
                ),
            ));
        }
        if let Some((n, _)) = found.get(1) {
            let detail = format!("There are two rules for {}.", facts.code);
            problems.push(FieldProblem::at(
                format!("/rules/{n}/class"),
                "duplicate",
                detail,
            ));
        }
    }
    valid(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rules_name_every_class_in_its_bounds() {
        let rules = shipped().unwrap();
        check(&rules).unwrap();
        for rule in rules {
            assert!(rule.note.is_some(), "{:?} says why", rule.class);
            let code = serde_json::to_value(rule.class).unwrap();
            assert_eq!(code, rule.class.as_str(), "one name everywhere");
        }
    }

    #[test]
    fn missing_doubled_and_hasty_rules_are_named() {
        let good = shipped().unwrap();
        let wrong = |change: fn(&mut Vec<Rule>)| {
            let mut rules = good.clone();
            change(&mut rules);
            match check(&rules) {
                Err(Error::Invalid(problems)) => problems
                    .into_iter()
                    .map(|problem| (problem.place, problem.code.into_owned()))
                    .collect::<Vec<_>>(),
                other => panic!("{other:?}"),
            }
        };
        use crate::error::Place::Pointer;
        assert_eq!(
            wrong(|rules| drop(rules.remove(2))),
            [(Pointer("/rules".into()), "missing".into())]
        );
        assert_eq!(
            wrong(|rules| rules.push(rules[0].clone())),
            [(Pointer("/rules/7/class".into()), "duplicate".into())]
        );
        for days in [i32::MIN, -1, 0, 29, 36_501, i32::MAX] {
            let mut rules = good.clone();
            rules[0].after_days = Some(days);
            assert!(check(&rules).is_err(), "{days}");
        }
        let mut forever = good;
        forever[0].after_days = None;
        check(&forever).unwrap();
    }
}
