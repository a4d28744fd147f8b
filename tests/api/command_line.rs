//! What the program says to options that mean nothing: one line that names them.

use std::process::Output;

use crate::process::tinbao;

fn run(arguments: &[&str]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    let made = tinbao(dir.path())
        .args(["token", "--scope", "tips:read", "--sub", "first"])
        .output()
        .unwrap();
    assert!(made.status.success());
    tinbao(dir.path()).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

#[test]
fn a_wrong_option_is_named_in_one_line() {
    let token = ["token", "--scope", "tips:read", "--sub", "x"];
    for (arguments, says) in [
        (["--ttl", "0"], "--ttl"),
        (["--ttl", "abc"], "--ttl"),
        (["--ttl", "3000d"], "--ttl"),
    ] {
        let output = run(&[&token[..], &arguments[..]].concat());
        assert!(!output.status.success(), "{arguments:?}");
        let error = text(&output.stderr);
        assert!(
            error.contains(says) && error.lines().count() == 1,
            "{error}"
        );
        assert_eq!(text(&output.stdout), "");
    }
    let output = run(&["audit", "verify", "--from", "5", "--to", "3"]);
    assert!(!output.status.success());
    let error = text(&output.stderr);
    assert!(
        error.contains("--from 5") && error.lines().count() == 1,
        "{error}"
    );
}

#[test]
fn a_code_that_is_on_no_list_is_noted_beside_the_token() {
    let token = ["token", "--scope", "tips:read", "--sub", "x"];
    for (option, code) in [
        ("--agency", "nope"),
        ("--desk", "nope"),
        ("--units", "99999"),
        ("--units", "03127,99999"),
    ] {
        let output = run(&[&token[..], &[option, code]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout).matches('.').count(), 2);
        let note = text(&output.stderr);
        assert!(note.contains(option) && note.lines().count() == 1, "{note}");
    }
    for (option, code) in [
        ("--agency", "border_guard"),
        ("--desk", "commune_03127"),
        ("--units", "03127"),
        ("--units", ""),
    ] {
        let output = run(&[&token[..], &[option, code]].concat());
        assert!(output.status.success());
        assert_eq!(text(&output.stderr), "");
    }
}
