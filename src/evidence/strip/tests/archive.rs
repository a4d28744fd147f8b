//! Archives and documents that carry pictures.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::camera::holds;
use super::*;

pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// An archive of these members, each packed.
pub fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in members {
        let method = if *name == "mimetype" {
            CompressionMethod::Stored
        } else {
            CompressionMethod::Deflated
        };
        let time = zip::DateTime::from_date_and_time(2026, 11, 24, 9, 15, 2).unwrap();
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options.last_modified_time(time))
            .unwrap();
        zip.write_all(contents).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The members as another program reads them.
fn unzipped(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(file)).unwrap();
    let count = zip.len();
    let each = |n| {
        let mut member = zip.by_index(n).unwrap();
        assert_eq!(member.last_modified().map(|at| at.year()), Some(1980));
        let mut contents = Vec::new();
        member.read_to_end(&mut contents).unwrap();
        (member.name().unwrap().into_owned(), contents)
    };
    (0..count).map(each).collect()
}

fn clean(media_type: &str, file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Copy::Clean(bytes) = copy(media_type, file.to_vec().into()) else {
        panic!("{media_type} is not clean");
    };
    unzipped(&bytes)
}

#[test]
fn pictures_sound_and_documents_in_an_archive_are_cleaned_and_keep_their_places() {
    let (photo, voice, page) = (a_jpeg(), an_mp3(), a_pdf());
    let app = zipped(&[("AndroidManifest.xml", b"\x03\0"), ("classes.dex", SECRET)]);
    let members: &[(&str, &[u8])] = &[
        ("Ảnh/", b""),
        ("Ảnh/IMG 1.jpg", &photo),
        ("ghi âm.mp3", &voice),
        ("đơn.pdf", &page),
        ("tin nhắn.txt", b"text of a message"),
        ("app.apk", &app),
        ("no picture.jpg", b"text"),
    ];
    let file = zipped(members);
    let served = clean("application/zip", &file);
    let names: Vec<&str> = served.iter().map(|(name, _)| name.as_str()).collect();
    let sent: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, sent);
    for (n, media_type) in [(1, "image/jpeg"), (2, "audio/mpeg"), (3, "application/pdf")] {
        let alone = metadata(media_type, members[n].1.to_vec().into()).unwrap();
        assert_eq!(served[n].1, alone, "{media_type}");
    }
    for n in [0, 4, 5, 6] {
        assert_eq!(served[n].1, members[n].1);
    }
}

#[test]
fn of_an_office_document_authors_devices_and_photos_places_are_gone_and_its_text_stays() {
    let text = |inner: &str| {
        let secret = "GPS 21.38N 103.01E SM-A546E";
        inner.replace('@', secret).into_bytes()
    };
    let document = text(
        "<?xml version=\"1.0\"?><w:document xmlns:w=\"w\"><w:ins w:id=\"1\" w:author=\"@\" w:date=\"2026\"><w:t \
         xml:space=\"preserve\"> author=\"nobody\" &amp; text </w:t></w:ins></w:document>",
    );
    let comments = text(
        "<comments><authors><author>@</author><author>@ &amp; @</author></authors><text>seen</text></comments>",
    );
    let core = text(
        "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\"><dc:creator>@</dc:creator></cp:coreProperties>",
    );
    let app = text(
        "<Properties xmlns=\"e\"><Company>@</Company><Application>@</Application></Properties>",
    );
    let people = text(
        "<w15:people xmlns:w15=\"p\"><w15:person w15:author=\"@\"><w15:presenceInfo w15:providerId=\"@\" w15:userId=\"@\"/></w15:person></w15:people>",
    );
    let slides = text(
        "<p:cmAuthorLst xmlns:p=\"p\"><p:cmAuthor id=\"0\" name=\"@\" initials=\"@\"/></p:cmAuthorLst>",
    );
    let template = text(
        "<Relationships xmlns=\"r\"><Relationship Id=\"rId1\" Target=\"file:///C:\\Users\\@\\Normal.dotm\" \
         TargetMode=\"External\"/><Relationship Id=\"rId2\" Target=\"media/image1.jpeg\"/></Relationships>",
    );
    let photo = a_jpeg();
    let members: &[(&str, &[u8])] = &[
        ("[Content_Types].xml", b"<Types xmlns=\"t\"/>"),
        ("_rels/.rels", b"<Relationships xmlns=\"r\"/>"),
        ("word/document.xml", &document),
        ("word/_rels/settings.xml.rels", &template),
        ("xl/comments1.xml", &comments),
        ("word/people.xml", &people),
        ("ppt/commentAuthors.xml", &slides),
        ("docProps/core.xml", &core),
        ("docProps/app.xml", &app),
        ("docProps/thumbnail.jpeg", &photo),
        ("word/media/image1.jpeg", &photo),
        ("xl/printerSettings/printerSettings1.bin", SECRET),
    ];
    let file = zipped(members);
    let served = clean(DOCX, &file);
    for (name, contents) in &served {
        assert!(
            !holds(contents, &SECRET[..8]),
            "{name}: {}",
            String::from_utf8_lossy(contents)
        );
    }
    let of = |name: &str| {
        let found = served.iter().find(|(known, _)| known == name).unwrap();
        String::from_utf8_lossy(&found.1).into_owned()
    };
    let seen = " author=\"nobody\" &amp; text </w:t></w:ins></w:document>";
    assert!(
        of("word/document.xml").ends_with(seen),
        "{}",
        of("word/document.xml")
    );
    assert!(of("word/document.xml").contains("<w:ins w:id=\"1\" w:author=\"\" w:date=\"2026\">"));
    assert!(
        of("xl/comments1.xml")
            .contains("<authors><author></author><author></author></authors><text>seen")
    );
    assert!(
        of("docProps/core.xml").ends_with("<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\"/>")
    );
    assert!(of("docProps/app.xml").ends_with("<Properties xmlns=\"e\"/>"));
    assert_eq!(of("docProps/thumbnail.jpeg"), "");
    let template = of("word/_rels/settings.xml.rels");
    assert!(
        template.contains("Target=\"file:///\" TargetMode"),
        "{template}"
    );
    assert!(
        template.contains("Target=\"media/image1.jpeg\""),
        "{template}"
    );
    assert_eq!(of("[Content_Types].xml"), "<Types xmlns=\"t\"/>");
    assert_eq!(served.len(), members.len());
}

#[test]
fn of_an_open_document_authors_and_printers_are_gone() {
    let odt = "application/vnd.oasis.opendocument.text";
    let mimetype = odt.as_bytes();
    let meta = [
        b"<office:document-meta xmlns:office=\"o\" office:version=\"1.3\"><dc:creator>".as_slice(),
        SECRET,
        b"</dc:creator></office:document-meta>",
    ]
    .concat();
    let content = [
        b"<office:document-content><office:annotation><dc:creator>".as_slice(),
        SECRET,
        b"</dc:creator><text:p>seen</text:p></office:annotation></office:document-content>",
    ]
    .concat();
    let settings = [b"<config><config:config-item config:name=\"PrinterName\">".as_slice(), SECRET, b"</config:config-item><config:config-item config:name=\"Zoom\">100</config:config-item></config>"].concat();
    let photo = a_png();
    let file = zipped(&[
        ("mimetype", mimetype),
        ("content.xml", &content),
        ("meta.xml", &meta),
        ("settings.xml", &settings),
        ("Thumbnails/thumbnail.png", &photo),
        ("Pictures/1.png", &photo),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
    ]);
    assert_eq!(crate::evidence::kind::of(&file), odt);
    let served = clean(odt, &file);
    for (name, contents) in &served {
        assert!(
            !holds(contents, &SECRET[..8]),
            "{name}: {}",
            String::from_utf8_lossy(contents)
        );
    }
    assert!(holds(&served[1].1, b"<text:p>seen</text:p>") && holds(&served[3].1, b">100<"));
    assert!(
        served[2]
            .1
            .ends_with(b"<office:document-meta xmlns:office=\"o\" office:version=\"1.3\"/>")
    );
    assert!(served[4].1.is_empty() && holds(&served[5].1, b"pixels"));
}

#[test]
fn what_cannot_be_looked_into_is_left_and_said() {
    let photo = a_jpeg();
    let doubtful = |file: &[u8]| match copy("application/zip", file.to_vec().into()) {
        Copy::Doubtful(bytes) => bytes,
        _ => panic!("nobody looked into it"),
    };
    let inner = zipped(&[("a.jpg", &photo)]);
    let second = zipped(&[("third.zip", &inner), ("c.jpg", &photo)]);
    let served = unzipped(&doubtful(&zipped(&[
        ("second.zip", &second),
        ("b.jpg", &photo),
    ])));
    assert!(!holds(&served[1].1, b"Exif"), "the others are cleaned");
    let served = unzipped(&served[0].1);
    assert_eq!(served[0].1, inner, "nobody looks so deep");
    assert!(!holds(&served[1].1, b"Exif"), "the others are cleaned");
    let cut = a_png()[..60].to_vec();
    let served = unzipped(&doubtful(&zipped(&[("cut.png", &cut)])));
    assert!(served[0].1.len() == 60 && !holds(&served[0].1, &SECRET[..8]));
    // Encrypted: the first bit of what is said of it, in both places.
    let mut locked = zipped(&[("a.jpg", &photo), ("b.jpg", &photo)]);
    let central = locked.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    (locked[6], locked[central + 8]) = (1, 1);
    let served = doubtful(&locked);
    assert!(served.starts_with(&locked[..30 + 5 + 20]) && served.len() < locked.len());
    // A picture that unpacks to more than there is room for.
    let bomb = [photo.as_slice(), &vec![0; 70 * 1024 * 1024]].concat();
    let served = doubtful(&zipped(&[("bomb.jpg", &bomb), ("b.jpg", &photo)]));
    assert!(served.len() < 200_000);
    assert!(
        !holds(&unzipped(&served)[1].1, b"Exif"),
        "the next is cleaned"
    );
    for broken in [
        b"PK\x03\x04 no archive".to_vec(),
        inner[..inner.len() - 1].to_vec(),
        [inner.as_slice(), b"x"].concat(),
    ] {
        assert_eq!(doubtful(&broken), broken);
    }
}

#[test]
fn members_that_lie_in_one_another_are_refused() {
    let photo = a_jpeg();
    let names: Vec<String> = (0..10).map(|n| format!("{n}.jpg")).collect();
    let members: Vec<_> = names
        .iter()
        .map(|n| (n.as_str(), photo.as_slice()))
        .collect();
    let sent = zipped(&members);
    assert_eq!(clean("application/zip", &sent).len(), 10);
    let mut nested = sent.clone();
    let entries = memchr::memmem::find_iter(&sent, b"PK\x01\x02").collect::<Vec<_>>();
    let locals = memchr::memmem::find_iter(&sent, b"PK\x03\x04");
    for (entry, local) in entries.iter().zip(locals) {
        // Each goes on to the directory.
        let length = u32::try_from(entries[0] - local - 30 - 5).unwrap();
        nested[entry + 20..entry + 24].copy_from_slice(&length.to_le_bytes());
    }
    let Copy::Doubtful(served) = copy("application/zip", nested.clone().into()) else {
        panic!("members were unpacked");
    };
    assert_eq!(served, nested, "nothing was unpacked");
}

#[test]
fn an_app_stays_byte_for_byte() {
    let photo = a_jpeg();
    for name in [
        "AndroidManifest.xml",
        "META-INF/MANIFEST.MF",
        "Payload/Demo.app/Info.plist",
    ] {
        let app = zipped(&[(name, b"x"), ("res/icon.jpg", &photo)]);
        match copy("application/zip", app.clone().into()) {
            Copy::Stored(bytes) => assert_eq!(bytes, app),
            _ => panic!("{name}: its signature would be gone"),
        }
    }
}

#[test]
fn an_archive_in_an_archive_is_cleaned_like_it() {
    let photo = a_jpeg();
    let app = zipped(&[("AndroidManifest.xml", SECRET), ("res/icon.jpg", &photo)]);
    let document = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/media/image1.jpeg", &photo),
    ]);
    let inner = zipped(&[("a.jpg", &photo), ("app.apk", &app)]);
    let file = zipped(&[("inner.zip", &inner), ("\u{111}\u{1a1}n.docx", &document)]);
    let served = clean("application/zip", &file);
    let inner = unzipped(&served[0].1);
    assert!(holds(&inner[0].1, b"JFIF") && !holds(&inner[0].1, b"Exif"));
    assert_eq!(inner[1].1, app);
    let document = unzipped(&served[1].1);
    assert_eq!(document[0].1, b"<Types/>");
    assert!(holds(&document[1].1, b"JFIF") && !holds(&document[1].1, b"Exif"));
}

#[test]
fn an_archive_is_clean_only_where_every_member_is() {
    let photo = a_jpeg();
    let packed = "/9j/4AAQSkZJRgABAQAAAQABAAD".repeat(20);
    let mail = format!("Content-Transfer-Encoding: base64\r\n\r\n{packed}");
    for (name, member, told) in [
        ("photos.tar", unknown::a_tar(&photo), true),
        ("IMG", [b"\0\x01noise..".as_slice(), &photo].concat(), true),
        ("note", [b"\x01\x02".as_slice(), SECRET].concat(), false),
        ("thu.eml", mail.into_bytes(), false),
    ] {
        let whole = zipped(&[("a.txt", b"text"), (name, &member), ("b.jpg", &photo)]);
        let Copy::Doubtful(served) = copy("application/zip", whole.into()) else {
            panic!("{name} was not looked into");
        };
        let served = unzipped(&served);
        assert_eq!(
            (served[0].1.as_slice(), served[1].1.len()),
            (b"text".as_slice(), member.len())
        );
        // What is known is overwritten, the rest is as it was.
        let changed = member.iter().zip(&served[1].1).any(|(was, is)| was != is);
        assert_eq!(changed, told, "{name}");
        assert!(!told || !holds(&served[1].1, SECRET), "{name}");
        assert!(
            !holds(&served[2].1, b"Exif"),
            "{name}: the others are cleaned"
        );
    }
    // Packed in another way: the method, in both places.
    for method in [9, 12, 14, 93, 95] {
        let mut other = zipped(&[("a.txt", b"text"), ("b.jpg", &photo)]);
        let central = other.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        (other[8], other[central + 10]) = (method, method);
        let whole = copy("application/zip", other.into());
        let Copy::Doubtful(served) = whole else {
            panic!("{method} was not looked into");
        };
        assert!(holds(&served, b"b.jpg") && !holds(&served, b"Exif"));
    }
}

#[test]
fn of_documents_too_only_what_is_known_is_called_clean() {
    let drawing = "QUJD".repeat(200);
    let shape = format!(
        "<w:pict xmlns:v=\"v\" xmlns:o=\"o\"><v:shape id=\"1\" o:gfxdata=\"{drawing}\">seen</v:shape></w:pict>"
    );
    let odt = "application/vnd.oasis.opendocument.text";
    let file = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", shape.as_bytes()),
        ("word/empty.bin", b""),
    ]);
    let served = clean(DOCX, &file);
    let seen = "<v:shape id=\"1\">seen</v:shape></w:pict>";
    assert!(String::from_utf8_lossy(&served[1].1).ends_with(seen));
    let file = zipped(&[
        ("mimetype", odt.as_bytes()),
        ("layout-cache", SECRET),
        ("META-INF/manifest.xml", b"<m/>"),
    ]);
    assert_eq!(clean(odt, &file)[1].1, b"");
    let picture = format!("<office:binary-data>{drawing}</office:binary-data>");
    for (name, member) in [
        ("content.xml", picture.as_bytes()),
        ("word/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("word/media/image1.emf", b"\x01\0\0\0\x6c\0\0\0"),
    ] {
        let file = zipped(&[("META-INF/manifest.xml", b"<m/>"), (name, member)]);
        let is_doubtful = matches!(copy(odt, file.into()), Copy::Doubtful(_));
        assert!(is_doubtful, "{name}");
    }
}

proptest! {
    #[test]
    fn nothing_panics_in_archives(
        bytes in proptest::collection::vec(any::<u8>(), 0..40), at in 0_usize..700, cut in 0_usize..40
    ) {
        let mut file = zipped(&[("[Content_Types].xml", b"<a/>"), ("a.xml", b"<a b='c'>d</a>"), ("b.jpg", &a_jpeg())]);
        let at = at.min(file.len());
        let end = (at + cut).min(file.len());
        file.splice(at..end, bytes);
        let _ = copy("application/zip", file.into());
    }
}
