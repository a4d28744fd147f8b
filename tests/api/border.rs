//! The border register, and what stays sealed beside it.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, TestApp};

pub fn guard(t: &TestApp) -> Client {
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

pub const BROKERS: &str =
    "/v1/border/brokers?purpose=R%C3%A0%20so%C3%A1t%20m%C3%B4i%20gi%E1%BB%9Bi";

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
        let items = page["items"].as_array().unwrap();
        let named: Vec<_> = items
            .iter()
            .filter(|item| item["roles"] != json!([]))
            .collect();
        let [broker] = named.as_slice() else {
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
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 3, "the broker, the lure and where to: {page}");
    assert!(items.iter().all(|item| item["units"] == json!([])));
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
async fn vehicles_ways_and_lures_are_read_out_of_what_tips_tell() {
    let t = TestApp::new().await;
    let told = "Nó bảo việc nhẹ lương cao, lương 30 triệu, không cần hộ chiếu. Xe khách 27B 012.34 đón ở Na Ư rồi \
        đi đường mòn gần cửa khẩu Tây Trang sang Lào. Em Giàng A Thử định đi.";
    let body = |narrative: &str, method: &str| {
        json!({"narrative": narrative, "method": method, "location": {"unit_code": "03158"},
            "potential_victims": [{"name": "Giàng A Thử", "phone": "0912345678"}]})
    };
    for n in 0..4 {
        report(&t, &body(&format!("{told} {n}"), "illegal_exit_broker")).await;
    }
    let last = "Xe biển số 27B-01234 lại đón người; xe của tôi biển số 27A-999.99.";
    let last = report(&t, &body(last, "overseas_easy_job")).await;
    report(
        &t,
        &body(
            "Xe 29B-111.11 chở hàng giả, sang Lào.",
            "impersonate_police_court",
        ),
    )
    .await;

    let mut seen = Vec::new();
    let mut path = format!("{BROKERS}&limit=2");
    loop {
        let page = guard(&t)
            .get(&path)
            .header("Accept-Language", "en")
            .send()
            .await
            .expect(200);
        assert!(!page.to_string().contains("Giàng"), "{page}");
        seen.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{BROKERS}&limit=2&cursor={cursor}"),
            None => break,
        }
    }
    let mut told: Vec<_> = seen
        .iter()
        .map(|item| {
            assert_eq!(item["indicator_id"], json!(null));
            let text = |name: &str| item[name].as_str().unwrap().to_owned();
            (
                text("kind"),
                text("part"),
                text("value"),
                text("display"),
                item["tips"].clone(),
            )
        })
        .collect();
    told.sort_by(|a, b| (&a.0, &a.2).cmp(&(&b.0, &b.2)));
    let expected = [
        ("lure", "lure", "easy_work", "Easy work, high pay", 4),
        (
            "lure",
            "lure",
            "no_papers",
            "No passport or papers needed",
            4,
        ),
        ("lure", "lure", "wage_named", "A wage named", 4),
        ("route", "route", "laos", "To Laos", 4),
        ("route", "route", "sam_mun", "Sam Mun commune", 4),
        ("route", "route", "tay_trang", "Tay Trang crossing", 4),
        (
            "route",
            "route",
            "unwatched_path",
            "Paths without a checkpoint",
            4,
        ),
        ("vehicle", "transport", "27B01234", "27B-012.34", 5),
    ]
    .map(|(kind, part, value, display, tips)| {
        (
            kind.to_owned(),
            part.to_owned(),
            value.to_owned(),
            display.to_owned(),
            json!(tips),
        )
    });
    assert_eq!(told, expected);
    let car = seen.iter().find(|item| item["kind"] == "vehicle").unwrap();
    assert_eq!(car["units"][0]["tips"], 5);
    assert_eq!(
        car["methods"],
        json!(["illegal_exit_broker", "overseas_easy_job"])
    );
    let counts = guard(&t)
        .get("/v1/border/counts?purpose=tu%E1%BA%A7n%20tra")
        .send()
        .await
        .expect(200);
    assert_eq!(counts["items"][0]["tips"], 5, "{counts}");

    let by_role = guard(&t)
        .get(&format!("{BROKERS}&role=recruited"))
        .send()
        .await
        .expect(200);
    assert_eq!(by_role["items"], json!([]));

    // What is found to be no crime leaves the register.
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    officer
        .put(&format!("/v1/tips/{last}/claim"))
        .send()
        .await
        .expect(200);
    let dismiss = json!({"decision": "dismiss", "reason": "not_a_scam"});
    let decide = officer
        .post(&format!("/v1/tips/{last}/decisions"))
        .json(&dismiss);
    decide.send().await.expect(200);
    t.settle().await;
    let page = guard(&t).get(BROKERS).send().await.expect(200);
    let items = page["items"].as_array().unwrap();
    let car = items.iter().find(|item| item["kind"] == "vehicle").unwrap();
    assert_eq!(car["tips"], 4);
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
