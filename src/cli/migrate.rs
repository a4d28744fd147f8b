//! `tinbao migrate`.

use anyhow::Context;

use super::serve::{DATABASE, prepare};
use crate::config::Config;
use crate::db::embedded::{OWNER, SERVICE, running_url};
use crate::db::{Pool, roles};

pub async fn run(config: &Config) -> anyhow::Result<()> {
    let url = config
        .migrate_database_url
        .clone()
        .or_else(|| config.database_url.clone())
        .or_else(|| running_url(&config.data_dir.join("postgres"), OWNER, DATABASE))
        .context(ABSENT)?;
    let owner = Pool::new(&url, 2)?;
    let (ran, loaded) = prepare(&owner).await?;
    println!("{ran} migrations ran, {loaded} reference lists loaded.");
    if !roles::service_exists(&mut *owner.get().await?).await? {
        println!(
            "note: there is no role tinbao_service, and this role may not make it; see docs/operations.md"
        );
    }
    Ok(())
}

const ABSENT: &str = "no database: set DATABASE_URL, or start 'tinbao dev' in another terminal";

/// The configured database, or the private one while it runs; as the service's role.
pub fn database(config: &Config) -> anyhow::Result<Pool> {
    let url = config
        .database_url
        .clone()
        .or_else(|| running_url(&config.data_dir.join("postgres"), SERVICE, DATABASE))
        .context(ABSENT)?;
    Ok(Pool::new(&url, 8)?)
}
