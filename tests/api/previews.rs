//! What may be shown is served under its own type, and everything else only downloads (contract §3).

#[allow(
    dead_code,
    reason = "the files that the tests of the cleaning are made of; not all are wanted here"
)]
#[path = "../../src/evidence/strip/tests/made.rs"]
mod made;

use crate::evidence::{OFFICER, PLACE as SECRET, file, holds, jpeg, pdf, tip, upload};
use crate::support::TestApp;

fn png() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], contents: &[u8]| {
        let mut out = (contents.len() as u32).to_be_bytes().to_vec();
        out.extend(kind);
        out.extend(contents);
        let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&out[4..]);
        out.extend(crc.to_be_bytes());
        out
    };
    let head = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    let data = [chunk(b"IDAT", b"pixels"), chunk(b"IEND", b"")].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        head,
        chunk(b"tEXt", SECRET),
        data,
    ]
    .concat()
}

fn webp() -> Vec<u8> {
    let riff = |id: &[u8; 4], contents: &[u8]| {
        let mut out = [
            id.as_slice(),
            &(contents.len() as u32).to_le_bytes(),
            contents,
        ]
        .concat();
        out.resize(out.len().next_multiple_of(2), 0);
        out
    };
    let head = riff(b"VP8X", &[0b0000_1000, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let body = [riff(b"VP8 ", b"pixels"), riff(b"EXIF", SECRET)].concat();
    riff(b"RIFF", &[b"WEBP".to_vec(), head, body].concat())
}

/// Boxes under another brand.
fn boxes(brand: &[u8; 4]) -> Vec<u8> {
    let mut file = made::movie(None);
    file[8..12].copy_from_slice(brand);
    file
}

fn mp3() -> Vec<u8> {
    let frame = [b"\xff\xfb\x90\x00pixels".as_slice(), &[0; 407]].concat();
    [b"ID3\x03\0\0\0\0\0\x1b".as_slice(), SECRET, &frame, &frame].concat()
}

fn ogg() -> Vec<u8> {
    // RFC 3533 §6.
    let sum = crc::Algorithm {
        width: 32,
        poly: 0x04c1_1db7_u32,
        init: 0,
        refin: false,
        refout: false,
        xorout: 0,
        check: 0x89a1_897f,
        residue: 0,
    };
    let page = |flags: u8, packet: &[u8]| {
        let head = [
            b"OggS\0".as_slice(),
            &[flags],
            &[0; 20],
            &[1, packet.len() as u8],
        ];
        let mut page = [&head.concat(), packet].concat();
        let sum = crc::Crc::<u32>::new(Box::leak(Box::new(sum))).checksum(&page);
        page[22..26].copy_from_slice(&sum.to_le_bytes());
        page
    };
    let tags = [b"OpusTags\x04\0\0\0Lavf\x01\0\0\0\x1b\0\0\0", SECRET].concat();
    [
        page(2, b"OpusHead\x01\x01"),
        page(0, &tags),
        page(0, b"pixels"),
    ]
    .concat()
}

fn amr() -> Vec<u8> {
    let frame = [b"\x3c".as_slice(), b"pixels", &[0; 25]].concat();
    [b"#!AMR\n".as_slice(), &frame, &frame, b"\xff", SECRET].concat()
}

fn webm() -> Vec<u8> {
    let element = |id: &[u8], body: &[u8]| {
        let size = (body.len() as u16 | 0x4000).to_be_bytes();
        [id, &size, body].concat()
    };
    let track = [
        element(b"\xd7", b"\x01"),
        element(b"\x83", b"\x01"),
        element(b"\x86", b"V_VP8"),
    ];
    [
        element(b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm"),
        b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        element(b"\x15\x49\xa9\x66", &element(b"\x7b\xa9", SECRET)),
        element(b"\x16\x54\xae\x6b", &element(b"\xae", &track.concat())),
        b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        element(b"\xa3", &[b"pixels".as_slice(), &[0; 300]].concat()),
    ]
    .concat()
}

/// A file of each type that is shown, with the type and the ending of its name.
fn previewed() -> [(Vec<u8>, &'static str, &'static str); 12] {
    let document = pdf("<</Length 6>>", b"pixels");
    [
        (png(), "image/png", "png"),
        (jpeg(), "image/jpeg", "jpg"),
        (webp(), "image/webp", "webp"),
        (made::heic(None), "image/heic", "heic"),
        (document, "application/pdf", "pdf"),
        (mp3(), "audio/mpeg", "mp3"),
        (boxes(b"M4A "), "audio/mp4", "m4a"),
        (ogg(), "audio/ogg", "ogg"),
        (amr(), "audio/amr", "amr"),
        (boxes(b"3gp4"), "video/3gpp", "3gp"),
        (webm(), "video/webm", "webm"),
        (boxes(b"mp42"), "video/mp4", "mp4"),
    ]
}

#[actix_web::test]
async fn each_type_that_is_previewed_is_served_under_its_own_name_and_without_its_place() {
    let t = TestApp::new().await;
    for (content, kind, ending) in previewed() {
        let (id, receipt) = tip(&t).await;
        assert!(holds(&content, SECRET), "{kind}");
        // Its name says something else, and so does the form.
        let sent = upload(&t, &receipt, file(&content)).await.expect(201);
        assert_eq!(sent["media_type"], kind);
        let list = format!("/v1/tips/{id}/attachments");
        let listed = t.officer(OFFICER).get(&list).send().await.expect(200);
        assert_eq!(listed["items"][0]["preview"], true, "{kind}");
        let path = format!("{list}/{}", sent["id"].as_str().unwrap());
        let got = t.officer(OFFICER).get(&path).send().await;
        assert_eq!(got.status.as_u16(), 200, "{kind}");
        assert_eq!(got.header("content-type"), kind);
        let name = format!(".{ending}\"");
        let disposition = got.header("content-disposition");
        assert!(
            disposition.starts_with("attachment;") && disposition.ends_with(&name),
            "{disposition}"
        );
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{kind}");
        assert_eq!(got.header("metadata-removed"), "true", "{kind}");
        assert!(!holds(&got.bytes, SECRET), "{kind}");
        assert!(holds(&got.bytes, b"pixels"), "{kind}");
    }
}

#[actix_web::test]
async fn what_is_not_previewed_only_downloads() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let others: [(&[u8], &str); 5] = [
        (b"<html><script>alert(1)</script>", "text/html"),
        (
            b"<?xml version=\"1.0\"?><svg onload=\"alert(1)\"/>",
            "text/xml",
        ),
        (b"PK\x03\x04 an app", "application/zip"),
        (b"hello", "application/octet-stream"),
        (
            b"BM\x1e\0\0\0\0\0\0\0\x1a\0\0\0 a bitmap of old",
            "image/bmp",
        ),
    ];
    for (content, kind) in others {
        let sent = upload(&t, &receipt, file(content)).await.expect(201);
        assert_eq!(sent["media_type"], kind);
        let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
        let got = t.officer(OFFICER).get(&path).send().await;
        assert_eq!(got.status.as_u16(), 200, "{kind}");
        assert_eq!(
            got.header("content-type"),
            "application/octet-stream",
            "{kind}"
        );
        assert!(
            got.header("content-disposition").ends_with(".bin\""),
            "{kind}"
        );
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{kind}");
        assert!(
            got.header("content-security-policy").contains("sandbox"),
            "{kind}"
        );
        assert_eq!(got.bytes, content, "{kind}");
    }
    let list = format!("/v1/tips/{id}/attachments");
    let listed = t.officer(OFFICER).get(&list).send().await.expect(200);
    for item in listed["items"].as_array().unwrap() {
        assert_eq!(item["preview"], false, "{item}");
    }
}

#[actix_web::test]
async fn what_is_cut_off_tells_no_more_of_place_and_camera_than_what_is_whole() {
    let t = TestApp::new().await;
    let mut doubtful = 0;
    for (content, kind, _) in previewed() {
        let (id, receipt) = tip(&t).await;
        let length = content.len();
        for cut in [length / 4, length / 2, length * 3 / 4, length - 3] {
            let sent = upload(&t, &receipt, file(&content[..cut])).await;
            let sent = sent.expect(201);
            let path = format!("/v1/tips/{id}/attachments/{}", sent["id"].as_str().unwrap());
            let got = t.officer(OFFICER).get(&path).send().await;
            assert_eq!(got.status.as_u16(), 200, "{kind} cut at {cut}");
            for part in [&SECRET[..8], &SECRET[SECRET.len() - 8..]] {
                assert!(!holds(&got.bytes, part), "{kind} cut at {cut} of {length}");
            }
            let clean = got.header("metadata-removed") == "true";
            let shown = got.header("content-type");
            assert_eq!(shown == kind, clean, "{kind} cut at {cut}: {shown}");
            doubtful += usize::from(!clean);
        }
    }
    assert!(doubtful > 20, "{doubtful}");
}
