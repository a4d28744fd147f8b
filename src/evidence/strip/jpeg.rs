//! JPEG (ITU-T T.81): only what decodes the picture, its colours and which way up it is.

use bytes::Bytes;
use img_parts::ImageEncoder;
use img_parts::jpeg::{Jpeg, JpegSegment};

use super::bytes_at::offset;

const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const SOS: u8 = 0xda;
const EOI: u8 = 0xd9;
/// Lengths of what JFIF and Adobe say of a picture; a small picture may follow the first.
const JFIF: usize = 14;
const ADOBE: usize = 12;

/// The picture without metadata; `None` where it cannot be told apart.
pub fn clean(file: Bytes) -> Option<Bytes> {
    let mut image = Jpeg::from_bytes(file).ok()?;
    let segments = image.segments_mut();
    let turned = segments.iter().find_map(orientation);
    *segments = std::mem::take(segments)
        .into_iter()
        .filter_map(kept)
        .collect();
    if let Some(turned) = turned {
        let after = segments
            .iter()
            .take_while(|segment| segment.marker() == APP0);
        segments.insert(after.count(), which_way_up(turned));
    }
    let pieces = ImageEncoder::from(image).bytes();
    let (head, scans) = pieces.split_at_checked(scan_start(&pieces)?)?;
    let mut out = head.to_vec();
    picture(scans, &mut out)?;
    Some(out.into())
}

/// What stays of a segment before the picture.
fn kept(segment: JpegSegment) -> Option<JpegSegment> {
    let contents = segment.contents();
    match segment.marker() {
        APP0 if contents.starts_with(b"JFIF\0") => {
            let mut jfif = contents.get(..JFIF)?.to_vec();
            // No small picture follows: it may show what was cut out of the large one.
            jfif.get_mut(JFIF - 2..)?.fill(0);
            Some(JpegSegment::new_with_contents(APP0, jfif.into()))
        }
        APP2 if contents.starts_with(b"ICC_PROFILE\0") => Some(segment),
        APP14 if contents.starts_with(b"Adobe") => {
            let adobe = contents.get(..ADOBE)?.to_vec();
            Some(JpegSegment::new_with_contents(APP14, adobe.into()))
        }
        marker => decodes(marker).then_some(segment),
    }
}

/// Frames, tables and scans. The rest is application data, comments and what was never used.
fn decodes(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xc7 | 0xc9..=0xcf | 0xda..=0xdf)
}

/// Which way up a camera was held, where its Exif says anything but the usual (Exif 2.32 §4.6.4).
fn orientation(segment: &JpegSegment) -> Option<u8> {
    let exif = segment.contents().strip_prefix(b"Exif\0\0")?;
    let little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let value = offset::<2>(exif, at)?;
        Some(if little {
            (value & 0xff) << 8 | value >> 8
        } else {
            value
        })
    };
    let list = if little {
        short(6).filter(|high| *high == 0).and(short(4))?
    } else {
        short(4).filter(|high| *high == 0).and(short(6))?
    };
    let value = (0..short(list)?)
        .map(|n| list + 2 + 12 * n)
        .find(|at| short(*at) == Some(0x0112) && short(*at + 2) == Some(3))
        .and_then(|at| short(at + 8))?;
    u8::try_from(value)
        .ok()
        .filter(|value| (2..=8).contains(value))
}

/// Exif that says nothing else.
fn which_way_up(turned: u8) -> JpegSegment {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.push(turned);
    exif.extend([0; 6]);
    JpegSegment::new_with_contents(APP1, exif.into())
}

/// Where the data of the first scan begins.
fn scan_start(jpeg: &[u8]) -> Option<usize> {
    let mut at = 2_usize;
    loop {
        let marker = *jpeg.get(at + 1)?;
        at = at.checked_add(2 + offset::<2>(jpeg, at + 2)?)?;
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
                let end = at + 2 + offset::<2>(scans, at + 2)?;
                let segment = scans.get(at..end)?;
                if decodes(marker) {
                    out.extend_from_slice(segment);
                }
                at = end;
            }
        }
    }
}
