//! What goes to the public and to other agencies, and what protects people: verdicts, warnings, webhooks, holds, and
//! requests of data subjects.

use serde_json::json;

use super::{Acts, text};
use crate::advisories::warning;
use crate::checks::{id_of, report};
use crate::support::{Client, Receiver};

/// Official entries, and warnings to the public.
pub async fn public(acts: &mut Acts, one: &Client, two: &Client) {
    report(&acts.t, "0215 123 4567", "0900000002").await;
    acts.t.settle().await;
    let id = id_of(&acts.t, "0215 123 4567").await;
    let path = format!("/v1/indicators/{id}/verdict");
    let official = json!({"verdict": "official", "reason": "agency_line",
        "source": "trang thông tin của cơ quan", "checked_at": "2026-11-20"});
    let cleared = json!({"verdict": "cleared", "reason": "no_longer_in_use"});
    for wish in [&official, &cleared] {
        let call = one.put(&path).json(wish);
        let name = "PUT /v1/indicators/{id}/verdict";
        acts.does(name, call, (&["indicator.verdict"], "admin-1", Some(&id)))
            .await;
    }
    let call = two.post(&format!("{path}/approve"));
    let name = "POST /v1/indicators/{id}/verdict/approve";
    acts.does(name, call, (&["indicator.verdict"], "admin-2", Some(&id)))
        .await;

    let call = one.post("/v1/advisories").json(&warning());
    let made = acts
        .does(
            "POST /v1/advisories",
            call,
            (&["advisory.created"], "admin-1", None),
        )
        .await;
    let id = text(&made["id"]);
    let path = format!("/v1/advisories/{id}");
    let call = one
        .patch(&path)
        .header("If-Match", "*")
        .json(&json!({"severity": "moderate"}));
    acts.does(
        "PATCH /v1/advisories/{id}",
        call,
        (&["advisory.updated"], "admin-1", Some(&id)),
    )
    .await;
    let call = two.post(&format!("{path}/publish"));
    let name = "POST /v1/advisories/{id}/publish";
    acts.does(name, call, (&["advisory.published"], "admin-2", Some(&id)))
        .await;
    let call = two
        .post(&format!("{path}/retract"))
        .json(&json!({"reason": "Có sai sót."}));
    let name = "POST /v1/advisories/{id}/retract";
    acts.does(name, call, (&["advisory.retracted"], "admin-2", Some(&id)))
        .await;
}

/// Webhooks, tried on a receiver.
pub async fn webhooks(acts: &mut Acts, one: &Client) {
    let receiver = Receiver::start().await;
    let body = json!({"url": receiver.url, "events": ["tip.received"]});
    let call = one.post("/v1/webhooks").json(&body);
    let made = acts
        .does(
            "POST /v1/webhooks",
            call,
            (&["webhook.created"], "admin-1", None),
        )
        .await;
    let id = text(&made["id"]);
    let path = format!("/v1/webhooks/{id}");
    let call = one
        .patch(&path)
        .header("If-Match", "*")
        .json(&json!({"events": ["tip.decided"]}));
    acts.does(
        "PATCH /v1/webhooks/{id}",
        call,
        (&["webhook.updated"], "admin-1", Some(&id)),
    )
    .await;
    let call = one.post(&format!("{path}/secret"));
    let name = "POST /v1/webhooks/{id}/secret";
    acts.does(
        name,
        call,
        (&["webhook.secret_rotated"], "admin-1", Some(&id)),
    )
    .await;
    let call = one.post(&format!("{path}/test"));
    let name = "POST /v1/webhooks/{id}/test";
    let test = acts
        .does(name, call, (&["webhook.tested"], "admin-1", Some(&id)))
        .await;
    acts.t.dispatch().await;
    let call = one.post(&format!("{path}/deliveries/{}/replay", text(&test["id"])));
    let name = "POST /v1/webhooks/{id}/deliveries/{delivery_id}/replay";
    acts.does(name, call, (&["webhook.replayed"], "admin-1", Some(&id)))
        .await;
    let call = one.delete(&path);
    acts.does(
        "DELETE /v1/webhooks/{id}",
        call,
        (&["webhook.deleted"], "admin-1", Some(&id)),
    )
    .await;
}

/// Holds, and what people may ask about their own data.
pub async fn holds(acts: &mut Acts, one: &Client, two: &Client) {
    let call = one.post("/v1/cases").json(&json!({"title": "Vụ mẫu"}));
    let case = acts
        .does("POST /v1/cases", call, (&["case.opened"], "admin-1", None))
        .await;
    let id = text(&case["id"]);
    let hold = format!("/v1/cases/{id}/hold");
    let call = one
        .put(&hold)
        .json(&json!({"reason": "Viện kiểm sát yêu cầu."}));
    acts.does(
        "PUT /v1/cases/{id}/hold",
        call,
        (&["case.moved"], "admin-1", Some(&id)),
    )
    .await;
    let call = one.delete(&hold);
    let name = "DELETE /v1/cases/{id}/hold";
    acts.does(name, call, (&["case.moved"], "admin-1", Some(&id)))
        .await;
    let call = two.post(&format!("{hold}/approve"));
    let name = "POST /v1/cases/{id}/hold/approve";
    acts.does(name, call, (&["case.moved"], "admin-2", Some(&id)))
        .await;

    let tip = acts.t.submit(&json!({"narrative": "Lừa đảo"})).await;
    // The use of what is still worked on is not restricted.
    let claim = format!("/v1/tips/{}/claim", text(&tip["id"]));
    one.put(&claim).send().await.expect(200);
    let dismiss = one.post(&claim.replace("/claim", "/decisions"));
    let why = json!({"decision": "dismiss", "reason": "insufficient"});
    dismiss.json(&why).send().await.expect(200);
    let ask = json!({"kind": "restriction", "text": "tường-thuật-đánh-dấu", "tip_id": tip["id"]});
    acts.secrets.push("tường-thuật-đánh-dấu".to_owned());
    let call = one.post("/v1/privacy/requests").json(&ask);
    let name = "POST /v1/privacy/requests";
    let asked = acts
        .does(name, call, (&["privacy.requested"], "admin-1", None))
        .await;
    let id = text(&asked["id"]);
    let path = format!("/v1/privacy/requests/{id}");
    let call = two.post(&format!("{path}/acknowledge"));
    let name = "POST /v1/privacy/requests/{id}/acknowledge";
    acts.does(
        name,
        call,
        (&["privacy.acknowledged"], "admin-2", Some(&id)),
    )
    .await;
    let reason = json!({"reason": "Phải hỏi ý kiến Viện kiểm sát."});
    let call = two.post(&format!("{path}/extend")).json(&reason);
    let name = "POST /v1/privacy/requests/{id}/extend";
    acts.does(name, call, (&["privacy.extended"], "admin-2", Some(&id)))
        .await;
    let grant = json!({"decision": "granted", "reason": "Đúng quy định."});
    let call = two.post(&format!("{path}/decide")).json(&grant);
    let name = "POST /v1/privacy/requests/{id}/decide";
    acts.does(
        name,
        call,
        (&["privacy.decided", "tip.updated"], "admin-2", None),
    )
    .await;
    let call = two.post(&format!("{path}/lift")).json(&reason);
    let name = "POST /v1/privacy/requests/{id}/lift";
    acts.does(
        name,
        call,
        (&["privacy.lifted", "tip.updated"], "admin-2", None),
    )
    .await;
}
