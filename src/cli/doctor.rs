//! `tinbao doctor`: looks at everything that can be wrong and says what to do.

use std::os::unix::fs::PermissionsExt;

use anyhow::Context;

use super::key_checks;
use super::migrate::database;
use super::missing;
use super::secrets::{self, Absent};
use crate::app::system_clock;
use crate::audit::notes;
use crate::auth::LocalKeys;
use crate::config::Config;
use crate::db::{self, Conn, Pooled, Reads, Unused, migrations, roles};
use crate::error::Error;
use crate::evidence;
use crate::journal::{self, Actor};
use crate::keys::{IdentityKeys, Keys};
use crate::privacy::{self, Purger};
use crate::state::id_at;
use crate::storage::Storage;
use crate::tips::rekey;

/// Looks at everything; fails where something needs attention.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let mut report = Report::default();
    report.ok("configuration can be read");
    if let Some(mut conn) = connected(config, &mut report).await {
        look_at_connection(&mut conn, &mut report).await?;
        look_at_replica(config, &mut report).await?;
        let current = migrations::is_current(&mut conn).await.unwrap_or(false);
        report.says(current, "schema is current", "run 'tinbao migrate'");
        if current {
            look_at_data(config, &mut conn, &mut report).await?;
        }
    }
    let storage = store_and_take(config).await;
    let advice = storage.as_ref().err().map(ToString::to_string);
    report.says(
        storage.is_ok(),
        "evidence can be stored, read and deleted",
        &advice.unwrap_or_default(),
    );
    look_at_key_files(config, &mut report);
    anyhow::ensure!(report.bad == 0, "{} things need attention", report.bad);
    Ok(())
}

/// What was looked at, line by line.
#[derive(Default)]
struct Report {
    /// How many things need attention.
    bad: u32,
}

impl Report {
    fn says(&mut self, ok: bool, what: &str, advice: &str) {
        println!("{} {what}", if ok { "ok  " } else { "BAD " });
        if !ok {
            self.bad += 1;
            println!("     → {advice}");
        }
    }

    fn ok(&mut self, what: &str) {
        self.says(true, what, "");
    }

    fn bad(&mut self, what: &str, advice: &str) {
        self.says(false, what, advice);
    }
}

/// A connection, where the database answers.
async fn connected(config: &Config, report: &mut Report) -> Option<Pooled> {
    let pool = match database(config) {
        Ok(pool) => pool,
        Err(error) => {
            report.bad("database", &error.to_string());
            return None;
        }
    };
    match pool.get().await {
        Ok(conn) => {
            report.ok("database answers");
            Some(conn)
        }
        Err(error) => {
            let fault = error.with_causes();
            report.bad(
                "database answers",
                &format!("check DATABASE_URL and that Postgres runs: {fault}"),
            );
            None
        }
    }
}

/// How the way to the database is set up.
async fn look_at_connection(conn: &mut Conn, report: &mut Report) -> anyhow::Result<()> {
    report.says(
        db::speaks_english(conn).await?,
        "Postgres gives its messages in English",
        "as a superuser: alter database … set lc_messages = 'C'; by them the service tells a \
         timeout from a fault",
    );
    if !db::is_encrypted(conn).await? {
        println!(
            "note the way to the database is not encrypted: well within one machine, else set \
             sslmode=verify-full; docs/operations.md, \"TLS to the database\", says how"
        );
    }
    Ok(())
}

/// Whether the replica for reads, where one is configured, is read from.
async fn look_at_replica(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let Some(url) = config.read_database_url.as_deref() else {
        return Ok(());
    };
    let unused = Reads::new(&database(config)?, Some(url))?.unused().await;
    report.says(
        unused.is_none(),
        "the replica for reads is used",
        unused.map(Unused::advice).unwrap_or_default(),
    );
    Ok(())
}

/// Whether the receipt, cursor and signing keys are those of before.
async fn look_at_keys(
    conn: &mut Conn,
    keys: &Keys,
    signer: &LocalKeys,
    report: &mut Report,
) -> anyhow::Result<()> {
    let fit = key_checks::look(conn, keys, signer).await?;
    report.says(
        fit.receipt,
        "the receipt key is the one of before",
        key_checks::WRONG_RECEIPT_KEY,
    );
    report.says(
        fit.signing,
        "a signing key signed the newest checkpoint",
        key_checks::WRONG_SIGNING_KEY,
    );
    if !fit.cursor {
        println!("note {}", key_checks::OTHER_CURSOR_KEY);
    }
    Ok(())
}

/// Whether what the database holds fits together, and fits the keys and the store of evidence.
async fn look_at_data(config: &Config, conn: &mut Conn, report: &mut Report) -> anyhow::Result<()> {
    if let Ok((keys, signer)) = secrets::load(config, Absent::Refuse) {
        look_at_identities(conn, &keys.identity, report).await?;
        look_at_keys(conn, &keys, &signer, report).await?;
        look_at_notes(config, conn, &signer, report).await?;
    }
    let lacking = journal::lacking(conn).await?;
    report.says(
        lacking.is_none(),
        "the audit reaches as far as what was written down beside it",
        &format!(
            "{} Run 'tinbao audit verify --checkpoint' with the newest checkpoint that was kept \
             apart, and compare with the newest backup",
            lacking.as_deref().unwrap_or_default()
        ),
    );
    let missing = missing::sentences(conn).await?;
    report.says(
        missing.is_empty(),
        "every tip of the register is there, and every file that the journal tells of",
        &format!(
            "{} are gone: {} 'tinbao audit verify' names all; docs/evidence.md, \"Lost or altered\", says what to do",
            missing.len(),
            missing.first().map_or("", String::as_str)
        ),
    );
    if let Ok(storage) = Storage::open(config.storage.as_deref(), &config.data_dir) {
        look_at_evidence(config, conn, &storage, report).await?;
    }
    report.says(
        !roles::may_rewrite_journal(conn).await?,
        "the service's database role cannot rewrite the audit",
        "connect as a member of the role tinbao_service, not as the owner of the \
         tables; docs/operations.md, \"Database roles\", says how",
    );
    Ok(())
}

/// Whether the journal has what the checkpoints vouch for that are noted in the store of evidence.
async fn look_at_notes(
    config: &Config,
    conn: &mut Conn,
    signer: &LocalKeys,
    report: &mut Report,
) -> anyhow::Result<()> {
    let Ok(storage) = Storage::open(config.storage.as_deref(), &config.data_dir) else {
        // Told by whoever tries to store something.
        return Ok(());
    };
    let noted = match notes::noted(&storage, signer).await {
        Ok(noted) => noted,
        Err(error) => {
            report.bad("noted checkpoints can be read", &error.with_causes());
            return Ok(());
        }
    };
    let wrong = journal::contradictions(conn, &noted).await?;
    report.says(
        wrong.is_empty(),
        "the audit has what the checkpoints noted in the evidence store vouch for",
        &format!(
            "{} Run 'tinbao audit verify'; docs/operations.md, \"After a restore\", says what to do where a backup \
             was restored on purpose",
            wrong.first().map_or("", |first| first.finding.detail.as_str())
        ),
    );
    if noted.is_empty() && journal::last_position(conn).await? > 0 {
        println!(
            "note no checkpoint is noted in the evidence store yet; the service does so while it runs"
        );
    }
    Ok(())
}

/// Whether the keys open what is sealed.
async fn look_at_identities(
    conn: &mut Conn,
    keys: &IdentityKeys,
    report: &mut Report,
) -> anyhow::Result<()> {
    let fit = rekey::fit(conn, keys).await?;
    report.says(
        fit,
        "the identity keys open what is sealed",
        secrets::WRONG_KEYS,
    );
    let broken = rekey::broken(conn, keys).await?;
    if let Some(tip) = broken.first().filter(|_| fit) {
        let (closed, looked_at) = (broken.len(), rekey::LOOKED_AT);
        report.bad(
            &format!("{closed} of the newest {looked_at} identities do not open"),
            &format!(
                "they were altered in the database, or an old key is missing from the identity \
                 keys; the newest is that of tip {tip}; docs/privacy.md, \"What does not open\", \
                 says what to do"
            ),
        );
    }
    Ok(())
}

/// Whether files that were found lost or altered still are, and whether the store knows of things that the database
/// does not: erasures, and objects.
async fn look_at_evidence(
    config: &Config,
    conn: &mut Conn,
    storage: &Storage,
    report: &mut Report,
) -> anyhow::Result<()> {
    if let Ok((keys, _)) = secrets::load(config, Absent::Refuse) {
        let damaged = evidence::damaged(conn, storage, &keys.identity).await?;
        if let Some(tip) = damaged.first() {
            report.bad(
                &format!("{} files of evidence are lost or altered", damaged.len()),
                &format!(
                    "the newest is one of tip {tip}; docs/evidence.md, \"Lost or altered\", says what to do"
                ),
            );
        }
    }
    // Of a store that is away the doctor tells elsewhere.
    if let Ok((missing, newest)) = evidence::missing(conn, storage).await
        && newest > 0
    {
        report.says(
            missing == 0,
            "the newest files of evidence are in the store",
            &format!(
                "{missing} of the newest {newest} are not: the store was not restored with the database, or \
                 TINBAO_STORAGE names another; docs/evidence.md, \"Lost or altered\", says what to do"
            ),
        );
    }
    let purger = Purger {
        storage,
        actor: &Actor::system(),
        now: (system_clock())(),
    };
    match privacy::unseen_erasures(conn, &purger).await {
        Ok(unseen) if unseen.is_empty() => {}
        Ok(unseen) => report.bad(
            &format!("{} erasures are not known to this database", unseen.len()),
            "an older backup was restored: run 'tinbao purge', which carries them out again",
        ),
        Err(error) => report.bad("notes of erasures can be read", &error.with_causes()),
    }
    match evidence::unknown(conn, storage, purger.now).await {
        Ok(0) => {}
        Ok(unknown) => report.bad(
            &format!("{unknown} objects of evidence were never known to this database"),
            "nothing deletes them by itself; docs/evidence.md, \"After a restore\", says what to do",
        ),
        Err(error) => report.bad("evidence can be listed", &error.with_causes()),
    }
    Ok(())
}

/// Whether the identity keys are there, and readable by their owner alone.
fn look_at_key_files(config: &Config, report: &mut Report) {
    for (name, file) in &config.secrets.files {
        let open = std::fs::metadata(file).is_ok_and(|meta| meta.permissions().mode() & 0o007 != 0);
        if open {
            let file = file.display();
            report.bad(
                &format!("the key file of {name} is closed to everybody else"),
                &format!("chmod o= {file}, and think of the key as known"),
            );
        }
    }
    if config.secrets.identity.is_some() {
        report.ok("identity keys are configured");
        return;
    }
    let folder = config.data_dir.join("keys");
    let file = folder.join("identity.keys");
    let there = file.exists();
    report.says(
        there,
        "identity keys are there",
        "set TINBAO_IDENTITY_KEYS, or start 'tinbao dev' once",
    );
    let private = std::fs::metadata(file).is_ok_and(|meta| meta.permissions().mode() & 0o077 == 0);
    report.says(
        private || !there,
        "key files are readable by their owner alone",
        &format!("chmod -R go= {}", folder.display()),
    );
    println!(
        "note identity keys: without a copy of {} what is sealed can never be read again; keep one \
         apart from the database's backup",
        folder.display()
    );
}

/// Writes an object to the store of evidence, reads it back and deletes it.
async fn store_and_take(config: &Config) -> anyhow::Result<()> {
    let advice =
        "check TINBAO_STORAGE, the folder's owner or the bucket's rights, and the free space";
    let storage =
        Storage::open(config.storage.as_deref(), &config.data_dir).map_err(anyhow::Error::msg)?;
    let id = id_at((system_clock())());
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
