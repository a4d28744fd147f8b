//! Configuration: the environment, read once, with every problem reported at once.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;

use crate::auth::{Issuers, StepUp};
use crate::db::Address;
use crate::http::address::TrustedProxies;
use crate::http::limits::LimitSettings;
use crate::keys::{IdentityKeys, Secret};

/// One variable for `--help`, the README and `tinbao doctor`: name, default, meaning.
pub const VARIABLES: &[(&str, &str, &str)] = &[
    (
        "DATABASE_URL",
        "",
        "Postgres; several hosts with target_session_attrs=read-write are allowed, sslmode and sslrootcert as in libpq",
    ),
    (
        "TINBAO_MIGRATE_DATABASE_URL",
        "DATABASE_URL",
        "Postgres as the owner of the tables, for 'tinbao migrate' alone",
    ),
    (
        "TINBAO_READ_DATABASE_URL",
        "",
        "a streaming replica for searches, statistics and exports, while it is at most 10 s behind",
    ),
    ("TINBAO_BIND", "127.0.0.1:8080", "address of the API"),
    (
        "TINBAO_METRICS_BIND",
        "127.0.0.1:9090",
        "address of the Prometheus metrics; off for none",
    ),
    (
        "TINBAO_DATA_DIR",
        "./var",
        "keys, notes and the private cluster",
    ),
    ("TINBAO_PROVINCE", "11", "province code"),
    (
        "TINBAO_NUMBER_PREFIX",
        "DB",
        "prefix of register and case numbers",
    ),
    (
        "TINBAO_ISSUER",
        "tinbao",
        "iss of own tokens and attestations",
    ),
    ("TINBAO_AUDIENCE", "tinbao", "aud that tokens must have"),
    (
        "TINBAO_LOCAL_ISSUER",
        "on",
        "off: own tokens are not accepted and not made",
    ),
    (
        "TINBAO_REVEAL_APPROVAL",
        "secret",
        "whose identity takes a second officer to reveal: secret (who asked for secrecy) or always",
    ),
    (
        "TINBAO_JWKS",
        "",
        "further issuers: issuer=URL or file, several by comma; ;prefix=NAME names its people apart, ;typ=JWT takes plain JWTs",
    ),
    (
        "TINBAO_STEP_UP",
        "",
        "how people of further issuers must have logged in for what is sensitive: acr=… …;amr=… …;max_age=8h",
    ),
    (
        "TINBAO_SIGNING_KEY",
        "",
        "private key(s), PEM or JWK; else keys/ in the data folder",
    ),
    (
        "TINBAO_IDENTITY_KEYS",
        "",
        "id:base64,… the first wraps, all unwrap",
    ),
    (
        "TINBAO_RECEIPT_KEY",
        "",
        "base64 of 32 bytes: hashes receipts",
    ),
    ("TINBAO_CURSOR_KEY", "", "base64 of 32 bytes: seals cursors"),
    (
        "TINBAO_STORAGE",
        "",
        "where evidence lies: file:///folder (by default evidence in the data folder) or s3://bucket/prefix, with the usual AWS_… variables",
    ),
    (
        "TINBAO_LIMITS",
        "client=50/s:600,device=1/s:20,address=20/s:300,check=20/s:600",
        "rate:burst; off for none",
    ),
    (
        "TINBAO_TRUSTED_PROXIES",
        "",
        "CIDR list whose Forwarded fields are believed",
    ),
    (
        "TINBAO_WEBHOOK_ALLOWED_NETWORKS",
        "",
        "CIDR list that webhooks may reach besides public addresses, also by plain http",
    ),
    (
        "TINBAO_WEBHOOK_CA",
        "",
        "PEM certificates that receivers of webhooks are trusted by, besides the system's; TINBAO_WEBHOOK_CA_FILE names a file",
    ),
    (
        "TINBAO_PUBLIC_CHECK",
        "false",
        "true: the check is open without a token",
    ),
    (
        "TINBAO_CORS_ORIGINS",
        "",
        "origins of browser apps, by comma",
    ),
    ("TINBAO_LOG", "info", "filter of the log"),
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        "OpenTelemetry collector that traces are sent to, OTLP over HTTP; the other OTEL_ variables apply",
    ),
];

/// Reads variables and collects what is wrong with them.
pub struct Env {
    values: HashMap<String, String>,
    problems: Vec<String>,
}

impl Env {
    /// The process's environment. `NAME_FILE` names a file that holds the value of `NAME`.
    pub fn from_process() -> Self {
        Self::new(std::env::vars())
    }

    /// An environment from pairs.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let values = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self {
            values,
            problems: Vec::new(),
        }
    }

    /// The text of a variable.
    pub fn text(&mut self, name: &str) -> Option<String> {
        if let Some(value) = self.values.get(name) {
            return Some(value.clone());
        }
        let path = self.values.get(&format!("{name}_FILE"))?.clone();
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text.trim().to_owned()),
            Err(error) => {
                self.problems
                    .push(format!("{name}_FILE: cannot read {path}: {error}"));
                None
            }
        }
    }

    /// A variable read by `parse`, or its default.
    pub fn parsed<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> T {
        match self.text(name).map(|text| parse(&text)) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                self.problems.push(format!("{name}: {error}"));
                default
            }
        }
    }

    fn database(&mut self, name: &str) -> Option<String> {
        self.parsed(name, None, |text| {
            Address::parse(text).map(|_| Some(text.to_owned()))
        })
    }

    fn list<T: std::str::FromStr>(&mut self, name: &str) -> Vec<T>
    where
        T::Err: std::fmt::Display,
    {
        self.parsed(name, Vec::new(), |text| {
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| item.parse().map_err(|e| format!("'{item}': {e}")))
                .collect::<Result<Vec<T>, String>>()
        })
    }

    /// All problems as one line each, or nothing.
    pub fn finish(self) -> Result<(), ConfigError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError(self.problems))
        }
    }

    /// Notes a problem.
    pub fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }
}

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// Secrets as configured; what is absent is made in the data folder where that is allowed.
#[derive(Clone, Default)]
pub struct SecretConfig {
    /// Signing keys.
    pub signing: Option<String>,
    /// Identity keys.
    pub identity: Option<IdentityKeys>,
    /// Receipt key.
    pub receipt: Option<Secret>,
    /// Cursor key.
    pub cursor: Option<Secret>,
}

/// Everything that can be set.
pub struct Config {
    /// Postgres.
    pub database_url: Option<String>,
    /// A streaming replica of it for reads.
    pub read_database_url: Option<String>,
    /// Postgres as the owner of the tables, where that is another role.
    pub migrate_database_url: Option<String>,
    /// Address of the API.
    pub bind: SocketAddr,
    /// Address of the metrics.
    pub metrics_bind: Option<SocketAddr>,
    /// Data folder.
    pub data_dir: PathBuf,
    /// Facts of the installation.
    pub settings: crate::state::Settings,
    /// Further issuers.
    pub issuers: Issuers,
    /// How people of further issuers must have logged in for what is sensitive.
    pub step_up: Option<StepUp>,
    /// Secrets.
    pub secrets: SecretConfig,
    /// Rate limits.
    pub limits: Option<LimitSettings>,
    /// Trusted proxies.
    pub proxies: TrustedProxies,
    /// Networks that webhooks may reach besides public addresses.
    pub webhook_networks: Vec<IpNet>,
    /// Certificates that receivers of webhooks are trusted by, besides the system's.
    pub webhook_authorities: Vec<reqwest::Certificate>,
    /// Object store for evidence.
    pub storage: Option<String>,
    /// Whether the check is public.
    pub public_check: bool,
    /// Browser origins.
    pub cors_origins: Vec<String>,
    /// Log filter.
    pub log: String,
    /// The service's name in traces, where they are sent anywhere.
    pub traces: Option<String>,
}

/// Certificates in PEM; none where there are none, or something else is among them.
fn authorities(text: &str) -> Option<Vec<reqwest::Certificate>> {
    let all = reqwest::Certificate::from_pem_bundle(text.as_bytes()).ok()?;
    // Only a client reads what the PEM encloses.
    let client = reqwest::Client::builder().tls_certs_only(all.iter().cloned());
    (!all.is_empty() && client.build().is_ok()).then_some(all)
}

/// Where a browser app comes from: scheme, host and port, nothing after them.
struct Origin(String);

impl std::str::FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let origin = url::Url::parse(text).map(|url| url.origin().ascii_serialization());
        match origin {
            Ok(origin) if origin == text => Ok(Self(origin)),
            _ => Err("is not an origin such as https://app.example.vn"),
        }
    }
}

impl Config {
    /// Reads all variables.
    pub fn from_env(mut env: Env) -> Result<Self, ConfigError> {
        let secret = |text: &str| Secret::from_base64(text).ok_or("must be base64 of 32 bytes");
        let config = Self {
            database_url: env.database("DATABASE_URL"),
            read_database_url: env.database("TINBAO_READ_DATABASE_URL"),
            migrate_database_url: env.database("TINBAO_MIGRATE_DATABASE_URL"),
            bind: env.parsed(
                "TINBAO_BIND",
                SocketAddr::from(([127, 0, 0, 1], 8080)),
                str::parse,
            ),
            metrics_bind: env.parsed(
                "TINBAO_METRICS_BIND",
                Some(SocketAddr::from(([127, 0, 0, 1], 9090))),
                |text| {
                    if text == "off" {
                        Ok(None)
                    } else {
                        text.parse().map(Some)
                    }
                },
            ),
            data_dir: env
                .text("TINBAO_DATA_DIR")
                .unwrap_or_else(|| "./var".to_owned())
                .into(),
            settings: crate::state::Settings {
                province: env.parsed("TINBAO_PROVINCE", "11".to_owned(), |text| {
                    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()) {
                        Ok(text.to_owned())
                    } else {
                        Err("must be two digits")
                    }
                }),
                number_prefix: env.parsed("TINBAO_NUMBER_PREFIX", "DB".to_owned(), |text| {
                    let fits = (1..=8).contains(&text.len())
                        && text
                            .bytes()
                            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
                    if fits {
                        Ok(text.to_owned())
                    } else {
                        Err("must be 1 to 8 of A–Z and 0–9")
                    }
                }),
                issuer: env
                    .text("TINBAO_ISSUER")
                    .unwrap_or_else(|| "tinbao".to_owned()),
                audience: env
                    .text("TINBAO_AUDIENCE")
                    .unwrap_or_else(|| "tinbao".to_owned()),
                local_issuer: env.parsed("TINBAO_LOCAL_ISSUER", true, |text| match text {
                    "on" => Ok(true),
                    "off" => Ok(false),
                    _ => Err("must be on or off"),
                }),
                reveals_approved: env.parsed("TINBAO_REVEAL_APPROVAL", false, |text| match text {
                    "secret" => Ok(false),
                    "always" => Ok(true),
                    _ => Err("must be secret or always"),
                }),
            },
            issuers: env.parsed("TINBAO_JWKS", Issuers::none(), Issuers::parse),
            step_up: env.parsed("TINBAO_STEP_UP", None, |text| StepUp::parse(text).map(Some)),
            secrets: SecretConfig {
                signing: env.text("TINBAO_SIGNING_KEY"),
                identity: env.parsed("TINBAO_IDENTITY_KEYS", None, |t| {
                    IdentityKeys::parse(t).map(Some)
                }),
                receipt: env.parsed("TINBAO_RECEIPT_KEY", None, |t| secret(t).map(Some)),
                cursor: env.parsed("TINBAO_CURSOR_KEY", None, |t| secret(t).map(Some)),
            },
            limits: env.parsed(
                "TINBAO_LIMITS",
                Some(LimitSettings::default()),
                LimitSettings::parse,
            ),
            proxies: TrustedProxies(env.list("TINBAO_TRUSTED_PROXIES")),
            webhook_networks: env.list("TINBAO_WEBHOOK_ALLOWED_NETWORKS"),
            webhook_authorities: env.parsed("TINBAO_WEBHOOK_CA", Vec::new(), |text| {
                authorities(text).ok_or("must be certificates in PEM")
            }),
            storage: env.text("TINBAO_STORAGE"),
            public_check: env.parsed("TINBAO_PUBLIC_CHECK", false, str::parse),
            cors_origins: env
                .list::<Origin>("TINBAO_CORS_ORIGINS")
                .into_iter()
                .map(|Origin(text)| text)
                .collect(),
            log: env.text("TINBAO_LOG").unwrap_or_else(|| "info".to_owned()),
            traces: env.text("OTEL_EXPORTER_OTLP_ENDPOINT").map(|_| {
                let name = env.text("OTEL_SERVICE_NAME");
                name.unwrap_or_else(|| "tinbao".to_owned())
            }),
        };
        let unknown: Vec<String> = env
            .values
            .keys()
            .filter(|name| name.starts_with("TINBAO_"))
            .filter(|name| {
                let base = name.strip_suffix("_FILE").unwrap_or(name);
                !VARIABLES.iter().any(|(known, ..)| *known == base)
            })
            .map(|name| format!("{name}: there is no such setting"))
            .collect();
        env.problems.extend(unknown);
        env.finish()?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_env(Env::new(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        ))
    }

    #[test]
    fn defaults_hold_without_any_variable() {
        let config = read(&[]).unwrap();
        assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
        assert_eq!(config.settings.number_prefix, "DB");
        assert!(config.limits.is_some() && !config.public_check);
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let error = read(&[
            ("TINBAO_BIND", "nowhere"),
            ("TINBAO_LIMITS", "client=fast"),
            ("TINBAO_TRUSTED_PROXIES", "10.0.0.0/8,all"),
            (
                "TINBAO_CORS_ORIGINS",
                "https://app.example.vn,app.example.vn/x",
            ),
            ("TINBAO_READ_DATABASE_URL", "replica:secret-word"),
            ("TINBAO_RECEIPT_KEY", "short"),
            ("TINBAO_BNID", "127.0.0.1:1"),
        ])
        .err()
        .unwrap();
        let named: Vec<_> = error
            .0
            .iter()
            .filter_map(|line| line.split(':').next())
            .collect();
        assert_eq!(
            named,
            [
                "TINBAO_READ_DATABASE_URL",
                "TINBAO_BIND",
                "TINBAO_RECEIPT_KEY",
                "TINBAO_LIMITS",
                "TINBAO_TRUSTED_PROXIES",
                "TINBAO_CORS_ORIGINS",
                "TINBAO_BNID"
            ]
        );
        assert!(
            ["short", "secret-word"]
                .iter()
                .all(|secret| !error.to_string().contains(secret)),
            "a secret is not repeated"
        );
    }
}
