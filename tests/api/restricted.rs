//! A restriction that was granted holds until it is lifted: the tip is kept and shown, and nothing is done with it.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp};

const REQUESTS: &str = "/v1/privacy/requests";
const OFFICER: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::CasesRead,
    Scope::CasesWrite,
    Scope::IndicatorsRead,
    Scope::ReferralsRead,
    Scope::ReferralsWrite,
];

async fn call(client: &Client, path: &str, body: &Value, status: u16) -> Value {
    client.post(path).json(body).send().await.expect(status)
}

async fn refused(client: &Client, path: &str, body: &Value, status: u16) -> Value {
    client.post(path).json(body).send().await.problem(status)
}

/// A tip that was dismissed and whose use was then restricted: its id, its receipt and the request.
async fn restrict(t: &TestApp, body: &Value) -> (String, String, String) {
    let tip = t.submit(body).await;
    t.settle().await;
    let (id, receipt) = (
        tip["id"].as_str().unwrap(),
        tip["receipt"].as_str().unwrap(),
    );
    let officer = t.officer(OFFICER);
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let dismiss = json!({"decision": "dismiss", "reason": "insufficient"});
    call(&officer, &format!("/v1/tips/{id}/decisions"), &dismiss, 200).await;
    let ask = t.anyone().post(REQUESTS).header("Tip-Receipt", receipt);
    let asked = ask.json(&json!({"kind": "restriction"})).send().await;
    let asked = asked.expect(201)["id"].as_str().unwrap().to_owned();
    let grant = json!({"decision": "granted", "reason": "Chấp thuận."});
    let admin = t.officer(&[Scope::Admin]);
    call(&admin, &format!("{REQUESTS}/{asked}/decide"), &grant, 200).await;
    t.settle().await;
    (id.to_owned(), receipt.to_owned(), asked)
}

#[actix_web::test]
async fn a_restricted_tip_is_not_reopened_decided_or_put_into_a_case_until_that_is_lifted() {
    let t = TestApp::new().await;
    let told = json!({"narrative": "Số 0369123456 lừa tôi.",
        "indicators": [{"kind": "phone", "value": "0369123456", "role": "contacted_me"}]});
    let (id, receipt, request) = restrict(&t, &told).await;
    let officer = t.officer(OFFICER);
    let tip = format!("/v1/tips/{id}");
    let reopen = json!({"reason": "new_facts"});
    let refusal = refused(&officer, &format!("{tip}/reopen"), &reopen, 409).await;
    assert_eq!(refusal["code"], "restricted");

    // What is added is received and read, and ends no restriction.
    let add = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", &receipt);
    let more = json!({"narrative": "Nó vừa gọi lại từ 0987111333."});
    add.json(&more).send().await.expect(200);
    t.settle().await;
    officer
        .put(&format!("{tip}/claim"))
        .send()
        .await
        .expect(200);
    let decisions = format!("{tip}/decisions");
    for wish in [
        json!({"decision": "accept", "reason": "signs_of_crime"}),
        json!({"decision": "dismiss", "reason": "spam"}),
        json!({"decision": "transfer", "agency": "unit_03127"}),
    ] {
        let refusal = refused(&officer, &decisions, &wish, 409).await;
        assert_eq!(refusal["code"], "restricted", "{wish}");
    }
    let flood = json!({"indicator": "0369123456", "reason": "spam"});
    let dismissed = call(&officer, "/v1/triage/dismissals", &flood, 200).await;
    assert_eq!(dismissed["count"], 0, "nor with a flood");
    let case = call(
        &officer,
        "/v1/cases",
        &json!({"title": "Vụ việc", "desk": "cyber"}),
        201,
    )
    .await;
    let tips = format!("/v1/cases/{}/tips", case["id"].as_str().unwrap());
    let add = officer.post(&tips).header("If-Match", "\"1\"");
    let refusal = add
        .json(&json!({"tip_ids": [id]}))
        .send()
        .await
        .problem(422);
    assert_eq!(refusal["errors"][0]["code"], "restricted");

    let admin = t.officer(&[Scope::Admin]);
    let why = json!({"reason": "Người báo tin bổ sung thông tin."});
    call(&admin, &format!("{REQUESTS}/{request}/lift"), &why, 200).await;
    let accept = json!({"decision": "accept", "reason": "signs_of_crime"});
    call(&officer, &decisions, &accept, 200).await;
}

#[actix_web::test]
async fn a_proposal_of_a_restricted_tip_is_not_sent_and_a_case_refers_nothing_of_it() {
    let t = TestApp::new().await;
    let told = json!({"narrative": "Rủ sang Lào.", "method": "illegal_exit_broker",
        "indicators": [{"kind": "phone", "value": "0369123456", "role": "recruited"}]});
    let tip = t.submit(&told).await;
    t.settle().await;
    let officer = t.officer(OFFICER);
    let proposed = officer.get("/v1/referrals?kind=border_alert").send().await;
    let proposed = proposed.expect(200)["items"][0].clone();
    let send = format!("/v1/referrals/{}/send", proposed["id"].as_str().unwrap());
    let id = tip["id"].as_str().unwrap();
    officer
        .put(&format!("/v1/tips/{id}/claim"))
        .send()
        .await
        .expect(200);
    let accept = json!({"decision": "accept", "reason": "signs_of_crime"});
    let path = format!("/v1/tips/{id}/decisions");
    let case = call(&officer, &path, &accept, 200).await["case_id"].clone();
    // As one that was restricted before it came into a case, by what an earlier version let happen.
    let restrict = "update tip_states set restricted_at = now() returning status as cell";
    crate::support::rows(&t, restrict).await;
    let refusal = refused(&officer, &send, &json!({}), 409).await;
    assert_eq!(refusal["code"], "restricted");
    let seen = officer
        .get(&format!("/v1/tips/{id}"))
        .send()
        .await
        .expect(200);
    let refer = json!({"kind": "border_alert", "agency": "border_guard", "case_id": case,
        "indicator_ids": [seen["indicators"][0]["id"]], "note": "Báo biên phòng"});
    let refusal = refused(&officer, "/v1/referrals", &refer, 422).await;
    assert_eq!(refusal["errors"][0]["pointer"], "/indicator_ids/0");
    crate::support::rows(
        &t,
        "update tip_states set restricted_at = null returning status as cell",
    )
    .await;
    call(&officer, "/v1/referrals", &refer, 201).await;
}
