//! One ring from the first call to the closed file: sixty tips, two officers, one case, and after every step
//! every deadline that the law sets, each with its date worked out by hand (`docs/legal-clock.md`).

mod reception;
mod resolution;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp};

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
    let mut story = reception::tips_come_in().await;
    reception::one_cluster_is_suggested(&story).await;
    reception::two_officers_accept_them(&mut story).await;
    resolution::the_case_is_assigned_and_verified(&story).await;
    resolution::a_bank_freezes_part_of_the_money(&story).await;
    resolution::the_head_extends(&story).await;
    resolution::the_resolution_is_suspended(&story).await;
    resolution::the_resolution_is_resumed(&story).await;
    resolution::the_crime_is_prosecuted_and_the_file_closed(&story).await;
    the_case_tells_its_story(&story).await;
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
