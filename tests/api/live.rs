//! Live events are woken by the sequencer of whichever replica, and come also when nobody wakes.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde_json::json;
use tinbao::auth::Scope;
use tinbao::journal;
use tokio::sync::watch;

use crate::audit::some_history;
use crate::support::{TestApp, rows};

type Stream = dyn futures_util::Stream<Item = actix_web::web::Bytes> + Unpin;

/// Much less than the listener's own polling.
const AT_ONCE: Duration = Duration::from_secs(2);

/// A replica that does nothing but listen, and stops listening when the sender is dropped.
async fn listener(t: &TestApp) -> (TestApp, watch::Sender<bool>) {
    let replica = t.replica().await;
    let (stop, stopped) = watch::channel(false);
    let (db, head) = (
        replica.running.state.db.clone(),
        replica.running.head.clone(),
    );
    tokio::spawn(journal::listen(db, head, stopped));
    while listeners(t).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (replica, stop)
}

/// The connections of the database that listen.
async fn listeners(t: &TestApp) -> Vec<String> {
    let sql = "select pid::text as cell from pg_stat_activity
        where datname = current_database() and application_name = 'tinbao journal listener'";
    rows(t, sql).await
}

async fn open(t: &TestApp) -> Box<Stream> {
    let mut stream = t
        .officer(&[Scope::TipsRead])
        .get("/v1/triage/events")
        .stream()
        .await;
    assert!(stream.next().await.unwrap().starts_with(b"retry:"));
    Box::new(stream)
}

/// Has a tip sent and numbered while the stream of a replica waits, and returns how long afterwards it tells of it.
async fn told_after(t: &TestApp, replica: &TestApp, stream: &mut Stream, text: &str) -> Duration {
    let send = async {
        // Until then the stream has read that there is nothing.
        replica.waiting(1).await;
        let tip = json!({"narrative": text});
        let citizen = t.citizen();
        citizen.post("/v1/tips").json(&tip).send().await.expect(201);
        t.settle().await;
        Instant::now()
    };
    let hear = async {
        loop {
            let piece = tokio::time::timeout(Duration::from_secs(12), stream.next()).await;
            let piece = String::from_utf8(piece.unwrap().unwrap().to_vec()).unwrap();
            if piece.contains("event: tip.received") {
                return Instant::now();
            }
        }
    };
    let (sent, heard) = tokio::join!(send, hear);
    heard.saturating_duration_since(sent)
}

#[actix_web::test]
async fn a_stream_ends_when_its_client_is_disabled() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let app = json!({"client_id": "wall", "name": "Màn hình trực", "kind": "confidential", "scopes": ["tips:read"]});
    let made = admin
        .post("/v1/clients")
        .json(&app)
        .send()
        .await
        .expect(201);
    let secret = made["client_secret"].as_str().unwrap();
    let form = format!("grant_type=client_credentials&client_id=wall&client_secret={secret}");
    let call = t.anyone().post("/v1/oauth/token");
    let call = call.body("application/x-www-form-urlencoded", form);
    let token = call.send().await.expect(200);
    let screen = t
        .anyone()
        .with_token(token["access_token"].as_str().unwrap());
    let mut stream = screen.get("/v1/triage/events").stream().await;
    assert!(stream.next().await.unwrap().starts_with(b"retry:"));
    let path = format!("/v1/clients/{}", made["id"].as_str().unwrap());
    let disabled = admin.delete(&path).send().await;
    assert!(disabled.status.is_success(), "{}", disabled.text());
    let tip = json!({"narrative": "sau khi bị khoá"});
    t.submit(&tip).await;
    t.settle().await;
    let rest = tokio::time::timeout(Duration::from_secs(20), stream.collect::<Vec<_>>());
    let rest: Vec<u8> = rest.await.unwrap().concat();
    assert!(!String::from_utf8(rest).unwrap().contains("tip.received"));
}

#[actix_web::test]
async fn a_stream_tells_no_more_than_its_client_may_still_see() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let wall = json!({"client_id": "wall", "name": "Màn hình trực", "kind": "confidential", "scopes": ["tips:read"]});
    let made = crate::clients::register(&admin, wall).await;
    let secret = made["client_secret"].as_str().unwrap();
    let issued = crate::clients::token(&t, "wall", secret, "").await;
    let issued = issued.expect(200);
    let screen = t
        .anyone()
        .with_token(issued["access_token"].as_str().unwrap());
    let mut stream = screen.get("/v1/triage/events").stream().await;
    assert!(stream.next().await.unwrap().starts_with(b"retry:"));
    let path = format!("/v1/clients/{}", made["id"].as_str().unwrap());
    let change = async |bounds: serde_json::Value| {
        let patch = admin.patch(&path).header("If-Match", "*");
        patch.json(&bounds).send().await.expect(200);
    };
    change(json!({"desk": "immigration"})).await;
    let elsewhere = t.submit(&json!({"narrative": "x"})).await;
    let there = json!({"narrative": "x", "method": "overseas_easy_job"});
    let there = t.submit(&there).await;
    assert_eq!(there["desk"], "immigration");
    t.settle().await;
    let told = loop {
        let piece = tokio::time::timeout(Duration::from_secs(20), stream.next()).await;
        let piece = String::from_utf8(piece.unwrap().unwrap().to_vec()).unwrap();
        assert!(!piece.contains(elsewhere["id"].as_str().unwrap()));
        if piece.contains("event: tip.received") {
            break piece;
        }
    };
    assert!(told.contains(there["id"].as_str().unwrap()), "{told}");

    change(json!({"scopes": ["stats:read"]})).await;
    t.submit(&json!({"narrative": "x", "method": "overseas_easy_job"}))
        .await;
    t.settle().await;
    let rest = tokio::time::timeout(Duration::from_secs(20), stream.collect::<Vec<_>>());
    let rest: Vec<u8> = rest.await.unwrap().concat();
    assert!(!String::from_utf8(rest).unwrap().contains("tip.received"));
}

#[actix_web::test]
async fn an_event_numbered_elsewhere_arrives_at_once() {
    let t = TestApp::new().await;
    let (replica, _listening) = listener(&t).await;
    let mut stream = open(&replica).await;
    for text in ["một", "hai", "ba"] {
        let took = told_after(&t, &replica, &mut *stream, text).await;
        assert!(took < AT_ONCE, "{took:?}");
    }
}

#[actix_web::test]
async fn events_still_arrive_when_the_listening_connection_is_killed() {
    let t = TestApp::new().await;
    let (replica, _listening) = listener(&t).await;
    let mut stream = open(&replica).await;
    told_after(&t, &replica, &mut *stream, "trước").await;
    let before = listeners(&t).await;
    let kill = "select pg_terminate_backend(pid)::text as cell from pg_stat_activity
        where datname = current_database() and application_name = 'tinbao journal listener'";
    assert_eq!(rows(&t, kill).await, ["true"]);
    told_after(&t, &replica, &mut *stream, "sau").await;
    let after = listeners(&t).await;
    assert!(after.len() == 1 && after != before, "{after:?}");
    let took = told_after(&t, &replica, &mut *stream, "sau nữa").await;
    assert!(took < AT_ONCE, "listening again: {took:?}");
}

#[actix_web::test]
async fn live_events_resume_where_the_client_left_off() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let officer = t.officer(&[Scope::TipsRead]);
    officer
        .get("/v1/triage/events")
        .header("Last-Event-ID", "x")
        .send()
        .await
        .problem(400);
    let call = officer
        .get("/v1/triage/events")
        .header("Last-Event-ID", "4");
    let mut stream = call.stream().await;
    let mut text = String::new();
    while text.matches("\nevent: tip.received\n").count() < 2 {
        let piece = tokio::time::timeout(std::time::Duration::from_secs(5), stream.next()).await;
        text.push_str(std::str::from_utf8(&piece.unwrap().unwrap()).unwrap());
    }
    assert!(
        text.contains("id: 5\n") && text.contains("id: 6\n") && !text.contains("id: 4\n"),
        "{text}"
    );
    t.submit(&json!({"narrative": "mới"})).await;
    t.settle().await;
    let piece = tokio::time::timeout(std::time::Duration::from_secs(5), stream.next()).await;
    let fresh = String::from_utf8(piece.unwrap().unwrap().to_vec()).unwrap();
    assert!(fresh.contains("event: tip.received"), "{fresh}");
    // Audit entries move the journal on, but are no news here.
    t.settle().await;
    let quiet = tokio::time::timeout(std::time::Duration::from_secs(1), stream.next()).await;
    assert!(quiet.is_err(), "an idle stream is silent: {quiet:?}");
    t.running.head.close();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(5), stream.next()).await;
    assert!(
        ended.unwrap().is_none(),
        "a stopping replica ends its streams"
    );
}

async fn said(stream: &mut Stream) -> String {
    let piece = stream.next().await.expect("not ended");
    String::from_utf8(piece.to_vec()).unwrap()
}

#[actix_web::test]
async fn however_many_screens_are_open_each_hears_of_an_event() {
    let t = TestApp::new().await;
    let mut open = Vec::new();
    // More than there are connections to read with and places to wait for one.
    for n in 0..6 {
        let officer = t.named_officer(&format!("officer-{n}"), &[Scope::TipsRead]);
        for _ in 0..20 {
            open.push(officer.get("/v1/triage/events").stream().await);
        }
    }
    for stream in &mut open {
        assert!(said(stream).await.starts_with("retry:"));
    }
    // Woken in the same moment, as they all wait.
    let wake = async {
        t.waiting(120).await;
        t.submit(&json!({"narrative": "ai cũng nghe"})).await;
        t.settle().await;
    };
    let hear = futures_util::future::join_all(
        open.iter_mut()
            .map(|stream| async { while !said(stream).await.contains("event: tip.received") {} }),
    );
    let all = tokio::time::timeout(Duration::from_secs(30), async { tokio::join!(wake, hear) });
    all.await.expect("each of them hears of it");
}
