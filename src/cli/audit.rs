//! `tinbao audit`.

use anyhow::Context;

use super::migrate::database;
use super::missing;
use super::secrets::{self, Absent};
use super::serve::chain;
use crate::config::Config;
use crate::journal::{self, Kept, Wanted};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Recompute the hash chain, check the signed checkpoints, say what is wrong.
    Verify(Range),
    /// Print the newest signed checkpoint: keep it apart from the database.
    Checkpoint,
}

#[derive(clap::Args)]
struct Range {
    /// First position.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    from: Option<i64>,
    /// Last position.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    to: Option<i64>,
    /// A checkpoint that was kept, or @FILE that holds it: finds a tail that was cut off with its
    /// checkpoints.
    #[arg(long)]
    checkpoint: Option<String>,
}

pub async fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    if let Action::Verify(Range {
        from: Some(from),
        to: Some(to),
        ..
    }) = &args.command
    {
        anyhow::ensure!(
            from <= to,
            "--from {from} lies behind --to {to}: there is nothing between them"
        );
    }
    let pool = database(config)?;
    let mut conn = pool.dedicated().await.map_err(chain)?;
    let range = match &args.command {
        Action::Verify(range) => range,
        Action::Checkpoint => {
            let last = journal::last_checkpoint(&mut conn).await.map_err(chain)?;
            println!("{}", last.context("nothing is sealed yet")?.signature);
            return Ok(());
        }
    };
    let (_, signer) = secrets::load(config, Absent::Refuse)?;
    let kept = match &range.checkpoint {
        None => None,
        Some(text) => {
            let jws = match text.strip_prefix('@') {
                Some(file) => {
                    std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?
                }
                None => text.clone(),
            };
            let kept = Kept::read(jws.trim(), &signer);
            Some(kept.context("this is no checkpoint that one of this service's keys signed")?)
        }
    };
    let wanted = Wanted {
        from: range.from,
        to: range.to,
        kept,
    };
    let found = journal::verify(&mut conn, &signer, &wanted)
        .await
        .map_err(chain)?;
    println!(
        "{} entries, positions {} to {}, {} checkpoints, {} entries not sealed yet.",
        found.entries, found.first_position, found.last_position, found.checkpoints, found.unsealed
    );
    for finding in &found.findings {
        println!(
            "position {}: {}: {}",
            finding.position, finding.kind, finding.detail
        );
    }
    if found.more_findings > 0 {
        println!("and {} more findings", found.more_findings);
    }
    anyhow::ensure!(found.intact, "the journal is not intact");
    if range.from.is_none() && range.to.is_none() {
        let missing = missing::sentences(&mut conn).await.map_err(chain)?;
        for sentence in &missing {
            println!("missing: {sentence}");
        }
        anyhow::ensure!(
            missing.is_empty(),
            "the journal is intact, and {} things that it tells of are gone; docs/evidence.md, \"Lost or altered\", \
             says what to do",
            missing.len()
        );
    }
    println!("The journal is intact.");
    Ok(())
}
