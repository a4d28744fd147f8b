//! Official entries: agencies' own numbers, domains and accounts are never called a scam.

use serde_json::{Value, json};
use tinbao::auth::Scope;
use tinbao::domain::indicator::Kind;

use crate::checks::{CURATE, HOUR, check, id_of, report};
use crate::support::{TestApp, rows};

#[actix_web::test]
async fn official_entries_never_get_a_scam_verdict_and_vouch_only_with_a_source() {
    let t = TestApp::new().await;
    report(&t, "https://vietcombank.com.vn/", "0900000001").await;
    report(&t, "0215 123 4567", "0900000002").await;
    t.settle().await;
    let officer = t.officer(CURATE);
    let path = |id: String| format!("/v1/indicators/{id}/verdict");
    let accuse = json!({"verdict": "suspected", "reason": "reports"});
    let site = path(id_of(&t, "https://vietcombank.com.vn/").await);
    assert_eq!(
        officer.put(&site).json(&accuse).send().await.problem(409)["code"],
        "official_entry"
    );
    let phone = path(id_of(&t, "0215 123 4567").await);
    let unsourced = json!({"verdict": "official", "reason": "agency_line"});
    officer
        .put(&phone)
        .json(&unsourced)
        .send()
        .await
        .expect(200);
    t.settle().await;
    assert_eq!(check(&t, "02151234567").await["verdict"], "no_reports");
    assert_eq!(
        officer.put(&phone).json(&accuse).send().await.problem(409)["code"],
        "official_entry"
    );
    let sourced = json!({"verdict": "official", "reason": "agency_line",
        "source": "trang thông tin của cơ quan", "checked_at": "2026-11-20"});
    officer.put(&phone).json(&sourced).send().await.expect(200);
    t.settle().await;
    assert_eq!(check(&t, "02151234567").await["verdict"], "official");
}

#[actix_web::test]
async fn an_official_entry_stands_until_two_admins_agree_to_end_it() {
    const ADMIN: &[Scope] = &[Scope::IndicatorsRead, Scope::IndicatorsCurate, Scope::Admin];
    let t = TestApp::new().await;
    report(&t, "0215 123 4567", "0900000002").await;
    t.settle().await;
    let id = id_of(&t, "0215 123 4567").await;
    let path = format!("/v1/indicators/{id}/verdict");
    let approve = format!("{path}/approve");
    let curator = t.named_officer("curator", CURATE);
    let official = json!({"verdict": "official", "reason": "agency_line",
        "source": "trang thông tin của cơ quan", "checked_at": "2026-11-20"});
    curator.put(&path).json(&official).send().await.expect(200);
    t.settle().await;

    let cleared = json!({"verdict": "cleared", "reason": "no_longer_in_use"});
    let mut weaker = official.clone();
    weaker["source"] = Value::Null;
    let mut shorter = official.clone();
    shorter["expires_at"] = json!("2026-12-01T00:00:00Z");
    for wish in [&cleared, &weaker, &shorter] {
        let problem = curator.put(&path).json(wish).send().await.problem(403);
        assert_eq!(problem["scope"], "admin", "{wish}");
    }
    let first = t.named_officer("first-admin", ADMIN);
    let proposed = first.put(&path).json(&cleared).send().await.expect(200);
    assert_eq!(proposed["state"], "pending_approval");
    t.settle().await;
    assert_eq!(check(&t, "02151234567").await["verdict"], "official");
    let shown = first.get(&format!("/v1/indicators/{id}")).send().await;
    let shown = shown.expect(200);
    assert_eq!(shown["verdict"]["verdict"], "official", "it stands");
    assert_eq!(shown["history"][0]["state"], "pending_approval");
    assert_eq!(
        first.post(&approve).send().await.problem(409)["code"],
        "same_person"
    );
    assert_eq!(
        curator.post(&approve).send().await.problem(403)["scope"],
        "admin"
    );
    // Given once more, the entry takes the proposal back.
    first.put(&path).json(&official).send().await.expect(200);
    let second = t.named_officer("second-admin", ADMIN);
    assert_eq!(
        second.post(&approve).send().await.problem(409)["code"],
        "wrong_state"
    );
    first.put(&path).json(&cleared).send().await.expect(200);
    let ended = second.post(&approve).send().await.expect(200);
    assert_eq!(
        (&ended["verdict"], &ended["state"], &ended["approved_by"]),
        (
            &json!("cleared"),
            &json!("in_force"),
            &json!("second-admin")
        )
    );
    t.settle().await;
    assert_eq!(check(&t, "02151234567").await["verdict"], "no_reports");
}

pub fn hex(kind: Kind, value: &str) -> String {
    hex::encode(tinbao::domain::indicator::key(kind, value))
}

#[actix_web::test]
async fn what_is_official_by_reference_data_is_on_the_hash_list_too() {
    let t = TestApp::new().await;
    for (kind, value, written, matched) in [
        (Kind::Phone, "156", "156", "exact"),
        (Kind::Phone, "+84692348560", "069 234 8560", "exact"),
        (
            Kind::Url,
            "vietcombank.com.vn/",
            "https://vietcombank.com.vn",
            "exact",
        ),
        (
            Kind::Url,
            "vietcombank.com.vn/",
            "vietcombank.com.vn/the/uu-dai",
            "host",
        ),
        (
            Kind::Url,
            "vietcombank.com.vn/",
            "portal.vietcombank.com.vn/a",
            "domain",
        ),
    ] {
        let told = check(&t, written).await;
        assert_eq!(
            (&told["verdict"], &told["matched"]),
            (&json!("official"), &json!(matched)),
            "{written}"
        );
        let hex = hex(kind, value);
        let path = format!("/v1/check/hashes/{}", &hex[..5]);
        let range = t.citizen().get(&path).send().await.expect(200);
        let items = range["items"].as_array().unwrap();
        let found = items.iter().find(|item| item["suffix"] == hex[5..]);
        assert_eq!(found.expect(value)["verdict"], "official");
        assert_eq!(items.len() % 32, 0);
    }
}

#[actix_web::test]
async fn reports_never_put_an_official_value_on_the_lists() {
    let t = TestApp::new().await;
    for n in 0..3 {
        report(&t, "https://vietcombank.com.vn/", &format!("090000000{n}")).await;
        t.clock.advance(HOUR);
    }
    t.settle().await;
    let seen = check(&t, "https://vietcombank.com.vn/").await;
    assert_eq!(seen["verdict"], "official");
    let tip = report(&t, "https://vietcombank.com.vn/", "0900000005").await;
    assert!(
        !tip["already_known"].to_string().contains("reported"),
        "{tip}"
    );
}

#[actix_web::test]
async fn what_people_are_told_to_call_is_official_and_cannot_be_accused() {
    let t = TestApp::new().await;
    let named = [
        ("phone", "113", "113"),
        ("phone", "111", "111"),
        ("phone", "5656", "5656"),
        ("phone", "0843189932", "+84843189932"),
        ("sms_sender", "Vietcombank", "VIETCOMBANK"),
        ("sms_sender", "VNeID", "VNEID"),
    ];
    let written = named.map(|(kind, value, _)| json!({"kind": kind, "value": value}));
    t.submit(&json!({"narrative": "Bị gọi giả danh.", "indicators": written}))
        .await;
    t.settle().await;
    let officer = t.officer(CURATE);
    let accuse = json!({"verdict": "confirmed_scam", "reason": "victim_transfers"});
    for (kind, _, value) in named {
        let id = rows(
            &t,
            &format!("select id::text as cell from indicators where kind = '{kind}' and value = '{value}'"),
        )
        .await;
        let path = format!("/v1/indicators/{}/verdict", id[0]);
        let refused = officer.put(&path).json(&accuse).send().await.problem(409);
        assert_eq!(refused["code"], "official_entry", "{value}");
    }
    assert_eq!(check(&t, "113").await["verdict"], "official");
    let sender = t
        .citizen()
        .get("/v1/check?kind=sms_sender&value=VIETCOMBANK")
        .send()
        .await
        .expect(200);
    assert_eq!(
        sender["verdict"], "no_reports",
        "whoever sends may call himself so"
    );
}

#[actix_web::test]
async fn the_provinces_police_are_imitated_in_either_order_of_words() {
    let t = TestApp::new().await;
    for host in ["dienbien-congan.com", "congan-dienbien.top"] {
        let told = check(&t, host).await;
        assert!(told["imitates"].is_object(), "{host}: {told}");
        assert!(
            told["guidance"].as_str().unwrap().contains("có thật"),
            "{told}"
        );
    }
}
