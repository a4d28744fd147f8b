//! Evidence that somebody damages, in the store or in the database: it is told, noted and never papered over.

use chrono::Duration;
use serde_json::{Value, json};
use tinbao::auth::Scope;
use tinbao::evidence;
use uuid::Uuid;

use crate::evidence::{OFFICER, file, folder, jpeg, tip, upload};
use crate::process::{open_to_postgres, start, stop, tinbao, token};
use crate::rotation::send;
use crate::support::{TestApp, objects, rows};

/// What an operator with all rights does to the database.
async fn done(t: &TestApp, sql: &str) {
    let mut owner = t.owner().await;
    let query = diesel::sql_query(sql);
    diesel_async::RunQueryDsl::execute(query, &mut owner)
        .await
        .unwrap();
}

/// A tip with a picture: paths of both, and the picture's id.
async fn with_picture(t: &TestApp) -> (String, String, String) {
    let (id, receipt) = tip(t).await;
    let sent = upload(t, &receipt, file(&jpeg())).await.expect(201);
    let picture = sent["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/tips/{id}");
    (
        path.clone(),
        format!("{path}/attachments/{picture}"),
        picture,
    )
}

async fn certificate(t: &TestApp, path: &str) -> Value {
    let path = format!("{path}/certificate");
    let certificate = t.officer(OFFICER).get(&path).send().await.expect(200);
    let signature = certificate["signature"].as_str().unwrap();
    let signed = t
        .signer
        .verify_jws(signature, "evidence-certificate+jwt")
        .unwrap();
    assert_eq!(signed["custody_intact"], certificate["custody_intact"]);
    assert_eq!(signed["sha256_attested"], certificate["sha256_attested"]);
    certificate
}

#[actix_web::test]
async fn a_file_that_is_altered_or_lost_is_told_and_noted_once() {
    let t = TestApp::new().await;
    let (tip, path, picture) = with_picture(&t).await;
    let revealer = t.officer(&[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal]);
    let claim = revealer.put(&format!("{tip}/claim"));
    claim.send().await.expect(200);
    let why = json!({"purpose": "Giám định ảnh"});
    let object = folder(&t).join(&picture);
    let mut altered = std::fs::read(&object).unwrap();
    altered[100] ^= 1;
    std::fs::write(&object, altered).unwrap();
    for code in ["evidence_altered", "evidence_missing"] {
        for _ in 0..2 {
            let problem = t.officer(OFFICER).get(&path).send().await.problem(409);
            assert_eq!(problem["code"], code);
            let reveal = revealer.post(&format!("{path}/reveal")).json(&why);
            assert_eq!(reveal.send().await.problem(409)["code"], code);
        }
        if object.exists() {
            std::fs::remove_file(&object).unwrap();
        }
    }
    let certificate = certificate(&t, &path).await;
    assert_eq!(certificate["intact"], false);
    assert_eq!(certificate["stored_sha256"], Value::Null);
    assert_eq!(certificate["sha256_attested"], true);
    assert_eq!(certificate["custody_intact"], true, "{certificate}");
    t.settle().await;
    let sql = "select data ->> 'act' as cell from journal where type = 'attachment.damaged' order by position";
    assert_eq!(rows(&t, sql).await, ["found_altered", "found_missing"]);
    let state = &t.running.state;
    let mut conn = state.db.get().await.unwrap();
    let damaged = evidence::damaged(&mut conn, &state.storage, &state.keys.identity);
    assert_eq!(damaged.await.unwrap().len(), 1, "for the doctor");
    let problems = t.anyone().get("/problems").send().await.text();
    for code in ["evidence_altered", "evidence_missing", "sealed_unreadable"] {
        assert!(problems.contains(code), "{code}");
    }
}

#[actix_web::test]
async fn the_doctor_looks_whether_the_newest_files_are_in_the_store() {
    let t = TestApp::new().await;
    let (_, _, gone) = with_picture(&t).await;
    with_picture(&t).await;
    let state = &t.running.state;
    let mut conn = state.db.get().await.unwrap();
    let found = evidence::missing(&mut conn, &state.storage).await.unwrap();
    assert_eq!(found, (0, 2));
    let gone: Uuid = gone.parse().unwrap();
    state.storage.delete(gone).await.unwrap();
    let found = evidence::missing(&mut conn, &state.storage).await.unwrap();
    assert_eq!(found, (1, 2), "before anybody opens it");
}

#[actix_web::test]
async fn a_certificate_says_which_hash_is_the_one_that_came() {
    let t = TestApp::new().await;
    let (_, path, _) = with_picture(&t).await;
    let whole = certificate(&t, &path).await;
    assert_eq!(whole["intact"], true);
    assert_eq!(whole["sha256_attested"], true);
    assert_eq!(whole["stored_sha256"], whole["sha256"]);
    done(
        &t,
        "update attachments set sha256 = decode(repeat('ab', 32), 'hex')",
    )
    .await;
    let altered = certificate(&t, &path).await;
    assert_eq!(altered["intact"], false);
    assert_eq!(altered["sha256"], "ab".repeat(32));
    assert_eq!(altered["sha256_attested"], false, "the row is wrong");
    assert_eq!(altered["stored_sha256"], whole["sha256"]);
    assert_eq!(altered["stored_sha256_attested"], true, "and not the file");
    let sql = "select data ->> 'commitment' as cell from journal_pending
               where data ->> 'change' = 'attachment_added'
               union all select data ->> 'commitment' from journal
               where data ->> 'change' = 'attachment_added'";
    let kept = rows(&t, sql).await;
    let hash = whole["sha256"].as_str().unwrap();
    assert!(kept.len() == 1 && kept[0].len() == 64 && kept[0] != hash);
}

#[actix_web::test]
async fn a_log_of_custody_that_was_rewritten_is_not_certified_as_whole() {
    let t = TestApp::new().await;
    let (_, path, picture) = with_picture(&t).await;
    let downloaded = t.officer(OFFICER).get(&path).send().await;
    assert_eq!(downloaded.status.as_u16(), 200);
    let whole = certificate(&t, &path).await;
    assert_eq!(whole["custody_intact"], true);
    assert_eq!(whole["custody_differences"], json!([]));
    // The same once its entries have their numbers.
    t.settle().await;
    assert_eq!(certificate(&t, &path).await["custody_intact"], true);

    done(
        &t,
        "update attachment_custody set actor = 'evil' where act = 'downloaded'",
    )
    .await;
    let found = certificate(&t, &path).await;
    assert_eq!(found["custody_intact"], false);
    let differences = |certificate: &Value| {
        let list = certificate["custody_differences"].as_array().unwrap();
        let mut list: Vec<_> = list
            .iter()
            .map(|one| {
                let text = |name: &str| one[name].as_str().unwrap().to_owned();
                (text("missing_in"), text("act"), text("actor"))
            })
            .collect();
        list.sort();
        list
    };
    let says =
        |place: &str, act: &str, actor: &str| (place.to_owned(), act.to_owned(), actor.to_owned());
    let rewritten = [
        says("custody", "downloaded", "analyst"),
        says("journal", "downloaded", "evil"),
    ];
    assert_eq!(differences(&found), rewritten);

    done(
        &t,
        "update attachment_custody set actor = 'analyst' where act = 'downloaded'",
    )
    .await;
    assert_eq!(certificate(&t, &path).await["custody_intact"], true);
    done(
        &t,
        "update attachment_custody set at = at - interval '1 day' where act = 'received'",
    )
    .await;
    assert_eq!(differences(&certificate(&t, &path).await).len(), 2);
    done(
        &t,
        "update attachment_custody set at = at + interval '1 day' where act = 'received'",
    )
    .await;
    done(
        &t,
        "delete from attachment_custody where act = 'downloaded'",
    )
    .await;
    let added = format!(
        "insert into attachment_custody values
             (gen_random_uuid(), '{picture}', now(), 'original_revealed', 'planted', '')"
    );
    done(&t, &added).await;
    let found = differences(&certificate(&t, &path).await);
    let planted = [
        says("custody", "downloaded", "analyst"),
        says("journal", "original_revealed", "planted"),
    ];
    assert_eq!(found, planted);
}

#[actix_web::test]
async fn a_reveal_is_the_same_in_both() {
    let t = TestApp::new().await;
    let (tip, path, _) = with_picture(&t).await;
    let revealer = t.officer(&[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal]);
    let claim = revealer.put(&format!("{tip}/claim"));
    claim.send().await.expect(200);
    let reveal = revealer.post(&format!("{path}/reveal"));
    let shown = reveal
        .json(&json!({"purpose": "Giám định ảnh"}))
        .send()
        .await;
    assert_eq!(shown.status.as_u16(), 200);
    let certificate = certificate(&t, &path).await;
    assert_eq!(certificate["custody_intact"], true, "{certificate}");
    assert_eq!(certificate["custody"].as_array().unwrap().len(), 3);
}

#[actix_web::test]
async fn files_that_came_after_the_backup_outlive_the_sweep() {
    let t = TestApp::new().await;
    let (_, receipt) = tip(&t).await;
    upload(&t, &receipt, file(b"before")).await.expect(201);
    let later = upload(&t, &receipt, file(b"behind")).await.expect(201);
    // As after a restore: rows that came later are gone, and all the objects are there.
    let id = later["id"].as_str().unwrap();
    done(&t, &format!("delete from attachments where id = '{id}'")).await;
    done(
        &t,
        &format!("delete from evidence_objects where id = '{id}'"),
    )
    .await;
    let state = &t.running.state;
    let mut conn = state.db.get().await.unwrap();
    let days = t.clock.now().max(chrono::Utc::now()) + Duration::days(3);
    assert_eq!(evidence::sweep(&mut conn, state, days).await.unwrap(), 0);
    assert_eq!(objects(&t).await.len(), 2);
    let unknown = evidence::unknown(&mut conn, &state.storage, days);
    assert_eq!(unknown.await.unwrap(), 1);
    // What the purge of a tip left goes by itself, and is forgotten.
    done(&t, "delete from attachments").await;
    assert_eq!(evidence::sweep(&mut conn, state, days).await.unwrap(), 1);
    let left = rows(&t, "select id::text as cell from evidence_objects").await;
    assert!(left.is_empty());
    assert_eq!(objects(&t).await, [Uuid::parse_str(id).unwrap()]);
    let deleted = evidence::delete_unknown(&mut conn, &state.storage, days);
    assert_eq!(deleted.await.unwrap(), 1);
    assert!(objects(&t).await.is_empty());
}

#[test]
fn the_doctor_tells_what_an_older_database_does_not_know_of_its_store() {
    let dir = tempfile::Builder::new()
        .prefix("tinbao-unknown")
        .tempdir()
        .unwrap();
    open_to_postgres(dir.path());
    let running = start(dir.path());
    let old = uuid::Timestamp::from_unix(uuid::NoContext, 1_700_000_000, 0);
    let object = dir
        .path()
        .join("evidence")
        .join(Uuid::new_v7(old).to_string());
    std::fs::write(&object, b"of another time").unwrap();
    let run = |arguments: &[&str]| {
        let output = tinbao(dir.path()).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    // A backup that knows nothing of an erasure.
    let app = token(dir.path(), "tips:submit");
    let tip = json!({"narrative": "x", "reporter": {"name": "Người Báo Tin"}});
    let sent = send(&running.address, "POST", "/v1/tips", &app, &tip);
    let id = sent["id"].as_str().unwrap();
    let note = json!({"tip": id, "at": chrono::Utc::now(), "whole": false});
    // As a version before named it.
    let noted = dir.path().join("evidence").join(format!("erased-{id}"));
    std::fs::write(noted, note.to_string()).unwrap();
    let bad = "BAD  1 objects of evidence were never known to this database";
    let said = run(&["doctor"]);
    assert!(said.contains(bad), "{said}");
    let bad = "BAD  1 erasures are not known to this database";
    assert!(said.contains(bad), "{said}");
    let said = run(&["purge", "--dry-run", "--unknown-evidence"]);
    assert!(said.contains("never known: 1"), "{said}");
    let said = run(&["purge"]);
    assert!(said.contains("1 of them carried out again"), "{said}");
    assert!(object.exists());
    assert!(!run(&["doctor"]).contains("erasures"));
    let said = run(&["purge", "--unknown-evidence"]);
    assert!(said.contains("1 of them deleted"), "{said}");
    assert!(!object.exists());
    assert!(!run(&["doctor"]).contains("never known"));
    stop(running);
}

#[actix_web::test]
async fn to_certify_is_custody_too_and_so_is_a_look_without_the_bytes() {
    let t = TestApp::new().await;
    let (_, path, _) = with_picture(&t).await;
    let acts = |certificate: &Value| -> Vec<String> {
        let custody = certificate["custody"].as_array().unwrap().iter();
        let acts = custody.map(|one| one["act"].as_str().unwrap().to_owned());
        acts.collect()
    };
    // Who certifies is in the log that is certified, the first time and each time.
    assert_eq!(
        acts(&certificate(&t, &path).await),
        ["received", "certified"]
    );
    let again = certificate(&t, &path).await;
    assert_eq!(acts(&again), ["received", "certified", "certified"]);
    let head = actix_web::http::Method::HEAD;
    let looked = t
        .named_officer("looker", OFFICER)
        .call(head, &path)
        .send()
        .await;
    assert_eq!(looked.status.as_u16(), 200);
    let last = certificate(&t, &path).await;
    let expected = [
        "received",
        "certified",
        "certified",
        "downloaded",
        "certified",
    ];
    assert_eq!(acts(&last), expected);
    assert_eq!(last["custody"][3]["actor"], "looker");
    assert_eq!(last["custody_intact"], true, "{last}");
}

#[actix_web::test]
async fn an_entry_of_custody_stands_for_one_request_and_its_moment() {
    let t = TestApp::new().await;
    let (tip, path, _) = with_picture(&t).await;
    let revealer = t.officer(&[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal]);
    let claim = revealer.put(&format!("{tip}/claim"));
    claim.send().await.expect(200);
    let reveal = revealer.post(&format!("{path}/reveal"));
    let reveal = reveal.json(&json!({"purpose": "Giám định ảnh"}));
    assert_eq!(reveal.send().await.status.as_u16(), 200);
    let intact = async || certificate(&t, &path).await["custody_intact"].clone();
    assert_eq!(intact().await, true);
    let revealed = "where act = 'original_revealed'";
    // Written at two moments of one transaction: some seconds apart it is the same, and no longer.
    for (shift, same) in [("9 seconds", true), ("2 seconds", false)] {
        let later =
            format!("update attachment_custody set at = at + interval '{shift}' {revealed}");
        done(&t, &later).await;
        assert_eq!(intact().await, same, "{shift} later");
    }
    let back = "update attachment_custody set at = at - interval '11 seconds'";
    done(&t, &format!("{back} {revealed}")).await;
    assert_eq!(intact().await, true);
    // By another request it is another deed.
    let other = format!("update attachment_custody set request_id = request_id || 'x' {revealed}");
    done(&t, &other).await;
    assert_eq!(intact().await, false);
}
