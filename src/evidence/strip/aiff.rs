//! AIFF and AIFF-C: how the sound is encoded, and the sound.

use bytes::Bytes;

use super::bytes_at::{fill, offset};

/// Encodings that have no room for notes among the sound.
const ENCODINGS: &[&[u8]] = &[
    b"NONE", b"none", b"raw ", b"twos", b"sowt", b"in24", b"in32", b"42ni", b"23ni", b"fl32",
    b"FL32", b"fl64", b"FL64", b"alaw", b"ALAW", b"ulaw", b"ULAW", b"ima4", b"MAC3", b"MAC6",
    b"GSM ", b"G722",
];
/// Parts that stay whole.
pub const STAYS: &[&[u8]] = &[b"FVER", b"SSND"];
/// What is said of the sound: channels, frames, bits and rate; of AIFF-C the encoding as well.
const SAID: usize = 18;
pub const ENCODED: usize = 22;

/// A sound without names, comments and other programs' data; `None` where it cannot be told apart. A recorder that
/// was cut off has not yet written how long the sound is: it goes on to the end.
pub fn clean(file: &[u8]) -> Option<Bytes> {
    let form = file.get(8..12)?;
    let packed = form == b"AIFC";
    (file.starts_with(b"FORM") && (packed || form == b"AIFF")).then_some(())?;
    let (mut out, mut at) = ([b"FORM\0\0\0\0", form].concat(), 12);
    let (mut said, mut sounds) = (false, false);
    while let Some(kind) = file.get(at..at + 4) {
        let body = at + 8;
        let end = body.checked_add(offset::<4>(file, at + 4)?)?;
        let is_sound = kind == b"SSND";
        (end <= file.len() || is_sound).then_some(())?;
        let contents = file.get(body..end.min(file.len()))?;
        let stays = match kind {
            b"COMM" => {
                // A second one would say something else of the sound.
                (!said).then_some(())?;
                said = true;
                let mut stays = contents.get(..SAID)?.to_vec();
                if packed {
                    let encoding = contents.get(SAID..ENCODED)?;
                    ENCODINGS.contains(&encoding).then_some(())?;
                    stays.extend_from_slice(encoding);
                    // Its name is empty: a length, and what makes it even.
                    stays.extend([0, 0]);
                }
                Some(stays)
            }
            b"FVER" => Some(contents.get(..4)?.to_vec()),
            b"SSND" if !sounds => {
                sounds = true;
                let mut stays = contents.to_vec();
                // Where the sound begins: what stands before it is not heard.
                let before = offset::<4>(&stays, 0)?.checked_add(8)?;
                fill(&mut stays, 8..before, 0)?;
                Some(stays)
            }
            b"SSND" => return None,
            _ => None,
        };
        if let Some(stays) = stays {
            out.extend_from_slice(kind);
            out.extend(u32::try_from(stays.len()).ok()?.to_be_bytes());
            out.extend_from_slice(&stays);
            out.resize(out.len().next_multiple_of(2), 0);
        }
        at = end.checked_next_multiple_of(2)?;
    }
    (said && sounds).then_some(())?;
    let length = u32::try_from(out.len() - 8).ok()?;
    out.get_mut(4..8)?.copy_from_slice(&length.to_be_bytes());
    Some(out.into())
}
