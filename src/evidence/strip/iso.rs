//! MP4, M4A, 3GP, QuickTime and HEIC: files made of boxes (ISO/IEC 14496-12, 23008-12).
//!
//! Nothing moves, since sound and pictures are found by their place in the file: what tells of place,
//! time, device or author is overwritten where it stands.

use std::ops::Range;

use super::bytes_at::{fill, number, offset};

/// Boxes that hold boxes.
const CONTAINERS: &[&[u8; 4]] = &[b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf"];
/// Boxes of notes about the recording.
const NOTES: &[&[u8; 4]] = &[
    b"udta", b"uuid", b"XMP_", b"free", b"skip", b"wide", b"pnot",
];
/// Kinds of tracks that hold sound and pictures. Others hold positions, sensors or texts, and whoever
/// wants to keep them wants the original.
const TRACKS: &[&[u8; 4]] = &[b"vide", b"soun", b"pict", b"auxv"];
/// Boxes in boxes.
const DEEPEST: usize = 8;

/// A box: its type, where it begins, and where its contents lie.
struct Part {
    kind: [u8; 4],
    start: usize,
    body: Range<usize>,
}

/// Overwrites the metadata; `None` where the file cannot be told apart or holds other tracks.
pub fn clean(mut file: Vec<u8>) -> Option<Vec<u8>> {
    let image = matches!(
        file.get(8..12)?,
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" | b"avif"
    );
    let whole = 0..file.len();
    inside(&mut file, whole, image, 0)?;
    Some(file)
}

fn inside(file: &mut [u8], range: Range<usize>, image: bool, depth: usize) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    let mut at = range.start;
    while at < range.end {
        let part = part(file, at, range.end)?;
        at = part.body.end;
        match &part.kind {
            b"meta" if image && depth == 0 => image_items(file, part.body)?,
            kind if CONTAINERS.contains(&kind) => inside(file, part.body, image, depth + 1)?,
            b"mvhd" | b"tkhd" | b"mdhd" => times(file, &part.body)?,
            b"hdlr" => handler(file, &part.body)?,
            b"meta" => blank(file, &part)?,
            kind if NOTES.contains(&kind) => blank(file, &part)?,
            _ => {}
        }
    }
    Some(())
}

/// The box that begins at a place.
fn part(file: &[u8], at: usize, end: usize) -> Option<Part> {
    let kind: [u8; 4] = file.get(at + 4..at + 8)?.try_into().ok()?;
    let (header, size) = match number::<4>(file, at)? {
        0 => (8, end - at),
        1 => (16, offset::<8>(file, at + 8)?),
        size => (8, usize::try_from(size).ok()?),
    };
    let stop = at.checked_add(size)?;
    (size >= header && stop <= end).then_some(Part {
        kind,
        start: at,
        body: at + header..stop,
    })
}

/// Turns a box into unused space of the same size.
fn blank(file: &mut [u8], part: &Part) -> Option<()> {
    file.get_mut(part.start + 4..part.start + 8)?
        .copy_from_slice(b"free");
    fill(file, part.body.clone(), 0)
}

/// Forgets when it was made and changed.
fn times(file: &mut [u8], body: &Range<usize>) -> Option<()> {
    let wide = *file.get(body.start)? == 1;
    let length = if wide { 16 } else { 8 };
    fill(file, body.start + 4..body.start + 4 + length, 0)
}

/// Forgets the maker's name of a track, and refuses tracks of other things than sound and pictures.
fn handler(file: &mut [u8], body: &Range<usize>) -> Option<()> {
    let role: [u8; 4] = file.get(body.start + 4..body.start + 8)?.try_into().ok()?;
    let kind: [u8; 4] = file.get(body.start + 8..body.start + 12)?.try_into().ok()?;
    // QuickTime has a second handler for how data is referred to.
    if &role != b"dhlr" && !TRACKS.contains(&&kind) {
        return None;
    }
    let name = (body.start + 24).min(body.end)..body.end;
    fill(file, name, 0)
}

/// Overwrites the Exif and XMP items of an image.
fn image_items(file: &mut [u8], body: Range<usize>) -> Option<()> {
    let (mut notes, mut places, mut data) = (Vec::new(), None, None);
    // A full box: version and flags first.
    let mut at = body.start + 4;
    while at < body.end {
        let part = part(file, at, body.end)?;
        at = part.body.end;
        match &part.kind {
            b"iinf" => notes = note_items(file, &part.body)?,
            b"iloc" => places = Some(part.body),
            b"idat" => data = Some(part.body.start),
            kind if NOTES.contains(&kind) => blank(file, &part)?,
            _ => {}
        }
    }
    if notes.is_empty() {
        return Some(());
    }
    for (item, extent) in extents(file, &places?, data)? {
        if notes.contains(&item) {
            let start = extent.start;
            let roomy = extent.len() >= 18;
            fill(file, extent, 0)?;
            // Viewers that look for Exif find an empty list: offset, byte order, where the list begins.
            if roomy {
                file.get_mut(start + 4..start + 12)?
                    .copy_from_slice(b"MM\0\x2a\0\0\0\x08");
            }
        }
    }
    Some(())
}

/// Items that are no pictures.
fn note_items(file: &[u8], body: &Range<usize>) -> Option<Vec<u64>> {
    let mut notes = Vec::new();
    let counted = if *file.get(body.start)? == 0 { 2 } else { 4 };
    let mut at = body.start + 4 + counted;
    while at < body.end {
        let part = part(file, at, body.end)?;
        at = part.body.end;
        let start = part.body.start;
        let (item, kind) = match *file.get(start)? {
            2 => (number::<2>(file, start + 4)?, start + 8),
            3 => (number::<4>(file, start + 4)?, start + 10),
            _ => return None,
        };
        if matches!(file.get(kind..kind + 4)?, b"Exif" | b"mime" | b"uri ") {
            notes.push(item);
        }
    }
    Some(notes)
}

/// Where each item's bytes lie in the file.
fn extents(
    file: &[u8],
    body: &Range<usize>,
    data: Option<usize>,
) -> Option<Vec<(u64, Range<usize>)>> {
    let version = *file.get(body.start)?;
    let sizes = offset::<2>(file, body.start + 4)?;
    let [offsets, lengths, bases, indexes] =
        [sizes >> 12, sizes >> 8, sizes >> 4, sizes].map(|n| n & 15);
    let indexes = if version == 0 { 0 } else { indexes };
    let mut at = body.start + 6;
    let mut take = |size: usize| {
        let value = match size {
            0 => Some(0),
            2 => number::<2>(file, at),
            4 => number::<4>(file, at),
            8 => number::<8>(file, at),
            _ => None,
        }?;
        at += size;
        (at <= body.end).then_some(value)
    };
    let wide = if version < 2 { 2 } else { 4 };
    let mut found = Vec::new();
    for _ in 0..take(wide)? {
        let item = take(wide)?;
        let method = if version == 0 { 0 } else { take(2)? & 15 };
        let _reference = take(2)?;
        let base = take(bases)?;
        let from = match method {
            0 => 0,
            1 => data?,
            _ => return None,
        };
        for _ in 0..take(2)? {
            let _index = take(indexes)?;
            let start = usize::try_from(base.checked_add(take(offsets)?)?).ok()?;
            let start = start.checked_add(from)?;
            let length = usize::try_from(take(lengths)?).ok()?;
            found.push((item, start..start.checked_add(length)?));
        }
    }
    Some(found)
}
