//! Files of a tip: sealed, served without metadata, with a log of custody.

use std::path::PathBuf;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tinbao::auth::Scope;

use crate::support::{Reply, TestApp, rows};

pub const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage];
pub const PLACE: &[u8] = b"GPS 21.38N 103.01E SM-A546E";

pub async fn tip(t: &TestApp) -> (String, String) {
    let body = json!({"narrative": "Lừa đảo", "attachments_announced": 1});
    let tip = t.submit(&body).await;
    let text = |name: &str| tip[name].as_str().unwrap().to_owned();
    (text("id"), text("receipt"))
}

/// A form with these parts: name, file name, content.
pub fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\nContent-Type: text/html\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    body
}

pub async fn upload(t: &TestApp, receipt: &str, body: Vec<u8>) -> Reply {
    t.anyone()
        .post("/v1/receipt/attachments")
        .header("Tip-Receipt", receipt)
        .body("multipart/form-data; boundary=edge", body)
        .send()
        .await
}

pub fn file(content: &[u8]) -> Vec<u8> {
    form(&[("file", Some("Nguyễn.html"), content)])
}

/// A picture that tells where it was taken.
pub fn jpeg() -> Vec<u8> {
    let segment = |marker: u8, contents: &[u8]| {
        let mut out = vec![0xff, marker];
        out.extend(((contents.len() + 2) as u16).to_be_bytes());
        out.extend(contents);
        out
    };
    [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xe1, &[b"Exif\0\0II*\0".as_slice(), PLACE].concat()),
        segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        b"pixels of a receipt".to_vec(),
        vec![0xff, 0xd9],
    ]
    .concat()
}

/// A document of one stream.
pub fn pdf(dictionary: &str, stream: &[u8]) -> Vec<u8> {
    let head = format!("%PDF-1.7\n1 0 obj {dictionary} stream\n");
    let end = b"\nendstream endobj\ntrailer <</Root 1 0 R /Info 2 0 R>>\n";
    let info = [
        b"2 0 obj <</Author 3 0 R>> endobj 3 0 obj (",
        PLACE,
        b") endobj\n%%EOF\n",
    ];
    [head.as_bytes(), stream, end, &info.concat(), PLACE].concat()
}

/// Sound as a recorder writes it, with a note of where.
fn wav() -> Vec<u8> {
    let chunk = |id: &[u8], contents: &[u8]| {
        let length = (contents.len() as u32).to_le_bytes();
        [id, &length, contents].concat()
    };
    let format = chunk(
        b"fmt ",
        &[1, 0, 1, 0, 64, 31, 0, 0, 64, 31, 0, 0, 1, 0, 8, 0],
    );
    let note = chunk(b"bext", &[PLACE, b"."].concat());
    let body = [b"WAVE".to_vec(), note, format, chunk(b"data", b"a voice.")];
    chunk(b"RIFF", &body.concat())
}

pub fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

pub fn folder(t: &TestApp) -> PathBuf {
    PathBuf::from(t.setting("TINBAO_DATA_DIR")).join("evidence")
}

#[actix_web::test]
async fn a_picture_is_kept_sealed_and_served_without_its_place() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let original = jpeg();
    let sent = upload(&t, &receipt, file(&original)).await.expect(201);
    assert_eq!(sent["media_type"], "image/jpeg");
    assert_eq!(sent["size"], original.len());
    assert_eq!(sent["sha256"], hex::encode(Sha256::digest(&original)));
    let object = folder(&t).join(sent["id"].as_str().unwrap());
    let stored = std::fs::read(&object).unwrap();
    assert!(
        !holds(&stored, b"pixels") && !holds(&stored, PLACE),
        "sealed"
    );

    let officer = t.officer(OFFICER);
    let list = format!("/v1/tips/{id}/attachments");
    let listed = officer.get(&list).send().await.expect(200);
    assert_eq!(listed["items"][0]["id"], sent["id"]);
    assert_eq!(listed["items"][0]["preview"], true);
    let path = format!("{list}/{}", sent["id"].as_str().unwrap());
    let got = officer.get(&path).send().await;
    assert_eq!(got.status.as_u16(), 200);
    assert_eq!(got.header("content-type"), "image/jpeg");
    assert!(
        got.header("content-disposition")
            .starts_with("attachment; filename=")
    );
    assert!(!got.header("content-disposition").contains("Nguyễn"));
    assert_eq!(got.header("x-content-type-options"), "nosniff");
    assert!(got.header("content-security-policy").contains("sandbox"));
    assert_eq!(got.header("metadata-removed"), "true");
    assert!(holds(&got.bytes, b"pixels of a receipt") && !holds(&got.bytes, PLACE));

    let certificate = officer
        .get(&format!("{path}/certificate"))
        .send()
        .await
        .expect(200);
    assert_eq!(certificate["sha256"], sent["sha256"]);
    assert_eq!(certificate["intact"], true);
    let acts: Vec<_> = certificate["custody"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["act"].as_str().unwrap(), c["actor"].as_str().unwrap()))
        .collect();
    assert_eq!(
        acts,
        [
            ("received", "reporter"),
            ("downloaded", "analyst"),
            ("certified", "analyst")
        ]
    );
    let signed = t
        .signer
        .verify_jws(
            certificate["signature"].as_str().unwrap(),
            "evidence-certificate+jwt",
        )
        .unwrap();
    assert_eq!(signed["sha256"], sent["sha256"]);
    assert_eq!(signed["custody"], certificate["custody"]);

    let mut altered = stored.clone();
    *altered.last_mut().unwrap() ^= 1;
    std::fs::write(&object, altered).unwrap();
    let certificate = officer
        .get(&format!("{path}/certificate"))
        .send()
        .await
        .expect(200);
    assert_eq!(certificate["intact"], false);
    let refused = officer.get(&path).send().await.problem(409);
    assert_eq!(refused["code"], "evidence_altered", "never served");
    std::fs::remove_file(&object).unwrap();
    let certificate = officer.get(&format!("{path}/certificate")).send().await;
    assert_eq!(certificate.expect(200)["intact"], false, "it is gone");
}

#[actix_web::test]
async fn a_file_whose_key_is_not_at_hand_is_not_called_altered() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let sent = upload(&t, &receipt, file(&jpeg())).await.expect(201);
    let sql = "update attachments set key_id = 'gone' returning key_id as cell";
    assert_eq!(rows(&t, sql).await, ["gone"]);
    let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
    let certificate = t.officer(OFFICER).get(&format!("{path}/certificate"));
    let problem = certificate.send().await.problem(409);
    assert_eq!(problem["code"], "sealed_unreadable");
    let problem = t.officer(OFFICER).get(&path).send().await.problem(409);
    assert_eq!(problem["code"], "sealed_unreadable");
    let noted = "select act as cell from attachment_custody where act like 'found%'";
    assert!(rows(&t, noted).await.is_empty());
}

#[actix_web::test]
async fn any_type_is_kept_and_only_known_ones_are_shown() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let officer = t.officer(OFFICER);
    // A head, and a void element behind it.
    let mut webm = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\xec\x41\x1e".to_vec();
    webm.resize(301, 0);
    for (content, kind, served, clean) in [
        (
            b"<html><script>alert(1)</script>".as_slice(),
            "text/html",
            "application/octet-stream",
            false,
        ),
        (
            b"MZ\x90\0 a program",
            "application/vnd.microsoft.portable-executable",
            "application/octet-stream",
            false,
        ),
        (
            b"anything",
            "application/octet-stream",
            "application/octet-stream",
            false,
        ),
        (b"%PDF-1.7 \n", "application/pdf", "application/pdf", true),
        (&webm, "video/webm", "video/webm", true),
        (
            &vec![7; 300_000],
            "application/octet-stream",
            "application/octet-stream",
            false,
        ),
    ] {
        let sent = upload(&t, &receipt, file(content)).await.expect(201);
        assert_eq!(sent["media_type"], kind);
        let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
        let got = officer.get(&path).send().await;
        assert_eq!(got.header("content-type"), served, "{kind}");
        assert_eq!(got.header("metadata-removed"), clean.to_string());
        assert_eq!(got.bytes, content);
    }
}

#[actix_web::test]
async fn what_is_not_previewed_is_cleaned_too_where_it_can_be() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let comment = [b"\x21\xfe\x1b".as_slice(), PLACE, b"\0"].concat();
    let gif = [
        b"GIF89a\x01\0\x01\0\0\0\0".as_slice(),
        &comment,
        b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b",
    ];
    let flac = [
        b"fLaC\0\0\0\x22".as_slice(),
        &[1; 34],
        b"\x84\0\0\x1b",
        PLACE,
        b"\xff\xf8frames",
    ];
    let mut cut = jpeg();
    cut.truncate(cut.len() - 6);
    for (content, kind, served, stays) in [
        (
            wav(),
            "audio/x-wav",
            "application/octet-stream",
            b"a voice.".as_slice(),
        ),
        (
            gif.concat(),
            "image/gif",
            "application/octet-stream",
            b"\x02\x44\x01\0\x3b",
        ),
        (
            flac.concat(),
            "audio/x-flac",
            "application/octet-stream",
            b"\xff\xf8frames",
        ),
        (cut, "image/jpeg", "image/jpeg", b"pixels of a re"),
        (
            pdf("<</Filter /DCTDecode>>", &jpeg()),
            "application/pdf",
            "application/pdf",
            b"pixels of a receipt",
        ),
    ] {
        assert!(holds(&content, PLACE));
        let sent = upload(&t, &receipt, file(&content)).await.expect(201);
        assert_eq!(sent["media_type"], kind);
        let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
        let got = t.officer(OFFICER).get(&path).send().await;
        assert_eq!(got.status.as_u16(), 200, "{kind}");
        assert_eq!(got.header("content-type"), served, "{kind}");
        assert_eq!(got.header("metadata-removed"), "true", "{kind}");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(got.header("content-security-policy").contains("sandbox"));
        assert!(
            holds(&got.bytes, stays) && !holds(&got.bytes, PLACE),
            "{kind}"
        );
    }
}

/// Bytes that nobody cleaned: no browser shows or runs them.
fn is_neutral(shown: &Reply, kind: &str) {
    assert_eq!(shown.header("content-type"), kind);
    assert!(
        shown
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    let policy = shown.header("content-security-policy");
    assert!(policy.contains("sandbox"), "{policy}");
    assert!(shown.header("cache-control").contains("no-store"));
}

#[actix_web::test]
async fn the_original_is_shown_only_by_a_reveal() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let original = jpeg();
    let sent = upload(&t, &receipt, file(&original)).await.expect(201);
    let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
    let reveal = format!("{path}/reveal");
    let purpose = json!({"purpose": "Giám định ảnh theo quyết định trưng cầu"});
    let plain = t.officer(OFFICER);
    plain.post(&reveal).json(&purpose).send().await.problem(403);
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal]);
    let refused = officer.post(&reveal).json(&purpose).send().await;
    assert_eq!(refused.problem(409)["code"], "not_claimed");
    let claim = format!("/v1/tips/{id}/claim");
    officer.put(&claim).send().await.expect(200);
    let shown = officer.post(&reveal).json(&purpose).send().await;
    assert_eq!(shown.status.as_u16(), 200);
    assert_eq!(shown.bytes, original);
    assert_eq!(shown.header("attachment-sha256"), sent["sha256"]);
    is_neutral(&shown, "application/octet-stream");
    // So is the submission as it came.
    let submission = format!("/v1/tips/{id}/submission/reveal");
    let shown = officer.post(&submission).json(&purpose).send().await;
    assert_eq!(shown.status.as_u16(), 200);
    is_neutral(&shown, "application/json");
    let path = format!("{path}/certificate");
    let certificate = officer.get(&path).send().await.expect(200);
    assert_eq!(certificate["custody"][1]["act"], "original_revealed");
}

#[actix_web::test]
async fn strangers_and_the_confined_get_no_file() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let (other, _) = tip(&t).await;
    let sent: Value = upload(&t, &receipt, file(b"x")).await.expect(201);
    let file_id = sent["id"].as_str().unwrap();
    let confined = t.bearer(&crate::support::Claims {
        scopes: "tips:read",
        units: Some(&["03127"]),
        ..crate::support::Claims::default()
    });
    for rest in [
        "",
        &format!("/{file_id}"),
        &format!("/{file_id}/certificate"),
    ] {
        let path = format!("/v1/tips/{id}/attachments{rest}");
        confined.get(&path).send().await.problem(404);
    }
    let officer = t.officer(OFFICER);
    let path = format!("/v1/tips/{other}/attachments/{file_id}");
    officer.get(&path).send().await.problem(404);
    upload(&t, "AAAA-BBBB", file(b"x")).await.problem(404);
}
