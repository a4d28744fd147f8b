//! One private Postgres for the test run, one database for each test, cloned from a template that
//! is named after the migrations, so that it is made afresh only when they change.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock, mpsc};

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use sha2::{Digest, Sha256};
use tinbao::db::embedded::{Cluster, Durability, OWNER, Options, SERVICE};
use tinbao::db::{Pool, migrations, roles};
use uuid::Uuid;

struct Prepared {
    cluster: Cluster,
    template: String,
}

static PREPARED: OnceLock<Prepared> = OnceLock::new();

thread_local! { static MADE: Made = const { Made(RefCell::new(Vec::new())) } }

/// The databases that a test made. Its thread ends with it, and they are dropped then: those of a whole run would take
/// 9 GB, and the next run more than a minute to drop them one by one.
struct Made(RefCell<Vec<String>>);

impl Drop for Made {
    fn drop(&mut self) {
        for name in self.0.take() {
            let _ = ENDED.send(name);
        }
    }
}

/// Where databases go whose test has ended.
static ENDED: LazyLock<mpsc::Sender<String>> = LazyLock::new(|| {
    let (ended, names) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(drop_all(names));
    });
    ended
});

/// Drops what it is told of. What is left when the run ends is dropped by the next.
async fn drop_all(names: mpsc::Receiver<String>) {
    let mut admin = AsyncPgConnection::establish(&prepared().cluster.url("postgres"))
        .await
        .unwrap();
    for name in names {
        drop_database(&mut admin, &name).await;
    }
}

async fn drop_database(admin: &mut AsyncPgConnection, name: &str) {
    let _ = diesel::sql_query(format!("drop database if exists {name} with (force)"))
        .execute(admin)
        .await;
}

/// A new database with the current schema, as the service's role sees it; nothing else uses it.
pub async fn fresh_database() -> String {
    // Starting the cluster blocks, and migrations need a runtime with several threads.
    let prepared = std::thread::spawn(prepared).join().unwrap();
    let name = format!("t_{}", Uuid::now_v7().simple());
    let mut admin = AsyncPgConnection::establish(&prepared.cluster.url("postgres"))
        .await
        .unwrap();
    diesel::sql_query(format!(
        "create database {name} template {} strategy file_copy",
        prepared.template
    ))
    .execute(&mut admin)
    .await
    .unwrap();
    let url = prepared.cluster.url_as(SERVICE, &name);
    MADE.with(|made| made.0.borrow_mut().push(name));
    url
}

/// The owner's address of a database given as the service's: for what the service may not do.
pub fn owner_url(service: &str) -> String {
    service.replacen(&format!("//{SERVICE}@"), &format!("//{OWNER}@"), 1)
}

/// Where the cluster is: `script/test` names a folder in memory, where there is room for one.
fn folder() -> PathBuf {
    let named = std::env::var_os("TINBAO_TEST_DIR").map(PathBuf::from);
    named.unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into())
}

fn prepared() -> &'static Prepared {
    PREPARED.get_or_init(|| {
        let cluster = Cluster::start(&Options {
            dir: folder().join("postgres"),
            launcher: PathBuf::from(env!("CARGO_BIN_EXE_tinbao")),
            durability: Durability::Throwaway,
            max_connections: 300,
            extra: Vec::new(),
        })
        .unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let template = runtime.block_on(make_template(&cluster));
        Prepared { cluster, template }
    })
}

async fn make_template(cluster: &Cluster) -> String {
    let name = format!("tpl_{}", hash_of_migrations());
    let mut admin = AsyncPgConnection::establish(&cluster.url("postgres"))
        .await
        .unwrap();
    drop_leftovers(&mut admin, &name).await;
    if exists(&mut admin, &name).await {
        return name;
    }
    let half = format!("{name}_half");
    diesel::sql_query(format!("create database {half}"))
        .execute(&mut admin)
        .await
        .unwrap();
    {
        let pool = Pool::new(&cluster.url(&half), 1).unwrap();
        migrations::run_pending(&pool).await.unwrap();
        roles::make_login(&pool, SERVICE).await.unwrap();
    }
    // Only a finished template ever bears the name; the migration's connection may still be closing.
    for attempt in 0.. {
        match diesel::sql_query(format!("alter database {half} rename to {name}"))
            .execute(&mut admin)
            .await
        {
            Ok(_) => break,
            Err(error) if attempt > 100 => panic!("{error}"),
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
    name
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

async fn databases(admin: &mut AsyncPgConnection) -> Vec<String> {
    let rows: Vec<Name> = diesel::sql_query("select datname::text as name from pg_database")
        .load(admin)
        .await
        .unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

async fn exists(admin: &mut AsyncPgConnection, name: &str) -> bool {
    databases(admin).await.iter().any(|known| known == name)
}

async fn drop_leftovers(admin: &mut AsyncPgConnection, template: &str) {
    for name in databases(admin).await {
        let old_template = name.starts_with("tpl_") && name != template;
        if name.starts_with("t_") || old_template {
            drop_database(admin, &name).await;
        }
    }
}

fn hash_of_migrations() -> String {
    let mut files = Vec::new();
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    collect(&top.join("migrations"), &mut files);
    files.push(top.join("src/db/roles.sql"));
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(std::fs::read(&file).unwrap());
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|b| format!("{b:02x}"))
        .collect()
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files)
        } else {
            files.push(path)
        }
    }
}
