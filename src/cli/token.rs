//! `tinbao token`.

use super::secrets;
use crate::app::system_clock;
use crate::auth::{IssuedNote, NewToken, Origin, ScopeSet, append_note, issue, parse_ttl};
use crate::config::Config;
use crate::reference::Reference;
use crate::state::id_at;

#[derive(clap::Args)]
pub struct Args {
    /// Scopes, separated by spaces.
    #[arg(long)]
    scope: String,
    /// Who the bearer is.
    #[arg(long)]
    sub: String,
    /// Client that the token is for.
    #[arg(long, default_value = "cli")]
    client_id: String,
    /// Agency that the bearer is confined to.
    #[arg(long)]
    agency: Option<String>,
    /// Desk that the bearer is confined to.
    #[arg(long)]
    desk: Option<String>,
    /// Commune codes that the bearer is confined to, by comma; empty for none at all.
    #[arg(long)]
    units: Option<String>,
    /// How long it is valid: 15m, 1h, 7d.
    #[arg(long, default_value = "1h")]
    ttl: String,
}

pub fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    anyhow::ensure!(
        config.settings.local_issuer,
        "TINBAO_LOCAL_ISSUER is off: tokens come from your identity provider"
    );
    let scope = ScopeSet::parse(&args.scope)
        .map_err(|code| anyhow::anyhow!("--scope: there is no scope '{code}'"))?;
    let ttl = parse_ttl(&args.ttl).map_err(|why| anyhow::anyhow!("--ttl: {why}"))?;
    let keys = secrets::signing(config)?;
    let now = system_clock()();
    let jti = id_at((system_clock())()).to_string();
    let units: Option<Vec<String>> = args.units.as_ref().map(|units| {
        units
            .split(',')
            .map(str::trim)
            .filter(|u| !u.is_empty())
            .map(str::to_owned)
            .collect()
    });
    for note in unknown(args, units.as_deref().unwrap_or_default())? {
        eprintln!("tinbao: {note}");
    }
    let new = NewToken {
        scope,
        sub: args.sub.clone(),
        client_id: args.client_id.clone(),
        agency: args.agency.clone(),
        desk: args.desk.clone(),
        units,
        ttl,
        origin: Origin::CommandLine,
    };
    let names = (
        config.settings.issuer.as_str(),
        config.settings.audience.as_str(),
    );
    let token = issue(&keys, names, &new, now, &jti)?;
    append_note(
        &config.data_dir,
        &IssuedNote {
            issued_at: now,
            scope: scope.to_string(),
            sub: args.sub.clone(),
            client_id: args.client_id.clone(),
            jti,
            exp: now + ttl,
        },
    )?;
    println!("{token}");
    Ok(())
}

/// What the lists that come with the program do not have. A database may have more: so it is a note, no refusal.
fn unknown(args: &Args, units: &[String]) -> anyhow::Result<Vec<String>> {
    let shipped = Reference::shipped()?;
    let mut notes = Vec::new();
    let mut note = |option: &str, code: &str| {
        notes.push(format!(
            "{option}: '{code}' is on no list that comes with this program; unless yours has it, the bearer sees nothing"
        ));
    };
    if let Some(code) = args.agency.as_ref()
        && !shipped.agencies.contains_key(code)
    {
        note("--agency", code);
    }
    if let Some(code) = args.desk.as_ref().filter(|code| !shipped.knows_desk(code)) {
        note("--desk", code);
    }
    for code in units
        .iter()
        .filter(|code| !shipped.units.contains_key(*code))
    {
        note("--units", code);
    }
    Ok(notes)
}
