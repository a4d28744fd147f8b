//! The table against the reference file, and each condition of the law.

use super::*;
use rstest::rstest;
use std::collections::BTreeSet;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

const NOW: &str = "2027-03-01T02:00:00Z";

/// Conditions under which every move of the table is lawful.
fn all_met() -> Conditions<'static> {
    Conditions {
        limit_ends_at: Some(at("2027-01-25T17:00:00Z")),
        two_months_end_at: Some(at(NOW)),
        four_months_end_at: Some(at(NOW)),
        suspended_at: Some(at("2024-01-01T00:00:00Z")),
        legal_basis: "BLTTHS 148(1)a",
        document_number: "15/QĐ-VKS",
    }
}

#[test]
fn the_table_is_the_reference_file_from_accepted_on() {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../reference/data/legal_process.json")).unwrap();
    let names = |value: &serde_json::Value| -> Vec<String> {
        match value.as_array() {
            Some(list) => list
                .iter()
                .map(|name| name.as_str().unwrap().to_owned())
                .collect(),
            None => vec![value.as_str().unwrap().to_owned()],
        }
    };
    let mut expected = BTreeSet::new();
    for transition in file["transitions"].as_array().unwrap() {
        for from in names(&transition["from"]) {
            for to in names(&transition["to"]) {
                if CaseState::parse(&from).is_some() {
                    expected.insert((from.clone(), to));
                }
            }
        }
    }
    let mut lawful = BTreeSet::new();
    for from in CaseState::ALL {
        for mv in Move::ALL {
            if let Ok(to) = next(from, mv, &all_met(), at(NOW)) {
                lawful.insert((from.as_str().to_owned(), to.as_str().to_owned()));
            }
        }
    }
    assert_eq!(lawful, expected);
}

#[test]
fn an_unlawful_move_names_both_states_and_the_law() {
    let error = next(CaseState::Accepted, Move::Suspend, &all_met(), at(NOW)).unwrap_err();
    assert_eq!(
        (error.from, error.to),
        (CaseState::Accepted, CaseState::Suspended)
    );
    assert_eq!(
        error.to_string(),
        "suspend would lead from accepted to suspended, which is lawful only when verification \
         is under way and its limit has run out (BLTTHS art. 148(1))"
    );
    for from in CaseState::ALL {
        for mv in Move::ALL {
            if let Err(error) = next(from, mv, &Conditions::default(), at(NOW)) {
                assert!(!error.condition.is_empty() && !error.law.is_empty());
            }
        }
    }
}

#[rstest]
#[case::while_the_limit_runs(Conditions { limit_ends_at: Some(at("2027-03-01T17:00:00Z")), ..all_met() }, Some("the limit has run out"))]
#[case::limit_unknown(Conditions { limit_ends_at: None, ..all_met() }, Some("the limit has run out"))]
#[case::at_the_end(Conditions { limit_ends_at: Some(at(NOW)), ..all_met() }, None)]
#[case::no_ground(Conditions { legal_basis: "BLTTHS 147", ..all_met() }, Some("the legal basis names grounds of art. 148(1): a, b or c"))]
#[case::two_grounds(Conditions { legal_basis: "148(1)a, b", ..all_met() }, None)]
#[case::no_such_ground(Conditions { legal_basis: "148(1)a, d", ..all_met() }, Some("the legal basis names grounds of art. 148(1): a, b or c"))]
#[case::force_majeure(Conditions { legal_basis: "điểm c khoản 1 Điều 148 BLTTHS", ..all_met() }, None)]
fn suspension_needs_the_end_of_the_limit_and_a_ground(
    #[case] conditions: Conditions<'_>,
    #[case] lacking: Option<&str>,
) {
    for from in [
        CaseState::Verifying,
        CaseState::Extended,
        CaseState::ExtendedByVks,
        CaseState::Resumed,
    ] {
        let result = next(from, Move::Suspend, &conditions, at(NOW));
        assert_eq!(
            result.err().map(|error| error.condition),
            lacking,
            "{from:?}"
        );
    }
}

#[test]
fn an_extension_beyond_two_months_needs_the_procuracys_decision() {
    let without = Conditions {
        document_number: "  ",
        ..all_met()
    };
    let error = next(
        CaseState::Extended,
        Move::ExtendByProcuracy,
        &without,
        at(NOW),
    )
    .unwrap_err();
    assert_eq!(
        error.condition,
        "the procuracy's decision is named by its document number"
    );
    // It is given once.
    assert!(
        next(
            CaseState::ExtendedByVks,
            Move::ExtendByProcuracy,
            &all_met(),
            at(NOW)
        )
        .is_err()
    );
    assert!(
        next(
            CaseState::Verifying,
            Move::ExtendByProcuracy,
            &all_met(),
            at(NOW)
        )
        .is_err()
    );
}

#[rstest]
#[case::head(CaseState::Verifying, Move::Extend, "two months")]
#[case::procuracy(CaseState::Extended, Move::ExtendByProcuracy, "four months")]
fn nothing_is_extended_after_the_end_of_the_extension(
    #[case] from: CaseState,
    #[case] mv: Move,
    #[case] lacking: &str,
) {
    let at_the_end = all_met();
    assert!(next(from, mv, &at_the_end, at(NOW)).is_ok());
    let over = Some(at(NOW) - chrono::TimeDelta::seconds(1));
    let late = Conditions {
        two_months_end_at: over,
        four_months_end_at: over,
        ..all_met()
    };
    let error = next(from, mv, &late, at(NOW)).unwrap_err();
    assert!(error.condition.contains(lacking), "{error}");
    assert!(error.law.contains("147(2)"), "{error}");
}

#[rstest]
#[case("2025-03-01T02:00:00Z", false)]
#[case("2025-02-28T02:00:00Z", true)]
// 23:30 in Hanoi on 28 February 2025.
#[case("2025-02-28T16:30:00Z", true)]
#[case("2025-02-28T17:30:00Z", false)]
fn archiving_waits_two_years(#[case] suspended_at: &str, #[case] lawful: bool) {
    let conditions = Conditions {
        suspended_at: Some(at(suspended_at)),
        ..all_met()
    };
    assert_eq!(
        next(CaseState::Suspended, Move::Archive, &conditions, at(NOW)).is_ok(),
        lawful
    );
}

#[rstest]
#[case("148(1)a", &[EXPERT])]
#[case("Điểm b Khoản 1 Điều 148", &[DOCUMENTS])]
#[case("BLTTHS 148.1.c", &[DISASTER])]
#[case("art. 148(1)(b)", &[DOCUMENTS])]
#[case("force_majeure_disaster_epidemic", &[DISASTER])]
#[case("148(1)a, b", &[EXPERT, DOCUMENTS])]
#[case("điểm a và điểm c khoản 1 Điều 148", &[EXPERT, DISASTER])]
#[case("điểm a, b, c k. 1 Đ. 148 BLTTHS", &[EXPERT, DOCUMENTS, DISASTER])]
#[case("148(1)a, 148(1)a", &[EXPERT])]
#[case("148(1)a, d", &[])]
#[case("148(1)d", &[])]
#[case("148", &[])]
#[case("1480(1)a", &[])]
#[case("147(1)a", &[])]
#[case("", &[])]
fn grounds_are_read(#[case] text: &str, #[case] grounds: &[SuspensionGround]) {
    assert_eq!(SuspensionGround::parse(text), grounds);
}

const EXPERT: SuspensionGround = SuspensionGround::ExpertOrValuationOrMlaPending;
const DOCUMENTS: SuspensionGround = SuspensionGround::DocumentsRequestedNotReceived;
const DISASTER: SuspensionGround = SuspensionGround::ForceMajeureDisasterEpidemic;

#[test]
fn rights_and_codes_are_the_contracts() {
    let write: Vec<&str> = Move::ALL
        .into_iter()
        .filter(|mv| mv.right() == Right::Write)
        .map(Move::as_str)
        .collect();
    assert_eq!(write, ["assign", "verify", "close", "archive"]);
    for mv in Move::ALL {
        assert_eq!(Move::parse(mv.as_str()), Some(mv));
        assert_eq!(serde_json::to_value(mv).unwrap(), mv.as_str());
    }
    for state in CaseState::ALL {
        assert_eq!(CaseState::parse(state.as_str()), Some(state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
}
