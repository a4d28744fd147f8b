//! The words of a text with their neighbours, and the words for people, things and places that the rules share.

/// Folded words, short spellings written out.
pub(super) struct Told<'a> {
    words: Vec<&'a str>,
}

/// Those near to whoever tells.
const KIN: [&str; 20] = [
    "con", "chau", "vo", "chong", "me", "bo", "cha", "ba", "ong", "em", "anh", "chi", "gai", "ban",
    "di", "co", "cau", "chu", "bac", "trai",
];
/// Whoever tells.
const TELLERS: [&str; 7] = ["toi", "em", "minh", "chau", "tui", "con", "nha"];
/// What is kept, sold or not given back, and is no person.
const THINGS: [&str; 31] = [
    "tien", "von", "lenh", "coin", "usdt", "vi", "tk", "lai", "het", "hang", "don", "kien", "goi",
    "buu", "khoan", "the", "coc", "phi", "so", "acc", "nick", "app", "xe", "tai", "sim", "luong",
    "quy", "nuoc", "qua", "hoa", "thuong",
];
/// What says that it is not so, or nearly was.
const NOT: [&str; 9] = [
    "khong", "chua", "chang", "suyt", "xuyt", "dung", "tranh", "not", "never",
];

impl<'a> Told<'a> {
    /// The words of a folded text.
    pub(super) fn new(words: &[&'a str]) -> Self {
        Self {
            words: words.iter().map(|word| spelled_out(word)).collect(),
        }
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// The word at a place; empty beyond the ends.
    pub(super) fn word(&self, at: usize) -> &'a str {
        self.words.get(at).copied().unwrap_or_default()
    }

    /// The word so many places before.
    pub(super) fn back(&self, at: usize, places: usize) -> &'a str {
        at.checked_sub(places)
            .map_or("", |before| self.word(before))
    }

    /// The words before a place, nearest first.
    pub(super) fn before(&self, at: usize) -> impl Iterator<Item = &'a str> + Clone {
        let before = self.words.get(..at).unwrap_or_default();
        before.iter().rev().copied()
    }

    /// The words from a place on.
    pub(super) fn from(&self, at: usize) -> impl Iterator<Item = &'a str> + Clone {
        self.words.get(at..).unwrap_or_default().iter().copied()
    }

    /// Whether these words stand at a place.
    pub(super) fn reads(&self, at: usize, phrase: &str) -> bool {
        // Nearly always another word: no need to cut the phrase.
        if phrase.bytes().next() != self.word(at).bytes().next() {
            return false;
        }
        let mut words = self.from(at);
        phrase.split(' ').all(|word| words.next() == Some(word))
    }

    /// Whether any of these stands at a place.
    pub(super) fn reads_any(&self, at: usize, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.reads(at, phrase))
    }

    /// Whether any of these words is among the next ones.
    pub(super) fn soon(&self, at: usize, reach: usize, words: &[&str]) -> bool {
        self.from(at).take(reach).any(|word| words.contains(&word))
    }

    /// Whether any of these words is among the last ones.
    pub(super) fn lately(&self, at: usize, reach: usize, words: &[&str]) -> bool {
        self.before(at)
            .take(reach)
            .any(|word| words.contains(&word))
    }

    /// "không bị …", "không ai bị …", "suýt bị …".
    pub(super) fn is_denied(&self, at: usize) -> bool {
        NOT.contains(&self.back(at, 1))
            || matches!(self.back(at, 1), "ai" | "he" | "nua" | "ma")
                && NOT.contains(&self.back(at, 2))
    }

    /// "con tôi", "em", "người": somebody of whoever tells, from a place on.
    pub(super) fn is_person(&self, at: usize) -> bool {
        let next = self.word(at + 1);
        let of_teller = TELLERS.contains(&next)
            || matches!(
                next,
                "ruot" | "gai" | "trai" | "re" | "dau" | "ho" | "voi" | ""
            );
        match self.word(at) {
            "toi" | "minh" | "tui" | "chung" => !is_number(next),
            "em" | "chau" | "vo" | "chong" | "nguoi" => !is_number(next),
            word => KIN.contains(&word) && of_teller,
        }
    }

    /// Whether whom the words just before a place speak of is a person, and no thing of theirs.
    pub(super) fn is_about_person(&self, at: usize) -> bool {
        let last = self.back(at, 1);
        let person = KIN.contains(&last)
            || TELLERS.contains(&last)
            || matches!(last, "nguoi" | "no" | "ho" | "ta" | "dang" | "van" | "cung");
        person && self.back(at, 2) != "cua" && !self.lately(at, 5, &THINGS)
    }

    /// Whether something that is no person stands at a place.
    pub(super) fn is_thing(&self, at: usize) -> bool {
        THINGS.contains(&self.word(at)) || is_number(self.word(at))
    }

    /// Whether things stand shortly before a place.
    pub(super) fn is_about_things(&self, at: usize, reach: usize) -> bool {
        let things = [
            "hang", "don", "kien", "goi", "buu", "qua", "xe", "coc", "so",
        ];
        self.lately(at, reach, &things)
    }

    /// Whether a place where people are held or sold to is named here.
    pub(super) fn is_far_away(&self, at: usize) -> bool {
        let next = self.word(at + 1);
        match self.word(at) {
            "campuchia" | "cpc" | "cambodia" | "campot" | "myanmar" | "mianma" | "dubai"
            | "philippines" | "philippin" | "malaysia" | "laos" | "poipet" | "sihanouk"
            | "sihanoukville" | "bavet" | "myawaddy" | "casino" | "songbac" | "compound" => true,
            "cam" => self.reads(at, "cam pu chia"),
            "mien" => next == "dien",
            "tam" => self.reads(at, "tam giac vang") || next == "giac",
            "trung" => next == "quoc",
            "thai" => next == "lan",
            "ba" => next == "vet",
            "kk" => next == "park",
            "nuoc" => next == "ngoai",
            "ben" => matches!(next, "do" | "kia" | "ay"),
            "khu" => matches!(next, "tu" | "lua" | "cong"),
            "lao" => {
                next != "dong"
                    && matches!(
                        self.back(at, 1),
                        "o" | "sang" | "ben" | "qua" | "tai" | "nuoc"
                    )
            }
            _ => false,
        }
    }
}

/// Whether a word is a number.
pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// "k muốn sống", "e bị giữ", "cứu vs".
fn spelled_out(word: &str) -> &str {
    match word {
        "k" | "ko" | "kg" | "kh" | "hok" | "hong" | "khum" => "khong",
        "e" => "em",
        "t" => "toi",
        "m" => "minh",
        "ng" | "ngta" => "nguoi",
        "dg" | "dag" => "dang",
        "vs" => "voi",
        "dc" | "dk" | "duocj" => "duoc",
        "bik" | "bit" => "biet",
        "vk" => "vo",
        other => other,
    }
}
