//! Whoever is confined to a desk or to communes gives nobody more, and reads nothing about the others.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::checks::id_of;
use crate::support::{Claims, Client, TestApp};

fn admin_of<'a>(desk: Option<&'a str>, units: Option<&'a [&'a str]>) -> Claims<'a> {
    Claims {
        sub: "local-admin",
        scopes: "admin",
        desk,
        units,
        ..Claims::default()
    }
}

fn client(name: &str, more: &Value) -> Value {
    let mut body =
        json!({"client_id": name, "name": name, "kind": "confidential", "scopes": ["tips:read"]});
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

async fn registered(admin: &Client, name: &str, more: Value) -> Value {
    let call = admin.post("/v1/clients").json(&client(name, &more));
    call.send().await.expect(201)
}

fn path(client: &Value, rest: &str) -> String {
    format!("/v1/clients/{}{rest}", client["id"].as_str().unwrap())
}

async fn report(t: &TestApp, unit: &str, number: &str) {
    let body = json!({"narrative": "Lừa đảo", "location": {"unit_code": unit}, "indicators": [{"value": number}]});
    let call = t.citizen().post("/v1/tips").json(&body);
    call.send().await.expect(201);
}

#[actix_web::test]
async fn an_admin_who_is_confined_gives_a_client_no_more_than_that() {
    let t = TestApp::new().await;
    report(&t, "03127", "0912345678").await;
    report(&t, "03334", "0912345679").await;
    t.settle().await;
    let local = t.bearer(&admin_of(None, Some(&["03127"])));
    let mine = registered(&local, "mine", json!({})).await;
    assert_eq!(mine["units"], json!(["03127"]), "what is left out");
    let form = format!(
        "grant_type=client_credentials&client_id=mine&client_secret={}",
        mine["client_secret"].as_str().unwrap()
    );
    let token = t.anyone().post("/v1/oauth/token");
    let token = token.body("application/x-www-form-urlencoded", form);
    let token = token.send().await.expect(200);
    let bearer = t
        .anyone()
        .with_token(token["access_token"].as_str().unwrap());
    let seen = bearer.get("/v1/tips").send().await.expect(200);
    let seen = seen["items"].as_array().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["location"]["unit_code"], "03127");

    let nowhere = t.bearer(&admin_of(None, Some(&[])));
    let of_desk = t.bearer(&admin_of(Some("cyber"), None));
    for (admin, wish) in [
        (&local, json!({"units": ["03334"]})),
        (&local, json!({"units": ["03127", "03334"]})),
        (&local, json!({"agency": "bank_970436"})),
        (&nowhere, json!({"units": ["03127"]})),
        (&of_desk, json!({"desk": "duty"})),
        (&of_desk, json!({"desk": "cyber", "agency": "border_guard"})),
    ] {
        let call = admin.post("/v1/clients").json(&client("more", &wish));
        assert_eq!(
            call.send().await.problem(403)["code"],
            "forbidden",
            "{wish}"
        );
    }
    let narrower = registered(&of_desk, "narrower", json!({"units": ["03127"]})).await;
    assert_eq!(
        (&narrower["desk"], &narrower["units"]),
        (&json!("cyber"), &json!(["03127"]))
    );
    for wish in [json!({"units": null}), json!({"units": ["03334"]})] {
        let call = local.patch(&path(&mine, "")).json(&wish);
        let refused = call.header("If-Match", "\"1\"").send().await.problem(403);
        assert_eq!(refused["code"], "forbidden", "{wish}");
    }
    let call = local.patch(&path(&mine, "")).json(&json!({"name": "x"}));
    call.header("If-Match", "\"1\"").send().await.expect(200);
}

#[actix_web::test]
async fn an_admin_who_is_confined_reaches_only_clients_that_are_so_too() {
    let t = TestApp::new().await;
    let first = t.named_officer("first-admin", &[Scope::Admin]);
    let second = t.named_officer("second-admin", &[Scope::Admin]);
    let local = t.bearer(&admin_of(None, Some(&["03127"])));
    let units = json!({"units": ["03127"], "scopes": ["tips:read", "audit:read"]});
    let within = registered(&first, "within", units).await;
    let others = [
        registered(&first, "whole", json!({})).await,
        registered(&first, "elsewhere", json!({"units": ["03127", "03334"]})).await,
        registered(
            &first,
            "bank",
            json!({"units": ["03127"], "agency": "bank_970436"}),
        )
        .await,
    ];
    for other in &others {
        let patch = local.patch(&path(other, "")).json(&json!({"name": "x"}));
        for call in [
            local.get(&path(other, "")),
            patch.header("If-Match", "\"1\""),
            local.post(&path(other, "/secret")),
            local.post(&path(other, "/approve")),
            local.delete(&path(other, "")),
        ] {
            call.send().await.problem(404);
        }
    }
    let listed = local.get("/v1/clients").send().await.expect(200);
    let listed = listed["items"].as_array().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["client_id"], "within");

    // Nor does he open to it, as the second one, what is closed to himself.
    let approve = path(&within, "/approve");
    local.post(&approve).send().await.expect(200);
    let widen = first
        .patch(&path(&within, ""))
        .json(&json!({"units": null}));
    let waits = widen.header("If-Match", "*").send().await.expect(200);
    assert_eq!(
        waits["pending_confinement"],
        json!({"desk": null, "units": null})
    );
    let refused = local.post(&approve).send().await.problem(403);
    assert_eq!(refused["code"], "forbidden");
    let approved = second.post(&approve).send().await.expect(200);
    assert_eq!(approved["units"], Value::Null);
    local.get(&path(&within, "")).send().await.problem(404);
}

#[actix_web::test]
async fn whoever_is_confined_knows_and_judges_only_indicators_that_a_tip_there_names() {
    let t = TestApp::new().await;
    report(&t, "03127", "0912345678").await;
    report(&t, "03334", "0912345679").await;
    t.settle().await;
    let (here, there) = (id_of(&t, "0912345678").await, id_of(&t, "0912345679").await);
    let appeal = json!({"value": "0912345679", "text": "Số của tôi."});
    let appeal = t.anyone().post("/v1/appeals").json(&appeal);
    appeal.send().await.expect(201);
    let local = t.bearer(&Claims {
        scopes: "indicators:read indicators:curate tips:read",
        units: Some(&["03127"]),
        ..Claims::default()
    });
    let listed = local.get("/v1/indicators").send().await.expect(200);
    let listed = listed["items"].as_array().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], here.as_str());
    let accuse = json!({"verdict": "suspected", "reason": "reports"});
    for (id, status) in [(&here, 200), (&there, 404)] {
        let one = format!("/v1/indicators/{id}");
        local.get(&one).send().await.expect(status);
        local
            .get(&format!("{one}/tips"))
            .send()
            .await
            .expect(status);
        let call = local.put(&format!("{one}/verdict")).json(&accuse);
        call.send().await.expect(status);
    }
    let appeals = local.get("/v1/appeals").send().await.expect(200);
    assert_eq!(appeals["items"], json!([]));
}

#[actix_web::test]
async fn the_audit_of_the_province_is_not_for_whoever_is_confined() {
    let t = TestApp::new().await;
    let exposure = "/v1/privacy/exposure?from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z";
    for (desk, units) in [(Some("cyber"), None), (None, Some(&["03127"][..]))] {
        let auditor = t.bearer(&Claims {
            scopes: "audit:read",
            ..admin_of(desk, units)
        });
        for path in ["/v1/audit", exposure] {
            let refused = auditor.get(path).send().await.problem(403);
            assert_eq!(refused["code"], "forbidden", "{path}");
        }
    }
    let auditor = t.officer(&[Scope::AuditRead]);
    for path in ["/v1/audit", exposure] {
        auditor.get(path).send().await.expect(200);
    }
}

#[actix_web::test]
async fn another_agency_opens_no_case() {
    let t = TestApp::new().await;
    let bank = t.bearer(&Claims {
        scopes: "cases:write cases:read",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let call = bank.post("/v1/cases").json(&json!({"title": "Vụ việc"}));
    assert_eq!(call.send().await.problem(403)["code"], "forbidden");
}

#[actix_web::test]
async fn of_a_case_whoever_is_confined_is_told_only_the_tips_that_lie_there() {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for unit in ["03127", "03334", "03334"] {
        let body = json!({"narrative": "Lừa đảo", "location": {"unit_code": unit}});
        let sent = t.citizen().post("/v1/tips").json(&body).send().await;
        tips.push(sent.expect(201)["id"].clone());
    }
    let officer = t.officer(crate::cases::ALL);
    let body = json!({"title": "Giả danh công an", "tip_ids": tips});
    let case = officer
        .post("/v1/cases")
        .json(&body)
        .send()
        .await
        .expect(201);
    t.settle().await;
    let scopes = "cases:read exchange:read";
    let everywhere = Claims {
        scopes,
        ..Claims::default()
    };
    let here = Claims {
        units: Some(&["03127"]),
        ..everywhere
    };
    for (claims, seen) in [(everywhere, &tips[..]), (here, &tips[..1])] {
        let bearer = t.bearer(&claims);
        let export = bearer.get("/v1/exports/cases.ndjson").send().await;
        let row: Value = serde_json::from_slice(&export.bytes).unwrap();
        let mut exported: Vec<_> = row["tip_ids"].as_array().unwrap().clone();
        exported.sort_by_key(Value::to_string);
        assert_eq!((exported.as_slice(), &row["tips"]), (seen, &json!(3)));
        let csv = bearer.get("/v1/exports/cases.csv").send().await.text();
        for tip in &tips {
            let told = csv.contains(tip.as_str().unwrap());
            assert_eq!(told, seen.contains(tip), "{csv}");
        }
        let graph = bearer
            .get(&crate::cases::path(&case, "/graph"))
            .send()
            .await;
        let graph = graph.expect(200);
        assert_eq!(graph["nodes"].as_array().unwrap().len(), seen.len());
        assert_eq!(graph["more_tips"], 0, "all would have fitted in");
    }
}

#[actix_web::test]
async fn a_tip_that_its_reporter_moves_is_free_for_the_officer_who_sees_it_now() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "Lừa đảo", "location": {"unit_code": "03127"}});
    let sent = t.submit(&body).await;
    let of = |sub: &'static str, units: &'static [&'static str]| {
        t.bearer(&Claims {
            sub,
            scopes: "tips:read tips:triage",
            units: Some(units),
            ..Claims::default()
        })
    };
    let (first, second) = (of("first", &["03127"]), of("second", &["03334"]));
    let path = format!("/v1/tips/{}/claim", sent["id"].as_str().unwrap());
    first.put(&path).send().await.expect(200);
    let add = async |body: Value| {
        let patch = t.anyone().patch("/v1/receipt");
        let patch = patch.header("Tip-Receipt", sent["receipt"].as_str().unwrap());
        patch.json(&body).send().await.expect(200);
    };
    add(json!({"location": {"unit_code": "03127"}, "narrative": "Hôm qua."})).await;
    let shown = first.put(&path).send().await.expect(200);
    assert_eq!(shown["claimed_by"], "first", "it stays where it is");
    add(json!({"location": {"unit_code": "03334"}})).await;
    let shown = second.put(&path).send().await.expect(200);
    assert_eq!(shown["claimed_by"], "second");
    first.put(&path).send().await.problem(404);
    add(json!({"location": {"unit_code": "03127"}})).await;
    // Who sees it in both communes, or everywhere, keeps it.
    for holder in [
        of("both", &["03127", "03334"]),
        t.named_officer("anywhere", &[Scope::TipsRead, Scope::TipsTriage]),
    ] {
        holder.put(&path).send().await.expect(200);
        add(json!({"location": {"unit_code": "03334"}})).await;
        second.put(&path).send().await.problem(409);
        add(json!({"location": {"unit_code": "03127"}})).await;
        holder.delete(&path).send().await;
    }
    let claims = json!({"max": 1});
    first
        .post("/v1/triage/claims")
        .json(&claims)
        .send()
        .await
        .expect(200);
    add(json!({"location": {"unit_code": "03334"}})).await;
    second.put(&path).send().await.expect(200);
}

#[actix_web::test]
async fn of_a_shared_case_an_officer_of_one_commune_refers_and_reads_only_what_lies_there() {
    let t = TestApp::new().await;
    let send = async |unit: &str, number: &str, method: &str, loss: i64| {
        let body = json!({"narrative": "Lừa đảo", "method": method, "location": {"unit_code": unit},
            "indicators": [{"value": number}], "losses": [{"amount_vnd": loss}]});
        let sent = t.submit(&body).await;
        sent["id"].as_str().unwrap().to_owned()
    };
    let here = send("03127", "0866123122", "impersonate_police_court", 3_000_000).await;
    let there = send("03334", "0866123123", "investment_fraud", 7_000_000).await;
    let also = send("03334", "0866123124", "investment_fraud", 1_000_000).await;
    t.settle().await;
    let officer = t.officer(crate::cases::ALL);
    let case = crate::cases::open(&officer, &[here, there, also]).await;
    let (mine, foreign) = (id_of(&t, "0866123122").await, id_of(&t, "0866123123").await);
    let scopes = "tips:read cases:read cases:write referrals:read referrals:write indicators:read";
    let local = t.bearer(&Claims {
        sub: "local",
        scopes,
        units: Some(&["03127"]),
        ..Claims::default()
    });
    let whole = t.bearer(&Claims {
        sub: "whole",
        scopes,
        ..Claims::default()
    });
    let ask = |bearer: &Client, ids: &[&str]| {
        let body = json!({"kind": "verify_subscriber", "agency": "carrier_viettel", "case_id": case["id"],
            "indicator_ids": ids, "note": "Xác minh chủ thuê bao.", "legal_basis": "điều 88 BLTTHS"});
        bearer.post("/v1/referrals").json(&body).send()
    };
    let refused = ask(&local, &[&mine, &foreign]).await.problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/indicator_ids/1");
    assert_eq!(refused["errors"][0]["code"], "not_found");
    let sent = ask(&local, &[&mine]).await.expect(201);
    assert_eq!(sent["disclosed"]["method"], "impersonate_police_court");
    // What the province asks of the case, the commune sees as far as it lies there.
    let asked = ask(&whole, &[&mine, &foreign]).await.expect(201);
    assert_eq!(asked["indicators"].as_array().unwrap().len(), 2);
    assert_eq!(asked["disclosed"]["method"], "investment_fraud");
    let path = format!("/v1/referrals/{}", asked["id"].as_str().unwrap());
    let seen = local.get(&path).send().await.expect(200);
    assert_eq!(seen["indicators"].as_array().unwrap().len(), 1);
    assert!(!seen.to_string().contains("866123123"), "{seen}");
    // Whoever it is addressed to gets all that it discloses.
    let carrier = crate::referrals::agency(&t, "carrier_viettel");
    let got = carrier.get(&path).send().await.expect(200);
    assert_eq!(got["indicators"].as_array().unwrap().len(), 2);

    let path = crate::cases::path(&case, "");
    let totals = |shown: Value| {
        (
            shown["totals"]["tips"].clone(),
            shown["totals"]["losses_vnd"].clone(),
        )
    };
    let seen = local.get(&path).send().await.expect(200);
    assert_eq!(totals(seen), (json!(1), json!(3_000_000)));
    let all = whole.get(&path).send().await.expect(200);
    assert_eq!(totals(all), (json!(3), json!(11_000_000)));
}
