//! Finds the programs of an installed PostgreSQL. They are seldom in the search path: Debian, for
//! one, keeps each major version in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::EmbeddedError;

/// The oldest major version that will do.
const OLDEST: u32 = 15;

/// Folders that hold the programs, or whose subfolders `*/bin` do, on the systems we know.
const PLACES: [(&str, &str); 8] = [
    ("/usr/lib/postgresql", "bin"), // Debian, Ubuntu
    ("/usr", "bin"),                // RPMs of PostgreSQL: /usr/pgsql-17/bin
    ("/usr/lib", "bin"),            // openSUSE: /usr/lib/postgresql17/bin
    ("/usr/libexec", ""),           // Alpine: /usr/libexec/postgresql17
    ("/opt/homebrew/opt", "bin"),   // Homebrew
    ("/usr/local/opt", "bin"),      // Homebrew on Intel
    ("/usr/local", "bin"),          // FreeBSD, own builds (/usr/local/pgsql/bin)
    ("/opt", "bin"),
];

/// The programs of one installed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) initdb: PathBuf,
    pub(super) postgres: PathBuf,
}

/// The programs for data of the given version, or of the newest version when there is no data yet.
pub(super) fn find(data: Option<(PathBuf, u32)>) -> Result<Programs, EmbeddedError> {
    let mut installed: Vec<(u32, PathBuf)> = folders()
        .into_iter()
        .filter_map(|bin| Some((version_of(&bin)?, bin)))
        .collect();
    installed.sort();
    installed.dedup();
    choose(&installed, data)
}

fn choose(
    installed: &[(u32, PathBuf)],
    data: Option<(PathBuf, u32)>,
) -> Result<Programs, EmbeddedError> {
    let (chosen, none) = match data {
        Some((data, version)) => (
            installed.iter().rfind(|(v, _)| *v == version),
            EmbeddedError::NoProgramsForData { data, version },
        ),
        None => (
            installed.last().filter(|(version, _)| *version >= OLDEST),
            EmbeddedError::NoPrograms {
                oldest: OLDEST,
                found: installed
                    .last()
                    .map_or_else(String::new, |(v, _)| format!(" (only version {v})")),
            },
        ),
    };
    chosen
        .map(|(_, bin)| Programs {
            initdb: bin.join("initdb"),
            postgres: bin.join("postgres"),
        })
        .ok_or(none)
}

fn folders() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (parent, bin) in PLACES {
        found.push(Path::new(parent).join(bin));
        let Ok(entries) = fs::read_dir(parent) else {
            continue;
        };
        found.extend(entries.flatten().map(|entry| entry.path().join(bin)));
    }
    // Wherever the search path's own PostgreSQL lives (Nix, asdf, a build of one's own).
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output()
        && let Ok(path) = String::from_utf8(output.stdout)
    {
        found.push(path.trim().into());
    }
    // Through links, so that the same installation counts once.
    found
        .iter()
        .filter_map(|bin| bin.join("postgres").canonicalize().ok())
        .filter_map(|postgres| Some(postgres.parent()?.to_owned()))
        .filter(|bin| bin.join("initdb").is_file())
        .collect()
}

fn version_of(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    parse_version(&String::from_utf8(output.stdout).ok()?)
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is 15, `… 18beta1` is 18.
fn parse_version(text: &str) -> Option<u32> {
    let (_, after) = text.split_once("(PostgreSQL)")?;
    let after = after.trim_start();
    let end = after
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(after.len());
    after.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_postgres_says() {
        for (text, version) in [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
                Some(15),
            ),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("postgres (PostgreSQL) 9.6.24", Some(9)),
            ("postgres (EnterpriseDB) 15.2", None),
            ("postgres (PostgreSQL) ", None),
            ("", None),
        ] {
            assert_eq!(parse_version(text), version, "{text:?}");
        }
    }

    #[test]
    fn the_newest_is_taken_unless_data_wants_another() {
        let installed = [
            (14, "/p/14".into()),
            (15, "/p/15".into()),
            (17, "/p/17".into()),
        ];
        let data = |version| Some((PathBuf::from("/d"), version));
        let chosen = |installed: &[(u32, PathBuf)], data| {
            choose(installed, data).map(|programs| programs.postgres.display().to_string())
        };
        assert_eq!(chosen(&installed, None).unwrap(), "/p/17/postgres");
        assert_eq!(chosen(&installed, data(15)).unwrap(), "/p/15/postgres");
        let message = chosen(&installed, data(16)).unwrap_err().to_string();
        assert!(
            message.contains("PostgreSQL 16, which is not installed"),
            "{message}"
        );
        let message = chosen(&installed[..1], None).unwrap_err().to_string();
        assert!(message.contains("(only version 14)"), "{message}");
        let message = chosen(&[], None).unwrap_err().to_string();
        assert!(
            message.starts_with("PostgreSQL 15 or newer was not found on this machine: install"),
            "{message}"
        );
    }
}
