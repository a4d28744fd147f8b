//! Web links, links of apps, hosts without a scheme, and e-mail addresses.

use super::super::super::latin::is_alphanumeric;
use super::super::catalog::Resolved;
use super::super::model::Kind;
use super::super::reason::Reason;
use super::super::{account, email, glued_host, read, url, written_url};
use super::Search;
use super::hosts::{Around, MAX_WORD, begins_sentence, host_length};

/// Longest link that is read, in cells.
const MAX_LINK: usize = 2048;

/// Links that say what they are: `https://…`, `hxxp://…`, `tg://…`, `mailto:…`, `tel:…`.
pub(super) fn with_scheme(search: &mut Search<'_>) {
    let mut at = 0;
    while at < search.view.len() && !search.full() {
        let starts = !search.view.is_claimed(at)
            && search.view.ch(at).is_some_and(|c| c.is_ascii_alphabetic())
            && !search
                .view
                .before(at)
                .is_some_and(|c| c.is_ascii_alphanumeric());
        at = match starts {
            true => web_link(search, at)
                .or_else(|| app_link(search, at))
                .unwrap_or(at + 1),
            false => at + 1,
        };
    }
}

/// A web link at this place; where the search goes on.
fn web_link(search: &mut Search<'_>, at: usize) -> Option<usize> {
    // "http" or a disguise of it.
    let second = matches!(search.view.ch(at + 1)?, 't' | 'T' | 'x' | 'X' | '*' | '_');
    if !second || !matches!(search.view.ch(at)?, 'h' | 'H') {
        return None;
    }
    let head = search.view.string(at, (at + 24).min(search.view.len()));
    let rest = written_url::strip_web_scheme(&head)?;
    let body = at + head.chars().count() - rest.chars().count();
    let mut end = link_end(search, body);
    if end <= body {
        return None;
    }
    // "https://vidu.com.Vui long": the next word stuck to the host.
    if search.view.run(body, end - body, is_host_char) == end {
        let host = search.view.string(body, end);
        if let Some(length) = glued_host::without_word(&host) {
            end = body + chars_in(&host, length);
        }
    }
    let link = search.view.string(at, end);
    // "http: không vào được" has no host; a broken host is worth a word to the reporter.
    let outcome = match url::read(&link) {
        Ok(address) => Ok(account::from_address(search.catalog, address)),
        Err(reason @ (Reason::IdnMalformed | Reason::HostMalformed | Reason::TooLong)) => {
            Err(reason)
        }
        // Going on behind it keeps "http:http:…" linear; hosts inside are looked for later.
        Err(_) => return Some(end),
    };
    search.note(at, end, Kind::Url, outcome);
    Some(end)
}

/// A link of another scheme that leads to an account, a number or an app.
fn app_link(search: &mut Search<'_>, at: usize) -> Option<usize> {
    const SCHEMES: [&str; 15] = [
        "bitcoin",
        "callto",
        "ethereum",
        "fb",
        "fb-messenger",
        "intent",
        "itms-apps",
        "line",
        "mailto",
        "market",
        "tel",
        "tg",
        "viber",
        "whatsapp",
        "zalo",
    ];
    let colon = search
        .view
        .run(at, 13, |c| c.is_ascii_alphanumeric() || c == '-');
    if search.view.ch(colon)? != ':' {
        return None;
    }
    let scheme = search.view.string(at, colon).to_ascii_lowercase();
    if !SCHEMES.contains(&scheme.as_str()) {
        return None;
    }
    let bare = matches!(
        scheme.as_str(),
        "bitcoin" | "callto" | "ethereum" | "mailto" | "tel"
    );
    if !bare && (search.view.ch(colon + 1)? != '/' || search.view.ch(colon + 2)? != '/') {
        return None;
    }
    let end = link_end(search, colon + 1);
    let link = search.view.string(at, end);
    if let Ok(reading) = read::web_link(search.catalog, &link) {
        let kind = reading.indicator.kind;
        search.note(at, end, kind, Ok(reading));
    }
    Some(end)
}

/// Where a link ends that starts (after its scheme) at `body`, without the punctuation after it.
fn link_end(search: &Search<'_>, body: usize) -> usize {
    let mut end = body;
    let (mut open, mut square) = (0_usize, 0_usize);
    while end < body + MAX_LINK && !search.view.is_claimed(end) {
        let Some(c) = search.view.ch(end) else { break };
        let stops = c.is_whitespace()
            || matches!(
                c,
                '"' | '<' | '>' | '“' | '”' | '«' | '»' | '`' | '|' | '^' | '{' | '}' | '…' | '、'
            );
        // "…/a,https://…" are two links.
        let next_link = matches!(c, ',' | ';')
            && matches!(search.view.ch(end + 1), Some('h' | 'H'))
            && search
                .view
                .string(end + 1, (end + 8).min(search.view.len()))
                .contains("//");
        if stops || next_link {
            break;
        }
        match c {
            '(' => open += 1,
            '[' => square += 1,
            ')' if open == 0 => break,
            ')' => open -= 1,
            ']' if square == 0 => break,
            ']' => square -= 1,
            _ => {}
        }
        end += 1;
    }
    while end > body {
        match search.view.before(end) {
            Some('.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '’' | '‘' | '(' | '[') => {
                end -= 1
            }
            _ => break,
        }
    }
    before_sentence(search, body, end)
}

/// "/abc.Lien he", "/vidu.apk.Cai ngay": the sentence after a path, stuck to it.
fn before_sentence(search: &Search<'_>, body: usize, end: usize) -> usize {
    let back = (body..end).rev().take(MAX_WORD + 1);
    let Some(dot) = back.clone().find(|at| search.view.ch(*at) == Some('.')) else {
        return end;
    };
    let path = search
        .view
        .run(body, dot - body, |c| !matches!(c, '/' | '?' | '#'))
        < dot;
    // "/Vi.Du.Xem" is a name with capitals throughout.
    let start = search
        .view
        .run_back(dot, |c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    let small = search
        .view
        .ch(start)
        .is_some_and(|c| c.is_lowercase() || c.is_ascii_digit());
    match path && small && start < dot && begins_sentence(&search.view.string(dot + 1, end)) {
        true => dot,
        false => end,
    }
}

/// E-mail addresses, from each `@` outwards.
pub(super) fn emails(search: &mut Search<'_>) {
    for at in 0..search.view.len() {
        if search.view.ch(at) != Some('@') || search.view.is_claimed(at) || search.full() {
            continue;
        }
        let mut first = at;
        while first > 0 && at - first < email::MAX_LOCAL {
            let belongs = search.view.before(first).is_some_and(|c| {
                c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-')
            });
            if !belongs || search.view.is_claimed(first - 1) {
                break;
            }
            first -= 1;
        }
        while first < at
            && !search
                .view
                .ch(first)
                .is_some_and(|c| c.is_ascii_alphanumeric())
        {
            first += 1;
        }
        // "người@vidu.vn" is not "i@vidu.vn".
        if first == at || search.view.before(first).is_some_and(is_alphanumeric) {
            continue;
        }
        let end = search.view.run(at + 1, 254, is_host_char);
        if !search.view.has(at + 1, end, '.') {
            continue;
        }
        let run = search.view.string(at + 1, end);
        // A mail domain needs no more proof than the sign before it, but its suffix must exist.
        let Some(length) = host_length(
            &run,
            Around {
                more: true,
                mail: true,
            },
        ) else {
            continue;
        };
        let end = at + 1 + chars_in(&run, length);
        let written = search.view.string(first, end);
        if let Ok(reading) = email::parse(&written) {
            search.note(first, end, Kind::Email, Ok(reading));
        }
    }
}

/// Hosts without a scheme, with what follows them.
pub(super) fn bare_hosts(search: &mut Search<'_>) {
    let mut at = 0;
    while at < search.view.len() && !search.full() {
        let starts = search.view.ch(at).is_some_and(is_alphanumeric);
        if !starts || search.view.is_claimed(at) {
            at += 1;
            continue;
        }
        let end = search.view.run(at, usize::MAX, is_host_char);
        bare_host(search, at, end);
        // The link may have gone on past its host.
        at = end.max(at + 1);
        while at < search.view.len() && search.view.is_claimed(at) {
            at += 1;
        }
    }
}

fn bare_host(search: &mut Search<'_>, at: usize, end: usize) -> Option<()> {
    // "…@vidu.vn" and "/vidu.vn" are parts of something else.
    if end - at > 300 || matches!(search.view.before(at), Some('@' | '/' | '\\' | '=')) {
        return None;
    }
    if !search.view.has(at, end, '.') {
        return None;
    }
    let run = search.view.string(at, end);
    // "vidu.top%2Fa" names no host that a browser would open.
    if search.view.ch(end) == Some('%') {
        return None;
    }
    let port_end = port_end(search, end);
    let path_start = port_end.unwrap_or(end);
    let path = matches!(search.view.ch(path_start), Some('/' | '?' | '#'))
        && search
            .view
            .ch(path_start + 1)
            .is_some_and(|c| c.is_ascii_graphic());
    let more = port_end.is_some() || path;
    // "IP 1.2.3.4." ends the sentence too.
    let stops = run.len() - run.trim_end_matches('.').len();
    let host = run.get(..run.len() - stops).unwrap_or_default();
    if stops > 0 && is_ipv4(host) && is_called_ip(search, at) {
        note_link(search, at, end - stops, false);
        return Some(());
    }
    if is_ipv4(&run) {
        // "1.2.3.4" may number a chapter; "IP 1.2.3.4" does not.
        let called = more || is_called_ip(search, at);
        return called.then(|| note_link(search, at, path_start, path));
    }
    let length = host_length(
        &run,
        Around {
            more,
            ..Around::TEXT
        },
    )?;
    let host_end = at + chars_in(&run, length);
    // What follows a cut-off word follows the word, not the host.
    let whole = host_end == end;
    let (tail, path) = if whole {
        (path_start, path)
    } else {
        (host_end, false)
    };
    match bank_before(search, at, host_end) {
        Some(first) => note_apart(search, first, at, tail),
        None => note_link(search, at, tail, path),
    }
    Some(())
}

/// "mb bank . vip": where the name of the bank begins whose second word the host begins with, if blanks are written
/// into the host.
fn bank_before(search: &Search<'_>, at: usize, end: usize) -> Option<usize> {
    let dot = search.view.run(at, 12, |c| c.is_ascii_alphabetic());
    let bank = search.view.string(at, dot).eq_ignore_ascii_case("bank");
    if !bank || dot >= end || !search.view.is_disguised(dot) || search.view.before(at)? != ' ' {
        return None;
    }
    let first = search.view.run_back(at - 1, |c| c.is_ascii_alphanumeric());
    let apart = !search.view.before(first).is_some_and(is_alphanumeric);
    let name = search.view.string(first, at - 1);
    let known = search.catalog.resolve(&format!("{name}bank"));
    (first < at - 1 && apart && matches!(known, Resolved::One(_))).then_some(first)
}

/// Notes a host with a blank in it.
fn note_apart(search: &mut Search<'_>, first: usize, at: usize, end: usize) {
    let link = search.view.string(first, at - 1) + &search.view.string(at, end);
    if let Ok(address) = url::read(&link) {
        let reading = account::from_address(search.catalog, address);
        search.note(first, end, Kind::Url, Ok(reading));
    }
}

/// "IP 103.45.67.89", "địa chỉ IP: …".
fn is_called_ip(search: &Search<'_>, at: usize) -> bool {
    let gap = search.view.string(at.saturating_sub(6), at);
    let word = gap.trim_end_matches([' ', ':']).to_lowercase();
    word.strip_suffix("ip")
        .is_some_and(|before| word.len() < gap.len() && !before.ends_with(char::is_alphanumeric))
}

fn note_link(search: &mut Search<'_>, at: usize, tail: usize, path: bool) {
    let end = if path { link_end(search, tail) } else { tail };
    let link = search.view.string(at, end);
    if let Ok(address) = url::read(&link) {
        let reading = account::from_address(search.catalog, address);
        search.note(at, end, Kind::Url, Ok(reading));
    }
}

/// The end of `:8080` after a host.
fn port_end(search: &Search<'_>, end: usize) -> Option<usize> {
    if search.view.ch(end)? != ':' {
        return None;
    }
    let after = search.view.run(end + 1, 6, |c| c.is_ascii_digit());
    let digits = after - end - 1;
    let closed = !search.view.ch(after).is_some_and(char::is_alphanumeric);
    ((2..=5).contains(&digits) && closed).then_some(after)
}

fn is_ipv4(run: &str) -> bool {
    run.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Hosts written with blanks inside brackets or quotation marks: `(vidu. com-vn. top)`.
pub(super) fn spaced_hosts(search: &mut Search<'_>) {
    for open in 0..search.view.len() {
        if search.full() {
            return;
        }
        if !matches!(search.view.ch(open), Some('(' | '[' | '"' | '“' | '«')) {
            continue;
        }
        let close = search.view.run(open + 1, 80, |c| {
            is_host_char(c) && c.is_ascii() || matches!(c, ' ' | '/')
        });
        if !matches!(search.view.ch(close), Some(')' | ']' | '"' | '”' | '»')) {
            continue;
        }
        let inside = search.view.string(open + 1, close);
        if !(inside.contains(". ") || inside.contains(" .")) {
            continue;
        }
        let joined: String = inside.chars().filter(|c| *c != ' ').collect();
        let host = joined.split('/').next().unwrap_or(&joined);
        let strange = host.len() >= 8 || host.contains(['-', '0', '1', '2', '3', '4', '5']);
        let fits = host_length(host, Around::TEXT) == Some(host.len());
        if !strange || !fits {
            continue;
        }
        if let Ok(address) = url::read(&joined) {
            let reading = account::from_address(search.catalog, address);
            search.note(open + 1, close, Kind::Url, Ok(reading));
        }
    }
}

fn is_host_char(c: char) -> bool {
    is_alphanumeric(c) || matches!(c, '.' | '-' | '_')
}

/// How many cells the first `length` bytes of a run take.
fn chars_in(run: &str, length: usize) -> usize {
    run.get(..length).map_or(0, |part| part.chars().count())
}
