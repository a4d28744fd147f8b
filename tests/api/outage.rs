//! Postgres away and back: 503 meanwhile, nothing acknowledged lost.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use tinbao::auth::Scope;
use tinbao::db::embedded::{Cluster, Durability, Options};
use tinbao::db::{Pool, create_database, migrations};

use crate::support::{TestApp, rows};

/// A cluster of one's own: the one that all tests share must not be stopped.
fn options(name: &str) -> Options {
    Options {
        dir: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name),
        launcher: PathBuf::from(env!("CARGO_BIN_EXE_tinbao")),
        durability: Durability::Throwaway,
        max_connections: 40,
        // A crash of the process must lose nothing; only a power cut may.
        extra: vec![("synchronous_commit".to_owned(), "on".to_owned())],
    }
}

/// Starts the cluster with an empty, migrated database; returns its connection string.
fn start(name: &str) -> (Cluster, String) {
    let cluster = Cluster::start(&options(name)).unwrap();
    let (admin, url) = (cluster.url("postgres"), cluster.url("tinbao"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut conn = AsyncPgConnection::establish(&admin).await.unwrap();
        diesel::sql_query("drop database if exists tinbao with (force)")
            .execute(&mut conn)
            .await
            .unwrap();
        create_database(&Pool::new(&admin, 1).unwrap(), "tinbao")
            .await
            .unwrap();
        migrations::run_pending(&Pool::new(&url, 1).unwrap())
            .await
            .unwrap();
    });
    (cluster, url)
}

#[actix_web::test]
async fn while_postgres_is_away_everything_answers_503_in_time_and_recovers_by_itself() {
    let (cluster, url) = std::thread::spawn(|| start("outage")).join().unwrap();
    let t = TestApp::on(url, &[]).await;
    let tip = json!({"narrative": "trước"});
    t.submit(&tip).await;
    t.anyone().get("/health/ready").send().await.expect(200);

    std::thread::spawn(move || cluster.stop().unwrap())
        .join()
        .unwrap();
    let officer = t.officer(&[Scope::TipsRead]);
    for call in [
        t.citizen().post("/v1/tips").json(&tip),
        officer.get("/v1/tips"),
        t.anyone().get("/health/ready"),
        t.anyone()
            .get("/v1/receipt")
            .header("Tip-Receipt", "GKV6-RKHD-471B-CWAP-FMXH"),
    ] {
        let asked = Instant::now();
        let reply = call.send().await;
        reply.problem(503);
        assert!(!reply.header("retry-after").is_empty());
        assert!(asked.elapsed() < Duration::from_secs(5));
    }
    t.anyone().get("/health/live").send().await.expect(200);

    let _again = std::thread::spawn(|| Cluster::start(&options("outage")).unwrap())
        .join()
        .unwrap();
    for _ in 0..50 {
        if t.anyone().get("/health/ready").send().await.status.as_u16() == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    t.submit(&tip).await;
    let page = officer.get("/v1/tips").send().await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
}

/// The processes of the Postgres that a server works with, the first of them last.
async fn processes(t: &TestApp) -> Vec<nix::unistd::Pid> {
    let mut all = rows(t, "select pid::text as cell from pg_stat_activity").await;
    let status = std::fs::read_to_string(format!("/proc/{}/status", all[0])).unwrap();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    all.push(parent.unwrap().trim().to_owned());
    let pid = |pid: String| nix::unistd::Pid::from_raw(pid.parse().unwrap());
    all.into_iter().map(pid).collect()
}

#[actix_web::test]
async fn while_postgres_is_there_and_does_nothing_reads_answer_503_in_time() {
    use nix::sys::signal::{Signal, kill};
    let (cluster, url) = std::thread::spawn(|| start("hung")).join().unwrap();
    let t = TestApp::on(url, &[]).await;
    let officer = t.officer(&[Scope::TipsRead]);
    // So that connections lie ready which Postgres took before.
    let reads = (0..6).map(|_| officer.get("/v1/tips").send());
    for read in futures_util::future::join_all(reads).await {
        read.expect(200);
    }
    let processes = processes(&t).await;
    assert!(processes.len() > 3, "{processes:?}");
    let tell = |signal: Signal| processes.iter().for_each(|pid| kill(*pid, signal).unwrap());

    tell(Signal::SIGSTOP);
    let asked = Instant::now();
    let (ready, read, tip) = futures_util::join!(
        async {
            (
                t.anyone().get("/health/ready").send().await,
                asked.elapsed(),
            )
        },
        async { (officer.get("/v1/tips").send().await, asked.elapsed()) },
        async {
            let call = t
                .citizen()
                .post("/v1/tips")
                .json(&json!({"narrative": "x"}));
            (call.send().await, asked.elapsed())
        },
    );
    tell(Signal::SIGCONT);
    for ((reply, took), most) in [(ready, 8), (read, 25), (tip, 8)] {
        reply.problem(503);
        assert!(!reply.header("retry-after").is_empty());
        assert!(took < Duration::from_secs(most), "{took:?}");
    }
    officer.get("/v1/tips").send().await.expect(200);
    std::thread::spawn(move || cluster.stop().unwrap())
        .join()
        .unwrap();
}

#[actix_web::test]
async fn a_crash_of_postgres_under_load_loses_nothing_acknowledged_and_doubles_nothing() {
    let (cluster, url) = std::thread::spawn(|| start("crash")).join().unwrap();
    let t = TestApp::on(url, &[]).await;
    let stop_at = Instant::now() + Duration::from_secs(6);
    let senders = (0..12).map(|n| {
        let t = &t;
        async move {
            let mut acknowledged = Vec::new();
            let (mut round, mut refused) = (0, 0_u32);
            while Instant::now() < stop_at {
                round += 1;
                let body = json!({"narrative": format!("tin {n}-{round}")});
                let reply = t.citizen().post("/v1/tips").json(&body).send().await;
                match reply.status.as_u16() {
                    201 => acknowledged.push(format!("tin {n}-{round}")),
                    503 => {
                        refused += 1;
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                    other => panic!("{other}: {}", reply.text()),
                }
            }
            (acknowledged, refused)
        }
    });
    let pid_file = cluster.dir().join("data/postmaster.pid");
    let killer = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(1_300)).await;
            let pid = std::fs::read_to_string(&pid_file).expect("Postgres runs");
            let pid = pid.lines().next().expect("its process");
            let kill = std::process::Command::new("kill")
                .args(["-9", pid])
                .status();
            assert!(kill.unwrap().success(), "it was there to be killed");
        }
    };
    let (sent, ()) =
        futures_util::future::join(futures_util::future::join_all(senders), killer).await;
    let (acknowledged, refused): (Vec<_>, Vec<_>) = sent.into_iter().unzip();
    assert!(refused.iter().sum::<u32>() > 0, "the crashes were felt");
    let mut acknowledged: Vec<String> = acknowledged.into_iter().flatten().collect();
    assert!(
        acknowledged.len() > 20,
        "the load ran: {}",
        acknowledged.len()
    );

    let officer = t.officer(&[Scope::TipsRead]);
    let mut stored = Vec::new();
    let mut path = "/v1/tips?limit=200".to_owned();
    loop {
        let mut reply = officer.get(&path).send().await;
        for _ in 0..100 {
            if reply.status.as_u16() != 503 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            reply = officer.get(&path).send().await;
        }
        let page = reply.expect(200);
        for tip in page["items"].as_array().unwrap() {
            stored.push(tip["narrative"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/tips?limit=200&cursor={cursor}"),
            None => break,
        }
    }
    let count = stored.len();
    stored.sort();
    stored.dedup();
    assert_eq!(stored.len(), count, "no tip is there twice");
    acknowledged.retain(|narrative| stored.binary_search(narrative).is_err());
    assert!(acknowledged.is_empty(), "lost: {acknowledged:?}");
}

#[actix_web::test]
async fn against_a_database_that_is_not_migrated_all_is_unavailable_and_nothing_a_fault() {
    let t = TestApp::new().await;
    let mut owner = t.owner().await;
    let mut rename = async |act: &str| {
        let query = diesel::sql_query(act);
        query.execute(&mut owner).await.unwrap();
    };
    rename("alter schema public rename to elsewhere").await;
    for path in [
        "/health/ready",
        "/v1/public/advisories",
        "/v1/public/advisories.atom",
        "/v1/public/advisories.json",
        "/v1/public/stats",
        "/v1/feeds/indicators.ndjson",
        "/v1/feeds/phones.csv",
        "/v1/campaigns",
        "/v1/tips",
    ] {
        let officer = t.officer(&[Scope::TipsRead, Scope::StatsRead, Scope::CheckRead]);
        let reply = officer.get(path).send().await;
        if reply.status.as_u16() == 200 {
            // What is kept in memory may be told.
            assert!(path.starts_with("/v1/feeds/"), "{path}");
            continue;
        }
        reply.problem(503);
        assert!(!reply.header("retry-after").is_empty(), "{path}");
    }
    let tip = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "x"}));
    tip.send().await.problem(503);
    rename("alter schema elsewhere rename to public").await;
    let tip = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "x"}));
    tip.send().await.expect(201);
    t.anyone().get("/health/ready").send().await.expect(200);
}
