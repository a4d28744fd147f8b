//! The private PostgreSQL with real processes: start, crash, restart, and what lies in the way.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail like tests"
)]

mod as_root;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tinbao::db::embedded::{Cluster, Durability, EmbeddedError, OWNER, Options, running_url};

fn options(dir: &Path) -> Options {
    Options {
        dir: dir.to_owned(),
        launcher: env!("CARGO_BIN_EXE_tinbao").into(),
        durability: Durability::Safe,
        max_connections: 20,
        extra: vec![("shared_buffers".into(), "16MB".into())],
    }
}

/// A folder the user `postgres` may pass, as /var/lib is.
fn folder() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

/// Runs statements and returns the first column of the last row.
fn sql(url: &str, statements: &str) -> Result<String, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let driver = tokio::spawn(connection);
        let mut last = String::new();
        for message in client.simple_query(statements).await? {
            if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
                last = row.get(0).unwrap_or_default().to_owned();
            }
        }
        drop(client);
        driver.await.unwrap()?;
        Ok(last)
    })
}

fn postmaster_pid(cluster_dir: &Path) -> i32 {
    let text = fs::read_to_string(cluster_dir.join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

fn kill(pid: impl ToString, signal: &str) {
    let status = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}

fn wait_until(what: &str, limit: Duration, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < limit, "still waiting: {what}");
        sleep(Duration::from_millis(10));
    }
}

/// Another process with a cluster of its own: this very test binary, told to run [`hold`].
struct Server {
    process: Child,
    cluster_dir: PathBuf,
}

impl Server {
    fn start(dir: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "embedded::hold", "--ignored", "--nocapture"])
            .env("TINBAO_TEST_HOLD", dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let cluster_dir = lines
            .map(Result::unwrap)
            .find_map(|line| line.strip_prefix("holding ").map(PathBuf::from))
            .expect("the other process did not start its cluster");
        Self {
            process,
            cluster_dir,
        }
    }

    fn kill_9(mut self) -> PathBuf {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.cluster_dir.clone()
    }
}

#[test]
#[ignore = "not a test: the other process of some tests here"]
fn hold() {
    let Some(dir) = std::env::var_os("TINBAO_TEST_HOLD") else {
        return;
    };
    let cluster = Cluster::start(&options(Path::new(&dir))).unwrap();
    println!("\nholding {}", cluster.dir().display());
    sleep(Duration::from_mins(5));
}

#[test]
fn what_was_written_is_there_after_a_stop_and_a_start() {
    let top = folder();
    let dir = top.path().join("var/postgres");
    let cluster = Cluster::start(&options(&dir)).unwrap();
    let url = cluster.url("postgres");
    sql(&url, "create table t as select 'đã nhận' as x").unwrap();
    for (setting, value) in [
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("lc_collate", "C.UTF-8"),
        ("log_error_verbosity", "terse"),
        ("fsync", "on"),
        ("data_checksums", "on"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("max_connections", "20"),
        ("shared_buffers", "16MB"),
    ] {
        if setting == "lc_collate" && cfg!(target_os = "macos") {
            continue;
        }
        assert_eq!(
            sql(&url, &format!("show {setting}")).unwrap(),
            value,
            "{setting}"
        );
    }
    assert_eq!(
        sql(&url, "select session_user || upper(' đ')").unwrap(),
        "tinbao Đ"
    );
    cluster.stop().unwrap();
    assert!(sql(&url, "select 1").is_err(), "it still answers");
    assert!(
        !dir.join("data/postmaster.pid").exists(),
        "not a clean stop"
    );

    let again = Cluster::start(&options(&dir)).unwrap();
    assert_eq!(sql(&again.url("postgres"), "table t").unwrap(), "đã nhận");
    assert_eq!(
        running_url(&dir, OWNER, "postgres"),
        Some(again.url("postgres"))
    );
    drop(again);
    assert_eq!(running_url(&dir, OWNER, "postgres"), None);
}

#[test]
fn the_log_holds_no_statement_and_no_value() {
    let top = folder();
    let cluster = Cluster::start(&options(top.path())).unwrap();
    let url = cluster.url("postgres");
    for statement in [
        "select '0912345678'::uuid",
        "create table t (x text unique); insert into t values ('0912345678'), ('0912345678')",
        "select * from 0912345678",
    ] {
        assert!(sql(&url, statement).is_err(), "{statement}");
    }
    let log = cluster.log_path();
    cluster.stop().unwrap();
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.contains("database system is ready"), "{text}");
    assert!(!text.contains("0912345678"), "{text}");
    assert_eq!(fs::metadata(&log).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_killed_server_takes_postgres_down_cleanly_and_the_next_one_starts() {
    let top = folder();
    for _ in 0..3 {
        let server = Server::start(top.path());
        let pid = postmaster_pid(&server.cluster_dir);
        let dir = server.kill_9();
        // At once, while the old one may still be writing its checkpoint.
        let next = Cluster::start(&options(top.path())).unwrap();
        assert_eq!(sql(&next.url("postgres"), "select 1").unwrap(), "1");
        assert_ne!(postmaster_pid(&dir), pid);
    }
    if cfg!(target_os = "linux") {
        let server = Server::start(top.path());
        let pid_file = server.cluster_dir.join("data/postmaster.pid");
        let dir = server.kill_9();
        wait_until("PostgreSQL ends by itself", Duration::from_secs(10), || {
            !pid_file.exists()
        });
        let log = fs::read_to_string(dir.join("postgres.log")).unwrap();
        assert!(!log.contains("not properly shut down"), "{log}");
        assert!(log.contains("received fast shutdown request"), "{log}");
    }
}

#[test]
fn a_second_server_on_the_same_folder_is_told_who_has_it() {
    let top = folder();
    let server = Server::start(top.path());
    let error = Cluster::start(&options(top.path())).unwrap_err();
    assert!(matches!(error, EmbeddedError::InUse { .. }), "{error}");
    let holder = format!("(process {})", server.process.id());
    assert!(error.to_string().contains(&holder), "{error}");
    let url = running_url(top.path(), OWNER, "postgres").unwrap();
    assert_eq!(sql(&url, "select 1").unwrap(), "1");
    server.kill_9();
}

#[test]
fn postgres_is_started_again_when_it_is_killed() {
    let top = folder();
    let cluster = Cluster::start(&options(top.path())).unwrap();
    let url = cluster.url("postgres");
    sql(&url, "create table t as select 7 as x").unwrap();
    let pid = postmaster_pid(cluster.dir());
    kill(pid, "-KILL");
    let mut answer = None;
    wait_until("PostgreSQL runs again", Duration::from_secs(30), || {
        answer = sql(&url, "table t").ok();
        answer.is_some()
    });
    assert_eq!(answer.as_deref(), Some("7"));
    assert_ne!(postmaster_pid(cluster.dir()), pid);
    cluster.stop().unwrap();
}

#[test]
fn a_stale_pid_file_that_names_another_program_is_no_obstacle() {
    let top = folder();
    let cluster = Cluster::start(&options(top.path())).unwrap();
    let dir = cluster.dir().to_owned();
    let pid_file = dir.join("data/postmaster.pid");
    let old = fs::read_to_string(&pid_file).unwrap();
    let owner = fs::metadata(&pid_file).unwrap();
    cluster.stop().unwrap();

    // As after a container's restart, where small numbers come again: under the same user.
    let mut other = Command::new("sleep");
    other.arg("60");
    if owner.uid() != fs::metadata("/proc/self").unwrap().uid() {
        use std::os::unix::process::CommandExt as _;
        other.uid(owner.uid()).gid(owner.gid());
    }
    let mut other = other.spawn().unwrap();
    let (_, rest) = old.split_once('\n').unwrap();
    let stale = format!("{}\n{rest}", other.id());
    for file in ["data/postmaster.pid", "run/.s.PGSQL.54320.lock"] {
        fs::write(dir.join(file), &stale).unwrap();
        chown(dir.join(file), Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    let cluster = Cluster::start(&options(top.path())).unwrap();
    assert_eq!(sql(&cluster.url("postgres"), "select 1").unwrap(), "1");
    assert!(
        other.try_wait().unwrap().is_none(),
        "the other program was hit"
    );
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
fn an_interrupted_initdb_is_begun_anew() {
    let top = folder();
    fs::create_dir(top.path().join("data.new")).unwrap();
    fs::write(top.path().join("data.new/PG_VERSION"), "15\n").unwrap();
    let cluster = Cluster::start(&options(top.path())).unwrap();
    assert_eq!(sql(&cluster.url("postgres"), "select 1").unwrap(), "1");
    assert!(!top.path().join("data.new").exists());
}

#[test]
fn a_long_path_works() {
    let top = folder();
    let dir = top
        .path()
        .join("thư mục \"dài\", có dấu ".repeat(3))
        .join("x".repeat(60));
    let cluster = Cluster::start(&options(&dir)).unwrap();
    let url = cluster.url("postgres");
    assert_eq!(sql(&url, "select 1").unwrap(), "1");
    let socket = sql(&url, "show unix_socket_directories").unwrap();
    let socket = Path::new(socket.trim_matches('"'));
    assert!(
        socket.is_dir() && socket.as_os_str().len() < 80,
        "{}",
        socket.display()
    );
    cluster.stop().unwrap();
    assert!(!socket.exists(), "left behind: {}", socket.display());
}

#[test]
fn throwaway_means_no_flush() {
    let top = folder();
    let cluster = Cluster::start(&Options {
        durability: Durability::Throwaway,
        ..options(top.path())
    })
    .unwrap();
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value = sql(&cluster.url("postgres"), &format!("show {setting}")).unwrap();
        assert_eq!(value, "off", "{setting}");
    }
}

#[test]
fn a_wrong_setting_is_named() {
    let top = folder();
    let mut options = options(top.path());
    options.extra.push(("shared_bufers".into(), "1MB".into()));
    let error = Cluster::start(&options).unwrap_err().to_string();
    assert!(error.contains("\"shared_bufers\""), "{error}");
    assert!(!error.contains('\n'), "{error}");
    // And the folder is free again.
    options.extra.pop();
    Cluster::start(&options).unwrap();
}

#[test]
fn data_of_a_version_that_is_not_installed_is_refused() {
    let top = folder();
    fs::create_dir(top.path().join("data")).unwrap();
    fs::write(top.path().join("data/PG_VERSION"), "9\n").unwrap();
    let error = Cluster::start(&options(top.path())).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("PostgreSQL 9, which is not installed"),
        "{error}"
    );
}
