//! The last resort, of a file that is damaged or not understood: what is known to tell of place, time and device is
//! overwritten wherever it stands. Whether that was all of it nobody can say.

use super::bytes_at::{fill, find};
use super::tiff;

/// The longest note of a known kind. One without an end goes on as long as it is text.
pub const LONGEST: usize = 256 * 1024;
/// How many notes of a kind are looked for. Only a file made to cost time has more.
const MOST: usize = 4_096;
/// What lists of tags may come to, beside four times the file. Only a file made to cost time has more.
const COST: usize = 4_000_000;
/// XMP, from its first word to its last.
const XMP: &[(&[u8], &[u8])] = &[
    (b"<x:xmpmeta", b"</x:xmpmeta>"),
    (b"<rdf:RDF", b"</rdf:RDF>"),
];
/// What begins a list of tags, by the order of its bytes.
const EXIF: &[&[u8]] = &[b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
/// Resources of Photoshop: IPTC and its digest, a place, the time of a caption.
const IPTC: &[&[u8]] = &[b"8BIM\x04\x04", b"8BIM\x04\x25"];
/// Segments of a JPEG that is inside another file, and how each begins.
const SEGMENTS: &[(u8, &[u8])] = &[
    (0xe1, b"Exif\0\0"),
    (0xe1, b"http://ns.adobe.com/"),
    (0xed, b"Photoshop 3.0\0"),
];
/// Boxes of a place in a video, and of its camera.
const BOXES: &[&[u8]] = &[
    b"\xa9xyz", b"\xa9mak", b"\xa9mod", b"\xa9day", b"\xa9swr", b"loci",
];
/// The longest of them.
const LONGEST_BOX: usize = 4_096;
/// Places as receivers write them (NMEA 0183), by the last letters of a sentence's name.
const SENTENCES: &[&[u8]] = &[b"RMC,", b"GGA,", b"GLL,"];
/// The longest of them.
const SENTENCE: usize = 120;
/// A block of a camera's sensors (GPMF): the letters, a type that says that it holds others, a size and how often.
const SENSORS: &[u8] = b"DEVC\0\x01";

/// The file with what is known overwritten. Nothing moves.
pub fn overwrite(mut file: Vec<u8>) -> Vec<u8> {
    let mut cost = file.len().saturating_mul(4).saturating_add(COST);
    for begin in EXIF {
        let mut at = 0;
        for _ in 0..MOST {
            let Some(found) = find(&file, at, begin) else {
                break;
            };
            if let Some(rest) = file.get_mut(found..) {
                tiff::forget(rest, &mut cost);
            }
            at = found + begin.len();
        }
    }
    for (begin, end) in XMP {
        each(&mut file, begin, |file, at| {
            let rest = file.get(at..)?;
            let text = rest.iter().take(LONGEST).take_while(|byte| is_text(**byte));
            let last = find(rest.get(..LONGEST).unwrap_or(rest), 0, end);
            let last = last.map(|last| last + end.len());
            Some(at..at + last.unwrap_or_else(|| text.count()))
        });
    }
    for begin in IPTC {
        each(&mut file, begin, |file, at| {
            // A name of even length with its length before it, then the length of what follows.
            let name = usize::from(*file.get(at + 6)?) + 1;
            let size = at + 6 + name.next_multiple_of(2);
            let length = u32::from_be_bytes(file.get(size..size + 4)?.try_into().ok()?);
            let body = size + 4;
            let end = body.checked_add(usize::try_from(length).ok()?)?;
            Some(body..end.min(file.len()).min(body + LONGEST))
        });
    }
    for begin in BOXES {
        each(&mut file, begin, |file, at| {
            let size = at.checked_sub(4)?;
            let length = u32::from_be_bytes(file.get(size..at)?.try_into().ok()?);
            let length = usize::try_from(length).ok()?;
            (8..LONGEST_BOX).contains(&length).then_some(())?;
            Some(at + 4..(size + length).min(file.len()))
        });
    }
    for (marker, begin) in SEGMENTS {
        each(&mut file, begin, |file, at| {
            let start = at.checked_sub(4)?;
            let length = file.get(start..at)?.strip_prefix(&[0xff, *marker])?;
            let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
            Some(at..(start + 2 + length).max(at).min(file.len()))
        });
    }
    for begin in SENTENCES {
        each(&mut file, begin, |file, at| {
            // `$` and two letters for whose satellites they are stand before.
            let start = at.checked_sub(3)?;
            (file.get(start) == Some(&b'$')).then_some(())?;
            let rest = file.get(start..)?.iter().take(SENTENCE);
            let length = rest
                .take_while(|byte| (b' '..0x7f).contains(*byte) && **byte != b'*')
                .count();
            // Its checksum is not needed to tell where it was.
            Some(start..start + length)
        });
    }
    each(&mut file, SENSORS, |file, at| {
        let often: [u8; 2] = file.get(at + 6..at + 8)?.try_into().ok()?;
        let end = at + 8 + usize::from(u16::from_be_bytes(often));
        Some(at + 8..end.min(file.len()))
    });
    file
}

/// Whether a byte may stand in a note of text.
const fn is_text(byte: u8) -> bool {
    byte >= b' ' || byte.is_ascii_whitespace()
}

/// Overwrites what is found at each place where a note begins.
fn each(
    file: &mut [u8],
    begin: &[u8],
    part: impl Fn(&[u8], usize) -> Option<std::ops::Range<usize>>,
) {
    let mut at = 0;
    for _ in 0..MOST {
        let Some(found) = find(file, at, begin) else {
            return;
        };
        at = found + begin.len();
        if let Some(part) = part(file, found) {
            at = at.max(part.end);
            let _past_the_end = fill(file, part, 0);
        }
    }
}
