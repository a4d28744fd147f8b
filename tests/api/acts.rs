//! Nothing is changed without a trace: each act of an officer leaves its entry of the audit (contract §10).

use serde_json::Value;
use tinbao::app;
use utoipa::openapi::path::HttpMethod;

use crate::attacks::objects::{World, all_scopes, ask, verb};
use crate::support::{Claims, TestApp, rows};

/// What `administration::every_act_of_administration_is_an_entry` does.
pub const ADMINISTRATION: &[&str] = &[
    "DELETE /v1/cases/{id}/hold",
    "DELETE /v1/clients/{id}",
    "DELETE /v1/devices/{device}",
    "DELETE /v1/webhooks/{id}",
    "PATCH /v1/advisories/{id}",
    "PATCH /v1/agencies/{code}",
    "PATCH /v1/clients/{id}",
    "PATCH /v1/webhooks/{id}",
    "POST /v1/advisories",
    "POST /v1/advisories/{id}/publish",
    "POST /v1/advisories/{id}/retract",
    "POST /v1/agencies",
    "POST /v1/campaigns",
    "POST /v1/cases",
    "POST /v1/cases/{id}/hold/approve",
    "POST /v1/clients",
    "POST /v1/clients/{id}/approve",
    "POST /v1/clients/{id}/secret",
    "POST /v1/devices",
    "POST /v1/indicators/{id}/verdict/approve",
    "POST /v1/oauth/revoke",
    "POST /v1/oauth/token",
    "POST /v1/privacy/requests",
    "POST /v1/privacy/requests/{id}/acknowledge",
    "POST /v1/privacy/requests/{id}/decide",
    "POST /v1/privacy/requests/{id}/extend",
    "POST /v1/privacy/requests/{id}/lift",
    "POST /v1/retention/approve",
    "POST /v1/revocations",
    "POST /v1/webhooks",
    "POST /v1/webhooks/{id}/deliveries/{delivery_id}/replay",
    "POST /v1/webhooks/{id}/secret",
    "POST /v1/webhooks/{id}/test",
    "PUT /v1/calendar/{year}",
    "PUT /v1/cases/{id}/hold",
    "PUT /v1/indicators/{id}/verdict",
    "PUT /v1/retention",
    "PUT /v1/routing/rules",
];

/// What is written in the audit, oldest first.
pub async fn entries(t: &TestApp) -> Vec<Value> {
    let sql = "select json_build_object('id', id, 'type', type, 'actor', actor, 'subject', subject_id, 'data', data)::text as cell
        from (select id, type, actor, subject_id, data from journal
              union all select id, type, actor, subject_id, data from journal_pending) j order by id";
    let all = rows(t, sql).await.into_iter();
    all.map(|row| serde_json::from_str(&row).unwrap()).collect()
}

/// What `acts_done::what_takes_a_state_or_a_second_person_is_an_entry_of_the_audit_too` does.
pub const DONE: &[&str] = &[
    "DELETE /v1/cases/{id}/tips",
    "DELETE /v1/tips/{id}/claim",
    "PATCH /v1/tips/{id}/uploads/{upload_id}",
    "POST /v1/cases/{id}/acts",
    "POST /v1/cases/{id}/merge",
    "POST /v1/cases/{id}/tips",
    "POST /v1/cases/{id}/unmerge",
    "POST /v1/referrals",
    "POST /v1/referrals/{id}/acknowledge",
    "POST /v1/referrals/{id}/answers",
    "POST /v1/referrals/{id}/complete",
    "POST /v1/referrals/{id}/decline",
    "POST /v1/referrals/{id}/discard",
    "POST /v1/referrals/{id}/release",
    "POST /v1/referrals/{id}/send",
    "POST /v1/reveals/{id}/approve",
    "POST /v1/reveals/{id}/decline",
    "POST /v1/tips/sms",
    "POST /v1/tips/{id}/attachments",
    "POST /v1/tips/{id}/claim/override",
    "POST /v1/tips/{id}/decisions",
    "POST /v1/tips/{id}/handover",
    "POST /v1/tips/{id}/news",
    "POST /v1/tips/{id}/potential-victims/reveal",
    "POST /v1/tips/{id}/reopen",
    "POST /v1/triage/dismissals",
    "PUT /v1/cases/{id}/notices/{code}",
    "PUT /v1/referrals/{id}/results",
    "PUT /v1/tips/{id}/claim",
    "PUT /v1/tips/{id}/notices/{code}",
    "PUT /v1/tips/{id}/potential-victims/ground",
];

/// What takes more than is here (a body, a state, an agency), and is asked for where it is done; and what changes
/// nothing: to check a value, and to find indicators in a text.
const ELSEWHERE: &[&str] = &[
    "DELETE /v1/tips/{id}/potential-victims/ground 404",
    "POST /v1/check 422",
    "POST /v1/check/batch 422",
    "POST /v1/indicators/extract 422",
    "POST /v1/privacy/requests/{id}/disclosure",
    "POST /v1/tips/{id}/uploads 422",
    "PUT /v1/tips/{id}/danger 422",
];

/// Bodies that would do something, beside those of [`ask`].
const MORE: &[(&str, &str)] = &[
    (
        "POST /v1/appeals/{id}/contact/reveal",
        r#"{"purpose": "Gọi lại hỏi"}"#,
    ),
    ("POST /v1/tips", r#"{"narrative": "tin"}"#),
    (
        "POST /v1/tips/batch",
        r#"{"tips": [{"client_reference": "0f8fad5b-d9cb-469f-a165-70867728950e", "tip": {"narrative": "tin"}}]}"#,
    ),
];

#[actix_web::test]
async fn every_act_by_an_officer_is_an_entry_of_the_audit() {
    let world = World::new().await;
    let scopes = all_scopes();
    let officer = world.t.bearer(&Claims {
        sub: "analyst",
        scopes: &scopes,
        ..Claims::default()
    });
    let (mut unrecorded, mut elsewhere, mut recorded) = (Vec::new(), Vec::new(), 0);
    for endpoint in app::api().endpoints() {
        let name = format!("{} {}", verb(&endpoint.method), endpoint.path);
        let reads = endpoint.method == HttpMethod::Get || endpoint.scopes.is_empty();
        let done = [ADMINISTRATION, DONE].concat();
        if reads || done.contains(&name.as_str()) {
            continue;
        }
        let path = endpoint.path.as_str();
        let real = match path.contains('{') {
            true => world.real(path),
            false => Some(path.to_owned()),
        };
        let Some(real) = real else {
            elsewhere.push(name);
            continue;
        };
        let before = entries(&world.t).await.len();
        let status = match MORE.iter().find(|(known, _)| *known == name) {
            Some((_, body)) => {
                let call = officer.call(verb(&endpoint.method), &real);
                let call = call.body("application/json", *body);
                call.send().await.status.as_u16()
            }
            None => {
                let method = verb(&endpoint.method);
                ask(&officer, &name, method, &real).await.0
            }
        };
        let all = entries(&world.t).await;
        let fresh = all.iter().skip(before);
        if status >= 400 {
            elsewhere.push(format!("{name} {status}"));
        } else if fresh.clone().any(|entry| entry["actor"] == "analyst") {
            recorded += 1;
        } else {
            unrecorded.push(name);
        }
    }
    elsewhere.sort();
    assert_eq!((unrecorded, elsewhere), (Vec::new(), owned(ELSEWHERE)));
    assert!(recorded > 10, "{recorded}");
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
