//! What the words of a tip tell alone: money that went, a code that was given away, a place.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::checks::{check, report};
use crate::support::TestApp;

fn codes(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|item| item["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn who_says_that_money_went_is_told_of_the_bank_and_asked_when() {
    let t = TestApp::new().await;
    for narrative in [
        "vừa bị lừa 500 triệu qua app sàn vàng",
        "chồng em vừa bị lừa 500 củ qua app sàn vàng",
        "bị lừa đảo mua hàng 2tr5",
        "bay 10 củ rồi",
    ] {
        let sent = t.submit(&json!({"narrative": narrative})).await;
        let advice = codes(&sent["guidance"]);
        assert!(
            advice.contains(&"if_money_was_sent"),
            "{narrative}: {advice:?}"
        );
        let missing = codes(&sent["missing"]);
        for asked in ["transfer_time", "loss_amount"] {
            assert!(missing.contains(&asked), "{narrative}: {missing:?}");
        }
    }
}

#[actix_web::test]
async fn who_says_that_a_code_was_told_is_advised_whatever_the_method() {
    let t = TestApp::new().await;
    let advised = async |body: Value| {
        let sent = t.submit(&body).await;
        codes(&sent["guidance"]).contains(&"gave_credentials")
    };
    assert!(advised(json!({"narrative": "em đã đọc mã OTP cho nó rồi"})).await);
    let named = json!({"narrative": "lỡ nhập mật khẩu vào trang đó", "method": "fake_shop"});
    assert!(advised(named).await);
    assert!(!advised(json!({"narrative": "nó đòi mã OTP, em không đọc"})).await);
    // Said later, by the receipt.
    let sent = t.submit(&json!({"narrative": "Có người gọi."})).await;
    let patch = t.anyone().patch("/v1/receipt");
    let patch = patch.header("Tip-Receipt", sent["receipt"].as_str().unwrap());
    let body = json!({"narrative": "tôi vừa gửi cho họ mã OTP"});
    let added = patch.json(&body).send().await.expect(200);
    assert!(codes(&added["guidance"]).contains(&"gave_credentials"));
}

#[actix_web::test]
async fn a_platforms_name_before_a_handle_is_its_account_everywhere() {
    let t = TestApp::new().await;
    for (written, value) in [
        ("tiktok @lua.dao987809", "tiktok:lua.dao987809"),
        ("instagram @shop.giare.vn", "instagram:shop.giare.vn"),
        ("fb @nguyen.van.a", "facebook:nguyenvana"),
        ("zalo @abc.def", "zalo:abc.def"),
    ] {
        assert_eq!(check(&t, written).await["value"], value, "{written}");
        let sent = report(&t, written, "0900000001").await;
        assert_eq!(sent["indicators"][0]["value"], value, "{written}");
    }
    let mail = check(&t, "tiktok@lua.dao987809.com").await;
    assert_eq!(mail["kind"], "email", "without the blank it is an address");
}

#[actix_web::test]
async fn a_sender_with_accents_and_a_link_that_opens_an_app_are_read() {
    let t = TestApp::new().await;
    let indicators = json!([{"kind": "sms_sender", "value": "Bộ Công An"},
        {"kind": "sms_sender", "value": "BO CONG AN"}]);
    let sent = t.submit(&json!({"indicators": indicators})).await;
    for one in sent["indicators"].as_array().unwrap() {
        assert_eq!(one["value"], "BO CONG AN", "{sent}");
    }
    let text = "bấm vào intent://vidu.top/vao#Intent;scheme=https;package=com.vidu.app;end để mở";
    let call = t
        .citizen()
        .post("/v1/indicators/extract")
        .json(&json!({"text": text}));
    let found = call.send().await.expect(200);
    assert_eq!(found["indicators"][0]["value"], "vidu.top/vao", "{found}");
}

#[actix_web::test]
async fn an_address_without_commas_finds_its_commune() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsRead]);
    for (place, name) in [
        ("xã Chà Cang huyện Nậm Pồ", "Xã Mường Chà"),
        ("tổ 5 phường Điện Biên Phủ", "Phường Điện Biên Phủ"),
        ("Phường Mường Thanh, tỉnh Điện Biên", "Phường Mường Thanh"),
    ] {
        let body = json!({"narrative": "Lừa đảo", "location": {"place": place}});
        let sent = t.submit(&body).await;
        let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
        let shown = officer.get(&path).send().await.expect(200);
        assert_eq!(shown["location"]["unit_name"], name, "{place}");
    }
}
