//! The numbers of what waits are kept beside the tips; here they are compared with the tips themselves.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::app::background;
use tinbao::auth::Scope;

use crate::stats::post;
use crate::support::{Claims, Client, TestApp, rows};

/// What the summary must say: counted from the tips, to the minute.
async fn counted(t: &TestApp, condition: &str) -> Vec<String> {
    let now = t.clock.now().to_rfc3339();
    let sql = format!(
        "select concat_ws(' ', desk, level, count(*),
                count(*) filter (where status = 'claimed' and lease_expires_at > '{now}'),
                count(*) filter (where classified_at is null and date_trunc('minute', due_at) + interval '1 minute' <= '{now}'),
                count(*) filter (where date_trunc('minute', received_at) > timestamptz '{now}' - interval '1 hour'),
                count(*) filter (where date_trunc('minute', received_at) > timestamptz '{now}' - interval '24 hours')) as cell
         from tip_states
         where status in ('received', 'claimed', 'info_requested') and not test and {condition}
         group by desk, level order by desk, level"
    );
    rows(t, &sql).await
}

/// The same as the summary says it.
async fn told(officer: &Client) -> Vec<String> {
    let summary = officer.get("/v1/triage/summary").send().await.expect(200);
    let items = summary["items"].as_array().unwrap();
    let n = |value: &Value| value.as_i64().unwrap();
    assert_eq!(
        items.iter().map(|row| n(&row["tips"])).sum::<i64>(),
        n(&summary["total"])
    );
    items
        .iter()
        .map(|row| {
            let (desk, level, age) = (&row["desk"], &row["priority"], &row["age"]);
            let recent = n(&age["under_1h"]) + n(&age["under_24h"]);
            assert_eq!(recent + n(&age["older"]), n(&row["tips"]));
            format!(
                "{} {} {} {} {} {} {recent}",
                desk.as_str().unwrap(),
                level.as_str().unwrap(),
                row["tips"],
                row["claimed"],
                row["overdue"],
                age["under_1h"],
            )
        })
        .collect()
}

async fn check(t: &TestApp, step: &str) {
    let all = t.officer(&[Scope::TipsRead]);
    assert_eq!(told(&all).await, counted(t, "true").await, "{step}");
    let confined = |desk, units| {
        t.bearer(&Claims {
            scopes: "tips:read",
            desk,
            units,
            ..Claims::default()
        })
    };
    let desk = confined(Some("cyber"), None);
    let expected = counted(t, "desk = 'cyber'").await;
    assert_eq!(told(&desk).await, expected, "{step}, a desk");
    let unit = confined(None, Some(&["03127"]));
    let expected = counted(t, "unit_code = '03127'").await;
    assert_eq!(told(&unit).await, expected, "{step}, a commune");
}

/// The same before and after what changed is added up.
async fn check_twice(t: &TestApp, step: &str) {
    check(t, step).await;
    t.settle().await;
    check(t, &format!("{step}, added up")).await;
    background::tidy(&t.running.state).await.unwrap();
    check(t, &format!("{step}, put together")).await;
}

#[actix_web::test]
async fn the_summary_is_exact_whatever_happens_to_tips() {
    let t = TestApp::new().await;
    check(&t, "nothing yet").await;
    let mut ids = Vec::new();
    for n in 0..12 {
        let body = json!({"narrative": format!("tin {n}"), "in_danger_now": n % 4 == 0, "test": n == 11,
            "indicators": [{"value": format!("09123456{n:02}")}],
            "location": {"unit_code": if n % 2 == 0 { "03127" } else { "03130" }}});
        ids.push(post(&t, body).await);
        t.clock.advance(Duration::from_secs(601));
    }
    check_twice(&t, "received").await;

    let officer = t.officer(&[
        Scope::TipsRead,
        Scope::TipsTriage,
        Scope::CasesWrite,
        Scope::CasesDecide,
    ]);
    let claims = json!({"max": 7});
    let claimed = officer.post("/v1/triage/claims").json(&claims).send().await;
    let claimed: Vec<String> = claimed.expect(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tip| tip["id"].as_str().unwrap().to_owned())
        .collect();
    check_twice(&t, "claimed").await;
    let path = |n: usize, rest: &str| format!("/v1/tips/{}{rest}", claimed[n]);
    let decide = async |n: usize, body: Value| {
        let decided = officer.post(&path(n, "/decisions")).json(&body);
        decided.send().await.expect(200)
    };
    let accepted = decide(0, json!({"decision": "accept"})).await;
    let dismissed = decide(1, json!({"decision": "dismiss", "reason": "spam"})).await;
    decide(
        2,
        json!({"decision": "request_info", "message": "Khi nào?"}),
    )
    .await;
    decide(3, json!({"decision": "transfer", "agency": "border_guard"})).await;
    officer.delete(&path(4, "/claim")).send().await.expect(204);
    let desk = json!({"desk": "economic", "note": "Thiệt hại lớn."});
    officer
        .post(&path(5, "/handover"))
        .json(&desk)
        .send()
        .await
        .expect(200);
    check_twice(&t, "decided").await;

    for (n, decision) in [(0, &accepted), (1, &dismissed)] {
        let id = decision["id"].as_str().unwrap();
        let undone = officer.delete(&path(n, &format!("/decisions/{id}")));
        undone.send().await.expect(204);
    }
    check_twice(&t, "undone").await;
    let again = decide(0, json!({"decision": "accept"})).await;
    let tips = json!({"tip_ids": [claimed[0]]});
    let case = format!("/v1/cases/{}/tips", again["case_id"].as_str().unwrap());
    officer.delete(&case).json(&tips).send().await.expect(200);
    check_twice(&t, "taken out of its case: classified for good").await;

    t.clock.advance(Duration::from_secs(16 * 60));
    check_twice(&t, "the leases are over").await;
    t.clock.advance(Duration::from_secs(23 * 3600 + 17));
    check_twice(&t, "the first are overdue").await;
    post(&t, json!({"narrative": "mới"})).await;
    t.clock.advance(Duration::from_secs(48 * 3600));
    check_twice(&t, "all are old").await;
    let flood =
        json!({"client_id": "test", "received_from": "2026-11-20T00:00:00Z", "reason": "spam"});
    let ended = officer.post("/v1/triage/dismissals").json(&flood).send();
    assert!(ended.await.expect(200)["count"].as_i64().unwrap() > 3);
    check_twice(&t, "a flood dismissed").await;
    let left = rows(&t, "select count(*)::text as cell from open_tip_changes").await;
    assert_eq!(left, ["0"]);
    let kept = rows(&t, "select count(*)::text as cell from open_tip_counts").await;
    assert!(
        kept[0].parse::<i64>().unwrap() <= 8,
        "old minutes are one row a desk and level: {kept:?}"
    );
}
