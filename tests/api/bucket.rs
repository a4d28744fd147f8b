//! Evidence in a bucket of an S3-compatible service.

use std::time::Duration;

use serde_json::json;
use tinbao::audit::notes::Notary;
use tinbao::evidence;
use uuid::Uuid;

use crate::audit::verified;
use crate::evidence::{OFFICER, file, tip, upload};
use crate::support::{TestApp, objects, rows};

#[actix_web::test]
#[ignore = "needs an S3-compatible server: script/test-s3 starts one"]
async fn a_bucket_serves_as_well_as_a_folder() {
    let t = TestApp::with(&[("TINBAO_STORAGE", "s3://tinbao-test/evidence")]).await;
    let (id, receipt) = tip(&t).await;
    // More than one part of an upload.
    let content: Vec<u8> = (0..=255_u8).cycle().take(12 * 1024 * 1024).collect();
    let sent = upload(&t, &receipt, file(&content)).await.expect(201);
    upload(&t, &receipt, file(&vec![1; 20 * 1024 * 1024 + 1]))
        .await
        .problem(413);
    let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
    let got = t.officer(OFFICER).get(&path).send().await;
    assert!(got.bytes == content, "what came back is what was sent");
    let app = &t.running.state;
    let mut conn = app.db.get().await.unwrap();
    let later = chrono::Utc::now() + chrono::Duration::hours(25);
    assert_eq!(evidence::sweep(&mut conn, app, later).await.unwrap(), 0);
    rows(&t, "delete from tips returning 'gone' as cell").await;
    assert_eq!(evidence::sweep(&mut conn, app, later).await.unwrap(), 1);
    assert!(objects(&t).await.is_empty());

    // A server is killed while it sends: what it sent is found and ended.
    let half = Uuid::now_v7();
    let mut writing = app.storage.write(half).await.unwrap();
    writing.add(&content).await.unwrap();
    drop(writing);
    let endpoint = std::env::var_os("AWS_ENDPOINT")
        .unwrap()
        .into_string()
        .unwrap();
    let uploads = async || {
        let list = reqwest::get(format!("{endpoint}/tinbao-test?uploads")).await;
        let list = list.unwrap().text().await.unwrap();
        list.matches(&half.to_string()).count()
    };
    assert_eq!(uploads().await, 1);
    let (day, none) = (Duration::from_secs(86_400), Duration::ZERO);
    assert_eq!(app.storage.remove_unfinished(day).await.unwrap(), 0);
    assert_eq!(app.storage.remove_unfinished(none).await.unwrap(), 1);
    assert_eq!(uploads().await, 0);
    assert_eq!(app.storage.remove_unfinished(none).await.unwrap(), 0);

    // The newest checkpoint is noted there too, and a newer one takes its place.
    for narrative in ["một", "hai"] {
        t.submit(&json!({"narrative": narrative})).await;
        t.settle().await;
        let position = Notary::default().note(app).await.unwrap();
        let notes = app.storage.checkpoint_notes().await.unwrap();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert_eq!(notes[0].position, position);
        let found = verified(&t).await;
        assert_eq!(found["noted"]["status"], "agrees", "{found}");
    }
    let notes = app.storage.checkpoint_notes().await.unwrap();
    app.storage.put_checkpoint_aside(&notes[0]).await.unwrap();
    assert!(app.storage.checkpoint_notes().await.unwrap().is_empty());
}
