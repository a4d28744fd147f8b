//! Which module may import which, and what stays where.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::files;

/// Features from the lowest to the highest: each looks down only.
pub const FEATURES: &[&str] = &[
    "persons",
    "rekey",
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
    ("auth", &["domain", "error"]),
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

/// Where the database is spoken to besides stores, and why.
const DATABASE: &[(&str, &str)] = &[
    ("db/", "connections, transactions, and what errors mean"),
    (
        "journal/lag.rs",
        "the journal is a store: one statement a file",
    ),
    ("journal/listen.rs", "waits on a connection of its own"),
    ("journal/settle.rs", "as lag.rs"),
];

/// Whether a file is the store of a feature, or a part of it.
fn is_store(path: &str) -> bool {
    path.split('/')
        .any(|part| matches!(part, "store" | "store.rs"))
}

#[test]
fn sql_stays_in_stores() {
    let mut used = BTreeSet::new();
    for (path, code) in sources() {
        if is_store(&path) || !code.contains("diesel") && !code.contains("sql_query(") {
            continue;
        }
        let home = DATABASE.iter().find(|(home, _)| path.starts_with(home));
        let (home, _) = home.unwrap_or_else(|| panic!("{path} speaks to the database"));
        used.insert(*home);
    }
    let said: BTreeSet<&str> = DATABASE.iter().map(|(home, _)| *home).collect();
    assert_eq!(said, used, "no longer so");
}

/// The modules of its own feature that a text names, by `super::` or by the feature's path.
fn of_its_own<'a>(feature: &str, code: &'a str) -> BTreeSet<&'a str> {
    let whole = format!("crate::{feature}::");
    let mut found = BTreeSet::new();
    for start in ["super::", whole.as_str()] {
        for (at, _) in code.match_indices(start) {
            let rest = &code[at + start.len()..];
            let items = match rest.strip_prefix('{') {
                Some(list) => listed(list),
                None => vec![rest],
            };
            for item in items {
                let item = item.trim_start();
                let end = item.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                found.insert(&item[..end.unwrap_or(item.len())]);
            }
        }
    }
    found
}

#[test]
fn a_module_of_the_feature_is_seen_however_it_is_named() {
    let code = "use super::super::wire::View;\nuse super::{TipState, http};\nfn f() { crate::tips::service::g() }";
    let seen = of_its_own("tips", code);
    for name in ["wire", "http", "service", "TipState"] {
        assert!(seen.contains(name), "{name}: {seen:?}");
    }
    assert!(!of_its_own("cases", code).contains("service"));
}

#[test]
fn stores_know_nothing_of_what_stands_above_them() {
    let mut stores = 0;
    for (path, code) in sources().iter().filter(|(path, _)| is_store(path)) {
        stores += 1;
        let named = of_its_own(module(path), code);
        for above in ["http", "service", "wire"] {
            assert!(!named.contains(above), "{path} imports {above}");
        }
        for word in ["AppState", "actix_web", "crate::http"] {
            assert!(!code.contains(word), "{path} names {word}");
        }
    }
    assert!(stores > 50, "{stores} stores");
}

#[test]
fn what_services_call_a_conflict_is_answered_409() {
    let all = sources();
    let (_, problems) = all
        .iter()
        .find(|(path, _)| path == "http/problem.rs")
        .unwrap();
    let mut seen = 0;
    for (path, code) in &all {
        for (at, call) in code.match_indices("Error::conflict(") {
            let rest = code[at + call.len()..].trim_start();
            // A helper hands its own argument on.
            let Some(slug) = rest.strip_prefix('"').and_then(|r| r.split('"').next()) else {
                continue;
            };
            seen += 1;
            let row = format!("\"{slug}\" 409 ");
            assert!(problems.contains(&row), "{path}: {slug}");
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn status_codes_stay_in_problems() {
    for (path, code) in sources() {
        if !matches!(module(&path), "http" | "auth" | "webhooks")
            && !path.ends_with("http.rs")
            && !path.starts_with("app")
        {
            assert!(!code.contains("StatusCode"), "{path} knows status codes");
        }
    }
}
