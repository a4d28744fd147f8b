//! Keys change while the service runs: its own, and those of an identity provider.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use tinbao::auth::{LocalKeys, NewToken, Origin, Scope, ScopeSet, issue};
use tinbao::db::embedded::{OWNER, running_url};
use uuid::Uuid;

use crate::process::{open_to_postgres, request, start, start_with, stop, tinbao, token};
use crate::support::{Claims, TestApp};

#[actix_web::test]
async fn a_rotated_signing_key_leaves_old_tokens_attestations_and_checkpoints_good() {
    let dir = tempfile::tempdir().unwrap();
    let t = TestApp::signed_by(LocalKeys::load_or_create(dir.path()).unwrap()).await;
    let claims = Claims {
        scopes: "tips:read tips:submit audit:read",
        ..Claims::default()
    };
    let old = t.bearer(&claims);
    let tip = json!({"narrative": "trước"});
    let sent = old.post("/v1/tips").json(&tip).send().await.expect(201);
    t.settle().await;
    let kept = old.get("/v1/audit/checkpoint").send().await.expect(200);
    let kids = || async {
        let set = t.anyone().get("/.well-known/jwks.json").send().await;
        let set = set.expect(200);
        let keys = set["keys"].as_array().unwrap().clone();
        keys.iter()
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let before = kids().await;
    assert_eq!(before.len(), 1);

    let fresh = t.signer.rotate().unwrap();
    assert_eq!(
        kids().await,
        [fresh.clone(), before[0].clone()],
        "both are published"
    );
    let new = t.bearer(&claims);
    for bearer in [&old, &new] {
        bearer.get("/v1/tips").send().await.expect(200);
    }
    t.settle().await;
    let checked = t
        .anyone()
        .post("/v1/attestations/verify")
        .json(&json!({"attestation": sent["attestation"]}))
        .send()
        .await
        .expect(200);
    assert_eq!(checked["valid"], true, "{checked}");
    let path = format!(
        "/v1/audit/verify?checkpoint={}",
        kept["checkpoint"].as_str().unwrap()
    );
    let found = new.get(&path).send().await.expect(200);
    assert_eq!(
        found["intact"], true,
        "checkpoints of both keys hold: {found}"
    );
    assert!(found["checkpoints"].as_i64().unwrap() >= 2, "{found}");

    // Retired, it signs nothing any more that is believed.
    let mut files: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "pem"))
        .collect();
    files.sort();
    std::fs::remove_file(&files[0]).unwrap();
    t.signer.reload().unwrap();
    assert_eq!(kids().await, [fresh]);
    new.get("/v1/tips").send().await.expect(200);
    let late = old.get("/v1/tips").send().await.status.as_u16();
    // Verified moments ago, it may be remembered until it is asked for anew.
    t.clock.advance(Duration::from_secs(3_600));
    let after = old.get("/v1/tips").send().await.status.as_u16();
    assert!([200, 401].contains(&late) && after == 401, "{late} {after}");
}

/// Turns a bit of the sealed identities, or turns it back.
fn alter_identity(dir: &std::path::Path) {
    let url = running_url(&dir.join("postgres"), OWNER, "tinbao").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
        let act = "update reporter_identities
            set wrapped_key = set_byte(wrapped_key, 20, get_byte(wrapped_key, 20) # 1)";
        diesel::sql_query(act).execute(&mut conn).await.unwrap();
    });
}

#[test]
fn identity_keys_are_rotated_from_the_command_line_and_the_old_one_thrown_away() {
    let dir = tempfile::Builder::new()
        .prefix("tinbao-rotate")
        .tempdir()
        .unwrap();
    open_to_postgres(dir.path());
    let running = start(dir.path());
    let app = token(dir.path(), "tips:submit");
    let officer = token(dir.path(), "tips:triage reporters:reveal");
    let tip = json!({"narrative": "x", "reporter": {"name": "Người Báo Tin"}});
    let sent = send(&running.address, "POST", "/v1/tips", &app, &tip);
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    stop(running);

    let file = dir.path().join("keys/identity.keys");
    let old = std::fs::read_to_string(&file).unwrap();
    let fresh = tinbao::keys::IdentityKeys::generate("k2").to_text();
    std::fs::write(&file, format!("{fresh}\n{old}")).unwrap();
    let running = start(dir.path());
    // The keys of another installation: nothing is said to be in order, and nothing is rotated.
    let foreign = tinbao::keys::IdentityKeys::generate("k9").to_text();
    let right = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, foreign).unwrap();
    for arguments in [vec!["keys", "rotate"], vec!["doctor"]] {
        let output = tinbao(dir.path()).args(&arguments).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!output.status.success(), "{said}");
        assert!(said.contains("belong to another installation"), "{said}");
    }
    std::fs::write(&file, right).unwrap();
    let run = |arguments: &[&str]| {
        let output = tinbao(dir.path()).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said
    };
    let said = run(&["keys", "rotate"]);
    assert!(said.contains("All data keys are wrapped by 'k2'"), "{said}");
    assert!(
        said.contains("once every replica has been restarted"),
        "{said}"
    );
    // The tip came a moment ago: another replica might have sealed it.
    let warned = "note 1 submissions of the last 10 minutes were sealed with an older key";
    assert!(said.contains(warned), "{said}");
    assert!(!run(&["keys", "rotate"]).contains("note"));
    let doctor = run(&["doctor"]);
    assert!(
        doctor.contains("ok   the service's database role cannot rewrite the audit"),
        "{doctor}"
    );
    let english = "ok   Postgres gives its messages in English";
    assert!(doctor.contains(english), "{doctor}");
    assert!(run(&["audit", "verify"]).contains("The journal is intact."));
    let calendar = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/reference/data/calendar.json"
    );
    assert!(run(&["reference", "load", calendar]).contains("'calendar' is replaced"));
    // What is done by command is in the audit as well.
    let auditor = token(dir.path(), "audit:read");
    for (kind, what, is) in [
        ("keys.rotated", "key", "k2"),
        ("reference.loaded", "list", "calendar"),
    ] {
        let path = format!("/v1/audit?type={kind}");
        let audit = send(&running.address, "GET", &path, &auditor, &json!({}));
        let entries = audit["items"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "{audit}");
        assert_eq!(
            (&entries[0]["actor"], &entries[0]["data"][what]),
            (&json!("system"), &json!(is))
        );
    }
    for bad in [true, false] {
        alter_identity(dir.path());
        let output = tinbao(dir.path()).arg("doctor").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = said.contains("BAD  1 of the newest 2000 identities do not open");
        assert_eq!((told, output.status.success()), (bad, !bad), "{said}");
        assert_eq!(said.contains(sent["id"].as_str().unwrap()), bad, "{said}");
    }
    stop(running);

    std::fs::write(&file, fresh).unwrap();
    let running = start(dir.path());
    send(
        &running.address,
        "PUT",
        &format!("{path}/claim"),
        &officer,
        &json!({}),
    );
    let purpose = json!({"purpose": "Gọi lại để hỏi"});
    let shown = send(
        &running.address,
        "POST",
        &format!("{path}/reporter/reveal"),
        &officer,
        &purpose,
    );
    assert_eq!(shown["name"], "Người Báo Tin");
    stop(running);
}

/// Sends JSON and returns the answer's body.
pub fn send(address: &str, method: &str, path: &str, bearer: &str, body: &Value) -> Value {
    let body = body.to_string();
    let answer = request(
        address,
        &format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {bearer}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let (start, end) = (body.find('{').unwrap(), body.rfind('}').unwrap());
    serde_json::from_str(&body[start..=end]).unwrap()
}

#[test]
fn a_rotation_that_is_killed_half_way_harms_nothing_and_is_resumed() {
    let dir = tempfile::Builder::new()
        .prefix("tinbao-resume")
        .tempdir()
        .unwrap();
    open_to_postgres(dir.path());
    let unlimited = [("TINBAO_LIMITS", "off")];
    let running = start_with(dir.path(), std::process::Stdio::null(), &unlimited);
    let app = token(dir.path(), "tips:submit");
    let officer = token(dir.path(), "tips:triage reporters:reveal");
    for _ in 0..12 {
        let tips: Vec<Value> = (0..100)
            .map(|n| {
                let tip =
                    json!({"narrative": format!("tin {n}"), "reporter": {"name": "Người Báo Tin"}});
                json!({"client_reference": Uuid::now_v7(), "tip": tip})
            })
            .collect();
        let path = "/v1/tips/batch";
        send(&running.address, "POST", path, &app, &json!({"tips": tips}));
    }
    stop(running);
    let file = dir.path().join("keys/identity.keys");
    let old = std::fs::read_to_string(&file).unwrap();
    let fresh = tinbao::keys::IdentityKeys::generate("k2").to_text();
    std::fs::write(&file, format!("{fresh}\n{old}")).unwrap();
    let running = start(dir.path());

    // Killed once it has told of its first batch, in the midst of the second.
    let mut rotating = tinbao(dir.path())
        .args(["keys", "rotate"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = String::new();
    let mut lines = std::io::BufReader::new(rotating.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut lines, &mut told).unwrap();
    rotating.kill().unwrap();
    rotating.wait().unwrap();
    assert!(told.contains("data keys wrapped anew"), "{told}");

    // Some are wrapped by the one key, some by the other; whoever reports, it opens.
    let url = running_url(&dir.path().join("postgres"), OWNER, "tinbao").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let wrapped_by = |comparison: &str| -> Vec<String> {
        let sql = format!(
            "select tip_id::text as cell from reporter_identities where key_id {comparison} 'k2' order by tip_id"
        );
        runtime.block_on(async {
            let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
            let rows: Vec<Cell> = diesel::sql_query(sql).load(&mut conn).await.unwrap();
            rows.into_iter().map(|row| row.cell).collect()
        })
    };
    let (new, left) = (wrapped_by("="), wrapped_by("<>"));
    assert!(
        new.len() >= 500 && left.len() >= 200,
        "{} {}",
        new.len(),
        left.len()
    );
    let opens = |address: &str, tip: &str| {
        let path = format!("/v1/tips/{tip}");
        let claim = format!("{path}/claim");
        send(address, "PUT", &claim, &officer, &json!({}));
        let reveal = format!("{path}/reporter/reveal");
        let why = json!({"purpose": "Gọi lại để hỏi"});
        let shown = send(address, "POST", &reveal, &officer, &why);
        assert_eq!(shown["name"], "Người Báo Tin", "{tip}");
    };
    opens(&running.address, &new[0]);
    opens(&running.address, &left[0]);

    let again = tinbao(dir.path())
        .args(["keys", "rotate"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(
        said.contains("All data keys are wrapped by 'k2'"),
        "{again:?}"
    );
    assert_eq!(wrapped_by("<>"), Vec::<String>::new());
    stop(running);
    // The old key is thrown away.
    std::fs::write(&file, fresh).unwrap();
    let running = start(dir.path());
    opens(&running.address, new.last().unwrap());
    opens(&running.address, left.last().unwrap());
    stop(running);
}

#[derive(diesel::QueryableByName)]
struct Cell {
    #[diesel(sql_type = diesel::sql_types::Text)]
    cell: String,
}

/// An identity provider's key set behind a real HTTP server of its own.
struct Provider {
    set: Arc<Mutex<String>>,
    url: String,
    handle: actix_web::dev::ServerHandle,
}

impl Provider {
    fn start(keys: &LocalKeys) -> Self {
        let set = Arc::new(Mutex::new(keys.jwks().to_string()));
        let served = set.clone();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let served = served.clone();
                    App::new().route(
                        "/keys",
                        web::get().to(move || {
                            let body = served.lock().unwrap().clone();
                            async move {
                                HttpResponse::Ok()
                                    .content_type("application/json")
                                    .body(body)
                            }
                        }),
                    )
                })
                .workers(1)
                .disable_signals()
                .bind("127.0.0.1:0")
                .unwrap();
                let address = server.addrs()[0];
                let server = server.run();
                tell.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = told.recv().unwrap();
        Self {
            set,
            url: format!("http://{address}/keys"),
            handle,
        }
    }

    fn publish(&self, keys: &[&LocalKeys]) {
        let keys: Vec<Value> = keys
            .iter()
            .flat_map(|ring| ring.jwks()["keys"].as_array().unwrap().clone())
            .collect();
        *self.set.lock().unwrap() = json!({"keys": keys}).to_string();
    }
}

const IDP: &str = "https://idp.example";

fn idp_token(t: &TestApp, keys: &LocalKeys) -> String {
    let new = NewToken {
        scope: ScopeSet::parse("tips:read").unwrap(),
        sub: "officer-12".to_owned(),
        client_id: "desk-app".to_owned(),
        agency: None,
        desk: None,
        units: None,
        ttl: Duration::from_secs(24 * 3_600),
        origin: Origin::Client,
    };
    let jti = Uuid::now_v7().to_string();
    issue(keys, (IDP, "tinbao"), &new, t.clock.now(), &jti).unwrap()
}

#[actix_web::test]
async fn an_identity_providers_roll_over_is_followed_and_its_outage_survived() {
    let (first, second, third) = (
        LocalKeys::generate().unwrap(),
        LocalKeys::generate().unwrap(),
        LocalKeys::generate().unwrap(),
    );
    let provider = Provider::start(&first);
    let list = format!("{IDP}={}", provider.url);
    let t = TestApp::with(&[("TINBAO_JWKS", &list)]).await;
    let body = json!({"client_id": "desk-app", "name": "Trực ban", "kind": "confidential", "scopes": ["tips:read"]});
    let register = t.officer(&[Scope::Admin]).post("/v1/clients").json(&body);
    register.send().await.expect(201);
    let status = async |keys: &LocalKeys| {
        let bearer = t.anyone().with_token(&idp_token(&t, keys));
        bearer.get("/v1/tips").send().await.status.as_u16()
    };
    assert_eq!(status(&first).await, 200);
    assert_eq!(status(&second).await, 401, "not published yet");

    // Both are published: the new one is fetched when its name comes up, half a minute later at most.
    provider.publish(&[&second, &first]);
    t.clock.advance(Duration::from_secs(31));
    assert_eq!(status(&second).await, 200);
    assert_eq!(status(&first).await, 200);
    // The old one is withdrawn, and forgotten with the next set.
    provider.publish(&[&second]);
    t.clock.advance(Duration::from_secs(31));
    assert_eq!(
        status(&third).await,
        401,
        "an unknown name makes it read again"
    );
    assert_eq!(status(&first).await, 401);
    assert_eq!(status(&second).await, 200);

    // The provider is away: who was known stays known, who was not is a stranger, nobody waits.
    provider.handle.stop(false).await;
    t.clock.advance(Duration::from_secs(31));
    let asked = std::time::Instant::now();
    assert_eq!(status(&third).await, 401);
    assert_eq!(status(&second).await, 200);
    t.clock.advance(Duration::from_secs(6 * 3_600));
    assert_eq!(status(&second).await, 200, "the last good set is kept");
    assert!(asked.elapsed() < Duration::from_secs(5));
}
