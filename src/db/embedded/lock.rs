//! Two locks on one cluster: ours, which dies with the server that holds it, and PostgreSQL's
//! `postmaster.pid`, which does not and so may lie after a crash or in a restarted container.

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::EmbeddedError;
use super::place::{self, Place};

/// How long a PostgreSQL whose server was killed may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a lock may outlive its holder: a child that was forked a moment ago has a copy of the
/// file until it runs its own program.
const LINGER: Duration = Duration::from_secs(1);

/// Takes the folder for this process; it is free again when the file is closed, even by SIGKILL.
pub(super) fn take(place: &Place) -> Result<File, EmbeddedError> {
    let path = place.lock();
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false) // not ours yet: it may name the process that holds it
        .open(&path)
        .map_err(EmbeddedError::io("open", &path))?;
    let since = Instant::now();
    let mut locked = file.try_lock();
    while matches!(locked, Err(TryLockError::WouldBlock)) && since.elapsed() < LINGER {
        std::thread::sleep(Duration::from_millis(20));
        locked = file.try_lock();
    }
    match locked {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(&path).unwrap_or_default();
            let process = match holder.trim() {
                "" => String::new(),
                pid => format!(" (process {pid})"),
            };
            return Err(EmbeddedError::InUse {
                dir: place.dir.clone(),
                process,
            });
        }
        Err(TryLockError::Error(source)) => {
            return Err(EmbeddedError::io("lock", &path)(source));
        }
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(EmbeddedError::io("write", &path))?;
    Ok(file)
}

/// What a `postmaster.pid` says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: i32,
    pub(super) port: u16,
    pub(super) socket_dir: PathBuf,
    status: String,
}

/// What the process named in a `postmaster.pid` is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// No process has this number.
    Gone,
    /// The postmaster of this very data.
    Postmaster,
    /// Another program: the number was used again. Or a dead one that nobody reaps.
    Other,
}

impl Postmaster {
    /// Reads the file in `data`, if there is one that names a process.
    pub(super) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    /// The lines are: process, data directory, start time, port, socket directory, address, shared
    /// memory key, status; the later ones are added while PostgreSQL starts.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim);
        let pid = lines.next()?.parse().ok().filter(|pid| *pid > 0)?;
        let port = lines.nth(2).and_then(|port| port.parse().ok()).unwrap_or(0);
        let socket_dir = lines.next().unwrap_or_default().into();
        let status = lines.nth(2).unwrap_or_default().to_owned();
        Some(Self {
            pid,
            port,
            socket_dir,
            status,
        })
    }

    /// Whether it accepts connections: as a primary, or as a standby that is read from.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.status.as_str(), "ready" | "standby")
    }

    /// What the process is now.
    pub(super) fn life(&self, data: &Path) -> Life {
        if kill(Pid::from_raw(self.pid), None) == Err(Errno::ESRCH) {
            return Life::Gone;
        }
        let process = Path::new("/proc").join(self.pid.to_string());
        let Ok(stat) = fs::read_to_string(process.join("stat")) else {
            // No /proc here, or it ended just now: a loop that asks again will see.
            return Life::Postmaster;
        };
        match parse_stat(&stat) {
            Some(("postgres" | "postmaster", state)) if state != 'Z' => {
                // Only root and the same user may look; who may not, must believe the file.
                let cwd = fs::read_link(process.join("cwd"));
                let same = cwd.map_or(true, |cwd| {
                    data.canonicalize().map_or(true, |data| data == cwd)
                });
                if same { Life::Postmaster } else { Life::Other }
            }
            _ => Life::Other,
        }
    }
}

/// Name and state out of `/proc/PID/stat`: `12 (name) S 1 …`, where the name may hold anything.
fn parse_stat(stat: &str) -> Option<(&str, char)> {
    let (head, tail) = stat.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    Some((name, tail.trim_start().chars().next()?))
}

/// Makes way for a new postmaster: waits for a dying one, and removes what a dead one left. We hold
/// our own lock, so no server of ours needs whatever still runs.
pub(super) fn make_way(place: &Place) -> Result<(), EmbeddedError> {
    let data = place.data();
    let begun = Instant::now();
    let mut asked = false;
    loop {
        let Some(found) = Postmaster::read(&data) else {
            return remove_socket(place);
        };
        match found.life(&data) {
            Life::Gone => return remove_socket(place),
            Life::Other => {
                tracing::warn!(
                    pid = found.pid,
                    "postmaster.pid of an earlier run names another program: removed"
                );
                // PostgreSQL itself only asks whether the number is in use, and would not start.
                // Backends that outlived their postmaster it finds by their shared memory.
                place::remove(&data.join("postmaster.pid"))?;
                return remove_socket(place);
            }
            Life::Postmaster if found.socket_dir != place.socket_dir => {
                return Err(EmbeddedError::ForeignPostmaster {
                    data,
                    pid: found.pid,
                });
            }
            Life::Postmaster if begun.elapsed() > PATIENCE => {
                return Err(EmbeddedError::StillStopping {
                    data,
                    pid: found.pid,
                });
            }
            Life::Postmaster => {
                if !asked {
                    // Where the kernel tells no child of its parent's death, it knows nothing yet.
                    // That it may have ended in between is no fault.
                    let _ = kill(Pid::from_raw(found.pid), Signal::SIGINT);
                    asked = true;
                    tracing::info!(
                        pid = found.pid,
                        "waiting for the PostgreSQL of an earlier run to end"
                    );
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

/// The socket's lock file holds a number too; nobody else uses this folder.
fn remove_socket(place: &Place) -> Result<(), EmbeddedError> {
    let socket = place.socket_file();
    place::remove(&socket)?;
    place::remove(&socket.with_added_extension("lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_is_read_while_it_grows() {
        let full = "123\n/d/data\n1700000000\n54320\n/d/run\n\n  1234 0\nready   \n";
        let whole = Postmaster {
            pid: 123,
            port: 54320,
            socket_dir: "/d/run".into(),
            status: "ready".into(),
        };
        assert!(whole.is_ready());
        assert_eq!(Postmaster::parse(full), Some(whole));
        let begun = Postmaster::parse("123\n/d/data\n").unwrap();
        assert_eq!((begun.pid, begun.is_ready()), (123, false));
        for broken in ["", "\n", "abc\n", "0\n", "-5\n", "99999999999\n"] {
            assert_eq!(Postmaster::parse(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn a_name_with_brackets_does_not_confuse() {
        assert_eq!(parse_stat("12 (postgres) S 1 12"), Some(("postgres", 'S')));
        assert_eq!(parse_stat("12 (a) Z (b) R 1"), Some(("a) Z (b", 'R')));
        assert_eq!(parse_stat("12"), None);
    }

    #[test]
    fn this_test_is_no_postmaster() {
        let itself = Postmaster {
            pid: i32::try_from(std::process::id()).unwrap(),
            port: 1,
            socket_dir: "/d".into(),
            status: "ready".into(),
        };
        assert_eq!(itself.life(Path::new("/d/data")), Life::Other);
    }
}
