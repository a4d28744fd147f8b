//! What the page of problems tells an app to do.

use crate::support::TestApp;

#[actix_web::test]
async fn what_was_queued_offline_is_sent_again_with_a_fresh_token_and_the_same_key() {
    let t = TestApp::new().await;
    let page = t.anyone().get("/problems").send().await.text();
    let advice = |slug: &str| {
        let start = page.find(&format!("<tr id=\"{slug}\">")).expect(slug);
        let row = page[start..].lines().next().unwrap();
        row.to_owned()
    };
    for slug in ["invalid_token", "insufficient_user_authentication"] {
        let row = advice(slug);
        assert!(row.contains("fresh token"), "{row}");
        assert!(row.contains("same Idempotency-Key"), "{row}");
        assert!(!row.contains("Do not retry"), "{row}");
        let page = t.anyone().get(&format!("/problems/{slug}")).send().await;
        assert!(page.text().contains("fresh token"), "{slug}");
    }
    assert!(advice("validation").contains("Do not retry"));
    assert!(advice("receipt_required").contains("Thiếu mã tra cứu"));
}
