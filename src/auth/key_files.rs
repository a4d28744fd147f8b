//! Signing keys as files: `signing-000001.pem` and up, the highest number signs.
//!
//! Files rather than one file, so that a rotation adds and never rewrites: a
//! crash or a full disk cannot lose the keys that older attestations need.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::keys::KeyError;

/// The key files of a directory, newest first.
pub(super) fn list(dir: &Path) -> Result<Vec<PathBuf>, KeyError> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(KeyError::io("read", dir, error)),
    };
    for entry in entries {
        let path = entry
            .map_err(|error| KeyError::io("read", dir, error))?
            .path();
        if let Some(number) = number(&path) {
            found.push((number, path));
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// Reads one key file, which nobody but its owner may read.
pub(super) fn read(path: &Path) -> Result<String, KeyError> {
    let mode = fs::metadata(path)
        .map_err(|error| KeyError::io("read", path, error))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed(path.to_owned()));
    }
    fs::read_to_string(path).map_err(|error| KeyError::io("read", path, error))
}

/// Writes a key as the newest of its directory; the caller holds the [`lock`].
pub(super) fn add(dir: &Path, pem: &str) -> Result<(), KeyError> {
    let newest = list(dir)?
        .first()
        .and_then(|path| number(path))
        .unwrap_or(0);
    let path = dir.join(format!("signing-{:06}.pem", newest.saturating_add(1)));
    // Written aside and renamed: no reader ever meets half a key.
    let aside = path.with_extension("new");
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&aside)?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(pem.as_bytes())?;
        file.sync_all()?;
        fs::rename(&aside, &path)?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|error| KeyError::io("write", &path, error))
}

/// Makes the directory if need be and keeps other processes from adding a key until dropped.
pub(super) fn lock(dir: &Path) -> Result<File, KeyError> {
    let open = || -> io::Result<File> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(dir.join(".lock"))?;
        file.lock()?;
        Ok(file)
    };
    open().map_err(|error| KeyError::io("lock", dir, error))
}

fn number(path: &Path) -> Option<u32> {
    path.file_name()?
        .to_str()?
        .strip_prefix("signing-")?
        .strip_suffix(".pem")?
        .parse()
        .ok()
}
