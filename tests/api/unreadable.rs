//! What is sealed and does not open hides nothing but itself.

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use tinbao::auth::Scope;
use tinbao::keys::IdentityKeys;
use tinbao::privacy::rotation;

use crate::referrals::{agency, list, path};
use crate::support::{Client, TestApp};

const POLICE: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::ReportersReveal,
    Scope::ReferralsRead,
    Scope::ReferralsWrite,
];

/// Turns a bit of the identity of one tip, or turns it back.
async fn alter(owner: &mut AsyncPgConnection, tip: &str) {
    let act = format!(
        "update reporter_identities set wrapped_key = set_byte(wrapped_key, 20, get_byte(wrapped_key, 20) # 1)
         where tip_id = '{tip}'"
    );
    let done = diesel::sql_query(act).execute(owner).await.unwrap();
    assert_eq!(done, 1);
}

/// A tip whose narrative an agency is told, and the referral.
async fn shared(t: &TestApp, officer: &Client, name: &str) -> (String, Value) {
    let tip = json!({"narrative": format!("Tôi là {name}, bị lừa chuyển tiền."),
        "location": {"unit_code": "03127"}, "reporter": {"name": name}});
    let sent = t.submit(&tip).await;
    let id = sent["id"].as_str().unwrap().to_owned();
    t.settle().await;
    let body = json!({"kind": "local_followup", "agency": "unit_03127", "tip_id": id,
        "note": "Đề nghị nắm tình hình.", "disclose": ["narrative"]});
    let referral = officer.post("/v1/referrals").json(&body).send().await;
    (id, referral.expect(201))
}

#[actix_web::test]
async fn an_identity_that_does_not_open_hides_nothing_but_itself() {
    let t = TestApp::new().await;
    let officer = t.officer(POLICE);
    let (good, _) = shared(&t, &officer, "Lò Văn Thử").await;
    let (broken, referral) = shared(&t, &officer, "Lò Thị Mẫu").await;
    let mut owner = t.owner().await;
    alter(&mut owner, &broken).await;

    let commune = agency(&t, "unit_03127");
    for reader in [&officer, &commune] {
        let all = list(reader, "").await;
        assert_eq!(all.len(), 2, "{all:?}");
        let told = |one: &Value| one["disclosed"]["narrative"].clone();
        let kept = |one: &Value| one["disclosed"]["narrative_withheld"].clone();
        // Newest first.
        assert_eq!((told(&all[0]), kept(&all[0])), (Value::Null, json!(true)));
        assert_eq!(told(&all[1]), "Tôi là [reporter], bị lừa chuyển tiền.");
        assert_eq!(kept(&all[1]), false);
        assert!(!json!(all).to_string().contains("Mẫu"));
    }
    // The agency answers as always.
    for step in ["/acknowledge", "/complete"] {
        let answer = commune.post(&path(&referral, step));
        let answer = answer.json(&json!({"outcome": "done"})).send().await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    }

    let register = "/v1/register?year=2026&purpose=b%C3%A1o%20c%C3%A1o";
    let page = officer.get(register).send().await.expect(200);
    let rows = page["items"].as_array().unwrap();
    let row = |tip: &str| rows.iter().find(|row| row["tip_id"] == tip).unwrap();
    assert_eq!(row(&good)["reporter_name"], "Lò Văn Thử");
    assert_eq!(row(&broken)["reporter_name"], "[unreadable]");
    assert_eq!(row(&broken)["reveal_id"], Value::Null);
    let csv = officer.get(register).header("Accept", "text/csv");
    let csv = csv.send().await.text();
    assert!(
        csv.contains("Lò Văn Thử") && csv.contains("[unreadable]"),
        "{csv}"
    );

    // The submission of the same tip opens; only the identity itself does not.
    let tip = format!("/v1/tips/{broken}");
    let claim = officer.put(&format!("{tip}/claim"));
    claim.send().await.expect(200);
    let why = json!({"purpose": "Gọi lại để hỏi"});
    let whole = officer.post(&format!("{tip}/submission/reveal"));
    let whole = whole.json(&why).send().await;
    assert!(whole.text().contains("Lò Thị Mẫu"), "{}", whole.text());
    let identity = officer.post(&format!("{tip}/reporter/reveal"));
    let identity = identity.json(&why).send().await.problem(409);
    assert_eq!(identity["code"], "sealed_unreadable");
}

#[actix_web::test]
async fn a_rotation_passes_over_what_does_not_open_and_names_it() {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for n in 0..3 {
        let tip = json!({"narrative": "x", "reporter": {"name": format!("người báo tin {n}")}});
        tips.push(t.submit(&tip).await["id"].as_str().unwrap().to_owned());
    }
    let mut owner = t.owner().await;
    alter(&mut owner, &tips[1]).await;
    let act = format!(
        "update submissions set wrapped_key = set_byte(wrapped_key, 20, get_byte(wrapped_key, 20) # 1)
         where tip_id = '{}'",
        tips[2]
    );
    diesel::sql_query(act).execute(&mut owner).await.unwrap();

    let old = t.running.state.keys.identity.to_text();
    let fresh = IdentityKeys::generate("k2").to_text();
    let ring = IdentityKeys::parse(&format!("{fresh}\n{old}")).unwrap();
    let mut conn = t.running.state.db.get().await.unwrap();
    let done = rotation::turn(&mut conn, &ring, |_| ()).await.unwrap();
    assert_eq!(done.total, 4, "all but two of six");
    let tables: Vec<&str> = done.broken.iter().map(|(table, _)| *table).collect();
    assert_eq!(tables, ["reporter_identities", "submissions"]);
    assert_eq!(done.broken[0].1.to_string(), tips[1]);
    assert_eq!(rotation::left(&mut conn, &ring).await.unwrap(), 2);
    // Put back from a backup, the next run turns it, and finds what is still broken again.
    alter(&mut owner, &tips[1]).await;
    let again = rotation::turn(&mut conn, &ring, |_| ()).await.unwrap();
    assert_eq!((again.total, again.broken.len()), (1, 1));
}
