//! The reception, told to the reporters of a whole case with one call.

use std::time::Duration;

use serde_json::{Value, json};

use crate::case_clocks::{HOUR, look, report};
use crate::cases::{ALL, open, path};
use crate::support::TestApp;

fn named(n: u8) -> Value {
    json!({"narrative": format!("tin {n}"), "reporter": {"name": "Lò Văn Thử", "phone": format!("09123456{n:02}")}})
}

#[actix_web::test]
async fn the_reception_of_all_tips_of_a_case_is_recorded_at_once_and_once() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (read, receipt) = report(&t, &named(1)).await;
    t.clock.advance(Duration::from_secs(1));
    let (waiting, _) = report(&t, &named(2)).await;
    t.clock.advance(Duration::from_secs(1));
    let (anonymous, _) = report(&t, &json!({"narrative": "ẩn danh"})).await;
    t.clock.advance(Duration::from_secs(1));
    let (copy, _) = report(&t, &named(3)).await;
    let case = open(&officer, &[read.clone(), waiting.clone(), anonymous]).await;
    let claim = officer.put(&format!("/v1/tips/{copy}/claim"));
    claim.send().await.expect(200);
    let repeats = json!({"decision": "duplicate", "duplicate_of": waiting});
    let decide = officer.post(&format!("/v1/tips/{copy}/decisions"));
    decide.json(&repeats).send().await.expect(200);
    look(&t, &receipt).await;
    t.clock.advance(HOUR);

    let tell = async |body: Value| {
        let call = officer.put(&path(&case, "/notices/notify_reporter_reception"));
        call.json(&body).send().await
    };
    let owed = async || -> Vec<String> {
        let list = officer.get(&path(&case, "/notices?owed=true")).send().await;
        let list = list.expect(200);
        let items = list["items"].as_array().unwrap().iter();
        let owed = items.filter(|item| {
            let codes = item["owed"].as_array().unwrap();
            codes.contains(&json!("notify_reporter_reception"))
        });
        owed.map(|item| item["tip_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(owed().await, [waiting.clone(), copy.clone()]);
    // Without a way of sending nothing is to be done: it is on every receipt.
    let told = tell(json!({})).await.expect(200);
    assert_eq!((&told["tips"], &told["told"]), (&json!(4), &json!(0)));
    assert_eq!(owed().await.len(), 2);

    let early = json!({"channel": "letter", "sent_at": "2026-11-24T01:20:00Z"});
    let refused = tell(early).await.problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/sent_at");
    let told = tell(json!({"channel": "letter"})).await.expect(200);
    assert_eq!(told["result"], "received");
    assert_eq!(told["since"], "2026-11-24T01:20:00Z");
    assert_eq!(
        (&told["told"], &told["told_before"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(told["no_channel"], json!([]));
    assert_eq!(owed().await, Vec::<String>::new());
    let at = async |tip: &str| {
        let list = officer.get(&format!("/v1/tips/{tip}/notices")).send().await;
        list.expect(200)["items"][0]["told_at"].clone()
    };
    let first = at(&waiting).await;
    assert_eq!(first, "2026-11-24T02:20:03Z");
    assert_eq!(
        at(&read).await,
        "2026-11-24T01:20:03Z",
        "who read it was told then"
    );

    // Once: the same call later changes nothing.
    t.clock.advance(HOUR);
    let again = tell(json!({"channel": "phone"})).await.expect(200);
    assert_eq!(
        (&again["told"], &again["told_before"]),
        (&json!(0), &json!(4))
    );
    assert_eq!(at(&waiting).await, first);
    // The result is another notice, and there is none yet.
    let result = officer.put(&path(&case, "/notices/notify_reporter_result"));
    let result = result.json(&json!({"channel": "letter"})).send().await;
    assert_eq!(result.problem(409)["code"], "wrong_state");
}
