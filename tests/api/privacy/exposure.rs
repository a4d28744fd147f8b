//! Whose data was read by whom.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use super::{OFFICER, accept, plant};
use crate::support::{Claims, Client, TestApp};

const DAY: &str = "from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z";

async fn exposed(auditor: &Client, query: &str) -> Vec<Value> {
    let path = format!("/v1/privacy/exposure?{DAY}{query}");
    let page = auditor.get(&path).send().await.expect(200);
    page["items"].as_array().unwrap().clone()
}

fn kinds(row: &Value) -> Vec<&str> {
    let all = row["kinds"].as_array().unwrap();
    all.iter().map(|kind| kind.as_str().unwrap()).collect()
}

#[actix_web::test]
async fn every_read_of_a_tip_by_a_person_is_in_the_list() {
    let t = TestApp::new().await;
    let (one, two) = (plant(&t).await, plant(&t).await);
    let case = accept(&t, &two).await;
    let curious = t.named_officer(
        "curious",
        &[Scope::TipsRead, Scope::CasesRead, Scope::ReportersReveal],
    );
    let auditor = t.officer(&[Scope::AuditRead]);
    t.settle().await;
    assert_eq!(
        exposed(&auditor, "&actor=curious").await,
        Vec::<Value>::new()
    );

    let tip = format!("/v1/tips/{}", one.id);
    let files = curious
        .get(&format!("{tip}/attachments"))
        .send()
        .await
        .expect(200);
    let file = files["items"][0]["id"].as_str().unwrap();
    for path in [
        &tip,
        &tip,
        &format!("{tip}/submission"),
        &format!("{tip}/timeline"),
        &format!("{tip}/notes"),
        &format!("{tip}/messages"),
        &format!("{tip}/notices"),
        &format!("{tip}/related"),
        "/v1/tips",
        &format!("/v1/cases/{case}"),
        "/v1/register?year=2026&purpose=tra%20c%E1%BB%A9u",
    ] {
        curious.get(path).send().await.expect(200);
    }
    let download = curious
        .get(&format!("{tip}/attachments/{file}"))
        .send()
        .await;
    assert_eq!(download.status.as_u16(), 200);
    // The reporter's own look is no exposure.
    let receipt = t.anyone().get("/v1/receipt/messages");
    receipt
        .header("Tip-Receipt", &one.receipt)
        .send()
        .await
        .expect(200);
    t.settle().await;

    let seen = exposed(&auditor, "&actor=curious").await;
    assert_eq!(seen.len(), 2, "{seen:?}");
    let of = |id: &str| seen.iter().find(|row| row["tip_id"] == id).unwrap();
    assert_eq!(
        kinds(of(&one.id)),
        [
            "attachment.read",
            "attachments.listed",
            "messages.read",
            "notes.read",
            "notices.read",
            "register.read",
            "related.read",
            "reporter.revealed",
            "submission.read",
            "timeline.read",
            "tip.listed",
            "tip.read"
        ]
    );
    assert_eq!(of(&one.id)["count"], 13);
    assert_eq!(of(&one.id)["number"], "DB-T-2026-000001");
    assert_eq!(
        kinds(of(&two.id)),
        [
            "case.read",
            "register.read",
            "related.read",
            "reporter.revealed",
            "tip.listed"
        ]
    );
    let others = exposed(&auditor, &format!("&tip_id={}", one.id)).await;
    assert!(
        others.iter().all(|row| row["reader"] != "reporter"),
        "{others:?}"
    );
    assert!(exposed(&auditor, "&client_id=nobody").await.is_empty());
    t.clock.advance(std::time::Duration::from_secs(90_000));
    let later = "/v1/privacy/exposure?from=2026-11-25T00:00:00Z&to=2026-11-26T00:00:00Z";
    assert_eq!(
        auditor.get(later).send().await.expect(200)["items"],
        json!([])
    );
    let audited = auditor.get("/v1/audit?type=exposure.read");
    t.settle().await;
    let audited = audited.send().await.expect(200);
    assert!(audited["items"].as_array().unwrap().len() >= 4);
}

#[actix_web::test]
async fn who_sees_the_names_of_holders_reads_the_tips_that_told_them() {
    let t = TestApp::new().await;
    let body = |holder: Option<&str>| {
        json!({"narrative": "x", "indicators": [{"kind": "bank_account", "value": "0011002233445",
            "bank": "VCB", "holder_name": holder}]})
    };
    let mut tips = Vec::new();
    for holder in [Some("LO VAN THU"), None] {
        let sent = t
            .citizen()
            .post("/v1/tips")
            .json(&body(holder))
            .send()
            .await;
        tips.push(sent.expect(201)["id"].clone());
    }
    t.settle().await;
    let curious = t.named_officer("curious", &[Scope::IndicatorsRead]);
    let list = curious.get("/v1/indicators").send().await.expect(200);
    let id = list["items"][0]["id"].as_str().unwrap();
    let path = format!("/v1/indicators/{id}");
    let shown = curious.get(&path).send().await.expect(200);
    assert_eq!(shown["holder_names"], json!(["LO VAN THU"]));
    t.settle().await;
    let seen = exposed(&t.officer(&[Scope::AuditRead]), "&actor=curious").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0]["tip_id"], tips[0]);
    assert_eq!(kinds(&seen[0]), ["indicator.read"]);
}

#[actix_web::test]
async fn the_share_of_an_agency_is_a_read_too() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let officer = t.officer(&[Scope::ReferralsRead, Scope::ReferralsWrite, Scope::TipsRead]);
    let body = json!({"kind": "local_followup", "agency": "unit_03127", "tip_id": tip.id,
        "note": "Đề nghị nắm tình hình.", "disclose": ["narrative"]});
    let sent = officer.post("/v1/referrals").json(&body).send().await;
    let path = format!("/v1/referrals/{}", sent.expect(201)["id"].as_str().unwrap());
    let unit = t.bearer(&Claims {
        sub: "commune-officer",
        scopes: "referrals:work",
        agency: Some("unit_03127"),
        ..Claims::default()
    });
    for path in [path.as_str(), "/v1/referrals"] {
        unit.get(path).send().await.expect(200);
    }
    t.settle().await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let seen = exposed(&auditor, "&actor=commune-officer").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0]["tip_id"], tip.id.as_str());
    assert_eq!(kinds(&seen[0]), ["referral.listed", "referral.read"]);
}

#[actix_web::test]
async fn who_issues_or_takes_back_a_referral_saw_what_it_tells() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let body = json!({"kind": "local_followup", "agency": "unit_03127", "tip_id": tip.id,
        "note": "Đề nghị nắm tình hình.", "disclose": ["narrative"]});
    let issuing = |name| t.named_officer(name, &[Scope::ReferralsWrite, Scope::TipsRead]);
    let issue = async |name| {
        let sent = issuing(name).post("/v1/referrals").json(&body).send().await;
        format!("/v1/referrals/{}", sent.expect(201)["id"].as_str().unwrap())
    };
    let (first, second) = (issue("issuer").await, issue("other").await);
    let recall = issuing("recaller").post(&format!("{first}/recall"));
    recall.json(&json!({})).send().await.expect(200);
    let answer =
        json!({"answer": "acknowledge", "received_via": "phone", "document_number": "1/BB"});
    let record = issuing("recorder").post(&format!("{second}/answers"));
    record.json(&answer).send().await.expect(200);
    t.settle().await;
    let auditor = t.officer(&[Scope::AuditRead]);
    for (actor, expected) in [
        ("issuer", "referral.sent"),
        ("recaller", "referral.recalled"),
        ("recorder", "referral.answer_recorded"),
    ] {
        let seen = exposed(&auditor, &format!("&actor={actor}")).await;
        assert_eq!(seen.len(), 1, "{actor}: {seen:?}");
        assert_eq!(seen[0]["tip_id"], tip.id.as_str());
        assert!(kinds(&seen[0]).contains(&expected), "{actor}: {seen:?}");
    }
    assert!(exposed(&auditor, "&actor=system").await.is_empty());
}

#[actix_web::test]
async fn who_answers_for_a_case_and_who_reads_its_notices_saw_its_tips() {
    let t = TestApp::new().await;
    let tips = [plant(&t).await, plant(&t).await];
    let officer = t.officer(&[
        Scope::ReferralsRead,
        Scope::ReferralsWrite,
        Scope::CasesRead,
        Scope::CasesWrite,
    ]);
    let ids: Vec<&str> = tips.iter().map(|tip| tip.id.as_str()).collect();
    let case = json!({"title": "Giả danh công an", "tip_ids": ids});
    let case = officer.post("/v1/cases").json(&case).send().await;
    let case = case.expect(201)["id"].clone();
    let body = json!({"kind": "local_followup", "agency": "unit_03127", "case_id": case,
        "note": "Đề nghị nắm tình hình."});
    let sent = officer.post("/v1/referrals").json(&body).send().await;
    let path = format!("/v1/referrals/{}", sent.expect(201)["id"].as_str().unwrap());
    // It never gets the referral: it answers what a webhook announced.
    let unit = t.bearer(&Claims {
        sub: "commune-officer",
        scopes: "referrals:work",
        agency: Some("unit_03127"),
        ..Claims::default()
    });
    unit.post(&format!("{path}/acknowledge"))
        .send()
        .await
        .expect(200);
    let notices = format!("/v1/cases/{}/notices", case.as_str().unwrap());
    let reader = t.named_officer("clerk", &[Scope::CasesRead]);
    reader.get(&notices).send().await.expect(200);
    t.settle().await;
    let auditor = t.officer(&[Scope::AuditRead]);
    for (actor, kind) in [
        ("commune-officer", "referral.acknowledged"),
        ("clerk", "notices.read"),
    ] {
        let seen = exposed(&auditor, &format!("&actor={actor}")).await;
        assert_eq!(seen.len(), 2, "{seen:?}");
        for one in &seen {
            assert!(ids.contains(&one["tip_id"].as_str().unwrap()));
            assert_eq!(kinds(one), [kind]);
        }
    }
}

#[actix_web::test]
async fn the_list_goes_page_by_page_and_as_csv() {
    let t = TestApp::new().await;
    let auditor = t.officer(&[Scope::AuditRead]);
    for _ in 0..3 {
        plant(&t).await;
    }
    for name in ["a", "b"] {
        let reader = t.named_officer(name, OFFICER);
        reader.get("/v1/tips").send().await.expect(200);
    }
    t.settle().await;
    let all = exposed(&auditor, "").await;
    assert!(all.len() >= 6, "{all:?}");
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/privacy/exposure?{DAY}&limit=2{cursor}");
        let page = auditor.get(&path).send().await.expect(200);
        walked.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked, all);
    let csv = auditor.get(&format!("/v1/privacy/exposure?{DAY}"));
    let csv = csv.header("Accept", "text/csv").send().await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    let text = csv.text();
    assert!(text.contains("tip_id,number,reader,client_id,kinds,first_at,last_at,count"));
    assert_eq!(text.lines().count(), all.len() + 1);
}

#[actix_web::test]
async fn the_time_is_bounded_and_other_agencies_see_nothing() {
    let t = TestApp::new().await;
    let auditor = t.officer(&[Scope::AuditRead]);
    for (query, parameter) in [
        ("from=2026-11-24T00:00:00Z", "to"),
        ("to=2026-11-24T00:00:00Z", "from"),
        ("from=2026-11-24T00:00:00Z&to=2026-11-24T00:00:00Z", "to"),
        ("from=2026-11-24T00:00:00Z&to=2026-11-23T00:00:00Z", "to"),
        ("from=2026-10-01T00:00:00Z&to=2026-11-01T00:00:01Z", "to"),
        ("from=yesterday&to=2026-11-24T00:00:00Z", "from"),
    ] {
        let path = format!("/v1/privacy/exposure?{query}");
        let problem = auditor.get(&path).send().await.problem(422);
        assert_eq!(
            problem["errors"][0]["parameter"], parameter,
            "{query}: {problem}"
        );
    }
    let bank = t.bearer(&Claims {
        scopes: "audit:read",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let path = format!("/v1/privacy/exposure?{DAY}");
    bank.get(&path).send().await.problem(403);
}

#[actix_web::test]
async fn suggestions_brokers_and_exports_are_reads_too() {
    let t = TestApp::new().await;
    let lure = json!({"narrative": "Rủ sang Lào làm việc nhẹ.", "method": "illegal_exit_broker",
        "indicators": [{"kind": "phone", "value": "0369 123 456", "role": "recruited"}]});
    for _ in 0..5 {
        t.submit(&lure).await;
        t.settle().await;
    }
    let bearer = |sub, scopes, agency| {
        t.bearer(&Claims {
            sub,
            scopes,
            agency,
            ..Claims::default()
        })
    };
    let reads = [
        (
            "planner",
            "cases:read",
            None,
            "/v1/cases/suggestions",
            "case.suggestions_read",
        ),
        (
            "guard",
            "referrals:work",
            Some("border_guard"),
            "/v1/border/brokers?purpose=R%C3%A0%20so%C3%A1t%20m%C3%B4i%20gi%E1%BB%9Bi",
            "border.brokers_read",
        ),
        (
            "copier",
            "exchange:read",
            None,
            "/v1/exports/tips.ndjson",
            "export.read",
        ),
    ];
    let auditor = t.officer(&[Scope::AuditRead]);
    for (sub, scopes, agency, path, kind) in reads {
        bearer(sub, scopes, agency)
            .get(path)
            .send()
            .await
            .expect(200);
        t.settle().await;
        let seen = exposed(&auditor, &format!("&actor={sub}")).await;
        assert_eq!(seen.len(), 5, "{kind}: {seen:?}");
        assert_eq!(kinds(&seen[0]), [kind]);
    }
}

#[actix_web::test]
async fn what_a_reporter_wrote_about_the_own_data_is_read_with_the_request() {
    let t = TestApp::new().await;
    let (one, two) = (plant(&t).await, plant(&t).await);
    let ask = async |tip: &super::Planted| {
        let call = t.anyone().post("/v1/privacy/requests");
        let call = call.header("Tip-Receipt", &tip.receipt);
        let body = json!({"kind": "access", "text": "Tôi muốn biết."});
        let asked = call.json(&body).send().await.expect(201);
        asked["id"].as_str().unwrap().to_owned()
    };
    let (asked, _) = (ask(&one).await, ask(&two).await);
    // One about no tip is nobody's whose data are here.
    let other = t.officer(super::ADMIN).post("/v1/privacy/requests");
    let body = json!({"kind": "access", "text": "Người gửi thư hỏi."});
    other.json(&body).send().await.expect(201);
    let curious = t.named_officer("curious", super::ADMIN);
    let path = format!("/v1/privacy/requests/{asked}");
    curious.get(&path).send().await.expect(200);
    curious.get(&path).send().await.expect(200);
    let listed = curious.get("/v1/privacy/requests").send().await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
    let acknowledge = curious.post(&format!("{path}/acknowledge"));
    acknowledge.send().await.expect(200);
    t.settle().await;

    let auditor = t.officer(&[Scope::AuditRead]);
    let seen = exposed(&auditor, "&actor=curious").await;
    let of = |id: &str| seen.iter().find(|row| row["tip_id"] == id).unwrap();
    assert_eq!(seen.len(), 2, "{seen:?}");
    let all = ["privacy.acknowledged", "privacy.listed", "privacy.read"];
    assert_eq!(kinds(of(&one.id)), all);
    assert_eq!(of(&one.id)["count"], 4);
    assert_eq!(kinds(of(&two.id)), ["privacy.listed"]);
}

#[actix_web::test]
async fn who_read_a_tip_is_told_also_once_the_tip_is_gone() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let curious = t.named_officer("curious", &[Scope::TipsRead]);
    let path = format!("/v1/tips/{}", tip.id);
    for path in [&path, &format!("{path}/messages"), "/v1/tips"] {
        curious.get(path).send().await.expect(200);
    }
    super::dismiss(&t, &tip).await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let before = exposed(&auditor, "&actor=curious").await;
    assert_eq!(
        kinds(&before[0]),
        ["messages.read", "tip.listed", "tip.read"]
    );
    super::days(&t, 4_000).await;
    assert!(super::run(&t).await > 0);
    t.officer(OFFICER).get(&path).send().await.problem(404);
    // The token of then is over.
    let auditor = t.officer(&[Scope::AuditRead]);
    let after = exposed(&auditor, "&actor=curious").await;
    assert_eq!(after, before, "who has to be told is known as before");
}
