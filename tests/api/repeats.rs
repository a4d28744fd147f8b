//! An addition by receipt that comes twice: once under its key, and once because nobody noticed the first answer.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Call, TestApp, rows};

/// A tip, and its receipt.
async fn sent(t: &TestApp) -> (String, String) {
    let tip = json!({"narrative": "Bị lừa qua điện thoại"});
    let sent = t.submit(&tip).await;
    let text = |name: &str| sent[name].as_str().unwrap().to_owned();
    (text("id"), text("receipt"))
}

fn amend(t: &TestApp, receipt: &str, body: &Value) -> Call {
    let call = t.anyone().patch("/v1/receipt");
    call.header("Tip-Receipt", receipt).json(body)
}

fn more() -> Value {
    json!({"narrative": "Họ gọi từ 0912 345 678", "unheard": 1,
        "losses": [{"amount_vnd": 5_000_000}]})
}

/// What an addition leaves: submissions, version, entries of the journal, warnings of the working copy.
async fn traces(t: &TestApp, tip: &str) -> Vec<String> {
    t.settle().await;
    let seen = t
        .officer(&[Scope::TipsRead])
        .get(&format!("/v1/tips/{tip}"));
    let version = seen.send().await.expect(200)["version"].to_string();
    let mut all = rows(
        t,
        "select count(*)::text as cell from submissions union all
         select count(*)::text from journal where type = 'tip.updated' union all
         select details->>'warnings' from tips",
    )
    .await;
    all.push(version);
    all
}

#[actix_web::test]
async fn what_says_the_same_again_changes_nothing_and_is_attested_as_the_first() {
    let t = TestApp::new().await;
    let (tip, receipt) = sent(&t).await;
    let first = amend(&t, &receipt, &more()).send().await.expect(200);
    assert_eq!(first["warnings"][0]["code"], "unknown_field");
    let before = traces(&t, &tip).await;
    assert_eq!(before[..2], ["2", "1"], "{before:?}");
    t.clock.advance(std::time::Duration::from_secs(60));
    let again = amend(&t, &receipt, &more()).send().await.expect(200);
    assert_eq!(again, first, "the very answer, its time included");
    assert_eq!(traces(&t, &tip).await, before);

    // What says something else in between is an addition, and so is what takes it back; a warning stays one.
    for body in [
        json!({"method": "romance_gift_prize", "unheard": 1}),
        more(),
    ] {
        amend(&t, &receipt, &body).send().await.expect(200);
    }
    let after = traces(&t, &tip).await;
    assert_eq!(after[..2], ["4", "3"], "{after:?}");
    assert_eq!(after[2], before[2]);
}

#[actix_web::test]
async fn an_addition_under_a_key_is_answered_once_whatever_came_between() {
    let t = TestApp::new().await;
    let (tip, receipt) = sent(&t).await;
    let keyed = |body: &Value| amend(&t, &receipt, body).header("Idempotency-Key", "k-1");
    let first = keyed(&more()).send().await;
    assert_eq!(first.header("idempotency-replayed"), "");
    let between = json!({"narrative": "Và qua Zalo"});
    amend(&t, &receipt, &between).send().await.expect(200);
    let before = traces(&t, &tip).await;
    let again = keyed(&more()).send().await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(200), first.expect(200));
    assert_eq!(traces(&t, &tip).await, before);
    let other = keyed(&between).send().await.problem(422);
    assert_eq!(other["code"], "idempotency_key_reused");
    // The key of one reporter is not that of another.
    let (_, stranger) = sent(&t).await;
    let call = amend(&t, &stranger, &more()).header("Idempotency-Key", "k-1");
    let own = call.send().await;
    assert_eq!(own.header("idempotency-replayed"), "");
    own.expect(200);
}
