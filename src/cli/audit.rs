//! `tinbao audit`.

use anyhow::Context;

use super::migrate::database;
use super::missing;
use super::secrets::{self, Absent};
use super::serve::chain;
use crate::app::system_clock;
use crate::audit::notes;
use crate::auth::LocalKeys;
use crate::config::Config;
use crate::db::Conn;
use crate::journal::{self, Compared, Kept, Noted, Wanted};
use crate::storage::Storage;

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
    /// Write down why the journal contradicts checkpoints noted in the evidence store, as it does after a backup was
    /// restored, and put those notes aside.
    Accept(Accept),
}

#[derive(clap::Args)]
struct Accept {
    /// Why it may, for the audit; names nobody.
    #[arg(long, value_parser = reason)]
    reason: String,
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
    /// checkpoints, as the one noted in the evidence store does by itself.
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
        Action::Accept(accepted) => return accept(config, &mut conn, accepted).await,
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
    let noted = read_notes(config, &signer).await;
    let wanted = Wanted {
        from: range.from,
        to: range.to,
        kept,
        noted: noted.as_ref().ok().cloned(),
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
    tell_notes(&found.noted, noted.as_ref().err());
    anyhow::ensure!(found.intact, "the journal is not intact");
    anyhow::ensure!(
        noted.is_ok() || wanted.kept.is_some(),
        "the journal is intact by itself, and whether its end was cut off is not known: see to the evidence store, or \
         give a checkpoint that was kept (--checkpoint)"
    );
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

/// What is noted in the evidence store; the command says itself where it cannot be read.
async fn read_notes(config: &Config, signer: &LocalKeys) -> anyhow::Result<Vec<Noted>> {
    let storage =
        Storage::open(config.storage.as_deref(), &config.data_dir).map_err(anyhow::Error::msg)?;
    notes::noted(&storage, signer).await.map_err(chain)
}

fn tell_notes(compared: &Compared, fault: Option<&anyhow::Error>) {
    if let Some(fault) = fault {
        println!("The checkpoints noted in the evidence store cannot be read: {fault:#}");
        return;
    }
    match (compared.status, compared.position, compared.at) {
        ("agrees", Some(position), Some(at)) => println!(
            "The checkpoint noted in the evidence store agrees: position {position}, of {}.",
            at.format("%Y-%m-%dT%H:%M:%SZ")
        ),
        ("none", ..) => println!(
            "No checkpoint is noted in the evidence store: only one that was kept elsewhere would show that the \
             journal's end was cut off together with its checkpoints."
        ),
        _ => println!(
            "The journal contradicts what is noted in the evidence store; docs/operations.md, \"After a restore\", says \
             what to do where a backup was restored on purpose."
        ),
    }
}

async fn accept(config: &Config, conn: &mut Conn, accepted: &Accept) -> anyhow::Result<()> {
    let (_, signer) = secrets::load(config, Absent::Refuse)?;
    let storage =
        Storage::open(config.storage.as_deref(), &config.data_dir).map_err(anyhow::Error::msg)?;
    let (reason, now) = (accepted.reason.trim(), (system_clock())());
    let aside = notes::accept(conn, &storage, &signer, reason, now);
    let aside = aside.await.map_err(chain)?;
    for contradiction in &aside {
        let finding = &contradiction.finding;
        println!(
            "put aside {}: position {}: {}: {}",
            contradiction.name, finding.position, finding.kind, finding.detail
        );
    }
    match aside.len() {
        0 => println!("The journal contradicts nothing that is noted; nothing was changed."),
        count => println!("{count} put aside, and the reason is an entry of the audit."),
    }
    Ok(())
}

/// A reason says something, in a few sentences.
fn reason(text: &str) -> Result<String, String> {
    match text.trim().chars().count() {
        0 => Err("say why".to_owned()),
        1..=1_000 => Ok(text.to_owned()),
        _ => Err("at most 1,000 characters".to_owned()),
    }
}
