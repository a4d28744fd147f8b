//! Money that is about to move: it is said first how to stop it, and the desk sees that it can.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::referrals::report;
use crate::support::TestApp;

fn codes(list: &Value) -> Vec<&str> {
    let all = list.as_array().unwrap().iter();
    all.map(|one| one["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn who_tells_of_money_about_to_move_is_told_first_to_stop() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsRead]);
    let seen = async |tip: &Value| {
        let path = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
        officer.get(&path).send().await.expect(200)
    };
    let plain = json!({"narrative": "Có người gọi lạ", "method": "impersonate_police_court"});
    let plain = report(&t, &plain).await;
    let usual = seen(&plain).await["priority"].clone();
    for (narrative, stop) in [
        ("Mẹ em sắp chuyển 200tr cho nó, em cản không được", true),
        ("Mẹ em đang nói chuyện với nó", true),
        ("Em chuẩn bị chuyển tiền vào STK lạ", true),
        ("Tôi sắp chuyển nhà, có người gọi lạ", false),
        ("Tôi vừa chuyển 50 triệu cho nó", false),
    ] {
        let body = json!({"narrative": narrative, "method": "impersonate_police_court"});
        let tip = report(&t, &body).await;
        let advice = codes(&tip["guidance"]);
        assert_eq!(
            advice[0] == "stop_the_transfer",
            stop,
            "{narrative}: {advice:?}"
        );
        assert_eq!(advice.contains(&"stop_the_transfer"), stop, "{advice:?}");
        let seen = seen(&tip).await;
        let hints = codes(&seen["desk_hints"]);
        assert_eq!(hints.contains(&"money_about_to_move"), stop, "{hints:?}");
        if stop {
            assert_eq!(seen["priority"], usual, "the points are the contract's");
        }
    }
    // Where a loss is stated, the bank comes first; and what was about to move a day ago has moved.
    let body = json!({"narrative": "Mẹ em sắp chuyển thêm 200tr cho nó",
        "losses": [{"amount_vnd": 5_000_000, "transferred_at": "2026-11-24T01:10:00Z"}]});
    let tip = report(&t, &body).await;
    assert_eq!(codes(&tip["guidance"])[0], "hold_money_now");
    assert!(!codes(&seen(&tip).await["desk_hints"]).contains(&"money_about_to_move"));
    let tip = report(&t, &json!({"narrative": "Tôi sắp chuyển 20tr"})).await;
    t.clock.advance(Duration::from_secs(25 * 3_600));
    assert_eq!(codes(&seen(&tip).await["desk_hints"]), Vec::<&str>::new());

    // What is added later is read too.
    let tip = report(&t, &json!({"narrative": "Có người gọi lạ"})).await;
    let add = t.anyone().patch("/v1/receipt");
    let add = add.json(&json!({"narrative": "Bố tôi sắp chuyển 30 triệu"}));
    let add = add.header("Tip-Receipt", tip["receipt"].as_str().unwrap());
    let added = add.send().await.expect(200);
    assert_eq!(codes(&added["guidance"])[0], "stop_the_transfer", "{added}");
}
