//! What the border register leaves out, and how one thing is asked for.

use serde_json::{Value, json};

use crate::border::{BROKERS, guard};
use crate::support::TestApp;

async fn listed(t: &TestApp, filter: &str) -> Vec<(String, String)> {
    let page = guard(t)
        .get(&format!("{BROKERS}{filter}"))
        .send()
        .await
        .expect(200);
    let items = page["items"].as_array().unwrap().iter();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    let mut all: Vec<_> = items
        .map(|item| (text(item, "part"), text(item, "value")))
        .collect();
    all.sort();
    all
}

#[actix_web::test]
async fn what_is_the_reporters_own_a_victims_or_kins_is_no_trace_of_brokers() {
    let t = TestApp::new().await;
    for (n, narrative) in [
        "rủ em đi, số của em 0966555111, số nó 0966555222",
        "chồng tôi lái xe 27A-777.88 đi tìm con",
        "nạn nhân đi xe máy 27B1-777.88 rồi bị chở đi",
        "công an xã đi xe 27A-777.99 đến hỏi",
    ]
    .iter()
    .enumerate()
    {
        t.submit(&json!({"narrative": narrative, "method": "overseas_easy_job", "written_at": format!("2026-11-2{n}T01:00:00Z")})).await;
    }
    let own = json!({"narrative": "nó bảo chuyển tiền đi đường", "method": "overseas_easy_job", "indicators": [
        {"kind": "bank_account", "bank": "VCB", "value": "0011002233999", "role": "own_account"},
        {"kind": "phone", "value": "0966555333", "role": "victim"},
        {"kind": "phone", "value": "0966555444", "role": "belongs_to_victim"},
        {"kind": "phone", "value": "0966555666", "role": "recruited"}]});
    t.submit(&own).await;
    t.settle().await;
    let found = |part: &str, value: &str| (part.to_owned(), value.to_owned());
    assert_eq!(
        listed(&t, "").await,
        [
            found("broker", "+84966555666"),
            found("contact", "+84966555222")
        ]
    );
}

#[actix_web::test]
async fn a_plate_stopped_at_the_barrier_is_asked_for_in_any_writing() {
    let t = TestApp::new().await;
    let sent = json!({"narrative": "họ chở người đi đêm", "method": "illegal_exit_broker", "indicators": [
        {"kind": "vehicle", "value": "27A-333.44", "role": "transported"},
        {"kind": "vehicle", "value": "27A-333.55", "role": "own_account"},
        {"kind": "phone", "value": "0966555777", "role": "recruited"}]});
    t.submit(&sent).await;
    let told =
        json!({"narrative": "xe biển KC-45-67 chở sang Lào", "method": "illegal_exit_broker"});
    t.submit(&told).await;
    t.settle().await;
    let found = |part: &str, value: &str| (part.to_owned(), value.to_owned());
    let (car, army) = (found("transport", "27A33344"), found("transport", "KC4567"));
    assert_eq!(
        listed(&t, "&kind=vehicle").await,
        [car.clone(), army.clone()]
    );
    assert_eq!(
        listed(&t, "&part=transport").await,
        [car.clone(), army.clone()]
    );
    for written in ["27A33344", "27a%20333.44", "27A-333.44"] {
        assert_eq!(
            listed(&t, &format!("&value={written}")).await,
            std::slice::from_ref(&car)
        );
    }
    assert_eq!(listed(&t, "&value=KC%2045%2067").await, [army]);
    assert_eq!(
        listed(&t, "&value=0966%20555%20777").await,
        [found("broker", "+84966555777")]
    );
    assert_eq!(listed(&t, "&value=laos").await, [found("route", "laos")]);
    assert_eq!(
        listed(&t, "&kind=phone&part=broker").await,
        [found("broker", "+84966555777")]
    );
    assert_eq!(listed(&t, "&value=27A-999.99").await, []);
    for (filter, parameter) in [
        ("kind=car", "kind"),
        ("part=driver", "part"),
        ("value=xin%20ch%C3%A0o", "value"),
    ] {
        let refused = guard(&t)
            .get(&format!("{BROKERS}&{filter}"))
            .send()
            .await
            .problem(422);
        assert_eq!(refused["errors"][0]["parameter"], parameter, "{refused}");
    }
}
