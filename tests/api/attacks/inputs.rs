//! Input that means something to the machinery behind: SQL, paths, cursors, depth, size.

use actix_web::http::Method;
use serde_json::{Value, json};
use tinbao::app;

use crate::support::{Claims, Client, TestApp};

/// Values that mean something to a database, a shell, a template, a file system, a log or a parser.
const NASTY: &[&str] = &[
    "'",
    "' or '1'='1",
    "'; drop table tips; --",
    "1) union select version() --",
    "$1",
    "$$;select pg_sleep(5)$$",
    "\\",
    "%",
    "_%_",
    "a\u{0}b",
    "\u{feff}\u{202e}\u{fffd}",
    "\r\nX-Injected: 1",
    "{{7*7}}${7*7}",
    "../../../../etc/passwd",
    "..\\..\\windows",
    "-1",
    "0",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "1e309",
    "NaN",
    "9999-12-31T23:59:59Z",
    "-271821-04-20T00:00:00Z",
    "-9999-01-01T00:00:00Z",
    "-262143-01-01T00:00:00Z",
    "+200000-01-01T00:00:00Z",
    "+262142-12-31T23:59:59Z",
    "2026-11-24T00:00:00+23:59",
    "null",
    "true",
    "[]",
    "{}",
    "& | ! ( ) :* <->",
    "'a' <-> 'b' & !'c':*",
    "ﷺ💩",
];

pub fn everything(t: &TestApp) -> Client {
    let scopes: Vec<&str> = tinbao::auth::Scope::ALL
        .iter()
        .map(|s| s.as_str())
        .collect();
    t.bearer(&Claims {
        scopes: &scopes.join(" "),
        ..Claims::default()
    })
}

fn query(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair(name, value)
        .finish()
}

#[actix_web::test]
async fn nasty_values_in_every_parameter_break_nothing() {
    let t = TestApp::new().await;
    let tip = json!({"narrative": "x", "indicators": [{"value": "0912345678"}]});
    let sent = t.citizen().post("/v1/tips").json(&tip).send().await;
    let receipt = sent.expect(201)["receipt"].as_str().unwrap().to_owned();
    t.settle().await;
    let client = everything(&t);
    let document = serde_json::to_value(app::openapi()).unwrap();
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("get").filter(|_| path != "/v1/triage/events") else {
            continue;
        };
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            // What all share is a header, and stands there by reference.
            let Some(name) = parameter["name"].as_str() else {
                continue;
            };
            for value in NASTY {
                let filled = match parameter["in"].as_str().unwrap() {
                    "query" => format!("{}?{}", fill(path, None), query(name, value)),
                    "path" => fill(path, Some((name, value))),
                    _ => continue,
                };
                let call = client.get(&filled);
                let reply = call.header("Tip-Receipt", &receipt).send().await;
                let status = reply.status.as_u16();
                assert!(
                    [200, 400, 403, 404, 409, 422].contains(&status),
                    "{filled}: {status} {}",
                    reply.text()
                );
                assert!(reply.header("x-injected").is_empty(), "{filled}");
                assert!(
                    !reply.text().contains("PostgreSQL"),
                    "{filled}: {}",
                    reply.text()
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 1_500, "{tried}");
    let seen = client.get("/v1/tips").send().await.expect(200);
    assert_eq!(
        seen["items"].as_array().unwrap().len(),
        1,
        "nothing was dropped"
    );
}

/// A path with one parameter replaced by a value, the others by an id that is nobody's.
pub fn fill(path: &str, replaced: Option<(&str, &str)>) -> String {
    path.split('/')
        .map(|part| match (part.strip_prefix('{'), replaced) {
            (Some(name), Some((wanted, value))) if name.trim_end_matches('}') == wanted => {
                form_urlencoded::byte_serialize(value.as_bytes())
                    .collect::<String>()
                    .replace('+', "%20")
            }
            (Some(_), _) => "01a20cb8-6af2-7504-a69a-0807b6089184".to_owned(),
            (None, _) => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[actix_web::test]
async fn nasty_values_in_every_body_break_nothing() {
    let t = TestApp::new().await;
    let client = everything(&t);
    let document = serde_json::to_value(app::openapi()).unwrap();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_objects = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
    let wide = format!("{{{}\"z\":1}}", "\"a\":1,".repeat(30_000));
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            let content = &operation["requestBody"]["content"];
            if !content["application/json"].is_object() {
                continue;
            }
            let method = Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap();
            // A batch may be long; nothing else is.
            let limit = if path == "/v1/tips/batch" {
                8 * 1024 * 1024
            } else {
                256 * 1024
            };
            let big = format!("{{\"text\": \"{}\"}}", "x".repeat(limit));
            let path = fill(&path.replace("{year}", "2026"), None);
            let send = |body: String| {
                client
                    .call(method.clone(), &path)
                    .header("If-Match", "\"1\"")
                    .header("Tip-Receipt", "GKV6-RKHD-471B-CWAP-FMXH")
                    .body("application/json", body)
                    .send()
            };
            for (what, body) in [
                ("deep", &deep),
                ("deep objects", &deep_objects),
                ("wide", &wide),
                ("big", &big),
            ] {
                let status = send(body.clone()).await.status.as_u16();
                assert!(
                    (400..500).contains(&status) || (what == "wide" && status < 300),
                    "{verb} {path} {what}: {status}"
                );
            }
            for value in NASTY {
                let body = json!({"value": value, "text": value, "reason": value, "decision": value, "filter": {"q": value},
                    "client_id": value, "title": value, "name": value, "purpose": value, "narrative": value, "max": value});
                let reply = send(body.to_string()).await;
                assert!(
                    reply.status.as_u16() < 500,
                    "{verb} {path} {value:?}: {}",
                    reply.text()
                );
            }
        }
    }
}

#[actix_web::test]
async fn a_cursor_is_good_for_its_own_list_alone_and_only_whole() {
    let t = TestApp::new().await;
    for n in 0..3 {
        let body =
            json!({"narrative": format!("tin {n}"), "indicators": [{"value": "0912345678"}]});
        t.submit(&body).await;
        t.submit(&json!({"indicators": [{"value": format!("091234567{n}")}]}))
            .await;
    }
    t.settle().await;
    let client = everything(&t);
    let lists = [
        "/v1/tips?limit=1",
        "/v1/triage/queue?limit=1",
        "/v1/audit?limit=1",
        "/v1/indicators?limit=1",
        "/v1/register?limit=1",
        "/v1/tips?limit=1&method=other",
    ];
    let mut cursors = Vec::new();
    for list in lists {
        let page = client.get(list).send().await.expect(200);
        if let Some(cursor) = page["next_cursor"].as_str() {
            cursors.push((list, cursor.to_owned()));
        }
    }
    assert!(cursors.len() >= 5, "{cursors:?}");
    for (from, cursor) in &cursors {
        for list in lists {
            let reply = client.get(&format!("{list}&cursor={cursor}")).send().await;
            if list == *from {
                reply.expect(200);
            } else {
                let problem = reply.problem(400);
                assert_eq!(problem["code"], "invalid_cursor", "{from} in {list}");
            }
        }
        for position in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[position] = if changed[position] == b'A' {
                b'B'
            } else {
                b'A'
            };
            let changed = String::from_utf8(changed).unwrap();
            let reply = client.get(&format!("{from}&cursor={changed}")).send().await;
            // The spare bits of the last letter carry nothing; a strict decoder refuses them as well.
            assert_eq!(reply.status.as_u16(), 400, "{from} {position}");
        }
        for cursor in [
            "",
            "x",
            "%00",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            &"A".repeat(10_000),
        ] {
            let reply = client.get(&format!("{from}&cursor={cursor}")).send().await;
            assert_eq!(reply.status.as_u16(), 400, "{from} {cursor}");
        }
    }
}

#[actix_web::test]
async fn a_files_name_is_never_a_path() {
    let t = TestApp::new().await;
    let sent = t
        .submit(&json!({"narrative": "x", "attachments_announced": 1}))
        .await;
    let receipt = sent["receipt"].as_str().unwrap();
    let outside = std::path::PathBuf::from(t.setting("TINBAO_DATA_DIR"));
    for name in [
        "../../../../tmp/tinbao-escaped",
        "..\\..\\tinbao-escaped",
        "/tmp/tinbao-escaped",
        "%2e%2e%2ftinbao-escaped",
        "a\u{0}tinbao-escaped",
        "tinbao-escaped; rm -rf .",
    ] {
        let body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\nx\r\n--edge--\r\n"
        );
        let reply = t
            .anyone()
            .post("/v1/receipt/attachments")
            .header("Tip-Receipt", receipt)
            .body("multipart/form-data; boundary=edge", body)
            .send()
            .await;
        assert!(reply.status.as_u16() < 500, "{name}: {}", reply.text());
        assert!(
            !reply.text().contains("escaped"),
            "{name}: {}",
            reply.text()
        );
    }
    let mut waiting = vec![outside];
    let mut files = 0;
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else {
            files += 1;
        }
        assert!(
            !path.to_string_lossy().contains("escaped"),
            "{}",
            path.display()
        );
    }
    assert!(files >= 4, "{files}");
    assert!(!std::path::Path::new("/tmp/tinbao-escaped").exists());
    let client = everything(&t);
    for path in [
        "/v1/feeds/..%2f..%2fetc%2fpasswd",
        "/v1/feeds/....//etc/passwd",
        "/problems/..%2f..%2fCargo.toml",
        "/v1/tips/..%2f..%2f/attachments/..%2f",
        "/docs/../../etc/passwd",
        "/v1/../etc/passwd",
        "/.git/config",
        "/.env",
    ] {
        client.get(path).send().await.problem(404);
    }
}

#[actix_web::test]
async fn headers_that_pretend_another_method_host_or_address_change_nothing() {
    let t = TestApp::new().await;
    let sent = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "x"}))
        .send()
        .await;
    let sent: Value = sent.expect(201);
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    let client = everything(&t);
    for name in [
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "_method",
    ] {
        let reply = client.get(&path).header(name, "DELETE").send().await;
        reply.expect(200);
        client.get(&path).send().await.expect(200);
    }
    for (name, value) in [
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "for=127.0.0.1;host=evil.example;proto=https"),
        ("X-Original-URL", "/v1/clients"),
        ("X-Rewrite-URL", "/v1/clients"),
        ("Referer", "https://evil.example/"),
        ("Origin", "https://evil.example"),
    ] {
        let reply = client
            .get("/v1/tips?limit=1")
            .header(name, value)
            .send()
            .await;
        reply.expect(200);
        let headers = format!("{:?}", reply.headers);
        assert!(!headers.contains("evil.example"), "{name}: {headers}");
        assert!(
            !reply.text().contains("evil.example"),
            "{name}: {}",
            reply.text()
        );
    }
    // An address that nobody vouches for is not believed: the limit counts the real one.
    let limited = TestApp::with(&[("TINBAO_LIMITS", "address=1/s:3")]).await;
    let mut refused = 0;
    for n in 0..12 {
        let call = limited
            .anyone()
            .post("/v1/devices")
            .json(&json!({"client_id": "x"}));
        let call = call.header("X-Forwarded-For", &format!("203.0.113.{n}"));
        let reply = call
            .header("Forwarded", &format!("for=203.0.113.{n}"))
            .send()
            .await;
        refused += u8::from(reply.status.as_u16() == 429);
    }
    assert!(refused >= 8, "{refused}");
}
