//! What a reporter does with a receipt after the tip: add to it, and write to officers.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp, rows};

pub const TRIAGE: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage];

/// A tip's id and receipt.
pub async fn tip(t: &TestApp, body: &Value) -> (String, String) {
    let tip = t.submit(body).await;
    let text = |name: &str| tip[name].as_str().unwrap().to_owned();
    (text("id"), text("receipt"))
}

pub async fn seen(officer: &Client, id: &str) -> Value {
    officer
        .get(&format!("/v1/tips/{id}"))
        .send()
        .await
        .expect(200)
}

pub async fn accept(t: &TestApp, id: &str) {
    let officer = t.officer(TRIAGE);
    let path = format!("/v1/tips/{id}");
    officer
        .put(&format!("{path}/claim"))
        .send()
        .await
        .expect(200);
    officer
        .post(&format!("{path}/decisions"))
        .json(&json!({"decision": "accept"}))
        .send()
        .await
        .expect(200);
}

#[actix_web::test]
async fn what_a_reporter_adds_is_merged_and_kept_beside_the_first() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(
        &t,
        &json!({"narrative": "Bị lừa chuyển tiền.",
            "indicators": [{"kind": "phone", "value": "0369 123 456", "role": "contacted_me"}]}),
    )
    .await;
    let officer = t.officer(TRIAGE);
    let before = seen(&officer, &id).await;
    assert_eq!(before["priority"]["level"], "low");
    let addition = json!({
        "narrative": "Qua Zalo.", "favourite_colour": "xanh", "method": "no_such_method",
        "indicators": [
            {"kind": "phone", "value": "+84 369 123 456"},
            {"kind": "bank_account", "value": "001100223344", "bank": "VCB", "role": "received_money"}],
        "losses": [{"amount_vnd": 48_000_000, "transferred_at": "2026-11-24T01:10:00Z", "to_indicator": 1}]});
    for _ in 0..2 {
        let reply = t
            .anyone()
            .patch("/v1/receipt")
            .header("Tip-Receipt", &receipt)
            .json(&addition)
            .send()
            .await
            .expect(200);
        let codes: Vec<_> = reply["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| w["code"].as_str().unwrap())
            .collect();
        assert_eq!(codes, ["unknown_field", "unknown_value"]);
        let verified = t
            .signer
            .verify_jws(
                reply["attestation"].as_str().unwrap(),
                "tip-attestation+jwt",
            )
            .unwrap();
        assert_eq!(verified["tip_id"], id.as_str());
    }
    let after = seen(&officer, &id).await;
    assert_eq!(after["narrative"], "Bị lừa chuyển tiền.\n\nQua Zalo.");
    assert_eq!(
        after["indicators"].as_array().unwrap().len(),
        2,
        "{}",
        after["indicators"]
    );
    assert_eq!(after["indicators"][0]["role"], "contacted_me");
    assert_eq!(after["losses"].as_array().unwrap().len(), 1);
    assert_eq!(after["losses"][0]["to_indicator"], 1);
    assert_eq!(after["loss_vnd"], 48_000_000);
    assert_eq!(
        after["priority"]["level"], "critical",
        "the money left ten minutes ago"
    );
    let first = officer
        .get(&format!("/v1/tips/{id}/submission"))
        .send()
        .await
        .expect(200);
    assert_eq!(first["body"]["narrative"], "Bị lừa chuyển tiền.");
    let count = rows(&t, "select count(*)::text as cell from submissions").await;
    assert_eq!(count, ["2"], "the second time it said nothing new");
    t.settle().await;
    let found = officer.get("/v1/tips?q=zalo").send().await.expect(200);
    assert_eq!(
        found["items"][0]["id"],
        id.as_str(),
        "the search knows the addition"
    );
}

#[actix_web::test]
async fn an_addition_is_refused_only_for_what_an_app_must_mend() {
    let t = TestApp::new().await;
    let (_, receipt) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    let patch = |body: &'static [u8]| {
        t.anyone()
            .patch("/v1/receipt")
            .header("Tip-Receipt", &receipt)
            .body("application/json", body)
            .send()
    };
    for (body, status) in [
        (b"{".as_slice(), 400),
        (b"{}", 422),
        (br#"{"narrative": null}"#, 422),
        (br#"{"narrative": 5}"#, 422),
        (b"[]", 422),
        (br#"{"losses": [{"amount_vnd": -5}]}"#, 200),
        (br#"{"location": {"unit_code": "99999"}}"#, 200),
        (br#"{"narrative": "a\u0000b"}"#, 200),
    ] {
        let reply = patch(body).await;
        assert_eq!(
            reply.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(body)
        );
    }
}

#[actix_web::test]
async fn officer_and_reporter_write_to_each_other_without_identity() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    let officer = t.officer(TRIAGE);
    let path = format!("/v1/tips/{id}/messages");
    let asked = json!({"text": "Bạn còn giữ biên lai không?"});
    officer.post(&path).json(&asked).send().await.expect(201);
    let by_receipt = |method, body: Option<Value>| {
        let call = t
            .anyone()
            .call(method, "/v1/receipt/messages")
            .header("Tip-Receipt", &receipt)
            .header("Idempotency-Key", "answer-1");
        match body {
            Some(body) => call.json(&body).send(),
            None => call.send(),
        }
    };
    let read = by_receipt(actix_web::http::Method::GET, None)
        .await
        .expect(200);
    assert_eq!(read["items"][0]["text"], asked["text"]);
    assert_eq!(read["items"][0]["from"], "officer");
    assert!(
        read["items"][0].get("author").is_none(),
        "no officer is named"
    );
    let answer = json!({"text": "Còn. Mã OTP của tôi là 482913."});
    for replayed in ["", "true"] {
        let sent = by_receipt(actix_web::http::Method::POST, Some(answer.clone())).await;
        sent.expect(201);
        assert_eq!(sent.header("idempotency-replayed"), replayed);
    }
    let unread = async |wanted: &str| {
        let queue = format!("/v1/triage/queue?unread={wanted}");
        let queue = officer.get(&queue).send().await.expect(200);
        let found = queue["items"].as_array().unwrap().len();
        (seen(&officer, &id).await["unread_messages"].clone(), found)
    };
    assert_eq!(unread("true").await, (json!(1), 1));
    let list = officer.get(&path).send().await.expect(200);
    assert_eq!(unread("true").await, (json!(0), 0));
    assert_eq!(unread("false").await, (json!(0), 1));
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0]["from"], "reporter");
    assert!(!items[0]["text"].as_str().unwrap().contains("482913"));
    assert_eq!(items[1]["author"], "analyst");
    assert_eq!(
        items[1]["read_at"], "2026-11-24T01:20:00Z",
        "the reporter has read it"
    );
    let notes = format!("/v1/tips/{id}/notes");
    let note = json!({"text": "Đã gọi ngân hàng."});
    officer.post(&notes).json(&note).send().await.expect(201);
    let noted = officer.get(&notes).send().await.expect(200);
    assert_eq!(noted["items"][0]["author"], "analyst");
    // Of what a reporter told on the telephone it keeps no secret, and whom it was about.
    let told = json!({"text": "Nạn nhân đã đọc mã OTP 482913, số CCCD 011199755321."});
    let told = officer.post(&notes).json(&told).send().await.expect(201);
    let told = told["text"].as_str().unwrap();
    assert!(
        !told.contains("482913") && told.contains("011199755321"),
        "{told}"
    );
    // The desk hears of each, and of the reporter's answer once.
    t.settle().await;
    let reader = t.officer(&[Scope::TipsRead, Scope::ExchangeRead]);
    let changes = reader.get("/v1/changes?since=0").send().await.expect(200);
    let told: Vec<(&Value, &Value)> = changes["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["type"] == "tip.updated")
        .map(|one| (&one["data"]["change"], &one["data"]["desk"]))
        .collect();
    let desk = json!("duty");
    let all = [
        "message_sent",
        "message_received",
        "note_added",
        "note_added",
    ]
    .map(|change| json!(change));
    assert_eq!(told, all.each_ref().map(|change| (change, &desk)));
    for text in ["", "  ", &"x".repeat(5_001)] {
        let empty = json!({"text": text});
        officer.post(&path).json(&empty).send().await.problem(422);
        by_receipt(actix_web::http::Method::POST, Some(empty))
            .await
            .problem(422);
    }
}

#[actix_web::test]
async fn no_officer_asks_a_reporter_for_a_secret_or_for_money() {
    let t = TestApp::new().await;
    let (id, _) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    let officer = t.officer(TRIAGE);
    let path = format!("/v1/tips/{id}");
    officer
        .put(&format!("{path}/claim"))
        .send()
        .await
        .expect(200);
    for (text, code) in [
        (
            "Gửi cho tôi mã OTP và mật khẩu ngân hàng",
            "asks_for_secret",
        ),
        (
            "Chuyển 5.000.000 vào tài khoản 0011002233445 để xác minh",
            "asks_for_money",
        ),
    ] {
        let message = json!({"text": text});
        let decision = json!({"decision": "request_info", "message": text});
        for (rest, body, pointer) in [
            ("/messages", message, "/text"),
            ("/decisions", decision, "/message"),
        ] {
            let refused = officer.post(&format!("{path}{rest}")).json(&body);
            let refused = refused.send().await.problem(422);
            assert_eq!(refused["errors"][0]["code"], code, "{refused}");
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
        }
    }
    let warns = json!({"text": "Đừng đọc mã OTP cho ai. Bạn đã chuyển tiền lúc nào?"});
    let sent = officer.post(&format!("{path}/messages")).json(&warns);
    sent.send().await.expect(201);
}

#[actix_web::test]
async fn an_answer_brings_the_tip_back_into_the_queue() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    let officer = t.officer(TRIAGE);
    officer
        .put(&format!("/v1/tips/{id}/claim"))
        .send()
        .await
        .expect(200);
    let ask = json!({"decision": "request_info", "message": "Số tài khoản nào?"});
    officer
        .post(&format!("/v1/tips/{id}/decisions"))
        .json(&ask)
        .send()
        .await
        .expect(200);
    assert_eq!(seen(&officer, &id).await["status"], "info_requested");
    t.anyone()
        .post("/v1/receipt/messages")
        .header("Tip-Receipt", &receipt)
        .json(&json!({"text": "001100223344, Vietcombank"}))
        .send()
        .await
        .expect(201);
    assert_eq!(seen(&officer, &id).await["status"], "received");
}

#[actix_web::test]
async fn an_answer_by_a_file_brings_it_back_too() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    let officer = t.officer(TRIAGE);
    let claim = format!("/v1/tips/{id}/claim");
    officer.put(&claim).send().await.expect(200);
    let ask = json!({"decision": "request_info", "message": "Bạn gửi giúp biên lai."});
    let decisions = format!("/v1/tips/{id}/decisions");
    officer.post(&decisions).json(&ask).send().await.expect(200);
    let form = |who: Client, path: &str| {
        let body = "--e\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--e--\r\n";
        who.post(path)
            .header("Tip-Receipt", &receipt)
            .body("multipart/form-data; boundary=e", body)
            .send()
    };
    let by_officer = format!("/v1/tips/{id}/attachments");
    form(officer.clone(), &by_officer).await.expect(201);
    assert_eq!(seen(&officer, &id).await["status"], "info_requested");
    form(t.anyone(), "/v1/receipt/attachments")
        .await
        .expect(201);
    assert_eq!(seen(&officer, &id).await["status"], "received");
}

#[actix_web::test]
async fn only_the_messages_of_the_page_are_read() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    let officer = t.officer(TRIAGE);
    let path = format!("/v1/tips/{id}/messages");
    for text in ["một", "hai", "ba"] {
        officer
            .post(&path)
            .json(&json!({"text": text}))
            .send()
            .await
            .expect(201);
    }
    let page = t.anyone().get("/v1/receipt/messages?limit=2");
    page.header("Tip-Receipt", &receipt)
        .send()
        .await
        .expect(200);
    let list = officer.get(&path).send().await.expect(200);
    let read: Vec<bool> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| !m["read_at"].is_null())
        .collect();
    assert_eq!(read, [true, true, false]);
}

#[actix_web::test]
async fn what_a_tip_has_no_room_for_is_said() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &json!({"narrative": "Bị lừa nhiều lần."})).await;
    let mut warned = Vec::new();
    for part in 0..11 {
        let losses: Vec<Value> = (1..=20)
            .map(|n| json!({"amount_vnd": part * 100 + n}))
            .collect();
        let indicators: Vec<Value> = (1..=30)
            .map(|n| json!({"kind": "email", "value": format!("a{part}x{n}@vidu.example")}))
            .collect();
        let body = json!({"losses": losses, "indicators": indicators});
        let call = t
            .anyone()
            .patch("/v1/receipt")
            .header("Tip-Receipt", &receipt);
        let answer = call.json(&body).send().await.expect(200);
        for warning in answer["warnings"].as_array().unwrap() {
            assert_eq!(warning["code"], "too_many", "{warning}");
            warned.push((part, warning["pointer"].as_str().unwrap().to_owned()));
        }
    }
    let both = [(10, "/indicators".to_owned()), (10, "/losses".to_owned())];
    assert_eq!(warned, both, "200 losses and 300 indicators fit");
    let seen = seen(&t.officer(TRIAGE), &id).await;
    assert_eq!(seen["losses"].as_array().unwrap().len(), 200);
    assert_eq!(seen["indicators"].as_array().unwrap().len(), 300);
}
