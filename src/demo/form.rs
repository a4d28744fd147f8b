//! The fields of the form beside the free text: what a citizen ticks, types again, or leaves out.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::figures;
use super::people;
use super::story::Story;
use super::written;

impl Story<'_> {
    /// The indicators that the citizen typed into the form, among those the texts mention.
    fn indicators(&self, method: &str, dice: &mut Dice) -> Vec<Value> {
        let lib = self.lib;
        let called = match method {
            "overseas_easy_job" | "child_model_recruitment" => "recruited",
            "illegal_exit_broker" => "transported",
            _ => "contacted_me",
        };
        let mut out = Vec::new();
        let mut done = Vec::new();
        for slot in &self.used {
            if done.contains(&slot) {
                continue;
            }
            done.push(slot);
            let keep = if slot == "stk" { 86 } else { 72 };
            if !dice.percent(keep) {
                continue;
            }
            let (kind, value, role) = match slot.as_str() {
                "sdt" => ("phone", written::phone(self.phones.0, lib, dice), called),
                "sdt2" => ("phone", written::phone(self.phones.1, lib, dice), called),
                "zalo" => (
                    "messaging_account",
                    written::zalo(self.mobile(), false, dice),
                    called,
                ),
                "tele" => ("messaging_account", self.telegram(dice), called),
                "stk" => (
                    "bank_account",
                    written::account(&self.account.number, dice),
                    "received_money",
                ),
                "link" if self.link.path.ends_with(".apk") && dice.percent(50) => {
                    ("app", written::link_sent(self.link, dice), "hosted_content")
                }
                "link" => ("url", written::link(self.link, dice), "sent_link"),
                "page" => ("social_account", self.page.address(dice), "advertised"),
                "email" => ("email", self.ring.email.clone(), "contacted_me"),
                "vi" => ("crypto_address", self.ring.crypto.clone(), "received_money"),
                "qr" => ("payment_qr", self.qr(), "received_money"),
                _ => continue,
            };
            let mut one = Map::new();
            one.insert("kind".into(), kind.into());
            one.insert("value".into(), value.into());
            if kind == "bank_account" {
                if dice.percent(92) {
                    one.insert("bank".into(), self.account.bank_name(lib, dice).into());
                }
                if dice.percent(55) {
                    one.insert("holder_name".into(), self.account.holder.as_str().into());
                }
            }
            if dice.percent(70) {
                one.insert("role".into(), role.into());
            }
            out.push(Value::Object(one));
        }
        if method == "fake_sms_brandname" && dice.percent(60) {
            out.push(
                json!({"kind": "sms_sender", "value": self.ring.imitated(lib, self.link), "role": "impersonated"}),
            );
        }
        out
    }

    /// The fields of the form beside the texts.
    pub(super) fn form(
        &self,
        tip: &mut Map<String, Value>,
        code: &str,
        channel: &str,
        harmed: bool,
        dice: &mut Dice,
    ) {
        match dice.below(100) {
            0..79 => tip.insert("method".into(), code.into()),
            79..86 => tip.insert("method".into(), "unknown".into()),
            86..90 => tip.insert("method".into(), "other".into()),
            90..93 => {
                let other = dice
                    .pick(&self.lib.methods)
                    .map_or(code, |(c, _)| c.as_str());
                tip.insert("method".into(), other.into())
            }
            _ => None,
        };
        if dice.percent(90) {
            tip.insert("channel".into(), channel.into());
        }
        if dice.percent(80) {
            tip.insert("language".into(), "vi".into());
        }
        if dice.percent(85) {
            tip.insert("occurred_at".into(), figures::stamp(self.times.occurred()));
        }
        if dice.percent(40) {
            tip.insert(
                "written_at".into(),
                figures::stamp(self.times.written(dice)),
            );
        }
        let mut indicators = self.indicators(code, dice);
        let silent = !tip.contains_key("narrative") && !tip.contains_key("raw_message");
        if indicators.is_empty() && (silent || dice.percent(35)) {
            let value = written::phone(self.phones.0, self.lib, dice);
            indicators.push(json!({"kind": "phone", "value": value}));
        }
        if harmed && dice.percent(86) {
            let to = indicators
                .iter()
                .position(|i| i.get("role").and_then(Value::as_str) == Some("received_money"));
            let losses = figures::transfers(self.total, to, &self.times, dice);
            tip.insert("losses".into(), losses.into());
        }
        if !indicators.is_empty() {
            tip.insert("indicators".into(), indicators.into());
        }
        if dice.percent(88) {
            let mut location = Map::new();
            if let Some(unit) = &self.place.unit_code {
                location.insert("unit_code".into(), unit.as_str().into());
            }
            if let Some(place) = &self.place.place {
                location.insert("place".into(), place.as_str().into());
            }
            if !location.is_empty() {
                tip.insert("location".into(), location.into());
            }
        }
        if dice.percent(85) {
            tip.insert("victim".into(), self.cast.to_json(harmed, dice));
        }
        if dice.percent(50) {
            tip.insert("in_danger_now".into(), false.into());
        }
        if dice.percent(35) {
            tip.insert("attachments_announced".into(), dice.between(1, 4).into());
        }
        if dice.percent(40) {
            tip.insert(
                "reporter".into(),
                people::reporter(self.lib, &self.place.spoken, dice),
            );
        }
    }
}
