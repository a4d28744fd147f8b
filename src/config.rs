//! Configuration: the environment, read once, with every problem reported at once.

mod env;

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;

use crate::auth::{Issuers, LocalKeys, StepUp};
use crate::http::address::TrustedProxies;
use crate::http::limits::LimitSettings;
use crate::keys::{IdentityKeys, Secret};

pub use env::{ConfigError, Env};

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

/// The provinces of today by their codes.
const PROVINCES: [&str; 34] = [
    "01", "04", "08", "11", "12", "14", "15", "19", "20", "22", "24", "25", "31", "33", "37", "38",
    "40", "42", "44", "46", "48", "51", "52", "56", "66", "68", "75", "79", "80", "82", "86", "91",
    "92", "96",
];

/// Whether a filter of the log is one, and says a level in each part: a word alone would be taken for a part of
/// the program, and nothing else be logged.
fn is_log_filter(text: &str) -> bool {
    let levels = text.split(',').all(|part| {
        part.contains(['=', '['])
            || part
                .trim()
                .parse::<tracing::level_filters::LevelFilter>()
                .is_ok()
    });
    levels && tracing_subscriber::EnvFilter::try_new(text).is_ok()
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
                    if PROVINCES.contains(&text) {
                        Ok(text.to_owned())
                    } else {
                        Err("must be the two digits of a province, such as 11 for Điện Biên")
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
                signing: env.parsed("TINBAO_SIGNING_KEY", None, |text| {
                    match LocalKeys::from_text(text) {
                        Ok(_) => Ok(Some(text.to_owned())),
                        Err(error) => Err(format!(
                            "{error}; expected are the keys of a signing-….pem that 'tinbao dev' makes"
                        )),
                    }
                }),
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
            log: env.parsed("TINBAO_LOG", "info".to_owned(), |text| {
                let fits = is_log_filter(text);
                fits.then(|| text.to_owned()).ok_or(
                    "must be off, error, warn, info, debug or trace, or such a level for a part: \
                     info,tinbao::webhooks=debug",
                )
            }),
            traces: env.text("OTEL_EXPORTER_OTLP_ENDPOINT").map(|_| {
                let name = env.text("OTEL_SERVICE_NAME");
                name.unwrap_or_else(|| "tinbao".to_owned())
            }),
        };
        // Tokens under the local issuer's name are checked with the local keys alone.
        if config.settings.local_issuer && config.issuers.contains(&config.settings.issuer) {
            env.problem(format!(
                "TINBAO_JWKS: the issuer '{}' is the local one (TINBAO_ISSUER); name another, or set \
                 TINBAO_LOCAL_ISSUER=off",
                config.settings.issuer
            ));
        }
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
    fn provinces_are_those_of_the_reference_data() {
        let shipped: serde_json::Value =
            serde_json::from_str(include_str!("reference/data/provinces.json")).unwrap();
        let codes = shipped["provinces"].as_array().unwrap();
        assert!(
            codes
                .iter()
                .map(|one| one["code"].as_str().unwrap())
                .eq(PROVINCES)
        );
    }

    #[test]
    fn a_wrong_value_names_its_variable_and_what_is_expected() {
        for (name, value, expected) in [
            ("TINBAO_LOG", "verbose", "error, warn"),
            ("TINBAO_LOG", "tinbao=loud", "error, warn"),
            ("TINBAO_SIGNING_KEY", "secret", "tinbao dev"),
            ("TINBAO_PROVINCE", "99", "two digits of a province"),
            (
                "TINBAO_JWKS",
                "tinbao=https://idp.example.vn/jwks",
                "the local one",
            ),
        ] {
            let problems = read(&[(name, value)]).err().unwrap().0;
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(
                problems[0].starts_with(&format!("{name}: ")),
                "{problems:?}"
            );
            assert!(problems[0].contains(expected), "{problems:?}");
            assert!(!problems[0].contains("secret"), "{problems:?}");
        }
        for (name, value) in [
            ("TINBAO_LOG", "off"),
            ("TINBAO_LOG", "warn,tinbao::webhooks=debug"),
            ("TINBAO_PROVINCE", "01"),
        ] {
            assert!(read(&[(name, value)]).is_ok(), "{name}={value}");
        }
        let off = [
            ("TINBAO_JWKS", "tinbao=https://idp.example.vn/jwks"),
            ("TINBAO_LOCAL_ISSUER", "off"),
        ];
        assert!(read(&off).is_ok());
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
