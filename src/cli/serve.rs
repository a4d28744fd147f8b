//! `tinbao serve`, and what it shares with `dev`.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;

use super::key_checks;
use super::secrets::{self, Absent};
use crate::app::{self, Listening, Parts, Running};
use crate::config::Config;
use crate::db::embedded::{Cluster, Durability, Options, SERVICE, own_launcher};
use crate::db::{Pool, migrations, roles};
use crate::reference;
use crate::telemetry::init_traces;
use crate::tips::rekey;

/// Connections of one replica: more than this gains nothing on a few cores.
const CONNECTIONS: usize = 12;

/// Name of the database in the private cluster.
pub const DATABASE: &str = "tinbao";

#[derive(clap::Args)]
pub struct Args {
    /// Use a private Postgres under TINBAO_DATA_DIR instead of DATABASE_URL.
    #[arg(long)]
    embedded: bool,
}

pub async fn run(config: Config, args: &Args) -> anyhow::Result<()> {
    crate::telemetry::init_logs(&config.log, true).map_err(anyhow::Error::msg)?;
    let (cluster, pool) = if args.embedded {
        let started = start_embedded(&config).await?;
        (Some(started.cluster), started.pool)
    } else {
        let url = config
            .database_url
            .as_deref()
            .context("DATABASE_URL: not set; give the database, or --embedded for a private one")?;
        (None, Pool::new(url, CONNECTIONS)?)
    };
    let absent = if args.embedded {
        Absent::Make
    } else {
        Absent::Refuse
    };
    let result = serve(config, pool, absent, |address, _| {
        tracing::info!("serving on http://{address}");
    })
    .await;
    if let Some(cluster) = cluster {
        cluster.stop()?;
    }
    result
}

/// The private cluster, ready for the service.
pub struct Embedded {
    /// Runs until it is stopped.
    pub cluster: Cluster,
    /// Connections as the service's role.
    pub pool: Pool,
    /// How many migrations ran.
    pub migrations: usize,
    /// How many reference lists were loaded.
    pub references: usize,
}

/// Starts the private cluster, makes its database and roles where they are absent, and migrates.
pub async fn start_embedded(config: &Config) -> anyhow::Result<Embedded> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("TINBAO_DATA_DIR: cannot make {}", config.data_dir.display()))?;
    let options = Options {
        dir: config.data_dir.join("postgres"),
        launcher: own_launcher().context("cannot find this program's own file")?,
        durability: Durability::Safe,
        max_connections: 60,
        extra: Vec::new(),
    };
    let cluster = tokio::task::spawn_blocking(move || Cluster::start(&options)).await??;
    let admin = Pool::new(&cluster.url("postgres"), 1)?;
    crate::db::create_database(&admin, DATABASE).await?;
    let owner = Pool::new(&cluster.url(DATABASE), 2)?;
    let (migrations, references) = prepare(&owner).await?;
    roles::make_login(&owner, SERVICE).await?;
    Ok(Embedded {
        pool: Pool::new(&cluster.url_as(SERVICE, DATABASE), CONNECTIONS)?,
        cluster,
        migrations,
        references,
    })
}

/// Migrates as the owner and loads reference data that is absent.
pub async fn prepare(pool: &Pool) -> anyhow::Result<(usize, usize)> {
    let ran = migrations::run_pending(pool).await.map_err(chain)?;
    let loaded = reference::load_shipped(&mut pool.dedicated().await?, (app::system_clock())())
        .await
        .map_err(chain)?;
    Ok((ran, loaded))
}

/// An error with its causes, for people at a terminal.
pub fn chain(error: crate::error::Error) -> anyhow::Error {
    anyhow::Error::new(error)
}

/// Serves with a database; `ready` is told the address once requests are answered.
pub async fn serve(
    config: Config,
    pool: Pool,
    absent: Absent,
    ready: impl FnOnce(SocketAddr, &Running),
) -> anyhow::Result<()> {
    raise_file_limit();
    let (keys, signer) = secrets::load(&config, absent)?;
    let listening = Listening {
        bind: config.bind,
        metrics_bind: config.metrics_bind,
        cors_origins: config.cors_origins.clone(),
    };
    let traces = config.traces.clone().map(init_traces).transpose();
    let traces = traces.map_err(anyhow::Error::msg)?;
    let parts = Parts {
        db: pool,
        keys,
        signer: Arc::new(signer),
        clock: app::system_clock(),
        config,
    };
    let running = Running::build(parts).await?;
    Box::pin(keys_fit(&running)).await?;
    Box::pin(read_ahead(&running)).await;
    let shown = running.clone();
    let serving = app::serve(running, listening, |address| ready(address, &shown));
    let served = Box::pin(serving).await;
    if let Some(traces) = traces {
        traces.finish().await;
    }
    served
}

/// Refuses to seal under keys that open nothing of what is there, and to work with another receipt key than before. A
/// database that is away is looked at by `doctor`.
async fn keys_fit(running: &Running) -> anyhow::Result<()> {
    let state = &running.state;
    let looked = async {
        let conn = &mut *state.db.get().await?;
        let fit = rekey::fit(conn, &state.keys.identity).await?;
        let noted = key_checks::note(conn, &state.keys, &state.signer, state.now()).await?;
        Ok::<_, crate::error::Error>((fit, noted))
    };
    match looked.await {
        Ok((fit, noted)) => {
            anyhow::ensure!(fit, secrets::WRONG_KEYS);
            anyhow::ensure!(noted.receipt, key_checks::WRONG_RECEIPT_KEY);
            if !noted.cursor {
                tracing::warn!("{}", key_checks::OTHER_CURSOR_KEY);
            }
            if !noted.signing {
                tracing::error!("{}", key_checks::WRONG_SIGNING_KEY);
            }
        }
        Err(error) => {
            let fault = error.with_causes();
            tracing::warn!(fault, "the keys could not be tried yet");
        }
    }
    Ok(())
}

/// Reads what the first requests need; what cannot be read yet is read later, by the background.
async fn read_ahead(running: &Running) {
    let db = &running.state.db;
    let clients = async { running.registry.refresh(&mut *db.get().await?).await };
    let lists = async { running.state.reference.refresh(&mut *db.get().await?).await };
    let public = async { running.public.refresh(&mut db.dedicated().await?).await };
    for (what, read) in [
        ("the registry of clients", clients.await),
        ("reference data", lists.await),
        ("what the public check may tell", public.await.map(drop)),
    ] {
        if let Err(error) = read {
            tracing::warn!(what, fault = error.with_causes(), "cannot be read yet");
        }
    }
}

/// Thousands of idle phones must not use up the files that the system allows at first.
fn raise_file_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let wanted = hard.min(65_536);
        if soft < wanted
            && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, wanted, hard)
        {
            tracing::warn!(%error, "the open-file limit stays at {soft}");
        }
    }
}
