//! The copy that is served of a file: picture, sound or text without what tells of place, time and device.
//!
//! Of pictures, sound and video only what is listed stays. Where no maintained crate removes the rest without
//! writing the file anew, it is overwritten where it stands, which moves nothing. Of a PDF what is known to be
//! metadata is overwritten. Of a file that cannot be told apart, or is of a kind that is not known to be harmless, what is
//! known is overwritten, and it is said that nobody can know whether that was all.

mod aiff;
mod amr;
mod archive;
mod asf;
mod avi;
mod bytes_at;
mod damaged;
mod flv;
mod gif;
mod harmless;
mod iso;
mod jpeg;
mod known;
mod pdf;
mod raf;
mod sound;
#[cfg(test)]
mod tests;
mod tiff;
mod wave;
mod webm;

use bytes::Bytes;
use img_parts::ImageEncoder;
use img_parts::png::Png;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;

use super::kind;

/// Chunks of a PNG that only say how to paint it (W3C PNG, third edition).
const PNG: &[&[u8; 4]] = &[
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"bKGD", b"pHYs", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT",
];
/// The same of a WebP (RFC 9649).
const WEBP: &[&[u8; 4]] = &[
    b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP",
];
/// Those of one picture of a moving one.
const WEBP_FRAME: &[&[u8; 4]] = &[b"VP8 ", b"VP8L", b"ALPH"];
/// Bits of `VP8X` that announce Exif and XMP.
const WEBP_EXIF_XMP: u8 = 0b0000_1100;

/// Types whose metadata can be removed.
const REMOVABLE: &[&str] = &[
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/heic",
    "image/avif",
    "image/gif",
    "image/tiff",
    "image/x-canon-cr2",
    "image/x-olympus-orf",
    "image/x-panasonic-rw2",
    "image/x-fuji-raf",
    "application/pdf",
    "video/mp4",
    "video/quicktime",
    "video/3gpp",
    "video/webm",
    "video/x-matroska",
    "video/x-msvideo",
    "video/x-ms-wmv",
    "video/x-flv",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/amr",
    "audio/x-wav",
    "audio/x-flac",
    "audio/x-aiff",
];
/// Whether metadata can be removed from a type.
pub fn removable(media_type: &str) -> bool {
    REMOVABLE.contains(&media_type) || is_archive(media_type)
}

/// Whether files of a type hold files.
fn is_archive(media_type: &str) -> bool {
    archive::TYPES.contains(&media_type)
}

/// Types that a text, a bitmap or a program may look like at its beginning. Every other one that is not cleaned may hold
/// what tells of place, time and device.
const PLAIN: &[&str] = &[
    kind::UNKNOWN,
    "text/html",
    "text/xml",
    "text/x-shellscript",
    "image/bmp",
    "application/x-executable",
    "application/x-mach-binary",
    "application/vnd.microsoft.portable-executable",
    "application/vnd.android.dex",
    "application/java",
    "application/x-google-chrome-extension",
];

/// Whether a file has no place for what tells of place, time and device, or must not be changed: it is served as it
/// is.
fn is_harmless(media_type: &str, file: &[u8]) -> bool {
    PLAIN.contains(&media_type) && harmless::is_harmless(file)
}

/// What is served of a file.
pub enum Copy {
    /// Without metadata.
    Clean(Bytes),
    /// As it is stored: there is no place for metadata in it, or to change it would spoil it.
    Stored(Bytes),
    /// Without what is known of metadata. Whether that was all of it nobody can say.
    Doubtful(Bytes),
}

/// What is served of a file of a type.
pub fn copy(media_type: &str, file: Bytes) -> Copy {
    if is_archive(media_type) {
        return archive::clean(file.clone()).unwrap_or_else(|| doubtful(media_type, file));
    }
    match metadata(media_type, file.clone()) {
        Some(clean) => Copy::Clean(clean),
        None if is_harmless(media_type, &file) => Copy::Stored(file),
        None => doubtful(media_type, file),
    }
}

fn doubtful(media_type: &str, file: Bytes) -> Copy {
    Copy::Doubtful(damaged::overwrite(media_type, file.into()).into())
}

/// The file without metadata; `None` where it cannot be told apart.
fn metadata(media_type: &str, file: Bytes) -> Option<Bytes> {
    match media_type {
        "image/jpeg" => jpeg::clean(&file),
        "image/png" => png(file),
        "image/webp" => webp(file),
        "image/heic" | "image/avif" | "video/mp4" | "video/quicktime" | "video/3gpp"
        | "audio/mp4" => iso::clean(file.into()).map(Bytes::from),
        "image/tiff" => tiff::clean(&file, &tiff::PLAIN).map(Bytes::from),
        "image/x-canon-cr2" => tiff::clean(&file, &tiff::CR2).map(Bytes::from),
        "image/x-olympus-orf" => tiff::clean(&file, &tiff::ORF).map(Bytes::from),
        "image/x-panasonic-rw2" => tiff::clean(&file, &tiff::RW2).map(Bytes::from),
        "image/x-fuji-raf" => raf::clean(&file).map(Bytes::from),
        "video/x-ms-wmv" => asf::clean(file.into()).map(Bytes::from),
        "video/x-flv" => flv::clean(&file).map(Bytes::from),
        "audio/x-aiff" => aiff::clean(&file),
        "video/x-msvideo" => avi::clean(file.into()).map(Bytes::from),
        "video/webm" | "video/x-matroska" => webm::clean(file.into()).map(Bytes::from),
        "audio/mpeg" => sound::mp3(file.into()).map(Bytes::from),
        "audio/ogg" => sound::ogg(file.into()).map(Bytes::from),
        "audio/amr" => amr::clean(&file).map(|length| file.slice(..length)),
        "image/gif" => gif::clean(&file),
        "audio/x-wav" => wave::wav(&file),
        "audio/x-flac" => wave::flac(&file),
        "application/pdf" => pdf::clean(file.into()).map(Bytes::from),
        _ => None,
    }
}

fn png(file: Bytes) -> Option<Bytes> {
    let mut image = Png::from_bytes(file).ok()?;
    image
        .chunks_mut()
        .retain(|chunk| PNG.contains(&&chunk.kind()));
    Some(ImageEncoder::from(image).bytes())
}

fn webp(file: Bytes) -> Option<Bytes> {
    let mut image = WebP::from_bytes(file).ok()?;
    let chunks = image.chunks_mut();
    chunks.retain(|chunk| WEBP.contains(&&chunk.id()));
    for chunk in chunks {
        let data = match &chunk.id() {
            b"VP8X" => {
                let mut data = chunk.content().data()?.to_vec();
                *data.first_mut()? &= !WEBP_EXIF_XMP;
                data
            }
            b"ANMF" => webp_frame(chunk.content().data()?)?,
            _ => continue,
        };
        *chunk = RiffChunk::new(chunk.id(), RiffContent::Data(data.into()));
    }
    Some(image.encoder().bytes())
}

/// One picture of a moving one: its place and time, and chunks of its own.
fn webp_frame(frame: &[u8]) -> Option<Vec<u8>> {
    let mut out = frame.get(..16)?.to_vec();
    let mut at = 16;
    while at < frame.len() {
        let kind = frame.get(at..at + 4)?;
        let length = u32::from_le_bytes(frame.get(at + 4..at + 8)?.try_into().ok()?);
        let length = usize::try_from(length).ok()?.checked_next_multiple_of(2)?;
        let end = at.checked_add(8)?.checked_add(length)?;
        let chunk = frame.get(at..end)?;
        if WEBP_FRAME.iter().any(|known| known.as_slice() == kind) {
            out.extend_from_slice(chunk);
        }
        at = end;
    }
    Some(out)
}
