//! E-mail addresses: the domain is lower-cased and in ASCII, the local part is the owner's business.
//!
//! RFC 5321 §2.4 leaves the case of the local part to the receiving host, so it is kept.

use super::model::{Indicator, Kind, Reading};
use super::reason::Reason;
use super::{text, url};

/// Longest local part (RFC 5321 §4.5.3.1.1).
pub(super) const MAX_LOCAL: usize = 64;

/// Reads a value that is said to be an e-mail address.
pub(super) fn parse(raw: &str) -> Result<Reading, Reason> {
    let cleaned = text::clean(raw);
    if cleaned.is_empty() {
        return Err(Reason::Empty);
    }
    if cleaned.len() > 512 {
        return Err(Reason::TooLong);
    }
    let bare = refang(&strip_mailto(&cleaned));
    // "Ngân hàng Ví Dụ <a@b.vn>"
    let bare = match (bare.find('<'), bare.rfind('>')) {
        (Some(open), Some(close)) if open < close => bare.get(open + 1..close).unwrap_or(&bare),
        _ => bare.as_str(),
    };
    let (local, domain) = bare.trim().rsplit_once('@').ok_or(Reason::NotAnEmail)?;
    if !is_local(local) {
        return Err(Reason::NotAnEmail);
    }
    let host = host(domain)?;
    let value = format!("{local}@{host}");
    Ok(Reading::plain(
        Indicator::new(Kind::Email, value.clone(), value).with("host", host),
    ))
}

/// The domain as a host name in ASCII.
fn host(domain: &str) -> Result<String, Reason> {
    if domain.is_empty() || domain.contains(['/', ':', '?', '#', '\\', '[', '@', '%']) {
        return Err(Reason::NotAnEmail);
    }
    // "http://" lets the URL rules say what a host is; a number alone is no mail domain.
    let address = url::read(&format!("http://{domain}/")).map_err(|reason| match reason {
        Reason::IdnMalformed => Reason::IdnMalformed,
        _ => Reason::NotAnEmail,
    })?;
    match address.mail_host() {
        Some(host) => Ok(host.to_owned()),
        None => Err(Reason::NotAnEmail),
    }
}

/// A dot-atom of RFC 5322 §3.2.3; quoted local parts are not met in scams.
fn is_local(local: &str) -> bool {
    (1..=MAX_LOCAL).contains(&local.len())
        && local.split('.').all(|atom| !atom.is_empty())
        && local.chars().all(is_local_char)
}

pub(super) fn is_local_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
}

fn strip_mailto(cleaned: &str) -> String {
    match text::strip_prefix_ignore_case(cleaned, "mailto:") {
        Some(rest) => {
            let address = rest.split('?').next().unwrap_or(rest);
            percent_encoding::percent_decode_str(address)
                .decode_utf8_lossy()
                .into_owned()
        }
        None => cleaned.to_owned(),
    }
}

/// `a[at]b[.]vn`, `a (at) b dot vn`.
fn refang(bare: &str) -> String {
    let mut plain = bare.to_owned();
    for (form, sign) in [
        ("[at]", "@"),
        ("(at)", "@"),
        ("{at}", "@"),
        ("[@]", "@"),
        (" at ", "@"),
        ("[.]", "."),
        ("(.)", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        (" dot ", "."),
        (" @", "@"),
        ("@ ", "@"),
        (" .", "."),
    ] {
        if plain.contains(form) {
            plain = plain.replace(form, sign);
        }
    }
    plain
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

    #[test]
    fn addresses_in_many_forms() {
        let cases = [
            ("Ho.Tro@ViDu.VN", "Ho.Tro@vidu.vn"),
            ("mailto:ho.tro@vidu.vn?subject=OTP", "ho.tro@vidu.vn"),
            ("MAILTO:ho%2Etro@vidu.vn", "ho.tro@vidu.vn"),
            ("Ngân hàng Ví Dụ <ho.tro@vidu.vn>", "ho.tro@vidu.vn"),
            ("ho.tro[at]vidu[.]vn", "ho.tro@vidu.vn"),
            ("ho.tro (at) vidu (dot) vn", "ho.tro@vidu.vn"),
            ("ｈｏ．ｔｒｏ＠ｖｉｄｕ．ｖｎ", "ho.tro@vidu.vn"),
            ("ho.tro\u{200B}@vidu.vn.", "ho.tro@vidu.vn"),
            ("ho.tro@cốccốc.vn", "ho.tro@xn--cccc-0x5ac.vn"),
            ("ho.tro@www.vidu.vn", "ho.tro@www.vidu.vn"),
            ("a+b_c@vidu.com.vn", "a+b_c@vidu.com.vn"),
        ];
        for (raw, expected) in cases {
            assert_eq!(value(raw), expected, "{raw}");
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        let cases = [
            ("", "empty"),
            ("vidu.vn", "not_an_email"),
            ("@vidu.vn", "not_an_email"),
            ("a@vidu", "not_an_email"),
            ("a@", "not_an_email"),
            ("a..b@vidu.vn", "not_an_email"),
            ("a b@vidu.vn", "not_an_email"),
            ("a@1.2.3.4", "not_an_email"),
            ("a@vidu.vn/x", "not_an_email"),
            ("a@xn--vitcombank-w2b.vn", "idn_malformed"),
        ];
        for (raw, code) in cases {
            assert_eq!(value(raw), code, "{raw}");
        }
    }
}
