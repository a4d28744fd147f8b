//! What people ask about their own data, its deadlines, and what becomes of it.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use super::{ADMIN, MARKERS, OFFICER, Planted, accept, code, days, decide, dismiss, found, plant};
use crate::support::{Claims, Client, Reply, TestApp, objects, rows};

const PATH: &str = "/v1/privacy/requests";

async fn ask(t: &TestApp, tip: &Planted, body: &Value) -> Reply {
    let post = t.anyone().post(PATH).header("Tip-Receipt", &tip.receipt);
    post.json(body).send().await
}

async fn asked(t: &TestApp, tip: &Planted, kind: &str) -> String {
    let body = json!({"kind": kind, "text": format!("Tôi là {}", MARKERS[0])});
    let answer = ask(t, tip, &body).await.expect(201);
    answer["id"].as_str().unwrap().to_owned()
}

async fn act(client: &Client, id: &str, act: &str, body: &Value) -> Reply {
    let post = client.post(&format!("{PATH}/{id}/{act}"));
    post.json(body).send().await
}

async fn own(t: &TestApp, tip: &Planted) -> Value {
    let get = t.anyone().get("/v1/receipt/privacy");
    let list = get.header("Tip-Receipt", &tip.receipt).send().await;
    list.expect(200)["items"].clone()
}

#[actix_web::test]
async fn a_reporter_asks_by_receipt_and_follows_the_answer() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let body = json!({"kind": "access", "text": format!("Tôi là {}", MARKERS[0])});
    let received = ask(&t, &tip, &body).await;
    assert_eq!(received.header("location"), "/v1/receipt/privacy");
    let received = received.expect(201);
    assert_eq!(received["state"], "received");
    assert_eq!(received["acknowledge_by"], "2026-11-26T17:00:00Z");
    assert_eq!(received["due_at"], "2026-12-04T17:00:00Z");
    assert_eq!(code(&ask(&t, &tip, &body).await, 409), "duplicate");
    assert_eq!(
        found(&t, &MARKERS[..1]).await,
        Vec::<String>::new(),
        "sealed"
    );

    let admin = t.officer(ADMIN);
    let listed = admin.get(PATH).send().await.expect(200);
    let item = &listed["items"][0];
    assert_eq!(item["text"], body["text"]);
    assert_eq!(item["tip_id"], tip.id.as_str());
    assert_eq!(
        [&item["by_receipt"], &item["overdue"]],
        [&json!(true), &json!(false)]
    );
    let id = received["id"].as_str().unwrap();
    act(&admin, id, "acknowledge", &json!(null))
        .await
        .expect(200);
    assert_eq!(
        code(&act(&admin, id, "acknowledge", &json!(null)).await, 409),
        "wrong_state"
    );
    let reason = json!({"reason": "Phải tra cứu hồ sơ giấy."});
    let longer = act(&admin, id, "extend", &reason).await.expect(200);
    assert_eq!(longer["due_at"], "2026-12-14T17:00:00Z");
    assert_eq!(
        code(&act(&admin, id, "extend", &reason).await, 409),
        "wrong_state"
    );
    let refusal = json!({"decision": "refused", "reason": "Đang xác minh."});
    let problem = act(&admin, id, "decide", &refusal).await.problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/ground");
    let refusal = json!({"decision": "refused", "reason": "Đang xác minh.", "ground": "Luật 91/2025 art. 14(2), 19"});
    act(&admin, id, "decide", &refusal).await.expect(200);
    assert_eq!(
        code(&act(&admin, id, "decide", &refusal).await, 409),
        "wrong_state"
    );

    let items = own(&t, &tip).await;
    assert_eq!(items[0]["state"], "refused");
    assert_eq!(items[0]["reason"], "Đang xác minh.");
    assert_eq!(items[0]["ground"], "Luật 91/2025 art. 14(2), 19");
    assert!(
        !items.to_string().contains("analyst"),
        "no officer is named: {items}"
    );
    ask(&t, &tip, &json!({"kind": "access"})).await.expect(201);
}

#[actix_web::test]
async fn who_may_ask_and_what_is_not_valid() {
    let t = TestApp::new().await;
    let (tip, other) = (plant(&t).await, plant(&t).await);
    let body = json!({"kind": "erasure"});
    let stranger = t.anyone().post(PATH).json(&body).send().await;
    stranger.problem(401);
    assert!(stranger.header("www-authenticate").starts_with("Bearer"));
    let wrong = t.officer(OFFICER).post(PATH).json(&body).send().await;
    assert_eq!(code(&wrong, 403), "insufficient_scope");
    let both = t.citizen().post(PATH).header("Tip-Receipt", &tip.receipt);
    both.json(&body).send().await.problem(403);
    let unknown = t
        .anyone()
        .post(PATH)
        .header("Tip-Receipt", "AAAA-BBBB-CCCC-DDDD-EEEE");
    unknown.json(&body).send().await.problem(404);
    for (body, pointer) in [
        (json!({"kind": "oblivion"}), "/kind"),
        (json!({}), "/kind"),
        (json!({"kind": "erasure", "text": ""}), "/text"),
        (
            json!({"kind": "erasure", "text": "x".repeat(5001)}),
            "/text",
        ),
        (json!({"kind": "erasure", "tip_id": other.id}), "/tip_id"),
        (json!({"kind": "erasure", "why": "x"}), "/why"),
    ] {
        let problem = ask(&t, &tip, &body).await.problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let admin = t.officer(ADMIN);
    let absent = json!({"kind": "erasure", "tip_id": "01a20cb8-6af2-7504-a69a-0807b6089184"});
    let problem = admin.post(PATH).json(&absent).send().await.problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/tip_id");
    for query in ["state=lost", "kind=lost", "overdue=maybe", "color=red"] {
        admin
            .get(&format!("{PATH}?{query}"))
            .send()
            .await
            .problem(422);
    }
}

#[actix_web::test]
async fn an_administrator_writes_a_request_down_once() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let admin = t.officer(ADMIN);
    let body = json!({"kind": "correction", "tip_id": tip.id, "text": "Sai họ tên."});
    let post = || {
        admin
            .post(PATH)
            .header("Idempotency-Key", "k-1")
            .json(&body)
    };
    let first = post().send().await;
    let location = first.header("location").to_owned();
    let first = first.expect(201);
    let again = post().send().await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201), first);
    let shown = admin.get(&location).send().await.expect(200);
    assert_eq!(
        [&shown["recorded_by"], &shown["text"]],
        [&json!("analyst"), &json!("Sai họ tên.")]
    );
    let about_nothing = json!({"kind": "access", "text": "Có dữ liệu gì về tôi?"});
    let second = admin
        .post(PATH)
        .json(&about_nothing)
        .send()
        .await
        .expect(201);
    let confined = |agency, desk| {
        t.bearer(&Claims {
            scopes: "admin",
            agency,
            desk,
            ..Claims::default()
        })
    };
    let bank = confined(Some("bank_970436"), None);
    assert_eq!(code(&bank.get(PATH).send().await, 403), "forbidden");
    let elsewhere = confined(None, Some("elsewhere"));
    assert_eq!(
        elsewhere.get(PATH).send().await.expect(200)["items"],
        json!([])
    );
    elsewhere.get(&location).send().await.problem(404);
    let page = admin
        .get(&format!("{PATH}?limit=1"))
        .send()
        .await
        .expect(200);
    assert_eq!(page["items"][0]["id"], second["id"]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let page = admin
        .get(&format!("{PATH}?limit=1&cursor={cursor}"))
        .send()
        .await;
    let page = page.expect(200);
    assert_eq!(page["items"][0]["id"], first["id"]);
    assert_eq!(page["next_cursor"], Value::Null);
}

#[actix_web::test]
async fn overdue_requests_stand_out() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let id = asked(&t, &tip, "erasure").await;
    let count = async |query: &str| {
        let list = t
            .officer(ADMIN)
            .get(&format!("{PATH}?{query}"))
            .send()
            .await;
        list.expect(200)["items"].as_array().unwrap().len()
    };
    assert_eq!(
        (count("overdue=true").await, count("overdue=false").await),
        (0, 1)
    );
    days(&t, 3).await;
    assert_eq!(
        (count("overdue=true").await, count("overdue=false").await),
        (1, 0)
    );
    let admin = t.officer(ADMIN);
    act(&admin, &id, "acknowledge", &json!(null))
        .await
        .expect(200);
    assert_eq!(count("overdue=true&state=acknowledged").await, 0);
    days(&t, 18).await;
    assert_eq!(count("overdue=true&kind=erasure").await, 1);
    let admin = t.officer(ADMIN);
    let late = act(&admin, &id, "extend", &json!({"reason": "Chưa xong."})).await;
    assert_eq!(code(&late, 409), "wrong_state");
    let grant = json!({"decision": "granted", "reason": "Đã xoá."});
    act(&admin, &id, "decide", &grant).await.expect(200);
    assert_eq!(
        (count("overdue=true").await, count("state=granted").await),
        (0, 1)
    );
}

#[actix_web::test]
async fn a_granted_erasure_destroys_the_identity_and_what_was_written() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let id = asked(&t, &tip, "erasure").await;
    let grant = json!({"decision": "granted", "reason": "Đã xoá danh tính."});
    let decided = act(&t.officer(ADMIN), &id, "decide", &grant)
        .await
        .expect(200);
    assert_eq!(
        [&decided["state"], &decided["text"]],
        [&json!("granted"), &Value::Null]
    );
    for gone in [
        "reporter_identities",
        "reporter_blind_indexes",
        "submissions where sealed is not null",
        "privacy_requests where text is not null",
    ] {
        let sql = format!("select count(*)::text as cell from {gone}");
        assert_eq!(rows(&t, &sql).await, ["0"], "{gone}");
    }
    let path = format!("/v1/tips/{}", tip.id);
    t.officer(OFFICER).get(&path).send().await.expect(200);
    assert_eq!(own(&t, &tip).await[0]["state"], "granted");
}

#[actix_web::test]
async fn a_whole_tip_is_erased_once_it_is_decided_and_nothing_of_it_is_left() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let id = asked(&t, &tip, "erasure").await;
    let admin = t.officer(ADMIN);
    let whole = json!({"decision": "granted", "reason": "Đã xoá toàn bộ tin.", "extent": "tip"});
    let open = act(&admin, &id, "decide", &whole).await;
    assert_eq!(code(&open, 409), "retained_by_law");
    let sealed = "select count(*)::text as cell from reporter_identities";
    assert_eq!(rows(&t, sealed).await, ["1"], "all or nothing");
    dismiss(&t, &tip).await;
    act(&admin, &id, "decide", &whole).await.expect(200);
    t.settle().await;
    assert_eq!(found(&t, &MARKERS).await, Vec::<String>::new());
    assert!(objects(&t).await.is_empty());
    t.officer(OFFICER)
        .get(&format!("/v1/tips/{}", tip.id))
        .send()
        .await
        .problem(404);
    let shown = admin.get(&format!("{PATH}/{id}")).send().await.expect(200);
    assert_eq!(
        [&shown["state"], &shown["tip_id"]],
        [&json!("granted"), &Value::Null]
    );
    let auditor = t.officer(&[Scope::AuditRead]);
    let purged = auditor
        .get("/v1/audit?type=tip.purged")
        .send()
        .await
        .expect(200);
    assert_eq!(purged["items"][0]["actor"], "analyst");
    assert_eq!(purged["items"][0]["data"]["by"], "request");
}

#[actix_web::test]
async fn what_the_law_keeps_is_not_erased() {
    let t = TestApp::new().await;
    let (tip, copy) = (plant(&t).await, plant(&t).await);
    let (id, copied) = (
        asked(&t, &tip, "erasure").await,
        asked(&t, &copy, "erasure").await,
    );
    let case = accept(&t, &tip).await;
    let duplicate = json!({"decision": "duplicate", "duplicate_of": tip.id});
    decide(&t.officer(OFFICER), &copy.id, &duplicate).await;
    let admin = t.officer(ADMIN);
    let grant = json!({"decision": "granted", "reason": "Đã xoá."});
    let problem = act(&admin, &id, "decide", &grant).await.problem(409);
    assert_eq!(problem["code"], "retained_by_law");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("BLTTHS art. 131"),
        "{problem}"
    );
    let whole = json!({"decision": "granted", "reason": "Đã xoá.", "extent": "tip"});
    assert_eq!(
        code(&act(&admin, &copied, "decide", &whole).await, 409),
        "retained_by_law"
    );

    // Taken out of a held case it is kept by the hold.
    let officer = t.officer(OFFICER);
    let hold = officer.put(&format!("/v1/cases/{case}/hold"));
    hold.json(&json!({"reason": "Viện kiểm sát yêu cầu."}))
        .send()
        .await
        .expect(200);
    let out = officer.delete(&format!("/v1/cases/{case}/tips"));
    out.json(&json!({"tip_ids": [tip.id]}))
        .send()
        .await
        .expect(200);
    let problem = act(&admin, &id, "decide", &grant).await.problem(409);
    assert_eq!(problem["code"], "retained_by_law");
    assert!(
        problem["detail"].as_str().unwrap().contains("held"),
        "{problem}"
    );
    let by_receipt = t.anyone().delete("/v1/receipt/reporter");
    let by_receipt = by_receipt.header("Tip-Receipt", &tip.receipt).send().await;
    assert_eq!(code(&by_receipt, 409), "retained_by_law");
    let extent = json!({"decision": "refused", "reason": "Không.", "ground": "Luật 91/2025 art. 19", "extent": "tip"});
    let problem = act(&admin, &id, "decide", &extent).await.problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/extent");
    let identities = "select count(*)::text as cell from reporter_identities";
    assert_eq!(rows(&t, identities).await, ["2"]);
}

#[actix_web::test]
async fn whoever_records_a_request_does_not_decide_it() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let admin = t.officer(ADMIN);
    let body = json!({"kind": "access", "tip_id": tip.id, "text": "Đến trụ sở yêu cầu."});
    let recorded = admin.post(PATH).json(&body).send().await.expect(201);
    let id = recorded["id"].as_str().unwrap();
    let grant = json!({"decision": "granted", "reason": "Chấp thuận."});
    let own = act(&admin, id, "decide", &grant).await;
    assert_eq!(own.problem(409)["code"], "same_person");
    let second = t.named_officer("second-admin", ADMIN);
    act(&second, id, "decide", &grant).await.expect(200);
}
