//! What a tip tells that nobody is to read: secrets are masked, and who reports is withheld.

use serde_json::json;
use tinbao::auth::Scope;

use crate::intake::shown;
use crate::support::TestApp;

#[actix_web::test]
async fn secrets_and_the_reporter_are_withheld_from_every_view() {
    let t = TestApp::new().await;
    let body = json!({
        "narrative": "Nó bảo tôi đọc mã OTP là 482913, tôi đã đọc.",
        "reporter": {"name": "PLANTED-NAME", "phone": "0900000001", "national_id": "011099000001"},
    });
    let answer = t.submit(&body).await;
    let id = answer["id"].as_str().unwrap();
    let officer = t.officer(&[Scope::TipsRead]);
    for path in [
        format!("/v1/tips/{id}"),
        format!("/v1/tips/{id}/submission"),
        "/v1/tips".to_owned(),
        "/v1/triage/queue".to_owned(),
    ] {
        let text = officer.get(&path).send().await.text();
        for secret in ["482913", "PLANTED-NAME", "0900000001", "011099000001"] {
            assert!(!text.contains(secret), "{path} shows {secret}");
        }
    }
    let submission = officer
        .get(&format!("/v1/tips/{id}/submission"))
        .send()
        .await
        .expect(200);
    assert_eq!(submission["body"]["reporter"], "[withheld]");
    assert_eq!(submission["withheld"], json!(["/narrative", "/reporter"]));
    assert_eq!(submission["size"], serde_json::to_vec(&body).unwrap().len());
    assert_eq!(submission["digest"].as_str().unwrap().len(), 64);
    assert_eq!(shown(&t, &answer["id"]).await["anonymous"], false);
}

#[actix_web::test]
async fn secrets_beside_an_indicator_are_masked_and_the_indicator_stays() {
    let t = TestApp::new().await;
    let tip = json!({"indicators": [
        {"kind": "phone", "value": "0912 345 678 (CCCD 011099001234, OTP 482913)"},
        {"kind": "phone", "value": "CCCD 011099005678, OTP 739155"},
        {"kind": "bank_account", "value": "011099001234", "bank": "VCB", "holder_name": "LO VAN MAU, mật khẩu Bimat#2026"}]});
    let sent = t.submit(&tip).await;
    t.settle().await;
    let officer = t.officer(&[Scope::TipsRead]);
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    let view = officer.get(&path).send().await.expect(200);
    let text = view.to_string();
    for secret in ["482913", "011099005678", "739155", "Bimat#2026"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let values: Vec<&str> = view["indicators"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|i| i["value"].as_str())
        .collect();
    assert!(values.contains(&"970436:011099001234"), "{values:?}");
}

#[actix_web::test]
async fn secrets_are_masked_in_codes_and_taken_out_of_links() {
    let t = TestApp::new().await;
    let body = json!({
        "narrative": "Tôi vào https://vidu-kia.top/a?otp=482913", "method": "otp 482913", "channel": "mật khẩu: Abc@9988", "language": "cccd 011099887755",
        "location": {"unit_code": "cccd 011099887755"},
        "victim": {"age_group": "mk: Abc@9988", "relation": "otp 482913"},
        "indicators": [{"kind": "url", "value": "https://vidu-bank.top/login?step=2&otp=482913&password=Abc@9988",
                        "role": "mật khẩu: Abc@9988"}],
    });
    let sent = t.submit(&body).await;
    let officer = t.officer(&[Scope::TipsRead]);
    let tip = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    let view = officer.get(&tip).send().await.expect(200);
    assert_eq!(view["method"], "otp ••••••");
    assert_eq!(
        view["indicators"][0]["value"],
        "vidu-bank.top/login?step=2&otp=&password="
    );
    assert_eq!(view["indicators"][1]["value"], "vidu-kia.top/a?otp=");
    for secret in ["482913", "Abc@9988", "011099887755"] {
        assert!(!view.to_string().contains(secret), "{secret} in {view}");
        assert!(!sent.to_string().contains(secret), "{secret} in {sent}");
    }
}

#[actix_web::test]
async fn who_reports_is_withheld_also_under_names_that_no_tip_has() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "x", "Reporter": {"name": "Nguyễn Văn Thật"}, "reporter_phone": "0912000111",
        "victim": {"relation": "self", "ho_ten": "Nguyễn Văn Thật"}, "extra": {"app": "1.2", "e-mail": "that@example.vn"}});
    let sent = t.submit(&body).await;
    let path = format!("/v1/tips/{}/submission", sent["id"].as_str().unwrap());
    let officer = t.officer(&[Scope::TipsRead]);
    let shown = officer.get(&path).send().await.expect(200);
    let withheld = shown["withheld"].as_array().unwrap().iter();
    let mut withheld: Vec<_> = withheld.map(|at| at.as_str().unwrap()).collect();
    withheld.sort_unstable();
    let expected = [
        "/Reporter",
        "/extra/e-mail",
        "/reporter_phone",
        "/victim/ho_ten",
    ];
    assert_eq!(withheld, expected);
    let text = shown.to_string();
    assert!(
        !text.contains("Thật") && !text.contains("0912000111") && !text.contains("that@"),
        "{text}"
    );
    assert_eq!(shown["body"]["extra"]["app"], "1.2");
}
