//! Which desk takes a tip: an ordered list of rules, the first that fits wins, and the duty desk
//! takes what no rule takes.
//!
//! Desks and rules are data that an administrator edits; `problems` tells what is wrong with an
//! edited list before it is stored. Whatever the list says, `route` always names a desk.

use serde::{Deserialize, Serialize};

/// The desk that takes what no rule takes.
pub const DUTY_DESK: &str = "duty";

/// Desks and the rules that choose among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingRules {
    /// The desks there are.
    #[serde(default)]
    pub desks: Vec<Desk>,
    /// The rules, in the order in which they are tried.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// One desk, or one kind of desk of which each commune has its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// Stable code.
    pub code: String,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name.
    pub name_en: String,
    /// Each commune has its own desk `<code>_<unit_code>`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub per_unit: bool,
    /// How the code of such a desk is built, for readers; the rule itself is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_pattern: Option<String>,
    /// A remark for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One rule: when all its conditions hold, its desk takes the tip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Conditions; none at all fits every tip.
    pub when: When,
    /// Code of the desk.
    pub desk: String,
}

/// The conditions of a rule; one that is absent holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Whether somebody is in danger now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_danger_now: Option<bool>,
    /// The method is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Vec<String>>,
    /// Whether no loss is stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_loss: Option<bool>,
    /// Some indicator is of one of these kinds; an empty list means that there is no indicator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indicator_kind: Option<Vec<String>>,
    /// Whether the commune is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_known: Option<bool>,
    /// The commune is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Vec<String>>,
    /// The reporter's language is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Vec<String>>,
}

/// What the choice is drawn from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The reporter's method, if known.
    pub method: Option<&'a str>,
    /// Somebody is in danger now.
    pub in_danger_now: bool,
    /// Kinds of the indicators.
    pub indicator_kinds: Vec<&'a str>,
    /// The present commune code, only if it is a known one.
    pub unit_code: Option<&'a str>,
    /// A loss is stated.
    pub has_loss: bool,
    /// The reporter's language, if stated.
    pub language: Option<&'a str>,
}

/// The code of the desk that takes the tip.
pub fn route(rules: &RoutingRules, facts: &Facts<'_>) -> String {
    rules
        .rules
        .iter()
        .filter(|rule| rule.when.fits(facts))
        .find_map(|rule| rules.desk_code(&rule.desk, facts.unit_code))
        .unwrap_or_else(|| DUTY_DESK.to_owned())
}

impl RoutingRules {
    /// The desk's own code; `None` if there is no such desk, or its commune is not known.
    fn desk_code(&self, code: &str, unit_code: Option<&str>) -> Option<String> {
        let desk = self.desks.iter().find(|desk| desk.code == code)?;
        if desk.per_unit {
            unit_code.map(|unit| format!("{code}_{unit}"))
        } else {
            Some(code.to_owned())
        }
    }

    /// The desk that a code names, with the commune code of one that each commune has.
    pub fn find_desk<'a>(&self, code: &'a str) -> Option<(&Desk, Option<&'a str>)> {
        let exact = self
            .desks
            .iter()
            .find(|desk| !desk.per_unit && desk.code == code);
        exact.map(|desk| (desk, None)).or_else(|| {
            self.desks
                .iter()
                .filter(|desk| desk.per_unit)
                .find_map(|desk| {
                    let unit = code.strip_prefix(desk.code.as_str())?.strip_prefix('_')?;
                    Some((desk, Some(unit)))
                })
        })
    }

    /// Whether a code names a desk of this list, for communes with one of the known unit codes.
    pub fn has_desk(&self, code: &str, is_unit: impl Fn(&str) -> bool) -> bool {
        self.find_desk(code)
            .is_some_and(|(_, unit)| unit.is_none_or(is_unit))
    }

    /// What is wrong with an edited list: the place (a JSON pointer) and the reason.
    pub fn problems(&self) -> Vec<(String, &'static str)> {
        let mut problems = Vec::new();
        if !self
            .desks
            .iter()
            .any(|desk| desk.code == DUTY_DESK && !desk.per_unit)
        {
            problems.push(("/desks".to_owned(), "the desk \"duty\" is missing"));
        }
        for (index, desk) in self.desks.iter().enumerate() {
            if !is_code(&desk.code) {
                problems.push((
                    format!("/desks/{index}/code"),
                    "a code is 1 to 40 small letters, digits and underscores",
                ));
            }
            if self
                .desks
                .iter()
                .take(index)
                .any(|other| other.code == desk.code)
            {
                problems.push((format!("/desks/{index}/code"), "the code stands twice"));
            }
        }
        for (index, rule) in self.rules.iter().enumerate() {
            if !self.desks.iter().any(|desk| desk.code == rule.desk) {
                problems.push((format!("/rules/{index}/desk"), "there is no such desk"));
            }
        }
        problems
    }
}

impl When {
    fn fits(&self, facts: &Facts<'_>) -> bool {
        let equal = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        equal(self.in_danger_now, facts.in_danger_now)
            && equal(self.no_loss, !facts.has_loss)
            && equal(self.unit_known, facts.unit_code.is_some())
            && one_of(self.method.as_deref(), facts.method)
            && one_of(self.unit.as_deref(), facts.unit_code)
            && one_of(self.language.as_deref(), facts.language)
            && self.indicator_kind.as_deref().is_none_or(|wanted| {
                if wanted.is_empty() {
                    facts.indicator_kinds.is_empty()
                } else {
                    facts
                        .indicator_kinds
                        .iter()
                        .any(|kind| one_of(Some(wanted), Some(kind)))
                }
            })
    }
}

fn one_of(wanted: Option<&[String]>, is: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| is.is_some_and(|is| wanted.iter().any(|want| want == is)))
}

fn is_code(code: &str) -> bool {
    (1..=40).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn seed() -> RoutingRules {
        serde_json::from_str(include_str!("../reference/data/desks.json")).unwrap()
    }

    fn facts() -> Facts<'static> {
        Facts::default()
    }

    #[rstest]
    #[case::nothing(facts(), "duty")]
    #[case::danger_before_method(Facts { in_danger_now: true, method: Some("investment_fraud"), ..facts() }, "duty")]
    #[case::kidnapping(Facts { method: Some("online_kidnapping"), ..facts() }, "criminal")]
    #[case::job_abroad(Facts { method: Some("overseas_easy_job"), indicator_kinds: vec!["phone"], ..facts() }, "immigration")]
    #[case::investment(Facts { method: Some("investment_fraud"), has_loss: true, ..facts() }, "economic")]
    #[case::merger_without_loss(Facts { method: Some("merger_data_update"), ..facts() }, "administrative")]
    #[case::merger_with_loss(Facts { method: Some("merger_data_update"), has_loss: true, indicator_kinds: vec!["phone"], ..facts() }, "cyber")]
    #[case::a_link(Facts { indicator_kinds: vec!["url"], unit_code: Some("03127"), ..facts() }, "cyber")]
    #[case::only_a_place(Facts { unit_code: Some("03127"), ..facts() }, "commune_03127")]
    #[case::unknown_kind(Facts { indicator_kinds: vec!["telepathy"], unit_code: Some("03127"), ..facts() }, "duty")]
    fn the_first_rule_that_fits_takes_the_tip(#[case] facts: Facts<'_>, #[case] desk: &str) {
        assert_eq!(route(&seed(), &facts), desk);
    }

    #[test]
    fn whatever_the_rules_say_a_tip_goes_somewhere() {
        assert_eq!(route(&RoutingRules::default(), &facts()), "duty");
        let rules: RoutingRules = serde_json::from_str(
            r#"{"desks": [{"code": "commune", "name_vi": "", "name_en": "", "per_unit": true}],
                "rules": [{"when": {}, "desk": "nowhere"}, {"when": {}, "desk": "commune"}]}"#,
        )
        .unwrap();
        assert_eq!(route(&rules, &facts()), "duty");
        let known = Facts {
            unit_code: Some("03334"),
            ..facts()
        };
        assert_eq!(route(&rules, &known), "commune_03334");
    }

    #[test]
    fn language_and_place_can_choose() {
        let rules: RoutingRules = serde_json::from_str(
            r#"{"desks": [{"code": "north", "name_vi": "", "name_en": ""}],
                "rules": [{"when": {"language": ["hmn", "tai"], "unit": ["03166"]}, "desk": "north"}]}"#,
        )
        .unwrap();
        let mut tip = Facts {
            language: Some("hmn"),
            unit_code: Some("03166"),
            ..facts()
        };
        assert_eq!(route(&rules, &tip), "north");
        tip.language = None;
        assert_eq!(route(&rules, &tip), "duty");
    }

    #[test]
    fn the_seed_has_no_problems_and_an_edited_list_names_its_own() {
        assert_eq!(seed().problems(), []);
        let mut edited = seed();
        edited.desks.retain(|desk| desk.code != "duty");
        edited.desks.push(edited.desks[0].clone());
        edited.rules[1].desk = "crminal".to_owned();
        let places: Vec<String> = edited
            .problems()
            .into_iter()
            .map(|(place, _)| place)
            .collect();
        assert_eq!(
            places,
            [
                "/desks",
                "/desks/6/code",
                "/rules/0/desk",
                "/rules/1/desk",
                "/rules/7/desk"
            ]
        );
        assert!(serde_json::from_str::<When>(r#"{"metod": []}"#).is_err());
    }

    #[test]
    fn commune_desks_exist_for_known_communes_only() {
        let known = |unit: &str| unit == "03127";
        assert!(seed().has_desk("commune_03127", known));
        assert!(!seed().has_desk("commune_99999", known));
        assert!(!seed().has_desk("commune", known));
        assert!(seed().has_desk("cyber", known));
    }
}
