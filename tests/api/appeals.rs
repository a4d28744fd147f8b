//! Appeals against what is said of an indicator: without an account, answered by receipt.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::checks::{CURATE, HOUR, check, confirm, id_of, report};
use crate::support::{Claims, TestApp};

#[actix_web::test]
async fn an_appeal_does_not_end_an_official_entry() {
    let t = TestApp::new().await;
    report(&t, "0215 123 4567", "0900000002").await;
    t.settle().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "02151234567").await);
    let official = json!({"verdict": "official", "reason": "agency_line",
        "source": "trang thông tin của cơ quan", "checked_at": "2026-11-20"});
    let curator = t.named_officer("curator", CURATE);
    curator.put(&path).json(&official).send().await.expect(200);
    let (_, path) = appeal(&t, "02151234567", Value::Null).await;
    let upheld = json!({"decision": "upheld", "reason": "không đúng"});
    let call = t.named_officer("other", CURATE).post(&path).json(&upheld);
    assert_eq!(call.send().await.problem(409)["code"], "official_entry");
    t.settle().await;
    assert_eq!(check(&t, "02151234567").await["verdict"], "official");
}

#[actix_web::test]
async fn an_appeal_that_is_right_outweighs_reports() {
    let t = TestApp::new().await;
    for reporter in ["0900000001", "0900000002", "0900000003"] {
        report(&t, "0912 345 678", reporter).await;
        t.clock.advance(HOUR);
    }
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "reported");
    let (_, path) = appeal(&t, "0912345678", Value::Null).await;
    let upheld = json!({"decision": "upheld", "reason": "Chủ số đã chứng minh."});
    let call = t.officer(CURATE).post(&path).json(&upheld);
    call.send().await.expect(200);
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "no_reports");
}

#[actix_web::test]
async fn an_appeal_without_an_account_corrects_the_verdict() {
    let t = TestApp::new().await;
    confirm(&t, "0912 345 678").await;
    let appeal = t
        .anyone()
        .post("/v1/appeals")
        .json(&json!({"value": "0912345678", "text": "Đây là số của cửa hàng tôi."}))
        .send()
        .await
        .expect(201);
    assert!(appeal["receipt"].is_string());
    let unknown = json!({"value": "0988888888", "text": "Số của tôi."});
    t.anyone()
        .post("/v1/appeals")
        .json(&unknown)
        .send()
        .await
        .expect(201);
    let path = format!("/v1/appeals/{}/decision", appeal["id"].as_str().unwrap());
    let officer = t.officer(CURATE);
    let decision = json!({"decision": "upheld", "reason": "đã chứng minh"});
    officer.post(&path).json(&decision).send().await.expect(200);
    let twice = officer
        .post(&path)
        .json(&decision)
        .send()
        .await
        .problem(409);
    assert_eq!(twice["code"], "already_decided");
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "no_reports");
    let open = officer
        .get("/v1/appeals?open=true")
        .send()
        .await
        .expect(200);
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
}

/// Objects to a value; the receipt and the path of the decision.
async fn appeal(t: &TestApp, value: &str, contact: Value) -> (String, String) {
    let body = json!({"value": value, "text": "Đây là số của cửa hàng tôi.", "contact": contact});
    let call = t.anyone().post("/v1/appeals").json(&body);
    let appeal = call.send().await.expect(201);
    let path = format!("/v1/appeals/{}/decision", appeal["id"].as_str().unwrap());
    (appeal["receipt"].as_str().unwrap().to_owned(), path)
}

#[actix_web::test]
async fn whoever_objected_learns_the_decision_by_the_receipt() {
    let t = TestApp::new().await;
    confirm(&t, "0912 345 678").await;
    let (receipt, path) = appeal(&t, "0912345678", Value::Null).await;
    let ask = |receipt: &str| {
        let call = t.anyone().get("/v1/receipt/appeal");
        call.header("Tip-Receipt", receipt)
            .header("Accept-Language", "en")
            .send()
    };
    let open = ask(&receipt).await.expect(200);
    assert_eq!(
        (&open["status"], &open["reason"]),
        (&json!("open"), &Value::Null)
    );
    let rejected = json!({"decision": "rejected", "reason": "Chưa có giấy tờ."});
    // Neither of the two who confirmed it may decide.
    for name in ["first", "second"] {
        let call = t.named_officer(name, CURATE).post(&path).json(&rejected);
        assert_eq!(
            call.send().await.problem(409)["code"],
            "same_person",
            "{name}"
        );
    }
    let third = t.named_officer("third", CURATE);
    third.post(&path).json(&rejected).send().await.expect(200);
    let told = ask(&receipt.to_lowercase()).await.expect(200);
    assert_eq!(
        (&told["status"], &told["reason"], &told["status_text"]),
        (
            &json!("rejected"),
            &json!("Chưa có giấy tờ."),
            &json!(
                "Your appeal was rejected. What the public check says of this value does not change."
            )
        )
    );
    // The receipt of a tip opens no appeal, nor the other way round; absent is 401.
    let tip = report(&t, "0912345679", "0900000001").await;
    ask(tip["receipt"].as_str().unwrap()).await.problem(404);
    let other = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &receipt);
    other.send().await.problem(404);
    t.anyone()
        .get("/v1/receipt/appeal")
        .send()
        .await
        .problem(401);
}

#[actix_web::test]
async fn the_contact_of_an_appeal_is_shown_for_a_purpose_and_audited() {
    let t = TestApp::new().await;
    let (_, path) = appeal(&t, "0912345678", json!("chu.cuahang@example.vn")).await;
    let path = path.replace("/decision", "/contact/reveal");
    let officer = t.named_officer("curator", CURATE);
    let listed = officer.get("/v1/appeals").send().await.expect(200);
    assert_eq!(listed["items"][0]["has_contact"], true);
    assert!(!listed.to_string().contains("example.vn"));
    let short = officer
        .post(&path)
        .json(&json!({"purpose": "x"}))
        .send()
        .await;
    assert_eq!(short.problem(422)["errors"][0]["pointer"], "/purpose");
    let purpose = json!({"purpose": "Viết cho chu.cuahang@example.vn xin giấy tờ"});
    let shown = officer.post(&path).json(&purpose).send().await.expect(200);
    assert_eq!(shown["contact"], "chu.cuahang@example.vn");
    let bank = t.bearer(&Claims {
        scopes: "indicators:curate",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    bank.post(&path).json(&purpose).send().await.problem(404);
    t.settle().await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let call = auditor.get("/v1/audit?type=appeal.contact_revealed");
    let audit = call.send().await.expect(200);
    assert_eq!(audit["items"].as_array().unwrap().len(), 1);
    assert_eq!(audit["items"][0]["actor"], "curator");
    assert!(
        !audit.to_string().contains("example.vn"),
        "the purpose stands there without the address"
    );
    let (_, path) = appeal(&t, "0912345678", Value::Null).await;
    let path = path.replace("/decision", "/contact/reveal");
    let none = officer.post(&path).json(&purpose).send().await.expect(200);
    assert_eq!(none["contact"], Value::Null);
}

#[actix_web::test]
async fn an_appeal_where_nobody_reported_anything_tells_of_no_verdict() {
    let t = TestApp::new().await;
    for (decision, told) in [
        (
            "rejected",
            "Khiếu nại của bạn không được chấp nhận. Nội dung tra cứu công khai về giá trị này không thay đổi.",
        ),
        (
            "upheld",
            "Khiếu nại của bạn được chấp nhận. Phần tra cứu công khai không cảnh báo về giá trị này.",
        ),
    ] {
        let (receipt, path) = appeal(&t, "0977000111", Value::Null).await;
        let decided = json!({"decision": decision, "reason": "đã xem xét"});
        let call = t.officer(CURATE).post(&path).json(&decided);
        call.send().await.expect(200);
        let call = t.anyone().get("/v1/receipt/appeal");
        let shown = call.header("Tip-Receipt", &receipt).send().await;
        let shown = shown.expect(200);
        assert_eq!(shown["status_text"], told);
        // Ten days end with a day in Vietnam.
        assert_eq!(shown["due_at"], "2026-12-04T17:00:00Z");
    }
}

#[actix_web::test]
async fn what_nobody_should_send_is_masked_in_an_appeal() {
    let t = TestApp::new().await;
    let text = "mật khẩu: abc123 otp 482913 cccd 011099887755, đây là số của tôi";
    let body = json!({"value": "0977000222", "text": text});
    t.anyone()
        .post("/v1/appeals")
        .json(&body)
        .send()
        .await
        .expect(201);
    let list = t
        .officer(CURATE)
        .get("/v1/appeals")
        .send()
        .await
        .expect(200);
    let shown = list["items"][0]["text"].as_str().unwrap();
    for secret in ["abc123", "482913", "011099887755"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("đây là số của tôi"), "{shown}");
    let kept = crate::support::rows(&t, "select text as cell from indicator_appeals").await;
    assert!(!kept[0].contains("482913"), "nor is it kept");
    // One that was kept before.
    crate::support::rows(
        &t,
        "update indicator_appeals set text = 'otp 482913' returning text as cell",
    )
    .await;
    let list = t
        .officer(CURATE)
        .get("/v1/appeals")
        .send()
        .await
        .expect(200);
    assert!(!list.to_string().contains("482913"), "{list}");
}

#[actix_web::test]
async fn an_appeal_about_what_nobody_reported_makes_it_known_nowhere() {
    let t = TestApp::new().await;
    let (_, path) = appeal(&t, "0988 888 888", Value::Null).await;
    let (_, second) = appeal(&t, "0977 777 777", Value::Null).await;
    t.settle().await;
    let officer = t.officer(CURATE);
    let named = async || {
        let list = officer.get("/v1/indicators").send().await.expect(200);
        list["items"].as_array().unwrap().len()
    };
    assert_eq!(named().await, 0);
    let list = officer.get("/v1/appeals").send().await.expect(200);
    assert_eq!(list["items"][1]["value"], "+84988888888");
    assert_eq!(list["items"][1]["kind"], "phone");
    assert_eq!(list["items"][1]["indicator_id"], Value::Null);
    let confined = t.bearer(&Claims {
        scopes: "indicators:curate",
        units: Some(&["03127"]),
        ..Claims::default()
    });
    let seen = confined.get("/v1/appeals").send().await.expect(200);
    assert_eq!(seen["items"], json!([]));
    let rejected = json!({"decision": "rejected", "reason": "Không có báo cáo nào."});
    officer
        .post(&second)
        .json(&rejected)
        .send()
        .await
        .expect(200);
    assert_eq!(named().await, 0, "nothing is said of it");
    // Judged by an officer it is one.
    let upheld = json!({"decision": "upheld", "reason": "Chủ số đã chứng minh."});
    confined.post(&path).json(&upheld).send().await.problem(404);
    let decided = officer.post(&path).json(&upheld).send().await.expect(200);
    assert!(decided["indicator_id"].is_string());
    t.settle().await;
    assert_eq!(named().await, 1);
    assert_eq!(check(&t, "0988888888").await["verdict"], "no_reports");
}
