//! What a reporter puts right by receipt: a mistyped loss, a short answer, more than there is room for.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp};

const TRIAGE: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage];

struct Sent {
    id: String,
    receipt: String,
}

async fn send(t: &TestApp, body: &Value) -> Sent {
    let sent = t.submit(body).await;
    let text = |name: &str| sent[name].as_str().unwrap().to_owned();
    Sent {
        id: text("id"),
        receipt: text("receipt"),
    }
}

async fn seen(officer: &Client, id: &str) -> Value {
    let call = officer.get(&format!("/v1/tips/{id}"));
    call.send().await.expect(200)
}

#[actix_web::test]
async fn a_mistyped_amount_is_put_right_without_a_reference() {
    let t = TestApp::new().await;
    let loss = |amount: i64| {
        json!({
            "indicators": [{"kind": "phone", "value": "0369 123 456"},
                {"kind": "bank_account", "value": "001100223344", "bank": "VCB"}],
            "losses": [{"amount_vnd": amount, "transferred_at": "2026-11-24T01:00:00Z", "to_indicator": 1}]})
    };
    let Sent { id, receipt } = send(&t, &loss(50_000_000)).await;
    let patch = t.anyone().patch("/v1/receipt");
    let patch = patch.header("Tip-Receipt", &receipt);
    patch.json(&loss(5_000_000)).send().await.expect(200);
    let shown = seen(&t.officer(TRIAGE), &id).await;
    assert_eq!(shown["loss_vnd"], 5_000_000);
    assert_eq!(shown["losses"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_text_for_which_there_is_no_room_is_warned_of_and_a_short_answer_is_kept() {
    let t = TestApp::new().await;
    let Sent { id, receipt } = send(&t, &json!({"narrative": "Có người gọi cho tôi."})).await;
    let add = async |text: &str| {
        let patch = t.anyone().patch("/v1/receipt");
        let patch = patch.header("Tip-Receipt", &receipt);
        let body = json!({"narrative": text});
        patch.json(&body).send().await.expect(200)["warnings"].clone()
    };
    assert_eq!(add("Có").await, json!([]));
    let officer = t.officer(TRIAGE);
    assert_eq!(
        seen(&officer, &id).await["narrative"],
        "Có người gọi cho tôi.\n\nCó"
    );
    for letter in ["𠀀", "𠀁", "𠀂", "𠀃"] {
        assert_eq!(add(&letter.repeat(20_000)).await, json!([]), "{letter}");
    }
    let warned = add(&"𠀄".repeat(20_000)).await;
    assert_eq!(
        (&warned[0]["pointer"], &warned[0]["code"]),
        (&json!("/narrative"), &json!("too_many"))
    );
}
