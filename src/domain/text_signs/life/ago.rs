//! What a text itself calls long past, over, or hearsay.

use super::Sign;
use super::told::{Told, is_number};

/// Long ago.
const LONG_AGO: [&str; 14] = [
    "nam ngoai",
    "nam kia",
    "nam xua",
    "truoc day",
    "ngay truoc",
    "ngay xua",
    "hoi xua",
    "hoi truoc",
    "hoi nho",
    "thoi truoc",
    "last year",
    "years ago",
    "year ago",
    "long ago",
];
/// Whoever it was is out of it.
const OVER: [&str; 22] = [
    "duoc giai cuu",
    "da giai cuu",
    "duoc tha",
    "da thoat",
    "thoat duoc",
    "tron thoat",
    "tron duoc",
    "da tron ve",
    "da ve nha",
    "da ve nuoc",
    "da ve den",
    "da ve viet",
    "da ve an toan",
    "ve nuoc roi",
    "ve nha roi",
    "ve duoc roi",
    "an toan roi",
    "da an toan",
    "was rescued",
    "were rescued",
    "is safe now",
    "back home",
];
/// Told by others.
const HEARSAY: [&str; 18] = [
    "nghe noi",
    "nghe ke",
    "nghe don",
    "doc bao",
    "tren bao",
    "bao dang",
    "bao chi",
    "thoi su",
    "xem tivi",
    "xem tv",
    "tren tivi",
    "tren tv",
    "xem phim",
    "trong phim",
    "in the news",
    "on the news",
    "i read",
    "in a movie",
];
/// Not yet, or wished for.
const AHEAD: [&str; 12] = [
    "moi", "se", "de", "chua", "khong", "muon", "xin", "can", "mong", "dang", "not", "be",
];
/// Who is meant is near.
const NEAR: [&str; 12] = [
    "con", "chau", "vo", "chong", "me", "bo", "cha", "em", "anh", "chi", "ban", "gai",
];

/// Where the sentences of a text begin and what they say of the time.
pub(super) struct Ago {
    /// The sentence of each word.
    sentence: Vec<usize>,
    /// Whether somewhere it is said to be over.
    over: bool,
}

impl Ago {
    /// Of a folded text and its words.
    pub(super) fn new(folded: &str, told: &Told<'_>) -> Self {
        Self {
            sentence: sentences(folded, told.len()),
            over: (0..told.len())
                .any(|at| told.reads_any(at, &OVER) && !AHEAD.contains(&told.back(at, 1))),
        }
    }

    /// Whether what stands at a place is past: long ago, over or hearsay, and nothing in the sentence says that it
    /// goes on.
    pub(super) fn is_past(&self, told: &Told<'_>, at: usize, sign: Sign) -> bool {
        let places = self.around(at);
        let says = |phrases: &[&str]| places.clone().any(|at| told.reads_any(at, phrases));
        if places.clone().any(|at| is_now(told, at)) {
            return false;
        }
        let wanted = || {
            places
                .clone()
                .any(|at| matches!(told.word(at), "doi" | "chuoc") || told.reads(at, "moi tha"))
        };
        let long_ago = says(&LONG_AGO) || places.clone().any(|at| is_year(told, at));
        let near = || {
            places.clone().any(|at| {
                NEAR.contains(&told.word(at))
                    && matches!(
                        told.word(at + 1),
                        "toi" | "em" | "minh" | "chau" | "gai" | "trai"
                    )
            })
        };
        let over = sign == Sign::Deed && self.over;
        over || long_ago && !wanted() || says(&HEARSAY) && !near()
    }

    /// The places of the sentence that a place stands in.
    fn around(&self, at: usize) -> std::ops::Range<usize> {
        let number = self.sentence.get(at).copied().unwrap_or_default();
        let begin = self.sentence.partition_point(|other| *other < number);
        let end = self.sentence.partition_point(|other| *other <= number);
        begin..end
    }
}

/// The sentence of each word: the words are the folded text's own, in their order.
fn sentences(folded: &str, count: usize) -> Vec<usize> {
    let mut all = Vec::with_capacity(count);
    let mut number = 0;
    let mut rest = folded;
    for word in super::super::words(folded) {
        let (gap, behind) = rest
            .split_at_checked(rest.find(word).unwrap_or(0))
            .unwrap_or(("", rest));
        number += usize::from(gap.contains(['.', '!', '?', ';', '\n']) && !all.is_empty());
        all.push(number);
        rest = behind.get(word.len()..).unwrap_or_default();
    }
    all
}

/// "đang", "giờ", "vẫn", "chưa về"; "9 giờ" and "tư vấn" say nothing of it.
fn is_now(told: &Told<'_>, at: usize) -> bool {
    match told.word(at) {
        "dang" | "hien" | "now" | "still" | "today" => true,
        "gio" => !is_number(told.back(at, 1)),
        "van" => told.back(at, 1) != "tu",
        "chua" => matches!(told.word(at + 1), "ve" | "thoat" | "duoc" | "tha" | "lien"),
        "hom" => told.word(at + 1) == "nay",
        _ => false,
    }
}

/// "năm 2019", "3 năm trước", "cách đây 2 năm", "in 2019"; "từ năm 2019" goes on.
fn is_year(told: &Told<'_>, at: usize) -> bool {
    let year = |word: &str| word.len() == 4 && (word.starts_with("20") || word.starts_with("19"));
    match told.word(at) {
        "nam" if told.word(at + 1) == "truoc" => true,
        "nam" => year(told.word(at + 1)) && told.back(at, 1) != "tu",
        "cach" => told.word(at + 1) == "day" && told.soon(at + 2, 3, &["nam"]),
        "in" => year(told.word(at + 1)),
        _ => false,
    }
}
