//! The register of form 294, the counts of what waits, and the routing rules.

use serde_json::json;
use tinbao::auth::Scope;

use crate::support::{Claims, Reply, TestApp, rows};

#[actix_web::test]
async fn the_register_lists_reception_in_order_with_identities_sealed() {
    let t = TestApp::new().await;
    for n in 0..3 {
        let body = json!({"narrative": format!("=tin {n}"), "reporter": {"name": format!("PLANTED-{n}")},
            "losses": [{"amount_vnd": 1_000_000}]});
        t.submit(&body).await;
    }
    t.submit(&json!({"narrative": "ẩn danh"})).await;
    t.settle().await;
    let officer = t.officer(&[Scope::TipsRead]);
    let first = officer.get("/v1/register?year=2026&limit=3").send().await;
    let page = first.expect(200);
    let numbers: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["number"].as_str().unwrap())
        .collect();
    assert_eq!(
        numbers,
        ["DB-T-2026-000001", "DB-T-2026-000002", "DB-T-2026-000003"]
    );
    assert_eq!(page["items"][0]["reporter_name"], "[sealed]");
    assert!(!page.to_string().contains("PLANTED"));
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = officer
        .get(&format!("/v1/register?year=2026&limit=3&cursor={cursor}"))
        .send()
        .await
        .expect(200);
    assert_eq!(
        rest["items"][0]["reporter_name"],
        serde_json::Value::Null,
        "nobody is not sealed"
    );
    assert_eq!(
        officer
            .get("/v1/register?year=2025")
            .send()
            .await
            .expect(200)["items"],
        json!([])
    );

    officer
        .get("/v1/register?purpose=bàn+giao".replace('à', "a").as_str())
        .send()
        .await
        .problem(403);
    let revealer = t.officer(&[Scope::TipsRead, Scope::ReportersReveal]);
    revealer
        .get("/v1/register?purpose=x")
        .send()
        .await
        .problem(422);
    let open = revealer
        .get("/v1/register?purpose=ban+giao+so")
        .send()
        .await
        .expect(200);
    assert_eq!(open["items"][1]["reporter_name"], "PLANTED-1");
    t.settle().await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let entries = async |act: &str| {
        let path = format!("/v1/audit?type={act}");
        let audit = auditor.get(&path).send().await.expect(200);
        audit["items"].as_array().unwrap().len()
    };
    let read = (
        entries("reporter.revealed").await,
        entries("register.row_read").await,
    );
    assert_eq!(read, (3, 1), "one entry a row, and nobody is not revealed");

    let csv = officer
        .get("/v1/register")
        .header("Accept", "text/csv")
        .send()
        .await;
    csv.expect(200);
    assert!(
        csv.bytes.starts_with(b"\xef\xbb\xbfnumber,tip_id,"),
        "{}",
        csv.text()
    );
    assert!(
        csv.text().contains("'=tin 0"),
        "a cell must not be taken for a formula"
    );
}

#[actix_web::test]
async fn the_summary_counts_what_waits_within_ones_confinement() {
    let t = TestApp::new().await;
    for body in [
        json!({"narrative": "x", "in_danger_now": true}),
        json!({"narrative": "x", "indicators": [{"value": "0912345678"}]}),
        json!({"narrative": "x", "indicators": [{"value": "0912345679"}]}),
    ] {
        t.submit(&body).await;
    }
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    t.clock.advance(std::time::Duration::from_secs(25 * 3600));
    officer
        .post("/v1/triage/claims")
        .json(&json!({"desk": "cyber"}))
        .send()
        .await
        .expect(200);
    let summary = officer.get("/v1/triage/summary").send().await.expect(200);
    assert_eq!(summary["total"], 3);
    let cyber = summary["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["desk"] == "cyber")
        .unwrap();
    assert_eq!(
        (&cyber["tips"], &cyber["claimed"], &cyber["overdue"]),
        (&json!(2), &json!(1), &json!(2))
    );
    assert_eq!(cyber["age"]["older"], 2);
    let duty = t.bearer(&Claims {
        scopes: "tips:read",
        desk: Some("duty"),
        ..Claims::default()
    });
    assert_eq!(
        duty.get("/v1/triage/summary").send().await.expect(200)["total"],
        1
    );
}

#[actix_web::test]
async fn routing_rules_are_data_that_an_admin_changes() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let shown = admin.get("/v1/routing/rules").send().await;
    let mut routing = shown.expect(200);
    assert_eq!(routing["desks"][0]["code"], "duty");
    t.officer(&[Scope::TipsRead])
        .get("/v1/desks")
        .send()
        .await
        .expect(200);
    routing["rules"] = json!([{"when": {"method": ["phishing_link_seeding"]}, "desk": "economic"}]);
    let path = "/v1/routing/rules";
    admin.put(path).json(&routing).send().await.problem(428);
    let etag = shown.header("etag").to_owned();
    admin
        .put(path)
        .header("If-Match", &etag)
        .json(&routing)
        .send()
        .await
        .expect(200);
    admin
        .put(path)
        .header("If-Match", &etag)
        .json(&routing)
        .send()
        .await
        .problem(412);
    let tip = json!({"narrative": "x", "method": "phishing_link_seeding"});
    let routed = t.submit(&tip).await;
    assert_eq!(routed["desk"], "economic");
    let other = t.submit(&json!({"narrative": "y"})).await;
    assert_eq!(
        other["desk"], "duty",
        "what no rule takes goes to the duty desk"
    );
    routing["rules"] = json!([{"when": {}, "desk": "nowhere"}]);
    let problem = admin
        .put(path)
        .header("If-Match", "*")
        .json(&routing)
        .send()
        .await
        .problem(422);
    assert!(
        problem["errors"][0]["pointer"]
            .as_str()
            .unwrap()
            .starts_with("/rules/0"),
        "{problem}"
    );
}

#[actix_web::test]
async fn a_desk_goes_once_nobody_waits_there_and_each_that_is_listed_can_be_asked_for() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let officer = t.officer(&[Scope::TipsRead]);
    let desks = officer.get("/v1/desks").send().await.expect(200);
    let desks = desks["items"].as_array().unwrap();
    assert!(desks.iter().any(|desk| desk["code"] == "commune_03127"));
    for desk in desks {
        let path = format!("/v1/triage/queue?desk={}", desk["code"].as_str().unwrap());
        officer.get(&path).send().await.expect(200);
    }
    for tip in [
        json!({"narrative": "x", "method": "investment_fraud"}),
        json!({"narrative": "x", "location": {"unit_code": "03127"}}),
    ] {
        let call = t.citizen().post("/v1/tips").json(&tip);
        call.send().await.expect(201);
    }
    let confined = json!({"client_id": "wall", "name": "x", "kind": "confidential",
        "scopes": ["tips:read"], "desk": "immigration"});
    let client = crate::clients::register(&admin, confined).await;
    let drop = async |code: &str| {
        let mut routing = admin.get("/v1/routing/rules").send().await.expect(200);
        for (list, name) in [("desks", "code"), ("rules", "desk")] {
            let all = routing[list].as_array_mut().unwrap();
            all.retain(|one| one[name] != code);
        }
        let call = admin.put("/v1/routing/rules").header("If-Match", "*");
        call.json(&routing).send().await
    };
    for (code, named) in [
        ("economic", "economic"),
        ("immigration", "immigration"),
        ("commune", "commune_03127"),
    ] {
        let refused = drop(code).await.problem(409);
        assert_eq!(refused["code"], "wrong_state");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains(&format!(": {named}. ")), "{detail}");
    }
    drop("administrative").await.expect(200);
    // Once its client has ended, a desk without tips goes too.
    let path = format!("/v1/clients/{}", client["id"].as_str().unwrap());
    admin.delete(&path).send().await.expect(204);
    drop("immigration").await.expect(200);
}

#[actix_web::test]
async fn the_register_names_the_commune_and_not_its_code() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "x", "location": {"unit_code": "03127"}});
    let call = t.citizen().post("/v1/tips").json(&body);
    call.send().await.expect(201);
    t.settle().await;
    let officer = t.officer(&[Scope::TipsRead]);
    let register = officer.get("/v1/register").send().await.expect(200);
    let place = register["items"][0]["place"].as_str().unwrap();
    assert!(place.contains("Điện Biên Phủ"), "{place}");
}

#[actix_web::test]
async fn the_register_comes_whole_as_csv_and_by_pages_where_a_limit_is_set() {
    let t = TestApp::new().await;
    let tips: Vec<_> = (0..100)
        .map(|n| {
            let reference = uuid::Uuid::from_u128(0x0f8f_ad5b_d9cb_469f_a165_0000_0000_0000 + n);
            json!({"client_reference": reference, "tip": {"narrative": format!("tin {n}\nhai dòng")}})
        })
        .collect();
    for part in 0..3 {
        let tips: Vec<_> = tips
            .iter()
            .map(|tip| {
                let mut tip = tip.clone();
                tip["client_reference"] = json!(uuid::Uuid::now_v7());
                tip["tip"]["place"] = json!(part);
                tip
            })
            .collect();
        let call = t
            .citizen()
            .post("/v1/tips/batch")
            .json(&json!({"tips": tips}));
        call.send().await.expect(200);
    }
    t.settle().await;
    let officer = t.officer(&[Scope::TipsRead]);
    let csv = |path: &str| officer.get(path).header("Accept", "text/csv").send();
    let numbers = |reply: &Reply| -> Vec<String> {
        let mut reader = csv::Reader::from_reader(&reply.bytes[3..]);
        reader
            .records()
            .map(|row| row.unwrap()[0].to_owned())
            .collect()
    };
    let whole = csv("/v1/register").await;
    assert_eq!(whole.status.as_u16(), 200);
    assert_eq!(whole.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        whole.header("content-disposition"),
        "attachment; filename=\"register-2026.csv\""
    );
    assert!(whole.text().ends_with("\r\n"), "RFC 4180");
    assert!(
        whole.text().contains("\u{feff}number,")
            && whole.text().contains(",purged_at,reveal_id\r\n")
    );
    let all = numbers(&whole);
    let expected: Vec<String> = (1..=300).map(|n| format!("DB-T-2026-{n:06}")).collect();
    assert_eq!(all, expected);
    t.settle().await;
    let read = "select sum(jsonb_array_length(data -> 'numbers'))::text as cell from journal where type = 'register.read'";
    assert_eq!(
        rows(&t, read).await,
        ["300"],
        "each row that was sent is written down"
    );

    let page = csv("/v1/register?limit=20").await;
    assert_eq!(numbers(&page), expected[..20]);
    assert!(page.header("link").contains("rel=\"next\""));
    let json = officer
        .get("/v1/register?limit=200")
        .send()
        .await
        .expect(200);
    let cursor = json["next_cursor"].as_str().unwrap();
    let rest = csv(&format!("/v1/register?cursor={cursor}")).await;
    assert_eq!(numbers(&rest), expected[200..]);
}
