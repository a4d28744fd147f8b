//! The answers for many indicators as CSV, as a bank sends them back: with commas as they were sent out, or as a
//! Vietnamese spreadsheet saves them, with semicolons and numbers as they are written here.

use std::fmt::Write;

use super::wire::IndicatorResult;
use crate::domain::money::MOST_VND;
use crate::error::{Error, FieldProblem, Result, valid};

/// The filled-in rows of a CSV; problems name the line.
pub fn read(bytes: &[u8]) -> Result<Vec<IndicatorResult>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let semicolons = has_semicolons(bytes);
    let mut csv = csv::ReaderBuilder::new()
        .delimiter(if semicolons { b';' } else { b',' })
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let unreadable = |e: csv::Error| {
        let mut detail = "The CSV cannot be read".to_owned();
        if let Some(position) = e.position() {
            let _ = write!(detail, " at line {}", position.line());
        }
        Error::invalid("", "malformed_csv", detail + ".")
    };
    let headers = csv.headers().map_err(unreadable)?.clone();
    let column = |name: &str| headers.iter().position(|header| header == name);
    let (Some(id), Some(outcome)) = (column("indicator_id"), column("outcome")) else {
        let detail = "The columns indicator_id and outcome are needed.";
        return Err(Error::invalid("", "missing_column", detail));
    };
    let amount = column("amount_vnd");
    let mut results = Vec::new();
    let mut problems = Vec::new();
    for (i, record) in csv.records().enumerate() {
        let record = record.map_err(unreadable)?;
        let field = |column: usize| record.get(column).unwrap_or_default();
        if field(outcome).is_empty() {
            continue;
        }
        let mut refuse = |name: &str, detail: &str| {
            problems.push(FieldProblem::at(
                format!("/{i}/{name}"),
                "invalid_value",
                detail,
            ));
        };
        let Ok(indicator_id) = field(id).parse() else {
            refuse("indicator_id", "An indicator id is expected.");
            continue;
        };
        let amount_vnd = match amount.map(field).filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => match amount_in(text, semicolons) {
                Some(amount) if (0..=MOST_VND).contains(&amount) => Some(amount),
                _ => {
                    refuse("amount_vnd", "A whole number of đồng is expected.");
                    continue;
                }
            },
        };
        results.push(IndicatorResult {
            indicator_id,
            outcome: field(outcome).to_owned(),
            amount_vnd,
            onward: None,
        });
    }
    valid(problems)?;
    Ok(results)
}

/// Whether the head of a CSV parts its columns by semicolons.
fn has_semicolons(bytes: &[u8]) -> bool {
    let head = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    head.contains(&b';') && !head.contains(&b',')
}

/// A sum in whole đồng; among semicolons also as it is written in Vietnam: `31.000.000`, `31000000,00`.
fn amount_in(text: &str, vietnamese: bool) -> Option<i64> {
    if !vietnamese {
        return text.parse().ok();
    }
    let (whole, rest) = text.split_once(',').unwrap_or((text, ""));
    if rest.chars().any(|c| c != '0') {
        return None;
    }
    let mut groups = whole.split('.');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let grouped = first.len() <= 3 && rest.iter().all(|group| group.len() == 3 && digits(group));
    if !digits(first) || (!rest.is_empty() && !grouped) {
        return None;
    }
    format!("{first}{}", rest.concat()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "019e4c5a-7b1e-7c3d-9a51-3f2b8d0c6e22";

    #[test]
    fn a_spreadsheet_may_part_by_semicolons_and_write_numbers_as_in_vietnam() {
        for (amount, expected) in [
            ("31000000", Some(31_000_000)),
            ("31.000.000", Some(31_000_000)),
            ("31000000,00", Some(31_000_000)),
            ("31.000.000,0", Some(31_000_000)),
            ("", None),
        ] {
            let csv =
                format!("\u{feff}indicator_id;outcome;amount_vnd\r\n{ID};frozen;{amount}\r\n");
            let rows = read(csv.as_bytes()).unwrap();
            assert_eq!(rows[0].amount_vnd, expected, "{amount}");
        }
        for amount in [
            "31.00",
            "3.1000.000",
            "31,5",
            "1,000,000",
            ".000",
            "-1",
            "1 000",
        ] {
            let csv = format!("indicator_id;outcome;amount_vnd\n{ID};frozen;{amount}\n");
            assert!(read(csv.as_bytes()).is_err(), "{amount}");
        }
        // Among commas a point is no sign of thousands.
        let csv = format!("indicator_id,outcome,amount_vnd\n{ID},frozen,31.000\n");
        assert!(read(csv.as_bytes()).is_err());
    }
}
