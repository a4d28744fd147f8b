//! What stands on an official number, domain or account is accused as little as that.

use serde_json::{Value, json};
use tinbao::indicators::publishing::correct_shielded;

use crate::checks::{CURATE, HOUR, check, confirm, id_of, report};
use crate::support::{TestApp, rows};

async fn accuse(t: &TestApp, value: &str, verdict: &str) -> Value {
    let path = format!("/v1/indicators/{}/verdict", id_of(t, value).await);
    let body = json!({"verdict": verdict, "reason": "reports"});
    let put = t.named_officer("first", CURATE).put(&path).json(&body);
    put.send().await.problem(409)["code"].clone()
}

async fn feed(t: &TestApp) -> String {
    let call = t.citizen().get("/v1/feeds/indicators.ndjson");
    call.send().await.text()
}

#[actix_web::test]
async fn accounts_by_an_official_number_and_files_of_an_official_domain_are_never_accused() {
    let t = TestApp::new().await;
    // The duty phone of the province, as the reference data have it.
    for value in [
        "https://zalo.me/0843189932",
        "viber:+84843189932",
        "telegram:+84843189932",
        "momo:0843189932",
        "apk:https://vietcombank.com.vn/x.apk",
    ] {
        for n in 0..3 {
            report(&t, value, &format!("090000000{n}")).await;
            t.clock.advance(HOUR);
        }
        t.settle().await;
        for verdict in ["suspected", "confirmed_scam"] {
            assert_eq!(
                accuse(&t, value, verdict).await,
                "official_entry",
                "{value}"
            );
        }
        let told = check(&t, value).await["verdict"].clone();
        assert!(
            told != "reported" && told != "confirmed_scam",
            "{value}: {told}"
        );
    }
    assert_eq!(feed(&t).await, "");
}

#[actix_web::test]
async fn what_stands_on_a_number_leaves_the_feeds_when_that_becomes_official() {
    let t = TestApp::new().await;
    confirm(&t, "https://zalo.me/0912345678").await;
    assert!(feed(&t).await.contains("zalo:+84912345678"));
    report(&t, "0912345678", "0900000003").await;
    t.settle().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "0912345678").await);
    let official = json!({"verdict": "official", "reason": "agency_line",
        "source": "trang thông tin của cơ quan", "checked_at": "2026-11-20"});
    let curator = t.named_officer("curator", CURATE);
    curator.put(&path).json(&official).send().await.expect(200);
    t.settle().await;
    assert!(!feed(&t).await.contains("zalo:+84912345678"));
    let call = t.citizen().get("/v1/feeds/indicators.ndjson?since=0");
    assert!(
        call.send().await.text().contains("\"removed\":true"),
        "a tombstone"
    );
    let account = check(&t, "https://zalo.me/0912345678").await;
    assert_eq!(
        account["verdict"], "no_reports",
        "nobody vouches for the account"
    );
    assert_eq!(
        accuse(&t, "https://zalo.me/0912345678", "suspected").await,
        "official_entry"
    );
    // An account that a payment code pays.
    let code = "00020101021138570010A00000072701270006970436011300110022334450208QRIBFTTA53037045802VN63044564";
    report(&t, code, "0900000004").await;
    report(&t, "Vietcombank 0011002233445", "0900000005").await;
    t.settle().await;
    let id = id_of(&t, "Vietcombank 0011002233445").await;
    let path = format!("/v1/indicators/{id}/verdict");
    curator.put(&path).json(&official).send().await.expect(200);
    let listed = t.officer(CURATE).get("/v1/indicators?kind=payment_qr");
    let listed = listed.send().await.expect(200);
    let path = format!(
        "/v1/indicators/{}/verdict",
        listed["items"][0]["id"].as_str().unwrap()
    );
    let body = json!({"verdict": "confirmed_scam", "reason": "reports"});
    let put = t.named_officer("first", CURATE).put(&path).json(&body);
    assert_eq!(put.send().await.problem(409)["code"], "official_entry");
}

#[actix_web::test]
async fn what_was_told_before_it_was_shielded_is_corrected() {
    let t = TestApp::new().await;
    confirm(&t, "https://zalo.me/0912345678").await;
    report(&t, "https://zalo.me/0843189932", "0900000001").await;
    t.settle().await;
    // As an earlier version left it.
    rows(
        &t,
        "insert into indicator_public select i.key, i.kind, i.value, p.verdict, p.reports, p.methods,
             p.last_reported, true, p.position, p.changed_at, p.confirmed_at
           from indicators i, indicator_public p
          where i.value = 'zalo:+84843189932' and p.value = 'zalo:+84912345678' returning 'x' as cell",
    )
    .await;
    let t = t.replica().await;
    assert!(feed(&t).await.contains("zalo:+84843189932"));
    for corrected in [1, 0] {
        let mut conn = t.running.state.db.dedicated().await.unwrap();
        let found = correct_shielded(&mut conn, &t.running.state).await;
        assert_eq!(found.unwrap(), corrected);
        t.settle().await;
    }
    let whole = feed(&t).await;
    assert!(!whole.contains("zalo:+84843189932"), "{whole}");
    assert!(whole.contains("zalo:+84912345678"), "{whole}");
}
