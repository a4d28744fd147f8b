//! What is refused, at which place and in which words.

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
struct Sample {
    #[serde(default)]
    #[expect(dead_code, reason = "only parsed")]
    list: Vec<u8>,
}

fn refused(body: &[u8]) -> Problem {
    match parse::<Sample>(body) {
        Ok(_) => panic!("{} was accepted", String::from_utf8_lossy(body)),
        Err(problem) => problem,
    }
}

#[test]
fn what_is_not_json_is_malformed() {
    let deep = "[".repeat(100_000);
    for body in [
        b"{".as_slice(),
        b"{} x",
        b"\xff\xfe",
        br#"{"list": "\ud800"}"#,
        br#"{"list": [1e9999]}"#,
        deep.as_bytes(),
    ] {
        assert_eq!(
            refused(body).slug,
            "malformed",
            "{}",
            String::from_utf8_lossy(&body[..4.min(body.len())])
        );
    }
}

#[test]
fn a_wrong_type_names_its_place_and_not_the_value() {
    let problem = refused(br#"{"list": [1, "0912345678"]}"#);
    assert_eq!(problem.slug, "validation");
    assert_eq!(
        problem.errors[0],
        FieldProblem::at("/list/1", "wrong_type", "Expected a whole number.")
    );
}

#[test]
fn every_wrong_type_is_named_up_to_a_field_that_must_be_there() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only parsed")]
    struct Several {
        a: Option<u8>,
        b: Option<Vec<Option<u8>>>,
        c: u8,
        d: Option<u8>,
    }
    let places = |body: &[u8]| {
        let problem = parse::<Several>(body).err().unwrap();
        let named = problem.errors.into_iter().map(|found| match found.place {
            Place::Pointer(pointer) => (pointer, found.code.to_string()),
            Place::Parameter(name) => panic!("{name} is no pointer"),
        });
        named.collect::<Vec<_>>()
    };
    let wrong = |pointer: &str| (pointer.to_owned(), "wrong_type".to_owned());
    assert_eq!(
        places(br#"{"a": "x", "b": [1, "y", {}], "c": 1, "d": []}"#),
        [wrong("/a"), wrong("/b/1"), wrong("/b/2"), wrong("/d")]
    );
    assert_eq!(
        places(br#"{"a": "x", "c": "y", "d": []}"#),
        [wrong("/a"), wrong("/c")]
    );
    let lacking = places(br#"{"a": "x"}"#);
    assert_eq!(
        lacking,
        [wrong("/a"), ("/c".to_owned(), "required".to_owned())]
    );
    assert_eq!(places(b"[]").len(), 1);
    let many = format!(r#"{{"b": [{}], "c": 1}}"#, vec![r#""z""#; 1_000].join(","));
    assert_eq!(places(many.as_bytes()).len(), MOST_PROBLEMS);
}

#[test]
fn a_code_of_another_type_is_valid_json_and_named() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Choice {
        Access,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only parsed")]
    struct Chosen {
        kind: Choice,
        inner: Option<Vec<Choice>>,
    }
    let problem = |body: &str| parse::<Chosen>(body.as_bytes()).err().unwrap();
    for value in ["5", "[1]", "null", "true", "1.5", r#"["access"]"#] {
        let found = problem(&format!(r#"{{"kind": {value}}}"#));
        let expected = FieldProblem::at("/kind", "wrong_type", "Expected a string.");
        assert_eq!(found.slug, "validation", "{value}");
        assert_eq!(found.errors, [expected], "{value}");
    }
    let found = problem(r#"{"kind": "access", "inner": ["access", 7]}"#);
    let expected = FieldProblem::at("/inner/1", "wrong_type", "Expected a string.");
    assert_eq!(found.errors, [expected]);
    assert_eq!(problem(r#"{"kind": "zz"}"#).errors[0].code, "unknown_value");
    for broken in [
        r#"{"kind": 5"#,
        r#"{"kind": 5} x"#,
        r#"{"kind": }"#,
        r#"{"kind": 1e999}"#,
    ] {
        assert_eq!(problem(broken).slug, "malformed", "{broken}");
    }
}

#[test]
fn unknown_fields_are_listed_with_escaped_pointers() {
    let parsed = parse::<Sample>(br#"{"a/b": 1, "list": []}"#).ok().unwrap();
    assert_eq!(parsed.ignored, ["/a~1b"]);
}

#[test]
fn a_member_said_twice_is_malformed_and_named() {
    let problem = refused(br#"{"list": [1], "list": [2]}"#);
    assert_eq!(problem.slug, "malformed");
    assert_eq!(
        problem.errors[0],
        FieldProblem::at("/list", "duplicate_field", "The member is given twice.")
    );
    assert!(
        refused(br#"{"list": [1e400]}"#)
            .detail
            .contains("too large")
    );
    let no_json = refused(br#"{"list": [1], "list": [2}"#);
    assert_eq!(no_json.slug, "malformed");
    assert!(no_json.errors.is_empty());
}
