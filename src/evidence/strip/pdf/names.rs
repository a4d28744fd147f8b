//! Names of a PDF that say something of whoever made it (ISO 32000-2 §12.5, §12.8, §14.3).

/// Words that mean something outside of texts; others were not written by a program that makes PDF.
pub const KEYWORDS: &[&[u8]] = &[
    b"obj",
    b"endobj",
    b"stream",
    b"endstream",
    b"xref",
    b"trailer",
    b"startxref",
    b"true",
    b"false",
    b"null",
    b"R",
    b"n",
    b"f",
];
/// Texts that say who made something, with what, and when.
pub const TOLD: &[&[u8]] = &[
    b"Author",
    b"Creator",
    b"Producer",
    b"CreationDate",
    b"ModDate",
    b"LastModified",
    b"M",
    b"NM",
    b"Keywords",
    b"Company",
    b"Manager",
    b"SourceModified",
];
/// Texts of a signature, and its certificate.
pub const SIGNED: &[&[u8]] = &[
    b"Name",
    b"Location",
    b"Reason",
    b"ContactInfo",
    b"Cert",
    b"Contents",
];
/// What is out of reach, is a file of its own, or says where on earth a page lies.
pub const REFUSED: &[&[u8]] = &[b"Encrypt", b"EmbeddedFiles", b"EF", b"GPTS", b"LGIDict"];

/// A name with what is written in hexadecimal.
pub fn plain(name: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(byte) = name.get(at) {
        let digits = name.get(at + 1..at + 3).filter(|_| *byte == b'#');
        let code = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(code.unwrap_or(*byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    out
}
