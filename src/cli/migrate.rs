//! `tinbao migrate`.

use anyhow::Context;

use super::serve::{DATABASE, prepare};
use crate::config::Config;
use crate::db::{Pool, embedded};

pub async fn run(config: &Config) -> anyhow::Result<()> {
    let (ran, loaded) = prepare(&database(config)?).await?;
    println!("{ran} migrations ran, {loaded} reference lists loaded.");
    Ok(())
}

/// The configured database, or the private one while it runs.
pub fn database(config: &Config) -> anyhow::Result<Pool> {
    let url = config
        .database_url
        .clone()
        .or_else(|| embedded::running_url(&config.data_dir.join("postgres"), DATABASE))
        .context("no database: set DATABASE_URL, or start 'tinbao dev' in another terminal")?;
    Ok(Pool::new(&url, 8)?)
}
