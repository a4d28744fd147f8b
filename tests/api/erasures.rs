//! What was erased on request is erased again after an older backup was restored.

use serde_json::{Value, json};
use tinbao::auth::Scope;
use tinbao::journal::Actor;
use tinbao::privacy::{self, Purger};

use crate::support::{TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

async fn done(t: &TestApp, sql: &str) {
    let mut owner = t.owner().await;
    let query = diesel::sql_query(sql);
    diesel_async::RunQueryDsl::execute(query, &mut owner)
        .await
        .unwrap();
}

/// Keeps what an erasure destroys, as a backup does.
async fn back_up(t: &TestApp) {
    for table in ["reporter_identities", "submissions", "tip_states"] {
        done(t, &format!("create table kept_{table} as table {table}")).await;
    }
}

async fn restore(t: &TestApp) {
    for sql in [
        "delete from reporter_identities",
        "insert into reporter_identities table kept_reporter_identities",
        "update submissions s set wrapped_key = k.wrapped_key, sealed = k.sealed
         from kept_submissions k where k.id = s.id",
        "update tip_states s set anonymised_at = k.anonymised_at
         from kept_tip_states k where k.tip_id = s.tip_id",
        "update tips set anonymous = false",
    ] {
        done(t, sql).await;
    }
}

async fn named_tip(t: &TestApp) -> (String, String) {
    let body = json!({"narrative": "Lừa đảo", "reporter": {"name": "Lò Thị Mẫu", "phone": "0900 000 001"}});
    let tip = t.submit(&body).await;
    let text = |name: &str| tip[name].as_str().unwrap().to_owned();
    (text("id"), text("receipt"))
}

async fn revealed(t: &TestApp, id: &str) -> u16 {
    let officer = t.officer(OFFICER);
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let reveal = officer.post(&format!("/v1/tips/{id}/reporter/reveal"));
    let reveal = reveal.json(&json!({"purpose": "Gọi lại để hỏi"}));
    reveal.send().await.status.as_u16()
}

#[actix_web::test]
async fn an_erasure_outlives_the_restore_of_an_older_backup() {
    let t = TestApp::new().await;
    let (id, receipt) = named_tip(&t).await;
    let (other, _) = named_tip(&t).await;
    let (in_case, _) = named_tip(&t).await;
    back_up(&t).await;
    let erase = t.anyone().delete("/v1/receipt/reporter");
    let erase = erase.header("Tip-Receipt", &receipt).send().await;
    assert_eq!(erase.status.as_u16(), 204);
    assert_eq!(revealed(&t, &id).await, 404);

    let state = &t.running.state;
    let purger = Purger {
        storage: &state.storage,
        actor: &Actor::system(),
        now: t.clock.now(),
    };
    let mut conn = state.db.get().await.unwrap();
    // What he adds afterwards stays.
    t.clock.advance(std::time::Duration::from_secs(60));
    let addition = json!({"reporter": {"phone": "0900 000 002"}});
    let add = t.anyone().patch("/v1/receipt");
    let add = add.header("Tip-Receipt", &receipt).json(&addition);
    add.send().await.expect(200);
    assert_eq!(revealed(&t, &id).await, 200);
    let unseen = privacy::unseen_erasures(&mut conn, &purger).await.unwrap();
    assert_eq!(unseen, [], "this database knows it");

    restore(&t).await;
    assert_eq!(revealed(&t, &id).await, 200, "the backup has it");
    let replayed = privacy::replay_erasures(&mut conn, &purger, None)
        .await
        .unwrap();
    assert_eq!((replayed.erased, replayed.kept.len()), (1, 0));
    assert_eq!(revealed(&t, &id).await, 404);
    assert_eq!(revealed(&t, &other).await, 200, "nobody else");
    let sealed = format!(
        "select id::text as cell from submissions where tip_id = '{id}' and sealed is not null"
    );
    assert!(rows(&t, &sealed).await.is_empty());
    let again = privacy::replay_erasures(&mut conn, &purger, None)
        .await
        .unwrap();
    assert_eq!(again.erased, 0);

    // A whole tip, and one that belongs to a case by now.
    let officer = t.officer(OFFICER);
    let claim = officer.put(&format!("/v1/tips/{in_case}/claim"));
    claim.send().await.expect(200);
    let decide = officer.post(&format!("/v1/tips/{in_case}/decisions"));
    let accept = json!({"decision": "accept", "reason": "signs_of_crime"});
    decide.json(&accept).send().await.expect(200);
    for (tip, whole) in [(&other, true), (&in_case, false)] {
        let noted = state
            .storage
            .note_erasure(tip.parse().unwrap(), whole, t.clock.now());
        noted.await.unwrap();
    }
    let replayed = privacy::replay_erasures(&mut conn, &purger, None)
        .await
        .unwrap();
    assert_eq!(replayed.erased, 1);
    assert_eq!(replayed.kept, [in_case.parse::<uuid::Uuid>().unwrap()]);
    let gone: Value = officer
        .get(&format!("/v1/tips/{other}"))
        .send()
        .await
        .problem(404);
    assert_eq!(gone["code"], "not_found");
    t.settle().await;
}

#[actix_web::test]
async fn an_erasure_is_noted_before_it_is_done_and_one_that_is_refused_not_at_all() {
    let t = TestApp::new().await;
    let erase = async |receipt: &str| {
        let call = t.anyone().delete("/v1/receipt/reporter");
        call.header("Tip-Receipt", receipt).send().await
    };
    let noted = async || t.running.state.storage.erasures().await.unwrap().len();
    let (in_case, kept) = named_tip(&t).await;
    let officer = t.officer(OFFICER);
    let claim = officer.put(&format!("/v1/tips/{in_case}/claim"));
    claim.send().await.expect(200);
    let decide = officer.post(&format!("/v1/tips/{in_case}/decisions"));
    let accept = json!({"decision": "accept", "reason": "signs_of_crime"});
    decide.json(&accept).send().await.expect(200);
    assert_eq!(erase(&kept).await.problem(409)["code"], "retained_by_law");
    let (open, receipt) = named_tip(&t).await;
    let admin = t.officer(&[Scope::Admin]);
    let request = admin.post("/v1/privacy/requests");
    let request = request.json(&json!({"kind": "erasure", "tip_id": open}));
    let request = request.send().await.expect(201);
    let decide = format!(
        "/v1/privacy/requests/{}/decide",
        request["id"].as_str().unwrap()
    );
    let granted = json!({"decision": "granted", "extent": "tip", "reason": "Theo yêu cầu"});
    let other = t.named_officer("other-admin", &[Scope::Admin]);
    let refused = other.post(&decide).json(&granted).send().await.problem(409);
    assert_eq!(refused["code"], "retained_by_law", "not decided yet");
    assert_eq!(noted().await, 0);

    // Where the store is away nothing is erased that a restored backup would bring back.
    let folder = crate::evidence::folder(&t);
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "away").unwrap();
    erase(&receipt).await.problem(503);
    assert_eq!(revealed(&t, &open).await, 200);
    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(erase(&receipt).await.status.as_u16(), 204);
    assert_eq!(noted().await, 1);
    assert_eq!(revealed(&t, &open).await, 404);
}
