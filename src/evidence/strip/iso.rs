//! MP4, M4A, 3GP, QuickTime, HEIC and AVIF: files made of boxes (ISO/IEC 14496-12, 23008-12).
//!
//! Nothing moves, since sound and pictures are found by their place in the file. What is not known to be
//! needed for showing them becomes unused space: boxes, tracks, and all data that no picture and no kept
//! track points at.

pub(super) mod boxes;
mod entries;
mod fragments;
mod items;
mod tracks;

use std::ops::Range;

use super::bytes_at::fill;

/// Overwrites the metadata; `None` where the file cannot be told apart or shows nothing.
pub fn clean(mut file: Vec<u8>) -> Option<Vec<u8>> {
    let whole = 0..file.len();
    let parts = boxes::parts(&mut file, whole)?;
    let is = |kind: &'static [u8; 4]| move |part: &&boxes::Part| &part.kind == kind;
    let mut data: Vec<_> = parts
        .iter()
        .filter(is(b"mdat"))
        .map(|part| part.body.clone())
        .collect();
    let fragmented = parts.iter().any(|part| is(b"moof")(&part));
    let (mut shown, mut exif) = (Vec::new(), Vec::new());
    let mut sizes = Vec::new();
    for moov in parts.iter().filter(is(b"moov")) {
        sizes.extend(fragments::defaults(&mut file, moov)?);
    }
    for part in &parts {
        match &part.kind {
            b"ftyp" | b"styp" | b"mdat" => {}
            b"moov" => shown.extend(tracks::movie(&mut file, part, &data, fragmented)?),
            b"moof" => shown.extend(fragments::clean(&mut file, part, &sizes)?),
            b"meta" if items::are_pictures(&mut file, part) => {
                let items = items::clean(&mut file, part)?;
                shown.extend(items.pictures);
                exif.extend(items.exif);
                data.extend(items.data);
            }
            _ => boxes::blank(&mut file, part)?,
        }
    }
    // Fragments alone say nothing of the tracks that they are parts of.
    (!fragmented || parts.iter().any(|part| is(b"moov")(&part))).then_some(())?;
    let shown = merged(shown);
    (!shown.is_empty()).then_some(())?;
    for data in &data {
        blank_between(&mut file, data, &shown)?;
    }
    for extent in &exif {
        let covers = |data: &Range<usize>| data.start <= extent.start && extent.end <= data.end;
        if data.iter().any(covers) {
            items::empty_exif(&mut file, extent)?;
        }
    }
    Some(file)
}

/// What is not empty, sorted; what touches is one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Blanks the data that lies in none of the ranges.
fn blank_between(file: &mut [u8], data: &Range<usize>, shown: &[Range<usize>]) -> Option<()> {
    let mut at = data.start;
    let first = shown.partition_point(|range| range.end <= data.start);
    for range in shown
        .get(first..)?
        .iter()
        .take_while(|range| range.start < data.end)
    {
        if range.start > at {
            fill(file, at..range.start, 0)?;
        }
        at = range.end.min(data.end);
    }
    fill(file, at..data.end, 0)
}
