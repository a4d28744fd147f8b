//! What is left of a reporter once erased, and what is never written down of one.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::archives::zipped;
use crate::evidence::{PLACE, file, holds, jpeg, upload};
use crate::followup::{TRIAGE, accept, tip};
use crate::support::{Reply, TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

async fn sent(t: &TestApp, body: &Value) -> (String, String, Value) {
    let tip = t.submit(body).await;
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
    let asked = json!({"text": "Người Báo Tin xem giúp số 0169 123 4567."});
    let written = officer.post(&format!("/v1/tips/{id}/messages"));
    written.json(&asked).send().await.expect(201);
    let note = officer.post(&format!("/v1/tips/{id}/notes"));
    let noted = json!({"text": "Gọi Người Báo Tin theo 0912 345 678, hẹn 9 giờ."});
    note.json(&noted).send().await.expect(201);
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let decide = officer.post(&format!("/v1/tips/{id}/decisions"));
    let decided = json!({"decision": "dismiss", "reason": "insufficient",
        "note": "Đã gặp Người Báo Tin, chưa đủ căn cứ."});
    decide.json(&decided).send().await.expect(200);
    erase(&t, &receipt).await.expect(204);

    let texts = rows(&t, "select text as cell from tip_messages order by id").await;
    assert_eq!(
        texts,
        [
            "Em là [reporter], gọi [phone] hoặc [email].",
            "Nhà ở [address].",
            "Nó gọi từ 0169 123 4567, thư lua@example.com, stk 0011002233445.",
            "Anh gọi lại lúc nào?",
            "[reporter] xem giúp số 0169 123 4567.",
        ]
    );
    let officers = "select text as cell from tip_notes union all select note from tip_decisions";
    assert_eq!(
        rows(&t, officers).await,
        [
            "Gọi [reporter] theo [phone], hẹn 9 giờ.",
            "Đã gặp [reporter], chưa đủ căn cứ.",
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
    let app = zipped(&[
        ("AndroidManifest.xml", b"x"),
        ("classes.dex", b"the scammer's"),
    ]);
    let photos = zipped(&[("a.jpg", &jpeg())]);
    for content in [jpeg(), app, photos] {
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
    let refused = reveal(&files[2]).await.problem(409);
    assert_eq!(
        refused["code"], "wrong_state",
        "photos that were packed are photos"
    );
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

#[actix_web::test]
async fn erasing_a_reporter_forgets_who_was_counted_for_an_indicator() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "Lừa đảo", "indicators": [{"kind": "phone", "value": "0369123456"}],
        "reporter": {"phone": "0912345678"}});
    let mut receipts = Vec::new();
    for _ in 0..2 {
        receipts.push(tip(&t, &body).await.1);
    }
    t.settle().await;
    let counted = "select count(*)::text as cell from indicator_reporters";
    assert_eq!(rows(&t, counted).await, ["1"]);
    for (receipt, left) in receipts.iter().zip(["1", "0"]) {
        let erase = t.anyone().delete("/v1/receipt/reporter");
        let erase = erase.header("Tip-Receipt", receipt);
        erase.send().await.expect(204);
        assert_eq!(rows(&t, counted).await, [left]);
    }
}

#[actix_web::test]
async fn erasing_destroys_identity_index_and_keys_but_not_what_the_law_keeps() {
    let t = TestApp::new().await;
    let reporter =
        json!({"narrative": "Lừa đảo", "reporter": {"name": "Lò Văn Thử", "phone": "0912345678"}});
    let (id, receipt) = tip(&t, &reporter).await;
    let erase = |receipt: &str| {
        t.anyone()
            .delete("/v1/receipt/reporter")
            .header("Tip-Receipt", receipt)
            .send()
    };
    let sealed =
        "select (sealed is not null)::text || (wrapped_key is not null) as cell from submissions";
    assert_eq!(rows(&t, sealed).await, ["truetrue"]);
    erase(&receipt).await.expect(204);
    erase(&receipt).await.expect(204);
    assert_eq!(rows(&t, sealed).await, ["falsefalse"]);
    for table in ["reporter_identities", "reporter_blind_indexes"] {
        let count = rows(&t, &format!("select count(*)::text as cell from {table}")).await;
        assert_eq!(count, ["0"], "{table}");
    }
    let officer = t.officer(TRIAGE);
    let kept = officer
        .get(&format!("/v1/tips/{id}/submission"))
        .send()
        .await
        .expect(200);
    assert_eq!(kept["body"]["reporter"], "[withheld]");
    assert_eq!(kept["digest"].as_str().unwrap().len(), 64);

    let (id, receipt) = tip(&t, &reporter).await;
    accept(&t, &id).await;
    let refused = erase(&receipt).await.problem(409);
    assert_eq!(refused["code"], "retained_by_law");
    assert!(refused["detail"].as_str().unwrap().contains("BLTTHS"));
    let withdraw = t
        .anyone()
        .post("/v1/receipt/withdraw")
        .header("Tip-Receipt", &receipt);
    assert_eq!(
        withdraw.send().await.problem(409)["code"],
        "retained_by_law"
    );
    assert_eq!(
        rows(&t, "select count(*)::text as cell from reporter_identities").await,
        ["1"]
    );
}

#[actix_web::test]
async fn a_hold_alone_keeps_the_reporter_of_a_tip_that_is_in_no_case_any_more() {
    let t = TestApp::new().await;
    let (id, receipt, _) = sent(
        &t,
        &json!({"narrative": "Lừa đảo", "reporter": {"name": "Người Báo Tin"}}),
    )
    .await;
    accept(&t, &id).await;
    let officer = t.officer(Scope::ALL);
    let case = officer.get("/v1/cases").send().await.expect(200)["items"][0]["id"].clone();
    let path = format!("/v1/cases/{}", case.as_str().unwrap());
    let hold = officer.put(&format!("{path}/hold"));
    let why = json!({"reason": "Viện kiểm sát yêu cầu."});
    hold.json(&why).send().await.expect(200);
    let out = officer.delete(&format!("{path}/tips"));
    out.json(&json!({"tip_ids": [id]})).send().await.expect(200);
    let tip = officer
        .get(&format!("/v1/tips/{id}"))
        .send()
        .await
        .expect(200);
    assert_eq!(tip["case_id"], Value::Null);
    let identities =
        async || rows(&t, "select count(*)::text as cell from reporter_identities").await;
    let refused = erase(&t, &receipt).await.problem(409);
    assert_eq!(refused["code"], "retained_by_law", "{refused}");
    assert_eq!(identities().await, ["1"]);

    // It is the hold: once two have lifted it, the reporter may go.
    officer
        .delete(&format!("{path}/hold"))
        .send()
        .await
        .expect(202);
    let second = t.named_officer("admin-2", &[Scope::Admin]);
    let lifted = second.post(&format!("{path}/hold/approve")).send().await;
    assert_eq!(lifted.expect(200)["hold"], Value::Null);
    erase(&t, &receipt).await.expect(204);
    assert_eq!(identities().await, ["0"]);
}
