//! Rings of swindlers: the phones, accounts, hosts and pages that their tips have in common. All are made up,
//! except the hosts, which come from public blocklists (licences beside `data/hosts.json`).

use super::dice::Dice;
use super::library::{Library, Method};
use super::style::fold;
use super::written;

/// A number that can call: national digits, or with `+` as shown for a call from abroad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(pub String);

/// An account at the bank with index `bank` in the library.
#[derive(Clone, Debug)]
pub struct Account {
    pub bank: usize,
    pub number: String,
    pub holder: String,
}

/// A link without its scheme.
#[derive(Clone, Debug)]
pub struct Link {
    pub host: String,
    pub path: String,
}

/// A page or group: its name as shown and its address on Facebook.
#[derive(Clone, Debug)]
pub struct Page {
    pub name: String,
    pub slug: String,
}

/// A group of swindlers and what it uses.
pub struct Ring {
    /// Indexes into the library's methods; the first is the main one.
    pub methods: Vec<usize>,
    pub phones: Vec<Phone>,
    pub accounts: Vec<Account>,
    pub links: Vec<Link>,
    pub pages: Vec<Page>,
    pub nick: String,
    pub given_name: String,
    pub telegram: String,
    pub email: String,
    pub crypto: String,
    pub app: String,
    /// The bank that it pretends to be where its links do not say.
    pub brand: String,
    /// When it began and for how long it works, in minutes before the present.
    pub began: i64,
    pub lasts: i64,
}

const DAY: i64 = 24 * 60;

impl Ring {
    /// Draws a ring; `only` names the one method it uses, `mules` gives accounts that several rings share.
    pub fn draw(
        lib: &Library,
        dice: &mut Dice,
        only: Option<usize>,
        mules: impl Fn(&mut Dice) -> Dice,
    ) -> Self {
        let indexes: Vec<usize> = (0..lib.methods.len()).collect();
        let weight = |i: &usize| lib.methods.get(*i).map_or(0, |(_, m)| m.weight);
        let main = only
            .or_else(|| dice.weighted(&indexes, weight).copied())
            .unwrap_or(0);
        let method = lib.methods.get(main).map(|(_, m)| m);
        let code = lib.methods.get(main).map_or("", |(c, _)| c.as_str());
        let topic = method.map_or("any", |m| m.topic.as_str());
        let mut methods = vec![main];
        if only.is_none() && dice.percent(20) {
            let kin: Vec<usize> = indexes
                .into_iter()
                .filter(|i| {
                    *i != main && lib.methods.get(*i).is_some_and(|(_, m)| m.topic == topic)
                })
                .collect();
            methods.extend(dice.pick(&kin));
        }
        let phones = (0..dice.between(2, 4))
            .map(|_| Phone::draw(lib, dice))
            .collect();
        let accounts = (0..dice.between(1, 4))
            .map(|_| {
                if only.is_none() && dice.percent(12) {
                    Account::draw(lib, &mut mules(dice))
                } else {
                    Account::draw(lib, dice)
                }
            })
            .collect();
        let links: Vec<Link> = (0..dice.between(1, 3))
            .map(|_| Link::draw(lib, method, topic, dice))
            .collect();
        let nick = dice.word(&lib.voices.nicks).to_owned();
        let began = dice.lognormal(18.0, 1.0).clamp(2, 160) * DAY;
        Self {
            phones,
            accounts,
            brand: dice
                .word(&["Vietcombank", "BIDV", "Agribank", "MB"])
                .to_owned(),
            links,
            pages: (0..dice.between(1, 2))
                .map(|_| Page::draw(lib, code, topic, dice))
                .collect(),
            given_name: dice.word(&lib.voices.given_names).to_owned(),
            telegram: format!("{}{}", slug(&nick), dice.digits(3)),
            nick,
            email: format!(
                "{}{}@gmail.com",
                dice.word(&lib.voices.email_users),
                dice.digits(4)
            ),
            crypto: format!("0x{}", dice.hex(40)),
            app: method.map_or("", |m| dice.word(&m.apps)).to_owned(),
            methods,
            began,
            lasts: dice.between(3, 45) * DAY,
        }
    }

    /// The bank whose name stands in the message: that of the link, if it imitates one.
    pub fn imitated<'a>(&'a self, lib: &'a Library, link: &Link) -> &'a str {
        let mut brands = lib.voices.brands.iter();
        brands
            .find(|(part, _)| link.host.contains(part.as_str()))
            .map_or(self.brand.as_str(), |(_, name)| name)
    }

    /// How many minutes ago something of this ring happened.
    pub fn minutes_ago(&self, dice: &mut Dice) -> i64 {
        (self.began - dice.between(0, self.lasts)).max(dice.between(DAY, 6 * DAY))
    }
}

impl Phone {
    fn draw(lib: &Library, dice: &mut Dice) -> Self {
        let kind = dice.below(100);
        let fill = |start: &str, length: usize, dice: &mut Dice| {
            Self(format!(
                "{start}{}",
                dice.digits(length.saturating_sub(start.len()))
            ))
        };
        if kind < 6 {
            let start = dice.word(&lib.voices.landlines);
            return fill(start, 11, dice);
        }
        if kind < 11 {
            let start = dice.word(&lib.voices.foreign_calls);
            return fill(start, 13, dice);
        }
        let start = dice
            .pick(&lib.phones.mobile_prefixes)
            .map_or("090", |p| p.prefix.as_str());
        fill(start, 10, dice)
    }

    /// True for a Vietnamese mobile number, which can carry a Zalo account.
    pub fn is_mobile(&self) -> bool {
        self.0.len() == 10
    }
}

impl Account {
    fn draw(lib: &Library, dice: &mut Dice) -> Self {
        let indexes: Vec<usize> = (0..lib.banks.len()).collect();
        // A bank without a weight of its own still turns up now and then; wallets' BINs hold no plain accounts.
        let weight = |i: &usize| {
            lib.banks.get(*i).map_or(0, |bank| {
                lib.voices.bank_weights.get(&bank.bin).map_or(1, |w| w * 8)
            })
        };
        let bank = dice.weighted(&indexes, weight).copied().unwrap_or(0);
        let mut number = String::from(dice.digit('0'));
        let length = dice.between(9, 13);
        number.extend((1..length).map(|_| dice.digit('0')));
        let holder = dice.word(&lib.voices.holders).to_owned();
        Self {
            bank,
            number,
            holder,
        }
    }
}

impl Link {
    fn draw(lib: &Library, method: Option<&Method>, topic: &str, dice: &mut Dice) -> Self {
        let paths = if method.is_some_and(|m| !m.apps.is_empty()) && dice.percent(35) {
            &lib.voices.apk_paths
        } else {
            &lib.voices.paths
        };
        Self {
            host: dice.word(Library::by_topic(&lib.hosts, topic)).to_owned(),
            path: dice.word(paths).to_owned(),
        }
    }
}

impl Page {
    fn draw(lib: &Library, code: &str, topic: &str, dice: &mut Dice) -> Self {
        let names = lib.voices.pages.get(code).map_or_else(
            || Library::by_topic(&lib.voices.pages, topic),
            Vec::as_slice,
        );
        let name = dice.word(names).to_owned();
        let slug = format!("{}.{}", slug(&name), dice.digits(3));
        Self { name, slug }
    }

    /// The address as people copy it.
    pub fn address(&self, dice: &mut Dice) -> String {
        let start = dice.word(&[
            "https://www.facebook.com/",
            "facebook.com/",
            "https://m.facebook.com/",
        ]);
        format!("{start}{}", self.slug)
    }
}

/// ASCII letters and digits only, in lower case.
fn slug(text: &str) -> String {
    fold(text)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

impl Account {
    /// The bank as this citizen names it.
    pub fn bank_name(&self, lib: &Library, dice: &mut Dice) -> String {
        lib.banks
            .get(self.bank)
            .map_or_else(String::new, |bank| written::bank(bank, lib, dice))
    }
}
