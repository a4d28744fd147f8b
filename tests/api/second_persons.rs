//! Wherever a second person has to agree, a program of the first is none.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::advisories::{draft, publish, warning};
use crate::checks::{id_of, report};
use crate::clients::{register, token};
use crate::support::{Client, Reply, TestApp};

const ALL: &[Scope] = &[
    Scope::Admin,
    Scope::TipsRead,
    Scope::CasesRead,
    Scope::CasesWrite,
    Scope::CasesDecide,
    Scope::IndicatorsRead,
    Scope::IndicatorsCurate,
    Scope::AdvisoriesWrite,
    Scope::AdvisoriesPublish,
];

/// A program that may do all this, granted by a second admin; whoever registers it was shown its secret.
async fn program(t: &TestApp, by: &Client, name: &str) -> Client {
    let scopes: Vec<&str> = ALL.iter().map(|scope| scope.as_str()).collect();
    let wish = json!({"client_id": name, "name": "Bàn", "kind": "confidential", "scopes": scopes});
    let client = register(by, wish).await;
    let approve = format!("/v1/clients/{}/approve", client["id"].as_str().unwrap());
    let other = t.named_officer("other-admin", ALL);
    other.post(&approve).send().await.expect(200);
    let secret = client["client_secret"].as_str().unwrap();
    let issued = token(t, name, secret, "").await.expect(200);
    t.anyone()
        .with_token(issued["access_token"].as_str().unwrap())
}

fn refused(reply: &Reply, what: &str) {
    assert_eq!(reply.problem(409)["code"], "same_person", "{what}");
}

#[actix_web::test]
async fn what_a_person_began_none_of_their_programs_ends() {
    let t = TestApp::new().await;
    let first = t.named_officer("first", ALL);
    let second = t.named_officer("second", ALL);
    let own = program(&t, &first, "own-program").await;
    // Registered by the first's program: of the first all the same.
    let inner = program(&t, &own, "inner-program").await;
    let programs = [&own, &inner];

    report(&t, "0912 345 678", "0900000001").await;
    t.settle().await;
    let verdict = format!("/v1/indicators/{}/verdict", id_of(&t, "0912345678").await);
    let accuse = json!({"verdict": "confirmed_scam", "reason": "victim_transfers"});
    first.put(&verdict).json(&accuse).send().await.expect(200);
    let approve = format!("{verdict}/approve");
    for program in programs {
        refused(&program.post(&approve).send().await, "verdict");
    }
    second.post(&approve).send().await.expect(200);

    let object = json!({"value": "0912345678", "text": "Số của tôi."});
    let object = t.anyone().post("/v1/appeals").json(&object).send().await;
    let appeal = object.expect(201)["id"].as_str().unwrap().to_owned();
    let appeal = format!("/v1/appeals/{appeal}/decision");
    let reject = json!({"decision": "rejected", "reason": "Chưa có giấy tờ."});
    for program in programs {
        refused(&program.post(&appeal).json(&reject).send().await, "appeal");
    }

    let case = json!({"title": "Môi giới", "desk": "duty"});
    let case = first.post("/v1/cases").json(&case).send().await.expect(201);
    let hold = format!("/v1/cases/{}/hold", case["id"].as_str().unwrap());
    let why = json!({"reason": "Viện kiểm sát yêu cầu."});
    first.put(&hold).json(&why).send().await.expect(200);
    first.delete(&hold).send().await.expect(202);
    for program in programs {
        let lift = program.post(&format!("{hold}/approve")).send().await;
        refused(&lift, "hold");
    }

    let shown = first.get("/v1/retention").send().await;
    let etag = shown.header("etag").to_owned();
    let mut rules: Value = shown.expect(200)["rules"].clone();
    rules[0]["after_days"] = json!(90);
    let rules = json!({"rules": rules});
    let put = first.put("/v1/retention").header("If-Match", &etag);
    put.json(&rules).send().await.expect(202);
    for program in programs {
        refused(
            &program.post("/v1/retention/approve").send().await,
            "retention",
        );
    }

    let made = draft(&first, &warning()).await;
    for program in programs {
        let published = publish(program, made["id"].as_str().unwrap()).await;
        refused(&published, "advisory");
    }

    let sent = t.submit(&json!({"narrative": "x"})).await;
    let request = json!({"kind": "access", "tip_id": sent["id"], "text": "Đến trụ sở yêu cầu."});
    let request = first.post("/v1/privacy/requests").json(&request);
    let request = request.send().await.expect(201)["id"].clone();
    let decide = format!("/v1/privacy/requests/{}/decide", request.as_str().unwrap());
    let grant = json!({"decision": "granted", "reason": "Chấp thuận."});
    for program in programs {
        refused(&program.post(&decide).json(&grant).send().await, "request");
    }

    // Somebody else's program is a second person.
    let others = program(&t, &second, "other-program").await;
    let lift = others.post(&format!("{hold}/approve")).send().await;
    lift.expect(200);
    others
        .post("/v1/retention/approve")
        .send()
        .await
        .expect(200);
    others.post(&decide).json(&grant).send().await.expect(200);
}
