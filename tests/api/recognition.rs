//! What is read out of the words of a tip: the reporter's own number never, a text message's source
//! as what it is.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::TestApp;

fn values(indicators: &Value) -> Vec<String> {
    let all = indicators.as_array().unwrap().iter();
    all.map(|one| {
        format!(
            "{} {}",
            one["kind"].as_str().unwrap(),
            one["value"].as_str().unwrap_or_default()
        )
    })
    .collect()
}

#[actix_web::test]
async fn the_reporters_own_number_is_no_trace_in_any_account() {
    let t = TestApp::new().await;
    for narrative in [
        "momo của tôi 0900000001",
        "tôi dùng viber 0900000001",
        "https://zalo.me/0900000001 là tôi",
        "tôi chuyển từ MB 0900000001",
        "zalo/momo 0900 000 001",
        "số tôi 0900000001",
    ] {
        let tip = json!({"reporter": {"phone": "0900000001"}, "narrative": narrative});
        let sent = t.citizen().post("/v1/tips").json(&tip).send().await;
        let found = values(&sent.expect(201)["indicators"]);
        assert!(found.is_empty(), "{narrative}: {found:?}");
    }
    let tip = json!({"reporter": {"phone": "+84900000001"},
        "narrative": "tôi 0900000001 chuyển từ momo cho zalo 0912345678"});
    let sent = t.citizen().post("/v1/tips").json(&tip).send().await;
    assert_eq!(
        values(&sent.expect(201)["indicators"]),
        ["messaging_account zalo:+84912345678", "phone +84912345678"]
    );
    // What somebody lists stays.
    let tip = json!({"reporter": {"phone": "0900000001"},
        "indicators": [{"kind": "ewallet", "value": "momo 0900000001"}]});
    let sent = t.citizen().post("/v1/tips").json(&tip).send().await;
    assert_eq!(
        values(&sent.expect(201)["indicators"]),
        ["ewallet momo:+84900000001"]
    );
}

#[actix_web::test]
async fn the_source_of_a_text_message_is_a_sender_a_number_or_a_link() {
    let t = TestApp::new().await;
    for (id, (text, expected)) in [
        ("S (8077) (trung thuong)", "sms_sender 8077"),
        ("S (VCB24) (khoa the)", "sms_sender VCB24"),
        ("S (BIDV-247) (khoa the)", "sms_sender BIDV-247"),
        ("S (0912345678) (vay tien)", "phone +84912345678"),
        ("S (vcb-xx1.com) (khoa the)", "url vcb-xx1.com/"),
        ("LD (vcb-xx1.com) (goi doa)", "url vcb-xx1.com/"),
        ("LD (0912 345 678) (goi doa)", "phone +84912345678"),
        ("LD (0912345678 xung VCB) (goi doa)", "phone +84912345678"),
        ("V (8077) (quang cao)", "phone 8077"),
        (
            "LD (0912345678 va vcb-xx1.com) (goi doa)",
            "phone +84912345678, url vcb-xx1.com/",
        ),
        (
            "V (hai so 0912345678 0987654321)",
            "phone +84912345678, phone +84987654321",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let sms = json!({"gateway_id": "gw", "message_id": format!("m{id}"), "from": "0900000123",
            "text": text});
        t.citizen()
            .post("/v1/tips/sms")
            .json(&sms)
            .send()
            .await
            .expect(201);
        let page = t.officer(&[Scope::TipsRead]).get("/v1/tips").send().await;
        let mut found = values(&page.expect(200)["items"][0]["indicators"]);
        // A source that was not understood as a whole stays as it was sent.
        found.retain(|one| !one.starts_with("unknown"));
        assert_eq!(found.join(", "), expected, "{text}");
    }
}

#[actix_web::test]
async fn the_account_that_money_left_accuses_nobody() {
    let t = TestApp::new().await;
    let tip = json!({"narrative": "STK của tôi là 0071000333222 VCB bị trừ 10 triệu, chuyển sang STK 19031234 567890 \
        tcb, sau khi bấm https://vcb-digibank.com.Vui long"});
    let sent = t.submit(&tip).await;
    assert_eq!(
        values(&sent["indicators"]),
        [
            "bank_account 970436:0071000333222",
            "bank_account 970407:19031234567890",
            "url vcb-digibank.com/",
        ]
    );
    assert_eq!(sent["indicators"][0]["role"], "own_account");
    assert_eq!(sent["indicators"][1]["role"], Value::Null);
    t.settle().await;
    let officer = t.officer(crate::checks::CURATE);
    for (account, reports) in [("970436:0071000333222", 0), ("970407:19031234567890", 1)] {
        let path = format!("/v1/indicators?value={account}");
        let page = officer.get(&path).send().await.expect(200);
        let seen = page["items"][0]["independent_reports"]
            .as_i64()
            .unwrap_or(0);
        assert_eq!(seen, reports, "{page}");
    }
}

#[actix_web::test]
async fn the_card_and_the_telephone_of_whoever_tells_accuse_nobody() {
    let t = TestApp::new().await;
    let tip = json!({"narrative": "Tôi đọc số thẻ 4123450012345678, cvv 123 cho nó. Số của tôi 0912345679, nó gọi từ \
        0987000112."});
    let sent = t.submit(&tip).await;
    assert_eq!(
        values(&sent["indicators"]),
        ["phone +84912345679", "phone +84987000112"]
    );
    assert_eq!(sent["indicators"][0]["role"], "own_account");
    assert_eq!(sent["indicators"][1]["role"], Value::Null);
    let found = t.citizen().post("/v1/indicators/extract");
    let text = json!({"text": "so the atm techcombank 9704073612345678901"});
    let found = found.json(&text).send().await.expect(200);
    assert_eq!(found["indicators"], json!([]));
    t.settle().await;
    let own = "/v1/indicators?value=%2B84912345679";
    let officer = t.officer(crate::checks::CURATE);
    let page = officer.get(own).send().await.expect(200);
    let seen = page["items"][0]["independent_reports"].as_i64();
    assert_eq!(seen.unwrap_or(0), 0, "{page}");
}

#[actix_web::test]
async fn more_numbers_than_are_kept_apart_are_said_to_be_too_many() {
    let t = TestApp::new().await;
    let phones = |count: usize| {
        let each: Vec<String> = (0..count).map(|n| format!("0912{n:06}")).collect();
        json!({"narrative": each.join(", ")})
    };
    for (count, kept, warned) in [(150, 150, false), (151, 150, true)] {
        let sent = t.submit(&phones(count)).await;
        assert_eq!(sent["indicators"].as_array().unwrap().len(), kept);
        let warnings = sent["warnings"].as_array().unwrap();
        let too_many = warnings
            .iter()
            .any(|one| one["code"] == "too_many" && one["pointer"] == "/narrative");
        assert_eq!(too_many, warned, "{warnings:?}");
    }
}

#[actix_web::test]
async fn an_address_of_before_the_mergers_is_understood_and_kept_as_written() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsRead]);
    for (location, written, name) in [
        (
            json!({"unit_code": "03136"}),
            json!("03136"),
            json!("Phường Điện Biên Phủ"),
        ),
        (
            json!({"place": "xã Chà Cang, huyện Nậm Pồ"}),
            Value::Null,
            json!("Xã Mường Chà"),
        ),
        (
            json!({"place": "phường Mường Thanh"}),
            Value::Null,
            Value::Null,
        ),
        (json!({"unit_code": "99999"}), json!("99999"), Value::Null),
    ] {
        let tip = json!({"narrative": "Lừa đảo", "location": location});
        let sent = t.submit(&tip).await;
        let warned = sent["warnings"].to_string().contains("/location/unit_code");
        assert_eq!(warned, written == "99999", "{location}");
        let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
        let seen = officer.get(&path).send().await.expect(200);
        assert_eq!(seen["location"]["unit_code"], written, "{location}");
        assert_eq!(seen["location"]["unit_name"], name, "{location}");
    }
}
