//! Pictures that a decoder reads before and after.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat, RgbImage};

use super::*;

fn painted() -> RgbImage {
    let shade = |n: u32| u8::try_from(n).unwrap();
    RgbImage::from_fn(24, 16, |x, y| image::Rgb([shade(x * 9), shade(y * 13), 77]))
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    painted().write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn decoded(file: &[u8], format: ImageFormat) -> RgbImage {
    image::load_from_memory_with_format(file, format)
        .unwrap()
        .into_rgb8()
}

/// Exif as a phone writes it: which way up, then more; the small picture behind.
fn exif_turned(turned: u8, little: bool) -> Vec<u8> {
    let list = if little {
        [
            b"Exif\0\0II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x01\0\0\0A\0\0\0\x12\x01\x03\0\x01\0\0\0"
                .as_slice(),
            &[turned, 0, 0, 0],
        ]
    } else {
        [
            b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x0f\0\x02\0\0\0\x01A\0\0\0\x01\x12\0\x03\0\0\0\x01"
                .as_slice(),
            &[0, turned, 0, 0],
        ]
    };
    [list.concat(), vec![0; 4], SECRET.to_vec(), a_jpeg()].concat()
}

fn a_photo(turned: u8, little: bool) -> Vec<u8> {
    let plain = encoded(ImageFormat::Jpeg);
    // Behind the first two bytes and JFIF.
    let behind = 4 + usize::from(plain[5]);
    [
        &plain[..behind],
        &segment(0xe0, &[b"JFXX\0".as_slice(), SECRET].concat()),
        &segment(0xe1, &exif_turned(turned, little)),
        &segment(
            0xe1,
            &[b"http://ns.adobe.com/xap/1.0/\0".as_slice(), SECRET].concat(),
        ),
        &segment(0xe2, &[b"MPF\0".as_slice(), SECRET].concat()),
        &segment(0xeb, SECRET),
        &segment(0xed, &[b"Photoshop 3.0\0".as_slice(), SECRET].concat()),
        &segment(
            0xee,
            &[b"Adobe\0\x64\0\0\0\0\x01".as_slice(), SECRET].concat(),
        ),
        &segment(0xf7, SECRET),
        &segment(0xfe, SECRET),
        &plain[behind..],
        &a_jpeg(),
    ]
    .concat()
}

#[test]
fn a_photo_is_painted_as_before_and_keeps_only_which_way_up_it_is() {
    for little in [true, false] {
        for turned in 1..=8 {
            let photo = a_photo(turned, little);
            let clean = metadata("image/jpeg", photo.clone().into()).unwrap();
            assert!(!clean.windows(8).any(|w| w == &SECRET[..8]));
            let format = ImageFormat::Jpeg;
            assert!(decoded(&clean, format) == decoded(&photo, format));
            let mut decoder =
                image::codecs::jpeg::JpegDecoder::new(Cursor::new(&clean[..])).unwrap();
            let orientation = decoder.orientation().unwrap();
            assert_eq!(orientation, Orientation::from_exif(turned).unwrap());
            assert_eq!(metadata("image/jpeg", clean.clone()).unwrap(), clean);
        }
    }
    let upright = metadata("image/jpeg", a_photo(1, true).into()).unwrap();
    assert!(!upright.windows(4).any(|w| w == b"Exif"), "nothing to say");
}

#[test]
fn the_small_picture_of_jfif_is_left_out() {
    let plain = encoded(ImageFormat::Jpeg);
    let mut jfif = b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x09".to_vec();
    jfif.extend(SECRET);
    let behind = 4 + usize::from(plain[5]);
    let file = [&plain[..2], &segment(0xe0, &jfif), &plain[behind..]].concat();
    let clean = metadata("image/jpeg", file.into()).unwrap();
    assert!(!clean.windows(8).any(|w| w == &SECRET[..8]));
    assert_eq!(clean[18..20], [0, 0], "and said to be of no size");
    assert!(decoded(&clean, ImageFormat::Jpeg) == decoded(&plain, ImageFormat::Jpeg));
}

#[test]
fn png_and_webp_are_painted_as_before() {
    let plain = encoded(ImageFormat::Png);
    let more = [
        chunk(b"eXIf", SECRET),
        chunk(b"tIME", SECRET),
        chunk(b"zzZz", SECRET),
    ];
    let png = [&plain[..33], &more.concat(), &plain[33..], SECRET].concat();
    let plain = encoded(ImageFormat::WebP);
    let size = [23, 0, 0, 15, 0, 0];
    let flags = |flags: u8| riff(b"VP8X", &[&[flags, 0, 0, 0], size.as_slice()].concat());
    let painted = &plain[12..];
    let extended = [
        b"WEBP".to_vec(),
        flags(0x0c),
        painted.to_vec(),
        riff(b"EXIF", SECRET),
        riff(b"XMP ", SECRET),
    ];
    let frame = [
        &[0; 6],
        size.as_slice(),
        &[0x64, 0, 0, 0],
        painted,
        &riff(b"XMP ", SECRET),
    ]
    .concat();
    let moving = [
        b"WEBP".to_vec(),
        flags(0x02),
        riff(b"ANIM", &[0; 6]),
        riff(b"ANMF", &frame),
    ];
    for (media_type, file, format) in [
        ("image/png", png, ImageFormat::Png),
        (
            "image/webp",
            riff(b"RIFF", &extended.concat()),
            ImageFormat::WebP,
        ),
        (
            "image/webp",
            riff(b"RIFF", &moving.concat()),
            ImageFormat::WebP,
        ),
    ] {
        let before = decoded(&file, format);
        let clean = metadata(media_type, file.into()).unwrap();
        assert!(!clean.windows(8).any(|w| w == &SECRET[..8]), "{media_type}");
        assert!(decoded(&clean, format) == before, "{media_type}");
    }
}
