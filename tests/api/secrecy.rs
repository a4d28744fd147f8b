//! A reporter who asks for secrecy later: from then on a second officer has to agree, whatever was shown before.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, Reply, TestApp};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

async fn ask(officer: &Client, tip: &str, what: &str) -> Reply {
    let call = officer.post(&format!("/v1/tips/{tip}/{what}/reveal"));
    let purpose = json!({"purpose": "Gọi lại để hỏi số tài khoản"});
    call.json(&purpose).send().await
}

/// What the register tells of the reporter to whoever says why.
async fn registered(officer: &Client) -> Value {
    let path = "/v1/register?year=2026&purpose=b%C3%A1o%20c%C3%A1o";
    let page = officer.get(path).send().await.expect(200);
    page["items"][0]["reporter_phone"].clone()
}

#[actix_web::test]
async fn secrecy_that_is_asked_for_later_holds_from_then_on() {
    let t = TestApp::new().await;
    let body =
        json!({"narrative": "Lừa đảo", "reporter": {"name": "Lò Bí Mật", "phone": "0900000001"}});
    let sent = t.submit(&body).await;
    let (id, receipt) = (
        sent["id"].as_str().unwrap(),
        sent["receipt"].as_str().unwrap(),
    );
    t.settle().await;
    let officer = t.officer(OFFICER);
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    for what in ["reporter", "submission"] {
        assert!(
            ask(&officer, id, what).await.text().contains("0900000001"),
            "{what}"
        );
    }
    assert_eq!(registered(&officer).await, "0900000001");

    let amend = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", receipt);
    let wish = json!({"reporter": {"keep_secret": true}});
    amend.json(&wish).send().await.expect(200);
    // The same officer, for the same purpose for which it was shown a moment ago.
    assert_eq!(registered(&officer).await, "[sealed]");
    let second = t.named_officer("second", OFFICER);
    for what in ["reporter", "submission"] {
        let waiting = ask(&officer, id, what).await;
        assert!(!waiting.text().contains("0900000001"), "{what}");
        let waiting = waiting.expect(202);
        assert_eq!(waiting["status"], "pending", "{what}");
        let approve = format!("/v1/reveals/{}/approve", waiting["id"].as_str().unwrap());
        let own = officer.post(&approve).send().await.problem(409);
        assert_eq!(own["code"], "same_person", "{what}");
        second.post(&approve).send().await.expect(200);
        assert!(
            ask(&officer, id, what).await.text().contains("0900000001"),
            "{what}"
        );
    }
}

#[actix_web::test]
async fn a_reveal_that_waits_is_not_let_through_by_a_wish_that_comes_later() {
    // Everybody's identity takes two: the request was there before the reporter asked for it.
    let t = TestApp::with(&[("TINBAO_REVEAL_APPROVAL", "always")]).await;
    let body = json!({"narrative": "Lừa đảo", "reporter": {"phone": "0900000001"}});
    let sent = t.submit(&body).await;
    let (id, receipt) = (
        sent["id"].as_str().unwrap(),
        sent["receipt"].as_str().unwrap(),
    );
    let officer = t.officer(OFFICER);
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let waiting = ask(&officer, id, "reporter").await.expect(202);
    // The same installation, once it asks for a second officer only where the reporter did.
    let relaxed = t
        .replica_with(&[("TINBAO_REVEAL_APPROVAL", "secret")])
        .await;
    let there = relaxed.officer(OFFICER);
    let amend = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", receipt);
    let wish = json!({"reporter": {"keep_secret": true}});
    amend.json(&wish).send().await.expect(200);
    let again = ask(&there, id, "reporter").await.expect(202);
    assert_eq!(again["id"], waiting["id"], "it waits as before");
    let approve = format!("/v1/reveals/{}/approve", waiting["id"].as_str().unwrap());
    let second = relaxed.named_officer("second", OFFICER);
    second.post(&approve).send().await.expect(200);
    assert!(
        ask(&there, id, "reporter")
            .await
            .text()
            .contains("0900000001")
    );
}
