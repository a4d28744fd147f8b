//! How long personal data is kept, what people may ask about theirs, and who read it.

mod exposure;
mod granted;
mod requests;
mod retention;
mod rules;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, Reply, TestApp};

const ADMIN: &[Scope] = &[Scope::Admin];
const OFFICER: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::CasesRead,
    Scope::CasesWrite,
    Scope::CasesDecide,
];

/// Words that are in no other place than where a test put them.
const MARKERS: [&str; 7] = [
    "Lò Dấu Vết",
    "0900333221",
    "011099333221",
    "tường-thuật-đánh-dấu",
    "ghi-chú-đánh-dấu",
    "tin-nhắn-đánh-dấu",
    "tệp-đánh-dấu",
];

/// A tip that tells all the markers, with its receipt.
struct Planted {
    id: String,
    receipt: String,
}

async fn plant(t: &TestApp) -> Planted {
    let body = json!({
        "narrative": format!("Lừa đảo {}", MARKERS[3]),
        "indicators": [{"kind": "phone", "value": "0169 555 4567", "role": "contacted_me"}],
        "reporter": {"name": MARKERS[0], "phone": MARKERS[1], "national_id": MARKERS[2]},
        "attachments_announced": 1,
    });
    let answer = t.submit(&body).await;
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    let tip = Planted {
        id: text("id"),
        receipt: text("receipt"),
    };
    let file = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n{}\r\n--edge--\r\n",
        MARKERS[6]
    );
    let file = t
        .anyone()
        .post("/v1/receipt/attachments")
        .header("Tip-Receipt", &tip.receipt)
        .body("multipart/form-data; boundary=edge", file);
    file.send().await.expect(201);
    let message = t.anyone().post("/v1/receipt/messages");
    let message = message.header("Tip-Receipt", &tip.receipt);
    let message = message.json(&json!({"text": MARKERS[5]}));
    message.send().await.expect(201);
    let note = format!("/v1/tips/{}/notes", tip.id);
    let note = t.officer(OFFICER).post(&note);
    let note = note.json(&json!({"text": MARKERS[4]}));
    note.send().await.expect(201);
    t.settle().await;
    tip
}

async fn decide(officer: &Client, tip: &str, body: &Value) -> Value {
    let claim = format!("/v1/tips/{tip}/claim");
    officer.put(&claim).send().await.expect(200);
    let path = format!("/v1/tips/{tip}/decisions");
    officer.post(&path).json(body).send().await.expect(200)
}

async fn dismiss(t: &TestApp, tip: &Planted) {
    let body = json!({"decision": "dismiss", "reason": "insufficient"});
    decide(&t.officer(OFFICER), &tip.id, &body).await;
    t.settle().await;
}

/// Accepts a tip; returns its case.
async fn accept(t: &TestApp, tip: &Planted) -> String {
    let body = json!({"decision": "accept", "reason": "signs_of_crime"});
    let decided = decide(&t.officer(OFFICER), &tip.id, &body).await;
    t.settle().await;
    decided["case_id"].as_str().unwrap().to_owned()
}

/// Brings a case to its end by the steps of the law.
async fn end_case(t: &TestApp, case: &str) {
    let path = format!("/v1/cases/{case}/decisions");
    let officer = t.officer(OFFICER);
    for decision in ["assign", "verify", "not_prosecute"] {
        let body =
            json!({"decision": decision, "legal_basis": "BLTTHS 158", "document_number": "1/QĐ"});
        officer.post(&path).json(&body).send().await.expect(200);
    }
}

async fn days(t: &TestApp, days: u64) {
    t.clock
        .advance(std::time::Duration::from_secs(days * 86_400));
    t.settle().await;
}

/// The run on schedule, as a replica does it.
async fn run(t: &TestApp) -> usize {
    let state = &t.running.state;
    let mut conn = state.db.get().await.unwrap();
    let ended = tinbao::privacy::scheduled(&mut conn, state).await.unwrap();
    drop(conn);
    t.settle().await;
    ended
}

fn code(reply: &Reply, status: u16) -> String {
    reply.problem(status)["code"].as_str().unwrap().to_owned()
}

/// The bytes of all files below a folder.
fn bytes_below(folder: &std::path::Path) -> Vec<u8> {
    std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => bytes_below(&path),
                false => std::fs::read(&path).unwrap(),
            }
        })
        .collect()
}

/// How many of these words the database or the objects hold in clear.
async fn found(t: &TestApp, words: &[&str]) -> Vec<String> {
    let dump = crate::support::dump(t).await;
    assert!(
        dump.contains("DB-T-2026-000001"),
        "the dump holds the register"
    );
    let folder = std::path::PathBuf::from(t.setting("TINBAO_DATA_DIR")).join("evidence");
    let objects = bytes_below(&folder);
    words
        .iter()
        .filter(|word| {
            let hex: String = word.bytes().map(|b| format!("{b:02x}")).collect();
            // The search documents hold words without their accents.
            let plain = word.split('-').next_back().unwrap_or(word);
            let searched = word.contains('-') && dump.contains(&format!("'{plain}':"));
            searched
                || dump.contains(*word)
                || dump.contains(&hex)
                || objects
                    .windows(word.len())
                    .any(|part| part == word.as_bytes())
        })
        .map(|word| (*word).to_owned())
        .collect()
}
