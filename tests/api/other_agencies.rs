//! Referrals to others than banks: a commune, a carrier, the border guard, a host of false pages, another police.

use std::time::Duration;

use serde_json::json;
use tinbao::auth::Scope;

use crate::referrals::{OFFICER, agency, list, path, receipt, report, transfer};
use crate::support::{TestApp, rows};

#[actix_web::test]
async fn a_narrative_is_shared_without_its_reporter() {
    let t = TestApp::new().await;
    let tip = report(&t, &transfer()).await;
    let officer = t.officer(OFFICER);
    let body = json!({"kind": "local_followup", "agency": "unit_03127", "tip_id": tip["id"],
        "note": "Đề nghị nắm tình hình.", "disclose": ["narrative", "place"]});
    let sent = officer
        .post("/v1/referrals")
        .json(&body)
        .send()
        .await
        .expect(201);
    let commune = agency(&t, "unit_03127");
    let share = commune.get(&path(&sent, "")).send().await.expect(200);
    let text = share["disclosed"]["narrative"].as_str().unwrap();
    assert!(text.contains("doạ bắt"), "{text}");
    assert!(!text.contains("Thử") && !text.contains("912"), "{text}");
    assert_eq!(share["disclosed"]["unit_code"], "03127");
    assert_eq!(share["disclosed"]["method"], json!(null));
    assert_eq!(share["indicators"], json!([]));

    // What is told to the public is confirmed, and no narrative.
    let seen = officer
        .get(&format!("/v1/tips/{}", tip["id"].as_str().unwrap()))
        .send()
        .await
        .expect(200);
    let warn = json!({"kind": "publicise", "agency": "womens_union", "tip_id": tip["id"],
        "indicator_ids": [seen["indicators"][0]["id"]], "disclose": ["indicators", "narrative"]});
    let refused = officer
        .post("/v1/referrals")
        .json(&warn)
        .send()
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["code"], "not_for_publication");
    let mut warn = warn;
    warn["disclose"] = json!(["indicators"]);
    let refused = officer
        .post("/v1/referrals")
        .json(&warn)
        .send()
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["code"], "not_confirmed");

    // It asks back, the police answer; then it declines.
    let question = json!({"text": "Xin địa chỉ cụ thể."});
    let asked = commune
        .post(&path(&sent, "/messages"))
        .json(&question)
        .send()
        .await
        .expect(201);
    assert_eq!(asked["from_agency"], true);
    let reply = json!({"text": "Bản Noong Bua."});
    officer
        .post(&path(&sent, "/messages"))
        .json(&reply)
        .send()
        .await
        .expect(201);
    let all = commune
        .get(&path(&sent, "/messages"))
        .send()
        .await
        .expect(200);
    assert_eq!(all["items"][0]["text"], "Bản Noong Bua.");
    let reason = json!({"reason": "Không thuộc địa bàn."});
    let null = commune
        .post(&path(&sent, "/decline"))
        .json(&json!({"why": "x"}));
    null.send().await.problem(422);
    // As the contract shows it: without a body, or with an empty one; a reason where there is one.
    let declined = commune
        .post(&path(&sent, "/decline"))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&declined["state"], &declined["detail"]),
        (&json!("declined"), &json!(null))
    );
    let again = officer
        .post("/v1/referrals")
        .json(&json!({"kind": "local_followup", "agency": "unit_03127",
        "tip_id": sent["tip_id"], "note": "Xác minh tại bản."}));
    let again = again.send().await.expect(201);
    let recalled = officer
        .post(&path(&again, "/recall"))
        .json(&json!({}))
        .send()
        .await;
    assert_eq!(recalled.expect(200)["state"], "recalled");
    let recall = officer
        .post(&path(&sent, "/recall"))
        .json(&reason)
        .send()
        .await;
    assert_eq!(recall.problem(409)["code"], "wrong_state");
}

#[actix_web::test]
async fn a_number_in_three_tips_is_checked_and_blocked_and_the_reporter_hears_once_released() {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for n in 0..3 {
        let body = json!({"narrative": format!("Cuộc gọi lừa đảo {n}"), "indicators": [
            {"kind": "phone", "value": "0369 123 456", "role": "contacted_me"}]});
        tips.push(report(&t, &body).await);
        t.clock.advance(Duration::from_secs(7200));
    }
    let officer = t.officer(OFFICER);
    let proposals = list(&officer, "?state=proposed&kind=verify_subscriber").await;
    assert_eq!(proposals.len(), 1, "{proposals:?}");
    assert_eq!(proposals[0]["agency"], "science_technology");
    let sent = officer
        .post(&path(&proposals[0], "/send"))
        .send()
        .await
        .expect(200);
    let department = agency(&t, "science_technology");
    let csv = department.get(&path(&sent, "/results")).send().await;
    let text = csv.text();
    // A spreadsheet program would take the value for a formula.
    let row = text.lines().nth(1).unwrap().replace(
        "phone,'+84369123456,,",
        "phone,'+84369123456,not_in_own_name,",
    );
    let filled = format!("indicator_id,kind,value,outcome,amount_vnd\r\n{row}\r\n");
    let put = |body: String| {
        department
            .put(&path(&sent, "/results"))
            .body("text/csv", body)
    };
    let refused = put(filled.replace("not_in_own_name", "stolen"))
        .send()
        .await;
    assert_eq!(
        refused.problem(422)["errors"][0]["pointer"],
        "/results/0/outcome"
    );
    let partly = put(filled).send().await.expect(200);
    assert_eq!(partly["indicators"][0]["outcome"], "not_in_own_name");
    assert_eq!(partly["state"], "sent");
    let done = department
        .post(&path(&sent, "/complete"))
        .json(&json!({"outcome": "not_in_own_name"}));
    assert_eq!(done.send().await.expect(200)["state"], "completed");
    // Whether a number is registered is nobody's news.
    let release = officer.post(&path(&sent, "/release")).send().await;
    assert_eq!(release.problem(409)["code"], "wrong_state");

    let phone = &sent["indicators"][0]["indicator_id"];
    let body = json!({"kind": "block_number", "agency": "carrier_viettel", "tip_id": sent["tip_id"],
        "indicator_ids": [phone]});
    let block = officer
        .post("/v1/referrals")
        .json(&body)
        .send()
        .await
        .expect(201);
    let carrier = agency(&t, "carrier_viettel");
    let done = carrier
        .post(&path(&block, "/complete"))
        .json(&json!({"outcome": "blocked"}));
    done.send().await.expect(200);
    let last = tips.last().unwrap();
    assert_eq!(last["id"], sent["tip_id"]);
    assert_eq!(receipt(&t, last).await["outcomes"], json!([]));
    officer
        .post(&path(&block, "/release"))
        .send()
        .await
        .expect(200);
    assert_eq!(
        receipt(&t, last).await["outcomes"][0]["code"],
        "number_blocked"
    );
}

#[actix_web::test]
async fn of_a_number_blocked_for_a_case_those_hear_who_named_it() {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for phone in ["0369 123 456", "0369 123 456", "0369 123 457"] {
        let body = json!({"narrative": format!("Cuộc gọi lừa đảo {}", tips.len()), "indicators": [
            {"kind": "phone", "value": phone, "role": "contacted_me"}]});
        tips.push(report(&t, &body).await);
    }
    let officer = t.officer(OFFICER);
    let ids: Vec<_> = tips.iter().map(|tip| &tip["id"]).collect();
    let case = json!({"title": "Giả danh công an", "tip_ids": ids});
    let case = officer.post("/v1/cases").json(&case).send().await;
    let case = case.expect(201);
    let first = format!("/v1/tips/{}", tips[0]["id"].as_str().unwrap());
    let first = officer.get(&first).send().await.expect(200);
    let body = json!({"kind": "block_number", "agency": "carrier_viettel", "case_id": case["id"],
        "indicator_ids": [first["indicators"][0]["id"]]});
    let block = officer.post("/v1/referrals").json(&body).send().await;
    let block = block.expect(201);
    let release = || officer.post(&path(&block, "/release")).send();
    assert_eq!(release().await.problem(409)["code"], "wrong_state");
    let done = agency(&t, "carrier_viettel").post(&path(&block, "/complete"));
    let done = done.json(&json!({"outcome": "blocked"}));
    done.send().await.expect(200);
    let heard = async || {
        let mut heard = Vec::new();
        for tip in &tips {
            let outcomes = receipt(&t, tip).await["outcomes"].clone();
            let codes = outcomes.as_array().unwrap().iter();
            heard.push(codes.filter(|one| one["code"] == "number_blocked").count());
        }
        heard
    };
    assert_eq!(heard().await, [0, 0, 0]);
    release().await.expect(200);
    assert_eq!(heard().await, [1, 1, 0]);
    release().await.expect(200);
    assert_eq!(heard().await, [1, 1, 0]);
}

#[actix_web::test]
async fn the_border_guard_learns_of_brokers_and_never_of_who_may_be_lured() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "Có người rủ sang Lào làm việc nhẹ lương cao.", "method": "overseas_easy_job",
        "channel": "zalo", "location": {"unit_code": "03158"},
        "indicators": [{"kind": "phone", "value": "0369 123 456", "role": "recruited"}]});
    report(&t, &body).await;
    let officer = t.officer(OFFICER);
    let proposals = list(&officer, "?state=proposed&agency=border_guard").await;
    let [proposal] = proposals.as_slice() else {
        panic!("one proposal: {proposals:?}")
    };
    let sent = officer
        .post(&path(proposal, "/send"))
        .send()
        .await
        .expect(200);
    let guard = agency(&t, "border_guard");
    let share = guard.get(&path(&sent, "")).send().await.expect(200);
    assert_eq!(share["indicators"][0]["value"], "+84369123456");
    assert_eq!(share["disclosed"]["unit_code"], "03158");
    assert_eq!(share["disclosed"]["narrative"], json!(null));
    let done = guard
        .post(&path(&sent, "/complete"))
        .json(&json!({"outcome": "done"}));
    done.send().await.expect(200);
    let discard = officer
        .post(&path(&sent, "/discard"))
        .json(&json!({"reason": "x"}));
    assert_eq!(
        discard.send().await.problem(409)["code"],
        "already_completed"
    );
}

#[actix_web::test]
async fn removed_content_that_is_reported_anew_goes_out_again() {
    let t = TestApp::new().await;
    let page = json!({"narrative": "Trang giả mạo ngân hàng", "indicators": [
        {"kind": "url", "value": "hxxps://vietcombank[.]top-vn.xyz/login"}]});
    let tip = report(&t, &page).await;
    let officer = t.officer(OFFICER);
    let seen = officer
        .get(&format!("/v1/tips/{}", tip["id"].as_str().unwrap()))
        .send()
        .await
        .expect(200);
    let verdict = format!(
        "/v1/indicators/{}/verdict",
        seen["indicators"][0]["id"].as_str().unwrap()
    );
    let scam = json!({"verdict": "confirmed_scam", "reason": "reports"});
    let curate = &[Scope::IndicatorsCurate];
    t.named_officer("first", curate)
        .put(&verdict)
        .json(&scam)
        .send()
        .await
        .expect(200);
    let approve = format!("{verdict}/approve");
    t.named_officer("second", curate)
        .post(&approve)
        .send()
        .await
        .expect(200);
    t.settle().await;
    let proposals = list(&officer, "?state=proposed&kind=takedown").await;
    assert_eq!(proposals.len(), 1, "{proposals:?}");
    let sent = officer
        .post(&path(&proposals[0], "/send"))
        .send()
        .await
        .expect(200);
    let host = agency(&t, "hosting_platform");
    let removed = json!({"outcome": "removed", "evidence_url": "https://example.vn/takedown/4711"});
    t.clock.advance(Duration::from_secs(3600));
    host.post(&path(&sent, "/complete"))
        .json(&removed)
        .send()
        .await
        .expect(200);
    t.clock.advance(Duration::from_secs(86_400));
    let seen = officer.get(&path(&sent, "")).send().await.expect(200);
    assert_eq!(seen["evidence_url"], removed["evidence_url"]);
    report(&t, &page).await;
    let back = host.get(&path(&sent, "")).send().await.expect(200);
    assert_eq!(
        (&back["state"], &back["reopened"]),
        (&json!("sent"), &json!(1))
    );
    assert_eq!(back["outcome"], json!(null));
    host.post(&path(&sent, "/complete"))
        .json(&removed)
        .send()
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_tip_for_another_body_is_proposed_to_it() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    for agency in ["other_police", "border_guard", "procuracy"] {
        let tip = report(&t, &transfer()).await;
        let id = tip["id"].as_str().unwrap();
        let path_of = format!("/v1/tips/{id}");
        officer
            .put(&format!("{path_of}/claim"))
            .send()
            .await
            .expect(200);
        let decision =
            json!({"decision": "transfer", "reason": "out_of_competence", "agency": agency});
        let call = officer
            .post(&format!("{path_of}/decisions"))
            .json(&decision);
        call.send().await.expect(200);
        t.settle().await;
        let query = format!("?state=proposed&kind=transfer_jurisdiction&tip={id}");
        let proposals = list(&officer, &query).await;
        let [proposal] = proposals.as_slice() else {
            panic!("one proposal: {proposals:?}")
        };
        assert_eq!(proposal["agency"], agency);
        assert_eq!(proposal["indicators"].as_array().unwrap().len(), 2);
    }
}

#[actix_web::test]
async fn a_takedown_that_was_discarded_is_proposed_again_when_it_is_confirmed_again() {
    let t = TestApp::new().await;
    let page = json!({"narrative": "Trang giả mạo", "indicators": [
        {"kind": "url", "value": "hxxps://vietcombank[.]top-vn.xyz/login"}]});
    report(&t, &page).await;
    let officer = t.officer(OFFICER);
    let indicator = "select id::text as cell from indicators";
    let verdict = format!("/v1/indicators/{}/verdict", rows(&t, indicator).await[0]);
    let curate = &[Scope::IndicatorsCurate];
    let (first, second) = (
        t.named_officer("first", curate),
        t.named_officer("second", curate),
    );
    let cleared = json!({"verdict": "cleared", "reason": "mistake"});
    let scam = json!({"verdict": "confirmed_scam", "reason": "reports"});
    for round in 1..=2 {
        first.put(&verdict).json(&scam).send().await.expect(200);
        let approve = format!("{verdict}/approve");
        second.post(&approve).send().await.expect(200);
        t.settle().await;
        let proposals = list(&officer, "?state=proposed&kind=takedown").await;
        assert_eq!(proposals.len(), 1, "{round}: {proposals:?}");
        let discard = officer.post(&path(&proposals[0], "/discard"));
        let discard = discard.json(&json!({"reason": "Chưa đủ căn cứ"}));
        discard.send().await.expect(200);
        first.put(&verdict).json(&cleared).send().await.expect(200);
    }
}
