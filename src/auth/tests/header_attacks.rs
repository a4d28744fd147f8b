//! Attacks by a token's header; each must fail beside the honest token that passes.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::forge::{Forger, b64, claims};
use super::stage::{IDP, LOCAL, PLAIN, Stage, with};

#[tokio::test]
async fn algorithms() {
    let stage = Stage::new();
    let body = claims(LOCAL).to_string();
    for alg in [
        "none", "None", "NONE", "nOnE", "", "HS256", "HS512", "ES384", "PS256", "RS1", "eddsa",
        "Ed25519",
    ] {
        let header = with(stage.local.header(), "alg", json!(alg)).to_string();
        let signed = stage.local.sign(&header, &body);
        stage.refuses(alg, &signed).await;
        let unsigned = format!("{}.{}.", b64(&header), b64(&body));
        stage.refuses(alg, &unsigned).await;
    }
    for alg in [json!(null), json!(["EdDSA"]), json!(0)] {
        let header = with(stage.local.header(), "alg", alg).to_string();
        stage
            .refuses(
                "an algorithm that is no text",
                &stage.local.sign(&header, &body),
            )
            .await;
    }
    // The name of the key is right, the algorithm is that of another kind of key.
    for alg in ["ES256", "RS256"] {
        let header = with(stage.local.header(), "alg", json!(alg)).to_string();
        stage.refuses(alg, &stage.local.sign(&header, &body)).await;
    }
    for forger in [
        Forger::es256(&stage.local.kid),
        Forger::rs256(&stage.local.kid),
    ] {
        stage
            .refuses(
                "another kind of key under the same name",
                &forger.token(&claims(LOCAL)),
            )
            .await;
    }
}

#[tokio::test]
async fn hmac_with_the_public_key_as_secret() {
    let stage = Stage::new();
    for (forger, issuer) in [
        (&stage.local, LOCAL),
        (&stage.idp, IDP),
        (&stage.plain, PLAIN),
    ] {
        let jwk = forger.jwk();
        let x = jwk["x"].as_str().unwrap();
        for alg in ["HS256", "EdDSA", "ES256", "RS256"] {
            for secret in [
                x.as_bytes().to_vec(),
                jwk.to_string().into_bytes(),
                forger.jwks().into_bytes(),
            ] {
                let header = with(forger.header(), "alg", json!(alg)).to_string();
                let input = format!("{}.{}", b64(header), b64(claims(issuer).to_string()));
                let tag = hmac::sign(
                    &hmac::Key::new(hmac::HMAC_SHA256, &secret),
                    input.as_bytes(),
                );
                stage.refuses(alg, &format!("{input}.{}", b64(tag))).await;
            }
        }
    }
}

#[tokio::test]
async fn key_names() {
    let stage = Stage::new();
    for kid in [
        json!("unknown"),
        json!(""),
        json!("../../../../dev/null"),
        json!("/etc/passwd"),
        json!("' OR '1'='1"),
        json!("x' UNION SELECT 'c2VjcmV0' -- "),
        json!("http://127.0.0.1:1/key"),
        json!("idp-1"),
        json!("a\u{0}b"),
        json!("k".repeat(4000)),
        json!(null),
        json!(7),
        json!([stage.local.kid.clone()]),
    ] {
        let header = with(stage.local.header(), "kid", kid.clone()).to_string();
        stage
            .refuses(
                &format!("kid {kid}"),
                &stage.local.sign(&header, &claims(LOCAL).to_string()),
            )
            .await;
        let header = header.replace(&format!("\"kid\":{kid},"), "");
        assert!(!header.contains("kid"));
        stage
            .refuses(
                "without kid",
                &stage.local.sign(&header, &claims(LOCAL).to_string()),
            )
            .await;
    }
}

#[tokio::test]
async fn headers_that_bring_a_key_or_an_extension() {
    let stage = Stage::new();
    let mine = Forger::ed25519("mine");
    let set: Value = serde_json::from_str(&mine.jwks()).unwrap();
    for (name, value) in [
        ("jwk", mine.jwk()),
        ("jwk", json!(null)),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("jku", json!(LOCAL)),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(["b64"])),
        ("crit", json!(null)),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
        ("jwk", set),
    ] {
        // Signed by the right key: the member alone is the reason.
        let header = with(stage.local.header(), name, value.clone()).to_string();
        stage
            .refuses(
                &format!("{name} {value}"),
                &stage.local.sign(&header, &claims(LOCAL).to_string()),
            )
            .await;
        // Signed by the key it brings.
        let header = with(
            with(mine.header(), name, value),
            "kid",
            json!(stage.local.kid),
        )
        .to_string();
        stage
            .refuses(name, &mine.sign(&header, &claims(LOCAL).to_string()))
            .await;
    }
    let harmless = with(stage.local.header(), "x5t", json!("abc")).to_string();
    stage
        .outcome(&stage.local.sign(&harmless, &claims(LOCAL).to_string()))
        .await
        .unwrap();
}

#[tokio::test]
async fn types() {
    let stage = Stage::new();
    for (typ, at_others, at_plain) in [
        (json!("at+jwt"), true, true),
        (json!("AT+JWT"), true, true),
        (json!("application/at+jwt"), true, true),
        (json!("JWT"), false, true),
        (json!("jwt"), false, true),
        (json!("application/jwt"), false, true),
        (json!("logout+jwt"), false, false),
        (json!("tip-receipt+jws"), false, false),
        (json!("application/application/at+jwt"), false, false),
        (json!("at+jwt "), false, false),
        (json!(""), false, false),
        (json!(null), false, false),
        (json!(["at+jwt"]), false, false),
    ] {
        for (forger, issuer, fine) in [
            (&stage.local, LOCAL, at_others),
            (&stage.idp, IDP, at_others),
            (&stage.plain, PLAIN, at_plain),
        ] {
            let header = with(forger.header(), "typ", typ.clone()).to_string();
            let outcome = stage
                .outcome(&forger.sign(&header, &claims(issuer).to_string()))
                .await;
            assert_eq!(outcome.is_ok(), fine, "{typ} of {issuer}");
        }
    }
    for (forger, issuer) in [(&stage.local, LOCAL), (&stage.plain, PLAIN)] {
        let header = json!({"alg": forger.alg(), "kid": forger.kid}).to_string();
        stage
            .refuses(
                "without typ",
                &forger.sign(&header, &claims(issuer).to_string()),
            )
            .await;
    }
}
