//! The `tinbao` program.

/// glibc keeps what it once had, in an arena a thread; this one gives it back (settings: `.cargo/config.toml`).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    // The private Postgres is started through this very program: this must come first.
    tinbao::db::embedded::become_postgres_if_asked();
    tinbao::cli::run()
}
