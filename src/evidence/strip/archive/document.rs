//! What a document of Office or OpenDocument says of who wrote it: its properties, the names at its notes and changes,
//! the printer it was set up for, the folder it lay in.

use std::borrow::Cow;

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::QName;
use quick_xml::{Reader, Writer};

/// What is to be done with a member of a document.
pub enum Part {
    /// Nothing of it stays: a picture of its first page, the settings of a printer, where its pages broke last time.
    Emptied,
    /// It tells of the document; only its outermost element stays.
    Root,
    /// Text, with names of authors among it.
    Text,
    /// Everything else.
    Other,
}

/// Elements whose text names somebody, or a device.
const NAMES: &[&[u8]] = &[
    b"creator",
    b"creator-initials",
    b"initial-creator",
    b"author-name",
    b"author-initials",
    b"printed-by",
    b"lastModifiedBy",
];
/// Attributes that do, wherever they stand.
const NAMED: &[&[u8]] = &[
    b"author",
    b"initials",
    b"userId",
    b"userName",
    b"lastAuthor",
    b"providerId",
];
/// Elements that are an author, whose attributes do.
const AUTHORS: &[&[u8]] = &[b"cmAuthor", b"author", b"person"];
const NAMED_OF_AUTHORS: &[&[u8]] = &[b"name", b"displayName"];
/// Settings that tell of a printer.
const PRINTERS: &[&[u8]] = &[b"PrinterName", b"PrinterSetup"];

/// What is left of where a file on the author's own disk is.
const SOME_FILE: &[u8] = b"file:///";

/// What a member is, by its name.
pub fn part(name: &[u8]) -> Part {
    let is_xml = name.ends_with(b".xml");
    let about = name.starts_with(b"docProps/") || name.starts_with(b"_xmlsignatures/");
    let signed = [
        b"META-INF/documentsignatures.xml".as_slice(),
        b"META-INF/macrosignatures.xml",
    ];
    if is_xml && (about || name == b"meta.xml" || signed.contains(&name)) {
        Part::Root
    } else if about && !name.ends_with(b".rels") && !name.ends_with(b"/")
        || name.starts_with(b"Thumbnails/") && !name.ends_with(b"/")
        || name == b"layout-cache"
        || memchr::memmem::find(name, b"printerSettings/printerSettings").is_some()
    {
        Part::Emptied
    } else if is_xml || name.ends_with(b".rels") {
        Part::Text
    } else {
        Part::Other
    }
}

/// The outermost element, with nothing but the names that it declares.
pub fn root(xml: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::from_reader(xml);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(element) | Event::Empty(element) => {
                let name = String::from_utf8(element.name().as_ref().to_vec()).ok()?;
                let mut out = BytesStart::new(name);
                for attribute in element.attributes() {
                    let attribute = attribute.ok()?;
                    let key = attribute.key.as_ref();
                    if key.starts_with(b"xmlns") || key == b"office:version" {
                        out.push_attribute(attribute);
                    }
                }
                let mut writer = Writer::new(Vec::new());
                let declaration = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
                writer.get_mut().extend_from_slice(declaration);
                writer.write_event(Event::Empty(out)).ok()?;
                return Some(writer.into_inner());
            }
            Event::Eof => return None,
            _ => buffer.clear(),
        }
    }
}

/// A text whose authors have no names; `None` where it is no XML, or not in UTF-8.
pub fn without_authors(xml: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(xml).ok()?;
    let mut reader = Reader::from_reader(xml);
    let mut writer = Writer::new(Vec::with_capacity(xml.len()));
    let (mut buffer, mut depth, mut hidden) = (Vec::new(), 0_usize, None);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).ok()?;
        let event = match event {
            Event::Eof => break,
            Event::Start(element) => {
                depth += 1;
                if hidden.is_none() && hides(&element)? {
                    hidden = Some(depth);
                }
                Event::Start(unnamed(element)?)
            }
            Event::Empty(element) => Event::Empty(unnamed(element)?),
            Event::End(element) => {
                if hidden == Some(depth) {
                    hidden = None;
                }
                depth = depth.checked_sub(1)?;
                Event::End(element)
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if hidden.is_some() => continue,
            other => other,
        };
        writer.write_event(event).ok()?;
    }
    (depth == 0).then(|| writer.into_inner())
}

/// Whether the text of an element names somebody, or a device.
fn hides(element: &BytesStart<'_>) -> Option<bool> {
    let name = element.local_name();
    let name = name.as_ref();
    let mut is_printer = false;
    if name == b"config-item" {
        for attribute in element.attributes() {
            let attribute = attribute.ok()?;
            let is_name = attribute.key.local_name().as_ref() == b"name";
            is_printer |= is_name && PRINTERS.contains(&attribute.value.as_ref());
        }
    }
    // A spreadsheet's list of authors; elsewhere an author is an element with attributes.
    let is_author = element.name().as_ref() == b"author" && element.attributes().next().is_none();
    let is_sender = name.starts_with(b"sender-");
    Some(is_printer || is_author || is_sender || NAMES.contains(&name))
}

/// An element whose attributes name nobody.
fn unnamed(element: BytesStart<'_>) -> Option<BytesStart<'_>> {
    let name = element.local_name().as_ref().to_vec();
    let names = |key: QName<'_>| {
        let key = key.local_name();
        let key = key.as_ref();
        NAMED.contains(&key)
            || AUTHORS.contains(&name.as_slice()) && NAMED_OF_AUTHORS.contains(&key)
            || name == b"absPath" && key == b"url"
    };
    let mut attributes = Vec::new();
    let mut changed = false;
    for attribute in element.attributes() {
        let attribute = attribute.ok()?;
        // The same drawing once more, packed with its pictures.
        if attribute.key.local_name().as_ref() == b"gfxdata" {
            changed = true;
            continue;
        }
        // A template or a picture on a disk: its folder is named after whose it is.
        let is_path = name == b"Relationship"
            && attribute.key.as_ref() == b"Target"
            && attribute.value.starts_with(b"file:");
        if is_path || names(attribute.key) {
            changed = true;
            attributes.push(Attribute {
                key: attribute.key,
                value: Cow::Borrowed(if is_path { SOME_FILE } else { b"" }),
            });
        } else {
            attributes.push(attribute);
        }
    }
    if !changed {
        drop(attributes);
        return Some(element);
    }
    let whole = String::from_utf8(element.name().as_ref().to_vec()).ok()?;
    let mut out = BytesStart::new(whole);
    for attribute in attributes {
        out.push_attribute(attribute);
    }
    Some(out)
}
