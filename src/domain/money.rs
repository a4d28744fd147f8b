//! Sums of money as people write them.

use super::lang::Lang;

/// The largest single amount that is counted, a million billion đồng: far more than was ever lost or
/// moved at once, and small enough that sums hold.
pub const MOST_VND: i64 = 1_000_000_000_000_000;

/// What of a stated amount is counted: nothing where it is below nought or beyond belief.
pub fn counted(amount: i64) -> i64 {
    if (0..=MOST_VND).contains(&amount) {
        amount
    } else {
        0
    }
}

/// The sum of amounts, which never overflows.
pub fn total(amounts: impl IntoIterator<Item = i64>) -> i64 {
    amounts.into_iter().fold(0, i64::saturating_add)
}

/// A sum in đồng: `31.000.000 đồng`, `31,000,000 dong`.
pub fn dong(amount: i64, lang: Lang) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    if amount < 0 {
        text.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(lang.pick('.', ','));
        }
        text.push(digit);
    }
    text.push_str(lang.pick(" đồng", " dong"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_lose_is_not_counted() {
        for amount in [i64::MIN, -1, MOST_VND + 1, i64::MAX] {
            assert_eq!(counted(amount), 0);
        }
        assert_eq!(counted(MOST_VND), MOST_VND);
        assert_eq!(total([i64::MAX, 1]), i64::MAX);
    }

    #[test]
    fn digits_stand_in_groups_of_three() {
        for (amount, vi, en) in [
            (0, "0 đồng", "0 dong"),
            (999, "999 đồng", "999 dong"),
            (-1_000, "-1.000 đồng", "-1,000 dong"),
            (31_000_000, "31.000.000 đồng", "31,000,000 dong"),
            (1_234_567_890, "1.234.567.890 đồng", "1,234,567,890 dong"),
        ] {
            assert_eq!(dong(amount, Lang::Vi), vi);
            assert_eq!(dong(amount, Lang::En), en);
        }
    }
}
