//! A file that is damaged, cut off or not understood: up to the damage what its kind has no use for is overwritten where
//! it stands, and in all of it whatever is known to tell of place, time and device. Nothing moves.
//!
//! Where what is left shows nothing, as a video without its tables, this may be more than was needed: the original
//! shows the rest.

use std::ops::Range;

use super::bytes_at::{fill, find, number, offset};
use super::iso::boxes;
use super::{
    PNG, WEBP, WEBP_EXIF_XMP, WEBP_FRAME, aiff, asf, avi, flv, gif, iso, jpeg, known, pdf, raf,
    sound, tiff, wave, webm,
};

/// Values that are looked at. Only a document made to cost time has more.
const MOST: usize = 256;
/// Chunks of a PNG that tell something, wherever they stand.
const NOTES: &[&[u8]] = &[b"tEXt", b"iTXt", b"zTXt", b"eXIf"];
/// Boxes that are gone through. Only a file made to cost time has more.
const MOST_BOXES: usize = 65_536;
/// Boxes that are no description: what kind of file it is, and sound and pictures.
const BOXES: &[&[u8; 4]] = &[b"ftyp", b"styp", b"mdat"];
/// What a PDF says of who made it, when and with what.
const KEYS: &[&[u8]] = &[
    b"/Author",
    b"/Creator",
    b"/Producer",
    b"/CreationDate",
    b"/ModDate",
    b"/Company",
    b"/SourceModified",
    b"/Keywords",
    b"/Subject",
];

/// The file without what is known of metadata. Nothing moves.
pub fn overwrite(media_type: &str, mut file: Vec<u8>) -> Vec<u8> {
    let end = match media_type {
        "image/png" => png(&mut file),
        "image/jpeg" => jpeg::damaged(&mut file),
        "image/webp" => webp(&mut file, 12, WEBP),
        "image/heic" | "image/avif" | "video/mp4" | "video/quicktime" | "video/3gpp"
        | "audio/mp4" => boxed(&mut file),
        "video/webm" | "video/x-matroska" => webm::damaged(&mut file),
        "audio/ogg" => sound::damaged_ogg(&mut file),
        "audio/mpeg" => sound::damaged_mp3(&mut file),
        "application/pdf" => document(&mut file),
        "image/tiff" => lists(&mut file, &tiff::PLAIN),
        "image/x-canon-cr2" => lists(&mut file, &tiff::CR2),
        "image/x-olympus-orf" => lists(&mut file, &tiff::ORF),
        "image/x-panasonic-rw2" => lists(&mut file, &tiff::RW2),
        "image/x-fuji-raf" => raf::damaged(&mut file),
        "image/gif" => gif::damaged(&mut file),
        "video/x-msvideo" => avi::damaged(&mut file),
        "audio/x-wav" => chunks(&mut file, wave::STAYS, |n| n.swap_bytes()),
        "audio/x-aiff" => chunks(&mut file, aiff::STAYS, |n| n),
        "audio/x-flac" => wave::damaged_flac(&mut file),
        "video/x-flv" => flv::damaged(&mut file),
        "video/x-ms-wmv" => asf::damaged(&mut file),
        _ => {
            jpeg::inside(&mut file);
            Some(())
        }
    };
    // Where that ended the rest is looked through as well.
    let _where_it_ended = end;
    known::overwrite(file)
}

/// Blanks the chunks that do not paint.
fn png(file: &mut [u8]) -> Option<()> {
    let mut at = 8;
    while let Some(kind) = file.get(at + 4..at + 8) {
        if !kind.iter().all(u8::is_ascii_alphabetic) {
            break;
        }
        let paints = PNG.iter().any(|known| known.as_slice() == kind);
        let end = (at + 8).checked_add(offset::<4>(file, at)?)?;
        if kind == b"IEND" {
            let length = file.len();
            fill(file, end.saturating_add(4).min(length)..length, 0)?;
            break;
        }
        if !paints {
            let cut = end.min(file.len());
            fill(file, at + 8..cut, 0)?;
        }
        at = end.checked_add(4)?;
    }
    for note in NOTES {
        let mut at = 12;
        while let Some(found) = find(file, at, note) {
            at = found + note.len();
            let end = at.checked_add(offset::<4>(file, found - 4)?)?;
            let cut = end.min(file.len());
            // A picture that happens to hold the word is not followed by what is longer than any note.
            if cut - at <= known::LONGEST {
                fill(file, at..cut, 0)?;
                at = cut;
            }
        }
    }
    Some(())
}

/// Blanks the chunks of a sound that are not among these; `order` puts the bytes of a length as they belong.
fn chunks(file: &mut [u8], stays: &[&[u8]], order: fn(u32) -> u32) -> Option<()> {
    let mut at = 12;
    while let Some(kind) = file.get(at..at + 4) {
        let is_sound = kind == b"SSND";
        let stays = match kind {
            // The encoding's name stands behind it.
            b"COMM" => aiff::ENCODED,
            kind if stays.contains(&kind) => usize::MAX,
            _ => 0,
        };
        let said = u32::try_from(number::<4>(file, at + 4)?).ok()?;
        let end = (at + 8).checked_add(usize::try_from(order(said)).ok()?)?;
        let cut = end.min(file.len());
        let start = (at + 8).saturating_add(stays).min(cut);
        fill(file, start..cut, 0)?;
        if is_sound {
            // Where the sound begins: what stands before it is not heard.
            let before = (at + 16).checked_add(offset::<4>(file, at + 8)?)?;
            fill(file, at + 16..before.min(cut).max(at + 16), 0)?;
        }
        at = end.checked_next_multiple_of(2)?;
    }
    Some(())
}

/// Blanks the chunks that do not paint, also of each picture of a moving one.
fn webp(file: &mut [u8], start: usize, stays: &[&[u8; 4]]) -> Option<()> {
    let mut at = start;
    while let Some(kind) = file.get(at..at + 4) {
        let kind: [u8; 4] = kind.try_into().ok()?;
        let said = u32::from_le_bytes(file.get(at + 4..at + 8)?.try_into().ok()?);
        let end = (at + 8).checked_add(usize::try_from(said).ok()?)?;
        let cut = end.min(file.len());
        if !stays.contains(&&kind) {
            fill(file, at + 8..cut, 0)?;
        } else if kind == *b"VP8X" {
            *file.get_mut(at + 8)? &= !WEBP_EXIF_XMP;
        } else if kind == *b"ANMF" {
            let frame = file.get_mut(at + 8..cut)?;
            let _cut_off = webp(frame, 16, WEBP_FRAME);
        }
        at = end.checked_next_multiple_of(2)?;
    }
    Some(())
}

/// A box at a place: its kind, and where its contents lie by what it says.
fn said_box(file: &[u8], at: usize) -> Option<([u8; 4], Range<usize>)> {
    let kind: [u8; 4] = file.get(at + 4..at + 8)?.try_into().ok()?;
    let (header, size) = match number::<4>(file, at)? {
        0 => (8, file.len() - at),
        1 => (16, offset::<8>(file, at + 8)?),
        size => (8, usize::try_from(size).ok()?),
    };
    (size >= header).then_some((kind, at + header..at.checked_add(size)?))
}

/// Cleans the boxes before the damage as those of a whole file. Where that cannot be done for lack of what is cut off,
/// none of them stays but sound and pictures, which nothing tells apart then.
fn boxed(file: &mut [u8]) -> Option<()> {
    let (mut at, mut found) = (0, Vec::new());
    while let Some((kind, body)) = said_box(file, at) {
        (found.len() < MOST_BOXES).then_some(())?;
        found.push((kind, at, body.clone()));
        at = body.end;
        if at >= file.len() {
            break;
        }
    }
    let has_data = found.iter().any(|(kind, _, _)| kind == b"mdat");
    if at == file.len() && has_data {
        // Every box is there: it is not damaged, but not understood.
        return None;
    }
    let last = found.last().cloned();
    let cut = last.filter(|(_, _, body)| body.end > file.len());
    let end = match &cut {
        Some(([b'm', b'd', b'a', b't'], _, _)) => file.len(),
        Some((_, start, _)) => *start,
        None => at.min(file.len()),
    };
    let mut before = file.get(..end)?.to_vec();
    let mut head = None;
    if let Some((_, start, body)) = cut.filter(|(kind, _, _)| kind == b"mdat") {
        // It is as long as it is, so that what belongs to nothing in it can be told.
        let place = start..body.start;
        head = Some((place.clone(), file.get(place.clone())?.to_vec()));
        let length = u64::try_from(end - start).ok()?;
        let header = before.get_mut(place)?;
        if header.len() == 16 {
            header.get_mut(8..)?.copy_from_slice(&length.to_be_bytes());
        } else {
            let length = u32::try_from(length).ok()?;
            header.get_mut(..4)?.copy_from_slice(&length.to_be_bytes());
        }
    }
    match iso::clean(before) {
        Some(clean) => {
            file.get_mut(..end)?.copy_from_slice(&clean);
            if let Some((place, said)) = head {
                file.get_mut(place)?.copy_from_slice(&said);
            }
        }
        None => {
            for (kind, start, body) in found {
                if !BOXES.contains(&&kind) {
                    let body = body.start..body.end.min(file.len());
                    boxes::blank(file, &boxes::Part { kind, start, body })?;
                }
            }
        }
    }
    if let Some((kind, _, body)) = cut_off(file, end)
        && !BOXES.contains(&&kind)
    {
        let length = file.len();
        fill(file, body.start..length, 0)?;
    }
    Some(())
}

/// The box that begins where the others end, and goes on beyond the end of the file.
fn cut_off(file: &[u8], at: usize) -> Option<([u8; 4], usize, Range<usize>)> {
    let (kind, body) = said_box(file, at)?;
    (body.end > file.len() && body.start <= file.len()).then_some((kind, at, body))
}

/// A TIFF as far as its lists can be read.
fn lists(file: &mut [u8], maker: &tiff::Maker) -> Option<()> {
    let shown = tiff::damaged(file, maker)?;
    file.copy_from_slice(&shown);
    Some(())
}

/// Cleans the objects before the damage as those of a whole document; in all of it what is said of who made it is
/// blanked, and so is the object that is cut off.
fn document(file: &mut [u8]) -> Option<()> {
    let end = memchr::memmem::rfind(file, b"endobj").map_or(0, |at| at + 6);
    if let Some(clean) = pdf::objects(file.get(..end)?.to_vec()) {
        file.get_mut(..end)?.copy_from_slice(&clean);
    }
    for key in KEYS {
        let mut at = 0;
        for _ in 0..MOST {
            let Some(found) = find(file, at, key) else {
                break;
            };
            at = found + key.len();
            if let Some(value) = value(file, at) {
                fill(file, value, b' ')?;
            }
        }
    }
    let rest = file.get_mut(end..)?;
    if memchr::memmem::find(rest, b"%%EOF").is_none() {
        // It ends within an object, which no viewer shows, or within the table of all of them, which viewers make anew.
        rest.fill(b' ');
    }
    Some(())
}

/// Where the text of a value lies: in brackets, or in an object of its own.
fn value(file: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at + blanks(file, at)?;
    let rest = file.get(start..)?;
    match rest.first()? {
        b'(' | b'<' => text(file, start),
        b'0'..=b'9' => {
            // A number, a generation, `R`: the object of that name.
            let length = rest.iter().take(24).position(|byte| *byte == b'R')?;
            let name = rest.get(..length)?.trim_ascii();
            let is_name = name.iter().all(|b| b.is_ascii_digit() || *b == b' ');
            is_name.then_some(())?;
            let object = [name, b" obj"].concat();
            let place = memchr::memmem::find_iter(file, &object).find(|place| {
                let before = place.checked_sub(1).and_then(|at| file.get(at));
                !before.is_some_and(u8::is_ascii_digit)
            })?;
            let body = place + object.len();
            text(file, body + blanks(file, body)?)
        }
        _ => None,
    }
}

/// How many blanks stand at a place.
fn blanks(file: &[u8], at: usize) -> Option<usize> {
    let rest = file.get(at..)?.iter();
    Some(rest.take_while(|byte| byte.is_ascii_whitespace()).count())
}

/// A text in brackets, without them; one that is cut off goes on to the end.
fn text(file: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = file.get(start + 1..)?;
    let (mut depth, mut escaped) = (1_usize, false);
    let length = match file.get(start)? {
        b'<' if rest.first() != Some(&b'<') => rest.iter().position(|byte| *byte == b'>'),
        b'(' => rest.iter().position(|byte| {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            depth == 0
        }),
        _ => return None,
    };
    Some(start + 1..start + 1 + length.unwrap_or(rest.len()))
}
