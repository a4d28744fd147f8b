//! `tinbao reference load FILE`.

use std::path::PathBuf;

use anyhow::Context;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::migrate::database;
use crate::app::system_clock;
use crate::cases;
use crate::config::Config;
use crate::db;
use crate::journal::{self, Actor, Entry};
use crate::reference::{self, Reference, SHIPPED};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Replace one list by a file; running replicas take it over within a minute.
    Load {
        /// A JSON file of the shape of src/reference/data.
        file: PathBuf,
        /// Name of the list; else from the file's "schema".
        #[arg(long)]
        name: Option<String>,
    },
}

pub async fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    let Action::Load { file, name } = &args.command;
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let document: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    let schema = document
        .get("schema")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let from_schema = schema.split('/').next().unwrap_or_default();
    let name = name.as_deref().unwrap_or(match from_schema {
        "dien_bien_units" => "units",
        other => other,
    });
    anyhow::ensure!(
        SHIPPED.iter().any(|(known, _)| *known == name),
        "there is no list '{name}'; give one of these with --name: {}",
        SHIPPED
            .iter()
            .map(|(known, _)| *known)
            .collect::<Vec<_>>()
            .join(", ")
    );
    let pool = database(config)?;
    let mut conn = pool.dedicated().await?;
    let mut documents = reference::read_documents(&mut conn).await?;
    documents.insert(name.to_owned(), document.clone());
    Reference::from_documents(documents)?;
    let now = system_clock()();
    db::transaction(&mut conn, async |conn| {
        reference::load_document(conn, name, &document, "reference load", now).await?;
        // Who called the command is known to the machine alone.
        let digest = hex::encode(Sha256::digest(document.to_string()));
        let entry = Entry::audit("reference.loaded", &Actor::system(), now)
            .with(json!({"list": name, "sha256": digest, "by": "command line"}));
        journal::record(conn, &[entry]).await?;
        if ["calendar", "legal_process"].contains(&name) {
            cases::clocks_changed(conn, now).await?;
        }
        crate::error::Result::Ok(())
    })
    .await?;
    println!("'{name}' is replaced; running replicas take it over within a minute.");
    Ok(())
}
