//! When each clock ends, counted on a wall calendar.

use rstest::rstest;

use super::*;

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
fn the_head_extends_within_two_months_and_the_procuracy_within_four() {
    let rules = Rules::new();
    let ends = rules.clock().extensions_end_at(&tip()).unwrap();
    assert_eq!(ends, (vn("2027-01-26 00:00:00"), vn("2027-03-25 00:00:00")));
}

#[test]
fn the_next_end_is_the_earliest_that_runs() {
    let rules = Rules::new();
    let deadlines = rules.clock().for_tip(&tip(), tip().received_at);
    assert_eq!(next_due(&deadlines), Some(vn("2026-11-25 08:20:00")));
    assert_eq!(next_due(&[]), None);
}
