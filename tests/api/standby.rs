//! Reads from a streaming replica: a real one, made by the system's PostgreSQL.

use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use serde_json::json;
use tinbao::auth::Scope;
use tinbao::db::embedded::{Cluster, Durability, Options};
use tinbao::db::{Pool, create_database, migrations};

use crate::support::{TestApp, rows};

fn options(dir: PathBuf) -> Options {
    Options {
        dir,
        launcher: PathBuf::from(env!("CARGO_BIN_EXE_tinbao")),
        durability: Durability::Throwaway,
        max_connections: 40,
        extra: [("wal_level", "replica"), ("max_wal_senders", "4")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
    }
}

/// A primary with an empty, migrated database, and a standby that streams from it.
fn start() -> (Cluster, Cluster) {
    let top = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let primary = Cluster::start(&options(top.join("primary"))).unwrap();
    let standby = primary.dir().with_file_name("standby");
    let _ = std::fs::remove_dir_all(&standby);
    let (admin, url) = (primary.url("postgres"), primary.url("tinbao"));
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            let mut conn = AsyncPgConnection::establish(&admin).await.unwrap();
            conn.batch_execute("drop database if exists tinbao with (force)")
                .await
                .unwrap();
            create_database(&Pool::new(&admin, 1).unwrap(), "tinbao")
                .await
                .unwrap();
            migrations::run_pending(&Pool::new(&url, 1).unwrap())
                .await
                .unwrap();
        });
    copy(&primary, &standby);
    let standby = Cluster::start(&options(standby)).unwrap();
    (primary, standby)
}

/// `pg_basebackup`, as the user who owns the primary's files.
fn copy(primary: &Cluster, to: &Path) {
    let owner = std::fs::metadata(primary.dir().join("data")).unwrap();
    std::fs::create_dir_all(to).unwrap();
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(to.join("data"))
        .unwrap();
    let mut command = Command::new("pg_basebackup");
    if nix::unistd::geteuid().is_root() {
        std::os::unix::fs::chown(to.join("data"), Some(owner.uid()), Some(owner.gid())).unwrap();
        command.uid(owner.uid()).gid(owner.gid());
    }
    let done = command
        .current_dir("/")
        .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"])
        .arg("--pgdata")
        .arg(to.join("data"))
        .arg("--dbname")
        .arg(primary.url("postgres"))
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

async fn found(t: &TestApp, path: &str) -> usize {
    let page = t
        .officer(&[Scope::TipsRead])
        .get(path)
        .send()
        .await
        .expect(200);
    page["items"].as_array().unwrap().len()
}

async fn becomes_fit(t: &TestApp) {
    for _ in 0..50 {
        if t.running.state.reads.look().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the replica never came near enough");
}

#[actix_web::test]
async fn searches_read_a_replica_that_is_near_enough_and_the_primary_otherwise() {
    const SEARCH: &str = "/v1/triage/queue?q=ngan%20hang";
    let (primary, standby) = std::thread::spawn(start).join().unwrap();
    let replica_url = standby.url("tinbao");
    let t = TestApp::on(
        primary.url("tinbao"),
        &[("TINBAO_READ_DATABASE_URL", &replica_url)],
    )
    .await;
    let send = async || {
        let tip = json!({"narrative": "Giả danh ngân hàng gọi điện"});
        let sent = t.citizen().post("/v1/tips").json(&tip).send().await;
        sent.expect(201);
        t.settle().await;
    };
    send().await;
    becomes_fit(&t).await;
    // Near enough is not yet all: it replays the tip a moment later.
    for _ in 0..50 {
        if found(&t, SEARCH).await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(found(&t, SEARCH).await, 1, "the replica has replayed it");

    // A replica that stands still shows whose answer it is.
    let mut held = AsyncPgConnection::establish(&replica_url).await.unwrap();
    held.batch_execute("select pg_wal_replay_pause()")
        .await
        .unwrap();
    send().await;
    assert_eq!(
        found(&t, SEARCH).await,
        1,
        "a search may be seconds behind: it asked the replica"
    );
    assert_eq!(
        found(&t, "/v1/triage/queue").await,
        2,
        "a list shows what was just written: it asked the primary"
    );
    let audited = rows(
        &t,
        "select count(*)::text as cell from journal_pending where type = 'tip.listed'",
    )
    .await;
    assert_ne!(audited, ["0"], "who searched is written to the primary");

    tokio::time::sleep(Duration::from_millis(10_100)).await;
    assert!(!t.running.state.reads.look().await, "10 s are too far");
    assert_eq!(found(&t, SEARCH).await, 2, "so the primary is asked");

    held.batch_execute("select pg_wal_replay_resume()")
        .await
        .unwrap();
    becomes_fit(&t).await;
    std::thread::spawn(move || standby.stop().unwrap())
        .join()
        .unwrap();
    let officer = t.officer(&[Scope::TipsRead]);
    // Connections that were open may fail once; the next request finds the primary.
    for _ in 0..10 {
        if officer.get(SEARCH).send().await.status.as_u16() == 200 {
            break;
        }
    }
    assert_eq!(found(&t, SEARCH).await, 2, "without a replica as with one");
    drop(primary);
}
