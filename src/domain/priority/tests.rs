//! Tests of the priority: the contract's numbers, tiers, and the passing of time.

use super::*;
use crate::domain::lang::Lang;
use proptest::prelude::*;
use rstest::rstest;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

const RECEIVED: &str = "2026-11-24T01:20:00Z";

fn sent(minutes_before: i64, amount_vnd: i64) -> Facts {
    let mut facts = Facts::received(at(RECEIVED));
    facts.losses.push(LossFact {
        amount_vnd,
        transferred_at: Some(at(RECEIVED) - TimeDelta::minutes(minutes_before)),
    });
    facts
}

fn lost(amount_vnd: i64) -> Facts {
    let mut facts = Facts::received(at(RECEIVED));
    facts.losses.push(LossFact {
        amount_vnd,
        transferred_at: None,
    });
    facts
}

fn score_of(facts: &Facts) -> Priority {
    score(facts, &Rules::default(), at(RECEIVED))
}

#[rstest]
#[case::just_now(0, 36, Level::Critical)]
#[case::half_an_hour(30, 36, Level::Critical)]
#[case::past_half_an_hour(31, 28, Level::Critical)]
#[case::two_hours(120, 28, Level::Critical)]
#[case::past_two_hours(121, 20, Level::High)]
#[case::six_hours(360, 20, Level::High)]
#[case::a_day(1440, 13, Level::High)]
#[case::past_a_day(1441, 0, Level::Low)]
fn a_fresh_transfer_scores_by_its_age(
    #[case] minutes: i64,
    #[case] points: u8,
    #[case] level: Level,
) {
    let priority = score_of(&sent(minutes, 1_000_000));
    assert_eq!((priority.score, priority.level), (points, level));
}

#[rstest]
#[case(-48_000_000, 0, Level::Low)]
#[case(0, 0, Level::Low)]
#[case(1_999_999, 0, Level::Low)]
#[case(2_000_000, 1, Level::Low)]
#[case(49_999_999, 1, Level::Low)]
#[case(50_000_000, 3, Level::Normal)]
#[case(200_000_000, 5, Level::Normal)]
#[case(500_000_000, 7, Level::Normal)]
#[case(i64::MAX, 7, Level::Normal)]
fn a_loss_scores_by_its_band(#[case] amount: i64, #[case] points: u8, #[case] level: Level) {
    let priority = score_of(&lost(amount));
    assert_eq!((priority.score, priority.level), (points, level));
}

#[rstest]
#[case(0, 0)]
#[case(1, 1)]
#[case(2, 2)]
#[case(3, 3)]
#[case(9, 3)]
#[case(10, 4)]
#[case(u32::MAX, 4)]
fn linked_tips_score_at_most_four(#[case] linked_tips: u32, #[case] points: u8) {
    let mut facts = Facts::received(at(RECEIVED));
    facts.linked_tips = linked_tips;
    assert_eq!(score_of(&facts).score, points);
}

#[test]
fn all_that_can_be_said_makes_exactly_one_hundred() {
    let mut facts = sent(5, 600_000_000);
    facts.in_danger_now = true;
    facts.urgency_hint_life = true;
    facts.urgency_hint_other = true;
    facts.vulnerable_victim = true;
    facts.linked_tips = 40;
    assert_eq!(score_of(&facts).score, 100);
}

#[test]
fn twenty_minutes_ago_outranks_a_large_old_loss_and_danger_outranks_both() {
    let mut old = sent(30 * 24 * 60, 5_000_000_000);
    old.linked_tips = 500;
    old.vulnerable_victim = true;
    let fresh = sent(20, 300_000);
    let mut danger = Facts::received(at(RECEIVED));
    danger.in_danger_now = true;
    let mut everything_but_danger = sent(1, 5_000_000_000);
    everything_but_danger.linked_tips = 500;
    everything_but_danger.vulnerable_victim = true;
    assert!(score_of(&fresh).score > score_of(&old).score);
    assert!(score_of(&danger).score > score_of(&everything_but_danger).score);
    // Even the last step of the window outweighs every loss and every number of tips.
    assert!(score_of(&sent(1_440, 0)).score > score_of(&old).score);
}

#[test]
fn the_latest_transfer_counts() {
    let mut facts = sent(3_000, 10_000_000);
    facts.losses.push(LossFact {
        amount_vnd: 45_000_000,
        transferred_at: Some(at(RECEIVED) - TimeDelta::minutes(100)),
    });
    let reasons = score_of(&facts).reasons;
    assert_eq!(
        reasons,
        [
            Reason {
                code: ReasonCode::RecentTransfer,
                points: 28,
                value: 120
            },
            Reason {
                code: ReasonCode::Loss,
                points: 3,
                value: 55_000_000
            },
        ]
    );
    assert_eq!(
        reasons[0].detail(Lang::Vi),
        "Chuyển tiền lần cuối trong vòng 2 giờ"
    );
    assert_eq!(reasons[1].detail(Lang::Vi), "Thiệt hại 55.000.000 đồng");
    assert_eq!(reasons[1].detail(Lang::En), "Loss of 55,000,000 VND");
}

#[test]
fn local_time_with_the_mark_of_utc_is_understood_and_what_lies_further_ahead_says_nothing() {
    assert_eq!(score_of(&sent(-5, 0)).score, 36, "a clock that drifts");
    assert_eq!(score_of(&sent(10 - 7 * 60, 0)).score, 36);
    assert_eq!(score_of(&sent(-5 * 60, 0)).score, 28, "two hours ago");
    assert_eq!(score_of(&sent(-10 * 60, 0)).score, 0);
    assert_eq!(score_of(&sent(-25 * 60, 0)).score, 0);
    let mut facts = Facts::received(at(RECEIVED));
    for moment in [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC] {
        facts.losses.push(LossFact {
            amount_vnd: i64::MIN,
            transferred_at: Some(moment),
        });
    }
    assert_eq!(score_of(&facts).score, 0);
    assert_eq!(next_change(&facts, &Rules::default(), at(RECEIVED)), None);
    // A transfer "ahead" ages from reception: it does not stay fresh until its date.
    let later = at(RECEIVED) + TimeDelta::hours(25);
    assert_eq!(score(&sent(-7 * 60, 0), &Rules::default(), later).score, 0);
}

#[test]
fn the_event_bounds_a_transfer_whose_time_is_not_stated() {
    let mut facts = lost(600_000_000);
    facts.occurred_at = Some(at(RECEIVED) - TimeDelta::minutes(10));
    assert_eq!(score_of(&facts).score, 36 + 7);
    facts.losses[0].transferred_at = Some(at(RECEIVED) - TimeDelta::minutes(100));
    assert_eq!(score_of(&facts).score, 28 + 7, "what is stated counts");
    facts.losses[0].transferred_at = Some(at(RECEIVED) + TimeDelta::hours(10));
    assert_eq!(score_of(&facts).score, 36 + 7);
    facts.losses[0].transferred_at = None;
    facts.occurred_at = Some(at(RECEIVED) - TimeDelta::days(60));
    assert_eq!(score_of(&facts).score, 7);
    facts.losses.clear();
    facts.occurred_at = Some(at(RECEIVED));
    assert_eq!(score_of(&facts).score, 0, "nothing was sent");
}

#[test]
fn what_only_the_words_tell_counts_a_little_until_it_is_stated() {
    let told = |paid_vnd, losses: Vec<LossFact>| {
        let signs = TextSigns {
            paid_vnd,
            ..TextSigns::default()
        };
        score_of(&Facts {
            signs,
            losses,
            ..Facts::received(at(RECEIVED))
        })
    };
    for (paid, points) in [(None, 0), (Some(0), 1), (Some(50_000_000), 3)] {
        let priority = told(paid, Vec::new());
        assert_eq!(priority.score, points);
        let codes = priority.reasons.iter().map(|reason| reason.code);
        assert!(codes.eq(paid.map(|_| ReasonCode::PaidInText)));
    }
    let stated = told(Some(50_000_000), lost(1_000_000).losses);
    assert_eq!(stated.score, 0);
}

#[test]
fn a_child_in_distress_and_words_of_dying_are_life_at_risk() {
    let mut facts = Facts::received(at(RECEIVED));
    facts.child_in_distress = true;
    assert_eq!(score_of(&facts).score, 52);
    facts.signs.life_at_risk = true;
    assert_eq!(score_of(&facts).score, 52, "once");
    facts.child_in_distress = false;
    let priority = score_of(&facts);
    assert_eq!(priority.reasons[0].code, ReasonCode::TextLifeAtRisk);
    assert_eq!(priority.score, 52);
}

#[test]
fn the_window_closes_step_by_step_and_then_never_again() {
    let facts = sent(20, 0);
    let rules = Rules::default();
    let mut now = at(RECEIVED);
    let mut seen = vec![score(&facts, &rules, now).score];
    while let Some(next) = next_change(&facts, &rules, now) {
        now = next;
        seen.push(score(&facts, &rules, now).score);
    }
    assert_eq!(seen, [36, 28, 20, 13, 0]);
    assert_eq!(now, at("2026-11-25T01:00:01Z"));
}

#[test]
fn rules_that_promise_too_much_still_add_up() {
    let rules = Rules {
        life_at_risk: 90,
        other: 200,
        ..Rules::default()
    };
    let mut facts = sent(1, 0);
    facts.in_danger_now = true;
    facts.vulnerable_victim = true;
    let priority = score(&facts, &rules, at(RECEIVED));
    assert_eq!(priority.score, 100);
    let points: Vec<u8> = priority
        .reasons
        .iter()
        .map(|reason| reason.points)
        .collect();
    assert_eq!(points, [90, 10]);
}

#[test]
fn the_rules_read_from_data_with_what_is_absent_by_default() {
    let rules: Rules = serde_json::from_str(r#"{"critical_from": 40}"#).unwrap();
    assert_eq!(rules.critical_from, 40);
    assert_eq!(rules.recovery, Rules::default().recovery);
    assert!(serde_json::from_str::<Rules>(r#"{"critical": 40}"#).is_err());
}

prop_compose! {
    fn any_facts()(
        flags: [bool; 4],
        losses in prop::collection::vec((any::<i64>(), prop::option::of(-4_000_i64..4_000)), 0..6),
        linked_tips: u32,
    ) -> Facts {
        Facts {
            in_danger_now: flags[0],
            urgency_hint_life: flags[1],
            urgency_hint_other: flags[2],
            vulnerable_victim: flags[3],
            losses: losses.into_iter().map(|(amount_vnd, minutes)| LossFact {
                amount_vnd,
                transferred_at: minutes.map(|m| at(RECEIVED) - TimeDelta::minutes(m)),
            }).collect(),
            received_at: at(RECEIVED),
            linked_tips,
            ..Facts::received(at(RECEIVED))
        }
    }
}

proptest! {
    #[test]
    fn points_add_up(facts in any_facts(), minutes in 0_i64..5_000) {
        let now = at(RECEIVED) + TimeDelta::minutes(minutes);
        let priority = score(&facts, &Rules::default(), now);
        let sum: u32 = priority.reasons.iter().map(|reason| u32::from(reason.points)).sum();
        prop_assert_eq!(u32::from(priority.score), sum);
        prop_assert!(priority.score <= 100);
        prop_assert!(priority.reasons.iter().all(|reason| reason.points > 0));
    }

    #[test]
    fn nothing_changes_before_next_change_and_something_does_then(facts in any_facts(), minutes in 0_i64..2_000, percent in 0_i64..100) {
        let rules = Rules::default();
        let now = at(RECEIVED) + TimeDelta::minutes(minutes);
        let before = score(&facts, &rules, now);
        match next_change(&facts, &rules, now) {
            Some(next) => {
                prop_assert!(next > now);
                let between = now + TimeDelta::milliseconds((next - now).num_milliseconds() * percent / 100);
                if between < next {
                    prop_assert_eq!(&score(&facts, &rules, between), &before);
                }
                prop_assert!(score(&facts, &rules, next).score < before.score);
            }
            None => prop_assert_eq!(&score(&facts, &rules, now + TimeDelta::days(400)), &before),
        }
    }
}
