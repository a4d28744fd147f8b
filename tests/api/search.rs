//! Searching the texts, and lists that stay on their indexes however many tips there are.

use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{TestApp, rows};

const TRIAGE: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage];

async fn send(t: &TestApp, text: &str) {
    let body = json!({"narrative": text});
    t.submit(&body).await;
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[actix_web::test]
async fn words_phrases_and_beginnings_are_found_with_or_without_accents() {
    let t = TestApp::new().await;
    for text in [
        "Bị lừa chuyển khoản cho người lạ",
        "Đã chuyển tiền vào tài khoản công ty",
        "Công an giả gọi điện",
    ] {
        send(&t, text).await;
    }
    t.settle().await;
    let officer = t.officer(TRIAGE);
    for (query, found) in [
        ("chuyen khoan", 2),
        ("\"chuyển khoản\"", 1),
        ("chuy*", 2),
        ("CHUYE* tài", 1),
        ("\"chuyen kho*\"", 1),
        ("\"chuyển khoản\" la*", 1),
        ("chuy* -công", 1),
        ("đi*", 1),
        ("*", 0),
        ("'* & | :* <->", 0),
    ] {
        for list in ["/v1/triage/queue", "/v1/tips"] {
            let reply = officer
                .get(&format!("{list}?q={}", encoded(query)))
                .send()
                .await;
            let count = reply.expect(200)["items"].as_array().unwrap().len();
            assert_eq!(count, found, "{query}");
            assert_eq!(reply.header("x-search-behind"), "0");
        }
    }
    let body = json!({"max": 20, "filter": {"q": "\"chuyen kho*\""}});
    let claimed = officer.post("/v1/triage/claims").json(&body).send().await;
    assert_eq!(claimed.expect(200)["items"].as_array().unwrap().len(), 1);
}

/// How many tips of the queue a search finds.
async fn count(t: &TestApp, query: &str) -> usize {
    let path = format!("/v1/triage/queue?q={}", encoded(query));
    let reply = t.officer(TRIAGE).get(&path).send().await.expect(200);
    reply["items"].as_array().unwrap().len()
}

#[actix_web::test]
async fn links_addresses_amounts_and_compounds_are_found_in_any_form() {
    let t = TestApp::new().await;
    for text in [
        "Trang https://vietcom-bank.vn/dang-nhap?id=7 đòi 5.000.000đ",
        "Viết cho nguoi.ban@gmail.com, STK19036789, lừa-đảo",
        "Zalo gửi mã OTP",
    ] {
        send(&t, text).await;
    }
    t.settle().await;
    for (query, found) in [
        ("vietcom-bank.vn", 1),
        ("https://vietcom-bank.vn/dang-nhap?id=7", 1),
        ("bank", 1),
        ("bank-vietcom", 0),
        ("5.000.000", 1),
        ("\"5,000,000 đ\"", 1),
        ("000.5", 0),
        ("NGUOI.BAN@GMAIL.COM", 1),
        ("gmail", 1),
        ("\"stk 19036789\"", 1),
        ("1903*", 1),
        ("lua-dao", 1),
        ("\"lừa đảo\"", 1),
        ("đảo-lừa", 0),
        ("zalo or gmail", 2),
        ("zalo or gm* stk", 2),
        ("zalo or gm* -stk", 1),
        ("-zalo", 2),
        ("-\"mã otp\" -vietc*", 1),
        ("ma\\'otp & | !", 1),
    ] {
        assert_eq!(count(&t, query).await, found, "{query}");
    }
}

#[actix_web::test]
async fn documents_of_an_earlier_version_are_read_again() {
    let t = TestApp::new().await;
    send(&t, "Vào vietcom-bank.vn").await;
    t.settle().await;
    let earlier = "update tip_search set stale = default, document = to_tsvector('tinbao_vi',
        (select narrative from tips where id = tip_id))";
    t.owner().await.batch_execute(earlier).await.unwrap();
    assert_eq!(count(&t, "bank").await, 0);
    assert_eq!(count(&t, "vao").await, 1);
    t.settle().await;
    assert_eq!(count(&t, "bank").await, 1);
    let stale = "select count(*)::text as cell from tip_search where stale";
    assert_eq!(rows(&t, stale).await, ["0"]);
}

#[actix_web::test]
async fn a_search_says_how_far_it_is_behind() {
    let t = TestApp::new().await;
    send(&t, "tin mới").await;
    t.clock.advance(Duration::from_secs(7));
    let officer = t.officer(TRIAGE);
    let reply = officer.get("/v1/triage/queue?q=moi").send().await;
    assert_eq!(reply.expect(200)["items"], json!([]));
    assert_eq!(reply.header("x-search-behind"), "7");
    t.settle().await;
    let reply = officer.get("/v1/triage/queue?q=moi").send().await;
    assert_eq!(reply.expect(200)["items"].as_array().unwrap().len(), 1);
    // The search itself is in the audit, and that entry is read within a second.
    assert_eq!(reply.header("x-search-behind"), "0");
}

#[actix_web::test]
async fn a_search_that_takes_too_long_is_ended_and_says_so() {
    let t = TestApp::new().await;
    let mut owner = t.owner().await;
    owner
        .batch_execute("begin; lock table tip_search")
        .await
        .unwrap();
    let reply = t.officer(TRIAGE).get("/v1/triage/queue?q=tin").send().await;
    assert_eq!(reply.problem(503)["code"], "search_too_slow");
    assert_eq!(reply.header("retry-after"), "1");
}

/// 50,000 tips as the reader and the intake would have left them.
const MANY: &str = "
    insert into tips (id, received_at, client_id, anonymous, narrative, details)
    select ('01a20000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, timestamptz '2026-11-20' + n * interval '1 s',
           'test', true, 'tin ' || n, '{}' from generate_series(1, 50000) n;
    insert into tip_states (tip_id, received_at, status, desk, source_kind, score, level, reasons, due_at, updated_at, flood_id)
    select id, received_at, case when n % 10 = 0 then 'dismissed' else 'received' end, 'cyber', 'tin_bao', n % 40,
           'low', '[]', received_at + interval '24 hours', received_at,
           case when n % 100 = 0 then '01a20000-0000-7000-8000-000000000064'::uuid end
    from (select *, row_number() over (order by id) as n from tips) t;
    insert into indicators (key, id, kind, value, display, attributes, first_seen)
    select sha256(('phone:+8490' || lpad(n::text, 7, '0'))::bytea), gen_random_uuid(), 'phone', '+8490' || lpad(n::text, 7, '0'), '090' || lpad(n::text, 7, '0'), '{}', now()
    from generate_series(1, 10000) n;
    insert into tip_indicators (tip_id, ordinal, kind, indicator_key, source, attributes)
    select id, 0, 'phone', sha256(('phone:+8490' || lpad((n % 10000 + 1)::text, 7, '0'))::bytea), 'reported', '{}'
    from (select id, row_number() over (order by id) as n from tips) t;
    insert into tip_search (tip_id, document, stale) select id, to_tsvector('tinbao_vi', narrative), false from tips;
    insert into tip_texts (tip_id, signature, band_1, band_2, band_3, band_4, band_5)
    select id, decode(repeat(md5(n::text), 8), 'hex'), n, n, n, n, n
    from (select id, row_number() over (order by id) as n from tips) t;";

#[actix_web::test]
async fn lists_claims_related_tips_and_searches_never_scan_a_table() {
    let t = TestApp::new().await;
    t.owner().await.batch_execute(MANY).await.unwrap();
    // The index of the words takes new entries in heaps; vacuum sorts them in, as it does in service.
    t.owner()
        .await
        .batch_execute("vacuum analyze")
        .await
        .unwrap();
    let scans = "select relname || ' ' || seq_scan as cell from pg_stat_user_tables
        where relname in ('tips', 'tip_states', 'tip_indicators', 'indicators', 'tip_search', 'tip_texts')
        order by relname";
    let officer = t.officer(TRIAGE);
    let before = rows(&t, scans).await;
    let one = "01a20000-0000-7000-8000-000000001001";
    for path in [
        "/v1/triage/queue".to_owned(),
        "/v1/triage/queue?desk=cyber&sort=due".to_owned(),
        "/v1/triage/queue?sort=received&status=dismissed".to_owned(),
        "/v1/triage/queue?collapse=true".to_owned(),
        "/v1/triage/queue?indicator=phone:%2B84900000005".to_owned(),
        "/v1/triage/queue?q=4711".to_owned(),
        "/v1/tips?q=471*".to_owned(),
        "/v1/tips?limit=200".to_owned(),
        format!("/v1/tips/{one}/related"),
    ] {
        let reply = officer.get(&path).send().await.expect(200);
        assert!(!reply["items"].as_array().unwrap().is_empty(), "{path}");
    }
    let body = json!({"max": 20, "desk": "cyber"});
    let claimed: Value = officer
        .post("/v1/triage/claims")
        .json(&body)
        .send()
        .await
        .expect(200);
    assert_eq!(claimed["items"].as_array().unwrap().len(), 20);
    // A connection hands in its counts once a second, with its next statement.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    officer
        .get(&format!("/v1/tips/{one}"))
        .send()
        .await
        .expect(200);
    assert_eq!(
        rows(&t, scans).await,
        before,
        "an index serves each of them"
    );
}

#[actix_web::test]
async fn a_trace_alone_is_found_however_it_is_written_in_the_text() {
    let t = TestApp::new().await;
    for text in [
        "Số 0912 345 678 gọi tự xưng công an",
        "Nó bảo chuyển vào Vietcombank 0011 0022 33445",
        "Bấm vào https://vcb-xacthuc.top/dang-nhap?x=1 rồi mất tiền",
        "Chuyện khác hẳn, 0987 654 321",
    ] {
        send(&t, text).await;
    }
    t.settle().await;
    let officer = t.officer(TRIAGE);
    for (query, found) in [
        ("0912345678", 1),
        ("+84912345678", 1),
        ("0912.345.678", 1),
        ("0011002233445", 1),
        ("VCB 0011002233445", 1),
        ("vcb-xacthuc.top", 1),
        ("https://www.vcb-xacthuc.top/", 1),
        ("0912345679", 0),
        ("vcb-xacthuc.top/khac", 0),
        ("-0912345678", 3),
        ("công an", 1),
    ] {
        for list in ["/v1/triage/queue", "/v1/tips"] {
            let reply = officer
                .get(&format!("{list}?q={}", encoded(query)))
                .send()
                .await;
            let count = reply.expect(200)["items"].as_array().unwrap().len();
            assert_eq!(count, found, "{list} {query}");
        }
    }
    let claim = officer.post("/v1/triage/claims");
    let body = json!({"max": 5, "filter": {"q": "0912345678"}});
    let claimed = claim.json(&body).send().await.expect(200);
    assert_eq!(claimed["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn the_number_that_a_citizen_reads_out_finds_tip_and_case() {
    let t = TestApp::new().await;
    send(&t, "Một tin").await;
    send(&t, "Tin khác").await;
    t.settle().await;
    let officer = t.officer(&[
        Scope::TipsRead,
        Scope::TipsTriage,
        Scope::CasesRead,
        Scope::CasesWrite,
    ]);
    let found = async |list: &str, number: &str| {
        let page = officer
            .get(&format!("{list}?q={}", encoded(number)))
            .send()
            .await
            .expect(200);
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].clone()).collect::<Vec<_>>()
    };
    let page = officer.get("/v1/tips").send().await.expect(200);
    let tip = &page["items"][0];
    let (id, number) = (tip["id"].as_str().unwrap(), tip["number"].as_str().unwrap());
    for list in ["/v1/tips", "/v1/triage/queue"] {
        assert_eq!(found(list, number).await, [id], "{list}");
        assert_eq!(
            found(list, &format!(" {} ", number.to_lowercase())).await,
            [id],
            "{list}"
        );
        assert!(found(list, "DB-T-2026-999999").await.is_empty());
    }
    officer
        .put(&format!("/v1/tips/{id}/claim"))
        .send()
        .await
        .expect(200);
    let decide = officer.post(&format!("/v1/tips/{id}/decisions"));
    let accept = json!({"decision": "accept", "reason": "signs_of_crime"});
    let case = decide.json(&accept).send().await.expect(200)["case_id"].clone();
    let shown = officer.get(&format!("/v1/cases/{}", case.as_str().unwrap()));
    let of_case = shown.send().await.expect(200)["number"]
        .as_str()
        .unwrap()
        .to_owned();
    t.settle().await;
    assert_eq!(
        found("/v1/cases", &of_case).await,
        std::slice::from_ref(&case)
    );
    assert_eq!(found("/v1/cases", number).await, [case]);
    assert_eq!(found("/v1/tips", &of_case).await, [id]);
    assert!(found("/v1/cases", "DB-C-2026-999999").await.is_empty());
}

#[actix_web::test]
async fn a_number_that_must_not_be_there_is_left_out_in_every_spelling() {
    let t = TestApp::new().await;
    for text in [
        "Bị lừa qua số 0987654321",
        "Bị lừa qua số 0987.654.321",
        "Bị lừa qua số +84 987 654 321",
        "Bị lừa qua https://vcb-xacthuc.top/dang-nhap",
        "Bị lừa qua số 0911222333",
    ] {
        send(&t, text).await;
    }
    t.settle().await;
    for (query, found) in [
        ("-0987654321", 2),
        ("lừa -0987.654.321", 2),
        ("-+84987654321 -vcb-xacthuc.top", 1),
        ("lừa", 5),
        ("0987654321", 3),
        ("0911222333 or -0987654321", 4),
    ] {
        assert_eq!(count(&t, query).await, found, "{query}");
    }
    let body = json!({"max": 20, "filter": {"q": "lừa -0987654321 -vcb-xacthuc.top"}});
    let claimed = t.officer(TRIAGE).post("/v1/triage/claims");
    let claimed = claimed.json(&body).send().await.expect(200);
    assert_eq!(claimed["items"].as_array().unwrap().len(), 1);
}
