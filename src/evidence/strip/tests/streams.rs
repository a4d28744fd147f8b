//! ASF, FLV and AIFF.

use super::camera::holds;
use super::*;

/// An object of ASF by its number as it is written down: `75B22630-668E-11CF-A6D9-00AA0062CE6C`.
fn object(guid: &str, body: &[u8]) -> Vec<u8> {
    let length = u64::try_from(body.len() + 24).unwrap().to_le_bytes();
    [&number(guid), length.as_slice(), body].concat()
}

fn number(guid: &str) -> Vec<u8> {
    let hex: Vec<u8> = guid.bytes().filter(|b| *b != b'-').collect();
    let pair = |p: &[u8]| u8::from_str_radix(std::str::from_utf8(p).unwrap(), 16).unwrap();
    let mut bytes: Vec<u8> = hex.chunks(2).map(pair).collect();
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    bytes
}

pub const VIDEO: &str = "BC19EFC0-5B4D-11CF-A8FD-00805F5C442B";
pub const DURATION: &str = "C6BD9450-867F-4907-83A3-C77921B733AD";
const TIME_CODE: &str = "399595EC-8667-4E2D-8FDB-98814CE76C1E";

fn stream(kind: &str) -> Vec<u8> {
    let rest = [0; 34].as_slice();
    let body = [
        &number(kind),
        [0; 16].as_slice(),
        &[0; 8],
        &[40, 0, 0, 0],
        &[0; 4],
        b"\x01\0",
        &SECRET[..4],
        b"how to decode this: forty bytes of video",
    ];
    let body = [body.concat(), rest[..0].to_vec()].concat();
    object("B7DC0791-A9B7-11CF-8EE6-00C00C205365", &body)
}

/// A video of a telephone with notes in every place for them.
pub fn an_asf(kind: &str, piece: &str) -> Vec<u8> {
    let name = u16::try_from(SECRET.len()).unwrap().to_le_bytes();
    let about = [
        [3; 60].as_slice(),
        &[1, 0, 1, 0],
        &[0, 0],
        &name,
        SECRET,
        &number(piece),
        &[2, 0],
        &[27, 0, 0, 0],
        SECRET,
        &stream(kind),
    ];
    let extension = [
        object("14E6A5CB-C672-4332-8399-A96952065B5A", &about.concat()),
        object("C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA", SECRET),
        object("44231C94-9498-49D1-A141-1D134E457054", SECRET),
        object("26F18B5D-4584-47EC-9F5F-0E651F0452C9", &[2, 1]),
    ]
    .concat();
    let length = u32::try_from(extension.len()).unwrap().to_le_bytes();
    let file = [&SECRET[..16], &[9; 8], b"12345678", &[4; 48]].concat();
    let objects = [
        object("8CABDCA1-A947-11CF-8EE4-00C00C205365", &file),
        object(
            "5FBF03B5-A92E-11CF-8EE3-00C00C205365",
            &[&[5; 18], length.as_slice(), &extension].concat(),
        ),
        object("75B22633-668E-11CF-A6D9-00AA0062CE6C", SECRET),
        object("D2D0A440-E307-11D2-97F0-00A0C95EA850", SECRET),
        object("86D15240-311D-11D0-A3A4-00A0C90348F6", SECRET),
        object("7BF875CE-468D-11D1-8D82-006097C9A2B2", &[6; 8]),
    ]
    .concat();
    let data = [&SECRET[..16], &[7; 10], b"packets of a video"].concat();
    let index = [&SECRET[..16], &[8; 16]].concat();
    [
        object(
            "75B22630-668E-11CF-A6D9-00AA0062CE6C",
            &[&[6, 0, 0, 0, 1, 2], objects.as_slice()].concat(),
        ),
        object("75B22636-668E-11CF-A6D9-00AA0062CE6C", &data),
        object("33000890-E5B1-11CF-89F4-00A0C90349CB", &index),
        object("BE7ACFCB-97A9-42E8-9C71-999491E3AFAC", SECRET),
    ]
    .concat()
}

#[test]
fn of_a_windows_video_only_what_plays_stays_and_nothing_moves() {
    let file = an_asf(VIDEO, DURATION);
    let clean = metadata("video/x-ms-wmv", file.clone().into()).unwrap();
    assert_eq!(clean.len(), file.len());
    assert!(
        !holds(&clean, &SECRET[..8])
            && !holds(&clean, &SECRET[17..])
            && !holds(&clean, b"12345678")
    );
    for part in [
        b"packets of a video".as_slice(),
        b"how to decode this: forty bytes of video",
        &[6; 8],
        &[7; 10],
        &[8; 16],
        &[9; 8],
        &[4; 48],
        &[3; 60],
    ] {
        let at = file.windows(part.len()).position(|w| w == part).unwrap();
        assert_eq!(clean[at..at + part.len()], *part);
    }
    // Each object is as long as it was: what is not needed is unused space.
    let padding = number("1806D474-CADF-4509-A4BA-9AABCB96AAE8");
    assert_eq!(clean.windows(16).filter(|w| *w == padding).count(), 6);
    assert_eq!(metadata("video/x-ms-wmv", clean.clone()).unwrap(), clean);
    let end = file
        .windows(18)
        .position(|w| w == b"packets of a video")
        .unwrap();
    let cut = metadata("video/x-ms-wmv", file[..end + 7].to_vec().into()).unwrap();
    assert!(cut.ends_with(b"packets") && !holds(&cut, &SECRET[..8]));
    for refused in [
        an_asf("59DACFC0-59E6-11D0-A3AC-00A0C90348F6", DURATION),
        an_asf(VIDEO, TIME_CODE),
        file[..300].to_vec(),
        [file.as_slice(), &file].concat(),
    ] {
        assert_eq!(metadata("video/x-ms-wmv", refused.into()), None);
    }
}

fn tag(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let whole = u32::try_from(body.len() + 11).unwrap().to_be_bytes();
    [&[kind], &length[1..], &[0, 0, 9, 0, 0, 0, 0], body, &whole].concat()
}

pub fn an_flv() -> Vec<u8> {
    let number = |name: &[u8], value: f64| {
        let length = u16::try_from(name.len()).unwrap().to_be_bytes();
        [&length, name, &[0], value.to_be_bytes().as_slice()].concat()
    };
    let script = [
        b"\x02\0\x0aonMetaData\x08\0\0\0\x05".to_vec(),
        number(b"duration", 12.5),
        number(b"latitude", 21.38),
        number(b"width", 640.0),
        [b"\0\x05model\x02\0\x1b".as_slice(), SECRET].concat(),
        b"\0\0\x09".to_vec(),
    ];
    [
        b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec(),
        tag(18, &script.concat()),
        tag(8, b"\xaf\x01a voice"),
        tag(9, b"\x17\x01\0\0\0pixels"),
        tag(9, &[b"\x5f".as_slice(), SECRET].concat()),
        tag(
            18,
            &[b"\x02\0\x0aonTextData\x08".as_slice(), SECRET].concat(),
        ),
        tag(15, SECRET),
        tag(9, b"\x27\x01\0\0\0further"),
    ]
    .concat()
}

#[test]
fn of_a_flash_video_sound_and_pictures_stay_with_how_long_and_how_wide() {
    let clean = metadata("video/x-flv", an_flv().into()).unwrap();
    let said = [
        b"\x02\0\x0aonMetaData\x08\0\0\0\x02\0\x08duration\0".as_slice(),
        &12.5_f64.to_be_bytes(),
        b"\0\x05width\0",
        &640.0_f64.to_be_bytes(),
        b"\0\0\x09",
    ];
    let whole = [
        b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec(),
        tag(18, &said.concat()),
        tag(8, b"\xaf\x01a voice"),
        tag(9, b"\x17\x01\0\0\0pixels"),
        tag(9, b"\x27\x01\0\0\0further"),
    ]
    .concat();
    assert_eq!(clean, whole);
    assert_eq!(metadata("video/x-flv", clean.clone()).unwrap(), clean);
    let cut = metadata(
        "video/x-flv",
        an_flv()[..an_flv().len() - 9].to_vec().into(),
    )
    .unwrap();
    assert!(holds(&cut, b"pixels") && !holds(&cut, b"further"));
    for refused in [
        b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec(),
        [&an_flv(), tag(7, SECRET).as_slice()].concat(),
        [b"FLV\x01\x05\0\0\0\x09\0\0\0\0", tag(18, SECRET).as_slice()].concat(),
    ] {
        assert_eq!(metadata("video/x-flv", refused.into()), None);
    }
}

fn part(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = [
        kind,
        u32::try_from(body.len()).unwrap().to_be_bytes().as_slice(),
        body,
    ]
    .concat();
    out.resize(out.len().next_multiple_of(2), 0);
    out
}

pub fn an_aiff(encoding: Option<&[u8; 4]>) -> Vec<u8> {
    let mut said = vec![5; 18];
    if let Some(encoding) = encoding {
        said.extend(encoding);
        said.push(27);
        said.extend(SECRET);
    }
    let before = [&[0, 0, 0, 27], [0; 4].as_slice(), SECRET, b"a voice!!"].concat();
    let parts = [
        if encoding.is_some() { b"AIFC" } else { b"AIFF" }.to_vec(),
        part(b"FVER", b"\xa2\x80\x51\x40"),
        part(b"COMM", &said),
        part(b"NAME", SECRET),
        part(b"AUTH", SECRET),
        part(b"(c) ", SECRET),
        part(b"ANNO", SECRET),
        part(b"COMT", SECRET),
        part(b"MARK", SECRET),
        part(b"APPL", SECRET),
        part(b"SSND", &before),
        part(b"ID3 ", SECRET),
    ];
    part(b"FORM", &parts.concat())
}

#[test]
fn of_an_aiff_only_the_sound_stays() {
    for encoding in [None, Some(b"sowt")] {
        let file = an_aiff(encoding);
        let clean = metadata("audio/x-aiff", file.clone().into()).unwrap();
        let said = match encoding {
            None => vec![5; 18],
            Some(encoding) => [&[5; 18], encoding.as_slice(), &[0, 0]].concat(),
        };
        let sound = [&[0, 0, 0, 27], [0; 31].as_slice(), b"a voice!!"].concat();
        let kind = if encoding.is_some() { b"AIFC" } else { b"AIFF" };
        let parts = [
            kind.to_vec(),
            part(b"FVER", b"\xa2\x80\x51\x40"),
            part(b"COMM", &said),
            part(b"SSND", &sound),
        ];
        assert_eq!(clean, part(b"FORM", &parts.concat()));
        assert_eq!(metadata("audio/x-aiff", clean.clone()).unwrap(), clean);
        let end = file.windows(9).position(|w| w == b"a voice!!").unwrap();
        let cut = metadata("audio/x-aiff", file[..end + 7].to_vec().into()).unwrap();
        assert!(holds(&cut, b"a voice") && !holds(&cut, &SECRET[..8]));
    }
    for refused in [an_aiff(Some(b"QDM2")), an_aiff(None)[..60].to_vec()] {
        assert_eq!(metadata("audio/x-aiff", refused.into()), None);
    }
}

proptest! {
    #[test]
    fn nothing_panics_in_these_streams(
        bytes in proptest::collection::vec(any::<u8>(), 0..60), at in 0_usize..1200, cut in 0_usize..60,
    ) {
        for (media_type, mut file) in [
            ("video/x-ms-wmv", an_asf(VIDEO, DURATION)), ("video/x-flv", an_flv()),
            ("audio/x-aiff", an_aiff(Some(b"sowt"))),
        ] {
            let at = at.min(file.len());
            let end = (at + cut).min(file.len());
            file.splice(at..end, bytes.clone());
            let _ = metadata(media_type, file.into());
        }
    }
}
