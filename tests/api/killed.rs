//! The program killed with -9 in the middle of its work: while files come in, and while webhooks go out.
//! `benches/crash.py` kills it, and Postgres, under the full load of tips.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use chrono::Utc;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tinbao::evidence;
use tokio::time::sleep;

use crate::process::{Running, serve, tinbao, token};
use crate::support::{Act, Receiver, Seen, TestApp, fresh_database, rows};

const DAY: Duration = Duration::from_secs(25 * 3_600);

/// A real server on a database that outlives it, and the service in this process on the same database.
struct Site {
    dir: TempDir,
    database: String,
    settings: &'static [(&'static str, &'static str)],
    running: Running,
    here: TestApp,
    http: reqwest::Client,
}

impl Site {
    async fn new(settings: &'static [(&'static str, &'static str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys");
        let made = tinbao(dir.path()).arg("keys").arg("new").arg(keys).output();
        assert!(made.unwrap().status.success());
        let database = fresh_database().await;
        let folder = dir.path().to_str().unwrap();
        Self {
            running: serve(dir.path(), &database, settings),
            here: TestApp::on(database.clone(), &[("TINBAO_DATA_DIR", folder)]).await,
            http: reqwest::Client::new(),
            dir,
            database,
            settings,
        }
    }

    /// Kills the server where it stands, and starts it again.
    fn kill(&mut self) {
        self.running.child.kill().unwrap();
        self.running.child.wait().unwrap();
        self.running = serve(self.dir.path(), &self.database, self.settings);
    }

    /// The answer, once its status is the one expected.
    async fn call(
        &self,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        body: Vec<u8>,
        status: u16,
    ) -> reqwest::Response {
        let url = format!("http://{}{path}", self.running.address);
        let mut request = self.http.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        answer
    }

    /// Sends as much of a body as there is, and says nothing more; the connection stays open.
    fn begin(&self, head: &str, length: usize, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.running.address).unwrap();
        let head = format!("{head}\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        stream
    }

    async fn tip(&self, app: &str) -> Value {
        let headers = [("Authorization", app), ("Content-Type", "application/json")];
        let body = json!({"narrative": "Bị lừa chuyển tiền", "attachments_announced": 2});
        let body = body.to_string().into_bytes();
        let sent = self.call((Method::POST, "/v1/tips"), &headers, body, 201);
        read(sent.await).await
    }

    fn bearer(&self, scope: &str) -> String {
        format!("Bearer {}", token(self.dir.path(), scope))
    }

    /// Names in the folder of the evidence; notes lie in folders of their own.
    fn objects(&self) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.dir.path().join("evidence")).unwrap();
        let paths = folder.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.is_file()).collect()
    }

    /// Those that are not written to their end.
    fn unfinished(&self) -> Vec<PathBuf> {
        let half = |path: &PathBuf| path.to_string_lossy().contains('#');
        self.objects().into_iter().filter(half).collect()
    }
}

async fn read(answer: reqwest::Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

async fn wait_until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds().await {
        assert!(Instant::now() < end, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A file that cannot be taken for another.
fn file(seed: u32) -> Vec<u8> {
    let word = |n: u32| n.wrapping_add(seed).wrapping_mul(2_654_435_761);
    (0..400_000).map(word).flat_map(u32::to_be_bytes).collect()
}

fn form(file: &[u8]) -> Vec<u8> {
    let head = b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n";
    [head, file, b"\r\n--edge--\r\n"].concat()
}

/// The bodies of the files that the tip has, each read to its end.
async fn files(site: &Site, officer: &str, tip: &str) -> Vec<Vec<u8>> {
    let headers = [("Authorization", officer)];
    let path = format!("/v1/tips/{tip}/attachments");
    let listed = site.call((Method::GET, &path), &headers, Vec::new(), 200);
    let mut all = Vec::new();
    for one in read(listed.await).await["items"].as_array().unwrap() {
        let path = format!("{path}/{}", one["id"].as_str().unwrap());
        let served = site.call((Method::GET, &path), &headers, Vec::new(), 200);
        all.push(served.await.bytes().await.unwrap().to_vec());
    }
    all
}

#[actix_web::test]
async fn a_file_that_a_killed_server_was_taking_is_whole_or_not_there() {
    let mut site = Site::new(&[]).await;
    let (app, officer) = (
        site.bearer("tips:submit"),
        site.bearer("tips:read tips:triage"),
    );
    let tip = site.tip(&app).await;
    let (id, receipt) = (
        tip["id"].as_str().unwrap(),
        tip["receipt"].as_str().unwrap(),
    );
    let pieces: Vec<u8> = file(100);
    let started = [
        ("Tip-Receipt", receipt),
        ("Upload-Length", &pieces.len().to_string()),
        ("Tus-Resumable", "1.0.0"),
    ];
    let started = site.call(
        (Method::POST, "/v1/receipt/uploads"),
        &started,
        Vec::new(),
        201,
    );
    let upload = started.await.headers()["location"]
        .to_str()
        .unwrap()
        .to_owned();
    let tus = [("Tip-Receipt", receipt), ("Tus-Resumable", "1.0.0")];
    let (mut arrived, mut sent) = (0, Vec::new());

    // Half of each is there; then killed at different moments after the last byte was sent.
    for (round, wait) in [None, Some(0), Some(10), Some(30), Some(100)]
        .into_iter()
        .enumerate()
    {
        let whole = file(round as u32);
        let body = form(&whole);
        let key = format!("file {round}");
        let part = &pieces[arrived..(arrived + 500_000).min(pieces.len())];
        let share = if wait.is_none() { 2 } else { 1 };
        let _streams = [
            site.begin(
                &format!(
                    "POST /v1/receipt/attachments HTTP/1.1\r\nTip-Receipt: {receipt}\r\nIdempotency-Key: {key}\r\n\
                     Content-Type: multipart/form-data; boundary=edge"
                ),
                body.len(),
                &body[..body.len() / share],
            ),
            site.begin(
                &format!(
                    "PATCH {upload} HTTP/1.1\r\nTip-Receipt: {receipt}\r\nTus-Resumable: 1.0.0\r\n\
                     Upload-Offset: {arrived}\r\nContent-Type: application/offset+octet-stream"
                ),
                part.len(),
                &part[..part.len() / share],
            ),
        ];
        match wait {
            None => {
                wait_until("both are being written", async || {
                    site.unfinished().len() == 2
                })
                .await
            }
            Some(wait) => sleep(Duration::from_millis(wait)).await,
        }
        site.kill();

        let there = files(&site, &officer, id).await;
        assert!(there.len() == sent.len() || there.len() == sent.len() + 1);
        assert!(
            there.iter().all(|one| *one == whole || sent.contains(one)),
            "half a file is served"
        );
        let looked = site
            .call((Method::HEAD, &upload), &tus, Vec::new(), 200)
            .await;
        let offset: usize = looked.headers()["upload-offset"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!(
            offset == arrived || offset == arrived + part.len(),
            "half a piece counts: {offset}"
        );
        arrived = offset;
        // The citizen sends it again under the same key, and it is there once.
        let again = [
            ("Tip-Receipt", receipt),
            ("Idempotency-Key", &key),
            ("Content-Type", "multipart/form-data; boundary=edge"),
        ];
        site.call((Method::POST, "/v1/receipt/attachments"), &again, body, 201)
            .await;
        sent.push(whole);
        assert_eq!(files(&site, &officer, id).await.len(), sent.len());
    }

    // The one in pieces goes on where it stands, and becomes the same file.
    while arrived < pieces.len() {
        let offset = arrived.to_string();
        let headers = [
            tus[0],
            tus[1],
            ("Upload-Offset", &offset),
            ("Content-Type", "application/offset+octet-stream"),
        ];
        let part = pieces[arrived..(arrived + 500_000).min(pieces.len())].to_vec();
        arrived += part.len();
        site.call((Method::PATCH, &upload), &headers, part, 204)
            .await;
    }
    sent.push(pieces);
    let there = files(&site, &officer, id).await;
    assert!(there.len() == sent.len() && sent.iter().all(|one| there.contains(one)));

    // A day later nothing is left of what was cut off.
    assert!(site.objects().len() > sent.len(), "nothing was cut off");
    for half in site.unfinished() {
        let half = OpenOptions::new().write(true).open(half).unwrap();
        half.set_modified(SystemTime::now() - DAY).unwrap();
    }
    let state = &site.here.running.state;
    let mut conn = state.db.get().await.unwrap();
    evidence::sweep(&mut conn, state, Utc::now() + DAY)
        .await
        .unwrap();
    assert_eq!(site.objects().len(), sent.len());
    assert_eq!(files(&site, &officer, id).await.len(), sent.len());
}

#[actix_web::test]
async fn events_that_a_killed_server_was_sending_arrive_after_its_restart() {
    const SETTINGS: &[(&str, &str)] = &[("TINBAO_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")];
    let mut site = Site::new(SETTINGS).await;
    let receiver = Receiver::start().await;
    let (app, manager) = (site.bearer("tips:submit"), site.bearer("webhooks:manage"));
    let headers = [
        ("Authorization", manager.as_str()),
        ("Content-Type", "application/json"),
    ];
    let wish = json!({"url": receiver.url, "events": ["tip.received"]}).to_string();
    site.call(
        (Method::POST, "/v1/webhooks"),
        &headers,
        wish.into_bytes(),
        201,
    )
    .await;

    // Killed while the receiver says nothing, then while its answers are on their way, and right after a tip.
    let mut subjects = Vec::new();
    for act in [Act::Hang, Act::Late(204), Act::Status(204)] {
        receiver.act(move |_| act);
        let mut sent = Vec::new();
        for _ in 0..3 {
            let tip = site.tip(&app).await;
            sent.push(format!("tip/{}", tip["id"].as_str().unwrap()));
        }
        if !matches!(act, Act::Status(_)) {
            wait_until("the events are sent", async || {
                let seen: Vec<String> = receiver.seen().iter().map(Seen::subject).collect();
                sent.iter().all(|subject| seen.contains(subject))
            })
            .await;
        }
        subjects.extend(sent);
        site.kill();
        // As if the half minute of their lease were over.
        rows(&site.here, "with one as (update webhook_lanes set due_at = now() where lease is not null returning 1) select count(*)::text as cell from one").await;
    }
    wait_until("everything is delivered", async || {
        // In one look: between two, the last of them may be written down.
        let delivered =
            "select count(*)::text as cell from webhook_deliveries where state = 'delivered'";
        rows(&site.here, delivered).await == ["9"]
    })
    .await;
    let seen = receiver.seen();
    for subject in &subjects {
        let ids = seen.iter().filter(|one| one.subject() == *subject);
        let ids: Vec<&str> = ids.map(|one| one.header("webhook-id")).collect();
        assert!(!ids.is_empty(), "{subject} never came");
        assert!(ids.iter().all(|id| *id == ids[0]), "one event, one id");
    }
    // What was under way when the server died came again.
    let again = |subject: &String| seen.iter().filter(|one| one.subject() == *subject).count();
    assert!(subjects[..3].iter().all(|subject| again(subject) >= 2));
}
