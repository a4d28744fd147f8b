//! The background goes on where one of its steps fails, and the intake ends in order.

use serde_json::json;
use tinbao::app::background;
use tinbao::auth::Scope;

use crate::support::{TestApp, rows};

async fn tip(t: &TestApp, words: &str) -> u16 {
    let body = json!({
        "narrative": words,
        "indicators": [{"kind": "phone", "value": "0912 345 678", "role": "contacted_me"}],
    });
    let sent = t.citizen().post("/v1/tips").json(&body).send().await;
    sent.status.as_u16()
}

#[actix_web::test]
async fn a_step_that_fails_holds_up_none_of_the_others() {
    let t = TestApp::new().await;
    assert_eq!(tip(&t, "Một cuộc gọi lạ.").await, 201);
    t.settle().await;
    // From now on each number is given already.
    rows(&t, "with back as (update number_counters set last = 0 where name = 'register' returning 1) select count(*)::text as cell from back").await;
    assert_eq!(tip(&t, "Lại gọi nữa.").await, 201);
    let mut conn = t.running.state.db.get().await.unwrap();
    assert!(
        background::run(&mut conn, &t.running).await.is_err(),
        "the fault is not passed over"
    );
    let counted = t
        .officer(&[Scope::TipsRead, Scope::IndicatorsRead])
        .get("/v1/indicators?kind=phone")
        .send()
        .await
        .expect(200);
    assert_eq!(counted["items"][0]["tips"], 2, "{counted}");
    let numbers = rows(&t, "select number as cell from register order by seq").await;
    assert_eq!(numbers.len(), 1);
}

#[actix_web::test]
async fn the_register_goes_on_past_the_millionth_tip_of_a_year() {
    let t = TestApp::new().await;
    assert_eq!(tip(&t, "Tin thứ nhất.").await, 201);
    t.settle().await;
    rows(&t, "with set as (update number_counters set last = 999998 where name = 'register' returning 1) select count(*)::text as cell from set").await;
    for words in ["Tin nữa.", "Và nữa."] {
        assert_eq!(tip(&t, words).await, 201);
    }
    t.settle().await;
    let numbers = rows(&t, "select number as cell from register order by seq").await;
    assert_eq!(
        numbers,
        ["DB-T-2026-000001", "DB-T-2026-999999", "DB-T-2026-1000000"]
    );
}

#[actix_web::test]
async fn a_drained_intake_has_stored_what_it_took_and_takes_no_more() {
    let t = TestApp::new().await;
    let sending = (0..20).map(|n| {
        let words = format!("Tin số {n}.");
        let t = &t;
        async move { tip(t, &words).await }
    });
    let (statuses, ()) = tokio::join!(futures_util::future::join_all(sending), async {
        tokio::task::yield_now().await;
        t.running.intake.drain().await;
    });
    let taken = statuses.iter().filter(|status| **status == 201).count();
    let refused = statuses.iter().filter(|status| **status == 503).count();
    assert_eq!(taken + refused, 20, "{statuses:?}");
    let stored = rows(&t, "select count(*)::text as cell from tips").await;
    assert_eq!(stored, [taken.to_string()]);
    assert_eq!(tip(&t, "Đến muộn.").await, 503);
}
