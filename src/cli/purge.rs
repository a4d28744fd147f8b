//! `tinbao purge`.

use super::migrate::database;
use super::secrets::{self, Absent};
use crate::app::system_clock;
use crate::config::Config;
use crate::evidence;
use crate::journal::Actor;
use crate::privacy::{self, Class, Purger};
use crate::storage::Storage;

#[derive(clap::Args)]
pub struct Args {
    /// Only say what would end.
    #[arg(long)]
    dry_run: bool,
    /// Only these classes of data; all if left out.
    #[arg(long = "class", value_name = "CLASS")]
    classes: Vec<Class>,
    /// Also delete the objects of the store of evidence that this database has never known. After a restore these
    /// are the files that came later than the backup.
    #[arg(long)]
    unknown_evidence: bool,
}

pub async fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    let pool = database(config)?;
    let mut conn = pool.dedicated().await?;
    let terms = privacy::terms(&privacy::current_rules(&mut conn).await?);
    let classes = if args.classes.is_empty() {
        Class::all().collect()
    } else {
        args.classes.clone()
    };
    let now = (system_clock())();
    for (class, count) in privacy::preview(&mut conn, &terms, now).await? {
        if !classes.contains(&class) {
            continue;
        }
        let term = match terms.get(&class).copied().flatten() {
            Some(days) => format!("after {days} days"),
            None => "kept for ever".to_owned(),
        };
        let oldest = match count.oldest {
            Some(at) => format!(", the oldest of {}", at.format("%Y-%m-%d")),
            None => String::new(),
        };
        println!(
            "{} ({term}): {} due, {} kept by a hold or an open case{oldest}",
            class.as_str(),
            count.due,
            count.kept
        );
    }
    let storage =
        Storage::open(config.storage.as_deref(), &config.data_dir).map_err(anyhow::Error::msg)?;
    if args.unknown_evidence {
        let unknown = evidence::unknown(&mut conn, &storage, now).await?;
        println!("objects of evidence that this database has never known: {unknown}");
    }
    let purger = Purger {
        storage: &storage,
        actor: &Actor::system(),
        now,
    };
    let unseen = privacy::unseen_erasures(&mut conn, &purger).await?.len();
    println!("erasures that this database does not know, after a restore: {unseen}");
    if args.dry_run {
        println!("Nothing was changed.");
        return Ok(());
    }
    if args.unknown_evidence {
        let deleted = evidence::delete_unknown(&mut conn, &storage, now).await?;
        println!("{deleted} of them deleted");
    }
    // With them, what reporters wrote of themselves in messages is hidden again as well.
    let keys = secrets::load(config, Absent::Refuse).ok();
    let keys = keys.as_ref().map(|(keys, _)| &keys.identity);
    let replayed = privacy::replay_erasures(&mut conn, &purger, keys).await?;
    println!("{} of them carried out again", replayed.erased);
    for tip in &replayed.kept {
        println!("note tip {tip} was to be erased, and belongs to a case or is held now");
    }
    let ended = privacy::run(&mut conn, &purger, &terms, &classes, usize::MAX, |ended| {
        println!("{}: {} ended so far", ended.class.as_str(), ended.count);
    })
    .await?;
    let total: usize = ended.iter().map(|ended| ended.count).sum();
    println!("Done: {total} ended.");
    Ok(())
}
