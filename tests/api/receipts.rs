//! `GET /v1/receipt`.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::TestApp;

#[actix_web::test]
async fn a_receipt_shows_where_its_tip_stands() {
    let t = TestApp::new().await;
    let tip = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "Lừa đảo"}))
        .send()
        .await;
    let receipt = tip.expect(201)["receipt"].as_str().unwrap().to_owned();
    let sloppy = receipt.to_lowercase().replace('-', " ");
    for written in [receipt, sloppy] {
        let seen = t
            .anyone()
            .get("/v1/receipt")
            .header("Tip-Receipt", &written)
            .send()
            .await;
        let view = seen.expect(200);
        assert_eq!(view["status"], "received");
        assert_eq!(view["deadlines"][0]["code"], "classify");
        assert!(view["status_text"].as_str().unwrap().contains("tiếp nhận"));
    }
}

#[actix_web::test]
async fn news_of_a_case_reaches_the_tip_that_began_it_and_no_later_one() {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for minute in 1..=2 {
        t.clock.set(
            format!("2026-11-24T02:0{minute}:00Z")
                .parse()
                .expect("a time"),
        );
        let call = t.citizen().post("/v1/tips");
        let body = json!({"narrative": format!("Lừa đảo {minute}")});
        tips.push(call.json(&body).send().await.expect(201));
    }
    let officer = t.officer(&[
        Scope::TipsRead,
        Scope::TipsTriage,
        Scope::CasesRead,
        Scope::CasesWrite,
    ]);
    let ids = [&tips[0]["id"], &tips[1]["id"]];
    let body = json!({"title": "Giả danh công an", "tip_ids": ids});
    let opened = officer.post("/v1/cases").json(&body).send().await;
    let case = opened.expect(201)["id"].as_str().unwrap().to_owned();
    for decision in ["assign", "verify"] {
        officer
            .post(&format!("/v1/cases/{case}/decisions"))
            .json(&json!({"decision": decision}))
            .send()
            .await
            .expect(200);
    }
    for (tip, news) in tips.iter().zip([true, false]) {
        let seen = t
            .anyone()
            .get("/v1/receipt")
            .header("Tip-Receipt", tip["receipt"].as_str().unwrap())
            .send()
            .await;
        let view = seen.expect(200);
        assert_eq!(view["status"], "accepted");
        let text = view["status_text"].as_str().unwrap();
        assert_eq!(text.contains("xác minh"), news, "{text}");
    }
}

#[actix_web::test]
async fn failed_attempts_are_limited_and_a_right_receipt_is_always_answered() {
    let t = TestApp::new().await;
    let tip = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "Lừa đảo"}))
        .send()
        .await;
    let receipt = tip.expect(201)["receipt"].as_str().unwrap().to_owned();
    t.anyone().get("/v1/receipt").send().await.problem(401);
    for n in 0..20 {
        let call = t
            .anyone()
            .get("/v1/receipt")
            .header("Tip-Receipt", &format!("nonsense-{n}"));
        call.send().await.problem(404);
    }
    let refused = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", "nonsense")
        .send()
        .await;
    refused.problem(429);
    assert!(!refused.header("retry-after").is_empty());
    t.anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &receipt)
        .send()
        .await
        .expect(200);
}

#[actix_web::test]
async fn who_is_dismissed_reads_why_and_where_to_complain() {
    let t = TestApp::new().await;
    let sent = t.citizen().post("/v1/tips");
    let sent = sent.json(&json!({"narrative": "Đòi nợ nhau"})).send().await;
    let sent = sent.expect(201);
    let (id, receipt) = (
        sent["id"].as_str().unwrap(),
        sent["receipt"].as_str().unwrap(),
    );
    let look = async |lang: &str| {
        let call = t.anyone().get("/v1/receipt").header("Tip-Receipt", receipt);
        call.header("Accept-Language", lang)
            .send()
            .await
            .expect(200)
    };
    let view = look("vi").await;
    assert_eq!(
        (&view["reason"], &view["complaint"]),
        (&Value::Null, &Value::Null)
    );
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let body = json!({"decision": "dismiss", "reason": "civil_matter", "note": "Chuyện riêng của vụ khác."});
    let decided = officer
        .post(&format!("/v1/tips/{id}/decisions"))
        .json(&body);
    decided.send().await.expect(200);
    let view = look("vi").await;
    assert_eq!(view["reason"]["code"], "civil_matter");
    assert!(view["reason"]["text"].as_str().unwrap().contains("dân sự"));
    assert_eq!(view["complaint"]["period_days"], 15);
    // 24 November is not counted; 9 December is a Wednesday.
    assert_eq!(view["complaint"]["until"], "2026-12-09T17:00:00Z");
    let way = view["complaint"]["text"].as_str().unwrap();
    assert!(
        way.contains("15 ngày") && way.contains("Viện kiểm sát"),
        "{way}"
    );
    // BLTTHS art. 475: each branch has its own second step.
    let (usual, of_the_head) = way
        .split_once("Nếu quyết định do chính Thủ trưởng ký")
        .unwrap();
    let last = |branch: &str| {
        branch
            .rsplit("khiếu nại đến")
            .next()
            .unwrap()
            .trim()
            .to_owned()
    };
    assert_eq!(last(usual), "Viện trưởng Viện kiểm sát nhân dân cùng cấp.");
    assert_eq!(
        last(of_the_head),
        "Viện trưởng Viện kiểm sát nhân dân cấp trên trực tiếp."
    );
    assert!(view["notices"][1]["text"].as_str().unwrap().contains(way));
    assert!(
        !view.to_string().contains("Chuyện riêng"),
        "no free text of the case"
    );
    let english = look("en").await;
    assert!(
        english["reason"]["text"]
            .as_str()
            .unwrap()
            .contains("civil law")
    );
    assert!(
        english["complaint"]["text"]
            .as_str()
            .unwrap()
            .contains("15 days")
    );
    let way = english["complaint"]["text"].as_str().unwrap();
    assert!(
        way.ends_with("to the head of the people's procuracy directly above it."),
        "{way}"
    );
    let received = english["notices"][0]["text"].as_str().unwrap();
    assert!(
        received.contains("at 08:20 on 24 November 2026"),
        "{received}"
    );
}

#[actix_web::test]
async fn a_deadline_that_has_passed_is_owned_up_to_with_the_next_date() {
    let t = TestApp::new().await;
    let sent = t.citizen().post("/v1/tips");
    let sent = sent.json(&json!({"narrative": "Lừa đảo"})).send().await;
    let sent = sent.expect(201);
    let (id, receipt) = (
        sent["id"].as_str().unwrap(),
        sent["receipt"].as_str().unwrap(),
    );
    let look = async || {
        let call = t.anyone().get("/v1/receipt").header("Tip-Receipt", receipt);
        call.send().await.expect(200)
    };
    let says = |view: &Value, field: &str, text: &str| {
        let said = view[field].as_str().unwrap();
        assert!(said.contains(text), "{said}");
    };
    let late = "đã qua mà việc này chưa xong";
    assert!(!look().await["status_text"].as_str().unwrap().contains(late));
    t.clock.set("2026-11-26T02:00:00Z".parse().unwrap());
    let view = look().await;
    says(
        &view,
        "status_text",
        "Hạn theo luật (08:20 ngày 25/11/2026) đã qua mà việc này chưa xong",
    );
    says(
        &view,
        "next_step",
        "Hạn tiếp theo theo luật: hết ngày 14/12/2026.",
    );

    let officer = t.officer(crate::cases::ALL);
    let case = crate::cases::open(&officer, &[id.to_owned()]).await;
    for decision in ["assign", "verify"] {
        crate::cases::decide(&officer, &case, json!({"decision": decision}))
            .await
            .expect(200);
    }
    let view = look().await;
    assert!(
        !view["status_text"].as_str().unwrap().contains(late),
        "it was classified, if late"
    );
    says(&view, "next_step", "Hạn theo luật: hết ngày 14/12/2026.");
    let codes: Vec<_> = view["deadlines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["code"].clone())
        .collect();
    assert!(codes.contains(&json!("resolve")), "{codes:?}");
    t.clock.set("2026-12-14T02:00:00Z".parse().unwrap());
    let extend = crate::case_decisions::legal("extend");
    crate::cases::decide(&officer, &case, extend)
        .await
        .expect(200);
    let view = look().await;
    says(&view, "status_text", "đã được gia hạn");
    // Two months from reception; 24 January is a Sunday.
    says(&view, "next_step", "Hạn theo luật: hết ngày 25/01/2027.");
    t.clock.set("2027-01-26T02:00:00Z".parse().unwrap());
    let view = look().await;
    says(
        &view,
        "status_text",
        "Hạn theo luật (hết ngày 25/01/2027) đã qua mà việc này chưa xong",
    );
    says(&view, "next_step", "có quyền khiếu nại");
}

#[actix_web::test]
async fn a_transferred_tip_says_to_which_body_it_goes() {
    let t = TestApp::new().await;
    let officer = t.officer(crate::cases::ALL);
    let mut tips = Vec::new();
    for words in ["một", "hai"] {
        tips.push(crate::case_clocks::report(&t, &json!({"narrative": words})).await);
    }
    let agency =
        json!({"decision": "transfer", "reason": "out_of_competence", "agency": "border_guard"});
    let repeats = json!({"decision": "duplicate", "duplicate_of": tips[0].0});
    for ((tip, _), decision) in tips.iter().zip([agency, repeats]) {
        let claim = officer.put(&format!("/v1/tips/{tip}/claim"));
        claim.send().await.expect(200);
        let decide = officer.post(&format!("/v1/tips/{tip}/decisions"));
        decide.json(&decision).send().await.expect(200);
    }
    for (_, receipt) in &tips {
        for (lang, name) in [
            ("vi", "Bộ đội Biên phòng tỉnh"),
            ("en", "Provincial Border Guard"),
        ] {
            let call = t.anyone().get("/v1/receipt");
            let call = call
                .header("Tip-Receipt", receipt)
                .header("Accept-Language", lang);
            let shown = call.send().await.expect(200);
            let text = shown["status_text"].as_str().unwrap();
            assert!(text.contains(name), "{text}");
        }
    }
}

#[actix_web::test]
async fn who_was_told_the_result_is_not_told_that_it_will_come() {
    let t = TestApp::new().await;
    let officer = t.officer(crate::cases::ALL);
    let (tip, receipt) = crate::case_clocks::report(&t, &json!({"narrative": "một"})).await;
    let case = crate::cases::open(&officer, &[tip]).await;
    let legal = crate::case_decisions::legal("not_prosecute");
    let steps = [
        json!({"decision": "assign"}),
        json!({"decision": "verify"}),
        legal,
    ];
    for decision in steps {
        let decided = crate::cases::decide(&officer, &case, decision).await;
        decided.expect(200);
    }
    let next = async || {
        let shown = crate::case_clocks::look(&t, &receipt).await;
        shown["next_step"].as_str().unwrap().to_owned()
    };
    let told = "Bạn đã được thông báo kết quả. Nếu không đồng ý, bạn có quyền khiếu nại.";
    assert_eq!(next().await, told);
    let close = crate::cases::decide(&officer, &case, json!({"decision": "close"})).await;
    close.expect(200);
    assert_eq!(next().await, told);
}

#[actix_web::test]
async fn a_receipt_tells_that_messages_of_officers_wait_to_be_read() {
    let t = TestApp::new().await;
    let tip = t.citizen().post("/v1/tips");
    let tip = tip.json(&json!({"narrative": "Lừa đảo"})).send().await;
    let tip = tip.expect(201);
    let (id, receipt) = (
        tip["id"].as_str().unwrap(),
        tip["receipt"].as_str().unwrap(),
    );
    let look = async |path: &str, lang: &str| {
        let look = t.anyone().get(path).header("Tip-Receipt", receipt);
        look.header("Accept-Language", lang)
            .send()
            .await
            .expect(200)
    };
    let before = look("/v1/receipt", "vi").await;
    assert_eq!(before["unread_messages"], 0, "{before}");
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    for (n, vi, en) in [
        (
            1,
            "1 tin nhắn của cán bộ chưa đọc",
            "A message from an officer waits",
        ),
        (
            2,
            "2 tin nhắn của cán bộ chưa đọc",
            "2 messages from officers wait",
        ),
    ] {
        let asked = officer.post(&format!("/v1/tips/{id}/messages"));
        let asked = asked.json(&json!({"text": "Bạn chuyển tiền lúc nào?"}));
        asked.send().await.expect(201);
        for (lang, text) in [("vi", vi), ("en", en)] {
            let view = look("/v1/receipt", lang).await;
            assert_eq!(view["unread_messages"], n, "looking does not read: {view}");
            let status = view["status_text"].as_str().unwrap();
            assert!(status.contains(text), "{status}");
        }
    }
    // What the reporter writes is unread to the officers alone.
    let write = t.anyone().post("/v1/receipt/messages");
    let write = write.header("Tip-Receipt", receipt);
    write
        .json(&json!({"text": "Lúc 9 giờ."}))
        .send()
        .await
        .expect(201);
    assert_eq!(look("/v1/receipt", "vi").await["unread_messages"], 2);
    look("/v1/receipt/messages", "vi").await;
    let after = look("/v1/receipt", "vi").await;
    assert_eq!(after["unread_messages"], 0, "{after}");
    assert_eq!(after["status_text"], before["status_text"], "{after}");
}
