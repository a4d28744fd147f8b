//! Which module may import which, and what stays where.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::files;

/// Features from the lowest to the highest: each looks down only.
pub const FEATURES: &[&str] = &[
    "persons",
    "journal",
    "idempotency",
    "agencies",
    "indicators",
    "tips",
    "cases",
    "triage",
    "referrals",
    "events",
    "border",
    "webhooks",
    "clients",
    "receipts",
    "advisories",
    "messages",
    "reveals",
    "evidence",
    "stats",
    "exchange",
    "audit",
    "privacy",
];

/// What everything below the features may import.
const BELOW: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("error", &[]),
    ("keys", &["error"]),
    ("auth", &["error"]),
    ("db", &["domain", "error"]),
    ("reference", &["domain", "error", "db"]),
    ("http", &["auth", "domain", "error", "keys", "telemetry"]),
    ("telemetry", &[]),
    ("config", &["auth", "db", "http", "keys", "state"]),
    (
        "state",
        &[
            "auth",
            "db",
            "domain",
            "http",
            "keys",
            "reference",
            "storage",
        ],
    ),
    ("storage", &["error"]),
    ("demo", &["domain"]),
];

/// What every feature may import besides lower features.
const GROUND: &[&str] = &[
    "auth",
    "db",
    "domain",
    "error",
    "http",
    "keys",
    "reference",
    "state",
    "storage",
];

/// Source files as (path below src, text without comments and unit tests).
pub fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let code = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            (
                path.strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned(),
                code,
            )
        })
        .filter(|(path, _)| !path.contains("tests"))
        .collect()
}

pub fn module(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap()
}

/// Modules named in `crate::…` paths, lists over several lines included, with the line where each begins.
fn imports(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, path) in code.match_indices("crate::") {
        let (before, rest) = (&code[..at], &code[at + path.len()..]);
        let line = before.rsplit('\n').next().unwrap();
        let line = format!("{line}{path}{}", rest.lines().next().unwrap_or_default());
        let names = match rest.strip_prefix('{') {
            Some(list) => listed(list),
            None => vec![rest],
        };
        for name in names {
            let name: String = name
                .trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if !name.is_empty() {
                found.push((name, line.trim().to_owned()));
            }
        }
    }
    found
}

/// The items of a list of imports, up to its closing brace; lists within them stay whole.
pub fn listed(list: &str) -> Vec<&str> {
    let (mut items, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                items.push(&list[start..at]);
                break;
            }
            ',' if depth == 0 => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items
}

#[test]
fn imports_are_seen_however_they_are_written() {
    let code = "use crate::{\n    app::{self, background},\n    tips,\n};\nfn f() { crate::db::g(crate::auth::h) }\n\
                use crate::{cli, demo::Demo};\n";
    let names: Vec<String> = imports(code).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["app", "tips", "db", "auth", "cli", "demo"]);
}

#[test]
pub fn modules_look_down_only() {
    let mut offences = Vec::new();
    for (path, code) in sources() {
        let own = module(&path);
        if matches!(own, "app" | "cli" | "lib" | "main") {
            continue;
        }
        let allowed: BTreeSet<&str> = match FEATURES.iter().position(|feature| *feature == own) {
            Some(rank) => GROUND.iter().chain(&FEATURES[..rank]).copied().collect(),
            None => BELOW
                .iter()
                .find(|(name, _)| *name == own)
                .unwrap_or_else(|| panic!("{own} has no place in the house: add it here"))
                .1
                .iter()
                .copied()
                .collect(),
        };
        for (name, line) in imports(&code) {
            // Macros of the crate are called by their path.
            if name != own && name != "handlers" && !allowed.contains(name.as_str()) {
                offences.push(format!("{path}: {line}"));
            }
        }
    }
    assert!(
        offences.is_empty(),
        "imports that point upwards:\n{}",
        offences.join("\n")
    );
}

#[test]
fn the_domain_is_pure() {
    let forbidden = [
        "actix",
        "tokio",
        "diesel",
        "reqwest",
        "std::fs",
        "std::env",
        "TcpStream",
        "UdpSocket",
        "Utc::now",
        "now_v7",
        "SystemTime",
        "Instant::now",
        "rand::",
    ];
    for (path, code) in sources()
        .iter()
        .filter(|(path, _)| path.starts_with("domain"))
    {
        for word in forbidden {
            assert!(!code.contains(word), "{path} uses {word}");
        }
    }
}

#[test]
fn sql_stays_in_stores_and_status_codes_in_problems() {
    for (path, code) in sources() {
        let sql_home =
            path.contains("store") || path.starts_with("journal") || path.starts_with("db");
        if !sql_home {
            assert!(!code.contains("sql_query("), "{path} holds SQL");
        }
        if !matches!(module(&path), "http" | "auth" | "webhooks")
            && !path.ends_with("http.rs")
            && !path.starts_with("app")
        {
            assert!(!code.contains("StatusCode"), "{path} knows status codes");
        }
    }
}
