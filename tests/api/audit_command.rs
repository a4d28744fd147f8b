//! `tinbao audit`: the program says of a journal what `GET /v1/audit/verify` says of it.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use tempfile::TempDir;
use tinbao::audit::notes::Notary;
use tinbao::auth::{LocalKeys, Scope};
use tinbao::keys::{IdentityKeys, Secret};

use crate::audit::{KEEP, RESTORE, SLIP, TAMPERING, forge_from, some_history, tamper};
use crate::process::tinbao;
use crate::support::TestApp;

/// A service with some history whose signing keys lie in a folder, for the program to read.
async fn history() -> (TestApp, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let keys = LocalKeys::load_or_create(&dir.path().join("keys")).unwrap();
    let t = TestApp::signed_by(keys).await;
    some_history(&t).await;
    (t, dir)
}

fn audit(t: &TestApp, dir: &Path, arguments: &[&str]) -> Output {
    run(t, dir, &evidence(t), &[&["audit"], arguments].concat())
}

/// Where the service keeps its evidence, and notes its checkpoints.
fn evidence(t: &TestApp) -> String {
    format!("file://{}", crate::evidence::folder(t).display())
}

fn run(t: &TestApp, dir: &Path, storage: &str, arguments: &[&str]) -> Output {
    tinbao(dir)
        .env("DATABASE_URL", t.url())
        .env("TINBAO_STORAGE", storage)
        .env(
            "TINBAO_IDENTITY_KEYS",
            IdentityKeys::generate("k1").to_text(),
        )
        .env("TINBAO_RECEIPT_KEY", Secret::random().to_base64())
        .env("TINBAO_CURSOR_KEY", Secret::random().to_base64())
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What the program names: `altered at 3`. Its exit code and its last word say the same.
fn found(t: &TestApp, dir: &Path, arguments: &[&str]) -> Vec<String> {
    let output = audit(t, dir, &[&["verify"], arguments].concat());
    let (said, error) = (text(&output.stdout), text(&output.stderr));
    let findings = said.lines().filter_map(|line| {
        let (position, rest) = line.strip_prefix("position ")?.split_once(": ")?;
        let (kind, detail) = rest.split_once(": ")?;
        assert!(!detail.is_empty(), "{said}");
        Some(format!("{kind} at {position}"))
    });
    let findings: Vec<String> = findings.collect();
    let intact = said.ends_with("The journal is intact.\n");
    assert_eq!(intact, findings.is_empty(), "{said}{error}");
    let code = i32::from(!intact);
    assert_eq!(output.status.code(), Some(code), "{said}{error}");
    assert_eq!(
        error.contains("the journal is not intact"),
        !intact,
        "{error}"
    );
    findings
}

#[actix_web::test]
async fn every_kind_of_tampering_ends_the_command_with_an_error_that_names_it() {
    let (t, dir) = history().await;
    let dir = dir.path();
    tamper(&t, KEEP).await;
    assert!(found(&t, dir, &[]).is_empty());
    // 1 to 8.
    for (sql, expected) in TAMPERING {
        tamper(&t, sql).await;
        assert_eq!(found(&t, dir, &[]), *expected, "{sql}");
        tamper(&t, RESTORE).await;
    }
    assert!(found(&t, dir, &[]).is_empty());
    // 9. Recomputed to the end without the key.
    let change = "update journal set actor = 'nobody' where position = 3";
    forge_from(&t, 3, change, 7).await;
    assert_eq!(found(&t, dir, &[]), ["forged at 3"]);
    tamper(&t, RESTORE).await;
    // 10. Slipped in before the next pass.
    forge_from(&t, 8, SLIP, 8).await;
    t.submit(&json!({"narrative": "sau"})).await;
    t.settle().await;
    assert_eq!(found(&t, dir, &[]), ["inserted at 8"]);
}

#[actix_web::test]
async fn a_part_is_verified_alone() {
    let (t, dir) = history().await;
    let dir = dir.path();
    tamper(
        &t,
        "update journal set actor = 'x' where position in (2, 7)",
    )
    .await;
    assert_eq!(found(&t, dir, &[]), ["altered at 2", "altered at 7"]);
    for (part, expected) in [
        (&["--from", "3", "--to", "6"][..], &[][..]),
        (&["--from", "3"], &["altered at 7"]),
        (&["--to", "6"], &["altered at 2"]),
        (&["--from", "7", "--to", "7"], &["altered at 7"]),
    ] {
        assert_eq!(found(&t, dir, part), expected, "{part:?}");
    }
    let said = text(&audit(&t, dir, &["verify", "--from", "3", "--to", "6"]).stdout);
    assert!(
        said.starts_with("4 entries, positions 3 to 6, 4 checkpoints,"),
        "{said}"
    );
    let nothing = audit(&t, dir, &["verify", "--from", "5", "--to", "4"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(text(&nothing.stderr).contains("--from 5 lies behind --to 4"));
}

#[actix_web::test]
async fn a_checkpoint_that_was_kept_finds_a_tail_that_was_cut_off() {
    let (t, dir) = history().await;
    let dir = dir.path();
    let printed = audit(&t, dir, &["checkpoint"]);
    assert!(printed.status.success(), "{}", text(&printed.stderr));
    let kept = text(&printed.stdout);
    let auditor = t.officer(&[Scope::AuditRead]);
    let shown = auditor.get("/v1/audit/checkpoint").send().await.expect(200);
    assert_eq!(
        shown["checkpoint"],
        kept.trim(),
        "the same that is asked for"
    );
    let file = dir.join("kept.txt");
    std::fs::write(&file, &kept).unwrap();
    let from_file = format!("@{}", file.display());
    let given: [&[&str]; 2] = [
        &["--checkpoint", kept.trim()],
        &["--checkpoint", &from_file],
    ];
    for arguments in given {
        assert!(found(&t, dir, arguments).is_empty(), "{arguments:?}");
    }
    // Only who looked is cut off: nothing inside can tell.
    let cut = "delete from journal where position > 6; delete from journal_checkpoints where position > 6;
               update journal_consumers set position = least(position, 6); truncate journal_pending";
    tamper(&t, cut).await;
    assert!(found(&t, dir, &[]).is_empty());
    for arguments in given {
        assert_eq!(
            found(&t, dir, arguments),
            ["truncated at 7"],
            "{arguments:?}"
        );
    }
    // What was not signed by this service, and a file that is not there, are no checkpoints.
    for (given, why) in [
        ("nonsense", "this is no checkpoint"),
        ("@/nowhere/kept.txt", "cannot read /nowhere/kept.txt"),
    ] {
        let refused = audit(&t, dir, &["verify", "--checkpoint", given]);
        assert_eq!(refused.status.code(), Some(1), "{given}");
        assert!(
            text(&refused.stderr).contains(why),
            "{}",
            text(&refused.stderr)
        );
    }
    let of_another = LocalKeys::generate().unwrap();
    let forged = of_another.sign_jws(&json!({"position": 9}), "JWT").unwrap();
    let refused = audit(&t, dir, &["verify", "--checkpoint", &forged]);
    assert!(text(&refused.stderr).contains("this is no checkpoint"));
}

#[actix_web::test]
async fn a_noted_checkpoint_is_compared_with_until_a_restore_is_accepted_with_a_reason() {
    let (t, dir) = history().await;
    let dir = dir.path();
    let said = |arguments: &[&str]| {
        let output = run(&t, dir, &evidence(&t), arguments);
        (
            output.status.code(),
            text(&output.stdout) + &text(&output.stderr),
        )
    };
    let (code, none) = said(&["audit", "verify"]);
    assert_eq!(code, Some(0), "{none}");
    assert!(
        none.contains("No checkpoint is noted in the evidence store"),
        "{none}"
    );
    let (_, doctor) = said(&["doctor"]);
    assert!(doctor.contains("note no checkpoint is noted"), "{doctor}");
    // A backup at 7, and then some more.
    tamper(&t, KEEP).await;
    some_history(&t).await;
    let note = async || Notary::default().note(&t.running.state).await.unwrap();
    let noted = note().await;
    assert!(noted > 7);
    let (code, agrees) = said(&["audit", "verify"]);
    assert_eq!(code, Some(0), "{agrees}");
    assert!(
        agrees.contains(&format!("agrees: position {noted}, of 2026-11-24T")),
        "{agrees}"
    );
    let (_, doctor) = said(&["doctor"]);
    let line = "the audit has what the checkpoints noted in the evidence store vouch for";
    assert!(doctor.contains(&format!("ok   {line}")), "{doctor}");
    let (code, nothing) = said(&["audit", "accept", "--reason", "không có gì"]);
    assert_eq!(code, Some(0), "{nothing}");
    assert!(nothing.contains("nothing was changed"), "{nothing}");

    tamper(&t, RESTORE).await;
    tamper(
        &t,
        "update journal_consumers set position = least(position, 7)",
    )
    .await;
    // Tips that no entry tells of are another finding; here it is about the note.
    tamper(&t, "delete from tips where id not in (select subject_id from journal where type = 'tip.received');
        delete from register where seq > 6; update number_counters set last = 6").await;
    assert_eq!(found(&t, dir, &[]), ["truncated at 8"]);
    let (_, verified) = said(&["audit", "verify"]);
    assert!(
        verified.contains(&format!("Entries 8 to {noted} are gone")),
        "{verified}"
    );
    assert!(verified.contains("After a restore"), "{verified}");
    let (code, doctor) = said(&["doctor"]);
    assert_eq!(code, Some(1));
    assert!(doctor.contains(&format!("BAD  {line}")), "{doctor}");
    for refused in [
        &["audit", "accept"][..],
        &["audit", "accept", "--reason", " "],
    ] {
        let (code, why) = said(refused);
        assert_eq!(code, Some(2), "{why}");
    }
    assert_eq!(found(&t, dir, &[]), ["truncated at 8"]);
    let (code, accepted) = said(&[
        "audit",
        "accept",
        "--reason",
        "Khôi phục bản sao lưu đêm qua.",
    ]);
    assert_eq!(code, Some(0), "{accepted}");
    assert!(accepted.contains("1 put aside"), "{accepted}");
    t.settle().await;
    assert!(found(&t, dir, &[]).is_empty());
    assert!(note().await >= 8);
    assert!(
        found(&t, dir, &[]).is_empty(),
        "the service goes on from here"
    );
    let auditor = t.officer(&[Scope::AuditRead]);
    let entries = auditor
        .get("/v1/audit?type=audit.accepted")
        .send()
        .await
        .expect(200);
    let entry = &entries["items"][0]["data"];
    assert_eq!(entry["reason"], "Khôi phục bản sao lưu đêm qua.");
    assert_eq!(entry["last_position"], 7);
    let folder = crate::evidence::folder(&t).join("checkpoints-aside");
    let aside: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
    assert_eq!(aside.len(), 1);
    let kept = std::fs::read_to_string(aside[0].as_ref().unwrap().path()).unwrap();
    assert_eq!(entry["checkpoints"][0], kept, "what is put aside is kept");
}

#[actix_web::test]
async fn without_the_evidence_store_the_command_says_that_the_end_is_not_known() {
    let (t, dir) = history().await;
    let dir = dir.path();
    let kept = text(&audit(&t, dir, &["checkpoint"]).stdout);
    std::fs::write(dir.join("file"), "no folder").unwrap();
    let storage = format!("file://{}", dir.join("file").display());
    let output = run(&t, dir, &storage, &["audit", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    let (said, error) = (text(&output.stdout), text(&output.stderr));
    assert!(said.contains("cannot be read"), "{said}");
    assert!(
        error.contains("whether its end was cut off is not known"),
        "{error}"
    );
    let output = run(
        &t,
        dir,
        &storage,
        &["audit", "verify", "--checkpoint", kept.trim()],
    );
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.ends_with("The journal is intact.\n"), "{said}");
}
