//! Keys that are not those of before, and a replica that is not used: noticed at the start and by the doctor.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use tinbao::auth::LocalKeys;
use tinbao::keys::Secret;

use crate::process::{Running, serve, stop, tinbao, token};
use crate::rotation::send;
use crate::support::fresh_database;

fn doctor(dir: &Path, database: &str, settings: &[(&str, &str)]) -> String {
    let mut command = tinbao(dir);
    command.arg("doctor").env("DATABASE_URL", database);
    let output = command.envs(settings.iter().copied()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn tells(running: &Running, what: &str) -> bool {
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        if running.said().contains(what) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}

fn keyed() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys");
    let made = tinbao(dir.path())
        .args(["keys", "new"])
        .arg(keys)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    dir
}

#[actix_web::test]
async fn another_receipt_key_is_refused_and_other_keys_are_told_of() {
    let (dir, database) = (keyed(), fresh_database().await);
    let keys = dir.path().join("keys");
    let running = serve(dir.path(), &database, &[]);
    let app = token(dir.path(), "tips:submit");
    send(
        &running.address,
        "POST",
        "/v1/tips",
        &app,
        &json!({"narrative": "x"}),
    );
    let verified = |dir: &Path| {
        let mut command = tinbao(dir);
        command
            .args(["audit", "verify"])
            .env("DATABASE_URL", &database);
        String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
    };
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until && verified(dir.path()).contains(" 0 checkpoints") {
        std::thread::sleep(Duration::from_millis(500));
    }
    stop(running);
    let said = doctor(dir.path(), &database, &[]);
    for ok in [
        "ok   the receipt key is the one of before",
        "ok   a signing key signed the newest checkpoint",
    ] {
        assert!(said.contains(ok), "{said}");
    }
    assert!(!said.contains("replica"), "{said}");

    let file = keys.join("receipt.key");
    let right = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, Secret::random().to_base64()).unwrap();
    let said = doctor(dir.path(), &database, &[]);
    assert!(
        said.contains("BAD  the receipt key is the one of before"),
        "{said}"
    );
    let mut start = tinbao(dir.path());
    let refused = start
        .arg("serve")
        .env("DATABASE_URL", &database)
        .output()
        .unwrap();
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && why.contains("TINBAO_RECEIPT_KEY"),
        "{why}"
    );
    std::fs::write(&file, right).unwrap();

    std::fs::write(keys.join("cursor.key"), Secret::random().to_base64()).unwrap();
    for pem in std::fs::read_dir(&keys)
        .unwrap()
        .map(|file| file.unwrap().path())
    {
        if pem
            .file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("signing-")
        {
            std::fs::remove_file(pem).unwrap();
        }
    }
    LocalKeys::load_or_create(&keys).unwrap();
    let said = doctor(dir.path(), &database, &[]);
    assert!(said.contains("note the cursor key is another"), "{said}");
    assert!(
        said.contains("BAD  a signing key signed the newest checkpoint"),
        "{said}"
    );
    let running = serve(dir.path(), &database, &[]);
    assert!(
        tells(&running, "the cursor key is another"),
        "{}",
        running.said()
    );
    assert!(
        tells(&running, "none of the signing keys"),
        "{}",
        running.said()
    );
    stop(running);
    let said = doctor(dir.path(), &database, &[]);
    assert!(
        !said.contains("note the cursor key"),
        "it was noted anew: {said}"
    );
}

#[actix_web::test]
async fn a_replica_that_is_not_used_and_a_key_file_open_to_all_are_told_of() {
    let (dir, database) = (keyed(), fresh_database().await);
    let dead = "postgres://nobody@127.0.0.1:1/none";
    for (replica, why) in [
        (dead, "it does not answer"),
        (database.as_str(), "is no standby"),
    ] {
        let said = doctor(
            dir.path(),
            &database,
            &[("TINBAO_READ_DATABASE_URL", replica)],
        );
        assert!(
            said.contains("BAD  the replica for reads is used"),
            "{said}"
        );
        assert!(said.contains(why), "{said}");
        let running = serve(
            dir.path(),
            &database,
            &[("TINBAO_READ_DATABASE_URL", replica)],
        );
        assert!(
            tells(&running, "the replica for reads is not used"),
            "{}",
            running.said()
        );
        stop(running);
    }
    let file = dir.path().join("a.key");
    std::fs::copy(dir.path().join("keys/receipt.key"), &file).unwrap();
    let setting = [("TINBAO_RECEIPT_KEY_FILE", file.to_str().unwrap())];
    let bad = "BAD  the key file of TINBAO_RECEIPT_KEY is closed to everybody else";
    for (mode, told) in [(0o644, true), (0o640, false), (0o600, false)] {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let said = doctor(dir.path(), &database, &setting);
        assert_eq!(said.contains(bad), told, "{mode:o}: {said}");
    }
}
