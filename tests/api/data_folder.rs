//! The folder of the service's own files: made where it is absent; without it nothing is called unknown.

use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;
use tinbao::app::background;

use crate::checks::{HOUR, check, report};
use crate::support::TestApp;

/// Settings under which nothing else makes the folder.
fn settings(dir: &TempDir) -> [(&'static str, String); 2] {
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    [
        ("TINBAO_DATA_DIR", path("not/yet")),
        ("TINBAO_STORAGE", format!("file://{}", path("evidence"))),
    ]
}

async fn reported(t: &TestApp) {
    for n in 0..3 {
        report(t, "0911986617", &format!("090000000{n}")).await;
        t.clock.advance(HOUR);
    }
}

#[actix_web::test]
async fn a_folder_that_does_not_exist_is_made_for_this_user_alone() {
    let dir = TempDir::new().unwrap();
    let settings = settings(&dir);
    let settings: Vec<(&str, &str)> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let t = TestApp::with(&settings).await;
    let made = std::fs::metadata(dir.path().join("not/yet")).unwrap();
    assert_eq!(made.permissions().mode() & 0o777, 0o700);
    reported(&t).await;
    t.settle().await;
    assert_eq!(check(&t, "0911986617").await["verdict"], "reported");
}

#[actix_web::test]
async fn a_replica_that_cannot_keep_the_index_is_not_ready_and_names_the_folder() {
    let dir = TempDir::new().unwrap();
    let settings = settings(&dir);
    let settings: Vec<(&str, &str)> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let t = TestApp::new().await;
    let lame = t.replica_with(&settings).await;
    lame.anyone().get("/health/ready").send().await.expect(200);
    std::fs::remove_dir_all(dir.path().join("not")).unwrap();
    reported(&t).await;
    t.settle().await;
    let mut conn = lame.running.state.db.dedicated().await.unwrap();
    let failed = background::run(&mut conn, &lame.running).await;
    let told = failed.err().unwrap().with_causes();
    assert!(told.contains("not/yet"), "{told}");
    lame.anyone().get("/health/ready").send().await.problem(503);
    let call = lame.citizen().get("/v1/check?value=0911986617");
    call.send().await.problem(503);
    std::fs::create_dir_all(dir.path().join("not/yet")).unwrap();
    lame.settle().await;
    lame.anyone().get("/health/ready").send().await.expect(200);
    assert_eq!(check(&lame, "0911986617").await["verdict"], "reported");
}
