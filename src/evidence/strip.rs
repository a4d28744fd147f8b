//! The copy that is served of a file: picture, sound or text without what tells of place, time and device.
//!
//! Of JPEG, PNG and WebP only what is listed stays. For the other kinds no maintained crate removes
//! metadata without writing the file anew; theirs is overwritten where it stands, which moves nothing.
//! What a file holds that cannot be told apart is not served at all unless it shows no mark of metadata.

mod bytes_at;
mod iso;
mod pdf;
mod sound;
#[cfg(test)]
mod tests;
mod webm;

use bytes::Bytes;
use img_parts::ImageEncoder;
use img_parts::jpeg::Jpeg;
use img_parts::png::Png;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;

/// Chunks of a PNG that only say how to paint it (W3C PNG, third edition).
const PNG: &[&[u8; 4]] = &[
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"bKGD", b"pHYs", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT",
];
/// The same of a WebP (RFC 9649).
const WEBP: &[&[u8; 4]] = &[
    b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP",
];
/// Bits of `VP8X` that announce Exif and XMP.
const WEBP_EXIF_XMP: u8 = 0b0000_1100;

const SOS: u8 = 0xda;
const EOI: u8 = 0xd9;

/// Types whose metadata can be removed.
const REMOVABLE: &[&str] = &[
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/heic",
    "application/pdf",
    "video/mp4",
    "video/quicktime",
    "video/3gpp",
    "video/webm",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/amr",
];
/// Types that are made of metadata as much as of a picture, and that nothing here can clean.
const WITHHELD: &[&str] = &[
    "image/tiff",
    "image/x-canon-cr2",
    "image/vnd.ms-photo",
    "image/avif",
];
/// What files begin notes on place, device and author with.
const MARKS: &[&[u8]] = &[
    b"Exif\0\0",
    b"ns.adobe.com/x",
    b"xmpmeta",
    b"eXIf",
    b"tEXt",
    b"iTXt",
    b"zTXt",
    b"TAG",
    b"udta",
    b"\xa9xyz",
    b"hdlr",
    b"/Info",
    b"/Metadata",
    b"OpusTags",
    b"\x03vorbis",
    b"\x12\x54\xc3\x67",
];

/// Whether metadata can be removed from a type.
pub fn removable(media_type: &str) -> bool {
    REMOVABLE.contains(&media_type)
}

/// Whether a file of which no clean copy could be made may be served as it is.
pub fn is_harmless(media_type: &str, file: &[u8]) -> bool {
    let marked = || {
        MARKS
            .iter()
            .any(|mark| bytes_at::find(file, 0, mark).is_some())
    };
    if removable(media_type) {
        return !marked();
    }
    !WITHHELD.contains(&media_type)
}

/// The file without metadata; `None` where it cannot be told apart.
pub fn metadata(media_type: &str, file: Bytes) -> Option<Bytes> {
    match media_type {
        "image/jpeg" => jpeg(file),
        "image/png" => png(file),
        "image/webp" => webp(file),
        "image/heic" | "video/mp4" | "video/quicktime" | "video/3gpp" | "audio/mp4" => {
            iso::clean(file.into()).map(Bytes::from)
        }
        "video/webm" => webm::clean(file.into()).map(Bytes::from),
        "audio/mpeg" => sound::mp3(file.into()).map(Bytes::from),
        "audio/ogg" => sound::ogg(file.into()).map(Bytes::from),
        // There is room for nothing but sound (RFC 4867 §5).
        "audio/amr" => Some(file),
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
    for chunk in chunks.iter_mut().filter(|chunk| &chunk.id() == b"VP8X") {
        let mut data = chunk.content().data()?.to_vec();
        *data.first_mut()? &= !WEBP_EXIF_XMP;
        *chunk = RiffChunk::new(*b"VP8X", RiffContent::Data(data.into()));
    }
    Some(image.encoder().bytes())
}

fn jpeg(file: Bytes) -> Option<Bytes> {
    let mut image = Jpeg::from_bytes(file).ok()?;
    image
        .segments_mut()
        .retain(|segment| stays(segment.marker(), segment.contents()));
    let pieces = ImageEncoder::from(image).bytes();
    let start = scan_start(&pieces)?;
    let (head, scans) = pieces.split_at_checked(start)?;
    let mut out = head.to_vec();
    picture(scans, &mut out)?;
    Some(out.into())
}

/// Application data other than JFIF, the colour profile and Adobe's colour transform is metadata;
/// so are comments.
fn stays(marker: u8, contents: &[u8]) -> bool {
    match marker {
        0xe0 => contents.starts_with(b"JFIF\0"),
        0xe2 => contents.starts_with(b"ICC_PROFILE\0"),
        0xee => contents.starts_with(b"Adobe"),
        0xe1..=0xef | 0xfe => false,
        _ => true,
    }
}

/// Where the data of the first scan begins.
fn scan_start(jpeg: &[u8]) -> Option<usize> {
    let mut at = 2_usize;
    loop {
        let marker = *jpeg.get(at + 1)?;
        let length = usize::from(u16::from_be_bytes([*jpeg.get(at + 2)?, *jpeg.get(at + 3)?]));
        at = at.checked_add(2 + length)?;
        if marker == SOS {
            return Some(at);
        }
    }
}

/// Copies the scans up to the end of the picture: what stands between them as metadata and what
/// follows the end, such as a second picture with Exif of its own, stays behind.
fn picture(scans: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut at = 0_usize;
    loop {
        let byte = *scans.get(at)?;
        if byte != 0xff {
            out.push(byte);
            at += 1;
            continue;
        }
        let marker = *scans.get(at + 1)?;
        match marker {
            // A stuffed byte or a restart belongs to the scan.
            0x00 | 0x01 | 0xd0..=0xd7 => {
                out.extend([byte, marker]);
                at += 2;
            }
            0xff => at += 1,
            EOI => {
                out.extend([byte, marker]);
                return Some(());
            }
            _ => {
                let length = [*scans.get(at + 2)?, *scans.get(at + 3)?];
                let end = at + 2 + usize::from(u16::from_be_bytes(length));
                let segment = scans.get(at..end)?;
                if stays(marker, segment.get(4..)?) {
                    out.extend_from_slice(segment);
                }
                at = end;
            }
        }
    }
}
