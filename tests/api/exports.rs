//! Bulk exports: what is in them, for whom, and between which times.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::stats::post;
use crate::support::{Claims, Reply, TestApp};

pub const EXCHANGE: &[Scope] = &[Scope::ExchangeRead];

pub fn lines(reply: &Reply) -> Vec<Value> {
    reply.expect(200);
    let text = reply.text();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub async fn export(t: &TestApp, path: &str) -> Vec<Value> {
    lines(&t.officer(EXCHANGE).get(path).send().await)
}

pub fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// Numbered tips, as many as asked for, straight into the tables.
pub async fn seed(t: &TestApp, tips: usize) {
    use diesel_async::RunQueryDsl;
    let mut conn = t.running.state.db.dedicated().await.unwrap();
    for sql in [
        format!(
            "insert into tips (id, received_at, client_id, anonymous, narrative, details)
             select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '2026-11-01'::timestamptz + n * interval '1 second',
                    'seed', true, 'Mẩu tin số ' || n || repeat(' chuyển khoản', 20), '{{}}' from generate_series(1, {tips}) n"
        ),
        "insert into tip_states (tip_id, received_at, status, desk, source_kind, score, level, reasons, updated_at)
         select id, received_at, 'received', 'cyber', 'tin_bao', 1, 'low', '[]', received_at from tips where client_id = 'seed'"
            .to_owned(),
    ] {
        diesel::sql_query(sql).execute(&mut conn).await.unwrap();
    }
}

#[actix_web::test]
async fn tips_come_whole_without_whoever_reported() {
    let t = TestApp::new().await;
    let id = post(
        &t,
        json!({"narrative": "Nói \"chuyển ngay\"\nhôm nay, mã OTP: 123456", "method": "impersonate_police_court",
            "indicators": [{"kind": "phone", "value": "0912 345 678", "role": "contacted_me"}, {"kind": "phone", "value": "???"}],
            "losses": [{"amount_vnd": 48_000_000, "transferred_at": "2026-11-24T01:10:00Z"}],
            "location": {"unit_code": "03127"}, "victim": {"relation": "self", "age_group": "60_plus"},
            "reporter": {"name": "PLANTED NAME", "phone": "0987654321", "national_id": "011099001234"}}),
    )
    .await;
    post(&t, json!({"narrative": "PLANTED TRIAL", "test": true})).await;
    t.settle().await;
    let reply = t
        .officer(EXCHANGE)
        .get("/v1/exports/tips.ndjson")
        .send()
        .await;
    assert_eq!(reply.header("content-type"), "application/x-ndjson");
    let found = lines(&reply);
    assert_eq!(found.len(), 1, "the trial stays out");
    let row = &found[0];
    assert_eq!(row["id"], id);
    assert_eq!(row["number"], "DB-T-2026-000001");
    assert_eq!(row["received_at"], "2026-11-24T01:20:00Z");
    assert_eq!(row["loss_vnd"], 48_000_000);
    assert_eq!(row["losses"][0]["amount_vnd"], 48_000_000);
    assert_eq!(row["victim_age_group"], "60_plus");
    assert_eq!(row["unit_code"], "03127");
    let indicators = row["indicators"].as_array().unwrap();
    assert!(
        indicators
            .iter()
            .any(|i| i["value"] == "+84912345678" && i["valid"] == true)
    );
    assert!(
        indicators
            .iter()
            .any(|i| i["value"] == "???" && i["valid"] == false)
    );
    let text = reply.text();
    for hidden in [
        "PLANTED",
        "0987654321",
        "84987654321",
        "011099001234",
        "123456\"",
    ] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    let shown = t
        .officer(&[Scope::TipsRead])
        .get(&format!("/v1/tips/{id}"))
        .send()
        .await
        .expect(200);
    assert_eq!(
        row["narrative"], shown["narrative"],
        "masked as in the view"
    );
}

#[actix_web::test]
async fn rows_have_the_fields_that_the_document_lists() {
    let t = TestApp::new().await;
    let tip = post(
        &t,
        json!({"narrative": "x", "indicators": [{"value": "0912345678"}]}),
    )
    .await;
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage, Scope::CasesWrite]);
    let case = json!({"title": "Giả danh công an", "tip_ids": [tip]});
    officer
        .post("/v1/cases")
        .json(&case)
        .send()
        .await
        .expect(201);
    t.settle().await;
    let document = serde_json::to_value(tinbao::app::openapi()).unwrap();
    for (name, schema) in [
        ("tips", "ExportedTip"),
        ("cases", "ExportedCase"),
        ("indicators", "ExportedIndicator"),
    ] {
        let found = export(&t, &format!("/v1/exports/{name}.ndjson")).await;
        assert_eq!(found.len(), 1, "{name}");
        let mut documented: Vec<_> = document["components"]["schemas"][schema]["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        documented.sort_unstable();
        let sent = found[0].as_object().unwrap();
        assert!(sent.keys().eq(&documented), "{name}: {sent:?}");
        let csv = t
            .officer(EXCHANGE)
            .get(&format!("/v1/exports/{name}.csv"))
            .send()
            .await;
        csv.expect(200);
        let head = csv
            .text()
            .lines()
            .next()
            .unwrap()
            .trim_start_matches('\u{feff}')
            .to_owned();
        let mut head: Vec<_> = head.split(',').collect();
        head.sort_unstable();
        assert_eq!(head, documented, "{name}");
    }
}

#[actix_web::test]
async fn csv_opens_in_a_spreadsheet_without_running_anything() {
    let t = TestApp::new().await;
    post(
        &t,
        json!({"narrative": "=HYPERLINK(\"http://lua.dao\")", "raw_message": "một, \"hai\"\nba"}),
    )
    .await;
    let reply = t.officer(EXCHANGE).get("/v1/exports/tips.csv").send().await;
    reply.expect(200);
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
    assert!(reply.header("content-disposition").contains("tips.csv"));
    assert!(reply.bytes.starts_with(b"\xef\xbb\xbfid,number,"));
    let mut reader = csv::Reader::from_reader(&reply.bytes[3..]);
    let headers = reader.headers().unwrap().clone();
    let record = reader.records().next().unwrap().unwrap();
    let field = |name: &str| &record[headers.iter().position(|h| h == name).unwrap()];
    assert_eq!(field("narrative"), "'=HYPERLINK(\"http://lua.dao\")");
    assert_eq!(field("raw_message"), "một, \"hai\"\nba");
    assert_eq!(field("number"), "", "null is an empty cell");
    assert_eq!(field("anonymous"), "true");
    assert!(field("cursor").starts_with('c'));
}

#[actix_web::test]
async fn a_case_without_tips_has_lost_nothing() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::CasesWrite]);
    let case = json!({"title": "Mượn danh ngân hàng"});
    officer
        .post("/v1/cases")
        .json(&case)
        .send()
        .await
        .expect(201);
    t.settle().await;
    let cases = export(&t, "/v1/exports/cases.ndjson").await;
    assert_eq!(
        (&cases[0]["tips"], &cases[0]["losses_vnd"]),
        (&json!(0), &json!(0))
    );
}

#[actix_web::test]
async fn from_and_to_bound_the_time_and_updated_since_the_changes() {
    let t = TestApp::new().await;
    let old = post(
        &t,
        json!({"narrative": "cũ", "indicators": [{"value": "0912345678"}]}),
    )
    .await;
    t.clock.advance(std::time::Duration::from_secs(86_400));
    let new = post(
        &t,
        json!({"narrative": "mới", "indicators": [{"value": "0912345679"}]}),
    )
    .await;
    t.settle().await;
    assert_eq!(
        ids(&export(&t, "/v1/exports/tips.ndjson?from=2026-11-25T00:00:00Z").await),
        [new.as_str()]
    );
    assert_eq!(
        ids(&export(&t, "/v1/exports/tips.ndjson?to=2026-11-25T00:00:00Z").await),
        [old.as_str()]
    );
    assert!(
        export(&t, "/v1/exports/tips.ndjson?from=2027-01-01T00:00:00Z")
            .await
            .is_empty()
    );
    let position = t
        .officer(EXCHANGE)
        .get("/v1/exports/tips.ndjson")
        .send()
        .await
        .header("export-position")
        .to_owned();

    let officer = t.officer(&[
        Scope::TipsRead,
        Scope::TipsTriage,
        Scope::CasesRead,
        Scope::CasesWrite,
    ]);
    let case = json!({"title": "Mượn danh ngân hàng", "tip_ids": [old]});
    let case = officer
        .post("/v1/cases")
        .json(&case)
        .send()
        .await
        .expect(201);
    t.settle().await;
    let since = |name: &str| format!("/v1/exports/{name}.ndjson?updated_since={position}");
    let changed = export(&t, &since("tips")).await;
    assert_eq!(ids(&changed), [old.as_str()]);
    assert_eq!(changed[0]["status"], "accepted");
    assert_eq!(changed[0]["case_id"], case["id"]);
    let cases = export(&t, &since("cases")).await;
    assert_eq!(cases[0]["id"], case["id"]);
    assert_eq!(cases[0]["tip_ids"], json!([old]));
    assert!(
        export(&t, &since("indicators")).await.is_empty(),
        "nothing new is known of them"
    );
}

#[actix_web::test]
async fn the_confined_get_their_own_rows_and_other_agencies_none() {
    let t = TestApp::new().await;
    let mine = post(&t, json!({"narrative": "x", "location": {"unit_code": "03127"}, "indicators": [{"value": "0912345678"}]})).await;
    post(
        &t,
        json!({"narrative": "y", "in_danger_now": true, "indicators": [{"value": "0912345679"}]}),
    )
    .await;
    t.settle().await;
    let of = |claims: Claims<'static>, name: &'static str| {
        let bearer = t.bearer(&Claims {
            scopes: "exchange:read",
            ..claims
        });
        async move {
            lines(
                &bearer
                    .get(&format!("/v1/exports/{name}.ndjson"))
                    .send()
                    .await,
            )
        }
    };
    let units = Claims {
        units: Some(&["03127"]),
        ..Claims::default()
    };
    assert_eq!(ids(&of(units, "tips").await), [mine]);
    let indicators = of(units, "indicators").await;
    assert_eq!(indicators.len(), 1);
    assert_eq!(indicators[0]["value"], "+84912345678");
    assert_eq!(indicators[0]["tips"], 1);
    let desk = Claims {
        desk: Some("duty"),
        ..Claims::default()
    };
    assert_eq!(of(desk, "tips").await.len(), 1);
    for nobody in [
        Claims {
            agency: Some("bank_970436"),
            ..Claims::default()
        },
        Claims {
            units: Some(&[]),
            ..Claims::default()
        },
    ] {
        for name in ["tips", "cases", "indicators"] {
            assert!(of(nobody, name).await.is_empty(), "{name}");
        }
    }
}
