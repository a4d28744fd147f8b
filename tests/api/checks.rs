//! The public check: what is told of a value, and after which reports.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;
use tinbao::domain::indicator::Kind;

use crate::official::hex;
use crate::support::{Claims, TestApp};

pub const HOUR: Duration = Duration::from_secs(3_600);
pub const CURATE: &[Scope] = &[
    Scope::IndicatorsRead,
    Scope::IndicatorsCurate,
    Scope::TipsRead,
];

pub async fn report(t: &TestApp, value: &str, reporter: &str) -> Value {
    let body = json!({"narrative": "Lừa đảo", "method": "impersonate_police_court",
        "indicators": [{"value": value}], "reporter": {"phone": reporter}});
    t.submit(&body).await
}

pub async fn check(t: &TestApp, value: &str) -> Value {
    t.citizen()
        .post("/v1/check")
        .json(&json!({"value": value}))
        .send()
        .await
        .expect(200)
}

pub async fn id_of(t: &TestApp, value: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("value", value)
        .finish();
    let path = format!("/v1/indicators?{query}");
    let page = t.officer(CURATE).get(&path).send().await.expect(200);
    page["items"][0]["id"]
        .as_str()
        .expect("it is listed")
        .to_owned()
}

/// Confirms a value by two officers.
pub async fn confirm(t: &TestApp, value: &str) {
    report(t, value, "0900000009").await;
    t.settle().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(t, value).await);
    let body = json!({"verdict": "confirmed_scam", "reason": "victim_transfers"});
    t.named_officer("first", CURATE)
        .put(&path)
        .json(&body)
        .send()
        .await
        .expect(200);
    t.named_officer("second", CURATE)
        .post(&format!("{path}/approve"))
        .send()
        .await
        .expect(200);
    t.settle().await;
}

#[actix_web::test]
async fn a_scammer_who_tips_and_checks_his_own_number_learns_nothing() {
    let t = TestApp::new().await;
    let unknown = check(&t, "0987 654 321").await;
    let answer = report(&t, "0912 345 678", "0900000000").await;
    assert_eq!(answer["already_known"], json!([]));
    t.clock.advance(2 * HOUR);
    for _ in 0..20 {
        // A flood from one hand counts as one.
        let body = json!({"indicators": [{"value": "0912345678"}]});
        t.submit(&body).await;
        t.clock.advance(Duration::from_secs(60));
    }
    t.settle().await;
    let mut seen = check(&t, "0912 345 678").await;
    seen["value"] = unknown["value"].clone();
    assert_eq!(
        seen, unknown,
        "below the threshold every answer is that of an unknown value"
    );
    let below = hex(Kind::Phone, "+84911111111");
    report(&t, "0911111111", "0900000007").await;
    t.settle().await;
    let range = t
        .citizen()
        .get(&format!("/v1/check/hashes/{}", &below[..5]))
        .send()
        .await
        .expect(200);
    assert_eq!(range["items"].as_array().unwrap().len() % 32, 0);
    assert!(!range.to_string().contains(&below[5..]));
}

#[actix_web::test]
async fn three_independent_reports_an_hour_apart_are_told_as_unverified() {
    let t = TestApp::new().await;
    for n in 0..3 {
        report(&t, "0912 345 678", &format!("090000000{n}")).await;
        t.settle().await;
        let verdict = check(&t, "+84 912 345 678").await["verdict"].clone();
        assert_eq!(
            verdict,
            if n < 2 { "no_reports" } else { "reported" },
            "after {n}"
        );
        t.clock.advance(HOUR);
    }
    let told = check(&t, "0912345678").await;
    assert_eq!(
        (&told["reports"], &told["matched"]),
        (&json!("3-9"), &json!("exact"))
    );
    assert_eq!(
        (&told["methods"], &told["last_reported"]),
        (&json!([]), &Value::Null)
    );
    let tip = report(&t, "0912 345 678", "0900000005").await;
    assert_eq!(tip["already_known"][0]["verdict"], "reported");
}

#[actix_web::test]
async fn what_a_reporter_adds_later_counts_as_reported_then_and_once() {
    let t = TestApp::new().await;
    let mut receipts = Vec::new();
    for n in 1..=3 {
        let tip = json!({"narrative": format!("tin {n}"), "reporter": {"phone": format!("090000000{n}")}});
        let sent = t.submit(&tip).await;
        receipts.push(sent["receipt"].as_str().unwrap().to_owned());
    }
    for receipt in &receipts {
        t.clock.advance(HOUR);
        // Said twice, it is one report.
        for value in ["0912 345 678", "+84912345678"] {
            let more = json!({"indicators": [{"kind": "phone", "value": value}]});
            let call = t
                .anyone()
                .patch("/v1/receipt")
                .header("Tip-Receipt", receipt);
            call.json(&more).send().await.expect(200);
        }
    }
    t.settle().await;
    let told = check(&t, "0912345678").await;
    assert_eq!(told["verdict"], "reported");
    let officer = t.officer(&[Scope::IndicatorsRead]);
    let path = format!("/v1/indicators/{}", id_of(&t, "0912345678").await);
    let view = officer.get(&path).send().await.expect(200);
    assert_eq!(view["tips"], 3, "{view}");
}

#[actix_web::test]
async fn an_unknown_kind_is_named_where_it_stands() {
    let t = TestApp::new().await;
    let values = json!({"values": [{"value": "0912345678"}, {"value": "x.vn", "kind": "url"},
        {"value": "0912345678", "kind": "phone"}, {"value": "0912345678", "kind": "telefon"}]});
    for (path, body) in [
        ("/v1/check/batch", &values),
        ("/v1/check", &values["values"][3]),
        (
            "/v1/appeals",
            &json!({"value": "0912345678", "text": "x", "kind": "telefon"}),
        ),
    ] {
        let call = t.citizen().post(path).json(body);
        let problem = call.send().await.problem(422);
        let error = &problem["errors"][0];
        let pointer = error["pointer"].as_str().expect("a pointer");
        assert_eq!(body.pointer(pointer), Some(&json!("telefon")), "{problem}");
        assert_eq!(error["code"], "unknown_value");
    }
    let call = t.citizen().get("/v1/check?value=0912345678&kind=telefon");
    let problem = call.send().await.problem(422);
    assert_eq!(problem["errors"][0]["parameter"], "kind");
}

#[actix_web::test]
async fn who_reports_too_soon_after_another_counts_when_the_hour_has_passed() {
    let t = TestApp::new().await;
    let verdict = async || {
        t.settle().await;
        check(&t, "0912345678").await["verdict"].clone()
    };
    report(&t, "0912345678", "0900000001").await;
    t.clock.advance(HOUR / 2);
    report(&t, "0912345678", "0900000002").await;
    t.settle().await;
    t.clock.advance(HOUR / 2);
    report(&t, "0912345678", "0900000002").await;
    assert_eq!(verdict().await, "no_reports", "two so far");
    t.clock.advance(HOUR);
    report(&t, "0912345678", "0900000002").await;
    assert_eq!(verdict().await, "no_reports", "the same person again");
    report(&t, "0912345678", "0900000003").await;
    assert_eq!(verdict().await, "reported");
}

#[actix_web::test]
async fn a_link_is_answered_for_itself_else_its_host_else_its_domain() {
    let t = TestApp::new().await;
    confirm(&t, "https://login.lua-dao.example.com/a?b=1").await;
    confirm(&t, "http://scam-host.net/").await;
    for (value, verdict, matched) in [
        (
            "login.lua-dao.example.com/a?b=1",
            "confirmed_scam",
            json!("exact"),
        ),
        (
            "https://scam-host.net/any/page",
            "confirmed_scam",
            json!("host"),
        ),
        (
            "https://pay.scam-host.net/",
            "confirmed_scam",
            json!("domain"),
        ),
        ("https://other.example.com/", "no_reports", Value::Null),
        ("hai câu chữ không phải gì cả", "unrecognised", Value::Null),
    ] {
        let told = check(&t, value).await;
        assert_eq!(
            (told["verdict"].as_str().unwrap(), &told["matched"]),
            (verdict, &matched),
            "{value}"
        );
    }
}

#[actix_web::test]
async fn one_person_with_ever_new_addresses_is_one_reporter() {
    let t = TestApp::new().await;
    for n in 0..6 {
        let body = json!({"narrative": "Lừa đảo", "indicators": [{"value": "0912345678"}],
            "reporter": {"phone": "0900000001", "email": format!("nguoi{n}@example.vn")}});
        let call = t.citizen().post("/v1/tips");
        call.json(&body).send().await.expect(201);
        t.settle().await;
        t.clock.advance(HOUR);
    }
    assert_eq!(check(&t, "0912345678").await["verdict"], "no_reports");
}

#[actix_web::test]
async fn the_check_is_public_only_where_it_is_set_so() {
    let t = TestApp::new().await;
    t.anyone()
        .get("/v1/check?value=0912345678")
        .send()
        .await
        .problem(401);
    let open = TestApp::with(&[("TINBAO_PUBLIC_CHECK", "true")]).await;
    open.anyone()
        .get("/v1/check?value=0912345678")
        .send()
        .await
        .expect(200);
    let wrong = open.bearer(&Claims {
        scopes: "stats:read",
        ..Claims::default()
    });
    wrong
        .get("/v1/check?value=0912345678")
        .send()
        .await
        .problem(403);
    for prefix in ["1234", "123456", "zzzzz"] {
        open.anyone()
            .get(&format!("/v1/check/hashes/{prefix}"))
            .send()
            .await
            .problem(422);
    }
}

#[actix_web::test]
async fn extraction_gives_spans_in_code_points_and_a_batch_keeps_its_order() {
    let t = TestApp::new().await;
    let text = "Gọi số 0912.345.678 hoặc vào vietcombank[.]top-vn.xyz, giá 500.000đ";
    let found = t
        .citizen()
        .post("/v1/indicators/extract")
        .json(&json!({"text": text}))
        .send()
        .await
        .expect(200);
    let chars: Vec<char> = text.chars().collect();
    let first = &found["indicators"][0];
    let span = first["start"].as_u64().unwrap() as usize..first["end"].as_u64().unwrap() as usize;
    assert_eq!(chars[span].iter().collect::<String>(), "0912.345.678");
    assert_eq!(first["value"], "+84912345678");
    assert_eq!(found["indicators"].as_array().unwrap().len(), 2, "{found}");
    let values = json!({"values": [{"value": "0912345678"}, {"value": "xin chào"}, {"value": "vietcombank.vn-ibank.icu"}]});
    let batch = t
        .citizen()
        .post("/v1/check/batch")
        .json(&values)
        .send()
        .await
        .expect(200);
    let verdicts: Vec<_> = batch["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["no_reports", "unrecognised", "no_reports"]);
    assert_eq!(batch["items"][2]["imitates"]["brand"], "vietcombank");
}

#[actix_web::test]
async fn a_number_without_its_bank_finds_the_account_that_is_known() {
    let t = TestApp::new().await;
    confirm(&t, "970436:0071000777111").await;
    let bare = check(&t, "0071000777111").await;
    assert_eq!(bare["verdict"], "confirmed_scam", "{bare}");
    assert_eq!(bare["value"], "970436:0071000777111");
    assert_eq!(check(&t, "0071000777112").await["verdict"], "no_reports");
}

#[actix_web::test]
async fn a_payment_code_and_a_zalo_account_are_known_by_their_hashes_as_by_the_check() {
    let t = TestApp::new().await;
    let account = "970436:0071000777111";
    confirm(&t, account).await;
    confirm(&t, "0912345678").await;
    let told = async |kind: Kind, value: &str| {
        let hash = hex(kind, value);
        let path = format!("/v1/check/hashes/{}", &hash[..5]);
        let range = t.citizen().get(&path).send().await.expect(200);
        let items = range["items"].as_array().unwrap();
        let found = items.iter().find(|item| item["suffix"] == hash[5..]);
        found.map(|item| item["verdict"].as_str().unwrap().to_owned())
    };
    let confirmed = Some("confirmed_scam".to_owned());
    for (kind, value) in [
        (Kind::BankAccount, account),
        (Kind::PaymentQr, account),
        (Kind::Phone, "+84912345678"),
        (Kind::MessagingAccount, "zalo:+84912345678"),
        (Kind::Ewallet, "momo:+84912345678"),
    ] {
        assert_eq!(told(kind, value).await, confirmed, "{value}");
    }
    for (kind, value) in [
        (Kind::PaymentQr, "970436:0071000777112"),
        (Kind::MessagingAccount, "zalo:+84912345679"),
        (Kind::MessagingAccount, "zalo:oa:0912345678"),
    ] {
        assert_eq!(told(kind, value).await, None, "{value}");
    }

    let path = format!("/v1/indicators/{}/verdict", id_of(&t, account).await);
    let cleared = json!({"verdict": "cleared", "reason": "mistake"});
    let curator = t.named_officer("curator", CURATE);
    curator.put(&path).json(&cleared).send().await.expect(200);
    t.settle().await;
    assert_eq!(told(Kind::PaymentQr, account).await, None);
    let zalo = told(Kind::MessagingAccount, "zalo:+84912345678").await;
    assert_eq!(zalo, confirmed);
}
