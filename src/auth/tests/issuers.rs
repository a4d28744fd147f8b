//! Lists of issuers, key sets in files, and the local issuer among them.

use std::sync::Arc;

use serde_json::json;

use super::forge::{Forger, claims, now};
use super::stage::{IDP, after, both, foreign, fresh};
use crate::auth::{Issuers, LocalKeys, Rejected, Verifier, token_hash};

#[tokio::test]
async fn every_kind_of_key_from_a_file() {
    let keys = [Forger::rs256("r"), Forger::es256("e"), Forger::ed25519("d")];
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jwks.json");
    let set: Vec<_> = keys.iter().map(Forger::jwk).collect();
    std::fs::write(&file, json!({"keys": set}).to_string()).unwrap();
    let verifier = foreign(&format!("{IDP}={}", file.display()));
    for key in &keys {
        let who = verifier.verify(&fresh(key, 1), now()).await.unwrap();
        assert_eq!(who.issuer, IDP, "{}", key.alg());
        // The name of a neighbour's key, and an RSA-sized signature under an EC name, open nothing.
        for other in keys.iter().filter(|other| other.kid != key.kid) {
            let crossed = other.sign(
                &json!({"alg": other.alg(), "kid": key.kid, "typ": "at+jwt"}).to_string(),
                &claims(IDP).to_string(),
            );
            assert_eq!(
                verifier.verify(&crossed, now()).await.err(),
                Some(Rejected::Invalid)
            );
        }
    }
}

#[tokio::test]
async fn a_file_is_read_again_when_it_changes() {
    let (old, new) = (Forger::ed25519("old"), Forger::ed25519("new"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jwks.json");
    std::fs::write(&file, old.jwks()).unwrap();
    let verifier = foreign(&format!("{IDP}={}", file.display()));
    assert!(verifier.verify(&fresh(&old, 1), now()).await.is_ok());
    assert!(verifier.verify(&fresh(&new, 1), now()).await.is_err());
    std::fs::write(&file, both(&old, &new)).unwrap();
    assert!(
        verifier.verify(&fresh(&new, 1), now()).await.is_ok(),
        "in the same second"
    );
    assert!(verifier.verify(&fresh(&old, 2), now()).await.is_ok());
    // Withdrawn: gone within a second for new tokens, within a minute for those seen.
    std::fs::write(&file, new.jwks()).unwrap();
    assert!(verifier.verify(&fresh(&old, 3), after(1)).await.is_err());
    assert!(verifier.verify(&fresh(&old, 2), after(61)).await.is_err());
    // Broken or gone: the last good set stays.
    std::fs::write(&file, "{\"keys\":[").unwrap();
    assert!(verifier.verify(&fresh(&new, 2), after(62)).await.is_ok());
    std::fs::remove_file(&file).unwrap();
    assert!(verifier.verify(&fresh(&new, 3), after(63)).await.is_ok());
    std::fs::write(&file, old.jwks()).unwrap();
    assert!(verifier.verify(&fresh(&old, 4), after(63)).await.is_ok());
}

#[tokio::test]
async fn the_local_issuer_can_be_switched_off_and_rotated() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Arc::new(LocalKeys::load_or_create(dir.path()).unwrap());
    let token = keys.sign_jws(&claims("local"), "at+jwt").unwrap();
    let with = |keys| Verifier::new(keys, Issuers::none(), "tinbao".into(), "local".into());
    let off = with(None);
    assert_eq!(
        off.verify(&token, now()).await.err(),
        Some(Rejected::Invalid)
    );
    assert_eq!(off.jwks(), json!({"keys": []}));
    let on = with(Some(Arc::clone(&keys)));
    assert!(on.verify(&token, now()).await.is_ok());
    assert_eq!(on.jwks(), keys.jwks());
    // Another process rotates; its tokens are believed here at once, and old ones stay so.
    let elsewhere = LocalKeys::load_or_create(dir.path()).unwrap();
    elsewhere.rotate().unwrap();
    let newer = elsewhere.sign_jws(&claims("local"), "at+jwt").unwrap();
    assert!(on.verify(&newer, now()).await.is_ok());
    on.forget_all();
    assert!(on.verify(&token, now()).await.is_ok());
}

#[tokio::test]
async fn a_verified_token_is_remembered_until_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jwks.json");
    let key = Forger::ed25519("k");
    std::fs::write(&file, key.jwks()).unwrap();
    let verifier = foreign(&format!("{IDP}={}", file.display()));
    let token = fresh(&key, 1);
    let first = verifier.verify(&token, now()).await.unwrap();
    assert_eq!(first.token_hash, token_hash(&token));
    assert!(Arc::ptr_eq(
        &first,
        &verifier.verify(&token, after(59)).await.unwrap()
    ));
    // With the key withdrawn, only the memory still speaks for the token.
    std::fs::write(&file, Forger::ed25519("other").jwks()).unwrap();
    assert!(verifier.verify(&token, after(59)).await.is_ok());
    verifier.forget(&token_hash(&token));
    assert_eq!(
        verifier.verify(&token, after(59)).await.err(),
        Some(Rejected::Invalid)
    );
}

#[tokio::test]
async fn lists_of_issuers() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jwks.json");
    std::fs::write(&file, Forger::ed25519("k").jwks()).unwrap();
    let file = file.display();
    for good in [
        String::new(),
        " , ".into(),
        format!("{IDP}={file}"),
        format!("{IDP}=file://{file};typ=JWT"),
        format!(" {IDP} = {file} ; TYP=jwt , other={file},"),
        format!("{IDP}={file};prefix=edu,other={file};typ=JWT;prefix=edu-2,third={file}"),
        format!("{IDP}=https://idp.example/jwks?a=b"),
        format!("{IDP}=http://localhost:8081/jwks"),
        format!("{IDP}=http://127.9.9.9/jwks"),
        format!("{IDP}=http://[::1]/jwks"),
    ] {
        assert!(
            Issuers::parse(&good).is_ok(),
            "{good}: {:?}",
            Issuers::parse(&good).err()
        );
    }
    for bad in [
        IDP.to_owned(),
        "=https://idp.example/jwks".into(),
        format!("{IDP}="),
        format!("a b={file}"),
        format!("{IDP}={file},{IDP}={file}"),
        format!("{IDP}={file};prefix=edu,other={file};prefix=edu"),
        format!("{IDP}={file};prefix=device"),
        format!("{IDP}={file};prefix="),
        format!("{IDP}={file};prefix=a:b"),
        // The people of the third would be called like some of the second.
        format!("{IDP}={file},other={file},other#x={file}"),
        format!("{IDP}={file};typ=none"),
        format!("{IDP}={file};alg=HS256"),
        format!("{IDP}=/nowhere/jwks.json"),
        format!("{IDP}={}", dir.path().display()),
        format!("{IDP}=http://idp.example/jwks"),
        format!("{IDP}=http://127.0.0.1.example/jwks"),
        format!("{IDP}=http://localhost.example/jwks"),
        format!("{IDP}=http://10.0.0.1/jwks"),
        format!("{IDP}=ftp://idp.example/jwks"),
        format!("{IDP}=https://user:secret@idp.example/jwks"),
        format!("{IDP}=https://"),
    ] {
        let error = Issuers::parse(&bad).err().map(|error| error.to_string());
        assert!(
            error
                .as_deref()
                .is_some_and(|line| !line.contains('\n') && !line.contains("secret")),
            "{bad}: {error:?}"
        );
    }
    let issuers = Issuers::parse(&format!("{IDP}={file}")).unwrap();
    assert!(issuers.contains(IDP) && !issuers.contains("https://idp.example/"));
}
