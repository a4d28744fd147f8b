//! Addresses on Bitcoin, Ethereum and Tron, each with its own check characters.
//!
//! Sources: Base58Check (Bitcoin, Tron), BIP 173 and BIP 350 (bech32, bech32m), EIP-55 (Ethereum).

use sha3::{Digest, Keccak256};

use super::model::{Indicator, Kind, Reading};
use super::reason::Reason;
use super::text;

/// Reads a value that is said to be an address.
pub(super) fn parse(raw: &str) -> Result<Reading, Reason> {
    let cleaned = text::clean(raw);
    if cleaned.is_empty() {
        return Err(Reason::Empty);
    }
    let bare = strip_scheme(&cleaned);
    let (chain, address, display) = read(bare)?;
    let indicator = Indicator::new(Kind::CryptoAddress, format!("{chain}:{address}"), display)
        .with("chain", chain);
    Ok(Reading::plain(indicator))
}

/// `bitcoin:…?amount=1`, `ethereum:0x…@1`, `btc:…`.
fn strip_scheme(cleaned: &str) -> &str {
    const SCHEMES: [&str; 6] = ["bitcoin:", "ethereum:", "btc:", "eth:", "tron:", "usdt:"];
    let bare = SCHEMES
        .iter()
        .find_map(|scheme| text::strip_prefix_ignore_case(cleaned, scheme))
        .unwrap_or(cleaned)
        .trim();
    bare.split(['?', '@', '/']).next().unwrap_or(bare)
}

/// Chain, canonical address and the form that people copy.
fn read(bare: &str) -> Result<(&'static str, String, String), Reason> {
    if !bare.is_ascii() || bare.len() > 90 {
        return Err(Reason::NotACryptoAddress);
    }
    if let Some(hex) = bare.strip_prefix("0x").or_else(|| bare.strip_prefix("0X")) {
        return ethereum(hex);
    }
    if text::strip_prefix_ignore_case(bare, "bc1").is_some() {
        return segwit(bare);
    }
    base58(bare)
}

fn ethereum(hex: &str) -> Result<(&'static str, String, String), Reason> {
    if hex.len() != 40 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Reason::NotACryptoAddress);
    }
    let lower = hex.to_ascii_lowercase();
    let checked = eip55(&lower);
    let one_case = hex == lower || hex == hex.to_ascii_uppercase();
    if !one_case && hex != checked {
        return Err(Reason::CryptoChecksum);
    }
    Ok(("eth", format!("0x{lower}"), format!("0x{checked}")))
}

/// EIP-55: a letter is upper case where the hash of the address has a high nibble.
fn eip55(lower: &str) -> String {
    let hash = Keccak256::digest(lower.as_bytes());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    lower
        .chars()
        .zip(nibbles)
        .map(|(c, nibble)| {
            if nibble >= 8 {
                c.to_ascii_uppercase()
            } else {
                c
            }
        })
        .collect()
}

fn segwit(bare: &str) -> Result<(&'static str, String, String), Reason> {
    let (hrp, _, _) = bech32::segwit::decode(bare)
        .ok()
        .ok_or(Reason::CryptoChecksum)?;
    if !hrp.as_str().eq_ignore_ascii_case("bc") {
        return Err(Reason::NotACryptoAddress);
    }
    let address = bare.to_ascii_lowercase();
    Ok(("btc", address.clone(), address))
}

fn base58(bare: &str) -> Result<(&'static str, String, String), Reason> {
    if !(25..=36).contains(&bare.len()) || !bare.starts_with(['1', '3', 'T']) {
        return Err(Reason::NotACryptoAddress);
    }
    let bytes = match bs58::decode(bare).with_check(None).into_vec() {
        Ok(bytes) => bytes,
        Err(bs58::decode::Error::InvalidChecksum { .. }) => return Err(Reason::CryptoChecksum),
        Err(_) => return Err(Reason::NotACryptoAddress),
    };
    // A version byte and a 20-byte hash: 0x00 and 0x05 on Bitcoin, 0x41 on Tron.
    let chain = match (bytes.first(), bytes.len()) {
        (Some(0x00 | 0x05), 21) => "btc",
        (Some(0x41), 21) => "tron",
        _ => return Err(Reason::NotACryptoAddress),
    };
    Ok((chain, bare.to_owned(), bare.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(raw: &str) -> String {
        match parse(raw) {
            Ok(reading) => reading.indicator.value,
            Err(reason) => reason.code().to_owned(),
        }
    }

    /// Addresses from the standards themselves; nobody's.
    #[test]
    fn addresses_from_the_standards() {
        let cases = [
            // BIP 173 and BIP 350 examples.
            (
                "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
                "btc:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            ),
            (
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
                "btc:bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            ),
            // The genesis block's.
            (
                "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=1",
                "btc:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            ),
            // BIP 16's form.
            (
                "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
                "btc:3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
            ),
            // EIP-55 examples.
            (
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                "eth:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            ),
            (
                "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED",
                "eth:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            ),
            (
                "eth:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
                "eth:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            ),
            // Tron's USDT contract, a public constant.
            (
                "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                "tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            ),
        ];
        for (raw, expected) in cases {
            assert_eq!(value(raw), expected, "{raw}");
        }
    }

    #[test]
    fn misprints_fail_their_check() {
        let cases = [
            (
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
                "crypto_checksum",
            ),
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "crypto_checksum"),
            (
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
                "crypto_checksum",
            ),
            ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", "crypto_checksum"),
            (
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA",
                "not_a_crypto_address",
            ),
            // A testnet address is worth nothing.
            (
                "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
                "not_a_crypto_address",
            ),
            ("ví tiền ảo", "not_a_crypto_address"),
            ("", "empty"),
        ];
        for (raw, code) in cases {
            assert_eq!(value(raw), code, "{raw}");
        }
    }
}
