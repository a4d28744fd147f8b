//! What a reporter was told of a case stays on the receipt when the tip leaves the case or is added to.

use serde_json::{Value, json};

use crate::case_clocks::{HOUR, report};
use crate::case_decisions::legal;
use crate::cases::{ALL, decide, open, path};
use crate::results::named;
use crate::support::TestApp;

async fn look(t: &TestApp, receipt: &str) -> Value {
    let call = t.anyone().get("/v1/receipt").header("Tip-Receipt", receipt);
    call.send().await.expect(200)
}

fn result(receipt: &Value) -> Option<&Value> {
    let mut notices = receipt["notices"].as_array().unwrap().iter();
    notices.find(|notice| notice["code"] == "notify_reporter_result")
}

#[actix_web::test]
async fn a_result_that_was_told_stays_with_the_days_to_complain() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (first, _) = report(&t, &named(1)).await;
    t.clock.advance(HOUR);
    let (joined, joined_receipt) = report(&t, &named(2)).await;
    let (copy, copy_receipt) = report(&t, &named(3)).await;
    let (untold, untold_receipt) = report(&t, &named(4)).await;
    let case = open(&officer, &[first.clone(), joined.clone(), untold.clone()]).await;
    let claim = officer.put(&format!("/v1/tips/{copy}/claim"));
    claim.send().await.expect(200);
    let repeats = json!({"decision": "duplicate", "duplicate_of": first});
    let decided = officer.post(&format!("/v1/tips/{copy}/decisions"));
    decided.json(&repeats).send().await.expect(200);
    for step in [
        json!({"decision": "assign"}),
        json!({"decision": "verify"}),
        legal("not_prosecute"),
    ] {
        t.clock.advance(HOUR);
        decide(&officer, &case, step).await.expect(200);
    }
    let tell = officer.put(&path(&case, "/notices/notify_reporter_result"));
    tell.json(&json!({})).send().await.expect(200);
    let mut told = Vec::new();
    for receipt in [&joined_receipt, &copy_receipt] {
        let seen = look(&t, receipt).await;
        let until = seen["complaint"]["until"].clone();
        assert!(until.is_string(), "{seen}");
        told.push((receipt, until));
    }

    t.clock.advance(HOUR);
    let add = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", &copy_receipt);
    let more = json!({"narrative": "thêm: nó vừa gọi lại từ 0987111333"});
    add.json(&more).send().await.expect(200);
    for tip in [&joined, &untold] {
        let leave = officer.delete(&path(&case, "/tips"));
        leave
            .json(&json!({"tip_ids": [tip]}))
            .send()
            .await
            .expect(200);
    }
    for (receipt, until) in told {
        let seen = look(&t, receipt).await;
        assert_ne!(seen["status"], "accepted", "{seen}");
        let notice = result(&seen).unwrap_or_else(|| panic!("it was told: {seen}"));
        let text = notice["text"].as_str().unwrap();
        assert!(text.starts_with("Đã thông báo cho bạn lúc "), "{text}");
        assert!(
            text.contains("không khởi tố") && text.contains("khiếu nại"),
            "{text}"
        );
        assert!(notice["told_at"].is_string());
        assert_eq!(seen["complaint"]["until"], until, "{seen}");
        assert!(
            seen["outcomes"].to_string().contains("case_result"),
            "{seen}"
        );
    }
    let seen = look(&t, &untold_receipt).await;
    assert!(result(&seen).is_none(), "nobody was told: {seen}");
    assert_eq!(seen["complaint"], Value::Null);
    let list = officer
        .get(&format!("/v1/tips/{copy}/notices"))
        .send()
        .await;
    let list = list.expect(200);
    let all: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].clone())
        .collect();
    assert!(all.contains(&json!("notify_reporter_result")), "{list}");
}
