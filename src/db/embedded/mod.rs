//! A private PostgreSQL, started from the system's own programs, for `tinbao dev`, for
//! `tinbao serve --embedded` and for the tests.
//!
//! The cluster listens only on a unix socket in a folder that nobody else may enter, runs as the
//! user `postgres` when we are root, is restarted when it dies, and shuts down cleanly even when
//! the server is killed with SIGKILL. What it does not do: download programs, create the
//! application's database, run migrations.
//!
//! [`become_postgres_if_asked`] must be the first call in `main`: the cluster is started through
//! our own binary, because what has to happen between fork and exec needs a program of ours.

mod binaries;
mod error;
mod keeper;
mod lock;
mod place;
mod settings;
mod supervise;

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

pub use error::EmbeddedError;
pub use supervise::become_postgres_if_asked;

/// The owner of the databases and superuser of the cluster: makes and migrates.
pub const OWNER: &str = "tinbao";

/// What the service connects as; made by `db::roles`.
pub const SERVICE: &str = "tinbao_app";

/// What the cluster promises about data when the machine loses power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// What is committed is on the disk.
    Safe,
    /// For tests: no flush at all, data may be lost.
    Throwaway,
}

/// How to start a private cluster.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that holds the cluster, its log and its lock; made when missing.
    pub dir: PathBuf,
    /// The `tinbao` program, see [`own_launcher`].
    pub launcher: PathBuf,
    /// What is promised about a power cut.
    pub durability: Durability,
    /// PostgreSQL's `max_connections`.
    pub max_connections: u32,
    /// Further PostgreSQL settings; they win over our own.
    pub extra: Vec<(String, String)>,
}

/// A running private cluster; it stops when this is dropped.
#[derive(Debug)]
pub struct Cluster {
    place: place::Place,
    keeper: Option<keeper::Keeper>,
}

impl Cluster {
    /// Starts the cluster, making it first when the folder is empty, and returns once it accepts
    /// connections. Blocks for a second at the first start, for longer after a crash.
    pub fn start(options: &Options) -> Result<Self, EmbeddedError> {
        let place = place::Place::prepare(&options.dir, options.durability)?;
        let server_lock = lock::take(&place)?;
        let account = place.account()?;
        let programs = binaries::find(place.data_version()?)?;
        place.prepare_socket_dir(&account)?;
        let keeper = keeper::Keeper::start(keeper::Plan {
            launcher: std::path::absolute(&options.launcher)
                .map_err(EmbeddedError::io("look up the launcher", &options.launcher))?,
            arguments: settings::arguments(&place, options),
            durability: options.durability,
            place: place.clone(),
            account,
            programs,
            server_lock,
        })?;
        Ok(Self {
            place,
            keeper: Some(keeper),
        })
    }

    /// The owner's address of one database, as `tokio-postgres`, diesel and `psql` take it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.url_as(OWNER, database)
    }

    /// The address of one database for a role.
    #[must_use]
    pub fn url_as(&self, role: &str, database: &str) -> String {
        url(role, &self.place.socket_dir, settings::PORT, database)
    }

    /// Where the cluster really is: not under [`Options::dir`] when we are root and `postgres` may
    /// not enter that folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.place.dir
    }

    /// The file PostgreSQL writes its log to.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.place.log()
    }

    /// Shuts the cluster down and waits until it has; open connections are cut.
    pub fn stop(mut self) -> Result<(), EmbeddedError> {
        self.keeper.take().map_or(Ok(()), keeper::Keeper::stop)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.keeper.take().map(keeper::Keeper::stop) {
            tracing::warn!(%error, "the private PostgreSQL did not stop cleanly");
        }
    }
}

/// A role's address of a database of the cluster that another process runs in `dir`, if one does: for
/// commands used beside a running server.
#[must_use]
pub fn running_url(dir: &Path, role: &str, database: &str) -> Option<String> {
    let dir = place::follow(dir)?;
    let found = lock::Postmaster::read(&dir.join(place::DATA)).filter(|p| p.is_ready())?;
    (found.life(&dir.join(place::DATA)) == lock::Life::Postmaster)
        .then(|| url(role, &found.socket_dir, found.port, database))
}

/// The path of the running program, for [`Options::launcher`]. On Linux it stays good when the file
/// is replaced by a newer version while the server runs.
pub fn own_launcher() -> io::Result<PathBuf> {
    let itself = Path::new("/proc/self/exe");
    if itself.exists() {
        return Ok(itself.to_owned());
    }
    std::env::current_exe()
}

fn url(role: &str, socket_dir: &Path, port: u16, database: &str) -> String {
    let host = percent_encode(socket_dir.as_os_str());
    let database = percent_encode(OsStr::new(database));
    format!("postgres://{role}@{host}:{port}/{database}")
}

fn percent_encode(text: &OsStr) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_postgres::config::Host;

    #[test]
    fn the_address_survives_any_folder_name() {
        for dir in [
            "/run/tinbao",
            "/srv/Công an tỉnh/d",
            "/a%2Fb@c:d/é?x=1&y#z",
            "/tmp/\"q\",'r'",
        ] {
            let url = url(OWNER, Path::new(dir), 54320, "tin/báo");
            let config: tokio_postgres::Config = url.parse().unwrap();
            assert_eq!(config.get_hosts(), [Host::Unix(dir.into())], "{url}");
            assert_eq!(config.get_ports(), [54320]);
            assert_eq!(config.get_dbname(), Some("tin/báo"));
            assert_eq!(config.get_user(), Some(OWNER));
        }
    }
}
