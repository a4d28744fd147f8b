//! What is made of boxes plays and shows as before, and tells nothing else.

use mp4_atom::{Any, Decode, Moov};

use super::made::{PLACES, boxed, fragments, full, heic, movie, numbers};
use super::*;

/// The boxes of a file as a reader finds them.
fn read(file: &[u8]) -> Vec<Any> {
    let mut rest = file;
    let mut found = Vec::new();
    while !rest.is_empty() {
        found.push(Any::decode(&mut rest).unwrap());
    }
    found
}

/// What each track plays.
fn played(file: &[u8]) -> Vec<Vec<&[u8]>> {
    let movie = read(file).into_iter().find_map(|part| match part {
        Any::Moov(movie) => Some(movie),
        _ => None,
    });
    let Moov { trak, .. } = movie.unwrap();
    trak.iter()
        .map(|track| {
            let table = &track.mdia.minf.stbl;
            let places = &table.stco.as_ref().unwrap().entries;
            let mp4_atom::StszSamples::Different { sizes } = &table.stsz.samples else {
                panic!("each has its size");
            };
            let each = places.iter().zip(sizes);
            let place = |n: u32| usize::try_from(n).unwrap();
            each.map(|(at, size)| &file[place(*at)..place(at + size)])
                .collect()
        })
        .collect()
}

fn holds(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|window| window == part)
}

fn assert_clean(media_type: &str, file: &[u8]) -> Bytes {
    let clean = metadata(media_type, file.to_vec().into()).expect(media_type);
    assert_eq!(clean.len(), file.len(), "every offset stays right");
    assert!(!holds(&clean, &SECRET[..8]), "{media_type}");
    assert_eq!(
        metadata(media_type, clean.clone()).unwrap(),
        clean,
        "stays as it is"
    );
    clean
}

#[test]
fn a_video_plays_as_before_and_tells_nothing_else() {
    let clean = assert_clean("video/mp4", &movie(None));
    let plays = [vec![b"pixels 1".as_slice(), b"pixels 2"], vec![b"sound"]];
    assert_eq!(played(&clean), plays, "and the track of positions is gone");
    for gone in [b"camm".as_slice(), &[7; 8], b"appl", b"SEMC"] {
        assert!(!holds(&clean, gone), "{gone:?}");
    }
    for stays in [b"avcC".as_slice(), b"esds", b"elst"] {
        assert!(holds(&clean, stays), "{stays:?}");
    }
}

#[test]
fn a_heic_shows_as_before_and_tells_nothing_else() {
    let file = heic(None);
    let clean = assert_clean("image/heic", &file);
    let Some(Any::Meta(meta)) = read(&clean).into_iter().nth(1) else {
        panic!("it describes its pictures");
    };
    let items = &meta.get::<mp4_atom::Iloc>().unwrap().item_locations;
    let place = usize::try_from(items[0].extents[0].offset).unwrap();
    assert_eq!(&clean[place..place + 6], b"pixels");
    assert!(
        holds(&clean, b"MM\0\x2a\0\0\0\x08"),
        "an empty list where Exif was"
    );
    assert!(
        holds(&clean, &[0, 0, 0, 0, 0, 16, 0, 16]),
        "how its parts are put together"
    );
    assert!(holds(&clean, b"irot") && !holds(&clean, b"udes"));
}

#[test]
fn what_has_a_part_that_cannot_be_cleaned_is_refused() {
    let replaced = |from: &[u8], to: &[u8]| {
        let mut file = movie(None);
        let at = file.windows(from.len()).position(|w| w == from).unwrap();
        file[at..at + to.len()].copy_from_slice(to);
        file
    };
    let fragment = boxed(b"moof", &full(b"mfhd", &[0; 4]));
    for (what, file) in [
        (
            "pictures with room for Exif of their own",
            replaced(b"avc1", b"jpeg"),
        ),
        (
            "sound with room for tags of its own",
            replaced(b"mp4a", b"fLaC"),
        ),
        (
            "data in another file",
            replaced(b"alis\0\0\0\x01", b"alis\0\0\0\0"),
        ),
        (
            "no track at all",
            [boxed(b"ftyp", b"mp42\0\0\0\0isom"), boxed(b"mdat", SECRET)].concat(),
        ),
        (
            "a fragment and a track of positions",
            [movie(None), fragment].concat(),
        ),
        ("cut off", movie(None)[..900].to_vec()),
    ] {
        assert_eq!(metadata("video/mp4", file.into()), None, "{what}");
    }
}

#[test]
fn of_a_recording_in_fragments_only_its_samples_stay() {
    // From the fragment, of the size that the track has.
    let same = fragments(
        &numbers(&[0x2_0000, 1]),
        [&numbers(&[0x1, 1]), &numbers(&[0, 1])],
    );
    // Each of its own size: with flags of the first, with a length of time before, and with none.
    let mut second = numbers(&[0x304, 2, 0]);
    second.extend(numbers(&[7, 2, 7, 3]));
    let own = fragments(
        &numbers(&[0x2_0038, 1, 9, 5, 9]),
        [&numbers(&[0x1, 1]), &second],
    );
    for file in [same, own] {
        let clean = assert_clean("video/mp4", &file);
        let found = clean.windows(10).filter(|w| w == b"soundmusic");
        assert_eq!(found.count(), 2, "in each fragment");
        for stays in [b"trex".as_slice(), b"tfhd", b"trun"] {
            assert!(holds(&clean, stays), "{stays:?}");
        }
    }
}

#[test]
fn fragments_that_point_at_nothing_are_refused() {
    let none = fragments(
        &numbers(&[0x2_0000, 1]),
        [&numbers(&[0x1, 0]), &numbers(&[0, 0])],
    );
    assert_eq!(metadata("video/mp4", none.into()), None);
    let more_than_there_are = fragments(
        &numbers(&[0x2_0000, 1]),
        [&numbers(&[0x201, 9]), &numbers(&[0, 0])],
    );
    assert_eq!(metadata("video/mp4", more_than_there_are.into()), None);
}

proptest! {
    /// Whatever a phone writes that is not known to be needed, and wherever.
    #[test]
    fn a_box_that_nobody_knows_is_cleaned_away(
        place in 0..PLACES, kind in "[Q-Z©][a-z]{3}", is_picture in any::<bool>()
    ) {
        let kind: Vec<u8> = kind.chars().map(|c| u8::try_from(c).unwrap()).collect();
        let kind: &[u8; 4] = kind.as_slice().try_into().unwrap();
        if is_picture {
            let file = heic(Some((place % 6, kind)));
            prop_assert!(holds(&file, kind));
            prop_assert!(!holds(&assert_clean("image/heic", &file), kind));
        } else {
            let file = movie(Some((place, kind)));
            prop_assert!(holds(&file, kind));
            let clean = assert_clean("video/mp4", &file);
            prop_assert_eq!(played(&clean).len(), 2);
            prop_assert!(!holds(&clean, kind));
        }
    }
}
