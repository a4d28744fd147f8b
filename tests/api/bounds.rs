//! What the document says of the bounds of a request, and that the code says the same.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tinbao::app;

/// Where a string of a request is without any bound.
fn unbounded(
    all: &Value,
    schema: &Value,
    place: &str,
    seen: &mut BTreeSet<String>,
    found: &mut Vec<String>,
) {
    if !schema.is_object() {
        return;
    }
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.rsplit('/').next().unwrap();
        if seen.insert(name.to_owned()) {
            unbounded(all, &all["components"]["schemas"][name], name, seen, found);
        }
        return;
    }
    let kind = &schema["type"];
    let is_text = kind == "string"
        || kind
            .as_array()
            .is_some_and(|kinds| kinds.contains(&"string".into()));
    let bounds = ["maxLength", "enum", "format", "pattern", "const"];
    if is_text && bounds.iter().all(|bound| schema[bound].is_null()) {
        found.push(place.to_owned());
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        unbounded(all, member, &format!("{place}/{name}"), seen, found);
    }
    for name in ["items", "additionalProperties"] {
        unbounded(all, &schema[name], &format!("{place}/*"), seen, found);
    }
    for name in ["allOf", "oneOf", "anyOf"] {
        for part in schema[name].as_array().into_iter().flatten() {
            unbounded(all, part, place, seen, found);
        }
    }
}

#[test]
fn no_text_of_a_request_is_without_a_bound() {
    let document = app::openapi().to_json().unwrap();
    let all: Value = serde_json::from_str(&document).unwrap();
    let (mut seen, mut found, mut bodies) = (BTreeSet::new(), Vec::new(), 0);
    for (path, operations) in all["paths"].as_object().unwrap() {
        for (verb, operation) in operations.as_object().unwrap() {
            let content = operation["requestBody"]["content"].as_object();
            for (media, body) in content.into_iter().flatten() {
                // A file is one text as a whole.
                if media.ends_with("json") || media.ends_with("urlencoded") {
                    bodies += 1;
                    let place = format!("{verb} {path}");
                    unbounded(&all, &body["schema"], &place, &mut seen, &mut found);
                }
            }
        }
    }
    assert!(bodies > 50, "{bodies}");
    assert!(found.is_empty(), "{found:#?}");
}

/// The texts that the code bounds otherwise than their attributes say to the document.
fn drifted(source: &str) -> Vec<String> {
    let number = |text: &str, name: &str| -> Option<String> {
        let after = text.split(name).nth(1)?;
        let digits = after
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '_');
        Some(digits.filter(|c| *c != '_').collect())
    };
    let (mut attributes, mut found) = (String::new(), Vec::new());
    let mut open = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("///") {
            continue;
        }
        if open || line.starts_with("#[") {
            attributes.push_str(line);
            open = !line.ends_with(']');
            continue;
        }
        if line.ends_with(": String,") || line.ends_with(": Option<String>,") {
            let checked = attributes.split("#[validate(").nth(1);
            let checked = checked.and_then(|rest| rest.split("length(").nth(1));
            let checked = checked.and_then(|rest| rest.split(')').next());
            if let Some(checked) = checked {
                for (rule, told) in [("max = ", "max_length = "), ("min = ", "min_length = ")] {
                    let rule = number(checked, rule);
                    if rule.is_some() && rule != number(&attributes, told) {
                        found.push(format!("{line} {attributes}"));
                    }
                }
            }
        }
        attributes.clear();
    }
    found
}

#[test]
fn what_the_code_checks_of_a_text_is_what_the_document_says() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let (mut files, mut found) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files += 1;
                found.extend(drifted(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(files > 100);
    assert!(found.is_empty(), "{found:#?}");
    let field = "#[validate(length(min = 1, max = 1_000))]\n";
    for (told, drifts) in [
        ("", true),
        ("#[schema(min_length = 1, max_length = 1000)]\n", false),
        ("#[schema(\nmin_length = 1,\nmax_length = 1000\n)]\n", false),
        ("#[schema(min_length = 1, max_length = 100)]\n", true),
    ] {
        let source = format!("{told}{field}pub name: Option<String>,");
        assert_eq!(drifted(&source).is_empty(), !drifts, "{source}");
    }
}
