//! Strings that are recognised by their own form: payment codes, coin addresses, package names.

use super::super::model::{Kind, Reading};
use super::super::reason::Reason;
use super::super::{app, crypto_address, payment_qr, url};
use super::Search;

/// Payment codes: from `000201` to the CRC that ends them.
pub(super) fn payment_codes(search: &mut Search<'_>) {
    let mut at = 0;
    while at < search.view.len() && !search.full() {
        let starts = search.view.ch(at) == Some('0')
            && search.view.string(at, (at + 6).min(search.view.len())) == payment_qr::START;
        at = match starts {
            true => payment_code(search, at).unwrap_or(at + 1),
            false => at + 1,
        };
    }
}

fn payment_code(search: &mut Search<'_>, at: usize) -> Option<usize> {
    let limit = (at + payment_qr::MAX_PAYLOAD).min(search.view.len());
    let rest = search.view.string(at, limit);
    let length = payment_qr::payload_length(&rest)?;
    let payload = rest.get(..length)?;
    let end = at + payload.chars().count();
    // The note inside may have accents or blanks of its own: read what stands in the text.
    let span = search.view.span(at, end)?;
    let written = search.text.get(span.bytes)?;
    let outcome = payment_qr::parse(search.catalog, written)
        .or_else(|_| payment_qr::parse(search.catalog, payload));
    if outcome == Err(Reason::QrMalformed) {
        return None;
    }
    search.note(at, end, Kind::PaymentQr, outcome);
    Some(end)
}

/// Coin addresses and Android package names.
pub(super) fn addresses(search: &mut Search<'_>) {
    let mut at = 0;
    while at < search.view.len() && !search.full() {
        let starts = search
            .view
            .ch(at)
            .is_some_and(|c| c.is_ascii_alphanumeric());
        if !starts || search.view.is_claimed(at) {
            at += 1;
            continue;
        }
        let end = search.view.run(at, usize::MAX, |c| {
            c.is_ascii_alphanumeric() || matches!(c, '.' | '_')
        });
        coin_address(search, at);
        package(search, at, end);
        at = end;
    }
}

fn coin_address(search: &mut Search<'_>, at: usize) -> Option<()> {
    let end = search.view.run(at, 100, |c| c.is_ascii_alphanumeric());
    if !(25..=90).contains(&(end - at)) {
        return None;
    }
    let word = search.view.string(at, end);
    match crypto_address::parse(&word) {
        Ok(reading) => search.note(at, end, Kind::CryptoAddress, Ok(reading)),
        // Where only the check characters fail, its form must leave no other meaning.
        Err(Reason::CryptoChecksum) if word.starts_with("0x") || word.starts_with("bc1q") => {
            search.note(at, end, Kind::CryptoAddress, Err(Reason::CryptoChecksum));
        }
        Err(_) => {}
    }
    Some(())
}

fn package(search: &mut Search<'_>, at: usize, end: usize) -> Option<()> {
    if end - at > 120 {
        return None;
    }
    let word = search.view.string(at, end);
    let word = word.trim_end_matches(['.', '_']);
    let reversed = ["com.", "vn.", "org.", "net.", "io."]
        .iter()
        .any(|start| word.starts_with(start));
    if !reversed || word.matches('.').count() < 2 || url::has_known_suffix(word) {
        return None;
    }
    let indicator = app::bare_package(word)?;
    search.note(
        at,
        at + word.len(),
        Kind::App,
        Ok(Reading::plain(indicator)),
    );
    Some(())
}
