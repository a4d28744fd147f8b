//! What is refused, and what fails, leaves one line in the log that says who was refused what.

use serde_json::{Value, json};
use tinbao::auth::Scope;
use tracing_subscriber::prelude::*;

use crate::clients::register;
use crate::support::{Call, Claims, Log, Reply, TestApp};

const MARKER: &str = "NguyenVanMarker";

/// The answer to a call and the lines that it left, as the program writes them.
async fn logged(call: Call) -> (Reply, Vec<Value>) {
    let log = Log::default();
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(log.clone());
    let filter = tracing_subscriber::EnvFilter::new("info");
    let subscriber = tracing_subscriber::registry().with(filter).with(layer);
    let reply = {
        let _logging = tracing::subscriber::set_default(subscriber);
        call.header("X-Request-Id", "request-7").send().await
    };
    let lines = log.text();
    assert!(!lines.contains(MARKER), "{lines}");
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    (reply, lines.collect())
}

#[actix_web::test]
async fn whatever_is_refused_leaves_one_line_that_says_who_was_refused_what() {
    let t = TestApp::with(&[(
        "TINBAO_LIMITS",
        "client=1/s:40,device=1/s:20,address=50/s:300",
    )])
    .await;
    let admin = t.named_officer("admin-1", &[Scope::Admin]);
    let app = json!({"client_id": "citizen-app", "name": "Ứng dụng", "kind": "public", "scopes": ["tips:submit", "check:read"]});
    register(&admin, app).await;
    let made = t
        .anyone()
        .post("/v1/devices")
        .json(&json!({"client_id": "citizen-app"}));
    let made = made.send().await.expect(201);
    let device_name = made["device"].as_str().unwrap();
    let device_token = made["access_token"].as_str().unwrap();
    let device = t.anyone().with_token(device_token);
    let tip = json!({"narrative": MARKER, "reporter": {"name": MARKER}});
    let sent = device.post("/v1/tips").json(&tip).send().await.expect(201);
    let (id, receipt) = (
        sent["id"].as_str().unwrap(),
        sent["receipt"].as_str().unwrap(),
    );
    let path = format!("/v1/tips/{id}");
    let reader = t.named_officer("analyst", &[Scope::TipsRead]);
    let elsewhere = t.bearer(&Claims {
        sub: "analyst-2",
        scopes: "tips:read",
        units: Some(&["03334"]),
        ..Claims::default()
    });
    let bank = t.bearer(&Claims {
        sub: "bank-admin",
        scopes: "admin",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let nobody = t.anyone();
    let none = Value::Null;
    let reveal = format!("{path}/reporter/reveal");
    let file = format!("{path}/attachments/{id}");
    let two = json!(format!("{id} {id}"));
    let client = format!("/v1/clients/{id}");
    let id = json!(id);
    let text = "text/plain";
    let (json_, half) = ("application/json", format!("{{\"narrative\": \"{MARKER}"));
    for (call, status, code, client, who, object) in [
        (nobody.get(&path), 401, "invalid_token", "", &none, &id),
        (
            t.anyone().with_token(MARKER).get(&path),
            401,
            "invalid_token",
            "",
            &none,
            &id,
        ),
        (
            reader.post(&reveal).json(&json!({"purpose": MARKER})),
            403,
            "insufficient_scope",
            "test",
            &json!("analyst"),
            &id,
        ),
        (
            elsewhere.get(&path),
            404,
            "not_found",
            "test",
            &json!("analyst-2"),
            &id,
        ),
        (
            elsewhere.get(&file),
            404,
            "not_found",
            "test",
            &json!("analyst-2"),
            &two,
        ),
        (
            bank.delete(&client),
            403,
            "forbidden",
            "test",
            &json!("bank-admin"),
            &id,
        ),
        (
            device.get(&path),
            403,
            "insufficient_scope",
            "citizen-app",
            &none,
            &id,
        ),
        (
            device.delete(&format!("/v1/devices/{device_name}x")),
            404,
            "not_found",
            "citizen-app",
            &none,
            &none,
        ),
        (
            t.citizen().get(&path),
            403,
            "insufficient_scope",
            "test",
            &none,
            &id,
        ),
        (
            device.post("/v1/tips").body(text, MARKER),
            415,
            "unsupported_media_type",
            "citizen-app",
            &none,
            &none,
        ),
        (
            device.post("/v1/tips").body(json_, half),
            400,
            "malformed",
            "citizen-app",
            &none,
            &none,
        ),
        (
            reader.get(&format!("/v1/tips?q={MARKER}&limit=0")),
            422,
            "validation",
            "test",
            &none,
            &none,
        ),
        (
            nobody.get(&format!("/v1/{MARKER}")),
            404,
            "not_found",
            "",
            &none,
            &none,
        ),
        (
            nobody.get("/v1/receipt").header("Tip-Receipt", MARKER),
            404,
            "not_found",
            "",
            &none,
            &none,
        ),
        (
            nobody.get("/v1/receipt"),
            401,
            "receipt_required",
            "",
            &none,
            &none,
        ),
        (
            nobody.post("/v1/oauth/token").body(
                "application/x-www-form-urlencoded",
                format!("grant_type=client_credentials&client_id={MARKER}&client_secret={MARKER}"),
            ),
            401,
            "invalid_client",
            "",
            &none,
            &none,
        ),
    ] {
        let (reply, lines) = logged(call).await;
        assert_eq!(reply.status.as_u16(), status, "{}", reply.text());
        let [line] = lines.as_slice() else {
            panic!("one line, not {lines:?}");
        };
        let said =
            ["status", "code", "client", "who", "object", "request_id"].map(|name| &line[name]);
        assert_eq!(
            said,
            [
                &json!(status),
                &json!(code),
                &json!(client),
                who,
                object,
                &json!("request-7")
            ],
            "{line}"
        );
        let route = line["route"].as_str().unwrap();
        assert!(line["message"].as_str().unwrap().contains(route), "{line}");
        let line = line.to_string();
        for secret in [receipt, device_token, device_name] {
            assert!(!line.contains(secret), "{line}");
        }
    }
    // Too much.
    let busy = t.citizen();
    let check = json!({"value": MARKER});
    let mut refused = None;
    for _ in 0..60 {
        let (reply, lines) = logged(busy.post("/v1/check").json(&check)).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        if reply.status.as_u16() == 429 {
            refused = lines.into_iter().next();
            break;
        }
    }
    let line = refused.unwrap();
    assert_eq!(
        (&line["code"], &line["client"], &line["route"]),
        (&json!("rate_limited"), &json!("test"), &json!("/v1/check")),
        "{line}"
    );
}

#[actix_web::test]
async fn a_fault_leaves_one_line_with_its_cause_and_no_value() {
    let t = TestApp::new().await;
    let tip = json!({"narrative": MARKER});
    let sent = t.submit(&tip).await;
    // What Postgres says of it quotes the whole row.
    let sql = "alter table tip_notes add check (text is null) not valid";
    diesel_async::RunQueryDsl::execute(diesel::sql_query(sql), &mut t.owner().await)
        .await
        .unwrap();
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let note = officer.post(&format!("/v1/tips/{}/notes", sent["id"].as_str().unwrap()));
    let (reply, lines) = logged(note.json(&json!({"text": MARKER}))).await;
    let problem = reply.problem(500);
    assert!(!problem.to_string().contains("tip_notes"), "{problem}");
    let [line] = lines.as_slice() else {
        panic!("one line, not {lines:?}");
    };
    assert_eq!(
        (
            &line["level"],
            &line["code"],
            &line["status"],
            &line["client"]
        ),
        (
            &json!("ERROR"),
            &json!("internal"),
            &json!(500),
            &json!("test")
        ),
        "{line}"
    );
    assert!(
        line["fault"]
            .as_str()
            .unwrap()
            .contains("querying the database"),
        "{line}"
    );
    assert_eq!(problem["request_id"], line["request_id"]);
}
