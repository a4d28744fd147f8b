//! The public check, verdicts, feeds and appeals.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;
use tinbao::domain::indicator::Kind;

use crate::support::{Claims, TestApp};

const HOUR: Duration = Duration::from_secs(3_600);
const CURATE: &[Scope] = &[
    Scope::IndicatorsRead,
    Scope::IndicatorsCurate,
    Scope::TipsRead,
];

async fn report(t: &TestApp, value: &str, reporter: &str) -> Value {
    let body = json!({"narrative": "Lừa đảo", "method": "impersonate_police_court",
        "indicators": [{"value": value}], "reporter": {"phone": reporter}});
    t.citizen()
        .post("/v1/tips")
        .json(&body)
        .send()
        .await
        .expect(201)
}

async fn check(t: &TestApp, value: &str) -> Value {
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
        t.citizen()
            .post("/v1/tips")
            .json(&body)
            .send()
            .await
            .expect(201);
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
async fn a_confirmed_scam_needs_two_officers_and_reaches_checks_and_feeds() {
    let t = TestApp::new().await;
    report(&t, "0912 345 678", "0900000001").await;
    t.settle().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "0912345678").await);
    let first = t.named_officer("first", CURATE);
    let body = json!({"verdict": "confirmed_scam", "reason": "victim_transfers"});
    let given = first.put(&path).json(&body).send().await.expect(200);
    assert_eq!(given["state"], "pending_approval");
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "no_reports");
    let own = first
        .post(&format!("{path}/approve"))
        .send()
        .await
        .problem(409);
    assert_eq!(own["code"], "same_person");
    let second = t.named_officer("second", CURATE);
    second
        .post(&format!("{path}/approve"))
        .send()
        .await
        .expect(200);
    t.settle().await;
    let told = check(&t, "0912345678").await;
    assert_eq!(told["verdict"], "confirmed_scam");
    // Sent once more it stands as it is; other grounds do not take it from the public.
    let again = first.put(&path).json(&body).send().await.expect(200);
    assert_eq!(again["state"], "in_force");
    let other = json!({"verdict": "confirmed_scam", "reason": "reports"});
    first.put(&path).json(&other).send().await.problem(409);
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "confirmed_scam");
    assert_eq!(told["methods"], json!(["impersonate_police_court"]));
    assert_eq!(told["last_reported"], "2026-11");
    let feed = t.citizen().get("/v1/feeds/phones.csv").send().await;
    feed.expect(200);
    assert!(feed.text().contains("+84912345678,confirmed_scam"));
    let again = t
        .citizen()
        .get("/v1/feeds/phones.csv")
        .header("If-None-Match", feed.header("etag"));
    again.send().await.expect(304);
    let signed = t.citizen().get("/v1/feeds/phones.csv.jws").send().await;
    assert_eq!(signed.text().matches('.').count(), 2);
    let tag = signed.header("etag");
    assert_ne!(tag, feed.header("etag"), "two representations, two tags");
    let conditional = |tag: &str| {
        let call = t.citizen().get("/v1/feeds/phones.csv.jws");
        call.header("If-None-Match", tag).send()
    };
    conditional(&format!("\"other\", W/{tag}"))
        .await
        .expect(304);
    conditional("\"other\"").await.expect(200);
}

#[actix_web::test]
async fn a_feed_made_once_is_made_anew_when_it_changes() {
    let t = TestApp::new().await;
    let read = || t.citizen().get("/v1/feeds/phones.csv").send();
    let empty = read().await;
    assert_eq!(empty.text(), "phone,verdict\r\n");
    assert_eq!(empty.header("feed-position"), "0");
    confirm(&t, "0912000001").await;
    let one = read().await;
    assert!(one.text().contains("+84912000001"));
    let replica = t.replica().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "0912000001").await);
    let cleared = json!({"verdict": "cleared", "reason": "mistake"});
    let officer = t.officer(CURATE);
    officer.put(&path).json(&cleared).send().await.expect(200);
    t.settle().await;
    assert_eq!(read().await.text(), "phone,verdict\r\n");
    let other = replica.citizen().get("/v1/feeds/phones.csv").send().await;
    assert_eq!(other.text(), "phone,verdict\r\n");
    let since = one.header("feed-position").to_owned();
    let path = format!("/v1/feeds/indicators.ndjson?since={since}");
    let delta = t.citizen().get(&path).send().await;
    let line: Value = serde_json::from_str(delta.text().trim()).unwrap();
    assert_eq!(
        (&line["value"], &line["removed"]),
        (&json!("+84912000001"), &json!(true))
    );
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
async fn whoever_applies_all_changes_ends_with_the_snapshot() {
    let t = TestApp::new().await;
    let mut state: BTreeMap<String, Value> = BTreeMap::new();
    let mut since = 0_i64;
    let values = ["0912000001", "0912000002", "bad-host.net", "0912000003"];
    for (n, value) in values.iter().enumerate() {
        confirm(&t, value).await;
        if n == 2 {
            let path = format!("/v1/indicators/{}/verdict", id_of(&t, values[0]).await);
            let cleared = json!({"verdict": "cleared", "reason": "mistake"});
            t.officer(CURATE)
                .put(&path)
                .json(&cleared)
                .send()
                .await
                .expect(200);
            t.settle().await;
        }
        let path = format!("/v1/feeds/indicators.ndjson?since={since}");
        let delta = t.citizen().get(&path).send().await;
        for line in delta
            .text()
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
        {
            let name = format!("{}:{}", line["kind"], line["value"]);
            if line["removed"] == true {
                state.remove(&name);
            } else {
                state.insert(name, line);
            }
        }
        since = delta.header("feed-position").parse().unwrap();
    }
    let snapshot = t.citizen().get("/v1/feeds/indicators.ndjson").send().await;
    let whole: BTreeMap<String, Value> = snapshot
        .text()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (format!("{}:{}", line["kind"], line["value"]), line))
        .collect();
    assert_eq!(state, whole);
    assert_eq!(whole.len(), 3, "the cleared one is gone");
}

#[actix_web::test]
async fn official_entries_never_get_a_scam_verdict_and_vouch_only_with_a_source() {
    let t = TestApp::new().await;
    report(&t, "https://vietcombank.com.vn/", "0900000001").await;
    report(&t, "0215 123 4567", "0900000002").await;
    t.settle().await;
    let officer = t.officer(CURATE);
    let path = |id: String| format!("/v1/indicators/{id}/verdict");
    let accuse = json!({"verdict": "suspected", "reason": "reports"});
    let site = path(id_of(&t, "https://vietcombank.com.vn/").await);
    assert_eq!(
        officer.put(&site).json(&accuse).send().await.problem(409)["code"],
        "official_entry"
    );
    let phone = path(id_of(&t, "0215 123 4567").await);
    let unsourced = json!({"verdict": "official", "reason": "agency_line"});
    officer
        .put(&phone)
        .json(&unsourced)
        .send()
        .await
        .expect(200);
    t.settle().await;
    assert_eq!(check(&t, "02151234567").await["verdict"], "no_reports");
    assert_eq!(
        officer.put(&phone).json(&accuse).send().await.problem(409)["code"],
        "official_entry"
    );
    let sourced = json!({"verdict": "official", "reason": "agency_line",
        "source": "trang thông tin của cơ quan", "checked_at": "2026-11-20"});
    officer.put(&phone).json(&sourced).send().await.expect(200);
    t.settle().await;
    assert_eq!(check(&t, "02151234567").await["verdict"], "official");
}

#[actix_web::test]
async fn an_official_entry_stands_until_two_admins_agree_to_end_it() {
    const ADMIN: &[Scope] = &[Scope::IndicatorsRead, Scope::IndicatorsCurate, Scope::Admin];
    let t = TestApp::new().await;
    report(&t, "0215 123 4567", "0900000002").await;
    t.settle().await;
    let id = id_of(&t, "0215 123 4567").await;
    let path = format!("/v1/indicators/{id}/verdict");
    let approve = format!("{path}/approve");
    let curator = t.named_officer("curator", CURATE);
    let official = json!({"verdict": "official", "reason": "agency_line",
        "source": "trang thông tin của cơ quan", "checked_at": "2026-11-20"});
    curator.put(&path).json(&official).send().await.expect(200);
    t.settle().await;

    let cleared = json!({"verdict": "cleared", "reason": "no_longer_in_use"});
    let mut weaker = official.clone();
    weaker["source"] = Value::Null;
    let mut shorter = official.clone();
    shorter["expires_at"] = json!("2026-12-01T00:00:00Z");
    for wish in [&cleared, &weaker, &shorter] {
        let problem = curator.put(&path).json(wish).send().await.problem(403);
        assert_eq!(problem["scope"], "admin", "{wish}");
    }
    let first = t.named_officer("first-admin", ADMIN);
    let proposed = first.put(&path).json(&cleared).send().await.expect(200);
    assert_eq!(proposed["state"], "pending_approval");
    t.settle().await;
    assert_eq!(check(&t, "02151234567").await["verdict"], "official");
    let shown = first.get(&format!("/v1/indicators/{id}")).send().await;
    let shown = shown.expect(200);
    assert_eq!(shown["verdict"]["verdict"], "official", "it stands");
    assert_eq!(shown["history"][0]["state"], "pending_approval");
    assert_eq!(
        first.post(&approve).send().await.problem(409)["code"],
        "same_person"
    );
    assert_eq!(
        curator.post(&approve).send().await.problem(403)["scope"],
        "admin"
    );
    // Given once more, the entry takes the proposal back.
    first.put(&path).json(&official).send().await.expect(200);
    let second = t.named_officer("second-admin", ADMIN);
    assert_eq!(
        second.post(&approve).send().await.problem(409)["code"],
        "wrong_state"
    );
    first.put(&path).json(&cleared).send().await.expect(200);
    let ended = second.post(&approve).send().await.expect(200);
    assert_eq!(
        (&ended["verdict"], &ended["state"], &ended["approved_by"]),
        (
            &json!("cleared"),
            &json!("in_force"),
            &json!("second-admin")
        )
    );
    t.settle().await;
    assert_eq!(check(&t, "02151234567").await["verdict"], "no_reports");
}

#[actix_web::test]
async fn an_appeal_does_not_end_an_official_entry() {
    let t = TestApp::new().await;
    report(&t, "0215 123 4567", "0900000002").await;
    t.settle().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "02151234567").await);
    let official = json!({"verdict": "official", "reason": "agency_line",
        "source": "trang thông tin của cơ quan", "checked_at": "2026-11-20"});
    let curator = t.named_officer("curator", CURATE);
    curator.put(&path).json(&official).send().await.expect(200);
    let (_, path) = appeal(&t, "02151234567", Value::Null).await;
    let upheld = json!({"decision": "upheld", "reason": "không đúng"});
    let call = t.named_officer("other", CURATE).post(&path).json(&upheld);
    assert_eq!(call.send().await.problem(409)["code"], "official_entry");
    t.settle().await;
    assert_eq!(check(&t, "02151234567").await["verdict"], "official");
}

fn hex(kind: Kind, value: &str) -> String {
    hex::encode(tinbao::domain::indicator::key(kind, value))
}

#[actix_web::test]
async fn what_is_official_by_reference_data_is_on_the_hash_list_too() {
    let t = TestApp::new().await;
    for (kind, value, written, matched) in [
        (Kind::Phone, "156", "156", "exact"),
        (Kind::Phone, "+84692348560", "069 234 8560", "exact"),
        (
            Kind::Url,
            "vietcombank.com.vn/",
            "https://vietcombank.com.vn",
            "exact",
        ),
        (
            Kind::Url,
            "vietcombank.com.vn/",
            "vietcombank.com.vn/the/uu-dai",
            "host",
        ),
        (
            Kind::Url,
            "vietcombank.com.vn/",
            "portal.vietcombank.com.vn/a",
            "domain",
        ),
    ] {
        let told = check(&t, written).await;
        assert_eq!(
            (&told["verdict"], &told["matched"]),
            (&json!("official"), &json!(matched)),
            "{written}"
        );
        let hex = hex(kind, value);
        let path = format!("/v1/check/hashes/{}", &hex[..5]);
        let range = t.citizen().get(&path).send().await.expect(200);
        let items = range["items"].as_array().unwrap();
        let found = items.iter().find(|item| item["suffix"] == hex[5..]);
        assert_eq!(found.expect(value)["verdict"], "official");
        assert_eq!(items.len() % 32, 0);
    }
}

#[actix_web::test]
async fn another_agency_sees_and_judges_no_indicators() {
    let t = TestApp::new().await;
    report(&t, "0912 345 678", "0900000001").await;
    t.settle().await;
    let id = id_of(&t, "0912345678").await;
    let bank = t.bearer(&Claims {
        scopes: "indicators:read indicators:curate tips:read",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let all = bank.get("/v1/indicators").send().await.expect(200);
    assert_eq!(all["items"], json!([]));
    let one = format!("/v1/indicators/{id}");
    bank.get(&one).send().await.problem(404);
    bank.get(&format!("{one}/tips")).send().await.problem(404);
    let accuse = json!({"verdict": "suspected", "reason": "reports"});
    let call = bank.put(&format!("{one}/verdict")).json(&accuse);
    call.send().await.problem(404);
    let appeals = bank.get("/v1/appeals").send().await.expect(200);
    assert_eq!(appeals["items"], json!([]));
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
async fn reports_never_put_an_official_value_on_the_lists() {
    let t = TestApp::new().await;
    for n in 0..3 {
        report(&t, "https://vietcombank.com.vn/", &format!("090000000{n}")).await;
        t.clock.advance(HOUR);
    }
    t.settle().await;
    let seen = check(&t, "https://vietcombank.com.vn/").await;
    assert_eq!(seen["verdict"], "official");
    let tip = report(&t, "https://vietcombank.com.vn/", "0900000005").await;
    assert!(
        !tip["already_known"].to_string().contains("reported"),
        "{tip}"
    );
}

#[actix_web::test]
async fn an_appeal_without_an_account_corrects_the_verdict() {
    let t = TestApp::new().await;
    confirm(&t, "0912 345 678").await;
    let appeal = t
        .anyone()
        .post("/v1/appeals")
        .json(&json!({"value": "0912345678", "text": "Đây là số của cửa hàng tôi."}))
        .send()
        .await
        .expect(201);
    assert!(appeal["receipt"].is_string());
    let unknown = json!({"value": "0988888888", "text": "Số của tôi."});
    t.anyone()
        .post("/v1/appeals")
        .json(&unknown)
        .send()
        .await
        .expect(201);
    let path = format!("/v1/appeals/{}/decision", appeal["id"].as_str().unwrap());
    let officer = t.officer(CURATE);
    let decision = json!({"decision": "upheld", "reason": "đã chứng minh"});
    officer.post(&path).json(&decision).send().await.expect(200);
    let twice = officer
        .post(&path)
        .json(&decision)
        .send()
        .await
        .problem(409);
    assert_eq!(twice["code"], "already_decided");
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "no_reports");
    let open = officer
        .get("/v1/appeals?open=true")
        .send()
        .await
        .expect(200);
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
}

/// Objects to a value; the receipt and the path of the decision.
async fn appeal(t: &TestApp, value: &str, contact: Value) -> (String, String) {
    let body = json!({"value": value, "text": "Đây là số của cửa hàng tôi.", "contact": contact});
    let call = t.anyone().post("/v1/appeals").json(&body);
    let appeal = call.send().await.expect(201);
    let path = format!("/v1/appeals/{}/decision", appeal["id"].as_str().unwrap());
    (appeal["receipt"].as_str().unwrap().to_owned(), path)
}

#[actix_web::test]
async fn whoever_objected_learns_the_decision_by_the_receipt() {
    let t = TestApp::new().await;
    confirm(&t, "0912 345 678").await;
    let (receipt, path) = appeal(&t, "0912345678", Value::Null).await;
    let ask = |receipt: &str| {
        let call = t.anyone().get("/v1/receipt/appeal");
        call.header("Tip-Receipt", receipt)
            .header("Accept-Language", "en")
            .send()
    };
    let open = ask(&receipt).await.expect(200);
    assert_eq!(
        (&open["status"], &open["reason"]),
        (&json!("open"), &Value::Null)
    );
    let rejected = json!({"decision": "rejected", "reason": "Chưa có giấy tờ."});
    // Neither of the two who confirmed it may decide.
    for name in ["first", "second"] {
        let call = t.named_officer(name, CURATE).post(&path).json(&rejected);
        assert_eq!(
            call.send().await.problem(409)["code"],
            "same_person",
            "{name}"
        );
    }
    let third = t.named_officer("third", CURATE);
    third.post(&path).json(&rejected).send().await.expect(200);
    let told = ask(&receipt.to_lowercase()).await.expect(200);
    assert_eq!(
        (&told["status"], &told["reason"], &told["status_text"]),
        (
            &json!("rejected"),
            &json!("Chưa có giấy tờ."),
            &json!("Your appeal was rejected. The verdict stands.")
        )
    );
    // The receipt of a tip opens no appeal, nor the other way round; absent is 401.
    let tip = report(&t, "0912345679", "0900000001").await;
    ask(tip["receipt"].as_str().unwrap()).await.problem(404);
    let other = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &receipt);
    other.send().await.problem(404);
    t.anyone()
        .get("/v1/receipt/appeal")
        .send()
        .await
        .problem(401);
}

#[actix_web::test]
async fn the_contact_of_an_appeal_is_shown_for_a_purpose_and_audited() {
    let t = TestApp::new().await;
    let (_, path) = appeal(&t, "0912345678", json!("chu.cuahang@example.vn")).await;
    let path = path.replace("/decision", "/contact/reveal");
    let officer = t.named_officer("curator", CURATE);
    let listed = officer.get("/v1/appeals").send().await.expect(200);
    assert_eq!(listed["items"][0]["has_contact"], true);
    assert!(!listed.to_string().contains("example.vn"));
    let short = officer
        .post(&path)
        .json(&json!({"purpose": "x"}))
        .send()
        .await;
    assert_eq!(short.problem(422)["errors"][0]["pointer"], "/purpose");
    let purpose = json!({"purpose": "Viết cho chu.cuahang@example.vn xin giấy tờ"});
    let shown = officer.post(&path).json(&purpose).send().await.expect(200);
    assert_eq!(shown["contact"], "chu.cuahang@example.vn");
    let bank = t.bearer(&Claims {
        scopes: "indicators:curate",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    bank.post(&path).json(&purpose).send().await.problem(404);
    t.settle().await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let call = auditor.get("/v1/audit?type=appeal.contact_revealed");
    let audit = call.send().await.expect(200);
    assert_eq!(audit["items"].as_array().unwrap().len(), 1);
    assert_eq!(audit["items"][0]["actor"], "curator");
    assert!(
        !audit.to_string().contains("example.vn"),
        "the purpose stands there without the address"
    );
    let (_, path) = appeal(&t, "0912345678", Value::Null).await;
    let path = path.replace("/decision", "/contact/reveal");
    let none = officer.post(&path).json(&purpose).send().await.expect(200);
    assert_eq!(none["contact"], Value::Null);
}

#[actix_web::test]
async fn a_verdict_that_expires_is_corrected_by_itself() {
    let t = TestApp::new().await;
    report(&t, "0912 345 678", "0900000001").await;
    t.settle().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "0912345678").await);
    let body =
        json!({"verdict": "suspected", "reason": "reports", "expires_at": "2026-11-25T00:00:00Z"});
    t.officer(CURATE)
        .put(&path)
        .json(&body)
        .send()
        .await
        .expect(200);
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "suspected");
    t.clock.advance(24 * HOUR);
    t.settle().await;
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
