//! What the fuzz targets share: the shipped reference data and the property that reading is stable.
//!
//! Run with `cargo +nightly fuzz run extract` (or `url`, `payment_qr`).

use std::sync::LazyLock;

use tinbao::domain::indicator::{Catalog, Indicator, Input, Kind, Reading, parse};

/// The reference data that ships with the service.
pub static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let banks = include_str!("../../src/reference/data/banks.json");
    let phones = include_str!("../../src/reference/data/phone_prefixes.json");
    let banks = serde_json::from_str(banks).expect("banks.json is JSON");
    let phones = serde_json::from_str(phones).expect("phone_prefixes.json is JSON");
    Catalog::from_json(&banks, &phones).expect("the shipped data loads")
});

/// Reads a value as one kind.
pub fn read(kind: Kind, value: &str) -> Option<Reading> {
    let input = Input {
        kind,
        value,
        bank: None,
    };
    parse(&CATALOG, &input).ok()
}

/// Panics if reading a value or its display again gives anything else.
pub fn assert_stable(reading: &Reading) {
    for indicator in std::iter::once(&reading.indicator).chain(&reading.derived) {
        assert_same(indicator, &indicator.value);
        assert_same(indicator, &indicator.display);
    }
}

fn assert_same(indicator: &Indicator, written: &str) {
    let again = read(indicator.kind, written).map(|reading| reading.indicator);
    let again = again.as_ref().map(|again| (again.kind, again.value.as_str()));
    assert_eq!(again, Some((indicator.kind, indicator.value.as_str())));
}
