//! How figures are given: as CSV and as a picture, to the confined, in bounded time, of one moment.

use serde_json::json;

use crate::stats::{figures, post, statistician};
use crate::support::{Claims, TestApp};

#[actix_web::test]
async fn figures_come_as_csv_and_as_a_picture_that_says_what_it_shows() {
    let t = TestApp::new().await;
    for _ in 0..3 {
        post(
            &t,
            json!({"narrative": "x", "method": "impersonate_police_court"}),
        )
        .await;
    }
    let officer = statistician(&t);
    for path in [
        "summary",
        "timeseries",
        "methods",
        "units",
        "desks",
        "indicators",
        "deadlines",
    ] {
        let path = format!("/v1/stats/{path}");
        let csv = officer.get(&path).header("Accept", "text/csv").send().await;
        csv.expect(200);
        assert_eq!(
            csv.header("content-type"),
            "text/csv; charset=utf-8",
            "{path}"
        );
        assert!(csv.bytes.starts_with(b"\xef\xbb\xbf"), "{path}");
        assert!(csv.header("vary").starts_with("Accept, Accept-Language"));
        let svg = officer
            .get(&path)
            .header("Accept", "image/svg+xml")
            .send()
            .await;
        svg.expect(200);
        assert_eq!(svg.header("content-type"), "image/svg+xml", "{path}");
        for part in ["role=\"img\"", "<title id=\"title\">", "<desc id=\"desc\">"] {
            assert!(svg.text().contains(part), "{path}: {}", svg.text());
        }
        let problem = officer
            .get(&path)
            .header("Accept", "application/pdf")
            .send()
            .await
            .problem(406);
        assert_eq!(problem["code"], "not_acceptable", "{path}");
    }
    let csv = officer
        .get("/v1/stats/methods")
        .header("Accept", "text/csv")
        .send()
        .await;
    assert!(
        csv.text().contains(",impersonate_police_court,"),
        "{}",
        csv.text()
    );
    // People read pictures: no codes in them, in whichever language.
    for (language, label) in [("vi", "chờ xử lý"), ("en", "waiting")] {
        let picture = officer
            .get("/v1/stats/summary")
            .header("Accept", "image/svg+xml")
            .header("Accept-Language", language);
        let picture = picture.send().await.text();
        assert!(picture.contains(label), "{picture}");
        assert!(!picture.contains(">received<"), "{picture}");
    }
    let svg = officer
        .get("/v1/stats/methods")
        .header("Accept", "image/svg+xml")
        .send()
        .await;
    assert!(
        svg.text().contains("công an") && svg.text().contains(": 3</desc>"),
        "{}",
        svg.text()
    );
    let summary = officer
        .get("/v1/stats/summary")
        .header("Accept", "text/csv")
        .send()
        .await;
    assert!(
        summary.text().contains("by_status.received,3,"),
        "{}",
        summary.text()
    );
}

#[actix_web::test]
async fn the_confined_count_their_own_tips_and_other_agencies_none() {
    let t = TestApp::new().await;
    post(&t, json!({"narrative": "x", "location": {"unit_code": "03127"}, "indicators": [{"value": "0912345678"}], "losses": [{"amount_vnd": 5_000_000}]})).await;
    post(
        &t,
        json!({"narrative": "y", "in_danger_now": true, "indicators": [{"value": "0912345679"}]}),
    )
    .await;
    t.settle().await;
    let count = async |claims: Claims<'_>| {
        let bearer = t.bearer(&Claims {
            scopes: "stats:read",
            ..claims
        });
        let summary = bearer.get("/v1/stats/summary").send().await.expect(200);
        let deadlines = bearer.get("/v1/stats/deadlines").send().await.expect(200);
        (
            summary["figures"]["tips"].as_i64().unwrap(),
            summary["figures"]["losses_vnd"].as_i64().unwrap(),
            summary["figures"]["indicators_first_reported"]
                .as_i64()
                .unwrap(),
            deadlines["items"].as_array().unwrap().len(),
        )
    };
    assert_eq!(count(Claims::default()).await, (2, 5_000_000, 2, 1));
    let units = Claims {
        units: Some(&["03127"]),
        ..Claims::default()
    };
    assert_eq!(count(units).await, (1, 5_000_000, 1, 1));
    let desk = Claims {
        desk: Some("duty"),
        ..Claims::default()
    };
    assert_eq!(count(desk).await, (1, 0, 1, 1));
    let agency = Claims {
        agency: Some("bank_970436"),
        ..Claims::default()
    };
    assert_eq!(count(agency).await, (0, 0, 0, 0));
}

#[actix_web::test]
async fn figures_that_take_too_long_say_so() {
    let t = TestApp::new().await;
    post(&t, json!({"narrative": "x"})).await;
    // Another session keeps the states locked.
    use diesel_async::{AsyncConnection, SimpleAsyncConnection};
    let mut holder = diesel_async::AsyncPgConnection::establish(t.url())
        .await
        .unwrap();
    holder
        .batch_execute("begin; lock table tip_states in access exclusive mode")
        .await
        .unwrap();
    let problem = statistician(&t)
        .get("/v1/stats/summary")
        .send()
        .await
        .problem(503);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("shorter period"),
        "{problem}"
    );
    holder.batch_execute("rollback").await.unwrap();
    statistician(&t)
        .get("/v1/stats/summary")
        .send()
        .await
        .expect(200);
}

#[actix_web::test]
async fn all_figures_of_an_answer_are_of_one_moment() {
    use diesel_async::SimpleAsyncConnection;
    let t = TestApp::new().await;
    let mut holder = t.owner().await;
    let stop = "begin; lock table indicator_figures in access exclusive mode";
    holder.batch_execute(stop).await.unwrap();
    // The period before is counted after the indicators of this one.
    let path = "/v1/stats/summary?from=2026-11-25&to=2026-11-26&compare=previous";
    let asked = statistician(&t).get(path).send();
    let meanwhile = async {
        crate::locks::blocked(&t).await;
        post(&t, json!({"narrative": "x"})).await;
        holder.batch_execute("rollback").await.unwrap();
    };
    let (answer, ()) = futures_util::future::join(asked, meanwhile).await;
    assert_eq!(answer.expect(200)["previous"]["figures"]["tips"], 0);
    assert_eq!(figures(&t, path).await["previous"]["figures"]["tips"], 1);
}
