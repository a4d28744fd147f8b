//! Two officers at two replicas do things to the same tips and cases at once: one wins, the other learns so, and
//! the totals stay right.

use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::cases::{ALL, decide, open, path, tip};
use crate::support::{Call, Claims, Client, Reply, TestApp, rows};

const ROUNDS: usize = 4;
const LOSS: i64 = 1_000_000;

/// Two replicas, and an officer at each.
async fn two() -> (TestApp, Client, Client, TestApp) {
    let t = TestApp::new().await;
    let replica = t.replica().await;
    let (one, two) = (
        t.named_officer("one", ALL),
        replica.named_officer("two", ALL),
    );
    (t, one, two, replica)
}

/// The statuses of two calls made at once, the lesser first.
async fn race(one: Call, two: Call) -> ([u16; 2], [Reply; 2]) {
    let (one, two) = join(one.send(), two.send()).await;
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    (statuses, [one, two])
}

async fn show(officer: &Client, path: &str) -> Value {
    officer.get(path).send().await.expect(200)
}

async fn victim(t: &TestApp, n: usize) -> String {
    let account = json!({"kind": "bank_account", "value": "0011002233445", "bank": "VCB", "role": "received_money"});
    tip(t, json!({"narrative": format!("tin {n}"), "losses": [{"amount_vnd": LOSS}], "indicators": [account]})).await
}

#[actix_web::test]
async fn of_two_edits_of_one_version_one_is_made() {
    let (_t, one, two, _replica) = two().await;
    let case = path(&open(&one, &[]).await, "");
    for round in 0..ROUNDS {
        let shown = one.get(&case).send().await;
        let edit = |officer: &Client, title: &str| {
            let body = json!({"title": format!("{title} {round}")});
            officer
                .patch(&case)
                .header("If-Match", shown.header("etag"))
                .json(&body)
        };
        let (statuses, replies) = race(edit(&one, "một"), edit(&two, "hai")).await;
        assert_eq!(statuses, [200, 412]);
        let won = replies
            .iter()
            .find(|reply| reply.status == 200)
            .unwrap()
            .expect(200);
        let now = show(&one, &case).await;
        assert_eq!(
            (&now["title"], &now["version"]),
            (&won["title"], &won["version"])
        );
    }
}

#[actix_web::test]
async fn of_two_legal_decisions_one_is_taken() {
    let (t, one, two, _replica) = two().await;
    for _ in 0..ROUNDS {
        let case = open(&one, &[tip(&t, json!({"narrative": "x"})).await]).await;
        for step in ["assign", "verify"] {
            decide(&one, &case, json!({"decision": step}))
                .await
                .expect(200);
        }
        let named = |decision: &str| json!({"decision": decision, "legal_basis": "BLTTHS 143", "document_number": "1/QĐ"});
        let call = |officer: &Client, decision: &str| {
            officer
                .post(&path(&case, "/decisions"))
                .json(&named(decision))
        };
        let (statuses, replies) = race(call(&one, "prosecute"), call(&two, "not_prosecute")).await;
        assert_eq!(statuses, [200, 409]);
        let lost = replies.iter().find(|reply| reply.status == 409).unwrap();
        assert_eq!(lost.problem(409)["code"], "unlawful_move");
        let won = if replies[0].status == 200 {
            "prosecute"
        } else {
            "not_prosecute"
        };
        assert_eq!(show(&one, &path(&case, "")).await["decision"], won);
    }
}

#[actix_web::test]
async fn of_two_decisions_on_a_tip_one_stands_and_is_undone_once() {
    let (t, one, _two, replica) = two().await;
    // The same officer in two windows.
    let again = replica.named_officer("one", ALL);
    for _ in 0..ROUNDS {
        let id = tip(&t, json!({"narrative": "x"})).await;
        one.put(&format!("/v1/tips/{id}/claim"))
            .send()
            .await
            .expect(200);
        let decisions = format!("/v1/tips/{id}/decisions");
        let accept = one.post(&decisions).json(&json!({"decision": "accept"}));
        let dismiss = again
            .post(&decisions)
            .json(&json!({"decision": "dismiss", "reason": "spam"}));
        let (statuses, replies) = race(accept, dismiss).await;
        assert_eq!(statuses, [200, 409]);
        let won = replies
            .iter()
            .find(|reply| reply.status == 200)
            .unwrap()
            .expect(200);
        let status = if won["decision"] == "accept" {
            "accepted"
        } else {
            "dismissed"
        };
        let tip = show(&one, &format!("/v1/tips/{id}")).await;
        assert_eq!(
            (&tip["status"], &tip["case_id"]),
            (&json!(status), &won["case_id"])
        );
        let undo = format!("{decisions}/{}", won["id"].as_str().unwrap());
        let (statuses, _) = race(one.delete(&undo), again.delete(&undo)).await;
        assert_eq!(statuses, [204, 409]);
        let tip = show(&one, &format!("/v1/tips/{id}")).await;
        assert_eq!(
            (&tip["status"], &tip["case_id"]),
            (&json!("claimed"), &Value::Null)
        );
    }
}

#[actix_web::test]
async fn a_claim_is_got_by_one_and_taken_over_or_decided_but_not_both() {
    let (t, one, two, _replica) = two().await;
    for _ in 0..ROUNDS {
        let id = tip(&t, json!({"narrative": "x"})).await;
        let claim = format!("/v1/tips/{id}/claim");
        let (statuses, replies) = race(one.put(&claim), two.put(&claim)).await;
        assert_eq!(statuses, [200, 409]);
        let (holder, chief) = if replies[0].status == 200 {
            (&one, &two)
        } else {
            (&two, &one)
        };
        let dismiss = json!({"decision": "dismiss", "reason": "spam"});
        let decision = holder
            .post(&format!("/v1/tips/{id}/decisions"))
            .json(&dismiss);
        let over = chief
            .post(&format!("{claim}/override"))
            .json(&json!({"reason": "Hết ca trực"}));
        let (statuses, replies) = race(decision, over).await;
        assert_eq!(
            statuses,
            [200, 409],
            "{} {}",
            replies[0].text(),
            replies[1].text()
        );
        let status = if replies[0].status == 200 {
            "dismissed"
        } else {
            "claimed"
        };
        assert_eq!(
            show(&one, &format!("/v1/tips/{id}")).await["status"],
            status
        );
    }
}

#[actix_web::test]
async fn two_cases_do_not_take_each_other_over() {
    let (t, one, two, _replica) = two().await;
    for round in 0..ROUNDS {
        let mut cases = Vec::new();
        for n in 0..2 {
            cases.push(open(&one, &[victim(&t, 2 * round + n).await]).await);
        }
        let merge = |officer: &Client, into: &Value, other: &Value| {
            officer
                .post(&path(into, "/merge"))
                .json(&json!({"case_id": other["id"]}))
        };
        let (statuses, replies) = race(
            merge(&one, &cases[0], &cases[1]),
            merge(&two, &cases[1], &cases[0]),
        )
        .await;
        assert_eq!(statuses, [200, 409]);
        let won = usize::from(replies[1].status == 200);
        let (into, other) = (&cases[won], &cases[1 - won]);
        assert_eq!(show(&one, &path(into, "")).await["totals"]["tips"], 2);
        let gone = show(&one, &path(other, "")).await;
        assert_eq!(
            (&gone["merged_into"], &gone["totals"]["tips"]),
            (&into["id"], &json!(0))
        );
    }
}

/// Whatever happens at once to some cases and tips: nobody is told of a fault of the service, no tip is in two
/// cases or in none that it says it is in, and the totals of the cases add up to what is there.
#[actix_web::test]
async fn totals_stay_right_while_everything_happens_at_once() {
    let t = TestApp::new().await;
    let replica = t.replica().await;
    let scopes = [
        ALL,
        &[
            Scope::ReferralsRead,
            Scope::ReferralsWrite,
            Scope::IndicatorsRead,
        ],
    ]
    .concat();
    let officers = [
        t.named_officer("one", &scopes),
        replica.named_officer("two", &scopes),
    ];
    let bank = t.bearer(&Claims {
        scopes: "referrals:work",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let mut tips = Vec::new();
    for n in 0..24 {
        tips.push(victim(&t, n).await);
    }
    let mut cases = Vec::new();
    for n in 0..3 {
        cases.push(open(&officers[0], &tips[2 * n..2 * n + 2]).await);
    }
    t.settle().await;
    let graph = show(&officers[0], &path(&cases[0], "/graph")).await;
    let nodes = graph["nodes"].as_array().unwrap();
    let account = nodes
        .iter()
        .find(|node| node["kind"] == "bank_account")
        .unwrap();
    let mut referrals = Vec::new();
    for case in &cases {
        let wish = json!({"kind": "freeze_funds", "agency": "bank_970436", "case_id": case["id"],
            "indicator_ids": [account["id"]], "amount_vnd": LOSS, "legal_basis": "Nghị định 52/2024/NĐ-CP",
            "document_number": "125/CSĐT", "note": "Đề nghị tạm giữ."});
        let sent = officers[0]
            .post("/v1/referrals")
            .json(&wish)
            .send()
            .await
            .expect(201);
        referrals.push(sent["id"].as_str().unwrap().to_owned());
    }
    for (round, referral) in referrals.iter().enumerate() {
        let officer = |n: usize| &officers[n % 2];
        let case = |n: usize| &cases[n % 3];
        let pool = &tips[6 + 6 * round..12 + 6 * round];
        for id in &pool[..2] {
            officer(round)
                .put(&format!("/v1/tips/{id}/claim"))
                .send()
                .await
                .expect(200);
        }
        let mut calls = Vec::new();
        for n in 0..3 {
            // Two want the same tips, in different orders.
            let mut wanted: Vec<&String> = pool[2..].iter().collect();
            if n % 2 == 1 {
                wanted.reverse();
            }
            calls.push(
                officer(n)
                    .post(&path(case(n), "/tips"))
                    .json(&json!({"tip_ids": wanted})),
            );
            let out = json!({"tip_ids": [tips[2 * n]]});
            calls.push(officer(n + 1).delete(&path(case(n), "/tips")).json(&out));
            for (into, other) in [(n, n + 1), (n + 1, n)] {
                let other = json!({"case_id": case(other)["id"]});
                calls.push(officer(n).post(&path(case(into), "/merge")).json(&other));
                calls.push(
                    officer(n + 1)
                        .post(&path(case(into), "/unmerge"))
                        .json(&other),
                );
            }
        }
        for (n, id) in pool[..2].iter().enumerate() {
            let accept = json!({"decision": "accept", "case_id": case(round + n)["id"]});
            calls.push(
                officer(round)
                    .post(&format!("/v1/tips/{id}/decisions"))
                    .json(&accept),
            );
        }
        let frozen = json!({"outcome": "frozen", "amount_vnd": LOSS});
        calls.push(
            bank.post(&format!("/v1/referrals/{referral}/complete"))
                .json(&frozen),
        );
        let replies = join_all(calls.into_iter().map(Call::send)).await;
        for reply in &replies {
            let status = reply.status.as_u16();
            assert!(
                [200, 409, 422].contains(&status),
                "{status}: {}",
                reply.text()
            );
        }
        assert!(
            replies.iter().any(|reply| reply.status != 200),
            "nothing ever met"
        );
        check_totals(
            &t,
            &officers[0],
            &cases,
            i64::try_from(round + 1).unwrap() * LOSS,
        )
        .await;
    }
}

async fn check_totals(t: &TestApp, officer: &Client, cases: &[Value], frozen: i64) {
    let torn = "select s.tip_id::text as cell from tip_states s
        left join (select tip_id, count(*) as n, min(case_id::text) as case_id from case_members
                   where removed_at is null group by tip_id) m using (tip_id)
        where s.case_id::text is distinct from m.case_id or coalesce(m.n, 0) > 1
           or (s.status = 'accepted') <> (s.case_id is not null)";
    assert_eq!(rows(t, torn).await, Vec::<String>::new());
    let (mut tips, mut losses, mut victims, mut recovered) = (0, 0, 0, 0);
    for case in cases {
        let view = show(officer, &path(case, "")).await;
        let of = |what: &str| view["totals"][what].as_i64().unwrap();
        tips += of("tips");
        losses += of("losses_vnd");
        victims += of("victims");
        if view["merged_into"].is_null() {
            recovered += of("recovered_vnd");
        }
        assert_eq!(
            of("tips"),
            i64::try_from(view["tips"].as_array().unwrap().len()).unwrap()
        );
    }
    let accepted = "select count(*)::text as cell from tip_states where status = 'accepted'";
    assert_eq!(rows(t, accepted).await, [tips.to_string()]);
    assert_eq!((losses, victims, recovered), (tips * LOSS, tips, frozen));
}

#[actix_web::test]
async fn of_two_holds_upon_one_version_the_second_is_told() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = open(&officer, &[]).await;
    let etag = officer.get(&path(&case, "")).send().await;
    let hold = |reason: &str| {
        let put = officer.put(&path(&case, "/hold"));
        let body = json!({"reason": reason});
        put.header("If-Match", etag.header("etag"))
            .json(&body)
            .send()
    };
    hold("Viện kiểm sát yêu cầu.").await.expect(200);
    assert_eq!(hold("Lý do khác.").await.status.as_u16(), 412);
    let seen = officer.get(&path(&case, "")).send().await.expect(200);
    assert_eq!(seen["hold"]["reason"], "Viện kiểm sát yêu cầu.");
}

#[actix_web::test]
async fn officers_who_fill_one_case_at_once_do_not_block_each_other() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = open(&officer, &[]).await;
    let mut tips = Vec::new();
    for n in 0..24 {
        let loss = json!([{"amount_vnd": 1_000_000 + n}]);
        tips.push(tip(&t, json!({"narrative": format!("tin {n}"), "losses": loss})).await);
    }
    for id in &tips[..12] {
        let call = officer.put(&format!("/v1/tips/{id}/claim"));
        call.send().await.expect(200);
    }
    let accept = json!({"decision": "accept", "reason": "signs_of_crime", "case_id": case["id"]});
    let by_triage = tips[..12].iter().map(|id| {
        let call = officer.post(&format!("/v1/tips/{id}/decisions"));
        call.json(&accept).send()
    });
    let by_case = tips[12..].chunks(3).map(|ids| {
        let body = json!({"tip_ids": ids.iter().rev().collect::<Vec<_>>()});
        officer.post(&path(&case, "/tips")).json(&body).send()
    });
    let (one, two) = futures_util::future::join(
        futures_util::future::join_all(by_triage),
        futures_util::future::join_all(by_case),
    )
    .await;
    for reply in one.into_iter().chain(two) {
        reply.expect(200);
    }
    let filled = officer.get(&path(&case, "")).send().await.expect(200);
    let mut joined: Vec<&str> = filled["tips"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tip| tip.as_str().unwrap())
        .collect();
    joined.sort_unstable();
    tips.sort_unstable();
    assert_eq!(joined, tips);
    assert_eq!(filled["totals"]["tips"], 24);
    let losses: i64 = (0..24).map(|n| 1_000_000 + n).sum();
    assert_eq!(filled["totals"]["losses_vnd"], losses);
}

#[actix_web::test]
async fn of_two_simultaneous_moves_one_wins() {
    let t = TestApp::new().await;
    let replica = t.replica().await;
    let (one, two) = (
        t.named_officer("one", ALL),
        replica.named_officer("two", ALL),
    );
    let case = open(&one, &[]).await;
    let body = json!({"decision": "assign"});
    let (a, b) =
        futures_util::future::join(decide(&one, &case, body.clone()), decide(&two, &case, body))
            .await;
    let mut codes = [a.status.as_u16(), b.status.as_u16()];
    codes.sort_unstable();
    assert_eq!(codes, [200, 409]);
}
