//! Parses JSON strictly; every problem is named by its pointer.

mod scan;

use serde::de::{DeserializeOwned, IgnoredAny};

use self::scan::{Compare, TooDeep};
use super::problem::Problem;
use crate::error::{FieldProblem, Place};

/// Code of a member that its object has already.
const TWICE: &str = "duplicate_field";

/// JSON nested deeper than this is refused.
pub const DEPTH_LIMIT: usize = 64;

/// Of a body in which nothing is right so many problems are named.
const MOST_PROBLEMS: usize = 10;

/// A parsed body and the pointers of what was not understood.
pub struct Parsed<T> {
    /// The value.
    pub value: T,
    /// Pointers of unknown fields.
    pub ignored: Vec<String>,
}

/// Parses JSON: 400 where it is not JSON or says a member twice, 422 with a pointer where a type is wrong.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<Parsed<T>, Problem> {
    parse_within(bytes, DEPTH_LIMIT, Compare::All)
}

/// [`parse`] for what holds texts that are parsed by themselves, with another limit to how deep the
/// JSON nests: what is wrong inside does not concern the whole.
pub fn parse_envelope<T: DeserializeOwned>(
    bytes: &[u8],
    most: usize,
) -> Result<Parsed<T>, Problem> {
    parse_within(bytes, most, Compare::Outermost)
}

fn parse_within<T: DeserializeOwned>(
    bytes: &[u8],
    most: usize,
    compare: Compare,
) -> Result<Parsed<T>, Problem> {
    match scan::repeated(bytes, most, compare) {
        Ok(None) => {}
        Ok(Some(pointer)) => {
            // Of what is no JSON it says nothing.
            return Err(serde_json::from_slice::<IgnoredAny>(bytes)
                .map_or_else(|error| not_json(&error), |_| said_twice(pointer)));
        }
        Err(TooDeep) => {
            return Err(Problem::malformed(format!(
                "The JSON nests deeper than {most} levels."
            )));
        }
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed = parse_from(&mut json).map_err(|first| match compare {
        Compare::All => match serde_json::from_slice(bytes) {
            Ok(value) => every_problem::<T>(value, first),
            Err(_not_even_json) => first,
        },
        Compare::Outermost => first,
    })?;
    json.end().map_err(|error| not_json(&error))?;
    Ok(parsed)
}

/// What is wrong besides the first: each member is looked at once more as if those before it had been left out. Behind
/// one that may not be left out nothing is looked at.
fn every_problem<T: DeserializeOwned>(mut value: serde_json::Value, first: Problem) -> Problem {
    let mut found: Vec<FieldProblem> = Vec::new();
    while found.len() < MOST_PROBLEMS
        && let Err(mut problem) = parse_from::<T, _>(&value)
        && let Some(next) = problem.errors.pop()
        && let Place::Pointer(pointer) = next.place.clone()
        && found.iter().all(|known| known.place != next.place)
    {
        found.push(next);
        match value.pointer_mut(&pointer) {
            Some(member) if !pointer.is_empty() => *member = serde_json::Value::Null,
            _ => break,
        }
    }
    // The members of a value have another order than those of the text; what it does not tell of is not left out. A
    // code that is no text reads like broken JSON at first, which this is not: it was read as a value.
    let told = |known: &FieldProblem| found.iter().any(|problem| problem.place == known.place);
    match !found.is_empty() && first.errors.iter().all(told) {
        true => Problem::invalid(found),
        false => first,
    }
}

/// Parses a value that was read as JSON before.
pub fn parse_value<T: DeserializeOwned>(value: &serde_json::Value) -> Result<Parsed<T>, Problem> {
    parse_from(value).map_err(|first| every_problem::<T>(value.clone(), first))
}

fn parse_from<'de, T, D>(source: D) -> Result<Parsed<T>, Problem>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de, Error = serde_json::Error>,
{
    let mut ignored = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let result = {
        let tracked = serde_path_to_error::Deserializer::new(source, &mut track);
        serde_ignored::deserialize(tracked, |path| ignored.push(ignored_pointer(&path)))
    };
    match result {
        Ok(value) => Ok(Parsed { value, ignored }),
        Err(error) if error.is_data() => {
            let found = type_problem(&track.path(), &error);
            Err(match found.place {
                Place::Pointer(pointer) if found.code == TWICE => said_twice(pointer),
                _ => Problem::invalid(vec![found]),
            })
        }
        Err(error) => Err(not_json(&error)),
    }
}

/// 400: of two members with one name it is not known which one is meant.
fn said_twice(pointer: String) -> Problem {
    let detail = format!("The member {pointer} is given twice.");
    Problem {
        errors: vec![FieldProblem::at(
            pointer,
            TWICE,
            "The member is given twice.",
        )],
        ..Problem::malformed(detail)
    }
}

fn not_json(error: &serde_json::Error) -> Problem {
    let what = match error.to_string().starts_with("number out of range") {
        true => "The body holds a number that is too large",
        false => "The body is not valid JSON",
    };
    Problem::malformed(format!(
        "{what} (line {}, column {}).",
        error.line(),
        error.column()
    ))
}

/// What is wrong with a value, at its pointer.
pub fn type_problem(path: &serde_path_to_error::Path, error: &serde_json::Error) -> FieldProblem {
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            serde_path_to_error::Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            serde_path_to_error::Segment::Map { key } => push_segment(&mut pointer, key),
            _ => {}
        }
    }
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    let code = if let Some(rest) = message.strip_prefix("missing field `") {
        push_segment(&mut pointer, rest.trim_end_matches('`'));
        "required"
    } else if message.starts_with("unknown variant") {
        "unknown_value"
    } else if message.starts_with("duplicate field") {
        TWICE
    } else if message.starts_with("invalid type") {
        "wrong_type"
    } else {
        "invalid_value"
    };
    FieldProblem::at(pointer, code, describe_type_error(message, code))
}

/// What serde says quotes the value sent, which may be private: keep only what was expected.
fn describe_type_error(message: &str, code: &str) -> String {
    match (code, message.split_once("expected ")) {
        ("required", _) => "This field is required.".to_owned(),
        (_, Some((_, expected))) => format!("Expected {}.", json_name(expected)),
        (TWICE, _) => "The field is given twice.".to_owned(),
        _ => "The value is not valid.".to_owned(),
    }
}

/// What JSON calls what serde names after our code.
fn json_name(expected: &str) -> &str {
    match expected {
        "a sequence" => "an array",
        "a map" => "an object",
        "string or map" | "variant identifier" => "a string",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        text if text.starts_with("struct ") || text.starts_with("internally tagged enum ") => {
            "an object"
        }
        text => text,
    }
}

fn ignored_pointer(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}/{index}", ignored_pointer(parent)),
        Path::Map { parent, key } => {
            let mut pointer = ignored_pointer(parent);
            push_segment(&mut pointer, key);
            pointer
        }
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => ignored_pointer(parent),
    }
}

/// Whether a body may hold U+0000.
pub(super) fn has_nul(raw: &[u8]) -> bool {
    raw.windows(6).any(|six| six == br"\u0000")
}

/// 422 for U+0000 in any string: no text in Postgres holds it.
pub(super) fn refuse_nul(raw: &[u8]) -> Result<(), Problem> {
    if !has_nul(raw) {
        return Ok(());
    }
    let mut found = Vec::new();
    collect_nul(
        &parse::<serde_json::Value>(raw)?.value,
        &mut String::new(),
        &mut found,
    );
    if found.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(found))
    }
}

fn collect_nul(value: &serde_json::Value, pointer: &mut String, found: &mut Vec<FieldProblem>) {
    let length = pointer.len();
    let mut note = |text: &str, pointer: &str| {
        if text.contains('\0') {
            let detail = "The character U+0000 is not allowed.";
            found.push(FieldProblem::at(pointer, "nul_character", detail));
        }
    };
    match value {
        serde_json::Value::String(text) => note(text, pointer),
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                push_segment(pointer, &index.to_string());
                collect_nul(item, pointer, found);
                pointer.truncate(length);
            }
        }
        serde_json::Value::Object(map) => {
            for (key, item) in map {
                push_segment(pointer, key);
                collect_nul(item, pointer, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Replaces U+0000 by U+FFFD in every text of a value; returns where, as JSON pointers.
pub fn replace_nul(value: &mut serde_json::Value) -> Vec<String> {
    let mut found = Vec::new();
    replace_nul_at(value, &mut String::new(), &mut found);
    found
}

fn replace_nul_at(value: &mut serde_json::Value, pointer: &mut String, found: &mut Vec<String>) {
    let length = pointer.len();
    match value {
        serde_json::Value::String(text) if text.contains('\0') => {
            *text = text.replace('\0', "\u{fffd}");
            found.push(pointer.clone());
        }
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                push_segment(pointer, &index.to_string());
                replace_nul_at(item, pointer, found);
                pointer.truncate(length);
            }
        }
        serde_json::Value::Object(map) => {
            if map.keys().any(|key| key.contains('\0')) {
                let old = std::mem::take(map);
                map.extend(
                    old.into_iter()
                        .map(|(k, v)| (k.replace('\0', "\u{fffd}"), v)),
                );
            }
            for (key, item) in map.iter_mut() {
                push_segment(pointer, key);
                replace_nul_at(item, pointer, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Lengthens a JSON pointer by one part (RFC 6901).
pub fn push_segment(pointer: &mut String, segment: &str) {
    pointer.push('/');
    pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
}

#[cfg(test)]
mod tests;
