//! Nobody reads without a trace: each GET of an officer leaves an entry of the audit (contract §10).

use tinbao::app;
use utoipa::openapi::path::HttpMethod;

use crate::attacks::objects::{World, all_scopes};
use crate::support::{Claims, rows};
use crate::trust::fill_the_journal;

/// What holds for everybody, is public, or is nobody's data.
const UNRECORDED: &[&str] = &[
    "/v1/agencies",
    "/v1/desks",
    "/v1/routing/rules",
    "/v1/campaigns",
    "/taxii2/",
    "/taxii2/api/",
    "/taxii2/api/collections/",
    "/v1/retention",
    "/v1/retention/preview",
];

/// What is for everybody, or takes an object, a claim or an agency that is not here: other tests ask for it.
const ELSEWHERE: &[&str] = &[
    "/v1/clients/{id}",
    "/v1/agencies/{code}",
    "/v1/check 422",
    "/v1/check/hashes/{prefix}",
    "/v1/feeds/{file}",
    "/v1/calendar/{year}",
    "/v1/border/brokers 422",
    "/v1/border/counts 422",
    "/v1/advisories/{id}",
    "/v1/tips/{id}/reporter/tips 409",
    "/v1/triage/events",
    "/v1/tips/{id}/uploads/{upload_id} 404",
    "/taxii2/api/collections/{collection}/",
    "/taxii2/api/collections/{collection}/manifest/",
    "/taxii2/api/collections/{collection}/objects/",
    "/taxii2/api/collections/{collection}/objects/{object_id}/",
    "/taxii2/api/collections/{collection}/objects/{object_id}/versions/",
    "/v1/feeds/misp/{file}",
    "/v1/privacy/requests/{id}",
];

/// What has to be said to be shown.
const QUERIES: &[(&str, &str)] = &[(
    "/v1/privacy/exposure",
    "?from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z",
)];

#[actix_web::test]
async fn every_read_by_an_officer_is_an_entry_of_the_audit() {
    let world = World::new().await;
    let scopes = all_scopes();
    let reader = world.t.bearer(&Claims {
        sub: "reader",
        scopes: &scopes,
        ..Claims::default()
    });
    let entries = async || {
        let sql = "select ((select count(*) from journal where actor = 'reader')
                         + (select count(*) from journal_pending where actor = 'reader'))::text as cell";
        rows(&world.t, sql).await[0].parse::<u64>().unwrap()
    };
    let (mut unrecorded, mut elsewhere, mut recorded) = (Vec::new(), Vec::new(), Vec::new());
    for endpoint in app::api().endpoints() {
        if endpoint.method != HttpMethod::Get || endpoint.scopes.is_empty() {
            continue;
        }
        let path = endpoint.path.as_str();
        let real = match path.contains('{') {
            true => world.real(path),
            false => Some(path.to_owned()),
        };
        let query = QUERIES.iter().find(|(known, _)| *known == path);
        let query = query.map_or("", |(_, query)| *query);
        // A stream has no end.
        let Some(real) = real.filter(|_| path != "/v1/triage/events") else {
            elsewhere.push(path.to_owned());
            continue;
        };
        let before = entries().await;
        let real = format!("{real}{query}");
        let reply = reader.get(&real).send().await;
        if reply.status != 200 {
            elsewhere.push(format!("{path} {}", reply.status.as_u16()));
        } else if entries().await > before {
            recorded.push(real);
        } else {
            unrecorded.push(path.to_owned());
        }
    }
    assert_eq!(unrecorded, UNRECORDED);
    elsewhere.sort();
    let mut known = ELSEWHERE.to_vec();
    known.sort_unstable();
    assert_eq!(elsewhere, known);
    assert!(recorded.len() > 40, "{}", recorded.len());

    // What cannot be written down is not shown.
    fill_the_journal(&world.t).await;
    for path in recorded {
        assert_eq!(reader.get(&path).send().await.status, 503, "{path}");
    }
}
