//! Lives in danger: what a text tells of them makes the tip critical, and everybody reads first whom to call.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::TestApp;

/// As a border province hears them.
const DANGERS: [&str; 13] = [
    "nó đang đánh con tôi ở Lào",
    "họ thu hộ chiếu không cho về, bắt làm việc 16 tiếng",
    "nó chích điện con em",
    "chồng tôi bị giữ ở Tam giác vàng, đòi 200 triệu",
    "em đang ở khu lừa đảo ở Myanmar, xin giải cứu",
    "no bao nop tien moi tha nguoi",
    "em nhờ cứu người, bạn em bị lừa bán sang Campuchia",
    "no dang cam dao truoc cua nha toi",
    "bố tôi uống thuốc sâu vì mất tiền",
    "em bị ép quan hệ, nó quay clip doạ tung",
    "cho đến đòi nợ tạt sơn nhà tôi đang ở ngoài cửa",
    "they beat my brother in Myanmar compound",
    "e dang o khu lua dao ben myanmar, k cho ve, bi danh",
];
const HARMLESS: [&str; 6] = [
    "bị lừa bán hàng giả, shop bị đánh giá 1 sao",
    "bị giữ tiền trong app, nộp tiền mới rút được",
    "bi chan k cho rut tien ve",
    "kêu gọi cứu trợ bão lũ giả",
    "năm 2019 bạn em bị lừa bán sang Campuchia, đã được giải cứu",
    "hàng của em bị giữ ở hải quan, đòi 5 triệu mới cho về",
];

async fn receipt_of(t: &TestApp, sent: &Value) -> Value {
    let call = t.anyone().get("/v1/receipt");
    let call = call.header("Tip-Receipt", sent["receipt"].as_str().unwrap());
    call.send().await.expect(200)
}

#[actix_web::test]
async fn words_of_violence_and_captivity_are_critical_and_name_the_number_first() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsRead]);
    for (text, danger) in DANGERS
        .map(|text| (text, true))
        .into_iter()
        .chain(HARMLESS.map(|text| (text, false)))
    {
        let sent = t.submit(&json!({"narrative": text})).await;
        let first = &sent["guidance"][0];
        assert_eq!(first["code"] == "danger_now", danger, "{text}: {first}");
        let seen = officer.get(&format!("/v1/tips/{}", sent["id"].as_str().unwrap()));
        let priority = seen.send().await.expect(200)["priority"].clone();
        assert_eq!(
            priority["level"] == "critical",
            danger,
            "{text}: {priority}"
        );
        if danger {
            assert_eq!(
                priority["reasons"][0]["code"], "text_life_at_risk",
                "{text}"
            );
            assert_eq!(priority["reasons"][0]["points"], 52, "{text}");
        }
        let receipt = receipt_of(&t, &sent).await;
        for field in ["status_text", "next_step"] {
            let said = receipt[field].as_str().unwrap();
            let told = said.starts_with("Nếu vẫn đang nguy hiểm: gọi ngay 113");
            assert_eq!(told, danger, "{text}: {said}");
            assert_eq!(said.contains("113"), danger, "{text}: {said}");
        }
    }
}

#[actix_web::test]
async fn a_message_about_violence_is_answered_with_the_number_and_so_is_the_question_how_it_stands()
{
    let t = TestApp::new().await;
    let text = async |id: &str, text: &str| {
        let body =
            json!({"gateway_id": "gw", "message_id": id, "from": "0900000001", "text": text});
        let answer = t.citizen().post("/v1/tips/sms").json(&body).send().await;
        answer.expect(201)["reply"].as_str().unwrap().to_owned()
    };
    for (n, words) in DANGERS.iter().enumerate() {
        let reply = text(&format!("m{n}"), words).await;
        assert!(
            reply.starts_with("NGUY HIEM: GOI NGAY 113."),
            "{words}: {reply}"
        );
    }
    for (n, words) in HARMLESS.iter().enumerate() {
        let reply = text(&format!("h{n}"), words).await;
        assert!(!reply.contains("113"), "{words}: {reply}");
    }
    let receipt = t
        .submit(&json!({"narrative": "khẩn", "in_danger_now": true}))
        .await;
    let asked = format!("{} ket qua", receipt["receipt"].as_str().unwrap());
    let reply = text("q", &asked).await;
    assert!(reply.starts_with("NGUY HIEM: GOI NGAY 113."), "{reply}");
    assert!(reply.is_ascii() && reply.len() <= 160, "{reply}");
}

#[actix_web::test]
async fn whoever_says_to_be_in_danger_reads_whom_to_call_before_the_clock_until_it_is_decided() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let sent = t
        .submit(&json!({"narrative": "khẩn", "in_danger_now": true}))
        .await;
    let step = |receipt: Value| receipt["next_step"].as_str().unwrap().to_owned();
    let said = step(receipt_of(&t, &sent).await);
    let (number, clock) = (
        said.find("113").unwrap(),
        said.find("Hạn theo luật").unwrap(),
    );
    assert!(number < clock, "{said}");
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    officer
        .put(&format!("{path}/claim"))
        .send()
        .await
        .expect(200);
    let decision = json!({"decision": "dismiss", "reason": "not_a_scam"});
    let decide = officer.post(&format!("{path}/decisions")).json(&decision);
    decide.send().await.expect(200);
    let said = step(receipt_of(&t, &sent).await);
    assert!(!said.contains("113"), "{said}");
}
