//! Bytes on the wire that no client library sends, against the real program.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::process::{get, start, stop, token};

/// Sends raw bytes and returns whatever comes back until the server closes.
fn throw(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    // The server may close before it has read everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0)
}

#[test]
fn oversized_ambiguous_and_split_requests_are_refused_and_the_service_goes_on() {
    let dir = tempfile::Builder::new()
        .prefix("tinbao-wire")
        .tempdir()
        .unwrap();
    crate::process::open_to_postgres(dir.path());
    let running = start(dir.path());
    let address = running.address.as_str();
    let officer = token(dir.path(), "tips:read");
    let exporter = token(dir.path(), "exchange:read");
    for (version, chunks) in [("1.0", false), ("1.1", true)] {
        let asked = format!(
            "GET /v1/exports/indicators.csv HTTP/{version}\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {exporter}\r\n\r\n"
        );
        let answer = throw(address, asked.as_bytes());
        assert_eq!(status(&answer), 200, "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        assert_eq!(chunked, chunks, "HTTP/1.0 knows no chunks: {head}");
        assert_eq!(body.starts_with('\u{feff}'), !chunks, "{body}");
    }
    let head = |extra: &str| {
        format!("GET /v1/tips HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{extra}\r\n")
    };
    let body = "{\"narrative\": \"x\"}";
    let post = |headers: &str, body: &str| {
        format!(
            "POST /v1/tips HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{headers}\r\n{body}"
        )
    };
    for (what, bytes, expected) in [
        (
            "a token of 100 KB",
            head(&format!(
                "Authorization: Bearer {}\r\n",
                "a".repeat(100_000)
            )),
            &[401, 431, 400][..],
        ),
        (
            "a header of 10 MB",
            head(&format!("X: {}\r\n", "a".repeat(10_000_000))),
            &[400, 431, 0],
        ),
        (
            "a thousand headers",
            head(&"X: y\r\n".repeat(1_000)),
            &[400, 431, 0],
        ),
        (
            "a path of 200 KB",
            format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(200_000)),
            &[400, 414, 431, 0],
        ),
        (
            "two lengths",
            post("Content-Length: 18\r\nContent-Length: 5\r\n", body),
            &[400],
        ),
        (
            "a length and chunks",
            post(
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                "0\r\n\r\nGET /v1/clients HTTP/1.1\r\n\r\n",
            ),
            &[400],
        ),
        (
            "chunks twice",
            post(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                "0\r\n\r\n",
            ),
            &[400, 401],
        ),
        (
            "a broken chunk",
            post("Transfer-Encoding: chunked\r\n", "zz\r\n\r\n"),
            &[400, 401],
        ),
        (
            "a negative length",
            post("Content-Length: -1\r\n", body),
            &[400],
        ),
        (
            "a length beyond all",
            post("Content-Length: 99999999999999999999\r\n", body),
            &[400],
        ),
        (
            "a return inside a value",
            head("X-Request-Id: a\rb\r\n"),
            &[400],
        ),
        (
            "a space before the colon",
            head("Authorization : Bearer x\r\n"),
            &[400],
        ),
        ("a folded header", head("X: a\r\n b\r\n"), &[400]),
        ("no version", "GET /v1/tips\r\n\r\n".to_owned(), &[400, 0]),
        (
            "HTTP/2 without being asked",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            &[400, 405, 0, 505],
        ),
        (
            "TLS",
            "\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03".to_owned(),
            &[400, 0],
        ),
        (
            "another site's address",
            "GET http://169.254.169.254/latest/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                .to_owned(),
            &[404, 400],
        ),
        (
            "a tunnel",
            "CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                .to_owned(),
            &[400, 404, 405],
        ),
        (
            "TRACE",
            "TRACE /v1/tips HTTP/1.1\r\nHost: x\r\nX-Secret: abc\r\nConnection: close\r\n\r\n"
                .to_owned(),
            &[404, 405],
        ),
    ] {
        let answer = throw(address, bytes.as_bytes());
        let got = status(&answer);
        assert!(expected.contains(&got), "{what}: {answer}");
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            usize::from(got != 0),
            "{what}: one answer: {answer}"
        );
        assert!(!answer.contains("abc"), "{what}: nothing is echoed");
        let after = get(address, "/v1/tips", &officer);
        assert_eq!(status(&after), 200, "after {what}: {after}");
    }
    // Twenty who never finish their request keep nobody else from being served.
    let waiting: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream
                .write_all(b"POST /v1/tips HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{")
                .unwrap();
            stream
        })
        .collect();
    assert_eq!(status(&get(address, "/v1/tips", &officer)), 200);
    drop(waiting);
    stop(running);
}
