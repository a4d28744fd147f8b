//! What of the border register reaches whom: those confined to communes, and the guard who is alerted.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, TestApp};

const BROKERS: &str = "/v1/border/brokers?purpose=tu%E1%BA%A7n%20tra";
const COUNTS: &str = "/v1/border/counts?purpose=tu%E1%BA%A7n%20tra";

fn guard<'a>(t: &TestApp, units: Option<&'a [&'a str]>) -> Client {
    t.bearer(&Claims {
        sub: "border-officer",
        scopes: "referrals:work",
        agency: Some("border_guard"),
        units,
        ..Claims::default()
    })
}

fn immigration<'a>(t: &TestApp, units: Option<&'a [&'a str]>) -> Client {
    t.bearer(&Claims {
        sub: "immigration-officer",
        scopes: "cases:read",
        desk: Some("immigration"),
        units,
        ..Claims::default()
    })
}

async fn values(client: &Client) -> Vec<String> {
    let page = client.get(BROKERS).send().await.expect(200);
    let items = page["items"].as_array().unwrap().iter();
    let mut values: Vec<String> = items
        .map(|item| item["value"].as_str().unwrap().to_owned())
        .collect();
    values.sort_unstable();
    values
}

async fn report(t: &TestApp, narrative: &str, unit: &str) -> Value {
    let tip = json!({"narrative": narrative, "method": "illegal_exit_broker", "location": {"unit_code": unit}});
    let tip = t.submit(&tip).await;
    t.settle().await;
    tip
}

#[actix_web::test]
async fn whoever_is_confined_to_communes_sees_what_their_tips_name() {
    let t = TestApp::new().await;
    report(&t, "Kẻ gian 0369123456, xe 27A-111.11", "03127").await;
    report(&t, "Kẻ gian 0369999888, xe 27A-222.22", "03334").await;
    t.clock.advance(std::time::Duration::from_secs(60));
    for reader in [guard, immigration] {
        let all = values(&reader(&t, None)).await;
        assert_eq!(
            all,
            ["+84369123456", "+84369999888", "27A11111", "27A22222"]
        );
        let own = reader(&t, Some(&["03334"]));
        assert_eq!(values(&own).await, ["+84369999888", "27A22222"]);
        let counts = own.get(COUNTS).send().await.expect(200);
        let counts = counts["items"].as_array().unwrap();
        assert_eq!(counts.len(), 1);
        assert_eq!(counts[0]["unit_code"], "03334");
        let none = reader(&t, Some(&[]));
        assert_eq!(values(&none).await, Vec::<String>::new());
        let counts = none.get(COUNTS).send().await.expect(200);
        assert_eq!(counts["items"], json!([]));
    }
}

#[actix_web::test]
async fn a_border_alert_tells_plates_ways_and_lures_and_is_due_soon_where_they_go_tonight() {
    let t = TestApp::new().await;
    let tonight = "xe 27A-909.09 chở 4 người qua Tây Trang sang Lào, đi trong tối nay; xe của tôi là 27A-777.77";
    report(&t, tonight, "03127").await;
    report(
        &t,
        "Tháng trước nó rủ em sang Lào, việc nhẹ lương cao.",
        "03127",
    )
    .await;
    let officer = t.officer(&[Scope::TipsRead, Scope::ReferralsRead, Scope::ReferralsWrite]);
    let proposed = officer.get("/v1/referrals?state=proposed&kind=border_alert");
    let proposed = proposed.send().await.expect(200)["items"].clone();
    for proposal in proposed.as_array().unwrap() {
        let send = format!("/v1/referrals/{}/send", proposal["id"].as_str().unwrap());
        officer.post(&send).send().await.expect(200);
    }
    let inbox = guard(&t, None).get("/v1/referrals").send().await;
    let inbox = inbox.expect(200)["items"].clone();
    let (mut with_plate, mut others) = (Vec::new(), Vec::new());
    for alert in inbox.as_array().unwrap() {
        let traces = alert["disclosed"]["border_traces"].as_array().unwrap();
        let values: Vec<&str> = traces
            .iter()
            .map(|trace| trace["value"].as_str().unwrap())
            .collect();
        match values.contains(&"27A90909") {
            true => with_plate.push((alert, values)),
            false => others.push((alert, values)),
        }
    }
    let [(alert, values)] = with_plate.as_slice() else {
        panic!("{inbox}")
    };
    assert_eq!(
        *values,
        ["27A90909", "laos", "tay_trang"],
        "and not the teller's own"
    );
    assert_eq!(
        alert["disclosed"]["border_traces"][0]["display"],
        "27A-909.09"
    );
    assert_eq!(alert["due_at"], "2026-11-24T03:20:00Z", "within two hours");
    assert_eq!(alert["disclosed"]["narrative"], Value::Null);
    let [(alert, values)] = others.as_slice() else {
        panic!("{inbox}")
    };
    assert!(values.contains(&"easy_work"), "{values:?}");
    assert_eq!(alert["due_at"], "2026-11-27T01:20:00Z", "as usual");

    let elsewhere = json!({"kind": "local_followup", "agency": "unit_03127", "tip_id": proposed[0]["tip_id"],
        "disclose": ["border_traces"], "note": "Nắm tình hình"});
    let refused = officer
        .post("/v1/referrals")
        .json(&elsewhere)
        .send()
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["code"], "not_allowed");
}

#[actix_web::test]
async fn official_numbers_and_what_officers_find_no_border_matter_leave_the_register() {
    let t = TestApp::new().await;
    let officer = t.officer(&[
        Scope::TipsRead,
        Scope::TipsTriage,
        Scope::CasesRead,
        Scope::CasesWrite,
        Scope::CasesDecide,
    ]);
    let accept = async |tip: &Value, methods: Value| {
        let id = tip["id"].as_str().unwrap();
        officer
            .put(&format!("/v1/tips/{id}/claim"))
            .send()
            .await
            .expect(200);
        let wish = json!({"decision": "accept", "reason": "signs_of_crime", "methods": methods});
        let decide = officer.post(&format!("/v1/tips/{id}/decisions"));
        let taken = decide.json(&wish).send().await.expect(200);
        t.settle().await;
        taken["case_id"].as_str().unwrap().to_owned()
    };
    report(
        &t,
        "Nó dẫn qua bằng xe 27A-404.04; số công an 0692348560",
        "03127",
    )
    .await;
    let other = report(&t, "Kẻ gian 0369111222, xe 27A-111.11", "03127").await;
    let border = report(&t, "Kẻ gian 0369333444, xe 27A-333.33", "03127").await;
    let nothing = report(&t, "Kẻ gian 0369555666, xe 27A-555.55", "03127").await;
    let reader = guard(&t, None);
    let all = [
        "+84369111222",
        "+84369333444",
        "+84369555666",
        "27A11111",
        "27A33333",
        "27A40404",
        "27A55555",
    ];
    assert_eq!(values(&reader).await, all, "and no official number");
    accept(&other, json!(["investment_fraud"])).await;
    accept(&border, json!(["illegal_exit_broker"])).await;
    let case = accept(&nothing, json!([])).await;
    let left = [
        "+84369333444",
        "+84369555666",
        "27A33333",
        "27A40404",
        "27A55555",
    ];
    assert_eq!(values(&reader).await, left);
    for (decision, basis) in [
        ("assign", "BLTTHS 145"),
        ("verify", "BLTTHS 147"),
        ("not_prosecute", "BLTTHS 157(1)"),
    ] {
        let act = json!({"decision": decision, "legal_basis": basis, "document_number": "1/QĐ"});
        let path = format!("/v1/cases/{case}/decisions");
        officer.post(&path).json(&act).send().await.expect(200);
    }
    t.settle().await;
    assert_eq!(
        values(&reader).await,
        ["+84369333444", "27A33333", "27A40404"]
    );
}
