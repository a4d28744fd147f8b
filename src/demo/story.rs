//! One tip: a story filled with the traces of a ring, the message as received, and the form's fields.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::figures::{self, Times};
use super::library::Library;
use super::people::Cast;
use super::places::Place;
use super::ring::{Account, Link, Page, Phone, Ring};
use super::style::{Piece, Style};
use super::template;
use super::written;

/// What this tip takes from its ring, so that all its texts agree.
pub(super) struct Story<'a> {
    pub(super) lib: &'a Library,
    pub(super) ring: &'a Ring,
    pub(super) phones: (&'a Phone, &'a Phone),
    pub(super) account: &'a Account,
    pub(super) link: &'a Link,
    pub(super) page: &'a Page,
    pub(super) cast: Cast,
    pub(super) place: Place,
    pub(super) times: Times,
    pub(super) total: i64,
    pub(super) used: Vec<String>,
    named: bool,
}

/// Builds the body of a tip from what `ring` does.
pub fn compose(lib: &Library, ring: &Ring, now: DateTime<Utc>, dice: &mut Dice) -> Value {
    let index = dice.pick(&ring.methods).copied().unwrap_or(0);
    let Some((code, method)) = lib.methods.get(index) else {
        return json!({"narrative": "Số lạ gọi, nghi lừa đảo."});
    };
    let called = dice.pick(&ring.phones);
    let (Some(phone), Some(other), Some(account), Some(link), Some(page)) = (
        called,
        ring.phones.iter().find(|p| Some(*p) != called),
        dice.pick(&ring.accounts),
        dice.pick(&ring.links),
        dice.pick(&ring.pages),
    ) else {
        return json!({"narrative": "Số lạ gọi, nghi lừa đảo."});
    };
    let usual = ring.minutes_ago(dice);
    let minutes_ago = if method.slow {
        usual
    } else {
        figures::age(usual, dice)
    };
    let times = Times::new(now, minutes_ago);
    let hot = times.minutes_ago <= 6 * 60;
    let told = if hot && dice.percent(55) && !method.urgent.is_empty() {
        &method.urgent
    } else {
        &method.stories
    };
    let foreign = dice
        .permille(18)
        .then(|| dice.pick(&lib.voices.foreign))
        .flatten();
    let terse = foreign.is_none() && !std::ptr::eq(told, &method.urgent) && dice.percent(8);
    let template = match foreign {
        Some(note) => note.text.as_str(),
        None if terse => dice.word(&lib.voices.terse),
        None => match dice.word(told) {
            // Who lost something is likelier to report.
            near_miss if !near_miss.contains("$tien") && dice.percent(35) => dice.word(told),
            story => story,
        },
    };
    let (marks, text) = template::marks(template);
    let text = template::choose(text, dice);
    let speaks = text.contains("$nn");
    let parent = text.contains("on $nb") || text.contains("vợ con");
    let who = marks
        .who
        .map_or_else(|| method.who.clone(), |who| who.replace('+', " "));
    let mut story = Story {
        lib,
        ring,
        phones: (phone, other),
        account,
        link,
        page,
        cast: Cast::draw(lib, &who, speaks || marks.who.is_some(), parent, dice),
        place: Place::draw(lib, dice),
        total: figures::loss(method.loss.0, method.loss.1, dice),
        times,
        used: Vec::new(),
        named: false,
    };
    let channels: Vec<&str> = method.channels.split(' ').collect();
    let channel = marks.channel.unwrap_or_else(|| dice.word(&channels));
    let only_raw = !terse && foreign.is_none() && !marks.danger && dice.percent(7);
    let harmed = text.contains("$tien") && !only_raw;

    let mut tip = Map::new();
    if !only_raw {
        let whole = if terse || foreign.is_some() {
            text
        } else {
            framed(&text, harmed, lib, dice)
        };
        let pieces = story.fill(&whole, false, dice);
        let style = if foreign.is_some() {
            Style::plain()
        } else {
            Style::citizen(dice)
        };
        tip.insert(
            "narrative".into(),
            style.write(pieces, &lib.voices, dice).into(),
        );
    }
    let share = if channel == "sms" { 85 } else { 45 };
    let fitting = fitting(&method.raw, &story.used);
    let told = foreign.is_none() && !terse && !fitting.is_empty();
    if only_raw || told && dice.percent(share) {
        let raw = if only_raw {
            dice.word(&method.raw)
        } else {
            dice.word(&fitting)
        };
        let raw = template::choose(raw, dice);
        let pieces = story.fill(&raw, true, dice);
        let raw = Style::scammer(dice).write(pieces, &lib.voices, dice);
        tip.insert("raw_message".into(), raw.into());
    }
    story.form(&mut tip, code, channel, harmed, dice);
    if let Some(note) = foreign {
        tip.insert("language".into(), note.language.as_str().into());
        tip.insert("method".into(), note.method.as_str().into());
    }
    if marks.danger {
        tip.insert("in_danger_now".into(), true.into());
    }
    Value::Object(tip)
}

/// The messages that fit what the story mentions: those that share most numbers, links and names with it.
fn fitting<'a>(raw: &'a [String], used: &[String]) -> Vec<&'a str> {
    let shared = |text: &str| {
        template::slots(text)
            .filter(|slot| *slot != "bank" && used.iter().any(|u| u == slot))
            .count()
    };
    let most = raw.iter().map(|text| shared(text)).max().unwrap_or(0);
    raw.iter()
        .map(String::as_str)
        .filter(|text| most > 0 && shared(text) == most)
        .collect()
}

/// The story with a greeting before it and a wish after it, as some write.
fn framed(text: &str, harmed: bool, lib: &Library, dice: &mut Dice) -> String {
    let mut parts = Vec::new();
    if dice.percent(22) {
        parts.push(dice.word(&lib.voices.openers));
    }
    parts.push(text);
    if harmed && dice.percent(22) {
        parts.push(dice.word(&lib.voices.loss_closers));
    }
    if dice.percent(30) {
        parts.push(dice.word(&lib.voices.closers));
    }
    let separator = if dice.percent(12) { "\n" } else { " " };
    template::choose(&parts.join(separator), dice)
}

impl Story<'_> {
    fn fill(&mut self, text: &str, sent: bool, dice: &mut Dice) -> Vec<Piece> {
        template::fill(text, |slot, before| self.slot(slot, before, sent, dice))
    }

    /// The text for a slot; `sent` means as the swindler wrote it.
    fn slot(&mut self, slot: &str, before: &str, sent: bool, dice: &mut Dice) -> Option<Piece> {
        let lib = self.lib;
        let words = |text: String| Some(Piece::Words(text));
        let phone = |phone: &Phone, dice: &mut Dice| {
            if sent {
                phone.0.clone()
            } else {
                written::phone(phone, lib, dice)
            }
        };
        let trace = match slot {
            "nb" => return words(self.cast.narrator.nb.clone()),
            "cac" => return words(self.cast.narrator.cac.clone()),
            "nn" => {
                let first = !std::mem::replace(&mut self.named, true);
                return words(self.cast.name(first));
            }
            "luc" => return words(self.times.spoken(dice)),
            "xa" => return words(self.place.spoken.clone()),
            "ten" => return words(self.ring.given_name.clone()),
            "nick" => return words(self.ring.nick.clone()),
            "app" => return words(self.ring.app.clone()),
            "chu" => return words(self.account.holder.clone()),
            "hang" => return words(self.ring.imitated(lib, self.link).to_owned()),
            "bank" => {
                let name = self.account.bank_name(lib, dice);
                // Not "ngân hàng Ngân hàng …".
                let after_bank = before.trim_end().ends_with(['g', 'H']);
                return words(match name.strip_prefix("Ngân hàng ") {
                    Some(rest) if after_bank => rest.to_owned(),
                    _ => name,
                });
            }
            "tien" => return words(figures::spoken(self.total, dice)),
            "it" => return words(figures::spoken(self.small(dice), dice)),
            "to" => return words(figures::spoken(self.large(dice) * dice.between(2, 5), dice)),
            "lon" => return words(figures::spoken(self.large(dice), dice)),
            "page" if dice.percent(70) => {
                self.used.push(slot.to_owned());
                return words(format!("\"{}\"", self.page.name));
            }
            "sdt" => phone(self.phones.0, dice),
            "sdt2" => phone(self.phones.1, dice),
            "zalo" => {
                let named = before.trim_end().to_lowercase().ends_with("zalo");
                written::zalo(self.mobile(), named, dice)
            }
            "stk" if sent => self.account.number.clone(),
            "stk" => {
                let number = written::account(&self.account.number, dice);
                number.trim_start_matches("STK: ").to_owned()
            }
            "link" => {
                self.used.push(slot.to_owned());
                return Some(if !sent {
                    Piece::Trace(written::link(self.link, dice))
                } else if self.link.path.is_empty() {
                    Piece::Link(written::link_sent(self.link, dice))
                } else {
                    Piece::Trace(written::link_sent(self.link, dice))
                });
            }
            "page" => self.page.address(dice),
            "tele" => self.telegram(dice),
            "email" => self.ring.email.clone(),
            "vi" => self.ring.crypto.clone(),
            "qr" => self.qr(),
            _ => return None,
        };
        self.used.push(slot.to_owned());
        Some(Piece::Trace(trace))
    }

    /// A bait: small beside the loss.
    fn small(&self, dice: &mut Dice) -> i64 {
        let bait = dice.between(4, 60) * 50_000;
        bait.min((self.total / 4 / 50_000).max(2) * 50_000)
    }

    /// A sum demanded or promised, of the loss's own order.
    fn large(&self, dice: &mut Dice) -> i64 {
        let step = if self.total > 20_000_000 {
            5_000_000
        } else {
            1_000_000
        };
        (self.total * dice.between(20, 90) / 100 / step).max(1) * step
    }

    /// A number that can have a Zalo account.
    pub(super) fn mobile(&self) -> &Phone {
        let mut phones = self.ring.phones.iter();
        phones.find(|p| p.is_mobile()).unwrap_or(self.phones.0)
    }

    pub(super) fn telegram(&self, dice: &mut Dice) -> String {
        let name = &self.ring.telegram;
        match dice.below(3) {
            0 => format!("t.me/{name}"),
            1 => format!("https://t.me/{name}"),
            _ => format!("@{name}"),
        }
    }

    pub(super) fn qr(&self) -> String {
        let bin = self
            .lib
            .banks
            .get(self.account.bank)
            .map_or("970436", |b| b.bin.as_str());
        written::vietqr(bin, &self.account.number)
    }
}
