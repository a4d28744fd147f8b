//! Archives and documents: what they carry is served without its place, and apps as they are.

use std::io::{Cursor, Read, Write};

use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::evidence::{OFFICER, PLACE, file, holds, jpeg, tip, upload};
use crate::support::{Reply, TestApp};

/// An archive of these members, each packed.
pub fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(contents).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// All that an archive holds, unpacked.
fn unpacked(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(file)).unwrap();
    let count = zip.len();
    let each = |n| {
        let mut member = zip.by_index(n).unwrap();
        let mut contents = Vec::new();
        member.read_to_end(&mut contents).unwrap();
        (member.name().unwrap().into_owned(), contents)
    };
    (0..count).map(each).collect()
}

/// Sends a file, and gets what officers get of it.
async fn served(t: &TestApp, content: &[u8]) -> (String, Reply) {
    let (id, receipt) = tip(t).await;
    let sent = upload(t, &receipt, file(content)).await.expect(201);
    let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
    let got = t.officer(OFFICER).get(&path).send().await;
    assert_eq!(got.status.as_u16(), 200);
    assert_eq!(got.header("content-type"), "application/octet-stream");
    (sent["media_type"].as_str().unwrap().to_owned(), got)
}

#[actix_web::test]
async fn photos_in_an_archive_and_in_a_document_come_without_their_place_and_authors_without_a_name()
 {
    let t = TestApp::new().await;
    let author = [
        b"<a:coreProperties xmlns:a=\"x\"><a:creator>".as_slice(),
        PLACE,
        b"</a:creator></a:coreProperties>",
    ]
    .concat();
    let (photo, text) = (
        jpeg(),
        b"<w:document xmlns:w=\"w\">seen</w:document>".as_slice(),
    );
    let archive = zipped(&[("\u{1ea2}nh.jpg", &photo), ("tin.txt", b"a text")]);
    let document = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("docProps/core.xml", &author),
        ("word/document.xml", text),
        ("word/media/image1.jpeg", &photo),
    ]);
    for (content, kind) in [(archive, "application/zip"), (document, "word")] {
        let (media_type, got) = served(&t, &content).await;
        assert!(media_type.contains(kind), "{media_type}");
        assert_eq!(got.header("metadata-removed"), "true", "{kind}");
        let (before, after) = (unpacked(&content), unpacked(&got.bytes));
        assert_eq!(before.len(), after.len());
        for ((name, sent), (same, shown)) in before.iter().zip(&after) {
            assert_eq!(name, same);
            assert!(!holds(shown, PLACE), "{name}");
            let told = holds(sent, PLACE);
            assert_eq!(sent == shown, !told, "{name}");
            let is_photo = name.ends_with("g");
            assert!(!is_photo || holds(shown, b"pixels of a receipt"), "{name}");
        }
    }
}

#[actix_web::test]
async fn an_app_comes_as_it_is_and_what_nobody_can_look_into_is_noted() {
    let t = TestApp::new().await;
    let photo = jpeg();
    let app = zipped(&[("AndroidManifest.xml", b"x"), ("res/icon.jpg", &photo)]);
    let (_, got) = served(&t, &app).await;
    assert_eq!(
        (got.header("metadata-removed"), got.bytes.as_slice()),
        ("false", app.as_slice())
    );

    let inner = zipped(&[("a.jpg", &photo)]);
    let second = zipped(&[("inner.zip", &inner)]);
    let packed_often = zipped(&[("second.zip", &second), ("b.jpg", &photo)]);
    let (id, receipt) = tip(&t).await;
    let sent = upload(&t, &receipt, file(&packed_often)).await.expect(201);
    let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
    let officer = t.officer(OFFICER);
    let got = officer.get(&path).send().await;
    assert_eq!(got.header("metadata-removed"), "false");
    let members = unpacked(&got.bytes);
    // Nobody looks so deep; what is not packed at all is overwritten where it stands.
    let third = &unpacked(&members[0].1)[0].1;
    assert!(third.len() == inner.len() && !holds(third, PLACE));
    assert!(!holds(&members[1].1, PLACE));
    let certificate = officer.get(&format!("{path}/certificate"));
    let certificate = certificate.send().await.expect(200);
    assert_eq!(
        certificate["custody"][2]["act"],
        json!("downloaded_uncleaned")
    );
}
