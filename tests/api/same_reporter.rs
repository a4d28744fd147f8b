//! Tips of the same reporter: for whom they are found, and that nobody confirms a guess by them.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

async fn named(t: &TestApp, secret: bool) -> String {
    let reporter = json!({"phone": "0900 000 001", "keep_secret": secret});
    // Ids of different times are in order.
    t.clock.advance(Duration::from_millis(1));
    let body = json!({"narrative": "Lừa đảo", "reporter": reporter});
    t.submit(&body).await["id"].as_str().unwrap().to_owned()
}

async fn claim(officer: &Client, tip: &str) {
    let path = format!("/v1/tips/{tip}/claim");
    officer.put(&path).send().await.expect(200);
}

async fn same(officer: &Client, tip: &str) -> Value {
    let path = format!("/v1/tips/{tip}/reporter/tips");
    let found = officer.get(&path).send().await.expect(200);
    assert_eq!(found["next_cursor"], Value::Null);
    let items = found["items"].as_array().unwrap();
    items.iter().map(|item| item["tip_id"].clone()).collect()
}

async fn refused(officer: &Client, tip: &str) {
    let path = format!("/v1/tips/{tip}/reporter/tips");
    let problem = officer.get(&path).send().await.problem(409);
    assert_eq!(problem["code"], "wrong_state");
}

/// Asks for the identity behind a tip that is claimed.
async fn ask(officer: &Client, tip: &str) -> Value {
    let call = officer.post(&format!("/v1/tips/{tip}/reporter/reveal"));
    let why = json!({"purpose": "Gọi lại để hỏi số tài khoản"});
    call.json(&why).send().await.expect(202)
}

async fn approve(t: &TestApp, reveal: &Value) {
    let path = format!("/v1/reveals/{}/approve", reveal["id"].as_str().unwrap());
    let second = t.named_officer("second", OFFICER);
    second.post(&path).send().await.expect(200);
}

#[actix_web::test]
async fn a_guess_about_a_reporter_who_asked_for_secrecy_is_not_confirmed() {
    let t = TestApp::new().await;
    let (secret, open) = (named(&t, true).await, named(&t, false).await);
    // An officer's own, with the number of whoever is suspected to have reported.
    let guess = named(&t, false).await;
    let officer = t.officer(OFFICER);
    claim(&officer, &guess).await;
    assert_eq!(same(&officer, &guess).await, json!([open]));
    t.settle().await;
    let matched = "select data::text as cell from journal where type = 'reporter.matched'";
    let matched = rows(&t, matched).await;
    assert_eq!(matched.len(), 1);
    assert!(matched[0].contains(&open) && !matched[0].contains(&secret));

    // Nor from the other side, before a second officer agrees.
    claim(&officer, &secret).await;
    refused(&officer, &secret).await;
    let asked = ask(&officer, &secret).await;
    refused(&officer, &secret).await;
    assert_eq!(same(&officer, &guess).await, json!([open]));
    approve(&t, &asked).await;
    assert_eq!(same(&officer, &secret).await, json!([guess, open]));
    assert_eq!(same(&officer, &guess).await, json!([open, secret]));
    // It was approved for one officer, and for an hour.
    let other = t.named_officer("other", OFFICER);
    t.clock.advance(Duration::from_secs(16 * 60));
    claim(&other, &guess).await;
    assert_eq!(same(&other, &guess).await, json!([open]));
    t.clock.advance(Duration::from_secs(45 * 60));
    for tip in [&guess, &secret] {
        claim(&officer, tip).await;
    }
    assert_eq!(same(&officer, &guess).await, json!([open]));
    refused(&officer, &secret).await;
}

#[actix_web::test]
async fn an_approved_file_or_submission_is_no_approved_identity() {
    let t = TestApp::new().await;
    let (secret, guess) = (named(&t, true).await, named(&t, false).await);
    let officer = t.officer(OFFICER);
    for tip in [&secret, &guess] {
        claim(&officer, tip).await;
    }
    let call = officer.post(&format!("/v1/tips/{secret}/submission/reveal"));
    let why = json!({"purpose": "Đối chiếu nguyên văn"});
    let asked = call.json(&why).send().await.expect(202);
    approve(&t, &asked).await;
    assert_eq!(same(&officer, &guess).await, json!([]));
    refused(&officer, &secret).await;
}

#[actix_web::test]
async fn where_every_reveal_takes_a_second_officer_so_does_each_tip_of_the_same_reporter() {
    let t = TestApp::with(&[("TINBAO_REVEAL_APPROVAL", "always")]).await;
    let (one, two, three) = (
        named(&t, false).await,
        named(&t, false).await,
        named(&t, true).await,
    );
    let officer = t.officer(OFFICER);
    for tip in [&one, &two, &three] {
        claim(&officer, tip).await;
    }
    refused(&officer, &one).await;
    approve(&t, &ask(&officer, &one).await).await;
    assert_eq!(same(&officer, &one).await, json!([]));
    approve(&t, &ask(&officer, &two).await).await;
    assert_eq!(same(&officer, &one).await, json!([two]));
    approve(&t, &ask(&officer, &three).await).await;
    assert_eq!(same(&officer, &one).await, json!([three, two]));
}

#[actix_web::test]
async fn whoever_is_confined_finds_tips_of_the_same_reporter_there_alone() {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for (unit, method) in [
        ("03127", "overseas_easy_job"),
        ("03158", "overseas_easy_job"),
        ("03127", "overseas_easy_job"),
        ("03127", "investment_fraud"),
    ] {
        t.clock.advance(Duration::from_millis(1));
        let body = json!({"narrative": "Lừa đảo", "method": method, "location": {"unit_code": unit},
            "reporter": {"phone": "0900000001"}});
        let sent = t.submit(&body).await;
        tips.push((sent["id"].clone(), sent["desk"].clone()));
    }
    let (first, desk) = (tips[0].0.as_str().unwrap(), tips[0].1.as_str().unwrap());
    assert_eq!(tips[1].1, desk);
    assert_ne!(tips[3].1, desk);
    let officer = |desk, units| {
        t.bearer(&Claims {
            scopes: "tips:read tips:triage reporters:reveal",
            desk,
            units,
            ..Claims::default()
        })
    };
    let there: &[&str] = &["03127"];
    claim(&officer(None, None), first).await;
    for (desk, units, found) in [
        (None, None, vec![3, 2, 1]),
        (None, Some(there), vec![3, 2]),
        (Some(desk), None, vec![2, 1]),
        (Some(desk), Some(there), vec![2]),
    ] {
        let found: Value = found
            .into_iter()
            .map(|n: usize| tips[n].0.clone())
            .collect();
        let who = officer(desk, units);
        assert_eq!(same(&who, first).await, found, "{desk:?} {units:?}");
    }
}
