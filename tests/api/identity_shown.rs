//! The reporter reads behind the receipt when officers saw who reported.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

async fn shown(t: &TestApp, tip: &Value) -> Value {
    let receipt = tip["receipt"].as_str().unwrap();
    let read = t.anyone().get("/v1/receipt").header("Tip-Receipt", receipt);
    read.send().await.expect(200)["identity_shown"].clone()
}

async fn ask(officer: &Client, tip: &Value, what: &str, status: u16) {
    let path = format!("/v1/tips/{}/{what}/reveal", tip["id"].as_str().unwrap());
    let purpose = json!({"purpose": "Gọi lại để hỏi thêm"});
    let asked = officer.post(&path).json(&purpose).send().await;
    assert_eq!(asked.status.as_u16(), status, "{}", asked.text());
}

#[actix_web::test]
async fn the_receipt_says_when_and_how_the_identity_was_shown_and_nothing_of_who_looked() {
    let t = TestApp::new().await;
    let named = |secret: bool| {
        json!({"narrative": "Lừa đảo", "reporter": {"name": "Lò Thị Mẫu", "phone": "0900 000 001",
            "keep_secret": secret}})
    };
    let (tip, secret) = (t.submit(&named(false)).await, t.submit(&named(true)).await);
    t.settle().await;
    let officer = t.officer(OFFICER);
    for tip in [&tip, &secret] {
        let claim = format!("/v1/tips/{}/claim", tip["id"].as_str().unwrap());
        officer.put(&claim).send().await.expect(200);
        assert_eq!(shown(&t, tip).await, json!([]));
    }
    ask(&officer, &secret, "reporter", 202).await;
    t.settle().await;
    assert_eq!(
        shown(&t, &secret).await,
        json!([]),
        "what waits was not shown"
    );

    ask(&officer, &tip, "reporter", 200).await;
    let first = json!([{"at": "2026-11-24T01:20:00Z", "how": "reveal"}]);
    assert_eq!(shown(&t, &tip).await, first, "at once");
    t.clock.advance(std::time::Duration::from_secs(60));
    let register = officer.get("/v1/register?year=2026&purpose=ban+giao+so");
    register.send().await.expect(200);
    ask(&officer, &tip, "submission", 200).await;
    t.settle().await;
    let all = shown(&t, &tip).await;
    let hows: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["how"].as_str().unwrap())
        .collect();
    assert_eq!(hows, ["reveal", "register", "submission"]);
    assert_eq!(all[2].as_object().unwrap().len(), 2, "when and how: {all}");
    assert_eq!(
        shown(&t, &secret).await,
        json!([]),
        "the register shows no sealed one"
    );
}
