//! What must hold for every tip of the demonstration, and for all of them together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::Value;

use super::style::fold;
use super::{References, World};

macro_rules! data {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/reference/data/",
            $name
        ))
    };
}

const REFERENCES: References<'_> = References {
    methods: data!("scam_methods.json"),
    units: data!("dien_bien_units.json"),
    banks: data!("banks.json"),
    phones: data!("phone_prefixes.json"),
};

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-24T03:00:00Z")
        .unwrap()
        .to_utc()
}

fn world(seed: u64, tips: usize) -> World {
    World::new(seed, tips, &REFERENCES).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Digits only, so that one number written in many ways counts as one.
fn digits(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'O' => '0',
            'l' => '1',
            c => c,
        })
        .filter(char::is_ascii_digit)
        .collect()
}

/// The limits and JSON types of the intake route, which answers 422 beyond them.
fn assert_within_limits(tip: &Value) {
    let count = |key| text(tip, key).chars().count();
    assert!(count("narrative") <= 20_000 && count("raw_message") <= 5_000);
    let (indicators, losses) = (list(tip, "indicators"), list(tip, "losses"));
    assert!(indicators.len() <= 50 && losses.len() <= 20);
    assert!(tip.to_string().len() < 256 * 1024);
    let announced = tip
        .get("attachments_announced")
        .map_or(Some(0), Value::as_u64)
        .unwrap();
    assert!(
        count("narrative") + count("raw_message") + indicators.len() > 0 || announced > 0,
        "says nothing: {tip}"
    );
    for key in [
        "narrative",
        "raw_message",
        "method",
        "channel",
        "language",
        "occurred_at",
    ] {
        assert!(tip.get(key).is_none_or(Value::is_string), "{key} in {tip}");
    }
    for indicator in indicators {
        assert!(
            indicator["kind"].is_string() && indicator["value"].is_string(),
            "{tip}"
        );
        assert_ne!(text(indicator, "value"), "", "{tip}");
    }
    for loss in losses {
        assert!(loss["amount_vnd"].is_i64(), "{tip}");
        if let Some(to) = loss.get("to_indicator") {
            let to = usize::try_from(to.as_u64().unwrap()).unwrap();
            assert_eq!(text(&indicators[to], "role"), "received_money", "{tip}");
        }
        if let Some(at) = loss.get("transferred_at") {
            let at = DateTime::parse_from_rfc3339(at.as_str().unwrap()).unwrap();
            assert!(at <= now() && at > now() - TimeDelta::days(366), "{tip}");
        }
    }
    assert!(
        !tip.to_string().contains("$nb") && !text(tip, "narrative").contains("  "),
        "{tip}"
    );
}

proptest! {
    #[test]
    fn every_tip_is_within_limits_and_comes_again(seed: u64, index in 0..100_000_usize) {
        let tip = world(seed, 500).tip(index, now());
        assert_within_limits(&tip);
        prop_assert_eq!(&tip, &world(seed, 500).tip(index, now()));
    }
}

#[test]
fn any_size_of_world_tells_a_tip() {
    for tips in [0, 1, 11, 1_000_000_000] {
        assert_within_limits(&world(1, tips).tip(usize::MAX, now()));
    }
    assert_ne!(world(1, 100).tip(0, now()), world(2, 100).tip(0, now()));
}

#[test]
fn a_wrong_reference_list_is_an_error() {
    let wrong = References {
        banks: "{}",
        ..REFERENCES
    };
    assert!(World::new(1, 10, &wrong).is_err());
}

#[test]
fn words_are_those_of_the_vocabulary_but_for_a_few() {
    let vocabulary: Value = serde_json::from_str(data!("vocabulary.json")).unwrap();
    let methods: Value = serde_json::from_str(data!("scam_methods.json")).unwrap();
    let known: BTreeSet<&str> = list(&methods, "methods")
        .iter()
        .map(|m| text(m, "code"))
        .collect();
    let in_list = |key: &str, word: &str| {
        word.is_empty()
            || list(&vocabulary, key)
                .iter()
                .any(|v| v.as_str() == Some(word))
    };
    let world = world(11, 4000);
    let strange = (0..4000)
        .map(|i| world.tip(i, now()))
        .filter(|tip| {
            let victim = &tip["victim"];
            !(in_list("channel", text(tip, "channel"))
                && in_list("language", text(tip, "language"))
                && in_list("victim_relation", text(victim, "relation"))
                && in_list("age_group", text(victim, "age_group"))
                && (text(tip, "method").is_empty() || known.contains(text(tip, "method")))
                && list(tip, "indicators").iter().all(|i| {
                    in_list("indicator_kind", text(i, "kind"))
                        && in_list("indicator_role", text(i, "role"))
                }))
        })
        .count();
    assert!((1..40).contains(&strange), "{strange} of 4000");
}

#[test]
fn tips_of_a_ring_share_numbers_and_one_campaign_is_viral() {
    let world = world(7, 3000);
    let mut phones: BTreeMap<String, usize> = BTreeMap::new();
    let mut hosts: BTreeMap<String, usize> = BTreeMap::new();
    for tip in (0..3000).map(|i| world.tip(i, now())) {
        for indicator in list(&tip, "indicators") {
            let value = text(indicator, "value");
            match text(indicator, "kind") {
                "phone" => {
                    // The last seven digits survive all forms, also the renumbering of 2018.
                    let all = digits(value);
                    let tail = all.get(all.len().saturating_sub(7)..).unwrap_or_default();
                    *phones.entry(tail.to_owned()).or_default() += 1;
                }
                "url" => *hosts.entry(value.to_owned()).or_default() += 1,
                _ => {}
            }
        }
    }
    let total: usize = phones.values().sum();
    let shared: usize = phones.values().filter(|n| **n > 1).sum();
    assert!(
        shared * 2 > total,
        "{shared} of {total} phone mentions are shared"
    );
    assert!(
        phones.values().filter(|n| **n == 1).count() * 12 > total,
        "some stand alone"
    );
    let viral = hosts.values().max().copied().unwrap_or(0);
    assert!(viral >= 8, "the commonest link comes {viral} times");
}

#[test]
fn the_mixture_is_that_of_a_province() {
    const TIPS: usize = 6000;
    let world = world(2026, TIPS);
    let tips: Vec<Value> = (0..TIPS).map(|i| world.tip(i, now())).collect();
    let percent = |what: &str, low: f64, high: f64, is: &dyn Fn(&Value) -> bool| {
        let count = tips.iter().filter(|tip| is(tip)).count();
        let share = f64::from(u32::try_from(count).unwrap()) * 100.0 / 6000.0;
        assert!((low..=high).contains(&share), "{what}: {share:.1} %");
    };
    let lost = |tip: &Value| -> i64 {
        list(tip, "losses")
            .iter()
            .filter_map(|l| l["amount_vnd"].as_i64())
            .sum()
    };
    let since = |tip: &Value, minutes: i64| {
        list(tip, "losses").iter().any(|l| {
            DateTime::parse_from_rfc3339(text(l, "transferred_at"))
                .is_ok_and(|at| now() - at.to_utc() <= TimeDelta::minutes(minutes))
        })
    };
    let folded = |tip: &Value| {
        let narrative = text(tip, "narrative");
        narrative.chars().count() > 60 && fold(narrative) == narrative
    };
    percent("anonymous", 55.0, 65.0, &|t| t.get("reporter").is_none());
    percent("with a loss", 38.0, 65.0, &|t| lost(t) > 0);
    percent("2 to 200 million", 27.0, 55.0, &|t| {
        (2_000_000..200_000_000).contains(&lost(t))
    });
    percent("500 million and more", 0.3, 4.0, &|t| {
        lost(t) >= 500_000_000
    });
    percent("transfer in the last half hour", 0.7, 4.0, &|t| {
        since(t, 30)
    });
    percent("transfer in the last two hours", 2.0, 7.0, &|t| {
        since(t, 120)
    });
    percent("in danger now", 0.1, 2.0, &|t| t["in_danger_now"] == true);
    percent("without diacritics", 8.0, 20.0, &folded);
    percent("with the message received", 25.0, 55.0, &|t| {
        !text(t, "raw_message").is_empty()
    });
    percent("other languages", 0.8, 3.0, &|t| {
        !matches!(text(t, "language"), "" | "vi" | "vi-VN")
    });
    percent("in a commune", 60.0, 80.0, &|t| {
        t["location"]["unit_code"].is_string()
    });
    let methods: BTreeSet<&str> = tips.iter().map(|t| text(t, "method")).collect();
    assert!(methods.len() >= 48, "{} methods", methods.len());
    let narratives: BTreeSet<&str> = tips.iter().map(|t| text(t, "narrative")).collect();
    assert!(
        narratives.len() > TIPS * 85 / 100,
        "{} different narratives",
        narratives.len()
    );
}

/// Every template may come up: none names a slot that nothing fills, a channel or victim that does not exist.
#[test]
fn the_templates_are_sound() {
    let library = super::library::Library::read(&REFERENCES).unwrap();
    let vocabulary: Value = serde_json::from_str(data!("vocabulary.json")).unwrap();
    let slots: BTreeSet<&str> = [
        "nb", "cac", "nn", "luc", "xa", "ten", "nick", "app", "chu", "hang", "bank", "tien", "it",
        "lon", "to", "page", "sdt", "sdt2", "zalo", "stk", "link", "tele", "email", "vi", "qr",
    ]
    .into();
    assert_eq!(library.methods.len(), 48);
    let victims: BTreeSet<&str> = library
        .voices
        .victims
        .keys()
        .map(String::as_str)
        .chain(["self", "none"])
        .collect();
    for (code, method) in &library.methods {
        assert!(
            method.stories.len() >= 3 && !method.raw.is_empty(),
            "{code}"
        );
        assert!(
            method.who.split(' ').all(|w| victims.contains(w)),
            "{code}: {}",
            method.who
        );
        let told = method
            .stories
            .iter()
            .chain(&method.urgent)
            .chain(&method.raw);
        for template in told {
            let (marks, text) = super::template::marks(template);
            assert_eq!(
                text.matches('{').count(),
                text.matches('}').count(),
                "{template}"
            );
            let can_kill = [
                "impersonate_police_court",
                "overseas_easy_job",
                "online_kidnapping",
                "image_sextortion",
            ];
            assert!(
                !marks.danger || can_kill.contains(&code.as_str()),
                "{template}"
            );
            assert!(
                marks
                    .who
                    .is_none_or(|who| who.split('+').all(|w| victims.contains(w))),
                "{template}"
            );
            let channels = method.channels.split(' ').chain(marks.channel);
            for channel in channels {
                let known = list(&vocabulary, "channel");
                assert!(
                    known.iter().any(|c| c.as_str() == Some(channel)),
                    "{code}: {channel}"
                );
            }
            for slot in super::template::slots(text).filter(|s| !s.is_empty()) {
                assert!(slots.contains(slot), "${slot} in {template}");
                assert!(
                    slot != "app" || !method.apps.is_empty(),
                    "{code} names no app"
                );
            }
        }
    }
}
