//! Who may register which webhooks, what each may know, and when the duty officer is called.

use std::time::Duration;

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tinbao::journal::{self, Actor, Entry};
use uuid::Uuid;

use crate::referrals::{OFFICER, list, report, transfer};
use crate::support::{Claims, Client, Receiver, Seen, TestApp, rows};
use crate::webhooks::{LOCAL, deliveries, police, register, tip};

fn of_agency(t: &TestApp, agency: &str) -> Client {
    t.bearer(&Claims {
        sub: "integrator",
        scopes: "webhooks:manage",
        agency: Some(agency),
        ..Claims::default()
    })
}

#[actix_web::test]
async fn a_webhook_is_registered_shown_changed_and_deleted() {
    let t = TestApp::new().await;
    let bank = of_agency(&t, "bank_970436");
    let body = json!({"url": "https://hooks.vietcombank.example/tinbao",
                      "events": ["referral.sent", "referral.recalled", "referral.sent"]});
    let create = || {
        bank.post("/v1/webhooks")
            .header("Idempotency-Key", "w-1")
            .json(&body)
            .send()
    };
    let made = create().await;
    let webhook = made.expect(201);
    assert!(webhook["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(webhook["agency"], "bank_970436");
    assert_eq!(
        webhook["events"],
        json!(["referral.sent", "referral.recalled"])
    );
    let again = create().await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201), webhook);

    let path = made.header("location");
    let shown = bank.get(path).send().await;
    assert_eq!(shown.expect(200).get("secret"), None);
    let list = bank.get("/v1/webhooks").send().await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert!(!list.to_string().contains("whsec_"));

    let change = json!({"events": ["indicator.corrected"], "enabled": false});
    bank.patch(path).json(&change).send().await.problem(428);
    let stale = bank.patch(path).header("If-Match", "\"9\"").json(&change);
    stale.send().await.problem(412);
    let changed = bank
        .patch(path)
        .header("If-Match", shown.header("etag"))
        .json(&change)
        .send()
        .await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["enabled"], &changed["events"]),
        (&json!(false), &json!(["indicator.corrected"]))
    );
    bank.delete(path).send().await.expect(204);
    bank.get(path).send().await.problem(404);

    t.settle().await;
    let entries = rows(
        &t,
        "select type || ' ' || data::text as cell from journal where type like 'webhook.%' order by position",
    )
    .await;
    let kinds: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.split(' ').next())
        .collect();
    assert_eq!(
        kinds,
        [
            "webhook.created",
            "webhook.read",
            "webhook.listed",
            "webhook.updated",
            "webhook.deleted"
        ]
    );
    assert!(!entries.concat().contains("whsec_"));
}

#[actix_web::test]
async fn wrong_input_is_refused_by_name() {
    let t = TestApp::new().await;
    let officer = police(&t).await;
    let good = "https://hooks.example.vn/";
    for (body, pointer, code) in [
        (
            json!({"url": good, "events": ["tip.received", "tip.eaten"]}),
            "/events/1",
            "unknown_value",
        ),
        (
            json!({"url": good, "events": ["webhook.ping"]}),
            "/events/0",
            "unknown_value",
        ),
        (json!({"url": good, "events": []}), "/events", "length"),
        (json!({"url": good}), "/events", "required"),
        (json!({"events": ["tip.received"]}), "/url", "required"),
        (
            json!({"url": good, "events": ["tip.received"], "secret": "x"}),
            "/secret",
            "unknown_field",
        ),
        (
            json!({"url": "hooks", "events": ["tip.received"]}),
            "/url",
            "invalid_url",
        ),
        (
            json!({"url": "http://hooks.example.vn/", "events": ["tip.received"]}),
            "/url",
            "https_required",
        ),
        (
            json!({"url": "https://u:p@hooks.example.vn/", "events": ["tip.received"]}),
            "/url",
            "credentials_in_url",
        ),
        (
            json!({"url": "https://169.254.169.254/latest", "events": ["tip.received"]}),
            "/url",
            "target_not_allowed",
        ),
        (
            json!({"url": "https://127.1:5432/", "events": ["tip.received"]}),
            "/url",
            "target_not_allowed",
        ),
        (
            json!({"url": "https://[::ffff:10.0.0.1]/", "events": ["tip.received"]}),
            "/url",
            "target_not_allowed",
        ),
        (
            json!({"url": "https://localhost/", "events": ["tip.received"]}),
            "/url",
            "target_not_allowed",
        ),
    ] {
        let problem = officer.post("/v1/webhooks").json(&body).send().await;
        let problem = problem.problem(422);
        assert_eq!(
            (
                &problem["errors"][0]["pointer"],
                &problem["errors"][0]["code"]
            ),
            (&json!(pointer), &json!(code)),
            "{body}"
        );
    }
    let both = json!({"url": "https://10.0.0.1/", "events": ["tip.eaten"]});
    let problem = officer.post("/v1/webhooks").json(&both).send().await;
    let problem = problem.problem(422);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2);
    let webhook = register(&officer, good, &["tip.received"]).await;
    let path = format!("/v1/webhooks/{}", webhook["id"].as_str().unwrap());
    let moved = officer
        .patch(&path)
        .header("If-Match", "\"1\"")
        .json(&json!({"url": "https://10.0.0.1/"}))
        .send()
        .await;
    assert_eq!(moved.problem(422)["errors"][0]["pointer"], "/url");
    for state in ["late", "DEAD"] {
        let log = officer.get(&format!("{path}/deliveries?state={state}"));
        log.send().await.problem(422);
    }
}

#[actix_web::test]
async fn each_agency_manages_its_own_webhooks_and_the_police_all() {
    let t = TestApp::new().await;
    let (bank, carrier) = (
        of_agency(&t, "bank_970436"),
        of_agency(&t, "carrier_viettel"),
    );
    let officer = police(&t).await;
    let webhook = register(&bank, "https://hooks.example.vn/", &["referral.sent"]).await;
    let path = format!("/v1/webhooks/{}", webhook["id"].as_str().unwrap());
    let delivery = format!("{path}/deliveries/{}/replay", Uuid::now_v7());
    carrier.get(&path).send().await.problem(404);
    carrier.delete(&path).send().await.problem(404);
    let change = carrier.patch(&path).header("If-Match", "*");
    change
        .json(&json!({"enabled": false}))
        .send()
        .await
        .problem(404);
    for post in ["/secret", "/test"] {
        let reply = carrier.post(&format!("{path}{post}")).send().await;
        reply.problem(404);
    }
    let log = carrier.get(&format!("{path}/deliveries")).send().await;
    log.problem(404);
    carrier.post(&delivery).send().await.problem(404);
    bank.post(&delivery).send().await.problem(404);
    let own = carrier.get("/v1/webhooks").send().await.expect(200);
    assert_eq!(own["items"], json!([]));
    let all = officer.get("/v1/webhooks").send().await.expect(200);
    assert_eq!(all["items"][0]["id"], webhook["id"]);
    officer.get(&path).send().await.expect(200);

    for claims in [
        Claims {
            desk: Some("cyber"),
            ..Claims::default()
        },
        Claims {
            units: Some(&["03127"]),
            ..Claims::default()
        },
    ] {
        let confined = t.bearer(&Claims {
            scopes: "webhooks:manage",
            ..claims
        });
        let refused = confined.get("/v1/webhooks").send().await.problem(403);
        assert_eq!(refused["code"], "forbidden");
    }
}

/// Writes events as other features do.
async fn record(t: &TestApp, events: &[(&'static str, &'static str, Uuid, Value)]) {
    let mut conn = t.running.state.db.dedicated().await.unwrap();
    let entries: Vec<Entry> = events
        .iter()
        .map(|(kind, subject, id, data)| {
            Entry::event(kind, &Actor::system(), t.clock.now())
                .on(subject, *id)
                .with(data.clone())
        })
        .collect();
    journal::record(&mut conn, &entries).await.unwrap();
}

#[actix_web::test]
async fn an_agency_is_told_of_its_own_referrals_and_of_what_is_public() {
    let t = TestApp::with(LOCAL).await;
    let (mine, all) = (Receiver::start().await, Receiver::start().await);
    let events = [
        "tip.received",
        "tip.updated",
        "case.opened",
        "referral.sent",
        "advisory.published",
        "indicator.verdict",
        "indicator.corrected",
    ];
    register(&of_agency(&t, "bank_970436"), &mine.url, &events).await;
    register(&police(&t).await, &all.url, &events).await;
    tip(&t).await;
    let [own, others, advisory, indicator, case] = [1, 2, 3, 4, 5].map(Uuid::from_u128);
    record(
        &t,
        &[
            (
                "referral.sent",
                "referral",
                own,
                json!({"agency": "bank_970436"}),
            ),
            (
                "referral.sent",
                "referral",
                others,
                json!({"agency": "bank_970422"}),
            ),
            (
                "tip.updated",
                "tip",
                Uuid::from_u128(6),
                json!({"agency": "bank_970436"}),
            ),
            ("case.opened", "case", case, json!({})),
            ("advisory.published", "advisory", advisory, json!({})),
            ("indicator.verdict", "indicator", indicator, json!({})),
            ("indicator.corrected", "indicator", indicator, json!({})),
        ],
    )
    .await;
    t.dispatch().await;
    let mut told: Vec<String> = mine.seen().iter().map(Seen::subject).collect();
    told.sort();
    assert_eq!(
        told,
        [
            format!("advisory/{advisory}"),
            format!("indicator/{indicator}"),
            format!("referral/{own}")
        ]
    );
    assert_eq!(all.seen().len(), 8, "the police are told of everything");
}

#[actix_web::test]
async fn a_freeze_reaches_its_bank_at_once_and_no_other() {
    let t = TestApp::with(LOCAL).await;
    let (mine, other) = (Receiver::start().await, Receiver::start().await);
    let events = ["referral.sent", "referral.acknowledged", "tip.received"];
    register(&of_agency(&t, "bank_970436"), &mine.url, &events).await;
    register(&of_agency(&t, "bank_970422"), &other.url, &events).await;
    report(&t, &transfer()).await;
    let officer = t.officer(OFFICER);
    t.dispatch().await;
    assert!(
        mine.seen().is_empty(),
        "a proposal is the police's own affair"
    );
    let freeze = &list(&officer, "?state=proposed&kind=freeze_funds").await[0];
    let path = format!("/v1/referrals/{}", freeze["id"].as_str().unwrap());
    let send = officer.post(&format!("{path}/send")).send().await;
    send.expect(200);
    t.dispatch().await;
    let bank = t.bearer(&Claims {
        scopes: "referrals:work",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let take = bank.post(&format!("{path}/acknowledge")).send().await;
    take.expect(200);
    t.dispatch().await;
    let seen = mine.seen();
    assert_eq!(
        seen.iter().map(Seen::kind).collect::<Vec<_>>(),
        ["referral.sent", "referral.acknowledged"]
    );
    assert!(seen.iter().all(|event| {
        event.subject() == path.replace("/v1/referrals/", "referral/")
            && !event.raw.contains("912345678")
    }));
    assert!(other.seen().is_empty());
}

#[actix_web::test]
async fn trials_are_told_to_nobody() {
    let t = TestApp::with(LOCAL).await;
    let receiver = Receiver::start().await;
    register(&police(&t).await, &receiver.url, &["tip.received"]).await;
    let trial = json!({"narrative": "thử", "test": true, "in_danger_now": true});
    let sent = t.citizen().post("/v1/tips").json(&trial).send().await;
    sent.expect(201);
    t.dispatch().await;
    assert!(receiver.seen().is_empty());
}

#[actix_web::test]
async fn the_log_is_kept_thirty_days() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, &["tip.received"]).await;
    tip(&t).await;
    t.dispatch().await;
    t.clock.advance(Duration::from_secs(20 * 86_400));
    tip(&t).await;
    t.dispatch().await;
    t.clock.advance(Duration::from_secs(11 * 86_400));
    let mut conn = t.running.state.db.dedicated().await.unwrap();
    let forgotten = tinbao::webhooks::delete_old(&mut conn, t.clock.now()).await;
    assert_eq!(forgotten.unwrap(), 1);
    assert_eq!(deliveries(&officer, &webhook, "").await.len(), 1);
}

#[actix_web::test]
async fn the_document_describes_every_event() {
    let document = serde_json::to_value(tinbao::app::openapi()).unwrap();
    let described = document["webhooks"].as_object().unwrap();
    let officer_knows = [
        "tip.received tip.claimed tip.unclaimed tip.decided tip.updated",
        "case.opened case.moved case.decided deadline.near deadline.overdue",
        "referral.sent referral.acknowledged referral.completed referral.declined referral.recalled referral.overdue",
        "indicator.verdict indicator.corrected advisory.published advisory.retracted webhook.ping",
    ]
    .join(" ");
    let mut names: Vec<&str> = officer_knows.split(' ').collect();
    names.sort_unstable();
    let mut found: Vec<&str> = described.keys().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, names);
    for (name, item) in described {
        let body = &item["post"]["requestBody"]["content"]["application/cloudevents+json"];
        assert_eq!(&body["example"]["type"], name);
        for field in body["schema"]["required"].as_array().unwrap() {
            assert!(
                body["example"].get(field.as_str().unwrap()).is_some(),
                "{name}: {field}"
            );
        }
    }
}

#[test]
fn the_example_of_the_guide_holds() {
    let guide = include_str!("../../docs/webhooks.md");
    let example = guide.split("```text\n").nth(1).unwrap();
    let field = |name: &str| {
        let line = example.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].trim()
    };
    let signature = Webhook::new(field("secret"))
        .unwrap()
        .sign(
            field("webhook-id"),
            field("webhook-timestamp").parse().unwrap(),
            field("body").as_bytes(),
        )
        .unwrap();
    assert_eq!(signature, field("webhook-signature"));
    let event: Value = serde_json::from_str(field("body")).unwrap();
    assert_eq!(event["id"], field("webhook-id"));
}
