//! Identities in the register: sealed, or shown by a reveal that is kept.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::followup::tip;
use crate::support::{TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];
/// "Bàn giao sổ cho Lò Bí Mật".
const PURPOSE: &str =
    "purpose=B%C3%A0n%20giao%20s%E1%BB%95%20cho%20L%C3%B2%20B%C3%AD%20M%E1%BA%ADt%200900000001";

#[actix_web::test]
async fn the_register_keeps_whoever_asked_for_secrecy_sealed_until_a_second_officer_approves() {
    let t = TestApp::new().await;
    let secret = json!({"narrative": "Lừa đảo",
        "reporter": {"name": "Lò Bí Mật", "phone": "0900000001", "keep_secret": true}});
    let why = json!({"purpose": "Gọi lại để hỏi số tài khoản"});
    let second = t.named_officer("second", OFFICER);
    let approve = async |reveal: &Value| {
        let path = format!("/v1/reveals/{}/approve", reveal["id"].as_str().unwrap());
        second.post(&path).send().await.expect(200);
    };
    let (hidden, _) = tip(&t, &secret).await;
    tip(
        &t,
        &json!({"narrative": "x", "reporter": {"name": "Lò Thị Mẫu"}}),
    )
    .await;
    tip(&t, &json!({"narrative": "ẩn danh"})).await;
    t.settle().await;
    let officer = t.officer(OFFICER);
    let names = |page: &Value| -> Vec<Value> {
        let all = page["items"].as_array().unwrap();
        all.iter().map(|row| row["reporter_name"].clone()).collect()
    };
    let register = format!("/v1/register?year=2026&{PURPOSE}");
    let page = officer.get(&register).send().await.expect(200);
    assert_eq!(
        names(&page),
        [json!("[sealed]"), json!("Lò Thị Mẫu"), Value::Null]
    );
    let revealed =
        "select data::text as cell from journal where type = 'reporter.revealed' order by id";
    t.settle().await;
    assert_eq!(
        rows(&t, revealed).await.len(),
        1,
        "one entry for each identity that was shown"
    );

    let claim = officer.put(&format!("/v1/tips/{hidden}/claim"));
    claim.send().await.expect(200);
    let path = format!("/v1/tips/{hidden}/reporter/reveal");
    let asked = officer.post(&path).json(&why).send().await.expect(202);
    approve(&asked).await;
    let page = officer.get(&register).send().await.expect(200);
    assert_eq!(
        names(&page)[0],
        "[sealed]",
        "it was approved for another purpose"
    );
    let handing_over = json!({"purpose": "Bàn giao sổ cho Lò Bí Mật 0900000001"});
    let asked = officer.post(&path).json(&handing_over).send().await;
    let asked = asked.expect(202);
    let page = officer.get(&register).send().await.expect(200);
    assert_eq!(names(&page)[0], "[sealed]", "asking is not enough");
    approve(&asked).await;
    let page = officer.get(&register).send().await.expect(200);
    assert_eq!(names(&page)[0], "Lò Bí Mật");
    assert_eq!(page["items"][0]["reveal_id"], asked["id"]);
    let other = t.named_officer("other", OFFICER);
    let page = other.get(&register).send().await.expect(200);
    assert_eq!(
        names(&page)[0],
        "[sealed]",
        "it was approved for one officer"
    );
    t.clock.advance(Duration::from_secs(3_601));
    let page = officer.get(&register).send().await.expect(200);
    assert_eq!(names(&page)[0], "[sealed]", "an approval lasts an hour");
    t.settle().await;
    let entries = rows(&t, revealed).await.join("\n");
    assert!(entries.contains("second"), "{entries}");
    for planted in ["Bí Mật", "0900000001"] {
        assert!(
            !entries.contains(planted),
            "the journal is never rewritten: {entries}"
        );
    }
}

#[actix_web::test]
async fn what_the_register_shows_is_a_reveal_like_any_other() {
    let t = TestApp::new().await;
    let named = json!({"narrative": "x", "reporter": {"name": "Lò Bí Mật", "phone": "0900000001"}});
    let first = t.submit(&named).await;
    let mut secret = named.clone();
    secret["reporter"]["keep_secret"] = json!(true);
    let secret = t.submit(&secret).await;
    t.submit(&json!({"narrative": "ẩn danh"})).await;
    t.settle().await;
    let scopes = [Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];
    let officer = t.officer(&scopes);
    let reveals = async || {
        let page = officer.get("/v1/reveals").send().await.expect(200);
        page["items"].as_array().unwrap().clone()
    };
    let without = officer.get("/v1/register").send().await.expect(200);
    assert_eq!(without["items"][0]["reveal_id"], json!(null));
    assert!(reveals().await.is_empty(), "nothing was shown");

    // The purpose names a reporter: not in what is kept.
    let path = "/v1/register?purpose=ban+giao+so+cho+L%C3%B2+B%C3%AD+M%E1%BA%ADt+0900000001";
    let page = officer.get(path).send().await.expect(200);
    let ids: Vec<_> = (0..3).map(|n| &page["items"][n]["reveal_id"]).collect();
    assert!(
        ids[0].is_string() && ids[1].is_null() && ids[2].is_null(),
        "{page}"
    );
    let listed = reveals().await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    let shown = [
        &listed[0]["id"],
        &listed[0]["tip_id"],
        &listed[0]["status"],
        &listed[0]["subject"],
    ];
    assert_eq!(
        shown,
        [ids[0], &first["id"], &json!("shown"), &json!("identity")]
    );
    let purpose = listed[0]["purpose"].as_str().unwrap();
    assert!(
        purpose.starts_with("ban giao so")
            && !purpose.contains("Mật")
            && !purpose.contains("0900000001"),
        "{purpose}"
    );

    // Where a second officer has agreed, it is that reveal.
    let tip = format!("/v1/tips/{}", secret["id"].as_str().unwrap());
    officer
        .put(&format!("{tip}/claim"))
        .send()
        .await
        .expect(200);
    let ask = officer.post(&format!("{tip}/reporter/reveal"));
    let waiting = ask.json(&json!({"purpose": "Gọi lại"})).send().await;
    let waiting = waiting.expect(202)["id"].clone();
    let approve = format!("/v1/reveals/{}/approve", waiting.as_str().unwrap());
    let second = t.named_officer("second", &scopes);
    second.post(&approve).send().await.expect(200);
    let page = officer.get(path).send().await.expect(200);
    assert_eq!(
        (
            &page["items"][1]["reveal_id"],
            &page["items"][1]["reporter_name"]
        ),
        (&json!(null), &json!("[sealed]")),
        "it was approved for another purpose"
    );
    assert_eq!(
        page["items"][0]["reveal_id"], listed[0]["id"],
        "for the same purpose it is the same reveal"
    );
    assert_eq!(reveals().await.len(), 2);
    let called = "/v1/register?purpose=G%E1%BB%8Di+l%E1%BA%A1i";
    let page = officer.get(called).send().await.expect(200);
    assert_eq!(page["items"][1]["reveal_id"], waiting);
    assert_eq!(page["items"][1]["reporter_name"], "Lò Bí Mật");
    let again = page["items"][0]["reveal_id"].clone();
    assert_ne!(again, listed[0]["id"], "for another it is another");
    assert_eq!(reveals().await.len(), 3);
    let csv = officer.get(called).header("Accept", "text/csv");
    let csv = csv.send().await;
    let mut csv = csv::Reader::from_reader(&csv.bytes[3..]);
    let last = csv.headers().unwrap().len() - 1;
    assert_eq!(csv.headers().unwrap().get(last), Some("reveal_id"));
    let cells: Vec<String> = csv
        .records()
        .map(|row| row.unwrap()[last].to_owned())
        .collect();
    assert_eq!(
        cells,
        [again.as_str().unwrap(), waiting.as_str().unwrap(), ""]
    );
    // After an hour it is shown anew.
    t.clock.advance(Duration::from_secs(3_601));
    let page = officer.get(called).send().await.expect(200);
    assert_ne!(page["items"][0]["reveal_id"], again);
    assert_eq!(page["items"][1]["reporter_name"], "[sealed]");
    assert_eq!(reveals().await.len(), 4);

    // Timeline and audit name the same.
    t.settle().await;
    let timeline = officer
        .get(&format!("{tip}/timeline"))
        .send()
        .await
        .expect(200);
    let entries = timeline["items"].as_array().unwrap().iter();
    let revealed: Vec<_> = entries
        .filter(|e| e["type"] == "reporter.revealed")
        .collect();
    assert_eq!(revealed.len(), 2, "{timeline}");
    for entry in revealed {
        assert_eq!(entry["data"]["reveal_id"], waiting, "{timeline}");
        assert_eq!(entry["data"]["purpose"], "Gọi lại", "{timeline}");
    }
    let auditor = t.officer(&[Scope::AuditRead]);
    let audit = auditor.get("/v1/audit?type=reporter.revealed").send().await;
    let audit = audit.expect(200)["items"].as_array().unwrap().clone();
    let mut told: Vec<String> = audit
        .iter()
        .map(|e| e["data"]["reveal_id"].to_string())
        .collect();
    told.sort();
    told.dedup();
    let mut kept: Vec<String> = reveals()
        .await
        .iter()
        .map(|r| r["id"].to_string())
        .collect();
    kept.sort();
    assert_eq!(told, kept);
}
