//! The program itself: starts, stops cleanly, survives `kill -9`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A running `tinbao dev`; killed when dropped, so that a failing test leaves none behind.
pub struct Running {
    pub child: Child,
    pub address: String,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// What it printed so far, line by line.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn tinbao(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tinbao"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TINBAO_DATA_DIR", dir)
        .env("TINBAO_BIND", "127.0.0.1:0")
        .env("TINBAO_METRICS_BIND", "off");
    command
}

/// Lets PostgreSQL's own user into a folder, which root's processes need.
pub fn open_to_postgres(dir: &Path) {
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Starts `tinbao dev` and waits until it prints where it serves.
pub fn start(dir: &Path) -> Running {
    start_logging_to(dir, Stdio::null())
}

/// The same with its log in a place of one's own.
pub fn start_logging_to(dir: &Path, log: Stdio) -> Running {
    start_with(dir, log, &[])
}

/// The same with further settings.
pub fn start_with(dir: &Path, log: Stdio, settings: &[(&str, &str)]) -> Running {
    let mut child = tinbao(dir)
        .arg("dev")
        .envs(settings.iter().copied())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let told = child.stdout.take().unwrap();
    once_ready(child, told, "serves on   http://")
}

/// Starts `tinbao serve` on a database, whose keys lie in the folder, and waits until its log says where.
pub fn serve(dir: &Path, database: &str, settings: &[(&str, &str)]) -> Running {
    let mut child = tinbao(dir)
        .arg("serve")
        .env("DATABASE_URL", database)
        .envs(settings.iter().copied())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let told = child.stderr.take().unwrap();
    once_ready(child, told, "serving on http://")
}

fn once_ready(child: Child, told: impl Read + Send + 'static, mark: &str) -> Running {
    let said = Arc::new(Mutex::new(String::new()));
    let all = said.clone();
    let mut lines = BufReader::new(told).lines().inspect(move |line| {
        let mut all = all.lock().unwrap();
        all.push_str(line.as_deref().unwrap_or_default());
        all.push('\n');
    });
    let address = lines
        .by_ref()
        .map(Result::unwrap)
        .find_map(|line| {
            let (_, address) = line.split_once(mark)?;
            Some(address.split('"').next()?.to_owned())
        })
        .expect("it says where it serves");
    // Keeps reading, so that a full pipe never stops the server.
    std::thread::spawn(move || lines.for_each(drop));
    Running {
        child,
        address,
        said,
    }
}

/// Sends a request as it is written and returns what comes back, lossy, until the end or a pause.
pub fn request(address: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

pub fn get(address: &str, path: &str, token: &str) -> String {
    request(
        address,
        &format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        ),
    )
}

fn post_tip(address: &str, token: &str) -> String {
    let body = "{\"narrative\": \"x\"}";
    request(
        address,
        &format!(
            "POST /v1/tips HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    )
}

pub fn token(dir: &Path, scope: &str) -> String {
    token_with(dir, scope, &[])
}

/// A token of an agency, or otherwise confined.
pub fn token_with(dir: &Path, scope: &str, more: &[&str]) -> String {
    let output = tinbao(dir)
        .args(["token", "--scope", scope, "--sub", "tester"])
        .args(more)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Asks it to stop, as a service manager does, and waits.
pub fn stop(mut running: Running) {
    let pid = running.child.id().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(told.unwrap().success());
    assert_eq!(
        wait(&mut running.child).code(),
        Some(0),
        "a clean stop is exit 0"
    );
}

fn wait(child: &mut Child) -> std::process::ExitStatus {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < until, "it does not stop");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn it_stops_cleanly_and_comes_back_after_kill_9_with_its_data() {
    let dir = tempfile::Builder::new()
        .prefix("tinbao-process")
        .tempdir()
        .unwrap();
    open_to_postgres(dir.path());
    let first = start(dir.path());
    let (app, officer, auditor) = (
        token(dir.path(), "tips:submit"),
        token(dir.path(), "tips:read"),
        token(dir.path(), "audit:read"),
    );
    assert!(post_tip(&first.address, &app).starts_with("HTTP/1.1 201"));
    assert!(get(&first.address, "/health/ready", "").starts_with("HTTP/1.1 200"));

    // A request that is half sent when the signal comes is still answered or cut off, never hangs.
    let mut half = TcpStream::connect(&first.address).unwrap();
    half.write_all(b"POST /v1/tips HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        .unwrap();
    stop(first);

    let mut second = start(dir.path());
    assert!(get(&second.address, "/v1/tips", &officer).contains("\"narrative\":\"x\""));
    assert!(post_tip(&second.address, &app).starts_with("HTTP/1.1 201"));
    let issued = |address: &str| {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let audit = get(address, "/v1/audit?type=token.issued", &auditor);
            let count = audit.matches("\"sub\":\"tester\"").count();
            if count >= 3 || Instant::now() > until {
                return count;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    assert_eq!(issued(&second.address), 3, "notes of 'tinbao token'");
    second.child.kill().unwrap();
    wait(&mut second.child);

    let mut third = start(dir.path());
    let listed = get(&third.address, "/v1/tips", &officer);
    assert_eq!(listed.matches("\"narrative\":\"x\"").count(), 2, "{listed}");
    assert_eq!(issued(&third.address), 3, "each note once");
    third.child.kill().unwrap();
    wait(&mut third.child);
}

#[test]
fn a_wrong_setting_stops_the_start_with_one_clear_line() {
    let dir = tempfile::tempdir().unwrap();
    let output = tinbao(dir.path())
        .args(["serve"])
        .env("TINBAO_LIMITS", "fast")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        error.trim(),
        "tinbao: TINBAO_LIMITS: 'fast' is not name=rate/s:burst"
    );
}

#[test]
fn serve_refuses_to_start_without_a_database_or_keys() {
    let dir = tempfile::tempdir().unwrap();
    let output = tinbao(dir.path()).args(["serve"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("DATABASE_URL: not set"));
    let output = tinbao(dir.path())
        .args(["serve"])
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    for name in [
        "TINBAO_IDENTITY_KEYS",
        "TINBAO_RECEIPT_KEY",
        "TINBAO_CURSOR_KEY",
        "TINBAO_SIGNING_KEY",
    ] {
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn openapi_and_token_need_neither_server_nor_database() {
    let dir = tempfile::tempdir().unwrap();
    let output = tinbao(dir.path()).arg("openapi").output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(
        token(dir.path(), "tips:read tips:triage")
            .split('.')
            .count(),
        3
    );
    let notes = std::fs::read_to_string(dir.path().join("issued-tokens.jsonl")).unwrap();
    assert!(notes.contains("\"sub\":\"tester\"") && notes.contains("tips:read tips:triage"));
}

#[test]
fn whoever_signs_a_token_by_a_new_key_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    for new in [true, false] {
        let output = tinbao(dir.path())
            .args(["token", "--scope", "tips:read", "--sub", "tester"])
            .output()
            .unwrap();
        assert!(output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.contains("a new signing key was made"), new, "{said}");
        assert_eq!(output.stdout.iter().filter(|b| **b == b'\n').count(), 1);
    }
}

#[test]
fn with_the_local_issuer_off_the_program_makes_no_token() {
    let dir = tempfile::tempdir().unwrap();
    let output = tinbao(dir.path())
        .args(["token", "--scope", "tips:read", "--sub", "tester"])
        .env("TINBAO_LOCAL_ISSUER", "off")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty(), "no token");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("TINBAO_LOCAL_ISSUER is off"), "{said}");
    assert!(!dir.path().join("keys").exists(), "and no key");
    assert!(
        !dir.path().join("issued-tokens.jsonl").exists(),
        "nor a note"
    );
}
