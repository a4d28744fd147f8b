//! Why a private cluster could not be started or stopped: each reason is one line that says what to
//! do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a private cluster could not be started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// No PostgreSQL, or only old ones.
    #[error(
        "PostgreSQL {oldest} or newer was not found on this machine{found}: install it (script/setup does, or `apt-get install postgresql`), or set DATABASE_URL to a server of your own"
    )]
    NoPrograms {
        /// The oldest major version that will do.
        oldest: u32,
        /// What was found instead, as part of the sentence.
        found: String,
    },
    /// The data was made by a version that is not installed.
    #[error(
        "the data in {data} was made by PostgreSQL {version}, which is not installed: install that version, or move the data to a newer one with pg_dump"
    )]
    NoProgramsForData {
        /// The data directory.
        data: PathBuf,
        /// Its major version.
        version: u32,
    },
    /// We are root, and there is nobody to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root, and this machine has no user `postgres`: create it (`useradd --system postgres`), or start this program as another user"
    )]
    NoPostgresUser,
    /// `initdb` refuses a user id without a name.
    #[error(
        "user id {0} has no entry in /etc/passwd, which PostgreSQL needs to make a cluster: run as a user that has one (in a container: `--user` with a name of the image), or set DATABASE_URL to a server of your own"
    )]
    NoPasswdEntry(u32),
    /// The data belongs to somebody else.
    #[error(
        "{data} belongs to user id {owner}, but this program runs as user id {me}: run it as that user, or give the folder away with `chown -R`"
    )]
    WrongOwner {
        /// The data directory.
        data: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who we are.
        me: u32,
    },
    /// `postgres` may not pass through a folder above the data.
    #[error(
        "user `{user}`, as whom PostgreSQL runs when we are root, may not enter {barrier}: choose another TINBAO_DATA_DIR (such as /var/lib/tinbao), or `chmod o+x {barrier}`"
    )]
    NotEnterable {
        /// The first folder that cannot be entered.
        barrier: PathBuf,
        /// The user who cannot.
        user: String,
    },
    /// Another server of ours holds the folder.
    #[error(
        "{dir} is in use by another Tinbao server{process}: stop that one, or give this one a TINBAO_DATA_DIR of its own"
    )]
    InUse {
        /// The cluster's folder.
        dir: PathBuf,
        /// " (process 12)", or nothing when unknown.
        process: String,
    },
    /// Somebody runs PostgreSQL on our data by hand.
    #[error(
        "a PostgreSQL that this program did not start (process {pid}) runs on {data}: stop it with `kill -INT {pid}`"
    )]
    ForeignPostmaster {
        /// The data directory.
        data: PathBuf,
        /// The postmaster.
        pid: i32,
    },
    /// The PostgreSQL of an earlier run will not end.
    #[error(
        "the PostgreSQL of an earlier run (process {pid}) on {data} is still shutting down: try again in a minute, or end it with `kill -QUIT {pid}`"
    )]
    StillStopping {
        /// The data directory.
        data: PathBuf,
        /// The postmaster.
        pid: i32,
    },
    /// The data of an earlier run is gone from where it was put.
    #[error(
        "{link} says that the data is in {target}, which is not there: bring it back, or remove {link} to begin with an empty database"
    )]
    DataMoved {
        /// Our note of where the data is.
        link: PathBuf,
        /// Where it should be.
        target: PathBuf,
    },
    /// The folder for the socket belongs to somebody else, or others may enter it.
    #[error(
        "{0} should be a folder that only PostgreSQL's user may enter, but is not: remove it and start again"
    )]
    UnsafeSocketDir(PathBuf),
    /// `initdb` failed.
    #[error("PostgreSQL could not make a cluster in {data}: {reason}")]
    Initdb {
        /// The data directory.
        data: PathBuf,
        /// What it said.
        reason: String,
    },
    /// PostgreSQL ended while it started.
    #[error("PostgreSQL did not start: {reason} (its log: {log})")]
    Died {
        /// What it said last.
        reason: String,
        /// Its log.
        log: PathBuf,
    },
    /// PostgreSQL did not become ready.
    #[error("PostgreSQL was not ready after {seconds} s: look into its log {log}, and start again")]
    NotReady {
        /// How long we waited.
        seconds: u64,
        /// Its log.
        log: PathBuf,
    },
    /// PostgreSQL had to be killed; it recovers at the next start.
    #[error(
        "PostgreSQL did not shut down within {seconds} s and was ended by force: the next start recovers the data"
    )]
    KilledAtStop {
        /// How long we waited.
        seconds: u64,
    },
    /// The thread that keeps the cluster ended by itself.
    #[error("the thread that looks after PostgreSQL ended unexpectedly: start again")]
    KeeperGone,
    /// The operating system refused something.
    #[error("could not {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl EmbeddedError {
    /// For `map_err`: names what was tried, and on which path.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
