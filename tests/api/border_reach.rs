//! What of the border register reaches whom: those confined to communes, and the guard who is alerted.

use serde_json::{Value, json};

use crate::support::{Claims, Client, TestApp};

const BROKERS: &str = "/v1/border/brokers?purpose=tu%E1%BA%A7n%20tra";
const COUNTS: &str = "/v1/border/counts?purpose=tu%E1%BA%A7n%20tra";

fn guard<'a>(t: &TestApp, units: Option<&'a [&'a str]>) -> Client {
    t.bearer(&Claims {
        sub: "border-officer",
        scopes: "referrals:work",
        agency: Some("border_guard"),
        units,
        ..Claims::default()
    })
}

fn immigration<'a>(t: &TestApp, units: Option<&'a [&'a str]>) -> Client {
    t.bearer(&Claims {
        sub: "immigration-officer",
        scopes: "cases:read",
        desk: Some("immigration"),
        units,
        ..Claims::default()
    })
}

async fn values(client: &Client) -> Vec<String> {
    let page = client.get(BROKERS).send().await.expect(200);
    let items = page["items"].as_array().unwrap().iter();
    let mut values: Vec<String> = items
        .map(|item| item["value"].as_str().unwrap().to_owned())
        .collect();
    values.sort_unstable();
    values
}

async fn report(t: &TestApp, narrative: &str, unit: &str) -> Value {
    let tip = json!({"narrative": narrative, "method": "illegal_exit_broker", "location": {"unit_code": unit}});
    let tip = t.submit(&tip).await;
    t.settle().await;
    tip
}

#[actix_web::test]
async fn whoever_is_confined_to_communes_sees_what_their_tips_name() {
    let t = TestApp::new().await;
    report(&t, "Kẻ gian 0369123456, xe 27A-111.11", "03127").await;
    report(&t, "Kẻ gian 0369999888, xe 27A-222.22", "03334").await;
    t.clock.advance(std::time::Duration::from_secs(60));
    for reader in [guard, immigration] {
        let all = values(&reader(&t, None)).await;
        assert_eq!(
            all,
            ["+84369123456", "+84369999888", "27A11111", "27A22222"]
        );
        let own = reader(&t, Some(&["03334"]));
        assert_eq!(values(&own).await, ["+84369999888", "27A22222"]);
        let counts = own.get(COUNTS).send().await.expect(200);
        let counts = counts["items"].as_array().unwrap();
        assert_eq!(counts.len(), 1);
        assert_eq!(counts[0]["unit_code"], "03334");
        let none = reader(&t, Some(&[]));
        assert_eq!(values(&none).await, Vec::<String>::new());
        let counts = none.get(COUNTS).send().await.expect(200);
        assert_eq!(counts["items"], json!([]));
    }
}
