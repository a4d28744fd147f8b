//! The result of a case reaches each of its reporters, and none of them learns more than that.

use serde_json::{Value, json};

use crate::case_clocks::{HOUR, look, report, state};
use crate::case_decisions::legal;
use crate::cases::{ALL, decide, open, path};
use crate::support::{Client, TestApp};

pub const SECOND: std::time::Duration = std::time::Duration::from_secs(1);

pub fn named(n: u8) -> Value {
    json!({"narrative": format!("tin {n}"), "reporter": {"name": "Lò Văn Thử", "phone": format!("09123456{n:02}")}})
}

async fn notices(officer: &Client, tip: &str) -> Vec<Value> {
    let list = officer.get(&format!("/v1/tips/{tip}/notices")).send().await;
    list.expect(200)["items"].as_array().unwrap().clone()
}

async fn release(officer: &Client, tip: &str, code: &str) -> u16 {
    let call = officer.post(&format!("/v1/tips/{tip}/news"));
    let sent = call.json(&json!({"code": code})).send().await;
    sent.status.as_u16()
}

pub fn texts(receipt: &Value) -> String {
    receipt["notices"].to_string()
}

#[actix_web::test]
async fn the_result_of_a_case_is_told_to_whoever_began_it_by_itself_and_to_others_by_release() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (first, first_receipt) = report(&t, &named(1)).await;
    t.clock.advance(HOUR);
    let (joined, joined_receipt) = report(&t, &named(2)).await;
    let (copy, copy_receipt) = report(&t, &named(3)).await;
    let case = open(&officer, &[first.clone(), joined.clone()]).await;
    officer
        .put(&format!("/v1/tips/{copy}/claim"))
        .send()
        .await
        .expect(200);
    let repeats = json!({"decision": "duplicate", "duplicate_of": joined});
    let decided = officer.post(&format!("/v1/tips/{copy}/decisions"));
    decided.json(&repeats).send().await.expect(200);
    assert_eq!(notices(&officer, &first).await.len(), 1, "no result yet");
    assert_eq!(release(&officer, &joined, "case_result").await, 409);

    decide(&officer, &case, json!({"decision": "assign"}))
        .await
        .expect(200);
    decide(&officer, &case, json!({"decision": "verify"}))
        .await
        .expect(200);
    t.clock.advance(HOUR);
    decide(&officer, &case, legal("not_prosecute"))
        .await
        .expect(200);
    let code = "notify_reporter_result";
    assert_eq!(state(&officer, &case, code).await, "pending");
    for (tip, readable) in [(&first, true), (&joined, false), (&copy, false)] {
        let result = notices(&officer, tip).await.swap_remove(1);
        let text = result["text"].as_str().unwrap();
        assert!(text.starts_with("Cơ quan điều tra đã quyết định không khởi tố vụ án."));
        assert!(text.contains("khiếu nại trong 15 ngày"), "{text}");
        assert_eq!(result["since"], "2026-11-24T03:20:00Z");
        assert_eq!(
            (&result["on_receipt"], &result["told_at"]),
            (&json!(readable), &Value::Null)
        );
    }
    // Who began the case reads it; who only joined reads nothing of another's case.
    assert!(texts(&look(&t, &first_receipt).await).contains("không khởi tố"));
    assert!(
        !look(&t, &joined_receipt)
            .await
            .to_string()
            .contains("khởi tố vụ án.")
    );
    let copied = look(&t, &copy_receipt).await;
    assert!(texts(&copied).contains("cùng một tin khác"), "{copied}");
    assert!(!texts(&copied).contains("không khởi tố"));
    assert_eq!(
        state(&officer, &case, code).await,
        "pending",
        "one of two was told"
    );

    for (tip, receipt) in [(&joined, &joined_receipt), (&copy, &copy_receipt)] {
        assert_eq!(release(&officer, tip, "case_result").await, 201);
        let read = look(&t, receipt).await;
        assert!(texts(&read).contains("không khởi tố"), "{read}");
        assert_eq!(read["outcomes"][0]["code"], "case_result");
        let (status, next) = (read["status_text"].as_str(), read["next_step"].as_str());
        assert!(status.unwrap().contains("không khởi tố"), "{read}");
        assert!(next.unwrap().contains("quyền khiếu nại"), "{read}");
        let number = case["number"].as_str().unwrap();
        assert!(!read.to_string().contains(number));
        let result = notices(&officer, tip).await.swap_remove(1);
        assert_eq!(result["told_at"], "2026-11-24T03:20:00Z");
        assert_eq!(
            release(&officer, tip, "case_result").await,
            409,
            "told already"
        );
    }
    assert_eq!(state(&officer, &case, code).await, "met");

    // What has left the case keeps what was told, as something told; the rest is in `told_stays`.
    let leave = officer.delete(&path(&case, "/tips"));
    let tips = json!({"tip_ids": [joined]});
    assert!(leave.json(&tips).send().await.status.is_success());
    let read = look(&t, &joined_receipt).await;
    assert_eq!(read["outcomes"][0]["code"], "case_result", "{read}");
    let kept = read["notices"].as_array().unwrap();
    assert_eq!(kept.len(), 2, "{read}");
    let text = kept[1]["text"].as_str().unwrap();
    assert!(text.starts_with("Đã thông báo cho bạn lúc "), "{text}");
}

#[actix_web::test]
async fn a_result_sent_by_letter_counts_as_told() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (tip, _) = report(&t, &named(1)).await;
    let case = open(&officer, std::slice::from_ref(&tip)).await;
    let put = || {
        let path = format!("/v1/tips/{tip}/notices/notify_reporter_result");
        officer
            .put(&path)
            .json(&json!({"channel": "letter"}))
            .send()
    };
    assert_eq!(put().await.problem(409)["code"], "wrong_state");
    decide(&officer, &case, json!({"decision": "assign"}))
        .await
        .expect(200);
    decide(&officer, &case, json!({"decision": "verify"}))
        .await
        .expect(200);
    decide(&officer, &case, legal("prosecute"))
        .await
        .expect(200);
    put().await.expect(200);
    assert_eq!(
        state(&officer, &case, "notify_reporter_result").await,
        "met"
    );
    let read = officer
        .get(&path(&case, "/deadlines"))
        .send()
        .await
        .expect(200);
    let met = read["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["code"] == "notify_reporter_result");
    assert_eq!(met.unwrap()["met_at"], "2026-11-24T01:20:00Z");
}

#[actix_web::test]
async fn the_desk_finds_whom_it_still_owes_a_notice() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (fetched, receipt) = report(&t, &named(1)).await;
    // Ids tell the order of reception by the millisecond.
    t.clock.advance(SECOND);
    let (waiting, _) = report(&t, &named(2)).await;
    report(&t, &json!({"narrative": "ẩn danh"})).await;
    look(&t, &receipt).await;
    let owed = async || -> Vec<String> {
        let page = officer
            .get("/v1/tips?notice_owed=true")
            .send()
            .await
            .expect(200);
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|tip| tip["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(owed().await, [waiting.as_str()]);
    t.clock.advance(HOUR);
    officer
        .put(&format!("/v1/tips/{fetched}/claim"))
        .send()
        .await
        .expect(200);
    let dismiss = json!({"decision": "dismiss", "reason": "civil_matter"});
    let decide = officer.post(&format!("/v1/tips/{fetched}/decisions"));
    decide.json(&dismiss).send().await.expect(200);
    assert_eq!(
        owed().await,
        [waiting.as_str(), &fetched],
        "the result is another notice"
    );
    look(&t, &receipt).await;
    let put = officer.put(&format!(
        "/v1/tips/{waiting}/notices/notify_reporter_reception"
    ));
    put.json(&json!({"channel": "letter"}))
        .send()
        .await
        .expect(200);
    assert_eq!(owed().await, Vec::<String>::new());
}

pub async fn repeats(officer: &Client, copy: &str, of: &str) {
    let claim = officer.put(&format!("/v1/tips/{copy}/claim"));
    claim.send().await.expect(200);
    let decided = officer.post(&format!("/v1/tips/{copy}/decisions"));
    let body = json!({"decision": "duplicate", "duplicate_of": of});
    decided.json(&body).send().await.expect(200);
}

#[actix_web::test]
async fn a_duplicate_follows_what_becomes_of_the_tip_that_it_repeats() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let mut tips = Vec::new();
    for n in 0..3 {
        let body = json!({"narrative": format!("Bị lừa {n}."), "reporter": {"name": "Lò Thị Mẫu"}});
        let tip = t.submit(&body).await;
        tips.push((
            tip["id"].as_str().unwrap().to_owned(),
            tip["receipt"].as_str().unwrap().to_owned(),
        ));
    }
    let [first, second, third] = <[_; 3]>::try_from(tips).unwrap();
    let shown = async |receipt: &str| {
        let call = t.anyone().get("/v1/receipt").header("Tip-Receipt", receipt);
        call.send().await.expect(200)
    };
    let owed = async || {
        t.settle().await;
        let page = officer
            .get("/v1/tips?notice_owed=true")
            .send()
            .await
            .expect(200);
        let mut ids: Vec<String> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tip| tip["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    repeats(&officer, &second.0, &first.0).await;
    repeats(&officer, &third.0, &second.0).await;
    for (_, receipt) in [&first, &second, &third] {
        let standing = shown(receipt).await;
        assert_eq!(standing["reason"], json!(null));
    }
    assert!(owed().await.is_empty(), "all were told what there is");

    t.clock.advance(std::time::Duration::from_secs(60));
    officer
        .put(&format!("/v1/tips/{}/claim", first.0))
        .send()
        .await
        .expect(200);
    let decide = officer.post(&format!("/v1/tips/{}/decisions", first.0));
    let dismissal = json!({"decision": "dismiss", "reason": "civil_matter"});
    decide.json(&dismissal).send().await.expect(200);
    assert_eq!(owed().await.len(), 3, "each is owed the result");
    for (_, receipt) in [&second, &third] {
        let standing = shown(receipt).await;
        assert_eq!(standing["status"], "duplicate");
        assert_eq!(standing["reason"]["code"], "civil_matter", "{standing}");
        assert_eq!(standing["complaint"]["period_days"], 15);
        let text = standing["status_text"].as_str().unwrap();
        assert!(text.contains("không được xử lý tiếp"), "{text}");
        assert!(
            !standing["next_step"]
                .as_str()
                .unwrap()
                .contains("Cán bộ sẽ báo")
        );
        let last = standing["notices"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        assert!(
            last["told_at"].is_string() && last["text"].as_str().unwrap().contains("khiếu nại")
        );
    }
    assert_eq!(owed().await, std::slice::from_ref(&first.0));

    // Taken up again, it is open to all of them again.
    let reopen = officer.post(&format!("/v1/tips/{}/reopen", first.0));
    reopen
        .json(&json!({"reason": "new_facts"}))
        .send()
        .await
        .expect(200);
    let standing = shown(&third.1).await;
    assert_eq!(
        (&standing["reason"], &standing["complaint"]),
        (&json!(null), &json!(null))
    );
}
