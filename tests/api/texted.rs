//! Text messages: one becomes a tip, one that holds a receipt adds to its tip.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Reply, TestApp, dump, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage];
const FROM: &str = "0900000123";

async fn text(t: &TestApp, id: &str, text: &str) -> Reply {
    let body = json!({"gateway_id": "gw", "message_id": id, "from": FROM, "text": text});
    t.citizen().post("/v1/tips/sms").json(&body).send().await
}

async fn tips(t: &TestApp) -> Vec<Value> {
    let page = t.officer(OFFICER).get("/v1/tips").send().await.expect(200);
    page["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn a_message_with_a_receipt_adds_to_its_tip_and_does_not_repeat_it() {
    let t = TestApp::new().await;
    let tip = json!({"narrative": "Bị lừa.", "channel": "social", "reporter": {"may_contact": false, "name": "Lò Thị Mẫu"}});
    let sent = t.submit(&tip).await;
    let receipt = sent["receipt"].as_str().unwrap();
    let open = t
        .officer(OFFICER)
        .get(&format!("/v1/tips/{}", sent["id"].as_str().unwrap()));
    open.send().await.expect(200);
    let more = format!(
        "{} toi chuyen vao stk 0011002233445 VCB",
        receipt.to_lowercase()
    );
    let answer = text(&t, "m1", &more).await;
    let reply = answer.expect(201)["reply"].as_str().unwrap().to_owned();
    assert!(reply.len() <= 160 && reply.is_ascii(), "{reply}");
    assert!(
        reply.contains("nhan them") && !reply.contains(receipt),
        "{reply}"
    );
    let again = text(&t, "m1", &more).await;
    assert_eq!(again.expect(201)["reply"], reply.as_str());
    assert_eq!(again.header("idempotency-replayed"), "true");

    let all = tips(&t).await;
    assert_eq!(all.len(), 1, "no new tip");
    assert_eq!(all[0]["unread_additions"], 1);
    let seen = t
        .officer(OFFICER)
        .get(&format!("/v1/tips/{}", sent["id"].as_str().unwrap()));
    let seen = seen.send().await.expect(200);
    let narrative = seen["narrative"].as_str().unwrap();
    assert!(
        narrative.starts_with("Bị lừa.") && narrative.contains("toi chuyen vao"),
        "{narrative}"
    );
    assert_eq!(seen["channel"], "social", "what it said stays");
    assert!(seen.to_string().contains("0011002233445"));
    // Neither the receipt nor whose phone it was is anywhere in the clear, nor was the reporter changed.
    for hidden in [receipt, &receipt.to_lowercase(), FROM, "900000123"] {
        assert!(!seen.to_string().contains(hidden), "{hidden}");
        assert!(!dump(&t).await.contains(hidden), "{hidden}");
    }
    let fields = rows(
        &t,
        "select string_agg(k, ',') as cell from reporter_identities, jsonb_object_keys(fields) k",
    );
    assert_eq!(fields.await, ["name"]);
    let wish = rows(&t, "select details ->> 'may_contact' as cell from tips").await;
    assert_eq!(wish, ["false"]);
    let by = rows(&t, "select client_id as cell from submissions order by id").await;
    assert_eq!(by[1], "sms");
}

#[actix_web::test]
async fn a_receipt_that_opens_nothing_makes_a_tip_and_counts_as_a_failed_attempt() {
    let t = TestApp::new().await;
    let sent = t.submit(&json!({"narrative": "x"})).await;
    let receipt = sent["receipt"].as_str().unwrap();
    let withdraw = t
        .anyone()
        .post("/v1/receipt/withdraw")
        .header("Tip-Receipt", receipt);
    assert_eq!(withdraw.send().await.status.as_u16(), 204);
    for n in 0..22 {
        let reply = text(&t, &format!("m{n}"), &format!("{receipt} them lan {n}")).await;
        let said = reply.expect(201)["reply"].as_str().unwrap().to_owned();
        assert!(
            said.contains("Ma tra cuu") && !said.contains(receipt),
            "{said}"
        );
    }
    // Twenty a minute, as for every failed receipt; but a gateway's address is that of many citizens.
    let look = t.anyone().get("/v1/receipt").header("Tip-Receipt", receipt);
    look.send().await.problem(429);
    text(&t, "other", "Toi bi lua 48 trieu").await.expect(201);
    assert_eq!(tips(&t).await.len(), 1 + 22 + 1);
}

#[actix_web::test]
async fn who_only_asks_by_text_is_told_how_the_tip_stands_and_undoes_nothing() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let sent = t.citizen().post("/v1/tips");
    let sent = sent.json(&json!({"narrative": "Bị lừa."})).send().await;
    let sent = sent.expect(201);
    let (id, receipt) = (
        sent["id"].as_str().unwrap(),
        sent["receipt"].as_str().unwrap(),
    );
    let path = format!("/v1/tips/{id}");
    let decide = async |body: Value| {
        officer
            .put(&format!("{path}/claim"))
            .send()
            .await
            .expect(200);
        let call = officer.post(&format!("{path}/decisions"));
        call.json(&body).send().await.expect(200);
    };
    let reply = async |n: &str, words: &str| {
        let answer = text(&t, n, &words.replace("RECEIPT", receipt))
            .await
            .expect(201);
        let reply = answer["reply"].as_str().unwrap().to_owned();
        assert!(
            reply.len() <= 160 && reply.is_ascii() && !reply.contains(receipt),
            "{reply}"
        );
        reply
    };
    let status = async || officer.get(&path).send().await.expect(200)["status"].clone();
    assert!(reply("a", "RECEIPT").await.contains("dang cho can bo xem"));
    assert_eq!(
        rows(&t, "select id::text as cell from submissions")
            .await
            .len(),
        1
    );

    decide(json!({"decision": "dismiss", "reason": "not_a_scam"})).await;
    for (n, words) in ["RECEIPT", "xem ket qua RECEIPT", "Cám ơn RECEIPT ạ"]
        .iter()
        .enumerate()
    {
        let said = reply(&format!("b{n}"), words).await;
        assert!(
            said.contains("khong duoc xu ly tiep") && said.contains("khieu nai"),
            "{said}"
        );
        assert_eq!(status().await, "dismissed", "{words}");
    }
    // The reply cannot say all that the notice of the result says.
    let told = rows(
        &t,
        "select coalesce(result_told_at::text, '-') as cell from tip_states",
    )
    .await;
    assert_eq!(told, ["-"]);
    assert!(
        reply("c", "RECEIPT cam on, no lai goi toi tu 0369123456")
            .await
            .contains("nhan them")
    );
    assert_eq!(status().await, "received");

    // To an officer's question "vâng" is an answer.
    decide(json!({"decision": "request_info", "message": "Có tin nhắn của nó không?"})).await;
    assert!(
        reply("d", "RECEIPT")
            .await
            .contains("can ban cho biet them")
    );
    assert!(reply("e", "Dạ vâng RECEIPT").await.contains("nhan them"));
    assert_eq!(status().await, "received");
}

#[actix_web::test]
async fn a_text_message_becomes_a_tip_and_its_sender_stays_sealed() {
    let t = TestApp::new().await;
    let first = text(&t, "m1", "ld [0912.345.678] [giả công an]").await;
    let reply = first.expect(201)["reply"].as_str().unwrap().to_owned();
    assert!(reply.len() <= 160 && reply.is_ascii(), "{reply}");
    let again = text(&t, "m1", "ld [0912.345.678] [giả công an]").await;
    assert_eq!(again.expect(201)["reply"], reply.as_str());
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(
        text(&t, "m1", "khác").await.problem(422)["code"],
        "idempotency_key_reused"
    );
    text(&t, "m2", "Chào công an, số 0987654321 lừa tôi")
        .await
        .expect(201);
    let page = t
        .officer(&[Scope::TipsRead])
        .get("/v1/tips")
        .send()
        .await
        .expect(200);
    assert!(
        !page.to_string().contains("900000123"),
        "the sender is identity"
    );
    let values: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tip| &tip["indicators"][0]["value"])
        .collect();
    assert_eq!(values, ["+84987654321", "+84912345678"]);
    assert_eq!(page["items"][1]["channel"], "call");
}

#[actix_web::test]
async fn nothing_that_a_gateway_adds_keeps_a_text_message_out() {
    let t = TestApp::new().await;
    let body = json!({"gateway_id": "gw", "message_id": "m1", "from": "0900000123",
        "text": "LD (0912345678) (giả công\u{0} an)", "operator": "viettel", "parts": {"a": [1]}});
    let answer = t.citizen().post("/v1/tips/sms").json(&body).send().await;
    let told = answer.expect(201);
    let codes: Vec<(&str, &str)> = told["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| (w["pointer"].as_str().unwrap(), w["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        codes,
        [
            ("/text", "nul_replaced"),
            ("/operator", "unknown_field"),
            ("/parts", "unknown_field")
        ]
    );
    let again = t.citizen().post("/v1/tips/sms").json(&body).send().await;
    assert_eq!(again.expect(201), told, "a replay tells the same");
    let page = t.officer(&[Scope::TipsRead]).get("/v1/tips").send().await;
    let tip = page.expect(200)["items"][0].clone();
    assert_eq!(tip["raw_message"], "giả công\u{fffd} an");
    assert_eq!(tip["indicators"][0]["value"], "+84912345678");
    for (body, pointer) in [
        (
            json!({"gateway_id": "gw", "message_id": "m2", "from": "1", "text": ""}),
            "/text",
        ),
        (
            json!({"gateway_id": "gw", "message_id": "m2", "from": 1, "text": "x"}),
            "/from",
        ),
    ] {
        let problem = t.citizen().post("/v1/tips/sms").json(&body).send().await;
        assert_eq!(problem.problem(422)["errors"][0]["pointer"], pointer);
    }
}
