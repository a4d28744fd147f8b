//! What concerns root only: PostgreSQL refuses to be root.

use super::*;

/// Elsewhere there is nothing to try.
fn am_root() -> bool {
    let root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    if !root {
        eprintln!("skipped: needs root");
    }
    root
}

#[test]
fn as_root_postgres_runs_as_another_user() {
    if !am_root() {
        return;
    }
    let top = folder();
    let cluster = Cluster::start(&options(top.path())).unwrap();
    let process = PathBuf::from(format!("/proc/{}", postmaster_pid(cluster.dir())));
    assert_ne!(fs::metadata(&process).unwrap().uid(), 0);
    let status = fs::read_to_string(process.join("status")).unwrap();
    let groups = status
        .lines()
        .find_map(|l| l.strip_prefix("Groups:"))
        .unwrap();
    assert_eq!(groups.trim(), "", "root's groups were kept");
    let environment = fs::read_to_string(process.join("environ")).unwrap();
    assert!(
        !environment.contains("CARGO"),
        "our environment was handed on"
    );
    for (file, mode) in [("", 0o755), ("data", 0o700), ("run", 0o700)] {
        let found = fs::metadata(cluster.dir().join(file)).unwrap();
        assert_eq!(found.mode() & 0o777, mode, "{file}");
    }
}

#[test]
fn as_root_a_folder_that_postgres_may_not_enter_is_replaced() {
    if !am_root() {
        return;
    }
    let top = TempDir::new().unwrap();
    fs::set_permissions(top.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let dir = top.path().join("var/postgres");
    let throwaway = Options {
        durability: Durability::Throwaway,
        ..options(&dir)
    };
    let cluster = Cluster::start(&throwaway).unwrap();
    let elsewhere = cluster.dir().to_owned();
    assert!(
        !elsewhere.starts_with(top.path()),
        "{}",
        elsewhere.display()
    );
    assert_eq!(fs::read_link(dir.join("elsewhere")).unwrap(), elsewhere);
    sql(&cluster.url("postgres"), "create table t as select 7 as x").unwrap();
    assert_eq!(
        running_url(&dir, OWNER, "postgres"),
        Some(cluster.url("postgres"))
    );
    cluster.stop().unwrap();

    let again = Cluster::start(&throwaway).unwrap();
    assert_eq!(sql(&again.url("postgres"), "table t").unwrap(), "7");
    again.stop().unwrap();

    // Data that should be there and is not must not be replaced by nothing.
    fs::remove_dir_all(&elsewhere).unwrap();
    let error = Cluster::start(&options(&dir)).unwrap_err();
    assert!(matches!(error, EmbeddedError::DataMoved { .. }), "{error}");
    let cluster = Cluster::start(&throwaway).unwrap();
    let elsewhere = cluster.dir().to_owned();
    cluster.stop().unwrap();
    fs::remove_dir_all(elsewhere).unwrap();
}
