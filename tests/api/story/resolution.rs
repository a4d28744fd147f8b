//! From the assignment to the closed file: every decision, every act, and the clocks after each.

use serde_json::json;

use super::{LOSS, Story};
use crate::support::Claims;

pub async fn the_case_is_assigned_and_verified(story: &Story) {
    story.at("2026-11-25T02:00:00Z");
    story
        .decide(json!({"decision": "assign", "document_number": "01/QĐ-PC"}))
        .await;
    story.at("2026-11-26T02:00:00Z");
    story.decide(json!({"decision": "verify"})).await;
    for act in [
        "procuracy_told_of_reception",
        "reporter_told_of_reception",
        "assignment_sent_to_procuracy",
    ] {
        story.act(act).await;
    }
    // Three working days from Thursday: Friday, Monday, Tuesday.
    story
        .case_clocks(
            "assigned",
            &[
                "assign 2026-11-27T17:00:00Z met 2026-11-25T02:00:00Z",
                "classify 2026-11-25T01:20:00Z met 2026-11-24T02:30:00Z",
                "investigator_report 2026-12-07T17:00:00Z pending",
                "notify_reporter_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
                "notify_vks_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
                "resolve 2026-12-14T17:00:00Z pending",
                "vks_assign_prosecutor 2026-12-01T17:00:00Z pending",
            ],
        )
        .await;
    story.at("2026-11-30T02:00:00Z");
    story.act("prosecutor_assigned").await;
}

/// The referral of the case asks for what all lost to one account; the bank finds a third of it.
pub async fn a_bank_freezes_part_of_the_money(story: &Story) {
    let graph = story.get(&format!("{}/graph", story.case)).await;
    let account = graph["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|node| node["value"] == "970436:001100223340")
        .unwrap();
    let referral = json!({"kind": "freeze_funds", "agency": "bank_970436", "case_id": story.case.rsplit('/').next(),
        "indicator_ids": [account["id"]], "amount_vnd": 9 * LOSS, "legal_basis": "Nghị định 52/2024/NĐ-CP, Điều 11",
        "document_number": "125/CSĐT", "note": "Đề nghị tạm giữ."});
    let sent = story
        .second
        .post("/v1/referrals")
        .json(&referral)
        .send()
        .await
        .expect(201);
    let bank = story.t.bearer(&Claims {
        scopes: "referrals:work",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let path = format!("/v1/referrals/{}/complete", sent["id"].as_str().unwrap());
    let answer = json!({"outcome": "partly_frozen", "amount_vnd": 3 * LOSS});
    bank.post(&path).json(&answer).send().await.expect(200);
    let case = story.get(&story.case).await;
    assert_eq!(case["totals"]["recovered_vnd"], 3 * LOSS);
    story
        .case_clocks(
            "referred: no clock of the case changes",
            &[
                "assign 2026-11-27T17:00:00Z met 2026-11-25T02:00:00Z",
                "classify 2026-11-25T01:20:00Z met 2026-11-24T02:30:00Z",
                "investigator_report 2026-12-07T17:00:00Z pending",
                "notify_reporter_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
                "notify_vks_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
                "resolve 2026-12-14T17:00:00Z pending",
                "vks_assign_prosecutor 2026-12-01T17:00:00Z met 2026-11-30T02:00:00Z",
            ],
        )
        .await;
}

/// Two months from reception end on Sunday, 24 January 2027, so with Monday; five and seven days before that.
pub async fn the_head_extends(story: &Story) {
    story.at("2026-12-10T02:00:00Z");
    story.decide(json!({"decision": "extend", "legal_basis": "BLTTHS 147(2)", "document_number": "02/QĐ-PC"})).await;
    story
        .case_clocks(
            "extended",
            &[
                "ask_vks_extension 2027-01-20T17:00:00Z pending",
                "assign 2026-11-27T17:00:00Z met 2026-11-25T02:00:00Z",
                "classify 2026-11-25T01:20:00Z met 2026-11-24T02:30:00Z",
                "investigator_report 2027-01-18T17:00:00Z pending",
                "notify_reporter_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
                "notify_vks_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
                "resolve 2026-12-14T17:00:00Z met 2026-12-10T02:00:00Z",
                "resolve_extended 2027-01-25T17:00:00Z pending",
                "vks_assign_prosecutor 2026-12-01T17:00:00Z met 2026-11-30T02:00:00Z",
            ],
        )
        .await;
}

/// Only once the limit has run out, and on a ground of art. 148(1).
pub async fn the_resolution_is_suspended(story: &Story) {
    let suspend = json!({"decision": "suspend", "legal_basis": "BLTTHS 148(1)a", "document_number": "03/QĐ-PC"});
    story.at("2027-01-25T16:59:59Z");
    let early = story.refused(suspend.clone()).await;
    assert!(early.contains("limit has run out"), "{early}");
    assert!(
        story
            .announced("deadline.near")
            .await
            .contains("resolve_extended")
    );
    story.at("2027-01-26T02:00:00Z");
    let over = [
        "ask_vks_extension",
        "investigator_report",
        "resolve_extended",
    ];
    let overdue: Vec<_> = story
        .announced("deadline.overdue")
        .await
        .into_iter()
        .collect();
    assert_eq!(overdue, over);
    let groundless = json!({"decision": "suspend", "legal_basis": "chưa rõ"});
    assert!(story.refused(groundless).await.contains("148"));
    story.decide(suspend).await;
    let common = [
        "assign 2026-11-27T17:00:00Z met 2026-11-25T02:00:00Z",
        "classify 2026-11-25T01:20:00Z met 2026-11-24T02:30:00Z",
        // What came late is met, and shows how late.
        "investigator_report 2027-01-18T17:00:00Z met 2027-01-26T02:00:00Z",
        "notify_reporter_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
        "notify_vks_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
        "resolve 2026-12-14T17:00:00Z met 2026-12-10T02:00:00Z",
        "resolve_extended 2027-01-25T17:00:00Z met 2027-01-26T02:00:00Z",
    ];
    let assigned = "vks_assign_prosecutor 2026-12-01T17:00:00Z met 2026-11-30T02:00:00Z";
    let pending = [
        "send_decision_vks 2027-01-27T02:00:00Z pending",
        "send_suspension_reporter 2027-01-27T02:00:00Z pending",
        assigned,
    ];
    story
        .case_clocks("suspended", &[&common[..], &pending].concat())
        .await;
    story.at("2027-01-26T08:00:00Z");
    story.act("decision_sent_to_procuracy").await;
    story.act("suspension_sent_to_reporter").await;
    let sent = [
        "send_decision_vks 2027-01-27T02:00:00Z met 2027-01-26T08:00:00Z",
        "send_suspension_reporter 2027-01-27T02:00:00Z met 2027-01-26T08:00:00Z",
        assigned,
    ];
    story
        .case_clocks("suspended and sent", &[&common[..], &sent].concat())
        .await;
}

/// A month of its own, until Thursday, 15 April 2027 (the day after is the Hùng Kings' day), told within three days.
pub async fn the_resolution_is_resumed(story: &Story) {
    story.at("2027-03-15T02:00:00Z");
    story
        .decide(json!({"decision": "resume", "legal_basis": "BLTTHS 149(1)", "document_number": "04/QĐ-PC"}))
        .await;
    story
        .case_clocks(
            "resumed",
            &[
                "assign 2026-11-27T17:00:00Z met 2026-11-25T02:00:00Z",
                "classify 2026-11-25T01:20:00Z met 2026-11-24T02:30:00Z",
                "investigator_report 2027-04-08T17:00:00Z pending",
                "notify_reporter_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
                "notify_resumption 2027-03-18T17:00:00Z pending",
                "notify_vks_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
                "resolve 2026-12-14T17:00:00Z met 2026-12-10T02:00:00Z",
                "resolve_extended 2027-01-25T17:00:00Z met 2027-01-26T02:00:00Z",
                "resume_limit 2027-04-15T17:00:00Z pending",
                "send_decision_vks 2027-01-27T02:00:00Z met 2027-01-26T08:00:00Z",
                "send_suspension_reporter 2027-01-27T02:00:00Z met 2027-01-26T08:00:00Z",
                "vks_assign_prosecutor 2026-12-01T17:00:00Z met 2026-11-30T02:00:00Z",
            ],
        )
        .await;
    story.at("2027-03-16T02:00:00Z");
    story.act("resumption_told").await;
    story.at("2027-04-07T02:00:00Z");
    story.act("investigator_reported").await;
}

pub async fn the_crime_is_prosecuted_and_the_file_closed(story: &Story) {
    story.at("2027-04-12T02:00:00Z");
    let decided = story.decide(json!({"decision": "prosecute", "legal_basis": "BLHS 174", "document_number": "05/QĐ-KTVA"})).await;
    assert_eq!(decided["state"], "decided_prosecute");
    let common = [
        "investigator_report 2027-04-08T17:00:00Z met 2027-04-07T02:00:00Z",
        "notify_reporter_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
    ];
    let before = [
        "assign 2026-11-27T17:00:00Z met 2026-11-25T02:00:00Z",
        "classify 2026-11-25T01:20:00Z met 2026-11-24T02:30:00Z",
    ];
    let after = [
        "notify_resumption 2027-03-18T17:00:00Z met 2027-03-16T02:00:00Z",
        "notify_vks_reception 2026-11-27T17:00:00Z met 2026-11-26T02:00:00Z",
        "resolve 2026-12-14T17:00:00Z met 2026-12-10T02:00:00Z",
        "resolve_extended 2027-01-25T17:00:00Z met 2027-01-26T02:00:00Z",
        "resume_limit 2027-04-15T17:00:00Z met 2027-04-12T02:00:00Z",
    ];
    let end = [
        "send_suspension_reporter 2027-01-27T02:00:00Z met 2027-01-26T08:00:00Z",
        "vks_assign_prosecutor 2026-12-01T17:00:00Z met 2026-11-30T02:00:00Z",
    ];
    let with = |closing: &'static str, told: &'static str, sent: &'static str| {
        [
            &before[..],
            &[closing],
            &common,
            &[told],
            &after,
            &[sent],
            &end,
        ]
        .concat()
    };
    // The file a month on, the reporter in three days, the procuracy within 24 hours.
    let open = with(
        "file_closing 2027-05-12T17:00:00Z pending",
        "notify_reporter_result 2027-04-15T17:00:00Z pending",
        "send_decision_vks 2027-04-13T02:00:00Z pending",
    );
    story.case_clocks("prosecuted", &open).await;
    story.at("2027-04-12T09:00:00Z");
    story.act("decision_sent_to_procuracy").await;
    story.at("2027-04-13T02:00:00Z");
    story.act("reporter_told_result").await;
    story.at("2027-04-20T02:00:00Z");
    story.decide(json!({"decision": "close"})).await;
    // Of the two decisions that went to the procuracy the last is shown.
    let closed = with(
        "file_closing 2027-05-12T17:00:00Z met 2027-04-20T02:00:00Z",
        "notify_reporter_result 2027-04-15T17:00:00Z met 2027-04-13T02:00:00Z",
        "send_decision_vks 2027-04-13T02:00:00Z met 2027-04-12T09:00:00Z",
    );
    story.case_clocks("closed", &closed).await;
    let again = story.refused(json!({"decision": "resume"})).await;
    assert!(again.contains("closed"), "{again}");
}
