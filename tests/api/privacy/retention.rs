//! What ends when, what is kept, and what is left.

use std::process::Command;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use super::{ADMIN, MARKERS, OFFICER, accept, days, decide, dismiss, end_case, found, plant, run};
use crate::support::{Claims, TestApp, objects, rows};

async fn count(t: &TestApp, sql: &str) -> String {
    rows(t, &format!("select count(*)::text as cell from {sql}"))
        .await
        .remove(0)
}

async fn preview(t: &TestApp, class: &str) -> (Value, Value) {
    let admin = t.officer(ADMIN);
    let seen = admin.get("/v1/retention/preview").send().await.expect(200);
    let items = seen["items"].as_array().unwrap().clone();
    let found = items
        .into_iter()
        .find(|item| item["class"] == class)
        .unwrap();
    (found["due"].clone(), found["kept"].clone())
}

#[actix_web::test]
async fn a_dismissed_tip_ends_step_by_step_and_leaves_its_row_in_the_register() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let reports = count(&t, "indicator_figures where tips = 1").await;
    dismiss(&t, &tip).await;
    days(&t, 180).await;
    assert_eq!(run(&t).await, 0, "not before the term is over");
    days(&t, 1).await;
    assert_eq!(
        preview(&t, "reporter_identities").await,
        (json!(1), json!(0))
    );
    assert_eq!(run(&t).await, 1);
    assert_eq!(
        preview(&t, "reporter_identities").await,
        (json!(0), json!(0))
    );
    assert_eq!(count(&t, "reporter_identities").await, "0");
    assert_eq!(count(&t, "reporter_blind_indexes").await, "0");
    assert_eq!(count(&t, "submissions where sealed is not null").await, "0");
    let path = format!("/v1/tips/{}", tip.id);
    t.officer(OFFICER).get(&path).send().await.expect(200);

    days(&t, 185).await;
    assert_eq!(run(&t).await, 1, "the file");
    assert_eq!(count(&t, "attachments").await, "0");
    assert!(objects(&t).await.is_empty());
    assert!(found(&t, &MARKERS).await.contains(&MARKERS[3].to_owned()));

    days(&t, 365).await;
    assert_eq!(run(&t).await, 1, "the rest");
    let desk = rows(&t, "select desk as cell from register")
        .await
        .remove(0);
    t.officer(OFFICER).get(&path).send().await.problem(404);
    assert_eq!(found(&t, &MARKERS).await, Vec::<String>::new());
    assert_eq!(
        count(&t, "indicator_figures where tips = 1").await,
        reports,
        "counters stay"
    );
    let receipt = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &tip.receipt);
    receipt.send().await.problem(404);
    for (desk, rows) in [(desk.as_str(), 1), ("elsewhere", 0)] {
        let officer = t.bearer(&Claims {
            scopes: "tips:read",
            desk: Some(desk),
            ..Claims::default()
        });
        let page = officer
            .get("/v1/register?year=2026")
            .send()
            .await
            .expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), rows, "{desk}");
        if rows == 1 {
            let row = &page["items"][0];
            assert_eq!(row["number"], "DB-T-2026-000001");
            assert!(row["purged_at"].is_string());
            assert_eq!(
                [&row["summary"], &row["reporter_name"]],
                [&Value::Null, &Value::Null]
            );
        }
    }
    let auditor = t.officer(&[Scope::AuditRead]);
    for (kind, entries) in [
        ("tip.anonymised", 1),
        ("attachment.purged", 1),
        ("tip.purged", 1),
        ("retention.ran", 3),
    ] {
        let path = format!("/v1/audit?type={kind}");
        let page = auditor.get(&path).send().await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), entries, "{kind}");
    }
    let verified = auditor.get("/v1/audit/verify").send().await.expect(200);
    assert_eq!(verified["intact"], true);
}

#[actix_web::test]
async fn what_a_reporter_adds_later_ends_too() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    dismiss(&t, &tip).await;
    days(&t, 181).await;
    run(&t).await;
    let add = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", &tip.receipt);
    let body = json!({"reporter": {"name": MARKERS[0]}});
    add.json(&body).send().await.expect(200);
    assert_eq!(count(&t, "reporter_identities").await, "1");
    // It brought the tip back: its time begins when it is decided again.
    days(&t, 181).await;
    run(&t).await;
    assert_eq!(count(&t, "reporter_identities").await, "1");
    dismiss(&t, &tip).await;
    days(&t, 181).await;
    run(&t).await;
    assert_eq!(count(&t, "reporter_identities").await, "0");
}

#[actix_web::test]
async fn a_withdrawn_tip_ends_and_an_open_one_never() {
    let t = TestApp::new().await;
    let (withdrawn, open) = (plant(&t).await, plant(&t).await);
    let path = "/v1/receipt/withdraw";
    let withdraw = t
        .anyone()
        .post(path)
        .header("Tip-Receipt", &withdrawn.receipt);
    withdraw.send().await.expect(204);
    days(&t, 800).await;
    assert_eq!(run(&t).await, 3, "identity, file and tip");
    let officer = t.officer(OFFICER);
    let get = async |id: &str| officer.get(&format!("/v1/tips/{id}")).send().await;
    get(&withdrawn.id).await.problem(404);
    get(&open.id).await.expect(200);
    assert_eq!(count(&t, "reporter_identities").await, "1");
}

#[actix_web::test]
async fn a_hold_or_an_open_case_keeps_its_tips_and_their_duplicates() {
    let t = TestApp::new().await;
    let (first, copy) = (plant(&t).await, plant(&t).await);
    let case = accept(&t, &first).await;
    let duplicate = json!({"decision": "duplicate", "duplicate_of": first.id});
    decide(&t.officer(OFFICER), &copy.id, &duplicate).await;
    days(&t, 4000).await;
    assert_eq!(run(&t).await, 0, "the case is open");
    assert_eq!(preview(&t, "tips").await, (json!(0), json!(1)));

    end_case(&t, &case).await;
    let hold = format!("/v1/cases/{case}/hold");
    let officer = t.officer(OFFICER);
    let reason = json!({"reason": "Viện kiểm sát yêu cầu."});
    officer.put(&hold).json(&reason).send().await.expect(200);
    days(&t, 4000).await;
    assert_eq!(run(&t).await, 0, "the case is held");
    assert_eq!(preview(&t, "cases").await, (json!(0), json!(1)));
    assert_eq!(preview(&t, "tips").await, (json!(0), json!(1)));

    let officer = t.officer(OFFICER);
    officer.delete(&hold).send().await.expect(202);
    assert_eq!(
        {
            days(&t, 1).await;
            run(&t).await
        },
        0,
        "still held until a second person approves"
    );
    let admin = t.named_officer("admin-2", ADMIN);
    admin
        .post(&format!("{hold}/approve"))
        .send()
        .await
        .expect(200);
    days(&t, 1).await;
    assert!(run(&t).await > 0);
    assert_eq!(count(&t, "tips").await, "0");
    assert_eq!(found(&t, &MARKERS).await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_tip_taken_out_of_a_held_case_is_kept_with_it() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let case = accept(&t, &tip).await;
    let officer = t.officer(OFFICER);
    let reason = json!({"reason": "Viện kiểm sát yêu cầu."});
    let hold = officer.put(&format!("/v1/cases/{case}/hold")).json(&reason);
    hold.send().await.expect(200);
    let out = officer.delete(&format!("/v1/cases/{case}/tips"));
    out.json(&json!({"tip_ids": [tip.id]}))
        .send()
        .await
        .expect(200);
    dismiss(&t, &tip).await;
    days(&t, 1000).await;
    assert_eq!(run(&t).await, 0);
    assert_eq!(preview(&t, "tips").await, (json!(0), json!(1)));
}

#[actix_web::test]
async fn a_tip_that_joins_an_ended_case_late_gets_its_full_time() {
    let t = TestApp::new().await;
    let first = plant(&t).await;
    let case = accept(&t, &first).await;
    end_case(&t, &case).await;
    days(&t, 3640).await;
    let late = plant(&t).await;
    let add = t.officer(OFFICER).post(&format!("/v1/cases/{case}/tips"));
    let add = add.json(&json!({"tip_ids": [late.id]})).send().await;
    add.expect(200);
    days(&t, 20).await;
    run(&t).await;
    let path = format!("/v1/tips/{}", late.id);
    t.officer(OFFICER).get(&path).send().await.expect(200);
    assert_eq!(preview(&t, "cases").await, (json!(0), json!(0)));
}

#[actix_web::test]
async fn a_decided_case_ends_with_its_tips_and_texts_and_keeps_its_number() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let case = accept(&t, &tip).await;
    let officer = t.officer(OFFICER);
    let path = format!("/v1/cases/{case}");
    let note = officer.post(&format!("{path}/notes"));
    note.json(&json!({"text": MARKERS[4]}))
        .send()
        .await
        .expect(201);
    let edit = officer.patch(&path).header("If-Match", "*");
    let text = json!({"title": MARKERS[3], "summary": MARKERS[3]});
    edit.json(&text).send().await.expect(200);
    end_case(&t, &case).await;
    days(&t, 1826).await;
    assert_eq!(run(&t).await, 1, "the identity");
    assert_eq!(count(&t, "reporter_identities").await, "0");
    days(&t, 1825).await;
    assert_eq!(run(&t).await, 1, "the case");
    let case = t.officer(OFFICER).get(&path).send().await.expect(200);
    assert_eq!(case["title"], "DB-C-2026-000001");
    assert_eq!(
        [&case["summary"], &case["tips"]],
        [&Value::Null, &json!([])]
    );
    assert_eq!(case["state"], "decided_no_prosecution");
    assert!(case["purged_at"].is_string());
    assert_eq!(found(&t, &MARKERS).await, Vec::<String>::new());
    let late = plant(&t).await;
    let add = t.officer(OFFICER).post(&format!("{path}/tips"));
    let add = add.json(&json!({"tip_ids": [late.id]})).send().await;
    assert_eq!(
        super::code(&add, 409),
        "wrong_state",
        "nothing joins it any more"
    );
    days(&t, 1).await;
    assert_eq!(run(&t).await, 0, "once");
}

#[actix_web::test]
async fn what_agencies_were_told_ends_with_the_tip_and_the_request_stays() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let officer = t.officer(&[Scope::ReferralsRead, Scope::ReferralsWrite, Scope::TipsRead]);
    let body = json!({"kind": "local_followup", "agency": "unit_03127", "tip_id": tip.id,
        "note": MARKERS[3], "disclose": ["narrative"]});
    let sent = officer.post("/v1/referrals").json(&body).send().await;
    let sent = sent.expect(201);
    let path = format!("/v1/referrals/{}", sent["id"].as_str().unwrap());
    let unit = |t: &TestApp| {
        t.bearer(&Claims {
            sub: "commune-officer",
            scopes: "referrals:work",
            agency: Some("unit_03127"),
            ..Claims::default()
        })
    };
    let question = unit(&t).post(&format!("{path}/messages"));
    let question = question.json(&json!({"text": MARKERS[5]})).send().await;
    question.expect(201);
    dismiss(&t, &tip).await;
    days(&t, 800).await;
    run(&t).await;
    assert_eq!(found(&t, &MARKERS).await, Vec::<String>::new());
    let share = unit(&t).get(&path).send().await.expect(200);
    assert_eq!(
        [&share["state"], &share["note"]],
        [&json!("sent"), &Value::Null]
    );
}

#[actix_web::test]
async fn a_run_is_one_an_hour_over_all_replicas() {
    let t = TestApp::new().await;
    let other = t.replica().await;
    let tip = plant(&t).await;
    dismiss(&t, &tip).await;
    days(&t, 800).await;
    assert!(run(&t).await > 0);
    dismiss(&t, &plant(&t).await).await;
    rows(&t, "update tip_states set decided_at = decided_at - interval '900 days' returning status as cell").await;
    assert_eq!(run(&other).await, 0, "within the hour");
    t.clock.advance(std::time::Duration::from_secs(3_600));
    assert!(run(&other).await > 0);
}

#[actix_web::test]
async fn everything_that_hangs_on_a_tip_goes_with_it() {
    let t = TestApp::new().await;
    let barring = rows(
        &t,
        "select conrelid::regclass || ' ' || conname as cell from pg_constraint
         where contype = 'f' and confrelid = 'tips'::regclass and confdeltype not in ('c', 'n')",
    )
    .await;
    assert_eq!(
        barring,
        Vec::<String>::new(),
        "foreign keys that bar the end of a tip"
    );
}

#[actix_web::test]
async fn the_command_tries_dry_and_purges_the_classes_it_is_told() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    dismiss(&t, &tip).await;
    rows(&t, "update tip_states set decided_at = decided_at - interval '900 days' returning status as cell").await;
    let purge = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tinbao"))
            .env_clear()
            .env("DATABASE_URL", t.url())
            .env("TINBAO_DATA_DIR", t.setting("TINBAO_DATA_DIR"))
            .arg("purge")
            .args(args)
            .output()
            .unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{errors}");
        String::from_utf8(output.stdout).unwrap()
    };
    let said = purge(&["--dry-run"]);
    assert!(
        said.contains("tips (after 730 days): 1 due, 0 kept"),
        "{said}"
    );
    assert_eq!(count(&t, "tips").await, "1");
    let said = purge(&["--class", "evidence"]);
    assert!(said.contains("Done: 1 ended."), "{said}");
    assert_eq!(count(&t, "attachments").await, "0");
    assert_eq!(count(&t, "tips").await, "1");
    let said = purge(&[]);
    assert!(said.contains("tips: 1 ended so far"), "{said}");
    assert_eq!(count(&t, "tips").await, "0");
}

#[actix_web::test]
async fn what_only_an_appeal_spoke_of_goes_with_it() {
    let t = TestApp::new().await;
    let tip = json!({"narrative": "Lừa đảo", "indicators": [{"value": "0912345678"}]});
    t.submit(&tip).await;
    t.settle().await;
    for value in ["0912345678", "0912345679"] {
        let appeal = json!({"value": value, "text": "Số của tôi."});
        let appeal = t.anyone().post("/v1/appeals").json(&appeal);
        appeal.send().await.expect(201);
    }
    let decided =
        "update indicator_appeals set decision = 'rejected', reason = 'x', decided_by = 'y',
        decided_at = submitted_at returning decision as cell";
    assert_eq!(rows(&t, decided).await.len(), 2);
    let values = "select value as cell from indicators order by value";
    assert_eq!(rows(&t, values).await, ["+84912345678"]);
    // As a tip named it that is gone.
    let named = "insert into indicators (key, id, kind, value, display, attributes, first_seen)
        select key, id, kind, value, display, attributes, submitted_at from indicator_appeals
        on conflict do nothing returning value as cell";
    assert_eq!(rows(&t, named).await, ["+84912345679"]);
    days(&t, 731).await;
    run(&t).await;
    let left = "select count(*)::text as cell from indicator_appeals";
    assert_eq!(rows(&t, left).await, ["0"]);
    assert_eq!(
        rows(&t, values).await,
        ["+84912345678"],
        "a tip names it still"
    );
}
