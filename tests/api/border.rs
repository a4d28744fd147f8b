//! The border register, and what stays sealed beside it.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, TestApp};

fn guard(t: &TestApp) -> Client {
    t.bearer(&Claims {
        sub: "border-officer",
        scopes: "referrals:work",
        agency: Some("border_guard"),
        ..Claims::default()
    })
}

fn lure(n: usize) -> Value {
    json!({"narrative": format!("Rủ sang Lào làm việc nhẹ lương cao, lần {n}."), "method": "illegal_exit_broker",
        "channel": "zalo", "location": {"unit_code": "03158"},
        "indicators": [{"kind": "phone", "value": "0369 123 456", "role": "recruited"}],
        "potential_victims": [{"name": "Giàng A Thử", "phone": "0912345678", "note": "sắp đi"}]})
}

async fn report(t: &TestApp, body: &Value) -> String {
    let tip = t.submit(body).await;
    assert_eq!(tip["warnings"], json!([]));
    t.settle().await;
    tip["id"].as_str().unwrap().to_owned()
}

const BROKERS: &str = "/v1/border/brokers?purpose=R%C3%A0%20so%C3%A1t%20m%C3%B4i%20gi%E1%BB%9Bi";

#[actix_web::test]
async fn the_register_lists_brokers_to_the_few_who_may_with_a_purpose() {
    let t = TestApp::new().await;
    for n in 0..5 {
        report(&t, &lure(n)).await;
    }
    report(&t, &json!({"narrative": "Chuyện khác", "indicators": [{"kind": "phone", "value": "0369 999 999"}]})).await;
    let immigration = t.bearer(&Claims {
        sub: "immigration-officer",
        scopes: "cases:read",
        desk: Some("immigration"),
        ..Claims::default()
    });
    for reader in [guard(&t), immigration] {
        let page = reader.get(BROKERS).send().await.expect(200);
        let [broker] = page["items"].as_array().unwrap().as_slice() else {
            panic!("one broker: {page}")
        };
        assert_eq!(broker["value"], "+84369123456");
        assert_eq!(
            (&broker["part"], &broker["tips"]),
            (&json!("broker"), &json!(5))
        );
        assert_eq!(
            broker["units"][0],
            json!({"unit_code": "03158", "unit_name": broker["units"][0]["unit_name"], "tips": 5})
        );
        assert!(!page.to_string().contains("Giàng"));
        let refused = reader.get("/v1/border/brokers").send().await.problem(422);
        assert_eq!(refused["errors"][0]["parameter"], "purpose");
    }
    for other in [
        t.officer(&[Scope::CasesRead]),
        t.bearer(&Claims {
            scopes: "referrals:work",
            agency: Some("bank_970436"),
            ..Claims::default()
        }),
    ] {
        other.get(BROKERS).send().await.problem(403);
    }
    t.settle().await;
    let audit = t.officer(&[Scope::AuditRead]);
    let entries = audit
        .get("/v1/audit?type=border.brokers_read")
        .send()
        .await
        .expect(200);
    assert_eq!(entries["items"][0]["data"]["purpose"], "Rà soát môi giới");
}

#[actix_web::test]
async fn small_counts_are_suppressed_and_dismissed_tips_leave_the_register() {
    let t = TestApp::new().await;
    let tip = report(&t, &lure(0)).await;
    t.clock.advance(Duration::from_secs(60));
    let counts = guard(&t)
        .get("/v1/border/counts?purpose=tu%E1%BA%A7n%20tra")
        .send()
        .await
        .expect(200);
    assert_eq!(
        counts["items"],
        json!([{"month": "2026-11", "unit_code": "03158", "tips": null, "suppressed": true}])
    );
    let page = guard(&t).get(BROKERS).send().await.expect(200);
    assert_eq!(page["items"][0]["units"], json!([]));
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    officer
        .put(&format!("/v1/tips/{tip}/claim"))
        .send()
        .await
        .expect(200);
    let dismiss = json!({"decision": "dismiss", "reason": "not_a_scam"});
    officer
        .post(&format!("/v1/tips/{tip}/decisions"))
        .json(&dismiss)
        .send()
        .await
        .expect(200);
    t.settle().await;
    let page = guard(&t).get(BROKERS).send().await.expect(200);
    assert_eq!(page["items"], json!([]));
}

#[actix_web::test]
async fn persons_who_may_be_lured_are_sealed_and_gone_after_ninety_days() {
    let t = TestApp::new().await;
    let tips = [report(&t, &lure(0)).await, report(&t, &lure(1)).await];
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal]);
    let tip = &tips[0];
    let shown = officer
        .get(&format!("/v1/tips/{tip}/submission"))
        .send()
        .await
        .expect(200);
    assert_eq!(shown["body"]["potential_victims"], "[withheld]");
    assert_eq!(shown["withheld"], json!(["/potential_victims"]));
    let seen = officer.get(&format!("/v1/tips/{tip}")).send().await;
    assert!(!seen.text().contains("Giàng"));
    let found = officer
        .get("/v1/tips?q=Gi%C3%A0ng")
        .send()
        .await
        .expect(200);
    assert_eq!(found["items"], json!([]));

    let reveal = |tip: &str| {
        let why = json!({"purpose": "Gặp để khuyên can"});
        officer
            .post(&format!("/v1/tips/{tip}/potential-victims/reveal"))
            .json(&why)
    };
    assert_eq!(reveal(tip).send().await.problem(409)["code"], "not_claimed");
    for tip in &tips {
        officer
            .put(&format!("/v1/tips/{tip}/claim"))
            .send()
            .await
            .expect(200);
    }
    let named = reveal(tip).send().await.expect(200);
    assert_eq!(named["potential_victims"][0]["name"], "Giàng A Thử");
    assert_eq!(named["erase_at"], "2027-02-22T01:20:00Z");
    let ground = json!({"ground": "Đang phối hợp đưa về nước."});
    let path = format!("/v1/tips/{}/potential-victims/ground", tips[1]);
    officer.put(&path).json(&ground).send().await.expect(200);

    t.clock.advance(Duration::from_secs(91 * 86_400));
    tinbao::app::background::tidy(&t.running.state)
        .await
        .unwrap();
    for tip in &tips {
        officer
            .put(&format!("/v1/tips/{tip}/claim"))
            .send()
            .await
            .expect(200);
    }
    assert_eq!(
        reveal(&tips[0]).send().await.problem(409)["code"],
        "wrong_state"
    );
    let kept = reveal(&tips[1]).send().await.expect(200);
    assert_eq!(kept["erase_at"], json!(null));
}

#[actix_web::test]
async fn whom_a_tip_names_as_lured_is_named_in_no_text_of_it() {
    let t = TestApp::new().await;
    let mut body = lure(0);
    body["narrative"] = json!("Em Giàng A Thử định đi với Mùa A Páo; giàng a thử đã nhận tiền.");
    body["raw_message"] = json!("GIANG A THU oi, di thoi");
    let call = t.citizen().post("/v1/tips").json(&body);
    let sent = call.send().await.expect(201);
    t.settle().await;
    let (id, receipt) = (
        sent["id"].as_str().unwrap(),
        sent["receipt"].as_str().unwrap(),
    );
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let seen = async || {
        t.settle().await;
        officer
            .get(&format!("/v1/tips/{id}"))
            .send()
            .await
            .expect(200)
    };
    let shown = seen().await;
    let masked = "•".repeat("Giàng A Thử".chars().count());
    assert_eq!(
        shown["narrative"],
        format!("Em {masked} định đi với Mùa A Páo; {masked} đã nhận tiền.")
    );
    assert_eq!(shown["raw_message"], format!("{masked} oi, di thoi"));
    let found = officer
        .get("/v1/tips?q=%22Gi%C3%A0ng%20A%20Th%E1%BB%AD%22")
        .send()
        .await;
    assert_eq!(found.expect(200)["items"], json!([]));
    let copy = officer
        .get(&format!("/v1/tips/{id}/submission"))
        .send()
        .await;
    let copy = copy.expect(200);
    assert!(
        !copy["body"].to_string().to_lowercase().contains("giàng"),
        "{copy}"
    );
    let withheld: Vec<_> = copy["withheld"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    for pointer in ["/narrative", "/raw_message", "/potential_victims"] {
        assert!(withheld.contains(&pointer), "{withheld:?}");
    }

    // Named only later, the name goes from what was told before as well.
    let add = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", receipt);
    let more =
        json!({"narrative": "Mùa A Páo cũng đi.", "potential_victims": [{"name": "Mùa A Páo"}]});
    add.json(&more).send().await.expect(200);
    let shown = seen().await;
    assert!(
        !shown["narrative"].as_str().unwrap().contains("Páo"),
        "{shown}"
    );
    assert!(shown["narrative"].as_str().unwrap().contains("cũng đi."));
}
