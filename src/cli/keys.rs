//! `tinbao keys`.

use std::path::PathBuf;

use serde_json::json;

use super::migrate::database;
use super::secrets::{self, Absent};
use crate::app::system_clock;
use crate::config::Config;
use crate::journal::{self, Actor, Entry};
use crate::{privacy, rekey, tips};

/// What came within this time was sealed by replicas that probably still run.
const RECENT_MINUTES: i64 = 10;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Make a set of key files for a new installation.
    New {
        /// Folder for the files; made if absent.
        folder: PathBuf,
    },
    /// Wrap every data key with the first of the identity keys, and seal anew what an earlier version sealed;
    /// can be stopped and started again.
    Rotate,
}

pub async fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Action::New { folder } => {
            secrets::make_files(folder)?;
            println!(
                "Keys lie in {}; keep a copy apart from the database's backup.",
                folder.display()
            );
            Ok(())
        }
        Action::Rotate => rotate(config).await,
    }
}

async fn rotate(config: &Config) -> anyhow::Result<()> {
    let pool = database(config)?;
    let (keys, _) = secrets::load(config, Absent::Refuse)?;
    let mut conn = pool.dedicated().await?;
    anyhow::ensure!(
        tips::rekey::fit(&mut conn, &keys.identity).await?,
        secrets::WRONG_KEYS
    );
    let since = (system_clock())() - chrono::Duration::minutes(RECENT_MINUTES);
    let recent = tips::rekey::sealed_otherwise_since(&mut conn, &keys.identity, since).await?;
    let done = privacy::rotation::turn(&mut conn, &keys.identity, |total| {
        println!("{total} data keys wrapped anew");
    })
    .await?;
    let current = rekey::current(&keys.identity);
    if done.total > 0 {
        let entry = Entry::audit("keys.rotated", &Actor::system(), system_clock()())
            .with(json!({"key": current, "data_keys": done.total, "unopened": done.broken.len(), "by": "command line"}));
        journal::record(&mut conn, &[entry]).await?;
    }
    if recent > 0 {
        println!(
            "note {recent} submissions of the last {RECENT_MINUTES} minutes were sealed with an older key: see that \
             no replica runs with the old list, and run this again before a key is removed"
        );
    }
    if !done.broken.is_empty() {
        for (table, id) in &done.broken {
            println!("does not open: {table} {id}");
        }
        anyhow::bail!(
            "{} data keys do not open: altered in the database, or an older identity key is missing; all others are \
             wrapped by '{current}'. Remove no older key before these are restored; docs/privacy.md, \"What does not \
             open\", says how",
            done.broken.len()
        );
    }
    // A pass leaves alone what somebody works on at that moment.
    let left = privacy::rotation::left(&mut conn, &keys.identity).await?;
    anyhow::ensure!(
        left == 0,
        "{left} data keys are in use right now; run it again"
    );
    println!(
        "All data keys are wrapped by '{current}'. Older identity keys may be removed once every replica has been \
         restarted with the new list: one that runs with the old list seals on with an old key."
    );
    Ok(())
}
