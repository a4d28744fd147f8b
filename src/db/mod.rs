//! Postgres: the pool, the migrations, and what its errors mean.

pub mod embedded;
pub mod migrations;
mod reader;
pub mod roles;
pub mod schema;

use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool as DeadPool, PoolError};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};

use crate::error::{Error, Result};

pub use reader::Reader;

/// A connection, in or out of a transaction.
pub type Conn = AsyncPgConnection;

/// How long a request waits for a connection before it answers 503.
const WAIT: Duration = Duration::from_secs(3);

/// Connections shared by all requests of this replica.
#[derive(Clone)]
pub struct Pool {
    inner: DeadPool<AsyncPgConnection>,
    url: String,
}

impl Pool {
    /// Makes the pool; connections are opened as they are needed.
    pub fn new(url: &str, size: usize) -> Result<Self> {
        let mut config = ManagerConfig::default();
        // The default asks SELECT 1 at every checkout; a broken connection shows itself anyway.
        config.recycling_method = RecyclingMethod::Fast;
        let manager =
            AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
        let inner = DeadPool::builder(manager)
            .max_size(size)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .recycle_timeout(Some(WAIT))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|e| Error::internal("building the connection pool", e))?;
        Ok(Self {
            inner,
            url: url.to_owned(),
        })
    }

    /// A connection, or 503 when there is none in time.
    pub async fn get(&self) -> Result<Object<AsyncPgConnection>> {
        self.inner.get().await.map_err(|e: PoolError| {
            // The text of a connection error may quote the URL with its password.
            let why = match e {
                PoolError::Timeout(_) => "no connection in time",
                PoolError::Backend(_) => "cannot connect",
                _ => "the pool is closed",
            };
            Error::unavailable("getting a database connection", why)
        })
    }

    /// A connection of one's own, outside the pool: for writers and listeners.
    pub async fn dedicated(&self) -> Result<AsyncPgConnection> {
        use diesel_async::AsyncConnection;
        tokio::time::timeout(WAIT, AsyncPgConnection::establish(&self.url))
            .await
            .map_err(|_why| Error::unavailable("connecting to the database", "no answer in time"))?
            .map_err(|_why| Error::unavailable("connecting to the database", "cannot connect"))
    }

    /// A plain connection outside the pool, to read a long answer row by row.
    pub async fn reader(&self) -> Result<Reader> {
        Reader::open(self).await
    }

    /// The connection string.
    pub fn url(&self) -> &str {
        &self.url
    }
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
            AnsiTransactionManager::rollback_transaction(conn).await?;
            Err(error)
        }
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
            | DieselError::BrokenTransactionManager => {
                Self::unavailable("talking to the database", Terse::from(&error))
            }
            DieselError::DatabaseError(_, info) if info.message().contains(STATEMENT_TIMEOUT) => {
                Self::unavailable(OUT_OF_TIME, Terse::from(&error))
            }
            DieselError::DatabaseError(_, info) if is_passing(info.message()) => {
                Self::unavailable("talking to the database", Terse::from(&error))
            }
            DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => {
                Self::unavailable("writing to a read-only database", Terse::from(&error))
            }
            _ => Self::internal("querying the database", Terse::from(&error)),
        }
    }
}

/// What Postgres says when a statement took longer than it may.
const STATEMENT_TIMEOUT: &str = "canceling statement due to statement timeout";

/// What an error says that comes of a statement's own time being over.
pub const OUT_OF_TIME: &str = "a statement ran out of time";

/// What Postgres says while it starts, stops or recovers, or when it ends a query for others' sake:
/// the same again will do.
fn is_passing(message: &str) -> bool {
    [
        "terminating connection",
        "the database system is",
        "connection closed",
        "error communicating with the server",
        "sorry, too many clients",
        "deadlock detected",
    ]
    .iter()
    .any(|known| message.contains(known))
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
