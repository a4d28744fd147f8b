//! The first day: the tips come in, are seen to belong together, and are accepted into one case.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{LOSS, RIGHTS, Story, TIPS};
use crate::support::{Client, TestApp};

/// From 08:20 on Tuesday, 24 November 2026, one a minute; three strangers among them.
pub async fn tips_come_in() -> Story {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for n in 0..TIPS {
        if n % 20 == 10 {
            let stranger = json!({"narrative": "Mất xe máy ở chợ.", "indicators": [{"value": format!("09876543{n:02}")}]});
            t.submit(&stranger).await;
        }
        let tip = json!({
            "narrative": format!("Người thứ {n} bị gọi, doạ bắt và bắt chuyển tiền."),
            "method": "impersonate_police_court", "channel": "call",
            "indicators": [
                {"kind": "phone", "value": format!("036912345{}", n % 5), "role": "contacted_me"},
                {"kind": "bank_account", "value": format!("00110022334{}", n % 7), "bank": "VCB", "role": "received_money"}],
            "losses": [{"amount_vnd": LOSS, "transferred_at": t.clock.now() - Duration::from_secs(600), "to_indicator": 1}],
            "reporter": {"phone": format!("09120000{n:02}")}});
        let sent = t.submit(&tip).await;
        tips.push(sent["id"].as_str().unwrap().to_owned());
        t.clock.advance(Duration::from_secs(60));
    }
    t.settle().await;
    let (first, second) = (
        t.named_officer("officer-1", RIGHTS),
        t.named_officer("officer-2", RIGHTS),
    );
    let story = Story {
        t,
        first,
        second,
        tips,
        case: String::new(),
    };
    // 24 hours by the clock; three days and three working days both end with Friday, 27 November.
    story
        .tip_clocks(
            "received",
            &[
                "classify 2026-11-25T01:20:00Z pending",
                "notify_reporter_reception 2026-11-27T17:00:00Z pending",
                "notify_vks_reception 2026-11-27T17:00:00Z pending",
            ],
        )
        .await;
    story
}

pub async fn one_cluster_is_suggested(story: &Story) {
    let found = story.get("/v1/cases/suggestions").await;
    let [ring] = found["items"].as_array().unwrap().as_slice() else {
        panic!("one ring: {found}")
    };
    assert_eq!(ring["tips"], TIPS);
    let ids: BTreeSet<&str> = ring["tip_ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    assert_eq!(ids, story.tips.iter().map(String::as_str).collect());
    assert_eq!(
        ring["shared"].as_array().unwrap().len(),
        12,
        "five telephones, seven accounts"
    );
    let queue = story.get("/v1/triage/queue?limit=200").await;
    let head = &queue["items"][0];
    assert_eq!(
        head["priority"]["level"], "critical",
        "money sent ten minutes ago comes first"
    );
}

/// Both claim until nothing waits; no tip is given twice, and each accepts what is theirs.
pub async fn two_officers_accept_them(story: &mut Story) {
    story.at("2026-11-24T02:30:00Z");
    let mut mine: [Vec<String>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..2 {
        for (officer, mine) in [&story.first, &story.second].into_iter().zip(&mut mine) {
            let wish = json!({"max": 20, "filter": {"method": "impersonate_police_court"}});
            let given = officer
                .post("/v1/triage/claims")
                .json(&wish)
                .send()
                .await
                .expect(200);
            mine.extend(
                given["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|tip| tip["id"].as_str().unwrap().to_owned()),
            );
        }
    }
    assert_eq!((mine[0].len(), mine[1].len()), (40, 20));
    let all: BTreeSet<&String> = mine.iter().flatten().collect();
    assert_eq!(all, story.tips.iter().collect(), "each tip once");

    let late = story
        .tips
        .iter()
        .rev()
        .find(|tip| mine[0].contains(tip))
        .unwrap()
        .clone();
    let opened = accept(
        &story.first,
        &late,
        json!({"decision": "accept", "source_kind": "to_giac"}),
    )
    .await;
    assert_eq!(opened["case_number"], "DB-C-2026-000001");
    story.case = format!("/v1/cases/{}", opened["case_id"].as_str().unwrap());
    for (officer, mine) in [&story.first, &story.second].into_iter().zip(&mine) {
        for tip in mine.iter().filter(|tip| **tip != late) {
            accept(
                officer,
                tip,
                json!({"decision": "accept", "case_id": opened["case_id"]}),
            )
            .await;
        }
    }
    story.t.settle().await;
    let case = story.get(&story.case).await;
    assert_eq!(
        case["received_at"], "2026-11-24T01:20:00Z",
        "from the earliest tip"
    );
    let totals = json!({"tips": 60, "victims": 60, "losses_vnd": 180_000_000, "recovered_vnd": 0});
    assert_eq!(case["totals"], totals);
    assert_eq!(story.get("/v1/cases/suggestions").await["items"], json!([]));
    assert_eq!(
        story.get("/v1/triage/summary").await["total"],
        3,
        "the strangers still wait"
    );

    story
        .tip_clocks(
            "accepted",
            &[
                "classify 2026-11-25T01:20:00Z met 2026-11-24T02:30:00Z",
                "notify_reporter_reception 2026-11-27T17:00:00Z pending",
                "notify_vks_reception 2026-11-27T17:00:00Z pending",
            ],
        )
        .await;
    // 20 days end with Monday, 14 December; the report is due seven days before.
    story
        .case_clocks(
            "opened",
            &[
                "assign 2026-11-27T17:00:00Z pending",
                "classify 2026-11-25T01:20:00Z met 2026-11-24T02:30:00Z",
                "investigator_report 2026-12-07T17:00:00Z pending",
                "notify_reporter_reception 2026-11-27T17:00:00Z pending",
                "notify_vks_reception 2026-11-27T17:00:00Z pending",
                "resolve 2026-12-14T17:00:00Z pending",
            ],
        )
        .await;
}

async fn accept(officer: &Client, tip: &str, decision: Value) -> Value {
    let path = format!("/v1/tips/{tip}/decisions");
    officer.post(&path).json(&decision).send().await.expect(200)
}
