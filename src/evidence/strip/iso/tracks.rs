//! Tracks: which are kept, and where in the file their sound and pictures lie.

use std::ops::Range;

use super::super::bytes_at::{fill, number, offset};
use super::boxes::{self, Part, blank, first, keep, parts};
use super::entries;

/// Kinds of tracks that hold sound and pictures. Others hold positions, sensors or texts, and whoever
/// wants to keep them wants the original.
const KEPT: &[&[u8; 4]] = &[b"vide", b"soun", b"pict", b"auxv"];
/// Boxes that hold boxes.
const CONTAINERS: &[&[u8; 4]] = &[b"mdia", b"minf", b"stbl", b"edts", b"dinf"];
/// Boxes of numbers that playing needs.
const TABLES: &[&[u8; 4]] = &[
    b"vmhd", b"smhd", b"elst", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco",
    b"co64", b"stss", b"stps", b"sdtp",
];

/// Sound or pictures of a track that lie together.
struct Chunk {
    bytes: Range<usize>,
    /// Whether it may be longer: QuickTime counts some sound in frames, not in bytes.
    open: bool,
}

/// Cleans a movie's description, and tells which of the data its sound and pictures are.
pub fn movie(
    file: &mut [u8],
    moov: &Part,
    data: &[Range<usize>],
    fragmented: bool,
) -> Option<Vec<Range<usize>>> {
    let (mut kept, mut starts) = (Vec::new(), Vec::new());
    for part in parts(file, moov.body.clone())? {
        match &part.kind {
            b"mvhd" => times(file, &part.body)?,
            b"trak" => {
                let stays = track(file, &part)?;
                // Fragments of a track that is gone would have nothing to belong to.
                (stays || !fragmented).then_some(())?;
                let chunks = chunks(file, &part);
                let found = if stays {
                    chunks?
                } else {
                    chunks.unwrap_or_default()
                };
                starts.extend(found.iter().map(|chunk| chunk.bytes.start));
                if stays {
                    kept.extend(found);
                } else {
                    blank(file, &part)?;
                }
            }
            b"mvex" => keep(file, part.body, &[b"mehd", b"trex"])?,
            _ => blank(file, &part)?,
        }
    }
    starts.sort_unstable();
    let whole = |chunk: Chunk| {
        let Range { start, end } = chunk.bytes;
        let next = starts.get(starts.partition_point(|other| *other <= start));
        let last = data.iter().find(|data| data.contains(&start));
        let most = next.copied().into_iter().chain(last.map(|data| data.end));
        match most.min() {
            Some(most) if chunk.open => start..end.max(most),
            _ => start..end,
        }
    };
    Some(kept.into_iter().map(whole).collect())
}

/// Cleans a track, and tells whether it is one to keep.
fn track(file: &mut [u8], trak: &Part) -> Option<bool> {
    let mdia = first(&parts(file, trak.body.clone())?, b"mdia").cloned()?;
    let hdlr = first(&parts(file, mdia.body)?, b"hdlr").cloned()?;
    let kind = boxes::handler(file, &hdlr.body)?;
    if !KEPT.contains(&&kind) {
        return Some(false);
    }
    inside(file, trak.body.clone(), &kind == b"soun")?;
    Some(true)
}

fn inside(file: &mut [u8], range: Range<usize>, is_sound: bool) -> Option<()> {
    for part in parts(file, range)? {
        match &part.kind {
            b"tkhd" | b"mdhd" => times(file, &part.body)?,
            b"hdlr" => drop(boxes::handler(file, &part.body)?),
            b"dref" => boxes::references(file, &part.body)?,
            b"stsd" => entries::clean(file, &part, is_sound)?,
            kind if CONTAINERS.contains(&kind) => inside(file, part.body, is_sound)?,
            kind if TABLES.contains(&kind) => {}
            _ => blank(file, &part)?,
        }
    }
    Some(())
}

/// Forgets when it was made and changed.
fn times(file: &mut [u8], body: &Range<usize>) -> Option<()> {
    let wide = *file.get(body.start)? == 1;
    let length = if wide { 16 } else { 8 };
    fill(file, body.start + 4..body.start + 4 + length, 0)
}

/// Where a track's samples lie, by its tables.
fn chunks(file: &mut [u8], trak: &Part) -> Option<Vec<Chunk>> {
    let mdia = first(&parts(file, trak.body.clone())?, b"mdia").cloned()?;
    let media = parts(file, mdia.body)?;
    let handler = first(&media, b"hdlr")?.body.start;
    let is_sound = file.get(handler + 8..handler + 12)? == b"soun";
    let minf = parts(file, first(&media, b"minf")?.body.clone())?;
    let stbl = parts(file, first(&minf, b"stbl")?.body.clone())?;
    let (table, wide) = match first(&stbl, b"co64") {
        Some(table) => (table, true),
        None => (first(&stbl, b"stco")?, false),
    };
    let runs = first(&stbl, b"stsc")?;
    let sizes = Sizes::of(file, &stbl)?;
    let run = |n: usize| {
        let at = runs.body.start + 8 + n * 12;
        let known = at + 12 <= runs.body.end;
        known.then_some((offset::<4>(file, at)?, offset::<4>(file, at + 4)?))
    };
    let (mut found, mut sample, mut current) = (Vec::new(), 0_usize, 0);
    let count = offset::<4>(file, table.body.start + 4)?;
    for n in 0..count {
        let at = table.body.start + 8 + n * if wide { 8 } else { 4 };
        (at < table.body.end).then_some(())?;
        let start = if wide {
            offset::<8>(file, at)?
        } else {
            offset::<4>(file, at)?
        };
        while run(current + 1).is_some_and(|(first, _)| first <= n + 1) {
            current += 1;
        }
        let (_, samples) = run(current)?;
        let length = sizes.of_run(file, sample, samples)?;
        sample = sample.checked_add(samples)?;
        found.push(Chunk {
            bytes: start..start.checked_add(length)?,
            open: is_sound && matches!(sizes, Sizes::Same(_)),
        });
    }
    Some(found)
}

/// How long the samples of a track are.
enum Sizes {
    Same(usize),
    /// One after the other: where they stand, how many there are, and how many bits one has.
    Each(usize, usize, usize),
}

impl Sizes {
    fn of(file: &[u8], stbl: &[Part]) -> Option<Self> {
        if let Some(table) = first(stbl, b"stz2") {
            let start = table.body.start;
            let bits = usize::from(*file.get(start + 7)?);
            return Some(Self::Each(start + 12, offset::<4>(file, start + 8)?, bits));
        }
        let start = first(stbl, b"stsz")?.body.start;
        Some(match offset::<4>(file, start + 4)? {
            0 => Self::Each(start + 12, offset::<4>(file, start + 8)?, 32),
            size => Self::Same(size),
        })
    }

    /// The length of so many samples.
    fn of_run(&self, file: &[u8], from: usize, samples: usize) -> Option<usize> {
        let (start, count, bits) = match *self {
            Self::Same(size) => return size.checked_mul(samples),
            Self::Each(start, count, bits) => (start, count, bits),
        };
        let mut sum = 0_usize;
        for n in from..from.checked_add(samples)?.min(count) {
            let size = match bits {
                4 => usize::from(*file.get(start + n / 2)? >> (4 * (1 - n % 2)) & 15),
                8 => usize::from(*file.get(start + n)?),
                16 => offset::<2>(file, start + n * 2)?,
                32 => usize::try_from(number::<4>(file, start + n * 4)?).ok()?,
                _ => return None,
            };
            sum = sum.checked_add(size)?;
        }
        Some(sum)
    }
}
