//! Deadlines against examples worked by hand, step by step through the life of a case.

use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn process() -> LegalProcess {
    serde_json::from_str(include_str!("../../reference/data/legal_process.json")).unwrap()
}

fn calendar() -> Calendar {
    serde_json::from_str(include_str!("../../reference/data/calendar.json")).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A moment by the clock of Vietnam.
fn vn(text: &str) -> DateTime<Utc> {
    format!("{}+07:00", text.replace(' ', "T")).parse().unwrap()
}

struct Rules {
    process: LegalProcess,
    calendar: Calendar,
}

impl Rules {
    fn new() -> Self {
        Self {
            process: process(),
            calendar: calendar(),
        }
    }

    fn clock(&self) -> LegalClock<'_> {
        LegalClock {
            process: &self.process,
            calendar: &self.calendar,
            counting: Counting::default(),
        }
    }

    fn of(&self, code: Code, facts: &Facts, now: DateTime<Utc>) -> Deadline {
        let found = self.clock().for_case(facts, now);
        found
            .into_iter()
            .find(|deadline| deadline.code == code)
            .unwrap()
    }

    /// When a deadline ends, by the clock of Vietnam.
    fn due(&self, code: Code, facts: &Facts) -> String {
        let due_at = self.of(code, facts, facts.received_at).due_at;
        due_at.map_or("-".to_owned(), |due_at| {
            (due_at + TimeDelta::hours(7))
                .format("%Y-%m-%d %H:%M")
                .to_string()
        })
    }
}

/// Received on Tuesday, 24 November 2026, 08:20.
fn tip() -> Facts {
    Facts::received(vn("2026-11-24 08:20:00"))
}

#[test]
fn the_contracts_example() {
    let rules = Rules::new();
    let deadline = rules.of(Code::Resolve, &tip(), at("2026-11-24T01:20:00Z"));
    assert_eq!(deadline.due_at, Some(at("2026-12-14T17:00:00Z")));
    assert_eq!(deadline.legal_basis, "BLTTHS 147(1)");
    assert_eq!(deadline.state, State::Pending);
    assert_eq!(
        deadline.remaining_seconds,
        Some(20 * 86_400 + 15 * 3_600 + 40 * 60)
    );
}

/// Each end was counted on a wall calendar; "00:00" of a day is 24:00 of the day before.
#[rstest]
#[case::classify("2026-11-24 08:20:00", Code::Classify, "2026-11-25 08:20")]
#[case::classify_over_tet("2026-02-16 21:00:00", Code::Classify, "2026-02-17 21:00")]
#[case::classify_over_a_weekend("2026-11-28 10:00:00", Code::Classify, "2026-11-29 10:00")]
#[case::vks_three_days("2026-11-24 08:20:00", Code::NotifyVksReception, "2026-11-28 00:00")]
// Friday 27 + 3 = Monday 30.
#[case::vks_to_monday("2026-11-27 08:20:00", Code::NotifyVksReception, "2026-12-01 00:00")]
// Wednesday 25 + 3 = Saturday 28, moved to Monday 30.
#[case::vks_off_saturday("2026-11-25 08:20:00", Code::NotifyVksReception, "2026-12-01 00:00")]
// Three working days from Friday 27: Monday, Tuesday, Wednesday 2 December.
#[case::reporter_working_days(
    "2026-11-27 08:20:00",
    Code::NotifyReporterReception,
    "2026-12-03 00:00"
)]
#[case::assign("2026-11-24 08:20:00", Code::Assign, "2026-11-28 00:00")]
// 24:00 on 31 January + 20 days = 20 February, Tết until then, then a weekend: Monday 23.
#[case::resolve_over_tet("2026-01-31 09:00:00", Code::Resolve, "2026-02-24 00:00")]
// 00:30 in Vietnam is still the day before in UTC: the event is on the 25th.
#[case::by_the_local_day("2026-11-25 00:30:00", Code::Resolve, "2026-12-16 00:00")]
#[case::leap_day("2028-02-09 12:00:00", Code::Resolve, "2028-03-01 00:00")]
// Seven days before 14 December is Monday 7.
#[case::report("2026-11-24 08:20:00", Code::InvestigatorReport, "2026-12-08 00:00")]
// The limit ends on Friday 11 December... 20 days from 21 November; seven days before is Friday 4.
#[case::report_friday("2026-11-21 08:20:00", Code::InvestigatorReport, "2026-12-05 00:00")]
// 20 days from 25 December end on Thursday 14 January; seven days before is Thursday 7.
#[case::report_january("2026-12-25 08:20:00", Code::InvestigatorReport, "2027-01-08 00:00")]
fn ends_of_the_first_clocks(#[case] received: &str, #[case] code: Code, #[case] end: &str) {
    assert_eq!(Rules::new().due(code, &Facts::received(vn(received))), end);
}

#[test]
fn a_report_due_on_a_sunday_is_due_on_friday() {
    // 20 days from 30 November end on Sunday 20 December, moved to Monday 21; seven days before
    // is Monday 14. From 29 November: Saturday 19, moved to Monday 21 as well.
    let rules = Rules::new();
    let facts = Facts::received(vn("2026-11-30 09:00:00"));
    assert_eq!(rules.due(Code::Resolve, &facts), "2026-12-22 00:00");
    assert_eq!(
        rules.due(Code::InvestigatorReport, &facts),
        "2026-12-15 00:00"
    );
    // Two months from 3 November end on Sunday 3 January 2027, moved to Monday 4; five days
    // before is Wednesday 30 December. From 7 November: Thursday 7 January, five days before is
    // Saturday 2, so Thursday 31 December: Friday is New Year's Day.
    let extended = |day: &str| {
        let received = vn(day);
        Facts::received(received).with(Act::Extended, received + TimeDelta::days(10))
    };
    assert_eq!(
        rules.due(Code::AskVksExtension, &extended("2026-11-03 09:00:00")),
        "2026-12-31 00:00"
    );
    assert_eq!(
        rules.due(Code::AskVksExtension, &extended("2026-11-07 09:00:00")),
        "2027-01-01 00:00"
    );
}

#[rstest]
#[case("2026-11-24 08:20:00", "2027-01-26 00:00", "2027-03-25 00:00")]
// Ends of months: 31 December + 2 = 28 February (a Sunday: Monday 1 March), + 2 = 28 April.
#[case("2026-12-31 08:20:00", "2027-03-02 00:00", "2027-04-29 00:00")]
// 29 February exists in 2028 (a Tuesday); + 2 = 29 April 2028, a Saturday before 30 April and
// 1 May with the substitute day on the 2nd: Wednesday 3 May.
#[case("2027-12-31 08:20:00", "2028-03-01 00:00", "2028-05-04 00:00")]
fn extensions(#[case] received: &str, #[case] two_months: &str, #[case] four_months: &str) {
    let rules = Rules::new();
    let received = vn(received);
    let facts = Facts::received(received).with(Act::Extended, received + TimeDelta::days(15));
    assert_eq!(rules.due(Code::VksExtension, &facts), "-");
    assert_eq!(rules.due(Code::ResolveExtended, &facts), two_months);
    let facts = facts.with(Act::ExtendedByProcuracy, received + TimeDelta::days(55));
    assert_eq!(rules.due(Code::VksExtension, &facts), four_months);
    assert_eq!(rules.due(Code::ResolveExtended, &facts), two_months);
}

#[rstest]
#[case::urgent(true, false, Code::CommuneUrgent, "2026-11-28 18:00")]
#[case::urgent_and_remote(true, true, Code::CommuneUrgent, "2026-11-29 18:00")]
// 27 November + 7 = Friday 4 December.
#[case::normal(false, true, Code::CommuneNormal, "2026-12-05 00:00")]
fn the_path_of_a_commune(
    #[case] urgent: bool,
    #[case] remote: bool,
    #[case] code: Code,
    #[case] end: &str,
) {
    let rules = Rules::new();
    let mut facts = tip();
    facts.commune = Some(Commune {
        received_at: vn("2026-11-27 18:00:00"),
        urgent,
        remote,
    });
    assert_eq!(rules.due(code, &facts), end);
    let other = if urgent {
        Code::CommuneNormal
    } else {
        Code::CommuneUrgent
    };
    assert_eq!(
        rules.of(other, &facts, facts.received_at).state,
        State::NotApplicable
    );
    let passed = facts.with(Act::PassedOnByCommune, vn("2026-11-28 08:00:00"));
    assert_eq!(
        rules.of(code, &passed, vn("2027-01-01 00:00:00")).state,
        State::Met
    );
}

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

#[rstest]
#[case(
    Code::VksForward,
    Act::ReceivedByProcuracy,
    Act::ForwardedByProcuracy,
    "2026-12-05 10:00"
)]
#[case(
    Code::VksAssignProsecutor,
    Act::AssignmentSentToProcuracy,
    Act::ProsecutorAssigned,
    "2026-12-10 00:00"
)]
// Friday 4 December + 15 = Saturday 19, so Monday 21.
#[case(
    Code::VksTakeoverWait,
    Act::ProcuracyDemanded,
    Act::DemandMet,
    "2026-12-22 00:00"
)]
#[case(
    Code::HandFileToVks,
    Act::FileDemanded,
    Act::FileHandedOver,
    "2026-12-10 00:00"
)]
#[case(
    Code::BorderGuardTransfer,
    Act::BorderGuardProsecuted,
    Act::BorderGuardHandedOver,
    "2026-12-12 00:00"
)]
fn clocks_between_bodies(
    #[case] code: Code,
    #[case] start: Act,
    #[case] answer: Act,
    #[case] end: &str,
) {
    let rules = Rules::new();
    let facts = tip().with(start, vn("2026-12-04 10:00:00"));
    assert_eq!(rules.due(code, &facts), end);
    let answered = facts.with(answer, vn("2026-12-05 10:00:00"));
    assert_eq!(
        rules.of(code, &answered, vn("2028-01-01 00:00:00")).state,
        State::Met
    );
}

#[test]
fn counting_the_event_day_ends_days_one_day_earlier_and_months_on_the_same_day() {
    let rules = Rules::new();
    let counted = LegalClock {
        counting: Counting {
            event_day_counted: true,
        },
        ..rules.clock()
    };
    let facts =
        Facts::received(vn("2026-11-25 09:00:00")).with(Act::Extended, vn("2026-12-01 09:00:00"));
    let due = |clock: LegalClock<'_>, code: Code| {
        let found = clock.for_case(&facts, facts.received_at);
        found
            .into_iter()
            .find(|deadline| deadline.code == code)
            .unwrap()
            .due_at
    };
    assert_eq!(
        due(rules.clock(), Code::Resolve),
        Some(vn("2026-12-16 00:00:00"))
    );
    assert_eq!(due(counted, Code::Resolve), Some(vn("2026-12-15 00:00:00")));
    assert_eq!(
        due(rules.clock(), Code::ResolveExtended),
        Some(vn("2027-01-26 00:00:00"))
    );
    assert_eq!(
        due(counted, Code::ResolveExtended),
        Some(vn("2027-01-26 00:00:00"))
    );
}

#[test]
fn the_reference_file_says_whether_the_event_day_counts_and_which_communes_are_remote() {
    let process = process();
    assert_eq!(process.counting(), Counting::default());
    assert!(!process.is_remote("03334"));
    let mut file: serde_json::Value =
        serde_json::from_str(include_str!("../../reference/data/legal_process.json")).unwrap();
    file["time_rules"]["event_day_counted"] = true.into();
    file["remote_communes"] = serde_json::json!(["03334"]);
    let process: LegalProcess = serde_json::from_value(file).unwrap();
    assert!(process.counting().event_day_counted);
    assert!(process.is_remote("03334") && !process.is_remote("03127"));
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
fn the_head_extends_within_two_months_and_the_procuracy_within_four() {
    let rules = Rules::new();
    let ends = rules.clock().extensions_end_at(&tip()).unwrap();
    assert_eq!(ends, (vn("2027-01-26 00:00:00"), vn("2027-03-25 00:00:00")));
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

#[test]
fn every_deadline_of_the_reference_file_is_known_and_the_other_way_round() {
    let process = process();
    let ids: Vec<&str> = process
        .deadlines
        .iter()
        .map(|period| period.id.as_str())
        .collect();
    let known: Vec<&str> = Code::ALL.into_iter().map(Code::as_str).collect();
    assert_eq!(ids, known);
    for code in Code::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        assert_eq!(Code::parse(code.as_str()), Some(code));
    }
}

#[test]
fn two_hundred_million_make_a_crime_very_serious() {
    let process = process();
    assert!(!process.is_very_serious(199_999_999));
    assert!(process.is_very_serious(200_000_000));
    assert!(process.is_very_serious(i64::MAX));
    assert!(!process.is_very_serious(-1));
}

#[test]
fn the_next_end_is_the_earliest_that_runs() {
    let rules = Rules::new();
    let deadlines = rules.clock().for_tip(&tip(), tip().received_at);
    assert_eq!(next_due(&deadlines), Some(vn("2026-11-25 08:20:00")));
    assert_eq!(next_due(&[]), None);
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
