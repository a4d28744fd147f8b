//! `tinbao doctor`: looks at everything that can be wrong and says what to do.

use std::os::unix::fs::PermissionsExt;

use anyhow::Context;
use uuid::Uuid;

use super::migrate::database;
use super::secrets::{self, Absent};
use crate::app::system_clock;
use crate::config::Config;
use crate::db::{self, Conn, migrations, roles};
use crate::error::Error;
use crate::evidence;
use crate::journal::{self, Actor};
use crate::privacy::{self, Purger};
use crate::storage::Storage;
use crate::tips::rekey;

pub async fn run(config: &Config) -> anyhow::Result<()> {
    let mut bad = 0_u32;
    let mut report = |ok: bool, what: &str, advice: &str| {
        println!("{} {what}", if ok { "ok  " } else { "BAD " });
        if !ok {
            bad += 1;
            println!("     → {advice}");
        }
    };
    report(true, "configuration can be read", "");
    match database(config) {
        Err(error) => report(false, "database", &error.to_string()),
        Ok(pool) => match pool.get().await {
            Err(error) => report(
                false,
                "database answers",
                &format!(
                    "check DATABASE_URL and that Postgres runs: {}",
                    error.with_causes()
                ),
            ),
            Ok(mut conn) => {
                report(true, "database answers", "");
                report(
                    db::speaks_english(&mut conn).await?,
                    "Postgres gives its messages in English",
                    "as a superuser: alter database … set lc_messages = 'C'; by them the service tells a \
                     timeout from a fault",
                );
                if !db::is_encrypted(&mut conn).await? {
                    println!(
                        "note the way to the database is not encrypted: well within one machine, else set \
                         sslmode=verify-full; docs/operations.md, \"TLS to the database\", says how"
                    );
                }
                let current = migrations::is_current(&mut conn).await.unwrap_or(false);
                report(current, "schema is current", "run 'tinbao migrate'");
                if current {
                    if let Ok((keys, _)) = secrets::load(config, Absent::Refuse) {
                        let fit = rekey::fit(&mut conn, &keys.identity).await?;
                        report(
                            fit,
                            "the identity keys open what is sealed",
                            secrets::WRONG_KEYS,
                        );
                        let broken = rekey::broken(&mut conn, &keys.identity).await?;
                        if let Some(tip) = broken.first().filter(|_| fit) {
                            let what = format!(
                                "{} of the newest {} identities do not open",
                                broken.len(),
                                rekey::LOOKED_AT
                            );
                            report(
                                false,
                                &what,
                                &format!(
                                    "they were altered in the database, or an old key is missing from the identity \
                                     keys; the newest is that of tip {tip}; docs/privacy.md, \"What does not open\", \
                                     says what to do"
                                ),
                            );
                        }
                    }
                    let lacking = journal::lacking(&mut conn).await?;
                    report(
                        lacking.is_none(),
                        "the audit reaches as far as what was written down beside it",
                        &format!(
                            "{} Run 'tinbao audit verify --checkpoint' with the newest checkpoint that was kept \
                             apart, and compare with the newest backup",
                            lacking.as_deref().unwrap_or_default()
                        ),
                    );
                    if let Ok(storage) = Storage::open(config.storage.as_deref(), &config.data_dir)
                    {
                        evidence_is_whole(config, &mut conn, &storage, &mut report).await?;
                    }
                    let may = roles::may_rewrite_journal(&mut conn).await?;
                    report(
                        !may,
                        "the service's database role cannot rewrite the audit",
                        "connect as a member of the role tinbao_service, not as the owner of the \
                         tables; docs/operations.md, \"Database roles\", says how",
                    );
                }
            }
        },
    }
    let storage = store_and_take(config).await;
    let advice = storage.as_ref().err().map(ToString::to_string);
    report(
        storage.is_ok(),
        "evidence can be stored, read and deleted",
        &advice.unwrap_or_default(),
    );
    let keys = config.data_dir.join("keys");
    let from_files = config.secrets.identity.is_none();
    if from_files {
        let there = keys.join("identity.keys").exists();
        report(
            there,
            "identity keys are there",
            "set TINBAO_IDENTITY_KEYS, or start 'tinbao dev' once",
        );
        let private = std::fs::metadata(keys.join("identity.keys"))
            .is_ok_and(|meta| meta.permissions().mode() & 0o077 == 0);
        report(
            private || !there,
            "key files are readable by their owner alone",
            &format!("chmod -R go= {}", keys.display()),
        );
        println!(
            "note identity keys: without a copy of {} what is sealed can never be read again; keep one \
             apart from the database's backup",
            keys.display()
        );
    } else {
        report(true, "identity keys are configured", "");
    }
    anyhow::ensure!(bad == 0, "{bad} things need attention");
    Ok(())
}

/// Whether files that were found lost or altered still are, and whether the store knows of things that the database
/// does not: erasures, and objects.
async fn evidence_is_whole(
    config: &Config,
    conn: &mut Conn,
    storage: &Storage,
    report: &mut impl FnMut(bool, &str, &str),
) -> anyhow::Result<()> {
    if let Ok((keys, _)) = secrets::load(config, Absent::Refuse) {
        let damaged = evidence::damaged(conn, storage, &keys.identity).await?;
        if let Some(tip) = damaged.first() {
            report(
                false,
                &format!("{} files of evidence are lost or altered", damaged.len()),
                &format!(
                    "the newest is one of tip {tip}; docs/evidence.md, \"Lost or altered\", says what to do"
                ),
            );
        }
    }
    let purger = Purger {
        storage,
        actor: &Actor::system(),
        now: (system_clock())(),
    };
    match privacy::unseen_erasures(conn, &purger).await {
        Ok(unseen) if unseen.is_empty() => {}
        Ok(unseen) => report(
            false,
            &format!("{} erasures are not known to this database", unseen.len()),
            "an older backup was restored: run 'tinbao purge', which carries them out again",
        ),
        Err(error) => report(false, "notes of erasures can be read", &error.with_causes()),
    }
    match evidence::unknown(conn, storage, purger.now).await {
        Ok(0) => {}
        Ok(unknown) => report(
            false,
            &format!("{unknown} objects of evidence were never known to this database"),
            "nothing deletes them by itself; docs/evidence.md, \"After a restore\", says what to do",
        ),
        Err(error) => report(false, "evidence can be listed", &error.with_causes()),
    }
    Ok(())
}

/// Writes an object to the store of evidence, reads it back and deletes it.
async fn store_and_take(config: &Config) -> anyhow::Result<()> {
    let advice =
        "check TINBAO_STORAGE, the folder's owner or the bucket's rights, and the free space";
    let storage =
        Storage::open(config.storage.as_deref(), &config.data_dir).map_err(anyhow::Error::msg)?;
    let id = Uuid::now_v7();
    let tried = async {
        let mut writing = storage.write(id).await?;
        writing.add(b"doctor").await?;
        writing.finish().await?;
        let read = storage.read(id).await?;
        storage.delete(id).await?;
        Ok::<_, Error>(read)
    };
    let read = tried.await.with_context(|| advice.to_owned())?;
    anyhow::ensure!(read.as_ref() == b"doctor", "{advice}");
    Ok(())
}
