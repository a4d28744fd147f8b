//! What an officer cleared is not warned of through what it stands on, and a few reports of a value do not weaken what
//! officers said of what it stands on.

use serde_json::{Value, json};
use tinbao::domain::indicator::Kind;

use crate::checks::{CURATE, HOUR, check, confirm, id_of, report};
use crate::official::hex;
use crate::support::TestApp;

/// A payment code of the account `970436:0011002233445`.
const CODE: &str = "00020101021138570010A00000072701270006970436011300110022334450208QRIBFTTA53037045802VN63044564";
const ACCOUNT: &str = "970436:0011002233445";

/// The verdict that the list of hashes has of a value.
async fn listed(t: &TestApp, kind: Kind, value: &str) -> Option<String> {
    let hash = hex(kind, value);
    let path = format!("/v1/check/hashes/{}", &hash[..5]);
    let range = t.citizen().get(&path).send().await.expect(200);
    let items = range["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["suffix"] == hash[5..]);
    found.map(|item| item["verdict"].as_str().unwrap().to_owned())
}

async fn give(t: &TestApp, value: &str, verdict: Value) {
    let path = format!("/v1/indicators/{}/verdict", id_of(t, value).await);
    let curator = t.named_officer("curator", CURATE);
    curator.put(&path).json(&verdict).send().await.expect(200);
    t.settle().await;
}

/// Three reports that count.
async fn report_thrice(t: &TestApp, value: &str) {
    for n in 1..=3 {
        t.clock.advance(HOUR);
        report(t, value, &format!("090000001{n}")).await;
        t.settle().await;
    }
}

#[actix_web::test]
async fn what_was_cleared_is_not_warned_of_through_what_it_stands_on() {
    let t = TestApp::new().await;
    let zalo = "https://zalo.me/0912345678";
    confirm(&t, "0912345678").await;
    let host = "nhan-qua-mien-phi.example";
    confirm(&t, &format!("https://{host}/")).await;
    let page = format!("https://{host}/gioi-thieu");
    for value in [zalo, &page] {
        report(&t, value, "0900000003").await;
    }
    t.settle().await;
    let told = async |value: &str| check(&t, value).await["verdict"].clone();
    for value in [zalo, &page] {
        assert_eq!(told(value).await, "confirmed_scam", "{value}");
    }
    let account = (Kind::MessagingAccount, "zalo:+84912345678");
    let confirmed = Some("confirmed_scam".to_owned());
    assert_eq!(listed(&t, account.0, account.1).await, confirmed);

    let cleared = json!({"verdict": "cleared", "reason": "mistake"});
    for value in [zalo, &page] {
        give(&t, value, cleared.clone()).await;
    }
    // Another replica loads what this one took over change by change.
    for t in [&t, &t.replica().await] {
        for value in [zalo, &page] {
            let answer = check(t, value).await;
            assert_eq!(answer["verdict"], "no_reports", "{value}");
            assert_eq!(
                (&answer["matched"], &answer["reports"]),
                (&Value::Null, &json!("0"))
            );
        }
        assert_eq!(listed(t, account.0, account.1).await, None);
        // What it stands on is as it was, and so is what else stands on that.
        for value in [
            "0912345678",
            "https://wa.me/84912345678",
            &format!("https://{host}/khac"),
        ] {
            assert_eq!(
                check(t, value).await["verdict"],
                "confirmed_scam",
                "{value}"
            );
        }
        let whatsapp = listed(t, Kind::MessagingAccount, "whatsapp:+84912345678").await;
        assert_eq!(whatsapp, confirmed);
    }
    // What nobody accused has no place in the feeds, not even as a tombstone.
    let feed = t
        .citizen()
        .get("/v1/feeds/indicators.ndjson?since=0")
        .send()
        .await;
    assert!(!feed.text().contains(account.1), "{}", feed.text());

    give(
        &t,
        zalo,
        json!({"verdict": "suspected", "reason": "reports"}),
    )
    .await;
    assert_eq!(check(&t, zalo).await["verdict"], "confirmed_scam");
}

#[actix_web::test]
async fn a_few_reports_do_not_weaken_what_officers_confirmed() {
    let t = TestApp::new().await;
    confirm(&t, ACCOUNT).await;
    confirm(&t, "0912345678").await;
    let host = "nhan-qua-mien-phi.example";
    confirm(&t, &format!("https://{host}/")).await;
    let page = format!("https://{host}/nhan-qua");
    let zalo = "https://zalo.me/0912345678";
    for value in [CODE, &page, zalo] {
        report_thrice(&t, value).await;
    }
    for (value, kind, of, matched) in [
        (CODE, "bank_account", ACCOUNT, "exact"),
        (zalo, "phone", "+84912345678", "exact"),
    ] {
        let answer = check(&t, value).await;
        assert_eq!(answer["verdict"], "confirmed_scam", "{answer}");
        assert_eq!(
            (&answer["kind"], &answer["value"]),
            (&json!(kind), &json!(of))
        );
        assert_eq!(answer["matched"], matched);
    }
    let answer = check(&t, &page).await;
    assert_eq!(answer["verdict"], "confirmed_scam", "{answer}");
    assert_eq!(answer["matched"], "host");
    let confirmed = Some("confirmed_scam".to_owned());
    for (kind, value) in [
        (Kind::PaymentQr, ACCOUNT),
        (Kind::MessagingAccount, "zalo:+84912345678"),
    ] {
        assert_eq!(listed(&t, kind, value).await, confirmed, "{value}");
    }
    // Each has enough reports of its own: told as soon as what it stands on is not warned of.
    for value in [ACCOUNT, "0912345678", &format!("https://{host}/")] {
        give(
            &t,
            value,
            json!({"verdict": "cleared", "reason": "mistake"}),
        )
        .await;
    }
    for value in [CODE, &page, zalo] {
        let answer = check(&t, value).await;
        assert_eq!(
            (&answer["verdict"], &answer["matched"]),
            (&json!("reported"), &json!("exact"))
        );
    }
    assert_eq!(
        listed(&t, Kind::PaymentQr, ACCOUNT).await,
        Some("reported".to_owned())
    );
}

#[actix_web::test]
async fn what_fills_the_lists_up_is_of_every_verdict() {
    let t = TestApp::new().await;
    let mut seen = std::collections::BTreeSet::new();
    for prefix in 0..8 {
        let path = format!("/v1/check/hashes/{prefix:05x}");
        let range = t.citizen().get(&path).send().await.expect(200);
        let items = range["items"].as_array().unwrap().iter();
        seen.extend(items.map(|item| item["verdict"].as_str().unwrap().to_owned()));
    }
    let all = ["confirmed_scam", "official", "reported", "suspected"];
    assert!(seen.iter().eq(all), "{seen:?}");
}
