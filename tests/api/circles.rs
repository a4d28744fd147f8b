//! Duplicates never close a circle: some tip is always left to decide on.

use futures_util::future::join;
use serde_json::json;

use crate::support::{Call, Client, TestApp, rows};
use crate::triage::{TRIAGE, tips};

async fn claimed(officer: &Client, tip: &str) {
    let claim = officer.put(&format!("/v1/tips/{tip}/claim"));
    claim.send().await.expect(200);
}

fn repeats(officer: &Client, tip: &str, other: &str) -> Call {
    let body = json!({"decision": "duplicate", "duplicate_of": other});
    officer
        .post(&format!("/v1/tips/{tip}/decisions"))
        .json(&body)
}

#[actix_web::test]
async fn a_tip_is_no_duplicate_of_one_that_repeats_it() {
    let t = TestApp::new().await;
    let all = tips(&t, 4).await;
    let (x, y, z, w) = (&all[0], &all[1], &all[2], &all[3]);
    let officer = t.officer(TRIAGE);
    for tip in &all {
        claimed(&officer, tip).await;
    }
    repeats(&officer, y, x).send().await.expect(200);
    let refused = repeats(&officer, x, y).send().await.problem(409);
    assert_eq!(refused["code"], "wrong_state");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains(y.as_str()), "{detail}");
    // A duplicate of a duplicate may be; what it repeats in the end may not repeat it.
    repeats(&officer, z, y).send().await.expect(200);
    let refused = repeats(&officer, x, z).send().await.problem(409);
    let detail = refused["detail"].as_str().unwrap();
    assert!(
        detail.contains(z.as_str()) && detail.contains(y.as_str()),
        "{detail}"
    );
    repeats(&officer, x, w).send().await.expect(200);
    repeats(&officer, w, z).send().await.problem(409);

    // What was taken up again repeats nothing any more.
    let reopen = officer.post(&format!("/v1/tips/{y}/reopen"));
    let reopen = reopen.json(&json!({"reason": "new_facts"}));
    reopen.send().await.expect(200);
    claimed(&officer, w).await;
    repeats(&officer, w, z).send().await.expect(200);
}

#[actix_web::test]
async fn two_officers_at_once_close_no_circle() {
    let t = TestApp::new().await;
    let replica = t.replica().await;
    let (one, two) = (
        t.named_officer("one", TRIAGE),
        replica.named_officer("two", TRIAGE),
    );
    for _ in 0..6 {
        let pair = tips(&t, 2).await;
        claimed(&one, &pair[0]).await;
        claimed(&two, &pair[1]).await;
        let (a, b) = join(
            repeats(&one, &pair[0], &pair[1]).send(),
            repeats(&two, &pair[1], &pair[0]).send(),
        )
        .await;
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }
    let left = "select count(*)::text as cell from tip_states where status = 'claimed'";
    assert_eq!(rows(&t, left).await, ["6"]);
}
