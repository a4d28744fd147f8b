//! The tour of the README, as a newcomer types it.

use std::process::Command;

use crate::process::{open_to_postgres, start, stop};

const README: &str = include_str!("../../README.md");

/// What stands in the shell blocks of a chapter.
fn shell_of(chapter: &str) -> String {
    let begun = README.split_once(&format!("## {chapter}\n"));
    let (_, rest) = begun.expect("the chapter is there");
    let (text, _) = rest.split_once("\n## ").expect("another one follows");
    let blocks = text.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split_once("```").expect("a block ends").0)
        .collect()
}

#[test]
fn every_command_of_the_tour_works() {
    let dir = tempfile::tempdir().unwrap();
    open_to_postgres(dir.path());
    let running = start(dir.path());

    // The journal may be two seconds behind.
    let timeline = "curl -sS $api/v1/tips/$tip/timeline -H \"Authorization: Bearer $analyst\"\n";
    let waiting = format!(
        "until {} | grep -q tip.decided; do sleep 1; done\n{timeline}",
        timeline.trim_end()
    );
    let mut script = shell_of("A tour in five minutes");
    // What differs from a newcomer's machine: where things lie, and how long one waits.
    for (typed, here) in [
        (
            ". script/env\n",
            "curl() { command curl --fail \"$@\"; echo; }\n",
        ),
        (
            "\"$CARGO_TARGET_DIR/debug/tinbao\"",
            env!("CARGO_BIN_EXE_tinbao"),
        ),
        ("127.0.0.1:8080", &running.address),
        ("/tmp/", &format!("{}/", dir.path().display())),
        ("--tips 10000", "--tips 20"),
        (timeline, &waiting),
    ] {
        assert!(script.contains(typed), "the tour has no {typed}");
        script = script.replace(typed, here);
    }
    let output = Command::new("timeout")
        .args(["120", "bash", "-eu", "-o", "pipefail", "-c", &script])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("TINBAO_DATA_DIR", dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complaints}");
    let answers: Vec<serde_json::Value> = said
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let [tip, receipt, queue, claimed, decided, timeline, found] = answers.as_slice() else {
        panic!("{said}");
    };
    assert_eq!(tip["indicators"][0]["value"], "+84391234567");
    assert_eq!(receipt["status"], "received");
    assert_eq!(queue["items"][0]["id"], tip["id"]);
    assert_eq!(claimed["items"][0]["id"], tip["id"]);
    assert_eq!(decided["decision"], "accept");
    assert!(
        timeline["items"]
            .as_array()
            .is_some_and(|all| all.len() > 2)
    );
    assert!(found["items"].is_array());
    stop(running);
}
