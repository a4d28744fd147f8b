//! The pool, and who gives way when connections are short: reads first, intake last.
//!
//! Intake stores through writers with connections of their own (`tips/writer.rs`), so that nothing here can
//! be in its way. Of the shared connections, reads together hold two thirds at most, wait a second, and only
//! so many may wait; everything else may hold all of them and waits three. Every class of connection has a
//! limit of time for a statement, so that a query nobody waits for any more ends.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use diesel_async::pooled_connection::deadpool::{Object, Pool as DeadPool, PoolError};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolError as Backend, RecyclingMethod,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Reader;
use super::address::{self, Address};
use crate::error::{Error, Result};

/// How long connecting may take, and how long a request that is no read waits for a connection.
const WAIT: Duration = Duration::from_secs(3);
/// How long a read waits.
const READ_WAIT: Duration = Duration::from_secs(1);
/// Reads that may wait for each connection they can have; beyond that they are refused at once.
const READS_WAITING: usize = 8;

/// A statement of a request.
const REQUEST: Duration = Duration::from_secs(10);
/// A batch of tips: as long as those who sent them wait.
const INTAKE: Duration = Duration::from_secs(4);
/// A statement of background work.
const BACKGROUND: Duration = Duration::from_secs(300);

tokio::task_local! { static CLASS: Class; }

/// How a request stands in line for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It only reads: it can be asked again.
    Read,
    /// It changes something, or is ours.
    Write,
}

impl Class {
    /// Runs the work of a request in this class.
    pub async fn run<F: Future>(self, work: F) -> F::Output {
        CLASS.scope(self, work).await
    }

    /// Work that nobody classed is our own.
    fn current() -> Self {
        CLASS.try_with(|class| *class).unwrap_or(Self::Write)
    }
}

/// Connections shared by all requests of this replica.
#[derive(Clone)]
pub struct Pool {
    inner: DeadPool<AsyncPgConnection>,
    address: Address,
    /// Reads that hold a connection.
    reading: Arc<Semaphore>,
    /// Reads that hold or wait for one.
    queue: Arc<Semaphore>,
}

/// A connection of the pool, with its place among those that read.
pub struct Pooled {
    // Before the place: who takes the place next finds the connection free.
    conn: Object<AsyncPgConnection>,
    _place: Option<[OwnedSemaphorePermit; 2]>,
}

impl Deref for Pooled {
    type Target = AsyncPgConnection;
    fn deref(&self) -> &Self::Target {
        &self.conn
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.conn
    }
}

impl Pool {
    /// Makes the pool; connections are opened as they are needed.
    pub fn new(url: &str, size: usize) -> Result<Self> {
        let address = Address::parse(url)
            .map_err(|e| Error::internal("reading the database's address", e))?;
        let mut config = ManagerConfig::default();
        // The default asks SELECT 1 at every checkout; a broken connection shows itself anyway.
        config.recycling_method = RecyclingMethod::Fast;
        let to = address.clone();
        config.custom_setup = Box::new(move |_| {
            let to = to.clone();
            async move {
                let mut conn = to.establish().await?;
                conn.batch_execute(&statement_timeout(REQUEST))
                    .await
                    .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                Ok(conn)
            }
            .boxed()
        });
        let manager =
            AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config("", config);
        let inner = DeadPool::builder(manager)
            .max_size(size)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .recycle_timeout(Some(WAIT))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|e| Error::internal("building the connection pool", e))?;
        let reads = (size * 2 / 3).max(1);
        Ok(Self {
            inner,
            address,
            reading: Arc::new(Semaphore::new(reads)),
            queue: Arc::new(Semaphore::new(reads * (1 + READS_WAITING))),
        })
    }

    /// A connection, or 503 when there is none in time.
    pub async fn get(&self) -> Result<Pooled> {
        let place = match Class::current() {
            Class::Write => None,
            Class::Read => Some(self.place_to_read().await?),
        };
        let conn = self.inner.get().await.map_err(|e: PoolError| {
            let why = match e {
                PoolError::Timeout(_) => "no connection in time".to_owned(),
                PoolError::Backend(Backend::ConnectionError(error)) => address::said(&error),
                PoolError::Backend(Backend::QueryError(_)) => "cannot connect".to_owned(),
                _ => "the pool is closed".to_owned(),
            };
            Error::unavailable("getting a database connection", why)
        })?;
        Ok(Pooled {
            conn,
            _place: place,
        })
    }

    async fn place_to_read(&self) -> Result<[OwnedSemaphorePermit; 2]> {
        let shed = |why| {
            metrics::counter!("reads_shed_total").increment(1);
            Error::unavailable("reading", why)
        };
        let queued = self
            .queue
            .clone()
            .try_acquire_owned()
            .map_err(|_why| shed("too many reads wait"))?;
        let reading = tokio::time::timeout(READ_WAIT, self.reading.clone().acquire_owned()).await;
        match reading {
            Ok(Ok(reading)) => Ok([reading, queued]),
            _ => Err(shed("no place to read in time")),
        }
    }

    /// A connection of one's own, outside the pool: for background work and listeners.
    pub async fn dedicated(&self) -> Result<AsyncPgConnection> {
        self.set_up(&statement_timeout(BACKGROUND)).await
    }

    /// A connection of one's own for a writer of tips.
    pub async fn for_intake(&self) -> Result<AsyncPgConnection> {
        // The plan of the one statement that stores tips does not depend on its arrays: planning it anew at
        // each batch would be time lost.
        let settings = statement_timeout(INTAKE) + "; set plan_cache_mode = force_generic_plan";
        self.set_up(&settings).await
    }

    /// A connection of one's own without a limit of time: for migrations.
    pub async fn unlimited(&self) -> Result<AsyncPgConnection> {
        let away = |why: String| Error::unavailable("connecting to the database", why);
        tokio::time::timeout(WAIT, self.address.establish())
            .await
            .map_err(|_why| away("no answer in time".to_owned()))?
            .map_err(|error| away(address::said(&error)))
    }

    async fn set_up(&self, settings: &str) -> Result<AsyncPgConnection> {
        let mut conn = self.unlimited().await?;
        conn.batch_execute(settings).await?;
        Ok(conn)
    }

    /// A plain connection outside the pool, to read a long answer row by row.
    pub async fn reader(&self) -> Result<Reader> {
        Reader::open(&self.address).await
    }
}

fn statement_timeout(limit: Duration) -> String {
    format!("set statement_timeout = {}", limit.as_millis())
}
