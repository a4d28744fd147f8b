//! Keeps the arrows: which module may import which. Reads source text only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Features from the lowest to the highest: each looks down only.
const FEATURES: &[&str] = &[
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

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Source files as (path below src, text without comments and unit tests).
fn sources() -> Vec<(String, String)> {
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

fn module(path: &str) -> &str {
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
fn listed(list: &str) -> Vec<&str> {
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
fn modules_look_down_only() {
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

#[test]
fn the_proxys_log_names_no_device_and_no_value() {
    let conf = fs::read_to_string("deploy/nginx.conf").unwrap();
    let start = conf.find("log_format private").unwrap();
    let logged = conf[start..].split(';').next().unwrap();
    let written: BTreeSet<&str> = logged
        .split('$')
        .skip(1)
        .map(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c == '_'));
            &rest[..end.unwrap_or(rest.len())]
        })
        .collect();
    let harmless = BTreeSet::from([
        "bytes_sent",
        "logged_path",
        "request_method",
        "request_time",
        "sent_http_x_request_id",
        "status",
        "time_iso",
        "upstream_addr",
        "upstream_status",
    ]);
    assert_eq!(written, harmless);
    for part in ["/v1/devices/", "/v1/check/hashes/"] {
        let masked = conf.lines().any(|line| {
            let mut words = line.split_whitespace();
            let from = words.next().and_then(|word| word.strip_prefix("~*^"));
            from == Some(&format!("{part}.")) && words.next() == Some(&format!("{part}*;"))
        });
        assert!(masked, "what follows {part} is not logged");
    }
}

/// The tests of the crate as `cargo test` names them.
fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("src"), &mut found);
    files(&root.join("tests"), &mut found);
    let mut names = BTreeSet::new();
    for path in found {
        let inside = path.strip_prefix(root).unwrap().with_extension("");
        let mut place: Vec<&str> = inside.iter().map(|part| part.to_str().unwrap()).collect();
        let unit = place.remove(0) == "src";
        if unit && !place.contains(&"tests") {
            place.push("tests");
        } else if !unit {
            // The name of the test binary is no part of it.
            place.remove(0);
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[") && line.contains("test") {
                is_test = true;
            }
            let line = line.strip_prefix("async ").unwrap_or(line);
            if let Some(name) = line.strip_prefix("fn ")
                && std::mem::take(&mut is_test)
            {
                let name = name.split('(').next().unwrap();
                let full: Vec<&str> = place.iter().copied().chain([name]).collect();
                names.insert(full.join("::"));
            }
        }
    }
    names
}

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn every_test_that_the_security_pages_name_exists() {
    let tests = tests();
    for (name, least) in [("docs/security.md", 80), ("docs/asvs.md", 150)] {
        let text = page(name);
        let mut named = 0;
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        for (n, row) in rows.iter().enumerate() {
            let is_heading = rows.get(n + 1).is_some_and(|next| next.starts_with("|---"));
            if is_heading || row.starts_with("|---") {
                continue;
            }
            let cell = row.trim_end_matches('|').rsplit('|').next().unwrap();
            let before = named;
            for name in cell.split('`').skip(1).step_by(2) {
                assert!(tests.contains(name), "no test is called {name}");
                named += 1;
            }
            assert!(named > before, "a row without a test: {row}");
        }
        assert!(named > least, "{name}: {named}");
    }
}

/// How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; they come before those of level 3.
const ASVS: &[(&str, usize)] = &[
    ("1.1", 2),
    ("1.2", 9),
    ("1.3", 11),
    ("1.4", 3),
    ("1.5", 2),
    ("2.1", 3),
    ("2.2", 3),
    ("2.3", 4),
    ("2.4", 1),
    ("3.2", 2),
    ("3.3", 4),
    ("3.4", 6),
    ("3.5", 5),
    ("3.7", 2),
    ("4.1", 3),
    ("4.2", 1),
    ("4.3", 2),
    ("4.4", 4),
    ("5.1", 1),
    ("5.2", 3),
    ("5.3", 2),
    ("5.4", 3),
    ("6.1", 3),
    ("6.2", 12),
    ("6.3", 4),
    ("6.4", 4),
    ("6.5", 5),
    ("6.6", 3),
    ("6.8", 4),
    ("7.1", 3),
    ("7.2", 4),
    ("7.3", 2),
    ("7.4", 5),
    ("7.5", 2),
    ("7.6", 2),
    ("8.1", 2),
    ("8.2", 3),
    ("8.3", 1),
    ("8.4", 1),
    ("9.1", 3),
    ("9.2", 4),
    ("10.1", 2),
    ("10.2", 2),
    ("10.3", 4),
    ("10.4", 11),
    ("10.5", 5),
    ("10.6", 2),
    ("10.7", 3),
    ("11.1", 2),
    ("11.2", 3),
    ("11.3", 3),
    ("11.4", 4),
    ("11.5", 1),
    ("11.6", 1),
    ("12.1", 3),
    ("12.2", 2),
    ("12.3", 4),
    ("13.1", 1),
    ("13.2", 5),
    ("13.3", 2),
    ("13.4", 5),
    ("14.1", 2),
    ("14.2", 4),
    ("14.3", 3),
    ("15.1", 3),
    ("15.2", 3),
    ("15.3", 7),
    ("16.1", 1),
    ("16.2", 5),
    ("16.3", 4),
    ("16.4", 3),
    ("16.5", 3),
    ("17.1", 1),
    ("17.2", 4),
    ("17.3", 2),
];

#[test]
fn every_requirement_of_asvs_stands_once_on_its_page() {
    let text = page("docs/asvs.md")
        .replace("-\n", "-")
        .replace(",\n  ", ", ");
    let mut found = Vec::new();
    for line in text.lines() {
        let numbers = match (line.strip_prefix("| "), line.strip_prefix("- **")) {
            (Some(row), _) => row.split(" | ").next(),
            (_, Some(item)) => item.split("**").next(),
            _ => None,
        };
        found.extend(
            numbers
                .unwrap_or_default()
                .split(", ")
                .filter(|n| n.matches('.').count() == 2),
        );
    }
    let all: BTreeSet<String> = ASVS
        .iter()
        .flat_map(|(section, count)| (1..=*count).map(move |n| format!("{section}.{n}")))
        .collect();
    let once: BTreeSet<String> = found.iter().map(|n| (*n).to_owned()).collect();
    let missing: Vec<_> = all.difference(&once).collect();
    let strange: Vec<_> = once.difference(&all).collect();
    assert!(
        missing.is_empty() && strange.is_empty(),
        "missing {missing:?}, strange {strange:?}"
    );
    assert_eq!(found.len(), all.len(), "one stands twice");
}

#[test]
fn the_example_of_a_proxy_keeps_browsers_to_tls() {
    let config = page("deploy/nginx.conf");
    assert!(config.contains("https   \"max-age=31536000; includeSubDomains\";"));
    let set = "add_header Strict-Transport-Security $strict_transport always;";
    // A place that adds another field inherits none: it has to say this one again.
    for place in config
        .split('{')
        .filter(|place| place.contains("add_header "))
    {
        assert!(place.contains(set), "{place}");
    }
    assert!(config.contains(set));
}

#[test]
fn every_crate_comes_from_crates_io_with_its_hash() {
    let lock = page("Cargo.lock");
    let mut crates = lock.split("[[package]]\n").skip(1).peekable();
    assert!(crates.peek().is_some());
    for package in crates {
        let field = |name: &str| {
            let start = format!("{name} = \"");
            let line = package.lines().find_map(|line| line.strip_prefix(&start));
            line.map(|rest| rest.trim_end_matches('"'))
        };
        let name = field("name").unwrap();
        if name == "tinbao" {
            continue;
        }
        let source = field("source");
        let registry = "registry+https://github.com/rust-lang/crates.io-index";
        assert_eq!(source, Some(registry), "{name}");
        let hash = field("checksum").unwrap_or_default();
        assert!(
            hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()),
            "{name}"
        );
    }
}
