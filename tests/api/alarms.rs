//! Who says that somebody is in danger, and who says that it is over.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp};

async fn seen(officer: &Client, tip: &Value) -> Value {
    let path = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
    officer.get(&path).send().await.expect(200)
}

async fn add(t: &TestApp, tip: &Value, body: &Value) {
    let patch = t.anyone().patch("/v1/receipt");
    let patch = patch.header("Tip-Receipt", tip["receipt"].as_str().unwrap());
    patch.json(body).send().await.expect(200);
    t.settle().await;
}

fn hints(tip: &Value) -> Vec<&str> {
    let hints = tip["desk_hints"].as_array().unwrap();
    hints
        .iter()
        .map(|hint| hint["code"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn whoever_holds_the_phone_raises_an_alarm_and_ends_none() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let tip = t
        .submit(&json!({"narrative": "khẩn", "in_danger_now": true}))
        .await;
    t.settle().await;
    assert_eq!(hints(&seen(&officer, &tip).await), Vec::<&str>::new());
    add(
        &t,
        &tip,
        &json!({"narrative": "biển số 27A-12345", "in_danger_now": false}),
    )
    .await;
    let alarm = seen(&officer, &tip).await;
    assert_eq!(
        (&alarm["in_danger_now"], &alarm["priority"]["level"]),
        (&json!(true), &json!("critical")),
        "the alarm stands"
    );
    assert_eq!(hints(&alarm), ["danger_denied"]);
    let path = format!(
        "/v1/audit?type=tip.updated&subject={}",
        tip["id"].as_str().unwrap()
    );
    let audit = t.officer(&[Scope::AuditRead]).get(&path).send().await;
    assert_eq!(audit.expect(200)["items"][0]["data"]["danger_denied"], true);

    let danger = format!("/v1/tips/{}/danger", tip["id"].as_str().unwrap());
    let over = json!({"in_danger_now": false, "reason": "Đã gặp tại công an xã, an toàn."});
    let unclaimed = officer.put(&danger).json(&over).send().await.problem(409);
    assert_eq!(unclaimed["code"], "not_claimed");
    let claim = format!("/v1/tips/{}/claim", tip["id"].as_str().unwrap());
    officer.put(&claim).send().await.expect(200);
    let silent = json!({"in_danger_now": false});
    officer.put(&danger).json(&silent).send().await.problem(422);
    let ended = officer.put(&danger).json(&over).send().await.expect(200);
    assert_eq!(
        (
            &ended["in_danger_now"],
            &ended["priority"]["level"],
            &ended["status"]
        ),
        (&json!(false), &json!("low"), &json!("claimed"))
    );
    assert_eq!(hints(&ended), Vec::<&str>::new());

    // Where there is no alarm, a switch of the app's form is no news.
    add(
        &t,
        &tip,
        &json!({"narrative": "Cảm ơn, tôi ổn.", "in_danger_now": false}),
    )
    .await;
    assert_eq!(hints(&seen(&officer, &tip).await), Vec::<&str>::new());
    add(
        &t,
        &tip,
        &json!({"narrative": "Nó quay lại rồi.", "in_danger_now": true}),
    )
    .await;
    assert_eq!(seen(&officer, &tip).await["priority"]["level"], "critical");
}

#[actix_web::test]
async fn who_is_held_abroad_is_not_sent_to_a_number_that_cannot_be_called_from_there() {
    let t = TestApp::new().await;
    let codes = |tip: &Value| -> Vec<String> {
        let guidance = tip["guidance"].as_array().unwrap();
        let codes = guidance
            .iter()
            .map(|one| one["code"].as_str().unwrap().to_owned());
        codes.collect()
    };
    let abroad = json!({"narrative": "con tôi đang bị nhốt trong casino ở Campuchia", "in_danger_now": true});
    let held = t.submit(&abroad).await;
    assert!(codes(&held).contains(&"danger_abroad".to_owned()), "{held}");
    let advice = held["guidance"].as_array().unwrap().iter();
    let body = advice
        .filter(|one| one["code"] == "danger_abroad")
        .map(|one| one["body"].clone());
    let body = body.collect::<Vec<_>>()[0].to_string();
    assert!(
        body.contains("số khẩn cấp của nước sở tại") && body.contains("đại sứ quán"),
        "{body}"
    );
    let patch = t.anyone().patch("/v1/receipt");
    let patch = patch.header("Tip-Receipt", held["receipt"].as_str().unwrap());
    let more = patch
        .json(&json!({"narrative": "tên công ty chưa rõ"}))
        .send()
        .await
        .expect(200);
    assert!(
        codes(&more).contains(&"danger_abroad".to_owned()),
        "nor afterwards: {more}"
    );
    for elsewhere in [
        json!({"narrative": "con tôi đang bị nhốt ở Mường Ảng", "in_danger_now": true}),
        json!({"narrative": "nó rủ sang Campuchia"}),
    ] {
        let tip = t.submit(&elsewhere).await;
        assert!(
            !codes(&tip).contains(&"danger_abroad".to_owned()),
            "{elsewhere}"
        );
    }
}
