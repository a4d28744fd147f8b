//! A reporter's data through the whole life of a tip, in the real program with its private cluster: it
//! exists only sealed, and in the answer to a reveal.
//!
//! `reveals.rs` follows the same markers through one process at debug level; here the program itself runs,
//! logs, is killed with `kill -9` and starts again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use tinbao::db::embedded::{OWNER, running_url};

use crate::process::{
    Running, get, open_to_postgres, request, start_with, stop, tinbao, token, token_with,
};

/// Name, phone, e-mail, ID-card number, address; the sender of a text message; a subscriber's form.
const MARKERS: [&str; 6] = [
    "Lường Thị Dấuvết",
    "0900755321",
    "dauvet@vidu.example",
    "011199755321",
    "Bản Dấuvết, xã Mường Phăng",
    "0900866432",
];

struct Caller<'a> {
    address: &'a str,
    token: &'a str,
}

impl Caller<'_> {
    /// The whole answer, headers included.
    fn call(&self, method: &str, path: &str, more: &str, body: &str) -> String {
        let credentials = if self.token.is_empty() {
            String::new()
        } else {
            format!("Authorization: Bearer {}\r\n", self.token)
        };
        request(
            self.address,
            &format!(
                "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{credentials}{more}Content-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        )
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> String {
        let kind = "Content-Type: application/json\r\n";
        self.call(method, path, kind, &body.to_string())
    }

    fn get(&self, path: &str) -> String {
        self.call("GET", path, "", "")
    }
}

fn json_of(answer: &str) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 2"), "{answer}");
    let start = body.find('{').unwrap();
    let end = body.rfind('}').unwrap();
    serde_json::from_str(&body[start..=end]).unwrap_or_else(|e| panic!("{e}: {body}"))
}

/// An address that nobody listens on.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn logging(dir: &Path, metrics: &str) -> Running {
    let log = File::options()
        .append(true)
        .create(true)
        .open(dir.join("service.log"))
        .unwrap();
    start_with(dir, Stdio::from(log), &[("TINBAO_METRICS_BIND", metrics)])
}

#[derive(diesel::QueryableByName)]
struct Cell {
    #[diesel(sql_type = diesel::sql_types::Text)]
    cell: String,
}

/// Every row of every table as text, bytes in hexadecimal and, where they are text, as such.
async fn dump(url: &str) -> String {
    let mut conn = AsyncPgConnection::establish(url).await.unwrap();
    let columns: Vec<Cell> = diesel::sql_query(
        "select format('select coalesce(string_agg(%1$s, E''\\n''), '''') as cell from %2$I',
                case data_type when 'bytea' then format('encode(%1$I, ''hex'') || '' '' || encode(%1$I, ''escape'')', column_name)
                else format('%I::text', column_name) end, table_name) as cell
         from information_schema.columns where table_schema = 'public'",
    )
    .load(&mut conn)
    .await
    .unwrap();
    assert!(columns.len() > 150, "{}", columns.len());
    let mut all = String::new();
    for column in columns {
        let cells: Vec<Cell> = diesel::sql_query(&column.cell)
            .load(&mut conn)
            .await
            .unwrap();
        for row in cells {
            all.push_str(&row.cell);
            all.push('\n');
        }
    }
    all
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

/// The forms in which a marker could be written.
fn written(marker: &str) -> Vec<Vec<u8>> {
    let escaped: String = marker
        .encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    let octal: String = marker
        .bytes()
        .map(|byte| {
            if byte.is_ascii() {
                char::from(byte).to_string()
            } else {
                format!("\\{byte:03o}")
            }
        })
        .collect();
    let hex: String = marker.bytes().map(|b| format!("{b:02x}")).collect();
    let encoded: String = form_urlencoded::byte_serialize(marker.as_bytes()).collect();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, marker);
    let mut forms = vec![
        marker.to_owned(),
        escaped,
        octal,
        hex.to_uppercase(),
        hex,
        encoded,
    ];
    forms.push(base64.trim_end_matches('=').to_owned());
    // A phone number as indicators are written.
    if let Some(rest) = marker.strip_prefix("09") {
        forms.push(format!("+849{rest}"));
    }
    forms.into_iter().map(String::into_bytes).collect()
}

fn absent(place: &str, bytes: &[u8]) {
    for marker in MARKERS {
        for form in written(marker) {
            let found = memchr::memmem::find(bytes, &form);
            assert!(found.is_none(), "{marker} lies open in {place}");
        }
    }
}

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
    let commune = token_with(dir.path(), "referrals:work", &["--agency", "unit_03127"]);
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
    drop(running);
    let running = logging(dir.path(), &metrics);
    let postgres = dir.path().join("postgres");
    let url = running_url(&postgres, OWNER, "tinbao").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
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
    stop(running);

    // Everything on the disk: the cluster's tables, its write-ahead log, its log, evidence, our own log.
    let mut all = Vec::new();
    files(dir.path(), &mut all);
    let elsewhere = postgres.join("elsewhere");
    if elsewhere.exists() {
        files(&elsewhere.canonicalize().unwrap(), &mut all);
    }
    for name in ["service.log", "postgres.log", "PG_VERSION"] {
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
    let log = fs::read_to_string(dir.path().join("service.log")).unwrap();
    assert!(log.contains("answered 201"), "the log was caught");
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(line.get("forged").is_none(), "{line}");
        let named = line["request_id"] == "a{\"forged\":true}";
        assert!(named || !line.to_string().contains("forged"), "{line}");
    }
}
