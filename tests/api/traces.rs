//! Traces of a real process, as a collector receives them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::mpsc;

use crate::process::{open_to_postgres, request, start_with, stop};

/// A collector that takes all that comes; what it received comes out of the channel.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, received) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let from = head.len();
                assert!(stream.read_line(&mut head).unwrap() > 0);
                let line = head[from..].to_ascii_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.get_mut().write_all(answer).unwrap();
            send.send((head, body)).unwrap();
        }
    });
    (url, received)
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

#[test]
fn a_request_is_a_span_of_its_callers_trace_and_names_no_value() {
    let dir = tempfile::tempdir().unwrap();
    open_to_postgres(dir.path());
    let (url, received) = collector();
    let running = start_with(
        dir.path(),
        Stdio::null(),
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
            ("TINBAO_PUBLIC_CHECK", "true"),
        ],
    );
    let answer = request(
        &running.address,
        "GET /v1/check/hashes/abcde?value=0912345678 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stop(running);

    let all: Vec<_> = received.try_iter().collect();
    assert!(
        all.iter()
            .all(|(head, _)| head.starts_with("POST /v1/traces "))
    );
    let body = all
        .into_iter()
        .flat_map(|(_, body)| body)
        .collect::<Vec<_>>();
    for part in ["GET /v1/check/hashes/{prefix}", "http.route", "tinbao"] {
        assert!(holds(&body, part.as_bytes()), "no {part}");
    }
    let trace = hex::decode("4bf92f3577b34da6a3ce929d0e0e4736").unwrap();
    let parent = hex::decode("00f067aa0ba902b7").unwrap();
    assert!(holds(&body, &trace) && holds(&body, &parent));
    assert!(!holds(&body, b"abcde") && !holds(&body, b"0912345678"));
}
