//! Edits of a case: what takes a value out, what changes nothing, what is left of a case that another took over, and
//! that a decision of the law is not undone from below.

use serde_json::{Value, json};
use tinbao::app;

use crate::cases::{ALL, at, deadline, decide, open, path, tip};
use crate::support::{Client, Reply, TestApp};

async fn edit(officer: &Client, case: &Value, body: Value) -> Reply {
    let call = officer.patch(&path(case, "")).header("If-Match", "*");
    call.json(&body).send().await
}

#[actix_web::test]
async fn null_takes_out_what_may_be_absent_and_an_empty_edit_changes_nothing() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = open(&officer, &[]).await;
    let full = json!({"assignee": "analyst-2", "summary": "Ba bị hại."});
    let full = edit(&officer, &case, full).await.expect(200);
    let before = full["version"].as_i64().unwrap();
    let same = edit(&officer, &case, json!({})).await;
    assert_eq!(same.expect(200)["version"], before);
    assert_eq!(same.header("etag"), format!("\"{before}\""));
    let stale = officer.patch(&path(&case, "")).header("If-Match", "\"99\"");
    stale.json(&json!({})).send().await.problem(412);
    let free = edit(&officer, &case, json!({"assignee": null}))
        .await
        .expect(200);
    assert_eq!(
        (&free["assignee"], &free["summary"], &free["version"]),
        (&json!(null), &json!("Ba bị hại."), &json!(before + 1))
    );
    let bare = edit(&officer, &case, json!({"summary": null}))
        .await
        .expect(200);
    assert_eq!(bare["summary"], json!(null));
    for field in ["title", "desk", "methods"] {
        let refused = edit(&officer, &case, json!({field: null}))
            .await
            .problem(422);
        assert_eq!(refused["errors"][0]["pointer"], format!("/{field}"));
    }
    let now = officer.get(&path(&case, "")).send().await.expect(200);
    assert_eq!(now["version"], before + 2);
}

#[actix_web::test]
async fn a_case_that_another_took_over_owes_nothing_and_says_so_to_whoever_edits_it() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (one, two) = (
        tip(&t, json!({"narrative": "một"})).await,
        tip(&t, json!({"narrative": "hai"})).await,
    );
    let into = open(&officer, std::slice::from_ref(&one)).await;
    let other = open(&officer, std::slice::from_ref(&two)).await;
    let running = deadline(&officer, &other, "resolve").await;
    assert_eq!(running.1, "pending");
    let merge = |step: &str| {
        let call = officer.post(&path(&into, step));
        call.json(&json!({"case_id": other["id"]})).send()
    };
    merge("/merge").await.expect(200);
    let shown = officer.get(&path(&other, "")).send().await.expect(200);
    assert_eq!(shown["next_due_at"], json!(null));
    let all = officer.get(&path(&other, "/deadlines")).send().await;
    for deadline in all.expect(200)["items"].as_array().unwrap() {
        assert_eq!(deadline["state"], "not_applicable", "{deadline}");
    }
    let tips = json!({"tip_ids": [two]});
    for (method, rest, reply) in [
        (
            "patch",
            "",
            edit(&officer, &other, json!({"title": "x"})).await,
        ),
        (
            "post",
            "/tips",
            officer
                .post(&path(&other, "/tips"))
                .json(&tips)
                .send()
                .await,
        ),
        (
            "delete",
            "/tips",
            officer
                .delete(&path(&other, "/tips"))
                .json(&tips)
                .send()
                .await,
        ),
        (
            "put",
            "/hold",
            officer
                .put(&path(&other, "/hold"))
                .json(&json!({"reason": "Giữ lại."}))
                .send()
                .await,
        ),
    ] {
        assert_eq!(reply.problem(409)["code"], "wrong_state");
        let document: Value = serde_json::from_str(&app::openapi().to_json().unwrap()).unwrap();
        let operation = &document["paths"][format!("/v1/cases/{{id}}{rest}")][method];
        assert!(operation["responses"]["409"].is_object(), "{method} {rest}");
    }
    merge("/unmerge").await.expect(200);
    assert_eq!(deadline(&officer, &other, "resolve").await, running);
}

#[actix_web::test]
async fn an_accept_is_not_undone_once_its_case_is_decided_upon() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let accepted = async |narrative: &str| {
        let id = tip(&t, json!({"narrative": narrative})).await;
        let claim = officer.put(&format!("/v1/tips/{id}/claim"));
        claim.send().await.expect(200);
        let decisions = format!("/v1/tips/{id}/decisions");
        let accept = json!({"decision": "accept", "reason": "signs_of_crime"});
        let taken = officer
            .post(&decisions)
            .json(&accept)
            .send()
            .await
            .expect(200);
        let case = json!({"id": taken["case_id"]});
        let undo = format!("{decisions}/{}", taken["id"].as_str().unwrap());
        (case, undo)
    };
    let prosecute = json!({"decision": "prosecute", "legal_basis": "điều 143 BLTTHS", "document_number": "QĐ-1"});
    let (case, undo) = accepted("một").await;
    decide(&officer, &case, prosecute).await.expect(200);
    let refused = officer.delete(&undo).send().await.problem(409);
    assert_eq!(refused["code"], "not_undoable");
    let kept = officer.get(&path(&case, "")).send().await.expect(200);
    assert_eq!(
        (&kept["state"], &kept["totals"]["tips"]),
        (&json!("decided_prosecute"), &json!(1))
    );
    // Who works on it, and that it is looked into, decides nothing.
    let (case, undo) = accepted("hai").await;
    for decision in ["assign", "verify"] {
        let call = decide(&officer, &case, json!({"decision": decision}));
        call.await.expect(200);
    }
    officer.delete(&undo).send().await.expect(204);
    assert!(t.clock.now() >= at("2026-11-24T01:20:00Z"));
}
