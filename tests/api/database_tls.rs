//! A database over TLS: a real Postgres with a certificate, and what each `sslmode` makes of it.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use actix_web::http::Method;
use diesel::dsl::sql;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use tinbao::auth::Scope;
use tinbao::config::{Config, Env};
use tinbao::db::embedded::{Cluster, Durability, Options, SERVICE};
use tinbao::db::{Pool, create_database, migrations, roles};
use tinbao::error::Error;

use crate::support::TestApp;

/// The name that the certificate is for.
const NAME: &str = "db.tinbao.test";
/// Whoever connects as this must come by TLS and show a password.
const GUARDED: &str = "guarded";

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: tempfile::NamedTempFile,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(pem.path(), params.self_signed(&key).unwrap().pem()).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    fn file(&self) -> String {
        format!("&sslrootcert={}", self.pem.path().to_str().unwrap())
    }
}

/// A cluster on an address of its own that speaks TLS.
struct Server {
    cluster: Cluster,
    address: String,
    authority: Authority,
}

impl Server {
    async fn start(folder: &str) -> Self {
        // All of 127/8 is this machine: no other test run listens there.
        let [a, b, c] = rand::random::<[u8; 3]>();
        let address = format!("127.{}.{b}.{}", a.max(1), c.clamp(2, 250));
        let options = Options {
            dir: Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder),
            launcher: PathBuf::from(env!("CARGO_BIN_EXE_tinbao")),
            durability: Durability::Throwaway,
            max_connections: 60,
            extra: vec![("listen_addresses".to_owned(), address.clone())],
        };
        let cluster = std::thread::spawn(move || Cluster::start(&options).unwrap());
        let cluster = cluster.join().unwrap();
        let authority = Authority::new();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
        let certificate = certificate.signed_by(&key, &authority.issuer).unwrap();
        let hba = format!(
            "local all all trust\nhostssl all {GUARDED} all scram-sha-256\nhost all {GUARDED} all reject\n\
             host all all all trust\n"
        );
        for (name, text) in [
            ("server.crt", certificate.pem()),
            ("server.key", key.serialize_pem()),
            ("pg_hba.conf", hba),
        ] {
            let data = cluster.dir().join("data");
            let owner = std::fs::metadata(&data).unwrap();
            let file = data.join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
            chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        let server = Self {
            cluster,
            address,
            authority,
        };
        server.offers_tls(true).await;
        server
    }

    async fn offers_tls(&self, on: bool) {
        self.set("ssl", &on.to_string()).await;
    }

    async fn set(&self, name: &str, value: &str) {
        let mut conn = AsyncPgConnection::establish(&self.cluster.url("postgres"))
            .await
            .unwrap();
        let statement = format!("alter system set {name} = {value}");
        conn.batch_execute(&statement).await.unwrap();
        // The postmaster takes it over by itself, a moment later; whoever comes then inherits the time.
        let loaded = self.loaded_at().await;
        conn.batch_execute("select pg_reload_conf()").await.unwrap();
        while self.loaded_at().await == loaded {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// When the server last read its configuration, as a new connection knows it.
    async fn loaded_at(&self) -> String {
        let url = self.cluster.url("postgres");
        let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
        diesel::select(sql::<Text>("pg_conf_load_time()::text"))
            .get_result(&mut conn)
            .await
            .unwrap()
    }

    fn url(&self, role: &str, name: &str, database: &str, rest: &str) -> String {
        let port = 54_320;
        let address = &self.address;
        format!("postgres://{role}@{name}:{port}/{database}?hostaddr={address}{rest}")
    }
}

/// Whether a connection is encrypted, or why there is none.
async fn tried(url: &str) -> Result<bool, String> {
    use diesel_async::RunQueryDsl;
    let pool = Pool::new(url, 1).map_err(|error| error.with_causes())?;
    // Each says what was being done before the reason.
    let why = |error: Error| {
        let said = error.with_causes();
        said.rsplit(": ").next().unwrap_or_default().to_owned()
    };
    let pooled = pool.get().await.map_err(why);
    let own = pool.dedicated().await.map_err(why);
    let read = pool.reader().await.map_err(why);
    assert_eq!(pooled.as_ref().err(), own.as_ref().err());
    assert_eq!(pooled.as_ref().err(), read.as_ref().err());
    let mut conn = pooled?;
    let sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    let asked: Encrypted = diesel::sql_query(sql).get_result(&mut conn).await.unwrap();
    let row = read?.client.query_one(sql, &[]).await.unwrap();
    assert_eq!(row.get::<_, bool>(0), asked.ssl);
    Ok(asked.ssl)
}

#[derive(diesel::QueryableByName)]
struct Encrypted {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    ssl: bool,
}

#[actix_web::test]
async fn each_sslmode_asks_of_the_server_what_it_says() {
    let server = Server::start("tls-modes").await;
    let other = Authority::new();
    let stranger = other.file();
    let known = server.authority.file();
    let role = "tinbao";
    let (no_authority, other_name) = (
        "the database's certificate is signed by no authority that sslrootcert names",
        "the database's certificate is for another name than the host in its address",
    );
    for (name, rest, outcome) in [
        (NAME, "&sslmode=disable".to_owned(), Ok(false)),
        (NAME, String::new(), Ok(true)),
        (NAME, "&sslmode=prefer".to_owned(), Ok(true)),
        ("other.test", "&sslmode=require".to_owned(), Ok(true)),
        ("other.test", format!("&sslmode=verify-ca{known}"), Ok(true)),
        (NAME, format!("&sslmode=verify-full{known}"), Ok(true)),
        (
            NAME,
            format!("&sslmode=verify-ca{stranger}"),
            Err(no_authority),
        ),
        (
            NAME,
            format!("&sslmode=verify-full{stranger}"),
            Err(no_authority),
        ),
        // As in libpq: who names an authority wants it asked.
        (
            NAME,
            format!("&sslmode=require{stranger}"),
            Err(no_authority),
        ),
        // The system's authorities.
        (NAME, "&sslmode=verify-full".to_owned(), Err(no_authority)),
        (
            NAME,
            "&sslmode=verify-full&sslrootcert=system".to_owned(),
            Err(no_authority),
        ),
        (
            "other.test",
            format!("&sslmode=verify-full{known}"),
            Err(other_name),
        ),
        (
            &server.address,
            format!("&sslmode=verify-full{known}"),
            Err(other_name),
        ),
    ] {
        let outcome_now = tried(&server.url(role, name, "postgres", &rest)).await;
        match outcome {
            Ok(encrypted) => assert_eq!(outcome_now, Ok(encrypted), "{name} {rest}"),
            Err(why) => {
                let said = outcome_now.unwrap_err();
                assert_eq!(said, why, "{name} {rest}");
            }
        }
    }
    // By its socket there is none, whatever is asked.
    let socket = server.cluster.url("postgres") + "?sslmode=verify-full";
    assert_eq!(tried(&socket).await, Ok(false));
    let words = format!(
        "host={NAME} hostaddr={} port=54320 user={role} dbname=postgres sslmode=verify-full sslrootcert='{}'",
        server.address,
        server.authority.pem.path().to_str().unwrap()
    );
    assert_eq!(tried(&words).await, Ok(true));

    // Only what nobody speaks any more: no TLS comes about.
    server.set("ssl_min_protocol_version", "'TLSv1'").await;
    server.set("ssl_max_protocol_version", "'TLSv1.1'").await;
    assert_eq!(
        tried(&server.url(role, NAME, "postgres", "")).await,
        Ok(false)
    );
    let demanded = server.url(role, NAME, "postgres", "&sslmode=require");
    assert!(tried(&demanded).await.is_err());
    server.set("ssl_max_protocol_version", "default").await;
    server.set("ssl_min_protocol_version", "default").await;
    assert_eq!(tried(&demanded).await, Ok(true));

    server.offers_tls(false).await;
    for (rest, outcome) in [
        (String::new(), Ok(false)),
        ("&sslmode=prefer".to_owned(), Ok(false)),
        ("&sslmode=require".to_owned(), Err("it offers none")),
        (
            format!("&sslmode=verify-full{known}"),
            Err("it offers none"),
        ),
    ] {
        let now = tried(&server.url(role, NAME, "postgres", &rest)).await;
        match outcome {
            Ok(encrypted) => assert_eq!(now, Ok(encrypted), "{rest}"),
            Err(why) => assert_eq!(now.unwrap_err(), why, "{rest}"),
        }
    }
}

#[actix_web::test]
async fn the_whole_service_works_where_the_database_refuses_what_is_not_encrypted() {
    let server = Server::start("tls-service").await;
    let verified = format!("&sslmode=verify-full{}", server.authority.file());
    let owner = server.url("tinbao", NAME, "tinbao", &verified);
    let admin = server.cluster.url("postgres");
    let role = format!("{GUARDED}:a%20password");
    let url = server.url(&role, NAME, "tinbao", &verified);
    let making = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut conn = AsyncPgConnection::establish(&admin).await.unwrap();
            for statement in [
                "drop database if exists tinbao with (force)".to_owned(),
                format!("drop role if exists {GUARDED}"),
            ] {
                conn.batch_execute(&statement).await.unwrap();
            }
            create_database(&Pool::new(&admin, 1).unwrap(), "tinbao")
                .await
                .unwrap();
            let pool = Pool::new(&owner, 2).unwrap();
            assert!(migrations::run_pending(&pool).await.unwrap() > 0);
            roles::make_login(&pool, SERVICE).await.unwrap();
            let login =
                format!("create role {GUARDED} login password 'a password' in role tinbao_service");
            conn.batch_execute(&login).await.unwrap();
        });
    });
    making.join().unwrap();
    let plain = url.replace("verify-full", "disable");
    let refused = tried(&plain).await.unwrap_err();
    assert!(refused.contains("(28000)"), "{refused}");
    assert!(!refused.contains("password"), "{refused}");

    let t = TestApp::on(url.clone(), &[("TINBAO_READ_DATABASE_URL", url.as_str())]).await;
    let officer = t.officer(&[Scope::TipsRead, Scope::ExchangeRead]);
    // One from its HTTP worker, and two by a writer.
    let tip = |n: u8| json!({"narrative": format!("tin {n}")});
    let alone = t.citizen().post("/v1/tips").json(&tip(0)).send().await;
    alone.expect(201);
    let item = |n| json!({"client_reference": uuid::Uuid::now_v7(), "tip": tip(n)});
    let batch = json!({"tips": [item(1), item(2)]});
    let sent = t.citizen().post("/v1/tips/batch").json(&batch).send().await;
    sent.expect(200);
    t.settle().await;
    let listed = officer.get("/v1/tips").send().await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
    let export = officer.call(Method::GET, "/v1/exports/tips.ndjson");
    let export = export.send().await;
    assert_eq!(export.text().lines().count(), 3, "{}", export.text());
    let mut own = AsyncPgConnection::establish(&server.cluster.url("postgres"))
        .await
        .unwrap();
    let counted = {
        use diesel_async::RunQueryDsl;
        let sql = "select count(*) filter (where not ssl) as plain, count(*) filter (where ssl) as encrypted \
                   from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'guarded'";
        let counted: Counted = diesel::sql_query(sql).get_result(&mut own).await.unwrap();
        counted
    };
    assert!(counted.plain == 0 && counted.encrypted >= 3, "{counted:?}");
}

#[derive(Debug, diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    plain: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    encrypted: i64,
}

#[test]
fn an_address_that_cannot_be_used_stops_the_start_in_one_line() {
    for (rest, said) in [
        ("sslmode=allow", "sslmode must be disable, prefer"),
        ("sslmode=verify-ca", "needs a file of certificates"),
        (
            "sslmode=verify-full&sslrootcert=/nowhere.pem",
            "cannot read certificates from /nowhere.pem",
        ),
        (
            "sslmode=verify-full&sslrootcert=/etc/hostname",
            "no certificate is there",
        ),
        ("sslcompression=1", "must be postgres://"),
        ("sslnegotiation=direct", "needs sslmode=require"),
    ] {
        for name in [
            "DATABASE_URL",
            "TINBAO_READ_DATABASE_URL",
            "TINBAO_MIGRATE_DATABASE_URL",
        ] {
            let url = format!("postgres://u:hunter2@db.example.vn/tinbao?{rest}");
            let read = Config::from_env(Env::new([(name.to_owned(), url)]));
            let lines = read.err().unwrap().to_string();
            assert!(lines.starts_with(&format!("{name}: ")), "{lines}");
            assert!(
                lines.contains(said) && !lines.contains("hunter2"),
                "{lines}"
            );
            assert_eq!(lines.lines().count(), 1, "{lines}");
        }
    }
}
