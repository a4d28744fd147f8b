//! The stream of an export: how it goes on after a break, ends and is recorded.

use actix_web::http::Method;
use futures_util::StreamExt;
use serde_json::json;
use tinbao::auth::Scope;

use crate::exports::{EXCHANGE, export, ids, lines, seed};
use crate::stats::post;
use crate::support::{TestApp, rows};

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
