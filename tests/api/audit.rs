//! The audit: what it tells, and how tampering is found.

use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, TestApp, rows};

pub async fn some_history(t: &TestApp) {
    for n in 0..6 {
        let body = json!({"narrative": format!("tin {n}")});
        t.submit(&body).await;
        t.settle().await;
    }
    t.officer(&[Scope::TipsRead])
        .get("/v1/tips")
        .send()
        .await
        .expect(200);
    t.settle().await;
}

pub async fn verified(t: &TestApp) -> Value {
    t.officer(&[Scope::AuditRead])
        .get("/v1/audit/verify")
        .send()
        .await
        .expect(200)
}

#[actix_web::test]
async fn an_untouched_journal_is_intact_and_names_its_tail() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let found = verified(&t).await;
    assert_eq!(found["intact"], true, "{found}");
    assert_eq!(found["last_position"], 7);
    assert_eq!(found["unsealed"], 0);
    let again = verified(&t).await;
    assert_eq!(
        again["unsealed"], 1,
        "the verification itself is not sealed yet"
    );
}

/// Changes the journal as only a superuser can who switches its triggers off.
pub async fn tamper(t: &TestApp, statements: &str) {
    let mut conn = t.owner().await;
    let sql = format!("set session_replication_role = replica; {statements}");
    conn.batch_execute(&sql).await.unwrap();
}

/// What tampering is found as: `altered at 3`.
pub fn named(found: &Value) -> Vec<String> {
    let findings = found["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|f| format!("{} at {}", f["kind"].as_str().unwrap(), f["position"]))
        .collect()
}

/// What is done to [`some_history`], and what is found. Kinds 9 and 10 take a forger's arithmetic: [`forge_from`].
pub const TAMPERING: &[(&str, &[&str])] = &[
    // 1. altered fields
    ("update journal set actor = 'somebody' where position = 3", &["altered at 3"]),
    ("update journal set data = '{\"desk\": \"duty\"}' where position = 2", &["altered at 2"]),
    ("update journal set at = at + interval '1 microsecond' where position = 4", &["altered at 4"]),
    ("update journal set type = 'tip.read' where position = 1", &["altered at 1"]),
    ("update journal set is_event = not is_event where position = 5", &["altered at 5"]),
    ("update journal set subject_id = gen_random_uuid() where position = 2", &["altered at 2"]),
    ("update journal set id = gen_random_uuid() where position = 7", &["altered at 7"]),
    ("update journal set request_id = '' where position = 6", &["altered at 6"]),
    ("update journal set chain = sha256('x') where position = 6", &["altered at 6"]),
    ("update journal set actor = client_id, client_id = actor where position = 2", &["altered at 2"]),
    // 2. null is not empty
    ("update journal set agency = '' where position = 3", &["altered at 3"]),
    ("update journal set subject_id = null where position = 3", &["altered at 3"]),
    // 3. removed from the middle
    ("delete from journal where position = 3", &["missing at 3"]),
    ("delete from journal where position in (3, 4, 6)", &["missing at 3", "missing at 6"]),
    // 4. reordered, with or without the hashes
    (
        "update journal set position = position + 1000 where position in (2, 3);
         update journal set position = 1005 - position where position > 1000",
        &["reordered at 2", "reordered at 3"],
    ),
    (
        "update journal set id = gen_random_uuid() where position in (4, 6);
         update journal j set id = o.id, at = o.at, type = o.type, is_event = o.is_event, actor = o.actor,
                client_id = o.client_id, agency = o.agency, subject_kind = o.subject_kind,
                subject_id = o.subject_id, data = o.data, request_id = o.request_id
         from kept_journal o where j.position in (4, 6) and o.position = 10 - j.position",
        &["reordered at 4", "reordered at 6"],
    ),
    // 5. a cut tail, with its checkpoints still there
    ("delete from journal where position = 7", &["truncated at 7"]),
    ("delete from journal", &["truncated at 1"]),
    // 6. a cut tail together with its checkpoints: the readers had come further
    (
        "delete from journal where position > 5; delete from journal_checkpoints where position > 5",
        &["truncated at 6"],
    ),
    ("truncate journal, journal_checkpoints", &["truncated at 1"]),
    // 7. slipped in: at the end, and in the middle with all that follows moved on
    (
        "insert into journal select 8, gen_random_uuid(), at, type, is_event, actor, client_id, agency,
                subject_kind, subject_id, data, request_id, sha256('x') from journal where position = 7",
        &["altered at 8", "checkpoint_missing at 8"],
    ),
    (
        "update journal set position = position + 1000 where position >= 6;
         update journal set position = position - 999 where position > 1000;
         insert into journal select 6, gen_random_uuid(), at, type, is_event, actor, client_id, agency,
                subject_kind, subject_id, data, request_id, sha256('x') from journal where position = 5",
        &["inserted at 6", "reordered at 7", "reordered at 8", "checkpoint_missing at 8"],
    ),
    // 8. checkpoints altered or removed
    (
        "update journal_checkpoints set signature = signature || 'x' where position = 4",
        &["checkpoint_altered at 4"],
    ),
    (
        "update journal_checkpoints set chain = sha256('x') where position = 4",
        &["checkpoint_altered at 4"],
    ),
    (
        "update journal_checkpoints c set signature = o.signature from kept_checkpoints o
         where c.position = 4 and o.position = 3",
        &["checkpoint_altered at 4"],
    ),
    ("delete from journal_checkpoints where position = 7", &["checkpoint_missing at 7"]),
    ("delete from journal_checkpoints where position in (3, 4)", &["checkpoint_missing at 3"]),
];

/// Puts the journal aside.
pub const KEEP: &str = "drop table if exists kept_journal, kept_checkpoints;
    create table kept_journal as table journal; create table kept_checkpoints as table journal_checkpoints";

/// Makes it again as it was put aside.
pub const RESTORE: &str = "truncate journal, journal_checkpoints;
    insert into journal table kept_journal; insert into journal_checkpoints table kept_checkpoints;
    truncate journal_pending";

#[actix_web::test]
async fn every_kind_of_tampering_is_found_and_named() {
    // The chain hash is no secret: a forger computes it as we do.
    let t = TestApp::new().await;
    some_history(&t).await;
    tamper(&t, KEEP).await;
    let consumers = rows(
        &t,
        "select max(position)::text as cell from journal_consumers",
    )
    .await;
    assert_eq!(consumers, ["7"], "the readers have come to the end");
    for (sql, expected) in TAMPERING {
        tamper(&t, sql).await;
        let found = verified(&t).await;
        assert_eq!(named(&found), *expected, "{sql}: {found}");
        assert_eq!(found["intact"], false);
        tamper(&t, RESTORE).await;
        assert_eq!(verified(&t).await["intact"], true, "restored after {sql}");
        tamper(&t, "truncate journal_pending").await;
    }
}

/// Rewrites entries so that the chain holds again, as a forger with the whole database but without the
/// signing key does; the entries after `position` get new hashes.
pub async fn forge_from(t: &TestApp, position: i64, change: &str, end: i64) {
    tamper(t, change).await;
    // The format is public: src/journal/chain.rs.
    let field = |column: &str| {
        format!(
            "case when {column} is null then '\\x00'::bytea || int8send(0)
             else '\\x01'::bytea || int8send(octet_length({column})) || {column} end"
        )
    };
    let text = |column: &str| field(&format!("convert_to({column}, 'UTF8')"));
    let link = [
        "convert_to('tinbao-journal-2', 'UTF8') || before || int8send(j.position) || uuid_send(j.id)
         || int8send((extract(epoch from j.at) * 1000000)::bigint)
         || case when j.is_event then '\\x01'::bytea else '\\x00'::bytea end"
            .to_owned(),
        field("uuid_send(j.subject_id)"),
        text("j.type"),
        text("j.actor"),
        text("j.client_id"),
        text("j.agency"),
        text("j.subject_kind"),
        text("j.data::text"),
        text("j.request_id"),
    ]
    .join(" || ");
    let sql = format!(
        "do $$ declare j journal; before bytea; begin
            select chain into before from journal where position = {position} - 1;
            for j in select * from journal where position between {position} and {end} order by position loop
                before := sha256({link});
                update journal set chain = before where position = j.position;
            end loop;
         end $$"
    );
    tamper(t, &sql).await;
}

#[actix_web::test]
async fn a_chain_recomputed_without_the_key_is_found_where_it_was_forged() {
    let t = TestApp::new().await;
    some_history(&t).await;
    // The forger's arithmetic is right: recomputing an honest journal changes nothing.
    forge_from(&t, 2, "select 1", 7).await;
    assert_eq!(verified(&t).await["intact"], true);
    // 9. All hashes from the change on are made anew: only the pass that was changed is accused.
    let change = "update journal set actor = 'nobody' where position = 3";
    forge_from(&t, 3, change, 7).await;
    let found = verified(&t).await;
    assert_eq!(named(&found), ["forged at 3"], "{found}");
    // The checkpoints' own hashes too: their signatures no longer hold.
    let sql = "update journal_checkpoints c set chain = j.chain from journal j where j.position = c.position";
    tamper(&t, sql).await;
    let found = verified(&t).await;
    assert_eq!(named(&found).len(), 5, "{found}");
    assert_eq!(named(&found)[0], "checkpoint_altered at 3");
    // Only the changed entry gets a new hash: it is accused, not its innocent successor.
    let t = TestApp::new().await;
    some_history(&t).await;
    forge_from(&t, 3, change, 3).await;
    let found = verified(&t).await;
    assert_eq!(named(&found), ["forged at 3"], "{found}");
}

/// An entry right behind the last of [`some_history`].
pub const SLIP: &str = "insert into journal select 8, gen_random_uuid(), at, 'tip.read', is_event, 'nobody', client_id,
    agency, subject_kind, subject_id, data, request_id, chain from journal where position = 7";

#[actix_web::test]
async fn an_entry_slipped_in_before_the_next_pass_is_not_vouched_for() {
    let t = TestApp::new().await;
    some_history(&t).await;
    // 10. Right after the last sealed entry, with a right hash: the sequencer goes on behind it.
    forge_from(&t, 8, SLIP, 8).await;
    t.submit(&json!({"narrative": "sau"})).await;
    t.settle().await;
    let found = verified(&t).await;
    assert_eq!(found["last_position"], 9, "{found}");
    assert_eq!(named(&found), ["inserted at 8"], "{found}");
}

#[actix_web::test]
async fn a_checkpoint_kept_elsewhere_finds_a_tail_that_was_cut_off_and_grown_again() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let kept = auditor.get("/v1/audit/checkpoint").send().await.expect(200);
    assert_eq!(kept["position"], 7, "{kept}");
    let checked = format!(
        "/v1/audit/verify?checkpoint={}",
        kept["checkpoint"].as_str().unwrap()
    );
    assert_eq!(
        auditor.get(&checked).send().await.expect(200)["intact"],
        true
    );

    // Only who looked is cut off: of tips the database knows otherwise that they were received.
    let cut = "delete from journal where position > 6; delete from journal_checkpoints where position > 6;
               update journal_consumers set position = least(position, 6); truncate journal_pending";
    tamper(&t, cut).await;
    let blind = verified(&t).await;
    assert_eq!(blind["intact"], true, "nothing inside can tell: {blind}");
    let found = auditor.get(&checked).send().await.expect(200);
    assert_eq!(named(&found), ["truncated at 7"], "{found}");

    t.settle().await;
    verified(&t).await;
    t.settle().await;
    let found = auditor.get(&checked).send().await.expect(200);
    assert!(found["last_position"].as_i64().unwrap() >= 7, "{found}");
    assert_eq!(named(&found), ["forged at 7"], "{found}");

    let token = t.token(&Claims {
        scopes: "audit:read",
        ..Claims::default()
    });
    for (query, parameter) in [
        ("checkpoint=nonsense".to_owned(), "checkpoint"),
        (format!("checkpoint={token}"), "checkpoint"),
        ("from_position=0".to_owned(), "from_position"),
        ("from_position=5&to_position=4".to_owned(), "to_position"),
        ("to_position=x".to_owned(), "to_position"),
    ] {
        let problem = auditor
            .get(&format!("/v1/audit/verify?{query}"))
            .send()
            .await
            .problem(422);
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{problem}");
    }
}

#[actix_web::test]
async fn a_part_of_the_audit_can_be_verified_alone() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let part = "/v1/audit/verify?from_position=3&to_position=5";
    let found = auditor.get(part).send().await.expect(200);
    assert_eq!(
        (
            &found["first_position"],
            &found["last_position"],
            &found["entries"],
            &found["checkpoints"]
        ),
        (&json!(3), &json!(5), &json!(3), &json!(3)),
        "{found}"
    );
    assert_eq!(found["intact"], true, "{found}");
    tamper(
        &t,
        "update journal set actor = 'x' where position in (2, 7)",
    )
    .await;
    let found = auditor.get(part).send().await.expect(200);
    assert_eq!(
        found["intact"], true,
        "what lies outside does not count: {found}"
    );
    tamper(&t, "update journal set actor = 'x' where position = 5").await;
    let found = auditor.get(part).send().await.expect(200);
    assert_eq!(named(&found), ["altered at 5"], "{found}");
}

#[actix_web::test]
async fn the_audit_is_filtered_and_tells_who_read_what() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let auditor = t.named_officer("auditor", &[Scope::AuditRead]);
    let read = auditor
        .get("/v1/audit?type=tip.listed&actor=analyst")
        .send()
        .await
        .expect(200);
    assert_eq!(read["items"].as_array().unwrap().len(), 1);
    assert_eq!(read["items"][0]["data"]["ids"].as_array().unwrap().len(), 6);
    let first = auditor.get("/v1/audit?limit=2").send().await.expect(200);
    assert_eq!(first["items"][0]["position"], 7);
    auditor
        .get("/v1/audit?subject=nonsense")
        .send()
        .await
        .problem(422);
}

#[actix_web::test]
async fn of_a_long_journal_a_request_verifies_a_part() {
    let t = TestApp::new().await;
    some_history(&t).await;
    tamper(
        &t,
        "insert into journal (position, id, at, type, is_event, actor, client_id, subject_kind, data, request_id, chain)
         select 600000, gen_random_uuid(), at, type, is_event, actor, client_id, subject_kind, data, request_id, chain
         from journal where position = 6",
    )
    .await;
    let auditor = t.officer(&[Scope::AuditRead]);
    let verify = |query: &str| auditor.get(&format!("/v1/audit/verify{query}")).send();
    for all in ["", "?from_position=99999", "?to_position=500001"] {
        let refused = verify(all).await.problem(422);
        assert_eq!(refused["errors"][0]["parameter"], "to_position", "{all}");
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("tinbao audit verify"), "{detail}");
    }
    for part in ["?to_position=6", "?from_position=2&to_position=500001"] {
        verify(part).await.expect(200);
    }
}
