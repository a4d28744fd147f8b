//! Tests of advice and hints on the seed book.

use super::*;

fn book() -> Guidebook {
    serde_json::from_str(include_str!("../../reference/data/guidance.json")).unwrap()
}

fn codes(facts: &Facts<'_>) -> Vec<String> {
    guidance(&book(), facts, Lang::Vi)
        .into_iter()
        .map(|advice| advice.code)
        .collect()
}

#[test]
fn the_book_has_no_problems() {
    assert_eq!(book().problems(), Vec::<String>::new());
}

#[test]
fn an_edited_book_names_its_problems() {
    let mut edited = book();
    edited.advice[0].body.vi = "Gọi 0912345678 hoặc {nobody} hoặc {".to_owned();
    edited.advice[0].actions = vec!["nobody".to_owned()];
    edited.advice[1].code = "danger_now".to_owned();
    edited.advice[1].title.en = " ".to_owned();
    assert_eq!(edited.problems().len(), 6, "{:?}", edited.problems());
}

#[test]
fn every_method_gets_advice_of_its_own() {
    let general = codes(&Facts::default());
    let methods: serde_json::Value =
        serde_json::from_str(include_str!("../../reference/data/scam_methods.json")).unwrap();
    let list = methods["methods"].as_array().unwrap();
    for code in list.iter().filter_map(|method| method["code"].as_str()) {
        let found = codes(&Facts {
            method: Some(code),
            has_loss: true,
            ..Facts::default()
        });
        let own = found
            .iter()
            .filter(|code| !general.contains(code) && *code != "hold_money_now");
        assert!(
            own.count() > 0 || ["other", "unknown"].contains(&code),
            "{code}"
        );
    }
}

#[test]
fn the_first_hour_comes_first_when_money_was_just_sent() {
    let facts = Facts {
        method: Some("impersonate_police_court"),
        has_loss: true,
        minutes_since_transfer: Some(10),
        indicator_kinds: vec!["phone", "bank_account"],
        ..Facts::default()
    };
    assert_eq!(
        codes(&facts),
        [
            "hold_money_now",
            "fake_authority",
            "remote_control_app",
            "report_to_carrier",
            "keep_evidence",
            "we_never_ask"
        ]
    );
    let old = Facts {
        minutes_since_transfer: Some(3_000),
        ..facts.clone()
    };
    assert_eq!(codes(&old)[0], "trace_old_transfer");
    let unknown = Facts {
        minutes_since_transfer: None,
        ..facts.clone()
    };
    assert_eq!(codes(&unknown)[0], "hold_money_now");
    let danger = Facts {
        in_danger_now: true,
        ..facts
    };
    assert_eq!(codes(&danger)[0], "danger_now");
}

#[test]
fn what_cannot_wait_comes_before_the_rest() {
    let first = |method| {
        let facts = Facts {
            method: Some(method),
            ..Facts::default()
        };
        codes(&facts).swap_remove(0)
    };
    assert_eq!(first("online_kidnapping"), "isolated_victim");
    assert_eq!(first("sim_upgrade_takeover"), "sim_taken");
    let sent = Facts {
        method: Some("online_kidnapping"),
        has_loss: true,
        minutes_since_transfer: Some(10),
        ..Facts::default()
    };
    assert_eq!(
        codes(&sent).get(..3).unwrap(),
        ["isolated_victim", "hold_money_now", "fake_authority"]
    );
    let shown = guidance(&book(), &sent, Lang::Vi);
    assert_eq!(shown[0].actions[0].href, "tel:113");
}

#[test]
fn numbers_are_shown_only_with_source_and_date() {
    let danger = Facts {
        in_danger_now: true,
        ..Facts::default()
    };
    let shown = guidance(&book(), &danger, Lang::Vi);
    let calls: Vec<_> = shown[0].actions.iter().map(|a| a.href.as_str()).collect();
    assert_eq!(calls, ["tel:113", "tel:115"]);
    assert!(shown[0].body.contains("Hãy gọi 113 ngay"));
    assert!(shown[0].body.contains("gọi cả 115"));

    let mut unchecked = book();
    for number in &mut unchecked.numbers {
        number.checked_on = None;
    }
    let shown = guidance(&unchecked, &danger, Lang::Vi);
    assert_eq!(shown[0].actions, []);
    assert!(
        shown[0]
            .body
            .contains("Hãy gọi công an xã, phường gần nhất ngay")
    );

    let loss = Facts {
        has_loss: true,
        ..Facts::default()
    };
    let shown = guidance(&book(), &loss, Lang::En);
    assert!(
        shown[0]
            .body
            .contains("by the number printed on your card or in the bank's own app.")
    );
    assert_eq!(shown[0].actions, []);
}

#[test]
fn every_answer_says_that_we_never_ask_for_an_otp() {
    for lang in [Lang::Vi, Lang::En] {
        let shown = guidance(&book(), &Facts::default(), lang);
        let last = shown.last().unwrap();
        assert_eq!(last.code, "we_never_ask");
        assert!(last.body.contains("OTP"));
        for advice in guidance(
            &book(),
            &Facts {
                has_loss: true,
                ..Facts::default()
            },
            lang,
        ) {
            assert!(!advice.body.contains('{') && !advice.body.contains('}'));
        }
    }
}

#[test]
fn an_empty_tip_is_asked_the_basics_and_a_full_one_nothing() {
    let asked: Vec<HintCode> = missing(&book(), &Facts::default(), Lang::Vi)
        .into_iter()
        .map(|hint| hint.code)
        .collect();
    assert_eq!(
        asked,
        [
            HintCode::WhatHappened,
            HintCode::WhoContacted,
            HintCode::HowContacted,
            HintCode::WhenHappened,
            HintCode::WhereHappened,
            HintCode::Screenshots
        ]
    );
    let full = Facts {
        has_loss: true,
        minutes_since_transfer: Some(5),
        has_transfer_time: true,
        indicator_kinds: vec!["bank_account"],
        has_text: true,
        has_channel: true,
        has_occurred_at: true,
        has_unit: true,
        losses_have_amount: true,
        losses_have_reference: true,
        has_attachments: true,
        ..Facts::default()
    };
    assert_eq!(missing(&book(), &full, Lang::Vi), []);
    let first = missing(
        &book(),
        &Facts {
            has_transfer_time: false,
            ..full
        },
        Lang::En,
    );
    assert_eq!(
        first[0].text,
        "If money was sent: when? The exact time helps to hold it."
    );
}

#[test]
fn every_hint_has_a_text() {
    let all = Facts {
        has_loss: true,
        has_account_without_bank: true,
        ..Facts::default()
    };
    assert_eq!(missing(&book(), &all, Lang::Vi).len(), 11);
    assert_eq!(book().hints.len(), 11);
}

#[test]
fn nobody_is_told_that_nothing_was_lost_and_who_may_have_paid_is_sent_to_the_bank() {
    let facts = Facts {
        method: Some("investment_fraud"),
        indicator_kinds: vec!["bank_account"],
        may_have_paid: true,
        ..Facts::default()
    };
    for (lang, fact) in [(Lang::Vi, "Bạn chưa mất tiền"), (Lang::En, "lost nothing")] {
        let shown = guidance(&book(), &facts, lang);
        assert_eq!(shown[0].code, "if_money_was_sent");
        assert!(shown.iter().all(|advice| !advice.body.contains(fact)));
    }
    let asked: Vec<HintCode> = missing(&book(), &facts, Lang::Vi)
        .into_iter()
        .map(|hint| hint.code)
        .collect();
    assert!(asked.starts_with(&[HintCode::TransferTime, HintCode::LossAmount]));
    let nothing_of_money = Facts {
        may_have_paid: false,
        ..facts
    };
    assert!(!codes(&nothing_of_money).contains(&"if_money_was_sent".to_owned()));
}

#[test]
fn the_number_of_a_named_bank_stands_beside_the_advice_to_call_it() {
    let facts = Facts {
        has_loss: true,
        hotlines: vec![Hotline {
            bank: "Vietcombank".to_owned(),
            number: "1900 54 54 13".to_owned(),
            checked_on: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
        }],
        ..Facts::default()
    };
    let shown = guidance(&book(), &facts, Lang::Vi);
    assert!(
        shown[0]
            .body
            .ends_with("Tổng đài Vietcombank: 1900 54 54 13 (kiểm tra ngày 24/11/2026).")
    );
    assert_eq!(shown[0].actions[0].href, "tel:1900545413");
    let others = shown.iter().filter(|advice| advice.code == "keep_evidence");
    assert!(others.flat_map(|advice| &advice.actions).next().is_none());
}

#[test]
fn advice_fits_its_method() {
    let of = |method| {
        codes(&Facts {
            method: Some(method),
            ..Facts::default()
        })
    };
    for (method, there, not) in [
        ("fake_delivery_shipper", "fake_shipper", "fake_authority"),
        ("charity_fraud", "fake_charity", "shop_and_booking"),
        ("fake_army_order", "fake_army_order", "shop_and_booking"),
        (
            "impersonate_police_court",
            "remote_control_app",
            "shop_and_booking",
        ),
    ] {
        let found = of(method);
        assert!(found.contains(&there.to_owned()), "{method}: {found:?}");
        assert!(!found.contains(&not.to_owned()), "{method}: {found:?}");
    }
    let crypto = codes(&Facts {
        has_loss: true,
        indicator_kinds: vec!["crypto_address"],
        ..Facts::default()
    });
    assert!(crypto.contains(&"crypto_sent".to_owned()));
}
