//! Takes options out of a connection string that its parser does not know.

use percent_encoding::percent_decode_str;

/// The connection string without these options, and their values: of a URL's query, or of `key=value` words.
///
/// `None` where it cannot be read. Said twice, the last counts, as in libpq.
pub fn take<const N: usize>(text: &str, names: [&str; N]) -> Option<(String, [Option<String>; N])> {
    let url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    let mut found = [const { None }; N];
    let mut place = |name: &str, value: String| {
        let slot = names.iter().position(|known| *known == name);
        match slot.and_then(|slot| found.get_mut(slot)) {
            Some(slot) => {
                *slot = Some(value);
                true
            }
            None => false,
        }
    };
    let rest = if url {
        match text.split_once('?') {
            None => text.to_owned(),
            Some((before, query)) => {
                let mut kept = Vec::new();
                for pair in query.split('&') {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    let value = percent_decode_str(value).decode_utf8().ok()?;
                    if !place(name, value.into_owned()) {
                        kept.push(pair);
                    }
                }
                match kept.is_empty() {
                    true => before.to_owned(),
                    false => format!("{before}?{}", kept.join("&")),
                }
            }
        }
    } else {
        let mut kept = String::new();
        let mut left = text.trim_start();
        while !left.is_empty() {
            let (name, after) = left.split_once('=')?;
            let after = after.trim_start();
            let (value, length) = word(after)?;
            if !place(name.trim_end(), value) {
                kept.push_str(name.trim_end());
                kept.push('=');
                kept.push_str(after.get(..length)?);
                kept.push(' ');
            }
            left = after.get(length..)?.trim_start();
        }
        kept
    };
    Some((rest, found))
}

/// A value, quoted or up to the next blank, and how many bytes it takes.
fn word(text: &str) -> Option<(String, usize)> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut letters = text.char_indices().skip(usize::from(quoted));
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.push(letters.next()?.1),
            '\'' if quoted => return Some((value, at + 1)),
            blank if !quoted && blank.is_whitespace() => return Some((value, at)),
            other => value.push(other),
        }
    }
    (!quoted).then_some((value, text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_taken_and_the_rest_stays_as_it_was() {
        for (text, rest, mode, roots) in [
            ("postgres://u:p%3F@h/d", "postgres://u:p%3F@h/d", None, None),
            (
                "postgresql://u@h/d?sslmode=verify-full&connect_timeout=3&sslrootcert=%2Fa%20b%2Fca.pem",
                "postgresql://u@h/d?connect_timeout=3",
                Some("verify-full"),
                Some("/a b/ca.pem"),
            ),
            (
                "postgres://h/d?sslmode=disable&sslmode=require",
                "postgres://h/d",
                Some("require"),
                None,
            ),
            (
                "host=h sslmode = require user=u",
                "host=h user=u ",
                Some("require"),
                None,
            ),
            (
                r"host=h sslrootcert='/a \'b\'/ca.pem'  sslmode=verify-ca password='a b\\' user=u",
                r"host=h password='a b\\' user=u ",
                Some("verify-ca"),
                Some("/a 'b'/ca.pem"),
            ),
        ] {
            let (left, found) = take(text, ["sslmode", "sslrootcert"]).unwrap();
            assert_eq!(left, rest);
            assert_eq!(found, [mode.map(str::to_owned), roots.map(str::to_owned)]);
        }
        assert!(take("host=h sslmode='require", ["sslmode"]).is_none());
    }
}
