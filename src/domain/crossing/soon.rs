//! Whether a tip says that the crossing is about to happen, so that the border guard is not given days.

use super::{Word, sentences};

/// With or without their accents; one of the alternatives says it.
const SOON: [&str; 22] = [
    "đêm nay",
    "chiều nay",
    "trưa nay",
    "sáng mai",
    "ngày mai",
    "trưa mai",
    "chiều mai",
    "tối mai",
    "đêm mai",
    "rạng sáng",
    "tiếng nữa",
    "giờ nữa",
    "phút nữa",
    "ngay bây giờ",
    "đang trên đường",
    "đang trên xe",
    "đang chở",
    "sắp đi",
    "sắp sang",
    "sắp xuất phát",
    "chuẩn bị đi",
    "tonight",
];
/// "Tonight"; without its accents it is "until now" as well.
const TONIGHT: &str = "tối nay";
/// What stands before "until now".
const UNTIL: [&str; 5] = ["cho", "tu", "truoc", "do", "den"];

/// Whether the words say that it happens within a day.
pub fn is_soon(text: &str) -> bool {
    let known: Vec<Vec<Word>> = SOON.iter().flat_map(|phrase| sentences(phrase)).collect();
    let tonight: Vec<Word> = sentences(TONIGHT).into_iter().flatten().collect();
    sentences(text).iter().any(|sentence| {
        known
            .iter()
            .any(|phrase| places(sentence, phrase).next().is_some())
            || places(sentence, &tonight).any(|at| {
                let before = at.checked_sub(1).and_then(|at| sentence.get(at));
                let accented = sentence.get(at).is_some_and(|word| word.said != word.fold);
                accented || before.is_none_or(|word| !UNTIL.contains(&word.fold.as_str()))
            })
    })
}

/// Where a phrase stands in a sentence, written with its accents or with none.
fn places<'a>(sentence: &'a [Word], phrase: &'a [Word]) -> impl Iterator<Item = usize> + 'a {
    let same = |(known, word): (&Word, &Word)| known.said == word.said || known.fold == word.said;
    sentence
        .windows(phrase.len().max(1))
        .enumerate()
        .filter(move |(_, words)| phrase.iter().zip(*words).all(same))
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_within_a_day_is_told_from_what_happened() {
        for soon in [
            "xe chở 4 người qua Tây Trang sang Lào, đi trong tối nay",
            "Nó hẹn 5 giờ sáng mai đón ở bến xe.",
            "toi nay no dua di",
            "xe đang trên đường lên cửa khẩu",
            "2 tiếng nữa xe chạy",
            "Rạng sáng chúng nó đưa qua đường mòn",
        ] {
            assert!(is_soon(soon), "{soon}");
        }
        for not in [
            "từ đó cho tới nay không liên lạc được",
            "tu do cho toi nay khong lien lac duoc",
            "hôm qua nó đưa em sang Lào",
            "tháng trước nó rủ đi Lào làm việc nhẹ lương cao",
            "",
        ] {
            assert!(!is_soon(not), "{not}");
        }
    }
}
