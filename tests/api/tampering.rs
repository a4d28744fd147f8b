//! What an administrator of the database may do to the journal, and what the verification says of it.

use std::process::Output;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use serde_json::{Value, json};
use tinbao::auth::Scope;
use tinbao::db::embedded::{OWNER, running_url};

use crate::audit::{named, some_history, tamper, verified};
use crate::process::{open_to_postgres, start, stop, tinbao, token};
use crate::support::TestApp;

/// Two passes of the sequencer, of a hundred tips each.
async fn long_history(t: &TestApp) {
    for _ in 0..2 {
        let tips: Vec<Value> = (0..100)
            .map(|_| json!({"client_reference": uuid::Uuid::now_v7(), "tip": {"narrative": "tin"}}))
            .collect();
        let sent = t.citizen().post("/v1/tips/batch");
        sent.json(&json!({"tips": tips})).send().await.expect(200);
        t.settle().await;
    }
}

fn positions(found: &Value) -> Vec<i64> {
    let findings = found["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|f| f["position"].as_i64().unwrap())
        .collect()
}

#[actix_web::test]
async fn of_many_findings_the_first_are_named_and_the_others_counted() {
    for (change, first, moved) in [
        (
            "delete from journal where position = 60;
             update journal set position = position + 10000 where position > 60;
             update journal set position = position - 10001 where position > 10000",
            60,
            "sealed at position 62",
        ),
        (
            "update journal set position = position + 10000 where position >= 60;
             update journal set position = position - 9999 where position > 10000;
             insert into journal select 60, gen_random_uuid(), at, type, is_event, actor, client_id, agency,
                    subject_kind, subject_id, data, request_id, sha256('x') from journal where position = 59",
            60,
            "sealed at position 60",
        ),
    ] {
        let t = TestApp::new().await;
        long_history(&t).await;
        tamper(&t, change).await;
        let found = verified(&t).await;
        let at = positions(&found);
        assert_eq!((at[0], at.len()), (first, 100), "{found}");
        assert!(at.is_sorted(), "{found}");
        assert!(found["more_findings"].as_i64().unwrap() >= 38, "{found}");
        let second = found["findings"][1]["detail"].as_str().unwrap();
        assert!(second.contains(moved), "{found}");
        // Far behind what is compared with each other, too.
        let far = &found["findings"][60];
        assert_eq!(far["kind"], "reordered", "{far}");
    }
    let t = TestApp::new().await;
    long_history(&t).await;
    let change = "update journal set actor = 'nobody' where position between 1 and 150";
    tamper(&t, change).await;
    let found = verified(&t).await;
    assert_eq!(positions(&found), (1..=100).collect::<Vec<i64>>());
    assert_eq!(found["more_findings"], 50, "{found}");
}

#[actix_web::test]
async fn what_stands_beside_the_journal_tells_that_it_was_emptied_or_cut() {
    for change in [
        "truncate journal, journal_checkpoints, journal_pending; update journal_consumers set position = 0",
        "truncate journal, journal_checkpoints, journal_pending; delete from journal_consumers",
        "truncate journal, journal_checkpoints, journal_pending; delete from journal_consumers;
         delete from number_counters",
        "delete from journal where position > 3; delete from journal_checkpoints where position > 3;
         truncate journal_pending; update journal_consumers set position = 3",
        "delete from journal where position > 3; delete from journal_checkpoints where position > 3;
         truncate journal_pending; update journal_consumers set position = 3;
         update number_counters set last = 3",
    ] {
        let t = TestApp::new().await;
        some_history(&t).await;
        assert_eq!(verified(&t).await["intact"], true);
        tamper(&t, change).await;
        let found = verified(&t).await;
        let first = found["findings"][0]["position"].as_i64().unwrap_or(0);
        assert_eq!(named(&found), [format!("truncated at {first}")], "{change}: {found}");
        assert!(first == 1 || first == 4, "{found}");
    }
    // It is still known when the service has gone on behind.
    let t = TestApp::new().await;
    some_history(&t).await;
    let change =
        "truncate journal, journal_checkpoints, journal_pending; delete from journal_consumers;
                  truncate register";
    tamper(&t, change).await;
    some_history(&t).await;
    let found = verified(&t).await;
    assert_eq!(found["intact"], false, "{found}");
    let detail = found["findings"][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("12 numbers") || detail.contains("18 numbers"),
        "{detail}"
    );
}

#[actix_web::test]
async fn one_odd_row_is_named_and_blinds_nobody() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let untouched = "alter table journal alter column actor drop not null, alter column chain drop not null,
            alter column data drop not null, alter column type drop not null;
        alter table journal_checkpoints alter column signature drop not null, alter column chain drop not null;
        create table kept_journal as table journal; create table kept_checkpoints as table journal_checkpoints";
    tamper(&t, untouched).await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let everything = "update journal set actor = 'nobody' where position = 6";
    for (change, expected, unreadable) in [
        (
            "update journal set at = 'infinity' where position = 3",
            "altered at 3",
            "at",
        ),
        (
            "update journal set at = '-infinity' where position = 3",
            "altered at 3",
            "at",
        ),
        (
            "update journal set at = '290000-01-01' where position = 3",
            "altered at 3",
            "at",
        ),
        (
            "update journal set actor = null where position = 3",
            "altered at 3",
            "actor",
        ),
        (
            "update journal set data = null where position = 3",
            "altered at 3",
            "data",
        ),
        (
            "update journal set type = null where position = 3",
            "altered at 3",
            "type",
        ),
        (
            "update journal set chain = null where position = 3",
            "altered at 3",
            "",
        ),
        (
            "update journal_checkpoints set signature = null where position = 3",
            "checkpoint_altered at 3",
            "",
        ),
        (
            "update journal_checkpoints set chain = null where position = 3",
            "checkpoint_altered at 3",
            "",
        ),
        // The newest, which the service goes on behind.
        (
            "update journal set at = 'infinity' where position = 7",
            "altered at 7",
            "at",
        ),
        (
            "update journal set chain = null where position = 7",
            "altered at 7",
            "",
        ),
        (
            "update journal_checkpoints set signature = null where position = 7",
            "checkpoint_altered at 7",
            "",
        ),
        (
            "update journal_checkpoints set at = 'infinity' where position = 7",
            "checkpoint_altered at 7",
            "",
        ),
    ] {
        tamper(&t, change).await;
        let found = verified(&t).await;
        assert_eq!(named(&found), [expected], "{change}: {found}");
        // The rest is checked.
        tamper(&t, everything).await;
        let found = verified(&t).await;
        assert!(named(&found).contains(&expected.to_owned()), "{found}");
        assert!(
            named(&found).contains(&"altered at 6".to_owned()),
            "{found}"
        );

        let page = auditor.get("/v1/audit?limit=200").send().await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() >= 7, "{change}: {page}");
        let odd = items.iter().filter(|item| item.get("unreadable").is_some());
        let odd: Vec<&Value> = odd.collect();
        if unreadable.is_empty() {
            assert!(odd.is_empty(), "{change}: {page}");
        } else {
            assert_eq!(odd.len(), 1, "{change}: {page}");
            assert_eq!(odd[0]["unreadable"], json!([unreadable]), "{change}");
            assert_eq!(odd[0][unreadable], Value::Null, "{change}");
            assert!(odd[0]["id"].is_string(), "the rest of it is shown");
        }
        for filtered in [
            "/v1/audit?from=2026-11-01T00:00:00Z&to=2026-12-31T00:00:00Z",
            "/v1/audit/checkpoint",
        ] {
            auditor.get(filtered).send().await.expect(200);
        }
        // The sequencer goes on.
        t.settle().await;
        let found = verified(&t).await;
        assert!(
            found["last_position"].as_i64().unwrap() > 7,
            "{change}: {found}"
        );
        let restore = "truncate journal, journal_checkpoints;
            insert into journal table kept_journal; insert into journal_checkpoints table kept_checkpoints;
            truncate journal_pending; update journal_consumers set position = 7";
        tamper(&t, restore).await;
        assert_eq!(
            verified(&t).await["intact"],
            true,
            "restored after {change}"
        );
        tamper(&t, "truncate journal_pending").await;
    }
}

#[actix_web::test]
async fn a_checkpoint_with_another_time_than_it_was_signed_with_is_named() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let signed = auditor.get("/v1/audit/checkpoint").send().await.expect(200);
    let change =
        "update journal_checkpoints set at = at - interval '1 year' where position in (4, 7)";
    tamper(&t, change).await;
    let found = verified(&t).await;
    let expected = ["checkpoint_altered at 4", "checkpoint_altered at 7"];
    assert_eq!(named(&found), expected, "{found}");
    let shown = auditor.get("/v1/audit/checkpoint").send().await.expect(200);
    assert_eq!(shown["at"], signed["at"], "the time that was signed");
}

#[actix_web::test]
async fn entries_before_the_first_position_are_named() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let change = "alter table journal drop constraint journal_position_positive;
        insert into journal select p, gen_random_uuid(), at, type, is_event, 'evil', client_id, agency,
               subject_kind, subject_id, data, request_id, chain
        from journal, unnest(array[0, -5]) p where position = 3;
        insert into journal_checkpoints (position, at, chain, signature, number)
        select -5, at, chain, signature, 1000 from journal_checkpoints where position = 3";
    tamper(&t, change).await;
    let found = verified(&t).await;
    let expected = [
        "checkpoint_altered at -5",
        "inserted at -5",
        "inserted at 0",
    ];
    let mut got = named(&found);
    got.sort();
    assert_eq!(got, expected, "{found}");
    assert_eq!(
        (&found["first_position"], &found["entries"]),
        (&json!(-5), &json!(9)),
        "{found}"
    );
    let seen = t.officer(&[Scope::AuditRead]).get("/v1/audit?actor=evil");
    let seen = seen.send().await.expect(200);
    assert_eq!(seen["items"].as_array().unwrap().len(), 2, "{seen}");
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_commands_say_that_the_journal_was_emptied() {
    let dir = tempfile::Builder::new()
        .prefix("tinbao-emptied")
        .tempdir()
        .unwrap();
    open_to_postgres(dir.path());
    let running = start(dir.path());
    let app = token(dir.path(), "tips:submit");
    crate::rotation::send(
        &running.address,
        "POST",
        "/v1/tips",
        &app,
        &json!({"narrative": "tin"}),
    );
    let run = |arguments: &[&str]| tinbao(dir.path()).args(arguments).output().unwrap();
    let intact = run(&["audit", "verify"]);
    assert!(intact.status.success(), "{}", said(&intact));
    let doctor = said(&run(&["doctor"]));
    assert!(doctor.contains("ok   the audit reaches as far"), "{doctor}");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let url = running_url(&dir.path().join("postgres"), OWNER, "tinbao").unwrap();
        let mut owner = AsyncPgConnection::establish(&url).await.unwrap();
        let sql = "set session_replication_role = replica; begin;
            truncate journal, journal_checkpoints, journal_pending; delete from journal_consumers; commit";
        owner.batch_execute(sql).await.unwrap();
    });
    let verified = run(&["audit", "verify"]);
    assert!(!verified.status.success(), "{}", said(&verified));
    assert!(said(&verified).contains("truncated"), "{}", said(&verified));
    let doctor = said(&run(&["doctor"]));
    assert!(doctor.contains("BAD  the audit reaches as far"), "{doctor}");
    // By the tips beside it, or by a reader that noted again how far it had come.
    assert!(doctor.contains("are gone"), "{doctor}");
    stop(running);
}
