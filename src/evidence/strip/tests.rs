//! Files that hold a secret wherever their kind has room for one.

mod archive;
mod boxes;
mod camera;
mod cut;
mod decoded;
mod made;
mod makers;
mod others;
mod pdf;
mod streams;
mod unknown;

use made::{heic, movie};
use others::{a_flac, a_gif};
use pdf::a_full_pdf;
use proptest::prelude::*;

use super::*;

const SECRET: &[u8] = b"GPS 21.38N 103.01E SM-A546E";

fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![0xff, marker];
    out.extend(u16::try_from(contents.len() + 2).unwrap().to_be_bytes());
    out.extend(contents);
    out
}

fn exif() -> Vec<u8> {
    [b"Exif\0\0II*\0".as_slice(), SECRET].concat()
}

fn a_jpeg() -> Vec<u8> {
    [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xe1, &exif()),
        segment(0xe2, b"ICC_PROFILE\0\x01\x01profile"),
        segment(0xe2, &[b"MPF\0".as_slice(), SECRET].concat()),
        segment(0xfe, SECRET),
        segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        vec![1, 2, 0xff, 0, 3, 0xff, 0xd0, 4],
        segment(0xfe, SECRET),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        vec![5, 6, 0xff, 0xd9],
        vec![0xff, 0xd8],
        segment(0xe1, &exif()),
        vec![0xff, 0xd9],
    ]
    .concat()
}

fn chunk(kind: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(contents.len())
        .unwrap()
        .to_be_bytes()
        .to_vec();
    out.extend(kind);
    out.extend(contents);
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&out[4..]);
    out.extend(crc.to_be_bytes());
    out
}

fn a_png() -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
        chunk(b"eXIf", &exif()),
        chunk(b"tEXt", SECRET),
        chunk(b"iTXt", SECRET),
        chunk(b"prVt", SECRET),
        chunk(b"IDAT", b"pixels"),
        chunk(b"IEND", b""),
        SECRET.to_vec(),
    ]
    .concat()
}

fn riff(id: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let mut out = id.to_vec();
    out.extend(u32::try_from(contents.len()).unwrap().to_le_bytes());
    out.extend(contents);
    out.resize(out.len().next_multiple_of(2), 0);
    out
}

fn a_webp() -> Vec<u8> {
    let body = [
        b"WEBP".to_vec(),
        riff(b"VP8X", &[0b0000_1100, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        riff(b"VP8 ", b"pixels"),
        riff(b"EXIF", &exif()),
        riff(b"XMP ", SECRET),
        riff(b"prvt", SECRET),
    ]
    .concat();
    riff(b"RIFF", &body)
}

#[test]
fn place_time_and_device_are_gone_and_the_picture_stays() {
    for (media_type, file, pixels) in [
        ("image/jpeg", a_jpeg(), [5, 6, 0xff, 0xd9].as_slice()),
        ("image/jpeg", a_jpeg(), &[1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]),
        ("image/jpeg", a_jpeg(), b"ICC_PROFILE"),
        ("image/png", a_png(), b"pixels"),
        ("image/webp", a_webp(), b"pixels"),
    ] {
        let holds = |file: &[u8], part: &[u8]| file.windows(part.len()).any(|w| w == part);
        assert!(holds(&file, SECRET));
        let clean = metadata(media_type, file.into()).unwrap();
        for secret in [SECRET, b"Exif", b"MPF"] {
            assert!(!holds(&clean, secret), "{media_type}");
        }
        assert!(holds(&clean, pixels), "{media_type}");
        let again = metadata(media_type, clean.clone()).unwrap();
        assert_eq!(again, clean, "{media_type}: stays as it is");
    }
    let clean = metadata("image/webp", a_webp().into()).unwrap();
    assert_eq!(clean[20] & WEBP_EXIF_XMP, 0, "nothing is announced");
}

#[test]
fn what_is_cut_off_is_not_told_apart() {
    for (media_type, file) in [("image/jpeg", a_jpeg()), ("image/png", a_png())] {
        let cut = file[..file.len() / 3].to_vec();
        assert_eq!(metadata(media_type, cut.into()), None, "{media_type}");
    }
    assert_eq!(metadata("image/png", Bytes::from_static(b"text")), None);
}

proptest! {
    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..100) {
        for (media_type, mut file) in [("image/jpeg", a_jpeg()), ("image/png", a_png()), ("image/webp", a_webp())] {
            let at = at.min(file.len());
            file.splice(at.., bytes.clone());
            let _ = metadata(media_type, file.into());
        }
    }
}

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    let size = u16::try_from(body.len()).unwrap() | 0x4000;
    [id, &size.to_be_bytes(), body].concat()
}

/// Elements behind others.
fn with(file: &[u8], more: Vec<u8>) -> Vec<u8> {
    [file.to_vec(), more].concat()
}

/// What Vorbis begins with: three packets, the second of which are comments.
fn vorbis() -> Vec<u8> {
    let comments = [
        b"\x03vorbis\x04\0\0\0Lavf\x01\0\0\0\x1b\0\0\0",
        SECRET,
        b"\x01",
    ]
    .concat();
    let lengths = [2, 7, u8::try_from(comments.len()).unwrap()];
    [lengths.as_slice(), b"\x01vorbis", &comments, b"\x05vorbis"].concat()
}

fn a_webm() -> Vec<u8> {
    let about = [
        element(b"\x4d\x80", SECRET),
        element(b"\x7b\xa9", SECRET),
        element(b"\x44\x61", b"12345678"),
        element(b"\x2a\xd7\xb1", b"\x0f\x42\x40"),
    ];
    let track = [
        element(b"\xd7", b"\x01"),
        element(b"\x83", b"\x02"),
        element(b"\x86", b"A_VORBIS"),
        element(b"\x63\xa2", &vorbis()),
        element(b"\x53\x6e", SECRET),
        element(b"\xe1", &element(b"\x9f", b"\x01")),
        // A number that is none, and an element that nobody knows.
        element(b"\xb9", SECRET),
        element(b"\x7e\x01", SECRET),
    ];
    [
        element(b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm"),
        // As a browser records: neither segment nor cluster has a size.
        b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        element(b"\x15\x49\xa9\x66", &about.concat()),
        element(b"\x16\x54\xae\x6b", &element(b"\xae", &track.concat())),
        b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        element(b"\xa3", b"pixels"),
        element(b"\x12\x54\xc3\x67", SECRET),
    ]
    .concat()
}

fn page(first: bool, packet: &[u8]) -> Vec<u8> {
    let flags = if first { 2 } else { 0 };
    let mut page = [
        b"OggS\0".as_slice(),
        &[flags],
        &[0; 20],
        &[1, u8::try_from(packet.len()).unwrap()],
        packet,
    ]
    .concat();
    let sum = crc::Crc::<u32>::new(&sound::PAGE).checksum(&page);
    page[22..26].copy_from_slice(&sum.to_le_bytes());
    page
}

fn an_ogg() -> Vec<u8> {
    [
        page(true, b"OpusHead\x01\x01"),
        page(
            false,
            &[b"OpusTags\x04\0\0\0Lavf\x01\0\0\0\x1b\0\0\0", SECRET].concat(),
        ),
        page(false, b"pixels"),
    ]
    .concat()
}

fn an_mp3() -> Vec<u8> {
    let frame = [b"\xff\xfb\x90\x00pixels".as_slice(), &[0; 407]].concat();
    [
        b"ID3\x03\0\0\0\0\0\x1b".as_slice(),
        SECRET,
        &frame,
        &frame,
        b"TAG",
        SECRET,
    ]
    .concat()
}

fn an_amr() -> Vec<u8> {
    let frame = [b"\x3c".as_slice(), b"pixels", &[0; 25]].concat();
    [b"#!AMR\n".as_slice(), &frame, &frame, b"\xff", SECRET].concat()
}

fn a_wav() -> Vec<u8> {
    let chunks = [
        riff(b"fmt ", &[1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 8, 0]),
        riff(b"LIST", &[b"INFO".to_vec(), riff(b"IART", SECRET)].concat()),
        riff(b"bext", SECRET),
        riff(b"data", b"pixels"),
        riff(b"id3 ", SECRET),
    ];
    riff(b"RIFF", &[b"WAVE".to_vec(), chunks.concat()].concat())
}

fn a_pdf() -> Vec<u8> {
    [
        b"%PDF-1.4\n1 0 obj <</Type /Catalog /Metadata 3 0 R>> endobj\n2 0 obj <</Author ("
            .as_slice(),
        SECRET,
        b") /Title <</X 1>>>> endobj\n3 0 obj <</Type /Metadata /Length 27>> stream\n",
        SECRET,
        b"\nendstream endobj\n4 0 obj <<>> stream\npixels\xff\xe1\0\x23Exif\0\0",
        SECRET,
        b"\nendstream endobj\ntrailer <</Root 1 0 R /Info 2 0 R>>\n%%EOF",
    ]
    .concat()
}

#[test]
fn sound_video_and_documents_keep_their_length_and_lose_their_notes() {
    for (media_type, file) in [
        ("video/webm", a_webm()),
        ("audio/ogg", an_ogg()),
        ("application/pdf", a_pdf()),
    ] {
        let clean = metadata(media_type, file.clone().into()).expect(media_type);
        assert_eq!(
            clean.len(),
            file.len(),
            "{media_type}: every offset stays right"
        );
        let holds = |part: &[u8]| clean.windows(part.len()).any(|w| w == part);
        assert!(holds(b"pixels"), "{media_type}");
        assert!(!holds(SECRET) && !holds(&[7; 8]), "{media_type}");
        let again = metadata(media_type, clean.clone()).unwrap();
        assert_eq!(again, clean, "{media_type}: stays as it is");
    }
    let clean = metadata("audio/mpeg", an_mp3().into()).unwrap();
    assert_eq!(clean.len(), 834, "two frames and nothing else");
    let clean = metadata("audio/amr", an_amr().into()).unwrap();
    assert_eq!(clean, an_amr()[..70], "two frames and nothing else");
    let clean = metadata("audio/x-wav", a_wav().into()).unwrap();
    assert_eq!(clean.len(), 12 + 24 + 14);
    assert!(clean.ends_with(b"data\x06\0\0\0pixels"));
    let webm = metadata("video/webm", a_webm().into()).unwrap();
    let codec = [&vorbis()[..17], &[0; 8], &[1], &[0; 35], b"\x05vorbis"].concat();
    assert!(
        webm.windows(codec.len()).any(|w| w == codec),
        "no vendor, no comment"
    );
    let ogg = metadata("audio/ogg", an_ogg().into()).unwrap();
    assert!(ogg.starts_with(&an_ogg()[..38]) && ogg.ends_with(&page(false, b"pixels")));
    let tags = ogg.windows(8).position(|w| w == b"OpusTags").unwrap();
    assert_eq!(ogg[tags + 8..tags + 16], [0; 8], "no vendor, no comment");
}

#[test]
fn what_cannot_be_told_apart_is_not_called_clean() {
    let mut other_stream = page(false, SECRET);
    other_stream[14] = 9;
    let packed = b"%PDF-1.7\n1 0 obj <</Type /ObjStm>> endobj trailer <</Info 9 0 R>>";
    for (media_type, file) in [
        ("application/pdf", packed.to_vec()),
        ("image/png", b"\x89PNG\r\n\x1a\nnoise".to_vec()),
        ("image/jpeg", a_jpeg()[..60].to_vec()),
        ("video/mp4", movie(None)[..200].to_vec()),
        (
            "video/webm",
            with(&a_webm(), element(b"\xae", &element(b"\x83", b"\x11"))),
        ),
        (
            "video/webm",
            element(b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm")[..7].to_vec(),
        ),
        ("audio/mpeg", b"ID3\x03\0\0\0\0\0\0no sound".to_vec()),
        ("audio/ogg", page(true, b"Speex   1.2")),
        ("audio/ogg", page(false, b"no beginning")),
        ("audio/ogg", with(&an_ogg(), other_stream)),
        ("audio/amr", b"#!AMR_MC1.0\n\0\0\0\x02\x3c".to_vec()),
        ("audio/x-wav", b"RIFF\x04\0\0\0AVI ".to_vec()),
    ] {
        assert!(!is_harmless(media_type, &file), "{media_type}");
        assert_eq!(metadata(media_type, file.into()), None, "{media_type}");
    }
}

proptest! {
    #[test]
    fn nothing_panics_in_sound_video_and_documents(
        bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..400, cut in 0_usize..200
    ) {
        for (media_type, mut file) in [
            ("video/mp4", movie(None)), ("image/heic", heic(None)), ("video/webm", a_webm()),
            ("audio/ogg", an_ogg()), ("audio/mpeg", an_mp3()), ("application/pdf", a_pdf()),
            ("audio/amr", an_amr()), ("audio/x-wav", a_wav()), ("application/pdf", a_full_pdf()),
            ("image/gif", a_gif()), ("audio/x-flac", a_flac()),
        ] {
            let at = at.min(file.len());
            let end = (at + cut).min(file.len());
            file.splice(at..end, bytes.clone());
            let _ = metadata(media_type, file.into());
        }
    }
}
