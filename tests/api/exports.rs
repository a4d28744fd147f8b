//! Bulk exports: whole, confined, resumable, recorded.

use actix_web::http::Method;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Reply, TestApp, rows};

const EXCHANGE: &[Scope] = &[Scope::ExchangeRead];

async fn post(t: &TestApp, body: Value) -> String {
    let answer = t.citizen().post("/v1/tips").json(&body).send().await;
    answer.expect(201)["id"].as_str().unwrap().to_owned()
}

fn lines(reply: &Reply) -> Vec<Value> {
    reply.expect(200);
    let text = reply.text();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn export(t: &TestApp, path: &str) -> Vec<Value> {
    lines(&t.officer(EXCHANGE).get(path).send().await)
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// Numbered tips, as many as asked for, straight into the tables.
async fn seed(t: &TestApp, tips: usize) {
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
async fn a_broken_export_goes_on_behind_the_last_whole_row_and_misses_nothing() {
    let t = TestApp::new().await;
    seed(&t, 4_500).await;
    let officer = t.officer(EXCHANGE);
    let whole = export(&t, "/v1/exports/tips.ndjson").await;
    assert_eq!(whole.len(), 4_500, "pages join without a seam");
    assert!(ids(&whole).is_sorted());
    for cut in [0, 1_998, 1_999, 2_000, 4_498] {
        let cursor = whole[cut]["cursor"].as_str().unwrap();
        let rest = export(&t, &format!("/v1/exports/tips.ndjson?cursor={cursor}")).await;
        assert_eq!(ids(&rest), ids(&whole[cut + 1..]), "{cut}");
    }
    let last = whole[4_499]["cursor"].as_str().unwrap();
    assert!(
        export(&t, &format!("/v1/exports/tips.ndjson?cursor={last}"))
            .await
            .is_empty()
    );

    // What came after the export began is for the next one, also where the export was taken up again.
    let first = officer.get("/v1/exports/tips.ndjson").send().await;
    let position = first.header("export-position").to_owned();
    let new = post(&t, json!({"narrative": "mới"})).await;
    t.settle().await;
    let cursor = whole[4_000]["cursor"].as_str().unwrap();
    let resumed = officer
        .get(&format!("/v1/exports/tips.ndjson?cursor={cursor}"))
        .send()
        .await;
    assert_eq!(resumed.header("export-position"), position);
    assert_eq!(lines(&resumed).len(), 499);
    let delta = export(
        &t,
        &format!("/v1/exports/tips.ndjson?updated_since={position}"),
    )
    .await;
    assert_eq!(ids(&delta), [new]);
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
async fn a_cursor_is_for_its_own_export_and_filters_only() {
    let t = TestApp::new().await;
    post(&t, json!({"narrative": "một"})).await;
    let found = export(&t, "/v1/exports/tips.ndjson").await;
    let cursor = found[0]["cursor"].as_str().unwrap().to_owned();
    let officer = t.officer(EXCHANGE);
    for path in [
        format!("/v1/exports/cases.ndjson?cursor={cursor}"),
        format!("/v1/exports/tips.csv?cursor={cursor}"),
        format!("/v1/exports/tips.ndjson?cursor={cursor}&from=2026-11-01T00:00:00Z"),
        format!(
            "/v1/exports/tips.ndjson?cursor={}x",
            &cursor[..cursor.len() - 1]
        ),
        "/v1/exports/tips.ndjson?cursor=".to_owned(),
        "/v1/exports/tips.ndjson?cursor=c".to_owned(),
    ] {
        let problem = officer.get(&path).send().await.problem(400);
        assert_eq!(problem["code"], "invalid_cursor", "{path}");
    }
    for (query, parameter) in [
        ("from=yesterday", "from"),
        ("from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", "from"),
        ("updated_since=-1", "updated_since"),
        ("updated_since=soon", "updated_since"),
        ("limit=5", "limit"),
    ] {
        let problem = officer
            .get(&format!("/v1/exports/tips.csv?{query}"))
            .send()
            .await
            .problem(422);
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}");
    }
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

#[actix_web::test]
async fn an_export_is_recorded_when_it_begins_and_when_it_ends() {
    let t = TestApp::new().await;
    seed(&t, 3).await;
    export(&t, "/v1/exports/tips.ndjson?from=2026-01-01T00:00:00Z").await;
    let audit = async |kind: &str| {
        t.settle().await;
        let path = format!("/v1/audit?type={kind}");
        let page = t
            .officer(&[Scope::AuditRead])
            .get(&path)
            .send()
            .await
            .expect(200);
        page["items"].as_array().unwrap().clone()
    };
    let begun = audit("export.read").await;
    assert_eq!(begun[0]["data"]["export"], "tips");
    assert_eq!(begun[0]["data"]["from"], "2026-01-01T00:00:00Z");
    let mut ended = audit("export.ended").await;
    for _ in 0..50 {
        if !ended.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        ended = audit("export.ended").await;
    }
    assert_eq!(ended[0]["data"]["rows"], 3);
    assert_eq!(ended[0]["data"]["complete"], true);
}

#[actix_web::test]
async fn a_client_that_leaves_ends_its_export_and_frees_the_connection() {
    let t = TestApp::new().await;
    seed(&t, 60_000).await;
    let mut body = t
        .officer(EXCHANGE)
        .get("/v1/exports/tips.ndjson")
        .stream()
        .await;
    assert!(!body.next().await.unwrap().is_empty());
    let open = "select count(*)::text as cell from pg_stat_activity
                where application_name = 'tinbao export' and datname = current_database()";
    assert_eq!(rows(&t, open).await, ["1"]);
    drop(body);
    for _ in 0..100 {
        if rows(&t, open).await == ["0"] {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(rows(&t, open).await, ["0"]);
    t.settle().await;
    let path = "/v1/audit?type=export.ended";
    let audit = t
        .officer(&[Scope::AuditRead])
        .get(path)
        .send()
        .await
        .expect(200);
    assert_eq!(audit["items"][0]["data"]["complete"], false, "{audit}");
    assert!(audit["items"][0]["data"]["rows"].as_i64().unwrap() < 60_000);
}

#[actix_web::test]
async fn a_request_for_the_head_alone_starts_no_stream_that_stays() {
    let t = TestApp::new().await;
    seed(&t, 10).await;
    let reply = t
        .officer(EXCHANGE)
        .call(Method::HEAD, "/v1/exports/tips.csv")
        .send()
        .await;
    assert_eq!(reply.status.as_u16(), 200);
}
