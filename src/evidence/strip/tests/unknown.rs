//! Files of kinds that nobody cleans: what is known of metadata in them is overwritten, and only what is known to be
//! harmless is called so.

use super::camera::{Tiff, holds};
use super::*;
use crate::evidence::kind;

/// An archive of one photo.
pub fn a_tar(photo: &[u8]) -> Vec<u8> {
    let mut head = b"a.jpg".to_vec();
    head.resize(124, 0);
    head.extend(format!("{:011o}\0", photo.len()).bytes());
    head.resize(257, 0);
    head.extend(b"ustar\x0000");
    head.resize(512, 0);
    let mut out = [head.as_slice(), photo].concat();
    out.resize(out.len().next_multiple_of(512) + 1_024, 0);
    out
}

fn a_program() -> Vec<u8> {
    let mut out = b"MZ".to_vec();
    out.resize(0x3c, 0);
    out.extend([0x40, 0, 0, 0]);
    [out.as_slice(), b"PE\0\0", &a_jpeg()].concat()
}

/// A bitmap of Windows that says how long it is, and in which way it holds its pixels.
fn a_bitmap(length: u32, way: u32) -> Vec<u8> {
    let [length, place, head, way] = [length, 54, 40, way].map(u32::to_le_bytes);
    let size = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0];
    let out = [
        b"BM".as_slice(),
        &length,
        &[0; 4],
        &place,
        &head,
        &size,
        &way,
    ];
    [&out.concat(), [0; 20].as_slice(), b"pixl"].concat()
}

/// Lines of a mail.
fn folded(lines: usize, length: usize, between: &str) -> String {
    let line = "/9j/4AAQSkZJRgABAQEA".repeat(4);
    vec![&line[..length]; lines].join(between)
}

#[test]
fn only_what_is_known_to_hold_no_recording_is_served_as_it_is() {
    let one_line = format!("{{\"photo\": \"{}\"}}", folded(6, 76, ""));
    let page = "<html><p>Lừa đảo</p><img src=\"data:image/gif;base64,R0lGODlh\"></html>";
    let card = format!(
        "BEGIN:VCARD\r\nPHOTO;ENCODING=b:\r\n {}\r\n",
        folded(6, 74, "\r\n ")
    );
    let mail = format!("Subject: x\r\n\r\n{}", folded(6, 76, "\r\n"));
    let addresses = ["0x52908400098527886E0F7030069857D2E4169EE7"; 30].join("\n");
    let drawing = "<?xml version=\"1.0\"?><svg><x:xmpmeta>SM-A546E</x:xmpmeta></svg>";
    let elf = [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 60], &a_jpeg()].concat();
    for (what, file, harmless) in [
        (
            "text",
            "Có người gọi tự xưng công an\r\n".as_bytes().to_vec(),
            true,
        ),
        (
            "a list",
            b"\xef\xbb\xbfso,ten\n0912345678,a\n".to_vec(),
            true,
        ),
        ("JSON", b"{\"messages\": [\"OTP 123456\"]}".to_vec(), true),
        (
            "a page",
            b"<html><script>alert(1)</script></html>".to_vec(),
            true,
        ),
        ("XML", b"<?xml version=\"1.0\"?><a/>".to_vec(), true),
        ("a script", b"#!/bin/sh\nexit\n".to_vec(), true),
        ("text that begins like a bitmap", b"BM: tin".to_vec(), true),
        ("text that begins like a program", b"MZ: tin".to_vec(), true),
        ("numbers", ["0912345678"; 300].join("\n").into_bytes(), true),
        ("addresses", addresses.into_bytes(), true),
        (
            "a long link",
            format!("https://a.vn/{}", folded(1, 80, "")).into_bytes(),
            true,
        ),
        ("a bitmap", a_bitmap(58, 0), true),
        ("a program of Windows", a_program(), true),
        ("a program of Linux", elf, true),
        (
            "text of another time",
            "\u{111}"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
            false,
        ),
        ("text in an old encoding", b"l\xf5a".to_vec(), false),
        ("text with more behind it", b"text\0\x01".to_vec(), false),
        ("JSON with a picture", one_line.into_bytes(), false),
        ("a page with a picture", page.as_bytes().to_vec(), false),
        ("a card with a picture", card.into_bytes(), false),
        ("a mail with a picture", mail.into_bytes(), false),
        ("a drawing that tells", drawing.as_bytes().to_vec(), false),
        (
            "what a receiver says",
            b"$GPRMC,021530,A,2123.1,N,10301.2,E,0,0,301126,,*00\n".to_vec(),
            false,
        ),
        (
            "rich text",
            b"{\\rtf1 {\\info{\\author x}}}".to_vec(),
            false,
        ),
        (
            "PostScript",
            b"%!PS-Adobe-3.0\n%%Creator: x\n".to_vec(),
            false,
        ),
        (
            "a bitmap with more behind it",
            [a_bitmap(58, 0), a_jpeg()].concat(),
            false,
        ),
        ("a bitmap that is a JPEG", a_bitmap(58, 4), false),
        (
            "no program of Windows",
            [b"MZ\x90\0".as_slice(), &a_jpeg()].concat(),
            false,
        ),
        ("tar", a_tar(&a_jpeg()), false),
        ("7z", b"7z\xbc\xaf\x27\x1c\0\x04".to_vec(), false),
        ("RAR", b"Rar!\x1a\x07\x01\0".to_vec(), false),
        ("gzip", b"\x1f\x8b\x08\0".to_vec(), false),
        (
            "an old document",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
            false,
        ),
        ("a database", b"SQLite format 3\0".to_vec(), false),
        ("a font", b"\0\x01\0\0\0".to_vec(), false),
        ("anything", vec![7; 100], false),
        (
            "nothing known in front of a photo",
            [&[0; 10], a_jpeg().as_slice()].concat(),
            false,
        ),
    ] {
        let media_type = kind::of(&file[..file.len().min(kind::HEAD)]);
        let copy = copy(media_type, file.clone().into());
        let stored = matches!(&copy, Copy::Stored(bytes) if *bytes == file);
        assert_eq!(stored, harmless, "{what}, {media_type}");
        assert!(stored || matches!(copy, Copy::Doubtful(_)), "{what}");
    }
    for media_type in ["image/vnd.adobe.photoshop", "video/mpeg", "application/rtf"] {
        assert!(!is_harmless(media_type, b"text"), "{media_type}");
    }
}

#[test]
fn photos_inside_of_what_is_not_known_tell_nothing_and_are_still_painted() {
    let photo = a_jpeg();
    // As HEIC and raw pictures hold it: no JPEG is around it.
    let mut exif = Tiff::new(false, false);
    let list = exif.list(&[(0x0110, 2, [SECRET, b"\0"].concat())], 0);
    exif.begin(list);
    let exif = exif.file;
    let old = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 504]].concat();
    for (what, before) in [
        ("bytes", vec![0; 10]),
        ("a mail", b"From: a\n\n".to_vec()),
        ("7z", b"7z\xbc\xaf\x27\x1c".to_vec()),
        ("RAR", b"Rar!\x1a\x07\x01\0".to_vec()),
        ("an old document", old),
        ("a database", b"SQLite format 3\0".to_vec()),
        (
            "what only begins like a picture",
            b"\x01\xff\xd8\xff\xe0\0\x04\xff\xfe".to_vec(),
        ),
        ("a broken archive", b"PK\x03\x04 no archive".to_vec()),
    ] {
        let file = [
            &before,
            photo.as_slice(),
            b" between ",
            &photo,
            &exif,
            b" behind",
        ]
        .concat();
        let Copy::Doubtful(served) = copy(kind::of(&file), file.clone().into()) else {
            panic!("{what} is called clean");
        };
        assert_eq!(served.len(), file.len(), "{what}: nothing moves");
        assert!(!holds(&served, SECRET), "{what}");
        assert!(
            served.starts_with(&before) && served.ends_with(b" behind"),
            "{what}"
        );
        for stays in [
            b" between ".as_slice(),
            b"ICC_PROFILE",
            &[1, 2, 0xff, 0, 3, 0xff, 0xd0, 4],
        ] {
            assert!(holds(&served, stays), "{what}");
        }
    }
    let Copy::Doubtful(served) = copy("application/x-tar", a_tar(&photo).into()) else {
        panic!("a tar is called clean");
    };
    assert!(
        holds(&served, b"ustar") && holds(&served, &[5, 6, 0xff, 0xd9]) && !holds(&served, SECRET)
    );
}

#[test]
fn lists_of_tags_that_only_cost_time_are_left() {
    // One list of entries that name all but the whole file, and 4,000 beginnings of one list that only paints.
    let long = |n: u32| u64::from(n).to_le_bytes();
    let list = |tag: [u8; 2], count: u32| {
        let entry = [&tag, [7, 0].as_slice(), &long(count), &long(16)].concat();
        [long(300_000).as_slice(), &entry.repeat(300_000)].concat()
    };
    let begin = |at: u32| [b"II+\0\x08\0\0\0".as_slice(), &long(at)].concat();
    let mut same = [begin(16), list([0x0f, 1], 7_900_000)].concat();
    same.resize(8_000_000, 0);
    let beginnings = (0..4_000).flat_map(|n| begin(16 * (4_000 - n)));
    let again = beginnings.chain(list([0x73, 0x87], 9)).collect::<Vec<u8>>();
    for (what, file) in [("the same bytes", same), ("the same list", again)] {
        let began = std::time::Instant::now();
        let length = file.len();
        let Copy::Doubtful(served) = copy("image/vnd.adobe.photoshop", file.into()) else {
            panic!("{what}: called clean");
        };
        assert_eq!(served.len(), length);
        assert!(
            began.elapsed().as_secs() < 20,
            "{what}: {:?}",
            began.elapsed()
        );
    }
}
