//! Extraction never panics, spans lie in the text, and what is found reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tinbao::domain::indicator::extract;
use tinbao_fuzz::{CATALOG, assert_stable};

fuzz_target!(|text: &str| {
    let mut last = 0;
    for found in extract(&CATALOG, text) {
        assert!(last <= found.start && found.start < found.end);
        last = found.end;
        let length = found.end - found.start;
        let slice: String = text.chars().skip(found.start).take(length).collect();
        assert_eq!(slice, found.raw);
        if let Ok(reading) = &found.reading {
            assert_stable(reading);
        }
    }
});
