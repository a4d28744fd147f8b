//! Input that is meant to hurt.

use crate::support::TestApp;

#[actix_web::test]
async fn unknown_paths_and_methods_are_problems() {
    let t = TestApp::new().await;
    t.anyone()
        .get("/v1/nothing?secret=1")
        .send()
        .await
        .problem(404);
    let reply = t.anyone().delete("/v1/tips").send().await;
    reply.problem(405);
    assert_eq!(reply.header("allow"), "GET, HEAD, POST");
}
