//! Where a cluster lives and whose it is.
//!
//! ```text
//! dir/                 ours; others may pass (0711 as root, 0700 otherwise)
//! ├── server.lock      held by the server
//! ├── postgres.log     opened by us, so that PostgreSQL's user needs no right to dir
//! ├── data/            PostgreSQL's (0700); data.new until initdb has finished
//! ├── run/             PostgreSQL's (0700): the socket, unless its path would be too long
//! └── elsewhere        instead of all this: a link to where it is, see [`Place::prepare`]
//! ```

use std::fs::{self, DirBuilder, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink,
};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use nix::unistd::{Uid, User, geteuid};

use super::{Durability, EmbeddedError, settings};

/// The data directory's name.
pub(super) const DATA: &str = "data";
/// A link to where the cluster really is.
const ELSEWHERE: &str = "elsewhere";
/// Where root keeps a cluster that cannot be where it was wanted.
const SYSTEM_DIR: &str = "/var/lib/tinbao";
/// The user root starts PostgreSQL as.
const USER: &str = "postgres";
/// A socket's path has at most 103 bytes on macOS and 107 on Linux.
const LONGEST_SOCKET: usize = 100;

/// The folders of one cluster.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) dir: PathBuf,
    pub(super) socket_dir: PathBuf,
}

/// As whom PostgreSQL runs.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) uid: u32,
    /// User and group to become; nothing when we are that user already.
    pub(super) drop_to: Option<(u32, u32)>,
}

impl Place {
    /// Makes the folder. When we are root and `postgres` may not enter it (a clone in /root, say),
    /// the cluster goes to a folder of the system, and a link to it is left in its place, so that
    /// removing `dir` still means beginning anew.
    pub(super) fn prepare(dir: &Path, durability: Durability) -> Result<Self, EmbeddedError> {
        make_folders(dir)?;
        let dir = dir
            .canonicalize()
            .map_err(EmbeddedError::io("look up", dir))?;
        let dir = if geteuid().is_root() {
            enterable(&dir, durability)?
        } else {
            dir
        };
        let socket_dir = socket_dir(&dir);
        Ok(Self { dir, socket_dir })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.dir.join(DATA)
    }

    /// The data directory while `initdb` works on it.
    pub(super) fn unfinished_data(&self) -> PathBuf {
        self.dir.join("data.new")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.dir.join("postgres.log")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.dir.join("server.lock")
    }

    pub(super) fn socket_file(&self) -> PathBuf {
        self.socket_dir.join(socket_name())
    }

    /// The data directory and its major version, once it has been made.
    pub(super) fn data_version(&self) -> Result<Option<(PathBuf, u32)>, EmbeddedError> {
        let data = self.data();
        let file = data.join("PG_VERSION");
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(EmbeddedError::io("read", &file)(error)),
        };
        let version = text.trim().parse().map_err(|error| {
            EmbeddedError::io("read", &file)(io::Error::new(io::ErrorKind::InvalidData, error))
        })?;
        Ok(Some((data, version)))
    }

    /// As whom PostgreSQL runs: as ourselves, or when we are root as the owner of the data, or as
    /// `postgres` when there is none yet.
    pub(super) fn account(&self) -> Result<Account, EmbeddedError> {
        let data = self.data();
        let owner = fs::metadata(&data).ok().map(|m| (m.uid(), m.gid()));
        let me = geteuid();
        match (me.is_root(), owner) {
            (true, Some((uid, gid))) if uid != 0 => Ok(Account {
                uid,
                drop_to: Some((uid, gid)),
            }),
            (true, _) => {
                let (uid, gid) = postgres_user()?;
                Ok(Account {
                    uid,
                    drop_to: Some((uid, gid)),
                })
            }
            (false, Some((owner, _))) if owner != me.as_raw() => Err(EmbeddedError::WrongOwner {
                data,
                owner,
                me: me.as_raw(),
            }),
            (false, Some(_)) => Ok(Account {
                uid: me.as_raw(),
                drop_to: None,
            }),
            (false, None) => {
                // Only initdb asks for the name of its user.
                if !matches!(User::from_uid(me), Ok(Some(_))) {
                    return Err(EmbeddedError::NoPasswdEntry(me.as_raw()));
                }
                Ok(Account {
                    uid: me.as_raw(),
                    drop_to: None,
                })
            }
        }
    }

    /// Makes the folder of the socket. It may lie in /tmp, where anybody may have made it first.
    pub(super) fn prepare_socket_dir(&self, account: &Account) -> Result<(), EmbeddedError> {
        let dir = &self.socket_dir;
        make_private(dir, account)?;
        let found = fs::symlink_metadata(dir).map_err(EmbeddedError::io("look at", dir))?;
        if found.is_dir() && found.uid() == account.uid && found.mode() & 0o077 == 0 {
            return Ok(());
        }
        Err(EmbeddedError::UnsafeSocketDir(dir.clone()))
    }

    /// Removes the socket's folder after a stop where it lies outside of `dir`.
    pub(super) fn tidy(&self) {
        if !self.socket_dir.starts_with(&self.dir) {
            // Only if empty; a folder left behind does no harm.
            let _ = fs::remove_dir(&self.socket_dir);
        }
    }
}

/// The cluster's folder for a wanted one, without making anything.
pub(super) fn follow(dir: &Path) -> Option<PathBuf> {
    let dir = dir.canonicalize().ok()?;
    Some(dir.join(ELSEWHERE).canonicalize().unwrap_or(dir))
}

/// Makes a folder only `account` may enter, or leaves the one that is there.
pub(super) fn make_private(dir: &Path, account: &Account) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(EmbeddedError::io("make", dir)(error)),
    }
    match account.drop_to {
        Some((uid, gid)) => {
            chown(dir, Some(uid), Some(gid)).map_err(EmbeddedError::io("give away", dir))
        }
        None => Ok(()),
    }
}

/// Removes a file if it is there.
pub(super) fn remove(path: &Path) -> Result<(), EmbeddedError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(EmbeddedError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Makes `dir` and what is missing above it. Only folders made here get our permissions.
fn make_folders(dir: &Path) -> Result<(), EmbeddedError> {
    if dir.is_dir() {
        return Ok(());
    }
    if let Some(parent) = dir.parent().filter(|p| !p.as_os_str().is_empty()) {
        make_folders(parent)?;
    }
    let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
    match DirBuilder::new().create(dir) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => return Ok(()),
        Err(error) => return Err(EmbeddedError::io("make", dir)(error)),
    }
    // Not by mode(), which the umask would narrow.
    fs::set_permissions(dir, Permissions::from_mode(mode))
        .map_err(EmbeddedError::io("set the permissions of", dir))
}

/// `dir`, or the place instead of it when `postgres` may not enter it.
fn enterable(dir: &Path, durability: Durability) -> Result<PathBuf, EmbeddedError> {
    let link = dir.join(ELSEWHERE);
    if let Ok(target) = fs::read_link(&link) {
        if target.is_dir() {
            return Ok(target);
        }
        if durability == Durability::Safe {
            return Err(EmbeddedError::DataMoved { link, target });
        }
        remove(&link)?;
    }
    let (uid, gid) = postgres_user()?;
    if barrier(dir, uid, gid).is_none() || dir.join(DATA).exists() {
        // Data that is there already stays: its owner may be another user, who may enter.
        return Ok(dir.to_owned());
    }
    let parent = match durability {
        Durability::Safe => PathBuf::from(SYSTEM_DIR),
        Durability::Throwaway => std::env::temp_dir(),
    };
    make_folders(&parent)?;
    if let Some(barrier) = barrier(&parent, uid, gid) {
        return Err(EmbeddedError::NotEnterable {
            barrier,
            user: USER.into(),
        });
    }
    // A new folder each time, so that no data from before a removal of `dir` comes back.
    let target = parent.join(format!("tinbao-{:016x}", unique()));
    DirBuilder::new()
        .create(&target)
        .and_then(|()| fs::set_permissions(&target, Permissions::from_mode(0o711)))
        .map_err(EmbeddedError::io("make", &target))?;
    symlink(&target, &link).map_err(EmbeddedError::io("make", &link))?;
    Ok(target)
}

/// The first folder on the way to `dir`, itself included, that the user may not pass.
fn barrier(dir: &Path, uid: u32, gid: u32) -> Option<PathBuf> {
    let mut way: Vec<&Path> = dir.ancestors().collect();
    way.reverse();
    let closed = |folder: &&&Path| {
        fs::metadata(folder).is_ok_and(|m| {
            let pass = if m.uid() == uid {
                0o100
            } else if m.gid() == gid {
                0o010
            } else {
                0o001
            };
            m.mode() & pass == 0
        })
    };
    way.iter().find(closed).map(|folder| (**folder).to_owned())
}

fn postgres_user() -> Result<(u32, u32), EmbeddedError> {
    match User::from_name(USER) {
        Ok(Some(user)) => Ok((user.uid.as_raw(), user.gid.as_raw())),
        _ => Err(EmbeddedError::NoPostgresUser),
    }
}

/// Beside the data; where that makes too long a path, in the system's folder for such things.
fn socket_dir(dir: &Path) -> PathBuf {
    let beside = dir.join("run");
    if beside.join(socket_name()).as_os_str().as_bytes().len() <= LONGEST_SOCKET {
        return beside;
    }
    let me = geteuid();
    let mut hasher = DefaultHasher::new();
    dir.hash(&mut hasher);
    runtime_dir(me).join(format!("tinbao-{me}-{:016x}", hasher.finish()))
}

fn runtime_dir(me: Uid) -> PathBuf {
    let wanted = if me.is_root() {
        PathBuf::from("/run")
    } else {
        PathBuf::from(format!("/run/user/{me}"))
    };
    match fs::metadata(&wanted) {
        Ok(found) if found.is_dir() && found.uid() == me.as_raw() => wanted,
        // Not the temporary folder of the environment, which may be long as well.
        _ => PathBuf::from("/tmp"),
    }
}

fn socket_name() -> String {
    format!(".s.PGSQL.{}", settings::PORT)
}

/// Differs between two calls on one machine.
fn unique() -> u64 {
    let mut hasher = DefaultHasher::new();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    (now.ok(), std::process::id()).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_does_not_lengthen_the_socket() {
        let short = socket_dir(Path::new("/var/lib/tinbao/postgres"));
        assert_eq!(short, Path::new("/var/lib/tinbao/postgres/run"));
        let long = PathBuf::from("/").join("địa-chỉ-rất-dài/".repeat(8));
        let moved = socket_dir(&long);
        assert!(moved.join(socket_name()).as_os_str().len() <= LONGEST_SOCKET);
        assert_ne!(
            moved,
            socket_dir(&long.join("x")),
            "two clusters share no socket"
        );
    }

    #[test]
    fn the_first_closed_folder_is_named() {
        let top = tempfile::tempdir().unwrap();
        let top = top.path().canonicalize().unwrap();
        let closed = top.join("closed");
        let deep = closed.join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::set_permissions(&top, Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&closed, Permissions::from_mode(0o710)).unwrap();
        let owner = fs::metadata(&closed).unwrap();
        assert_eq!(barrier(&deep, 54_321, 54_321), Some(closed));
        assert_eq!(
            barrier(&deep, 54_321, owner.gid()),
            None,
            "its group may pass"
        );
        assert_eq!(
            barrier(&deep, owner.uid(), 54_321),
            None,
            "its owner may pass"
        );
    }
}
