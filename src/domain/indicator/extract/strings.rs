//! Strings that are recognised by their own form: payment codes, coin addresses, package names.

use super::super::model::{Kind, Reading};
use super::super::reason::Reason;
use super::super::{app, crypto_address, payment_qr, url};
use super::Search;
use super::view::View;

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
    let end = payload_at(&search.view, at).end?;
    let payload = search.view.string(at, end);
    // The note inside may have accents or blanks of its own: read what stands in the text.
    let span = search.view.span(at, end)?;
    let written = search.text.get(span.bytes)?;
    let outcome = payment_qr::parse(search.catalog, written)
        .or_else(|_| payment_qr::parse(search.catalog, &payload));
    // What was read in vain is not read again from each place inside it.
    if outcome != Err(Reason::QrMalformed) {
        search.note(at, end, Kind::PaymentQr, outcome);
    }
    Some(end)
}

/// How far the fields of a payload were followed.
struct Payload {
    /// The cell after its checksum, if it has one.
    end: Option<usize>,
    /// How many fields were looked at.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests count the work"))]
    fields: usize,
}

/// Follows the fields from one head to the next, up to a checksum of four hexadecimal digits. No
/// field comes twice (EMVCo), so a head inside what began before it ends the search at once.
fn payload_at(view: &View, start: usize) -> Payload {
    let mut fields = 0;
    let mut seen = 0_u128;
    let mut at = start;
    let end = loop {
        let (Some(id), Some(length)) = (two_digits(view, at), two_digits(view, at + 2)) else {
            break None;
        };
        fields += 1;
        let (body, end) = (at + 4, at + 4 + length);
        let again = seen & (1 << id) != 0;
        if again || end > view.len() || end - start > payment_qr::MAX_PAYLOAD {
            break None;
        }
        if id == 63 {
            let checksum = view.run(body, length, |c| c.is_ascii_hexdigit());
            break (length == 4 && checksum == end).then_some(end);
        }
        seen |= 1 << id;
        at = end;
    };
    Payload { end, fields }
}

fn two_digits(view: &View, at: usize) -> Option<usize> {
    let digit = |at: usize| view.ch(at)?.to_digit(10);
    let number = digit(at)? * 10 + digit(at + 1)?;
    usize::try_from(number).ok()
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
    if end - at > 120 || !search.view.has(at, end, '.') {
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

#[cfg(test)]
mod tests {
    use super::super::super::catalog::shipped;
    use super::super::extract;
    use super::*;

    #[test]
    fn a_payload_ends_in_a_checksum_and_no_field_comes_twice() {
        let cases = [
            ("0002015802VN6304AE9F", Some(20)),
            ("0002015802VN6304ae9f tail", Some(20)),
            ("0002015802VN6302AB", None),
            ("0002015802VN6304ZZZZ", None),
            ("0002015802VN5802VN6304AE9F", None),
            ("0002010002016304AE9F", None),
            ("0002015802VN", None),
            ("0002019901", None),
        ];
        for (text, end) in cases {
            assert_eq!(payload_at(&View::new(text), 0).end, end, "{text}");
        }
    }

    #[test]
    fn heads_inside_heads_cost_no_more_than_the_text_is_long() {
        for piece in [
            format!("{}6302AB ", "000201".repeat(83)),
            format!("{}6304ZZZZ ", "000201".repeat(83)),
            format!("{}6304AB12 ", "000201".repeat(83)),
            "000201".to_owned(),
            "00020101021138".to_owned(),
        ] {
            let text: String = piece.chars().cycle().take(20_000).collect();
            let view = View::new(&text);
            let fields: usize = (0..view.len())
                .filter(|at| {
                    text.get(*at..)
                        .is_some_and(|rest| rest.starts_with("000201"))
                })
                .map(|at| payload_at(&view, at).fields)
                .sum();
            assert!(fields <= text.len(), "{fields}: {piece}");
            assert!(extract(shipped(), &text).len() <= 500);
        }
    }
}
