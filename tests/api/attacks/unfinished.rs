//! Requests whose body never ends, over sockets of their own, against the real program.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::process::{start, stop, token};

/// Sends bytes, and reads until the server closes; what it said, and whether it closed in time.
fn unfinished(address: &str, bytes: &[u8]) -> (String, bool) {
    let mut stream = TcpStream::connect(address).unwrap();
    let patience = Some(Duration::from_secs(12));
    stream.set_read_timeout(patience).unwrap();
    // The server may close before it has read everything.
    let _ = stream.write_all(bytes);
    let began = Instant::now();
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer);
    // A reset is an end, too.
    let waits = ended.is_err_and(|error| {
        let kind = error.kind();
        kind == std::io::ErrorKind::WouldBlock || kind == std::io::ErrorKind::TimedOut
    });
    let closed = !waits && began.elapsed() < Duration::from_secs(11);
    (String::from_utf8_lossy(&answer).into_owned(), closed)
}

#[test]
fn whoever_is_refused_holds_no_connection_with_a_body_that_never_ends() {
    let dir = tempfile::Builder::new()
        .prefix("tinbao-unfinished")
        .tempdir()
        .unwrap();
    crate::process::open_to_postgres(dir.path());
    let running = start(dir.path());
    let address = running.address.as_str();
    let citizen = token(dir.path(), "tips:submit");
    let officer = token(dir.path(), "tips:read");
    let head = |method: &str, path: &str, headers: &str| {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{headers}\r\n"
        )
    };
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    let json = "Content-Type: application/json\r\n";
    let form = "Content-Type: multipart/form-data; boundary=b\r\nTip-Receipt: 0000-0000\r\n";
    let to = |token: &str| format!("Authorization: Bearer {token}\r\n{json}");
    let attempts = [
        ("no token", head("POST", "/v1/tips", json), 1, 401),
        ("too long", head("POST", "/v1/tips", &to(&citizen)), 8, 413),
        (
            "a wrong receipt",
            head("POST", "/v1/receipt/attachments", form),
            1,
            404,
        ),
        ("no such path", head("POST", "/nosuch", json), 400, 404),
        ("a read", head("GET", "/v1/tips", &to(&officer)), 1, 200),
        ("nothing to say", head("DELETE", "/v1/tips", json), 0, 405),
    ];
    std::thread::scope(|scope| {
        for (what, head, chunks, status) in &attempts {
            let chunk = &chunk;
            scope.spawn(move || {
                let bytes = format!("{head}{}", chunk.repeat(*chunks));
                let (answer, closed) = unfinished(address, bytes.as_bytes());
                // Of 26 MB that nobody reads the answer may be lost with the connection.
                if *chunks < 100 {
                    let line = format!("HTTP/1.1 {status} ");
                    assert!(answer.starts_with(&line), "{what}: {answer}");
                    let (head, _) = answer.split_once("\r\n\r\n").unwrap();
                    let head = head.to_lowercase();
                    assert!(head.contains("connection: close"), "{what}: {head}");
                }
                assert!(closed, "{what}: the connection is still open: {answer}");
            });
        }
    });
    // Who ends the body may go on with the connection.
    let whole = format!(
        "{}12\r\n{{\"narrative\": \"x\"}}\r\n0\r\n\r\n",
        head("POST", "/v1/tips", &to(&citizen))
    );
    let last = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let (answers, closed) = unfinished(address, format!("{whole}{whole}{last}").as_bytes());
    assert!(closed, "{answers}");
    assert_eq!(answers.matches("HTTP/1.1 201 ").count(), 2, "{answers}");
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 1, "{answers}");
    stop(running);
}
