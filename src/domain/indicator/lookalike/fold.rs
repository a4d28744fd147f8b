//! Ways of reading a label: without Vietnamese tone marks, by the shape of its letters, by its UTS 39 skeleton.
//! It does not know brands; it only turns one string into another.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// Text in lower case without tone marks, `đ` written `d`.
pub fn toneless(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

/// The UTS 39 skeleton; only ever compared with another skeleton, for it writes `m` as `rn`.
pub fn skeleton_of(text: &str) -> String {
    skeleton(text).collect::<String>().to_lowercase()
}

/// A label written in ASCII: foreign letters become the Latin ones they look like, the rest `?`.
///
/// The flag says whether a foreign letter was read as a Latin one.
pub fn latin_look(label: &str) -> (String, bool) {
    let mut confused = false;
    let mut out = String::with_capacity(label.len());
    for c in label.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
            continue;
        }
        let looks = toneless(&skeleton_of(c.encode_utf8(&mut [0; 4])));
        match looks.as_str() {
            "rn" => {
                confused = true;
                out.push('m');
            }
            l if !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                confused = true;
                out.push_str(l);
            }
            _ => out.push('?'),
        }
    }
    (out, confused)
}

/// One spelling for all ASCII letters and digits that pass for each other: `0`/`o`, `1`/`l`/`i`, `rn`/`m`, `vv`/`w`.
pub fn visual(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let seen = match c {
            '0' => 'o',
            '1' | 'l' | '!' | 'j' => 'i',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            '8' => 'b',
            '9' => 'g',
            other => other,
        };
        match (out.chars().next_back(), seen) {
            (Some('r'), 'n') => {
                out.pop();
                out.push('m');
            }
            (Some('v'), 'v') => {
                out.pop();
                out.push('w');
            }
            _ => out.push(seen),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_and_the_barred_d_go() {
        for (written, plain) in [
            ("Bảo hiểm xã hội", "bao hiem xa hoi"),
            ("ĐIỆN LỰC", "dien luc"),
            ("Nguyễn Ước", "nguyen uoc"),
            ("e\u{301}", "e"),
        ] {
            assert_eq!(toneless(written), plain);
        }
    }

    #[test]
    fn cyrillic_letters_are_read_as_the_latin_ones_they_imitate() {
        assert_eq!(latin_look("vіetсombаnk"), ("vietcombank".to_owned(), true));
        assert_eq!(latin_look("vietcombank"), ("vietcombank".to_owned(), false));
        assert_eq!(latin_look("商店").0, "??");
    }

    #[test]
    fn look_alike_spellings_share_one_visual_form() {
        for (a, b) in [
            ("vietc0mbank", "vietcombank"),
            ("vletcornbank", "vietcombank"),
            ("t1k1", "tiki"),
            ("5hopee", "shopee"),
        ] {
            assert_eq!(visual(a), visual(b));
        }
        assert_ne!(visual("vietcombank"), visual("vietinbank"));
    }
}
