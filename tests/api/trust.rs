//! A trace of everything, a second person where it is asked for, and limits that slow the abuser alone.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::case_clocks::report;
use crate::support::{TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

fn named() -> Value {
    json!({"narrative": "Lừa đảo", "reporter": {"name": "Lò Văn Thử", "phone": "0900000001"}})
}

#[actix_web::test]
async fn every_reveal_takes_a_second_officer_where_it_is_set_so() {
    let t = TestApp::with(&[("TINBAO_REVEAL_APPROVAL", "always")]).await;
    let (tip, _) = report(&t, &named()).await;
    t.settle().await;
    let officer = t.officer(OFFICER);
    officer
        .put(&format!("/v1/tips/{tip}/claim"))
        .send()
        .await
        .expect(200);
    let path = format!("/v1/tips/{tip}/reporter/reveal");
    let why = json!({"purpose": "Gọi lại để hỏi số tài khoản"});
    let asked = officer.post(&path).json(&why).send().await.expect(202);
    let register = "/v1/register?purpose=ban+giao+so";
    let page = officer.get(register).send().await.expect(200);
    assert_eq!(page["items"][0]["reporter_name"], "[sealed]");
    let second = t.named_officer("second", OFFICER);
    let approve = format!("/v1/reveals/{}/approve", asked["id"].as_str().unwrap());
    second.post(&approve).send().await.expect(200);
    officer.post(&path).json(&why).send().await.expect(200);
}

#[actix_web::test]
async fn the_timeline_does_not_say_which_other_tips_somebody_was_shown() {
    let t = TestApp::new().await;
    let (one, _) = report(&t, &named()).await;
    let (two, _) = report(&t, &named()).await;
    let officer = t.officer(OFFICER);
    officer
        .put(&format!("/v1/tips/{one}/claim"))
        .send()
        .await
        .expect(200);
    let same = format!("/v1/tips/{one}/reporter/tips");
    assert_eq!(
        officer.get(&same).send().await.expect(200)["items"][0]["tip_id"],
        two.as_str()
    );
    t.settle().await;
    let path = format!("/v1/tips/{one}/timeline");
    let timeline = t
        .named_officer("colleague", &[Scope::TipsRead])
        .get(&path)
        .send()
        .await
        .expect(200);
    let text = timeline.to_string();
    assert!(
        text.contains("reporter.matched") && !text.contains(&two),
        "{text}"
    );
    let audited = rows(
        &t,
        "select data::text as cell from journal where type = 'reporter.matched'",
    )
    .await;
    assert!(audited[0].contains(&two), "the audit keeps it: {audited:?}");
}

/// From now on no entry can be written.
pub async fn fill_the_journal(t: &TestApp) {
    let mut owner = t.owner().await;
    for sql in [
        "create function refuse() returns trigger language plpgsql as 'begin raise exception ''full''; end'",
        "create trigger refuse before insert on journal_pending execute function refuse()",
    ] {
        diesel_async::RunQueryDsl::execute(diesel::sql_query(sql), &mut owner)
            .await
            .unwrap();
    }
}

/// Each read of an officer is tried in `recorded`.
#[actix_web::test]
async fn a_read_that_cannot_be_written_down_is_not_answered() {
    let t = TestApp::new().await;
    let (tip, receipt) = report(&t, &named()).await;
    t.settle().await;
    fill_the_journal(&t).await;
    let officer = t.officer(OFFICER);
    for path in [format!("/v1/tips/{tip}"), "/v1/tips".to_owned()] {
        let refused = officer.get(&path).send().await.problem(503);
        assert!(!refused.to_string().contains("Lừa đảo"), "{path}");
    }
    let look = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &receipt);
    look.send().await.problem(503);
}

#[actix_web::test]
async fn whoever_adds_without_end_by_one_receipt_is_slowed_and_may_still_look() {
    let t = TestApp::with(&[("TINBAO_LIMITS", "client=1000/s:1000,address=1000/s:1000")]).await;
    let (_, receipt) = report(&t, &named()).await;
    let (_, other) = report(&t, &named()).await;
    let add = |receipt: &str| {
        let call = t
            .anyone()
            .post("/v1/receipt/messages")
            .header("Tip-Receipt", receipt);
        call.json(&json!({"text": "thêm"})).send()
    };
    let mut slowed = None;
    for _ in 0..420 {
        let reply = add(&receipt).await;
        if reply.status.as_u16() == 429 {
            slowed = Some(reply);
            break;
        }
        assert_eq!(
            reply.header("ratelimit-policy"),
            "\"additions\";q=400;w=400"
        );
        let left: u32 = reply
            .header("ratelimit")
            .split([';', '='])
            .nth(2)
            .unwrap()
            .parse()
            .unwrap();
        assert!(left < 400);
        reply.expect(201);
    }
    let slowed = slowed.expect("400 at once are enough");
    assert!(!slowed.header("retry-after").is_empty());
    let look = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &receipt);
    look.send().await.expect(200);
    add(&other).await.expect(201);
}

#[actix_web::test]
async fn the_audit_is_narrowed_by_client_and_time() {
    let t = TestApp::new().await;
    let (tip, _) = report(&t, &named()).await;
    let officer = t.officer(OFFICER);
    let path = format!("/v1/tips/{tip}");
    officer.get(&path).send().await.expect(200);
    t.clock.advance(std::time::Duration::from_secs(7_200));
    officer.get(&path).send().await.expect(200);
    t.settle().await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let count = async |query: &str| {
        let path = format!("/v1/audit?type=tip.read&subject={tip}&{query}");
        auditor.get(&path).send().await.expect(200)["items"]
            .as_array()
            .unwrap()
            .len()
    };
    let client = rows(
        &t,
        "select client_id as cell from journal where type = 'tip.read' limit 1",
    )
    .await;
    assert_eq!(count(&format!("client_id={}", client[0])).await, 2);
    assert_eq!(count("client_id=nobody").await, 0);
    assert_eq!(count("from=2026-11-24T02:00:00Z").await, 1);
    assert_eq!(count("to=2026-11-24T02:00:00Z").await, 1);
    assert_eq!(
        count("from=2026-11-24T01:00:00Z&to=2026-11-24T04:00:00Z").await,
        2
    );
    // Each says in which request, as the log does.
    let reply = officer.get(&path).header("X-Request-Id", "read-7").send();
    reply.await.expect(200);
    t.settle().await;
    let path = format!("/v1/audit?type=tip.read&subject={tip}");
    let newest = auditor.get(&path).send().await.expect(200)["items"][0].clone();
    assert_eq!(newest["request_id"], "read-7");
}
