//! The pictures of a HEIC or AVIF file (ISO/IEC 23008-12): items, their properties, and where they lie.

use std::ops::Range;

use super::super::bytes_at::{number, offset};
use super::boxes::{self, Part, blank, first, keep, parts};

/// Items that are pictures, or are put together from pictures.
const PICTURES: &[&[u8; 4]] = &[
    b"hvc1", b"hev1", b"lhv1", b"hvt1", b"vvc1", b"avc1", b"av01", b"unci", b"grid", b"iden",
    b"iovl", b"tmap",
];
/// Properties that say how to decode and paint a picture.
const PROPERTIES: &[&[u8; 4]] = &[
    b"hvcC", b"lhvC", b"vvcC", b"avcC", b"av1C", b"uncC", b"cmpd", b"ispe", b"pixi", b"colr",
    b"pasp", b"irot", b"imir", b"clap", b"auxC", b"lsel", b"a1op", b"a1lx", b"clli", b"mdcv",
    b"cclv", b"amve", b"rloc", b"oinf", b"tols",
];
/// How items belong together.
const REFERENCES: &[&[u8; 4]] = &[
    b"thmb", b"auxl", b"dimg", b"cdsc", b"prem", b"base", b"exbl", b"dpnd", b"tbas",
];

/// What the items of a file say of its data.
#[derive(Default)]
pub struct Items {
    /// Where pictures lie.
    pub pictures: Vec<Range<usize>>,
    /// Where Exif lies.
    pub exif: Vec<Range<usize>>,
    /// Data within the description itself.
    pub data: Option<Range<usize>>,
}

/// Whether a `meta` box describes pictures.
pub fn are_pictures(file: &mut [u8], meta: &Part) -> bool {
    let handler = parts(file, inside(meta)).and_then(|parts| {
        let body = first(&parts, b"hdlr")?.body.start;
        Some(file.get(body + 8..body + 12)? == b"pict")
    });
    handler.unwrap_or(false)
}

/// A full box: version and flags first.
fn inside(meta: &Part) -> Range<usize> {
    (meta.body.start + 4).min(meta.body.end)..meta.body.end
}

/// Cleans the description of the items, and tells where their data lies.
pub fn clean(file: &mut [u8], meta: &Part) -> Option<Items> {
    let mut items = Items::default();
    let (mut kinds, mut places) = (Vec::new(), None);
    for part in parts(file, inside(meta))? {
        match &part.kind {
            b"hdlr" => drop(boxes::handler(file, &part.body)?),
            b"pitm" => {}
            b"iinf" => kinds = entries(file, &part.body)?,
            b"iloc" => places = Some(part.body),
            b"idat" => items.data = Some(part.body),
            b"iref" => keep(file, part.body.start + 4..part.body.end, REFERENCES)?,
            b"iprp" => properties(file, part.body)?,
            b"dinf" => {
                for part in parts(file, part.body)? {
                    match &part.kind {
                        b"dref" => boxes::references(file, &part.body)?,
                        _ => blank(file, &part)?,
                    }
                }
            }
            _ => blank(file, &part)?,
        }
    }
    for (item, extent) in extents(file, &places?, items.data.as_ref())? {
        let kind = kinds.iter().find(|(known, _)| *known == item);
        match kind.map(|(_, kind)| kind) {
            Some(kind) if PICTURES.contains(&kind) => items.pictures.push(extent),
            Some(b"Exif") => items.exif.push(extent),
            _ => {}
        }
    }
    Some(items)
}

/// Viewers that look for Exif find an empty list: offset, byte order, where the list begins.
pub fn empty_exif(file: &mut [u8], extent: &Range<usize>) -> Option<()> {
    if extent.len() >= 18 {
        file.get_mut(extent.start + 4..extent.start + 12)?
            .copy_from_slice(b"MM\0\x2a\0\0\0\x08");
    }
    Some(())
}

fn properties(file: &mut [u8], body: Range<usize>) -> Option<()> {
    for part in parts(file, body)? {
        match &part.kind {
            b"ipma" => {}
            // Pictures name their properties by number: a blanked one keeps its place.
            b"ipco" => keep(file, part.body, PROPERTIES)?,
            _ => blank(file, &part)?,
        }
    }
    Some(())
}

/// Each item's number and kind; its name is forgotten.
fn entries(file: &mut [u8], body: &Range<usize>) -> Option<Vec<(u64, [u8; 4])>> {
    let counted = if *file.get(body.start)? == 0 { 2 } else { 4 };
    let mut found = Vec::new();
    for part in parts(file, body.start + 4 + counted..body.end)? {
        (&part.kind == b"infe").then_some(())?;
        let start = part.body.start;
        let (item, kind) = match *file.get(start)? {
            2 => (number::<2>(file, start + 4)?, start + 8),
            3 => (number::<4>(file, start + 4)?, start + 10),
            _ => return None,
        };
        found.push((item, file.get(kind..kind + 4)?.try_into().ok()?));
        // Its words keep their length, so that they end where they ended.
        let words = file.get_mut(kind + 4..part.body.end)?;
        words
            .iter_mut()
            .filter(|byte| **byte != 0)
            .for_each(|byte| *byte = b' ');
    }
    Some(found)
}

/// Where each item's bytes lie in the file.
fn extents(
    file: &[u8],
    body: &Range<usize>,
    data: Option<&Range<usize>>,
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
        // Data of another file is not here to be shown.
        (take(2)? == 0).then_some(())?;
        let base = take(bases)?;
        let from = match method {
            0 => 0,
            1 => data?.start,
            _ => return None,
        };
        for _ in 0..take(2)? {
            let _index = take(indexes)?;
            let start = usize::try_from(base.checked_add(take(offsets)?)?).ok()?;
            let start = start.checked_add(from)?;
            // Nothing said of its length: all that follows, whatever it is.
            let length = usize::try_from(take(lengths)?).ok().filter(|n| *n > 0)?;
            found.push((item, start..start.checked_add(length)?));
        }
    }
    Some(found)
}
