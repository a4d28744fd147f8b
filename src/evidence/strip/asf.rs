//! ASF (WMV, WMA): objects after one another, each with a number of its own. Nothing moves: what playing does not need
//! becomes an object of unused space.

use std::ops::Range;

use super::bytes_at::fill;

/// An object's number, as it is written.
type Guid = [u8; 16];

const HEADER: Guid = *b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const DATA: Guid = *b"\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const FILE: Guid = *b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65";
const STREAM: Guid = *b"\x91\x07\xdc\xb7\xb7\xa9\xcf\x11\x8e\xe6\x00\xc0\x0c\x20\x53\x65";
const EXTENSION: Guid = *b"\xb5\x03\xbf\x5f\x2e\xa9\xcf\x11\x8e\xe3\x00\xc0\x0c\x20\x53\x65";
const EXTENDED_STREAM: Guid = *b"\xcb\xa5\xe6\x14\x72\xc6\x32\x43\x83\x99\xa9\x69\x52\x06\x5b\x5a";
const PADDING: Guid = *b"\x74\xd4\x06\x18\xdf\xca\x09\x45\xa4\xba\x9a\xab\xcb\x96\xaa\xe8";
const SIMPLE_INDEX: Guid = *b"\x90\x08\x00\x33\xb1\xe5\xcf\x11\x89\xf4\x00\xa0\xc9\x03\x49\xcb";
const INDEX: Guid = *b"\xd3\x29\xe2\xd6\xda\x35\xd1\x11\x90\x34\x00\xa0\xc9\x03\x49\xbe";
/// Objects of the header that are numbers alone: which streams exclude each other, their rates.
const NUMBERS: &[Guid] = &[
    *b"\xdc\x29\xe2\xd6\xda\x35\xd1\x11\x90\x34\x00\xa0\xc9\x03\x49\xbe",
    *b"\xce\x75\xf8\x7b\x8d\x46\xd1\x11\x8d\x82\x00\x60\x97\xc9\xa2\xb2",
];
/// The same of the header's extension: exclusion, priorities, sharing, what players it is for, and what its index is
/// made of.
const EXTENDED: &[Guid] = &[
    *b"\xcf\x49\x86\xa0\x75\x47\x70\x46\x8a\x16\x6e\x35\x35\x75\x66\xcd",
    *b"\x5b\xd1\xfe\xd4\xd3\x88\x4f\x45\x81\xf0\xed\x5c\x45\x99\x9e\x24",
    *b"\xe6\x09\x96\xa6\x7b\x51\xd2\x11\xb6\xaf\x00\xc0\x4f\xd9\x08\xe9",
    *b"\x5d\x8b\xf1\x26\x84\x45\xec\x47\x9f\x5f\x0e\x65\x1f\x04\x52\xc9",
    *b"\xdf\x29\xe2\xd6\xda\x35\xd1\x11\x90\x34\x00\xa0\xc9\x03\x49\xbe",
];
/// Kinds of streams that are sound and pictures.
const PLAYED: &[Guid] = &[
    *b"\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b",
    *b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b",
];
/// What is said of a piece of a stream, and says no more than how to play it: kind, shape of its points, length.
const PIECES: &[Guid] = &[
    *b"\x20\xdc\x90\xd5\xbc\x07\x6c\x43\x9c\xf7\xf3\xbb\xfb\xf1\xa4\xdc",
    *b"\x54\xe5\x1e\x1b\xea\xf9\xc8\x4b\x82\x1a\x37\x6b\x74\xe4\xc4\xb8",
    *b"\x50\x94\xbd\xc6\x7f\x86\x07\x49\x83\xa3\xc7\x79\x21\xb7\x33\xad",
];
/// An object's head: its number and its length.
const HEAD: usize = 24;
/// Objects looked at. Only a file made to cost time has more.
const MOST: usize = 4_096;

/// An object, and where all of it lies.
struct Object {
    id: Guid,
    whole: Range<usize>,
}

/// The video or sound without what is said of it; `None` where it cannot be told apart, shows nothing or holds streams
/// of other things. One that was cut off goes on to its end.
pub fn clean(mut file: Vec<u8>) -> Option<Vec<u8>> {
    let end = file.len();
    let mut at = 0;
    let mut data = false;
    for n in 0.. {
        if at == end {
            break;
        }
        (n < MOST).then_some(())?;
        if end - at < HEAD {
            fill(&mut file, at..end, 0)?;
            break;
        }
        let id = id(&file, at)?;
        let said = length(&file, at + 16)?;
        let is_data = id == DATA;
        let mut stop = at.checked_add(said)?;
        // A recorder that was cut off has not written how long it is.
        if is_data && (said < HEAD || stop > end) {
            stop = end;
        }
        (stop <= end && (n == 0) == (id == HEADER)).then_some(())?;
        let whole = at..stop;
        match id {
            HEADER => header(&mut file, &whole)?,
            // Which file it is: the same number stands in all three.
            DATA if !data => {
                data = true;
                fill(&mut file, at + HEAD..at + HEAD + 16, 0)?;
            }
            SIMPLE_INDEX => fill(&mut file, at + HEAD..at + HEAD + 16, 0)?,
            INDEX => {}
            _ => pad(&mut file, &whole)?,
        }
        at = stop;
    }
    data.then_some(file)
}

/// The number of the object that begins at a place.
fn id(file: &[u8], at: usize) -> Option<Guid> {
    file.get(at..at + 16)?.try_into().ok()
}

/// A length of eight bytes.
fn length(file: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 8] = file.get(at..at + 8)?.try_into().ok()?;
    usize::try_from(u64::from_le_bytes(bytes)).ok()
}

fn short(file: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 2] = file.get(at..at + 2)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(bytes)))
}

/// The objects of a range.
fn objects(file: &[u8], range: Range<usize>) -> Option<Vec<Object>> {
    let (mut at, mut found) = (range.start, Vec::new());
    while at < range.end {
        let end = at.checked_add(length(file, at + 16)?)?;
        (end >= at + HEAD && end <= range.end && found.len() < MOST).then_some(())?;
        found.push(Object {
            id: id(file, at)?,
            whole: at..end,
        });
        at = end;
    }
    Some(found)
}

/// Turns an object into unused space of the same size.
fn pad(file: &mut [u8], whole: &Range<usize>) -> Option<()> {
    file.get_mut(whole.start..whole.start + 16)?
        .copy_from_slice(&PADDING);
    fill(file, whole.start + HEAD..whole.end, 0)
}

/// What stands before the sound and the pictures.
fn header(file: &mut [u8], whole: &Range<usize>) -> Option<()> {
    let mut streams = 0;
    for object in objects(file, whole.start + 30..whole.end)? {
        let Range { start, end } = object.whole;
        match object.id {
            // Which file it is, and after its length, when it was made.
            FILE => {
                (end - start >= 104).then_some(())?;
                fill(file, start + 24..start + 40, 0)?;
                fill(file, start + 48..start + 56, 0)?;
            }
            STREAM => {
                stream(file, &object.whole)?;
                streams += 1;
            }
            EXTENSION => {
                for object in objects(file, start + 46..end)? {
                    match object.id {
                        EXTENDED_STREAM => streams += extended(file, &object.whole)?,
                        id if EXTENDED.contains(&id) => {}
                        _ => pad(file, &object.whole)?,
                    }
                }
            }
            id if NUMBERS.contains(&id) => {}
            _ => pad(file, &object.whole)?,
        }
    }
    (streams > 0).then_some(())
}

/// A stream: `None` where it is of another thing than sound and pictures.
fn stream(file: &mut [u8], whole: &Range<usize>) -> Option<()> {
    let start = whole.start;
    (whole.len() >= 78 && PLAYED.contains(&id(file, start + HEAD)?)).then_some(())?;
    // What nobody has given a meaning.
    fill(file, start + 74..start + 78, 0)
}

/// More about a stream, its names among it; returns whether the stream itself stands in it.
fn extended(file: &mut [u8], whole: &Range<usize>) -> Option<usize> {
    let start = whole.start;
    let (names, pieces) = (short(file, start + 84)?, short(file, start + 86)?);
    let mut at = start + 88;
    for _ in 0..names {
        let end = at + 4 + short(file, at + 2)?;
        (end <= whole.end).then_some(())?;
        fill(file, at + 4..end, 0)?;
        at = end;
    }
    for _ in 0..pieces {
        PIECES.contains(&id(file, at)?).then_some(())?;
        let bytes: [u8; 4] = file.get(at + 18..at + 22)?.try_into().ok()?;
        let length = usize::try_from(u32::from_le_bytes(bytes)).ok()?;
        let end = at.checked_add(22)?.checked_add(length)?;
        (end <= whole.end).then_some(())?;
        fill(file, at + 22..end, 0)?;
        at = end;
    }
    if at == whole.end {
        return Some(0);
    }
    let inner = objects(file, at..whole.end)?;
    let [inner] = inner.as_slice() else {
        return None;
    };
    (inner.id == STREAM).then_some(())?;
    stream(file, &inner.whole)?;
    Some(1)
}

/// Blanks what playing does not need in a file that is cut off or damaged, up to there. What an object that stays says
/// of a stream's names is within reach only where all of it is.
pub fn damaged(file: &mut [u8]) -> Option<()> {
    file.starts_with(&HEADER).then_some(())?;
    let end = length(file, 16)?.min(file.len());
    parts(file, 30..end);
    let mut at = length(file, 16)?;
    for _ in 0..MOST {
        let id = id(file, at)?;
        let next = at.checked_add(length(file, at + 16)?.max(HEAD))?;
        if id == DATA || id == SIMPLE_INDEX {
            let cut = (at + HEAD + 16).min(file.len());
            fill(file, at + HEAD..cut, 0)?;
        } else if id != INDEX {
            let cut = next.min(file.len());
            fill(file, at + HEAD..cut, 0)?;
        }
        at = next;
    }
    Some(())
}

/// The same of the objects of a header, each as far as it goes.
fn parts(file: &mut [u8], range: Range<usize>) -> Option<()> {
    let mut at = range.start;
    for _ in 0..MOST {
        let id = id(file, at)?;
        let end = at.checked_add(length(file, at + 16)?.max(HEAD))?;
        let whole = at..end.min(range.end);
        match id {
            EXTENSION => drop(parts(file, at + 46..whole.end)),
            FILE => {
                for part in [24..40, 48..56] {
                    let cut = (at + part.end).min(whole.end);
                    fill(file, (at + part.start).min(cut)..cut, 0)?;
                }
            }
            STREAM if stream(file, &whole).is_some() => {}
            EXTENDED_STREAM if extended(file, &whole).is_some() => {}
            id if NUMBERS.contains(&id) || EXTENDED.contains(&id) => {}
            _ => fill(file, (at + HEAD).min(whole.end)..whole.end, 0)?,
        }
        at = end;
    }
    Some(())
}
