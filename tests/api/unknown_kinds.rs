//! Files of kinds that nobody cleans, with a photo in them: what is known of place and device is overwritten, it is
//! noted that more may be left, and once the reporter is erased they are given no more.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::archives::zipped;
use crate::evidence::{file, holds, tip, upload};
use crate::support::{Client, Reply, TestApp};

const MODEL: &[u8] = b"SM-A546E\0";
const SERIAL: &[u8] = b"RZ8N90C1XYZ\0";
/// 21 degrees, 23 minutes, 10.12 seconds.
const LATITUDE: [u32; 6] = [21, 1, 23, 1, 1_012, 100];

fn latitude() -> Vec<u8> {
    LATITUDE.iter().flat_map(|n| n.to_le_bytes()).collect()
}

/// What a camera notes: lists of tags for the model, for its number and for the place.
fn exif() -> Vec<u8> {
    let list = |entries: &[(u16, u16, usize, usize)]| {
        let mut out = (entries.len() as u16).to_le_bytes().to_vec();
        for (tag, kind, count, value) in entries {
            out.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
            out.extend([(*count as u32).to_le_bytes(), (*value as u32).to_le_bytes()].concat());
        }
        out.extend([0; 4]);
        out
    };
    let (second, third, data) = (8 + 42, 8 + 42 + 18, 8 + 42 + 18 + 18);
    let first = [
        (0x0110, 2, MODEL.len(), data),
        (0x8769, 4, 1, second),
        (0x8825, 4, 1, third),
    ];
    [
        b"II*\0\x08\0\0\0".to_vec(),
        list(&first),
        list(&[(0xa431, 2, SERIAL.len(), data + MODEL.len())]),
        list(&[(2, 5, 3, data + MODEL.len() + SERIAL.len())]),
        [MODEL, SERIAL, &latitude()].concat(),
    ]
    .concat()
}

fn photo() -> Vec<u8> {
    let segment = |marker: u8, contents: &[u8]| {
        let length = ((contents.len() + 2) as u16).to_be_bytes();
        [&[0xff, marker], length.as_slice(), contents].concat()
    };
    [
        vec![0xff, 0xd8],
        segment(0xe1, &[b"Exif\0\0".to_vec(), exif()].concat()),
        segment(0xfe, MODEL),
        segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        b"pixels of a receipt".to_vec(),
        vec![0xff, 0xd9],
    ]
    .concat()
}

fn tar(photo: &[u8]) -> Vec<u8> {
    let mut out = b"a.jpg".to_vec();
    out.resize(124, 0);
    out.extend(format!("{:011o}\0", photo.len()).bytes());
    out.resize(257, 0);
    out.extend(b"ustar\x0000");
    out.resize(512, 0);
    out.extend(photo);
    out.resize(out.len().next_multiple_of(512) + 1_024, 0);
    out
}

/// Files with the photo in them, and the types that they are taken for.
fn unknown() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let photo = photo();
    let before = |begin: &[u8]| [begin, &photo].concat();
    // As HEIC and raw pictures hold it.
    let bare = [b"\x01\x02\x03 anything ".as_slice(), &exif()].concat();
    let old = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 504]].concat();
    let database = [b"SQLite format 3\0".as_slice(), &[0; 84]].concat();
    let octets = "application/octet-stream";
    vec![
        ("tar", tar(&photo), "application/x-tar"),
        ("bytes before it", before(&[0; 10]), octets),
        ("bytes of no known kind", bare, octets),
        ("a mail", before(b"From: a\n\n"), octets),
        (
            "7z",
            before(b"7z\xbc\xaf\x27\x1c"),
            "application/x-7z-compressed",
        ),
        ("RAR", before(b"Rar!\x1a\x07\x01\0"), "application/vnd.rar"),
        ("OLE", before(&old), "application/x-ole-storage"),
        ("SQLite", before(&database), "application/vnd.sqlite3"),
    ]
}

fn tells(bytes: &[u8]) -> bool {
    [MODEL, SERIAL, &latitude()]
        .iter()
        .any(|part| holds(bytes, part))
}

/// What the log of custody says was done with a file.
async fn custody(officer: &Client, path: &str) -> Vec<String> {
    let certificate = officer.get(&format!("{path}/certificate"));
    let certificate = certificate.send().await.expect(200);
    assert_eq!(certificate["custody_intact"], true, "{certificate}");
    let acts = certificate["custody"].as_array().unwrap().iter();
    acts.map(|act| act["act"].as_str().unwrap().to_owned())
        .collect()
}

async fn sent(t: &TestApp, (id, receipt): (&str, &str), content: &[u8]) -> (String, Value) {
    let sent = upload(t, receipt, file(content)).await.expect(201);
    let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
    (path, sent["media_type"].clone())
}

async fn reveal(officer: &Client, path: &str) -> Reply {
    let reveal = officer.post(&format!("{path}/reveal"));
    reveal.json(&json!({"purpose": "Xem tệp gốc"})).send().await
}

async fn erase(t: &TestApp, receipt: &str) {
    let erase = t.anyone().delete("/v1/receipt/reporter");
    let erase = erase.header("Tip-Receipt", receipt).send().await;
    assert_eq!(erase.status.as_u16(), 204);
}

fn officer(t: &TestApp) -> Client {
    t.officer(&[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal])
}

const UNCLEANED: [&str; 4] = [
    "received",
    "downloaded",
    "downloaded_uncleaned",
    "certified",
];

#[actix_web::test]
async fn a_photo_in_a_file_of_unknown_kind_tells_nothing_and_is_given_no_more_once_erased() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let officer = officer(&t);
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let mut files = Vec::new();
    for (what, content, media_type) in unknown() {
        assert!(tells(&content), "{what}");
        let (path, kind) = sent(&t, (&id, &receipt), &content).await;
        assert_eq!(kind, media_type, "{what}");
        let got = officer.get(&path).send().await;
        assert_eq!(got.status.as_u16(), 200, "{what}");
        assert_eq!(got.header("content-type"), "application/octet-stream");
        assert_eq!(got.header("metadata-removed"), "false", "{what}");
        assert_eq!(got.bytes.len(), content.len(), "{what}: nothing moves");
        assert!(!tells(&got.bytes), "{what}");
        for part in [MODEL, SERIAL, &latitude()] {
            assert!(!holds(&got.bytes, part), "{what}");
        }
        let is_photo = holds(&content, b"pixels of a receipt");
        assert_eq!(
            holds(&got.bytes, b"pixels of a receipt"),
            is_photo,
            "{what}"
        );
        assert_eq!(custody(&officer, &path).await, UNCLEANED, "{what}");
        let original = reveal(&officer, &path).await;
        assert_eq!((original.status.as_u16(), &original.bytes), (200, &content));
        files.push((what, path));
    }

    erase(&t, &receipt).await;
    for (what, path) in files {
        let refused = officer.get(&path).send().await.problem(409);
        assert_eq!(refused["code"], "metadata_not_removable", "{what}");
        let refused = reveal(&officer, &path).await.problem(409);
        assert_eq!(refused["code"], "wrong_state", "{what}");
        // What was refused was neither downloaded nor revealed.
        let acts = [&UNCLEANED[..], &["original_revealed", "certified"]].concat();
        assert_eq!(custody(&officer, &path).await, acts, "{what}");
    }
}

#[actix_web::test]
async fn an_archive_is_not_called_clean_while_something_in_it_may_tell() {
    let t = TestApp::new().await;
    let officer = officer(&t);
    let photo = photo();
    let prefixed = [&[0; 10], photo.as_slice()].concat();
    let deep = zipped(&[(
        "a.zip",
        &zipped(&[("b.zip", &zipped(&[("c.jpg", &photo)]))]),
    )]);
    for (what, content, clean) in [
        (
            "a tar",
            zipped(&[("x.tar", &tar(&photo)), ("b.jpg", &photo)]),
            false,
        ),
        ("bytes before it", zipped(&[("IMG", &prefixed)]), false),
        ("an archive in one in one", deep, false),
        (
            "an archive",
            zipped(&[("a.zip", &zipped(&[("a.jpg", &photo), ("b.txt", b"text")]))]),
            true,
        ),
    ] {
        let (id, receipt) = tip(&t).await;
        let (path, _) = sent(&t, (&id, &receipt), &content).await;
        let got = officer.get(&path).send().await;
        assert_eq!(got.status.as_u16(), 200, "{what}");
        assert_eq!(got.header("metadata-removed"), clean.to_string(), "{what}");
        let is_deep = what.ends_with("in one in one");
        assert!(is_deep || !told(&got.bytes), "{what}");
        let acts = if clean {
            &["received", "downloaded", "certified"]
        } else {
            &UNCLEANED[..]
        };
        assert_eq!(custody(&officer, &path).await, acts, "{what}");
        erase(&t, &receipt).await;
        let again = officer.get(&path).send().await;
        if clean {
            assert_eq!(again.bytes, got.bytes);
        } else {
            assert_eq!(
                again.problem(409)["code"],
                "metadata_not_removable",
                "{what}"
            );
        }
    }
}

/// Whether something tells, in whatever an archive holds and the archives in it.
fn told(file: &[u8]) -> bool {
    let Ok(mut zip) = zip::ZipArchive::new(std::io::Cursor::new(file)) else {
        return tells(file);
    };
    (0..zip.len()).any(|n| {
        let mut contents = Vec::new();
        std::io::copy(&mut zip.by_index(n).unwrap(), &mut contents).unwrap();
        told(&contents)
    })
}

#[actix_web::test]
async fn texts_and_programs_are_given_as_they_came_also_once_erased() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let officer = officer(&t);
    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let mut program = b"MZ".to_vec();
    program.resize(0x3c, 0);
    program.extend(b"\x40\0\0\0PE\0\0 the scammer's");
    let mail = "Content-Transfer-Encoding: base64\r\n\r\n/9j/4AAQSkZJRgABAQAAAQABAAD".to_owned();
    let mail =
        mail + &"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n".repeat(9);
    let mut files = Vec::new();
    for (what, content, harmless) in [
        ("text", "Tin nhắn: OTP của bạn là 123456".as_bytes(), true),
        ("a list", b"so,ten\n0912345678,a\n", true),
        ("a page", b"<html><script>alert(1)</script></html>", true),
        ("a program", &program, true),
        (
            "a page with a picture",
            b"<html><img src='data:image/jpeg;base64,/9j/4AAQ'></html>",
            false,
        ),
        ("a mail with a picture", mail.as_bytes(), false),
    ] {
        let (path, _) = sent(&t, (&id, &receipt), content).await;
        let got = officer.get(&path).send().await;
        assert_eq!(
            (got.status.as_u16(), got.bytes.as_slice()),
            (200, content),
            "{what}"
        );
        assert_eq!(got.header("metadata-removed"), "false", "{what}");
        let acts = if harmless {
            &["received", "downloaded", "certified"]
        } else {
            &UNCLEANED[..]
        };
        assert_eq!(custody(&officer, &path).await, acts, "{what}");
        files.push((what, path, content.to_vec(), harmless));
    }

    erase(&t, &receipt).await;
    for (what, path, content, harmless) in files {
        let got = officer.get(&path).send().await;
        let shown = reveal(&officer, &path).await;
        if harmless {
            assert_eq!((got.status.as_u16(), &got.bytes), (200, &content), "{what}");
            assert_eq!(
                (shown.status.as_u16(), &shown.bytes),
                (200, &content),
                "{what}"
            );
        } else {
            assert_eq!(got.problem(409)["code"], "metadata_not_removable", "{what}");
            assert_eq!(shown.problem(409)["code"], "wrong_state", "{what}");
        }
    }
}
