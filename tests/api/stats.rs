//! Statistics: what is counted, in which periods, and beside which.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp};

pub const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);

pub async fn post(t: &TestApp, body: Value) -> String {
    let answer = t.submit(&body).await;
    answer["id"].as_str().unwrap().to_owned()
}

pub fn statistician(t: &TestApp) -> Client {
    t.officer(&[Scope::StatsRead])
}

pub async fn figures(t: &TestApp, path: &str) -> Value {
    statistician(t).get(path).send().await.expect(200)
}

fn row<'a>(view: &'a Value, field: &str, value: &str) -> &'a Value {
    let items = view["items"].as_array().unwrap();
    items
        .iter()
        .find(|item| item[field] == value)
        .unwrap_or_else(|| panic!("no {value} in {view}"))
}

/// Dismisses a tip after claiming it.
async fn dismiss(officer: &Client, tip: &str) {
    officer
        .put(&format!("/v1/tips/{tip}/claim"))
        .send()
        .await
        .expect(200);
    let decision = json!({"decision": "dismiss", "reason": "not_a_scam"});
    let path = format!("/v1/tips/{tip}/decisions");
    officer.post(&path).json(&decision).send().await.expect(200);
}

#[actix_web::test]
async fn the_summary_tells_what_came_and_what_became_of_it() {
    let t = TestApp::new().await;
    let officer = t.officer(&[
        Scope::TipsRead,
        Scope::TipsTriage,
        Scope::CasesRead,
        Scope::CasesWrite,
    ]);
    let mut tips = Vec::new();
    for n in 0..4 {
        let body = json!({"narrative": format!("tin {n}"), "losses": [{"amount_vnd": 10_000_000}],
            "indicators": [{"value": format!("091234567{n}")}]});
        tips.push(post(&t, body).await);
    }
    post(&t, json!({"narrative": "x", "test": true})).await;
    t.clock.advance(Duration::from_secs(600));
    dismiss(&officer, &tips[0]).await;
    t.clock.advance(Duration::from_secs(1_200));
    dismiss(&officer, &tips[1]).await;
    // Past the deadline of classification, 24 hours after reception.
    t.clock.advance(25 * HOUR);
    let case = json!({"title": "Giả danh công an", "tip_ids": [tips[2]]});
    officer
        .post("/v1/cases")
        .json(&case)
        .send()
        .await
        .expect(201);
    t.settle().await;
    let view = figures(&t, "/v1/stats/summary?from=2026-11-24&to=2026-11-24").await;
    assert_eq!(
        view["period"],
        json!({"from": "2026-11-23T17:00:00Z", "to": "2026-11-24T17:00:00Z"})
    );
    let figures = &view["figures"];
    assert_eq!(figures["tips"], 4, "without the trial: {view}");
    assert_eq!(figures["losses_vnd"], 40_000_000);
    assert_eq!(
        figures["by_status"],
        json!({"accepted": 1, "dismissed": 2, "received": 1})
    );
    assert_eq!(figures["accepted"], 1);
    // One was classified late, one not at all.
    assert_eq!(
        (&figures["deadlines_reached"], &figures["overdue"]),
        (&json!(4), &json!(2))
    );
    assert_eq!(figures["overdue_share"], 0.5);
    assert_eq!(
        figures["minutes_to_claim"],
        json!({"tips": 2, "median": 20.0, "p90": 28.0})
    );
    assert_eq!(figures["minutes_to_decision"]["tips"], 3);
    assert_eq!(figures["indicators_first_reported"], 4);
    assert_eq!(figures["cases_opened"], 0, "it was opened a day later");
    assert_eq!(view["previous"], Value::Null);
    let both = self::figures(
        &t,
        "/v1/stats/summary?from=2026-11-25&to=2026-11-25&compare=previous",
    )
    .await;
    assert_eq!(both["figures"]["tips"], 0);
    assert_eq!(both["figures"]["overdue_share"], Value::Null);
    assert_eq!(both["figures"]["cases_opened"], 1);
    assert_eq!(both["previous"]["figures"], view["figures"]);
    assert_eq!(both["previous"]["period"], view["period"]);
}

#[actix_web::test]
async fn days_are_those_of_hanoi_and_empty_ones_are_there() {
    let t = TestApp::new().await;
    // 23:59:59 and 00:00:00 in Hanoi.
    for at in ["2026-11-25T16:59:59Z", "2026-11-25T17:00:00Z"] {
        t.clock.set(at.parse().unwrap());
        post(&t, json!({"narrative": at})).await;
    }
    let series = figures(&t, "/v1/stats/timeseries?from=2026-11-23&to=2026-11-27").await;
    let days: Vec<_> = series["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["start"].as_str().unwrap(),
                item["tips"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        days,
        [
            ("2026-11-23", 0),
            ("2026-11-24", 0),
            ("2026-11-25", 1),
            ("2026-11-26", 1),
            ("2026-11-27", 0)
        ]
    );
    let weeks = figures(
        &t,
        "/v1/stats/timeseries?from=2026-11-23&to=2026-11-30&group_by=week&compare=previous",
    )
    .await;
    assert_eq!(weeks["items"].as_array().unwrap().len(), 2);
    assert_eq!(weeks["items"][0]["tips"], 2);
    assert_eq!(weeks["items"][0]["previous"]["tips"], 0);
    let months = figures(
        &t,
        "/v1/stats/timeseries?from=2026-10-01&to=2026-11-30&group_by=month",
    )
    .await;
    assert_eq!(months["items"][0]["start"], "2026-10-01");
    assert_eq!(months["items"][1]["tips"], 2);
    // A moment is taken as it is.
    let exact = figures(
        &t,
        "/v1/stats/summary?from=2026-11-25T17:00:00Z&to=2026-11-25T17:00:01Z",
    )
    .await;
    assert_eq!(exact["figures"]["tips"], 1);
}

#[actix_web::test]
async fn groups_have_names_and_stand_beside_the_period_before() {
    let t = TestApp::new().await;
    let tip = |method: &str, unit: &str| json!({"narrative": "x", "method": method, "location": {"unit_code": unit}});
    post(&t, tip("impersonate_police_court", "03127")).await;
    t.clock.advance(DAY);
    for _ in 0..2 {
        post(&t, tip("impersonate_police_court", "03127")).await;
    }
    post(&t, json!({"narrative": "không rõ"})).await;
    let query = "from=2026-11-25&to=2026-11-25&compare=previous";
    let methods = figures(&t, &format!("/v1/stats/methods?{query}")).await;
    let police = row(&methods, "code", "impersonate_police_court");
    assert_eq!(
        (&police["tips"], &police["previous"]["tips"]),
        (&json!(2), &json!(1))
    );
    assert!(
        police["name"].as_str().unwrap().contains("công an"),
        "{police}"
    );
    let unknown = methods["items"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&unknown["code"], &unknown["name"], &unknown["tips"]),
        (&Value::Null, &Value::Null, &json!(1))
    );
    let english = statistician(&t)
        .get("/v1/stats/units?from=2026-11-24&to=2026-11-25")
        .header("Accept-Language", "en")
        .send()
        .await
        .expect(200);
    assert_eq!(row(&english, "code", "03127")["tips"], 3);
    let desks = figures(
        &t,
        "/v1/stats/desks?from=2026-11-24&to=2026-11-25&group_by=day",
    )
    .await;
    assert!(
        desks["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|d| d["start"].is_string() && d["name"].is_string()),
        "{desks}"
    );
}

#[actix_web::test]
async fn indicators_and_deadlines_are_counted() {
    let t = TestApp::new().await;
    let tip = post(&t, json!({"narrative": "x", "indicators": [{"value": "0912345678"}, {"value": "http://lua-dao.example/"}]})).await;
    let officer = t.officer(&[
        Scope::TipsRead,
        Scope::TipsTriage,
        Scope::CasesRead,
        Scope::CasesWrite,
    ]);
    let case = json!({"title": "Giả danh công an", "tip_ids": [tip]});
    officer
        .post("/v1/cases")
        .json(&case)
        .send()
        .await
        .expect(201);
    t.settle().await;
    let curator = t.named_officer("first", &[Scope::IndicatorsRead, Scope::IndicatorsCurate]);
    let listed = curator
        .get("/v1/indicators?kind=phone")
        .send()
        .await
        .expect(200);
    let path = format!(
        "/v1/indicators/{}/verdict",
        listed["items"][0]["id"].as_str().unwrap()
    );
    let verdict = json!({"verdict": "confirmed_scam", "reason": "case"});
    curator.put(&path).json(&verdict).send().await.expect(200);
    let waiting = figures(&t, "/v1/stats/indicators").await;
    assert_eq!(
        row(&waiting, "kind", "phone")["confirmed"],
        0,
        "a second officer must approve"
    );
    let second = t.named_officer("second", &[Scope::IndicatorsCurate]);
    second
        .post(&format!("{path}/approve"))
        .send()
        .await
        .expect(200);
    let kinds = figures(&t, "/v1/stats/indicators").await;
    let phone = row(&kinds, "kind", "phone");
    assert_eq!(
        (&phone["first_reported"], &phone["confirmed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        figures(&t, "/v1/stats/summary").await["figures"]["indicators_confirmed"],
        1
    );

    let now = figures(&t, "/v1/stats/deadlines").await;
    assert_eq!(row(&now, "code", "classify")["met"], 1);
    assert_eq!(row(&now, "code", "assign")["pending"], 1);
    assert_eq!(row(&now, "code", "assign")["overdue_share"], Value::Null);
    t.clock.advance(10 * DAY);
    let late = figures(&t, "/v1/stats/deadlines").await;
    assert_eq!(row(&late, "code", "assign")["overdue"], 1);
    assert_eq!(row(&late, "code", "assign")["overdue_share"], 1.0);
}

#[actix_web::test]
async fn wrong_periods_are_refused_by_name() {
    let t = TestApp::new().await;
    let officer = statistician(&t);
    for (query, parameter, code) in [
        ("from=yesterday", "from", "invalid_value"),
        ("to=2026-02-30", "to", "invalid_value"),
        ("from=2026-11-24&to=2026-11-23", "from", "out_of_range"),
        (
            "campaign=01a20cb8-6af2-7504-a69a-0807b6089184",
            "campaign",
            "not_found",
        ),
        (
            "campaign=01a20cb8-6af2-7504-a69a-0807b6089184&from=2026-11-01",
            "campaign",
            "conflicting",
        ),
        ("campaign=tet", "campaign", "invalid_value"),
        ("compare=next", "compare", "unknown_value"),
        ("group_by=hour", "group_by", "unknown_value"),
        ("from=1990-01-01&to=2026-01-01", "group_by", "too_many"),
        ("desk=cyber", "desk", "unknown_field"),
    ] {
        let problem = officer
            .get(&format!("/v1/stats/timeseries?{query}"))
            .send()
            .await
            .problem(422);
        assert_eq!(
            problem["errors"][0]["parameter"], parameter,
            "{query}: {problem}"
        );
        assert_eq!(problem["errors"][0]["code"], code, "{query}: {problem}");
    }
}

#[actix_web::test]
async fn a_campaign_is_a_period_with_a_name() {
    let t = TestApp::new().await;
    post(&t, json!({"narrative": "trước"})).await;
    t.clock.advance(DAY);
    post(&t, json!({"narrative": "trong"})).await;
    let admin = t.officer(&[Scope::Admin]);
    let body = json!({"name": "Cao điểm dịp Tết", "from": "2026-11-25", "to": "2026-11-26", "note": "Kế hoạch 01"});
    let create = || {
        admin
            .post("/v1/campaigns")
            .header("Idempotency-Key", "k1")
            .json(&body)
    };
    let created = create().send().await.expect(201);
    assert_eq!(created["from"], "2026-11-24T17:00:00Z");
    assert_eq!(created["to"], "2026-11-26T17:00:00Z");
    let again = create().send().await;
    assert_eq!(again.expect(201)["id"], created["id"]);
    assert_eq!(again.header("idempotency-replayed"), "true");
    for reader in [
        Scope::TipsRead,
        Scope::StatsRead,
        Scope::CasesRead,
        Scope::Admin,
    ] {
        let listed = t
            .officer(&[reader])
            .get("/v1/campaigns")
            .send()
            .await
            .expect(200);
        assert_eq!(listed["items"], json!([created]));
    }
    t.officer(&[Scope::StatsRead])
        .post("/v1/campaigns")
        .json(&body)
        .send()
        .await
        .problem(403);
    let id = created["id"].as_str().unwrap();
    let view = figures(
        &t,
        &format!("/v1/stats/summary?campaign={id}&compare=previous"),
    )
    .await;
    assert_eq!(view["figures"]["tips"], 1);
    assert_eq!(view["period"]["to"], "2026-11-26T17:00:00Z");
    assert_eq!(view["previous"]["figures"]["tips"], 1);
    for (wrong, pointer) in [
        (
            json!({"name": "", "from": "2026-11-25", "to": "2026-11-26"}),
            "/name",
        ),
        (
            json!({"name": "a", "from": "mai", "to": "2026-11-26"}),
            "/from",
        ),
        (
            json!({"name": "a", "from": "2026-11-25", "to": "2026-11-24"}),
            "/to",
        ),
        (
            json!({"name": "a", "from": "2026-11-25", "to": "2026-11-26", "desk": "cyber"}),
            "/desk",
        ),
    ] {
        let problem = admin
            .post("/v1/campaigns")
            .json(&wrong)
            .send()
            .await
            .problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
}
