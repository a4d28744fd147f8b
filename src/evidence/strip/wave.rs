//! WAV and FLAC: how the sound is encoded, and the sound.

use bytes::Bytes;

use super::bytes_at::{fill, offset};
use super::sound;

/// Encodings that have no room for notes among the sound (RFC 2361).
const ENCODINGS: &[u16] = &[1, 2, 3, 6, 7, 0x11, 0x31, 0xfffe];
/// MP3, which has.
const MP3: u16 = 0x55;
/// Parts of a WAV that stay.
pub const STAYS: &[&[u8]] = &[b"fmt ", b"fact", b"data"];

/// A WAV without notes; `None` where it cannot be told apart. A recorder that was cut off has not yet written how
/// long the sound is: it goes on to the end.
pub fn wav(file: &[u8]) -> Option<Bytes> {
    (file.starts_with(b"RIFF") && file.get(8..12)? == b"WAVE").then_some(())?;
    let (mut out, mut at) = (b"RIFF\0\0\0\0WAVE".to_vec(), 12);
    let (mut encoding, mut sounds) = (None, false);
    while let Some(kind) = file.get(at..at + 4) {
        let body = at + 8;
        let length = usize::try_from(u32::from_le_bytes(file.get(at + 4..body)?.try_into().ok()?));
        let end = body.checked_add(length.ok()?)?;
        let is_sound = kind == b"data";
        // What the sound is comes before it.
        (!is_sound || encoding.is_some()).then_some(())?;
        (end <= file.len() || is_sound).then_some(())?;
        let contents = file.get(body..end.min(file.len()))?;
        if kind == b"fmt " {
            // A second one would say something else of the sound.
            encoding.is_none().then_some(())?;
            encoding = Some(u16::from_le_bytes(contents.get(..2)?.try_into().ok()?));
        }
        let untagged = match encoding {
            Some(MP3) if is_sound => Some(sound::mp3(contents.to_vec())?),
            _ => None,
        };
        let contents = untagged.as_deref().unwrap_or(contents);
        if STAYS.contains(&kind) {
            out.extend_from_slice(kind);
            out.extend(u32::try_from(contents.len()).ok()?.to_le_bytes());
            out.extend_from_slice(contents);
            out.resize(out.len().next_multiple_of(2), 0);
        }
        sounds |= is_sound;
        at = end.checked_next_multiple_of(2)?;
    }
    let encoding = encoding?;
    (sounds && (encoding == MP3 || ENCODINGS.contains(&encoding))).then_some(())?;
    let length = u32::try_from(out.len() - 8).ok()?;
    out.get_mut(4..8)?.copy_from_slice(&length.to_le_bytes());
    Some(out.into())
}

/// A FLAC of its description, its table of places and its frames (RFC 9639 §8); `None` where it cannot be
/// told apart.
pub fn flac(file: &[u8]) -> Option<Bytes> {
    file.starts_with(b"fLaC").then_some(())?;
    let (mut out, mut at, mut last) = (b"fLaC".to_vec(), 4, 0);
    loop {
        let head = *file.get(at)?;
        let end = at + 4 + offset::<3>(file, at + 1)?;
        let block = file.get(at..end)?;
        // The description comes first; the other is of places.
        let stays = match head & 0x7f {
            0 if at == 4 => true,
            _ if at == 4 => return None,
            kind => kind == 3,
        };
        if stays {
            last = out.len();
            out.extend_from_slice(block);
            *out.get_mut(last)? &= 0x7f;
        }
        at = end;
        if head & 0x80 != 0 {
            break;
        }
    }
    *out.get_mut(last)? |= 0x80;
    let frames = without_tags(file.get(at..)?);
    let begins = matches!(frames, [0xff, 0xf8 | 0xf9, ..]);
    begins.then(|| {
        out.extend_from_slice(frames);
        out.into()
    })
}

/// Tags of other formats that programs write behind the last frame: ID3v1 and APEv2.
fn without_tags(mut frames: &[u8]) -> &[u8] {
    loop {
        let id3 = frames
            .len()
            .checked_sub(128)
            .filter(|at| frames.get(*at..).is_some_and(|tag| tag.starts_with(b"TAG")));
        let ape = || {
            let footer = frames.get(frames.len().checked_sub(32)?..)?;
            footer.starts_with(b"APETAGEX").then_some(())?;
            let size = u32::from_le_bytes(footer.get(12..16)?.try_into().ok()?);
            let head = if footer.get(23)? & 0x80 == 0 { 0 } else { 32 };
            let size = usize::try_from(size).ok()?.checked_add(head)?;
            frames.len().checked_sub(size.max(32))
        };
        match id3.or_else(ape).and_then(|end| frames.get(..end)) {
            Some(shorter) => frames = shorter,
            None => return frames,
        }
    }
}

/// Blanks the blocks of a FLAC that is cut off or damaged which are no description and no table of places.
pub fn damaged_flac(file: &mut [u8]) -> Option<()> {
    let mut at = 4;
    loop {
        let head = *file.get(at)?;
        let end = at + 4 + offset::<3>(file, at + 1)?;
        if !matches!(head & 0x7f, 0 | 3) {
            let cut = end.min(file.len());
            fill(file, at + 4..cut, 0)?;
        }
        if head & 0x80 != 0 {
            return Some(());
        }
        at = end;
    }
}
