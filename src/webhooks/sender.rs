//! One HTTP request to a receiver: bounded in time, size and reach.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, Url};

use super::target::{Targets, Transport};
use crate::error::BoxError;

/// How long a receiver may take, from the look-up of its name to the end of its answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of an answer is read, and thrown away.
const ANSWER: usize = 64 * 1024;
/// What bodies are sent as: the structured mode of CloudEvents' HTTP binding.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Status that was answered, if any was.
    pub code: Option<u16>,
    /// Why it failed; none where it was delivered.
    pub error: Option<&'static str>,
}

impl Attempt {
    const fn failed(code: Option<u16>, error: &'static str) -> Self {
        Self {
            code,
            error: Some(error),
        }
    }

    /// No attempt at all: there was nothing to sign with.
    pub const fn unsigned() -> Self {
        Self::failed(None, "secret_unreadable")
    }

    /// Whether the receiver has it.
    pub const fn delivered(self) -> bool {
        self.error.is_none()
    }

    /// Whether the receiver wants no more (410).
    pub fn gone(self) -> bool {
        self.code == Some(410)
    }
}

/// A message, signed.
pub struct Message {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: i64,
    /// `webhook-signature`.
    pub signature: String,
    /// The body.
    pub body: String,
}

/// Posts messages to targets that may be reached.
#[derive(Clone)]
pub struct Sender {
    targets: Targets,
    /// Without certificates to verify receivers by, `https` cannot be spoken.
    secure: Option<Client>,
    plain: Option<Client>,
}

impl Sender {
    /// Reaches what `targets` admits; over `https` whom the system's certificates or these vouch for.
    pub fn new(targets: Targets, authorities: &[Certificate]) -> Self {
        let client = |transport| {
            let mut builder = Client::builder()
                .timeout(TIMEOUT)
                .redirect(reqwest::redirect::Policy::none())
                // A proxy would resolve names itself, beyond our reach.
                .no_proxy()
                // Every attempt resolves and judges its target anew.
                .pool_max_idle_per_host(0)
                .dns_resolver(Arc::new(JudgedNames {
                    targets: targets.clone(),
                    transport,
                }))
                .user_agent("tinbao-webhooks");
            builder = match transport {
                Transport::Plain => builder.tls_certs_only([]),
                Transport::Secure if authorities.is_empty() => builder,
                Transport::Secure => builder.tls_certs_merge(authorities.iter().cloned()),
            };
            builder
                .build()
                .inspect_err(|error| tracing::warn!(%error, "cannot prepare webhooks"))
                .ok()
        };
        Self {
            secure: client(Transport::Secure),
            plain: client(Transport::Plain),
            targets,
        }
    }

    /// Posts a message once.
    pub async fn send(&self, url: &str, message: Message) -> Attempt {
        let Ok(url) = Url::parse(url) else {
            return Attempt::failed(None, "invalid_url");
        };
        let Some(transport) = Transport::of(&url) else {
            return Attempt::failed(None, "invalid_url");
        };
        // An address needs no resolver, so the resolver cannot judge it.
        let written = url
            .host_str()
            .and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        if written.is_some_and(|address| !self.targets.admits(transport, address)) {
            return Attempt::failed(None, "target_not_allowed");
        }
        let client = match transport {
            Transport::Secure => &self.secure,
            Transport::Plain => &self.plain,
        };
        let Some(client) = client else {
            return Attempt::failed(None, "no_certificates");
        };
        let request = client
            .post(url)
            .header("content-type", CONTENT_TYPE)
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.timestamp)
            .header("webhook-signature", message.signature)
            .body(message.body);
        match request.send().await {
            Ok(answer) => read(answer).await,
            Err(error) => Attempt::failed(None, reason(&error)),
        }
    }
}

/// Reads an answer to its end or its bound: a receiver that breaks off has not said that it is done.
async fn read(mut answer: reqwest::Response) -> Attempt {
    let (status, mut size) = (answer.status(), 0);
    let code = Some(status.as_u16());
    while size < ANSWER {
        match answer.chunk().await {
            Ok(Some(piece)) => size += piece.len(),
            Ok(None) => break,
            Err(error) if error.is_timeout() => return Attempt::failed(code, "timeout"),
            Err(_broken) => return Attempt::failed(code, "answer_broken_off"),
        }
    }
    if status.is_success() {
        Attempt { code, error: None }
    } else if status.is_redirection() {
        Attempt::failed(code, "redirect_not_followed")
    } else {
        Attempt::failed(code, "status")
    }
}

fn reason(error: &reqwest::Error) -> &'static str {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(judged) = error.downcast_ref::<Unreachable>() {
            return judged.code();
        }
        cause = error.source();
    }
    if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connection_failed"
    } else {
        "answer_broken_off"
    }
}

/// Why a name leads nowhere.
#[derive(Debug, thiserror::Error)]
enum Unreachable {
    #[error("the name cannot be resolved")]
    Unknown,
    #[error("the name leads to no address that webhooks may reach")]
    NotAllowed,
}

impl Unreachable {
    const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "name_not_resolved",
            Self::NotAllowed => "target_not_allowed",
        }
    }
}

/// Resolves names and passes on only addresses that may be reached; the client connects to these.
struct JudgedNames {
    targets: Targets,
    transport: Transport,
}

impl Resolve for JudgedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (targets, transport) = (self.targets.clone(), self.transport);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|_why| -> BoxError { Unreachable::Unknown.into() })?;
            let admitted: Vec<_> = found
                .filter(|address| targets.admits(transport, address.ip()))
                .collect();
            if admitted.is_empty() {
                return Err(Unreachable::NotAllowed.into());
            }
            Ok::<Addrs, BoxError>(Box::new(admitted.into_iter()))
        })
    }
}
