//! One pass over the bytes of a JSON text before it is parsed: how deep it nests, and whether an
//! object has a member twice.
//!
//! Readers differ in which of two equal members they take, and ours would take one in silence: what an
//! app's author meant is not known. The pass checks no grammar; the parser does.
//!
//! `auth::strict_json` refuses the same in tokens while it parses them. Of a body it has to be said where the
//! member stands; inner objects may be left to others; and it is parsed into whatever type is wanted.

use std::borrow::Cow;
use std::collections::HashSet;

use super::push_segment;

/// Whose members are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// Those of every object.
    All,
    /// Those of the outermost object: what is inside is read by itself.
    Outermost,
}

/// It nests deeper than it may.
#[derive(Debug, PartialEq, Eq)]
pub struct TooDeep;

enum Level<'a> {
    Array {
        index: usize,
    },
    Object {
        names: HashSet<Cow<'a, [u8]>>,
        name: Cow<'a, [u8]>,
        name_comes: bool,
    },
}

/// The pointer of the first member that an object has already.
pub fn repeated(bytes: &[u8], most: usize, compare: Compare) -> Result<Option<String>, TooDeep> {
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let outermost = levels.len() == 1;
        match byte {
            b'"' => {
                let end = end_of_string(bytes, at);
                if let Some(Level::Object {
                    names,
                    name,
                    name_comes,
                }) = levels.last_mut()
                    && *name_comes
                {
                    *name_comes = false;
                    if outermost || compare == Compare::All {
                        *name = read_name(bytes.get(at..=end).unwrap_or_default());
                        if !names.insert(name.clone()) {
                            return Ok(Some(pointer(&levels)));
                        }
                    }
                }
                at = end;
            }
            b'[' | b'{' if levels.len() == most => return Err(TooDeep),
            b'[' => levels.push(Level::Array { index: 0 }),
            b'{' => levels.push(Level::Object {
                names: HashSet::new(),
                name: Cow::Borrowed(b""),
                name_comes: true,
            }),
            b']' | b'}' => {
                levels.pop();
            }
            b',' => match levels.last_mut() {
                Some(Level::Array { index }) => *index += 1,
                Some(Level::Object { name_comes, .. }) => *name_comes = true,
                None => {}
            },
            _ => {}
        }
        at += 1;
    }
    Ok(None)
}

/// Where the string that begins here ends, or the text.
fn end_of_string(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// A name between its quotes, escapes resolved: `"\u0061"` is `"a"`.
fn read_name(quoted: &[u8]) -> Cow<'_, [u8]> {
    let inside = quoted
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
        .unwrap_or(quoted);
    if inside.contains(&b'\\')
        && let Ok(name) = serde_json::from_slice::<String>(quoted)
    {
        return Cow::Owned(name.into_bytes());
    }
    Cow::Borrowed(inside)
}

fn pointer(levels: &[Level<'_>]) -> String {
    let mut pointer = String::new();
    for level in levels {
        match level {
            Level::Array { index } => pointer.push_str(&format!("/{index}")),
            Level::Object { name, .. } => {
                push_segment(&mut pointer, &String::from_utf8_lossy(name));
            }
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_member_said_twice_is_found_wherever_it_hides() {
        for (text, found) in [
            (r#"{"a":1,"b":{"a":2},"c":[null,true,-1,1.5,"x"]}"#, None),
            (r#"{"a":1,"a":1}"#, Some("/a")),
            (r#"{"a" : 1 , "a" : 1}"#, Some("/a")),
            (r#"{"a":"a","b":"a"}"#, None),
            (r#"{"a":",\"a\":","b":1}"#, None),
            (r#"{"alg":1,"\u0061lg":2}"#, Some("/alg")),
            (r#"{"b":{"a":1,"a":2}}"#, Some("/b/a")),
            (r#"{"b":[0,{"a":1,"a":2}]}"#, Some("/b/1/a")),
            (r#"[{"a":1},{"a":2}]"#, None),
            (r#"{"a/b":{"~":1,"~":2}}"#, Some("/a~1b/~0")),
            (r#"{"":1,"":2}"#, Some("/")),
            (r#"{"a":[1,2],"a":3}"#, Some("/a")),
            (r#"{"a":{"x":1},"b":{"x":1}}"#, None),
            (r#""{\"a\":1,\"a\":1}""#, None),
            ("{\"a", None),
            ("}]", None),
            ("", None),
        ] {
            let said = repeated(text.as_bytes(), 64, Compare::All).unwrap();
            assert_eq!(said.as_deref(), found, "{text}");
        }
    }

    #[test]
    fn the_inside_can_be_left_to_others() {
        let inside = br#"{"a":{"b":1,"b":2},"c":1}"#;
        assert_eq!(repeated(inside, 64, Compare::Outermost), Ok(None));
        let outside = br#"{"a":{"b":1,"b":2},"c":1,"a":2}"#;
        let found = repeated(outside, 64, Compare::Outermost).unwrap();
        assert_eq!(found.as_deref(), Some("/a"));
    }

    #[test]
    fn depth_is_counted_outside_strings() {
        let text = br#"{"a":"[[[[\"[[","b":[[0]]}"#;
        assert_eq!(repeated(text, 3, Compare::All), Ok(None));
        assert_eq!(repeated(text, 2, Compare::All), Err(TooDeep));
        let deep = "[".repeat(100_000);
        assert_eq!(repeated(deep.as_bytes(), 64, Compare::All), Err(TooDeep));
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_has_no_member_twice(text in "[{}\\[\\]\",:a\\\\ ]{0,40}", names in proptest::collection::btree_set("\\PC{0,6}", 0..6)) {
            let _ = repeated(text.as_bytes(), 64, Compare::All);
            let object: serde_json::Map<_, _> =
                names.iter().map(|name| (name.clone(), serde_json::json!({"x": [name, {"x": name}]}))).collect();
            let written = serde_json::to_vec(&object).unwrap();
            prop_assert_eq!(repeated(&written, 64, Compare::All), Ok(None));
        }
    }
}
