//! TIFF and camera originals, AVI, MP3 in a WAV, and what is left to do of a file that cannot be told apart.

use super::*;

pub fn holds(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|window| window == part)
}

/// A TIFF that is written as its parts come.
pub struct Tiff {
    pub file: Vec<u8>,
    little: bool,
    big: bool,
}

impl Tiff {
    pub fn new(little: bool, big: bool) -> Self {
        let mut tiff = Self {
            file: if little { b"II" } else { b"MM" }.to_vec(),
            little,
            big,
        };
        let magic = tiff.number(if big { 43 } else { 42 }, 2);
        tiff.file.extend(magic);
        if big {
            let rest = [tiff.number(8, 2), tiff.number(0, 2)].concat();
            tiff.file.extend(rest);
        }
        let first = tiff.number(0, tiff.word());
        tiff.file.extend(first);
        tiff
    }

    pub fn word(&self) -> usize {
        if self.big { 8 } else { 4 }
    }

    pub fn number(&self, value: usize, width: usize) -> Vec<u8> {
        let bytes = u64::try_from(value).unwrap().to_be_bytes();
        let mut bytes = bytes[8 - width..].to_vec();
        if self.little {
            bytes.reverse();
        }
        bytes
    }

    /// Adds bytes and says where they are.
    pub fn data(&mut self, bytes: &[u8]) -> usize {
        self.file.resize(self.file.len().next_multiple_of(2), 0);
        self.file.extend(bytes);
        self.file.len() - bytes.len()
    }

    /// Adds a list of tags: tag, type, values.
    pub fn list(&mut self, entries: &[(u16, usize, Vec<u8>)], next: usize) -> usize {
        let mut out = self.number(entries.len(), if self.big { 8 } else { 2 });
        for (tag, kind, values) in entries {
            let width = [1, 1, 1, 2, 4, 8, 1, 1][*kind];
            out.extend(self.number(usize::from(*tag), 2));
            out.extend(self.number(*kind, 2));
            out.extend(self.number(values.len() / width, self.word()));
            let mut field = values.clone();
            if field.len() > self.word() {
                let at = self.data(values);
                field = self.number(at, self.word());
            }
            field.resize(self.word(), 0);
            out.extend(field);
        }
        out.extend(self.number(next, self.word()));
        self.data(&out)
    }

    pub fn short(&self, tag: u16, value: usize) -> (u16, usize, Vec<u8>) {
        (tag, 3, self.number(value, 2))
    }

    pub fn long(&self, tag: u16, value: usize) -> (u16, usize, Vec<u8>) {
        (tag, 4, self.number(value, 4))
    }

    pub fn begin(&mut self, first: usize) {
        let (at, word) = (self.word(), self.word());
        let first = self.number(first, word);
        self.file[at..at + word].copy_from_slice(&first);
    }
}

/// A camera original with everything that tells of place, time and device, also in a picture in it.
pub fn a_tiff(little: bool, big: bool) -> Vec<u8> {
    let mut tiff = Tiff::new(little, big);
    let text = |tag: u16| (tag, 2, [SECRET, b"\0"].concat());
    let maker = (0x927c, 7, SECRET.to_vec());
    let exif = tiff.list(&[text(0x9003), maker, text(0xa431)], 0);
    let gps = tiff.list(&[(1, 2, b"N\0".to_vec()), text(0x001d)], 0);
    let inner = a_jpeg();
    let preview = tiff.data(&inner);
    let entries = [
        tiff.short(0x0100, 1),
        tiff.short(0x0103, 7),
        tiff.long(0x0111, preview),
        tiff.long(0x0117, inner.len()),
        text(0x0131),
    ];
    let below = tiff.list(&entries, 0);
    // Where nothing points: a maker's own copy.
    tiff.data(SECRET);
    let second = tiff.data(b"second page");
    let entries = [
        text(0x010d),
        tiff.long(0x0111, second),
        tiff.long(0x0117, 11),
    ];
    let next = tiff.list(&entries, 0);
    let strips = [tiff.data(b"pixels"), tiff.data(b"more of it")];
    let places = [tiff.number(strips[0], 4), tiff.number(strips[1], 4)].concat();
    let lengths = [tiff.number(6, 2), tiff.number(10, 2)].concat();
    let entries = [
        tiff.short(0x0100, 4),
        tiff.short(0x0101, 4),
        tiff.short(0x0103, 1),
        text(0x010f),
        text(0x0110),
        (0x0111, 4, places),
        tiff.short(0x0112, 6),
        (0x0117, 3, lengths),
        (0x011a, 5, tiff.number(72, 8)),
        // Text where a number belongs.
        text(0x011b),
        text(0x0131),
        text(0x0132),
        text(0x013b),
        tiff.long(0x014a, below),
        (0x02bc, 1, [b"<x:xmpmeta", SECRET].concat()),
        (0x83bb, 7, SECRET.to_vec()),
        tiff.long(0x8769, exif),
        tiff.long(0x8825, gps),
        text(0xc62f),
        (0xc634, 1, SECRET.to_vec()),
    ];
    let first = tiff.list(&entries, next);
    tiff.begin(first);
    tiff.file.extend(SECRET);
    tiff.file
}

#[test]
fn of_a_camera_original_the_pictures_stay_where_they_stood() {
    for (little, big) in [(true, false), (false, false), (true, true), (false, true)] {
        let file = a_tiff(little, big);
        let clean = metadata("image/tiff", file.clone().into()).unwrap();
        assert_eq!(clean.len(), file.len(), "every offset stays right");
        assert!(!holds(&clean, &SECRET[..8]) && !holds(&clean, b"Exif"));
        for part in [b"pixels".as_slice(), b"more of it", b"second page", &[5, 6]] {
            let at = file.windows(part.len()).position(|w| w == part).unwrap();
            assert_eq!(clean[at..at + part.len()], *part, "{little} {big}");
        }
        assert_eq!(metadata("image/tiff", clean.clone()).unwrap(), clean);
        assert_eq!(
            tags(&clean, little, big),
            [0x100, 0x101, 0x103, 0x111, 0x112, 0x117, 0x11a, 0x14a]
        );
    }
}

/// The tags of the first list.
fn tags(file: &[u8], little: bool, big: bool) -> Vec<usize> {
    let number = |at: usize, width: usize| {
        let mut bytes = file[at..at + width].to_vec();
        if little {
            bytes.reverse();
        }
        bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b))
    };
    let (word, head, size) = if big { (8, 8, 20) } else { (4, 2, 12) };
    let first = number(word, word);
    let count = number(first, head);
    (0..count)
        .map(|n| number(first + head + n * size, 2))
        .collect()
}

#[test]
fn a_list_that_leads_to_itself_or_nowhere_ends() {
    let mut tiff = Tiff::new(true, false);
    let at = tiff.data(b"pixels");
    let itself = tiff.file.len();
    let entries = [
        tiff.long(0x0111, at),
        tiff.long(0x0117, 6),
        tiff.long(0x014a, itself),
    ];
    let first = tiff.list(&entries, itself);
    assert_eq!(first, itself);
    tiff.begin(first);
    let clean = metadata("image/tiff", tiff.file.clone().into()).unwrap();
    assert!(holds(&clean, b"pixels"));
    // No picture, a picture that is not there, a JPEG that is none.
    for (place, length, compression) in [(at, 0, 1), (usize::MAX >> 33, 6, 1), (at, 6, 7)] {
        let mut tiff = Tiff::new(true, false);
        tiff.data(b"pixels");
        let entries = [
            tiff.short(0x0103, compression),
            tiff.long(0x0111, place),
            tiff.long(0x0117, length),
        ];
        let first = tiff.list(&entries, 0);
        tiff.begin(first);
        assert_eq!(metadata("image/tiff", tiff.file.into()), None, "{place}");
    }
}

fn list(form: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    riff(b"LIST", &[form.to_vec(), chunks.concat()].concat())
}

/// A video of a camera whose first frame has Exif.
pub fn an_avi(handler: &[u8; 4]) -> Vec<u8> {
    let stream = [b"vids".as_slice(), handler, &[0; 48]].concat();
    let chunks = [
        b"AVI ".to_vec(),
        list(
            b"hdrl",
            &[
                riff(b"avih", &[1; 56]),
                list(
                    b"strl",
                    &[
                        riff(b"strh", &stream),
                        riff(b"strf", &[2; 40]),
                        riff(b"strd", SECRET),
                        riff(b"strn", SECRET),
                    ],
                ),
                riff(b"IDIT", SECRET),
            ],
        ),
        list(b"INFO", &[riff(b"ISFT", SECRET), riff(b"IART", SECRET)]),
        list(b"ncdt", &[riff(b"nctg", SECRET)]),
        riff(b"JUNK", SECRET),
        list(
            b"movi",
            &[
                riff(b"00dc", &a_jpeg()),
                riff(b"01wb", b"a voice"),
                list(b"rec ", &[riff(b"00dc", b"\xff\xd8 no picture")]),
                riff(b"02tx", SECRET),
            ],
        ),
        riff(b"idx1", &[3; 16]),
        riff(b"_PMX", SECRET),
    ];
    let more = riff(
        b"RIFF",
        &[
            b"AVIX".to_vec(),
            list(b"movi", &[riff(b"00dc", b"further")]),
        ]
        .concat(),
    );
    [riff(b"RIFF", &chunks.concat()), more, SECRET.to_vec()].concat()
}

#[test]
fn an_avi_keeps_its_frames_and_its_places() {
    let file = an_avi(b"MJPG");
    let clean = metadata("video/x-msvideo", file.clone().into()).unwrap();
    assert_eq!(clean.len(), file.len());
    assert!(!holds(&clean, &SECRET[..8]) && !holds(&clean, b"Exif") && !holds(&clean, b"ISFT"));
    for part in [
        b"a voice".as_slice(),
        b"further",
        b"idx1",
        &[1; 56],
        &[2; 40],
        &[1, 2, 0xff, 0, 3],
    ] {
        let at = file.windows(part.len()).position(|w| w == part).unwrap();
        assert_eq!(clean[at..at + part.len()], *part);
    }
    assert!(!holds(&clean, b"no picture"), "a frame that does not open");
    assert_eq!(metadata("video/x-msvideo", clean.clone()).unwrap(), clean);
    let cut = file[..file.len() * 2 / 3].to_vec();
    let clean = metadata("video/x-msvideo", cut.into()).unwrap();
    assert!(!holds(&clean, &SECRET[..8]));
    for refused in [an_avi(b"dvsd"), an_avi(b"MJPG")[..200].to_vec()] {
        assert_eq!(metadata("video/x-msvideo", refused.into()), None);
    }
}

#[test]
fn mp3_in_a_wav_loses_its_tags() {
    let format = riff(
        b"fmt ",
        &[0x55, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
    );
    let wav = |sound: &[u8]| {
        let parts = [b"WAVE".to_vec(), format.clone(), riff(b"data", sound)];
        riff(b"RIFF", &parts.concat())
    };
    let clean = metadata("audio/x-wav", wav(&an_mp3()).into()).unwrap();
    let sound = metadata("audio/mpeg", an_mp3().into()).unwrap();
    assert_eq!(clean, wav(&sound));
    assert!(!holds(&clean, SECRET));
    assert_eq!(metadata("audio/x-wav", wav(SECRET).into()), None);
}

#[test]
fn of_what_cannot_be_told_apart_what_is_known_is_overwritten() {
    let exif = a_tiff(false, false);
    let iptc = [
        b"8BIM\x04\x04\0\0".as_slice(),
        &27_u32.to_be_bytes(),
        SECRET,
        b"behind",
    ];
    let place = [b"\0\0\0\x23\xa9xyz".as_slice(), SECRET, b"behind"];
    for file in [
        [b"of another kind: Exif\0\0", exif.as_slice()].concat()[..exif.len() - 40].to_vec(),
        [
            b"damaged <x:xmpmeta>",
            SECRET,
            b"</x:xmpmeta> behind".as_slice(),
        ]
        .concat(),
        [b"no end <x:xmpmeta>", SECRET].concat(),
        iptc.concat(),
        place.concat(),
    ] {
        assert!(holds(&file, SECRET));
        let told = known::overwrite(file.clone());
        assert_eq!(told.len(), file.len());
        let behind = b"behind".as_slice();
        assert_eq!(holds(&told, behind), holds(&file, behind));
        if holds(&file, b"Exif") {
            // Nothing leads to what no list points at.
            assert!(holds(&told, b"pixels") && !holds(&told, b"<x:xmpmeta"));
            let left = told.windows(8).filter(|w| *w == &SECRET[..8]).count();
            let before = file.windows(8).filter(|w| *w == &SECRET[..8]).count();
            assert!(left + 12 <= before, "{left} of {before}");
        } else {
            assert!(!holds(&told, &SECRET[..8]));
        }
    }
}

proptest! {
    #[test]
    fn nothing_panics_in_camera_originals(
        bytes in proptest::collection::vec(any::<u8>(), 0..60), at in 0_usize..1500, cut in 0_usize..60,
        little in any::<bool>(), big in any::<bool>()
    ) {
        for (media_type, mut file) in [
            ("image/tiff", a_tiff(little, big)), ("video/x-msvideo", an_avi(b"MJPG")),
        ] {
            let at = at.min(file.len());
            let end = (at + cut).min(file.len());
            file.splice(at..end, bytes.clone());
            let _ = metadata(media_type, file.clone().into());
            prop_assert_eq!(known::overwrite(file.clone()).len(), file.len());
        }
    }
}
