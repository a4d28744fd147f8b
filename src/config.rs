//! Configuration: the environment, read once, with every problem reported at once.

mod env;
mod values;
mod variables;

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;

use crate::auth::{Issuers, StepUp};
use crate::http::address::TrustedProxies;
use crate::http::limits::LimitSettings;
use crate::keys::{IdentityKeys, Secret};
use crate::state::Settings;

pub use env::{ConfigError, Env};
pub use variables::VARIABLES;

/// Secrets as configured; what is absent is made in the data folder where that is allowed.
#[derive(Clone, Default)]
pub struct SecretConfig {
    /// The files that hold them, with the setting that names each.
    pub files: Vec<(&'static str, PathBuf)>,
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
    pub settings: Settings,
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

impl Config {
    /// Reads all variables.
    pub fn from_env(mut env: Env) -> Result<Self, ConfigError> {
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
                values::address_or_off,
            ),
            data_dir: env.text_or("TINBAO_DATA_DIR", "./var").into(),
            settings: settings(&mut env),
            issuers: env.parsed("TINBAO_JWKS", Issuers::none(), Issuers::parse),
            step_up: env.parsed("TINBAO_STEP_UP", None, |text| StepUp::parse(text).map(Some)),
            secrets: SecretConfig::from_env(&mut env),
            limits: env.parsed(
                "TINBAO_LIMITS",
                Some(LimitSettings::default()),
                LimitSettings::parse,
            ),
            proxies: TrustedProxies(env.list("TINBAO_TRUSTED_PROXIES")),
            webhook_networks: env.list("TINBAO_WEBHOOK_ALLOWED_NETWORKS"),
            webhook_authorities: env.parsed("TINBAO_WEBHOOK_CA", Vec::new(), values::certificates),
            storage: env.text("TINBAO_STORAGE"),
            public_check: env.parsed("TINBAO_PUBLIC_CHECK", false, str::parse),
            cors_origins: env
                .list::<values::Origin>("TINBAO_CORS_ORIGINS")
                .into_iter()
                .map(|values::Origin(text)| text)
                .collect(),
            log: env.parsed("TINBAO_LOG", "info".to_owned(), values::log_filter),
            traces: env.text("OTEL_EXPORTER_OTLP_ENDPOINT").map(|_| {
                let name = env.text("OTEL_SERVICE_NAME");
                name.unwrap_or_else(|| "tinbao".to_owned())
            }),
        };
        config.check_issuers(&mut env);
        env.refuse_unknown();
        env.finish()?;
        Ok(config)
    }

    /// Tokens under the local issuer's name are checked with the local keys alone.
    fn check_issuers(&self, env: &mut Env) {
        if self.settings.local_issuer && self.issuers.contains(&self.settings.issuer) {
            env.problem(format!(
                "TINBAO_JWKS: the issuer '{}' is the local one (TINBAO_ISSUER); name another, or set \
                 TINBAO_LOCAL_ISSUER=off",
                self.settings.issuer
            ));
        }
    }
}

impl SecretConfig {
    fn from_env(env: &mut Env) -> Self {
        Self {
            files: [
                "TINBAO_SIGNING_KEY",
                "TINBAO_IDENTITY_KEYS",
                "TINBAO_RECEIPT_KEY",
                "TINBAO_CURSOR_KEY",
            ]
            .into_iter()
            .filter_map(|name| Some((name, env.file(name)?)))
            .collect(),
            signing: env.parsed("TINBAO_SIGNING_KEY", None, |t| values::signing(t).map(Some)),
            identity: env.parsed("TINBAO_IDENTITY_KEYS", None, |t| {
                IdentityKeys::parse(t).map(Some)
            }),
            receipt: env.parsed("TINBAO_RECEIPT_KEY", None, |t| values::secret(t).map(Some)),
            cursor: env.parsed("TINBAO_CURSOR_KEY", None, |t| values::secret(t).map(Some)),
        }
    }
}

fn settings(env: &mut Env) -> Settings {
    Settings {
        province: env.parsed("TINBAO_PROVINCE", "11".to_owned(), values::province),
        number_prefix: env.parsed(
            "TINBAO_NUMBER_PREFIX",
            "DB".to_owned(),
            values::number_prefix,
        ),
        issuer: env.text_or("TINBAO_ISSUER", "tinbao"),
        audience: env.text_or("TINBAO_AUDIENCE", "tinbao"),
        local_issuer: env.parsed("TINBAO_LOCAL_ISSUER", true, |text| {
            values::one_of(text, [("on", true), ("off", false)])
        }),
        reveals_approved: env.parsed("TINBAO_REVEAL_APPROVAL", false, |text| {
            values::one_of(text, [("secret", false), ("always", true)])
        }),
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
