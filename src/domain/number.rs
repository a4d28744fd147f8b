//! Numbers of the register and of cases, as a citizen reads them out: `DB-T-2026-000123`, `DB-C-2026-000123`.

/// What bears a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numbered {
    /// A tip in the register.
    Tip(String),
    /// A case.
    Case(String),
}

/// Reads a text that is a number and nothing else, as it is stored.
pub fn read(text: &str) -> Option<Numbered> {
    let number = text.trim().to_ascii_uppercase();
    let mut parts = number.rsplitn(4, '-');
    let (seq, year, letter) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let prefix = parts.next()?;
    let is_number = !prefix.is_empty()
        && !prefix.contains(char::is_whitespace)
        && digits(seq)
        && (1..=10).contains(&seq.len())
        && digits(year)
        && year.len() == 4;
    match letter {
        "T" if is_number => Some(Numbered::Tip(number)),
        "C" if is_number => Some(Numbered::Case(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_however_it_is_typed() {
        let tip = || Some(Numbered::Tip("DB-T-2026-000123".to_owned()));
        let case = || Some(Numbered::Case("DB-C-2026-000016".to_owned()));
        for (text, expected) in [
            ("DB-T-2026-000123", tip()),
            (" db-t-2026-000123 ", tip()),
            ("DB-C-2026-000016", case()),
            (
                "PA-05-T-2026-1",
                Some(Numbered::Tip("PA-05-T-2026-1".to_owned())),
            ),
            ("T-2026-000123", None),
            ("-T-2026-000123", None),
            ("DB-X-2026-000123", None),
            ("DB-T-26-000123", None),
            ("DB-T-2026-", None),
            ("DB-T-2026-00012a", None),
            ("số DB-T-2026-000123", None),
            ("chuyen khoan", None),
            ("", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
