//! Related tips, copies of one message as one line, and dismissing them together.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::cases::tip;
use crate::support::{Claims, Client, TestApp};

const TRIAGE: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage];
const CALL: &str = "Có người xưng là công an gọi nói tôi liên quan đường dây rửa tiền và bắt \
    chuyển hết tiền tiết kiệm vào tài khoản để kiểm tra";

async fn copies(t: &TestApp, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..count {
        let body = json!({"narrative": format!("{CALL}, mã số {n}."),
            "location": {"unit_code": if n == 0 { "03334" } else { "03127" }}});
        ids.push(tip(t, body).await);
    }
    ids
}

async fn get(client: &Client, path: &str) -> Value {
    client.get(path).send().await.expect(200)
}

fn ids(items: &Value) -> Vec<String> {
    let items = items.as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn related_tips_come_with_their_reasons_the_closest_first() {
    let t = TestApp::new().await;
    let account = json!([{"kind": "bank_account", "value": "0011223344", "bank": "VCB"}]);
    let first = tip(&t, json!({"narrative": CALL, "indicators": account})).await;
    let both = tip(
        &t,
        json!({"narrative": format!("{CALL}."), "indicators": account}),
    )
    .await;
    let named = tip(
        &t,
        json!({"narrative": "mất tiền", "indicators": account, "location": {"unit_code": "03127"}}),
    )
    .await;
    let told = tip(&t, json!({"narrative": format!("Chào anh chị. {CALL}")})).await;
    tip(
        &t,
        json!({"narrative": "Tôi đặt mua điện thoại trên mạng, đã cọc năm triệu rồi bị chặn."}),
    )
    .await;
    t.settle().await;
    let officer = t.officer(TRIAGE);
    let related = get(&officer, &format!("/v1/tips/{first}/related")).await;
    let items = related["items"].as_array().unwrap();
    let found = ids(&related["items"]);
    assert_eq!(found[0], both, "{related}");
    assert_eq!(
        found.iter().collect::<BTreeSet<_>>(),
        [&both, &named, &told].into()
    );
    let of = |id: &str| items.iter().find(|item| item["id"] == id).unwrap();
    let codes = |id: &str| -> Vec<String> {
        let reasons = of(id)["reasons"].as_array().unwrap().iter();
        reasons
            .map(|r| r["code"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(codes(&both), ["shared_indicator", "similar_text"]);
    assert_eq!(codes(&named), ["shared_indicator"]);
    assert_eq!(codes(&told), ["similar_text"]);
    let reason = &of(&both)["reasons"][0];
    assert_eq!(reason["kind"], "bank_account");
    assert_eq!(reason["hot"], false);
    assert_eq!(of(&both)["reasons"][1]["same_flood"], true);
    assert_eq!(of(&both)["number"], "DB-T-2026-000002");
    assert_eq!(related["indicators"][0]["tips"], 3);
    assert!(of(&both)["score"].as_u64() > of(&named)["score"].as_u64());

    let confined = t.bearer(&Claims {
        scopes: "tips:read",
        units: Some(&["03127"]),
        ..Claims::default()
    });
    let seen = get(&confined, &format!("/v1/tips/{named}/related")).await;
    assert_eq!(seen["items"], json!([]), "what is elsewhere stays unknown");
    let hidden = confined.get(&format!("/v1/tips/{first}/related"));
    hidden.send().await.problem(404);
}

#[actix_web::test]
async fn a_hot_indicator_is_marked_and_relates_only_a_few() {
    let t = TestApp::new().await;
    let hot = json!([{"kind": "phone", "value": "19001234"}]);
    let first = tip(&t, json!({"indicators": hot})).await;
    for _ in 0..14 {
        tip(&t, json!({"indicators": hot})).await;
    }
    t.settle().await;
    crate::support::rows(
        &t,
        "with changed as (update indicator_figures set tips = 201 returning 1) select 'x' as cell from changed",
    )
    .await;
    let related = get(&t.officer(TRIAGE), &format!("/v1/tips/{first}/related")).await;
    assert_eq!(related["items"].as_array().unwrap().len(), 10);
    assert_eq!(related["indicators"][0]["hot"], true);
    assert_eq!(related["items"][0]["reasons"][0]["hot"], true);
}

#[actix_web::test]
async fn copies_are_one_line_of_the_collapsed_queue_on_every_page_and_in_every_order() {
    let t = TestApp::new().await;
    let alone = tip(&t, json!({"narrative": "tin thứ nhất"})).await;
    let flood = copies(&t, 7).await;
    let other = tip(&t, json!({"narrative": "tin thứ hai"})).await;
    t.settle().await;
    let officer = t.officer(TRIAGE);
    let flat = get(&officer, "/v1/triage/queue").await;
    assert_eq!(flat["items"].as_array().unwrap().len(), 9);
    assert!(flat["items"][0].get("flood").is_none());
    for sort in ["priority", "received", "due"] {
        let mut seen = Vec::new();
        let mut path = format!("/v1/triage/queue?collapse=true&limit=1&sort={sort}");
        loop {
            let page = get(&officer, &path).await;
            seen.extend(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(cursor) => {
                    path = format!(
                        "/v1/triage/queue?collapse=true&limit=1&sort={sort}&cursor={cursor}"
                    );
                }
                None => break,
            }
        }
        let of_flood: Vec<_> = seen.iter().filter(|i| i.get("flood").is_some()).collect();
        assert_eq!((seen.len(), of_flood.len()), (3, 1), "{sort}");
        assert_eq!(of_flood[0]["flood"]["tips"], 7, "{sort}");
        let lines = ids(&Value::Array(seen.clone()));
        assert!(lines.contains(&alone) && lines.contains(&other), "{sort}");
    }
    let first = get(&officer, "/v1/triage/queue?collapse=true&unit=03127").await;
    let line = &first["items"][0];
    assert_eq!(line["flood"]["tips"], 6, "counted under the same filters");
    let path = format!(
        "/v1/triage/queue?flood={}",
        line["flood"]["id"].as_str().unwrap()
    );
    let opened: BTreeSet<_> = ids(&get(&officer, &path).await["items"])
        .into_iter()
        .collect();
    assert_eq!(opened, flood.into_iter().collect());
}

#[actix_web::test]
async fn a_tip_whose_text_is_amended_leaves_its_flood() {
    let t = TestApp::new().await;
    let text = "Có người gọi điện tự xưng là công an, đọc đúng tên tôi, bảo tôi liên quan đường dây rửa tiền và phải chuyển tiền ngay";
    let mut sent = Vec::new();
    for _ in 0..3 {
        let body = json!({"narrative": text});
        sent.push(t.submit(&body).await);
    }
    t.settle().await;
    let officer = t.officer(&[Scope::TipsRead]);
    let lines = async || {
        let queue = get(&officer, "/v1/triage/queue?collapse=true").await;
        let items = queue["items"].as_array().unwrap().clone();
        let mut lines: Vec<i64> = items
            .iter()
            .map(|item| item["flood"]["tips"].as_i64().unwrap_or(1))
            .collect();
        lines.sort_unstable();
        lines
    };
    let amend = async |n: usize, text: &str| {
        let receipt = sent[n]["receipt"].as_str().unwrap();
        let change = t
            .anyone()
            .patch("/v1/receipt")
            .header("Tip-Receipt", receipt);
        let body = json!({"narrative": text});
        change.json(&body).send().await.expect(200);
        t.settle().await;
    };
    assert_eq!(lines().await, [3]);
    // What is sent later stands below what was sent before: a word more is still a copy.
    amend(0, "Ngắn.").await;
    assert_eq!(lines().await, [3]);
    let other = "Sau đó tôi bị mất điện thoại trên xe khách từ Điện Biên về Hà Nội, trong máy có ứng dụng ngân hàng, \
                 và người ngồi cạnh đã xuống xe ở Sơn La mà không ai hay biết, nhà xe cũng không nhớ mặt người đó nữa";
    amend(1, other).await;
    assert_eq!(lines().await, [1, 2]);
    let third = "Kẻ gọi còn gửi một đường dẫn lạ, tôi bấm vào thì máy tự khởi động lại, các tấm ảnh con cái chụp dịp Tết \
                 biến mất hết, hàng xóm khuyên tôi mang ra hiệu sửa nhưng thợ bảo phải chờ đến tuần sau mới có linh kiện";
    amend(2, third).await;
    assert_eq!(lines().await, [1, 1, 1], "one alone is no flood");
}

#[actix_web::test]
async fn a_flood_is_dismissed_with_one_reason_and_each_tip_by_itself() {
    let t = TestApp::new().await;
    let flood = copies(&t, 5).await;
    let danger = tip(&t, json!({"narrative": CALL, "in_danger_now": true})).await;
    t.settle().await;
    let (officer, other) = (
        t.named_officer("one", TRIAGE),
        t.named_officer("two", TRIAGE),
    );
    let held = &flood[4];
    other
        .put(&format!("/v1/tips/{held}/claim"))
        .send()
        .await
        .expect(200);
    let line = get(&officer, "/v1/triage/queue?collapse=true&priority=low").await;
    let id = &line["items"][0]["flood"]["id"];
    let wish =
        |dry: bool| json!({"flood": id, "reason": "spam", "note": "tin rác", "dry_run": dry});
    let send = |key: &'static str, body: Value| {
        let call = officer
            .post("/v1/triage/dismissals")
            .header("idempotency-key", key);
        call.json(&body).send()
    };
    let tried = send("try", wish(true)).await.expect(200);
    assert_eq!(
        (&tried["count"], &tried["decisions"]),
        (&json!(4), &json!([]))
    );
    let untouched = get(&officer, &format!("/v1/tips/{}", flood[0])).await;
    assert_eq!(untouched["status"], "received");

    let done = send("now", wish(false)).await.expect(200);
    assert_eq!((&done["count"], &done["more"]), (&json!(4), &json!(false)));
    let replay = send("now", wish(false)).await;
    assert_eq!(replay.header("idempotency-replayed"), "true");
    assert_eq!(replay.expect(200), done);
    for (tip, status) in [
        (&flood[0], "dismissed"),
        (&flood[3], "dismissed"),
        (held, "claimed"),
        (&danger, "received"),
    ] {
        let seen = get(&officer, &format!("/v1/tips/{tip}")).await;
        assert_eq!(seen["status"], status);
    }
    t.settle().await;
    let one = &done["decisions"][0];
    let tip = one["tip_id"].as_str().unwrap();
    let timeline = get(&officer, &format!("/v1/tips/{tip}/timeline")).await;
    let told = timeline["items"].as_array().unwrap().iter();
    assert_eq!(told.filter(|i| i["type"] == "tip.decided").count(), 1);
    let path = format!(
        "/v1/tips/{tip}/decisions/{}",
        one["decision_id"].as_str().unwrap()
    );
    officer.delete(&path).send().await.expect(204);
    let back = get(&officer, &format!("/v1/tips/{tip}")).await;
    assert_eq!(back["status"], "claimed");
}

#[actix_web::test]
async fn a_flood_is_named_by_its_indicator_or_its_client_too() {
    let t = TestApp::new().await;
    let phone = json!([{"kind": "phone", "value": "0912345678"}]);
    for _ in 0..3 {
        tip(&t, json!({"indicators": phone})).await;
    }
    tip(&t, json!({"narrative": "tin khác"})).await;
    let officer = t.officer(TRIAGE);
    let dismiss = |body: Value| officer.post("/v1/triage/dismissals").json(&body).send();
    let named = json!({"indicator": "0912 345 678", "reason": "not_a_scam"});
    assert_eq!(dismiss(named).await.expect(200)["count"], 3);
    let from = "2026-11-24T00:00:00Z";
    let sent = json!({"client_id": "test", "received_from": from, "reason": "spam"});
    assert_eq!(dismiss(sent).await.expect(200)["count"], 1);
    for (body, pointer, code) in [
        (json!({"reason": "spam"}), "", "required"),
        (json!({"indicator": "0912345678"}), "/reason", "required"),
        (
            json!({"client_id": "test", "reason": "spam"}),
            "/received_from",
            "required",
        ),
        (
            json!({"client_id": "test", "indicator": "0912345678", "reason": "spam"}),
            "",
            "ambiguous",
        ),
        (
            json!({"indicator": "???", "reason": "spam"}),
            "/indicator",
            "unknown_value",
        ),
        (
            json!({"indicator": "0912345678", "reason": "spam", "all": true}),
            "/all",
            "unknown_field",
        ),
    ] {
        let problem = dismiss(body.clone()).await.problem(422);
        assert_eq!(
            problem["errors"][0]["pointer"], pointer,
            "{body}: {problem}"
        );
        assert_eq!(problem["errors"][0]["code"], code, "{body}: {problem}");
    }
    let confined = t.bearer(&Claims {
        scopes: "tips:triage",
        units: Some(&[]),
        ..Claims::default()
    });
    tip(&t, json!({"indicators": phone})).await;
    let body = json!({"indicator": "0912345678", "reason": "spam"});
    let none = confined
        .post("/v1/triage/dismissals")
        .json(&body)
        .send()
        .await;
    assert_eq!(none.expect(200)["count"], 0);
}

#[actix_web::test]
async fn a_tip_is_handed_over_by_who_holds_it_and_waits_at_the_other_desk() {
    let t = TestApp::new().await;
    let id = tip(&t, json!({"narrative": "tin"})).await;
    let (holder, other) = (
        t.named_officer("one", TRIAGE),
        t.named_officer("two", TRIAGE),
    );
    let claimed = holder
        .put(&format!("/v1/tips/{id}/claim"))
        .send()
        .await
        .expect(200);
    let path = format!("/v1/tips/{id}/handover");
    let wish = json!({"desk": "economic", "note": "Chuyển đội kinh tế."});
    let refused = other.post(&path).json(&wish).send().await.problem(409);
    assert_eq!(refused["code"], "claimed_by_other");
    for (desk, code) in [
        (json!("nowhere"), "unknown_value"),
        (claimed["desk"].clone(), "itself"),
    ] {
        let body = json!({"desk": desk});
        let problem = holder.post(&path).json(&body).send().await.problem(422);
        assert_eq!(problem["errors"][0]["code"], code);
        assert_eq!(problem["errors"][0]["pointer"], "/desk");
    }
    let done = holder.post(&path).json(&wish).send().await.expect(200);
    assert_eq!(
        (&done["from_desk"], &done["desk"]),
        (&claimed["desk"], &json!("economic"))
    );
    let seen = get(&other, &format!("/v1/tips/{id}")).await;
    assert_eq!(
        (&seen["desk"], &seen["status"]),
        (&json!("economic"), &json!("received"))
    );
    let notes = get(&other, &format!("/v1/tips/{id}/notes")).await;
    assert_eq!(notes["items"][0]["text"], "Chuyển đội kinh tế.");
    let there = t.bearer(&Claims {
        scopes: "tips:read",
        desk: Some("economic"),
        ..Claims::default()
    });
    assert_eq!(ids(&get(&there, "/v1/triage/queue").await["items"]), [id]);
}

#[actix_web::test]
async fn a_supervisor_takes_a_claim_with_a_reason_that_the_audit_keeps() {
    let t = TestApp::new().await;
    let id = tip(&t, json!({"narrative": "tin"})).await;
    let holder = t.named_officer("one", TRIAGE);
    let chief = t.named_officer(
        "chief",
        &[Scope::TipsRead, Scope::TipsTriage, Scope::CasesDecide],
    );
    let path = format!("/v1/tips/{id}/claim/override");
    let wish = json!({"reason": "Hết ca trực"});
    let take = || chief.post(&path).json(&wish).send();
    assert_eq!(take().await.problem(409)["code"], "not_claimed");
    let claim = format!("/v1/tips/{id}/claim");
    holder.put(&claim).send().await.expect(200);
    holder.post(&path).json(&wish).send().await.problem(403);
    chief
        .post(&path)
        .json(&json!({"reason": "x"}))
        .send()
        .await
        .problem(422);
    assert_eq!(take().await.expect(200)["claimed_by"], "chief");
    assert_eq!(take().await.problem(409)["code"], "wrong_state");
    let lost = holder.delete(&claim).send().await.problem(409);
    assert_eq!(lost["code"], "claimed_by_other");
    t.settle().await;
    let said = crate::support::rows(
        &t,
        "select actor || ' ' || (data->>'from') || ' ' || (data->>'reason') as cell
         from journal where type = 'claim.overridden'",
    )
    .await;
    assert_eq!(said, ["chief one Hết ca trực"]);
}
