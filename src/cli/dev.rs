//! `tinbao dev`: everything at once, for trying it.

use std::time::Duration;

use super::secrets::{self, Absent};
use super::serve::{Embedded, serve, start_embedded};
use crate::app::{Running, system_clock};
use crate::auth::{NewToken, Origin, Scope, ScopeSet, issue};
use crate::clients;
use crate::config::Config;
use crate::state::id_at;

/// The public app that is registered for trying devices.
const APP: &str = "citizen-app";

/// The server of a bank that is registered for trying client credentials: name and agency.
const BANK: (&str, &str) = ("bank-demo", "bank_970436");
/// What it may do.
const BANK_SCOPES: &[Scope] = &[Scope::ReferralsWork, Scope::WebhooksManage];

/// The roles that get a ready token: name, agency, scopes.
const ROLES: &[(&str, Option<&str>, &str)] = &[
    ("citizen-app", None, "tips:submit check:read"),
    (
        "analyst",
        None,
        "tips:read tips:triage cases:read cases:write indicators:read indicators:curate referrals:read referrals:write stats:read",
    ),
    (
        "supervisor",
        None,
        "tips:read tips:triage reporters:reveal cases:read cases:write cases:decide indicators:read \
         indicators:curate referrals:read referrals:write advisories:write advisories:publish stats:read",
    ),
    (
        "bank",
        Some("bank_970436"),
        "referrals:work webhooks:manage",
    ),
    ("border-guard", Some("border_guard"), "referrals:work"),
    (
        "integration",
        None,
        "exchange:read webhooks:manage check:read stats:read",
    ),
    ("auditor", None, "audit:read"),
    ("administrator", None, "admin"),
];

pub async fn run(config: Config) -> anyhow::Result<()> {
    use std::io::IsTerminal;
    let json = !std::io::stderr().is_terminal();
    crate::telemetry::init_logs(&config.log, json).map_err(anyhow::Error::msg)?;
    println!(
        "Starting a private Postgres in {} …",
        config.data_dir.join("postgres").display()
    );
    let Embedded {
        cluster,
        pool,
        migrations,
        references,
    } = start_embedded(&config).await?;
    let now = system_clock()();
    let (keys, _) = secrets::load(&config, Absent::Make)?;
    // The same at each start, for as long as the keys are kept.
    let secret = format!(
        "tbs_{}",
        keys.receipt.derive("client bank-demo").to_base64()
    );
    {
        let mut conn = pool.get().await?;
        clients::ensure_public(&mut conn, APP, now).await?;
        clients::ensure_confidential(&mut conn, BANK, BANK_SCOPES, &secret, now).await?;
    }
    println!("Database ready ({migrations} migrations ran, {references} reference lists loaded).");
    let result = serve(config, pool, Absent::Make, move |address, running| {
        if let Err(error) = banner(address, running, &secret) {
            eprintln!("tinbao: cannot make tokens: {error:#}");
        }
    })
    .await;
    println!("Stopping Postgres …");
    cluster.stop()?;
    result
}

fn banner(address: std::net::SocketAddr, running: &Running, secret: &str) -> anyhow::Result<()> {
    let state = &running.state;
    let names = (
        state.settings.issuer.as_str(),
        state.settings.audience.as_str(),
    );
    let mut first = String::new();
    println!("\nTinbao serves on   http://{address}");
    println!("Documentation      http://{address}/docs");
    println!("OpenAPI document   http://{address}/openapi.json");
    println!("Public client      {APP} (POST /v1/devices gives its devices tokens)");
    let (bank, agency) = BANK;
    println!("Confidential client {bank} (agency {agency}); a token for 15 minutes:");
    println!(
        "curl -sS http://{address}/v1/oauth/token -u '{bank}:{secret}' -d grant_type=client_credentials",
    );
    println!("\nTokens, valid for 12 hours (make others with 'tinbao token'):");
    for (role, agency, scopes) in ROLES {
        let scope = ScopeSet::parse(scopes).map_err(|code| anyhow::anyhow!("no scope {code}"))?;
        let token = issue(
            &state.signer,
            names,
            &NewToken {
                scope,
                sub: format!("demo-{role}"),
                client_id: "demo".to_owned(),
                agency: agency.map(str::to_owned),
                desk: None,
                units: None,
                ttl: Duration::from_secs(12 * 3600),
                origin: Origin::CommandLine,
            },
            system_clock()(),
            &id_at((system_clock())()).to_string(),
        )?;
        println!("\n{role} ({scopes})\n{token}");
        if first.is_empty() {
            first = token;
        }
    }
    println!(
        "\nPost a first tip:\n\ncurl -sS http://{address}/v1/tips \\\n  -H 'Authorization: Bearer {first}' \\\n  \
         -H 'Content-Type: application/json' \\\n  -d '{{\"narrative\": \"Có người gọi tự xưng công an, bắt tôi chuyển tiền.\", \
         \"indicators\": [{{\"kind\": \"phone\", \"value\": \"0912 345 678\", \"role\": \"contacted_me\"}}]}}'\n\nCtrl-C stops it; the data stays.\n"
    );
    Ok(())
}
