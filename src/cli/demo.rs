//! `tinbao demo`: realistic tips through the service's own intake.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};

use super::migrate::database;
use super::secrets::{self, Absent};
use super::serve::chain;
use crate::app::{Parts, Running, system_clock};
use crate::auth::{Login, Principal, Scope};
use crate::config::Config;
use crate::demo::{References, World};
use crate::domain::lang::Lang;
use crate::tips::intake::{self, Sender};

/// Tips under way at once.
const AT_ONCE: usize = 64;

#[derive(clap::Args)]
pub struct Args {
    /// How many tips.
    #[arg(long, default_value_t = 1_000)]
    tips: usize,
    /// The same seed makes the same tips.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print the bodies instead of sending them.
    #[arg(long)]
    print: bool,
}

pub async fn run(config: Config, args: &Args) -> anyhow::Result<()> {
    let references = References {
        methods: include_str!("../reference/data/scam_methods.json"),
        units: include_str!("../reference/data/dien_bien_units.json"),
        banks: include_str!("../reference/data/banks.json"),
        phones: include_str!("../reference/data/phone_prefixes.json"),
    };
    let world = World::new(args.seed, args.tips, &references)?;
    let now = system_clock()();
    if args.print {
        for index in 0..args.tips {
            println!("{}", world.tip(index, now));
        }
        return Ok(());
    }
    let pool = database(&config)?;
    let (keys, signer) = secrets::load(&config, Absent::Make)?;
    let parts = Parts {
        db: pool,
        keys,
        signer: Arc::new(signer),
        clock: system_clock(),
        config,
    };
    let running = Running::build(parts).await?;
    // What was changed at this installation counts for its demonstration too.
    let mut conn = running.state.db.get().await.map_err(chain)?;
    running
        .state
        .reference
        .refresh(&mut conn)
        .await
        .map_err(chain)?;
    drop(conn);
    let who = sender();
    let progress = Progress::new(args.tips);
    let started = Instant::now();
    let outcomes = futures_util::stream::iter(0..args.tips)
        .map(|index| {
            let (running, who, world, progress) = (&running, &who, &world, &progress);
            async move {
                let body = world.tip(index, now).to_string();
                let submission = intake::read(body.into())
                    .map_err(|problem| anyhow::anyhow!("tip {index}: {problem}"))?;
                let sender = Sender {
                    who,
                    request_id: "demo",
                    lang: Lang::Vi,
                    content_type: "application/json",
                };
                running
                    .intake
                    .submit(&running.state, &sender, &submission, None)
                    .await
                    .map_err(chain)?;
                progress.step();
                anyhow::Ok(())
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    progress.finish();
    for outcome in outcomes {
        outcome?;
    }
    running.intake.drain().await;
    let seconds = started.elapsed().as_secs_f64();
    println!("{} tips received in {seconds:.1} s.", args.tips);
    Ok(())
}

fn sender() -> Principal {
    Principal {
        issuer: "tinbao".to_owned(),
        sub: "demo".to_owned(),
        client_id: "demo".to_owned(),
        jti: "demo".to_owned(),
        scopes: [Scope::TipsSubmit].into_iter().collect(),
        agency: None,
        desk: None,
        units: None,
        issued_at: system_clock()(),
        expires_at: system_clock()(),
        login: Login::default(),
        local: true,
        command_line: true,
        device: false,
        token_hash: [0; 32],
    }
}

/// A bar on a terminal, a plain line every second elsewhere.
struct Progress {
    bar: ProgressBar,
    plain: Option<std::sync::Mutex<Instant>>,
}

impl Progress {
    fn new(total: usize) -> Self {
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(total);
            if let Ok(style) =
                ProgressStyle::with_template("{bar:40} {pos}/{len} tips  {per_sec}  {eta} left")
            {
                bar.set_style(style);
            }
            Self { bar, plain: None }
        } else {
            let bar =
                ProgressBar::with_draw_target(Some(total), indicatif::ProgressDrawTarget::hidden());
            Self {
                bar,
                plain: Some(std::sync::Mutex::new(Instant::now())),
            }
        }
    }

    fn step(&self) {
        self.bar.inc(1);
        if let Some(Ok(mut last)) = self.plain.as_ref().map(std::sync::Mutex::lock)
            && last.elapsed() > Duration::from_secs(1)
        {
            *last = Instant::now();
            eprintln!(
                "{} of {} tips",
                self.bar.position(),
                self.bar.length().unwrap_or(0)
            );
        }
    }

    fn finish(&self) {
        self.bar.finish();
    }
}
