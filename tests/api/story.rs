//! One ring from the first call to the closed file: sixty tips, two officers, one case, and after every step
//! every deadline that the law sets, each with its date worked out by hand (`docs/legal-clock.md`).

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, TestApp};

const RIGHTS: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::CasesRead,
    Scope::CasesWrite,
    Scope::CasesDecide,
    Scope::ReferralsRead,
    Scope::ReferralsWrite,
];

/// The ring has five telephones and seven accounts; every pair of them turns up.
const TIPS: usize = 60;
/// What each of the sixty lost.
const LOSS: i64 = 3_000_000;

struct Story {
    t: TestApp,
    first: Client,
    second: Client,
    /// The sixty tips in the order of their reception.
    tips: Vec<String>,
    case: String,
}

impl Story {
    fn at(&self, time: &str) {
        self.t.clock.set(time.parse().unwrap());
    }

    async fn get(&self, path: &str) -> Value {
        self.first.get(path).send().await.expect(200)
    }

    async fn decide(&self, body: Value) -> Value {
        let path = format!("{}/decisions", self.case);
        self.first.post(&path).json(&body).send().await.expect(200)
    }

    async fn refused(&self, body: Value) -> String {
        let path = format!("{}/decisions", self.case);
        let problem = self.first.post(&path).json(&body).send().await.problem(409);
        assert_eq!(problem["code"], "unlawful_move");
        problem["detail"].as_str().unwrap().to_owned()
    }

    async fn act(&self, act: &str) {
        let body = json!({"act": act, "document_number": "12/CSĐT"});
        let path = format!("{}/acts", self.case);
        self.first.post(&path).json(&body).send().await.expect(200);
    }

    /// All clocks of the case that run or ran: nothing else may.
    async fn case_clocks(&self, step: &str, expected: &[&str]) {
        let all = self.get(&format!("{}/deadlines", self.case)).await;
        assert_eq!(running(&all["items"]), expected, "the case, {step}");
        let due = expected.iter().filter(|line| !line.contains(" met "));
        let next = due.map(|line| line.split(' ').nth(1).unwrap()).min();
        let case = self.get(&self.case).await;
        assert_eq!(
            case["next_due_at"].as_str(),
            next,
            "the case's next, {step}"
        );
    }

    /// The same of the first tip.
    async fn tip_clocks(&self, step: &str, expected: &[&str]) {
        let tip = self.get(&format!("/v1/tips/{}", self.tips[0])).await;
        assert_eq!(
            running(&tip["deadlines"]),
            expected,
            "the first tip, {step}"
        );
    }

    /// Codes of the deadlines of the case that were announced so far as near or over.
    async fn announced(&self, kind: &str) -> BTreeSet<String> {
        self.t.settle().await;
        let path = format!("{}/timeline?limit=200", self.case);
        let timeline = self.get(&path).await["items"].clone();
        let of_kind = timeline.as_array().unwrap().iter();
        of_kind
            .filter(|item| item["type"] == kind)
            .map(|item| item["data"]["code"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// `code due_at state met_at` of each deadline that is not out of question, by code.
fn running(deadlines: &Value) -> Vec<String> {
    let items = deadlines.as_array().or(deadlines["items"].as_array());
    let mut all: Vec<String> = items
        .unwrap()
        .iter()
        .filter(|one| one["state"] != "not_applicable")
        .map(|one| {
            let [code, due, state] = ["code", "due_at", "state"].map(|n| one[n].as_str().unwrap());
            let met = one["met_at"].as_str().unwrap_or_default();
            format!("{code} {due} {state} {met}").trim_end().to_owned()
        })
        .collect();
    all.sort();
    all
}

#[actix_web::test]
async fn a_ring_of_sixty_tips_is_brought_to_its_legal_end() {
    let mut story = tips_come_in().await;
    one_cluster_is_suggested(&story).await;
    two_officers_accept_them(&mut story).await;
    the_case_is_assigned_and_verified(&story).await;
    a_bank_freezes_part_of_the_money(&story).await;
    the_head_extends(&story).await;
    the_resolution_is_suspended(&story).await;
    the_resolution_is_resumed(&story).await;
    the_crime_is_prosecuted_and_the_file_closed(&story).await;
    the_case_tells_its_story(&story).await;
}

/// From 08:20 on Tuesday, 24 November 2026, one a minute; three strangers among them.
async fn tips_come_in() -> Story {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for n in 0..TIPS {
        if n % 20 == 10 {
            let stranger = json!({"narrative": "Mất xe máy ở chợ.", "indicators": [{"value": format!("09876543{n:02}")}]});
            t.citizen()
                .post("/v1/tips")
                .json(&stranger)
                .send()
                .await
                .expect(201);
        }
        let tip = json!({
            "narrative": format!("Người thứ {n} bị gọi, doạ bắt và bắt chuyển tiền."),
            "method": "impersonate_police_court", "channel": "call",
            "indicators": [
                {"kind": "phone", "value": format!("036912345{}", n % 5), "role": "contacted_me"},
                {"kind": "bank_account", "value": format!("00110022334{}", n % 7), "bank": "VCB", "role": "received_money"}],
            "losses": [{"amount_vnd": LOSS, "transferred_at": t.clock.now() - Duration::from_secs(600), "to_indicator": 1}],
            "reporter": {"phone": format!("09120000{n:02}")}});
        let sent = t
            .citizen()
            .post("/v1/tips")
            .json(&tip)
            .send()
            .await
            .expect(201);
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

async fn one_cluster_is_suggested(story: &Story) {
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
async fn two_officers_accept_them(story: &mut Story) {
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

async fn the_case_is_assigned_and_verified(story: &Story) {
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
async fn a_bank_freezes_part_of_the_money(story: &Story) {
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
async fn the_head_extends(story: &Story) {
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
async fn the_resolution_is_suspended(story: &Story) {
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
async fn the_resolution_is_resumed(story: &Story) {
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

async fn the_crime_is_prosecuted_and_the_file_closed(story: &Story) {
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

async fn the_case_tells_its_story(story: &Story) {
    story.t.settle().await;
    let case = story.get(&story.case).await;
    assert_eq!(
        (&case["state"], &case["next_due_at"]),
        (&json!("closed"), &Value::Null)
    );
    let totals =
        json!({"tips": 60, "victims": 60, "losses_vnd": 180_000_000, "recovered_vnd": 9_000_000});
    assert_eq!(case["totals"], totals);
    let path = format!("{}/timeline?limit=200", story.case);
    let timeline = story.get(&path).await;
    let moves: Vec<&str> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .filter_map(|item| item["data"]["to"].as_str())
        .collect();
    assert_eq!(
        moves,
        [
            "assigned",
            "verifying",
            "extended",
            "suspended",
            "resumed",
            "decided_prosecute",
            "closed"
        ]
    );
}
