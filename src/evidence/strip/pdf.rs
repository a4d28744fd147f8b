//! PDF (ISO 32000-2): what says who made it, with what, when and where, and the same of pictures in it, blanked
//! where it stands, so that every offset stays right. What cannot be blanked like this is refused.

mod found;
mod names;
mod tokens;
mod walk;

use std::collections::BTreeSet;
use std::io::Read;
use std::ops::Range;

use super::bytes_at::{fill, find, offset};
use super::iso::boxes;
use super::jpeg;
use found::{Found, Kind, Name, Value};

/// What compressed objects may come to.
const OBJECTS: u64 = 32 * 1024 * 1024;
/// What other compressed streams may come to.
const TEXTS: usize = 256 * 1024 * 1024;
/// Boxes that JPEG 2000 is painted from (ISO/IEC 15444-1 §I.2).
const JPEG_2000: &[&[u8; 4]] = &[
    b"jP  ", b"ftyp", b"rreq", b"jp2h", b"jpch", b"jplh", b"jp2c",
];

/// Blanks the metadata; `None` where it is out of reach or cannot be told apart, or the end is cut off: an object that is
/// not whole may be one that others name.
pub fn clean(file: Vec<u8>) -> Option<Vec<u8>> {
    let holds = |word: &[u8]| memchr::memmem::find(&file, word).is_some();
    (holds(b"%%EOF") || !holds(b" obj")).then_some(())?;
    objects(file)
}

/// The same of objects that are whole, with or without an end.
pub fn objects(mut file: Vec<u8>) -> Option<Vec<u8>> {
    file.starts_with(b"%PDF-").then_some(())?;
    let end = memchr::memmem::rfind(&file, b"%%EOF").map_or(file.len(), |at| at + 5);
    if !tokens::is_over(&file, end) {
        let behind = end..file.len();
        fill(&mut file, behind, b' ')?;
    }
    let found = walk::walk(file.get(..end)?, false)?;
    let mut metadata = found.metadata.clone();
    let mut has_packed = false;
    let (mut room, mut read) = (OBJECTS, 0);
    for (kind, data) in &found.streams {
        let data = file.get(data.clone())?;
        match kind {
            Kind::Objects { compressed } => {
                has_packed = true;
                metadata.extend(packed(data, *compressed, &mut room)?);
            }
            Kind::Text => without_jpeg(data, &mut read)?,
            _ => {}
        }
    }
    let mut blanks = found.blanks.clone();
    blanks.extend(descriptions(&file, &found, has_packed)?);
    blanks.extend(private(&file, &found)?);
    let named: BTreeSet<Name> = metadata.into_iter().collect();
    for value in named
        .iter()
        .filter_map(|name| found.objects.get(name))
        .flatten()
    {
        if let Value::Stream(data) = value {
            blanks.push(data.clone());
        }
    }
    for (kind, data) in &found.streams {
        match kind {
            Kind::Jpeg => jpeg::blank(file.get_mut(data.clone())?)?,
            Kind::Jpeg2000 => jpeg_2000(&mut file, data)?,
            Kind::Metadata => blanks.push(data.clone()),
            Kind::Objects { .. } | Kind::Text => {}
        }
    }
    for part in blanks {
        fill(&mut file, part, b' ')?;
    }
    remains(&mut file)?;
    Some(file)
}

/// Descriptions of the file, and texts that stand in objects of their own.
fn descriptions(file: &[u8], found: &Found, has_packed: bool) -> Option<Vec<Range<usize>>> {
    let (mut parts, mut blanks) = (Vec::new(), Vec::new());
    let (mut texts, mut named) = (found.texts.clone(), BTreeSet::new());
    for info in &found.infos {
        match info {
            Value::Dictionary(part) => parts.push(part.clone()),
            Value::Reference(name) => drop(named.insert(*name)),
            Value::Text(text) => blanks.push(text.clone()),
            _ => {}
        }
    }
    for name in &named {
        for value in found.objects.get(name)? {
            match value {
                Value::Dictionary(part) => parts.push(part.clone()),
                Value::Text(text) => blanks.push(text.clone()),
                _ => {}
            }
        }
    }
    for part in apart(parts) {
        texts.extend(walk::references(file, part.clone())?);
        blanks.push(part);
    }
    let texts: BTreeSet<Name> = texts.into_iter().collect();
    for name in &texts {
        match found.objects.get(name) {
            Some(values) => blanks.extend(values.iter().filter_map(|value| match value {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            })),
            // It may be a compressed object.
            None => (!has_packed).then_some(())?,
        }
    }
    Some(blanks)
}

/// Data of the programs that made it; `None` where it leads on to other objects.
fn private(file: &[u8], found: &Found) -> Option<Vec<Range<usize>>> {
    let mut parts = Vec::new();
    for value in &found.private {
        match value {
            Value::Dictionary(part) => parts.push(part.clone()),
            Value::Reference(name) => {
                for value in found.objects.get(name)? {
                    let Value::Dictionary(part) = value else {
                        return None;
                    };
                    parts.push(part.clone());
                }
            }
            _ => {}
        }
    }
    let parts = apart(parts);
    for part in &parts {
        walk::references(file, part.clone())?
            .is_empty()
            .then_some(())?;
    }
    Some(parts)
}

/// Without those that lie in others.
fn apart(mut parts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    parts.sort_unstable_by_key(|part| (part.start, usize::MAX - part.end));
    let mut end = 0;
    parts.retain(|part| {
        let outside = part.end > end;
        end = end.max(part.end);
        outside
    });
    parts
}

/// Looks at objects in a stream, where nothing can be blanked: metadata among them is refused. Tells which streams
/// they say are XMP.
fn packed(data: &[u8], compressed: bool, room: &mut u64) -> Option<Vec<Name>> {
    let mut objects = Vec::new();
    if compressed {
        let mut reader = flate2::read::ZlibDecoder::new(data).take(*room);
        reader.read_to_end(&mut objects).ok()?;
        *room = room.checked_sub(u64::try_from(objects.len()).ok()?)?;
        (*room > 0).then_some(())?;
    } else {
        objects.extend_from_slice(data);
    }
    let found = walk::walk(&objects, true)?;
    let blanks = found.blanks.iter().any(|part| !part.is_empty());
    let nothing = found.texts.is_empty() && found.infos.is_empty() && found.private.is_empty();
    (!blanks && nothing).then_some(found.metadata)
}

/// `None` where a page's own text, once it is unpacked, holds a JPEG (ISO 32000-2 §8.9.7), or all of them are too long.
fn without_jpeg(data: &[u8], read: &mut usize) -> Option<()> {
    let mut reader = flate2::read::ZlibDecoder::new(data);
    let (mut buffer, mut kept) = (vec![0; 64 * 1024], 0);
    // What does not unpack is not shown either.
    while let Ok(length @ 1..) = reader.read(buffer.get_mut(kept..)?) {
        *read += length;
        (*read <= TEXTS).then_some(())?;
        let end = kept + length;
        let part = buffer.get(..end)?;
        memchr::memmem::find(part, b"/DCT")
            .is_none()
            .then_some(())?;
        // The word may begin at the end of one part and end in the next.
        kept = end.min(3);
        buffer.copy_within(end - kept..end, 0);
    }
    Some(())
}

/// Turns all boxes of JPEG 2000 into unused space that do not paint it, and blanks the comments of its data.
fn jpeg_2000(file: &mut [u8], data: &Range<usize>) -> Option<()> {
    if file.get(data.clone())?.starts_with(&[0xff, 0x4f]) {
        return comments(file, data.clone());
    }
    for part in boxes::parts(file, data.clone())? {
        if !JPEG_2000.contains(&&part.kind) {
            boxes::blank(file, &part)?;
        } else if &part.kind == b"jp2c" {
            comments(file, part.body)?;
        }
    }
    Some(())
}

/// Comments stand before the first part of the picture (ISO/IEC 15444-1 §A.9.2).
fn comments(file: &mut [u8], data: Range<usize>) -> Option<()> {
    let mut at = data.start + 2;
    while at < data.end {
        let length = match file.get(at..at + 2)? {
            [0xff, 0x90 | 0xd9] => return Some(()),
            [0xff, 0x64] => {
                let length = offset::<2>(file, at + 2)?;
                fill(file, at + 6..(at + 2 + length).max(at + 6), b' ')?;
                length
            }
            [0xff, _] => offset::<2>(file, at + 2)?,
            _ => return None,
        };
        (length >= 2).then_some(())?;
        at += 2 + length;
    }
    Some(())
}

/// What stands as it is in streams of other kinds: pictures inside a page's own text, and XMP.
fn remains(file: &mut [u8]) -> Option<()> {
    let segments: &[(u8, &[u8])] = &[
        (0xe1, b"Exif\0\0"),
        (0xe1, b"http://ns.adobe.com/"),
        (0xed, b"Photoshop 3.0\0"),
    ];
    for (marker, begins) in segments {
        let mut at = 0;
        while let Some(place) = find(file, at, begins) {
            at = place + begins.len();
            let segment = place
                .checked_sub(4)
                .filter(|start| file.get(*start..*start + 2) == Some(&[0xff, *marker]));
            if let Some(length) = segment.and_then(|start| offset::<2>(file, start + 2)) {
                let end = (place + length.saturating_sub(2)).min(file.len());
                fill(file, place..end, 0)?;
            }
        }
    }
    let mut at = 0;
    while let Some(place) = find(file, at, b"<x:xmpmeta") {
        let end = find(file, place, b"</x:xmpmeta>")?;
        fill(file, place..end, b' ')?;
        at = end;
    }
    Some(())
}
