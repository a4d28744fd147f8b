//! Schema migrations, compiled into the binary.

use diesel_async::{AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Pool;
use crate::error::{Error, Result};

/// Every migration, in order.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Several replicas may start at once; one migrates, the others wait.
const LOCK: i64 = 0x7469_6e62_616f_0001;

/// Runs what is pending, gives the service's role its rights and returns how many ran. Needs a
/// multi-threaded runtime and the owner's connection.
pub async fn run_pending(pool: &Pool) -> Result<usize> {
    let ran = with_harness(pool, |harness| {
        harness
            .run_pending_migrations(MIGRATIONS)
            .map(|ran| ran.len())
    })
    .await?;
    super::roles::grant(pool).await?;
    Ok(ran)
}

/// Undoes all migrations.
pub async fn revert_all(pool: &Pool) -> Result<usize> {
    with_harness(pool, |harness| {
        harness
            .revert_all_migrations(MIGRATIONS)
            .map(|ran| ran.len())
    })
    .await
}

/// Whether the database has every migration of this binary.
pub async fn current(pool: &Pool) -> Result<bool> {
    with_harness(pool, |harness| {
        harness
            .has_pending_migration(MIGRATIONS)
            .map(|pending| !pending)
    })
    .await
}

async fn with_harness<T: Send + 'static>(
    pool: &Pool,
    work: impl FnOnce(&mut AsyncMigrationHarness<AsyncPgConnection>) -> diesel::migration::Result<T>
    + Send
    + 'static,
) -> Result<T> {
    use diesel_async::RunQueryDsl;
    let mut conn = pool.unlimited().await?;
    diesel::sql_query("select pg_advisory_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(LOCK)
        .execute(&mut conn)
        .await?;
    // The harness blocks its thread, so it gets one of its own with a runtime around it.
    let handle = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let _guard = handle.enter();
        work(&mut AsyncMigrationHarness::new(conn))
    })
    .await
    .map_err(|e| Error::internal("running migrations", e))?
    .map_err(|e| Error::internal("running migrations", e))
}

/// Whether the database has every migration of this binary, asked over an ordinary connection.
pub async fn is_current(conn: &mut super::Conn) -> Result<bool> {
    use diesel::migration::{Migration, MigrationSource};
    use diesel_async::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct Version {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let ran: Vec<Version> =
        match diesel::sql_query("select version from __diesel_schema_migrations")
            .load(conn)
            .await
        {
            Ok(ran) => ran,
            // The table is not there before the first migration.
            Err(diesel::result::Error::DatabaseError(_, info))
                if info.message().contains("does not exist") =>
            {
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
    let known: Vec<Box<dyn Migration<diesel::pg::Pg>>> = MIGRATIONS
        .migrations()
        .map_err(|e| Error::internal("listing migrations", e))?;
    Ok(known.iter().all(|migration| {
        let version = migration.name().version().to_string();
        ran.iter().any(|row| row.version == version)
    }))
}
