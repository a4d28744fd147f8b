//! JSON without duplicate members.
//!
//! RFC 7515 §4 and RFC 7519 §4 let a reader refuse duplicate names or take the
//! last one. Two readers that choose differently see two different tokens, so
//! we refuse, at every depth and after escapes are resolved.
//!
//! `http::json::scan` finds the same in bodies before they are parsed. It is not used here: what the parser itself
//! refuses, no second reading of the text can miss, and `auth` lies below `http`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads one JSON object and nothing after it; `None` for anything else.
///
/// Depth is bounded by serde_json's own limit of 128.
pub(super) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice::<Strict>(bytes) {
        Ok(Strict(Value::Object(members))) => Some(members),
        _ => None,
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate members")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn duplicates_are_refused_wherever_they_hide() {
        for (text, fine) in [
            (r#"{"a":1,"b":{"a":2},"c":[null,true,-1,1.5,"x"]}"#, true),
            (r#"{"a":1,"a":1}"#, false),
            (r#"{"alg":"EdDSA","\u0061lg":"none"}"#, false),
            (r#"{"b":{"a":1,"a":2}}"#, false),
            (r#"{"b":[{"a":1,"a":2}]}"#, false),
            (r#"{"a":1} "#, true),
            (r#"{"a":1}{"#, false),
            (r#"[1]"#, false),
            (r#""a""#, false),
            ("", false),
            (r#"{"a":"\ud800"}"#, false),
            (r#"{"a":1e999}"#, false),
        ] {
            assert_eq!(object(text.as_bytes()).is_some(), fine, "{text}");
        }
        assert!(object(b"{\"a\":\"\xff\"}").is_none());
        let deep = "{\"a\":".repeat(100_000);
        assert!(object(deep.as_bytes()).is_none());
    }

    proptest! {
        #[test]
        fn without_duplicates_it_reads_what_serde_json_reads(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Some(ours) = object(&bytes) {
                prop_assert_eq!(Some(Value::Object(ours)), serde_json::from_slice::<Value>(&bytes).ok());
            }
        }
    }
}
