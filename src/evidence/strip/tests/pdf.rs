//! Documents with secrets in every place that programs are known to write them to.

use std::io::Write;

use super::*;

fn holds(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|window| window == part)
}

fn text() -> String {
    String::from_utf8(SECRET.to_vec()).unwrap()
}

/// A picture as a phone takes it and programs work on it.
fn photo() -> Vec<u8> {
    [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xe1, &exif()),
        segment(
            0xe1,
            &[b"http://ns.adobe.com/xap/1.0/\0".as_slice(), SECRET].concat(),
        ),
        segment(0xed, &[b"Photoshop 3.0\0".as_slice(), SECRET].concat()),
        segment(0xfe, SECRET),
        segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        b"pixels".to_vec(),
        segment(0xfe, SECRET),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        vec![5, 0xff, 0xd9],
        segment(0xe1, &exif()),
    ]
    .concat()
}

fn jpeg_2000() -> Vec<u8> {
    let boxed = |kind: &[u8; 4], body: &[u8]| {
        let size = u32::try_from(body.len() + 8).unwrap();
        [&size.to_be_bytes(), kind.as_slice(), body].concat()
    };
    let picture = [
        b"\xff\x4f\xff\x51\0\x04\0\0".to_vec(),
        segment(0x64, &[b"\0\x01", SECRET].concat()),
        b"\xff\x90\0\x04\0\0tiles".to_vec(),
    ];
    [
        boxed(b"jP  ", b"\r\n\x87\n"),
        boxed(b"xml ", SECRET),
        boxed(b"uuid", SECRET),
        boxed(b"jp2c", &picture.concat()),
    ]
    .concat()
}

fn object(number: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("{number} 0 obj\n");
    [head.as_bytes(), body, b"\nendobj\n"].concat()
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<<{entries} /Length {}>>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(data).unwrap();
    out.finish().unwrap()
}

/// A document of these objects, from the tenth on.
fn of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Type /Catalog>> endobj\n".to_vec();
    for (n, body) in objects.iter().enumerate() {
        out.extend(object(10 + n, body));
    }
    out.extend(b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n");
    out
}

pub fn a_full_pdf() -> Vec<u8> {
    let text = text();
    let page = deflated(b"BT (a page) Tj ET");
    let page = stream("/Filter /FlateDecode", &page);
    let mut file = of(&[
        stream("/Subtype /Image /Filter /DCTDecode", &photo()),
        stream("/Subtype /Image /Filter [ /DCT ]", &photo()),
        stream("/Filter /JPXDecode", &jpeg_2000()),
        page,
        format!("<</Subtype /Text /T ({text} \\) \\() /M (D:2026{text}) /Contents (words seen)>>")
            .into_bytes(),
        b"<</Subtype /Highlight /T 18 0 R>>".to_vec(),
        format!("<</FT /Tx /T (field name) /TU (shown)>> % {text}").into_bytes(),
        format!("<</PieceInfo <</Word <</Private ({text}) /LastModified (D:2026)>>>>>>")
            .into_bytes(),
        format!("({text})").into_bytes(),
        format!(
            "<</Type /Sig /Name ({text}) /Location ({text}) /Contents <{}>>>",
            hex(SECRET)
        )
        .into_bytes(),
        format!("<</A#75thor ({text}) /Title (a title)>>").into_bytes(),
        stream("/X 1", format!("<x:xmpmeta>{text}</x:xmpmeta>").as_bytes()),
    ]);
    file.extend(format!("% {text}\n{text} ({text}) 21.38\n").as_bytes());
    file.extend(object(
        30,
        format!("<</Author 31 0 R /Title ({text})>>").as_bytes(),
    ));
    file.extend(object(31, format!("({text})").as_bytes()));
    file.extend(object(32, b"<</PieceInfo 33 0 R /Metadata 34 0 R>>"));
    file.extend(object(33, format!("<</Word ({text})>>").as_bytes()));
    file.extend(object(34, &stream("/Filter /FlateDecode", SECRET)));
    file.extend(b"trailer\n<</Root 1 0 R /Info 30 0 R>>\nstartxref\n0\n%%EOF\n");
    [file, SECRET.to_vec(), photo()].concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_document_tells_nothing_but_what_is_seen() {
    let file = a_full_pdf();
    let clean = metadata("application/pdf", file.clone().into()).unwrap();
    assert_eq!(clean.len(), file.len(), "every offset stays right");
    for gone in [SECRET, hex(SECRET).as_bytes(), b"21.38", b"D:2026"] {
        let place = clean.windows(gone.len()).position(|window| window == gone);
        let around = place.map(|at| String::from_utf8_lossy(&clean[at.saturating_sub(60)..at]));
        assert_eq!(around, None);
    }
    for stays in [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".as_slice(),
        b"pixels",
        b"tiles",
        b"words seen",
        b"field name",
        b"a title",
        b"0000000000 65535 f",
        b"startxref\n0\n%%EOF\n",
        &deflated(b"BT (a page) Tj ET"),
    ] {
        assert!(holds(&clean, stays), "{}", String::from_utf8_lossy(stays));
    }
    let places = |file: &[u8]| -> Vec<usize> {
        let at = |n: usize| file[n..].starts_with(b"\xff\xd8") || file[n..].starts_with(b" obj");
        (0..file.len()).filter(|n| at(*n)).collect()
    };
    // The last is behind the end.
    let (before, after) = (places(&file), places(&clean));
    assert_eq!(before[..before.len() - 1], after);
    let again = metadata("application/pdf", clean.clone()).unwrap();
    assert_eq!(again, clean, "stays as it is");
}

#[test]
fn objects_in_a_stream_are_looked_at() {
    let packed = |objects: &[u8]| {
        let data = deflated(objects);
        of(&[stream(
            "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode",
            &data,
        )])
    };
    let harmless = packed(b"1 0 <</Type /Page /MediaBox [0 0 10.5 20] /Count 1>>");
    let clean = metadata("application/pdf", harmless.clone().into());
    assert_eq!(clean.unwrap(), harmless);
    for told in [
        "<</Author (x)>>",
        "<</Subtype /Text /T (x)>>",
        "<</PieceInfo 4 0 R>>",
        "<</M 4 0 R>>",
        "<</Names <</EmbeddedFiles 3 0 R>>>>",
        "<</Author (x",
    ] {
        let file = packed(format!("1 0 {told}").as_bytes());
        assert_eq!(metadata("application/pdf", file.into()), None, "{told}");
    }
}

#[test]
fn what_is_out_of_reach_in_a_document_is_refused() {
    let dct = |filters: &str| stream(&format!("/Filter {filters}"), &photo());
    for (what, object) in [
        (
            "a picture compressed twice",
            dct("[/FlateDecode /DCTDecode]"),
        ),
        ("a picture in letters", dct("[/ASCII85Decode /DCTDecode]")),
        ("and in digits", dct("[/AHx /DCT]")),
        ("and in runs", dct("[/RunLengthDecode /DCTDecode]")),
        (
            "a picture inside a page's own text",
            stream(
                "/Filter /FlateDecode",
                &deflated(&[&[b' '; 70_000], b"BI /F /DCT ID".as_slice(), &photo()].concat()),
            ),
        ),
        ("and in words", dct("[/LZWDecode /DCTDecode]")),
        ("by a name in hexadecimal", dct("[/Fl /D#43T]")),
        ("a filter that stands elsewhere", dct("9 0 R")),
        ("no picture", stream("/Filter /DCTDecode", SECRET)),
        ("a file in it", stream("/Type /EmbeddedFile", SECRET)),
        ("a file in it by name", b"<</EF <</F 12 0 R>>>>".to_vec()),
        (
            "where on earth it lies",
            b"<</GPTS [21.38 103.01]>>".to_vec(),
        ),
        ("encrypted", b"<</Encrypt 12 0 R>>".to_vec()),
        (
            "a program's data elsewhere",
            b"<</PieceInfo <</AI <</Private 12 0 R>>>>>>".to_vec(),
        ),
        ("a text without end", b"<</X (y>>".to_vec()),
        ("a list without end", b"<</X [1 2>>".to_vec()),
        (
            "packed in a way that is not known",
            stream("/Type /ObjStm /Filter /LZWDecode", SECRET),
        ),
    ] {
        let file = of(&[object]);
        assert_eq!(metadata("application/pdf", file.into()), None, "{what}");
    }
    assert!(metadata("application/pdf", of(&[]).into()).is_some());
}
