//! What is sealed stays so: in the register for whoever asked for secrecy, and for no longer than the law allows.

use std::time::Duration;

use diesel_async::AsyncPgConnection;
use serde_json::{Value, json};
use tinbao::auth::Scope;
use tinbao::keys::IdentityKeys;
use tinbao::privacy::rotation;

use crate::followup::tip;
use crate::support::{Client, Log, TestApp, rows};

const OFFICER: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::ReportersReveal,
    Scope::CasesRead,
    Scope::CasesWrite,
];
fn secret() -> Value {
    json!({"narrative": "Lừa đảo",
        "reporter": {"name": "Lò Bí Mật", "phone": "0900000001", "keep_secret": true}})
}

fn why() -> Value {
    json!({"purpose": "Gọi lại để hỏi số tài khoản"})
}

async fn claim(officer: &Client, tip: &str) {
    let path = format!("/v1/tips/{tip}/claim");
    officer.put(&path).send().await.expect(200);
}

async fn approve(t: &TestApp, reveal: &Value) {
    let path = format!("/v1/reveals/{}/approve", reveal["id"].as_str().unwrap());
    let second = t.named_officer("second", OFFICER);
    second.post(&path).send().await.expect(200);
}

#[actix_web::test]
async fn persons_in_a_case_are_erased_too_unless_it_is_held() {
    let t = TestApp::new().await;
    let officer = t.officer(&[OFFICER, &[Scope::CasesDecide]].concat());
    let mut tips = Vec::new();
    for n in 0..2 {
        let body = json!({"narrative": format!("Rủ sang Lào {n}."), "potential_victims": [{"name": "Giàng A Thử"}]});
        let (id, _) = tip(&t, &body).await;
        let body = json!({"title": "Môi giới", "desk": "duty", "tip_ids": [id]});
        let case = officer
            .post("/v1/cases")
            .json(&body)
            .send()
            .await
            .expect(201);
        tips.push((id, case));
    }
    let case = &tips[1].1;
    let hold = format!("/v1/cases/{}/hold", case["id"].as_str().unwrap());
    let body = json!({"reason": "Viện kiểm sát yêu cầu giữ nguyên hồ sơ."});
    let held = officer.put(&hold).json(&body).send().await;
    assert!(held.status.is_success(), "{}", held.text());
    let reveal = |tip: &str| {
        let path = format!("/v1/tips/{tip}/potential-victims/reveal");
        officer.post(&path).json(&why()).send()
    };
    assert_eq!(
        reveal(&tips[0].0).await.expect(200)["erase_at"],
        "2027-02-22T01:20:00Z"
    );
    assert_eq!(
        reveal(&tips[1].0).await.expect(200)["erase_at"],
        Value::Null
    );
    t.clock.advance(Duration::from_secs(91 * 86_400));
    tinbao::app::background::tidy(&t.running.state)
        .await
        .unwrap();
    assert_eq!(reveal(&tips[0].0).await.problem(409)["code"], "wrong_state");
    reveal(&tips[1].0).await.expect(200);
}

#[actix_web::test]
async fn an_approval_opens_one_file_and_no_other() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &secret()).await;
    let mut files = Vec::new();
    for content in ["một", "hai"] {
        let form = format!(
            "--e\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{content}\r\n--e--\r\n"
        );
        let call = t
            .anyone()
            .post("/v1/receipt/attachments")
            .header("Tip-Receipt", &receipt);
        let sent = call
            .body("multipart/form-data; boundary=e", form)
            .send()
            .await
            .expect(201);
        files.push(sent["id"].as_str().unwrap().to_owned());
    }
    let officer = t.officer(OFFICER);
    claim(&officer, &id).await;
    let reveal = |file: &str| {
        let path = format!("/v1/tips/{id}/attachments/{file}/reveal");
        officer.post(&path).json(&why()).send()
    };
    let asked = reveal(&files[0]).await.expect(202);
    assert_eq!(asked["object_id"], files[0].as_str());
    approve(&t, &asked).await;
    let shown = reveal(&files[0]).await;
    assert_eq!(
        (shown.status.as_u16(), shown.bytes.as_ref()),
        (200, "một".as_bytes())
    );
    let other = reveal(&files[1]).await.expect(202);
    assert_ne!(other["id"], asked["id"]);
}

#[actix_web::test]
async fn a_field_that_was_put_in_anothers_place_in_the_database_is_not_shown() {
    const GIVEN: [&str; 3] = ["Lò Bí Mật", "0900000001", "bimat@vidu.example"];
    let t = TestApp::new().await;
    let body = json!({"narrative": "Lừa đảo",
        "reporter": {"name": GIVEN[0], "phone": GIVEN[1], "email": GIVEN[2]}});
    let (id, receipt) = tip(&t, &body).await;
    let officer = t.officer(OFFICER);
    claim(&officer, &id).await;
    let path = format!("/v1/tips/{id}/reporter/reveal");
    let show = || {
        let call = officer.post(&path).json(&why());
        async move { call.send().await }
    };
    assert_eq!(show().await.expect(200)["phone"], GIVEN[1]);
    // What a reporter adds later is sealed in the same way.
    let addition = json!({"reporter": {"email": "khac@vidu.example"}});
    let call = t.anyone().patch("/v1/receipt");
    let call = call.header("Tip-Receipt", &receipt).json(&addition);
    call.send().await.expect(200);
    assert_eq!(show().await.expect(200)["email"], "khac@vidu.example");

    let swap = "update reporter_identities set fields = fields
        || jsonb_build_object('phone', fields -> 'email', 'email', fields -> 'phone')";
    let mut owner = t.owner().await;
    for (act, status) in [
        (swap, 409),
        // Nor by calling it the form that bound the tip alone.
        ("update reporter_identities set sealed_as = 1", 409),
        ("update reporter_identities set sealed_as = 2", 409),
        (swap, 200),
    ] {
        diesel_async::RunQueryDsl::execute(diesel::sql_query(act), &mut owner)
            .await
            .unwrap();
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
        let reply = {
            let _logging = tracing::subscriber::set_default(subscriber);
            show().await
        };
        let logged = log.text();
        if status == 200 {
            reply.expect(200);
        } else {
            assert_eq!(reply.problem(status)["code"], "sealed_unreadable");
            let said = format!("opening the identity of tip {id}");
            assert!(logged.contains(&said), "{logged}");
        }
        for given in GIVEN {
            assert!(status == 200 || !reply.text().contains(given));
            assert!(!logged.contains(given), "{logged}");
        }
    }
}

#[actix_web::test]
async fn what_a_reporter_adds_is_kept_where_the_identity_does_not_open() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "Lừa đảo", "reporter": {"phone": "0900000001"}});
    let (id, receipt) = tip(&t, &body).await;
    let mut owner = t.owner().await;
    for act in [
        "update reporter_identities set wrapped_key = set_byte(wrapped_key, 20, 255 - get_byte(wrapped_key, 20))",
        "update submissions set sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40))",
    ] {
        let query = diesel::sql_query(act);
        diesel_async::RunQueryDsl::execute(query, &mut owner)
            .await
            .unwrap();
    }
    let identity = || {
        rows(
            &t,
            "select fields::text || encode(wrapped_key, 'hex') as cell from reporter_identities",
        )
    };
    let before = identity().await;
    let log = Log::default();
    // As long as the first submission: only then it is opened to be compared.
    let same = json!({"narrative": "Lừa đảo", "reporter": {"phone": "0900000009"}});
    for addition in [json!({"narrative": "Tôi chuyển thêm 5 triệu."}), same] {
        let call = t
            .anyone()
            .patch("/v1/receipt")
            .header("Tip-Receipt", &receipt)
            .json(&addition);
        let _logging = tracing::subscriber::set_default(subscriber_of(&log));
        call.send().await.expect(200);
    }
    assert_eq!(
        identity().await,
        before,
        "what was altered stays for the operator"
    );
    let seen = t
        .officer(OFFICER)
        .get(&format!("/v1/tips/{id}"))
        .send()
        .await
        .expect(200);
    assert!(
        seen["narrative"].as_str().unwrap().contains("thêm 5 triệu"),
        "{seen}"
    );
    assert_eq!(
        rows(&t, "select count(*)::text as cell from submissions").await,
        ["3"]
    );
    let logged = log.text();
    assert!(
        logged.contains(&format!("opening the identity of tip {id}")),
        "{logged}"
    );
    assert!(!logged.contains("090000000"), "{logged}");
}

fn subscriber_of(log: &Log) -> impl tracing::Subscriber + Send + Sync + use<> {
    tracing_subscriber::fmt().with_writer(log.clone()).finish()
}

/// How many data keys a rotation wraps anew.
pub async fn turned(conn: &mut AsyncPgConnection, ring: &IdentityKeys) -> usize {
    let done = rotation::turn(conn, ring, |_| ()).await.unwrap();
    assert!(done.broken.is_empty(), "{:?}", done.broken);
    done.total
}

#[actix_web::test]
async fn rotated_identity_keys_wrap_every_data_key_anew() {
    let t = TestApp::new().await;
    for n in 0..3 {
        t.submit(&json!({"narrative": "x", "reporter": {"name": format!("người báo tin {n}")}}))
            .await;
    }
    let seen = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "ảnh", "attachments_announced": 1}));
    let receipt = seen.send().await.expect(201)["receipt"]
        .as_str()
        .unwrap()
        .to_owned();
    let file = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--edge--\r\n";
    t.anyone()
        .post("/v1/receipt/attachments")
        .header("Tip-Receipt", &receipt)
        .body("multipart/form-data; boundary=edge", file)
        .send()
        .await
        .expect(201);
    let wrapped = "select table_name::text as cell from information_schema.columns
        where table_schema = 'public' and column_name = 'wrapped_key'";
    let tables = rows(&t, wrapped).await;
    assert!(tables.len() >= 3, "{tables:?}");
    let old = t.running.state.keys.identity.to_text();
    let fresh = IdentityKeys::generate("k2");
    let ring = IdentityKeys::parse(&format!("{}\n{old}", fresh.to_text())).unwrap();
    let mut conn = t.running.state.db.get().await.unwrap();
    assert_eq!(turned(&mut conn, &ring).await, 8);
    assert_eq!(turned(&mut conn, &ring).await, 0, "all are done");
    // The old key is not needed any more.
    let third = IdentityKeys::generate("k3");
    let without_old =
        IdentityKeys::parse(&format!("{}\n{}", third.to_text(), fresh.to_text())).unwrap();
    assert_eq!(turned(&mut conn, &without_old).await, 8);
    // Whatever is sealed under a data key, in a table that is yet to come as well.
    for table in tables {
        let kept = format!("select key_id as cell from {table} where key_id <> 'k3'");
        assert!(rows(&t, &kept).await.is_empty(), "{table} is forgotten");
    }
    let left = rotation::left(&mut conn, &without_old).await;
    assert_eq!(left.unwrap(), 0);
}

#[actix_web::test]
async fn what_people_write_about_their_data_is_sealed_under_the_identity_keys() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin, Scope::IndicatorsCurate]);
    let ask = json!({"kind": "access", "text": "Tôi hỏi về dấu-vết"});
    let ask = admin.post("/v1/privacy/requests").json(&ask);
    let asked = ask.send().await.expect(201);
    let object = json!({"value": "0912345678", "text": "Số của tôi.", "contact": "0900 000 001"});
    let object = t.anyone().post("/v1/appeals").json(&object);
    let appeal = object.send().await.expect(201);
    let request = format!("/v1/privacy/requests/{}", asked["id"].as_str().unwrap());
    let contact = format!(
        "/v1/appeals/{}/contact/reveal",
        appeal["id"].as_str().unwrap()
    );
    let read = async || {
        let shown = admin.get(&request).send().await.expect(200);
        let why = json!({"purpose": "Gọi lại"});
        let reached = admin.post(&contact).json(&why).send().await.expect(200);
        (shown["text"].clone(), reached["contact"].clone())
    };
    let told = (json!("Tôi hỏi về dấu-vết"), json!("0900 000 001"));
    assert_eq!(read().await, told);
    let keys = async || {
        let sql = "select text_key_id || ' ' || contact_key_id as cell from privacy_requests, indicator_appeals";
        rows(&t, sql).await
    };
    let state = &t.running.state;
    let (id, _) = state.keys.identity.current().unwrap();
    assert_eq!(keys().await, [format!("{id} {id}")]);

    // A new identity key wraps theirs anew, and the old one opens them no more.
    let old = state.keys.identity.to_text();
    let fresh = IdentityKeys::generate("k2").to_text();
    let ring = IdentityKeys::parse(&format!("{fresh}\n{old}")).unwrap();
    let mut conn = state.db.get().await.unwrap();
    assert_eq!(rotation::left(&mut conn, &ring).await.unwrap(), 2);
    assert_eq!(turned(&mut conn, &ring).await, 2);
    assert_eq!(rotation::left(&mut conn, &ring).await.unwrap(), 0);
    assert_eq!(keys().await, ["k2 k2"]);
    // The request stays in sight, and so does what stands beside it.
    let shown = admin.get(&request).send().await.expect(200);
    assert_eq!(
        (&shown["text"], &shown["text_unreadable"]),
        (&Value::Null, &json!(true))
    );
    let page = admin.get("/v1/privacy/requests").send().await.expect(200);
    assert_eq!(page["items"][0]["text_unreadable"], true, "{page}");
    let why = json!({"purpose": "Gọi lại"});
    let reached = admin.post(&contact).json(&why).send().await;
    assert_eq!(reached.problem(409)["code"], "sealed_unreadable");
    let back = IdentityKeys::parse(&format!("{old}\n{fresh}")).unwrap();
    assert_eq!(turned(&mut conn, &back).await, 2);
    assert_eq!(read().await, told);

    // As the version before sealed them: under a key that hangs on the receipt key.
    let mut owner = t.owner().await;
    for (table, id, text, purpose, columns) in [
        (
            "privacy_requests",
            &asked["id"],
            "Tôi hỏi về dấu-vết",
            "privacy requests",
            "text",
        ),
        (
            "indicator_appeals",
            &appeal["id"],
            "0900 000 001",
            "appeal contacts",
            "contact",
        ),
    ] {
        let id: uuid::Uuid = id.as_str().unwrap().parse().unwrap();
        let key = state.keys.answers.derive(purpose);
        let sealed = hex::encode(key.seal(id.as_bytes(), text.as_bytes()).unwrap());
        let sql = format!(
            "update {table} set {columns} = decode('{sealed}', 'hex'), {columns}_key_id = null,
                    {columns}_wrapped_key = null"
        );
        diesel_async::RunQueryDsl::execute(diesel::sql_query(sql), &mut owner)
            .await
            .unwrap();
    }
    assert_eq!(read().await, told);
    assert_eq!(
        rotation::left(&mut conn, &ring).await.unwrap(),
        0,
        "they are no business of a rotation"
    );
}
