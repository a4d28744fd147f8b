//! Sample entries: how the sound and the pictures of a track are encoded, and by whom.

use std::ops::Range;

use super::super::bytes_at::{fill, offset};
use super::boxes::{Part, blank, parts};

/// Encodings that hold sound or pictures and no notes of their own. Motion JPEG has room for Exif in each
/// picture, FLAC for tags.
const ENCODINGS: &[&[u8; 4]] = &[
    b"avc1", b"avc2", b"avc3", b"avc4", b"hvc1", b"hev1", b"hvc2", b"hev2", b"dvh1", b"dvhe",
    b"dva1", b"dvav", b"vvc1", b"vvi1", b"av01", b"vp08", b"vp09", b"mp4v", b"s263", b"h263",
    b"H263", b"apch", b"apcn", b"apcs", b"apco", b"ap4h", b"ap4x", b"mp4a", b"apac", b"samr",
    b"sawb", b"sawp", b"sevc", b"sqcp", b"ac-3", b"ec-3", b"ac-4", b"Opus", b"alac", b".mp3",
    b"ulaw", b"alaw", b"twos", b"sowt", b"lpcm", b"ipcm", b"fpcm", b"in24", b"in32", b"fl32",
    b"fl64", b"raw ", b"ima4",
];
/// Boxes that a decoder needs to begin.
const DECODING: &[&[u8; 4]] = &[
    b"avcC", b"hvcC", b"lhvC", b"hvcE", b"vvcC", b"av1C", b"vpcC", b"dvcC", b"dvvC", b"esds",
    b"dOps", b"dapa", b"dac3", b"dec3", b"dac4", b"alac", b"pcmC", b"btrt", b"colr", b"pasp",
    b"clap", b"fiel", b"gama", b"mdcv", b"clli", b"SmDm", b"CoLL", b"amve", b"ccst", b"auxi",
    b"chan", b"chnl", b"srat", b"enda", b"frma", b"mp4a",
];
/// Boxes that begin with the four letters of whoever wrote the encoder (3GPP TS 26.244).
const SIGNED: &[&[u8; 4]] = &[b"damr", b"d263"];

/// Cleans the entries of `stsd`; `None` where one is of an unknown encoding.
pub fn clean(file: &mut [u8], stsd: &Part, is_sound: bool) -> Option<()> {
    let body = stsd.body.clone();
    let version = *file.get(body.start)?;
    for entry in parts(file, body.start + 8..body.end)? {
        ENCODINGS.contains(&&entry.kind).then_some(())?;
        let start = entry.body.start;
        // The vendor, and what he calls his encoder.
        fill(file, start + 12..start + 16, 0)?;
        let rest = if is_sound {
            match (version, offset::<2>(file, start + 8)?) {
                // The second form of QuickTime; ISO's has no more fields than the first.
                (0, 1) => start + 44,
                (_, 2) => entry.start.checked_add(offset::<4>(file, start + 28)?)?,
                _ => start + 28,
            }
        } else {
            fill(file, start + 42..start + 74, 0)?;
            start + 78
        };
        decoding(file, rest..entry.body.end)?;
    }
    Some(())
}

fn decoding(file: &mut [u8], range: Range<usize>) -> Option<()> {
    for part in parts(file, range)? {
        match &part.kind {
            b"wave" => wave(file, part.body)?,
            kind if SIGNED.contains(&kind) => fill(file, part.body.start..part.body.start + 4, 0)?,
            kind if DECODING.contains(&kind) => {}
            _ => blank(file, &part)?,
        }
    }
    Some(())
}

/// QuickTime puts the boxes of compressed sound into one more.
fn wave(file: &mut [u8], range: Range<usize>) -> Option<()> {
    for part in parts(file, range)? {
        let ends = part.kind == [0; 4] && part.body.is_empty();
        if !ends && !DECODING.contains(&&part.kind) {
            blank(file, &part)?;
        }
    }
    Some(())
}
