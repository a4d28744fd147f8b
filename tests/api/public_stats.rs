//! What the public is told of the figures: no small count, and months that are over stay.

use serde_json::{Value, json};

use crate::stats::{DAY, post};
use crate::support::TestApp;

/// Publishes as the background work does each minute.
async fn publish(t: &TestApp) -> Value {
    let mut conn = t.running.state.db.dedicated().await.unwrap();
    tinbao::stats::publish(&mut conn, &t.running.state)
        .await
        .unwrap();
    t.anyone().get("/v1/public/stats").send().await.expect(200)
}

#[actix_web::test]
async fn the_public_is_told_no_small_count() {
    let t = TestApp::new().await;
    assert_eq!(
        t.anyone().get("/v1/public/stats").send().await.expect(200)["items"],
        json!([])
    );
    let tip = |method: &str, unit: &str| json!({"narrative": "x", "method": method, "location": {"unit_code": unit}});
    for n in 0..9 {
        post(
            &t,
            tip(
                "impersonate_police_court",
                if n == 0 { "03166" } else { "03127" },
            ),
        )
        .await;
    }
    let few = publish(&t).await;
    assert_eq!(
        (&few["items"][0]["tips"], &few["items"][0]["suppressed"]),
        (&Value::Null, &json!(true))
    );
    let told = |month: &Value, table: &str| -> Vec<(String, i64)> {
        let rows = month[table].as_array().unwrap().iter();
        rows.filter_map(|row| Some((row["code"].as_str()?.to_owned(), row["tips"].as_i64()?)))
            .collect()
    };
    assert!(
        told(&few["items"][0], "methods").is_empty(),
        "the total would give them away"
    );

    for _ in 0..7 {
        post(&t, tip("impersonate_police_court", "03127")).await;
    }
    let month = publish(&t).await["items"][0].clone();
    assert_eq!(
        (&month["month"], &month["provisional"]),
        (&json!("2026-11"), &json!(true))
    );
    // Sixteen, in steps of five.
    assert_eq!(month["tips"], 15);
    assert_eq!(
        told(&month, "methods"),
        [("impersonate_police_court".to_owned(), 15)]
    );
    // The one of 03166 would be the total less the fifteen of 03127.
    assert!(told(&month, "units").is_empty(), "{month}");
    let unit = month["units"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["code"] == "03166")
        .unwrap();
    assert_eq!(
        (&unit["tips"], &unit["suppressed"]),
        (&Value::Null, &json!(true))
    );
    assert!(unit["name"].as_str().unwrap().contains("Mường Chà"));
}

#[actix_web::test]
async fn a_month_that_is_over_is_counted_exactly_and_stays() {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for _ in 0..12 {
        tips.push(post(&t, json!({"narrative": "x", "method": "impersonate_police_court", "location": {"unit_code": "03127"}})).await);
    }
    t.clock.advance(10 * DAY);
    let before = publish(&t).await;
    let december = &before["items"][0];
    assert_eq!(
        (&december["month"], &december["provisional"]),
        (&json!("2026-12"), &json!(true))
    );
    let november = &before["items"][1];
    assert_eq!(
        (&november["tips"], &november["provisional"]),
        (&json!(12), &json!(false))
    );
    // An officer's label of a month that is told comes too late: the difference would tell.
    use diesel_async::RunQueryDsl;
    let mut conn = t.running.state.db.dedicated().await.unwrap();
    let relabel = "update tip_states set methods = '{phishing_link_seeding}'";
    diesel::sql_query(relabel).execute(&mut conn).await.unwrap();
    assert_eq!(&publish(&t).await["items"][1], november);
    let one = t.anyone().get("/v1/public/stats?months=1").send().await;
    assert_eq!(one.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(one.header("cache-control"), "public, max-age=300");
    t.anyone()
        .get("/v1/public/stats?months=0")
        .send()
        .await
        .problem(422);
}
