//! Files that are cut off, wherever that is.

use super::camera::{Tiff, a_tiff, holds};
use super::makers::an_rw2;
use super::*;

/// What is served of a file, and whether it is said to be clean.
fn served(media_type: &str, file: &[u8]) -> (Bytes, bool) {
    match copy(media_type, file.to_vec().into()) {
        Copy::Clean(bytes) => (bytes, true),
        Copy::Doubtful(bytes) => {
            assert_eq!(bytes.len(), file.len(), "{media_type}: nothing moves");
            (bytes, false)
        }
        Copy::Stored(_) => panic!("{media_type} is served as stored"),
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_tells_nothing_of_place_and_camera() {
    let mut fragments = made::fragments(
        &[0, 2, 0, 0, 0, 0, 0, 1],
        [&[0, 0, 0, 1, 0, 0, 0, 1], &[0, 0, 0, 0, 0, 0, 0, 1]],
    );
    fragments[8..12].copy_from_slice(b"mp42");
    let mut flac = a_flac();
    let sound = flac.windows(6).position(|w| w == b"pixels").unwrap();
    flac.truncate(sound + 6);
    for (media_type, file) in [
        ("image/jpeg", a_jpeg()),
        ("image/png", a_png()),
        ("image/webp", a_webp()),
        ("image/heic", heic(None)),
        ("application/pdf", a_pdf()),
        ("application/pdf", a_full_pdf()),
        ("video/mp4", movie(None)),
        ("video/mp4", fragments),
        ("audio/mp4", movie(None)),
        ("video/3gpp", movie(None)),
        ("audio/mpeg", an_mp3()),
        ("audio/ogg", an_ogg()),
        ("audio/amr", an_amr()),
        ("video/webm", a_webm()),
        ("image/tiff", a_tiff(true, false)),
        ("image/tiff", a_tiff(false, true)),
        ("image/x-panasonic-rw2", an_rw2(10)),
        ("image/gif", a_gif()),
        ("audio/x-wav", a_wav()),
        // Tags behind the sound are found by their end alone.
        ("audio/x-flac", flac),
        ("audio/x-aiff", streams::an_aiff(Some(b"sowt"))),
        ("video/x-flv", streams::an_flv()),
        (
            "video/x-ms-wmv",
            streams::an_asf(streams::VIDEO, streams::DURATION),
        ),
        ("video/x-msvideo", camera::an_avi(b"MJPG")),
        ("image/x-fuji-raf", makers::a_raf(b"raw pixels")),
    ] {
        let mut doubtful = 0;
        for cut in 12..file.len() {
            let (shown, clean) = served(media_type, &file[..cut]);
            for secret in [&SECRET[..8], &SECRET[SECRET.len() - 8..]] {
                assert!(
                    !holds(&shown, secret),
                    "{media_type} cut at {cut} of {}: {}",
                    file.len(),
                    String::from_utf8_lossy(&shown)
                );
            }
            doubtful += usize::from(!clean);
        }
        assert!(doubtful > 0 || media_type == "audio/amr", "{media_type}");
    }
}

#[test]
fn what_stands_before_the_damage_stays_where_it_can_be_told_apart() {
    let until =
        |file: &[u8], part: &[u8]| file.windows(part.len()).position(|w| w == part).unwrap();
    let png = a_png();
    let place = until(&png, b"pixels");
    for (media_type, file, cut, stays) in [
        ("image/png", png.clone(), place + 4, b"pixe".as_slice()),
        ("image/webp", a_webp(), until(&a_webp(), b"XMP "), b"pixels"),
        (
            "video/mp4",
            movie(None),
            until(&movie(None), b"pixels 2") + 8,
            b"pixels 1",
        ),
        (
            "image/heic",
            heic(None),
            until(&heic(None), b"pixels") + 8,
            b"pixels",
        ),
        (
            "video/webm",
            a_webm(),
            until(&a_webm(), b"pixels") + 3,
            b"pix",
        ),
        ("audio/ogg", an_ogg(), an_ogg().len() - 1, b"pixel"),
    ] {
        let (shown, clean) = served(media_type, &file[..cut]);
        assert!(!clean, "{media_type}");
        let at = until(&file, stays);
        assert_eq!(shown[at..at + stays.len()], *stays, "{media_type}");
    }
    // One bit of a picture fell over: its checksum is wrong, and its notes are gone all the same.
    let mut bent = png;
    bent[place] ^= 1;
    let (shown, _) = served("image/png", &bent);
    assert!(holds(&shown, b"qixels") && !holds(&shown, &SECRET[..8]));
}

#[test]
fn of_a_video_without_its_tables_positions_are_overwritten() {
    let sentence = b"$GPRMC,021530,A,2123.1,N,10301.2,E,0,0,301126,,*00".as_slice();
    let sensors = [b"DEVC\0\x01\0\x1b".as_slice(), SECRET].concat();
    let mut camera = Tiff::new(true, false);
    let first = camera.list(&[(0x0110, 2, [SECRET, b"\0"].concat())], 0);
    camera.begin(first);
    let exif = [b"Exif\0\0".as_slice(), &camera.file].concat();
    let data = [sentence, b"pixels", &sensors, &exif, b"\r\nbehind"].concat();
    let file = [
        made::boxed(b"ftyp", b"mp42\0\0\0\0isom"),
        made::boxed(b"mdat", &data),
    ]
    .concat();
    let (shown, clean) = served("video/mp4", &file[..file.len() - 2]);
    assert!(!clean && holds(&shown, b"pixels"));
    assert!(
        !holds(&shown, b"2123.1") && !holds(&shown, &sensors[8..]) && !holds(&shown, b"SM-A546E")
    );
}

proptest! {
    #[test]
    fn nothing_panics_in_what_is_damaged(
        bytes in proptest::collection::vec(any::<u8>(), 0..60), at in 0_usize..900, end in 0_usize..1500
    ) {
        for (media_type, mut file) in [
            ("image/jpeg", a_jpeg()), ("image/png", a_png()), ("image/webp", a_webp()), ("image/heic", heic(None)),
            ("application/pdf", a_full_pdf()), ("video/mp4", movie(None)), ("audio/ogg", an_ogg()),
            ("video/webm", a_webm()), ("image/tiff", a_tiff(true, false)), ("audio/mpeg", an_mp3()),
            ("image/x-fuji-raf", makers::a_raf(b"raw pixels")), ("image/gif", a_gif()), ("audio/x-wav", a_wav()),
            ("audio/x-flac", a_flac()), ("audio/x-aiff", streams::an_aiff(Some(b"sowt"))),
            ("video/x-flv", streams::an_flv()),
            ("video/x-ms-wmv", streams::an_asf(streams::VIDEO, streams::DURATION)),
        ] {
            let at = at.min(file.len());
            let over = (at + bytes.len()).min(file.len());
            file.splice(at..over, bytes.clone());
            file.truncate(end);
            let length = file.len();
            prop_assert_eq!(damaged::overwrite(media_type, file).len(), length);
        }
    }
}
