//! The thread that makes, starts, watches and stops PostgreSQL.
//!
//! It must be a thread of its own that lives as long as the cluster: the signal PostgreSQL gets at
//! its parent's death is sent when the *thread* that started it ends. When PostgreSQL dies by
//! itself (out of memory, say), the thread starts it again, so that a server outlives it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::binaries::Programs;
use super::place::{Account, Place, make_private};
use super::{Durability, EmbeddedError, OWNER, lock, supervise};

/// Recovery after a crash replays at most a gigabyte of log.
const READY_WITHIN: Duration = Duration::from_secs(300);
/// How long orphans of a killed postmaster may keep us from starting.
const ORPHANS_WITHIN: Duration = Duration::from_secs(30);
/// A fast shutdown writes a checkpoint.
const STOPPED_WITHIN: Duration = Duration::from_secs(60);
/// How often we look whether PostgreSQL still runs.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The longest pause between two attempts to start it again.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A log longer than this is set aside at the next start.
const LONGEST_LOG: u64 = 10 * 1024 * 1024;

/// All that the thread needs.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) place: Place,
    pub(super) account: Account,
    pub(super) programs: Programs,
    pub(super) launcher: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) durability: Durability,
    /// Held as long as PostgreSQL may run.
    #[expect(dead_code, reason = "a lock is held, not read")]
    pub(super) server_lock: File,
}

/// The running thread.
#[derive(Debug)]
pub(super) struct Keeper {
    thread: JoinHandle<Result<(), EmbeddedError>>,
    /// Never sent on: its end is the order to stop.
    running: mpsc::Sender<()>,
}

impl Keeper {
    /// Starts PostgreSQL in a new thread, and waits until it is ready or has failed.
    pub(super) fn start(plan: Plan) -> Result<Self, EmbeddedError> {
        let (running, stop) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let log = plan.place.log();
        let thread = thread::Builder::new()
            .name("postgres".into())
            .spawn(move || match plan.initdb().and_then(|()| plan.start()) {
                Ok(child) => {
                    // Fails only when nobody waits, and then the order to stop is there as well.
                    let _ = tell.send(Ok(()));
                    plan.watch(child, &stop)
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                    Ok(())
                }
            })
            .map_err(EmbeddedError::io("start a thread for", &log))?;
        told.recv().unwrap_or(Err(EmbeddedError::KeeperGone))?;
        Ok(Self { thread, running })
    }

    /// Stops PostgreSQL and waits until it has.
    pub(super) fn stop(self) -> Result<(), EmbeddedError> {
        drop(self.running);
        self.thread.join().unwrap_or(Err(EmbeddedError::KeeperGone))
    }
}

impl Plan {
    /// Makes the cluster if there is none. Only a finished one ever bears its name.
    fn initdb(&self) -> Result<(), EmbeddedError> {
        let data = self.place.data();
        if data.exists() {
            return Ok(());
        }
        let new = self.place.unfinished_data();
        if new.exists() {
            fs::remove_dir_all(&new).map_err(EmbeddedError::io("remove", &new))?;
        }
        make_private(&new, &self.account)?;
        let mut command = supervise::command(&self.launcher, &self.account, &self.programs.initdb);
        command
            .args(["--encoding=UTF8", "--data-checksums"])
            // Trust: whoever may enter the socket's folder is the user who owns the data anyway.
            .args([
                "--auth-local=trust",
                "--auth-host=reject",
                "--username",
                OWNER,
            ]);
        if cfg!(target_os = "macos") {
            command.args(["--locale=C", "--lc-ctype=UTF-8"]);
        } else {
            // Exists everywhere, and sorts alike on every machine: no index breaks by an upgrade.
            command.arg("--locale=C.UTF-8");
        }
        if self.durability == Durability::Throwaway {
            command.arg("--no-sync");
        }
        command.arg("--pgdata").arg(&new);
        let output = command
            .stdin(Stdio::null())
            .output()
            .map_err(EmbeddedError::io("run", &self.launcher))?;
        if !output.status.success() {
            return Err(EmbeddedError::Initdb {
                reason: last_words(&String::from_utf8_lossy(&output.stderr), output.status),
                data,
            });
        }
        fs::rename(&new, &data).map_err(EmbeddedError::io("rename", &new))?;
        File::open(&self.place.dir)
            .and_then(|dir| dir.sync_all())
            .map_err(EmbeddedError::io("write", &self.place.dir))
    }

    /// Starts PostgreSQL and waits until it accepts connections.
    fn start(&self) -> Result<Child, EmbeddedError> {
        let begun = Instant::now();
        loop {
            lock::make_way(&self.place)?;
            match self.start_once() {
                // Its backends outlived a killed postmaster; they end as soon as they notice.
                Err(EmbeddedError::Died { reason, .. })
                    if begun.elapsed() < ORPHANS_WITHIN
                        && (reason.contains("pre-existing shared memory block")
                            || reason.contains("already exists")) =>
                {
                    thread::sleep(LOOK_EVERY);
                }
                other => return other,
            }
        }
    }

    fn start_once(&self) -> Result<Child, EmbeddedError> {
        let log_path = self.place.log();
        let log = open_log(&log_path)?;
        let log_begin = log
            .metadata()
            .map_err(EmbeddedError::io("look at", &log_path))?
            .len();
        let log_too = log
            .try_clone()
            .map_err(EmbeddedError::io("open", &log_path))?;
        let mut child = supervise::command(&self.launcher, &self.account, &self.programs.postgres)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(log_too)
            .spawn()
            .map_err(EmbeddedError::io("run", &self.launcher))?;
        let begun = Instant::now();
        loop {
            if let Some(status) = self.ended(&mut child)? {
                return Err(EmbeddedError::Died {
                    reason: last_words(&read_from(&log_path, log_begin), status),
                    log: log_path,
                });
            }
            if lock::Postmaster::read(&self.place.data())
                .is_some_and(|p| p.is_ready() && u32::try_from(p.pid) == Ok(child.id()))
            {
                return Ok(child);
            }
            if begun.elapsed() > READY_WITHIN {
                // Why it would not end either matters less than that it did not start.
                let _ = self.end(&mut child);
                return Err(EmbeddedError::NotReady {
                    seconds: READY_WITHIN.as_secs(),
                    log: log_path,
                });
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Keeps PostgreSQL running until the order to stop.
    fn watch(&self, mut child: Child, stop: &mpsc::Receiver<()>) -> Result<(), EmbeddedError> {
        let mut pause = LOOK_EVERY;
        loop {
            if stop.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                let ended = self.end(&mut child);
                self.place.tidy();
                return ended;
            }
            let Some(status) = self.ended(&mut child)? else {
                pause = LOOK_EVERY;
                continue;
            };
            tracing::error!(%status, "PostgreSQL ended by itself: starting it again");
            match self.start() {
                Ok(again) => {
                    tracing::info!("PostgreSQL runs again");
                    child = again;
                }
                Err(error) => {
                    tracing::error!(%error, "PostgreSQL could not be started again");
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Shuts PostgreSQL down: first so that it writes everything, then without, then by force.
    fn end(&self, child: &mut Child) -> Result<(), EmbeddedError> {
        for (signal, patience) in [
            (Signal::SIGINT, STOPPED_WITHIN),
            (Signal::SIGQUIT, Duration::from_secs(10)),
            (Signal::SIGKILL, Duration::from_secs(10)),
        ] {
            let begun = Instant::now();
            if let Ok(pid) = i32::try_from(child.id())
                && self.ended(child)?.is_none()
            {
                // It may have ended since; then the loop sees it.
                let _ = kill(Pid::from_raw(pid), signal);
            }
            while begun.elapsed() < patience {
                if self.ended(child)?.is_some() {
                    return match signal {
                        Signal::SIGINT => Ok(()),
                        _ => Err(EmbeddedError::KilledAtStop {
                            seconds: STOPPED_WITHIN.as_secs(),
                        }),
                    };
                }
                thread::sleep(Duration::from_millis(5));
            }
        }
        Err(EmbeddedError::StillStopping {
            data: self.place.data(),
            pid: i32::try_from(child.id()).unwrap_or(0),
        })
    }

    fn ended(&self, child: &mut Child) -> Result<Option<ExitStatus>, EmbeddedError> {
        child
            .try_wait()
            .map_err(EmbeddedError::io("wait for", &self.programs.postgres))
    }
}

fn open_log(path: &Path) -> Result<File, EmbeddedError> {
    if fs::metadata(path).is_ok_and(|m| m.len() > LONGEST_LOG) {
        fs::rename(path, path.with_added_extension("old"))
            .map_err(EmbeddedError::io("rename", path))?;
    }
    File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(EmbeddedError::io("open", path))
}

/// What was written to the log since; the last 64 KiB of it.
fn read_from(path: &Path, begin: u64) -> String {
    let read = || {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(begin.max(end.saturating_sub(64 * 1024))))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        std::io::Result::Ok(bytes)
    };
    // An unreadable log only makes the message poorer.
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

/// The line that says best why a program ended.
fn last_words(output: &str, status: ExitStatus) -> String {
    const MARKS: [&str; 4] = ["FATAL:", "PANIC:", "error:", "ERROR:"];
    let said = MARKS.iter().find_map(|mark| {
        let line = output.lines().rfind(|line| line.contains(mark))?;
        let (_, message) = line.split_once(mark)?;
        Some(message.trim().to_owned())
    });
    let last = || output.lines().rfind(|line| !line.trim().is_empty());
    said.or_else(|| last().map(str::to_owned))
        .unwrap_or_else(|| format!("it ended with {status} and said nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fatal_line_is_the_one_to_show() {
        let status = ExitStatus::default();
        let log = "2026-11-24 07:00:00.000 UTC [1] LOG:  starting PostgreSQL 15\n\
                   2026-11-24 07:00:00.001 UTC [1] FATAL:  could not map anonymous shared memory\n\
                   2026-11-24 07:00:00.002 UTC [1] LOG:  database system is shut down\n";
        assert_eq!(
            last_words(log, status),
            "could not map anonymous shared memory"
        );
        assert_eq!(
            last_words("initdb: error: directory exists\nhint\n", status),
            "directory exists"
        );
        assert_eq!(last_words("who knows\n\n", status), "who knows");
        assert!(last_words("", status).contains("said nothing"));
    }
}
