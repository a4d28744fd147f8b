//! Where it happened: communes of today, addresses from before 1 July 2025, and places elsewhere.

use super::dice::Dice;
use super::library::{Library, Unit};

/// A place as the narrator says it, and as the form carries it.
pub struct Place {
    pub spoken: String,
    pub unit_code: Option<String>,
    pub place: Option<String>,
}

impl Place {
    /// Draws a place; towns report more than far communes.
    pub fn draw(lib: &Library, dice: &mut Dice) -> Self {
        if dice.percent(6) {
            let elsewhere = dice.word(&lib.voices.elsewhere).to_owned();
            return Self {
                spoken: elsewhere.clone(),
                unit_code: None,
                place: Some(elsewhere),
            };
        }
        let ward = |unit: &Unit| if unit.kind == "phuong" { 9 } else { 1 };
        let Some(unit) = dice.weighted(&lib.units.units, ward) else {
            return Self {
                spoken: "Điện Biên".into(),
                unit_code: None,
                place: None,
            };
        };
        let area = if dice.percent(25) {
            former(unit, lib, dice).unwrap_or_else(|| lower_first(&unit.full_name))
        } else {
            lower_first(&unit.full_name)
        };
        let spot = spot(area.starts_with("phường"), lib, dice);
        let spoken = match dice.below(10) {
            0..4 => area.clone(),
            _ => format!("{spot} {area}"),
        };
        let place = match dice.below(10) {
            0..4 => None,
            4..6 => Some(area),
            6..8 => Some(format!("{spot}, {area}")),
            _ => Some(format!("{spot}, {area}, tỉnh Điện Biên")),
        };
        // Some pick no commune from the list, whether or not they write an address.
        let unit_code = dice.percent(80).then(|| unit.code.clone());
        Self {
            spoken,
            unit_code,
            place,
        }
    }
}

fn spot(town: bool, lib: &Library, dice: &mut Dice) -> String {
    let number = dice.between(1, 15);
    match (town, dice.below(4)) {
        (true, 0..3) => format!("tổ dân phố {number}"),
        (_, 0) => format!("đội {number}"),
        (_, 1) => format!("thôn {number}"),
        _ => format!("bản {}", dice.word(&lib.voices.hamlets)),
    }
}

/// The address as it was before the communes were joined and the districts ended.
fn former(unit: &Unit, lib: &Library, dice: &mut Dice) -> Option<String> {
    let old = dice.pick(&unit.merged_from)?;
    let district = lib
        .units
        .former_districts
        .iter()
        .find(|d| d.code == old.district_code)?;
    let name = lower_first(&old.full_name);
    Some(match dice.below(3) {
        0 => format!("{name} cũ"),
        1 => format!("{name}, {}", lower_first(&district.name)),
        _ => format!("{name} ({} cũ)", lower_first(&district.name)),
    })
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|c| c.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}
