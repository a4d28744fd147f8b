//! The copy that is served of an image: the picture without what tells of place, time and device.
//!
//! What may stay is listed, everything else goes. No maintained tool was found that does the same
//! for HEIC, PDF, audio and video: those are served as stored, and the answer says so.

use bytes::Bytes;
use img_parts::ImageEncoder;
use img_parts::jpeg::Jpeg;
use img_parts::png::Png;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;

/// Chunks of a PNG that only say how to paint it (W3C PNG, third edition).
const PNG: &[&[u8; 4]] = &[
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"bKGD", b"pHYs", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT",
];
/// The same of a WebP (RFC 9649).
const WEBP: &[&[u8; 4]] = &[
    b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP",
];
/// Bits of `VP8X` that announce Exif and XMP.
const WEBP_EXIF_XMP: u8 = 0b0000_1100;

const SOS: u8 = 0xda;
const EOI: u8 = 0xd9;

/// Whether metadata can be removed from a type.
pub fn removable(media_type: &str) -> bool {
    matches!(media_type, "image/jpeg" | "image/png" | "image/webp")
}

/// The file without metadata; `None` where it cannot be told apart.
pub fn metadata(media_type: &str, file: Bytes) -> Option<Bytes> {
    match media_type {
        "image/jpeg" => jpeg(file),
        "image/png" => png(file),
        "image/webp" => webp(file),
        _ => None,
    }
}

fn png(file: Bytes) -> Option<Bytes> {
    let mut image = Png::from_bytes(file).ok()?;
    image
        .chunks_mut()
        .retain(|chunk| PNG.contains(&&chunk.kind()));
    Some(ImageEncoder::from(image).bytes())
}

fn webp(file: Bytes) -> Option<Bytes> {
    let mut image = WebP::from_bytes(file).ok()?;
    let chunks = image.chunks_mut();
    chunks.retain(|chunk| WEBP.contains(&&chunk.id()));
    for chunk in chunks.iter_mut().filter(|chunk| &chunk.id() == b"VP8X") {
        let mut data = chunk.content().data()?.to_vec();
        *data.first_mut()? &= !WEBP_EXIF_XMP;
        *chunk = RiffChunk::new(*b"VP8X", RiffContent::Data(data.into()));
    }
    Some(image.encoder().bytes())
}

fn jpeg(file: Bytes) -> Option<Bytes> {
    let mut image = Jpeg::from_bytes(file).ok()?;
    image
        .segments_mut()
        .retain(|segment| stays(segment.marker(), segment.contents()));
    let pieces = ImageEncoder::from(image).bytes();
    let start = scan_start(&pieces)?;
    let (head, scans) = pieces.split_at_checked(start)?;
    let mut out = head.to_vec();
    picture(scans, &mut out)?;
    Some(out.into())
}

/// Application data other than JFIF, the colour profile and Adobe's colour transform is metadata;
/// so are comments.
fn stays(marker: u8, contents: &[u8]) -> bool {
    match marker {
        0xe0 => contents.starts_with(b"JFIF\0"),
        0xe2 => contents.starts_with(b"ICC_PROFILE\0"),
        0xee => contents.starts_with(b"Adobe"),
        0xe1..=0xef | 0xfe => false,
        _ => true,
    }
}

/// Where the data of the first scan begins.
fn scan_start(jpeg: &[u8]) -> Option<usize> {
    let mut at = 2_usize;
    loop {
        let marker = *jpeg.get(at + 1)?;
        let length = usize::from(u16::from_be_bytes([*jpeg.get(at + 2)?, *jpeg.get(at + 3)?]));
        at = at.checked_add(2 + length)?;
        if marker == SOS {
            return Some(at);
        }
    }
}

/// Copies the scans up to the end of the picture: what stands between them as metadata and what
/// follows the end, such as a second picture with Exif of its own, stays behind.
fn picture(scans: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut at = 0_usize;
    loop {
        let byte = *scans.get(at)?;
        if byte != 0xff {
            out.push(byte);
            at += 1;
            continue;
        }
        let marker = *scans.get(at + 1)?;
        match marker {
            // A stuffed byte or a restart belongs to the scan.
            0x00 | 0x01 | 0xd0..=0xd7 => {
                out.extend([byte, marker]);
                at += 2;
            }
            0xff => at += 1,
            EOI => {
                out.extend([byte, marker]);
                return Some(());
            }
            _ => {
                let length = [*scans.get(at + 2)?, *scans.get(at + 3)?];
                let end = at + 2 + usize::from(u16::from_be_bytes(length));
                let segment = scans.get(at..end)?;
                if stays(marker, segment.get(4..)?) {
                    out.extend_from_slice(segment);
                }
                at = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
}
