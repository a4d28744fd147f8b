//! TIFF (6.0, BigTIFF) and camera originals that are built like it, such as DNG, NEF, ARW, CR2, ORF and RW2.
//!
//! Everything in such a file hangs on offsets from lists of tags. What the listed tags say and point to is copied to
//! where it stood, and nothing else: Exif, places, makers' notes, names, times, XMP and IPTC are left out with
//! whatever no list points to.

use std::collections::HashSet;
use std::ops::Range;

use super::jpeg;

/// Tags that only say how to paint the picture (TIFF 6.0, its supplements, DNG 1.7; 0xc640 places CR2's stripes).
const PAINTS: &[Range<u16>] = &[
    0x00fe..0x0104,
    0x0106..0x010b,
    0x0111..0x0113,
    0x0115..0x011d,
    0x0122..0x0126,
    0x0128..0x012a,
    0x012d..0x012e,
    0x013d..0x0146,
    0x014a..0x014b,
    0x014c..0x014d,
    0x014e..0x014f,
    0x0150..0x0151,
    0x0152..0x0157,
    0x015b..0x015c,
    0x0201..0x0203,
    0x0211..0x0215,
    0x828d..0x828f,
    0x8773..0x8774,
    0xc612..0xc614,
    0xc616..0xc623,
    0xc625..0xc62f,
    0xc632..0xc634,
    0xc640..0xc641,
    0xc65a..0xc65d,
    0xc68d..0xc68f,
    0xc714..0xc716,
    0xc740..0xc742,
    0xc74e..0xc74f,
];
/// Those among them that may hold bytes without a type: tables, colour profile, pattern of the sensor, corrections.
const BYTES: &[u16] = &[0x015b, 0x828e, 0x8773, 0xc740, 0xc741, 0xc74e];

const COMPRESSION: u16 = 0x0103;
const TABLES: u16 = 0x015b;
const LISTS: u16 = 0x014a;
/// Lists that hang on an entry of another: pictures, Exif, places, interoperability.
const LINKS: &[u16] = &[LISTS, 0x8769, 0x8825, 0xa005];
/// Where pictures lie, and how long they are: strips, tiles, a whole JPEG.
const PICTURES: &[(u16, u16)] = &[(0x0111, 0x0117), (0x0144, 0x0145), (JPEG, 0x0202)];
const JPEG: u16 = 0x0201;
/// Compressions that are JPEG.
const JPEGS: &[u64] = &[6, 7, 34892];

/// Lists, and values in all of them. Only a file made to cost time has more.
const MOST_LISTS: usize = 4_096;
const MOST_VALUES: usize = 4_000_000;
/// What an entry costs, in bytes that are blanked instead.
const ENTRY: usize = 32;
/// The longest value that is still one where it is cut off.
const LONGEST: usize = 1024 * 1024;

/// What of a TIFF paints it, by who wrote it.
pub struct Maker {
    /// Its mark in the place of TIFF's.
    marks: &'static [u64],
    /// Bytes of its head, unless it is a BigTIFF.
    head: usize,
    /// Tags that only say how to paint the picture.
    paints: &'static [Range<u16>],
    /// Those among them that may hold bytes without a type.
    bytes: &'static [u16],
    /// Lists that hang on an entry of another.
    lists: u16,
    /// Where pictures lie, and how long they are.
    pictures: &'static [(u16, u16)],
    /// An entry that is a whole JPEG itself.
    jpeg: Option<u16>,
}

/// TIFF as it is written down, and what keeps to it.
pub const PLAIN: Maker = Maker {
    marks: &[42, 43],
    head: 8,
    paints: PAINTS,
    bytes: BYTES,
    lists: LISTS,
    pictures: PICTURES,
    jpeg: None,
};
/// Canon's CR2: its head says where the raw picture's list is.
pub const CR2: Maker = Maker { head: 16, ..PLAIN };
/// Olympus' ORF: `RO`, `RS`.
pub const ORF: Maker = Maker {
    marks: &[0x4f52, 0x5352],
    ..PLAIN
};
/// Panasonic's RW2. Its tags have other meanings; the raw picture begins where one says and may go on to the end.
pub const RW2: Maker = Maker {
    marks: &[0x55],
    head: 24,
    // Sensor and its borders, bits, compression, limits; levels of black and white; format; crop; turn.
    paints: &[
        0x0002..0x000c,
        0x000e..0x0013,
        0x001c..0x001f,
        0x0024..0x0027,
        0x002d..0x0034,
        0x0111..0x0113,
        0x0116..0x0119,
    ],
    bytes: &[0x002e],
    lists: 0,
    pictures: &[(0x0118, 0x0117)],
    jpeg: Some(0x002e),
};
/// Fujifilm's list of a raw picture, inside a RAF.
pub const FUJI: Maker = Maker {
    marks: &[42],
    head: 8,
    paints: &[0xf000..0xf004, 0xf007..0xf00b, 0xf00c..0xf00f],
    bytes: &[],
    lists: 0xf000,
    pictures: &[(0xf007, 0xf008)],
    jpeg: None,
};

/// The numbers of a TIFF.
struct Reader<'a> {
    file: &'a [u8],
    little: bool,
    big: bool,
    maker: &'a Maker,
    /// Whether values that are cut off are taken as far as they go.
    cut: bool,
}

/// An entry of a list: its tag, and where its values lie.
struct Entry {
    tag: u16,
    kind: u16,
    whole: Range<usize>,
    values: Range<usize>,
}

/// A list of tags.
struct List {
    at: usize,
    entries: Vec<Entry>,
    /// Where it says which list comes next.
    link: Range<usize>,
}

impl<'a> Reader<'a> {
    /// `None` where it is no TIFF. Its first list follows.
    fn new(file: &'a [u8], maker: &'a Maker) -> Option<(Self, usize)> {
        let little = match file.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let mut reader = Self {
            file,
            little,
            big: false,
            maker,
            cut: false,
        };
        let mark = reader.number(2..4)?;
        maker.marks.contains(&mark).then_some(())?;
        reader.big = mark == 43;
        let first = if reader.big { 8..16 } else { 4..8 };
        let first = reader.offset(first)?;
        Some((reader, first))
    }

    fn number(&self, at: Range<usize>) -> Option<u64> {
        let add = |n, byte: &u8| n << 8 | u64::from(*byte);
        let bytes = self.file.get(at).filter(|bytes| bytes.len() <= 8)?;
        Some(if self.little {
            bytes.iter().rev().fold(0, add)
        } else {
            bytes.iter().fold(0, add)
        })
    }

    fn offset(&self, at: Range<usize>) -> Option<usize> {
        usize::try_from(self.number(at)?).ok()
    }

    /// The lengths of a list's number of entries, of an entry, and of an offset.
    fn sizes(&self) -> (usize, usize, usize) {
        if self.big { (8, 20, 8) } else { (2, 12, 4) }
    }

    /// A list as far as it lies in the file; entries whose values do not are left out.
    fn list(&self, at: usize) -> Option<List> {
        let (head, size, word) = self.sizes();
        let body = at.checked_add(head)?;
        let there = self.file.len().checked_sub(body)? / size;
        let count = self.offset(at..body)?.min(there);
        let end = body + count * size;
        let entries = (0..count).filter_map(|n| self.entry(body + n * size, size, word));
        Some(List {
            at,
            entries: entries.collect(),
            link: end..(end + word).min(self.file.len()),
        })
    }

    fn entry(&self, at: usize, size: usize, word: usize) -> Option<Entry> {
        let kind = u16::try_from(self.number(at + 2..at + 4)?).ok()?;
        let count = self.offset(at + 4..at + 4 + word)?;
        let length = count.checked_mul(width(kind)?)?;
        let place = at + 4 + word;
        let start = if length <= word {
            place
        } else {
            self.offset(place..place + word)?
        };
        let mut values = start..start.checked_add(length)?;
        if self.cut && length <= LONGEST && start < self.file.len() {
            values.end = values.end.min(self.file.len());
        }
        (values.end <= self.file.len()).then_some(Entry {
            tag: u16::try_from(self.number(at..at + 2)?).ok()?,
            kind,
            whole: at..at + size,
            values,
        })
    }

    /// The values of an entry as numbers.
    fn numbers(&self, entry: &Entry) -> impl Iterator<Item = u64> {
        let width = width(entry.kind).unwrap_or(1);
        let places = entry.values.clone().step_by(width);
        places.filter_map(move |at| self.number(at..at + width))
    }

    /// Lists that hang on these, beginning with the first; `follows` says which entries lead to others.
    fn lists(&self, first: usize, follows: &[u16]) -> Option<Vec<List>> {
        let (mut waiting, mut seen) = (vec![first], HashSet::new());
        let (mut found, mut values) = (Vec::new(), 0_usize);
        while let Some(at) = waiting.pop() {
            if at == 0 || !seen.insert(at) {
                continue;
            }
            let Some(list) = self.list(at) else { continue };
            values += list.entries.len();
            for entry in list.entries.iter().filter(|e| follows.contains(&e.tag)) {
                let known = self.numbers(entry).take(MOST_LISTS);
                let known = known.filter_map(|at| usize::try_from(at).ok());
                waiting.extend(known);
            }
            waiting.extend(self.offset(list.link.clone()));
            found.push(list);
            let few = found.len() <= MOST_LISTS && waiting.len() <= 16 * MOST_LISTS;
            (few && values <= MOST_VALUES).then_some(())?;
        }
        Some(found)
    }
}

/// The length of a value of a type.
fn width(kind: u16) -> Option<usize> {
    Some(match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => return None,
    })
}

impl Maker {
    /// Whether a tag only says how to paint the picture. None of them is text.
    fn paints(&self, entry: &Entry) -> bool {
        self.paints.iter().any(|tags| tags.contains(&entry.tag))
            && entry.kind != 2
            && (entry.kind != 7 || self.bytes.contains(&entry.tag))
    }
}

/// The pictures of a TIFF, each where it stood; `None` where it cannot be told apart or holds none.
pub fn clean(file: &[u8], maker: &Maker) -> Option<Vec<u8>> {
    let (out, shows) = painted(file, maker, false)?;
    shows.then_some(out)
}

/// The pictures of a TIFF that is cut off or damaged, as far as its lists can be read. Where none can be, nothing tells
/// what the rest is, and nothing of it is shown.
pub fn damaged(file: &[u8], maker: &Maker) -> Option<Vec<u8>> {
    let head = maker.head.min(file.len());
    let nothing = || {
        let mut out = vec![0; file.len()];
        copy(file, &mut out, 0..head)?;
        Some(out)
    };
    let painted = painted(file, maker, true);
    painted.map(|(out, _)| out).or_else(nothing)
}

/// What a TIFF is painted from, and whether there is a picture at all.
fn painted(file: &[u8], maker: &Maker, cut: bool) -> Option<(Vec<u8>, bool)> {
    let (reader, first) = Reader::new(file, maker)?;
    let mut out = vec![0; file.len()];
    let head = if reader.big { 16 } else { maker.head };
    copy(file, &mut out, 0..head)?;
    let lists = reader.lists(first, &[maker.lists])?;
    let (mut shows, mut cost) = (false, 0_usize);
    for list in &lists {
        for (part, is_jpeg) in pictures(&reader, list, &mut cost)? {
            // A list that names the same picture again and again only costs time.
            cost = cost.checked_add(part.len())?;
            (cost <= file.len().checked_mul(4)?.max(MOST_VALUES)).then_some(())?;
            copy(file, &mut out, part.clone())?;
            shows |= !part.is_empty();
            if is_jpeg {
                let part = out.get_mut(part)?;
                match jpeg::blank(part) {
                    None if cut => part.fill(0),
                    cleaned => cleaned?,
                }
            }
        }
    }
    for list in &lists {
        rewrite(&reader, list, &mut out)?;
    }
    Some((out, shows))
}

/// Where the pictures of a list lie, and which of them are JPEG.
fn pictures(
    reader: &Reader<'_>,
    list: &List,
    cost: &mut usize,
) -> Option<Vec<(Range<usize>, bool)>> {
    let maker = reader.maker;
    let entry = |tag: u16| {
        let mut entries = list.entries.iter();
        entries.find(|e| e.tag == tag && maker.paints(e))
    };
    let compression = entry(COMPRESSION).and_then(|e| reader.numbers(e).next());
    let packed = compression.is_some_and(|kind| JPEGS.contains(&kind));
    let mut found = Vec::new();
    if let Some(whole) = maker.jpeg.and_then(entry) {
        found.push((whole.values.clone(), true));
    }
    for (places, lengths) in maker.pictures {
        let (Some(at), Some(length)) = (entry(*places), entry(*lengths)) else {
            continue;
        };
        *cost = cost.checked_add(at.values.len())?;
        for (at, length) in reader.numbers(at).zip(reader.numbers(length)) {
            let (at, length) = (usize::try_from(at).ok()?, usize::try_from(length).ok()?);
            // What was cut off is shown as far as it goes.
            let end = at.checked_add(length)?.min(reader.file.len());
            if at < end {
                found.push((at..end, packed || *places == JPEG));
            }
        }
    }
    Some(found)
}

/// Writes a list with the entries that stay, one behind the other, and what they point to.
fn rewrite(reader: &Reader<'_>, list: &List, out: &mut [u8]) -> Option<()> {
    let (head, size, _) = reader.sizes();
    let mut at = list.at + head;
    let mut count = 0_u64;
    let stays = |entry: &&Entry| reader.maker.paints(entry);
    for entry in list.entries.iter().filter(stays) {
        let values = reader.file.get(entry.values.clone())?;
        if entry.tag == TABLES && !jpeg::is_tables(values) {
            continue;
        }
        let is_inside = entry.whole.contains(&entry.values.start);
        // A picture is there already, without what it told.
        if !is_inside && Some(entry.tag) != reader.maker.jpeg {
            out.get_mut(entry.values.clone())?.copy_from_slice(values);
        }
        let whole = reader.file.get(entry.whole.clone())?;
        let place = out.get_mut(at..at + size)?;
        place.copy_from_slice(whole);
        if is_inside {
            // What is left of the field is no value.
            place
                .get_mut(entry.values.end - entry.whole.start..)?
                .fill(0);
        }
        at += size;
        count += 1;
    }
    let link = reader.file.get(list.link.clone())?;
    out.get_mut(at..at + link.len())?.copy_from_slice(link);
    let bytes = if reader.little {
        count.to_le_bytes().get(..head)?.to_vec()
    } else {
        count.to_be_bytes().get(8 - head..)?.to_vec()
    };
    out.get_mut(list.at..list.at + head)?
        .copy_from_slice(&bytes);
    Some(())
}

fn copy(file: &[u8], out: &mut [u8], part: Range<usize>) -> Option<()> {
    out.get_mut(part.clone())?.copy_from_slice(file.get(part)?);
    Some(())
}

/// Blanks what lists of tags say besides how to paint a picture, wherever in a file a TIFF begins: of Exif within a
/// file that is otherwise not understood. It takes what that costs, and does nothing once too little is left.
pub fn forget(file: &mut [u8], left: &mut usize) {
    if *left == 0 {
        return;
    }
    let Some((mut reader, first)) = Reader::new(file, &PLAIN) else {
        return;
    };
    reader.cut = true;
    let Some(lists) = reader.lists(first, LINKS) else {
        // It was gone through as far as anything is.
        *left = 0;
        return;
    };
    let entries = lists.iter().flat_map(|list| &list.entries);
    let said = entries
        .filter(|entry| !PLAIN.paints(entry))
        .flat_map(|entry| [entry.values.clone(), entry.whole.clone()]);
    let mut said: Vec<_> = said.filter(|part| !part.is_empty()).collect();
    said.sort_unstable_by_key(|part| part.start);
    let mut done = 0;
    let entries = lists.iter().map(|list| list.entries.len() + 1);
    let mut cost = entries.sum::<usize>().saturating_mul(ENTRY);
    for part in said {
        // What two of them name is blanked once.
        let rest = part.start.max(done)..part.end;
        done = done.max(part.end);
        if let Some(rest) = file.get_mut(rest) {
            rest.fill(0);
            cost = cost.saturating_add(rest.len());
        }
    }
    *left = left.saturating_sub(cost);
}
