//! GIF, FLAC, WAV and pictures that are damaged.

use super::*;

fn holds(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|window| window == part)
}

fn block(data: &[u8]) -> Vec<u8> {
    [&[u8::try_from(data.len()).unwrap()], data, &[0]].concat()
}

pub fn a_gif() -> Vec<u8> {
    let program = |name: &[u8], data: Vec<u8>| [b"\x21\xff\x0b".as_slice(), name, &data].concat();
    [
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec(),
        program(b"NETSCAPE2.0", block(&[1, 0, 0])),
        program(b"XMP DataXMP", block(SECRET)),
        program(b"ICCRGBG1012", block(SECRET)),
        [b"\x21\xfe".as_slice(), &block(SECRET)].concat(),
        b"\x21\xf9\x04\0\x0a\0\0\0".to_vec(),
        b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0".to_vec(),
        [b"\x21\x01".as_slice(), &block(&[0; 12]), SECRET].concat()[..16].to_vec(),
        b"\x3b".to_vec(),
        SECRET.to_vec(),
    ]
    .concat()
}

pub fn a_flac() -> Vec<u8> {
    let block = |head: u8, body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[head], &length[1..], body].concat()
    };
    let tag = [b"TAG".as_slice(), SECRET, &[0; 98]].concat();
    let mut ape = SECRET.to_vec();
    ape.extend(b"APETAGEX\xd0\x07\0\0");
    ape.extend(u32::try_from(SECRET.len() + 32).unwrap().to_le_bytes());
    ape.extend([0; 16]);
    [
        b"fLaC".to_vec(),
        block(0, &[1; 34]),
        block(3, &[2; 18]),
        block(4, SECRET),
        block(6, SECRET),
        block(2, SECRET),
        block(0x81, SECRET),
        b"\xff\xf8pixels".to_vec(),
        ape,
        tag,
    ]
    .concat()
}

#[test]
fn moving_pictures_and_flac_lose_their_notes() {
    let clean = metadata("image/gif", a_gif().into()).unwrap();
    assert!(!holds(&clean, &SECRET[..8]));
    let shown = b"\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";
    assert!(clean.ends_with(shown) && holds(&clean, b"NETSCAPE2.0\x03\x01"));
    assert_eq!(metadata("image/gif", clean.clone()).unwrap(), clean);
    let flac = metadata("audio/x-flac", a_flac().into()).unwrap();
    let head = [
        b"fLaC\0\0\0\x22".as_slice(),
        &[1; 34],
        b"\x83\0\0\x12",
        &[2; 18],
    ]
    .concat();
    assert_eq!(flac, [head.as_slice(), b"\xff\xf8pixels"].concat());
    assert_eq!(metadata("audio/x-flac", flac.clone()).unwrap(), flac);
}

#[test]
fn a_recorder_that_was_cut_off_is_heard() {
    let format = riff(b"fmt ", &[1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 8, 0]);
    let notes = riff(b"iXML", SECRET);
    let begun = [
        b"RIFF\xff\xff\xff\xffWAVE",
        &format[..],
        &notes,
        b"data\xff\xff\xff\xffpixel",
    ];
    let clean = metadata("audio/x-wav", begun.concat().into()).unwrap();
    let whole = riff(
        b"RIFF",
        &[b"WAVE".to_vec(), format, riff(b"data", b"pixel")].concat(),
    );
    assert_eq!(clean, whole);
    assert_eq!(metadata("audio/x-wav", clean.clone()).unwrap(), clean);
}

#[test]
fn a_damaged_picture_is_shown_as_far_as_it_goes() {
    let holds = |file: &[u8], part: &[u8]| file.windows(part.len()).any(|w| w == part);
    let scan = [1, 2, 0xff, 0, 3, 0xff, 0xd0, 4];
    let whole = a_jpeg();
    let start = whole.windows(8).position(|w| w == scan).unwrap();
    let cut = whole[..start + 6].to_vec();
    let mut garbage = whole.clone();
    garbage.splice(2..2, *b"noise");
    let mut lost = whole.clone();
    lost.splice(
        start + 8..,
        [0xff, 0x17, 9].into_iter().chain(SECRET.iter().copied()),
    );
    let mut longer = whole.clone();
    longer[start + 10..start + 12].copy_from_slice(&[0xff, 0xff]);
    for (what, file, stays) in [
        ("cut off", cut, &scan[..6]),
        ("noise between segments", garbage, &scan),
        ("a marker that is none", lost, &scan),
        ("a comment longer than the file", longer, &scan),
    ] {
        let clean = metadata("image/jpeg", file.into()).expect(what);
        assert!(
            holds(&clean, stays) && clean.ends_with(&[0xff, 0xd9]),
            "{what}"
        );
        assert!(!holds(&clean, SECRET) && !holds(&clean, b"noise"), "{what}");
        assert_eq!(
            metadata("image/jpeg", clean.clone()).unwrap(),
            clean,
            "{what}"
        );
    }
}

#[test]
fn of_these_too_some_are_refused() {
    for (media_type, file) in [
        (
            "audio/x-wav",
            riff(
                b"RIFF",
                &[b"WAVE".as_slice(), &riff(b"data", SECRET)].concat(),
            ),
        ),
        (
            "audio/x-flac",
            [b"fLaC\x80\0\0\0".as_slice(), SECRET].concat(),
        ),
        ("audio/x-flac", a_flac()[..60].to_vec()),
        ("image/gif", a_gif()[..40].to_vec()),
        ("image/gif", b"GIF89a\x01\0\x01\0\0\0\0\x3b".to_vec()),
        (
            "image/gif",
            [b"GIF89a\x01\0\x01\0\0\0\0".as_slice(), SECRET].concat(),
        ),
    ] {
        assert_eq!(metadata(media_type, file.into()), None, "{media_type}");
    }
}
