//! Issuers behind a URL played through with a real server: roll-over, outage, hostile answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::forge::{Forger, claims, now};
use super::stage::{IDP, after, both, foreign, fresh, with};
use crate::auth::{Issuers, Rejected, Verifier};

/// A small HTTP server that answers every request with the bytes it is told.
struct JwksServer {
    address: std::net::SocketAddr,
    answer: Arc<Mutex<Vec<u8>>>,
    asked: Arc<AtomicUsize>,
    accepting: tokio::task::JoinHandle<()>,
}

impl JwksServer {
    async fn start(set: &str) -> JwksServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answer, asked) = (Arc::new(Mutex::new(ok(set))), Arc::new(AtomicUsize::new(0)));
        let (to_send, counted) = (Arc::clone(&answer), Arc::clone(&asked));
        let accepting = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let answer = to_send.lock().clone();
                tokio::spawn(async move {
                    let _request = stream.read(&mut [0; 4096]).await;
                    // No answer at all plays a server that hangs.
                    if answer.is_empty() {
                        tokio::time::sleep(Duration::from_secs(60)).await;
                    }
                    let _sent = stream.write_all(&answer).await;
                });
            }
        });
        JwksServer {
            address,
            answer,
            asked,
            accepting,
        }
    }

    fn answer(&self, bytes: Vec<u8>) {
        *self.answer.lock() = bytes;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn verifier(&self) -> Verifier {
        foreign(&format!("{IDP}=http://{}/jwks.json?tenant=a", self.address))
    }
}

fn ok(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[tokio::test]
async fn a_roll_over_is_followed_and_asked_for_once_in_thirty_seconds() {
    let (old, new) = (Forger::ed25519("old"), Forger::es256("new"));
    let server = JwksServer::start(&old.jwks()).await;
    let verifier = server.verifier();
    assert!(verifier.verify(&fresh(&old, 1), now()).await.is_ok());
    assert_eq!(server.asked(), 1);
    assert!(verifier.verify(&fresh(&old, 2), now()).await.is_ok());
    assert_eq!(server.asked(), 1, "a known key asks nobody");

    server.answer(ok(&both(&old, &new)));
    for number in 0..20 {
        assert_eq!(
            verifier.verify(&fresh(&new, number), after(29)).await.err(),
            Some(Rejected::Invalid)
        );
    }
    assert_eq!(server.asked(), 1, "too early to ask again");
    assert!(verifier.verify(&fresh(&new, 1), after(30)).await.is_ok());
    assert!(
        verifier.verify(&fresh(&old, 3), after(30)).await.is_ok(),
        "both keys during the overlap"
    );
    assert_eq!(server.asked(), 2);

    server.answer(ok(&new.jwks()));
    assert!(
        verifier
            .verify(&fresh(&Forger::ed25519("noise"), 1), after(60))
            .await
            .is_err()
    );
    assert_eq!(server.asked(), 3);
    assert!(
        verifier.verify(&fresh(&old, 4), after(60)).await.is_err(),
        "the old key has ended"
    );
    assert!(verifier.verify(&fresh(&new, 5), after(60)).await.is_ok());
}

#[tokio::test]
async fn many_at_once_ask_once() {
    let key = Forger::ed25519("k");
    let server = JwksServer::start(&key.jwks()).await;
    let verifier = Arc::new(server.verifier());
    let all: Vec<_> = (0..50)
        .map(|number| {
            let (verifier, token) = (Arc::clone(&verifier), fresh(&key, number));
            tokio::spawn(async move { verifier.verify(&token, now()).await.is_ok() })
        })
        .collect();
    for one in all {
        assert!(one.await.unwrap());
    }
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn an_outage_keeps_the_last_good_set() {
    let key = Forger::ed25519("k");
    let server = JwksServer::start(&key.jwks()).await;
    let verifier = server.verifier();
    assert!(verifier.verify(&fresh(&key, 0), now()).await.is_ok());
    let noise = Forger::ed25519("noise");
    let other = Forger::ed25519("other");
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://{}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        server.address
    );
    let huge = format!("{{\"keys\":[],\"x\":\"{}\"}}", "a".repeat(300_000));
    let endless = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}",
        " ".repeat(300_000)
    );
    let answers: [(&str, Vec<u8>); 8] = [
        (
            "an error",
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                .to_vec(),
        ),
        (
            "a key set with an error's status",
            String::from_utf8(ok(&other.jwks()))
                .unwrap()
                .replacen("200 OK", "404 Not Found", 1)
                .into_bytes(),
        ),
        ("a redirect", redirect.into_bytes()),
        ("a page", ok("<html>maintenance</html>")),
        ("an empty set", ok("{\"keys\":[]}")),
        ("a huge set", ok(&huge)),
        ("a huge set without a length", endless.into_bytes()),
        ("rubbish", b"\x16\x03\x01".to_vec()),
    ];
    let mut at = 0;
    for (what, answer) in answers {
        server.answer(answer);
        at += 30;
        let asked = server.asked();
        assert_eq!(
            verifier.verify(&fresh(&noise, 0), after(at)).await.err(),
            Some(Rejected::Invalid),
            "{what}"
        );
        assert_eq!(server.asked(), asked + 1, "{what}");
        assert!(
            verifier
                .verify(&fresh(&key, 1), after(at + 1))
                .await
                .is_ok(),
            "{what}"
        );
        assert!(
            verifier
                .verify(&fresh(&other, 1), after(at + 1))
                .await
                .is_err(),
            "{what}"
        );
    }
    server.accepting.abort();
    at += 30;
    assert!(verifier.verify(&fresh(&noise, 1), after(at)).await.is_err());
    assert!(
        verifier.verify(&fresh(&key, 2), after(at)).await.is_ok(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn an_issuer_never_reached_is_unavailable_until_it_answers() {
    let key = Forger::ed25519("k");
    let server = JwksServer::start("").await;
    let verifier = server.verifier();
    assert_eq!(
        verifier.verify(&fresh(&key, 1), now()).await.err(),
        Some(Rejected::Unavailable)
    );
    server.answer(ok(&key.jwks()));
    assert_eq!(
        verifier.verify(&fresh(&key, 1), after(1)).await.err(),
        Some(Rejected::Unavailable)
    );
    assert!(verifier.verify(&fresh(&key, 1), after(30)).await.is_ok());
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_waste_the_attempt() {
    let key = Forger::ed25519("k");
    let server = JwksServer::start(&key.jwks()).await;
    let verifier = server.verifier();
    let token = fresh(&key, 1);
    // Polled once and dropped, as a server does when its client goes away.
    tokio::select! { biased; _ = verifier.verify(&token, now()) => panic!("not yet"), () = std::future::ready(()) => {} }
    tokio::time::timeout(Duration::from_secs(4), async {
        while verifier.verify(&token, after(1)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_five_seconds() {
    let key = Forger::ed25519("k");
    let server = JwksServer::start(&key.jwks()).await;
    let verifier = server.verifier();
    assert!(verifier.verify(&fresh(&key, 1), now()).await.is_ok());
    server.answer(Vec::new());
    let noise = fresh(&Forger::ed25519("noise"), 1);
    let started = std::time::Instant::now();
    let (refused, passed) = tokio::join!(verifier.verify(&noise, after(30)), async {
        let passed = verifier.verify(&fresh(&key, 2), after(30)).await;
        (passed, started.elapsed())
    });
    assert!(refused.is_err() && passed.0.is_ok());
    assert!(
        passed.1 < Duration::from_secs(2),
        "a known key does not wait: {:?}",
        passed.1
    );
    assert!(
        (4..8).contains(&started.elapsed().as_secs()),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn an_old_set_is_read_again_in_the_background() {
    let (old, new) = (Forger::ed25519("old"), Forger::ed25519("new"));
    let server = JwksServer::start(&old.jwks()).await;
    let verifier = server.verifier();
    assert!(verifier.verify(&fresh(&old, 1), now()).await.is_ok());
    server.answer(ok(&new.jwks()));
    assert!(
        verifier.verify(&fresh(&old, 2), after(600)).await.is_ok(),
        "answered at once with the set at hand"
    );
    tokio::time::timeout(Duration::from_secs(4), async {
        let mut number = 3;
        while verifier
            .verify(&fresh(&old, number), after(600))
            .await
            .is_ok()
        {
            number += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the withdrawn key ends");
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn warming_reads_the_sets_before_the_first_token() {
    let key = Forger::ed25519("k");
    let server = JwksServer::start(&key.jwks()).await;
    let issuers = Issuers::parse(&format!("{IDP}=http://{}/", server.address)).unwrap();
    issuers.warm(now()).await;
    assert_eq!(server.asked(), 1);
    let verifier = Verifier::new(None, issuers, "tinbao".into(), "i".into());
    assert!(verifier.verify(&fresh(&key, 1), now()).await.is_ok());
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn a_token_that_is_over_makes_nobody_ask_its_issuer() {
    let forger = Forger::ed25519("old");
    let server = JwksServer::start(&forger.jwks()).await;
    let list = format!("{IDP}=http://{}/jwks.json", server.address);
    let issuers = Issuers::parse(&list).unwrap();
    let local = Some(Arc::new(Forger::ed25519("").as_local_keys()));
    let verifier = Verifier::new(local, issuers, "tinbao".into(), "tinbao".into());
    for hours in 0..20 {
        let exp = now().timestamp() - 3_600 * hours;
        let token = forger.token(&with(claims(IDP), "exp", exp.into()));
        let lapsed = verifier.verify_lapsed(&token, now(), TimeDelta::days(90));
        assert_eq!(lapsed.await.err(), Some(Rejected::Invalid));
    }
    assert_eq!(server.asked(), 0);
}
