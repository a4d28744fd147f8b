//! Files on their way in: limits, files that come twice or all at once, and uploads that were killed.

use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};
use tinbao::evidence;

use crate::evidence::{OFFICER, file, folder, form, tip, upload};
use crate::support::{TestApp, objects, rows};

#[actix_web::test]
async fn limits_hold_while_reading_and_nothing_is_left_behind() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let limit = 20 * 1024 * 1024;
    let mut cut = file(b"half of it");
    cut.truncate(cut.len() - 18);
    for (body, status, code) in [
        (file(&vec![1; limit + 1]), 413, "payload_too_large"),
        (file(&vec![1; limit + 100_000]), 413, "payload_too_large"),
        (file(b""), 422, "nothing_said"),
        (form(&[]), 422, "required"),
        (
            form(&[("file", Some("a"), b"a"), ("file", Some("b"), b"b")]),
            422,
            "too_many",
        ),
        (
            form(&[("file", Some("a"), b"a"), ("note", None, b"b")]),
            422,
            "unknown_field",
        ),
        (cut, 400, "malformed"),
    ] {
        let problem = upload(&t, &receipt, body).await.problem(status);
        let found = problem["errors"][0]["code"].as_str();
        assert_eq!(found.or(problem["code"].as_str()), Some(code), "{problem}");
    }
    let json = t
        .anyone()
        .post("/v1/receipt/attachments")
        .header("Tip-Receipt", &receipt);
    json.json(&json!({})).send().await.problem(415);
    assert!(objects(&t).await.is_empty());
    let rest = std::fs::read_dir(folder(&t)).unwrap().count();
    assert_eq!(rest, 0, "no half of a file");

    upload(&t, &receipt, file(&vec![1; limit]))
        .await
        .expect(201);
    for n in 0..9_u8 {
        upload(&t, &receipt, file(&[n])).await.expect(201);
    }
    let eleventh = upload(&t, &receipt, file(b"x")).await.problem(422);
    assert_eq!(eleventh["errors"][0]["code"], "too_many");
    let officer = t
        .officer(OFFICER)
        .post(&format!("/v1/tips/{id}/attachments"));
    let call = officer.body("multipart/form-data; boundary=edge", file(b"x"));
    call.send().await.problem(422);
    assert_eq!(objects(&t).await.len(), 10);
}

#[actix_web::test]
async fn a_file_sent_again_under_its_key_is_stored_once() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let officer = t.officer(OFFICER);
    let path = format!("/v1/tips/{id}/attachments");
    let send = |method: Method, by_receipt: bool, content: &[u8]| {
        let (path, who) = if by_receipt {
            ("/v1/receipt/attachments", t.anyone())
        } else {
            (path.as_str(), officer.clone())
        };
        who.call(method, path)
            .header("Tip-Receipt", &receipt)
            .header("Idempotency-Key", "file-1")
            .body("multipart/form-data; boundary=edge", file(content))
            .send()
    };
    for by_receipt in [true, false] {
        let first = send(Method::POST, by_receipt, b"one").await;
        let again = send(Method::POST, by_receipt, b"one").await;
        assert_eq!(first.expect(201), again.expect(201));
        assert_eq!(again.header("idempotency-replayed"), "true");
        let other = send(Method::POST, by_receipt, b"two").await.problem(422);
        assert_eq!(other["code"], "idempotency_key_reused");
    }
    assert_eq!(objects(&t).await.len(), 2);
    let authors = rows(
        &t,
        "select coalesce(added_by, 'reporter') as cell from attachments order by id",
    )
    .await;
    assert_eq!(authors, ["reporter", "analyst"]);
}

#[actix_web::test]
async fn the_tenth_file_sent_again_is_replayed_and_an_eleventh_refused() {
    let t = TestApp::new().await;
    let (_, receipt) = tip(&t).await;
    let send = |n: u8| {
        let call = t.anyone().post("/v1/receipt/attachments");
        call.header("Tip-Receipt", &receipt)
            .header("Idempotency-Key", &format!("file-{n}"))
            .body("multipart/form-data; boundary=edge", file(&[n]))
            .send()
    };
    let mut last = Value::Null;
    for n in 0..10 {
        last = send(n).await.expect(201);
    }
    let again = send(9).await;
    assert_eq!(again.expect(201), last);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(send(10).await.problem(422)["errors"][0]["code"], "too_many");
    assert_eq!(objects(&t).await.len(), 10);
}

#[actix_web::test]
async fn of_many_files_sent_at_the_same_time_ten_are_kept_and_nothing_of_the_others() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let sent = futures_util::future::join_all((0..16_u8).map(|n| {
        let (t, receipt) = (&t, &receipt);
        async move {
            loop {
                // Large enough that all of them are being written at once.
                let sent = upload(t, receipt, file(&vec![n; 300_000])).await;
                // On a busy machine some wait too long for a connection, and are asked to send again.
                if sent.status.as_u16() != 503 {
                    return sent;
                }
            }
        }
    }))
    .await;
    let (kept, refused): (Vec<_>, Vec<_>) =
        sent.iter().partition(|reply| reply.status.as_u16() == 201);
    assert_eq!((kept.len(), refused.len()), (10, 6));
    for reply in refused {
        assert_eq!(reply.problem(422)["errors"][0]["code"], "too_many");
    }
    let path = format!("/v1/tips/{id}/attachments");
    let listed = t.officer(OFFICER).get(&path).send().await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 10);
    assert_eq!(objects(&t).await.len(), 10);
    let rest = std::fs::read_dir(folder(&t)).unwrap().count();
    assert_eq!(rest, 10, "no half of a file");
}

#[actix_web::test]
async fn what_a_killed_upload_left_is_swept_and_nothing_else() {
    let t = TestApp::new().await;
    let (_, receipt) = tip(&t).await;
    let kept = upload(&t, &receipt, file(b"kept")).await.expect(201);
    // Killed after the object was complete and before its row was written.
    let orphan = uuid::Uuid::now_v7();
    let announced = format!(
        "insert into evidence_objects (id, made_at) values ('{orphan}', now()) returning 'x' as cell"
    );
    assert_eq!(rows(&t, &announced).await, ["x"]);
    let mut writing = t.running.state.storage.write(orphan).await.unwrap();
    writing.add(b"sealed bytes").await.unwrap();
    writing.finish().await.unwrap();
    let app = &t.running.state;
    let mut conn = app.db.get().await.unwrap();
    let now = chrono::Utc::now();
    assert_eq!(
        evidence::sweep(&mut conn, app, now).await.unwrap(),
        0,
        "its row may be on its way"
    );
    let later = now + chrono::Duration::hours(25);
    assert_eq!(evidence::sweep(&mut conn, app, later).await.unwrap(), 1);
    let left = objects(&t).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].to_string(), kept["id"].as_str().unwrap());
    // Killed in the midst of writing: the store's own half file.
    std::fs::write(folder(&t).join(format!("{orphan}#1")), b"half").unwrap();
    assert_eq!(
        app.storage
            .remove_unfinished(Duration::from_secs(60))
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        app.storage.remove_unfinished(Duration::ZERO).await.unwrap(),
        1
    );
}
