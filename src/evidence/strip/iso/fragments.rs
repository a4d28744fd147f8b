//! Fragments: where in the file the sound and pictures lie that they point at (ISO/IEC 14496-12 §8.8).

use std::ops::Range;

use super::super::bytes_at::{number, offset};
use super::boxes::{Part, blank, first, keep, parts};

/// How long the samples of each track are where its fragments do not say.
pub fn defaults(file: &mut [u8], moov: &Part) -> Option<Vec<(u64, usize)>> {
    let movie = parts(file, moov.body.clone())?;
    let Some(extends) = first(&movie, b"mvex") else {
        return Some(Vec::new());
    };
    let tracks = parts(file, extends.body.clone())?;
    let tracks = tracks.iter().filter(|part| &part.kind == b"trex");
    tracks
        .map(|part| {
            let at = part.body.start;
            Some((number::<4>(file, at + 4)?, offset::<4>(file, at + 16)?))
        })
        .collect()
}

/// Cleans the description of a fragment, and tells which of the data its sound and pictures are.
pub fn clean(file: &mut [u8], moof: &Part, defaults: &[(u64, usize)]) -> Option<Vec<Range<usize>>> {
    let mut shown = Vec::new();
    let mut behind = moof.start;
    for part in parts(file, moof.body.clone())? {
        match &part.kind {
            b"mfhd" => {}
            b"traf" => {
                keep(file, part.body.clone(), &[b"tfhd", b"tfdt", b"trun"])?;
                let inside = parts(file, part.body)?;
                let (base, size) = head(file, first(&inside, b"tfhd")?, defaults)?;
                let base = match base {
                    Base::Place(place) => place,
                    Base::Fragment => moof.start,
                    Base::Behind => behind,
                };
                behind = base;
                for part in inside.iter().filter(|part| &part.kind == b"trun") {
                    let range = run(file, &part.body, (base, behind), size)?;
                    behind = range.end;
                    shown.push(range);
                }
            }
            _ => blank(file, &part)?,
        }
    }
    Some(shown)
}

/// From where places are counted.
enum Base {
    Place(usize),
    Fragment,
    /// Behind the data of the track before, or from the fragment for the first.
    Behind,
}

/// From where the places of a track are counted, and how long its samples are.
fn head(file: &[u8], tfhd: &Part, defaults: &[(u64, usize)]) -> Option<(Base, usize)> {
    let mut at = tfhd.body.start;
    let flags = number::<4>(file, at)?;
    let track = number::<4>(file, at + 4)?;
    at += 8;
    let base = if flags & 0x1 != 0 {
        at += 8;
        Base::Place(offset::<8>(file, at - 8)?)
    } else if flags & 0x2_0000 != 0 {
        Base::Fragment
    } else {
        Base::Behind
    };
    at += [0x2, 0x8].iter().filter(|flag| flags & **flag != 0).count() * 4;
    let default = defaults.iter().find(|(known, _)| *known == track);
    let size = if flags & 0x10 != 0 {
        at += 4;
        offset::<4>(file, at - 4)?
    } else {
        default.map_or(0, |(_, size)| *size)
    };
    (at <= tfhd.body.end).then_some((base, size))
}

/// Where the samples of a run lie: one after the other.
fn run(
    file: &[u8],
    body: &Range<usize>,
    (base, behind): (usize, usize),
    size: usize,
) -> Option<Range<usize>> {
    let flags = number::<4>(file, body.start)?;
    let count = offset::<4>(file, body.start + 4)?;
    let mut at = body.start + 8;
    let start = if flags & 0x1 != 0 {
        let place = i32::from_be_bytes(file.get(at..at + 4)?.try_into().ok()?);
        at += 4;
        base.checked_add_signed(isize::try_from(place).ok()?)?
    } else {
        behind
    };
    if flags & 0x4 != 0 {
        at += 4;
    }
    let fields = [0x100, 0x200, 0x400, 0x800];
    let width = 4 * fields.iter().filter(|flag| flags & **flag != 0).count();
    (at.checked_add(count.checked_mul(width)?)? <= body.end).then_some(())?;
    let length = if flags & 0x200 == 0 {
        count.checked_mul(size)?
    } else {
        let first = at + if flags & 0x100 == 0 { 0 } else { 4 };
        (0..count).try_fold(0_usize, |sum, n| {
            sum.checked_add(offset::<4>(file, first + n * width)?)
        })?
    };
    Some(start..start.checked_add(length)?)
}
