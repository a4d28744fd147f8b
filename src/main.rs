//! The `tinbao` program.

fn main() -> std::process::ExitCode {
    // The private Postgres is started through this very program: this must come first.
    tinbao::db::embedded::become_postgres_if_asked();
    tinbao::cli::run()
}
