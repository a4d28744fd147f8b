//! A plain connection for long answers that are read row by row, outside the pool, so that a slow
//! client keeps no connection from others.

use std::time::Duration;

use tokio::task::JoinHandle;

use super::Address;
use crate::error::{Error, Result};

/// How long connecting may take.
const WAIT: Duration = Duration::from_secs(3);

/// The connection; dropping it closes it, whatever the server is still sending.
pub struct Reader {
    /// Runs statements.
    pub client: tokio_postgres::Client,
    connection: JoinHandle<()>,
}

impl Reader {
    pub(super) async fn open(address: &Address) -> Result<Self> {
        let away = |why: String| Error::unavailable("connecting to the database", why);
        let (client, connection) = tokio::time::timeout(WAIT, address.connect())
            .await
            .map_err(|_why| away("no answer in time".to_owned()))?
            .map_err(|why| away(why.to_string()))?;
        let connection = tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self { client, connection })
    }
}

impl Drop for Reader {
    /// Left alone, the connection would read the rest of a running answer before it closes.
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl From<tokio_postgres::Error> for Error {
    /// The values that Postgres quotes in its messages stay out of the log.
    fn from(error: tokio_postgres::Error) -> Self {
        const DOING: &str = "reading from the database";
        match error.code().map(|code| code.code()) {
            None if error.is_closed() => Self::unavailable(DOING, "the connection is closed"),
            // Connection, resources, operator's doing, a timeout: the same again will do.
            Some(code)
                if ["08", "40", "53", "57"]
                    .iter()
                    .any(|class| code.starts_with(class)) =>
            {
                Self::unavailable(DOING, code.to_owned())
            }
            code => Self::internal(DOING, code.unwrap_or("no SQLSTATE").to_owned()),
        }
    }
}
