//! Failed receipts are counted by address, and right ones not at all.

use serde_json::json;

use crate::support::{Reply, TestApp};

async fn look(t: &TestApp, receipt: &str, address: &str) -> Reply {
    let call = t.anyone().get("/v1/receipt");
    let call = call.header("X-Forwarded-For", address);
    call.header("Tip-Receipt", receipt).send().await
}

#[actix_web::test]
async fn whoever_guesses_receipts_keeps_nobody_elses_mistyped_one_from_its_answer() {
    let t = TestApp::with(&[("TINBAO_TRUSTED_PROXIES", "198.51.100.0/24")]).await;
    for n in 0..20 {
        let guess = look(&t, &format!("guess-{n}"), "203.0.113.7").await;
        guess.problem(404);
    }
    look(&t, "guess", "203.0.113.7").await.problem(429);
    // How often a hand may still slip is said before it is too often.
    let mistyped = look(&t, "mistyped", "203.0.113.8").await;
    assert_eq!(mistyped.header("ratelimit-policy"), "\"receipt\";q=20;w=60");
    assert_eq!(mistyped.header("ratelimit"), "\"receipt\";r=19;t=3");
    mistyped.problem(404);
    let appeal = t.anyone().get("/v1/receipt/appeal");
    let appeal = appeal.header("X-Forwarded-For", "203.0.113.8");
    let appeal = appeal.header("Tip-Receipt", "mistyped").send().await;
    assert!(
        appeal.header("ratelimit").starts_with("\"receipt\";r=1"),
        "{}",
        appeal.header("ratelimit")
    );
    appeal.problem(404);
    // Counted by /64: the rest of an address of the sixth version is the guesser's own to choose.
    for n in 0..20 {
        let guess = look(&t, "guess", &format!("2001:db8:1:1::{n:x}")).await;
        guess.problem(404);
    }
    look(&t, "guess", "2001:db8:1:1:ffff::1").await.problem(429);
    look(&t, "mistyped", "2001:db8:1:2::1").await.problem(404);
}

#[actix_web::test]
async fn right_receipts_are_not_counted() {
    let t = TestApp::new().await;
    let sent = t.submit(&json!({"narrative": "Lừa đảo"})).await;
    let receipt = sent["receipt"].as_str().unwrap();
    for _ in 0..25 {
        look(&t, receipt, "203.0.113.7").await.expect(200);
    }
    for _ in 0..20 {
        look(&t, "mistyped", "203.0.113.7").await.problem(404);
    }
    look(&t, "mistyped", "203.0.113.7").await.problem(429);
}
