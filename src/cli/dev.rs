//! `tinbao dev`: everything at once, for trying it.

use std::time::Duration;

use uuid::Uuid;

use super::secrets::Absent;
use super::serve::{Embedded, serve, start_embedded};
use crate::app::{Running, system_clock};
use crate::auth::{NewToken, Origin, ScopeSet, issue};
use crate::config::Config;

/// The public app that is registered for trying devices.
const APP: &str = "citizen-app";

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
    crate::clients::ensure_public(&mut *pool.get().await?, APP, system_clock()()).await?;
    println!("Database ready ({migrations} migrations ran, {references} reference lists loaded).");
    let result = serve(config, pool, Absent::Make, |address, running| {
        if let Err(error) = banner(address, running) {
            eprintln!("tinbao: cannot make tokens: {error:#}");
        }
    })
    .await;
    println!("Stopping Postgres …");
    cluster.stop()?;
    result
}

fn banner(address: std::net::SocketAddr, running: &Running) -> anyhow::Result<()> {
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
            &Uuid::now_v7().to_string(),
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
