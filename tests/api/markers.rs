//! A reporter's data through the whole life of a tip, in the real program with its private cluster: it
//! exists only sealed, and in the answer to a reveal.
//!
//! `reveals.rs` follows the same markers through one process at debug level; here the program itself runs,
//! logs, is killed with `kill -9` and starts again.

mod program;
mod search;

use std::fs;

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use program::{Caller, delivered, free_address, json_of, logging, rotate_log};
use search::{MARKERS, absent, dump, files};
use serde_json::{Value, json};
use tinbao::db::embedded::{OWNER, running_url};

use crate::process::{get, open_to_postgres, stop, tinbao, token, token_with};
use crate::support::Receiver;

#[test]
fn a_reporters_data_is_nowhere_but_sealed_after_a_whole_life_and_a_crash() {
    let dir = tempfile::Builder::new()
        .prefix("tinbao-markers")
        .tempdir()
        .unwrap();
    open_to_postgres(dir.path());
    let metrics = free_address();
    let running = logging(dir.path(), &metrics);
    let address = running.address.clone();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (app, officer, auditor) = (
        token(dir.path(), "tips:submit check:read"),
        token(
            dir.path(),
            "tips:read tips:triage reporters:reveal cases:read cases:write cases:decide indicators:read exchange:read referrals:read referrals:write",
        ),
        token(dir.path(), "audit:read"),
    );
    let app = Caller {
        address: &address,
        token: &app,
    };
    let officer = Caller {
        address: &address,
        token: &officer,
    };
    let auditor = Caller {
        address: &address,
        token: &auditor,
    };
    let nobody = Caller {
        address: &address,
        token: "",
    };
    // Whoever may subscribe is sent all that happens.
    let document = json_of(&nobody.get("/openapi.json"));
    let events = document["webhooks"].as_object().unwrap().keys();
    let events: Vec<&String> = events.filter(|name| *name != "webhook.ping").collect();
    let commune = ["--agency", "unit_03127"];
    let [police_hooks, commune_hooks] = [&[][..], &commune].map(|agency| {
        let receiver = runtime.block_on(Receiver::start());
        let by = Caller {
            address: &address,
            token: &token_with(dir.path(), "webhooks:manage", agency),
        };
        let body = json!({"url": receiver.url, "events": events});
        json_of(&by.send("POST", "/v1/webhooks", &body));
        receiver
    });
    let reporter = json!({"name": MARKERS[0], "phone": MARKERS[1], "email": MARKERS[2],
        "national_id": MARKERS[3], "address": MARKERS[4]});
    let tip = json!({"narrative": "Bị lừa chuyển tiền.", "attachments_announced": 1, "reporter": reporter,
        "indicators": [{"kind": "phone", "value": "0912 345 678", "role": "contacted_me"}],
        "losses": [{"amount_vnd": 5_000_000}], "in_danger_now": true});
    let mut answers = Vec::new();
    let mut keep = |answer: String| {
        answers.push(answer.clone());
        answer
    };

    // Intake in every form, and input that is refused.
    let sent = json_of(&keep(app.send("POST", "/v1/tips", &tip)));
    let (id, receipt) = (
        sent["id"].as_str().unwrap(),
        sent["receipt"].as_str().unwrap(),
    );
    let item = json!({"client_reference": "0f8fad5b-d9cb-469f-a165-70867728950e", "tip": tip});
    json_of(&keep(app.send(
        "POST",
        "/v1/tips/batch",
        &json!({"tips": [item]}),
    )));
    let sms = json!({"message_id": "1", "gateway_id": "g", "from": MARKERS[5], "text": "LD (0912345678) (doi chuyen tien)"});
    json_of(&keep(app.send("POST", "/v1/tips/sms", &sms)));
    for wrong in [
        json!({"narrative": "x", "reporter": MARKERS[0]}),
        json!({"narrative": 1, "reporter": reporter}),
        json!({"narrative": "x", "reporter": {"phone": [MARKERS[1]], "address": MARKERS[4].repeat(999)}}),
    ] {
        keep(app.send("POST", "/v1/tips", &wrong));
        keep(app.send("POST", "/v1/tips/batch", &wrong));
    }
    let kind = "Content-Type: application/json\r\n";
    keep(app.call("POST", "/v1/tips", kind, &tip.to_string()[..90]));
    keep(app.call(
        "POST",
        "/v1/tips",
        "Content-Type: text/plain\r\n",
        &tip.to_string(),
    ));
    keep(nobody.send("POST", "/v1/tips", &tip));
    // What is asked for by the marker itself must not come back in an answer or a log line.
    for path in [
        format!("/v1/tips?q={}", MARKERS[1]),
        format!("/v1/tips?indicator=phone:{}", MARKERS[1]),
        format!("/v1/check?value={}", MARKERS[1]),
        format!("/v1/{}", MARKERS[2]),
    ] {
        let answer = officer.get(&path);
        // A path that the caller wrote is named to the caller alone.
        if !path.ends_with(MARKERS[2]) && !path.starts_with("/v1/check") {
            keep(answer);
        }
    }

    // A device of a public app; its name stands in a path.
    let device = json!({"client_id": "citizen-app"});
    let device = json_of(&nobody.send("POST", "/v1/devices", &device));
    let own = Caller {
        address: &address,
        token: device["access_token"].as_str().unwrap(),
    };
    let device = device["device"].as_str().unwrap();
    json_of(&keep(own.send("POST", "/v1/tips", &tip)));
    let path = format!("/v1/devices/{device}");
    let ended = own.call("DELETE", &path, "", "");
    assert!(ended.starts_with("HTTP/1.1 204"), "{ended}");
    own.call("DELETE", &path, "", "");

    // Follow-up by receipt.
    let by_receipt = |method: &str, path: &str, body: &Value| {
        let more = format!("Tip-Receipt: {receipt}\r\nContent-Type: application/json\r\n");
        nobody.call(method, path, &more, &body.to_string())
    };
    keep(by_receipt(
        "PATCH",
        "/v1/receipt",
        &json!({"narrative": "Thêm.", "reporter": reporter}),
    ));
    keep(by_receipt(
        "POST",
        "/v1/receipt/messages",
        &json!({"text": "Tôi đã gửi ảnh."}),
    ));
    let form = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"
        .to_owned()
        + &MARKERS.join("\n") + "\r\n--edge--\r\n";
    let more =
        format!("Tip-Receipt: {receipt}\r\nContent-Type: multipart/form-data; boundary=edge\r\n");
    json_of(&keep(nobody.call(
        "POST",
        "/v1/receipt/attachments",
        &more,
        &form,
    )));

    // The log is taken away while the program runs.
    rotate_log(dir.path(), 1);

    // Triage, reveal, decision, case.
    let path = |rest: &str| format!("/v1/tips/{id}{rest}");
    json_of(&keep(officer.send("PUT", &path("/claim"), &json!({}))));
    let purpose = json!({"purpose": format!("Gọi {} số {} hỏi tài khoản", MARKERS[0], MARKERS[1])});
    let shown = officer.send("POST", &path("/reporter/reveal"), &purpose);
    for marker in &MARKERS[..5] {
        assert!(shown.contains(marker), "the reveal shows {marker}: {shown}");
    }
    json_of(&keep(officer.send(
        "POST",
        &path("/messages"),
        &json!({"text": "Xin gửi ảnh."}),
    )));
    json_of(&keep(officer.send(
        "POST",
        &path("/decisions"),
        &json!({"decision": "accept"}),
    )));
    std::thread::sleep(std::time::Duration::from_secs(3));
    // A search that finds what the reporter wrote finds nothing by who that is.
    let found = |words: &str| {
        let query: String = form_urlencoded::byte_serialize(words.as_bytes()).collect();
        let page = json_of(&officer.get(&format!("/v1/tips?q={query}")));
        page["items"].as_array().unwrap().len()
    };
    assert!((0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        found("lừa chuyển") > 0
    }));
    for words in [MARKERS[0], MARKERS[1], "Dấuvết", "dauvet", "755321"] {
        assert_eq!(found(words), 0, "{words}");
    }
    let cases = json_of(&keep(officer.get("/v1/cases")));
    let case = cases["items"][0]["id"].as_str().unwrap();
    for rest in [
        "",
        "/submission",
        "/submissions",
        "/timeline",
        "/messages",
        "/notes",
        "/notices",
        "/attachments",
    ] {
        json_of(&keep(officer.get(&path(rest))));
    }
    for path in [
        "/v1/tips",
        "/v1/triage/queue",
        "/v1/triage/summary",
        "/v1/register",
        "/v1/reveals",
        "/v1/indicators",
        "/v1/changes?since=0",
        "/v1/cases/digest",
        "/v1/cases/suggestions",
        &format!("/v1/cases/{case}"),
        &format!("/v1/cases/{case}/timeline"),
        &format!("/v1/cases/{case}/graph"),
        &path(&format!("/attachments/{}/certificate", {
            let list = json_of(&officer.get(&path("/attachments")));
            list["items"][0]["id"].as_str().unwrap().to_owned()
        })),
    ] {
        json_of(&keep(officer.get(path)));
    }
    // What is shared with another agency, and what is exported.
    let referral = json!({"kind": "local_followup", "agency": "unit_03127", "tip_id": id,
        "note": "Đề nghị nắm tình hình.", "disclose": ["narrative", "place", "method", "indicators"]});
    let referral = json_of(&keep(officer.send("POST", "/v1/referrals", &referral)));
    let share = format!("/v1/referrals/{}", referral["id"].as_str().unwrap());
    let commune = token_with(dir.path(), "referrals:work", &commune);
    let commune = Caller {
        address: &address,
        token: &commune,
    };
    let share = keep(commune.get(&share));
    assert!(share.contains("Bị lừa chuyển tiền."), "{share}");
    for file in [
        "tips.ndjson",
        "tips.csv",
        "cases.ndjson",
        "indicators.ndjson",
    ] {
        let export = keep(officer.get(&format!("/v1/exports/{file}")));
        assert!(export.contains(" 200 "), "{export}");
    }
    keep(by_receipt("GET", "/v1/receipt", &json!({})));
    keep(by_receipt("GET", "/v1/receipt/messages", &json!({})));
    json_of(&keep(auditor.get("/v1/audit?limit=200")));
    let register = officer.call("GET", "/v1/register", "Accept: text/csv\r\n", "");
    assert!(register.contains("DB-T-2"), "{register}");
    keep(register);
    for feed in ["indicators.ndjson", "phones.csv", "domains.txt"] {
        keep(officer.get(&format!("/v1/feeds/{feed}")));
    }
    // The live stream has no end: what comes within the time that a request waits.
    let events = officer.get("/v1/triage/events?since=0");
    assert!(events.contains("tip.received"), "{events}");
    keep(events);
    for (whose, receiver, kinds) in [
        (
            "the police's",
            &police_hooks,
            &[
                "tip.received",
                "tip.claimed",
                "tip.updated",
                "tip.decided",
                "case.opened",
            ][..],
        ),
        ("the commune's", &commune_hooks, &["referral.sent"][..]),
    ] {
        let sent = delivered(receiver, kinds);
        absent(&format!("{whose} webhook"), sent.as_bytes());
    }
    for (number, answer) in answers.iter().enumerate() {
        absent(&format!("answer {number}: {answer}"), answer.as_bytes());
    }

    // Lines that a caller tries to slip into the log.
    let forged = "x%0A%7B%22level%22%3A%22ERROR%22%2C%22forged%22%3Atrue%7D";
    officer.get(&format!("/v1/{forged}"));
    officer.get(&format!("/v1/tips?q={forged}"));
    officer.call(
        "GET",
        "/v1/tips",
        "X-Request-Id: a{\"forged\":true}\r\nTraceparent: 00-forged-b-01\r\n",
        "",
    );
    officer.call("FORGED", "/v1/tips", "", "");

    let counted = get(&metrics, "/metrics", "");
    assert!(counted.contains("http_requests"), "{counted}");
    absent("the metrics", counted.as_bytes());
    for said in ["forged", receipt, id, "chuyển"] {
        assert!(!counted.contains(said), "{said} is counted: {counted}");
    }

    // Killed in the middle of it, started again, and stopped.
    let mut running = running;
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    let mut printed = running.said();
    drop(running);
    rotate_log(dir.path(), 2);
    let running = logging(dir.path(), &metrics);
    let postgres = dir.path().join("postgres");
    let url = running_url(&postgres, OWNER, "tinbao").unwrap();
    let dumped = runtime.block_on(dump(&url));
    assert!(
        dumped.contains("Bị lừa chuyển tiền."),
        "the dump holds the tips"
    );
    absent("the database", dumped.as_bytes());
    let verified = tinbao(dir.path())
        .args(["audit", "verify"])
        .output()
        .unwrap();
    assert!(verified.status.success(), "{verified:?}");
    // The command finds what was altered in the database itself, and says where.
    runtime.block_on(async {
        let mut owner = AsyncPgConnection::establish(&url).await.unwrap();
        for sql in [
            "alter table journal disable trigger all",
            "update journal set actor = 'somebody' where position = 3",
        ] {
            let done = RunQueryDsl::execute(diesel::sql_query(sql), &mut owner);
            done.await.unwrap();
        }
    });
    let found = tinbao(dir.path())
        .args(["audit", "verify"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&found.stdout).into_owned()
        + &String::from_utf8_lossy(&found.stderr);
    assert!(
        !found.status.success() && said.contains("altered") && said.contains('3'),
        "{said}"
    );
    printed.push_str(&running.said());
    stop(running);
    assert!(printed.contains("serves on"), "{printed}");
    absent("standard output", printed.as_bytes());

    // Everything on the disk: the cluster's tables, its write-ahead log, its log, evidence, our own logs.
    let mut all = Vec::new();
    files(dir.path(), &mut all);
    let elsewhere = postgres.join("elsewhere");
    if elsewhere.exists() {
        files(&elsewhere.canonicalize().unwrap(), &mut all);
    }
    let logs = ["service.log.1", "service.log.2", "service.log"];
    for name in logs.iter().chain(&["postgres.log", "PG_VERSION"]) {
        assert!(
            all.iter().any(|path| path.ends_with(name)),
            "{name} is looked at"
        );
    }
    assert!(
        all.iter()
            .any(|path| path.to_string_lossy().contains("evidence"))
    );
    for path in &all {
        absent(&path.display().to_string(), &fs::read(path).unwrap());
    }
    let logs = logs.map(|name| fs::read_to_string(dir.path().join(name)).unwrap());
    for log in &logs[..2] {
        assert!(log.contains("answered 201"), "the log was caught");
    }
    let log = logs.concat();
    assert!(!log.contains(device), "the name of a device is logged");
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(line.get("forged").is_none(), "{line}");
        let named = line["request_id"] == "a{\"forged\":true}";
        assert!(named || !line.to_string().contains("forged"), "{line}");
    }
}
