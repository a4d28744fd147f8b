//! Persons who are looked for stay when whoever reported has erased what was sent, until the ground ends.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

async fn reveal(officer: &Client, tip: &str, status: u16) -> Value {
    let path = format!("/v1/tips/{tip}/potential-victims/reveal");
    let why = json!({"purpose": "Tìm người mất liên lạc"});
    let call = officer.post(&path).json(&why).send().await;
    match status {
        200 => call.expect(200),
        other => call.problem(other),
    }
}

fn names(revealed: &Value) -> Vec<&str> {
    let persons = revealed["potential_victims"].as_array().unwrap();
    persons
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn who_is_looked_for_outlives_the_informers_erasure_until_the_ground_ends() {
    let t = TestApp::new().await;
    let told = json!({"narrative": "Có người rủ sang Lào.", "method": "overseas_easy_job",
        "reporter": {"name": "Người Báo Tin"},
        "potential_victims": [{"name": "Giàng A Thử", "phone": "0912345678"}]});
    let (kept, other) = (t.submit(&told).await, t.submit(&told).await);
    let officer = t.officer(OFFICER);
    let ids = [&kept, &other].map(|tip| tip["id"].as_str().unwrap().to_owned());
    for id in &ids {
        officer
            .put(&format!("/v1/tips/{id}/claim"))
            .send()
            .await
            .expect(200);
    }
    let ground = format!("/v1/tips/{}/potential-victims/ground", ids[0]);
    let why = json!({"ground": "Đang tìm kiếm."});
    officer.put(&ground).json(&why).send().await.expect(200);
    assert_eq!(
        names(&reveal(&officer, &ids[0], 200).await),
        ["Giàng A Thử"],
        "once, not twice"
    );
    // Who is named after the ground was recorded is looked for as well.
    let receipt = |tip: &Value| tip["receipt"].as_str().unwrap().to_owned();
    let add = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", &receipt(&kept));
    let more =
        json!({"narrative": "Đi cùng người nữa.", "potential_victims": [{"name": "Vàng Thị Mẫu"}]});
    add.json(&more).send().await.expect(200);
    for tip in [&kept, &other] {
        let erase = t.anyone().delete("/v1/receipt/reporter");
        let erase = erase.header("Tip-Receipt", &receipt(tip)).send().await;
        erase.expect(204);
    }
    t.settle().await;
    let left = rows(
        &t,
        "select count(*)::text as cell from submissions where sealed is not null",
    )
    .await;
    assert_eq!(left, ["0"], "what was sent is gone");
    let dump = crate::support::dump(&t).await;
    assert!(!dump.contains("Vàng Thị Mẫu"), "and who is kept is sealed");
    for id in &ids {
        officer
            .put(&format!("/v1/tips/{id}/claim"))
            .send()
            .await
            .expect(200);
    }
    let revealed = reveal(&officer, &ids[0], 200).await;
    assert_eq!(names(&revealed), ["Giàng A Thử", "Vàng Thị Mẫu"]);
    assert_eq!(revealed["erase_at"], Value::Null);
    assert_eq!(reveal(&officer, &ids[1], 409).await["code"], "wrong_state");
    // The keys of the service are changed, and they still open.
    let state = &t.running.state;
    let fresh = tinbao::keys::IdentityKeys::generate("k77").to_text();
    let ring = format!("{fresh}\n{}", state.keys.identity.to_text());
    let ring = tinbao::keys::IdentityKeys::parse(&ring).unwrap();
    let mut conn = state.db.get().await.unwrap();
    let turned = tinbao::privacy::rotation::turn(&mut conn, &ring, |_| ()).await;
    assert!(turned.unwrap().broken.is_empty());
    let tip: uuid::Uuid = ids[0].parse().unwrap();
    let fresh = tinbao::keys::IdentityKeys::parse(&fresh).unwrap();
    let persons = tinbao::tips::victims::kept(&mut conn, &fresh, tip).await;
    assert_eq!(persons.unwrap().len(), 2);
    drop(conn);

    officer.delete(&ground).send().await.expect(204);
    officer.delete(&ground).send().await.problem(404);
    assert_eq!(reveal(&officer, &ids[0], 409).await["code"], "wrong_state");
    t.settle().await;
    let audit = t.officer(&[Scope::AuditRead]);
    let ended = audit
        .get("/v1/audit?type=potential_victims.ground_ended")
        .send()
        .await;
    assert_eq!(ended.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_tip_whose_persons_are_looked_for_is_not_erased_as_a_whole() {
    let t = TestApp::new().await;
    let told = json!({"narrative": "Rủ sang Lào.", "method": "overseas_easy_job",
        "potential_victims": [{"name": "Giàng A Thử"}]});
    let tip = t.submit(&told).await;
    let id = tip["id"].as_str().unwrap();
    let officer = t.officer(OFFICER);
    officer
        .put(&format!("/v1/tips/{id}/claim"))
        .send()
        .await
        .expect(200);
    let ground = format!("/v1/tips/{id}/potential-victims/ground");
    officer
        .put(&ground)
        .json(&json!({"ground": "Đang tìm kiếm."}))
        .send()
        .await
        .expect(200);
    let dismiss = json!({"decision": "dismiss", "reason": "insufficient"});
    let decide = officer.post(&format!("/v1/tips/{id}/decisions"));
    decide.json(&dismiss).send().await.expect(200);
    t.settle().await;
    let ask = t.anyone().post("/v1/privacy/requests");
    let ask = ask.header("Tip-Receipt", tip["receipt"].as_str().unwrap());
    let asked = ask
        .json(&json!({"kind": "erasure"}))
        .send()
        .await
        .expect(201);
    let admin = t.officer(&[Scope::Admin]);
    let path = format!(
        "/v1/privacy/requests/{}/decide",
        asked["id"].as_str().unwrap()
    );
    let grant = json!({"decision": "granted", "reason": "Đã xoá.", "extent": "tip"});
    let refused = admin.post(&path).json(&grant).send().await.problem(409);
    assert_eq!(refused["code"], "retained_by_law");
    officer.delete(&ground).send().await.expect(204);
    admin.post(&path).json(&grant).send().await.expect(200);
}
