//! Places of the province as people still name them: codes and names of before July 2025 (Nghị quyết
//! 1661/NQ-UBTVQH15) and what they are part of now.
//!
//! Codes and names were used again for other areas. A code of today means today's unit; a name counts
//! only where every place it could mean lies in one unit of today.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;

use super::fold::fold_text;

/// A unit of today with what it was made of.
#[derive(Clone, Debug, Deserialize)]
pub struct Made {
    code: String,
    full_name: String,
    #[serde(default)]
    merged_from: Vec<Former>,
}

/// A unit that is no more.
#[derive(Clone, Debug, Deserialize)]
struct Former {
    code: String,
    full_name: String,
    district_code: String,
}

/// A district that is no more.
#[derive(Clone, Debug, Deserialize)]
pub struct District {
    code: String,
    name: String,
}

/// How to find a unit of today.
#[derive(Debug, Default)]
pub struct Places {
    /// Codes of today.
    today: BTreeSet<String>,
    /// Former codes and the units they lie in.
    former: HashMap<String, BTreeSet<String>>,
    /// Folded full names, with the code of the former district (none for a unit of today), and the units.
    names: HashMap<String, Vec<Named>>,
    /// Folded names of districts ("thanh pho dien bien phu") and their codes.
    districts: HashMap<String, String>,
}

impl Places {
    /// Reads the list of units and that of the former districts.
    pub fn new(units: &[Made], districts: &[District]) -> Self {
        let mut places = Self::default();
        for unit in units {
            places.today.insert(unit.code.clone());
            places.name(&unit.full_name, None, &unit.code);
            for old in &unit.merged_from {
                let lies_in = places.former.entry(old.code.clone()).or_default();
                lies_in.insert(unit.code.clone());
                places.name(&old.full_name, Some(&old.district_code), &unit.code);
            }
        }
        for district in districts {
            let name = folded(&district.name);
            places.districts.insert(name, district.code.clone());
        }
        places
    }

    fn name(&mut self, name: &str, district: Option<&str>, unit: &str) {
        let known = self.names.entry(folded(name)).or_default();
        known.push((district.map(str::to_owned), unit.to_owned()));
    }

    /// The unit of today that a code means, or that a former one lies in.
    pub fn by_code(&self, code: &str) -> Option<&str> {
        if let Some(today) = self.today.get(code) {
            return Some(today);
        }
        let lies_in = self.former.get(code)?;
        let mut units = lies_in.iter();
        units
            .next()
            .filter(|_| units.next().is_none())
            .map(String::as_str)
    }

    /// The unit of today in an address: "bản Nà, xã Chà Cang, huyện Nậm Pồ, tỉnh Điện Biên", with or without the
    /// commas. Nothing where what stands after the commune names another place than this province.
    pub fn by_address(&self, address: &str) -> Option<&str> {
        let mut parts = address
            .split([',', ';', '-', '\n', '(', ')'])
            .map(folded)
            .filter(|part| !part.is_empty());
        let (known, rest) = parts.find_map(|part| self.commune_in(&part))?;
        let (mut district, mut province) = (None, false);
        for part in std::iter::once(rest).chain(parts) {
            let mut words: Vec<&str> = part.split(' ').filter(|word| !word.is_empty()).collect();
            while !words.is_empty() {
                let (area, taken) = self.area_at(&words)?;
                match area {
                    Area::District(code) => district = Some(code),
                    Area::Province => province = true,
                    Area::Nothing => {}
                }
                words.drain(..taken);
            }
        }
        let one = |fits: &dyn Fn(Option<&str>) -> bool| {
            let found = known.iter().filter(|(of, _)| fits(of.as_deref()));
            let units: BTreeSet<&str> = found.map(|(_, unit)| unit.as_str()).collect();
            let mut units = units.into_iter();
            units.next().filter(|_| units.next().is_none())
        };
        match district {
            // A district says that the former unit is meant.
            Some(district) => one(&|of| of == Some(district)),
            // "Xã Sam Mứn, tỉnh Điện Biên" is how an address is written today.
            None => one(&|_| true).or_else(|| one(&|of| province && of.is_none())),
        }
    }

    /// The longest name of a commune in a part of an address, with what stands behind it.
    fn commune_in(&self, part: &str) -> Option<(&[Named], String)> {
        let words: Vec<&str> = part.split(' ').collect();
        for from in 0..words.len() {
            for length in (2..=MOST_WORDS.min(words.len() - from)).rev() {
                let end = from + length;
                let name = unabbreviated(words.get(from..end)?);
                if let Some(known) = self.names.get(&name) {
                    return Some((known, words.get(end..)?.join(" ")));
                }
            }
        }
        None
    }

    /// What these words name behind a commune, and how many of them do.
    fn area_at(&self, words: &[&str]) -> Option<(Area<'_>, usize)> {
        for taken in (1..=MOST_WORDS.min(words.len())).rev() {
            let name = unabbreviated(words.get(..taken)?);
            let area = match name.as_str() {
                "tinh dien bien" | "dien bien" => Area::Province,
                "viet nam" | "vn" | "cu" => Area::Nothing,
                name => match self.district(name) {
                    Some(code) => Area::District(code),
                    None => continue,
                },
            };
            return Some((area, taken));
        }
        None
    }

    /// A former district by its name, also without the word for what it is.
    fn district(&self, name: &str) -> Option<&str> {
        let whole = || self.districts.get(name);
        let bare = || {
            let kinds = ["huyen", "thanh pho", "thi xa"].into_iter();
            kinds
                .filter_map(|kind| self.districts.get(&format!("{kind} {name}")))
                .next()
        };
        whole().or_else(bare).map(String::as_str)
    }
}

/// The code of the former district, none for a unit of today, and the unit that a name means.
type Named = (Option<String>, String);

/// Words of the longest name: "thanh pho dien bien phu".
const MOST_WORDS: usize = 6;

/// What may stand behind a commune.
enum Area<'a> {
    /// A former district, by its code.
    District(&'a str),
    /// The province.
    Province,
    /// The country, or that the place is a former one.
    Nothing,
}

/// Lower case without accents, one blank between words, short forms written out.
fn folded(name: &str) -> String {
    let folded = fold_text(name);
    let words: Vec<&str> = folded
        .split(|c: char| c.is_whitespace() || c == '.')
        .filter(|word| !word.is_empty())
        .collect();
    unabbreviated(&words)
}

/// Words with the short form of what a place is written out.
fn unabbreviated(words: &[&str]) -> String {
    let whole = match words {
        ["x", _, ..] => "xa",
        ["p", _, ..] => "phuong",
        ["tt", _, ..] => "thi tran",
        ["h", _, ..] => "huyen",
        ["tp", _, ..] => "thanh pho",
        ["tx", _, ..] => "thi xa",
        ["t", _, ..] => "tinh",
        _ => return words.join(" "),
    };
    format!("{whole} {}", words.get(1..).unwrap_or_default().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        units: Vec<Made>,
        former_districts: Vec<District>,
    }

    fn shipped() -> Places {
        let file: File =
            serde_json::from_str(include_str!("../reference/data/dien_bien_units.json")).unwrap();
        Places::new(&file.units, &file.former_districts)
    }

    #[test]
    fn a_former_code_is_the_unit_it_lies_in_and_one_of_today_itself() {
        let places = shipped();
        for (code, unit) in [
            ("03136", Some("03127")),
            ("03124", Some("03334")),
            ("03172", Some("03172")),
            ("03166", Some("03166")),
            ("03334", Some("03334")),
            ("99999", None),
        ] {
            assert_eq!(places.by_code(code), unit, "{code}");
        }
        assert!(places.former.values().all(|units| units.len() == 1));
        assert_eq!(places.former.len(), 129);
    }

    #[test]
    fn former_addresses_are_understood_where_they_mean_one_place() {
        let places = shipped();
        for (address, unit) in [
            ("xã Chà Cang, huyện Nậm Pồ", Some("03166")),
            ("phường Mường Thanh, TP Điện Biên Phủ", Some("03127")),
            (
                "phường Mường Thanh, TP. Điện Biên Phủ, tỉnh Điện Biên",
                Some("03127"),
            ),
            ("thị trấn Mường Chà", Some("03172")),
            ("TT Mường Chà, H. Mường Chà", Some("03172")),
            ("phường Him Lam", Some("03127")),
            (
                "Bản Nà Sản, xã Si Pa Phìn, huyện Nậm Pồ, Điện Biên",
                Some("03199"),
            ),
            ("xa mường chà", Some("03166")),
            // Today's ward and the former one lie apart.
            ("phường Mường Thanh", None),
            // Elsewhere, or no place at all.
            ("phường Thanh Bình, thành phố Hải Dương", None),
            ("xã Mường Nhé, huyện Nậm Pồ", None),
            ("gần chợ Him Lam", None),
            ("Mường Chà", None),
            // Without commas, and as addresses are written today.
            ("xã chà cang huyện nậm pồ", Some("03166")),
            ("bản Nà xã Chà Cang h. Nậm Pồ t. Điện Biên", Some("03166")),
            ("xã Chà Cang - Nậm Pồ", Some("03166")),
            ("xã Chà Cang (huyện Nậm Pồ cũ)", Some("03166")),
            ("tổ 5 phường Him Lam tp Điện Biên Phủ", Some("03127")),
            ("P.Mường Thanh TP.Điện Biên Phủ", Some("03127")),
            ("xã Chà Cang gần trường học", None),
            ("phường Thanh Bình thành phố Hải Dương", None),
            ("", None),
        ] {
            assert_eq!(places.by_address(address), unit, "{address}");
        }
    }
}
