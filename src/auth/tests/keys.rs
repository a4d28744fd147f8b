//! The ring of signing keys: files, rotation, configuration, signatures.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::forge::Forger;
use crate::auth::{KeyError, LocalKeys};

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn keys_are_made_once_and_kept_private() {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("var/keys");
    let first = LocalKeys::load_or_create(&keys).unwrap();
    let again = LocalKeys::load_or_create(&keys).unwrap();
    assert_eq!(first.jwks(), again.jwks());
    assert_eq!(names(&keys), [".lock", "signing-000001.pem"]);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&keys), mode(&keys.join("signing-000001.pem"))),
        (0o700, 0o600)
    );
}

#[test]
fn a_rotation_signs_anew_and_verifies_the_old() {
    let dir = tempfile::tempdir().unwrap();
    let keys = LocalKeys::load_or_create(dir.path()).unwrap();
    let other_process = LocalKeys::load_or_create(dir.path()).unwrap();
    let (old_kid, old) = (
        keys.signing_kid().unwrap(),
        keys.sign_jws(&json!({"n": 1}), "t").unwrap(),
    );
    let new_kid = keys.rotate().unwrap();
    let new = keys.sign_jws(&json!({"n": 2}), "t").unwrap();
    assert_ne!(old_kid, new_kid);
    assert_eq!(keys.signing_kid().unwrap(), new_kid);
    assert_eq!(
        keys.verify_jws(&old, "t").unwrap().get("n"),
        Some(&json!(1))
    );
    assert_eq!(
        keys.verify_jws(&new, "t").unwrap().get("n"),
        Some(&json!(2))
    );
    let published = keys.jwks();
    let kids: Vec<&str> = published["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|k| k["kid"].as_str().unwrap())
        .collect();
    assert_eq!(kids, [new_kid.as_str(), old_kid.as_str()], "newest first");
    assert!(other_process.verify_jws(&new, "t").is_none());
    other_process.reload().unwrap();
    assert!(other_process.verify_jws(&new, "t").is_some());
    // Ten keys and more stay in their order.
    let kids: Vec<String> = (0..10).map(|_| keys.rotate().unwrap()).collect();
    assert_eq!(
        LocalKeys::load_or_create(dir.path())
            .unwrap()
            .signing_kid()
            .unwrap(),
        kids[9]
    );
}

#[test]
fn two_processes_that_start_together_make_one_key() {
    let dir = tempfile::tempdir().unwrap();
    let sets: Vec<Value> = std::thread::scope(|threads| {
        let started: Vec<_> = (0..8)
            .map(|_| threads.spawn(|| LocalKeys::load_or_create(dir.path()).unwrap().jwks()))
            .collect();
        started
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(sets.iter().all(|set| *set == sets[0]), "{sets:?}");
}

#[test]
fn a_key_file_that_others_can_read_or_that_is_broken_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    LocalKeys::load_or_create(dir.path()).unwrap();
    let file = dir.path().join("signing-000001.pem");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    let error = LocalKeys::load_or_create(dir.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("chmod 600") && !error.contains('\n'),
        "{error}"
    );
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::write(&file, "").unwrap();
    assert!(matches!(
        LocalKeys::load_or_create(dir.path()),
        Err(KeyError::NotAKey(_))
    ));
}

#[test]
fn a_failed_reload_keeps_the_ring() {
    let dir = tempfile::tempdir().unwrap();
    let keys = LocalKeys::load_or_create(dir.path()).unwrap();
    let kid = keys.signing_kid().unwrap();
    std::fs::write(dir.path().join("signing-000001.pem"), "half a key").unwrap();
    assert!(keys.reload().is_err());
    std::fs::remove_file(dir.path().join("signing-000001.pem")).unwrap();
    assert!(keys.reload().is_err());
    assert_eq!(keys.signing_kid().unwrap(), kid);
}

#[test]
fn keys_come_from_configuration_too() {
    let (a, b) = (Forger::ed25519(""), Forger::ed25519(""));
    let kid = |forger: &Forger| forger.as_local_keys().signing_kid().unwrap();
    let ring = LocalKeys::from_text(&format!("{}\n{}", a.pem(), b.pem())).unwrap();
    assert_eq!(ring.signing_kid().unwrap(), kid(&a), "the first signs");
    assert!(
        ring.verify_jws(&b.as_local_keys().sign_jws(&json!({}), "t").unwrap(), "t")
            .is_some(),
        "the second verifies"
    );
    assert!(matches!(ring.rotate(), Err(KeyError::NotInFiles)));
    // As `openssl genpkey -algorithm ed25519` writes it; the key of RFC 8410 §10.3.
    let openssl = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    assert_eq!(
        LocalKeys::from_text(openssl).unwrap().jwks()["keys"][0]["x"],
        "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"
    );
    // The key of RFC 8037 appendix A.1, whose public part is checked against the private one.
    let jwk = |x: &str| {
        format!(
            r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"{x}"}}]}}"#
        )
    };
    let ring = LocalKeys::from_text(&jwk("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")).unwrap();
    assert_eq!(
        ring.signing_kid().unwrap(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
    let half_broken = format!(
        "{}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        a.pem()
    );
    for bad in [
        "",
        "secret",
        "{}",
        r#"{"keys":[]}"#,
        &jwk("Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"),
        &half_broken,
    ] {
        assert!(
            matches!(LocalKeys::from_text(bad), Err(KeyError::NotAKey(_))),
            "{bad}"
        );
    }
}

#[test]
fn signatures_are_bound_to_type_key_and_content() {
    let keys = LocalKeys::generate().unwrap();
    let jws = keys
        .sign_jws(
            &json!({"tip": "0193", "place": "Điện Biên"}),
            "tip-receipt+jws",
        )
        .unwrap();
    let claims = keys.verify_jws(&jws, "tip-receipt+jws").unwrap();
    assert_eq!(claims.get("place"), Some(&json!("Điện Biên")));
    assert!(keys.verify_jws(&jws, "at+jwt").is_none());
    assert!(
        LocalKeys::generate()
            .unwrap()
            .verify_jws(&jws, "tip-receipt+jws")
            .is_none()
    );
    assert!(
        keys.verify_jws(&jws.replacen('.', ".A", 1), "tip-receipt+jws")
            .is_none()
    );
    let detached = keys
        .sign_detached(br#"{"tip":"0193"}"#, "feed+jws")
        .unwrap();
    let attached = detached.replace(
        "..",
        &format!(".{}.", URL_SAFE_NO_PAD.encode(br#"{"tip":"0193"}"#)),
    );
    assert!(keys.verify_jws(&detached, "feed+jws").is_none());
    assert!(keys.verify_jws(&attached, "feed+jws").is_some());
}

#[test]
fn nothing_secret_is_printed_or_published() {
    let forger = Forger::ed25519("");
    let keys = forger.as_local_keys();
    let pem = forger.pem();
    let secret = pem.lines().nth(1).unwrap();
    let shown = format!("{keys:?} {keys:#?} {}", keys.jwks());
    assert!(
        !shown.contains(secret) && !shown.contains("\"d\""),
        "{shown}"
    );
    let error = LocalKeys::from_text(&pem.replace("PRIVATE", "SECRET")).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(secret));
}
