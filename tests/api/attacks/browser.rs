//! What another site can do through the browser of somebody who may come in, and what a browser may do with
//! an answer.

use actix_web::http::Method;
use serde_json::json;
use tinbao::app;
use tinbao::auth::Scope;

use super::inputs::everything;
use crate::support::{Reply, TestApp};

const APP: &str = "https://app.example.vn";

/// What must be on every answer, whatever it says.
#[track_caller]
fn assert_guarded(what: &str, reply: &Reply) {
    assert_eq!(reply.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(reply.header("referrer-policy"), "no-referrer", "{what}");
    assert!(!reply.header("x-request-id").is_empty(), "{what}");
    assert!(
        reply.header("location").is_empty(),
        "{what}: nothing redirects"
    );
    let policies: Vec<_> = reply
        .headers
        .get_all("content-security-policy")
        .map(|value| value.to_str().unwrap())
        .collect();
    let policy = policies.join(", ");
    for part in [
        "default-src",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(
        !policy.contains("script-src 'self' 'unsafe"),
        "{what}: {policy}"
    );
    for name in ["server", "x-powered-by", "set-cookie"] {
        assert!(reply.header(name).is_empty(), "{what}: {name}");
    }
    let kind = reply.header("content-type");
    assert!(reply.bytes.is_empty() || !kind.is_empty(), "{what}");
    let is_text = kind.starts_with("text/") && kind != "text/event-stream";
    assert!(!is_text || kind.contains("charset=utf-8"), "{what}: {kind}");
}

#[actix_web::test]
async fn every_answer_forbids_framing_sniffing_and_scripts() {
    let t = TestApp::new().await;
    let all = everything(&t);
    let mut kept = Vec::new();
    for endpoint in app::api().endpoints() {
        let path = endpoint.path.clone();
        let filled = path.replace("{slug}", "not_found");
        let filled = super::inputs::fill(&filled, None);
        let verb = crate::conventions::method(&endpoint.method);
        let what = format!("{verb} {path}");
        let reply = t.anyone().call(verb.clone(), &filled).send().await;
        assert_guarded(&what, &reply);
        if verb == Method::GET {
            let reply = all.get(&filled).send().await;
            assert_guarded(&what, &reply);
            if reply.header("cache-control") != "no-store" {
                kept.push(path);
            }
        }
    }
    for path in [
        "/nothing",
        "/docs",
        "/docs/swagger-ui-bundle.js",
        "/problems/not_found",
        "/v1/tips/%ff",
    ] {
        assert_guarded(path, &t.anyone().get(path).send().await);
    }
    // What may be kept by a browser or on the way is public, or the same for all who ask.
    kept.retain(|path| {
        let open = [
            "/.well-known/",
            "/v1/public/",
            "/v1/feeds/",
            "/v1/check/hashes/",
            "/v1/reference/",
        ];
        let pages = ["/docs", "/problems", "/problems/{slug}", "/openapi.json"];
        !open.iter().any(|start| path.starts_with(start)) && !pages.contains(&path.as_str())
    });
    assert!(kept.is_empty(), "{kept:?}");
}

#[actix_web::test]
async fn only_origins_that_are_configured_may_read_and_none_brings_cookies() {
    let t = TestApp::with(&[("TINBAO_CORS_ORIGINS", APP)]).await;
    let officer = t.officer(&[Scope::TipsRead]);
    let ask = |origin: &str| officer.get("/v1/tips").header("Origin", origin).send();
    let reply = ask(APP).await;
    reply.expect(200);
    assert_eq!(reply.header("access-control-allow-origin"), APP);
    assert!(reply.header("vary").to_ascii_lowercase().contains("origin"));
    assert!(reply.header("access-control-allow-credentials").is_empty());
    for origin in [
        "https://evil.example",
        "null",
        "http://app.example.vn",
        "https://app.example.vn.evil.example",
        "https://evil-app.example.vn",
        "https://app.example.vn:8443",
        "https://app.example.vn/",
        "https://APP.example.vn%00",
        "file://",
        "*",
    ] {
        let reply = ask(origin).await;
        assert!(
            reply.header("access-control-allow-origin").is_empty(),
            "{origin}"
        );
        let preflight = t
            .anyone()
            .call(Method::OPTIONS, "/v1/tips")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization")
            .send()
            .await;
        assert!(
            preflight.header("access-control-allow-origin").is_empty(),
            "{origin}"
        );
    }
    for (name, value, allowed) in [
        ("Access-Control-Request-Method", "DELETE", true),
        ("Access-Control-Request-Method", "TRACE", false),
        ("Access-Control-Request-Headers", "tip-receipt", true),
        ("Access-Control-Request-Headers", "x-forwarded-for", false),
    ] {
        let call = t
            .anyone()
            .call(Method::OPTIONS, "/v1/tips")
            .header("Origin", APP);
        let call = if name.ends_with("Headers") {
            call.header("Access-Control-Request-Method", "POST")
        } else {
            call
        };
        let preflight = call.header(name, value).send().await;
        assert_eq!(preflight.status.is_success(), allowed, "{name}: {value}");
    }
}

#[actix_web::test]
async fn a_form_of_another_site_does_nothing() {
    let t = TestApp::new().await;
    let token = t.token(&crate::support::Claims {
        scopes: "tips:submit tips:read",
        ..Default::default()
    });
    let tip = json!({"narrative": "forged"}).to_string();
    // What a browser sends to another site without asking first.
    for kind in [
        "text/plain",
        "text/plain; charset=utf-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain, application/json",
        "application/jsonp",
    ] {
        let forged = t.citizen().post("/v1/tips").body(kind, tip.clone());
        forged.send().await.problem(415);
    }
    // Nothing that a browser adds by itself, or that stands in an address, is a credential.
    for (name, value) in [
        (
            "Cookie",
            format!("token={token}; access_token={token}; Authorization=Bearer {token}"),
        ),
        ("Proxy-Authorization", format!("Bearer {token}")),
        ("X-Authorization", format!("Bearer {token}")),
        ("X-Access-Token", token.clone()),
        ("Authorization", format!("Basic {token}")),
    ] {
        let call = t.anyone().get("/v1/tips").header(name, &value);
        call.send().await.problem(401);
    }
    for query in [
        "access_token",
        "token",
        "authorization",
        "receipt",
        "tip_receipt",
    ] {
        let path = format!("/v1/tips?{query}={token}");
        t.anyone().get(&path).send().await.problem(401);
        let path = format!("/v1/receipt?{query}=AAAA-BBBB-CCCC");
        t.anyone().get(&path).send().await.problem(401);
    }
    // What changes something is never a GET.
    let api = app::api();
    let changes = [
        "/claim",
        "/release",
        "/reveal",
        "/withdraw",
        "/decision",
        "/approve",
        "/revoke",
    ];
    for endpoint in api.endpoints() {
        let is_change = changes.iter().any(|end| endpoint.path.ends_with(end));
        let is_get = crate::conventions::method(&endpoint.method) == Method::GET;
        assert!(!(is_change && is_get), "{}", endpoint.path);
    }
    let jsonp = t.citizen().get("/openapi.json?callback=run").send().await;
    assert!(!jsonp.text().starts_with("run"));
}

#[actix_web::test]
async fn parameters_said_twice_and_bodies_that_swell_are_refused() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsRead]);
    for query in [
        "limit=1&limit=200",
        "desk=a&desk=b",
        "cursor=a&cursor=b",
        "q=a&q=b",
    ] {
        let reply = officer
            .get(&format!("/v1/triage/queue?{query}"))
            .send()
            .await;
        assert!(
            [400, 422].contains(&reply.status.as_u16()),
            "{query}: {}",
            reply.text()
        );
    }
    let twice = r#"{"attestation": "a", "attestation": "b"}"#;
    let call = t.anyone().post("/v1/attestations/verify");
    let reply = call.body("application/json", twice).send().await;
    assert!(
        [400, 422].contains(&reply.status.as_u16()),
        "{}",
        reply.text()
    );
    // Ten megabytes of spaces, in ten kilobytes.
    let small = {
        use std::io::Write as _;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(br#"{"narrative": "x"}"#).unwrap();
        gzip.write_all(&vec![b' '; 10_000_000]).unwrap();
        gzip.finish().unwrap()
    };
    for coding in [
        "gzip",
        "deflate",
        "br",
        "zstd",
        "gzip, gzip",
        "identity, gzip",
    ] {
        let call = t
            .citizen()
            .post("/v1/tips")
            .header("Content-Encoding", coding);
        let reply = call.body("application/json", small.clone()).send().await;
        assert!(
            [400, 413, 415].contains(&reply.status.as_u16()),
            "{coding}: {}",
            reply.text()
        );
    }
}
