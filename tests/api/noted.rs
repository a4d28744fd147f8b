//! The checkpoint that the service notes in the evidence store: what it proves, and what happens to it.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tinbao::app::background;
use tinbao::audit::notes::Notary;
use tinbao::auth::{LocalKeys, Scope};

use crate::audit::{KEEP, RESTORE, TAMPERING, named, some_history, tamper, verified};
use crate::evidence::folder;
use crate::process;
use crate::support::{TestApp, rows};

/// Only who looked is cut off: nothing inside can tell.
const CUT: &str =
    "delete from journal where position > 6; delete from journal_checkpoints where position > 6;
    update journal_consumers set position = least(position, 6); truncate journal_pending";

async fn note(t: &TestApp) -> i64 {
    Notary::default().note(&t.running.state).await.unwrap()
}

/// What lies below a folder of notes, by name.
fn lying(folder: PathBuf) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    // A replica that runs may be writing one, or take one away meanwhile.
    let whole = entries.filter_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).ok()?;
        name.ends_with(".jws").then_some((name, text))
    });
    let mut notes: Vec<(String, String)> = whole.collect();
    notes.sort();
    notes
}

fn notes(t: &TestApp) -> Vec<(String, String)> {
    lying(folder(t).join("checkpoints"))
}

/// The position that a note vouches for.
fn vouched(jws: &str) -> i64 {
    let claims = URL_SAFE_NO_PAD
        .decode(jws.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["position"].as_i64().unwrap()
}

async fn newest(t: &TestApp) -> (i64, String) {
    let sql = "select position || ' ' || signature as cell from journal_checkpoints order by position desc limit 1";
    let row = rows(t, sql).await.remove(0);
    let (position, signature) = row.split_once(' ').unwrap();
    (position.parse().unwrap(), signature.to_owned())
}

#[actix_web::test]
async fn a_tail_cut_off_with_its_checkpoints_is_missed_and_stays_so() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let before = verified(&t).await;
    assert_eq!(
        before["noted"],
        json!({"status": "none", "position": null, "at": null})
    );
    tamper(&t, "truncate journal_pending").await;
    assert_eq!(note(&t).await, 7);
    let (position, signature) = newest(&t).await;
    assert_eq!(
        (position, &notes(&t)[0].1),
        (7, &signature),
        "the newest, as it was signed"
    );
    let found = verified(&t).await;
    assert_eq!(found["intact"], true, "{found}");
    assert_eq!(
        (&found["noted"]["status"], &found["noted"]["position"]),
        (&json!("agrees"), &json!(7)),
        "{found}"
    );
    assert!(
        found["noted"]["at"]
            .as_str()
            .unwrap()
            .starts_with("2026-11-24T"),
        "{found}"
    );

    tamper(&t, CUT).await;
    let found = verified(&t).await;
    assert_eq!(named(&found), ["truncated at 7"], "{found}");
    assert_eq!(found["intact"], false);
    assert_eq!(found["noted"]["status"], "contradicted", "{found}");
    let detail = found["findings"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("Entries 7 to 7 are gone"), "{detail}");
    // Of a part, too.
    let auditor = t.officer(&[Scope::AuditRead]);
    let part = auditor.get("/v1/audit/verify?from_position=2&to_position=3");
    assert_eq!(named(&part.send().await.expect(200)), ["truncated at 7"]);
    // The service goes on, and notes what comes: what the first note vouches for is missed all the same.
    for _ in 0..3 {
        t.submit(&json!({"narrative": "sau"})).await;
        t.settle().await;
        note(&t).await;
        let found = verified(&t).await;
        assert_eq!(named(&found), ["forged at 7"], "{found}");
    }
    let lying = notes(&t);
    assert_eq!(
        lying.len(),
        2,
        "the one that is contradicted, and the newest: {lying:?}"
    );
    assert_eq!(lying[0].1, signature);
    assert_eq!(lying[1].1, newest(&t).await.1);
    // A checkpoint that was kept is compared as before.
    let kept = auditor.get(&format!("/v1/audit/verify?checkpoint={}", lying[1].1));
    assert_eq!(named(&kept.send().await.expect(200)), ["forged at 7"]);
    let kept = auditor.get(&format!("/v1/audit/verify?checkpoint={signature}"));
    assert_eq!(
        named(&kept.send().await.expect(200)),
        ["forged at 7", "forged at 7"]
    );
}

#[actix_web::test]
async fn beside_a_note_every_kind_of_tampering_is_named_as_without() {
    let t = TestApp::new().await;
    some_history(&t).await;
    note(&t).await;
    tamper(&t, KEEP).await;
    for (sql, expected) in TAMPERING {
        tamper(&t, sql).await;
        let found = verified(&t).await;
        let named = named(&found);
        for wanted in *expected {
            assert!(named.contains(&(*wanted).to_owned()), "{sql}: {found}");
        }
        assert_eq!(found["intact"], false);
        tamper(&t, RESTORE).await;
        let found = verified(&t).await;
        assert_eq!(found["intact"], true, "restored after {sql}: {found}");
        tamper(&t, "truncate journal_pending").await;
    }
}

#[actix_web::test]
async fn of_several_replicas_none_puts_an_older_note_in_the_place_of_a_newer() {
    let t = TestApp::new().await;
    let other = t.replica().await;
    t.submit(&json!({"narrative": "một"})).await;
    t.settle().await;
    note(&t).await;
    let (name, older) = notes(&t).remove(0);
    some_history(&t).await;
    let last = note(&other).await;
    assert_eq!(vouched(&notes(&t)[0].1), last);
    // One that was held up writes its note only now.
    let late = &other.running.state.storage;
    late.note_checkpoint(&name, &older).await.unwrap();
    let found = verified(&t).await;
    assert_eq!(found["noted"]["position"], last, "{found}");
    assert_eq!(found["intact"], true, "{found}");
    // Both at once, while the journal grows.
    for _ in 0..5 {
        t.submit(&json!({"narrative": "hai"})).await;
        t.settle().await;
        futures_util::future::join(note(&t), note(&other)).await;
    }
    note(&t).await;
    let lying = notes(&t);
    assert_eq!(lying.len(), 1, "what was replaced is gone: {lying:?}");
    assert_eq!(vouched(&lying[0].1), newest(&t).await.0);
}

#[actix_web::test]
async fn what_somebody_else_wrote_among_the_notes_is_named_and_hides_none() {
    let t = TestApp::new().await;
    some_history(&t).await;
    note(&t).await;
    let folder = folder(&t).join("checkpoints");
    let of_another = LocalKeys::generate().unwrap();
    let claims = json!({"number": 9, "from": 9, "position": 9, "before": "", "chain": "",
        "at": "2026-11-24T01:20:00Z"});
    let forged = of_another
        .sign_jws(&claims, "journal-checkpoint+jwt")
        .unwrap();
    for (name, text) in [
        ("00000000000000000009-ab.jws", forged.as_str()),
        ("00000000000000000009-ab.jws", "nonsense"),
        ("00000000000000000009-ab.jws", &"x".repeat(100_000)),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
        let found = verified(&t).await;
        assert_eq!(named(&found), ["checkpoint_altered at 9"], "{found}");
        assert_eq!(found["noted"]["position"], 7, "{found}");
        note(&t).await;
        assert!(folder.join(name).exists(), "it stays to be looked at");
        tamper(&t, "truncate journal_pending").await;
    }
    tamper(&t, CUT).await;
    let found = verified(&t).await;
    assert_eq!(
        named(&found),
        ["truncated at 7", "checkpoint_altered at 9"],
        "{found}"
    );
}

#[actix_web::test]
async fn while_the_store_is_away_everything_goes_on_and_the_note_is_made_up_for() {
    let t = TestApp::new().await;
    let place = tempfile::tempdir().unwrap();
    let store = place.path().join("store");
    let setting = format!("file://{}", store.display());
    let other = t.replica_with(&[("TINBAO_STORAGE", &setting)]).await;
    std::fs::remove_dir(&store).unwrap();
    std::fs::write(&store, "no folder").unwrap();
    some_history(&t).await;
    let failed = Notary::default().note(&other.running.state).await;
    assert!(failed.is_err(), "{failed:?}");
    let found = verified(&other).await;
    assert_eq!(found["intact"], true, "{found}");
    assert_eq!(found["noted"]["status"], "unavailable", "{found}");

    let background = background::start(other.running.clone());
    let before = newest(&t).await.0;
    other.submit(&json!({"narrative": "một"})).await;
    let mut waited = 0;
    while newest(&t).await.0 == before {
        waited += 1;
        assert!(waited < 500, "the journal goes on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // As soon as it is there again, and at the stop at the latest.
    std::fs::remove_file(&store).unwrap();
    std::fs::create_dir(&store).unwrap();
    background.stop().await;
    let lying = lying(store.join("checkpoints"));
    assert_eq!(lying.len(), 1, "{lying:?}");
    assert_eq!(lying[0].1, newest(&t).await.1);
}

#[actix_web::test]
async fn a_replica_notes_by_itself_within_seconds() {
    let t = TestApp::new().await;
    let background = background::start(t.running.clone());
    t.submit(&json!({"narrative": "một"})).await;
    let mut waited = 0;
    while notes(&t).is_empty() {
        waited += 1;
        assert!(waited < 1_000, "10 s are promised");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    background.stop().await;
    assert_eq!(vouched(&notes(&t).last().unwrap().1), newest(&t).await.0);
}

#[test]
fn a_server_that_is_told_to_stop_notes_how_far_its_journal_came() {
    let dir = tempfile::Builder::new()
        .prefix("tinbao-noted")
        .tempdir()
        .unwrap();
    process::open_to_postgres(dir.path());
    let running = process::start(dir.path());
    let app = process::token(dir.path(), "tips:submit");
    let tip = json!({"narrative": "tin"});
    crate::rotation::send(&running.address, "POST", "/v1/tips", &app, &tip);
    process::stop(running);
    let lying = lying(dir.path().join("evidence/checkpoints"));
    assert_eq!(lying.len(), 1, "{lying:?}");
    assert!(vouched(&lying[0].1) >= 1);
}
