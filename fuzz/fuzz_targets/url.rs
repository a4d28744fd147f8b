//! Web addresses: reading never panics, and reading twice changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tinbao::domain::indicator::{Kind, lookup_order};
use tinbao_fuzz::{assert_stable, read};

fuzz_target!(|text: &str| {
    if let Some(reading) = read(Kind::Url, text) {
        assert_stable(&reading);
        if reading.indicator.kind == Kind::Url {
            let order = lookup_order(&reading.indicator.value);
            assert!((1..=3).contains(&order.len()));
        }
    }
});
