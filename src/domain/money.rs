//! Sums of money as people write them.

use super::lang::Lang;

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
