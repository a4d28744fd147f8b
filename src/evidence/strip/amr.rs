//! AMR (RFC 4867 §5): frames of speech one after the other, and nothing else.

/// Bytes of a frame by its type, with the byte that says so; none where the type is not used.
const NARROW: [usize; 16] = [13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1];
const WIDE: [usize; 16] = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1];

/// How much of a file is speech; `None` where it is not of one channel, or there is none.
pub fn clean(file: &[u8]) -> Option<usize> {
    let (head, sizes) = if file.starts_with(b"#!AMR-WB\n") {
        (9, WIDE)
    } else if file.starts_with(b"#!AMR\n") {
        (6, NARROW)
    } else {
        return None;
    };
    let mut at = head;
    while let Some(byte) = file.get(at) {
        let size = *sizes.get(usize::from(byte >> 3 & 15))?;
        // Its first bit and its last two are always nought.
        let is_frame = byte & 0b1000_0011 == 0 && size > 0;
        match at.checked_add(size).filter(|end| *end <= file.len()) {
            Some(end) if is_frame => at = end,
            _ => break,
        }
    }
    (at > head).then_some(at)
}
