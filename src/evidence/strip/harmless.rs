//! The few kinds of files that are served as they are: they hold no recordings, or nobody could examine them changed.
//! The content alone says which they are. Whatever is not listed here may hold a photo.

use super::known;

/// Signs that are packed into a text, in lines of mails or in one: fewer hold no photo.
const PACKED: usize = 400;
/// A line that the next one goes on from.
const LINE: usize = 60;
/// What programs begin with: Linux, Android, Java, macOS and iOS; a signed extension of a browser.
const PROGRAMS: &[&[u8]] = &[
    b"\x7fELF",
    b"dex\n0",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"Cr24",
];
/// Ways in which a bitmap of Windows holds its pixels itself.
const PIXELS: &[u32] = &[0, 1, 2, 3, 6];

/// Whether a file has no place for what tells of place, time and device, or must not be changed.
pub fn is_harmless(file: &[u8]) -> bool {
    let is_plain = || is_bitmap(file) || is_text(file) && !packs(file);
    is_program(file) || is_plain() && known::overwrite(file.to_vec()) == file
}

/// Whether a program begins like this.
pub fn is_program(head: &[u8]) -> bool {
    PROGRAMS.iter().any(|known| head.starts_with(known)) || is_of_windows(head)
}

/// Windows: the old program that says so, and where the new one stands.
fn is_of_windows(head: &[u8]) -> bool {
    let place = || usize::try_from(long(head, 0x3c)?).ok();
    let begins = |at| head.get(at..).is_some_and(|new| new.starts_with(b"PE\0\0"));
    head.starts_with(b"MZ") && place().is_some_and(begins)
}

/// Whether it is a bitmap of Windows and nothing behind it.
fn is_bitmap(file: &[u8]) -> bool {
    let ends = || usize::try_from(long(file, 2)?).ok();
    // The oldest has no choice.
    let holds = || match long(file, 14)? {
        12 => Some(true),
        _ => Some(PIXELS.contains(&long(file, 30)?)),
    };
    file.starts_with(b"BM") && ends() == Some(file.len()) && holds() == Some(true)
}

/// Whether it is text in UTF-8.
fn is_text(file: &[u8]) -> bool {
    let is_seen = |sign: char| !sign.is_control() || "\t\n\r\x0c".contains(sign);
    std::str::from_utf8(file).is_ok_and(|text| text.chars().all(is_seen))
}

/// Whether something else is packed into a text (Base64), such as a picture into a page or a mail.
pub fn packs(text: &[u8]) -> bool {
    let (mut run, mut line) = (0_usize, 0_usize);
    for sign in text {
        match sign {
            // The stroke stands before others where a text lies within a text.
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'+' | b'/' | b'-' | b'_' | b'=' | b'\\' => {
                (run, line) = (run + 1, line + 1);
                if run == PACKED {
                    return true;
                }
            }
            b'\r' => {}
            b'\n' if line >= LINE => line = 0,
            // Lines of a card of contacts begin with a blank.
            b' ' | b'\t' if line == 0 && run > 0 => {}
            _ => (run, line) = (0, 0),
        }
    }
    memchr::memmem::find(text, b";base64,").is_some()
}

fn long(file: &[u8], at: usize) -> Option<u32> {
    let bytes = file.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}
