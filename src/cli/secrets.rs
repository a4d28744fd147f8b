//! The service's secrets: from the environment, else from the data folder.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};

use crate::auth::LocalKeys;
use crate::config::Config;
use crate::keys::{IdentityKeys, Keys, Secret};

/// Whether secrets that are absent may be made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// They are made once and kept.
    Make,
    /// The start is refused.
    Refuse,
}

/// All secrets, or one clear line on what is missing.
pub fn load(config: &Config, absent: Absent) -> anyhow::Result<(Keys, LocalKeys)> {
    let dir = config.data_dir.join("keys");
    let secrets = &config.secrets;
    let mut missing = Vec::new();
    let mut text = |name: &str, file: &str, make: &dyn Fn() -> String| -> anyhow::Result<String> {
        let path = dir.join(file);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if absent == Absent::Refuse {
                    missing.push(name.to_owned());
                    return Ok(make());
                }
                let made = make();
                write_private(&path, &made)?;
                Ok(made)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    };
    let one = |text: String| Secret::from_base64(&text).context("a key file is damaged");
    let identity = match &secrets.identity {
        Some(keys) => keys.clone(),
        None => {
            let text = text("TINBAO_IDENTITY_KEYS", "identity.keys", &|| {
                IdentityKeys::generate("k1").to_text()
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

/// The signing keys alone, for `tinbao token`.
pub fn signing(config: &Config) -> anyhow::Result<LocalKeys> {
    signing_keys(config, Absent::Make, &mut Vec::new())
}

/// Makes a set of key files in a folder; files that are there stay as they are.
pub fn make_files(folder: &Path) -> anyhow::Result<()> {
    make_private_dir(folder)?;
    let random = || Secret::random().to_base64();
    for (name, text) in [
        ("identity.keys", IdentityKeys::generate("k1").to_text()),
        ("receipt.key", random()),
        ("cursor.key", random()),
    ] {
        let path = folder.join(name);
        if !path.exists() {
            write_private(&path, &text)?;
        }
    }
    LocalKeys::load_or_create(folder)?;
    Ok(())
}

fn make_private_dir(dir: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.with_context(|| format!("cannot make {}", dir.display())),
    }
}

/// Writes a file that only its owner may read, whole or not at all.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(dir) = path.parent() {
        make_private_dir(dir)?;
    }
    let new = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)
        .with_context(|| format!("cannot write {}", new.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path).with_context(|| format!("cannot write {}", path.display()))
}
