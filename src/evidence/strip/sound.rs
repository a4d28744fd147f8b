//! MP3 and Ogg: tags off.

use std::ops::Range;

use super::bytes_at::{fill, find, number, offset};

/// An MP3 without its tags: ID3v2 before and after the sound, ID3v1, Lyrics3 and APEv2 after it.
pub fn mp3(mut file: Vec<u8>) -> Option<Vec<u8>> {
    while file.starts_with(b"ID3") {
        let size = file
            .get(6..10)?
            .iter()
            .fold(0_usize, |n, byte| n << 7 | usize::from(byte & 0x7f));
        let footer = if *file.get(5)? & 0x10 == 0 { 0 } else { 10 };
        let end = (10 + size + footer).min(file.len());
        file.drain(..end);
    }
    let padding = file.iter().take_while(|byte| **byte == 0).count();
    file.drain(..padding);
    // What does not follow as sound is not kept: tags of whatever kind stand behind the last frame.
    let mut at = 0;
    while let Some(length) = frame(&file, at) {
        at += length;
    }
    (at > 0).then_some(())?;
    file.truncate(at.min(file.len()));
    Some(file)
}

/// The length of the frame that begins at a place (ISO/IEC 11172-3 §2.4.2.3, 13818-3).
fn frame(file: &[u8], at: usize) -> Option<usize> {
    const V1: [usize; 15] = [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ];
    const V2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let header = offset::<4>(file, at)?;
    let (version, layer) = (header >> 19 & 3, header >> 17 & 3);
    // Eleven bits of synchronisation, layer III.
    if header >> 21 != 0x7ff || version == 1 || layer != 1 {
        return None;
    }
    let (rates, base, samples) = if version == 3 {
        (V1, 44_100, 144)
    } else {
        (V2, 22_050, 72)
    };
    let kilobits = *rates.get(header >> 12 & 15).filter(|rate| **rate > 0)?;
    let hertz = match (base, header >> 10 & 3) {
        (44_100, 0) => 44_100,
        (44_100, 1) => 48_000,
        (44_100, 2) => 32_000,
        (_, 0) => 22_050,
        (_, 1) => 24_000,
        (_, 2) => 16_000,
        _ => return None,
    };
    let hertz = if version == 0 { hertz / 2 } else { hertz };
    Some(samples * kilobits * 1_000 / hertz + (header >> 9 & 1))
}

/// CRC of an Ogg page (RFC 3533 §6).
pub(super) const PAGE: crc::Algorithm<u32> = crc::Algorithm {
    width: 32,
    poly: 0x04c1_1db7,
    init: 0,
    refin: false,
    refout: false,
    xorout: 0,
    check: 0x89a1_897f,
    residue: 0,
};

/// An Ogg file whose comments (RFC 7845 §5.2, Vorbis I §5) are blanked where they stand; `None` where it
/// holds other streams than Opus or Vorbis, or several at once.
pub fn ogg(mut file: Vec<u8>) -> Option<Vec<u8>> {
    let mut at = 0;
    let mut stream = None;
    // Whether a packet of comments is still going on.
    let mut comments = false;
    while at < file.len() {
        if file.get(at..at + 4)? != b"OggS" {
            return None;
        }
        let segments = usize::from(*file.get(at + 26)?);
        let table = file.get(at + 27..at + 27 + segments)?.to_vec();
        let body = at + 27 + segments;
        let end = body + table.iter().map(|n| usize::from(*n)).sum::<usize>();
        if end > file.len() {
            return None;
        }
        let serial = number::<4>(&file, at + 14)?;
        if *file.get(at + 5)? & 2 == 2 {
            let head = file.get(body..end)?;
            (head.starts_with(b"OpusHead") || head.starts_with(b"\x01vorbis")).then_some(())?;
            stream = Some(serial);
        }
        (stream == Some(serial)).then_some(())?;
        let mut touched = false;
        let mut start = body;
        let mut place = body;
        for (i, length) in table.iter().enumerate() {
            place += usize::from(*length);
            if *length == 255 && i + 1 < table.len() {
                continue;
            }
            let packet = start..place;
            let begins = !(comments && start == body);
            let head = file.get(packet.clone())?;
            let skip = if !begins {
                Some(0)
            } else if head.starts_with(b"OpusTags") {
                Some(8)
            } else {
                head.starts_with(b"\x03vorbis").then_some(7)
            };
            if let Some(skip) = skip {
                blank(&mut file, packet.start + skip..packet.end, begins)?;
                touched = true;
            }
            comments = skip.is_some() && *length == 255;
            start = place;
        }
        if touched {
            fill(&mut file, at + 22..at + 26, 0)?;
            let sum = crc::Crc::<u32>::new(&PAGE).checksum(file.get(at..end)?);
            file.get_mut(at + 22..at + 26)?
                .copy_from_slice(&sum.to_le_bytes());
        }
        at = end;
    }
    stream.map(|_| file)
}

/// Says that there is no vendor and no comment; the bytes behind are padding. Vorbis wants its framing
/// bit after the list.
fn blank(file: &mut [u8], part: Range<usize>, begins: bool) -> Option<()> {
    fill(file, part.clone(), 0)?;
    if begins
        && let Some(framing) = file
            .get_mut(part.start + 8..part.end)
            .and_then(<[u8]>::first_mut)
    {
        *framing = 1;
    }
    Some(())
}

/// Blanks the tags before the sound of an MP3 of which no sound is left.
pub fn damaged_mp3(file: &mut [u8]) -> Option<()> {
    let mut at = 0;
    while file.get(at..)?.starts_with(b"ID3") {
        let size = file.get(at + 6..at + 10)?.iter();
        let size = size.fold(0_usize, |n, byte| n << 7 | usize::from(byte & 0x7f));
        let end = (at + 10 + size).min(file.len());
        fill(file, at + 10..end, 0)?;
        at = end;
    }
    let tag = file.len().checked_sub(128)?;
    if file.get(tag..)?.starts_with(b"TAG") {
        fill(file, tag + 3..tag + 128, 0)?;
    }
    Some(())
}

/// Blanks the comments of an Ogg file that is cut off or damaged, on whatever pages they stand.
pub fn damaged_ogg(file: &mut [u8]) -> Option<()> {
    for (begin, skip) in [(b"OpusTags".as_slice(), 8), (b"\x03vorbis", 7)] {
        let mut at = 0;
        while let Some(found) = find(file, at, begin) {
            at = found + skip;
            loop {
                let next = find(file, at, b"OggS").unwrap_or(file.len());
                fill(file, at..next, 0)?;
                // A page may go on with what the last one began.
                let goes_on = file.get(next + 5).is_some_and(|flags| flags & 1 == 1);
                let segments = file.get(next + 26).map(|n| usize::from(*n));
                at = next;
                let (true, Some(segments)) = (goes_on, segments) else {
                    break;
                };
                at = (next + 27 + segments).min(file.len());
            }
        }
    }
    // Players pass over a page whose checksum is wrong.
    let mut at = 0;
    while let Some(page) = find(file, at, b"OggS") {
        at = page + 4;
        let Some(segments) = file.get(page + 26).map(|n| usize::from(*n)) else {
            break;
        };
        let body = page + 27 + segments;
        let Some(table) = file.get(page + 27..body) else {
            break;
        };
        let end = body + table.iter().map(|n| usize::from(*n)).sum::<usize>();
        if end <= file.len() {
            fill(file, page + 22..page + 26, 0)?;
            let sum = crc::Crc::<u32>::new(&PAGE).checksum(file.get(page..end)?);
            file.get_mut(page + 22..page + 26)?
                .copy_from_slice(&sum.to_le_bytes());
            at = end;
        }
    }
    Some(())
}
