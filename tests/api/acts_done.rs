//! What takes more than a body: done once each, in a state that allows it, and found in the audit.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::acts::{DONE, entries};
use crate::attacks::objects::all_scopes;
use crate::referrals::{agency, list, path, transfer};
use crate::support::{Call, Claims, Client, TestApp};

/// The service, and which acts have been done.
struct Done {
    t: TestApp,
    names: BTreeSet<&'static str>,
}

impl Done {
    fn officer(&self, sub: &str) -> Client {
        self.t.bearer(&Claims {
            sub,
            scopes: &all_scopes(),
            ..Claims::default()
        })
    }

    /// Does an act: it leaves an entry of this actor, and nobody else has a part in it.
    async fn does(&mut self, name: &'static str, call: Call, actor: &str) -> Value {
        let known: BTreeSet<String> = self.ids().await.into_keys().collect();
        let reply = call.send().await;
        assert!(reply.status.is_success(), "{name}: {}", reply.text());
        let all = self.ids().await;
        let fresh: Vec<&String> = all
            .iter()
            .filter(|(id, _)| !known.contains(*id))
            .map(|(_, who)| who)
            .collect();
        assert!(fresh.iter().any(|who| *who == actor), "{name}: {fresh:?}");
        self.names.insert(name);
        serde_json::from_slice(&reply.bytes).unwrap_or_default()
    }

    /// The entries by id, each with its actor.
    async fn ids(&self) -> std::collections::BTreeMap<String, String> {
        let all = entries(&self.t).await.into_iter();
        all.map(|entry| (text(&entry["id"]), text(&entry["actor"])))
            .collect()
    }

    async fn tip(&self, tip: &Value) -> String {
        let sent = self.t.submit(tip).await;
        self.t.settle().await;
        text(&sent["id"])
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn plain(words: &str) -> Value {
    json!({"narrative": words, "indicators": [{"kind": "phone", "value": "0912 345 678"}],
        "reporter": {"name": "Người Báo Tin", "phone": "0900000001", "keep_secret": true},
        "potential_victims": [{"name": "Giàng A Thử"}]})
}

/// Claims, notes and files of one tip.
async fn on_a_tip(done: &mut Done) -> String {
    let (one, chief) = (done.officer("analyst"), done.officer("chief"));
    let id = done.tip(&plain("tin thứ nhất")).await;
    let tip = format!("/v1/tips/{id}");
    let call = one.put(&format!("{tip}/claim"));
    done.does("PUT /v1/tips/{id}/claim", call, "analyst").await;
    let call = chief.post(&format!("{tip}/claim/override"));
    let call = call.json(&json!({"reason": "Hết ca trực"}));
    let name = "POST /v1/tips/{id}/claim/override";
    done.does(name, call, "chief").await;
    let call = chief.delete(&format!("{tip}/claim"));
    done.does("DELETE /v1/tips/{id}/claim", call, "chief").await;
    let claim = one.put(&format!("{tip}/claim")).send().await;
    claim.expect(200);

    let file = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--edge--\r\n";
    let call = one.post(&format!("{tip}/attachments"));
    let call = call.body("multipart/form-data; boundary=edge", file);
    done.does("POST /v1/tips/{id}/attachments", call, "analyst")
        .await;
    let start = one.post(&format!("{tip}/uploads"));
    let start = start.header("Tus-Resumable", "1.0.0");
    let started = start.header("Upload-Length", "4").send().await.expect(201);
    let call = one.patch(&format!("{tip}/uploads/{}", text(&started["id"])));
    let call = call
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Offset", "0")
        .body("application/offset+octet-stream", "four");
    let name = "PATCH /v1/tips/{id}/uploads/{upload_id}";
    done.does(name, call, "analyst").await;

    let ground = json!({"ground": "Đang phối hợp đưa về nước."});
    let call = one.put(&format!("{tip}/potential-victims/ground"));
    let name = "PUT /v1/tips/{id}/potential-victims/ground";
    done.does(name, call.json(&ground), "analyst").await;
    id
}

/// A reporter who asked for secrecy: one request is approved, one declined.
async fn on_reveals(done: &mut Done, tip: &str) {
    let (one, second) = (done.officer("analyst"), done.officer("second"));
    let why = json!({"purpose": "Gọi lại để hỏi số tài khoản"});
    let persons = || one.post(&format!("/v1/tips/{tip}/potential-victims/reveal"));
    let name = "POST /v1/tips/{id}/potential-victims/reveal";
    let waiting = done.does(name, persons().json(&why), "analyst").await;
    let call = second.post(&format!("/v1/reveals/{}/approve", text(&waiting["id"])));
    done.does("POST /v1/reveals/{id}/approve", call, "second")
        .await;
    let shown = done.does(name, persons().json(&why), "analyst").await;
    assert_eq!(shown["potential_victims"][0]["name"], "Giàng A Thử");
    let ask = one.post(&format!("/v1/tips/{tip}/reporter/reveal"));
    let waiting = ask.json(&why).send().await.expect(202);
    let call = second.post(&format!("/v1/reveals/{}/decline", text(&waiting["id"])));
    done.does("POST /v1/reveals/{id}/decline", call, "second")
        .await;
}

/// What becomes of tips.
async fn on_decisions(done: &mut Done, tip: &str) {
    let one = done.officer("analyst");
    let dismiss = json!({"decision": "dismiss", "reason": "insufficient"});
    let call = one.post(&format!("/v1/tips/{tip}/decisions"));
    let name = "POST /v1/tips/{id}/decisions";
    done.does(name, call.json(&dismiss), "analyst").await;
    let call = one.post(&format!("/v1/tips/{tip}/reopen"));
    let call = call.json(&json!({"reason": "new_facts"}));
    done.does("POST /v1/tips/{id}/reopen", call, "analyst")
        .await;
    let call = one.put(&format!("/v1/tips/{tip}/claim")).send().await;
    call.expect(200);
    let call = one.post(&format!("/v1/tips/{tip}/handover"));
    let call = call.json(&json!({"desk": "economic", "note": "Chuyển đội kinh tế."}));
    done.does("POST /v1/tips/{id}/handover", call, "analyst")
        .await;
    let wish = json!({"indicator": "0912345678", "reason": "insufficient", "dry_run": false});
    done.tip(&plain("tin thứ hai")).await;
    let call = one.post("/v1/triage/dismissals").json(&wish);
    done.does("POST /v1/triage/dismissals", call, "analyst")
        .await;
    let message =
        json!({"gateway_id": "gw", "message_id": "1", "from": "0900000123", "text": "bị lừa"});
    let call = one.post("/v1/tips/sms").json(&message);
    done.does("POST /v1/tips/sms", call, "analyst").await;
}

/// Cases: tips into one and out of it, two made one and parted again, acts and notices.
async fn on_cases(done: &mut Done) {
    let one = done.officer("analyst");
    let mut tips = Vec::new();
    for words in ["vụ một", "vụ hai", "vụ ba"] {
        tips.push(done.tip(&json!({"narrative": words})).await);
    }
    let open = async |tip: &str| {
        let body = json!({"title": "Vụ", "tip_ids": [tip]});
        let made = one.post("/v1/cases").json(&body).send().await;
        text(&made.expect(201)["id"])
    };
    let (first, second) = (open(&tips[0]).await, open(&tips[1]).await);
    let case = format!("/v1/cases/{first}");
    let third = json!({"tip_ids": [tips[2]]});
    let call = one.post(&format!("{case}/tips")).json(&third);
    done.does("POST /v1/cases/{id}/tips", call, "analyst").await;
    let call = one.call(actix_web::http::Method::DELETE, &format!("{case}/tips"));
    done.does("DELETE /v1/cases/{id}/tips", call.json(&third), "analyst")
        .await;
    let other = json!({"case_id": second});
    let call = one.post(&format!("{case}/merge")).json(&other);
    done.does("POST /v1/cases/{id}/merge", call, "analyst")
        .await;
    let call = one.post(&format!("{case}/unmerge")).json(&other);
    done.does("POST /v1/cases/{id}/unmerge", call, "analyst")
        .await;
    let call = one.post(&format!("{case}/tips")).json(&third);
    call.send().await.expect(200);
    let call = one.put(&format!("{case}/notices/notify_reporter_reception"));
    let letter = json!({"channel": "letter"});
    let name = "PUT /v1/cases/{id}/notices/{code}";
    done.does(name, call.json(&letter), "analyst").await;
    let call = one.put(&format!(
        "/v1/tips/{}/notices/notify_reporter_reception",
        tips[1]
    ));
    let name = "PUT /v1/tips/{id}/notices/{code}";
    done.does(name, call.json(&letter), "analyst").await;
    for decision in [
        json!({"decision": "assign"}),
        json!({"decision": "verify"}),
        json!({"decision": "prosecute", "legal_basis": "BLTTHS 147(1)a", "document_number": "77/QĐ-KTVA"}),
    ] {
        let call = one.post(&format!("{case}/decisions"));
        call.json(&decision).send().await.expect(200);
    }
    let call = one.post(&format!("{case}/acts"));
    let call = call.json(&json!({"act": "decision_sent_to_procuracy"}));
    done.does("POST /v1/cases/{id}/acts", call, "analyst").await;
    let call = one.post(&format!("/v1/tips/{}/news", tips[2]));
    let call = call.json(&json!({"code": "case_result"}));
    done.does("POST /v1/tips/{id}/news", call, "analyst").await;
}

/// Referrals: by an officer, by an agency, and on behalf of one.
async fn on_referrals(done: &mut Done) {
    let one = done.officer("analyst");
    let bank = agency(&done.t, "bank_970436");
    let mut report = transfer();
    let mut proposals = Vec::new();
    for n in 0..4 {
        report["narrative"] = json!(format!("Bị gọi doạ bắt nên đã chuyển tiền, lần {n}."));
        report["indicators"][1]["value"] = json!(format!("001100223344{n}"));
        done.tip(&report).await;
        done.t.clock.advance(Duration::from_secs(60));
    }
    proposals.extend(list(&one, "?state=proposed&kind=freeze_funds").await);
    assert_eq!(proposals.len(), 4, "{proposals:?}");
    let mut sent = Vec::new();
    for proposal in &proposals[..3] {
        let call = one.post(&path(proposal, "/send"));
        sent.push(
            done.does("POST /v1/referrals/{id}/send", call, "analyst")
                .await,
        );
    }
    let call = one.post(&path(&proposals[3], "/discard"));
    let call = call.json(&json!({"reason": "Đã phong toả."}));
    done.does("POST /v1/referrals/{id}/discard", call, "analyst")
        .await;
    let call = bank.post(&path(&sent[0], "/acknowledge"));
    let name = "POST /v1/referrals/{id}/acknowledge";
    done.does(name, call, "agency-worker").await;
    let frozen = json!({"outcome": "partly_frozen", "amount_vnd": 31_000_000});
    let call = bank.post(&path(&sent[0], "/complete")).json(&frozen);
    let name = "POST /v1/referrals/{id}/complete";
    done.does(name, call, "agency-worker").await;
    let call = bank.post(&path(&sent[1], "/decline"));
    let call = call.json(&json!({"reason": "Không thuộc ngân hàng này."}));
    let name = "POST /v1/referrals/{id}/decline";
    done.does(name, call, "agency-worker").await;
    let letter = json!({"answer": "acknowledge", "received_via": "letter", "document_number": "4711/VCB-PC"});
    let call = one.post(&path(&sent[2], "/answers")).json(&letter);
    done.does("POST /v1/referrals/{id}/answers", call, "analyst")
        .await;
    let csv = bank.get(&path(&sent[2], "/results")).send().await.text();
    let row = csv.lines().nth(1).unwrap();
    let cells: Vec<&str> = row.split(',').collect();
    let filled = format!(
        "indicator_id,kind,value,outcome,amount_vnd\r\n{},{},{},not_found,\r\n",
        cells[0], cells[1], cells[2]
    );
    let call = bank.put(&path(&sent[2], "/results"));
    let name = "PUT /v1/referrals/{id}/results";
    done.does(name, call.body("text/csv", filled), "agency-worker")
        .await;

    let found = one.get("/v1/indicators?value=0369123456").send().await;
    let phone = text(&found.expect(200)["items"][0]["id"]);
    let block = json!({"kind": "block_number", "agency": "carrier_viettel", "tip_id": proposals[0]["tip_id"],
        "indicator_ids": [phone]});
    let call = one.post("/v1/referrals").json(&block);
    let block = done.does("POST /v1/referrals", call, "analyst").await;
    let call = agency(&done.t, "carrier_viettel").post(&path(&block, "/complete"));
    let call = call.json(&json!({"outcome": "blocked"}));
    call.send().await.expect(200);
    let call = one.post(&path(&block, "/release"));
    done.does("POST /v1/referrals/{id}/release", call, "analyst")
        .await;
}

#[actix_web::test]
async fn what_takes_a_state_or_a_second_person_is_an_entry_of_the_audit_too() {
    let mut done = Done {
        t: TestApp::new().await,
        names: BTreeSet::new(),
    };
    let tip = on_a_tip(&mut done).await;
    on_reveals(&mut done, &tip).await;
    on_decisions(&mut done, &tip).await;
    on_cases(&mut done).await;
    on_referrals(&mut done).await;
    let names: Vec<&str> = done.names.into_iter().collect();
    assert_eq!(names, DONE);
}
