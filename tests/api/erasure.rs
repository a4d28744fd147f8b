//! What is left of a reporter once erased, and what is never written down of one.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::evidence::{PLACE, file, holds, jpeg, upload};
use crate::support::{Reply, TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

async fn sent(t: &TestApp, body: &Value) -> (String, String, Value) {
    let tip = t.citizen().post("/v1/tips").json(body).send().await;
    let tip = tip.expect(201);
    let text = |name: &str| tip[name].as_str().unwrap().to_owned();
    (text("id"), text("receipt"), tip)
}

async fn erase(t: &TestApp, receipt: &str) -> Reply {
    let erase = t.anyone().delete("/v1/receipt/reporter");
    erase.header("Tip-Receipt", receipt).send().await
}

#[actix_web::test]
async fn what_a_reporter_wrote_to_officers_names_nobody_once_erased() {
    let t = TestApp::new().await;
    let reporter = json!({"narrative": "Lừa đảo", "reporter": {"name": "Người Báo Tin",
        "phone": "0912345678", "email": "Bao.Tin@example.vn", "national_id": "011099887755",
        "address": "Tổ 5, phường Mường Thanh"}});
    let (id, receipt, _) = sent(&t, &reporter).await;
    let write = async |text: &str| {
        let write = t.anyone().post("/v1/receipt/messages");
        let write = write.header("Tip-Receipt", &receipt);
        write.json(&json!({"text": text})).send().await.expect(201);
    };
    write("Em là nguoi bao tin, gọi +84 912.345.678 hoặc bao.tin@example.vn.").await;
    write("Nhà ở tổ 5 phường mường thanh.").await;
    write("Nó gọi từ 0169 123 4567, thư lua@example.com, stk 0011002233445.").await;
    let officer = t.officer(OFFICER);
    let written = officer.post(&format!("/v1/tips/{id}/messages"));
    let asked = json!({"text": "Anh gọi lại lúc nào?"});
    written.json(&asked).send().await.expect(201);
    erase(&t, &receipt).await.expect(204);

    let texts = rows(&t, "select text as cell from tip_messages order by id").await;
    assert_eq!(
        texts,
        [
            "Em là [reporter], gọi [phone] hoặc [email].",
            "Nhà ở [address].",
            "Nó gọi từ 0169 123 4567, thư lua@example.com, stk 0011002233445.",
            "Anh gọi lại lúc nào?",
        ]
    );
    let read = officer.get(&format!("/v1/tips/{id}/messages")).send().await;
    let read = read.expect(200).to_string();
    assert!(read.contains("[reporter]"), "{read}");
    assert!(!read.contains("912.345"), "{read}");
    erase(&t, &receipt).await.expect(204);
}

#[actix_web::test]
async fn originals_that_may_tell_who_reported_are_shown_no_more_once_erased() {
    let t = TestApp::new().await;
    let reporter = json!({"narrative": "Lừa đảo", "reporter": {"name": "Người Báo Tin"}});
    let (id, receipt, _) = sent(&t, &reporter).await;
    let mut files = Vec::new();
    for content in [jpeg(), b"PK\x03\x04 an app of the scammer's".to_vec()] {
        let added = upload(&t, &receipt, file(&content)).await.expect(201);
        files.push(added["id"].as_str().unwrap().to_owned());
    }
    let officer = t.officer(OFFICER);
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let reveal = async |file: &str| {
        let path = format!("/v1/tips/{id}/attachments/{file}/reveal");
        let reveal = officer.post(&path);
        let purpose = json!({"purpose": "Xem ảnh gốc"});
        reveal.json(&purpose).send().await
    };
    let original = reveal(&files[0]).await;
    original.expect(200);
    assert!(holds(&original.bytes, PLACE));

    erase(&t, &receipt).await.expect(204);
    let refused = reveal(&files[0]).await.problem(409);
    assert_eq!(refused["code"], "wrong_state", "{refused}");
    let copy = officer.get(&format!("/v1/tips/{id}/attachments/{}", files[0]));
    let copy = copy.send().await;
    copy.expect(200);
    assert!(!holds(&copy.bytes, PLACE) && copy.header("metadata-removed") == "true");
    reveal(&files[1]).await.expect(200);
}

#[actix_web::test]
async fn names_of_members_below_a_person_are_told_to_the_sender_and_kept_nowhere() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "x", "favourite_colour": "xanh",
        "reporter": {"Zmarkname": "Zmarkname", "name": "Người Báo Tin", "Zmark0969555111": 1},
        "REPORTER": {"sdt": "0969555222"},
        "potential_victims": [{"Zmarkvictim": "x"}]});
    let (id, receipt, answer) = sent(&t, &body).await;
    let pointers = |warnings: &Value| {
        let warnings = warnings.as_array().unwrap().iter();
        let pointers = warnings.map(|w| w["pointer"].as_str().unwrap().to_owned());
        let mut pointers: Vec<String> = pointers.collect();
        pointers.sort();
        pointers
    };
    assert_eq!(
        pointers(&answer["warnings"]),
        [
            "/REPORTER",
            "/favourite_colour",
            "/potential_victims/0/Zmarkvictim",
            "/reporter/Zmark0969555111",
            "/reporter/Zmarkname",
        ]
    );
    let officer = t.officer(OFFICER);
    let view = officer.get(&format!("/v1/tips/{id}")).send().await;
    let view = view.expect(200);
    let kept = [
        "/REPORTER",
        "/favourite_colour",
        "/potential_victims",
        "/reporter",
    ];
    assert_eq!(pointers(&view["warnings"]), kept, "{view}");
    let more = json!({"reporter": {"Zmarklater": "x"}});
    let amend = t.anyone().patch("/v1/receipt");
    let amend = amend.header("Tip-Receipt", &receipt);
    let amended = amend.json(&more).send().await.expect(200);
    assert_eq!(pointers(&amended["warnings"]), ["/reporter/Zmarklater"]);
    t.settle().await;
    for table in ["tips", "tip_states", "journal", "submissions"] {
        let found =
            format!("select count(*)::text as cell from {table} x where x::text ilike '%zmark%'");
        assert_eq!(rows(&t, &found).await, ["0"], "{table}");
    }
    let submission = officer.get(&format!("/v1/tips/{id}/submission"));
    let submission = submission.send().await.expect(200);
    assert_eq!(submission["body"]["REPORTER"], "[withheld]", "{submission}");
}
