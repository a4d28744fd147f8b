//! Vietnam's number ranges, as reference data.

use serde::Deserialize;
use serde_json::Value;

use super::catalog::CatalogError;

#[derive(Deserialize)]
struct PlanFile {
    mobile_prefixes: Vec<MobilePrefix>,
    conversion_2018: Conversion,
    landline_area_codes: Areas,
}

#[derive(Deserialize)]
struct MobilePrefix {
    prefix: String,
    carrier: String,
}

#[derive(Deserialize)]
struct Conversion {
    table: Vec<Converted>,
}

#[derive(Deserialize)]
struct Converted {
    old: String,
    new: String,
}

#[derive(Deserialize)]
struct Areas {
    codes: Vec<Area>,
}

#[derive(Deserialize)]
struct Area {
    area_code: String,
    place_pre_2025: String,
}

/// Number ranges without the trunk zero.
#[derive(Debug)]
pub(super) struct PhonePlan {
    /// (prefix, carrier), longest prefix first.
    mobile: Vec<(String, String)>,
    /// (old prefix, new prefix) of the 2018 conversion.
    converted: Vec<(String, String)>,
    /// (area code, place), longest first.
    areas: Vec<(String, String)>,
}

impl PhonePlan {
    pub(super) fn from_json(value: &Value) -> Result<Self, CatalogError> {
        let file = PlanFile::deserialize(value).map_err(|source| CatalogError::Form {
            file: "phone_prefixes",
            source,
        })?;
        let mobile = file.mobile_prefixes.into_iter();
        let table = file.conversion_2018.table.into_iter();
        let codes = file.landline_area_codes.codes.into_iter();
        Ok(Self {
            mobile: table_of(mobile.map(|row| (row.prefix, row.carrier)))?,
            converted: table_of(table.map(|row| (row.old, row.new)))?
                .into_iter()
                .map(|(old, new)| Ok((old, without_zero(&new)?)))
                .collect::<Result<_, CatalogError>>()?,
            areas: table_of(codes.map(|row| (row.area_code, row.place_pre_2025)))?,
        })
    }

    /// The carrier to which the block of a mobile number was first given; a hint, not a proof
    /// (numbers are portable since 2018).
    pub(super) fn carrier(&self, national: &str) -> Option<&str> {
        longest(&self.mobile, national)
    }

    /// The area of a fixed line.
    pub(super) fn area(&self, national: &str) -> Option<(&str, &str)> {
        self.areas
            .iter()
            .find(|(code, _)| national.starts_with(code.as_str()))
            .map(|(code, place)| (code.as_str(), place.as_str()))
    }

    /// The nine digits that replaced the ten of an old mobile number.
    pub(super) fn converted(&self, national: &str) -> Option<String> {
        if national.len() != 10 {
            return None;
        }
        self.converted.iter().find_map(|(old, new)| {
            let rest = national.strip_prefix(old.as_str())?;
            Some(format!("{new}{rest}"))
        })
    }
}

/// Rows without the trunk zero, longest prefix first.
fn table_of(
    rows: impl Iterator<Item = (String, String)>,
) -> Result<Vec<(String, String)>, CatalogError> {
    let mut table = rows
        .map(|(prefix, meaning)| Ok((without_zero(&prefix)?, meaning)))
        .collect::<Result<Vec<_>, CatalogError>>()?;
    table.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    Ok(table)
}

fn without_zero(prefix: &str) -> Result<String, CatalogError> {
    match prefix.strip_prefix('0') {
        Some(rest) if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(rest.to_owned())
        }
        _ => Err(CatalogError::Value {
            file: "phone_prefixes",
            what: format!("prefix {prefix:?} is not a zero with digits"),
        }),
    }
}

fn longest<'a>(table: &'a [(String, String)], national: &str) -> Option<&'a str> {
    table
        .iter()
        .find(|(prefix, _)| national.starts_with(prefix.as_str()))
        .map(|(_, meaning)| meaning.as_str())
}
