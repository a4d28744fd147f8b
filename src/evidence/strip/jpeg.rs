//! JPEG (ITU-T T.81): only what decodes the picture, its colours and which way up it is.
//!
//! A picture that is cut off or damaged in its scans is cleaned as far as it can be painted.

use std::ops::Range;

use bytes::Bytes;

use super::bytes_at::{fill, find, offset};

const SOI: u8 = 0xd8;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const SOS: u8 = 0xda;
const EOI: u8 = 0xd9;
/// Lengths of what JFIF and Adobe say of a picture; a small picture may follow the first.
const JFIF: usize = 14;
const ADOBE: usize = 12;
/// Segments before a picture. Only a file made to cost time has more.
const MOST: usize = 65_536;
/// Pictures that are looked for in a file of another kind, and segments of each.
const MOST_INSIDE: (usize, usize) = (4_096, 1_024);

/// A segment, and where its contents lie.
struct Segment {
    marker: u8,
    body: Range<usize>,
}

/// The picture without metadata; `None` where it cannot be told apart or nothing of it is there.
pub fn clean(file: &[u8]) -> Option<Bytes> {
    let (segments, scans) = head(file)?;
    let exif = |segment: &Segment| orientation(segment.marker, file.get(segment.body.clone())?);
    let mut turned = segments.iter().find_map(exif);
    let mut out = vec![0xff, SOI];
    for segment in &segments {
        let contents = file.get(segment.body.clone())?;
        if let Some(stays) = stays(segment.marker, contents) {
            if segment.marker != APP0 {
                which_way_up(&mut out, turned.take())?;
            }
            write(&mut out, segment.marker, contents.get(..stays)?)?;
        }
    }
    // No small picture follows JFIF: it may show what was cut out of the large one.
    if out.get(6..).is_some_and(|rest| rest.starts_with(b"JFIF\0")) {
        fill(&mut out, 6 + JFIF - 2..6 + JFIF, 0)?;
    }
    picture(file, scans, &mut out);
    Some(out.into())
}

/// Blanks the metadata where it stands, which moves nothing: of a picture inside another file.
pub fn blank(file: &mut [u8]) -> Option<()> {
    let (segments, scans) = head(file)?;
    for segment in segments {
        hide(file, segment.marker, segment.body)?;
    }
    let mut at = scans;
    loop {
        match part(file, at) {
            Part::Scan(part) => at = part.end,
            Part::Segment(marker, part) => {
                at = part.end;
                if !decodes(marker) {
                    fill(file, part.start + 4..part.end, 0)?;
                }
            }
            Part::End => return fill(file, at + 2..file.len(), 0),
            Part::Broken => return fill(file, at..file.len(), 0),
        }
    }
}

/// Blanks the metadata before a picture whose beginning is cut off or damaged, as far as it can be followed.
pub fn damaged(file: &mut [u8]) -> Option<()> {
    let mut at = 2;
    loop {
        at += memchr::memchr(0xff, file.get(at..)?)?;
        at += file.get(at..)?.iter().take_while(|b| **b == 0xff).count();
        let marker = *file.get(at)?;
        at += 1;
        if matches!(marker, 0x00 | 0x01 | 0xd0..=EOI) {
            continue;
        }
        let length = offset::<2>(file, at).filter(|length| *length >= 2)?;
        let body = at + 2..(at + length).min(file.len());
        at += length;
        hide(file, marker, body)?;
        if marker == SOS {
            break;
        }
    }
    loop {
        match part(file, at) {
            Part::Scan(part) => at = part.end,
            Part::Segment(marker, part) => {
                at = part.end;
                if !decodes(marker) {
                    fill(file, part.start + 4..part.end, 0)?;
                }
            }
            Part::End => return Some(()),
            Part::Broken => {
                let [0xff, marker] = *file.get(at..at + 2)? else {
                    return None;
                };
                let is_cut_off = !decodes(marker) && marker > EOI;
                return is_cut_off.then(|| fill(file, at + 2..file.len(), 0))?;
            }
        }
    }
}

/// Blanks what of a segment before a picture does not paint it.
fn hide(file: &mut [u8], marker: u8, body: Range<usize>) -> Option<()> {
    let stays = stays(marker, file.get(body.clone())?).unwrap_or(0);
    if marker == APP0 && stays == JFIF {
        fill(file, body.start + JFIF - 2..body.start + JFIF, 0)?;
    }
    fill(file, body.start + stays..body.end, 0)
}

/// Blanks the metadata of each picture that lies somewhere in a file of another kind. What only happens to begin
/// like one is left.
pub fn inside(file: &mut [u8]) {
    let (pictures, _) = MOST_INSIDE;
    let mut at = 0;
    for _ in 0..pictures {
        let Some(found) = find(file, at, &[0xff, SOI, 0xff]) else {
            return;
        };
        at = found + 2;
        let Some((segments, scans)) = chain(file, at) else {
            continue;
        };
        for segment in segments {
            let _past_the_end = hide(file, segment.marker, segment.body);
        }
        at = scans;
        loop {
            let (marker, part) = match part(file, at) {
                Part::Scan(part) => (SOS, part),
                Part::Segment(marker, part) => (marker, part),
                Part::End | Part::Broken => break,
            };
            at = part.end;
            if !decodes(marker) {
                let _past_the_end = fill(file, part.start + 4..part.end, 0);
            }
        }
    }
}

/// Segments that stand one right behind the other up to a scan, and where its data begin.
fn chain(file: &[u8], mut at: usize) -> Option<(Vec<Segment>, usize)> {
    let (_, most) = MOST_INSIDE;
    let mut found = Vec::new();
    loop {
        let [0xff, marker @ 0xc0..=0xfe] = *file.get(at..at + 2)? else {
            return None;
        };
        let length = offset::<2>(file, at + 2).filter(|length| *length >= 2)?;
        let body = at + 4..at + 2 + length;
        at = body.end;
        let is_one = !matches!(marker, 0xd0..=EOI) && at <= file.len() && found.len() < most;
        is_one.then_some(())?;
        found.push(Segment { marker, body });
        if marker == SOS {
            return Some((found, at));
        }
    }
}

/// The segments before the picture, and where the data of its first scan begins. What stands between them is
/// passed over, as decoders do.
fn head(file: &[u8]) -> Option<(Vec<Segment>, usize)> {
    file.starts_with(&[0xff, SOI]).then_some(())?;
    let (mut at, mut found) = (2, Vec::new());
    loop {
        at += memchr::memchr(0xff, file.get(at..)?)?;
        at += file.get(at..)?.iter().take_while(|b| **b == 0xff).count();
        let marker = *file.get(at)?;
        at += 1;
        match marker {
            0x00 | 0x01 | 0xd0..=SOI => continue,
            EOI => return None,
            _ => {}
        }
        let length = offset::<2>(file, at).filter(|length| *length >= 2)?;
        let body = at + 2..at + length;
        at = body.end;
        (at <= file.len() && found.len() < MOST).then_some(())?;
        found.push(Segment { marker, body });
        if marker == SOS {
            return Some((found, at));
        }
    }
}

/// How much stays of a segment before the picture; `None` for nothing.
fn stays(marker: u8, contents: &[u8]) -> Option<usize> {
    let most = match marker {
        APP0 if contents.starts_with(b"JFIF\0") => JFIF,
        APP2 if contents.starts_with(b"ICC_PROFILE\0") => contents.len(),
        APP14 if contents.starts_with(b"Adobe") => ADOBE,
        marker if decodes(marker) => contents.len(),
        _ => return None,
    };
    (most <= contents.len()).then_some(most)
}

/// Frames, tables and scans. The rest is application data, comments and what was never used.
fn decodes(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xc7 | 0xc9..=0xcf | 0xda..=0xdf)
}

/// Whether these are tables for pictures elsewhere (TIFF technical note 2) and nothing else.
pub fn is_tables(file: &[u8]) -> bool {
    let only = || {
        file.starts_with(&[0xff, SOI]).then_some(())?;
        let mut at = 2;
        loop {
            let [0xff, marker] = *file.get(at..at + 2)? else {
                return None;
            };
            if marker == EOI {
                return (at + 2 == file.len()).then_some(());
            }
            let length = offset::<2>(file, at + 2).filter(|length| *length >= 2)?;
            decodes(marker).then_some(())?;
            at += 2 + length;
        }
    };
    only().is_some()
}

/// Which way up a camera was held, where its Exif says anything but the usual (Exif 2.32 §4.6.4).
fn orientation(marker: u8, contents: &[u8]) -> Option<u8> {
    let exif = contents
        .strip_prefix(b"Exif\0\0")
        .filter(|_| marker == APP1)?;
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

/// Adds a segment.
fn write(out: &mut Vec<u8>, marker: u8, contents: &[u8]) -> Option<()> {
    let length = u16::try_from(contents.len() + 2).ok()?;
    out.extend([0xff, marker]);
    out.extend(length.to_be_bytes());
    out.extend_from_slice(contents);
    Some(())
}

/// Adds Exif that says nothing else.
fn which_way_up(out: &mut Vec<u8>, turned: Option<u8>) -> Option<()> {
    let Some(turned) = turned else {
        return Some(());
    };
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.push(turned);
    exif.extend([0; 6]);
    write(out, APP1, &exif)
}

/// What stands at a place behind the beginning of the first scan.
enum Part {
    /// Data of a scan.
    Scan(Range<usize>),
    /// A segment, with its marker and its length.
    Segment(u8, Range<usize>),
    End,
    /// Cut off, or nothing that a decoder knows.
    Broken,
}

fn part(file: &[u8], at: usize) -> Part {
    let Some(rest) = file.get(at..).filter(|rest| !rest.is_empty()) else {
        return Part::Broken;
    };
    let data = memchr::memchr(0xff, rest).unwrap_or(rest.len());
    if data > 0 {
        return Part::Scan(at..at + data);
    }
    match rest.get(1) {
        // A stuffed byte or a restart belongs to the scan.
        Some(0x00 | 0x01 | 0xd0..=0xd7) => Part::Scan(at..at + 2),
        Some(0xff) => Part::Scan(at..at + 1),
        Some(&EOI) => Part::End,
        // A picture does not begin inside another.
        Some(&SOI) => Part::Broken,
        Some(marker @ 0xc0..) => match offset::<2>(file, at + 2) {
            Some(length) if length >= 2 && at + 2 + length <= file.len() => {
                Part::Segment(*marker, at..at + 2 + length)
            }
            _ => Part::Broken,
        },
        _ => Part::Broken,
    }
}

/// Copies the scans up to the end of the picture: what stands between them as metadata and what
/// follows the end, such as a second picture with Exif of its own, stays behind.
fn picture(file: &[u8], scans: usize, out: &mut Vec<u8>) {
    let mut at = scans;
    loop {
        let (copied, next) = match part(file, at) {
            Part::Scan(part) => (true, part),
            Part::Segment(marker, part) => (decodes(marker), part),
            Part::End | Part::Broken => break,
        };
        at = next.end;
        if copied && file.get(next.clone()) != Some(&[0xff]) {
            out.extend_from_slice(file.get(next).unwrap_or_default());
        }
    }
    out.extend([0xff, EOI]);
}
