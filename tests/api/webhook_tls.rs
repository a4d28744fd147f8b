//! Webhooks over TLS: delivered where a trusted authority vouches for the name in the URL, and else not.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::support::{Receiver, TestApp};
use crate::webhooks::{LOCAL, deliveries, is_signed_by, police, register, tip};

/// An authority of one's own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// What a server answers with that it vouches for under a name.
    fn acceptor(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key);
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }
}

/// What one attempt to deliver to the receiver comes to.
async fn attempt(settings: &[(&str, &str)], receiver: &Receiver) -> (String, String) {
    let t = TestApp::with(settings).await;
    let officer = police(&t).await;
    let webhook = register(&officer, &receiver.url, &["tip.received"]).await;
    tip(&t).await;
    t.settle().await;
    t.running.dispatcher.pass().await.unwrap();
    for seen in receiver.seen() {
        assert!(is_signed_by(&webhook["secret"], &seen));
    }
    let log = deliveries(&officer, &webhook, "").await;
    (log[0]["state"].to_string(), log[0]["error"].to_string())
}

#[actix_web::test]
async fn an_event_arrives_over_tls_that_an_authority_of_ones_own_vouches_for() {
    let authority = Authority::new();
    let receiver = Receiver::start_tls(authority.acceptor("localhost")).await;
    let settings = [LOCAL[0], ("TINBAO_WEBHOOK_CA", authority.pem.as_str())];
    let (state, error) = attempt(&settings, &receiver).await;
    assert_eq!((state.as_str(), error.as_str()), ("\"delivered\"", "null"));
    assert_eq!(receiver.take().len(), 1);

    // The same authority, named by a file.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &authority.pem).unwrap();
    let named = ("TINBAO_WEBHOOK_CA_FILE", file.path().to_str().unwrap());
    attempt(&[LOCAL[0], named], &receiver).await;
    assert_eq!(receiver.take().len(), 1);
}

#[actix_web::test]
async fn who_is_vouched_for_by_nobody_or_under_another_name_is_told_nothing() {
    let (trusted, other) = (Authority::new(), Authority::new());
    let trust = ("TINBAO_WEBHOOK_CA", trusted.pem.as_str());
    for (why, settings, acceptor) in [
        (
            "no authority is trusted",
            LOCAL,
            trusted.acceptor("localhost"),
        ),
        (
            "another authority",
            &[LOCAL[0], trust],
            other.acceptor("localhost"),
        ),
        (
            "another name",
            &[LOCAL[0], trust],
            trusted.acceptor("bank.example.vn"),
        ),
    ] {
        let receiver = Receiver::start_tls(acceptor).await;
        let (state, error) = attempt(settings, &receiver).await;
        assert_ne!(state, "\"delivered\"", "{why}");
        assert_eq!(error, "\"connection_failed\"", "{why}");
        assert!(receiver.seen().is_empty(), "{why}");
    }
}

#[actix_web::test]
async fn an_authority_that_is_none_stops_the_start() {
    use tinbao::config::{Config, Env};
    for text in [
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    ] {
        let settings = vec![("TINBAO_WEBHOOK_CA".to_owned(), text.to_owned())];
        let refused = Config::from_env(Env::new(settings))
            .err()
            .unwrap()
            .to_string();
        assert!(
            refused.contains("TINBAO_WEBHOOK_CA: must be certificates in PEM"),
            "{refused}"
        );
    }
}
