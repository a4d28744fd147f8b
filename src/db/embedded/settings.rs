//! The command line of `postgres`: our settings, each of which the caller may override.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use super::place::Place;
use super::{Durability, Options};

/// Names the socket file only (no TCP port is opened). Not 5432, so that no client finds this
/// cluster, and this one no other, by default.
pub(super) const PORT: u16 = 54320;

/// Settings that hold for every cluster.
const ALWAYS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("lc_messages", "C"), // we read its errors
    ("timezone", "UTC"),
    // A log must hold no citizen's data: no details, no statement texts, no parameters, and no
    // statement's error at all: the server sees that error and logs what may be logged of it.
    ("log_destination", "stderr"),
    ("logging_collector", "off"),
    ("log_timezone", "UTC"),
    ("log_error_verbosity", "terse"),
    ("log_min_messages", "log"),
    ("log_min_error_statement", "panic"),
    ("log_statement", "none"),
    ("log_parameter_max_length", "0"),
    ("log_parameter_max_length_on_error", "0"),
    // A transaction left open keeps dead rows of the queue alive and slows every claim.
    ("idle_in_transaction_session_timeout", "60s"),
    ("autovacuum_naptime", "15s"),
    ("autovacuum_vacuum_scale_factor", "0.05"),
    ("autovacuum_analyze_scale_factor", "0.05"),
    ("jit", "off"), // only short statements here
    ("wal_compression", "on"),
];

/// Settings that trade the data for speed.
const THROWAWAY: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
];

/// Everything that follows the program's name.
pub(super) fn arguments(place: &Place, options: &Options) -> Vec<OsString> {
    let mut out: Vec<OsString> = vec!["-D".into(), place.data().into()];
    let mut set = |name: &str, value: &OsStr| {
        let mut setting = OsString::from(name);
        setting.push("=");
        setting.push(value);
        out.push("-c".into());
        out.push(setting);
    };
    set("port", PORT.to_string().as_ref());
    set("unix_socket_directories", &list_item(&place.socket_dir));
    set(
        "max_connections",
        options.max_connections.to_string().as_ref(),
    );
    let throwaway = match options.durability {
        Durability::Safe => &[],
        Durability::Throwaway => THROWAWAY,
    };
    for (name, value) in ALWAYS.iter().chain(throwaway) {
        set(name, value.as_ref());
    }
    for (name, value) in &options.extra {
        set(name, value.as_ref()); // the last one wins
    }
    out
}

/// A path as one item of a comma-separated setting.
fn list_item(path: &Path) -> OsString {
    let mut quoted = vec![b'"'];
    for &byte in path.as_os_str().as_bytes() {
        if byte == b'"' {
            quoted.push(b'"');
        }
        quoted.push(byte);
    }
    quoted.push(b'"');
    OsString::from_vec(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_item() {
        assert_eq!(list_item(Path::new("/a, b/\"c\"")), "\"/a, b/\"\"c\"\"\"");
    }
}
