//! Camera originals that are built like a TIFF and are none: Olympus, Panasonic, Fujifilm.

use super::camera::{Tiff, a_tiff, holds};
use super::*;

/// What a clean copy holds of a picture, byte for byte and where it stood.
fn stays(file: &[u8], clean: &[u8], parts: &[&[u8]]) {
    assert_eq!(clean.len(), file.len(), "every offset stays right");
    for part in parts {
        let at = file.windows(part.len()).position(|w| w == *part).unwrap();
        assert_eq!(clean[at..at + part.len()], **part);
    }
    assert!(!holds(clean, &SECRET[..8]) && !holds(clean, b"Exif"));
}

#[test]
fn an_olympus_original_keeps_its_pictures() {
    for (mark, little) in [(b"IIRO", true), (b"IIRS", true), (b"MMOR", false)] {
        let mut file = a_tiff(little, false);
        file[..4].copy_from_slice(mark);
        let clean = metadata("image/x-olympus-orf", file.clone().into()).unwrap();
        stays(&file, &clean, &[mark, b"pixels", b"more of it", &[5, 6]]);
        let again = metadata("image/x-olympus-orf", clean.clone()).unwrap();
        assert_eq!(again, clean);
    }
}

/// An RW2: numbers of its own, a JPEG as an entry, and the raw picture to the end or as long as it says.
pub fn an_rw2(length: usize) -> Vec<u8> {
    let mut tiff = Tiff::new(true, false);
    tiff.file[2..4].copy_from_slice(b"U\0");
    tiff.file
        .extend(*b"\x88\xe7\x74\xd8\xf8\x25\x1d\x4d\x94\x7a\x6e\x77\x82\x2b\x5d\x6a");
    let text = |tag: u16| (tag, 2, [SECRET, b"\0"].concat());
    let exif = tiff.list(&[text(0x9003)], 0);
    let raw = tiff.data(b"raw pixels");
    let behind = tiff.data(SECRET);
    let gps = tiff.list(&[text(0x001d)], 0);
    let entries = [
        (0x0001, 7, b"0410".to_vec()),
        tiff.short(0x0002, 4000),
        (0x0003, 2, SECRET.to_vec()),
        tiff.short(0x000a, 12),
        (0x0013, 7, SECRET.to_vec()),
        tiff.short(0x0017, 200),
        (0x002e, 7, a_jpeg()),
        text(0x010f),
        text(0x0110),
        tiff.long(0x0111, usize::MAX >> 32),
        tiff.short(0x0112, 6),
        tiff.long(0x0117, length),
        tiff.long(0x0118, raw),
        (0x0119, 7, SECRET.to_vec()),
        tiff.long(0x0120, exif),
        tiff.long(0x8769, exif),
        tiff.long(0x8825, gps),
    ];
    let first = tiff.list(&entries, 0);
    assert!(raw < behind && behind < first);
    tiff.begin(first);
    tiff.file
}

#[test]
fn a_panasonic_original_keeps_its_raw_picture_and_its_jpeg() {
    let file = an_rw2(10);
    let clean = metadata("image/x-panasonic-rw2", file.clone().into()).unwrap();
    let inner = [1, 2, 0xff, 0, 3, 0xff, 0xd0, 4];
    stays(&file, &clean, &[b"raw pixels", &inner, &file[..24]]);
    assert_eq!(
        metadata("image/x-panasonic-rw2", clean.clone()).unwrap(),
        clean
    );
    let first = usize::try_from(u32::from_le_bytes(clean[4..8].try_into().unwrap())).unwrap();
    let tag = |n: usize| u16::from_le_bytes([clean[first + 2 + n * 12], clean[first + 3 + n * 12]]);
    let count = usize::from(clean[first]);
    assert_eq!(
        (0..count).map(tag).collect::<Vec<_>>(),
        [0x02, 0x0a, 0x2e, 0x111, 0x112, 0x117, 0x118]
    );
    // Its mark alone makes no picture.
    let nothing = [b"IIU\0\x18\0\0\0".as_slice(), &[0; 24], SECRET].concat();
    assert_eq!(metadata("image/x-panasonic-rw2", nothing.into()), None);
}

/// A RAF whose raw picture is bytes, or a TIFF of its own.
pub fn a_raf(raw: &[u8]) -> Vec<u8> {
    let number = |tag: u16, value: &[u8]| {
        let length = u16::try_from(value.len()).unwrap();
        [&tag.to_be_bytes(), &length.to_be_bytes(), value].concat()
    };
    let numbers = [
        5_u32.to_be_bytes().to_vec(),
        number(0x0100, &[1, 2, 3, 4]),
        number(0x0131, &[7; 36]),
        number(0x2ff0, &[8; 8]),
        number(0xc000, SECRET),
        number(0x4001, SECRET),
    ]
    .concat();
    let mut file = b"FUJIFILMCCD-RAW 0201FF119501".to_vec();
    file.extend(SECRET);
    file.resize(84, b'1');
    let places = [&a_jpeg(), numbers.as_slice(), raw];
    let mut at = 160;
    for part in places {
        file.extend(u32::try_from(at).unwrap().to_be_bytes());
        file.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        at += part.len() + SECRET.len();
    }
    file.extend(SECRET);
    file.resize(160, 0);
    for part in places {
        file.extend(part);
        file.extend(SECRET);
    }
    file
}

/// What newer cameras write of a raw picture.
fn a_raw_tiff() -> Vec<u8> {
    let mut tiff = Tiff::new(true, false);
    let pixels = tiff.data(b"raw pixels");
    let entries = [
        tiff.long(0xf001, 6000),
        tiff.long(0xf007, pixels),
        tiff.long(0xf008, 10),
        (0xf00b, 5, SECRET[..24].to_vec()),
        (0xf00d, 4, [7; 12].to_vec()),
        (0xf00f, 5, SECRET[..24].to_vec()),
    ];
    let inner = tiff.list(&entries, 0);
    let first = tiff.list(&[tiff.long(0xf000, inner)], 0);
    tiff.begin(first);
    tiff.file
}

#[test]
fn a_fuji_original_keeps_its_pictures_and_no_name() {
    for raw in [b"raw pixels".to_vec(), a_raw_tiff()] {
        let file = a_raf(&raw);
        let clean = metadata("image/x-fuji-raf", file.clone().into()).unwrap();
        let inner = [1, 2, 0xff, 0, 3, 0xff, 0xd0, 4];
        stays(
            &file,
            &clean,
            &[b"raw pixels", &inner, &file[84..108], &[7; 12], &[8; 8]],
        );
        assert!(!holds(&clean, b"FF119501") && !holds(&clean, b"1111"));
        assert_eq!(metadata("image/x-fuji-raf", clean.clone()).unwrap(), clean);
    }
    let file = a_raf(b"raw pixels");
    let mut over = file.clone();
    // The raw picture is said to lie in the head.
    over[100..104].copy_from_slice(&10_u32.to_be_bytes());
    for refused in [
        over,
        file[..100].to_vec(),
        a_raf(&SECRET[..0])[..170].to_vec(),
    ] {
        assert_eq!(metadata("image/x-fuji-raf", refused.into()), None);
    }
}

proptest! {
    #[test]
    fn nothing_panics_in_originals_of_these_makers(
        bytes in proptest::collection::vec(any::<u8>(), 0..60), at in 0_usize..1500, cut in 0_usize..60,
    ) {
        for (media_type, mut file) in [
            ("image/x-panasonic-rw2", an_rw2(10)), ("image/x-fuji-raf", a_raf(&a_raw_tiff())),
        ] {
            let at = at.min(file.len());
            let end = (at + cut).min(file.len());
            file.splice(at..end, bytes.clone());
            let _ = metadata(media_type, file.into());
        }
    }
}
