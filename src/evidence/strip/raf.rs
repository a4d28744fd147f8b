//! RAF, Fujifilm's camera original: a head that names the camera, a JPEG with Exif, lists of numbers, the raw picture.
//!
//! What the head points at is copied to where it stood, without what tells of the camera; nothing else is.

use std::ops::Range;

use super::bytes_at::offset;
use super::{jpeg, tiff};

/// The head up to where it says what lies where: its mark and the version of the format.
const MARK: usize = 20;
/// Where it says so: the JPEG, the numbers, the raw picture, each with its length.
const PLACES: Range<usize> = 84..108;
/// Numbers that paint: sizes, crop, the sensor's pattern, levels of white, exposure.
const PAINTS: &[Range<usize>] = &[
    0x0100..0x0132,
    0x2000..0x2001,
    0x2ff0..0x2ff1,
    0x9200..0x9201,
    0x9650..0x9651,
];
/// Numbers in the list.
const MOST: usize = 4_096;

/// The pictures, each where it stood; `None` where it cannot be told apart or holds none.
pub fn clean(file: &[u8]) -> Option<Vec<u8>> {
    file.starts_with(b"FUJIFILMCCD-RAW ").then_some(())?;
    let mut out = vec![0; file.len()];
    for part in [0..MARK, PLACES] {
        out.get_mut(part.clone())?.copy_from_slice(file.get(part)?);
    }
    let part = |at: usize| {
        let start = offset::<4>(file, at)?;
        // What was cut off is shown as far as it goes.
        let end = start.checked_add(offset::<4>(file, at + 4)?)?;
        Some(start..end.min(file.len())).filter(|part| part.start <= part.end)
    };
    let [picture, list, raw] = [part(84)?, part(92)?, part(100)?];
    // They lie one behind the other, and behind the head.
    let mut order = [picture.clone(), list.clone(), raw.clone()];
    order.sort_unstable_by_key(|part| part.start);
    let mut end = PLACES.end;
    for part in order.iter().filter(|part| !part.is_empty()) {
        (part.start >= end).then_some(())?;
        end = part.end;
    }
    (!picture.is_empty() || !raw.is_empty()).then_some(())?;
    if !picture.is_empty() {
        let shown = out.get_mut(picture.clone())?;
        shown.copy_from_slice(file.get(picture)?);
        jpeg::blank(shown)?;
    }
    numbers(file, &mut out, list)?;
    let there = file.get(raw.clone())?;
    // Newer cameras write a TIFF there, with offsets of its own.
    let pixels = if there.starts_with(b"II*\0") || there.starts_with(b"MM\0*") {
        &tiff::clean(there, &tiff::FUJI)?
    } else {
        there
    };
    out.get_mut(raw)?.copy_from_slice(pixels);
    Some(out)
}

/// Copies the numbers that paint; the others keep their place, and say nothing.
fn numbers(file: &[u8], out: &mut [u8], list: Range<usize>) -> Option<()> {
    if list.is_empty() {
        return Some(());
    }
    let count = offset::<4>(file, list.start)?;
    (count <= MOST).then_some(())?;
    let mut at = list.start + 4;
    let mut copy = |part: Range<usize>| {
        let from = file.get(part.clone())?;
        out.get_mut(part)?.copy_from_slice(from);
        Some(())
    };
    copy(list.start..at)?;
    for _ in 0..count {
        let (tag, length) = (offset::<2>(file, at)?, offset::<2>(file, at + 2)?);
        let end = at + 4 + length;
        (end <= list.end).then_some(())?;
        let paints = PAINTS.iter().any(|tags| tags.contains(&tag));
        copy(at..if paints { end } else { at + 4 })?;
        at = end;
    }
    Some(())
}

/// Of a file that is cut off or damaged only the pictures stay, as far as its head tells where they are.
pub fn damaged(file: &mut [u8]) -> Option<()> {
    let mut out = vec![0; file.len()];
    let shown = pictures(file, &mut out);
    file.copy_from_slice(&out);
    shown
}

/// Copies the head without its names, the JPEG without its metadata, and the raw picture.
fn pictures(file: &[u8], out: &mut [u8]) -> Option<()> {
    for part in [0..MARK, PLACES] {
        out.get_mut(part.clone())?.copy_from_slice(file.get(part)?);
    }
    let part = |at: usize| {
        let start = offset::<4>(file, at)?;
        let end = start.checked_add(offset::<4>(file, at + 4)?)?;
        (start >= PLACES.end).then_some(start.min(file.len())..end.min(file.len()))
    };
    let [picture, list, raw] = [part(84)?, part(92)?, part(100)?];
    let shown = out.get_mut(picture.clone())?;
    shown.copy_from_slice(file.get(picture.clone())?);
    if jpeg::blank(shown).is_none() {
        shown.fill(0);
    }
    let lies_in = |other: &Range<usize>| raw.start < other.end && other.start < raw.end;
    (!lies_in(&picture) && !lies_in(&list)).then_some(())?;
    out.get_mut(raw.clone())?.copy_from_slice(file.get(raw)?);
    Some(())
}
