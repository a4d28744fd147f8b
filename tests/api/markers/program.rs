//! The real program: called over its port, its log kept and rotated, its webhooks received.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::{Running, request, start_with};
use crate::support::Receiver;

pub struct Caller<'a> {
    pub address: &'a str,
    pub token: &'a str,
}

impl Caller<'_> {
    /// The whole answer, headers included.
    pub fn call(&self, method: &str, path: &str, more: &str, body: &str) -> String {
        let credentials = if self.token.is_empty() {
            String::new()
        } else {
            format!("Authorization: Bearer {}\r\n", self.token)
        };
        request(
            self.address,
            &format!(
                "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{credentials}{more}Content-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        )
    }

    pub fn send(&self, method: &str, path: &str, body: &Value) -> String {
        let kind = "Content-Type: application/json\r\n";
        self.call(method, path, kind, &body.to_string())
    }

    pub fn get(&self, path: &str) -> String {
        self.call("GET", path, "", "")
    }
}

pub fn json_of(answer: &str) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 2"), "{answer}");
    let start = body.find('{').unwrap();
    let end = body.rfind('}').unwrap();
    serde_json::from_str(&body[start..=end]).unwrap_or_else(|e| panic!("{e}: {body}"))
}

/// An address that nobody listens on.
pub fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

pub fn logging(dir: &Path, metrics: &str) -> Running {
    let log = File::options()
        .append(true)
        .create(true)
        .open(dir.join("service.log"))
        .unwrap();
    let settings = [
        ("TINBAO_METRICS_BIND", metrics),
        ("TINBAO_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8"),
    ];
    start_with(dir, Stdio::from(log), &settings)
}

/// Rotates the log as `logrotate` does with `copytruncate`: the program writes on into the same file.
pub fn rotate_log(dir: &Path, number: u8) {
    let log = dir.join("service.log");
    fs::copy(&log, dir.join(format!("service.log.{number}"))).unwrap();
    File::options()
        .write(true)
        .open(&log)
        .unwrap()
        .set_len(0)
        .unwrap();
}

/// Waits until the receiver has an event of each of these kinds; all that came, headers included.
pub fn delivered(receiver: &Receiver, kinds: &[&str]) -> String {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let seen = receiver.seen();
        let missing = kinds
            .iter()
            .find(|kind| !seen.iter().any(|seen| seen.kind() == **kind));
        let Some(missing) = missing else {
            return format!("{seen:?}");
        };
        assert!(Instant::now() < until, "{missing} was not delivered");
        std::thread::sleep(Duration::from_millis(100));
    }
}
