//! What tests share: a database each, the service in the same process, clients with tokens.

#![allow(
    dead_code,
    reason = "a toolbox: not every tool is in use at every time"
)]

mod client;
mod database;
mod log;
mod provider;
mod receiver;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::dev::{Service, ServiceResponse};
use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use tinbao::app::{Parts, Running, background};
use tinbao::auth::{LocalKeys, NewToken, Origin, Scope, issue};
use tinbao::config::{Config, Env};
use tinbao::db::Pool;
use tinbao::http::middleware::Now;
use tinbao::keys::Keys;
use uuid::Uuid;

pub use client::{Call, Client, Reply};
pub use database::{fresh_database, owner_url};
pub use log::Log;
pub use provider::Provider;
pub use receiver::{Act, Receiver, Seen};

type Serve = dyn Fn(actix_http::Request) -> LocalBoxFuture<'static, ServiceResponse>;

/// A clock that tests set.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    fn starting_at(at: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }

    /// What the service takes for the time.
    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_micros() as i64, Ordering::SeqCst);
    }

    /// Sets the time.
    pub fn set(&self, at: DateTime<Utc>) {
        self.0.store(at.timestamp_micros(), Ordering::SeqCst);
    }

    fn as_now(&self) -> Now {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

/// The service on a database of its own.
pub struct TestApp {
    /// Its clock: starts at 01:20 UTC (08:20 in Hanoi) on 24 November 2026.
    pub clock: TestClock,
    /// The running service.
    pub running: Running,
    /// Its signing keys.
    pub signer: Arc<LocalKeys>,
    keys: Keys,
    url: String,
    settings: Vec<(String, String)>,
    serve: Rc<Serve>,
}

impl TestApp {
    /// With the settings of the tests: limits off.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With further settings from the environment, as `("TINBAO_LIMITS", "…")`.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        Self::on(fresh_database().await, settings).await
    }

    /// Whose tokens these keys sign.
    pub async fn signed_by(signer: LocalKeys) -> Self {
        Self::start(fresh_database().await, &[], signer).await
    }

    /// On a database that the test made itself.
    pub async fn on(url: String, settings: &[(&str, &str)]) -> Self {
        Self::start(url, settings, LocalKeys::generate().unwrap()).await
    }

    async fn start(url: String, settings: &[(&str, &str)], signer: LocalKeys) -> Self {
        let data = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("data")
            .join(Uuid::now_v7().to_string());
        let mut all = vec![
            ("TINBAO_LIMITS".to_owned(), "off".to_owned()),
            (
                "TINBAO_DATA_DIR".to_owned(),
                data.to_str().unwrap().to_owned(),
            ),
        ];
        all.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let clock = TestClock::starting_at("2026-11-24T01:20:00Z".parse().unwrap());
        Self::build(url, all, clock, Arc::new(signer), Keys::random()).await
    }

    /// Another replica of the same service.
    pub async fn replica(&self) -> Self {
        self.replica_with(&[]).await
    }

    /// Another replica with some settings changed.
    pub async fn replica_with(&self, settings: &[(&str, &str)]) -> Self {
        let mut all = self.settings.clone();
        all.retain(|(name, _)| !settings.iter().any(|(changed, _)| name == changed));
        all.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        Self::build(
            self.url.clone(),
            all,
            self.clock.clone(),
            self.signer.clone(),
            self.keys.clone(),
        )
        .await
    }

    async fn build(
        url: String,
        settings: Vec<(String, String)>,
        clock: TestClock,
        signer: Arc<LocalKeys>,
        keys: Keys,
    ) -> Self {
        let config = Config::from_env(Env::new(settings.clone())).unwrap();
        let origins = config.cors_origins.clone();
        let parts = Parts {
            db: Pool::new(&url, 6).unwrap(),
            keys: keys.clone(),
            signer: signer.clone(),
            clock: clock.as_now(),
            config,
        };
        let running = Running::build(parts).await.unwrap();
        if let Ok(mut conn) = running.state.db.get().await {
            running.registry.refresh(&mut conn).await.unwrap();
            running.public.refresh(&mut conn).await.unwrap();
        }
        let service = Rc::new(actix_web::test::init_service(running.application(&origins)).await);
        let serve: Rc<Serve> = Rc::new(move |request| {
            let service = service.clone();
            Box::pin(async move { service.call(request).await.expect("an answer") })
        });
        Self {
            clock,
            running,
            signer,
            keys,
            url,
            settings,
            serve,
        }
    }

    /// The value of a setting it runs with.
    pub fn setting(&self, name: &str) -> &str {
        let found = self.settings.iter().rfind(|(known, _)| known == name);
        &found.unwrap().1
    }

    /// Connection string of its database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection as the owner of the tables and superuser: for what the service may not do.
    pub async fn owner(&self) -> AsyncPgConnection {
        AsyncPgConnection::establish(&owner_url(&self.url))
            .await
            .unwrap()
    }

    /// A caller without a token.
    pub fn anyone(&self) -> Client {
        Client::new(self.serve.clone(), None)
    }

    /// A citizen's app.
    pub fn citizen(&self) -> Client {
        self.bearer(&Claims {
            sub: "citizen",
            scopes: "tips:submit check:read",
            ..Claims::default()
        })
    }

    /// Sends a tip as a citizen; what was answered to it.
    pub async fn submit(&self, tip: &Value) -> Value {
        let call = self.citizen().post("/v1/tips").json(tip);
        call.send().await.expect(201)
    }

    /// An officer called `analyst` with these scopes.
    pub fn officer(&self, scopes: &[Scope]) -> Client {
        self.named_officer("analyst", scopes)
    }

    /// An officer with a name and these scopes.
    pub fn named_officer(&self, sub: &str, scopes: &[Scope]) -> Client {
        let scopes = scopes
            .iter()
            .map(|s| s.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        self.bearer(&Claims {
            sub,
            scopes: &scopes,
            ..Claims::default()
        })
    }

    /// A bearer with any claims.
    pub fn bearer(&self, claims: &Claims<'_>) -> Client {
        Client::new(self.serve.clone(), Some(self.token(claims)))
    }

    /// A token with any claims.
    pub fn token(&self, claims: &Claims<'_>) -> String {
        let new = NewToken {
            scope: tinbao::auth::ScopeSet::parse(claims.scopes).unwrap(),
            sub: claims.sub.to_owned(),
            client_id: claims.client_id.to_owned(),
            agency: claims.agency.map(str::to_owned),
            desk: claims.desk.map(str::to_owned),
            units: claims
                .units
                .map(|units| units.iter().map(|u| (*u).to_owned()).collect()),
            // Tests move the clock by months.
            ttl: Duration::from_secs(360 * 86_400),
            origin: Origin::CommandLine,
        };
        let jti = Uuid::now_v7().to_string();
        issue(
            &self.signer,
            ("tinbao", "tinbao"),
            &new,
            self.clock.now(),
            &jti,
        )
        .unwrap()
    }

    /// Waits until so many streams and lists wait for what comes next in the journal.
    pub async fn waiting(&self, count: usize) {
        for _ in 0..1_000 {
            if self.running.head.waiting() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} wait, not {count}", self.running.head.waiting());
    }

    /// Lets all background work catch up.
    pub async fn settle(&self) {
        let mut conn = self.running.state.db.dedicated().await.unwrap();
        while background::run(&mut conn, &self.running).await.unwrap() > 0 {}
    }

    /// Lets all background work catch up, then sends the webhooks that are due until none is.
    pub async fn dispatch(&self) {
        loop {
            self.settle().await;
            if self.running.dispatcher.pass().await.unwrap() == 0 {
                break;
            }
        }
    }
}

/// Claims of a test token.
#[derive(Clone, Copy)]
pub struct Claims<'a> {
    pub sub: &'a str,
    pub client_id: &'a str,
    pub scopes: &'a str,
    pub agency: Option<&'a str>,
    pub desk: Option<&'a str>,
    pub units: Option<&'a [&'a str]>,
}

impl Default for Claims<'_> {
    fn default() -> Self {
        Self {
            sub: "someone",
            client_id: "test",
            scopes: "",
            agency: None,
            desk: None,
            units: None,
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Cell {
    #[diesel(sql_type = diesel::sql_types::Text)]
    cell: String,
}

/// The column `cell` of a query by the owner on the database of a test.
pub async fn rows(t: &TestApp, sql: &str) -> Vec<String> {
    use diesel_async::RunQueryDsl;
    let rows: Vec<Cell> = diesel::sql_query(sql)
        .load(&mut t.owner().await)
        .await
        .unwrap();
    rows.into_iter().map(|row| row.cell).collect()
}

/// What lies in the object store.
pub async fn objects(t: &TestApp) -> Vec<uuid::Uuid> {
    use futures_util::TryStreamExt;
    let ids = t.running.state.storage.ids();
    ids.try_collect().await.unwrap()
}

/// Every row of every table as text; bytes in hexadecimal.
pub async fn dump(t: &TestApp) -> String {
    let tables = rows(t, "select table_name::text as cell from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'").await;
    assert!(tables.len() > 15, "{tables:?}");
    let mut all = String::new();
    for table in tables {
        let sql = format!("select row_to_json(r)::text as cell from {table} r");
        all.push_str(&rows(t, &sql).await.join("\n"));
    }
    all
}
