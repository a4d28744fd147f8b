//! GIF (89a): the pictures, how long each is shown and how often all of them.

use bytes::Bytes;

use super::bytes_at::fill;

/// Applications whose block says how often the pictures are shown.
const LOOPS: &[&[u8]] = &[b"NETSCAPE2.0", b"ANIMEXTS1.0"];

/// The pictures without comments, texts and other programs' blocks; `None` where they cannot be told apart.
pub fn clean(file: &[u8]) -> Option<Bytes> {
    (file.starts_with(b"GIF87a") || file.starts_with(b"GIF89a")).then_some(())?;
    let mut at = 13 + colours(*file.get(10)?);
    let mut out = file.get(..at)?.to_vec();
    let mut shows = false;
    loop {
        let start = at;
        let stays = match file.get(at) {
            Some(0x21) => {
                let label = *file.get(at + 1)?;
                at = blocks(file, at + 2)?;
                let named = file.get(start + 3..start + 14);
                match label {
                    // How long, and what is seen through.
                    0xf9 => at - start == 8,
                    0xff => {
                        LOOPS.contains(&named?)
                            && at - start == 19
                            && file.get(start + 14) == Some(&3)
                    }
                    _ => false,
                }
            }
            Some(0x2c) => {
                let pixels = at + 11 + colours(*file.get(at + 9)?);
                at = blocks(file, pixels)?;
                shows = true;
                true
            }
            // Some writers leave out the end.
            Some(0x3b) | None => break,
            _ => return None,
        };
        if stays {
            out.extend_from_slice(file.get(start..at)?);
        }
    }
    out.push(0x3b);
    shows.then(|| out.into())
}

/// The length of a table of colours, by the byte that announces it.
fn colours(packed: u8) -> usize {
    if packed & 0x80 == 0 {
        0
    } else {
        6 << (packed & 7)
    }
}

/// Where a row of blocks ends.
fn blocks(file: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*file.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

/// Blanks comments, texts and other programs' blocks of a file that is cut off or damaged, up to there.
pub fn damaged(file: &mut [u8]) -> Option<()> {
    let mut at = 13 + colours(*file.get(10)?);
    loop {
        match *file.get(at)? {
            0x21 => {
                let label = *file.get(at + 1)?;
                let named = file.get(at + 3..at + 14);
                let stays = label == 0xf9 || named.is_some_and(|name| LOOPS.contains(&name));
                at += 2;
                loop {
                    let length = usize::from(*file.get(at)?);
                    let end = at + 1 + length;
                    if !stays {
                        let cut = end.min(file.len());
                        fill(file, at + 1..cut, 0)?;
                    }
                    at = end;
                    if length == 0 {
                        break;
                    }
                }
            }
            0x2c => at = blocks(file, at + 11 + colours(*file.get(at + 9)?))?,
            _ => {
                let end = file.len();
                return fill(file, at..end, 0);
            }
        }
    }
}
