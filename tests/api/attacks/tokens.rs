//! Forged tokens: each is refused like every other, and beside it the honest one passes.

use aws_lc_rs::encoding::AsBigEndian as _;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tinbao::auth::{LocalKeys, Scope};

use crate::support::{Claims, TestApp};

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The service, and its signing key in the hands of the test.
struct Stage {
    t: TestApp,
    pair: Ed25519KeyPair,
    header: Value,
    claims: Value,
}

impl Stage {
    async fn new() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let seed = b64(pair.seed().unwrap().as_be_bytes().unwrap().as_ref());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()), "d": seed});
        let t = TestApp::signed_by(LocalKeys::from_text(&jwk.to_string()).unwrap()).await;
        let honest = t.token(&Claims {
            scopes: "tips:read",
            ..Claims::default()
        });
        let part = |n: usize| -> Value {
            let text = URL_SAFE_NO_PAD.decode(honest.split('.').nth(n).unwrap());
            serde_json::from_slice(&text.unwrap()).unwrap()
        };
        let (header, claims) = (part(0), part(1));
        Self {
            t,
            pair,
            header,
            claims,
        }
    }

    /// Signed with the service's own key, whatever it says.
    fn sign(&self, header: &str, claims: &str) -> String {
        let input = format!("{}.{}", b64(header), b64(claims));
        format!("{input}.{}", b64(self.pair.sign(input.as_bytes())))
    }

    fn with_header(&self, name: &str, value: Value) -> String {
        let mut header = self.header.clone();
        header[name] = value;
        self.sign(&header.to_string(), &self.claims.to_string())
    }

    fn with_claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        self.sign(&self.header.to_string(), &claims.to_string())
    }

    fn without_claim(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        self.sign(&self.header.to_string(), &claims.to_string())
    }

    /// Each is 401 and the same 401: nobody learns which part was wrong. The honest token passes.
    async fn refuses(&self, tokens: Vec<(String, String)>) {
        let honest = self.sign(&self.header.to_string(), &self.claims.to_string());
        let anyone = self.t.anyone();
        let list = |token: &str| anyone.with_token(token).get("/v1/tips").send();
        list(&honest).await.expect(200);
        let mut answer: Option<(String, Value)> = None;
        for (what, token) in tokens {
            let reply = list(&token).await;
            assert_eq!(reply.status.as_u16(), 401, "{what}: {}", reply.text());
            let mut body = reply.problem(401);
            body.as_object_mut().unwrap().remove("request_id");
            let said = (reply.header("www-authenticate").to_owned(), body);
            assert!(
                said.0.contains("error=\"invalid_token\""),
                "{what}: {}",
                said.0
            );
            assert_eq!(*answer.get_or_insert_with(|| said.clone()), said, "{what}");
        }
        list(&honest).await.expect(200);
    }
}

#[actix_web::test]
async fn no_algorithm_but_the_keys_own_is_believed() {
    let stage = Stage::new().await;
    let claims = stage.claims.to_string();
    let mut tokens = Vec::new();
    for alg in [
        "none", "None", "nOnE", "", "HS256", "HS384", "HS512", "RS256", "ES256", "PS256",
    ] {
        let mut header = stage.header.clone();
        header["alg"] = json!(alg);
        let unsigned = format!("{}.{}.", b64(header.to_string()), b64(&claims));
        tokens.push((format!("{alg} without a signature"), unsigned));
        tokens.push((
            format!("{alg}, well signed"),
            stage.sign(&header.to_string(), &claims),
        ));
    }
    // The public key is public: as the secret of an HMAC it proves nothing.
    let raw = stage.pair.public_key().as_ref().to_vec();
    let der = [
        b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".as_slice(),
        &raw,
    ]
    .concat();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(&der)
    );
    let published = stage.t.anyone().get("/.well-known/jwks.json").send().await;
    for (form, secret) in [
        ("raw", raw.clone()),
        ("base64url", b64(&raw).into_bytes()),
        ("DER", der),
        ("PEM", pem.clone().into_bytes()),
        (
            "PEM without its last newline",
            pem.trim_end().as_bytes().to_vec(),
        ),
        ("JWK set", published.bytes.clone()),
        (
            "JWK",
            published.expect(200)["keys"][0].to_string().into_bytes(),
        ),
        ("nothing", Vec::new()),
    ] {
        for (alg, hash) in [
            ("HS256", hmac::HMAC_SHA256),
            ("HS512", hmac::HMAC_SHA512),
            ("EdDSA", hmac::HMAC_SHA256),
        ] {
            let mut header = stage.header.clone();
            header["alg"] = json!(alg);
            let input = format!("{}.{}", b64(header.to_string()), b64(&claims));
            let tag = hmac::sign(&hmac::Key::new(hash, &secret), input.as_bytes());
            tokens.push((
                format!("{alg} with the {form} as secret"),
                format!("{input}.{}", b64(tag)),
            ));
        }
    }
    stage.refuses(tokens).await;
}

#[actix_web::test]
async fn a_header_brings_no_key_no_extension_and_no_other_type() {
    let stage = Stage::new().await;
    let mine = Ed25519KeyPair::generate().unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": b64(mine.public_key()), "kid": stage.header["kid"]});
    let mut tokens = Vec::new();
    for (name, value) in [
        ("jwk", jwk.clone()),
        ("jku", json!("http://127.0.0.1:1/jwks.json")),
        ("jku", json!("file:///proc/self/environ")),
        ("x5u", json!("http://169.254.169.254/latest/meta-data")),
        ("x5c", json!([STANDARD.encode(mine.public_key())])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("typ", json!("JWT")),
        ("typ", json!("tip-attestation+jwt")),
        ("typ", json!("journal-checkpoint+jwt")),
        ("typ", json!("")),
        ("typ", json!(null)),
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("/proc/self/environ")),
        ("kid", json!("' or '1'='1")),
        ("kid", json!("x' union select 'c2VjcmV0'::text -- ")),
        ("kid", json!("")),
        ("kid", json!(null)),
        ("kid", json!(["a"])),
        ("kid", json!("k\u{0}")),
    ] {
        tokens.push((
            format!("{name} {value}"),
            stage.with_header(name, value.clone()),
        ));
        // And signed by the key that the header brings.
        let mut header = stage.header.clone();
        header[name] = value.clone();
        let input = format!(
            "{}.{}",
            b64(header.to_string()),
            b64(stage.claims.to_string())
        );
        let forged = format!("{input}.{}", b64(mine.sign(input.as_bytes())));
        tokens.push((format!("{name} {value}, another key"), forged));
    }
    let claims = stage.claims.to_string();
    let header = stage.header.to_string();
    for (what, header) in [
        ("alg twice", header.replacen('{', "{\"alg\":\"none\",", 1)),
        ("kid twice", header.replacen('{', "{\"kid\":\"x\",", 1)),
        ("an array", format!("[{header}]")),
        ("no JSON", header.replace('"', "'")),
    ] {
        tokens.push((what.to_owned(), stage.sign(&header, &claims)));
    }
    stage.refuses(tokens).await;
}

#[actix_web::test]
async fn claims_that_are_wrong_missing_doubled_or_of_another_shape_are_refused() {
    let stage = Stage::new().await;
    let now = stage.t.clock.now().timestamp();
    let mut tokens = Vec::new();
    for (name, value) in [
        ("exp", json!(now - 31)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!((now + 600).to_string())),
        ("nbf", json!(now + 3_600)),
        ("iat", json!(now + 3_600)),
        ("aud", json!("another")),
        ("aud", json!(["another", "one"])),
        ("aud", json!([])),
        ("aud", json!({"tinbao": true})),
        ("iss", json!("https://evil.example")),
        ("iss", json!(["tinbao"])),
        ("scope", json!(["tips:read", "admin"])),
        ("scope", json!({"tips:read": true})),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!("a\nb")),
        ("sub", json!("s".repeat(2_000))),
        ("client_id", json!("")),
        ("client_id", json!(null)),
        ("client_id", json!(["test"])),
        ("jti", json!("")),
        ("agency", json!(["border_guard"])),
        ("units", json!("03127")),
        ("units", json!([3127])),
    ] {
        tokens.push((format!("{name} {value}"), stage.with_claim(name, value)));
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
        tokens.push((format!("without {name}"), stage.without_claim(name)));
    }
    let (header, claims) = (stage.header.to_string(), stage.claims.to_string());
    for member in [
        "\"scope\":\"tips:submit\"",
        "\"sub\":\"x\"",
        "\"exp\":9999999999",
        "\"sc\\u006fpe\":\"admin\"",
    ] {
        let first = claims.replacen('{', &format!("{{{member},"), 1);
        let last = format!("{},{member}}}", claims.trim_end_matches('}'));
        tokens.push((format!("{member} first"), stage.sign(&header, &first)));
        tokens.push((format!("{member} last"), stage.sign(&header, &last)));
    }
    stage.refuses(tokens).await;
    // A confinement that does not exist is one to nothing.
    for name in ["agency", "desk"] {
        let token = stage.with_claim(name, json!("'or'1'='1"));
        let list = stage
            .t
            .anyone()
            .with_token(&token)
            .get("/v1/tips")
            .send()
            .await;
        assert_eq!(list.expect(200)["items"], json!([]), "{name}");
    }
    // Scopes are parted by spaces alone: another separator makes one scope that does not exist.
    for scope in [
        "tips:submit\ntips:read",
        "tips:submit\ttips:read",
        "tips:read\u{0}",
        "TIPS:READ",
        "tips:*",
    ] {
        let token = stage.with_claim("scope", json!(scope));
        let bearer = stage.t.anyone().with_token(&token);
        let status = bearer.get("/v1/tips").send().await.status.as_u16();
        assert!([401, 403].contains(&status), "{scope:?}: {status}");
    }
}

#[actix_web::test]
async fn tokens_of_other_forms_and_sizes_are_refused() {
    let stage = Stage::new().await;
    let honest = stage.sign(&stage.header.to_string(), &stage.claims.to_string());
    let parts: Vec<&str> = honest.split('.').collect();
    let encrypted = b64(json!({"alg": "dir", "enc": "A256GCM", "typ": "at+jwt"}).to_string());
    let attestation = stage.t.submit(&json!({"narrative": "x"})).await["attestation"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = Stage::new().await;
    stage
        .refuses(vec![
            (
                "a JWE".into(),
                format!("{encrypted}..{0}.{0}.{0}", b64("x")),
            ),
            (
                "a JWE around the honest".into(),
                format!("{encrypted}.{honest}"),
            ),
            ("no signature".into(), format!("{}.{}.", parts[0], parts[1])),
            ("two parts".into(), format!("{}.{}", parts[0], parts[1])),
            ("four parts".into(), format!("{honest}.{}", parts[2])),
            (
                "a detached payload".into(),
                format!("{}..{}", parts[0], parts[2]),
            ),
            ("padding".into(), format!("{honest}=")),
            ("a changed bit".into(), honest.replacen('.', ".e", 1)),
            ("an attestation".into(), attestation),
            (
                "another service's token".into(),
                other.sign(&other.header.to_string(), &other.claims.to_string()),
            ),
            (
                "another service's, our key's name".into(),
                other.sign(&stage.header.to_string(), &stage.claims.to_string()),
            ),
            (
                "100 KB, well signed".into(),
                stage.with_claim("extra", json!("x".repeat(100_000))),
            ),
            ("100 KB of dots".into(), ".".repeat(100_000)),
            (
                "100 KB of header".into(),
                stage.with_header("extra", json!("x".repeat(100_000))),
            ),
            ("nothing".into(), "x".into()),
        ])
        .await;
}

#[actix_web::test]
async fn a_client_that_is_not_registered_or_another_than_the_token_says_gets_nothing() {
    let stage = Stage::new().await;
    // Only the command line's tokens need no registration; whoever drops that mark needs one.
    let mark: Vec<String> = stage
        .claims
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| name.contains("origin"))
        .cloned()
        .collect();
    assert_eq!(mark.len(), 1, "{}", stage.claims);
    stage
        .refuses(vec![
            ("not registered".into(), stage.without_claim(&mark[0])),
            (
                "an invented origin".into(),
                stage.with_claim(&mark[0], json!("root")),
            ),
        ])
        .await;
    let admin = stage.t.officer(&[Scope::Admin]);
    let body = json!({"client_id": "bank", "name": "Ngân hàng", "kind": "confidential",
        "agency": "bank_970436", "scopes": ["check:read"]});
    let call = admin.post("/v1/clients").json(&body);
    call.send().await.expect(201);
    let mut claims = stage.claims.clone();
    claims.as_object_mut().unwrap().remove(&mark[0]);
    claims["client_id"] = json!("bank");
    claims["scope"] = json!("tips:read check:read admin");
    let token = stage.sign(&stage.header.to_string(), &claims.to_string());
    let bearer = stage.t.anyone().with_token(&token);
    for path in ["/v1/tips", "/v1/clients"] {
        let refused = bearer.get(path).send().await.problem(403);
        assert_eq!(
            refused["code"], "insufficient_scope",
            "more than the registration: {path}"
        );
    }
}
