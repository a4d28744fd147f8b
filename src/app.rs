//! Composition root: the only place that knows all parts.

pub mod background;
mod data_folder;
mod notary;
mod standing;
mod wellknown;

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use chrono::Utc;

use crate::auth::{LocalKeys, Verifier};
use crate::clients::registry::Registry;
use crate::config::Config;
use crate::db::{Pool, Reads};
use crate::events::{Live, Screens, Tail};
use crate::http::guard::PublicCheck;
use crate::http::limits::Limits;
use crate::http::middleware::{Gate, Now, admit, observe};
use crate::http::openapi::{Served, configure_docs, document};
use crate::http::{Api, Cursors, Problem};
use crate::indicators::{feeds::Feeds, public::PublicIndex};
use crate::journal::Head;
use crate::keys::Keys;
use crate::reference::{Reference, ReferenceStore};
use crate::state::{AppState, Load};
use crate::storage::Storage;
use crate::tips::Intake;
use crate::{
    advisories, agencies, audit, border, cases, clients, events, evidence, exchange, http,
    indicators, messages, privacy, receipts, referrals, reveals, stats, tips, triage, webhooks,
};

/// Every endpoint of the service: the server, the document and the coverage tests read this list.
pub fn api() -> Api {
    Api::merge([
        http::openapi::api(),
        wellknown::api(),
        clients::api(),
        agencies::api(),
        indicators::api(),
        tips::api(),
        cases::api(),
        triage::api(),
        events::api(),
        referrals::api(),
        border::api(),
        receipts::api(),
        advisories::api(),
        audit::api(),
        messages::api(),
        reveals::api(),
        evidence::api(),
        stats::api(),
        exchange::api(),
        privacy::api(),
        webhooks::api(),
    ])
}

/// The OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = document(&api());
    document.webhooks = Some(webhooks::openapi::webhooks());
    document
}

/// Everything that requests are served with.
#[derive(Clone)]
pub struct Running {
    /// Shared state.
    pub state: AppState,
    /// The way into the tips.
    pub intake: Intake,
    /// What the public may learn.
    pub public: PublicIndex,
    feeds: Feeds,
    /// How far the journal has come.
    pub head: Head,
    screens: Screens,
    /// What they have read of the journal.
    tail: Tail,
    /// Clients and revocations.
    pub registry: Registry,
    /// Sends webhooks.
    pub dispatcher: webhooks::Dispatcher,
    targets: webhooks::Targets,
    gate: Gate,
    public_check: bool,
    served: web::Data<Served>,
    api: Arc<Api>,
    /// Where `tinbao token` leaves its notes.
    data_dir: std::path::PathBuf,
}

/// What may differ between production and tests.
pub struct Parts {
    /// Database.
    pub db: Pool,
    /// Secrets.
    pub keys: Keys,
    /// Signing keys.
    pub signer: Arc<LocalKeys>,
    /// Clock.
    pub clock: Now,
    /// Configuration.
    pub config: Config,
}

impl Running {
    /// Puts the parts together; needs a tokio runtime for the writers.
    pub async fn build(parts: Parts) -> anyhow::Result<Self> {
        let Parts {
            db,
            keys,
            signer,
            clock,
            config,
        } = parts;
        data_folder::prepare(&config.data_dir)?;
        let reference = ReferenceStore::new(Reference::shipped()?);
        config.issuers.warm(clock()).await;
        let local = config.settings.local_issuer.then(|| signer.clone());
        let verifier = Verifier::new(
            local,
            config.issuers,
            config.settings.audience.clone(),
            config.settings.issuer.clone(),
        );
        let state = AppState {
            clock: clock.clone(),
            keys: Arc::new(keys),
            signer,
            reference,
            settings: Arc::new(config.settings),
            storage: Storage::open(config.storage.as_deref(), &config.data_dir)
                .map_err(anyhow::Error::msg)?,
            reads: Reads::new(&db, config.read_database_url.as_deref())?,
            db,
            load: Load::default(),
        };
        let api = Arc::new(api());
        let reference = state.reference.get();
        let wallets = reference.catalog.wallets();
        let wallets = wallets.map(|wallet| wallet.code.clone()).collect();
        let public = PublicIndex::new(config.data_dir.clone(), wallets);
        let registry = Registry::new(state.db.clone());
        let targets = webhooks::Targets::new(config.webhook_networks);
        Ok(Self {
            dispatcher: webhooks::Dispatcher::new(
                state.clone(),
                targets.clone(),
                &config.webhook_authorities,
            ),
            targets,
            intake: Intake::start(&state.db, &state.load, public.clone()),
            public,
            feeds: Feeds::default(),
            head: Head::default(),
            screens: Screens::default(),
            tail: Tail::default(),
            registry: registry.clone(),
            gate: Gate {
                verifier: Arc::new(verifier),
                admission: Arc::new(registry),
                limits: Arc::new(Limits::new(config.limits)),
                step_up: config.step_up,
                proxies: config.proxies,
                now: clock,
            },
            public_check: config.public_check,
            served: web::Data::new(Served::new(openapi)),
            api,
            data_dir: config.data_dir,
            state,
        })
    }

    /// Mounts everything.
    fn configure(&self, config: &mut web::ServiceConfig) {
        config
            .app_data(web::Data::new(self.state.clone()))
            .app_data(web::Data::new(self.intake.for_worker()))
            .app_data(web::Data::new(self.public.clone()))
            .app_data(web::Data::new(self.feeds.clone()))
            .app_data(web::Data::new(self.head.clone()))
            .app_data(web::Data::new(Live {
                head: self.head.clone(),
                screens: self.screens.clone(),
                tail: self.tail.clone(),
            }))
            .app_data(web::Data::new(self.registry.clone()))
            .app_data(web::Data::new(self.targets.clone()))
            .app_data(web::Data::new(self.gate.clone()))
            .app_data(web::Data::new(Cursors::new(
                *self.state.keys.cursor.bytes(),
            )))
            .app_data(web::Data::new(PublicCheck(self.public_check)))
            .app_data(self.served.clone());
        self.api.configure(config);
        config
            .configure(configure_docs)
            .default_service(web::to(|| async {
                Err::<actix_web::HttpResponse, _>(Problem::new(
                    "not_found",
                    "There is nothing under this path.",
                ))
            }));
    }

    /// The actix application with its middleware; the server and the tests serve the same.
    pub fn application(
        &self,
        origins: &[String],
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<BoxBody>,
            Error = actix_web::Error,
            InitError = (),
        > + use<>,
    > {
        let running = self.clone();
        App::new()
            .configure(move |config| running.configure(config))
            .wrap(from_fn(standing::in_line))
            .wrap(from_fn(admit))
            .wrap(Condition::new(!origins.is_empty(), cors(origins)))
            .wrap(from_fn(observe))
    }

    /// The limits of this replica, for background tidying.
    pub fn limits(&self) -> &Limits {
        &self.gate.limits
    }
}

/// How often samples of metrics are summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// How the server listens.
pub struct Listening {
    /// Address of the API.
    pub bind: std::net::SocketAddr,
    /// Address of the metrics.
    pub metrics_bind: Option<std::net::SocketAddr>,
    /// Browser origins.
    pub cors_origins: Vec<String>,
}

/// Serves until told to stop, then finishes what is in flight and drains the intake.
pub async fn serve(
    running: Running,
    listening: Listening,
    ready: impl FnOnce(std::net::SocketAddr),
) -> anyhow::Result<()> {
    // Before the first request is taken: whoever stops it then wants what is in flight finished as well.
    let told_to_stop = stop_signal().context("cannot listen for signals")?;
    let metrics = crate::telemetry::init_metrics().map_err(anyhow::Error::msg)?;
    let mounted = running.clone();
    let origins = listening.cors_origins.clone();
    let server = HttpServer::new(move || mounted.application(&origins))
        .backlog(4_096)
        .max_connections(25_000)
        .client_request_timeout(Duration::from_secs(15))
        // So long a sender who was refused is listened to, that it may see the answer.
        .client_disconnect_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(20)
        .disable_signals()
        .bind(listening.bind)
        .with_context(|| format!("cannot listen on {}; set TINBAO_BIND", listening.bind))?;
    let address = server.addrs().first().copied().unwrap_or(listening.bind);
    let server = server.run();
    let handle = server.handle();
    let upkeep = tokio::spawn(keep_up(metrics.clone()));
    let mut background = background::start(running.clone());
    let metrics_server = match listening.metrics_bind {
        None => None,
        Some(bind) => {
            let metrics = web::Data::new(metrics);
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(metrics.clone())
                    .route("/metrics", web::get().to(render_metrics))
            })
            .workers(1)
            .disable_signals()
            .bind(bind)
            .with_context(|| format!("cannot listen on {bind}; set TINBAO_METRICS_BIND"))?
            .run();
            let handle = server.handle();
            tokio::spawn(server);
            Some(handle)
        }
    };
    let mut serving = tokio::spawn(server);
    ready(address);
    let ended = tokio::select! {
        ended = &mut serving => ended.context("the server ended").and_then(|end| end.context("the server failed")),
        error = background.failed() => Err(error),
        () = told_to_stop => {
            tracing::info!("stopping: requests in flight finish first");
            Ok(())
        }
    };
    running.head.close();
    handle.stop(true).await;
    background.stop().await;
    upkeep.abort();
    if let Some(handle) = metrics_server {
        handle.stop(false).await;
    }
    running.intake.drain().await;
    ended
}

/// Sums up what was measured: the recorder keeps every sample until it is asked to.
async fn keep_up(metrics: metrics_exporter_prometheus::PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        metrics.run_upkeep();
    }
}

async fn render_metrics(
    metrics: web::Data<metrics_exporter_prometheus::PrometheusHandle>,
) -> actix_web::HttpResponse {
    actix_web::HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(metrics.render())
}

fn cors(origins: &[String]) -> actix_cors::Cors {
    let mut cors = actix_cors::Cors::default();
    for origin in origins {
        cors = cors.allowed_origin(origin);
    }
    // HEAD asks how much of an upload is there, with fields that need a preflight.
    cors.allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "Last-Event-ID",
            "Tip-Receipt",
            "Tus-Resumable",
            "Upload-Length",
            "Upload-Metadata",
            "Upload-Offset",
            "X-Request-Id",
            "Accept-Language",
            "traceparent",
            "tracestate",
        ])
        .expose_headers([
            "Allow",
            "Attachment-Sha256",
            "Cache-Control",
            "Changes-Position",
            "Content-Disposition",
            "ETag",
            "Feed-Position",
            "Link",
            "Location",
            "Retry-After",
            "RateLimit",
            "RateLimit-Policy",
            "WWW-Authenticate",
            "X-Request-Id",
            "X-Search-Behind",
            "Idempotency-Replayed",
            "Export-Position",
            "Metadata-Removed",
            "Reveal-Id",
            "Submission-Digest",
            "Submission-Id",
            "Submission-Salt",
            "Tus-Extension",
            "Tus-Max-Size",
            "Tus-Version",
            "X-TAXII-Date-Added-First",
            "X-TAXII-Date-Added-Last",
            "Tus-Resumable",
            "Upload-Expires",
            "Upload-Length",
            "Upload-Offset",
        ])
        .max_age(600)
}

/// Ctrl-C or SIGTERM, from the call on.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// The system clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the system clock"
)]
pub fn system_clock() -> Now {
    Arc::new(Utc::now)
}
