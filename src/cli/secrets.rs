//! The service's secrets: from the environment, else from the data folder.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, bail};

use crate::app::system_clock;
use crate::auth::LocalKeys;
use crate::config::Config;
use crate::keys::{IdentityKeys, Keys, Secret, random_bytes};
use crate::state::id_at;

/// What is told where the identity keys open nothing of what is sealed.
pub const WRONG_KEYS: &str = "the identity keys open nothing of what is sealed in this database: they belong to \
                              another installation; put back those that were kept with it (docs/operations.md, \
                              \"Keys\")";

/// Whether secrets that are absent may be made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// They are made once and kept.
    Make,
    /// The start is refused.
    Refuse,
}

/// No two sets of keys share an id: what one of them sealed names the key that opens it.
fn new_key_id() -> String {
    format!("k{}", hex::encode(random_bytes::<4>()))
}

/// All secrets, or one clear line on what is missing.
pub fn load(config: &Config, absent: Absent) -> anyhow::Result<(Keys, LocalKeys)> {
    let dir = config.data_dir.join("keys");
    let secrets = &config.secrets;
    let mut missing = Vec::new();
    let mut text = |name: &str, file: &str, make: &dyn Fn() -> String| -> anyhow::Result<String> {
        let path = dir.join(file);
        match read_private(&path)? {
            Some(text) => Ok(text),
            None if absent == Absent::Refuse => {
                missing.push(name.to_owned());
                Ok(make())
            }
            None => make_private(&path, &make()),
        }
    };
    let one = |text: String| Secret::from_base64(&text).context("a key file is damaged");
    let identity = match &secrets.identity {
        Some(keys) => keys.clone(),
        None => {
            let text = text("TINBAO_IDENTITY_KEYS", "identity.keys", &|| {
                IdentityKeys::generate(&new_key_id()).to_text()
            })?;
            IdentityKeys::parse(&text)
                .map_err(anyhow::Error::msg)
                .context("keys/identity.keys")?
        }
    };
    let random = || Secret::random().to_base64();
    let receipt = match &secrets.receipt {
        Some(key) => key.clone(),
        None => one(text("TINBAO_RECEIPT_KEY", "receipt.key", &random)?)?,
    };
    let cursor = match &secrets.cursor {
        Some(key) => key.clone(),
        None => one(text("TINBAO_CURSOR_KEY", "cursor.key", &random)?)?,
    };
    let signing = signing_keys(config, absent, &mut missing)?;
    if !missing.is_empty() {
        bail!(
            "{}: not set. With an external database the keys must be given (or their files with \
             NAME_FILE); 'tinbao dev' shows how they look under {}",
            missing.join(", "),
            dir.display()
        );
    }
    Ok((Keys::new(identity, receipt, cursor), signing))
}

fn signing_keys(
    config: &Config,
    absent: Absent,
    missing: &mut Vec<String>,
) -> anyhow::Result<LocalKeys> {
    let dir = config.data_dir.join("keys");
    if let Some(text) = &config.secrets.signing {
        return Ok(LocalKeys::from_text(text)?);
    }
    let there = fs::read_dir(&dir).is_ok_and(|mut files| {
        files.any(|f| f.is_ok_and(|f| f.file_name().to_string_lossy().starts_with("signing-")))
    });
    if absent == Absent::Refuse && !there {
        missing.push("TINBAO_SIGNING_KEY".to_owned());
        return Ok(LocalKeys::generate()?);
    }
    make_private_dir(&dir)?;
    Ok(LocalKeys::load_or_create(&dir)?)
}

/// The signing keys alone, for `tinbao token`. Where it makes them it says so: no server that runs in another
/// folder takes the token.
pub fn signing(config: &Config) -> anyhow::Result<LocalKeys> {
    let mut missing = Vec::new();
    let there = signing_keys(config, Absent::Refuse, &mut missing)?;
    if missing.is_empty() {
        return Ok(there);
    }
    eprintln!(
        "tinbao: a new signing key was made in {}; a server that keeps its keys elsewhere does not take this \
         token (TINBAO_DATA_DIR)",
        config.data_dir.join("keys").display()
    );
    signing_keys(config, Absent::Make, &mut missing)
}

/// Makes a set of key files in a folder; files that are there stay as they are.
pub fn make_files(folder: &Path) -> anyhow::Result<()> {
    make_private_dir(folder)?;
    let random = || Secret::random().to_base64();
    for (name, text) in [
        (
            "identity.keys",
            IdentityKeys::generate(&new_key_id()).to_text(),
        ),
        ("receipt.key", random()),
        ("cursor.key", random()),
    ] {
        make_private(&folder.join(name), &text)?;
    }
    LocalKeys::load_or_create(folder)?;
    Ok(())
}

fn make_private_dir(dir: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent)
            .with_context(|| format!("TINBAO_DATA_DIR: cannot make {}", parent.display()))?;
    }
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.with_context(|| format!("TINBAO_DATA_DIR: cannot make {}", dir.display())),
    }
}

/// A file that only its owner may read; `None` where there is none.
fn read_private(path: &Path) -> anyhow::Result<Option<String>> {
    let mode = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => found.with_context(|| format!("cannot read {}", path.display()))?,
    }
    .permissions()
    .mode();
    if mode & 0o077 != 0 {
        let path = path.display();
        bail!("others than its owner may read {path}: chmod go= {path}, and think of it as known");
    }
    let text = fs::read_to_string(path);
    text.map(Some)
        .with_context(|| format!("cannot read {}", path.display()))
}

/// Makes a file that only its owner may read, whole or not at all; returns what it holds. One that another
/// process has just made stays: what was sealed with its keys could never be opened with others.
fn make_private(path: &Path, text: &str) -> anyhow::Result<String> {
    let failed = || format!("cannot write {}", path.display());
    let dir = path.parent().with_context(failed)?;
    make_private_dir(dir)?;
    let aside = path.with_extension(format!("new-{}", id_at((system_clock())())));
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&aside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // Unlike a rename a link takes no other file's place.
        match fs::hard_link(&aside, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            other => other?,
        }
        fs::File::open(dir)?.sync_all()
    };
    let written = write();
    let _ = fs::remove_file(&aside);
    written.with_context(failed)?;
    read_private(path)?.with_context(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_who_make_a_key_at_once_all_have_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys/identity.keys");
        let made: Vec<String> = std::thread::scope(|scope| {
            let make = |n: usize| {
                let path = path.clone();
                scope.spawn(move || make_private(&path, &format!("key {n}")).unwrap())
            };
            let all: Vec<_> = (0..8).map(make).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let kept = fs::read_to_string(&path).unwrap();
        assert_eq!(made, vec![kept; 8]);
        let beside = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(beside, 1, "nothing is left beside it");
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("receipt.key");
        assert!(read_private(&path).unwrap().is_none());
        make_private(&path, "key").unwrap();
        for (mode, private) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read_private(&path).is_ok(), private, "{mode:o}");
        }
    }
}
