//! The list of cases: its filters, orders and pages.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cases::{ALL, decide, open, path, tip};
use crate::support::{Claims, Client, TestApp};

/// Titles of the cases that a query finds, in their order.
async fn titles(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/v1/cases{query}")).send().await;
    let page = page.expect(200);
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|case| case["title"].as_str().unwrap().to_owned())
        .collect()
}

async fn titled(officer: &Client, title: &str, tips: &[String]) -> Value {
    let body = json!({"title": title, "tip_ids": tips});
    officer
        .post("/v1/cases")
        .json(&body)
        .send()
        .await
        .expect(201)
}

#[actix_web::test]
async fn cases_are_found_by_what_their_tips_are_like() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let bank = json!({"narrative": "Bị lừa chuyển khoản qua tài khoản lạ", "location": {"unit_code": "03127"},
        "indicators": [{"kind": "phone", "value": "0369123456"}], "in_danger_now": true});
    let shop = json!({"narrative": "Bán hàng giả trên mạng", "location": {"unit_code": "03334"},
        "indicators": [{"kind": "phone", "value": "0987654321"}]});
    let (bank, shop) = (tip(&t, bank).await, tip(&t, shop).await);
    titled(&officer, "Vụ A", std::slice::from_ref(&bank)).await;
    let other = titled(&officer, "Giả danh bưu điện", std::slice::from_ref(&shop)).await;
    t.settle().await;
    for (query, found) in [
        ("?unit=03127", vec!["Vụ A"]),
        ("?indicator=%2B84369123456", vec!["Vụ A"]),
        ("?indicator=0369.123.456", vec!["Vụ A"]),
        ("?indicator=kh%C3%B4ng", vec![]),
        ("?indicator=0369123456&unit=03334", vec![]),
        ("?priority=critical", vec!["Vụ A"]),
        ("?q=chuyen%20khoan", vec!["Vụ A"]),
        ("?q=hang%20gia", vec!["Giả danh bưu điện"]),
        ("?q=buu%20dien", vec!["Giả danh bưu điện"]),
        ("?q=chuyen%20khoan&unit=03334", vec![]),
        ("?q=%20", vec!["Giả danh bưu điện", "Vụ A"]),
        ("?sort=priority", vec!["Vụ A", "Giả danh bưu điện"]),
    ] {
        assert_eq!(titles(&officer, query).await, found, "{query}");
    }
    for query in [
        "?priority=eaten",
        "?unit=99999",
        "?desk=eaten",
        "?sort=eaten",
        "?colour=red",
    ] {
        officer
            .get(&format!("/v1/cases{query}"))
            .send()
            .await
            .problem(422);
    }
    // Who is confined to a commune finds nothing by a tip elsewhere.
    let body = json!({"tip_ids": [tip(&t, json!({"narrative": "việc khác", "location": {"unit_code": "03127"}})).await]});
    officer
        .post(&path(&other, "/tips"))
        .json(&body)
        .send()
        .await
        .expect(200);
    t.settle().await;
    let confined = t.bearer(&Claims {
        scopes: "cases:read",
        units: Some(&["03127"]),
        ..Claims::default()
    });
    assert_eq!(titles(&confined, "").await.len(), 2);
    for query in ["?indicator=0987654321", "?unit=03334", "?q=hang%20gia"] {
        assert_eq!(
            titles(&officer, query).await,
            ["Giả danh bưu điện"],
            "{query}"
        );
        assert_eq!(
            titles(&confined, query).await,
            Vec::<String>::new(),
            "{query}"
        );
    }
    // A tip that left counts no more.
    let out = json!({"tip_ids": [bank]});
    let case = officer
        .get("/v1/cases?unit=03127&q=%22Vu%20A%22")
        .send()
        .await
        .expect(200);
    let left = officer.delete(&path(&case["items"][0], "/tips")).json(&out);
    left.send().await.expect(200);
    assert_eq!(
        titles(&officer, "?indicator=0369123456").await,
        Vec::<String>::new()
    );
    assert_eq!(
        titles(&officer, "?sort=priority").await[0],
        "Giả danh bưu điện"
    );
}

#[actix_web::test]
async fn overdue_says_yes_or_no_and_bounds_hold_together() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    titled(&officer, "cũ", &[]).await;
    t.clock.advance(Duration::from_secs(10 * 86_400));
    titled(&officer, "mới", &[]).await;
    let closed = titled(&officer, "xong", &[]).await;
    for decision in ["assign", "verify", "transfer"] {
        let body =
            json!({"decision": decision, "legal_basis": "BLTTHS 146", "document_number": "1/QĐ"});
        decide(&officer, &closed, body).await.expect(200);
    }
    for act in ["procuracy_told_of_reception"] {
        let call = officer.post(&path(&closed, "/acts"));
        call.json(&json!({"act": act})).send().await.expect(200);
    }
    let shown = officer.get(&path(&closed, "")).send().await.expect(200);
    assert_eq!(shown["next_due_at"], Value::Null);
    assert_eq!(titles(&officer, "?overdue=true").await, ["cũ"]);
    assert_eq!(titles(&officer, "?overdue=false").await, ["xong", "mới"]);
    assert_eq!(
        titles(
            &officer,
            "?overdue=true&deadline_before=2026-11-26T00:00:00Z"
        )
        .await,
        Vec::<String>::new()
    );
    assert_eq!(
        titles(
            &officer,
            "?overdue=true&deadline_before=2027-11-26T00:00:00Z"
        )
        .await,
        ["cũ"]
    );
    assert_eq!(
        titles(
            &officer,
            "?overdue=false&deadline_before=2027-11-26T00:00:00Z"
        )
        .await,
        ["mới"]
    );
}

#[actix_web::test]
async fn each_order_is_kept_from_page_to_page() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    // Opened in another order than their tips came, two of them urgent.
    let mut tips = Vec::new();
    for n in 0..6 {
        let danger = n % 3 == 0;
        tips.push(
            tip(
                &t,
                json!({"narrative": format!("tin {n}"), "in_danger_now": danger}),
            )
            .await,
        );
        t.clock.advance(Duration::from_secs(86_400));
    }
    for n in [3, 0, 5, 1, 4, 2] {
        titled(&officer, &n.to_string(), std::slice::from_ref(&tips[n])).await;
    }
    open(&officer, &[]).await;
    let empty = "Giả danh công an";
    for (sort, order) in [
        ("opened", [empty, "2", "4", "1", "5", "0", "3"]),
        ("received", [empty, "5", "4", "3", "2", "1", "0"]),
        // Three days from a Wednesday, Thursday and Friday all end with Monday: by opening.
        ("due", ["0", "3", "1", "2", "4", "5", empty]),
        ("priority", ["0", "3", empty, "2", "4", "1", "5"]),
    ] {
        assert_eq!(
            titles(&officer, &format!("?sort={sort}")).await,
            order,
            "{sort}"
        );
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let query = format!("/v1/cases?sort={sort}&limit=2{cursor}");
            let page = officer.get(&query).send().await.expect(200);
            let items = page["items"].as_array().unwrap().iter();
            paged.extend(items.map(|case| case["title"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, order, "{sort}");
    }
    let page = officer
        .get("/v1/cases?sort=due&limit=2")
        .send()
        .await
        .expect(200);
    let elsewhere = format!(
        "/v1/cases?sort=priority&limit=2&cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    assert_eq!(
        officer.get(&elsewhere).send().await.problem(400)["code"],
        "invalid_cursor"
    );
}

#[actix_web::test]
async fn what_is_over_or_ends_soon_is_shown_by_desk_and_officer() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let economic = t.bearer(&Claims {
        scopes: "cases:read",
        desk: Some("economic"),
        ..Claims::default()
    });
    let all = "/v1/cases?sort=due&limit=200";
    let (mut soon, mut over) = (Vec::new(), Vec::new());
    for day in 0..16 {
        if day % 4 == 0 {
            let n = day / 4;
            let tips = [tip(&t, json!({"narrative": format!("tin {n}")})).await];
            let desk = ["cyber", "economic"][n % 2];
            let body = json!({"title": format!("Vụ {n}"), "desk": desk, "tip_ids": tips});
            let case = officer
                .post("/v1/cases")
                .json(&body)
                .send()
                .await
                .expect(201);
            let assignee = json!({"assignee": if n < 2 { "one" } else { "two" }});
            let edit = officer.patch(&path(&case, "")).header("If-Match", "*");
            edit.json(&assignee).send().await.expect(200);
        }
        let now = t.clock.now();
        let before = |case: &Value, end: chrono::DateTime<chrono::Utc>| {
            let due = case["next_due_at"].as_str().unwrap();
            due.parse::<chrono::DateTime<chrono::Utc>>().unwrap() < end
        };
        let cases = officer.get(all).send().await.expect(200);
        let titled = |fits: &dyn Fn(&Value) -> bool| -> Vec<String> {
            let cases = cases["items"].as_array().unwrap().iter();
            cases
                .filter(|case| fits(case))
                .map(|case| case["title"].as_str().unwrap().to_owned())
                .collect()
        };
        let digest = async |reader: &Client| -> Vec<String> {
            let digest = reader.get("/v1/cases/digest").send().await.expect(200);
            let items = digest["items"].as_array().unwrap().iter();
            items
                .map(|case| case["title"].as_str().unwrap().to_owned())
                .collect()
        };
        let ends_soon = |case: &Value| before(case, now + chrono::Duration::days(3));
        assert_eq!(digest(&officer).await, titled(&ends_soon));
        assert_eq!(
            digest(&economic).await,
            titled(&|case| ends_soon(case) && case["desk"] == "economic")
        );
        let mine = titles(&officer, "?sort=due&overdue=true&assignee=two&desk=cyber").await;
        assert_eq!(
            mine,
            titled(&|case| before(case, now)
                && case["assignee"] == "two"
                && case["desk"] == "cyber")
        );
        soon.push(titled(&ends_soon).len());
        over.push(mine.len());
        t.clock.advance(Duration::from_secs(86_400));
    }
    assert_eq!(
        (soon[0], soon[15]),
        (0, 4),
        "none at first, all at last: {soon:?}"
    );
    assert_eq!((over[0], over[15]), (0, 1), "{over:?}");
    assert!(soon.is_sorted() && soon.contains(&2), "{soon:?}");
}

#[actix_web::test]
async fn confinement_and_filters_hold_for_cases() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let there = tip(
        &t,
        json!({"narrative": "x", "location": {"unit_code": "03334"}}),
    )
    .await;
    let case = open(&officer, &[there]).await;
    open(&officer, &[]).await;
    let bearer = |agency, units| {
        t.bearer(&Claims {
            scopes: "cases:read",
            agency,
            units,
            ..Claims::default()
        })
    };
    let count = |client: Client, query: &'static str| async move {
        let page = client
            .get(&format!("/v1/cases{query}"))
            .send()
            .await
            .expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(count(officer.clone(), "").await, 2);
    assert_eq!(count(bearer(None, Some(&["03334"])), "").await, 1);
    assert_eq!(count(bearer(Some("border_guard"), None), "").await, 0);
    bearer(None, Some(&["03127"]))
        .get(&path(&case, ""))
        .send()
        .await
        .problem(404);
    assert_eq!(
        count(
            officer.clone(),
            "?status=accepted&deadline_before=2026-12-31T00:00:00Z"
        )
        .await,
        2
    );
    assert_eq!(count(officer.clone(), "?overdue=true").await, 0);
    officer
        .get("/v1/cases?status=eaten")
        .send()
        .await
        .problem(422);
    officer.get("/v1/cases/digest").send().await.expect(200);
}
