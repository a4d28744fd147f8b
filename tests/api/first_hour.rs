//! The first hour: what the queue makes of times and words, and what the reporter is told to do.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::referrals::{OFFICER, list, receipt, report};
use crate::support::TestApp;

async fn priority(t: &TestApp, tip: &Value) -> (i64, Vec<String>) {
    let officer = t.officer(&[Scope::TipsRead]);
    let path = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
    let seen = officer.get(&path).send().await.expect(200);
    let reasons = seen["priority"]["reasons"].as_array().unwrap().iter();
    let codes = reasons.map(|reason| reason["code"].as_str().unwrap().to_owned());
    (seen["priority"]["score"].as_i64().unwrap(), codes.collect())
}

fn codes(list: &Value) -> Vec<&str> {
    let all = list.as_array().unwrap().iter();
    all.map(|one| one["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn who_says_that_money_was_sent_is_sent_to_the_bank_and_asked_how_much_and_when() {
    let t = TestApp::new().await;
    let account = json!([{"kind": "bank_account", "value": "0011002233446", "bank": "VCB", "role": "received_money"}]);
    for (body, score) in [
        (
            json!({"narrative": "Tôi vừa chuyển 50 triệu vào STK 0011002233445 VCB 10 phút trước",
            "method": "investment_fraud"}),
            4,
        ),
        (json!({"narrative": "Tôi vừa chuyển tiền cho nó"}), 1),
        (
            json!({"narrative": "Nó gọi cho tôi", "method": "impersonate_police_court", "indicators": account}),
            1,
        ),
    ] {
        let tip = report(&t, &body).await;
        let advice = codes(&tip["guidance"]);
        assert_eq!(advice[0], "if_money_was_sent", "{advice:?}");
        let text = tip["guidance"].to_string();
        assert!(!text.contains("Bạn chưa mất tiền"), "{text}");
        let missing = codes(&tip["missing"]);
        assert_eq!(missing[..2], ["transfer_time", "loss_amount"], "{body}");
        let (points, reasons) = priority(&t, &tip).await;
        assert_eq!(points, score, "{reasons:?}");
        let told = reasons.contains(&"paid_in_text".to_owned());
        assert_eq!(told, body.get("indicators").is_none(), "{reasons:?}");
    }
    let bare = report(&t, &json!({"narrative": "Có trang web lạ"})).await;
    assert!(!codes(&bare["guidance"]).contains(&"if_money_was_sent"));
    assert!(!codes(&bare["missing"]).contains(&"loss_amount"));
}

#[actix_web::test]
async fn what_the_words_tell_gives_way_to_what_is_stated_later() {
    let t = TestApp::new().await;
    let tip = report(&t, &json!({"narrative": "Tôi vừa chuyển 50 triệu cho nó"})).await;
    assert_eq!(priority(&t, &tip).await.1, ["paid_in_text"]);
    t.clock.advance(std::time::Duration::from_secs(8 * 3600));
    // Ten minutes before it is told, long after the tip: a fresh transfer all the same.
    let more =
        json!({"losses": [{"amount_vnd": 50_000_000, "transferred_at": "2026-11-24T09:10:00Z"}]});
    let add = t.anyone().patch("/v1/receipt").json(&more);
    let add = add.header("Tip-Receipt", tip["receipt"].as_str().unwrap());
    add.send().await.expect(200);
    t.settle().await;
    let (score, reasons) = priority(&t, &tip).await;
    assert_eq!(
        (score, reasons),
        (39, vec!["recent_transfer".to_owned(), "loss".to_owned()])
    );
}

#[actix_web::test]
async fn a_time_is_believed_only_where_it_can_be_true() {
    let t = TestApp::new().await;
    for (loss, occurred_at, score) in [
        // Local time with the mark of UTC: ten minutes ago.
        (
            json!({"amount_vnd": 1_000_000, "transferred_at": "2026-11-24T08:10:00Z"}),
            json!(null),
            36,
        ),
        (
            json!({"amount_vnd": 1_000_000, "transferred_at": "2026-11-24T11:20:00Z"}),
            json!(null),
            0,
        ),
        (
            json!({"amount_vnd": 0, "transferred_at": "2026-11-24T01:15:00Z"}),
            json!(null),
            0,
        ),
        (
            json!({"amount_vnd": -5_000_000, "transferred_at": "2026-11-24T01:15:00Z"}),
            json!(null),
            0,
        ),
        // The event bounds what has no time.
        (
            json!({"amount_vnd": 1_000_000}),
            json!("2026-11-24T01:10:00Z"),
            36,
        ),
        (
            json!({"amount_vnd": 1_000_000}),
            json!("2026-09-24T01:10:00Z"),
            0,
        ),
    ] {
        let body = json!({"narrative": "Bị lừa", "losses": [loss], "occurred_at": occurred_at});
        let tip = report(&t, &body).await;
        assert_eq!(priority(&t, &tip).await.0, score, "{body}");
    }
}

#[actix_web::test]
async fn the_event_bounds_the_advice_and_the_proposal_too() {
    let t = TestApp::new().await;
    let body = |occurred_at: &str| {
        json!({"narrative": "Bị lừa", "occurred_at": occurred_at,
            "indicators": [{"kind": "bank_account", "value": "0011002233445", "bank": "VCB"}],
            "losses": [{"amount_vnd": 600_000_000}]})
    };
    let old = report(&t, &body("2026-09-24T01:10:00Z")).await;
    assert_eq!(codes(&old["guidance"])[0], "trace_old_transfer");
    let officer = t.officer(OFFICER);
    assert_eq!(list(&officer, "?state=proposed").await, [] as [Value; 0]);
    let fresh = report(&t, &body("2026-11-24T01:10:00Z")).await;
    assert_eq!(codes(&fresh["guidance"])[0], "hold_money_now");
    assert!(codes(&fresh["missing"]).contains(&"transfer_time"));
    let proposed = list(&officer, "?state=proposed").await;
    assert_eq!(proposed[0]["amount_vnd"], 600_000_000);
    let note = proposed[0]["note"].as_str().unwrap();
    assert!(
        note.contains("không sớm hơn 08:10 ngày 24/11/2026"),
        "{note}"
    );
}

#[actix_web::test]
async fn children_in_distress_and_words_of_dying_are_critical() {
    let t = TestApp::new().await;
    for (body, score, first) in [
        (
            json!({"narrative": "Nó doạ tung ảnh của cháu", "method": "image_sextortion",
                "victim": {"relation": "self", "age_group": "under_16"}}),
            53,
            "child_in_distress",
        ),
        (
            json!({"narrative": "Tôi muốn tự tử"}),
            52,
            "text_life_at_risk",
        ),
        (
            json!({"narrative": "Con tôi bị nhốt bên đó, nó đòi tiền chuộc"}),
            52,
            "text_life_at_risk",
        ),
    ] {
        let tip = report(&t, &body).await;
        let (points, reasons) = priority(&t, &tip).await;
        assert_eq!((points, reasons[0].as_str()), (score, first), "{body}");
        let danger = codes(&tip["guidance"])[0] == "danger_now";
        assert_eq!(danger, first == "text_life_at_risk", "{body}");
    }
}

#[actix_web::test]
async fn the_reply_to_a_message_about_danger_says_whom_to_call() {
    let t = TestApp::new().await;
    for (n, (text, urgent)) in [
        ("Con toi bi bat coc, cuu toi", true),
        ("LD (0369123456) (gia cong an)", false),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({"message_id": n.to_string(), "from": "0900000001", "text": text, "gateway_id": "gw"});
        let answer = t.citizen().post("/v1/tips/sms").json(&body).send().await;
        let reply = answer.expect(201)["reply"].as_str().unwrap().to_owned();
        assert_eq!(reply.contains("113"), urgent, "{reply}");
        assert!(reply.contains("Ma tra cuu: "), "{reply}");
    }
}

#[actix_web::test]
async fn the_number_of_a_named_bank_is_shown_once_it_has_a_source_and_a_day() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let body = json!({"narrative": "Tôi vừa chuyển 50 triệu vào STK 0011002233445 VCB"});
    for (source, shown) in [(json!(null), false), (json!("vietcombank.com.vn"), true)] {
        let contact = json!({"label": "Tổng đài", "phone": "1900545413", "source": source, "checked_on": "2026-11-20"});
        let bank = admin
            .patch("/v1/agencies/bank_970436")
            .header("If-Match", "*");
        let bank = bank.json(&json!({"contacts": [contact]})).send().await;
        assert_eq!(
            bank.expect(200)["contacts"],
            json!([{"label": "Tổng đài", "phone": "1900545413", "email": null,
            "source": source, "checked_on": "2026-11-20"}])
        );
        let tip = report(&t, &body).await;
        let advice = &tip["guidance"][0];
        let text = advice["body"].as_str().unwrap();
        assert_eq!(
            text.contains("1900545413 (kiểm tra ngày 20/11/2026)"),
            shown,
            "{text}"
        );
        let calls = advice["actions"].to_string().contains("tel:1900545413");
        assert_eq!(calls, shown, "{advice}");
    }
}

#[actix_web::test]
async fn the_news_of_a_part_frozen_promise_nothing() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let tip = report(&t, &crate::referrals::transfer()).await;
    let case = json!({"title": "Giả danh công an", "tip_ids": [tip["id"]]});
    let case = officer
        .post("/v1/cases")
        .json(&case)
        .send()
        .await
        .expect(201);
    let seen = officer.get(&format!("/v1/tips/{}", tip["id"].as_str().unwrap()));
    let seen = seen.send().await.expect(200);
    let body = json!({"kind": "freeze_funds", "agency": "bank_970436", "case_id": case["id"],
        "indicator_ids": [seen["indicators"][1]["id"]]});
    let sent = officer
        .post("/v1/referrals")
        .json(&body)
        .send()
        .await
        .expect(201);
    let answer = json!({"outcome": "partly_frozen", "amount_vnd": 1_000_000});
    let bank = crate::referrals::agency(&t, "bank_970436");
    let complete = bank.post(&crate::referrals::path(&sent, "/complete"));
    complete.json(&answer).send().await.expect(200);
    let told = receipt(&t, &tip).await;
    let text = told["outcomes"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("một phần số tiền trong tài khoản đã nhận tiền"),
        "{text}"
    );
    assert!(
        !text.contains("truy tìm") && !text.contains("bạn đã chuyển"),
        "{text}"
    );
}
