//! What a file is, by its content alone.

/// Media types that browsers and viewers may show (contract §3); everything else only downloads.
const PREVIEWED: &[(&str, &str)] = &[
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/webp", "webp"),
    ("image/heic", "heic"),
    ("application/pdf", "pdf"),
    ("video/mp4", "mp4"),
    ("audio/mpeg", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/ogg", "ogg"),
    ("audio/amr", "amr"),
    ("video/3gpp", "3gp"),
    ("video/webm", "webm"),
];

/// How many bytes of a file are looked at.
pub const HEAD: usize = 8 * 1024;

/// In which of them Matroska says whether it is one or a WebM.
const EBML: usize = 64;

/// The type of what is not known.
pub const UNKNOWN: &str = "application/octet-stream";

/// The media type of a file that starts like this.
pub fn of(head: &[u8]) -> &'static str {
    // 'ftyp' at 4, then the brand (ISO 14496-12; 3GPP TS 26.244).
    if head.get(4..8) == Some(b"ftyp") && head.get(8..11) == Some(b"3gp") {
        return "video/3gpp";
    }
    // Its first two bytes are also those of a script (RFC 4867 §5).
    if head.starts_with(b"#!AMR") {
        return "audio/amr";
    }
    // Camera originals are built as TIFF; some makers write a mark of their own in its place.
    match head.get(..4) {
        Some(b"II*\0") if head.get(8..10) == Some(b"CR") => return "image/x-canon-cr2",
        Some(b"II*\0" | b"MM\0*" | b"II+\0" | b"MM\0+") => return "image/tiff",
        Some(b"IIRO" | b"IIRS" | b"MMOR") => return "image/x-olympus-orf",
        Some(b"IIU\0") => return "image/x-panasonic-rw2",
        // However little of it came.
        Some(b"\x1a\x45\xdf\xa3") => {
            let start = head.get(..EBML).unwrap_or(head);
            let named = memchr::memmem::find(start, b"matroska").is_some();
            return if named {
                "video/x-matroska"
            } else {
                "video/webm"
            };
        }
        Some(b"FUJI") if head.starts_with(b"FUJIFILMCCD-RAW") => return "image/x-fuji-raf",
        _ => {}
    }
    match infer::get(head).map(|kind| kind.mime_type()) {
        Some("image/heif") => "image/heic",
        Some("audio/m4a" | "audio/x-m4a") => "audio/mp4",
        Some("video/x-m4v") => "video/mp4",
        Some("audio/opus") => "audio/ogg",
        Some(known) => known,
        None if is_boxes(head) => "video/mp4",
        None => UNKNOWN,
    }
}

/// Whether it begins with a box of a video (ISO 14496-12, QuickTime), whatever brand it names: what is not
/// known to be one would be served with its metadata.
fn is_boxes(head: &[u8]) -> bool {
    let first: &[&[u8]] = &[
        b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"wide", b"free", b"skip", b"pnot", b"sidx",
    ];
    head.get(4..8).is_some_and(|kind| first.contains(&kind))
}

/// The type it is served with, and the ending of its name.
pub fn served(media_type: &str) -> (&'static str, &'static str) {
    PREVIEWED
        .iter()
        .find(|(known, _)| *known == media_type)
        .copied()
        .unwrap_or((UNKNOWN, "bin"))
}

/// Whether it may be shown and not only downloaded.
pub fn is_previewed(media_type: &str) -> bool {
    served(media_type).0 != UNKNOWN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides() {
        for (head, kind) in [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
            (b"%PDF-1.7", "application/pdf"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video/mp4"),
            (b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42", "audio/mp4"),
            (b"\0\0\0\x18ftyp3gp4\0\0\0\x003gp4isom", "video/3gpp"),
            (b"\0\0\0\x18ftypXAVC\0\0\0\0XAVCmp42", "video/mp4"),
            (b"\0\0\0\x18stypmsdh\0\0\0\0msdhmsix", "video/mp4"),
            (b"\0\0\0\x08wide\0\0\0\x10", "video/mp4"),
            (b"II*\0\x08\0\0\0", "image/tiff"),
            (b"MM\0+\0\x08\0\0", "image/tiff"),
            (b"II*\0\x10\0\0\0CR\x02\0", "image/x-canon-cr2"),
            (b"IIRO\x08\0\0\0", "image/x-olympus-orf"),
            (b"#!AMR\n\x3c", "audio/amr"),
            (b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm", "video/webm"),
            (
                b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska",
                "video/x-matroska",
            ),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0", "audio/ogg"),
            (b"<html><script>", "text/html"),
            (b"hello", UNKNOWN),
            (b"", UNKNOWN),
        ] {
            assert_eq!(of(head), kind, "{}", String::from_utf8_lossy(head));
        }
        assert!(!is_previewed("text/html") && !is_previewed("image/svg+xml"));
        assert_eq!(served("application/zip"), (UNKNOWN, "bin"));
    }
}
