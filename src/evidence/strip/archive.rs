//! ZIP, and the documents that are one: Office, OpenDocument, e-books. Members keep their order and their names;
//! pictures, sound, video and PDF among them are cleaned like such files, and what a document says of its author,
//! his company and his devices is emptied. Times, comments and the system's notes of members are left out.
//!
//! An archive in an archive is cleaned like it, a third one in these not. A signed package, such as an Android app, is not
//! changed: who examines it looks at its signature. Encrypted members stay as they are. The whole is clean only where
//! every member is.

mod directory;
mod document;

use std::io::{Read, Write};

use bytes::Bytes;

use self::directory::{DEFLATED, Member, STORED};
use super::{Copy, copy, doubtful, harmless};
use crate::evidence::kind;

/// Types that are a ZIP.
pub const TYPES: &[&str] = &[
    "application/zip",
    "application/epub+zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
];
/// What the members that are looked into may come to.
const ROOM: usize = 64 * 1024 * 1024;
/// How deep archives in archives are cleaned.
const DEEP: usize = 1;
/// What signs a package, or says what it is.
const PACKAGES: &[&[u8]] = &[
    b"AndroidManifest.xml",
    b"META-INF/MANIFEST.MF",
    b"META-INF/mozilla.rsa",
    b"AppxManifest.xml",
    b"AppxSignature.p7x",
];

/// Whether a member makes it a signed package: an app of Android, of iOS, of Windows, of Java.
fn signs(member: &Member) -> bool {
    let name = member.name.as_slice();
    let is_ios = name.starts_with(b"Payload/")
        && memchr::memmem::find(name, b".app/").is_some_and(|at| at > b"Payload/".len());
    is_ios || PACKAGES.contains(&name)
}

/// An archive whose members are clean, as far as they could be cleaned; `None` where it cannot be told apart.
pub fn clean(file: Bytes) -> Option<Copy> {
    let mut room = ROOM;
    within(file, DEEP, &mut room)
}

/// The same, with archives in it down to a depth, and what is left of the room.
fn within(file: Bytes, deep: usize, room: &mut usize) -> Option<Copy> {
    let members = directory::members(&file)?;
    if members.iter().any(signs) {
        return Some(Copy::Stored(file));
    }
    let is_document = members.iter().any(|member| {
        let name = member.name.as_slice();
        name == b"[Content_Types].xml" || name == b"META-INF/manifest.xml"
    });
    let (mut out, mut all) = (directory::Writer::default(), true);
    for member in &members {
        let packed = file.get(member.packed.clone())?;
        if member.is_encrypted() {
            all = false;
            out.add_as_it_is(member, packed)?;
            continue;
        }
        match cleaned(member, packed, is_document, (deep, room)) {
            Cleaned::Same => out.add(member, member.packed_as(packed))?,
            Cleaned::Unknown => {
                all = false;
                out.add(member, member.packed_as(packed))?;
            }
            Cleaned::Anew(contents, is_clean) => {
                all &= is_clean;
                let packed = pack(member.method, &contents)?;
                let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&contents);
                let size = u32::try_from(contents.len()).ok()?;
                out.add(member, (crc, size, &packed))?;
            }
        }
    }
    let bytes = Bytes::from(out.finish()?);
    Some(if all {
        Copy::Clean(bytes)
    } else {
        Copy::Doubtful(bytes)
    })
}

/// What became of a member.
enum Cleaned {
    /// It has no place for what is not to be told.
    Same,
    /// Nobody has looked into it.
    Unknown,
    /// Its contents now, and whether they are clean.
    Anew(Vec<u8>, bool),
}

fn cleaned(
    member: &Member,
    packed: &[u8],
    is_document: bool,
    (deep, room): (usize, &mut usize),
) -> Cleaned {
    if member.size == 0 && member.packed.is_empty() {
        return Cleaned::Same;
    }
    let part = is_document.then(|| document::part(&member.name));
    if matches!(part, Some(document::Part::Emptied)) {
        return Cleaned::Anew(Vec::new(), true);
    }
    if !matches!(member.method, STORED | DEFLATED) {
        return Cleaned::Unknown;
    }
    // The beginning says what it is.
    let Some(head) = unpack(member.method, packed, kind::HEAD, room) else {
        return Cleaned::Unknown;
    };
    let is_xml = matches!(part, Some(document::Part::Root | document::Part::Text));
    if harmless::is_program(&head) && !is_xml {
        return Cleaned::Same;
    }
    let most = usize::try_from(member.size).unwrap_or(usize::MAX);
    let whole = Some(most).filter(|most| most <= room);
    let whole = whole.and_then(|most| unpack(member.method, packed, most.saturating_add(1), room));
    let Some(whole) = whole.filter(|whole| whole.len() == most) else {
        return Cleaned::Unknown;
    };
    let xml = match part {
        Some(document::Part::Root) => Some(document::root(&whole)),
        Some(document::Part::Text) => Some(document::without_authors(&whole)),
        _ => None,
    };
    if let Some(xml) = xml {
        return xml.map_or(Cleaned::Unknown, |xml| {
            let is_clean = !harmless::packs(&xml);
            Cleaned::Anew(xml, is_clean)
        });
    }
    let media_type = kind::of(&head);
    let whole = Bytes::from(whole);
    let copy = match deep.checked_sub(1) {
        _ if !TYPES.contains(&media_type) => copy(media_type, whole),
        Some(deep) => {
            within(whole.clone(), deep, room).unwrap_or_else(|| doubtful(media_type, whole))
        }
        None => deepest(media_type, whole),
    };
    match copy {
        Copy::Clean(bytes) => Cleaned::Anew(bytes.into(), true),
        Copy::Stored(_) => Cleaned::Same,
        Copy::Doubtful(bytes) => Cleaned::Anew(bytes.into(), false),
    }
}

/// What is served of an archive that nobody looks into, unless it is a signed package.
fn deepest(media_type: &str, file: Bytes) -> Copy {
    let members = directory::members(&file);
    if members.is_some_and(|members| members.iter().any(signs)) {
        return Copy::Stored(file);
    }
    doubtful(media_type, file)
}

/// At most so many bytes of a member, taken from the room that is left; `None` where there is none, or it does not
/// unpack.
fn unpack(method: u16, packed: &[u8], most: usize, room: &mut usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let limit = u64::try_from(most.min(*room)).ok()?;
    if method == STORED {
        packed.take(limit).read_to_end(&mut out).ok()?;
    } else {
        let mut reader = flate2::read::DeflateDecoder::new(packed).take(limit);
        reader.read_to_end(&mut out).ok()?;
    }
    *room = room.checked_sub(out.len())?;
    (*room > 0).then_some(out)
}

fn pack(method: u16, contents: &[u8]) -> Option<Vec<u8>> {
    if method == STORED {
        return Some(contents.to_vec());
    }
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(contents).ok()?;
    writer.finish().ok()
}
