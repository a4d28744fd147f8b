//! The command line: one file a command, thin.

mod audit;
mod demo;
mod dev;
mod doctor;
mod health;
mod key_checks;
mod keys;
mod migrate;
mod missing;
mod purge;
mod reference;
mod secrets;
mod serve;
mod token;

use clap::{Parser, Subcommand};

use crate::config::{Config, Env};

/// Tinbao: crime tips about online fraud, from a citizen's report to the decision that the law requires.
#[derive(Parser)]
#[command(version, about, after_long_help = after_help())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try it: a private Postgres, keys, reference data, ready tokens, and the service.
    ///
    /// Everything lies in TINBAO_DATA_DIR (./var) and stays there. Ctrl-C stops all cleanly.
    Dev,
    /// Serve in production; needs DATABASE_URL, or --embedded for a small office.
    Serve(serve::Args),
    /// Bring the database schema up to date and load reference data that is absent.
    Migrate,
    /// Print an access token signed with the local key; needs no server and no database.
    Token(token::Args),
    /// Print the OpenAPI document.
    Openapi,
    /// Send realistic tips through the service's own intake.
    Demo(demo::Args),
    /// Verify the audit journal.
    Audit(audit::Args),
    /// Make key files, rotate identity keys.
    Keys(keys::Args),
    /// End personal data whose time is over, by the retention rules in force.
    Purge(purge::Args),
    /// Replace reference data.
    Reference(reference::Args),
    /// Check configuration, keys, database and say what to do.
    Doctor,
    /// Ask the running service whether it is ready; for container health checks.
    Health,
}

fn after_help() -> String {
    use std::fmt::Write;
    let mut text = String::from(
        "Settings come from the environment; NAME_FILE may name a file that holds the value.\n\n",
    );
    for (name, default, meaning) in crate::config::VARIABLES {
        let shown = if default.is_empty() {
            String::new()
        } else {
            format!(" [{default}]")
        };
        let _ = writeln!(text, "  {name:32} {meaning}{shown}");
    }
    text
}

/// Runs the command given; returns the exit code.
pub fn run() -> std::process::ExitCode {
    let cli = Cli::parse();
    match execute(cli.command) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tinbao: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> anyhow::Result<()> {
    if matches!(command, Command::Openapi) {
        use std::io::Write;
        let document = crate::app::openapi().to_pretty_json()?;
        return match writeln!(std::io::stdout(), "{document}") {
            // Whoever reads may have had enough: `tinbao openapi | head`.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            done => Ok(done?),
        };
    }
    let config = Config::from_env(Env::from_process())?;
    match command {
        Command::Token(args) => token::run(&config, &args),
        Command::Health => health::run(&config),
        Command::Openapi => Ok(()),
        command => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            let result = runtime.block_on(run_async(command, config));
            // A task that hangs must not keep the process.
            runtime.shutdown_timeout(std::time::Duration::from_secs(5));
            result
        }
    }
}

async fn run_async(command: Command, config: Config) -> anyhow::Result<()> {
    match command {
        Command::Dev => Box::pin(dev::run(config)).await,
        Command::Serve(args) => Box::pin(serve::run(config, &args)).await,
        Command::Migrate => migrate::run(&config).await,
        Command::Demo(args) => Box::pin(demo::run(config, &args)).await,
        Command::Audit(args) => audit::run(&config, &args).await,
        Command::Keys(args) => keys::run(&config, &args).await,
        Command::Purge(args) => purge::run(&config, &args).await,
        Command::Reference(args) => reference::run(&config, &args).await,
        Command::Doctor => doctor::run(&config).await,
        Command::Token(_) | Command::Openapi | Command::Health => Ok(()),
    }
}
