//! AVI: headers, index, frames and sound stay where they stand; every other chunk becomes `JUNK`.

use std::ops::Range;

use super::bytes_at::fill;
use super::jpeg;

/// Lists within lists. Only a file made to cost time has more.
const DEEPEST: usize = 4;
/// Encodings whose frames hold the time of recording and the camera's settings (DV, IEC 61834-4).
const DV: &[&[u8]] = &[
    b"iavs", b"dvsd", b"dvhd", b"dvsl", b"dv25", b"dv50", b"dvh1",
];

/// A video without notes; `None` where it cannot be told apart. A recorder that was cut off has not yet written how
/// long its lists are: they go on to the end.
pub fn clean(mut file: Vec<u8>) -> Option<Vec<u8>> {
    (file.starts_with(b"RIFF") && file.get(8..12)? == b"AVI ").then_some(())?;
    let whole = 0..file.len();
    let mut shows = false;
    chunks(&mut file, whole, *b"    ", 0, &mut shows)?;
    shows.then_some(file)
}

/// Blanks the notes of a file that is cut off before its frames, or damaged, as far as it can be followed.
pub fn damaged(file: &mut [u8]) -> Option<()> {
    let whole = 0..file.len();
    chunks(file, whole, *b"    ", 0, &mut false)
}

/// Blanks what does not belong into a list of this kind.
fn chunks(
    file: &mut [u8],
    list: Range<usize>,
    kind: [u8; 4],
    depth: usize,
    shows: &mut bool,
) -> Option<()> {
    let mut at = list.start;
    while at < list.end {
        let Some(body) = at.checked_add(8).filter(|body| *body <= list.end) else {
            return fill(file, at..list.end, 0);
        };
        let id: [u8; 4] = file.get(at..at + 4)?.try_into().ok()?;
        let length = u32::from_le_bytes(file.get(at + 4..body)?.try_into().ok()?);
        let mut end = body
            .checked_add(usize::try_from(length).ok()?)?
            .min(list.end);
        let form: [u8; 4] = match file.get(body..body + 4) {
            Some(form) => form.try_into().ok()?,
            None => *b"    ",
        };
        if id == *b"RIFF" && length == 0 {
            end = list.end;
        }
        if (id == *b"RIFF" || id == *b"LIST") && is_known(kind, form) && body + 4 <= end {
            (depth < DEEPEST).then_some(())?;
            *shows |= form == *b"movi";
            // Written last by a recorder.
            if form == *b"movi" && length <= 4 {
                end = list.end;
            }
            chunks(file, body + 4..end, form, depth + 1, shows)?;
        } else if stays(kind, id) {
            let is_dv = |part: Range<usize>| file.get(part).is_some_and(|name| DV.contains(&name));
            let names_dv = id == *b"strh" && (is_dv(body..body + 4) || is_dv(body + 4..body + 8))
                || id == *b"strf" && is_dv(body + 16..body + 20);
            (!names_dv).then_some(())?;
            frame(file, body..end)?;
        } else {
            fill(file, body..end, 0)?;
            file.get_mut(at..at + 4)?.copy_from_slice(b"JUNK");
        }
        if end % 2 == 1 && end < list.end {
            fill(file, end..end + 1, 0)?;
            end += 1;
        }
        at = end;
    }
    Some(())
}

/// Whether a list belongs into another.
fn is_known(within: [u8; 4], form: [u8; 4]) -> bool {
    matches!(
        (&within, &form),
        (b"    ", b"AVI " | b"AVIX")
            | (b"AVI ", b"hdrl" | b"movi")
            | (b"AVIX", b"movi")
            | (b"hdrl", b"strl" | b"odml")
            | (b"movi", b"rec ")
    )
}

/// Whether a chunk belongs into a list: headers, the index, and of the streams pictures, sound, colours and places.
fn stays(within: [u8; 4], id: [u8; 4]) -> bool {
    match &within {
        b"AVI " => id == *b"idx1",
        b"hdrl" => id == *b"avih",
        b"strl" => matches!(&id, b"strh" | b"strf" | b"indx" | b"vprp"),
        b"odml" => id == *b"dmlh",
        b"movi" | b"rec " => {
            id.starts_with(b"ix")
                || [b"dc", b"db", b"wb", b"pc"]
                    .iter()
                    .any(|s| id.ends_with(*s))
        }
        _ => false,
    }
}

/// A frame that is a JPEG may have Exif of its own; one that does not open is blanked.
fn frame(file: &mut [u8], part: Range<usize>) -> Option<()> {
    let frame = file.get_mut(part)?;
    if frame.starts_with(&[0xff, 0xd8]) && jpeg::blank(frame).is_none() {
        frame.fill(0);
    }
    Some(())
}
