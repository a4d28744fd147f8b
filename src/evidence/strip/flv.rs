//! FLV: sound and pictures stay, one behind the other; of what a script says only the numbers that playing needs.

use super::bytes_at::{fill, offset};

const SOUND: u8 = 8;
const PICTURE: u8 = 9;
const SCRIPT: u8 = 18;
/// What is not packed for somebody else, of a tag's first byte.
const KIND: u8 = 0x1f;
/// A picture's first byte: what kind of frame it is. The fifth is a command to the player.
const COMMAND: u8 = 5;
/// Numbers of `onMetaData` that say how to play.
const NUMBERS: &[&[u8]] = &[
    b"duration",
    b"width",
    b"height",
    b"framerate",
    b"videocodecid",
    b"audiocodecid",
    b"audiosamplerate",
    b"audiosamplesize",
];
/// A tag's head: kind, length, time, stream.
const HEAD: usize = 11;
/// The longest script that is looked at.
const LONGEST: usize = 1024 * 1024;

/// The video without what is said of it; `None` where it cannot be told apart or shows nothing. What was cut off
/// within a tag is left out.
pub fn clean(file: &[u8]) -> Option<Vec<u8>> {
    file.starts_with(b"FLV\x01").then_some(())?;
    let head = offset::<4>(file, 5)?;
    (head >= 9).then_some(())?;
    let mut out = file.get(..5)?.to_vec();
    out.extend([0, 0, 0, 9, 0, 0, 0, 0]);
    let mut at = head.checked_add(4)?;
    let mut shows = false;
    while let Some(tag) = file.get(at..at + HEAD) {
        let kind = tag.first()? & KIND;
        let end = at + HEAD + offset::<3>(file, at + 1)?;
        let Some(body) = file.get(at + HEAD..end) else {
            break;
        };
        let script;
        let stays = match kind {
            SOUND => Some(body),
            PICTURE if body.first().is_some_and(|b| b >> 4 & 7 == COMMAND) => None,
            PICTURE => Some(body),
            SCRIPT => {
                script = numbers(body);
                (!script.is_empty()).then_some(script.as_slice())
            }
            // What is no tag is no video.
            15 => None,
            _ => return None,
        };
        if let Some(body) = stays {
            shows |= kind != SCRIPT;
            let length = u32::try_from(body.len()).ok()?.to_be_bytes();
            out.extend_from_slice(tag.get(..1)?);
            out.extend_from_slice(length.get(1..)?);
            out.extend_from_slice(tag.get(4..)?);
            out.extend_from_slice(body);
            let whole = u32::try_from(HEAD + body.len()).ok()?;
            out.extend(whole.to_be_bytes());
        }
        at = end + 4;
    }
    shows.then_some(out)
}

/// What a script says in numbers that playing needs (AMF 0); nothing where it says none.
fn numbers(script: &[u8]) -> Vec<u8> {
    let script = script.get(..LONGEST).unwrap_or(script);
    let mut found = Vec::new();
    let mut count = 0_u32;
    for name in NUMBERS {
        let mut named = vec![0, u8::try_from(name.len()).unwrap_or(0)];
        named.extend_from_slice(name);
        // A number's mark is nought.
        named.push(0);
        let place = memchr::memmem::find(script, &named).map(|at| at + named.len());
        let Some(value) = place.and_then(|at| script.get(at..at + 8)) else {
            continue;
        };
        found.extend_from_slice(&named);
        found.extend_from_slice(value);
        count += 1;
    }
    if count == 0 {
        return found;
    }
    let head = [b"\x02\0\x0aonMetaData\x08".as_slice(), &count.to_be_bytes()];
    [head.concat(), found, b"\0\0\x09".to_vec()].concat()
}

/// Blanks what scripts say in a file that is cut off or damaged, up to there.
pub fn damaged(file: &mut [u8]) -> Option<()> {
    let mut at = offset::<4>(file, 5)?.checked_add(4)?;
    loop {
        let kind = *file.get(at)? & KIND;
        let end = (at + HEAD).checked_add(offset::<3>(file, at + 1)?)?;
        if !matches!(kind, SOUND | PICTURE) {
            let cut = end.min(file.len());
            fill(file, at + HEAD..cut, 0)?;
        }
        at = end.checked_add(4)?;
    }
}
