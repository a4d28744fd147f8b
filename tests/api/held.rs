//! What the database itself refuses while a case is held, to the service's own role and to the owner of the tables.

use std::time::Duration;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::cases::{ALL, open, path};
use crate::evidence::{file, upload};
use crate::support::{TestApp, rows};

/// What would destroy something of the held tip `$tip`.
const DESTROYING: &[&str] = &[
    "delete from tips where id = '$tip'",
    "delete from tips",
    "delete from submissions where tip_id = '$tip'",
    "update submissions set sealed = null, wrapped_key = null where tip_id = '$tip'",
    "update submissions set sealed = '\\x00' where tip_id = '$tip'",
    "delete from attachments where tip_id = '$tip'",
    "delete from reporter_identities where tip_id = '$tip'",
    // Tables of the same name that the triggers must not take for the right ones.
    "create temporary table case_holds (case_id uuid); create temporary table case_members (case_id uuid, tip_id uuid);
     delete from public.tips where id = '$tip'",
];

struct Held {
    tip: String,
    receipt: String,
    case: Value,
}

/// A tip with its reporter and a file in a case.
async fn in_case(t: &TestApp) -> Held {
    let body = json!({"narrative": "Lừa đảo", "reporter": {"name": "Người Báo Tin"}, "attachments_announced": 1});
    let sent = t.submit(&body).await;
    let text = |name: &str| sent[name].as_str().unwrap().to_owned();
    let (tip, receipt) = (text("id"), text("receipt"));
    upload(t, &receipt, file(b"tin nhan")).await.expect(201);
    let case = open(&t.officer(ALL), std::slice::from_ref(&tip)).await;
    t.settle().await;
    Held { tip, receipt, case }
}

async fn hold(t: &TestApp, case: &Value) {
    let call = t.officer(ALL).put(&path(case, "/hold"));
    let why = json!({"reason": "Viện kiểm sát yêu cầu."});
    call.json(&why).send().await.expect(200);
}

async fn lift(t: &TestApp, case: &Value) {
    let ask = t.officer(ALL).delete(&path(case, "/hold"));
    ask.send().await.expect(202);
    let second = t.named_officer("admin-2", &[Scope::Admin]);
    let agreed = second.post(&path(case, "/hold/approve")).send().await;
    assert_eq!(agreed.expect(200)["hold"], Value::Null);
}

async fn refusal(conn: &mut AsyncPgConnection, sql: &str) -> String {
    let done = conn.batch_execute(sql).await;
    let said = match done {
        Ok(()) => panic!("it is allowed: {sql}"),
        Err(error) => error.to_string(),
    };
    // One that began its own transaction is left in it.
    conn.batch_execute("rollback").await.unwrap();
    said
}

async fn count(t: &TestApp, what: &str) -> String {
    let sql = format!("select count(*)::text as cell from {what}");
    rows(t, &sql).await.remove(0)
}

#[actix_web::test]
async fn nothing_of_a_held_case_is_deleted_whoever_asks_the_database() {
    let t = TestApp::new().await;
    let held = in_case(&t).await;
    let destroying: Vec<String> = DESTROYING
        .iter()
        .map(|sql| sql.replace("$tip", &held.tip))
        .collect();
    let mut service = t.running.state.db.dedicated().await.unwrap();
    let mut owner = t.owner().await;
    hold(&t, &held.case).await;
    for sql in &destroying {
        for conn in [&mut service, &mut owner] {
            let said = refusal(conn, sql).await;
            assert!(
                said.starts_with("a case of the tip is held"),
                "{sql}: {said}"
            );
        }
    }
    // Nor is it taken out of the case's record first, so that nothing would hold it.
    let other = open(&t.officer(ALL), &[]).await;
    let elsewhere = format!(
        "update case_members set case_id = '{}'",
        other["id"].as_str().unwrap()
    );
    for sql in ["delete from case_members", &elsewhere] {
        let said = refusal(&mut owner, sql).await;
        assert!(
            said.starts_with("a case of the tip is held"),
            "{sql}: {said}"
        );
        let said = refusal(&mut service, sql).await;
        assert!(said.starts_with("permission denied"), "{sql}: {said}");
    }
    for table in [
        "tips",
        "submissions",
        "attachments",
        "reporter_identities",
        "case_members",
        "case_holds",
    ] {
        let said = refusal(&mut owner, &format!("truncate {table} cascade")).await;
        assert!(
            said.starts_with("a case is held: truncate"),
            "{table}: {said}"
        );
    }
    // What has to go on goes on: keys are rotated, memberships end and begin anew.
    let rotated = "begin; update submissions set key_id = 'k9', wrapped_key = '\\x01'; rollback";
    service.batch_execute(rotated).await.unwrap();
    let out = t.officer(ALL).delete(&path(&held.case, "/tips"));
    out.json(&json!({"tip_ids": [held.tip]}))
        .send()
        .await
        .expect(200);
    for sql in &destroying {
        let said = refusal(&mut service, sql).await;
        assert!(
            said.starts_with("a case of the tip is held"),
            "once out of it, {sql}: {said}"
        );
    }
    // It was the hold alone.
    lift(&t, &held.case).await;
    let emptied = "begin; truncate submissions, case_holds; rollback";
    owner.batch_execute(emptied).await.unwrap();
    for sql in &destroying[..7] {
        let tried = format!("begin; {sql}; rollback");
        service.batch_execute(&tried).await.unwrap();
    }
    let erase = t.anyone().delete("/v1/receipt/reporter");
    let erase = erase.header("Tip-Receipt", &held.receipt);
    erase.send().await.expect(204);
    assert_eq!(count(&t, "reporter_identities").await, "0");
}

#[actix_web::test]
async fn a_hold_ends_in_the_database_only_with_the_entry_that_names_two() {
    let t = TestApp::new().await;
    let held = in_case(&t).await;
    hold(&t, &held.case).await;
    let case = held.case["id"].as_str().unwrap();
    let other = open(&t.officer(ALL), &[]).await;
    let given = format!(
        "update case_holds set case_id = '{}'",
        other["id"].as_str().unwrap()
    );
    let asked = "update case_holds set lift_requested_by = 'analyst', lift_requested_at = now()";
    let entry = |actor: &str| {
        format!(
            "insert into journal_pending (id, at, type, is_event, actor, client_id, subject_kind, subject_id, data, request_id)
             values (gen_random_uuid(), now(), 'case.moved', true, '{actor}', 'x', 'case', '{case}',
                     '{{\"change\": \"hold_lifted\", \"requested_by\": \"analyst\"}}', 'x')"
        )
    };
    let mut service = t.running.state.db.dedicated().await.unwrap();
    let mut owner = t.owner().await;
    let unasked = "only once somebody asked for it";
    let alone = "says who else agreed";
    for (sql, why) in [
        ("delete from case_holds".to_owned(), unasked),
        (given, unasked),
        (
            format!("begin; {asked}; delete from case_holds; commit"),
            alone,
        ),
        (
            format!(
                "begin; {asked}; {}; delete from case_holds; commit",
                entry("analyst")
            ),
            alone,
        ),
        (
            format!(
                "begin; {asked}; delete from case_holds; set constraints all immediate; commit"
            ),
            alone,
        ),
    ] {
        for conn in [&mut service, &mut owner] {
            let said = refusal(conn, &sql).await;
            assert!(said.contains(why), "{sql}: {said}");
        }
    }
    let seen = t.officer(ALL).get(&path(&held.case, "")).send().await;
    assert_eq!(seen.expect(200)["hold"]["lift_requested_by"], Value::Null);
    // Whoever forges the entry as well gets past, and stands in the audit, which the role cannot rewrite.
    let forged = format!(
        "begin; {asked}; {}; delete from case_holds; commit",
        entry("somebody")
    );
    service.batch_execute(&forged).await.unwrap();
    t.settle().await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let entries = auditor.get(&format!("/v1/audit?subject={case}&actor=somebody"));
    let entries = entries.send().await.expect(200);
    assert_eq!(
        entries["items"][0]["data"]["change"], "hold_lifted",
        "{entries}"
    );
}

#[actix_web::test]
async fn an_erasure_that_a_hold_overtakes_is_refused_as_any_other() {
    let t = TestApp::new().await;
    let held = in_case(&t).await;
    let out = t.officer(ALL).delete(&path(&held.case, "/tips"));
    out.json(&json!({"tip_ids": [held.tip]}))
        .send()
        .await
        .expect(200);
    // It has looked, found no hold, and waits.
    let mut owner = t.owner().await;
    let stop = "begin; select 1 from reporter_identities for update";
    owner.batch_execute(stop).await.unwrap();
    let erase = async {
        let call = t.anyone().delete("/v1/receipt/reporter");
        call.header("Tip-Receipt", &held.receipt).send().await
    };
    let overtake = async {
        let waiting =
            "pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
        for _ in 0..500 {
            if count(&t, waiting).await != "0" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_ne!(count(&t, waiting).await, "0", "it waits");
        hold(&t, &held.case).await;
        owner.batch_execute("rollback").await.unwrap();
    };
    let (erased, ()) = futures_util::future::join(erase, overtake).await;
    let refused = erased.problem(409);
    assert_eq!(refused["code"], "retained_by_law", "{refused}");
    assert_eq!(count(&t, "reporter_identities").await, "1");
    assert_eq!(count(&t, "submissions where sealed is not null").await, "1");
}
