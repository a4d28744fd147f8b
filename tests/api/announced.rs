//! Deadlines that are near or over already when they begin to run, and the limits of tips: each announced once.

use serde_json::{Value, json};

use crate::case_clocks::{HOUR, report};
use crate::cases::{ALL, at, decide, open, tip};
use crate::support::{Client, TestApp, rows};
use crate::triage::TRIAGE;

/// What was announced of a case or tip, by code and in order.
async fn told(t: &TestApp, subject: &str) -> Vec<String> {
    t.settle().await;
    let sql = format!(
        "select data->>'code' || ' ' || type as cell from journal
         where type like 'deadline.%' and subject_id = '{subject}' and is_event order by data->>'code', position"
    );
    rows(t, &sql).await
}

fn id(of: &Value) -> &str {
    of["id"].as_str().unwrap()
}

/// A tip that an officer enters, and when it came.
async fn received(officer: &Client, at: &str) -> String {
    let body = json!({"narrative": "Ghi lại tin báo trực tiếp.",
        "reception": {"channel": "in_person", "received_at": at}});
    let sent = officer.post("/v1/tips").json(&body).send().await;
    id(&sent.expect(201)).to_owned()
}

fn writer(t: &TestApp) -> Client {
    t.bearer(&crate::support::Claims {
        sub: "analyst",
        scopes: "tips:submit tips:read tips:triage cases:read cases:write cases:decide",
        ..crate::support::Claims::default()
    })
}

#[actix_web::test]
async fn what_is_near_or_over_as_a_case_opens_is_announced_once() {
    let t = TestApp::new().await;
    let officer = writer(&t);
    t.clock.set(at("2026-11-29T22:00:00Z"));
    // The limit for deciding ends on 30 November at 24:00: 19 hours are left.
    let old = received(&officer, "2026-11-10T02:00:00Z").await;
    let case = open(&officer, &[old]).await;
    let first = told(&t, id(&case)).await;
    assert!(
        first.contains(&"resolve deadline.near".to_owned()),
        "{first:?}"
    );
    for over in ["assign", "notify_vks_reception"] {
        let of_it: Vec<_> = first.iter().filter(|one| one.starts_with(over)).collect();
        assert_eq!(of_it, [&format!("{over} deadline.overdue")], "{first:?}");
    }
    assert_eq!(told(&t, id(&case)).await, first);
    t.clock.set(at("2026-11-30T17:00:01Z"));
    let second = told(&t, id(&case)).await;
    assert_eq!(second.len(), first.len() + 1, "{second:?}");
    assert!(second.contains(&"resolve deadline.overdue".to_owned()));
}

#[actix_web::test]
async fn a_decision_entered_later_has_its_clocks_announced() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    for (hours_ago, event) in [
        (0, "deadline.near"),
        (1, "deadline.near"),
        (25, "deadline.overdue"),
    ] {
        let tip = tip(&t, json!({"narrative": "một"})).await;
        let case = open(&officer, &[tip]).await;
        for decision in ["assign", "verify"] {
            let call = decide(&officer, &case, json!({"decision": decision}));
            call.await.expect(200);
        }
        t.settle().await;
        t.clock.advance(HOUR * 26);
        let signed = t.clock.now() - HOUR * hours_ago;
        let body = json!({"decision": "prosecute", "legal_basis": "điều 143 BLTTHS", "document_number": "QĐ-1",
            "decided_at": signed});
        decide(&officer, &case, body).await.expect(200);
        let told = told(&t, id(&case)).await;
        let of_it: Vec<_> = told
            .iter()
            .filter(|one| one.starts_with("send_decision_vks"))
            .collect();
        assert_eq!(of_it, [&format!("send_decision_vks {event}")]);
    }
}

#[actix_web::test]
async fn the_limits_of_a_tip_are_announced_until_a_case_has_them() {
    let t = TestApp::new().await;
    let (id, receipt) = report(
        &t,
        &json!({"narrative": "hai", "reporter": {"name": "Lò Văn Thử", "phone": "0912345678"}}),
    )
    .await;
    assert_eq!(told(&t, &id).await, Vec::<String>::new());
    t.clock.advance(HOUR * 21);
    assert_eq!(told(&t, &id).await, ["classify deadline.near"]);
    t.clock.advance(HOUR * 4);
    let both = ["classify deadline.near", "classify deadline.overdue"];
    assert_eq!(told(&t, &id).await, both);
    // The notice was given meanwhile, so of that nothing.
    crate::case_clocks::look(&t, &receipt).await;
    let case = {
        let officer = t.officer(ALL);
        open(&officer, std::slice::from_ref(&id)).await
    };
    t.clock.advance(HOUR * 24 * 10);
    assert_eq!(told(&t, &id).await, both);
    assert!(!told(&t, case["id"].as_str().unwrap()).await.is_empty());

    // Nothing is owed of a trial, nor of what was withdrawn.
    let trial = t.submit(&json!({"narrative": "thử", "test": true})).await;
    let (gone, receipt) = report(&t, &json!({"narrative": "ba"})).await;
    let withdraw = t.anyone().post("/v1/receipt/withdraw");
    let withdraw = withdraw.header("Tip-Receipt", &receipt).send().await;
    assert!(withdraw.status.is_success());
    t.clock.advance(HOUR * 23);
    for tip in [trial["id"].as_str().unwrap(), &gone] {
        assert_eq!(told(&t, tip).await, Vec::<String>::new());
    }
}

#[actix_web::test]
async fn a_backlog_makes_one_event_a_limit_also_after_a_standstill() {
    let t = TestApp::new().await;
    let officer = writer(&t);
    let mut tips = Vec::new();
    for day in ["02", "03", "10", "20"] {
        tips.push(received(&officer, &format!("2026-11-{day}T02:00:00Z")).await);
    }
    // The background work had stood still for some time.
    t.clock.advance(HOUR * 50);
    let tips_of_long_ago = &tips[..3];
    for tip in tips_of_long_ago {
        let of_it = [
            "classify deadline.overdue",
            "notify_vks_reception deadline.overdue",
        ];
        assert_eq!(told(&t, tip).await, of_it);
    }
    let all = "select count(*)::text as cell from journal where type like 'deadline.%'";
    let before = rows(&t, all).await;
    t.settle().await;
    assert_eq!(rows(&t, all).await, before);
    // A trifle: decided, the next limit runs and is announced too.
    let officer = t.officer(TRIAGE);
    let claim = officer.put(&format!("/v1/tips/{}/claim", tips[0]));
    claim.send().await.expect(200);
    let body =
        json!({"decision": "transfer", "reason": "out_of_competence", "agency": "other_police"});
    let call = officer.post(&format!("/v1/tips/{}/decisions", tips[0]));
    call.json(&body).send().await.expect(200);
    t.settle().await;
    t.clock.advance(HOUR * 21);
    let told = told(&t, &tips[0]).await;
    assert!(
        told.contains(&"transfer_out deadline.near".to_owned()),
        "{told:?}"
    );
}
