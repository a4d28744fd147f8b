//! `tinbao keys`.

use std::path::PathBuf;

use super::migrate::database;
use super::secrets::{self, Absent};
use crate::config::Config;
use crate::tips::rekey;

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
        rekey::fit(&mut conn, &keys.identity).await?,
        secrets::WRONG_KEYS
    );
    let mut total = 0;
    loop {
        let done = rekey::pass(&mut conn, &keys.identity).await?;
        if done == 0 {
            break;
        }
        total += done;
        println!("{total} data keys wrapped anew");
    }
    // A pass leaves alone what somebody works on at that moment.
    let left = rekey::left(&mut conn, &keys.identity).await?;
    anyhow::ensure!(
        left == 0,
        "{left} data keys are in use right now; run it again"
    );
    let current = keys.identity.current().map_or("", |(id, _)| id);
    println!("All data keys are wrapped by '{current}'; older identity keys may be removed.");
    Ok(())
}
