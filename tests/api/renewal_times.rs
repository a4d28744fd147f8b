//! When a hold is prolonged: by one officer of two, and before it ends.

use std::time::Duration;

use futures_util::future::join;
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::referrals::{OFFICER, list};
use crate::renewals::{HOUR, complete, held, renew, show};
use crate::support::TestApp;

#[actix_web::test]
async fn two_officers_who_prolong_a_hold_at_once_send_one_renewal() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (_, hold) = held(&t, &officer, 31_000_000).await;
    let (one, two) = join(
        renew(&officer, &hold, json!({})),
        renew(&officer, &hold, json!({})),
    )
    .await;
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let freezes = list(&officer, "?kind=freeze_funds&state=sent").await;
    assert_eq!(freezes.len(), 1);
}

#[actix_web::test]
async fn the_end_of_a_hold_is_called_to_mind_while_it_can_be_prolonged() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (_, hold) = held(&t, &officer, 31_000_000).await;
    let ending = async || list(&officer, "?ending=true").await;
    let calls = async || {
        t.settle().await;
        let reader = t.officer(&[Scope::ExchangeRead, Scope::ReferralsRead]);
        let changes = reader.get("/v1/changes?limit=200").send().await.expect(200);
        let all = changes["items"].as_array().unwrap().iter();
        all.filter(|event| {
            event["type"] == "deadline.near" && event["data"]["state"] == "completed"
        })
        .map(|event| event["data"]["expires_at"].clone())
        .collect::<Vec<_>>()
    };
    t.clock.advance(Duration::from_secs(47 * HOUR));
    assert_eq!(ending().await, [] as [Value; 0]);
    assert_eq!(calls().await, [] as [Value; 0]);
    t.clock.advance(Duration::from_secs(2 * HOUR));
    let [listed] = ending().await.try_into().unwrap();
    assert_eq!(
        (&listed["id"], &listed["ending"]),
        (&hold["id"], &json!(true))
    );
    assert_eq!(calls().await, [hold["expires_at"].clone()]);
    // Once, and no longer once somebody has seen to it.
    t.clock.advance(Duration::from_secs(HOUR));
    assert_eq!(calls().await.len(), 1);
    let sent = renew(&officer, &hold, json!({})).await.expect(201);
    assert_eq!(ending().await, [] as [Value; 0]);
    complete(&t, &sent, json!({"outcome": "frozen"})).await;
    assert_eq!(ending().await, [] as [Value; 0]);
    // The next hold has its own end.
    t.clock.advance(Duration::from_secs(80 * HOUR));
    let [listed] = ending().await.try_into().unwrap();
    assert_eq!(listed["id"], sent["id"]);
    assert_eq!(calls().await.len(), 2);
    assert_eq!(show(&officer, &sent).await["state"], "completed");
}
