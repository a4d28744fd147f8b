//! PDF (ISO 32000-2): its description, its XMP and the Exif of pictures in it, blanked where they stand, so
//! that every offset stays right.

use std::collections::BTreeSet;

use super::bytes_at::{fill, find, offset};

/// Blanks the metadata; `None` where it lies in compressed objects, out of reach.
pub fn clean(mut file: Vec<u8>) -> Option<Vec<u8>> {
    file.starts_with(b"%PDF-").then_some(())?;
    let mut names = BTreeSet::new();
    let mut at = 0;
    while let Some(place) = find(&file, at, b"/Info") {
        at = place + 5;
        match reference(&file, at) {
            Some(name) => drop(names.insert(name)),
            None => written_here(&mut file, at)?,
        }
    }
    // Each revision of a file has one: more are there to cost time.
    (names.len() <= 16).then_some(())?;
    for name in &names {
        description(&mut file, name)?;
    }
    streams(&mut file)?;
    pictures(&mut file);
    Some(file)
}

/// `12 0 R` as `12 0`.
fn reference(file: &[u8], at: usize) -> Option<Vec<u8>> {
    let text = file.get(at..file.len().min(at + 40))?;
    let mut words = text
        .split(|byte| byte.is_ascii_whitespace())
        .filter(|word| !word.is_empty());
    let (number, generation, mark) = (words.next()?, words.next()?, words.next()?);
    let digits = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    (digits(number) && digits(generation) && mark.starts_with(b"R"))
        .then(|| [number, b" ", generation].concat())
}

/// Blanks a description that stands in the trailer itself, as some writers have it.
fn written_here(file: &mut [u8], at: usize) -> Option<()> {
    let rest = file.get(at..)?;
    let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    if !rest.get(blanks..)?.starts_with(b"<<") {
        return Some(());
    }
    let open = at + blanks + 2;
    let close = find(file, open, b">>")?;
    fill(file, open..close, b' ')
}

/// Blanks everything inside the description, whatever it is made of: between `<<` and `endobj`.
fn description(file: &mut [u8], name: &[u8]) -> Option<()> {
    let head = [name, b" obj"].concat();
    let mut at = 0;
    let mut met = false;
    while let Some(place) = find(file, at, &head) {
        at = place + head.len();
        let starts = place == 0
            || file
                .get(place - 1)
                .is_some_and(|byte| !byte.is_ascii_digit());
        if !starts {
            continue;
        }
        let open = find(file, at, b"<<")?;
        let end = find(file, open, b"endobj")?;
        let close = open
            + file
                .get(open..end)?
                .windows(2)
                .rposition(|two| two == b">>")?;
        fill(file, open + 2..close.max(open + 2), b' ')?;
        at = end;
        met = true;
    }
    met.then_some(())
}

/// Blanks streams of XMP. Their dictionary says `/Type /Metadata`; one in a compressed object cannot be,
/// since streams never are.
fn streams(file: &mut [u8]) -> Option<()> {
    let mut at = 0;
    while let Some(place) = find(file, at, b"/Metadata") {
        at = place + 9;
        let before = file.get(place.saturating_sub(12)..place)?;
        let is_type = before
            .iter()
            .rposition(|byte| !byte.is_ascii_whitespace())
            .is_some_and(|last| {
                before
                    .get(..=last)
                    .is_some_and(|text| text.ends_with(b"/Type"))
            });
        if !is_type {
            continue;
        }
        let start = find(file, at, b"stream")? + 6;
        let end = find(file, start, b"endstream")?;
        fill(file, start + 2..end.max(start + 2), b' ')?;
        at = end;
    }
    Some(())
}

/// Blanks the Exif of JPEG pictures, which stand in a PDF as they are.
fn pictures(file: &mut [u8]) {
    let mut at = 0;
    while let Some(place) = find(file, at, b"Exif\0\0") {
        at = place + 6;
        let segment = place
            .checked_sub(4)
            .filter(|start| file.get(*start..*start + 2) == Some(b"\xff\xe1"));
        let length = segment.and_then(|start| offset::<2>(file, start + 2));
        if let Some(length) = length {
            let end = (place + length.saturating_sub(2)).min(file.len());
            let _ = fill(file, place..end, 0);
        }
    }
}
