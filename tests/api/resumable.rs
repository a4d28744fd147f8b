//! Files that come in pieces over a network that breaks (tus 1.0.0).

use std::path::PathBuf;
use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tinbao::auth::Scope;
use tinbao::evidence;

use crate::support::{Client, Reply, TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage];

pub async fn tip(t: &TestApp) -> (String, String) {
    let body = json!({"narrative": "Lừa đảo", "attachments_announced": 1});
    let tip = t.submit(&body).await;
    let text = |name: &str| tip[name].as_str().unwrap().to_owned();
    (text("id"), text("receipt"))
}

/// One who sends, and with what receipt.
pub struct Sender {
    client: Client,
    receipt: String,
    path: String,
}

impl Sender {
    pub fn reporter(t: &TestApp, receipt: &str) -> Self {
        Self {
            client: t.anyone(),
            receipt: receipt.to_owned(),
            path: "/v1/receipt/uploads".to_owned(),
        }
    }

    pub fn officer(t: &TestApp, tip: &str) -> Self {
        Self {
            client: t.officer(OFFICER),
            receipt: String::new(),
            path: format!("/v1/tips/{tip}/uploads"),
        }
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let mut call = self.client.call(method, path);
        if !self.receipt.is_empty() {
            call = call.header("Tip-Receipt", &self.receipt);
        }
        if !body.is_empty() {
            call = call.body("application/offset+octet-stream", body.to_vec());
        }
        for (name, value) in headers {
            call = call.header(name, value);
        }
        call.send().await
    }

    pub async fn start(&self, length: usize) -> Reply {
        let length = length.to_string();
        let headers = [
            ("Upload-Length", length.as_str()),
            ("Tus-Resumable", "1.0.0"),
        ];
        self.call(Method::POST, &self.path, &headers, &[]).await
    }

    pub async fn send(&self, upload: &str, offset: usize, piece: &[u8]) -> Reply {
        let offset = offset.to_string();
        let headers = [
            ("Upload-Offset", offset.as_str()),
            ("Tus-Resumable", "1.0.0"),
        ];
        self.call(Method::PATCH, upload, &headers, piece).await
    }

    async fn look(&self, upload: &str) -> Reply {
        self.call(Method::HEAD, upload, &[], &[]).await
    }
}

fn objects(t: &TestApp) -> usize {
    let folder = PathBuf::from(t.setting("TINBAO_DATA_DIR")).join("evidence");
    std::fs::read_dir(folder).unwrap().count()
}

#[actix_web::test]
async fn a_file_in_pieces_becomes_one_file_of_the_tip() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let file: Vec<u8> = (0..200_000_u32).flat_map(u32::to_be_bytes).collect();
    for sender in [Sender::reporter(&t, &receipt), Sender::officer(&t, &id)] {
        let started = sender.start(file.len()).await;
        started.expect(201);
        let upload = started.header("location").to_owned();
        let mut at = 0;
        for size in [1, 300_000, 65_536, file.len()] {
            let end = (at + size).min(file.len());
            let sent = sender.send(&upload, at, &file[at..end]).await;
            sent.expect(204);
            at = end;
            assert_eq!(sent.header("upload-offset"), at.to_string());
            assert_eq!(sent.header("tus-resumable"), "1.0.0");
            let seen = sender.look(&upload).await;
            assert_eq!(seen.header("upload-offset"), at.to_string());
            assert_eq!(seen.header("upload-length"), file.len().to_string());
            assert!(seen.header("upload-expires").ends_with("GMT"));
            assert_eq!(seen.header("cache-control"), "no-store");
        }
        let whole = sender
            .call(Method::GET, &upload, &[], &[])
            .await
            .expect(200);
        assert!(whole["attachment_id"].is_string(), "{whole}");
        // Nothing can be added to it, and giving it up leaves the file.
        assert_eq!(
            sender.send(&upload, 0, b"x").await.problem(409)["code"],
            "wrong_state"
        );
        sender
            .call(Method::DELETE, &upload, &[], &[])
            .await
            .expect(204);
        sender.look(&upload).await.expect(404);
    }
    let listed = t
        .officer(OFFICER)
        .get(&format!("/v1/tips/{id}/attachments"));
    let listed = listed.send().await.expect(200);
    let files = listed["items"].as_array().unwrap();
    assert_eq!(files.len(), 2);
    let digest: String = Sha256::digest(&file)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    for one in files {
        assert_eq!(
            (&one["size"], &one["sha256"]),
            (&json!(file.len()), &json!(digest))
        );
        let path = format!("/v1/tips/{id}/attachments/{}", one["id"].as_str().unwrap());
        let got = t.officer(OFFICER).get(&path).send().await;
        assert_eq!(got.bytes, file);
    }
    assert_eq!(objects(&t), 2, "the pieces are gone");
}

#[actix_web::test]
async fn the_version_is_said_with_what_is_sent_and_the_end_with_every_answer() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    for sender in [Sender::reporter(&t, &receipt), Sender::officer(&t, &id)] {
        let headers = [("Upload-Length", "5")];
        let silent = sender.call(Method::POST, &sender.path, &headers, &[]).await;
        assert_eq!(silent.problem(412)["code"], "precondition_failed");
        assert_eq!(silent.header("tus-version"), "1.0.0");

        let started = sender.start(5).await;
        started.expect(201);
        assert!(started.header("upload-expires").ends_with("GMT"));
        let upload = started.header("location").to_owned();
        for headers in [
            &[("Upload-Offset", "0")][..],
            &[("Upload-Offset", "0"), ("Tus-Resumable", "1.0")],
        ] {
            let silent = sender.call(Method::PATCH, &upload, headers, b"ab").await;
            silent.problem(412);
            assert_eq!(silent.header("tus-version"), "1.0.0");
        }
        let seen = sender.look(&upload).await;
        assert_eq!(seen.header("upload-offset"), "0", "nothing was taken");
        let sent = sender.send(&upload, 0, b"ab").await;
        sent.expect(204);
        let until = started.header("upload-expires");
        assert_eq!(sent.header("upload-expires"), until);
        assert_eq!(seen.header("upload-expires"), until);
    }
}

#[actix_web::test]
async fn what_does_not_fit_is_refused_and_says_why() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let sender = Sender::reporter(&t, &receipt);
    for (length, status) in [("0", 422), ("-1", 422), ("x", 422), ("20971521", 413)] {
        let headers = [("Upload-Length", length), ("Tus-Resumable", "1.0.0")];
        let refused = sender
            .call(Method::POST, "/v1/receipt/uploads", &headers, &[])
            .await;
        refused.problem(status);
    }
    let headers = [("Tus-Resumable", "1.0.0")];
    let none = sender
        .call(Method::POST, "/v1/receipt/uploads", &headers, &[])
        .await;
    assert_eq!(none.problem(422)["errors"][0]["parameter"], "Upload-Length");
    let other = [("Upload-Length", "5"), ("Tus-Resumable", "0.2.2")];
    let other = sender
        .call(Method::POST, "/v1/receipt/uploads", &other, &[])
        .await;
    other.problem(412);
    assert_eq!(other.header("tus-version"), "1.0.0");

    let started = sender.start(5).await;
    started.expect(201);
    let upload = started.header("location").to_owned();
    assert_eq!(
        sender.send(&upload, 1, b"abc").await.problem(409)["code"],
        "wrong_state"
    );
    sender.send(&upload, 0, b"abcdef").await.problem(413);
    assert_eq!(
        sender.look(&upload).await.header("upload-offset"),
        "0",
        "nothing of it is kept"
    );
    let plain = t.anyone().patch(&upload).header("Tip-Receipt", &receipt);
    let plain = plain.header("Tus-Resumable", "1.0.0");
    let plain = plain.header("Upload-Offset", "0").body("text/plain", "abc");
    plain.send().await.problem(415);
    // Neither another tip's receipt nor an officer finds it.
    let (_, another) = tip(&t).await;
    Sender::reporter(&t, &another)
        .look(&upload)
        .await
        .expect(404);
    let upload_id = upload.rsplit('/').next().unwrap();
    let officer = Sender::officer(&t, &id);
    let path = format!("{}/{upload_id}", officer.path);
    officer.look(&path).await.expect(404);
    // Ten files a tip, those included that are coming.
    for _ in 0..9 {
        sender.start(5).await.expect(201);
    }
    assert_eq!(
        sender.start(5).await.problem(422)["errors"][0]["code"],
        "too_many"
    );
    assert_eq!(objects(&t), 0);
}

#[actix_web::test]
async fn an_upload_that_is_not_gone_on_with_ends_after_a_day() {
    let t = TestApp::new().await;
    let (_, receipt) = tip(&t).await;
    let sender = Sender::reporter(&t, &receipt);
    let started = sender.start(10).await;
    started.expect(201);
    let upload = started.header("location").to_owned();
    sender.send(&upload, 0, b"abc").await.expect(204);
    let sweep = async || {
        let state = &t.running.state;
        let mut conn = state.db.get().await.unwrap();
        evidence::sweep(&mut conn, state, t.clock.now())
            .await
            .unwrap();
    };
    t.clock.advance(Duration::from_secs(23 * 3_600));
    sweep().await;
    sender.send(&upload, 3, b"def").await.expect(204);
    t.clock.advance(Duration::from_secs(2 * 3_600));
    sender.look(&upload).await.expect(404);
    sweep().await;
    let left = rows(&t, "select count(*)::text as cell from upload_parts").await;
    assert_eq!((left, objects(&t)), (vec!["0".to_owned()], 0));
}

#[actix_web::test]
async fn pieces_that_a_killed_process_left_become_the_file_at_the_next_look() {
    let t = TestApp::new().await;
    let (_, receipt) = tip(&t).await;
    let sender = Sender::reporter(&t, &receipt);
    let started = sender.start(6).await;
    started.expect(201);
    let upload = started.header("location").to_owned();
    sender.send(&upload, 0, b"abc").await.expect(204);
    // Killed after the last piece was committed and before the file was made: as if both were one.
    rows(&t, "with one as (update uploads set length = 3 returning id) select count(*)::text as cell from one").await;
    let seen: Value = sender
        .call(Method::GET, &upload, &[], &[])
        .await
        .expect(200);
    assert!(seen["attachment_id"].is_string(), "{seen}");
    let sizes = rows(&t, "select size::text as cell from attachments").await;
    assert_eq!((sizes, objects(&t)), (vec!["3".to_owned()], 1));
}

#[actix_web::test]
async fn of_twenty_that_begin_at_once_ten_may() {
    let t = TestApp::new().await;
    let (_, receipt) = tip(&t).await;
    let senders: Vec<Sender> = (0..20).map(|_| Sender::reporter(&t, &receipt)).collect();
    let begun = futures_util::future::join_all(senders.iter().map(|sender| sender.start(5))).await;
    let with = |status: u16| {
        begun
            .iter()
            .filter(|reply| reply.status.as_u16() == status)
            .count()
    };
    assert_eq!((with(201), with(422)), (10, 10));
    let sender = Sender::reporter(&t, &receipt);
    for reply in begun.iter().filter(|reply| reply.status.as_u16() == 201) {
        let sent = sender.send(reply.header("location"), 0, b"hello").await;
        assert_eq!(sent.status.as_u16(), 204, "who may begin may end");
    }
}

#[actix_web::test]
async fn it_says_what_of_tus_it_speaks() {
    let t = TestApp::new().await;
    let (id, _) = tip(&t).await;
    for path in [
        "/v1/receipt/uploads".to_owned(),
        format!("/v1/tips/{id}/uploads"),
    ] {
        let reply = t.anyone().call(Method::OPTIONS, &path).send().await;
        assert_eq!(reply.status.as_u16(), 204);
        for (name, value) in [
            ("tus-version", "1.0.0"),
            ("tus-resumable", "1.0.0"),
            ("tus-extension", "creation,expiration,termination"),
            ("tus-max-size", "20971520"),
        ] {
            assert_eq!(reply.header(name), value, "{path}");
        }
    }
}

#[actix_web::test]
async fn of_a_piece_that_is_lost_or_altered_no_file_is_made() {
    let t = TestApp::new().await;
    let (_, receipt) = tip(&t).await;
    let sender = Sender::reporter(&t, &receipt);
    let folder = PathBuf::from(t.setting("TINBAO_DATA_DIR")).join("evidence");
    for altered in [true, false] {
        let started = sender.start(6).await;
        started.expect(201);
        let upload = started.header("location").to_owned();
        sender.send(&upload, 0, b"abc").await.expect(204);
        let piece = std::fs::read_dir(&folder)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        if altered {
            std::fs::write(&piece, "other bytes").unwrap();
        } else {
            std::fs::remove_file(&piece).unwrap();
        }
        let refused = sender.send(&upload, 3, b"def").await;
        assert_eq!(refused.problem(409)["code"], "evidence_altered");
        // It has ended, so that the app begins anew.
        sender.look(&upload).await.expect(404);
    }
    t.settle().await;
    let noted = "select count(*)::text as cell from journal where type = 'upload.damaged'";
    assert_eq!(rows(&t, noted).await, ["2"]);
    let files = rows(&t, "select count(*)::text as cell from attachments").await;
    assert_eq!((files, objects(&t)), (vec!["0".to_owned()], 0));
}
