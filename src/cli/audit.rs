//! `tinbao audit verify`.

use super::migrate::database;
use super::secrets::{self, Absent};
use crate::config::Config;
use crate::journal;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Recompute the hash chain, check the signed checkpoints, say what is wrong.
    Verify,
}

pub async fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    let Action::Verify = args.command;
    let pool = database(config)?;
    let (_, signer) = secrets::load(config, Absent::Refuse)?;
    let found = journal::verify(&mut *pool.get().await?, &signer).await?;
    println!(
        "{} entries up to position {}, {} checkpoints, {} entries not sealed yet.",
        found.entries, found.last_position, found.checkpoints, found.unsealed
    );
    for finding in &found.findings {
        println!(
            "position {}: {}: {}",
            finding.position, finding.kind, finding.detail
        );
    }
    anyhow::ensure!(found.intact, "the journal is not intact");
    println!("The journal is intact.");
    Ok(())
}
