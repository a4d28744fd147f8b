//! Payment codes: bytes of any sort behind a right CRC never panic and decode stably.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tinbao::domain::indicator::Kind;
use tinbao_fuzz::{assert_stable, read};

fuzz_target!(|text: &str| {
    let body = format!("000201{text}6304");
    // Half of the work behind the CRC would never be reached by chance.
    let payload = format!("{body}{:04X}", crc(body.as_bytes()));
    for value in [text, payload.as_str()] {
        if let Some(reading) = read(Kind::PaymentQr, value) {
            assert_stable(&reading);
        }
    }
});

/// CRC-16/CCITT-FALSE, bit by bit.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}
