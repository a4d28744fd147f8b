//! What the security pages, the example of a proxy and the lock file say is so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::{files, page};

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
