//! Other people's objects (OWASP API1): for whoever may not know of them they do not exist.

use actix_web::http::Method;
use serde_json::{Value, json};
use tinbao::app;
use tinbao::auth::Scope;
use utoipa::openapi::path::HttpMethod;

use crate::support::{Claims, Client, TestApp};
use crate::webhooks::{LOCAL, register};

pub const NOBODY: &str = "01a20cb8-6af2-7504-a69a-0807b6089184";

/// Endpoints whose path names no object of one part of the province: what all officers or everybody may know, and
/// clients, requests and reveals, which `confinement`, `client_tokens` and `privacy::requests` try.
const NO_OBJECTS: &[&str] = &[
    "DELETE /v1/clients/{id}",
    "DELETE /v1/devices/{device}",
    "GET /taxii2/api/collections/{collection}/",
    "GET /taxii2/api/collections/{collection}/manifest/",
    "GET /taxii2/api/collections/{collection}/objects/",
    "GET /taxii2/api/collections/{collection}/objects/{object_id}/",
    "GET /taxii2/api/collections/{collection}/objects/{object_id}/versions/",
    "GET /v1/advisories/{id}",
    "GET /v1/agencies/{code}",
    "GET /v1/calendar/{year}",
    "GET /v1/check/hashes/{prefix}",
    "GET /v1/clients/{id}",
    "GET /v1/feeds/misp/{file}",
    "GET /v1/feeds/{file}",
    "GET /v1/privacy/requests/{id}",
    "PATCH /v1/advisories/{id}",
    "PATCH /v1/agencies/{code}",
    "PATCH /v1/clients/{id}",
    "POST /v1/advisories/{id}/publish",
    "POST /v1/advisories/{id}/retract",
    "POST /v1/clients/{id}/approve",
    "POST /v1/clients/{id}/secret",
    "POST /v1/privacy/requests/{id}/acknowledge",
    "POST /v1/privacy/requests/{id}/decide",
    "POST /v1/privacy/requests/{id}/disclosure",
    "POST /v1/privacy/requests/{id}/extend",
    "POST /v1/privacy/requests/{id}/lift",
    "POST /v1/reveals/{id}/approve",
    "POST /v1/reveals/{id}/decline",
    "PUT /v1/calendar/{year}",
];

/// Bodies that would do something, so that the object is looked for at all.
const BODIES: &[(&str, &str)] = &[
    (
        "POST /v1/appeals/{id}/decision",
        r#"{"decision": "rejected", "reason": "không có căn cứ"}"#,
    ),
    ("PATCH /v1/cases/{id}", r#"{"title": "Vụ khác"}"#),
    (
        "POST /v1/cases/{id}/acts",
        r#"{"act": "classified", "at": "2026-11-24T01:00:00Z"}"#,
    ),
    ("POST /v1/cases/{id}/decisions", r#"{"decision": "assign"}"#),
    (
        "PUT /v1/cases/{id}/hold",
        r#"{"reason": "Viện kiểm sát yêu cầu."}"#,
    ),
    (
        "POST /v1/cases/{id}/merge",
        r#"{"case_id": "01a20cb8-6af2-7504-a69a-0807b6089184"}"#,
    ),
    ("POST /v1/cases/{id}/notes", r#"{"text": "Ghi chú"}"#),
    (
        "POST /v1/cases/{id}/tips",
        r#"{"tip_ids": ["01a20cb8-6af2-7504-a69a-0807b6089184"]}"#,
    ),
    (
        "DELETE /v1/cases/{id}/tips",
        r#"{"tip_ids": ["01a20cb8-6af2-7504-a69a-0807b6089184"]}"#,
    ),
    (
        "POST /v1/cases/{id}/unmerge",
        r#"{"case_id": "01a20cb8-6af2-7504-a69a-0807b6089184"}"#,
    ),
    (
        "PUT /v1/indicators/{id}/verdict",
        r#"{"verdict": "suspected", "reason": "reports"}"#,
    ),
    (
        "POST /v1/referrals/{id}/answers",
        r#"{"answer": "complete", "received_via": "phone", "document_number": "1/BB", "outcome": "blocked"}"#,
    ),
    (
        "POST /v1/referrals/{id}/complete",
        r#"{"outcome": "blocked"}"#,
    ),
    (
        "POST /v1/referrals/{id}/decline",
        r#"{"reason": "Không thuộc phạm vi."}"#,
    ),
    (
        "POST /v1/referrals/{id}/messages",
        r#"{"text": "Xin mã giao dịch."}"#,
    ),
    (
        "POST /v1/referrals/{id}/recall",
        r#"{"reason": "Gửi nhầm."}"#,
    ),
    (
        "PATCH /v1/referrals/{id}",
        r#"{"due_at": "2026-11-26T03:00:00Z"}"#,
    ),
    ("PATCH /v1/webhooks/{id}", r#"{"enabled": false}"#),
    (
        "POST /v1/tips/{id}/attachments/{attachment_id}/reveal",
        r#"{"purpose": "Xem ảnh gốc"}"#,
    ),
    ("POST /v1/tips/{id}/decisions", r#"{"decision": "accept"}"#),
    (
        "POST /v1/tips/{id}/messages",
        r#"{"text": "Anh chị cho hỏi"}"#,
    ),
    ("POST /v1/tips/{id}/notes", r#"{"text": "Ghi chú"}"#),
    (
        "PUT /v1/tips/{id}/notices/{code}",
        r#"{"channel": "letter", "sent_at": "2026-11-24T01:00:00Z"}"#,
    ),
    (
        "POST /v1/tips/{id}/reporter/reveal",
        r#"{"purpose": "Gọi lại hỏi"}"#,
    ),
    (
        "POST /v1/tips/{id}/submission/reveal",
        r#"{"purpose": "Gọi lại hỏi"}"#,
    ),
];

/// Objects of the provincial police that really exist.
pub struct World {
    pub t: TestApp,
    tip: String,
    attachment: String,
    case: String,
    decision: String,
    indicator: String,
    appeal: String,
    upload: String,
    referral: String,
    webhook: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub fn all_scopes() -> String {
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    scopes.join(" ")
}

impl World {
    pub async fn new() -> Self {
        let t = TestApp::with(LOCAL).await;
        let body = json!({"narrative": "Lừa đảo", "location": {"unit_code": "03334"},
            "reporter": {"name": "Người Báo Tin", "phone": "0900000001"},
            "indicators": [{"kind": "phone", "value": "0912 345 678"}]});
        let sent = t.submit(&body).await;
        let tip = text(&sent["id"]);
        t.settle().await;
        let officer = t.named_officer("analyst", Scope::ALL);
        let claim = officer.put(&format!("/v1/tips/{tip}/claim"));
        claim.send().await.expect(200);
        let file = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--edge--\r\n";
        let attachment = officer
            .post(&format!("/v1/tips/{tip}/attachments"))
            .body("multipart/form-data; boundary=edge", file)
            .send()
            .await
            .expect(201);
        let accept = officer.post(&format!("/v1/tips/{tip}/decisions"));
        let decided = accept
            .json(&json!({"decision": "accept"}))
            .send()
            .await
            .expect(200);
        let found = officer.get("/v1/indicators?value=0912345678").send().await;
        let indicator = text(&found.expect(200)["items"][0]["id"]);
        let refer = json!({"kind": "block_number", "agency": "carrier_viettel", "tip_id": tip,
            "indicator_ids": [indicator], "legal_basis": "BLTTHS 145", "note": "Đề nghị chặn số."});
        let referral = officer.post("/v1/referrals").json(&refer).send().await;
        let webhook = register(&officer, "http://127.0.0.1:9/", &["tip.decided"]).await;
        let appeal = t.anyone().post("/v1/appeals");
        let appeal = appeal.json(&json!({"value": "0912345678", "text": "Số của tôi."}));
        let cases = officer.get("/v1/cases").send().await.expect(200);
        let upload = officer.post(&format!("/v1/tips/{tip}/uploads"));
        let upload = upload.header("Tus-Resumable", "1.0.0");
        let upload = upload.header("Upload-Length", "5").send().await;
        Self {
            upload: text(&upload.expect(201)["id"]),
            attachment: text(&attachment["id"]),
            case: text(&cases["items"][0]["id"]),
            decision: text(&decided["id"]),
            referral: text(&referral.expect(201)["id"]),
            webhook: text(&webhook["id"]),
            indicator,
            appeal: text(&appeal.send().await.expect(201)["id"]),
            tip,
            t,
        }
    }

    /// The path with ids of objects that exist, if there are such objects here.
    pub fn real(&self, path: &str) -> Option<String> {
        let root = path.split('/').nth(2)?;
        let id = match root {
            "tips" => &self.tip,
            "cases" => &self.case,
            "indicators" => &self.indicator,
            "appeals" => &self.appeal,
            "referrals" => &self.referral,
            "webhooks" => &self.webhook,
            _ => return None,
        };
        Some(
            path.replace("{id}", id)
                .replace("{attachment_id}", &self.attachment)
                .replace("{decision_id}", &self.decision)
                .replace("{upload_id}", &self.upload)
                .replace("{delivery_id}", NOBODY)
                .replace("{code}", "notify_reporter_result"),
        )
    }

    /// What an officer who may see everything sees of it all.
    async fn seen(&self) -> String {
        let officer = self.t.named_officer("analyst", Scope::ALL);
        let mut all = String::new();
        for path in [
            format!("/v1/tips/{}", self.tip),
            format!("/v1/tips/{}/notes", self.tip),
            format!("/v1/tips/{}/messages", self.tip),
            format!("/v1/tips/{}/attachments", self.tip),
            format!("/v1/cases/{}", self.case),
            format!("/v1/indicators/{}", self.indicator),
            format!("/v1/referrals/{}", self.referral),
            format!("/v1/referrals/{}/messages", self.referral),
            format!("/v1/webhooks/{}", self.webhook),
        ] {
            all.push_str(&officer.get(&path).send().await.expect(200).to_string());
        }
        all
    }
}

pub fn verb(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Patch => Method::PATCH,
        _ => Method::DELETE,
    }
}

pub async fn ask(client: &Client, name: &str, method: Method, path: &str) -> (u16, Value) {
    let mut call = client
        .call(method.clone(), path)
        .header("If-Match", "\"1\"")
        .header("Tus-Resumable", "1.0.0")
        .header("X-Request-Id", "the-same");
    let body = BODIES.iter().find(|(known, _)| *known == name);
    if method != Method::GET {
        let body = body.map_or("{}", |(_, body)| *body);
        call = call.body("application/json", body.to_owned());
    }
    let reply = call.send().await;
    let mut answer: Value = serde_json::from_slice(&reply.bytes).unwrap_or_default();
    if let Some(object) = answer.as_object_mut() {
        object.remove("instance");
    }
    (reply.status.as_u16(), answer)
}

#[actix_web::test]
async fn objects_of_others_answer_like_objects_that_are_not_there() {
    let world = World::new().await;
    for id in [
        &world.attachment,
        &world.case,
        &world.decision,
        &world.indicator,
        &world.appeal,
        &world.upload,
        &world.referral,
        &world.webhook,
    ] {
        assert!(id.len() == 36, "the world is whole");
    }
    let before = world.seen().await;
    let api = app::api();
    let scopes = all_scopes();
    let all = Claims {
        sub: "analyst",
        scopes: &scopes,
        ..Claims::default()
    };
    let agency = Claims {
        agency: Some("bank_970436"),
        ..all
    };
    let no_unit = Claims {
        units: Some(&[]),
        ..all
    };
    let unit = Claims {
        units: Some(&["03127"]),
        ..all
    };
    let desk = Claims {
        desk: Some("another_desk"),
        ..all
    };
    let (mut tried, mut passed_over) = (0, Vec::new());
    for endpoint in api
        .endpoints()
        .iter()
        .filter(|e| e.path.contains('{') && !e.scopes.is_empty())
    {
        let method = verb(&endpoint.method);
        let name = format!("{method} {}", endpoint.path);
        let Some(real) = world.real(&endpoint.path) else {
            passed_over.push(name);
            continue;
        };
        let absent = world.real(&endpoint.path).map(|path| {
            let ids = [
                &world.tip,
                &world.case,
                &world.indicator,
                &world.appeal,
                &world.referral,
                &world.webhook,
            ];
            ids.iter()
                .fold(path, |path, id| path.replace(id.as_str(), NOBODY))
        });
        let absent = absent.unwrap();
        // A webhook of the police is about the whole province, and a confined officer is told so.
        let confined: &[(&str, &Claims<'_>)] = match endpoint.path.split('/').nth(2) {
            Some("tips" | "cases" | "indicators" | "appeals" | "referrals") => &[
                ("agency", &agency),
                ("no unit", &no_unit),
                ("another unit", &unit),
                ("another desk", &desk),
            ],
            _ => &[("agency", &agency)],
        };
        for (who, claims) in confined {
            let client = world.t.bearer(claims);
            let hidden = ask(&client, &name, method.clone(), &real).await;
            let none = ask(&client, &name, method.clone(), &absent).await;
            assert_eq!(hidden, none, "{name} for {who}");
            assert!(hidden.0 >= 400, "{name} for {who}: {hidden:?}");
            let looked_for =
                method == Method::GET || BODIES.iter().any(|(known, _)| *known == name);
            if looked_for {
                // Where an action names two objects, either is not there.
                let absent = hidden.0 == 404 || hidden.1["errors"][0]["code"] == "not_found";
                assert!(absent, "{name} for {who}: {hidden:?}");
            }
            tried += 1;
        }
        if method == Method::GET {
            let officer = world.t.bearer(&all);
            let shown = ask(&officer, &name, method, &real).await;
            // Only an identity that needs a purpose first is not simply shown.
            assert!(shown.0 < 400, "{name}: the object is there: {shown:?}");
        }
    }
    assert!(tried > 100, "{tried}");
    passed_over.sort();
    assert_eq!(
        passed_over, NO_OBJECTS,
        "give a new object to the world, or say why not"
    );
    let lists = [
        "/v1/tips",
        "/v1/triage/queue",
        "/v1/cases",
        "/v1/register",
        "/v1/reveals",
        "/v1/indicators",
        "/v1/appeals",
    ];
    for path in lists {
        for claims in [&agency, &no_unit, &unit, &desk] {
            let page = world.t.bearer(claims).get(path).send().await.expect(200);
            assert_eq!(page["items"], json!([]), "{path}");
        }
    }
    assert_eq!(world.seen().await, before, "and nothing was changed");
}
