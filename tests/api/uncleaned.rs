//! Files of which nobody can promise a clean copy: they download all the same, with care, and it is noted.

use std::sync::LazyLock;

use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use tinbao::auth::Scope;

use crate::evidence::{OFFICER, PLACE, file, folder, holds, jpeg, pdf, tip, upload};
use crate::support::{Client, TestApp, rows};

/// What `/metrics` says, of all that this process runs.
fn counted(line: &str) -> f64 {
    static METRICS: LazyLock<PrometheusHandle> =
        LazyLock::new(|| tinbao::telemetry::init_metrics().unwrap());
    let shown = METRICS.render();
    let lines = shown.lines().filter_map(|l| l.strip_prefix(line));
    lines.filter_map(|n| n.trim().parse::<f64>().ok()).sum()
}

/// The lists of a TIFF in which these entries stand: tag, type, count, value.
fn tiff(entries: &[(u16, u16, u32, u32)], data: &[u8]) -> Vec<u8> {
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        out.extend(tag.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    out.extend([0; 4]);
    out.extend(data);
    out
}

fn flv() -> Vec<u8> {
    let tag = |kind: u8, body: &[u8]| {
        let length = (body.len() as u32).to_be_bytes();
        let whole = (body.len() as u32 + 11).to_be_bytes();
        [&[kind], &length[1..], &[0; 7], body, &whole].concat()
    };
    let script = [b"\x02\0\x0aonMetaData\x02\0\x1b".as_slice(), PLACE].concat();
    let head = b"FLV\x01\x01\0\0\0\x09\0\0\0\0".to_vec();
    [head, tag(18, &script), tag(9, b"\x17pixels of a photo")].concat()
}

fn aiff() -> Vec<u8> {
    let part = |kind: &[u8], body: &[u8]| {
        let length = (body.len() as u32).to_be_bytes();
        let mut out = [kind, &length, body].concat();
        out.resize(out.len().next_multiple_of(2), 0);
        out
    };
    let sound = [&[0; 8], b"pixels of a photo".as_slice()].concat();
    let parts = [
        part(b"COMM", &[1; 18]),
        part(b"ANNO", PLACE),
        part(b"SSND", &sound),
    ];
    part(b"FORM", &[b"AIFF".to_vec(), parts.concat()].concat())
}

#[actix_web::test]
async fn a_camera_original_and_an_avi_come_without_their_place() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    // Three entries: the maker's text and the picture lie behind them.
    let text = 8 + 2 + 4 * 12 + 4;
    let place = PLACE.len() as u32;
    let entries = [
        (0x0103, 3, 1, 1),
        (0x0110, 2, place, text),
        (0x0111, 4, 1, text + place),
        (0x0117, 4, 1, 17),
    ];
    let dng = tiff(&entries, &[PLACE, b"pixels of a photo"].concat());
    let chunk = |id: &[u8], contents: &[u8]| {
        let length = (contents.len() as u32).to_le_bytes();
        let mut out = [id, &length, contents].concat();
        out.resize(out.len().next_multiple_of(2), 0);
        out
    };
    let frames = chunk(
        b"LIST",
        &[b"movi".to_vec(), chunk(b"00dc", b"pixels of a photo")].concat(),
    );
    let avi = chunk(
        b"RIFF",
        &[b"AVI ".to_vec(), chunk(b"IDIT", PLACE), frames].concat(),
    );
    // Other makers' originals are the same under a mark of their own.
    let mut orf = dng.clone();
    orf[..4].copy_from_slice(b"IIRO");
    for (content, kind) in [
        (dng, "image/tiff"),
        (orf, "image/x-olympus-orf"),
        (avi, "video/x-msvideo"),
        (flv(), "video/x-flv"),
        (aiff(), "audio/x-aiff"),
    ] {
        assert!(holds(&content, PLACE));
        let sent = upload(&t, &receipt, file(&content)).await.expect(201);
        assert_eq!(sent["media_type"], kind);
        let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
        let got = t.officer(OFFICER).get(&path).send().await;
        assert_eq!(got.status.as_u16(), 200, "{kind}");
        assert_eq!(got.header("content-type"), "application/octet-stream");
        assert_eq!(got.header("metadata-removed"), "true", "{kind}");
        assert!(holds(&got.bytes, b"pixels of a photo") && !holds(&got.bytes, PLACE));
    }
    let path = format!("/v1/tips/{id}/attachments");
    let list = t.officer(OFFICER).get(&path).send().await.expect(200);
    for item in list["items"].as_array().unwrap() {
        assert_eq!(
            (&item["metadata_removable"], &item["preview"]),
            (&json!(true), &json!(false))
        );
    }
}

#[actix_web::test]
async fn what_no_clean_copy_can_be_made_of_downloads_and_is_noted_as_such() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let revealer = t.officer(&[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal]);
    let claim = revealer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let xmp = [
        b"8BPS\0\x01<x:xmpmeta>".as_slice(),
        PLACE,
        b"</x:xmpmeta>pixels",
    ]
    .concat();
    let nameless = [b"\0\0\0\x10ftypXAVC\0\0\0\0\0\0\0\x23moov", PLACE].concat();
    let before = counted("evidence_uncleaned_total");
    let files = [
        (jpeg()[..70].to_vec(), "image/jpeg", false),
        (b"\x89PNG\r\n\x1a\n broken".to_vec(), "image/png", false),
        ([b"GIF89a", PLACE].concat(), "image/gif", false),
        (xmp, "image/vnd.adobe.photoshop", true),
        (
            pdf("<</Filter [/FlateDecode /DCTDecode]>>", &jpeg()),
            "application/pdf",
            false,
        ),
        (nameless, "video/mp4", false),
    ];
    for (content, kind, known) in &files {
        let sent = upload(&t, &receipt, file(content)).await.expect(201);
        assert_eq!(sent["media_type"], *kind);
        let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
        let got = t.officer(OFFICER).get(&path).send().await;
        assert_eq!(got.status.as_u16(), 200, "{kind}");
        assert_eq!(got.header("content-type"), "application/octet-stream");
        assert_eq!(got.header("metadata-removed"), "false", "{kind}");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(got.header("content-security-policy").contains("sandbox"));
        assert!(got.header("content-disposition").starts_with("attachment"));
        assert_eq!(got.bytes.len(), content.len(), "{kind}");
        if *known {
            assert!(
                holds(&got.bytes, b"pixels") && !holds(&got.bytes, PLACE),
                "{kind}"
            );
        }
        let certificate = format!("{path}/certificate");
        let certificate = t
            .officer(OFFICER)
            .get(&certificate)
            .send()
            .await
            .expect(200);
        let acts = certificate["custody"].as_array().unwrap();
        let acts: Vec<_> = acts
            .iter()
            .map(|act| act["act"].as_str().unwrap())
            .collect();
        assert_eq!(
            acts,
            [
                "received",
                "downloaded",
                "downloaded_uncleaned",
                "certified"
            ]
        );
        assert_eq!(
            certificate["custody_intact"], true,
            "the journal says so too"
        );
        let shown = revealer.post(&format!("{path}/reveal"));
        let shown = shown.json(&json!({"purpose": "Xem ảnh gốc"})).send().await;
        assert_eq!(
            (shown.status.as_u16(), &shown.bytes),
            (200, content),
            "{kind}"
        );
    }
    let more = counted("evidence_uncleaned_total") - before;
    assert!(more >= files.len() as f64, "{more} were counted");
}

/// What the log of custody says was done with a file; the journal says the same.
async fn custody(officer: &Client, path: &str) -> Vec<String> {
    let certificate = officer.get(&format!("{path}/certificate"));
    let certificate = certificate.send().await.expect(200);
    assert_eq!(certificate["custody_intact"], true, "{certificate}");
    let acts = certificate["custody"].as_array().unwrap().iter();
    acts.map(|act| act["act"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn once_the_reporter_is_erased_nothing_is_shown_that_may_tell_who_it_was() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let broken = [b"8BPS\0\x01", PLACE].concat();
    let sent = upload(&t, &receipt, file(&broken)).await.expect(201);
    let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal]);
    let got = officer.get(&path).send().await;
    assert_eq!(got.status.as_u16(), 200);
    let erase = t.anyone().delete("/v1/receipt/reporter");
    let erase = erase.header("Tip-Receipt", &receipt).send().await;
    assert_eq!(erase.status.as_u16(), 204);
    let refused = officer.get(&path).send().await.problem(409);
    assert_eq!(refused["code"], "metadata_not_removable");
    // What was refused was not downloaded.
    assert_eq!(
        custody(&officer, &path).await,
        [
            "received",
            "downloaded",
            "downloaded_uncleaned",
            "certified"
        ]
    );
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let reveal = officer.post(&format!("{path}/reveal"));
    let reveal = reveal.json(&json!({"purpose": "Xem ảnh gốc"})).send().await;
    assert_eq!(reveal.problem(409)["code"], "wrong_state");
}

#[actix_web::test]
async fn damaged_evidence_is_counted() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let sent = upload(&t, &receipt, file(&jpeg())).await.expect(201);
    let picture = sent["id"].as_str().unwrap();
    let path = format!("/v1/tips/{id}/attachments/{picture}");
    let [altered, missing] = ["found_altered", "found_missing"]
        .map(|act| format!("evidence_damaged_total{{act=\"{act}\"}}"));
    let unreadable = "evidence_unreadable_total";
    let before = [altered.as_str(), &missing, unreadable].map(counted);
    let officer = t.officer(OFFICER);
    assert_eq!(officer.get(&path).send().await.status.as_u16(), 200);
    let object = folder(&t).join(picture);
    let mut bytes = std::fs::read(&object).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&object, bytes).unwrap();
    officer.get(&path).send().await.problem(409);
    assert!(counted(&altered) > before[0]);
    std::fs::remove_file(&object).unwrap();
    officer.get(&path).send().await.problem(409);
    assert!(counted(&missing) > before[1]);
    assert_eq!(
        custody(&officer, &path).await,
        [
            "received",
            "downloaded",
            "found_altered",
            "found_missing",
            "certified"
        ]
    );
    let sql = "update attachments set key_id = 'gone' returning key_id as cell";
    assert_eq!(rows(&t, sql).await, ["gone"]);
    officer.get(&path).send().await.problem(409);
    assert!(counted(unreadable) > before[2]);
}
