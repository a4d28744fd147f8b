//! Boxes: finding them one after the other, and turning them into unused space.

use std::ops::Range;

use super::super::bytes_at::{fill, number, offset};

/// Boxes looked at in one other. Only a file made to cost time has more.
const MOST: usize = 65_536;

/// A box: its type, where it begins, and where its contents lie.
#[derive(Clone)]
pub struct Part {
    pub kind: [u8; 4],
    pub start: usize,
    pub body: Range<usize>,
}

/// The boxes of a range. A rest too short to be one, as QuickTime writes it, is blanked.
pub fn parts(file: &mut [u8], range: Range<usize>) -> Option<Vec<Part>> {
    let mut found = Vec::new();
    let mut at = range.start;
    while range.end.checked_sub(at)? >= 8 {
        let part = part(file, at, range.end)?;
        at = part.body.end;
        found.push(part);
        (found.len() <= MOST).then_some(())?;
    }
    fill(file, at..range.end, 0)?;
    Some(found)
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

/// The first box of a kind.
pub fn first<'a>(parts: &'a [Part], kind: &[u8; 4]) -> Option<&'a Part> {
    parts.iter().find(|part| &part.kind == kind)
}

/// Turns a box into unused space of the same size.
pub fn blank(file: &mut [u8], part: &Part) -> Option<()> {
    file.get_mut(part.start + 4..part.start + 8)?
        .copy_from_slice(b"free");
    fill(file, part.body.clone(), 0)
}

/// Turns into unused space what is not of these kinds.
pub fn keep(file: &mut [u8], range: Range<usize>, kinds: &[&[u8; 4]]) -> Option<()> {
    for part in parts(file, range)? {
        if !kinds.contains(&&part.kind) {
            blank(file, &part)?;
        }
    }
    Some(())
}

/// Forgets who made a handler and how he calls it: of `hdlr` only what it handles stays.
pub fn handler(file: &mut [u8], body: &Range<usize>) -> Option<[u8; 4]> {
    let kind = file.get(body.start + 8..body.start + 12)?.try_into().ok()?;
    fill(file, body.start + 12..body.end, 0)?;
    Some(kind)
}

/// Forgets where data is said to lie; `None` where it lies in another file.
pub fn references(file: &mut [u8], body: &Range<usize>) -> Option<()> {
    for part in parts(file, body.start + 8..body.end)? {
        let here = file.get(part.body.start + 3)? & 1 == 1;
        here.then_some(())?;
        fill(file, part.body.start + 4..part.body.end, 0)?;
    }
    Some(())
}
