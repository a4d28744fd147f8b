//! The second person: sees what is approved, and is one.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::checks::{CURATE, id_of, report};
use crate::clients::{register, token};
use crate::support::{Call, Claims, Client, Reply, TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

/// A reveal that waits for its approval, of a tip in this commune.
async fn waiting(t: &TestApp, unit: &str) -> Value {
    let tip = json!({"narrative": "Lừa đảo", "location": {"unit_code": unit},
        "reporter": {"name": "Lò Bí Mật", "phone": "0900000001", "keep_secret": true}});
    let sent = t.citizen().post("/v1/tips").json(&tip).send().await;
    let id = sent.expect(201)["id"].as_str().unwrap().to_owned();
    let officer = t.officer(OFFICER);
    let claim = officer.put(&format!("/v1/tips/{id}/claim")).send().await;
    claim.expect(200);
    let why = json!({"purpose": "Gọi lại để hỏi số tài khoản"});
    let ask = officer.post(&format!("/v1/tips/{id}/reporter/reveal"));
    ask.json(&why).send().await.expect(202)
}

/// Sends them at the same time; the answers by status.
async fn at_once(calls: impl IntoIterator<Item = Call>) -> Vec<Reply> {
    let mut replies = join_all(calls.into_iter().map(Call::send)).await;
    replies.sort_by_key(|reply| reply.status);
    replies
}

fn statuses(replies: &[Reply]) -> Vec<u16> {
    replies.iter().map(|reply| reply.status.as_u16()).collect()
}

async fn entries(t: &TestApp, kind: &str) -> usize {
    t.settle().await;
    let sql = format!("select actor as cell from journal where type = '{kind}'");
    rows(t, &sql).await.len()
}

#[actix_web::test]
async fn who_may_not_see_the_tip_approves_no_reveal_of_it() {
    let t = TestApp::new().await;
    let reveal = waiting(&t, "03127").await;
    let approve = format!("/v1/reveals/{}/approve", reveal["id"].as_str().unwrap());
    let confined = |units: &'static [&'static str]| {
        t.bearer(&Claims {
            sub: "second",
            scopes: "tips:read tips:triage reporters:reveal",
            units: Some(units),
            ..Claims::default()
        })
    };
    let elsewhere = confined(&["03334"]);
    elsewhere.post(&approve).send().await.problem(404);
    let listed = elsewhere.get("/v1/reveals").send().await.expect(200);
    assert_eq!(listed["items"], json!([]));
    confined(&[]).post(&approve).send().await.problem(404);
    // Nor who lacks the scope, whatever else that bearer may do.
    let other = t.named_officer("second", &[Scope::TipsRead, Scope::Admin]);
    other.post(&approve).send().await.problem(403);
    assert_eq!(entries(&t, "reveal.approved").await, 0);
    let approved = confined(&["03127"]).post(&approve).send().await;
    assert_eq!(approved.expect(200)["approved_by"], "second");
}

#[actix_web::test]
async fn of_two_who_approve_a_reveal_at_the_same_time_one_has_approved_it() {
    let t = TestApp::new().await;
    for _ in 0..5 {
        let before = entries(&t, "reveal.approved").await;
        let reveal = waiting(&t, "03127").await;
        let approve = format!("/v1/reveals/{}/approve", reveal["id"].as_str().unwrap());
        let both = ["second", "third"].map(|sub| t.named_officer(sub, OFFICER).post(&approve));
        let replies = at_once(both).await;
        let by: Vec<Value> = replies
            .iter()
            .map(|reply| reply.expect(200)["approved_by"].clone())
            .collect();
        assert_eq!(by[0], by[1], "both are told who it was");
        assert_eq!(entries(&t, "reveal.approved").await, before + 1);
    }
}

#[actix_web::test]
async fn of_two_admins_who_approve_at_the_same_time_the_second_finds_nothing_waiting() {
    let t = TestApp::new().await;
    let (first, second, third) = (
        t.named_officer("first-admin", &[Scope::Admin]),
        t.named_officer("second-admin", &[Scope::Admin]),
        t.named_officer("third-admin", &[Scope::Admin]),
    );
    for n in 0..5 {
        let client = json!({"client_id": format!("desk-{n}"), "name": "Bàn", "kind": "confidential",
            "scopes": ["audit:read"]});
        let client = register(&first, client).await;
        let path = format!("/v1/clients/{}/approve", client["id"].as_str().unwrap());
        let replies = at_once([second.post(&path), third.post(&path)]).await;
        assert_eq!(statuses(&replies), [200, 409]);
        assert_eq!(replies[0].expect(200)["scopes"], json!(["audit:read"]));
        assert_eq!(replies[1].problem(409)["code"], "wrong_state");
        // Upon one version it is the version that has gone.
        let path = path.replace("/approve", "/secret");
        let rotated = first.post(&path).send().await;
        let seen = rotated.header("etag").to_owned();
        rotated.expect(202);
        let path = path.replace("/secret", "/approve");
        let upon = |admin: &Client| admin.post(&path).header("If-Match", &seen);
        let replies = at_once([upon(&second), upon(&third)]).await;
        assert_eq!(statuses(&replies), [200, 412]);
    }
    assert_eq!(entries(&t, "client.approved").await, 10);
}

#[actix_web::test]
async fn a_verdict_is_approved_once_and_upon_what_was_seen() {
    let t = TestApp::new().await;
    report(&t, "0912 345 678", "0900000001").await;
    t.settle().await;
    let indicator = format!("/v1/indicators/{}", id_of(&t, "0912345678").await);
    let (path, approve) = (
        format!("{indicator}/verdict"),
        format!("{indicator}/verdict/approve"),
    );
    let curator = |sub: &str| t.named_officer(sub, CURATE);
    let (first, second, third) = (curator("first"), curator("second"), curator("third"));
    let accuse = |reason: &str| json!({"verdict": "confirmed_scam", "reason": reason});
    let give = async |reason: &str| {
        let given = first.put(&path).json(&accuse(reason)).send().await;
        assert_eq!(given.expect(200)["state"], "pending_approval");
        given.header("etag").to_owned()
    };
    let seen = give("victim_transfers").await;
    let shown = second.get(&indicator).send().await;
    assert_eq!(shown.header("etag"), seen);
    // Other grounds have taken the place of what the second officer read.
    let now = give("police_confirmed").await;
    assert_ne!(now, seen);
    let upon = |who: &Client, tag: &str| who.post(&approve).header("If-Match", tag);
    let stale = upon(&second, &seen).send().await.problem(412);
    assert_eq!(stale["code"], "precondition_failed");
    let replies = at_once([upon(&second, &now), upon(&third, &now)]).await;
    assert_eq!(statuses(&replies), [200, 412]);
    assert_eq!(replies[0].expect(200)["reason"], "police_confirmed");
    let late = third.post(&approve).send().await.problem(409);
    assert_eq!(late["code"], "wrong_state");
}

/// Proposals whose time is over, and one verdict that was in force.
#[actix_web::test]
async fn what_nobody_approved_is_no_correction_when_its_time_is_over() {
    let t = TestApp::new().await;
    report(&t, "0912 345 678", "0900000001").await;
    report(&t, "0912 345 679", "0900000002").await;
    t.settle().await;
    let give = async |value: &str, verdict: &str| {
        let path = format!("/v1/indicators/{}/verdict", id_of(&t, value).await);
        let body =
            json!({"verdict": verdict, "reason": "reports", "expires_at": "2026-11-25T00:00:00Z"});
        let call = t.officer(CURATE).put(&path).json(&body);
        call.send().await.expect(200)
    };
    let proposed = give("0912345678", "confirmed_scam").await;
    assert_eq!(proposed["state"], "pending_approval");
    give("0912345679", "suspected").await;
    let waiting = give("0912345679", "confirmed_scam").await;
    assert_eq!(
        waiting["state"], "pending_approval",
        "beside the one in force"
    );
    t.clock.advance(std::time::Duration::from_secs(86_400));
    assert_eq!(entries(&t, "indicator.corrected").await, 1);
    assert_eq!(entries(&t, "indicator.proposal_expired").await, 2);
    let told = "select subject_id::text as cell from journal where type = 'indicator.corrected'";
    assert_eq!(rows(&t, told).await, [id_of(&t, "0912345679").await]);
    let ended = "select verdict as cell from indicator_verdicts where ended_at is null";
    assert_eq!(rows(&t, ended).await, Vec::<String>::new());
}

#[actix_web::test]
async fn however_many_verdicts_end_together_each_is_told() {
    let t = TestApp::new().await;
    // More than a statement has parameters for.
    let many = "with new as (
            insert into indicators (key, id, kind, value, display, attributes, first_seen)
            select sha256(n::text::bytea), gen_random_uuid(), 'phone', '+84' || n, '0' || n, '{}', '2026-11-01'
            from generate_series(1, 6000) n returning key)
        insert into indicator_verdicts (id, key, verdict, reason, given_by, given_at, expires_at, waits)
        select gen_random_uuid(), key, 'suspected', 'reports', 'analyst', '2026-11-01', '2026-11-02', false from new
        returning verdict as cell";
    assert_eq!(rows(&t, many).await.len(), 6_000);
    assert_eq!(entries(&t, "indicator.corrected").await, 6_000);
}

/// A program with these scopes, granted by two admins, whose secret the first was shown.
async fn program(t: &TestApp, first: &Client, scopes: &[&str]) -> Client {
    let wish =
        json!({"client_id": "desk", "name": "Bàn", "kind": "confidential", "scopes": scopes});
    let client = register(first, wish).await;
    let second = t.named_officer("second", &[Scope::Admin]);
    let approve = format!("/v1/clients/{}/approve", client["id"].as_str().unwrap());
    second.post(&approve).send().await.expect(200);
    let secret = client["client_secret"].as_str().unwrap();
    let issued = token(t, "desk", secret, "").await.expect(200);
    t.anyone()
        .with_token(issued["access_token"].as_str().unwrap())
}

#[actix_web::test]
async fn a_program_is_no_second_person_beside_whoever_knows_its_secret() {
    let t = TestApp::new().await;
    let first = t.named_officer("first", &[Scope::Admin]);
    let scopes = ["admin", "tips:read", "tips:triage", "reporters:reveal"];
    let program = program(&t, &first, &scopes).await;
    // Neither what the person proposes is the program's to approve, nor the other way round.
    let wish = json!({"client_id": "other", "name": "Khác", "kind": "confidential",
                      "scopes": ["audit:read"]});
    let client = register(&first, wish).await;
    let approve = format!("/v1/clients/{}/approve", client["id"].as_str().unwrap());
    let refused = program.post(&approve).send().await;
    assert_eq!(refused.problem(409)["code"], "same_person");
    let wish = json!({"client_id": "third", "name": "Ba", "kind": "confidential",
                      "scopes": ["audit:read"]});
    let client = register(&program, wish).await;
    let approve = format!("/v1/clients/{}/approve", client["id"].as_str().unwrap());
    let refused = first.post(&approve).send().await;
    assert_eq!(refused.problem(409)["code"], "same_person");
    let third = t.named_officer("third", &[Scope::Admin]);
    third.post(&approve).send().await.expect(200);
    // What somebody else asks for it may approve: whoever knows the secret is another one.
    let reveal = waiting(&t, "03127").await;
    let approve = format!("/v1/reveals/{}/approve", reveal["id"].as_str().unwrap());
    program.post(&approve).send().await.expect(200);
}

#[actix_web::test]
async fn whoever_knew_the_secret_before_is_no_second_person_either() {
    let t = TestApp::new().await;
    let first = t.named_officer("first", &[Scope::Admin]);
    let program = program(&t, &first, &["admin"]).await;
    let wish = json!({"client_id": "other", "name": "Khác", "kind": "confidential",
                      "scopes": ["audit:read"]});
    let other = register(&program, wish).await;
    // Two others give the program a new secret, which the first never sees.
    let second = t.named_officer("second", &[Scope::Admin]);
    let third = t.named_officer("third", &[Scope::Admin]);
    let desk = "select id::text as cell from clients where client_id = 'desk'";
    let desk = format!("/v1/clients/{}", rows(&t, desk).await[0]);
    let rotated = second.post(&format!("{desk}/secret")).send().await;
    rotated.expect(202);
    third
        .post(&format!("{desk}/approve"))
        .send()
        .await
        .expect(200);
    let approve = format!("/v1/clients/{}/approve", other["id"].as_str().unwrap());
    for knew in [&first, &second] {
        let refused = knew.post(&approve).send().await;
        assert_eq!(refused.problem(409)["code"], "same_person");
    }
    third.post(&approve).send().await.expect(200);
}
