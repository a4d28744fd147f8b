//! A campaign: hundreds and thousands of tips on one bank account stay one matter that two officers can work on.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::cases::ALL;
use crate::support::{Call, Client, TestApp};

/// As a filter names it: `kind:value`.
const ACCOUNT: &str = "bank_account:970436:0011002233445";
/// Copies of this are one line of the collapsed queue.
const COPIED: &str =
    "Tôi được mời vào nhóm Telegram làm nhiệm vụ, phải chuyển tiền vào tài khoản này rồi bị chặn";
/// Tips with more indicators than a graph shows of all of them.
const RICH: usize = 200;
const LOSS: i64 = 1_000_000;

/// Two officers, and how long the slowest of their calls took.
struct Desk {
    one: Client,
    two: Client,
    slowest: RefCell<(Duration, String)>,
}

impl Desk {
    async fn send(&self, call: Call, name: &str, status: u16) -> Value {
        let began = Instant::now();
        let answer = call.send().await.expect(status);
        let took = began.elapsed();
        let mut slowest = self.slowest.borrow_mut();
        if took > slowest.0 {
            *slowest = (took, name.to_owned());
        }
        answer
    }

    async fn get(&self, path: &str) -> Value {
        self.send(self.one.get(path), path, 200).await
    }

    async fn post(&self, path: &str, body: Value, status: u16) -> Value {
        let call = self.one.post(path).json(&body);
        self.send(call, &format!("POST {path}"), status).await
    }

    /// All items of a list, page by page.
    async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut page) = (Vec::new(), format!("{path}&limit=200"));
        loop {
            let answer = self.get(&page).await;
            items.extend(answer["items"].as_array().unwrap().iter().cloned());
            let Some(cursor) = answer["next_cursor"].as_str() else {
                return items;
            };
            page = format!("{path}&limit=200&cursor={cursor}");
        }
    }

    /// The same, and that none comes twice.
    async fn all_ids(&self, path: &str) -> BTreeSet<String> {
        let items = self.all(path).await;
        let ids: BTreeSet<String> = items.iter().map(id).collect();
        assert_eq!(ids.len(), items.len(), "{path} lists a tip twice");
        ids
    }
}

fn id(item: &Value) -> String {
    item["id"].as_str().unwrap().to_owned()
}

fn ids(list: &Value) -> BTreeSet<String> {
    let all = list.as_array().unwrap().iter();
    all.map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// A word of its own for each number.
fn word(mut n: usize) -> String {
    let mut word = String::from("k");
    loop {
        word.push_str(["ba", "co", "du", "ghe", "hi", "la", "mo", "nu", "pha", "xe"][n % 10]);
        n /= 10;
        if n == 0 {
            return word;
        }
    }
}

fn tip(n: usize) -> Value {
    let text = if n.is_multiple_of(2) {
        COPIED.to_owned()
    } else {
        // Numbers are no part of what is compared.
        let words: Vec<String> = (0..12).map(|place| word(12 * n + place)).collect();
        words.join(" ")
    };
    let mut indicators = vec![json!({
        "kind": "bank_account", "value": "0011002233445", "bank": "VCB", "role": "received_money"
    })];
    let more = if n < RICH { 11 } else { 1 };
    indicators
        .extend((0..more).map(|m| json!({"value": format!("https://trang{n}-{m}.example.net/")})));
    json!({"narrative": text, "losses": [{"amount_vnd": LOSS}], "indicators": indicators})
}

/// So many tips, a hundred a batch, some minutes apart.
async fn send(t: &TestApp, count: usize) {
    let numbers: Vec<usize> = (0..count).collect();
    for batch in numbers.chunks(100) {
        let item = |n: &usize| json!({"client_reference": Uuid::new_v7(uuid::Timestamp::now(uuid::NoContext)), "tip": tip(*n)});
        let body = json!({"tips": batch.iter().map(item).collect::<Vec<_>>()});
        let answer = t.citizen().post("/v1/tips/batch").json(&body).send();
        for result in answer.await.expect(200)["results"].as_array().unwrap() {
            assert_eq!(result["status"], 201, "{result}");
        }
        t.clock.advance(Duration::from_secs(120));
    }
    t.settle().await;
}

async fn play(count: usize) -> (Duration, String) {
    let t = TestApp::new().await;
    send(&t, count).await;
    let desk = Desk {
        one: t.named_officer("one", ALL),
        two: t.named_officer("two", ALL),
        slowest: RefCell::default(),
    };
    the_queue_holds_each_once(&desk, count).await;
    two_officers_claim_different_ones(&t, &desk).await;
    let main = the_ring_is_accepted(&desk, count).await;
    let (second, rest) = the_rest_is_split(&desk).await;
    t.settle().await;
    the_case_is_shown_in_parts(&desk, &main, count - rest).await;
    merging_moves_all_and_unmerging_restores_both(&desk, &main, &second).await;
    desk.slowest.into_inner()
}

async fn the_queue_holds_each_once(desk: &Desk, count: usize) {
    let mut orders = Vec::new();
    for sort in ["priority", "received", "due"] {
        let path = format!("/v1/triage/queue?indicator={ACCOUNT}&sort={sort}");
        let all = desk.all_ids(&path).await;
        assert_eq!(all.len(), count, "{sort}");
        orders.push(all);
    }
    assert!(orders.windows(2).all(|pair| pair[0] == pair[1]));
    let path = format!("/v1/triage/queue?indicator={ACCOUNT}&collapse=true");
    let lines = desk.all(&path).await;
    let floods: Vec<&Value> = lines
        .iter()
        .filter(|line| !line["flood"].is_null())
        .collect();
    assert_eq!((lines.len(), floods.len()), (count / 2 + 1, 1));
    assert_eq!(floods[0]["flood"]["tips"], count / 2);
    let related = desk
        .get(&format!("/v1/tips/{}/related", id(floods[0])))
        .await;
    assert!(related["items"].as_array().unwrap().len() <= 50);
    assert!(related.to_string().contains("\"hot\":true"), "{related}");
}

async fn two_officers_claim_different_ones(t: &TestApp, desk: &Desk) {
    let body = json!({"max": 20, "filter": {"indicator": ACCOUNT}});
    let claim = |officer: &Client| officer.post("/v1/triage/claims").json(&body);
    let (first, second) = futures_util::future::join(
        desk.send(claim(&desk.one), "POST /v1/triage/claims", 200),
        desk.send(claim(&desk.two), "POST /v1/triage/claims", 200),
    )
    .await;
    let both = [&first, &second].map(|claimed| claimed["items"].as_array().unwrap());
    let distinct: BTreeSet<String> = both.into_iter().flatten().map(id).collect();
    assert_eq!(distinct.len(), 40);
    t.clock.advance(Duration::from_secs(16 * 60));
}

/// Into one case, with as many calls as it takes; a sixth is left.
async fn the_ring_is_accepted(desk: &Desk, count: usize) -> String {
    let (mut case, mut accepted) = (None, 0);
    while count - accepted > count / 6 {
        let found = desk.get("/v1/cases/suggestions").await;
        let rings = found["items"].as_array().unwrap();
        assert_eq!(rings.len(), 1, "one ring, not its copies or pages");
        let ring = &rings[0];
        let of_it = ids(&ring["tip_ids"]).len();
        assert_eq!(
            (of_it, &ring["tips"]),
            (500.min(count - accepted), &json!(of_it))
        );
        let shared = &ring["shared"][0];
        assert_eq!(
            (&shared["value"], &shared["tips"]),
            (&json!("970436:0011002233445"), &json!(of_it))
        );
        assert_eq!(shared["named_by"], count, "all that ever named it");
        accepted += of_it;
        let tips = &ring["tip_ids"];
        let view = match &case {
            None => {
                desk.post(
                    "/v1/cases",
                    json!({"title": "Việc nhẹ lương cao", "tip_ids": tips}),
                    201,
                )
                .await
            }
            Some(path) => {
                desk.post(&format!("{path}/tips"), json!({"tip_ids": tips}), 200)
                    .await
            }
        };
        assert_eq!(view["totals"]["tips"], accepted);
        assert_eq!(view["totals"]["victims"], accepted);
        assert_eq!(view["totals"]["losses_vnd"], LOSS * accepted as i64);
        case = Some(format!("/v1/cases/{}", id(&view)));
    }
    case.unwrap()
}

/// Some into a second case, the others dismissed with one reason; returns the case and how many were left.
async fn the_rest_is_split(desk: &Desk) -> (String, usize) {
    let path = format!("/v1/triage/queue?indicator={ACCOUNT}");
    let left: Vec<String> = desk.all_ids(&path).await.into_iter().collect();
    let body = json!({"title": "Cùng một tài khoản", "tip_ids": left[..40]});
    let second = desk.post("/v1/cases", body, 201).await;
    let mut wish = json!({"indicator": ACCOUNT, "reason": "insufficient", "dry_run": true});
    let tried = desk.post("/v1/triage/dismissals", wish.clone(), 200).await;
    wish["dry_run"] = json!(false);
    let done = desk.post("/v1/triage/dismissals", wish, 200).await;
    for dismissed in [&tried, &done] {
        assert_eq!(
            (&dismissed["count"], &dismissed["more"]),
            (&json!(left.len() - 40), &json!(false))
        );
    }
    assert_eq!(ids(&done["tip_ids"]), left[40..].iter().cloned().collect());
    assert_eq!(desk.all(&path).await, Vec::<Value>::new());
    let dismissed = desk.all_ids(&format!("{path}&status=dismissed")).await;
    assert_eq!(dismissed.len(), left.len() - 40);
    (format!("/v1/cases/{}", id(&second)), left.len())
}

async fn the_case_is_shown_in_parts(desk: &Desk, case: &str, tips: usize) {
    let view = desk.get(case).await;
    assert_eq!(view["totals"]["tips"], tips);
    assert_eq!(ids(&view["tips"]).len(), 200, "the first of them");
    let number = id(&view);
    let items = desk.all(&format!("/v1/tips?case_id={number}")).await;
    let all: BTreeSet<String> = items.iter().map(id).collect();
    assert_eq!((all.len(), items.len()), (tips, tips));
    assert!(ids(&view["tips"]).is_subset(&all));
    let graph = desk.get(&format!("{case}/graph")).await;
    let (nodes, edges) = (
        graph["nodes"].as_array().unwrap(),
        graph["edges"].as_array().unwrap(),
    );
    let shown: Vec<&Value> = nodes.iter().filter(|node| node["kind"] == "tip").collect();
    assert_eq!(
        (shown.len(), &graph["more_tips"]),
        (200, &json!(tips - 200))
    );
    let all_edges = edges.len() as u64 + graph["more_edges"].as_u64().unwrap();
    let in_graph: BTreeSet<String> = shown.into_iter().map(id).collect();
    let named = items.iter().filter(|tip| in_graph.contains(&id(tip)));
    let wanted: usize = named
        .map(|tip| tip["indicators"].as_array().unwrap().len())
        .sum();
    assert!(graph["more_edges"].as_u64().unwrap() > 0, "{wanted} edges");
    assert_eq!((edges.len() <= 2_000, all_edges), (true, wanted as u64));
    let account = nodes
        .iter()
        .find(|node| node["value"] == "970436:0011002233445")
        .unwrap();
    let touching = edges
        .iter()
        .filter(|edge| edge["indicator"] == account["id"])
        .count();
    assert_eq!(account["degree"], touching);
    let cases = desk.get(&format!("/v1/cases?indicator={ACCOUNT}")).await;
    assert_eq!(cases["items"].as_array().unwrap().len(), 2);
    let mut kinds: Vec<String> = Vec::new();
    for event in desk.all(&format!("{case}/timeline?")).await {
        kinds.push(event["type"].as_str().unwrap().to_owned());
    }
    for (kind, count) in [
        ("case.opened", 1),
        ("tip.received", tips),
        ("tip.decided", tips),
    ] {
        assert_eq!(
            kinds.iter().filter(|told| *told == kind).count(),
            count,
            "{kind}"
        );
    }
}

/// In both directions: the small one into the large one, and the large one into the small one.
async fn merging_moves_all_and_unmerging_restores_both(desk: &Desk, main: &str, second: &str) {
    let told = |case: &Value| {
        json!([
            case["totals"],
            case["tips"],
            case["received_at"],
            case["state"],
            case["next_due_at"]
        ])
    };
    let before = [desk.get(main).await, desk.get(second).await];
    let sum = |what: &str| {
        before
            .iter()
            .map(|case| case["totals"][what].as_i64().unwrap())
            .sum::<i64>()
    };
    for (into, other) in [(main, second), (second, main)] {
        let other_id = other.rsplit('/').next().unwrap();
        let merged = desk
            .post(&format!("{into}/merge"), json!({"case_id": other_id}), 200)
            .await;
        for what in ["tips", "victims", "losses_vnd"] {
            assert_eq!(merged["totals"][what], sum(what), "{what}");
        }
        let into_id = into.rsplit('/').next().unwrap();
        let moved = desk.all_ids(&format!("/v1/tips?case_id={into_id}")).await;
        assert_eq!(moved.len() as i64, sum("tips"));
        desk.post(
            &format!("{into}/unmerge"),
            json!({"case_id": other_id}),
            200,
        )
        .await;
        for (path, was) in [main, second].into_iter().zip(&before) {
            assert_eq!(told(&desk.get(path).await), told(was), "{path}");
        }
    }
}

#[actix_web::test]
async fn hundreds_of_tips_on_one_account_are_one_matter() {
    play(600).await;
}

/// `cargo test --test api -- --ignored --nocapture campaign`
#[actix_web::test]
#[ignore = "takes minutes"]
async fn thousands_of_tips_on_one_account_are_one_matter() {
    let (took, call) = play(5_000).await;
    println!("slowest: {call} took {} ms", took.as_millis());
}
