//! Where the database is, and whether the way there is encrypted: `sslmode` and `sslrootcert` as libpq
//! knows them, by rustls.
//!
//! Without `sslmode` it is `prefer`, which stops nobody who can change what is sent; only `verify-full` knows
//! whom it speaks to. A unix socket needs none of it.
//!
//! A host that dies without a word (a power cut, a pulled cable) closes nothing: what is sent to it would wait for a
//! quarter of an hour. So connections notice it themselves, and where several hosts are named, none waits for the
//! first alone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use diesel::ConnectionError;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_postgres::config::{Host, SslMode, SslNegotiation};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::dsn;

type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// An address of a database, read and with what it takes to connect.
#[derive(Clone)]
pub struct Address {
    config: Box<tokio_postgres::Config>,
    tls: MakeRustlsConnect,
}

/// What is wrong with an address; never what it says, for a password may be in it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(String);

/// Why no connection was made, fit for the log: neither password nor address.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(String);

/// How long what was sent may stay unacknowledged by the other host's network.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);
/// After how much silence the other host is asked whether it is there, and how often.
const SILENCE: Duration = Duration::from_secs(30);
const ASKED_EVERY: Duration = Duration::from_secs(10);
const ASKED: u32 = 3;
/// How long connecting to one host of several may take: within the time for all of them (`pool.rs`).
const ONE_OF_SEVERAL: Duration = Duration::from_secs(1);

/// Settings that the string does not name, so that a dead host is noticed.
fn give_up_on_the_dead(config: &mut tokio_postgres::Config) {
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNACKNOWLEDGED);
    }
    // Two hours where the string says nothing.
    if config.get_keepalives_idle() == tokio_postgres::Config::new().get_keepalives_idle() {
        config.keepalives_idle(SILENCE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(ASKED_EVERY);
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(ASKED);
    }
    let hosts = config.get_hosts().len().max(config.get_hostaddrs().len());
    if hosts > 1 && config.get_connect_timeout().is_none() {
        config.connect_timeout(ONE_OF_SEVERAL);
    }
}

/// What is demanded of the server, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Mode {
    fn read(text: Option<&str>) -> Result<Self, AddressError> {
        Ok(match text {
            None | Some("prefer") => Self::Prefer,
            Some("disable") => Self::Disable,
            Some("require") => Self::Require,
            Some("verify-ca") => Self::VerifyCa,
            Some("verify-full") => Self::VerifyFull,
            Some(_) => {
                return Err(AddressError(
                    "sslmode must be disable, prefer, require, verify-ca or verify-full".into(),
                ));
            }
        })
    }
}

impl Address {
    /// Reads `postgres://…` or `host=… user=…`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let unreadable = || AddressError("must be postgres://user@host/database".into());
        let (rest, [mode, roots]) =
            dsn::take(text, ["sslmode", "sslrootcert"]).ok_or_else(unreadable)?;
        // What the parser says may quote the password.
        let mut config: tokio_postgres::Config = rest.parse().map_err(|_why| unreadable())?;
        let mut mode = Mode::read(mode.as_deref())?;
        let hosts = config.get_hosts();
        if hosts.iter().all(|host| matches!(host, Host::Unix(_)))
            && config.get_hostaddrs().is_empty()
        {
            mode = Mode::Disable;
        }
        if mode < Mode::Require && config.get_ssl_negotiation() == SslNegotiation::Direct {
            return Err(AddressError(
                "sslnegotiation=direct needs sslmode=require or more".into(),
            ));
        }
        if mode >= Mode::Require && config.get_hosts().is_empty() {
            return Err(AddressError(
                "sslmode needs the server's name in host".into(),
            ));
        }
        // As in libpq: who names an authority wants it asked.
        if mode == Mode::Require && roots.is_some() {
            mode = Mode::VerifyCa;
        }
        config.ssl_mode(match mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        });
        give_up_on_the_dead(&mut config);
        Ok(Self {
            config: Box::new(config),
            tls: MakeRustlsConnect::new(client(mode, roots.as_deref())?),
        })
    }

    /// A connection of tokio-postgres; who drives the second part of it is the caller.
    pub async fn connect(&self) -> Result<(Client, Connection<Socket, Stream>), Unreachable> {
        let mut tried = self.config.connect(self.tls.clone()).await;
        // As in libpq: without TLS, where none comes about.
        if self.config.get_ssl_mode() == SslMode::Prefer && tried.as_ref().is_err_and(is_tls) {
            let mut plain = self.config.clone();
            plain.ssl_mode(SslMode::Disable);
            tried = plain.connect(self.tls.clone()).await;
        }
        tried.map_err(|error| Unreachable(reason(&error)))
    }

    /// A connection of diesel.
    pub async fn establish(&self) -> Result<AsyncPgConnection, ConnectionError> {
        let bad = |why: Unreachable| ConnectionError::BadConnection(why.to_string());
        let (client, connection) = self.connect().await.map_err(bad)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    }
}

#[derive(diesel::QueryableByName)]
struct Flag {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    flag: bool,
}

/// Whether what goes over this connection is encrypted.
pub async fn is_encrypted(conn: &mut AsyncPgConnection) -> crate::error::Result<bool> {
    let sql = "select ssl as flag from pg_stat_ssl where pid = pg_backend_pid()";
    let row: Flag = diesel::sql_query(sql).get_result(conn).await?;
    Ok(row.flag)
}

/// The text of [`ConnectionError`] where it is one of ours.
pub fn said(error: &ConnectionError) -> String {
    match error {
        ConnectionError::BadConnection(why) => why.clone(),
        _ => "cannot connect".to_owned(),
    }
}

fn is_tls(error: &tokio_postgres::Error) -> bool {
    error
        .to_string()
        .starts_with("error performing TLS handshake")
}

fn reason(error: &tokio_postgres::Error) -> String {
    if let Some(code) = error.code() {
        return format!("the database refuses the connection ({})", code.code());
    }
    if !is_tls(error) {
        return "cannot connect".to_owned();
    }
    let cause = std::error::Error::source(error);
    let tls = cause.and_then(|cause| cause.downcast_ref::<std::io::Error>());
    let tls = tls.and_then(|io| io.get_ref()?.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(why)) => certificate(why),
        Some(other) => format!("no TLS with the database: {other}"),
        None => "no TLS with the database: it offers none".to_owned(),
    }
}

fn certificate(why: &CertificateError) -> String {
    let what = match why {
        // One that only bears an authority's name signs badly.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "is signed by no authority that sslrootcert names".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for another name than the host in its address".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "has expired".to_owned()
        }
        other => format!("is not good: {other}"),
    };
    format!("the database's certificate {what}")
}

fn client(mode: Mode, roots: Option<&str>) -> Result<ClientConfig, AddressError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let broken = |why: String| AddressError(format!("sslrootcert: {why}"));
    let verifier: Arc<dyn ServerCertVerifier> = match mode {
        Mode::Disable | Mode::Prefer | Mode::Require => Arc::new(Lenient {
            chain: None,
            provider: provider.clone(),
        }),
        Mode::VerifyCa | Mode::VerifyFull => {
            let roots = authorities(mode, roots).map_err(broken)?;
            let chain = WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone())
                .build()
                .map_err(|error| broken(error.to_string()))?;
            match mode {
                Mode::VerifyFull => chain,
                _ => Arc::new(Lenient {
                    chain: Some(chain),
                    provider: provider.clone(),
                }),
            }
        }
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| AddressError(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(config)
}

fn authorities(mode: Mode, file: Option<&str>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    match file.filter(|file| *file != "system") {
        Some(file) => {
            let cannot =
                |why: &dyn fmt::Display| format!("cannot read certificates from {file}: {why}");
            for certificate in CertificateDer::pem_file_iter(file).map_err(|e| cannot(&e))? {
                let certificate = certificate.map_err(|e| cannot(&e))?;
                roots.add(certificate).map_err(|e| cannot(&e))?;
            }
        }
        // Any public authority signs for anybody: without the name that says nothing.
        None if mode == Mode::VerifyCa => {
            return Err("sslmode=verify-ca needs a file of certificates".to_owned());
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err("no certificate is there".to_owned());
    }
    Ok(roots)
}

/// Asks less of a server than its name: who vouches for it (`verify-ca`), or nothing at all.
#[derive(Debug)]
struct Lenient {
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        match chain.verify_server_cert(certificate, between, name, ocsp, now) {
            // The name is looked at last: the rest is in order.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_dies_without_a_word_is_noticed_unless_the_address_says_otherwise() {
        let seconds = |time: Option<&Duration>| time.map(Duration::as_secs);
        let of = |text: &str| Address::parse(text).unwrap().config;
        let plain = of("postgres://u@h/d");
        assert_eq!(seconds(plain.get_tcp_user_timeout()), Some(10));
        assert!(plain.get_keepalives());
        assert_eq!(plain.get_keepalives_idle().as_secs(), 30);
        assert_eq!(
            plain.get_keepalives_interval().map(|t| t.as_secs()),
            Some(10)
        );
        assert_eq!(plain.get_keepalives_retries(), Some(3));
        assert_eq!(seconds(plain.get_connect_timeout()), None);

        let several = of("postgres://u@a,b/d?target_session_attrs=read-write");
        assert_eq!(seconds(several.get_connect_timeout()), Some(1));

        let chosen = of(
            "postgres://u@a,b/d?tcp_user_timeout=3&keepalives_idle=4&keepalives_interval=5&\
             keepalives_retries=6&connect_timeout=7",
        );
        assert_eq!(seconds(chosen.get_tcp_user_timeout()), Some(3));
        assert_eq!(chosen.get_keepalives_idle().as_secs(), 4);
        assert_eq!(
            chosen.get_keepalives_interval().map(|t| t.as_secs()),
            Some(5)
        );
        assert_eq!(chosen.get_keepalives_retries(), Some(6));
        assert_eq!(seconds(chosen.get_connect_timeout()), Some(7));
    }
}
