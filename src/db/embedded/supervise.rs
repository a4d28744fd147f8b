//! The few steps between fork and exec that tie a child to the process that started it.
//!
//! `pre_exec` would be the usual place, but it is unsafe code. So the server starts its own binary
//! again with a hidden subcommand, which drops root's rights, asks the kernel for a signal at its
//! parent's death, and then becomes PostgreSQL. The process id stays the same throughout.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Gid, Pid, Uid, getppid};

use super::place::Account;

/// The hidden subcommand. Not for people: it is not in `--help`.
const SUBCOMMAND: &str = "__postgres";

/// The exit code when we never became the program asked for.
const NOT_BECOME: i32 = 70;

/// A command that runs `program` in a process group of its own, as `account`, and interrupts it
/// when the *thread* that spawns it ends, however it ends.
pub(super) fn command(launcher: &Path, account: &Account, program: &Path) -> Command {
    let mut command = Command::new(launcher);
    command.arg(SUBCOMMAND).arg(std::process::id().to_string());
    match account.drop_to {
        Some((uid, gid)) => command.arg(format!("{uid}:{gid}")),
        None => command.arg("-"),
    };
    command
        .arg(program)
        // Our environment holds keys, and others may read a child's.
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .current_dir("/")
        // A terminal's Ctrl-C must reach the server only, which stops PostgreSQL when it is done.
        .process_group(0);
    command
}

/// Becomes PostgreSQL when this process was started for that, and never returns then; otherwise
/// does nothing. Call it first thing in `main`, before any thread exists.
pub fn become_postgres_if_asked() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().as_deref() != Some(OsStr::new(SUBCOMMAND)) {
        return;
    }
    let Err(reason) = become_program(arguments);
    eprintln!("FATAL:  {reason}"); // in PostgreSQL's form: the parent looks for it in the log
    std::process::exit(NOT_BECOME);
}

fn become_program(mut arguments: impl Iterator<Item = OsString>) -> Result<Infallible, String> {
    let mut text = |what: &str| {
        let argument = arguments.next().and_then(|a| a.into_string().ok());
        argument.ok_or_else(|| format!("{SUBCOMMAND} needs {what}"))
    };
    let parent = text("its parent's process id")?;
    let account = text("a user and group")?;
    let program = text("a program")?;

    if let Some((uid, gid)) = account.split_once(':') {
        drop_rights(uid, gid).map_err(|e| format!("could not become user {account}: {e}"))?;
    }
    // After the change of user, which clears it.
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGINT)
        .map_err(|e| format!("could not ask for a signal at the server's death: {e}"))?;
    // The parent may have died before the kernel knew of our wish.
    if parent.parse().map(Pid::from_raw) != Ok(getppid()) {
        return Err("the server that started this is gone".into());
    }
    let error = Command::new(&program).args(arguments).exec();
    Err(format!("could not run {program}: {error}"))
}

fn drop_rights(uid: &str, gid: &str) -> Result<(), String> {
    let uid = Uid::from_raw(uid.parse().map_err(|e| format!("{e}"))?);
    let gid = Gid::from_raw(gid.parse().map_err(|e| format!("{e}"))?);
    #[cfg(not(target_vendor = "apple"))]
    nix::unistd::setgroups(&[]).map_err(|e| e.to_string())?;
    nix::unistd::setgid(gid).map_err(|e| e.to_string())?;
    nix::unistd::setuid(uid).map_err(|e| e.to_string())
}
