//! WebM: elements of a known size one after the other (RFC 8794, RFC 9559). What tells of time, device or
//! author becomes a void element of the same size.

use std::ops::Range;

use super::bytes_at::fill;

/// Elements whose contents are looked at: the segment, its clusters and its description.
const INSIDE: &[u64] = &[0x1853_8067, 0x1f43_b675, 0x1549_a966];
/// Tags, attachments, chapters; and of the description title, file names, date and programs.
const NOTES: &[u64] = &[
    0x1254_c367,
    0x1941_a469,
    0x1043_a770,
    0x7ba9,
    0x7384,
    0x3c_83ab,
    0x3e_83bb,
    0x4461,
];
/// Unused space.
const VOID: u64 = 0xec;
/// Programs that wrote the file: required, so that they are blanked and not voided.
const PROGRAMS: &[u64] = &[0x4d80, 0x5741];

/// Overwrites the metadata; `None` where the file cannot be told apart.
pub fn clean(mut file: Vec<u8>) -> Option<Vec<u8>> {
    let mut at = 0;
    while at < file.len() {
        let (id, body, known) = element(&file, at)?;
        if INSIDE.contains(&id) {
            at = body.start;
            continue;
        }
        if !known {
            return None;
        }
        if id == VOID {
            fill(&mut file, body.clone(), 0)?;
        } else if NOTES.contains(&id) {
            void(&mut file, at..body.end)?;
        } else if PROGRAMS.contains(&id) {
            fill(&mut file, body.clone(), b' ')?;
        }
        at = body.end;
    }
    Some(file)
}

/// An element: its id, where its contents lie, and whether their size is known.
fn element(file: &[u8], at: usize) -> Option<(u64, Range<usize>, bool)> {
    let id_length = width(*file.get(at)?)?;
    let id = (at..at + id_length)
        .try_fold(0, |id: u64, at| Some(id << 8 | u64::from(*file.get(at)?)))?;
    let at = at + id_length;
    let length = width(*file.get(at)?)?;
    let raw =
        (at..at + length).try_fold(0, |n: u64, at| Some(n << 8 | u64::from(*file.get(at)?)))?;
    let most = (1_u64 << (7 * length)) - 1;
    let size = raw & most;
    let start = at + length;
    if size == most {
        return Some((id, start..file.len(), false));
    }
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    (end <= file.len() || INSIDE.contains(&id)).then_some((id, start..end, true))
}

/// How many bytes a number takes that begins like this.
fn width(first: u8) -> Option<usize> {
    let zeros = first.leading_zeros();
    (zeros < 8)
        .then(|| usize::try_from(zeros).ok())
        .flatten()
        .map(|zeros| zeros + 1)
}

/// Turns a part into one void element of the same length.
fn void(file: &mut [u8], part: Range<usize>) -> Option<()> {
    let length = part.len();
    fill(file, part.clone(), 0)?;
    // A size of eight bytes fits wherever there is room for it, one of one byte where there is not.
    let header = if length >= 9 {
        let size = u64::try_from(length - 9).ok()?;
        let mut header = vec![0xec];
        header.extend((size | 1 << 56).to_be_bytes());
        header
    } else {
        vec![0xec, 0x80 | u8::try_from(length.checked_sub(2)?).ok()?]
    };
    file.get_mut(part.start..part.start + header.len())?
        .copy_from_slice(&header);
    Some(())
}
