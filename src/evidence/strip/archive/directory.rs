//! The directory of a ZIP (APPNOTE 6.3.10): read strictly, since two readers of one archive must not see two things,
//! and written with nothing but what unpacking needs.

use std::collections::HashSet;
use std::ops::Range;

pub const STORED: u16 = 0;
pub const DEFLATED: u16 = 8;
/// Members of an archive. Only one made to cost time has more.
const MOST: usize = 10_000;
/// Bits of a member: it is encrypted, its lengths follow it, its directory is hidden.
const ENCRYPTED: u16 = 1;
const LENGTHS_FOLLOW: u16 = 8;
const HIDDEN: u16 = 1 << 13;
/// How its name is written.
const UTF_8: u16 = 1 << 11;
/// 1 January 1980, midnight: the first day that can be said.
const NO_TIME: [u8; 4] = [0, 0, 0x21, 0];
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const END: &[u8] = b"PK\x05\x06";

/// A member, as the directory names it.
pub struct Member {
    pub name: Vec<u8>,
    pub method: u16,
    pub size: u32,
    pub packed: Range<usize>,
    made_by: u16,
    needs: u16,
    flags: u16,
    time: [u8; 4],
    crc: u32,
    extra: Vec<u8>,
    attributes: u32,
}

impl Member {
    pub const fn is_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    /// What the directory says of its bytes.
    pub const fn packed_as<'a>(&self, packed: &'a [u8]) -> (u32, u32, &'a [u8]) {
        (self.crc, self.size, packed)
    }
}

fn short(file: &[u8], at: usize) -> Option<u16> {
    let bytes = file.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn long(file: &[u8], at: usize) -> Option<u32> {
    let bytes = file.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn offset(file: &[u8], at: usize) -> Option<usize> {
    usize::try_from(long(file, at)?).ok()
}

/// The members in the order of the directory; `None` where it is no ZIP, or can be read in two ways.
pub fn members(file: &[u8]) -> Option<Vec<Member>> {
    file.starts_with(LOCAL).then_some(())?;
    let end = memchr::memmem::rfind(file, END)?;
    let comment = usize::from(short(file, end + 20)?);
    let count = usize::from(short(file, end + 10)?);
    let (length, start) = (offset(file, end + 12)?, offset(file, end + 16)?);
    let whole = end + 22 + comment == file.len() && start.checked_add(length)? == end;
    // Of one disk.
    let single = long(file, end + 4)? == 0 && usize::from(short(file, end + 8)?) == count;
    (whole && single && count <= MOST).then_some(())?;
    let (mut at, mut found) = (start, Vec::new());
    let (mut names, mut sum) = (HashSet::new(), 0_usize);
    for _ in 0..count {
        let (member, next) = member(file, at)?;
        (member.packed.end <= start && names.insert(member.name.clone())).then_some(())?;
        // Members that lie in one another unpack to more than anybody has room for.
        sum = sum.checked_add(member.packed.len())?;
        (sum <= file.len()).then_some(())?;
        found.push(member);
        at = next;
    }
    (at == end && !found.is_empty()).then_some(found)
}

/// The member whose entry begins at a place, and where the next one does.
fn member(file: &[u8], at: usize) -> Option<(Member, usize)> {
    file.get(at..)?.starts_with(ENTRY).then_some(())?;
    let [name, extra, comment] = [28, 30, 32].map(|n| short(file, at + n).map(usize::from));
    let name_at = at + 46;
    let extra_at = name_at + name?;
    let comment_at = extra_at + extra?;
    let name = file.get(name_at..extra_at)?;
    let here = offset(file, at + 42)?;
    file.get(here..)?.starts_with(LOCAL).then_some(())?;
    let local = here + 30;
    let local_name = usize::from(short(file, here + 26)?);
    let data = local + local_name + usize::from(short(file, here + 28)?);
    let flags = short(file, at + 8)?;
    let same = file.get(local..local + local_name)? == name
        && short(file, here + 8)? == short(file, at + 10)?
        && (short(file, here + 6)? ^ flags) & ENCRYPTED == 0;
    (same && flags & HIDDEN == 0).then_some(())?;
    let member = Member {
        name: name.to_vec(),
        method: short(file, at + 10)?,
        size: long(file, at + 24)?,
        packed: data..data.checked_add(offset(file, at + 20)?)?,
        made_by: short(file, at + 4)?,
        needs: short(file, at + 6)?,
        flags,
        time: file.get(at + 12..at + 16)?.try_into().ok()?,
        crc: long(file, at + 16)?,
        extra: file.get(extra_at..comment_at)?.to_vec(),
        attributes: long(file, at + 38)?,
    };
    Some((member, comment_at + comment?))
}

/// An archive that is written member by member.
#[derive(Default)]
pub struct Writer {
    out: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Writer {
    /// Adds a member with its checksum, its length and its bytes as they are packed.
    pub fn add(&mut self, member: &Member, contents: (u32, u32, &[u8])) -> Option<()> {
        let said = Member {
            name: member.name.clone(),
            flags: member.flags & UTF_8,
            time: NO_TIME,
            extra: Vec::new(),
            packed: 0..0,
            ..*member
        };
        self.write(&said, contents)
    }

    /// Adds an encrypted member: its key may hang on its time and on what else is said of it.
    pub fn add_as_it_is(&mut self, member: &Member, packed: &[u8]) -> Option<()> {
        self.write(member, member.packed_as(packed))?;
        if member.flags & LENGTHS_FOLLOW != 0 {
            self.out.extend(b"PK\x07\x08");
            self.out.extend(member.crc.to_le_bytes());
            let length = u32::try_from(packed.len()).ok()?;
            self.out.extend(length.to_le_bytes());
            self.out.extend(member.size.to_le_bytes());
        }
        Some(())
    }

    fn write(&mut self, said: &Member, (crc, size, packed): (u32, u32, &[u8])) -> Option<()> {
        let place = u32::try_from(self.out.len()).ok()?;
        let length = u32::try_from(packed.len()).ok()?;
        let name = u16::try_from(said.name.len()).ok()?.to_le_bytes();
        let extra = u16::try_from(said.extra.len()).ok()?.to_le_bytes();
        let shared = [
            said.needs.to_le_bytes().as_slice(),
            &said.flags.to_le_bytes(),
            &said.method.to_le_bytes(),
            &said.time,
            &crc.to_le_bytes(),
            &length.to_le_bytes(),
            &size.to_le_bytes(),
            &name,
            &extra,
        ]
        .concat();
        self.out.extend([LOCAL, &shared].concat());
        self.out
            .extend([said.name.as_slice(), &said.extra, packed].concat());
        self.directory.extend(ENTRY);
        self.directory.extend(said.made_by.to_le_bytes());
        self.directory.extend(&shared);
        // No comment, the first disk, and nothing of its own to say of its text.
        self.directory.extend([0; 6]);
        self.directory.extend(said.attributes.to_le_bytes());
        self.directory.extend(place.to_le_bytes());
        self.directory
            .extend([said.name.as_slice(), &said.extra].concat());
        self.count = self.count.checked_add(1)?;
        Some(())
    }

    /// The archive.
    pub fn finish(mut self) -> Option<Vec<u8>> {
        let start = u32::try_from(self.out.len()).ok()?;
        let length = u32::try_from(self.directory.len()).ok()?;
        self.out.append(&mut self.directory);
        self.out.extend([END, &[0; 4]].concat());
        self.out.extend(self.count.to_le_bytes());
        self.out.extend(self.count.to_le_bytes());
        self.out.extend(length.to_le_bytes());
        self.out.extend(start.to_le_bytes());
        self.out.extend([0, 0]);
        Some(self.out)
    }
}
