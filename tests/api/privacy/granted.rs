//! What a granted request leads to: data handed over, put right, or used no more until that is lifted.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use super::{ADMIN, MARKERS, OFFICER, Planted, accept, code, decide, dismiss, found, plant};
use crate::support::{Claims, Client, Reply, TestApp, rows};

const PATH: &str = "/v1/privacy/requests";
const REVEALER: &[Scope] = &[Scope::ReportersReveal];

async fn asked(t: &TestApp, receipt: &str, kind: &str) -> String {
    let body = json!({"kind": kind, "text": format!("Tôi là {}", MARKERS[0])});
    let post = t.anyone().post(PATH).header("Tip-Receipt", receipt);
    let answer = post.json(&body).send().await.expect(201);
    answer["id"].as_str().unwrap().to_owned()
}

async fn act(client: &Client, id: &str, act: &str, body: &Value) -> Reply {
    let post = client.post(&format!("{PATH}/{id}/{act}"));
    post.json(body).send().await
}

fn granted() -> Value {
    json!({"decision": "granted", "reason": "Chấp thuận."})
}

fn purpose() -> Value {
    json!({"purpose": format!("Giao cho {} theo yêu cầu", MARKERS[0])})
}

async fn audited(t: &TestApp, kind: &str) -> Vec<Value> {
    t.settle().await;
    let path = format!("/v1/audit?type={kind}");
    let list = t.officer(&[Scope::AuditRead]).get(&path).send().await;
    list.expect(200)["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn all_that_is_held_of_a_reporter_is_handed_over_with_a_purpose_and_audited() {
    let t = TestApp::new().await;
    let (tip, other) = (plant(&t).await, plant(&t).await);
    let id = asked(&t, &tip.receipt, "access").await;
    let officer = t.named_officer("hands-over", REVEALER);
    let early = act(&officer, &id, "disclosure", &purpose()).await;
    assert_eq!(code(&early, 409), "wrong_state", "it is not granted yet");
    act(&t.officer(ADMIN), &id, "decide", &granted())
        .await
        .expect(200);
    let wrong = act(&t.officer(ADMIN), &id, "disclosure", &purpose()).await;
    assert_eq!(code(&wrong, 403), "insufficient_scope");
    let why = act(&officer, &id, "disclosure", &json!({}))
        .await
        .problem(422);
    assert_eq!(why["errors"][0]["pointer"], "/purpose");
    let elsewhere = Claims {
        scopes: "reporters:reveal",
        desk: Some("elsewhere"),
        ..Claims::default()
    };
    act(&t.bearer(&elsewhere), &id, "disclosure", &purpose())
        .await
        .problem(404);

    let data = act(&officer, &id, "disclosure", &purpose())
        .await
        .expect(200);
    assert_eq!(data["tip_id"], tip.id.as_str());
    assert_eq!(data["number"], "DB-T-2026-000001");
    assert_eq!(data["reporter"]["name"], MARKERS[0]);
    assert_eq!(data["reporter"]["national_id"], MARKERS[2]);
    assert_eq!(data["submissions"][0]["whole"], true);
    assert_eq!(
        data["submissions"][0]["body"]["reporter"]["phone"],
        MARKERS[1]
    );
    assert_eq!(data["messages"][0]["text"], MARKERS[5]);
    assert_eq!(data["files"].as_array().unwrap().len(), 1);
    assert_eq!(
        data["requests"][0]["text"],
        format!("Tôi là {}", MARKERS[0])
    );
    let text = data.to_string();
    assert!(
        !text.contains(MARKERS[4]),
        "an officer's note is not the reporter's: {text}"
    );
    assert!(
        !text.contains(&other.id),
        "another tip may be another person's: {text}"
    );

    let entries = audited(&t, "personal_data.revealed").await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(
        (&entries[0]["actor"], &entries[0]["data"]["reveal_id"]),
        (&json!("hands-over"), &data["reveal_id"])
    );
    assert_eq!(
        found(&t, &MARKERS[..3]).await,
        Vec::<String>::new(),
        "not even in the purpose"
    );
    let exposed = t.officer(&[Scope::AuditRead]);
    let exposed = exposed.get(
        "/v1/privacy/exposure?from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z&actor=hands-over",
    );
    let exposed = exposed.send().await.expect(200);
    assert_eq!(
        exposed["items"][0]["kinds"],
        json!(["personal_data.revealed"]),
        "{exposed}"
    );

    // After an erasure there is only the copy from which it is withheld.
    let erasure = asked(&t, &tip.receipt, "erasure").await;
    act(&t.officer(ADMIN), &erasure, "decide", &granted())
        .await
        .expect(200);
    let data = act(&officer, &id, "disclosure", &purpose())
        .await
        .expect(200);
    assert_eq!(
        (&data["reporter"], &data["submissions"][0]["whole"]),
        (&Value::Null, &json!(false))
    );
    assert!(!data.to_string().contains(MARKERS[0]), "{data}");
}

#[actix_web::test]
async fn where_secrecy_was_asked_for_a_second_officer_approves_the_handing_over() {
    let t = TestApp::new().await;
    let body =
        json!({"narrative": "Lừa đảo", "reporter": {"name": MARKERS[0], "keep_secret": true}});
    let sent = t.submit(&body).await;
    let id = asked(&t, sent["receipt"].as_str().unwrap(), "access").await;
    act(&t.officer(ADMIN), &id, "decide", &granted())
        .await
        .expect(200);
    let officer = t.named_officer("hands-over", REVEALER);
    let waits = act(&officer, &id, "disclosure", &purpose())
        .await
        .expect(202);
    assert_eq!(waits["subject"], "personal_data");
    assert!(!waits.to_string().contains(MARKERS[0]), "{waits}");
    let approve = format!("/v1/reveals/{}/approve", waits["id"].as_str().unwrap());
    t.named_officer("second", REVEALER)
        .post(&approve)
        .send()
        .await
        .expect(200);
    let data = act(&officer, &id, "disclosure", &purpose())
        .await
        .expect(200);
    assert_eq!(data["reporter"]["name"], MARKERS[0]);
}

#[actix_web::test]
async fn what_is_put_right_stands_beside_what_was_sent() {
    let t = TestApp::new().await;
    let tip = plant(&t).await;
    let id = asked(&t, &tip.receipt, "correction").await;
    let admin = t.officer(ADMIN);
    let correction =
        json!({"reporter": {"name": "Lò Sửa Đúng"}, "narrative": "Số tiền là 5 triệu."});
    for (wish, pointer, why) in [
        (granted(), "/correction", "required"),
        (
            json!({"decision": "granted", "reason": "Đúng.", "correction": {}}),
            "/correction",
            "nothing_said",
        ),
        (
            json!({"decision": "granted", "reason": "Đúng.", "correction": {"reporter": {}}}),
            "/correction",
            "nothing_said",
        ),
        (
            json!({"decision": "granted", "reason": "Đúng.", "correction": {"reporter": {"name": ""}}}),
            "/correction/reporter/name",
            "length",
        ),
        (
            json!({"decision": "granted", "reason": "Đúng.", "correction": {"victim": {}}}),
            "/correction/victim",
            "unknown_field",
        ),
        (
            json!({"decision": "refused", "reason": "Không.", "ground": "Luật 91/2025", "correction": correction}),
            "/correction",
            "not_allowed",
        ),
    ] {
        let problem = act(&admin, &id, "decide", &wish).await.problem(422);
        assert_eq!(
            (
                &problem["errors"][0]["pointer"],
                &problem["errors"][0]["code"]
            ),
            (&json!(pointer), &json!(why)),
            "{problem}"
        );
    }
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal]);
    let path = format!("/v1/tips/{}", tip.id);
    officer.get(&path).send().await.expect(200);
    let wish = json!({"decision": "granted", "reason": "Đã sửa họ tên.", "correction": correction});
    act(&admin, &id, "decide", &wish).await.expect(200);
    t.settle().await;

    let shown = officer.get(&path).send().await.expect(200);
    assert_eq!(shown["unread_additions"], 0, "the office did it itself");
    let narrative = shown["narrative"].as_str().unwrap();
    assert!(
        narrative.starts_with("Lừa đảo") && narrative.ends_with("Số tiền là 5 triệu."),
        "{narrative}"
    );
    let kept = officer
        .get(&format!("{path}/submissions"))
        .send()
        .await
        .expect(200);
    let kept = kept["items"].as_array().unwrap();
    let clients: Vec<&str> = kept
        .iter()
        .map(|one| one["client_id"].as_str().unwrap())
        .collect();
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(clients.contains(&"correction") && clients.contains(&"test"));
    officer
        .put(&format!("{path}/claim"))
        .send()
        .await
        .expect(200);
    let reveal = officer.post(&format!("{path}/reporter/reveal"));
    let identity = reveal
        .json(&json!({"purpose": "Gọi lại"}))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&identity["name"], &identity["phone"]),
        (&json!("Lò Sửa Đúng"), &json!(MARKERS[1]))
    );
    let first = officer.post(&format!("{path}/submission/reveal"));
    let first = first
        .json(&json!({"purpose": "Đối chiếu"}))
        .send()
        .await
        .expect(200);
    assert_eq!(
        first["reporter"]["name"], MARKERS[0],
        "the first stays as it came"
    );
    assert_eq!(found(&t, &["Lò Sửa Đúng"]).await, Vec::<String>::new());
}

async fn exported(t: &TestApp) -> String {
    let export = t.officer(&[Scope::ExchangeRead]);
    export.get("/v1/exports/tips.ndjson").send().await.text()
}

#[actix_web::test]
async fn a_restricted_tip_is_kept_and_not_used_until_that_is_lifted() {
    let t = TestApp::new().await;
    let (tip, like): (Planted, Planted) = (plant(&t).await, plant(&t).await);
    let admin = t.officer(ADMIN);
    let id = asked(&t, &tip.receipt, "restriction").await;
    let open = act(&admin, &id, "decide", &granted()).await;
    assert_eq!(
        code(&open, 409),
        "retained_by_law",
        "what is told must be resolved"
    );
    let dismissal = json!({"decision": "dismiss", "reason": "insufficient"});
    let officer = t.officer(OFFICER);
    let decision = decide(&officer, &tip.id, &dismissal).await;
    t.settle().await;
    act(&admin, &id, "decide", &granted()).await.expect(200);
    t.settle().await;

    let path = format!("/v1/tips/{}", tip.id);
    let related = format!("/v1/tips/{}/related", like.id);
    let undo = format!("{path}/decisions/{}", decision["id"].as_str().unwrap());
    let refer = json!({"kind": "block_number", "agency": "carrier_viettel", "tip_id": tip.id, "indicator_ids": [],
        "note": "Chặn số", "legal_basis": "BLTTHS 145"});
    let referrer = t.officer(&[Scope::TipsRead, Scope::ReferralsWrite]);
    let seen = officer.get(&path).send().await.expect(200);
    assert_eq!(
        seen["restricted_at"], "2026-11-24T01:20:00Z",
        "officers see that, and the tip"
    );
    assert!(!exported(&t).await.contains(&tip.id));
    assert!(exported(&t).await.contains(&like.id));
    assert_eq!(
        officer.get(&related).send().await.expect(200)["items"],
        json!([])
    );
    assert_eq!(
        code(&officer.delete(&undo).send().await, 409),
        "not_undoable"
    );
    let refused = referrer
        .post("/v1/referrals")
        .json(&refer)
        .send()
        .await
        .problem(422);
    assert!(
        refused["errors"].to_string().contains("restricted"),
        "{refused}"
    );
    let own = t
        .anyone()
        .get("/v1/receipt/privacy")
        .header("Tip-Receipt", &tip.receipt);
    assert_eq!(own.send().await.expect(200)["items"][0]["state"], "granted");

    let reason = json!({"reason": "Người báo tin đồng ý."});
    assert_eq!(
        code(&act(&officer, &id, "lift", &reason).await, 403),
        "insufficient_scope"
    );
    let lifted = act(&admin, &id, "lift", &reason).await.expect(200);
    assert_eq!(
        (&lifted["lifted_by"], &lifted["lift_reason"]),
        (&json!("analyst"), &reason["reason"])
    );
    assert_eq!(
        code(&act(&admin, &id, "lift", &reason).await, 409),
        "wrong_state"
    );
    t.settle().await;
    let seen = officer.get(&path).send().await.expect(200);
    assert_eq!(seen["restricted_at"], Value::Null);
    assert!(exported(&t).await.contains(&tip.id));
    assert_eq!(
        officer.get(&related).send().await.expect(200)["items"][0]["id"],
        tip.id.as_str()
    );
    officer.delete(&undo).send().await.expect(204);
    for kind in ["privacy.decided", "privacy.lifted"] {
        assert_eq!(audited(&t, kind).await.len(), 1, "{kind}");
    }
}

#[actix_web::test]
async fn a_tip_of_a_case_is_not_restricted_and_a_second_restriction_outlives_the_first() {
    let t = TestApp::new().await;
    let (kept, tip) = (plant(&t).await, plant(&t).await);
    let admin = t.officer(ADMIN);
    accept(&t, &kept).await;
    let id = asked(&t, &kept.receipt, "restriction").await;
    assert_eq!(
        code(&act(&admin, &id, "decide", &granted()).await, 409),
        "retained_by_law"
    );
    dismiss(&t, &tip).await;
    let mut both = Vec::new();
    for _ in 0..2 {
        let id = asked(&t, &tip.receipt, "restriction").await;
        act(&admin, &id, "decide", &granted()).await.expect(200);
        both.push(id);
    }
    let reason = json!({"reason": "Hết lý do."});
    for (id, left) in both.iter().zip(["1", "0"]) {
        act(&admin, id, "lift", &reason).await.expect(200);
        let sql = "select count(*)::text as cell from tip_states where restricted_at is not null";
        assert_eq!(rows(&t, sql).await, [left]);
    }
}

#[actix_web::test]
async fn what_only_a_trial_or_a_restricted_tip_names_is_told_of_no_indicator() {
    let t = TestApp::new().await;
    let account = "0011002233445";
    let beside = |n: u8, test: bool| {
        json!({"narrative": format!("Rủ sang Lào, lần {n}"), "method": "illegal_exit_broker", "test": test,
            "location": {"unit_code": "03158"}, "indicators": [
            {"kind": "bank_account", "value": account, "bank": "VCB", "holder_name": format!("LO VAN {n}")},
            {"kind": "phone", "value": format!("091234567{n}")}]})
    };
    for (n, test) in [(1, false), (2, false), (3, true)] {
        let sent = t
            .citizen()
            .post("/v1/tips")
            .json(&beside(n, test))
            .send()
            .await;
        sent.expect(201);
    }
    t.settle().await;
    let restrict = "update tip_states set restricted_at = '2026-11-24T01:20:00Z'
        where tip_id = (select id from tips where not test order by id limit 1) returning status as cell";
    assert_eq!(rows(&t, restrict).await, ["received"]);
    let of_account = "select id::text as cell from indicators where kind = 'bank_account'";
    let [id] = rows(&t, of_account).await.try_into().unwrap();
    // To whoever may see all tips, and to whoever is confined to their commune.
    for units in [None, Some(&["03158"][..])] {
        let officer = t.bearer(&Claims {
            scopes: "indicators:read",
            units,
            ..Claims::default()
        });
        let shown = officer.get(&format!("/v1/indicators/{id}")).send().await;
        let shown = shown.expect(200);
        assert_eq!(shown["holder_names"], json!(["LO VAN 2"]));
        let related = shown["related"].as_array().unwrap();
        assert_eq!(
            (related.len(), &related[0]["value"], &related[0]["tips"]),
            (1, &json!("+84912345672"), &json!(1))
        );
    }

    let guard = t.bearer(&Claims {
        scopes: "referrals:work",
        agency: Some("border_guard"),
        ..Claims::default()
    });
    let counts = async || {
        let path = "/v1/border/counts?purpose=tu%E1%BA%A7n%20tra";
        let counts = guard.get(path).send().await.expect(200);
        counts["items"].as_array().unwrap().len()
    };
    t.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(counts().await, 1);
    rows(
        &t,
        "update tip_states set restricted_at = now() returning status as cell",
    )
    .await;
    assert_eq!(counts().await, 0);
}
