//! What the service's database role may do, and what not even the owner does by accident.

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::json;
use tinbao::db::{Pool, migrations, roles};
use uuid::Uuid;

use crate::support::{TestApp, fresh_database, owner_url};

/// Nobody but a superuser gets past these.
const REWRITING: &[&str] = &[
    "update journal set actor = 'nobody'",
    "delete from journal",
    "truncate journal",
    "update journal_checkpoints set signature = ''",
    "delete from journal_checkpoints where position = 1",
    "truncate journal_checkpoints",
];

async fn refusal(conn: &mut AsyncPgConnection, sql: &str) -> String {
    match conn.batch_execute(sql).await {
        Ok(()) => panic!("it is allowed: {sql}"),
        Err(error) => error.to_string(),
    }
}

#[actix_web::test]
async fn the_services_role_adds_to_the_journal_and_can_never_rewrite_it() {
    let t = TestApp::new().await;
    let tip = json!({"narrative": "x"});
    let sent = t.citizen().post("/v1/tips").json(&tip).send().await;
    sent.expect(201);
    t.settle().await;
    let mut service = t.running.state.db.dedicated().await.unwrap();
    assert!(!roles::may_rewrite_journal(&mut service).await.unwrap());
    for sql in REWRITING {
        let said = refusal(&mut service, sql).await;
        assert!(
            said.starts_with("permission denied for table"),
            "{sql}: {said}"
        );
    }
    for sql in [
        "alter table journal disable trigger journal_append_only",
        "drop trigger journal_append_only on journal",
        "drop table journal",
        "set session_replication_role = replica",
        "create table mine (id int)",
        "create role mine superuser",
        "update journal_pending set actor = 'nobody'",
        "update submissions set digest = digest",
        "update submissions set received_at = now()",
        "update submissions set client_id = 'nobody'",
        "update submissions set tip_id = tip_id",
        "update submissions set size = 1",
        "update attachment_custody set at = now()",
        "update case_acts set at = now()",
        "delete from attachment_custody",
        "delete from case_acts",
        "delete from case_members",
        "update case_members set tip_id = tip_id",
        "update case_members set case_id = case_id",
        "update register set number = 'DB-T-2026-000009'",
        "update register set received_at = now()",
        "delete from register",
        "update advisory_revisions set content = '{}'",
        "delete from advisory_revisions",
        "delete from __diesel_schema_migrations",
        "update attachments set sha256 = sha256",
        "update attachments set tip_id = tip_id",
        "update attachments set from_reporter = true",
        "update attachments set added_by = null",
        "update attachments set received_at = now()",
        "update upload_parts set upload_id = upload_id",
        "update evidence_objects set id = id",
        "update receipts set hash = hash",
        "update receipts set tip_id = tip_id",
        "update reveals set tip_id = tip_id",
        "update reveals set subject = subject",
        "update reveals set requested_by = 'nobody'",
        "update reveals set purpose = purpose",
        "update reveals set needs_approval = false",
        "update reporter_identities set tip_id = tip_id",
        "update reporter_blind_indexes set tip_id = tip_id",
        "update submissions set received_at = now()",
        "update submissions set client_id = client_id",
        "update submissions set tip_id = tip_id",
        "set role tinbao",
        "copy (select 1) to program 'true'",
    ] {
        let said = refusal(&mut service, sql).await;
        // Not because a name is wrong.
        assert!(!said.contains("does not exist"), "{sql}: {said}");
    }
}

#[actix_web::test]
async fn not_even_the_owner_rewrites_the_journal_by_accident() {
    let t = TestApp::new().await;
    let mut owner = t.owner().await;
    assert!(roles::may_rewrite_journal(&mut owner).await.unwrap());
    for sql in REWRITING {
        let said = refusal(&mut owner, sql).await;
        assert!(said.contains("only grows"), "{sql}: {said}");
    }
}

#[test]
fn an_owner_without_the_right_to_make_roles_can_migrate_and_serve_a_member() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut admin = AsyncPgConnection::establish(&owner_url(&fresh_database().await))
            .await
            .unwrap();
        let name = format!("t_{}", Uuid::now_v7().simple());
        diesel::sql_query(format!("create role {name} login"))
            .execute(&mut admin)
            .await
            .unwrap();
        diesel::sql_query(format!("create database {name} owner {name}"))
            .execute(&mut admin)
            .await
            .unwrap();
        let service = fresh_database().await;
        let (server, _) = service.rsplit_once('/').unwrap();
        let service = format!("{server}/{name}");
        let owner = service.replacen("//tinbao_app@", &format!("//{name}@"), 1);
        let pool = Pool::new(&owner, 2).unwrap();
        assert!(migrations::run_pending(&pool).await.unwrap() > 0);
        assert_eq!(migrations::run_pending(&pool).await.unwrap(), 0, "again");
        let mut service = AsyncPgConnection::establish(&service).await.unwrap();
        assert!(!roles::may_rewrite_journal(&mut service).await.unwrap());
        assert!(migrations::is_current(&mut service).await.unwrap());
        service
            .batch_execute("insert into number_counters (name, year, last) values ('x', 2026, 1)")
            .await
            .unwrap();
        drop(service);
        drop(pool);
    });
}
