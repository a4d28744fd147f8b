//! What admins do, once each: every act is one entry of the audit, by whom and about what, and tells no secret.

mod protection;

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::acts::{ADMINISTRATION, entries};
use crate::clients::FORM;
use crate::support::{Call, Client, TestApp};
use crate::webhooks::LOCAL;

/// Acts, one after the other, and what has been written until now.
struct Acts {
    t: TestApp,
    known: HashSet<String>,
    done: BTreeSet<&'static str>,
    secrets: Vec<String>,
}

impl Acts {
    async fn fresh(&mut self) -> Vec<Value> {
        let mut all = entries(&self.t).await;
        all.retain(|entry| self.known.insert(entry["id"].as_str().unwrap().to_owned()));
        all
    }

    /// Does an act once: it leaves these entries, of this actor and about this subject. Returns its answer.
    async fn does(
        &mut self,
        name: &'static str,
        call: Call,
        (kinds, actor, about): (&[&str], &str, Option<&str>),
    ) -> Value {
        // What led here.
        self.fresh().await;
        let reply = call.send().await;
        assert!(reply.status.is_success(), "{name}: {}", reply.text());
        let answer: Value = serde_json::from_slice(&reply.bytes).unwrap_or_default();
        for secret in ["client_secret", "secret", "access_token"] {
            self.secrets
                .extend(answer[secret].as_str().map(str::to_owned));
        }
        let fresh = self.fresh().await;
        let mut told: Vec<&str> = fresh.iter().map(|e| e["type"].as_str().unwrap()).collect();
        told.sort_unstable();
        assert_eq!(told, kinds, "{name}");
        for entry in &fresh {
            assert_eq!(entry["actor"], actor, "{name}: {entry}");
            // What is made is named by the answer.
            let about = about.or(answer["id"].as_str());
            if let (Some(subject), Some(about)) = (entry["subject"].as_str(), about)
                && entry["type"] == kinds[0]
            {
                assert_eq!(subject, about, "{name}: {entry}");
            }
        }
        self.done.insert(name);
        answer
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Clients, tokens and devices.
async fn doors(acts: &mut Acts, one: &Client, two: &Client) {
    let bank = json!({"client_id": "bank", "name": "Ngân hàng", "kind": "confidential",
        "agency": "bank_970436", "scopes": ["tips:read", "audit:read"]});
    let call = one.post("/v1/clients").json(&bank);
    let made = acts
        .does(
            "POST /v1/clients",
            call,
            (&["client.created"], "admin-1", None),
        )
        .await;
    let (id, old) = (text(&made["id"]), text(&made["client_secret"]));
    let path = format!("/v1/clients/{id}");
    let approve = || two.post(&format!("{path}/approve"));
    let name = "POST /v1/clients/{id}/approve";
    acts.does(
        name,
        approve(),
        (&["client.approved"], "admin-2", Some(&id)),
    )
    .await;
    let call = one
        .patch(&path)
        .header("If-Match", "*")
        .json(&json!({"name": "Bank"}));
    acts.does(
        "PATCH /v1/clients/{id}",
        call,
        (&["client.updated"], "admin-1", Some(&id)),
    )
    .await;
    let call = one.post(&format!("{path}/secret"));
    let name = "POST /v1/clients/{id}/secret";
    let rotated = acts
        .does(
            name,
            call,
            (&["client.secret_rotated"], "admin-1", Some(&id)),
        )
        .await;
    approve().send().await.expect(200);

    let fresh = text(&rotated["client_secret"]);
    assert_ne!(fresh, old);
    let ask = format!("grant_type=client_credentials&client_id=bank&client_secret={fresh}");
    let call = acts.t.anyone().post("/v1/oauth/token").body(FORM, ask);
    let issued = acts
        .does(
            "POST /v1/oauth/token",
            call,
            (&["token.issued"], "bank", Some(&id)),
        )
        .await;
    let token = text(&issued["access_token"]);
    let end = format!("client_id=bank&client_secret={fresh}&token={token}");
    let call = acts.t.anyone().post("/v1/oauth/revoke").body(FORM, end);
    acts.does(
        "POST /v1/oauth/revoke",
        call,
        (&["token.revoked"], "bank", Some(&id)),
    )
    .await;
    let call = one.delete(&path);
    acts.does(
        "DELETE /v1/clients/{id}",
        call,
        (&["client.disabled"], "admin-1", Some(&id)),
    )
    .await;

    let app = json!({"client_id": "app", "name": "Ứng dụng", "kind": "public", "scopes": ["tips:submit", "check:read"]});
    crate::clients::register(one, app).await;
    let mut token = Value::Null;
    let mut device = String::new();
    for kind in ["device.created", "device.renewed"] {
        let body = json!({"client_id": "app", "device_token": token});
        let call = acts.t.anyone().post("/v1/devices").json(&body);
        acts.fresh().await;
        let given = call.send().await;
        assert!(given.status.is_success(), "{}", given.text());
        let given: Value = serde_json::from_slice(&given.bytes).unwrap();
        (device, token) = (text(&given["device"]), given["access_token"].clone());
        acts.secrets.push(text(&token));
        let fresh = acts.fresh().await;
        assert_eq!((&fresh[0]["type"], fresh.len()), (&json!(kind), 1));
        assert_eq!(fresh[0]["actor"], device, "{kind}");
    }
    acts.done.insert("POST /v1/devices");
    let call = one.delete(&format!("/v1/devices/{device}"));
    acts.does(
        "DELETE /v1/devices/{device}",
        call,
        (&["device.ended"], "admin-1", None),
    )
    .await;
    let last = entries(&acts.t).await.pop().unwrap();
    assert_eq!(last["data"]["device"], device);
    let call = one
        .post("/v1/revocations")
        .json(&json!({"sub": "analyst-7", "reason": "Mất điện thoại"}));
    acts.does(
        "POST /v1/revocations",
        call,
        (&["tokens.ended"], "admin-1", None),
    )
    .await;
}

/// Agencies, calendar, routing, retention, campaigns.
async fn rules(acts: &mut Acts, one: &Client, two: &Client) {
    let agency = json!({"code": "hospital", "kind": "other", "name_vi": "Bệnh viện tỉnh", "name_en": "Hospital",
        "referral_kinds": ["publicise"]});
    let call = one.post("/v1/agencies").json(&agency);
    acts.does(
        "POST /v1/agencies",
        call,
        (&["agency.created"], "admin-1", None),
    )
    .await;
    let call = one.patch("/v1/agencies/hospital").header("If-Match", "*");
    let call = call.json(&json!({"expected_hours": 24}));
    acts.does(
        "PATCH /v1/agencies/{code}",
        call,
        (&["agency.updated"], "admin-1", None),
    )
    .await;

    let year = json!({"year": 2031, "working_weekends": [], "holidays": []});
    let call = one.put("/v1/calendar/2031").json(&year);
    acts.does(
        "PUT /v1/calendar/{year}",
        call,
        (&["calendar.replaced"], "admin-1", None),
    )
    .await;
    let routing = one.get("/v1/routing/rules").send().await.expect(200);
    let call = one
        .put("/v1/routing/rules")
        .header("If-Match", "*")
        .json(&routing);
    acts.does(
        "PUT /v1/routing/rules",
        call,
        (&["routing.replaced"], "admin-1", None),
    )
    .await;

    let shown = one.get("/v1/retention").send().await.expect(200);
    for (days, kind) in [
        (90, "retention.proposed"),
        (0, "retention.kept"),
        (91, "retention.proposed"),
    ] {
        let mut wish = json!({"rules": shown["rules"]});
        if days > 0 {
            wish["rules"][0]["after_days"] = json!(days);
        }
        let call = one.put("/v1/retention").header("If-Match", "*").json(&wish);
        acts.does("PUT /v1/retention", call, (&[kind], "admin-1", None))
            .await;
    }
    let call = two.post("/v1/retention/approve");
    acts.does(
        "POST /v1/retention/approve",
        call,
        (&["retention.approved"], "admin-2", None),
    )
    .await;

    let campaign = json!({"name": "Cao điểm", "from": "2026-11-25", "to": "2026-11-26"});
    let call = one.post("/v1/campaigns").json(&campaign);
    acts.does(
        "POST /v1/campaigns",
        call,
        (&["campaign.created"], "admin-1", None),
    )
    .await;
}

#[actix_web::test]
async fn every_act_of_administration_is_an_entry() {
    let t = TestApp::with(LOCAL).await;
    let one = t.named_officer("admin-1", Scope::ALL);
    let two = t.named_officer("admin-2", Scope::ALL);
    let mut acts = Acts {
        t,
        known: HashSet::new(),
        done: BTreeSet::new(),
        secrets: Vec::new(),
    };
    doors(&mut acts, &one, &two).await;
    rules(&mut acts, &one, &two).await;
    protection::public(&mut acts, &one, &two).await;
    protection::webhooks(&mut acts, &one).await;
    protection::holds(&mut acts, &one, &two).await;
    assert!(acts.done.iter().eq(ADMINISTRATION), "{:?}", acts.done);

    // Whoever reads the audit finds them, and no secret in them.
    acts.t.settle().await;
    let auditor = acts.t.named_officer("auditor", &[Scope::AuditRead]);
    let mut audit = String::new();
    for kind in [
        "client.secret_rotated",
        "token.issued",
        "token.revoked",
        "device.renewed",
        "retention.approved",
    ] {
        let page = auditor
            .get(&format!("/v1/audit?type={kind}"))
            .send()
            .await
            .expect(200);
        assert!(!page["items"].as_array().unwrap().is_empty(), "{kind}");
    }
    for entry in entries(&acts.t).await {
        audit.push_str(&entry.to_string());
    }
    assert!(acts.secrets.len() >= 7, "{}", acts.secrets.len());
    for secret in &acts.secrets {
        assert!(
            !audit.contains(secret.as_str()),
            "a secret stands in the audit"
        );
    }
}
