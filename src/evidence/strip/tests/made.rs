//! A video, a picture and a recording made of boxes, with secrets in every place that a phone is known to write
//! them to.

use super::SECRET;

/// A box to plant: in which place, and of which kind.
pub type Planted<'a> = Option<(usize, &'a [u8; 4])>;
/// Places in the video and in the picture.
pub const PLACES: usize = 11;

pub fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes(), kind.as_slice(), body].concat()
}

/// A box that begins with its version and flags.
pub fn full(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    boxed(kind, &[&[0; 4], body].concat())
}

pub fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// Gives the box to plant to the place it is meant for.
struct Holes<'a>(Planted<'a>, usize);

impl Holes<'_> {
    fn next(&mut self) -> Vec<u8> {
        self.1 += 1;
        match self.0 {
            Some((place, kind)) if place + 1 == self.1 => boxed(kind, SECRET),
            _ => Vec::new(),
        }
    }
}

fn handler(kind: &[u8; 4]) -> Vec<u8> {
    full(
        b"hdlr",
        &[b"mhlr", kind.as_slice(), b"appl", &[0; 8], SECRET, b"\0"].concat(),
    )
}

const MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
/// When it was made and changed.
const TIMES: [u32; 2] = [0x0707_0707; 2];

fn track(
    kind: &[u8; 4],
    entry: &[u8],
    samples: &[(usize, usize)],
    holes: &mut Holes<'_>,
) -> Vec<u8> {
    let count = u32::try_from(samples.len()).unwrap();
    let number = |n: usize| u32::try_from(n).unwrap();
    let sizes: Vec<u32> = samples.iter().map(|(_, size)| number(*size)).collect();
    let places: Vec<u32> = samples.iter().map(|(at, _)| number(*at)).collect();
    let table = [
        full(b"stsd", &[&numbers(&[1]), entry].concat()),
        full(b"stts", &numbers(&[1, count, 1])),
        full(b"stsc", &numbers(&[1, 1, 1, 1])),
        full(b"stsz", &numbers(&[&[0, count], sizes.as_slice()].concat())),
        full(b"stco", &numbers(&[&[count], places.as_slice()].concat())),
        holes.next(),
        full(b"sgpd", SECRET),
    ];
    let here = boxed(b"alis", &[b"\0\0\0\x01", SECRET].concat());
    let information = [
        full(b"vmhd", &[0; 8]),
        full(
            b"hdlr",
            &[b"dhlralisappl".as_slice(), &[0; 8], SECRET, b"\0"].concat(),
        ),
        boxed(b"dinf", &full(b"dref", &[numbers(&[1]), here].concat())),
        boxed(b"stbl", &table.concat()),
    ];
    let media = [
        full(
            b"mdhd",
            &numbers(&[TIMES[0], TIMES[1], 1_000, 2, 0x55c4_0000]),
        ),
        handler(kind),
        boxed(b"minf", &information.concat()),
        holes.next(),
    ];
    let head = [&TIMES, [1, 0, 2, 0, 0, 0, 0].as_slice(), &MATRIX, &[0, 0]].concat();
    let edit = full(b"elst", &numbers(&[1, 2, 0, 0x1_0000]));
    let parts = [
        full(b"tkhd", &numbers(&head)),
        boxed(b"edts", &edit),
        boxed(b"mdia", &media.concat()),
        boxed(b"tref", &boxed(b"cdsc", SECRET)),
        boxed(b"udta", &boxed(b"\xa9nam", SECRET)),
        full(b"meta", &boxed(b"ilst", SECRET)),
        holes.next(),
    ];
    boxed(b"trak", &parts.concat())
}

fn picture_entry(holes: &mut Holes<'_>) -> Vec<u8> {
    let head = [
        &numbers(&[0, 1, 0]),
        b"appl".as_slice(),
        &[0; 8],
        &[0, 16, 0, 16],
        &[0; 12],
        &[0, 1],
    ];
    let name = [&SECRET[..27], &[0; 5]].concat();
    let config = b"\x01\x42\0\x1e\xff\xe1\0\x04\x67\x42\0\x1e\x01\0\x02\x68\xce";
    let parts = [
        head.concat(),
        name,
        b"\0\x18\xff\xff".to_vec(),
        boxed(b"avcC", config),
        boxed(b"uuid", SECRET),
        holes.next(),
    ];
    boxed(b"avc1", &parts.concat())
}

fn sound_entry(holes: &mut Holes<'_>) -> Vec<u8> {
    let head = [
        &numbers(&[0, 1, 0]),
        b"SEMC".as_slice(),
        b"\0\x01\0\x10\0\0\0\0\xac\x44\0\0",
    ];
    let config =
        b"\x03\x19\0\0\0\x04\x11\x40\x15\0\0\0\0\0\0\0\0\0\0\0\x05\x02\x12\x10\x06\x01\x02";
    let parts = [
        head.concat(),
        full(b"esds", config),
        boxed(b"SA3D", SECRET),
        holes.next(),
    ];
    boxed(b"mp4a", &parts.concat())
}

/// Pictures, sound, and a track of positions, whose data lie among each other.
pub fn movie(planted: Planted<'_>) -> Vec<u8> {
    let data = |at: usize| {
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        for part in [SECRET, b"pixels 1", SECRET, b"sound", b"pixels 2", SECRET] {
            places.push((at + bytes.len(), part.len()));
            bytes.extend(part);
        }
        (bytes, places)
    };
    let build = |at: usize| {
        let mut holes = Holes(planted, 0);
        let (bytes, places) = data(at);
        let entry = picture_entry(&mut holes);
        let pictures = track(b"vide", &entry, &[places[1], places[4]], &mut holes);
        let entry = sound_entry(&mut holes);
        let sound = track(b"soun", &entry, &places[3..4], &mut holes);
        let positions = boxed(b"camm", &[0, 0, 0, 0, 0, 0, 0, 1]);
        let positions = track(b"camm", &positions, &places[2..3], &mut Holes(None, 0));
        let head = [
            &TIMES,
            [1_000, 2, 0x1_0000, 0x100_0000, 0, 0].as_slice(),
            &MATRIX,
            &[0; 6],
            &[4],
        ];
        let movie = [
            full(b"mvhd", &numbers(&head.concat())),
            pictures,
            sound,
            positions,
            boxed(
                b"udta",
                &[boxed(b"\xa9xyz", SECRET), full(b"loci", SECRET)].concat(),
            ),
            full(b"meta", &boxed(b"keys", SECRET)),
            holes.next(),
        ];
        let head = [
            boxed(b"ftyp", b"mp42\0\0\0\0isom"),
            holes.next(),
            boxed(b"moov", &movie.concat()),
            boxed(b"uuid", SECRET),
            boxed(b"free", SECRET),
            full(b"meta", SECRET),
        ];
        let behind = [holes.next(), boxed(b"mpvd", SECRET)].concat();
        (head.concat(), boxed(b"mdat", &bytes), behind)
    };
    let at = build(0).0.len() + 8;
    let (head, data, behind) = build(at);
    [head, data, behind].concat()
}

/// A picture with its Exif, its XMP, a name and a description.
pub fn heic(planted: Planted<'_>) -> Vec<u8> {
    let entry = |id: u8, kind: &[u8]| {
        boxed(
            b"infe",
            &[&[2, 0, 0, 0, 0, id, 0, 0], kind, SECRET, b"\0"].concat(),
        )
    };
    let place = |id: u8, method: u8, at: usize, length: usize| {
        let place = numbers(&[u32::try_from(at).unwrap(), u32::try_from(length).unwrap()]);
        [&[0, id, 0, method, 0, 0, 0, 1], place.as_slice()].concat()
    };
    let build = |at: usize| {
        let mut holes = Holes(planted, 0);
        let items = [
            entry(1, b"hvc1"),
            entry(2, b"Exif"),
            entry(3, b"mime"),
            entry(4, b"grid"),
        ];
        let places = [
            place(1, 0, at, 6),
            place(2, 0, at + 6, SECRET.len()),
            place(3, 1, 8, SECRET.len()),
            place(4, 1, 0, 8),
        ];
        let properties = [
            full(b"ispe", &numbers(&[16, 16])),
            full(b"udes", SECRET),
            boxed(b"irot", &[1]),
            holes.next(),
        ];
        let belongs = full(
            b"ipma",
            &[&numbers(&[1]), [0, 1, 2, 1, 3].as_slice()].concat(),
        );
        let parts = [
            handler(b"pict"),
            full(b"pitm", &[0, 1]),
            boxed(
                b"iinf",
                &[&[0, 0, 0, 0, 0, 4], items.concat().as_slice()].concat(),
            ),
            boxed(
                b"iloc",
                &[&[1, 0, 0, 0, 0x44, 0, 0, 4], places.concat().as_slice()].concat(),
            ),
            full(
                b"iref",
                &[boxed(b"cdsc", &[0, 2, 0, 1, 0, 1]), holes.next()].concat(),
            ),
            boxed(
                b"iprp",
                &[boxed(b"ipco", &properties.concat()), belongs, holes.next()].concat(),
            ),
            boxed(b"idat", &[&[0, 0, 0, 0, 0, 16, 0, 16], SECRET].concat()),
            full(b"grpl", SECRET),
            holes.next(),
        ];
        let head = [
            boxed(b"ftyp", b"heic\0\0\0\0mif1heic"),
            full(b"meta", &parts.concat()),
            holes.next(),
        ];
        (head.concat(), holes.next())
    };
    let at = build(0).0.len() + 8;
    let (head, behind) = build(at);
    let data = boxed(b"mdat", &[b"pixels", SECRET, SECRET].concat());
    [head, data, behind, boxed(b"uuid", SECRET)].concat()
}

/// A recording in fragments, as a browser's recorder writes it. Each has two runs of samples, of which the second
/// follows the first; what is behind them in the data belongs to nothing.
pub fn fragments(told: &[u8], runs: [&[u8]; 2]) -> Vec<u8> {
    let mut holes = Holes(None, 0);
    let entry = sound_entry(&mut holes);
    let movie = [
        track(b"soun", &entry, &[], &mut holes),
        boxed(
            b"mvex",
            &[
                full(b"trex", &numbers(&[1, 1, 1, 5, 0])),
                full(b"trep", SECRET),
            ]
            .concat(),
        ),
    ];
    let fragment = |at: usize| {
        let part = [
            boxed(b"tfhd", told),
            boxed(
                b"trun",
                &[runs[0], &numbers(&[u32::try_from(at).unwrap()])].concat(),
            ),
            boxed(b"trun", runs[1]),
            full(b"uuid", SECRET),
        ];
        boxed(
            b"moof",
            &[full(b"mfhd", &[0; 4]), boxed(b"traf", &part.concat())].concat(),
        )
    };
    let at = fragment(0).len() + 8 + SECRET.len();
    let piece = [
        fragment(at),
        boxed(b"mdat", &[SECRET, b"soundmusic", SECRET].concat()),
    ]
    .concat();
    [
        boxed(b"ftyp", b"iso5\0\0\0\0iso6"),
        boxed(b"moov", &movie.concat()),
        full(b"prft", SECRET),
        piece.clone(),
        piece,
        boxed(b"moof", &full(b"mfhd", &[0; 4])),
        boxed(b"mdat", SECRET),
        boxed(b"mfra", SECRET),
    ]
    .concat()
}
