//! Attacks by a token's claims, shape, size or signer; each must fail beside the honest token that passes.

use serde_json::json;

use super::forge::{Forger, b64, claims, now};
use super::stage::{IDP, LOCAL, PLAIN, Stage, with};

#[tokio::test]
async fn honest_tokens_of_each_issuer_pass() {
    let stage = Stage::new();
    let who = stage
        .verifier
        .verify(&stage.local.token(&claims(LOCAL)), now())
        .await
        .unwrap();
    assert!(who.local && !who.command_line && !who.device);
    let who = stage
        .verifier
        .verify(&stage.idp.token(&claims(IDP)), now())
        .await
        .unwrap();
    assert!(!who.local);
    assert_eq!(who.issuer, IDP);
    stage
        .outcome(&stage.plain.token(&claims(PLAIN)))
        .await
        .unwrap();
}

#[tokio::test]
async fn duplicate_members() {
    let stage = Stage::new();
    let (header, body) = (stage.local.header().to_string(), claims(LOCAL).to_string());
    let twice = |text: &str, member: &str| text.replacen('{', &format!("{{{member},"), 1);
    for member in [
        r#""alg":"none""#,
        r#""alg":"EdDSA""#,
        r#""\u0061lg":"EdDSA""#,
        r#""kid":"x""#,
        r#""typ":"at+jwt""#,
    ] {
        stage
            .refuses(member, &stage.local.sign(&twice(&header, member), &body))
            .await;
    }
    for member in [
        r#""scope":"admin""#,
        r#""scope":"tips:read tips:triage""#,
        r#""\u0073cope":"admin""#,
        r#""exp":9999999999"#,
        r#""iss":"https://idp.example""#,
        r#""x":{"a":1,"a":2}"#,
    ] {
        stage
            .refuses(member, &stage.local.sign(&header, &twice(&body, member)))
            .await;
    }
    stage
        .outcome(&stage.local.sign(&header, &twice(&body, r#""x":{"a":1}"#)))
        .await
        .unwrap();
}

#[tokio::test]
async fn shapes_and_sizes() {
    let stage = Stage::new();
    let honest = stage.local.token(&claims(LOCAL));
    let parts: Vec<&str> = honest.split('.').collect();
    let padded = with(claims(LOCAL), "x", json!("a".repeat(8 * 1024)));
    for (what, token) in [
        ("nothing", String::new()),
        ("dots", "...".into()),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("four parts", format!("{honest}.")),
        ("five parts", format!("{honest}.a.b")),
        ("white space", format!("{honest} ")),
        ("a line end", format!("{honest}\n")),
        ("padding", format!("{honest}=")),
        ("huge, well signed", stage.local.token(&padded)),
        ("huge, of one letter", "a".repeat(10_000_000)),
        ("huge, of dots", ".".repeat(1_000_000)),
        (
            "a JSON serialisation",
            format!(
                r#"{{"payload":"{}","protected":"{}","signature":"{}"}}"#,
                parts[1], parts[0], parts[2]
            ),
        ),
        (
            "a list for claims",
            stage.local.sign(&stage.local.header().to_string(), "[]"),
        ),
        (
            "broken claims",
            stage.local.sign(&stage.local.header().to_string(), "{"),
        ),
        (
            "deep claims",
            stage
                .local
                .sign(&stage.local.header().to_string(), &"{\"a\":".repeat(1000)),
        ),
        (
            "not UTF-8",
            format!("{}.{}.{}", parts[0], b64(b"{\"iss\":\"\xff\"}"), parts[2]),
        ),
    ] {
        stage.refuses(what, &token).await;
    }
    stage
        .outcome(
            &stage
                .local
                .token(&with(claims(LOCAL), "x", json!("a".repeat(4 * 1024)))),
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn any_changed_bit_breaks_it() {
    let stage = Stage::new();
    for (forger, issuer) in [
        (&stage.local, LOCAL),
        (&stage.idp, IDP),
        (&stage.plain, PLAIN),
    ] {
        let honest = forger.token(&claims(issuer));
        for at in 0..honest.len() {
            let mut token = honest.clone().into_bytes();
            token[at] = if token[at] == b'A' { b'B' } else { b'A' };
            stage
                .refuses("one letter changed", &String::from_utf8(token).unwrap())
                .await;
        }
        stage.outcome(&honest).await.unwrap();
    }
}

#[tokio::test]
async fn claims_of_a_well_signed_token() {
    let stage = Stage::new();
    let at = now().timestamp();
    for (name, value) in [
        ("exp", json!(at - 30)),
        ("exp", json!(at - 3600)),
        ("exp", json!("9999999999")),
        ("nbf", json!(at + 31)),
        ("iat", json!(at + 31)),
        ("aud", json!("another-service")),
        ("aud", json!(["another-service"])),
        ("aud", json!({"tinbao": true})),
        ("scope", json!(["tips:read", "tips:triage"])),
        ("scope", json!("")),
        ("scope", json!(null)),
        ("sub", json!(7)),
        ("iss", json!("https://unknown.example")),
        ("iss", json!("https://tinbao.example/")),
        ("iss", json!("HTTPS://TINBAO.EXAMPLE")),
        ("iss", json!([LOCAL])),
        ("iss", json!(null)),
        ("iss", json!("")),
    ] {
        stage
            .refuses(
                &format!("{name} {value}"),
                &stage.local.token(&with(claims(LOCAL), name, value)),
            )
            .await;
    }
    for name in [
        "iss",
        "aud",
        "exp",
        "iat",
        "sub",
        "client_id",
        "jti",
        "scope",
    ] {
        let mut without = claims(LOCAL);
        without.as_object_mut().unwrap().remove(name);
        stage
            .refuses(&format!("without {name}"), &stage.local.token(&without))
            .await;
    }
}

#[tokio::test]
async fn an_issuer_cannot_speak_for_another() {
    let stage = Stage::new();
    for (forger, issuer) in [
        (&stage.idp, LOCAL),
        (&stage.plain, LOCAL),
        (&stage.local, IDP),
        (&stage.plain, IDP),
        (&stage.local, PLAIN),
        (&stage.idp, PLAIN),
    ] {
        stage
            .refuses(
                &format!("{} for {issuer}", forger.kid),
                &forger.token(&claims(issuer)),
            )
            .await;
    }
    // The right name of the key does not help the wrong key.
    let impostor = Forger::ed25519("idp-1");
    stage
        .refuses("another key of that name", &impostor.token(&claims(IDP)))
        .await;
    // A foreign issuer cannot claim the command line's exemption.
    let boasting = with(claims(IDP), "tinbao_origin", json!("command_line"));
    let who = stage
        .verifier
        .verify(&stage.idp.token(&boasting), now())
        .await
        .unwrap();
    assert!(!who.command_line && !who.local && !who.device);
}

#[tokio::test]
async fn what_the_local_keys_sign_for_other_ends_is_no_token() {
    let stage = Stage::new();
    let keys = stage.local.as_local_keys();
    let token = keys.sign_jws(&claims(LOCAL), "at+jwt").unwrap();
    stage.outcome(&token).await.unwrap();
    assert_eq!(
        keys.verify_jws(&token, "tip-receipt+jws"),
        None,
        "a token is no attestation"
    );
    let attestation = keys.sign_jws(&claims(LOCAL), "tip-receipt+jws").unwrap();
    stage.refuses("an attestation", &attestation).await;
    assert!(keys.verify_jws(&attestation, "tip-receipt+jws").is_some());
}
