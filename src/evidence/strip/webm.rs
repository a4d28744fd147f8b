//! WebM and Matroska: elements one after the other (RFC 8794, RFC 9559). What is not known to be needed for
//! playing becomes a void element of the same size.

use std::ops::Range;

use super::bytes_at::fill;

/// Elements whose contents are looked at.
const INSIDE: &[u64] = &[
    0x1a45_dfa3, // EBML
    0x1853_8067, // Segment
    0x114d_9b74, // SeekHead
    0x4dbb,      // Seek
    0x1549_a966, // Info
    0x1654_ae6b, // Tracks
    0xae,        // TrackEntry
    0xe0,        // Video
    0x55b0,      // Colour
    0x55d0,      // MasteringMetadata
    0xe1,        // Audio
    0x6d80,      // ContentEncodings
    0x6240,      // ContentEncoding
    0x5034,      // ContentCompression
    0x1f43_b675, // Cluster
    0xa0,        // BlockGroup
    0x75a1,      // BlockAdditions
    0xa6,        // BlockMore
    0x1c53_bb6b, // Cues
    0xbb,        // CuePoint
    0xb7,        // CueTrackPositions
];
/// Numbers: how to read the file, where things are, and how to show them.
const NUMBERS: &[u64] = &[
    // EBML: versions and the longest ids and sizes.
    0x4286, 0x42f7, 0x42f2, 0x42f3, 0x4287, 0x4285, // Seek: what and where.
    0x53ab, 0x53ac, // Info: scale of time, duration.
    0x2a_d7b1, 0x4489, // TrackEntry: number, id, type, flags, timing.
    0xd7, 0x73c5, 0x83, 0xb9, 0x88, 0x55aa, 0x9c, 0x6de7, 0x6df8, 0x23_e383, 0x23_4e7a, 0x55ee,
    0x56aa, 0x56bb, // Video: fields, stereo, alpha, sizes.
    0x9a, 0x9d, 0x53b8, 0x53c0, 0xb0, 0xba, 0x54aa, 0x54bb, 0x54cc, 0x54dd, 0x54b0, 0x54ba, 0x54b2,
    0x54b3, // Colour and its mastering.
    0x55b1, 0x55b2, 0x55b3, 0x55b4, 0x55b5, 0x55b6, 0x55b7, 0x55b8, 0x55b9, 0x55ba, 0x55bb, 0x55bc,
    0x55bd, 0x55d1, 0x55d2, 0x55d3, 0x55d4, 0x55d5, 0x55d6, 0x55d7, 0x55d8, 0x55d9, 0x55da,
    // Audio: rates, channels, depth.
    0xb5, 0x78b5, 0x9f, 0x6264, // ContentEncoding: order, scope, type, algorithm.
    0x5031, 0x5032, 0x5033, 0x4254, // Cluster and its blocks.
    0xe7, 0xa7, 0xab, 0x9b, 0xfa, 0xfb, 0x75a2, 0xee, // Cues.
    0xb3, 0xf7, 0xf1, 0xf0, 0xb2, 0x5378,
];
/// Names of the format, a codec and a language.
const NAMES: &[u64] = &[0x4282, 0x86, 0x22_b59c, 0x22_b59d];
/// What a decoder begins with, what compression took away, and the sound and the pictures.
const DATA: &[u64] = &[CODEC, 0x4255, 0xa3, 0xa1, 0xa5];
const CODEC: u64 = 0x63a2;
/// Unused space.
const VOID: u64 = 0xec;
/// Whether a track is pictures (1), sound (2) or another thing.
const TYPE: u64 = 0x83;
/// Programs that wrote the file: required, so that they are blanked and not voided.
const PROGRAMS: &[u64] = &[0x4d80, 0x5741];

/// Overwrites the metadata; `None` where the file cannot be told apart or has tracks of other things than
/// sound and pictures.
pub fn clean(mut file: Vec<u8>) -> Option<Vec<u8>> {
    let mut at = 0;
    while at < file.len() {
        at = one(&mut file, at, false)?;
    }
    Some(file)
}

/// Overwrites the metadata up to where the file is cut off or damaged. What is cut off there stays only if it is sound
/// or pictures.
pub fn damaged(file: &mut [u8]) -> Option<()> {
    let mut at = 0;
    while let Some(next) = one(file, at, true) {
        at = next;
        if at >= file.len() {
            return Some(());
        }
    }
    let id = (at..at + width(*file.get(at)?)?)
        .try_fold(0, |id: u64, at| Some(id << 8 | u64::from(*file.get(at)?)));
    if !id.is_some_and(|id| DATA.contains(&id) && id != CODEC) {
        let end = file.len();
        fill(file, at..end, 0)?;
    }
    Some(())
}

/// Overwrites the element at a place unless playing needs it; returns where the next one begins. A track of another
/// thing than sound and pictures is refused, unless the file is damaged anyway.
fn one(file: &mut [u8], at: usize, is_damaged: bool) -> Option<usize> {
    let (id, body, known) = element(file, at)?;
    if INSIDE.contains(&id) {
        return Some(body.start);
    }
    known.then_some(())?;
    if id == TYPE && !is_damaged {
        matches!(file.get(body.clone())?, [1 | 2]).then_some(())?;
    }
    let stays = DATA.contains(&id)
        || NUMBERS.contains(&id) && body.len() <= 8
        || NAMES.contains(&id) && body.len() <= 32;
    if id == CODEC {
        comments(file, &body)?;
    } else if id == VOID {
        fill(file, body.clone(), 0)?;
    } else if PROGRAMS.contains(&id) {
        fill(file, body.clone(), b' ')?;
    } else if !stays {
        void(file, at..body.end)?;
    }
    Some(body.end)
}

/// Vorbis begins with three packets: a description, comments, tables (Vorbis I §4.2). The comments are
/// blanked; other codecs have none here.
fn comments(file: &mut [u8], body: &Range<usize>) -> Option<()> {
    let is_vorbis = file
        .get(body.clone())?
        .windows(7)
        .any(|part| part == b"\x03vorbis");
    if !is_vorbis {
        return Some(());
    }
    // Lengths of the first two: sums of bytes, the last of which is less than 255.
    (*file.get(body.start)? == 2).then_some(())?;
    let mut at = body.start + 1;
    let mut length = || {
        let mut sum = 0_usize;
        loop {
            let byte = usize::from(*file.get(at).filter(|_| at < body.end)?);
            (at, sum) = (at + 1, sum + byte);
            if byte < 255 {
                return Some(sum);
            }
        }
    };
    let (first, second) = (length()?, length()?);
    let start = at + first;
    let end = start.checked_add(second).filter(|end| *end <= body.end)?;
    file.get(start..end)?
        .starts_with(b"\x03vorbis")
        .then_some(())?;
    fill(file, start + 7..end, 0)?;
    // No vendor, no comment, and the bit that ends the packet.
    if let Some(framing) = file.get_mut(start + 15..end).and_then(<[u8]>::first_mut) {
        *framing = 1;
    }
    Some(())
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
