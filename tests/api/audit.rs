//! The audit and the stream of changes.

use diesel_async::RunQueryDsl;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, TestApp};

async fn some_history(t: &TestApp) {
    for n in 0..6 {
        let body = json!({"narrative": format!("tin {n}")});
        t.citizen()
            .post("/v1/tips")
            .json(&body)
            .send()
            .await
            .expect(201);
        t.settle().await;
    }
    t.officer(&[Scope::TipsRead])
        .get("/v1/tips")
        .send()
        .await
        .expect(200);
    t.settle().await;
}

async fn verified(t: &TestApp) -> Value {
    t.officer(&[Scope::AuditRead])
        .get("/v1/audit/verify")
        .send()
        .await
        .expect(200)
}

#[actix_web::test]
async fn an_untouched_journal_is_intact_and_names_its_tail() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let found = verified(&t).await;
    assert_eq!(found["intact"], true, "{found}");
    assert_eq!(found["last_position"], 7);
    assert_eq!(found["unsealed"], 0);
    let again = verified(&t).await;
    assert_eq!(
        again["unsealed"], 1,
        "the verification itself is not sealed yet"
    );
}

#[actix_web::test]
async fn every_kind_of_tampering_is_found_and_named() {
    for (sql, position, kind) in [
        (
            "update journal set actor = 'somebody' where position = 3",
            3,
            "altered",
        ),
        (
            "update journal set data = '{\"desk\": \"duty\"}' where position = 2",
            2,
            "altered",
        ),
        (
            "update journal set at = at + interval '1 second' where position = 4",
            4,
            "altered",
        ),
        (
            "update journal set type = 'tip.read' where position = 1",
            1,
            "altered",
        ),
        (
            "update journal set is_event = not is_event where position = 5",
            5,
            "altered",
        ),
        (
            "update journal set subject_id = gen_random_uuid() where position = 2",
            2,
            "altered",
        ),
        (
            "update journal set chain = sha256('x') where position = 6",
            6,
            "altered",
        ),
        ("delete from journal where position = 3", 3, "missing"),
        ("delete from journal where position = 7", 7, "truncated"),
        (
            "delete from journal_checkpoints where position = 7",
            7,
            "checkpoint_missing",
        ),
        (
            "update journal set position = case position when 2 then -2 when 3 then 2 end where position in (2, 3)",
            0,
            "reordered",
        ),
        (
            "update journal_checkpoints set signature = signature || 'x' where position = 4",
            4,
            "checkpoint_altered",
        ),
        (
            "update journal_checkpoints set chain = sha256('x') where position = 4",
            4,
            "checkpoint_altered",
        ),
    ] {
        let t = TestApp::new().await;
        some_history(&t).await;
        let mut conn = t.running.state.db.get().await.unwrap();
        if kind == "reordered" {
            for sql in [
                "alter table journal drop constraint journal_position_positive",
                "update journal set position = -2 where position = 2",
                "update journal set position = 2 where position = 3",
                "update journal set position = 3 where position = -2",
            ] {
                diesel::sql_query(sql).execute(&mut conn).await.unwrap();
            }
            assert_eq!(verified(&t).await["intact"], false, "reordered");
            continue;
        }
        diesel::sql_query(sql).execute(&mut conn).await.unwrap();
        let found = verified(&t).await;
        assert_eq!(found["intact"], false, "{sql}");
        let named = found["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["position"] == position && f["kind"] == kind);
        assert!(named, "{sql}: {found}");
        if kind == "missing" {
            let honest = !found["findings"].to_string().contains("\"altered\"");
            assert!(honest, "the entry behind a gap is accused: {found}");
        }
    }
}

#[actix_web::test]
async fn the_audit_is_filtered_and_tells_who_read_what() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let auditor = t.named_officer("auditor", &[Scope::AuditRead]);
    let read = auditor
        .get("/v1/audit?type=tip.listed&actor=analyst")
        .send()
        .await
        .expect(200);
    assert_eq!(read["items"].as_array().unwrap().len(), 1);
    assert_eq!(read["items"][0]["data"]["ids"].as_array().unwrap().len(), 6);
    let first = auditor.get("/v1/audit?limit=2").send().await.expect(200);
    assert_eq!(first["items"][0]["position"], 7);
    auditor
        .get("/v1/audit?subject=nonsense")
        .send()
        .await
        .problem(422);
}

#[actix_web::test]
async fn changes_are_pulled_by_position_without_a_gap() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let puller = t.officer(&[Scope::ExchangeRead]);
    let mut since = 0;
    let mut seen = Vec::new();
    loop {
        let page = puller
            .get(&format!("/v1/changes?since={since}&limit=4"))
            .send()
            .await
            .expect(200);
        for event in page["items"].as_array().unwrap() {
            assert_eq!(
                (&event["specversion"], &event["type"]),
                (&json!("1.0"), &json!("tip.received"))
            );
            seen.push(event["position"].as_i64().unwrap());
        }
        since = page["position"].as_i64().unwrap();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
    let agency = t.bearer(&Claims {
        scopes: "exchange:read",
        agency: Some("border_guard"),
        ..Claims::default()
    });
    let nothing = agency.get("/v1/changes?since=0").send().await.expect(200);
    assert_eq!(nothing["items"], json!([]));
    puller.get("/v1/changes?limit=0").send().await.problem(422);
}

#[actix_web::test]
async fn live_events_resume_where_the_client_left_off() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let officer = t.officer(&[Scope::TipsRead]);
    officer
        .get("/v1/triage/events")
        .header("Last-Event-ID", "x")
        .send()
        .await
        .problem(400);
    let call = officer
        .get("/v1/triage/events")
        .header("Last-Event-ID", "4");
    let mut stream = call.stream().await;
    let mut text = String::new();
    while text.matches("\nevent: tip.received\n").count() < 2 {
        let piece = tokio::time::timeout(std::time::Duration::from_secs(5), stream.next()).await;
        text.push_str(std::str::from_utf8(&piece.unwrap().unwrap()).unwrap());
    }
    assert!(
        text.contains("id: 5\n") && text.contains("id: 6\n") && !text.contains("id: 4\n"),
        "{text}"
    );
    t.citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "mới"}))
        .send()
        .await
        .expect(201);
    t.settle().await;
    let piece = tokio::time::timeout(std::time::Duration::from_secs(5), stream.next()).await;
    let fresh = String::from_utf8(piece.unwrap().unwrap().to_vec()).unwrap();
    assert!(fresh.contains("event: tip.received"), "{fresh}");
    // Audit entries move the journal on, but are no news here.
    t.settle().await;
    let quiet = tokio::time::timeout(std::time::Duration::from_secs(1), stream.next()).await;
    assert!(quiet.is_err(), "an idle stream is silent: {quiet:?}");
    t.running.head.close();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(5), stream.next()).await;
    assert!(
        ended.unwrap().is_none(),
        "a stopping replica ends its streams"
    );
}
