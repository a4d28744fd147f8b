//! A sorted run of records in a file without a name. What is asked for stays in the kernel's page
//! cache, which gives it up when memory is short; the process itself keeps only where each range of
//! hashes begins and one byte of each hash, three to five bytes a record.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// SHA-256 of `kind:value`.
pub type Key = [u8; 32];
/// What is said of a key, packed.
pub type Packed = [u8; 8];

const RECORD: usize = size_of::<Key>() + size_of::<Packed>();
/// The bits by which hashes are asked for: five hexadecimal characters.
const PREFIX_BITS: u32 = 20;

/// Records in the order of their keys, never changed.
#[derive(Default)]
pub struct Run {
    file: Option<File>,
    /// Number of the first record of each range; one more than there are ranges.
    starts: Vec<u32>,
    /// A byte of each key: of what is not there, hardly anything is read from the file.
    tags: Vec<u8>,
    bits: u32,
    len: u32,
}

impl Run {
    /// Number of records.
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// What is said of a key.
    pub fn get(&self, key: &Key) -> io::Result<Option<Packed>> {
        let (Some(file), Some((from, to))) = (&self.file, self.bounds(prefix_of(key))) else {
            return Ok(None);
        };
        for number in from..to {
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            if self.tags.get(at) != Some(&tag(key)) {
                continue;
            }
            let mut record = [0; RECORD];
            file.read_exact_at(&mut record, offset(number))?;
            if let Some((_, packed)) = records(&record).find(|(known, _)| known == key) {
                return Ok(Some(packed));
            }
        }
        Ok(None)
    }

    /// Everything under 20 bits, in order.
    pub fn under(&self, prefix: u32) -> io::Result<Vec<(Key, Packed)>> {
        let range = self.range(prefix)?;
        Ok(records(&range)
            .filter(|(key, _)| prefix_of(key) == prefix)
            .collect())
    }

    /// The records of the range that holds a prefix; there are about two.
    fn range(&self, prefix: u32) -> io::Result<Vec<u8>> {
        let (Some(file), Some((from, to))) = (&self.file, self.bounds(prefix)) else {
            return Ok(Vec::new());
        };
        let count = usize::try_from(to - from).unwrap_or_default();
        let mut bytes = vec![0; count * RECORD];
        file.read_exact_at(&mut bytes, offset(from))?;
        Ok(bytes)
    }

    /// The numbers of the first record of the range that holds a prefix, and of the first behind it.
    fn bounds(&self, prefix: u32) -> Option<(u32, u32)> {
        let range = usize::try_from(prefix >> (PREFIX_BITS - self.bits)).ok()?;
        let [from, to] = self.starts.get(range..)?.first_chunk()?;
        Some((*from, *to))
    }

    /// This run with changes, as a new one: what has nothing said of it any more is left out.
    pub fn merged(&self, changes: &BTreeMap<Key, Option<Packed>>, dir: &Path) -> io::Result<Self> {
        let changed = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        let mut writer = Writer::new(dir, self.len.saturating_add(changed))?;
        let mut changes = changes.iter().peekable();
        let mut old = self.reader();
        for _ in 0..self.len {
            let mut record = [0; RECORD];
            old.read_exact(&mut record)?;
            let Some((key, packed)) = records(&record).next() else {
                continue;
            };
            while let Some((changed, new)) = changes.next_if(|(changed, _)| **changed < key) {
                writer.push_if(changed, *new)?;
            }
            match changes.next_if(|(changed, _)| **changed == key) {
                Some((_, new)) => writer.push_if(&key, *new)?,
                None => writer.push(&key, packed)?,
            }
        }
        for (changed, new) in changes {
            writer.push_if(changed, *new)?;
        }
        writer.finish()
    }

    fn reader(&self) -> impl Read {
        let from_start = FromStart {
            file: self.file.as_ref(),
            at: 0,
        };
        BufReader::with_capacity(1 << 16, from_start)
    }
}

/// Reads a file without moving the place that others read from.
struct FromStart<'a> {
    file: Option<&'a File>,
    at: u64,
}

impl Read for FromStart<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.file.map_or(Ok(0), |file| file.read_at(to, self.at))?;
        self.at += u64::try_from(read).unwrap_or_default();
        Ok(read)
    }
}

/// Writes a run, record after record.
pub struct Writer {
    out: BufWriter<File>,
    starts: Vec<u32>,
    tags: Vec<u8>,
    bits: u32,
    len: u32,
}

impl Writer {
    /// A new run of about so many records in a directory; its file has no name and goes with the process.
    /// A smaller run has wider ranges, so that they cost it no more a record.
    pub fn new(dir: &Path, expected: u32) -> io::Result<Self> {
        let bits = expected.checked_ilog2().unwrap_or_default();
        let bits = bits.min(PREFIX_BITS);
        Ok(Self {
            out: BufWriter::with_capacity(1 << 16, tempfile::tempfile_in(dir)?),
            starts: Vec::with_capacity((1 << bits) + 1),
            tags: Vec::with_capacity(usize::try_from(expected).unwrap_or_default()),
            bits,
            len: 0,
        })
    }

    /// Adds a record; keys come in order.
    pub fn push(&mut self, key: &Key, packed: Packed) -> io::Result<()> {
        let range = prefix_of(key) >> (PREFIX_BITS - self.bits);
        let range = usize::try_from(range).unwrap_or(usize::MAX);
        if self.starts.len() <= range {
            self.starts.resize(range + 1, self.len);
        }
        self.tags.push(tag(key));
        self.out.write_all(key)?;
        self.out.write_all(&packed)?;
        self.len = self.len.checked_add(1).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(())
    }

    fn push_if(&mut self, key: &Key, packed: Option<Packed>) -> io::Result<()> {
        packed.map_or(Ok(()), |packed| self.push(key, packed))
    }

    /// The run.
    pub fn finish(mut self) -> io::Result<Run> {
        self.starts.resize((1 << self.bits) + 1, self.len);
        Ok(Run {
            file: Some(self.out.into_inner().map_err(|e| e.into_error())?),
            starts: self.starts,
            tags: self.tags,
            bits: self.bits,
            len: self.len,
        })
    }
}

fn records(bytes: &[u8]) -> impl Iterator<Item = (Key, Packed)> {
    bytes.chunks_exact(RECORD).filter_map(|record| {
        let (key, packed) = record.split_first_chunk()?;
        Some((*key, packed.try_into().ok()?))
    })
}

/// A byte in which the keys of one range differ.
fn tag(key: &Key) -> u8 {
    let [.., last] = *key;
    last
}

fn offset(record: u32) -> u64 {
    u64::from(record).saturating_mul(u64::try_from(RECORD).unwrap_or_default())
}

/// The first 20 bits of a key.
pub fn prefix_of(key: &Key) -> u32 {
    let [a, b, c, ..] = *key;
    u32::from_be_bytes([0, a, b, c]) >> 4
}

/// A key with its first 20 bits replaced by a prefix.
pub fn under(prefix: u32, mut key: Key) -> Key {
    let [_, a, b, c] = (prefix << 4).to_be_bytes();
    let [first, second, third, ..] = &mut key;
    (*first, *second, *third) = (a, b, c | (*third & 0x0f));
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Few different first bytes, so that ranges hold several keys and others none.
    fn key() -> impl Strategy<Value = Key> {
        (0_u8..4, 0_u8..3, any::<[u8; 2]>()).prop_map(|(a, b, rest)| {
            let mut key = [0; 32];
            key[0] = a * 80;
            key[2] = b * 16;
            key[30..].copy_from_slice(&rest);
            key
        })
    }

    fn changes() -> impl Strategy<Value = BTreeMap<Key, Option<Packed>>> {
        prop::collection::btree_map(key(), prop::option::of(any::<Packed>()), 0..60)
    }

    proptest! {
        #[test]
        fn a_run_with_changes_is_the_map_with_changes(steps in prop::collection::vec(changes(), 1..5), other in key()) {
            let dir = std::env::temp_dir();
            let mut run = Run::default();
            let mut map: BTreeMap<Key, Packed> = BTreeMap::new();
            for step in steps {
                run = run.merged(&step, &dir).unwrap();
                for (key, packed) in step {
                    match packed {
                        Some(packed) => map.insert(key, packed),
                        None => map.remove(&key),
                    };
                }
                prop_assert_eq!(usize::try_from(run.len()).unwrap(), map.len());
                prop_assert_eq!(run.get(&other).unwrap(), map.get(&other).copied());
                for (key, packed) in &map {
                    prop_assert_eq!(run.get(key).unwrap(), Some(*packed));
                    let known: Vec<_> = map.iter().filter(|(k, _)| prefix_of(k) == prefix_of(key)).map(|(k, p)| (*k, *p)).collect();
                    prop_assert_eq!(run.under(prefix_of(key)).unwrap(), known);
                }
            }
        }
    }

    #[test]
    fn the_edges_of_all_hashes_are_found() {
        let all: BTreeMap<Key, Option<Packed>> =
            [[0; 32], [255; 32]].map(|key| (key, Some([7; 8]))).into();
        let run = Run::default().merged(&all, &std::env::temp_dir()).unwrap();
        assert_eq!(run.get(&[0; 32]).unwrap(), Some([7; 8]));
        assert_eq!(run.under(0xf_ffff).unwrap(), [([255; 32], [7; 8])]);
        assert_eq!(under(0xf_ffff, [0x5a; 32])[..4], [255, 255, 0xfa, 0x5a]);
    }
}
