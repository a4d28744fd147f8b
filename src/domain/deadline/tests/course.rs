//! What acts do to the clocks, step by step through the life of a tip and of a case.

use proptest::prelude::*;

use super::*;

#[test]
fn a_tip_carries_the_deadlines_of_reception_only() {
    let rules = Rules::new();
    let states: Vec<(&str, State)> = rules
        .clock()
        .for_tip(&tip(), vn("2026-11-30 12:00:00"))
        .iter()
        .map(|deadline| (deadline.code.as_str(), deadline.state))
        .collect();
    assert_eq!(
        states,
        [
            ("classify", State::Overdue),
            ("transfer_out", State::NotApplicable),
            ("commune_urgent", State::NotApplicable),
            ("commune_normal", State::NotApplicable),
            ("notify_vks_reception", State::Overdue),
            ("notify_reporter_reception", State::Overdue),
            ("notify_reporter_result", State::NotApplicable),
        ]
    );
}

#[test]
fn who_refuses_identity_is_owed_no_notice() {
    let rules = Rules::new();
    let mut facts = tip()
        .with(Act::Suspended, vn("2026-12-20 08:00:00"))
        .with(Act::NotProsecuted, vn("2027-01-20 08:00:00"));
    let codes = [
        Code::NotifyReporterReception,
        Code::NotifyReporterResult,
        Code::SendSuspensionReporter,
    ];
    for code in codes {
        assert_eq!(
            rules.of(code, &facts, vn("2027-02-01 00:00:00")).state,
            State::Overdue
        );
    }
    facts.identity_refused = true;
    for code in codes {
        assert_eq!(
            rules.of(code, &facts, vn("2027-02-01 00:00:00")).state,
            State::NotApplicable
        );
    }
}

#[test]
fn out_of_competence_is_sent_on_within_a_day_of_finding_it() {
    let rules = Rules::new();
    let facts = tip().with(Act::NoCompetenceFound, vn("2026-11-28 22:00:00"));
    assert_eq!(rules.due(Code::TransferOut, &facts), "2026-11-29 22:00");
    let sent = facts.with(Act::TransferredOut, vn("2026-11-29 09:00:00"));
    for code in [Code::TransferOut, Code::Classify, Code::Resolve] {
        assert_eq!(
            rules.of(code, &sent, vn("2027-01-01 00:00:00")).met_at,
            Some(vn("2026-11-29 09:00:00"))
        );
    }
    assert_eq!(
        rules
            .of(Code::Assign, &sent, vn("2027-01-01 00:00:00"))
            .state,
        State::NotApplicable
    );
}

/// The whole life of a case; after each act the deadlines that run, with their last days.
#[test]
fn from_reception_to_the_decision_after_a_resumption() {
    let rules = Rules::new();
    let running = |facts: &Facts, now: &str| -> Vec<String> {
        rules
            .clock()
            .for_case(facts, vn(now))
            .iter()
            .filter(|deadline| matches!(deadline.state, State::Pending | State::Overdue))
            .map(|deadline| {
                let end = deadline.due_at.unwrap() + TimeDelta::hours(7);
                let late = if deadline.state == State::Overdue {
                    " late"
                } else {
                    ""
                };
                format!(
                    "{} {}{late}",
                    deadline.code.as_str(),
                    end.format("%Y-%m-%d %H:%M")
                )
            })
            .collect()
    };
    let facts = tip()
        .with(Act::Accepted, vn("2026-11-24 15:00:00"))
        .with(Act::ProcuracyToldOfReception, vn("2026-11-25 09:00:00"))
        .with(Act::ReporterToldOfReception, vn("2026-11-25 09:00:00"));
    assert_eq!(
        running(&facts, "2026-11-25 10:00:00"),
        [
            "assign 2026-11-28 00:00",
            "resolve 2026-12-15 00:00",
            "investigator_report 2026-12-08 00:00"
        ]
    );

    let facts = facts
        .with(Act::Assigned, vn("2026-11-26 09:00:00"))
        .with(Act::Extended, vn("2026-12-10 09:00:00"));
    // Two months: Sunday 24 January 2027, so Monday 25; five days before is Wednesday 20,
    // seven days before Monday 18.
    assert_eq!(
        running(&facts, "2026-12-10 10:00:00"),
        [
            "resolve_extended 2027-01-26 00:00",
            "ask_vks_extension 2027-01-21 00:00",
            "investigator_report 2027-01-19 00:00"
        ]
    );

    let facts = facts.with(Act::ExtensionAsked, vn("2027-01-18 09:00:00"));
    assert_eq!(
        running(&facts, "2027-01-18 10:00:00"),
        [
            "resolve_extended 2027-01-26 00:00",
            "vks_answers_extension 2027-01-22 00:00",
            "investigator_report 2027-01-19 00:00"
        ]
    );

    let facts = facts.with(Act::ExtendedByProcuracy, vn("2027-01-20 09:00:00"));
    // 24 January + 2 months = Wednesday 24 March; seven days before is Wednesday 17.
    assert_eq!(
        running(&facts, "2027-01-20 10:00:00"),
        [
            "vks_extension 2027-03-25 00:00",
            "investigator_report 2027-03-18 00:00"
        ]
    );
    assert_eq!(
        rules.clock().limit_ends_at(&facts),
        Some(vn("2027-03-25 00:00:00"))
    );
    assert_eq!(
        running(&facts, "2027-03-25 08:00:00"),
        [
            "vks_extension 2027-03-25 00:00 late",
            "investigator_report 2027-03-18 00:00 late"
        ]
    );

    let facts = facts.with(Act::Suspended, vn("2027-03-25 09:00:00"));
    assert_eq!(
        running(&facts, "2027-03-25 10:00:00"),
        [
            "send_decision_vks 2027-03-26 09:00",
            "send_suspension_reporter 2027-03-26 09:00"
        ]
    );

    let facts = facts
        .with(Act::DecisionSentToProcuracy, vn("2027-03-25 16:00:00"))
        .with(Act::SuspensionSentToReporter, vn("2027-03-25 16:00:00"))
        .with(Act::Resumed, vn("2027-05-31 09:00:00"));
    // One month from 31 May: 30 June, a Wednesday. Three days: Thursday 3 June.
    assert_eq!(
        running(&facts, "2027-05-31 10:00:00"),
        [
            "investigator_report 2027-06-24 00:00",
            "resume_limit 2027-07-01 00:00",
            "notify_resumption 2027-06-04 00:00"
        ]
    );
    assert_eq!(rules.due(Code::VksExtension, &facts), "2027-03-25 00:00");

    let facts = facts
        .with(Act::ResumptionTold, vn("2027-06-01 09:00:00"))
        .with(Act::NotProsecuted, vn("2027-06-25 14:00:00"));
    // Friday 25 June + 3 days = Monday 28; one month = Sunday 25 July, so Monday 26.
    assert_eq!(
        running(&facts, "2027-06-25 15:00:00"),
        [
            "send_decision_vks 2027-06-26 14:00",
            "notify_reporter_result 2027-06-29 00:00",
            "file_closing 2027-07-27 00:00"
        ]
    );

    let facts = facts.with(Act::AdministrativeOffence, vn("2027-06-25 14:00:00"));
    assert_eq!(rules.due(Code::AdminTransfer, &facts), "2027-06-29 00:00");
    let facts = facts
        .with(Act::DecisionSentToProcuracy, vn("2027-06-26 08:00:00"))
        .with(Act::ReporterToldResult, vn("2027-06-26 08:00:00"))
        .with(Act::AdministrativeFileSent, vn("2027-06-28 08:00:00"))
        .with(Act::Closed, vn("2027-07-01 08:00:00"));
    assert_eq!(running(&facts, "2030-01-01 00:00:00"), Vec::<String>::new());
    assert_eq!(
        rules
            .clock()
            .for_case(&facts, vn("2030-01-01 00:00:00"))
            .len(),
        25
    );
}

#[test]
fn a_first_notice_forgotten_is_not_hidden_by_a_later_one_in_time() {
    let rules = Rules::new();
    let facts = tip()
        .with(Act::Suspended, vn("2026-12-15 09:00:00"))
        .with(Act::Resumed, vn("2027-01-11 09:00:00"))
        .with(Act::Prosecuted, vn("2027-01-20 09:00:00"));
    let deadline = rules.of(Code::SendDecisionVks, &facts, vn("2027-01-20 10:00:00"));
    assert_eq!(
        (deadline.state, deadline.due_at),
        (State::Overdue, Some(vn("2026-12-16 09:00:00")))
    );
    assert!(deadline.remaining_seconds.unwrap() < 0);
}

/// The earliest tip leaves its case: the clock starts later, and what was done before is done.
#[test]
fn what_was_done_counts_when_reception_moves_later() {
    let rules = Rules::new();
    let mut facts = tip();
    for act in [
        Act::Classified,
        Act::Assigned,
        Act::Extended,
        Act::ProcuracyToldOfReception,
        Act::ReporterToldOfReception,
        Act::InvestigatorReported,
    ] {
        facts = facts.with(act, vn("2026-11-25 09:00:00"));
    }
    facts.received_at = vn("2026-11-26 08:00:00");
    let now = vn("2027-01-05 08:00:00");
    for code in [
        Code::Classify,
        Code::Assign,
        Code::Resolve,
        Code::NotifyVksReception,
        Code::NotifyReporterReception,
    ] {
        assert_eq!(rules.of(code, &facts, now).state, State::Met, "{code:?}");
    }
    facts.acts.retain(|acted| acted.act != Act::Extended);
    let report = rules.of(Code::InvestigatorReport, &facts, now);
    assert_eq!(report.state, State::Met);
}

#[test]
fn who_decides_after_all_was_competent() {
    let rules = Rules::new();
    let facts = tip().with(Act::NoCompetenceFound, vn("2026-11-28 22:00:00"));
    let now = vn("2026-12-05 08:00:00");
    assert_eq!(
        rules.of(Code::TransferOut, &facts, now).state,
        State::Overdue
    );
    let decided = facts.with(Act::Prosecuted, vn("2026-12-01 09:00:00"));
    let transfer = rules.of(Code::TransferOut, &decided, now);
    assert_eq!(transfer.state, State::NotApplicable);
}

#[test]
fn a_deadline_is_kept_until_its_last_moment() {
    let rules = Rules::new();
    let end = vn("2026-12-15 00:00:00");
    assert_eq!(rules.of(Code::Resolve, &tip(), end).state, State::Pending);
    assert_eq!(
        rules
            .of(Code::Resolve, &tip(), end + TimeDelta::seconds(1))
            .state,
        State::Overdue
    );
}

#[test]
fn a_dismissed_tip_owes_the_reporter_a_result_and_the_procuracy_nothing() {
    let rules = Rules::new();
    let facts = tip().with(Act::Dismissed, vn("2026-11-24 17:00:00"));
    let now = vn("2026-12-30 00:00:00");
    assert_eq!(rules.of(Code::Classify, &facts, now).state, State::Met);
    assert_eq!(
        rules.of(Code::NotifyVksReception, &facts, now).state,
        State::NotApplicable
    );
    assert_eq!(
        rules.due(Code::NotifyReporterResult, &facts),
        "2026-11-28 00:00"
    );
}

proptest! {
    #[test]
    fn no_facts_break_the_clock(
        received in -3_000_000_000_i64..6_000_000_000,
        acts in prop::collection::vec((0_usize..35, -100_000_000_i64..400_000_000), 0..40),
        later in 0_i64..400_000_000,
    ) {
        let all = [
            Act::Classified, Act::Accepted, Act::Dismissed, Act::NoCompetenceFound, Act::TransferredOut,
            Act::PassedOnByCommune, Act::ReceivedByProcuracy, Act::ForwardedByProcuracy, Act::ProcuracyToldOfReception,
            Act::ReporterToldOfReception, Act::Assigned, Act::AssignmentSentToProcuracy, Act::ProsecutorAssigned,
            Act::InvestigatorReported, Act::Extended, Act::ExtensionAsked, Act::ExtendedByProcuracy, Act::ExtensionRefused,
            Act::Prosecuted, Act::NotProsecuted, Act::Suspended, Act::Resumed, Act::DecisionSentToProcuracy,
            Act::SuspensionSentToReporter, Act::ReporterToldResult, Act::ResumptionTold, Act::AdministrativeFileSent,
            Act::ProcuracyDemanded, Act::DemandMet, Act::FileDemanded, Act::FileHandedOver, Act::BorderGuardProsecuted,
            Act::BorderGuardHandedOver, Act::Closed, Act::AdministrativeOffence,
        ];
        let rules = Rules::new();
        let received_at = DateTime::from_timestamp(received, 0).unwrap();
        let mut facts = Facts::received(received_at);
        for (act, seconds) in acts {
            facts = facts.with(all[act], received_at + TimeDelta::seconds(seconds));
        }
        let now = received_at + TimeDelta::seconds(later);
        for deadline in rules.clock().for_case(&facts, now) {
            let runs = matches!(deadline.state, State::Pending | State::Overdue);
            prop_assert_eq!(deadline.remaining_seconds.is_some(), runs);
            prop_assert_eq!(deadline.due_at.is_none(), deadline.state == State::NotApplicable);
            prop_assert_eq!(deadline.met_at.is_some(), deadline.state == State::Met);
            if let Some(seconds) = deadline.remaining_seconds {
                prop_assert_eq!(deadline.state == State::Overdue, seconds < 0);
            }
        }
    }
}
