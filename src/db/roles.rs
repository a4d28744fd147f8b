//! Database roles: the owner migrates, the service only works with rows.
//!
//! `tinbao_service` is a group without a login. Whoever the service connects as is its member; what
//! its members may do stands in `roles.sql`, in one place.

use diesel::sql_types as st;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::{Conn, Pool};
use crate::error::Result;

/// Gives the service's group its rights, and makes it where the owner may.
pub async fn grant(owner: &Pool) -> Result<()> {
    let mut conn = owner.unlimited().await?;
    conn.batch_execute(include_str!("roles.sql")).await?;
    Ok(())
}

/// Makes a login for the service where it is absent; needs the right to make roles.
pub async fn make_login(owner: &Pool, name: &str) -> Result<()> {
    let quoted = name.replace('"', "\"\"");
    // CREATE ROLE takes no parameters; two starts at once are one role.
    let sql = format!(
        "do $$ begin create role \"{quoted}\" login in role tinbao_service;
         exception when duplicate_object or unique_violation then null; end $$"
    );
    owner.unlimited().await?.batch_execute(&sql).await?;
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Flag {
    #[diesel(sql_type = st::Bool)]
    flag: bool,
}

/// Whether the service's group is there.
pub async fn service_exists(conn: &mut Conn) -> Result<bool> {
    let row: Flag = diesel::sql_query(
        "select exists (select from pg_roles where rolname = 'tinbao_service') as flag",
    )
    .get_result(conn)
    .await?;
    Ok(row.flag)
}

/// Whether this connection's role could rewrite the journal: by a right to, or as the owner, who can
/// take the triggers away.
pub async fn may_rewrite_journal(conn: &mut Conn) -> Result<bool> {
    let row: Flag = diesel::sql_query(
        "select bool_or(has_table_privilege(c.oid, 'update, delete, truncate, trigger')
                        or has_any_column_privilege(c.oid, 'update')
                        or pg_has_role(c.relowner, 'member')) as flag
         from pg_class c where c.oid in ('journal'::regclass, 'journal_checkpoints'::regclass)",
    )
    .get_result(conn)
    .await?;
    Ok(row.flag)
}
