//! Who tells, who was deceived, and who may be called back.

use serde_json::{Value, json};

use super::dice::Dice;
use super::library::{Library, Narrator, Victim};

/// The people of one tip.
pub struct Cast {
    pub narrator: Narrator,
    pub victim: Option<Victim>,
}

impl Cast {
    /// Draws a narrator and, where somebody else was deceived, the victim.
    ///
    /// `who` is a list of groups, a repeated one likelier; `speaks` says that the story is about a victim,
    /// and `parent` that the narrator's own child is in it.
    pub fn draw(lib: &Library, who: &str, speaks: bool, parent: bool, dice: &mut Dice) -> Self {
        let groups: Vec<&str> = who
            .split(' ')
            .filter(|g| speaks || matches!(*g, "self" | "none"))
            .collect();
        let group = dice.word(&groups);
        let victim = lib
            .voices
            .victims
            .get(group)
            .and_then(|v| dice.pick(v))
            .cloned();
        let parent = parent || victim.as_ref().is_some_and(|v| v.parent);
        let narrators: Vec<&Narrator> = lib
            .voices
            .narrators
            .iter()
            .filter(|n| n.parent || !parent)
            .collect();
        let narrator = dice.weighted(&narrators, |n| n.weight).map_or_else(
            || Narrator {
                nb: "tôi".into(),
                cac: "công an".into(),
                ages: Vec::new(),
                parent: true,
                weight: 1,
            },
            |n| (*n).clone(),
        );
        Self { narrator, victim }
    }

    /// The victim by name: in full when first mentioned, short afterwards.
    pub fn name(&self, first: bool) -> String {
        match &self.victim {
            Some(victim) if first => victim.full.replace("$nb", &self.narrator.nb),
            Some(victim) => victim.short.replace("$nb", &self.narrator.nb),
            None => self.narrator.nb.clone(),
        }
    }

    /// The `victim` of the tip; `harmed` is false where nobody fell for it.
    pub fn to_json(&self, harmed: bool, dice: &mut Dice) -> Value {
        match &self.victim {
            Some(victim) => json!({"relation": victim.relation, "age_group": victim.age}),
            None if !harmed && dice.percent(60) => json!({"relation": "no_victim"}),
            None => {
                let age = match dice.word(&self.narrator.ages) {
                    "" => "unknown",
                    age => age,
                };
                json!({"relation": "self", "age_group": age})
            }
        }
    }
}

/// A reporter who gives a name: plainly made up, as are the numbers.
pub fn reporter(lib: &Library, place: &str, dice: &mut Dice) -> Value {
    let number = dice.between(1, 9999);
    let mut out = json!({"name": format!("Người báo tin {number}")});
    let Some(fields) = out.as_object_mut() else {
        return out;
    };
    if dice.percent(85) {
        fields.insert("phone".into(), format!("090000{number:04}").into());
    }
    if dice.percent(20) {
        fields.insert(
            "email".into(),
            format!("nguoibaotin{number}@example.com").into(),
        );
    }
    if dice.percent(12) {
        fields.insert("national_id".into(), format!("00000000{number:04}").into());
    }
    if dice.percent(35) {
        let house = dice.between(1, 240);
        let address = match dice.word(&lib.voices.hamlets) {
            hamlet if dice.percent(30) => format!("bản {hamlet}, {place}"),
            _ => format!("số nhà {house}, {place}"),
        };
        fields.insert("address".into(), address.into());
    }
    fields.insert("may_contact".into(), dice.percent(82).into());
    out
}
