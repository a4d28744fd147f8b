//! What may be inferred from public answers: never a single report, never a site that is everybody's.

use serde_json::{Value, json};

use crate::checks::{CURATE, HOUR, check, confirm, id_of, report};
use crate::support::TestApp;

async fn feed(t: &TestApp, file: &str) -> String {
    let call = t.citizen().get(&format!("/v1/feeds/{file}"));
    let reply = call.send().await;
    assert_eq!(reply.status.as_u16(), 200);
    reply.text()
}

/// Gives a verdict as the first officer; the status.
async fn accuse(t: &TestApp, value: &str) -> u16 {
    let path = format!("/v1/indicators/{}/verdict", id_of(t, value).await);
    let body = json!({"verdict": "confirmed_scam", "reason": "phishing_page"});
    let put = t.named_officer("first", CURATE).put(&path).json(&body);
    put.send().await.status.as_u16()
}

#[actix_web::test]
async fn a_feed_does_not_tell_of_a_single_report() {
    let t = TestApp::new().await;
    for value in ["0912345678", "0987654321"] {
        confirm(&t, value).await;
    }
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "0987654321").await);
    let clear = json!({"verdict": "cleared", "reason": "wrong_number"});
    let officer = t.officer(CURATE);
    officer.put(&path).json(&clear).send().await.expect(200);
    t.settle().await;
    let before = feed(&t, "indicators.ndjson?since=0").await;
    assert!(before.contains("\"removed\":true"), "{before}");
    let position = before
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).unwrap()["position"].as_i64());
    let since = format!("indicators.ndjson?since={}", position.max().unwrap());
    for n in 1..=4 {
        t.clock.advance(2 * HOUR);
        for value in ["0912345678", "0987654321"] {
            report(&t, value, &format!("09000001{n:02}")).await;
        }
        t.settle().await;
        let delta = feed(&t, &since).await;
        // The confirmed one has moved to three and more, which the check tells as well.
        let moved = if n < 2 { "" } else { "+84912345678" };
        assert!(
            delta.contains(moved) && !delta.contains("+84987654321"),
            "{n}: {delta}"
        );
        assert_eq!(
            moved.is_empty(),
            !delta.contains("+84912345678"),
            "{n}: {delta}"
        );
    }
}

#[actix_web::test]
async fn a_site_of_everybody_is_never_accused_but_its_pages_are() {
    let t = TestApp::new().await;
    for (n, value) in [
        "https://facebook.com/",
        "https://t.me/",
        "https://weebly.com/",
        "https://play.google.com/",
    ]
    .into_iter()
    .enumerate()
    {
        for k in 0..3 {
            report(&t, value, &format!("09000{n}{k}000")).await;
            t.clock.advance(2 * HOUR);
        }
        t.settle().await;
        assert_eq!(check(&t, value).await["verdict"], "no_reports", "{value}");
        assert_eq!(accuse(&t, value).await, 409, "{value}");
    }
    confirm(&t, "https://vidu.weebly.com/").await;
    let page = check(&t, "https://vidu.weebly.com/login").await;
    assert_eq!(
        (&page["verdict"], &page["matched"]),
        (&json!("confirmed_scam"), &json!("host"))
    );
    assert_eq!(
        check(&t, "https://khac.weebly.com/").await["verdict"],
        "no_reports"
    );
    let hosts = feed(&t, "hosts.txt").await;
    assert!(
        hosts.contains("0.0.0.0 vidu.weebly.com\n0.0.0.0 www.vidu.weebly.com\n"),
        "the name that victims opened: {hosts}"
    );
    assert!(!feed(&t, "domains.txt").await.contains("www."));
    for file in ["hosts.txt", "domains.txt", "phones.csv", "hosts.txt.jws"] {
        let call = t.citizen().get(&format!("/v1/feeds/{file}?since=5"));
        let problem = call.send().await.problem(422);
        assert_eq!(problem["errors"][0]["parameter"], "since", "{file}");
    }
    confirm(&t, "http://203.0.113.9/").await;
    for file in ["hosts.txt", "domains.txt"] {
        let lines = feed(&t, file).await;
        assert!(lines.contains("vidu.weebly.com\n"), "{lines}");
        assert!(
            !lines.contains("203.0.113.9"),
            "a name server knows no numbers: {lines}"
        );
    }
}

#[actix_web::test]
async fn what_follows_from_a_value_is_looked_up_too() {
    const CODE: &str = "00020101021138570010A00000072701270006970436011300110022334450208QRIBFTTA53037045802VN63044564";
    let t = TestApp::new().await;
    assert_eq!(check(&t, CODE).await["verdict"], "no_reports");
    confirm(&t, "Vietcombank 0011002233445").await;
    let answer = check(&t, CODE).await;
    assert_eq!(answer["verdict"], "confirmed_scam");
    assert_eq!(
        (&answer["kind"], &answer["value"]),
        (&json!("bank_account"), &json!("970436:0011002233445"))
    );
    confirm(&t, "0987654321").await;
    let answer = check(&t, "https://zalo.me/0987654321").await;
    assert_eq!(
        (&answer["kind"], &answer["verdict"]),
        (&json!("phone"), &json!("confirmed_scam"))
    );
}

#[actix_web::test]
async fn what_became_official_meanwhile_is_not_confirmed() {
    let t = TestApp::new().await;
    report(&t, "0912345678", "0900000001").await;
    t.settle().await;
    assert_eq!(accuse(&t, "0912345678").await, 200);
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "0912345678").await);
    let official = json!({"verdict": "official", "reason": "agency_own_number", "source": "https://congan.example.vn",
        "checked_at": "2026-11-20"});
    let second = t.named_officer("second", CURATE);
    second.put(&path).json(&official).send().await.expect(200);
    let approve = second.post(&format!("{path}/approve")).send().await;
    assert_eq!(approve.status.as_u16(), 409, "{}", approve.text());
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "official");
    // It does not vouch for whoever opened an account by that number.
    let account = check(&t, "https://zalo.me/0912345678").await;
    assert_eq!(account["verdict"], "no_reports");
}

#[actix_web::test]
async fn officers_find_by_a_value_of_a_given_kind() {
    let t = TestApp::new().await;
    let body =
        json!({"narrative": "x", "indicators": [{"kind": "sms_sender", "value": "Vietcombank"}]});
    t.submit(&body).await;
    t.settle().await;
    let officer = t.officer(CURATE);
    let found = officer
        .get("/v1/indicators?kind=sms_sender&value=Vietcombank")
        .send()
        .await;
    assert_eq!(found.expect(200)["items"][0]["kind"], "sms_sender");
}

/// Whatever is asked in whatever way, a value that was reported too seldom answers as one that nobody has heard of:
/// bodies and headers alike.
#[actix_web::test]
async fn below_the_threshold_no_answer_differs_from_that_of_an_unknown_value() {
    let t = TestApp::new().await;
    for n in 0..2 {
        report(&t, "0912345678", &format!("090000000{n}")).await;
        t.clock.advance(2 * HOUR);
    }
    t.settle().await;
    let app = t.citizen();
    // All that may differ are the value itself and the number of the request.
    let told = async |call: crate::support::Call, value: &str| {
        let reply = call.send().await;
        let mut headers: Vec<String> = reply
            .headers
            .iter()
            .filter(|(name, _)| {
                !["date", "x-request-id", "ratelimit", "etag"].contains(&name.as_str())
            })
            .map(|(name, sent)| format!("{name}: {sent:?}"))
            .collect();
        headers.sort();
        let spaced = format!("{} {} {}", &value[..4], &value[4..7], &value[7..]);
        let forms = [value, value.trim_start_matches('0'), spaced.as_str()];
        let text = forms
            .iter()
            .fold(reply.text(), |text, form| text.replace(form, "…"));
        (reply.status, headers, text)
    };
    let (reported, unknown) = ("0912345678", "0987654321");
    for path in ["/v1/check?value=", "/v1/check?kind=phone&value="] {
        let ask = |value: &str| app.get(&format!("{path}{value}"));
        assert_eq!(
            told(ask(reported), reported).await,
            told(ask(unknown), unknown).await
        );
    }
    for (path, body) in [
        ("/v1/check", json!({"value": "?"})),
        (
            "/v1/check/batch",
            json!({"values": ["?", {"kind": "phone", "value": "?"}]}),
        ),
        ("/v1/indicators/extract", json!({"text": "gọi ? nhé"})),
    ] {
        let ask = |value: &str| {
            let body = body.to_string().replace('?', value);
            app.post(path).body("application/json", body)
        };
        assert_eq!(
            told(ask(reported), reported).await,
            told(ask(unknown), unknown).await,
            "{path}"
        );
    }
    // A new tip about either is answered alike, but for what is random in it.
    let answers = [
        report(&t, reported, "0900000077").await,
        report(&t, unknown, "0900000078").await,
    ];
    let same = |answer: &Value| {
        let mut answer = answer.clone();
        for random in ["id", "receipt", "attestation", "submission", "indicators"] {
            answer[random] = Value::Null;
        }
        answer
    };
    assert_eq!(same(&answers[0]), same(&answers[1]));
    assert_eq!(answers[0]["already_known"], json!([]));
    for file in [
        "indicators.ndjson",
        "indicators.ndjson?since=0",
        "phones.csv",
        "hosts.txt",
        "domains.txt",
    ] {
        let lines = feed(&t, file).await;
        assert!(!lines.contains("912345678"), "{file}: {lines}");
    }
}

#[actix_web::test]
async fn a_range_of_hashes_is_the_same_until_it_changes() {
    let t = TestApp::new().await;
    confirm(&t, "0912345678").await;
    let range = |tag: &str| {
        let call = t.citizen().get("/v1/check/hashes/00000");
        call.header("If-None-Match", tag).send()
    };
    let first = range("\"none\"").await;
    let items = first.expect(200)["items"].as_array().unwrap().len();
    assert_eq!(
        items % 32,
        0,
        "padded, so that it does not tell how many there are"
    );
    let again = range("\"none\"").await;
    assert_eq!(
        first.bytes, again.bytes,
        "padding that changed would stand out"
    );
    let unchanged = range(first.header("etag")).await;
    assert_eq!(unchanged.status.as_u16(), 304);
    let too_many = json!({"values": vec!["0912345678"; 201]});
    let refused = t
        .citizen()
        .post("/v1/check/batch")
        .json(&too_many)
        .send()
        .await;
    assert_eq!(refused.problem(422)["errors"][0]["pointer"], "/values");
}
