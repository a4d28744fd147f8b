//! Advisories as Atom, JSON Feed and CAP 1.2.

use std::time::Duration;

use quick_xml::events::Event;
use serde_json::json;

use crate::advisories::{BOTH, publish, published, warning};
use crate::support::TestApp;

/// Elements in order, as `path=text`, and the attributes of links.
fn elements(xml: &str) -> Vec<(String, String)> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    let mut found: Vec<(String, String)> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                path.push(String::from_utf8(tag.name().as_ref().to_vec()).unwrap());
                found.push((path.join("/"), String::new()));
            }
            Event::Text(text) => {
                if let Some(last) = found.last_mut().filter(|(at, _)| *at == path.join("/")) {
                    last.1.push_str(&text.decode().unwrap());
                }
            }
            Event::GeneralRef(entity) => {
                let name = entity.decode().unwrap().into_owned();
                let text = quick_xml::escape::unescape(&format!("&{name};"))
                    .unwrap()
                    .into_owned();
                found.last_mut().unwrap().1.push_str(&text);
            }
            Event::End(_) => drop(path.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(path.is_empty(), "every element is closed");
    found
}

fn one<'a>(found: &'a [(String, String)], path: &str) -> &'a str {
    &found
        .iter()
        .find(|(at, _)| at == path)
        .unwrap_or_else(|| panic!("{path}: {found:?}"))
        .1
}

#[actix_web::test]
async fn feed_readers_get_atom_and_json_feed_with_harmless_html() {
    let t = TestApp::new().await;
    let id = published(&t, &warning()).await;
    let atom = t.anyone().get("/v1/public/advisories.atom").send().await;
    assert!(
        atom.header("content-type")
            .starts_with("application/atom+xml")
    );
    let found = elements(&atom.text());
    for required in [
        "feed/id",
        "feed/title",
        "feed/updated",
        "feed/author/name",
        "feed/entry/title",
    ] {
        assert!(!one(&found, required).is_empty(), "{required}");
    }
    assert_eq!(one(&found, "feed/entry/id"), format!("urn:uuid:{id}"));
    assert_eq!(one(&found, "feed/entry/updated"), "2026-11-24T01:20:00Z");
    let html = one(&found, "feed/entry/content");
    assert!(
        html.contains("&lt;ngay&gt;") && html.contains("<li>Gọi 113</li>"),
        "{html}"
    );
    let feed = t
        .anyone()
        .get("/v1/public/advisories.json?language=en")
        .send()
        .await;
    assert_eq!(feed.header("content-type"), "application/feed+json");
    let feed = feed.expect(200);
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    let item = &feed["items"][0];
    assert_eq!(
        (&item["title"], &item["language"]),
        (&json!("Calls by false police officers"), &json!("en"))
    );
    assert_eq!(item["content_html"], "<p>Hang up &amp; call 113.</p>");
}

/// Required elements of `alert` and `info` in the order that the CAP 1.2 schema prescribes.
const ALERT: &[&str] = &[
    "identifier",
    "sender",
    "sent",
    "status",
    "msgType",
    "scope",
    "note",
    "references",
    "info",
];
const INFO: &[&str] = &[
    "language",
    "category",
    "event",
    "responseType",
    "urgency",
    "severity",
    "certainty",
    "audience",
    "effective",
    "expires",
    "senderName",
    "headline",
    "description",
    "instruction",
    "parameter",
    "area",
];

fn assert_order(found: &[(String, String)], parent: &str, order: &[&str]) {
    let prefix = format!("{parent}/");
    let mut least = 0;
    for (path, _) in found {
        let Some(name) = path
            .strip_prefix(&prefix)
            .filter(|name| !name.contains('/'))
        else {
            if path == parent {
                least = 0;
            }
            continue;
        };
        let at = order.iter().position(|known| *known == name);
        let at = at.unwrap_or_else(|| panic!("{path} is no element of {parent}"));
        assert!(at >= least, "{path} comes too late");
        least = at;
    }
}

#[actix_web::test]
async fn cap_says_alert_then_update_then_cancel_with_references() {
    let t = TestApp::new().await;
    let mut body = warning();
    body["valid_until"] = json!("2027-02-24T17:00:00Z");
    let id = published(&t, &body).await;
    let path = format!("/v1/public/advisories/{id}.cap");
    let cap = async || {
        let message = t.anyone().get(&path).send().await;
        message.expect(200);
        assert!(
            message
                .header("content-type")
                .starts_with("application/cap+xml")
        );
        assert!(
            message
                .text()
                .contains("<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">")
        );
        let found = elements(&message.text());
        assert_order(&found, "alert", ALERT);
        assert_order(&found, "alert/info", INFO);
        found
    };
    let alert = cap().await;
    for (element, value) in [
        ("identifier", format!("{id}.1")),
        ("sent", "2026-11-24T08:20:00+07:00".to_owned()),
        ("status", "Actual".to_owned()),
        ("msgType", "Alert".to_owned()),
        ("scope", "Public".to_owned()),
    ] {
        assert_eq!(one(&alert, &format!("alert/{element}")), value);
    }
    // The default issuer is no domain: what is behind it makes it unique in the world.
    let sender = one(&alert, "alert/sender");
    let installation = sender.strip_prefix("tinbao-").unwrap();
    assert!(installation.len() == 16, "{sender}");
    for (element, value) in [
        ("category", "Security"),
        ("severity", "Severe"),
        ("urgency", "Immediate"),
        ("certainty", "Observed"),
        ("audience", "Người cao tuổi"),
        ("expires", "2027-02-25T00:00:00+07:00"),
    ] {
        assert_eq!(one(&alert, &format!("alert/info/{element}")), value);
    }
    let audiences = alert.iter().filter(|(at, _)| at == "alert/info/audience");
    let audiences: Vec<_> = audiences.map(|(_, text)| text.as_str()).collect();
    assert_eq!(audiences, ["Người cao tuổi", "Older people"]);
    assert_eq!(one(&alert, "alert/info/area/geocode/value"), "03127");
    assert_eq!(
        alert.iter().filter(|(at, _)| at == "alert/info").count(),
        2,
        "one a language"
    );

    t.clock.advance(Duration::from_secs(60));
    let author = t.named_officer("author", BOTH);
    let edit = author
        .patch(&format!("/v1/advisories/{id}"))
        .header("If-Match", "*");
    edit.json(&json!({"severity": "moderate"}))
        .send()
        .await
        .expect(200);
    let second = t.named_officer("second", BOTH);
    publish(&second, &id).await.expect(200);
    let update = cap().await;
    assert_eq!(one(&update, "alert/msgType"), "Update");
    let first = format!("{sender},{id}.1,2026-11-24T08:20:00+07:00");
    assert_eq!(one(&update, "alert/references"), first);

    let reason = json!({"reason": "Đã bắt giữ nhóm đối tượng."});
    let retract = format!("/v1/advisories/{id}/retract");
    second.post(&retract).json(&reason).send().await.expect(200);
    let cancel = cap().await;
    assert_eq!(one(&cancel, "alert/msgType"), "Cancel");
    assert_eq!(one(&cancel, "alert/identifier"), format!("{id}.3"));
    assert_eq!(one(&cancel, "alert/note"), "Đã bắt giữ nhóm đối tượng.");
    assert_eq!(
        one(&cancel, "alert/references"),
        format!("{first} {sender},{id}.2,2026-11-24T08:21:00+07:00")
    );
    let list = t.anyone().get("/v1/public/advisories.cap").send().await;
    assert!(
        list.text()
            .contains(&format!("href=\"/v1/public/advisories/{id}.cap\""))
    );
    assert_eq!(
        one(&elements(&list.text()), "feed/entry/title"),
        "Thu hồi cảnh báo"
    );
}
