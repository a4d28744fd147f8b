//! What a citizen should never have sent is in no place that anybody reads or that is copied elsewhere.

use futures_util::StreamExt;
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::referrals::{OFFICER, agency, path};
use crate::support::{Receiver, TestApp, dump};
use crate::webhooks::{LOCAL, register};

/// A one-time code, a password, and the number of an ID card: longer than what a hash may hold by chance.
const TOLD: [&str; 3] = ["48291357", "Bimat#2026", "011099887755"];

fn none_of(text: &str, place: &str) {
    for secret in TOLD {
        assert!(!text.contains(secret), "{place} tells {secret}");
    }
}

#[actix_web::test]
async fn secrets_of_a_free_text_go_nowhere() {
    let t = TestApp::with(LOCAL).await;
    let receiver = Receiver::start().await;
    let officer = t.officer(Scope::ALL);
    let all = [
        "tip.received",
        "tip.updated",
        "tip.decided",
        "tip.claimed",
        "referral.sent",
    ];
    register(&officer, &receiver.url, &all).await;
    let mut stream = officer.get("/v1/triage/events").stream().await;
    assert!(stream.next().await.unwrap().starts_with(b"retry:"));

    let text = "Nó gọi từ 0169 123 4567, bảo đọc mã OTP là 48291357, mật khẩu: Bimat#2026, CCCD 011099887755 chuyenkhoan";
    let body = json!({"narrative": text, "raw_message": text, "location": {"place": text},
        "losses": [{"amount_vnd": 5_000_000, "reference": text}]});
    let sent = t.submit(&body).await;
    none_of(&sent.to_string(), "the answer");
    let (id, receipt) = (
        sent["id"].as_str().unwrap(),
        sent["receipt"].as_str().unwrap(),
    );
    let write = t
        .anyone()
        .post("/v1/receipt/messages")
        .header("Tip-Receipt", receipt);
    write.json(&json!({"text": text})).send().await.expect(201);
    let amend = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", receipt);
    let more = json!({"narrative": format!("{text} nữa")});
    amend.json(&more).send().await.expect(200);
    t.settle().await;
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    t.settle().await;

    // Nobody finds it, and who looks for another word of the text does.
    let search = async |word: &str| {
        let found = officer.get(&format!("/v1/tips?q={word}")).send().await;
        let found = found.expect(200);
        none_of(&found.to_string(), "the search");
        found["items"].as_array().unwrap().len()
    };
    assert_eq!(search("chuyenkhoan").await, 1);
    for secret in ["48291357", "Bimat%232026", "bimat", "011099887755"] {
        assert_eq!(search(secret).await, 0, "{secret}");
    }

    let found = officer.get("/v1/indicators?value=0391234567").send().await;
    let indicator = found.expect(200)["items"][0]["id"].clone();
    let refer = json!({"kind": "block_number", "agency": "carrier_viettel", "tip_id": id,
        "indicator_ids": [indicator], "legal_basis": "BLTTHS 145", "note": "Đề nghị chặn số.",
        "disclose": ["indicators", "method", "narrative", "place"]});
    let referral = t.officer(OFFICER).post("/v1/referrals").json(&refer);
    let referral = referral.send().await.expect(201);
    let carrier = agency(&t, "carrier_viettel");
    let share = carrier.get(&path(&referral, "")).send().await.expect(200);
    assert!(
        share.to_string().contains("chuyenkhoan"),
        "it is shared: {share}"
    );
    none_of(&share.to_string(), "the share");

    t.dispatch().await;
    for path in [
        "/v1/exports/tips.ndjson",
        "/v1/exports/tips.csv",
        "/v1/exports/indicators.ndjson",
        "/v1/changes?since=0",
        "/v1/audit?limit=200",
        "/v1/register?year=2026",
        "/v1/register?year=2026&purpose=b%C3%A1o%20c%C3%A1o",
    ] {
        let reply = officer.get(path).send().await;
        assert_eq!(reply.status.as_u16(), 200, "{path}");
        assert!(reply.bytes.len() > 100, "{path}");
        none_of(&reply.text(), path);
    }
    let tip = format!("/v1/tips/{id}");
    for part in [
        "",
        "/submission",
        "/notes",
        "/messages",
        "/timeline",
        "/related",
    ] {
        let shown: Value = officer
            .get(&format!("{tip}{part}"))
            .send()
            .await
            .expect(200);
        none_of(&shown.to_string(), part);
    }
    let seen = receiver.seen();
    assert!(seen.len() >= 4, "{}", seen.len());
    for event in seen {
        none_of(&event.raw, "a webhook");
    }
    let mut live = String::new();
    while !live.contains("event: referral.sent") {
        let piece = tokio::time::timeout(std::time::Duration::from_secs(12), stream.next()).await;
        let piece = piece.unwrap().unwrap();
        live.push_str(std::str::from_utf8(&piece).unwrap());
    }
    none_of(&live, "the stream");
    let dump = dump(&t).await;
    assert!(dump.contains("chuyenkhoan"), "the texts are in the dump");
    none_of(&dump, "the database");
}

/// What an officer types from a reveal and from what the reporter told.
const TYPED: &str = "Người Báo Tin (0900 000 001) kể: mã OTP là 48291357, mật khẩu: Bimat#2026; trực ban 0900 000 002.";

#[actix_web::test]
async fn what_officers_type_keeps_no_codes_and_tells_no_agency_who_reported() {
    let t = TestApp::new().await;
    let officer = t.officer(Scope::ALL);
    let tip = json!({"narrative": "Lừa đảo", "indicators": [{"value": "0169 123 4567"}],
        "reporter": {"name": "Người Báo Tin", "phone": "0900000001"}});
    let sent = t.submit(&tip).await;
    t.settle().await;
    let id = sent["id"].as_str().unwrap();
    let found = officer.get("/v1/indicators?value=0391234567").send().await;
    let indicator = found.expect(200)["items"][0]["id"].clone();
    let verdict = format!("/v1/indicators/{}/verdict", indicator.as_str().unwrap());
    let wish = json!({"verdict": "suspected", "reason": "reports", "note": TYPED});
    let given = async || officer.put(&verdict).json(&wish).send().await.expect(200);
    given().await;
    given().await;

    let refer = json!({"kind": "block_number", "agency": "carrier_viettel", "tip_id": id,
        "indicator_ids": [indicator], "legal_basis": "BLTTHS 145", "note": TYPED});
    let referral = officer.post("/v1/referrals").json(&refer).send().await;
    let referral = referral.expect(201);
    let say = officer.post(&path(&referral, "/messages"));
    say.json(&json!({"text": TYPED})).send().await.expect(201);
    let carrier = agency(&t, "carrier_viettel");
    let share = carrier.get(&path(&referral, "")).send().await.expect(200);
    let told = carrier.get(&path(&referral, "/messages")).send().await;
    let told = told.expect(200);
    for text in [&share["note"], &told["items"][0]["text"]] {
        let text = text.as_str().unwrap();
        assert!(text.starts_with("[reporter] ([phone]) kể:"), "{text}");
        // Whom the agency may call back is what the note is for.
        assert!(text.contains("trực ban 0900 000 002"), "{text}");
    }
    let version = format!("\"{}\"", share["version"]);
    let change = officer
        .patch(&path(&referral, ""))
        .header("If-Match", &version);
    let changed = change
        .json(&json!({"note": format!("Bổ sung: {TYPED}")}))
        .send()
        .await;
    let changed = changed.expect(200)["note"].as_str().unwrap().to_owned();
    assert!(changed.starts_with("Bổ sung: [reporter]"), "{changed}");
    let recall = officer.post(&path(&referral, "/recall"));
    recall
        .json(&json!({"reason": TYPED}))
        .send()
        .await
        .expect(200);
    let share = carrier.get(&path(&referral, "")).send().await.expect(200);
    assert!(!share.to_string().contains("Người Báo Tin"), "{share}");

    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let decide = officer.post(&format!("/v1/tips/{id}/decisions"));
    let decided = json!({"decision": "accept", "note": TYPED});
    let decided = decide.json(&decided).send().await.expect(200);
    let case = format!("/v1/cases/{}", decided["case_id"].as_str().unwrap());
    for (part, body) in [
        ("/decisions", json!({"decision": "assign", "note": TYPED})),
        (
            "/acts",
            json!({"act": "procuracy_told_of_reception", "note": TYPED}),
        ),
        ("/notes", json!({"text": TYPED})),
    ] {
        let act = officer.post(&format!("{case}{part}")).json(&body);
        let status = act.send().await.status.as_u16();
        assert!([200, 201].contains(&status), "{part}: {status}");
    }
    let ask = officer.post(&format!("/v1/tips/{id}/messages"));
    let ask = ask
        .json(&json!({"text": "Mã của bạn: OTP 48291357."}))
        .send()
        .await;
    assert!([201, 422].contains(&ask.status.as_u16()));

    let dump = dump(&t).await;
    assert!(
        dump.matches("trực ban 0900 000 002").count() >= 6,
        "they are kept"
    );
    for secret in &TOLD[..2] {
        assert!(!dump.contains(secret), "the database tells {secret}");
    }
}
