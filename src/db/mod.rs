//! Postgres: the pool, the replica for reads, the migrations, and what its errors mean.

mod address;
mod dsn;
pub mod embedded;
pub mod key_checks;
pub mod migrations;
mod pool;
mod reader;
mod reads;
pub mod roles;
#[expect(
    missing_docs,
    reason = "written by diesel; the migrations tell of tables and columns"
)]
pub mod schema;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::AsyncPgConnection;

use crate::error::{Error, Result};

pub use address::{Address, is_encrypted};
pub use pool::{Class, Pool, Pooled};
pub use reader::Reader;
pub use reads::{Reads, Unused};

/// A connection, in or out of a transaction.
pub type Conn = AsyncPgConnection;

/// Lets the rest of a transaction that has just begun see the database as it is now, and only read.
pub async fn one_snapshot(conn: &mut Conn) -> Result<()> {
    use diesel_async::SimpleAsyncConnection;
    conn.batch_execute("set transaction isolation level repeatable read, read only")
        .await?;
    Ok(())
}

/// Whether a connection is of no more use, as after an end of the server or a transaction left half-way.
pub fn is_broken(conn: &mut Conn) -> bool {
    diesel_async::pooled_connection::PoolableConnection::is_broken(conn)
}

/// Does the work in a transaction: committed when it returns `Ok`, rolled back otherwise.
///
/// diesel-async's own `transaction` demands a `Send` closure, which an `AsyncFnOnce` argument cannot
/// promise. A future dropped half-way leaves the connection in its transaction, and the pool then
/// throws that connection away.
pub async fn transaction<T>(
    conn: &mut Conn,
    work: impl AsyncFnOnce(&mut Conn) -> Result<T>,
) -> Result<T> {
    use diesel_async::{AnsiTransactionManager, TransactionManager};
    AnsiTransactionManager::begin_transaction(conn).await?;
    match work(conn).await {
        Ok(value) => {
            AnsiTransactionManager::commit_transaction(conn).await?;
            Ok(value)
        }
        Err(error) => {
            // A connection that cannot roll back is thrown away; what went wrong before is what counts.
            if let Err(rollback) = AnsiTransactionManager::rollback_transaction(conn).await {
                tracing::warn!(fault = %Terse::from(&rollback), "a transaction could not be rolled back");
            }
            Err(error)
        }
    }
}

/// What the triggers that guard a held case name as violated.
const HELD_STAYS: &str = "held_stays";
/// Why what a hold keeps is not deleted.
pub const HELD: &str =
    "A case of the tip is held; nothing of it is deleted meanwhile (law 91/2025 art. 14(2), 19).";

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
            | DieselError::BrokenTransactionManager => {
                Self::unavailable("talking to the database", Terse::from(&error))
            }
            DieselError::DatabaseError(_, info) if info.message().contains(TIMED_OUT) => {
                Self::too_slow(Terse::from(&error))
            }
            DieselError::DatabaseError(_, info) if is_passing(info.message()) => {
                Self::unavailable("talking to the database", Terse::from(&error))
            }
            DieselError::DatabaseError(_, info) if is_of_another_schema(info.message()) => {
                Self::unavailable(
                    "finding a table: the schema is not current, run 'tinbao migrate'",
                    Terse::from(&error),
                )
            }
            DieselError::DatabaseError(_, info)
                if info.message().starts_with("permission denied for ") =>
            {
                Self::unavailable(
                    "using a table: the service's role lacks a right, run 'tinbao migrate'",
                    Terse::from(&error),
                )
            }
            // Its case was held between the look and the deed.
            DieselError::DatabaseError(_, info) if info.constraint_name() == Some(HELD_STAYS) => {
                Self::conflict("retained_by_law", HELD)
            }
            DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => {
                Self::unavailable("writing to a read-only database", Terse::from(&error))
            }
            _ => Self::internal("querying the database", Terse::from(&error)),
        }
    }
}

/// Whether Postgres speaks English with this connection, by which its errors are told apart: the driver hands
/// out no codes.
pub async fn speaks_english(conn: &mut Conn) -> Result<bool> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        locale: String,
    }
    let asked = diesel::sql_query("select current_setting('lc_messages') as locale");
    let row: Row = diesel_async::RunQueryDsl::get_result(asked, conn).await?;
    Ok(is_english(&row.locale))
}

fn is_english(locale: &str) -> bool {
    let language = locale.split(['_', '.', '@']).next().unwrap_or_default();
    // Empty is that of the server's environment, which may be any.
    matches!(language, "C" | "POSIX" | "en")
}

/// What Postgres says where a statement ran into its limit of time.
const TIMED_OUT: &str = "canceling statement due to statement timeout";

/// What Postgres says while it starts, stops or recovers, or when it ends a query for others' sake:
/// the same again will do.
fn is_passing(message: &str) -> bool {
    [
        "terminating connection",
        "the database system is",
        "connection closed",
        // A replica replays what the query still needed.
        "canceling statement due to conflict with recovery",
        "error communicating with the server",
        "sorry, too many clients",
        "deadlock detected",
    ]
    .iter()
    .any(|known| message.contains(known))
}

/// Whether a table or a column is not there: the database is not migrated, or no longer, and somebody is
/// about to mend that. Readiness says so too.
fn is_of_another_schema(message: &str) -> bool {
    ["relation \"", "column \"", "column "]
        .iter()
        .any(|kind| message.starts_with(kind))
        && message.ends_with(" does not exist")
}

/// A database error without the values it quotes: details may hold a reporter's data.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Terse(String);

impl From<&DieselError> for Terse {
    fn from(error: &DieselError) -> Self {
        Self(match error {
            DieselError::DatabaseError(kind, info) => format!(
                "{kind:?} (table {}, constraint {}): {}",
                info.table_name().unwrap_or("-"),
                info.constraint_name().unwrap_or("-"),
                first_words(info.message())
            ),
            DieselError::DeserializationError(why) => {
                // serde_json names a line and column, other decoders may quote the value.
                let place = why
                    .downcast_ref::<serde_json::Error>()
                    .map(ToString::to_string);
                format!(
                    "a row does not have the shape expected: {}",
                    place.unwrap_or_default()
                )
            }
            DieselError::SerializationError(_) => "a value cannot be sent".into(),
            other => {
                format!("{:?}", std::mem::discriminant(other))
                    + " "
                    + &first_words(&other.to_string())
            }
        })
    }
}

/// Postgres puts values in quotes; the words before them say what is wrong.
fn first_words(message: &str) -> String {
    message
        .split(['"', ':'])
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// Says what the violation of a named constraint means.
pub trait OnConstraint<T> {
    /// Turns a violation of the constraint `name` into `error()`; everything else passes.
    fn on_constraint(self, name: &str, error: impl FnOnce() -> Error) -> Result<T>;
}

impl<T> OnConstraint<T> for std::result::Result<T, DieselError> {
    fn on_constraint(self, name: &str, error: impl FnOnce() -> Error) -> Result<T> {
        self.map_err(|e| match &e {
            DieselError::DatabaseError(_, info) if info.constraint_name() == Some(name) => error(),
            _ => e.into(),
        })
    }
}

/// Makes a database where it is absent.
pub async fn create_database(admin: &Pool, name: &str) -> Result<()> {
    use diesel_async::RunQueryDsl;
    let mut conn = admin.get().await?;
    // CREATE DATABASE takes no parameters; the names are ours, but a quote must not break out.
    let quoted = name.replace('"', "\"\"");
    match diesel::sql_query(format!("create database \"{quoted}\""))
        .execute(&mut conn)
        .await
    {
        Ok(_) => Ok(()),
        Err(DieselError::DatabaseError(_, info)) if info.message().contains("already exists") => {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::is_english;

    #[test]
    fn only_a_locale_known_to_be_english_is() {
        for locale in ["C", "C.UTF-8", "POSIX", "en_US.UTF-8", "en_GB", "en"] {
            assert!(is_english(locale), "{locale}");
        }
        for locale in ["", "vi_VN.UTF-8", "vi_VN", "eng", "Cy"] {
            assert!(!is_english(locale), "{locale:?}");
        }
    }
}
