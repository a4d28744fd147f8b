//! Merged cases, tips that leave, and clusters that are suggested.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::cases::{ALL, decide, open, path, tip};
use crate::support::{Claims, Client, Reply, TestApp, rows};

async fn merge(officer: &Client, into: &Value, other: &Value) -> Reply {
    let body = json!({"case_id": other["id"]});
    officer.post(&path(into, "/merge")).json(&body).send().await
}

async fn show(officer: &Client, case: &Value) -> Value {
    officer.get(&path(case, "")).send().await.expect(200)
}

/// What the timeline of a case tells of its tips, oldest first.
async fn told(officer: &Client, case: &Value) -> Vec<String> {
    let timeline = path(case, "/timeline?limit=200");
    let timeline = officer.get(&timeline).send().await.expect(200);
    let items = timeline["items"].as_array().unwrap().iter().rev();
    items
        .filter(|item| item["type"].as_str().unwrap().starts_with("tip."))
        .map(|item| {
            let change = item["data"]["change"].as_str().unwrap_or_default();
            format!("{} {change}", item["type"].as_str().unwrap())
                .trim_end()
                .to_owned()
        })
        .collect()
}

#[actix_web::test]
async fn an_ended_or_purged_case_neither_takes_another_over_nor_is_taken_over() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let running = open(&officer, &[tip(&t, json!({"narrative": "một"})).await]).await;
    let ended = open(&officer, &[tip(&t, json!({"narrative": "hai"})).await]).await;
    for decision in ["assign", "verify", "not_prosecute", "close"] {
        let body =
            json!({"decision": decision, "legal_basis": "BLTTHS 158", "document_number": "1/QĐ"});
        decide(&officer, &ended, body).await.expect(200);
    }
    let purged = open(&officer, &[]).await;
    let sql = format!(
        "with u as (update cases set purged_at = now() where id = '{}' returning id) select id::text as cell from u",
        purged["id"].as_str().unwrap()
    );
    assert_eq!(rows(&t, &sql).await.len(), 1);
    for over in [&ended, &purged] {
        for (into, other) in [(&running, over), (over, &running)] {
            let refused = merge(&officer, into, other).await.problem(409);
            assert_eq!(refused["code"], "wrong_state");
        }
    }
    assert_eq!(show(&officer, &running).await, running);
}

#[actix_web::test]
async fn what_happens_to_a_tip_after_it_left_is_no_affair_of_its_case() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let moved = tip(&t, json!({"narrative": "một"})).await;
    let first = open(&officer, std::slice::from_ref(&moved)).await;
    t.clock.advance(Duration::from_secs(60));
    let ids = json!({"tip_ids": [moved]});
    officer
        .delete(&path(&first, "/tips"))
        .json(&ids)
        .send()
        .await
        .expect(200);
    t.clock.advance(Duration::from_secs(60));
    officer
        .put(&format!("/v1/tips/{moved}/claim"))
        .send()
        .await
        .expect(200);
    officer
        .delete(&format!("/v1/tips/{moved}/claim"))
        .send()
        .await
        .expect(204);
    let second = open(&officer, std::slice::from_ref(&moved)).await;
    t.settle().await;
    let until = [
        "tip.received",
        "tip.decided",
        "tip.updated removed_from_case",
    ];
    assert_eq!(told(&officer, &first).await, until);
    let all = told(&officer, &second).await;
    assert_eq!(all[..3], until);
    assert_eq!(all.last().unwrap(), "tip.decided");
    // Back again, all of it belongs to the first case too.
    t.clock.advance(Duration::from_secs(60));
    officer
        .delete(&path(&second, "/tips"))
        .json(&ids)
        .send()
        .await
        .expect(200);
    officer
        .post(&path(&first, "/tips"))
        .json(&ids)
        .send()
        .await
        .expect(200);
    t.settle().await;
    assert!(told(&officer, &first).await.len() > all.len());
    // A page holds no more than it should, the newest first.
    let page = officer
        .get(&path(&first, "/timeline?limit=2"))
        .send()
        .await
        .expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let next = format!(
        "/timeline?limit=200&cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    let rest = officer.get(&path(&first, &next)).send().await.expect(200);
    let last = &rest["items"].as_array().unwrap().last().unwrap()["type"];
    assert_eq!(last, "tip.received");
}

#[actix_web::test]
async fn what_was_recovered_stays_with_the_case_that_took_the_others_over() {
    let t = TestApp::new().await;
    let scopes = [
        ALL,
        &[
            Scope::ReferralsRead,
            Scope::ReferralsWrite,
            Scope::IndicatorsRead,
        ],
    ]
    .concat();
    let officer = t.officer(&scopes);
    let bank = t.bearer(&Claims {
        scopes: "referrals:work",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let mut cases = Vec::new();
    for amount in [1_000_000, 2_000_000, 4_000_000] {
        let account = format!("00110022{amount}");
        let told = json!({"narrative": "Chuyển tiền", "indicators": [
            {"kind": "bank_account", "value": account, "bank": "VCB", "role": "received_money"}],
            "losses": [{"amount_vnd": 9_000_000}]});
        let case = open(&officer, &[tip(&t, told).await]).await;
        t.settle().await;
        let graph = officer.get(&path(&case, "/graph")).send().await.expect(200);
        let nodes = graph["nodes"].as_array().unwrap().iter();
        let account = nodes
            .clone()
            .find(|node| node["kind"] == "bank_account")
            .unwrap();
        let referral = json!({"kind": "freeze_funds", "agency": "bank_970436", "case_id": case["id"],
            "indicator_ids": [account["id"]], "amount_vnd": 9_000_000, "legal_basis": "Nghị định 52/2024/NĐ-CP",
            "document_number": "125/CSĐT", "note": "Đề nghị tạm giữ."});
        let sent = officer
            .post("/v1/referrals")
            .json(&referral)
            .send()
            .await
            .expect(201);
        let answer = json!({"outcome": "partly_frozen", "amount_vnd": amount});
        let complete = format!("/v1/referrals/{}/complete", sent["id"].as_str().unwrap());
        bank.post(&complete).json(&answer).send().await.expect(200);
        cases.push(case);
    }
    let [low, middle, top] = cases.try_into().unwrap();
    merge(&officer, &middle, &low).await.expect(200);
    let merged = merge(&officer, &top, &middle).await.expect(200);
    assert_eq!(merged["totals"]["recovered_vnd"], 7_000_000);
    let back = json!({"case_id": middle["id"]});
    let left = officer
        .post(&path(&top, "/unmerge"))
        .json(&back)
        .send()
        .await;
    assert_eq!(left.expect(200)["totals"]["recovered_vnd"], 4_000_000);
    assert_eq!(
        show(&officer, &middle).await["totals"]["recovered_vnd"],
        3_000_000
    );
}

#[actix_web::test]
async fn the_largest_ring_is_suggested_and_what_is_everybodys_links_nothing() {
    const RING: usize = 230;
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    for n in 0..RING {
        tip(&t, json!({"narrative": format!("tin {n}"), "indicators": [
            {"kind": "bank_account", "value": "0011002233445", "bank": "VCB", "role": "received_money"}]})).await;
    }
    for n in 0..3 {
        tip(&t, json!({"narrative": format!("khác {n}"), "indicators": [
            {"kind": "sms_sender", "value": "VIETCOMBANK"}, {"kind": "url", "value": "https://bit.ly/"},
            {"kind": "url", "value": "https://vietcombank.com.vn/khuyen-mai"}]})).await;
    }
    for _ in 0..2 {
        tip(&t, json!({"narrative": "trang", "indicators": [{"kind": "url", "value": "https://bit.ly/3xYzAb"}]})).await;
    }
    t.settle().await;
    let found = officer
        .get("/v1/cases/suggestions")
        .send()
        .await
        .expect(200);
    let sizes: Vec<&Value> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["tips"])
        .collect();
    assert_eq!(sizes, [&json!(RING), &json!(2)], "{}", found["items"][1]);
    let ring = &found["items"][0];
    assert_eq!(ring["shared"][0]["value"], "970436:0011002233445");
    assert_eq!(ring["shared"][0]["tips"], RING);
    let body = json!({"title": "Một nhóm", "tip_ids": ring["tip_ids"]});
    let case = officer
        .post("/v1/cases")
        .json(&body)
        .send()
        .await
        .expect(201);
    assert_eq!(case["totals"]["tips"], RING);
}

/// To split a case is to take tips out and open another with them; both sides have then what is theirs, and taking
/// them back restores both.
#[actix_web::test]
async fn splitting_a_case_leaves_each_side_its_own_and_can_be_taken_back() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let mut tips = Vec::new();
    for (n, loss) in [1_000_000, 20_000_000, 300_000_000].into_iter().enumerate() {
        let body = json!({"narrative": format!("tin {n}"), "losses": [{"amount_vnd": loss}]});
        tips.push(tip(&t, body).await);
        t.clock.advance(Duration::from_secs(3_600));
    }
    let whole = open(&officer, &tips).await;
    let of = |case: &Value| {
        let mut members: Vec<String> = case["tips"]
            .as_array()
            .unwrap()
            .iter()
            .map(Value::to_string)
            .collect();
        members.sort();
        (members, case["totals"].clone(), case["received_at"].clone())
    };
    let before = of(&show(&officer, &whole).await);
    let remove = async |case: &Value, ids: &[String]| {
        let call = officer.delete(&path(case, "/tips"));
        let gone = call.json(&json!({"tip_ids": ids})).send().await;
        assert!(gone.status.is_success(), "{}", gone.text());
    };
    // The earliest and another go out.
    let parted = [tips[0].clone(), tips[2].clone()];
    remove(&whole, &parted).await;
    let part = open(&officer, &parted).await;
    let (rest, part_now) = (show(&officer, &whole).await, show(&officer, &part).await);
    assert_eq!(
        (
            &rest["totals"]["losses_vnd"],
            &part_now["totals"]["losses_vnd"]
        ),
        (&json!(20_000_000), &json!(301_000_000))
    );
    assert_eq!(rest["received_at"], "2026-11-24T02:20:00Z");
    assert_eq!(part_now["received_at"], "2026-11-24T01:20:00Z");
    remove(&part, &parted).await;
    let back = officer
        .post(&path(&whole, "/tips"))
        .json(&json!({"tip_ids": parted}));
    let back = back.send().await;
    assert!(back.status.is_success(), "{}", back.text());
    assert_eq!(of(&show(&officer, &whole).await), before);
    let emptied = show(&officer, &part).await;
    assert_eq!(
        (&emptied["totals"]["tips"], &emptied["totals"]["losses_vnd"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(emptied["received_at"], emptied["opened_at"]);
}

#[actix_web::test]
async fn a_decided_case_is_not_taken_over_by_one_that_is_not() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let running = open(&officer, &[tip(&t, json!({"narrative": "một"})).await]).await;
    let decided = open(&officer, &[tip(&t, json!({"narrative": "hai"})).await]).await;
    for decision in ["assign", "verify", "not_prosecute"] {
        let body =
            json!({"decision": decision, "legal_basis": "BLTTHS 158", "document_number": "1/QĐ"});
        decide(&officer, &decided, body).await.expect(200);
    }
    let refused = merge(&officer, &running, &decided).await.problem(409);
    assert_eq!(refused["code"], "wrong_state");
    let kept = show(&officer, &decided).await;
    assert_eq!(kept["state"], "decided_no_prosecution");
    assert_eq!(kept["totals"]["tips"], 1);
    merge(&officer, &decided, &running).await.expect(200);
}

#[actix_web::test]
async fn merging_and_unmerging_restore_both_sides() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let mut tips = Vec::new();
    for n in 0..4 {
        tips.push(
            tip(
                &t,
                json!({"narrative": format!("tin {n}"), "losses": [{"amount_vnd": 1_000_000}]}),
            )
            .await,
        );
    }
    let first = open(&officer, &tips[..2]).await;
    let second = open(&officer, &tips[2..]).await;
    let other = json!({"case_id": second["id"]});
    let merged = officer
        .post(&path(&first, "/merge"))
        .json(&other)
        .send()
        .await
        .expect(200);
    assert_eq!(merged["totals"]["tips"], 4);
    assert_eq!(merged["totals"]["losses_vnd"], 4_000_000);
    let gone = officer.get(&path(&second, "")).send().await.expect(200);
    assert_eq!(gone["merged_into"], first["id"]);
    decide(&officer, &second, json!({"decision": "assign"}))
        .await
        .problem(409);
    let edit = officer
        .patch(&path(&second, ""))
        .header("If-Match", "*")
        .json(&json!({"title": "Tên khác"}))
        .send()
        .await
        .problem(409);
    assert_eq!(edit["code"], "wrong_state");
    officer
        .post(&path(&second, "/tips"))
        .json(&json!({"tip_ids": [tip(&t, json!({"narrative": "tin mới"})).await]}))
        .send()
        .await
        .problem(409);
    let back = officer
        .post(&path(&first, "/unmerge"))
        .json(&other)
        .send()
        .await
        .expect(200);
    assert_eq!(back["tips"], first["tips"]);
    let restored = officer.get(&path(&second, "")).send().await.expect(200);
    assert_eq!(
        (&restored["tips"], &restored["merged_into"]),
        (&second["tips"], &Value::Null)
    );
    officer
        .post(&path(&first, "/unmerge"))
        .json(&other)
        .send()
        .await
        .problem(409);
    let out = json!({"tip_ids": [tips[0]]});
    let smaller = officer
        .delete(&path(&first, "/tips"))
        .json(&out)
        .send()
        .await
        .expect(200);
    assert_eq!(smaller["totals"]["tips"], 1);
    let freed = officer
        .get(&format!("/v1/tips/{}", tips[0]))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&freed["status"], &freed["case_id"]),
        (&json!("received"), &Value::Null)
    );
    let taken = json!({"tip_ids": [tips[2]]});
    officer
        .post(&path(&first, "/tips"))
        .json(&taken)
        .send()
        .await
        .problem(422);
}

#[actix_web::test]
async fn clusters_of_open_tips_are_suggested_and_accepted_with_one_call() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    for n in 0..5 {
        tip(&t, json!({"narrative": "x", "indicators": [{"value": "0912 345 678"}, {"value": format!("https://host{n}.example.net/")}]})).await;
    }
    tip(
        &t,
        json!({"narrative": "y", "indicators": [{"value": "0987 654 321"}]}),
    )
    .await;
    t.settle().await;
    let found = officer
        .get("/v1/cases/suggestions")
        .send()
        .await
        .expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let cluster = &found["items"][0];
    assert_eq!(cluster["tips"], 5);
    assert_eq!(cluster["shared"][0]["value"], "+84912345678");
    let body = json!({"title": "Một nhóm", "tip_ids": cluster["tip_ids"]});
    let case = officer
        .post("/v1/cases")
        .json(&body)
        .send()
        .await
        .expect(201);
    assert_eq!(case["totals"]["tips"], 5);
    let graph = officer.get(&path(&case, "/graph")).send().await.expect(200);
    assert_eq!(graph["edges"].as_array().unwrap().len(), 10);
    let again = officer
        .get("/v1/cases/suggestions")
        .send()
        .await
        .expect(200);
    assert_eq!(again["items"], json!([]));
}
