//! Reading numbers out of hostile bytes, and blanking parts of them in place.

use std::ops::Range;

/// A big-endian number of `N` bytes, at most eight.
pub fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let part = bytes.get(at..at.checked_add(N)?)?;
    Some(part.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

/// The same as an offset.
pub fn offset<const N: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(number::<N>(bytes, at)?).ok()
}

/// Fills a part.
pub fn fill(bytes: &mut [u8], part: Range<usize>, with: u8) -> Option<()> {
    bytes.get_mut(part)?.fill(with);
    Some(())
}

/// Where a pattern first stands at or after a place.
pub fn find(bytes: &[u8], from: usize, pattern: &[u8]) -> Option<usize> {
    Some(from + memchr::memmem::find(bytes.get(from..)?, pattern)?)
}
