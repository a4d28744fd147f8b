//! A receiver of webhooks: a real HTTP server on 127.0.0.1 that answers, fails, hangs or breaks off.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub raw: String,
}

impl Seen {
    /// The CloudEvent.
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.raw).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        &self.headers[name]
    }

    pub fn kind(&self) -> String {
        self.event()["type"].as_str().unwrap().to_owned()
    }

    pub fn subject(&self) -> String {
        self.event()["subject"].as_str().unwrap().to_owned()
    }
}

/// What the receiver does with a request.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// Answers this status.
    Status(u16),
    /// Answers this status a second later.
    Late(u16),
    /// Answers this status when [`Receiver::release`] is called.
    Held(u16),
    /// Answers 302 to `/elsewhere`.
    Redirect,
    /// Keeps the connection and says nothing.
    Hang,
    /// Closes in the middle of its status line.
    CloseHalfWay,
    /// Answers 200 and closes in the middle of the body.
    CutBody,
    /// Answers 200 and a body without end.
    Endless,
}

type Decide = dyn Fn(&Seen) -> Act + Send;

/// A running receiver; it ends with the test.
#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    decide: Arc<Mutex<Box<Decide>>>,
    released: Arc<Notify>,
}

impl Receiver {
    /// Takes everything.
    pub async fn start() -> Self {
        Self::listen(None).await
    }

    /// The same over TLS, under the name `localhost`.
    pub async fn start_tls(acceptor: TlsAcceptor) -> Self {
        Self::listen(Some(acceptor)).await
    }

    async fn listen(acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let receiver = Self {
            url: match acceptor {
                None => format!("http://{address}/hooks"),
                Some(_) => format!("https://localhost:{}/hooks", address.port()),
            },
            seen: Arc::default(),
            decide: Arc::new(Mutex::new(Box::new(|_| Act::Status(204)))),
            released: Arc::default(),
        };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (serving, acceptor) = (serving.clone(), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => serving.serve(stream).await,
                        Some(acceptor) => {
                            // Who does not trust the certificate breaks off.
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serving.serve(stream).await;
                            }
                        }
                    }
                });
            }
        });
        receiver
    }

    /// Acts so from now on.
    pub fn act(&self, decide: impl Fn(&Seen) -> Act + Send + 'static) {
        *self.decide.lock().unwrap() = Box::new(decide);
    }

    /// Answers what is held.
    pub fn release(&self) {
        self.released.notify_waiters();
    }

    /// Everything that came, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The same, and nothing is remembered.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    async fn serve(self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let Some(seen) = read(&mut stream).await else {
            return;
        };
        let act = (self.decide.lock().unwrap())(&seen);
        // Waited for from before it can be seen that the request is there.
        let released = self.released.notified();
        self.seen.lock().unwrap().push(seen);
        match act {
            Act::Late(_) => tokio::time::sleep(std::time::Duration::from_secs(1)).await,
            Act::Held(_) => released.await,
            _ => {}
        }
        let answer = match act {
            Act::Status(code) | Act::Late(code) | Act::Held(code) => {
                format!("HTTP/1.1 {code} x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            }
            Act::Redirect => "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
            Act::Hang => {
                tokio::time::sleep(std::time::Duration::from_secs(60)).await;
                return;
            }
            Act::CloseHalfWay => "HTTP/1.1 20".to_owned(),
            Act::Endless => {
                let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
                let mut sent = stream.write_all(head.as_bytes()).await;
                while sent.is_ok() {
                    sent = stream.write_all(&[b'x'; 4096]).await;
                }
                return;
            }
            Act::CutBody => "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf of".to_owned(),
        };
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

/// Reads one request; `None` where the client closes before it is whole.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers["content-length"].parse().unwrap();
    while bytes.len() < end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen {
        path,
        headers,
        raw: String::from_utf8(bytes[end + 4..].to_vec()).unwrap(),
    })
}
