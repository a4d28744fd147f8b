//! Undoing what people do to web addresses so that nobody clicks on them.
//!
//! `hxxps://vietcombank[.]top-vn.xyz` is written so on purpose; `http;//a. vn` by accident. Both mean
//! the address that a browser would have opened.

use super::reason::Reason;
use super::text;

/// A web address ready for a URL parser, without its scheme.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrittenUrl {
    /// A scheme was written.
    pub(super) scheme: bool,
    /// User info, host and port.
    pub(super) authority: String,
    /// Path, query and fragment.
    pub(super) rest: String,
}

/// Longest address that is read, in bytes; browsers stop near here too.
pub(super) const MAX_URL: usize = 4096;

/// Separates an address into its parts as written.
pub(super) fn read(raw: &str) -> Result<WrittenUrl, Reason> {
    if raw.len() > MAX_URL * 2 {
        return Err(Reason::TooLong);
    }
    let narrowed = text::narrow(raw);
    let body = without_quotes(&narrowed);
    if body.is_empty() {
        return Err(Reason::Empty);
    }
    let body = refang(body);
    let mut scheme = false;
    let mut left = body.as_str();
    while let Some(after) = strip_web_scheme(left) {
        scheme = true;
        left = after;
    }
    if !scheme && has_other_scheme(left) {
        return Err(Reason::SchemeUnsupported);
    }
    if !scheme {
        left = left.strip_prefix("//").unwrap_or(left);
    }
    let end = left.find(['/', '?', '#', '\\']).unwrap_or(left.len());
    let (authority, rest) = left.split_at_checked(end).unwrap_or((left, ""));
    let mut authority = tidy_authority(authority);
    if rest.is_empty() {
        // No host ends in a quotation mark.
        authority.truncate(authority.trim_end_matches(['\'', '`']).len());
    }
    if authority.is_empty() {
        return Err(Reason::NotAWebAddress);
    }
    if authority.len() + rest.len() > MAX_URL {
        return Err(Reason::TooLong);
    }
    // "evil . top / login": no path begins with a blank.
    let rest = match rest.strip_prefix("/ ") {
        Some(path) => format!("/{}", path.trim_start()),
        None => rest.to_owned(),
    };
    Ok(WrittenUrl {
        scheme,
        authority,
        rest,
    })
}

/// Takes off the blanks and quotation marks round an address. `'` and `` ` `` may also end a path or a
/// query, so behind the address only as many go as stand before it.
fn without_quotes(written: &str) -> &str {
    let round = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '“' | '”' | '«' | '»');
    let plain = |c: char| matches!(c, '\'' | '`');
    let mut body = written.trim_start_matches(|c| round(c) || plain(c));
    let before = written.len() - body.len();
    let opened = written.get(..before).unwrap_or_default().chars();
    let mut open = opened.filter(|c| plain(*c)).count();
    while let Some(last) = body.chars().next_back() {
        match plain(last) {
            true if open > 0 => open -= 1,
            false if round(last) => {}
            _ => break,
        }
        body = body.get(..body.len() - last.len_utf8()).unwrap_or_default();
    }
    body
}

/// Replaces `[.]`, `[:]`, `[/]`, `[://]` and `[dot]` by what they stand for.
///
/// Works from a stack, so that `[[.]]` ends as `.` at once and reading twice changes nothing.
fn refang(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for c in body.chars() {
        out.push(c);
        if c != ']' {
            continue;
        }
        const FORMS: [(&str, &str); 8] = [
            ("[.]", "."),
            ("[ . ]", "."),
            ("[:]", ":"),
            ("[/]", "/"),
            ("[://]", "://"),
            ("[//]", "//"),
            ("[dot]", "."),
            ("[DOT]", "."),
        ];
        if let Some((form, plain)) = FORMS.iter().find(|(form, _)| out.ends_with(form)) {
            out.truncate(out.len() - form.len());
            out.push_str(plain);
        }
    }
    out
}

/// `http`, `https` and their disguises (`hxxp`, `h**p`, `hXXps`), with whatever separates them.
pub(super) fn strip_web_scheme(body: &str) -> Option<&str> {
    let rest = body.strip_prefix(['h', 'H'])?;
    let mut chars = rest.chars();
    for _ in 0..2 {
        if !matches!(chars.next()?, 't' | 'T' | 'x' | 'X' | '*' | '_') {
            return None;
        }
    }
    let rest = chars.as_str().strip_prefix(['p', 'P'])?;
    let rest = rest.strip_prefix(['s', 'S']).unwrap_or(rest);
    strip_separator(rest)
}

/// `://` and its misprints: `:/`, `//`, `;//`, `: //`, `:\\`, `(:)//`.
fn strip_separator(body: &str) -> Option<&str> {
    let trimmed = body.trim_start();
    let (colon, after) = ["(:)", "{:}", ":", ";"]
        .iter()
        .find_map(|form| Some((true, trimmed.strip_prefix(form)?)))
        .unwrap_or((false, body));
    let after = if colon { after.trim_start() } else { after };
    let host = after.trim_start_matches(['/', '\\']);
    let slashes = after.len() - host.len();
    (colon && (slashes > 0 || !host.starts_with(|c: char| c.is_ascii_digit())) || slashes >= 2)
        .then(|| host.trim_start())
}

/// `ftp://`, `file:///`, `javascript:`, `data:`: nothing that a tip could be compared by.
fn has_other_scheme(body: &str) -> bool {
    const BARE: [&str; 5] = ["javascript:", "data:", "file:", "about:", "blob:"];
    if BARE
        .iter()
        .any(|scheme| text::strip_prefix_ignore_case(body, scheme).is_some())
    {
        return true;
    }
    match body.split_once("://") {
        Some((scheme, _)) => {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        }
        None => false,
    }
}

/// Removes blanks round dots, spelled-out dots and half-open brackets from the host.
fn tidy_authority(authority: &str) -> String {
    // "vietcombank chấm com": the word stands alone between blanks.
    let mut tidy = authority
        .split_whitespace()
        .map(|word| match text::fold(word).as_str() {
            "dot" | "cham" if word.chars().all(char::is_alphabetic) => ".",
            _ => word,
        })
        .collect::<Vec<_>>()
        .join(" ");
    for (form, plain) in [
        ("(.)", "."),
        ("{.}", "."),
        ("(dot)", "."),
        ("{dot}", "."),
        ("(DOT)", "."),
        (" .", "."),
        (". ", "."),
        (" :", ":"),
    ] {
        if tidy.contains(form) {
            tidy = tidy.replace(form, plain);
        }
    }
    // "[.com" and "vn.]": one bracket got lost. An IPv6 address has colons inside its brackets.
    if !tidy.starts_with('[') || !tidy.contains(':') {
        tidy = tidy.replace("[.", ".").replace(".]", ".");
    }
    tidy.trim_end_matches('.').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_and_their_disguises_come_off() {
        let cases = [
            ("http://a.vn/x", "a.vn/x"),
            ("HTTPS://a.vn/x", "a.vn/x"),
            ("hxxp://a.vn/x", "a.vn/x"),
            ("hXXps://a.vn/x", "a.vn/x"),
            ("h**p://a.vn", "a.vn"),
            ("hxxps[:]//a[.]vn", "a.vn"),
            ("hxxps[://]a[.]vn[/]x[.]php", "a.vn/x.php"),
            ("https//a.vn", "a.vn"),
            ("https;//a.vn", "a.vn"),
            ("https:/a.vn", "a.vn"),
            ("https: //a.vn", "a.vn"),
            ("http:\\\\a.vn\\x", "a.vn\\x"),
            ("http://https://a.vn", "a.vn"),
            ("//a.vn", "a.vn"),
            ("https.vn/x", "https.vn/x"),
            ("a(.)com[.]vn", "a.com.vn"),
            ("a dot vn", "a.vn"),
            ("a chấm com chấm vn", "a.com.vn"),
            ("a . vn", "a.vn"),
            ("a[.vn", "a.vn"),
            ("[[.]]", ""),
            ("<https://a.vn>", "a.vn"),
            ("“a.vn”", "a.vn"),
            ("a.vn./x", "a.vn/x"),
            ("'https://a.vn/x'", "a.vn/x"),
            ("`'https://a.vn'`", "a.vn"),
            ("https://a.vn'", "a.vn"),
            ("https://a.vn/x'", "a.vn/x'"),
            ("\"https://a.vn/x'\"", "a.vn/x'"),
            ("https://a.vn/x\"", "a.vn/x"),
        ];
        for (raw, expected) in cases {
            let got = match read(raw) {
                Ok(url) => format!("{}{}", url.authority, url.rest),
                Err(_) => String::new(),
            };
            assert_eq!(got, expected, "{raw}");
        }
    }

    #[test]
    fn other_schemes_are_refused() {
        for raw in [
            "ftp://a.vn/x",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
        ] {
            assert_eq!(read(raw), Err(Reason::SchemeUnsupported), "{raw}");
        }
    }
}
