//! Why a tip has its points, in words.

use serde::{Deserialize, Serialize};

use crate::domain::lang::Lang;

/// Why points were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The reporter says that somebody is in danger now.
    InDangerNow,
    /// The method endangers lives.
    MethodLifeAtRisk,
    /// A child is victim of a method that distresses its victims.
    ChildInDistress,
    /// The text says that a life is in danger.
    TextLifeAtRisk,
    /// Money was sent so recently that it may still be held.
    RecentTransfer,
    /// The size of the loss.
    Loss,
    /// The text says that money was sent, and no loss is stated.
    PaidInText,
    /// Other independent tips name the same indicator.
    LinkedTips,
    /// The victim is a child or old.
    VulnerableVictim,
    /// The method calls for some haste.
    MethodUrgency,
}

/// One reason with its points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Why.
    pub code: ReasonCode,
    /// Points given for it.
    pub points: u8,
    /// The step's limit in minutes, the loss in đồng, or the number of tips; 0 where there is none.
    pub value: i64,
}

impl Reason {
    /// The reason as a sentence; stored priorities keep the value, so both languages stay possible.
    pub fn detail(&self, lang: Lang) -> String {
        let Self { code, value, .. } = self;
        match code {
            ReasonCode::InDangerNow => lang
                .pick("Có người đang gặp nguy hiểm", "Somebody is in danger now")
                .to_owned(),
            ReasonCode::MethodLifeAtRisk => lang
                .pick(
                    "Thủ đoạn này đe doạ tính mạng",
                    "The method endangers lives",
                )
                .to_owned(),
            ReasonCode::ChildInDistress => lang
                .pick(
                    "Trẻ em bị đe doạ, ép buộc",
                    "A child is threatened or coerced",
                )
                .to_owned(),
            ReasonCode::TextLifeAtRisk => lang
                .pick(
                    "Lời kể cho thấy tính mạng có thể bị đe doạ",
                    "The words suggest that a life is in danger",
                )
                .to_owned(),
            ReasonCode::PaidInText if *value > 0 => {
                let amount = grouped(*value, lang.pick('.', ','));
                lang.pick(
                    format!("Lời kể nói đã chuyển {amount} đồng (chưa khai ở mục thiệt hại)"),
                    format!("The words tell of {amount} VND sent (not stated as a loss)"),
                )
            }
            ReasonCode::PaidInText => lang
                .pick(
                    "Lời kể nói đã chuyển tiền (chưa khai ở mục thiệt hại)",
                    "The words tell of money sent (not stated as a loss)",
                )
                .to_owned(),
            ReasonCode::RecentTransfer => {
                let (amount, vi, en) = match *value {
                    minutes if minutes < 60 => (minutes, "phút", "minutes"),
                    minutes => (minutes / 60, "giờ", "hours"),
                };
                lang.pick(
                    format!("Chuyển tiền lần cuối trong vòng {amount} {vi}"),
                    format!("Last transfer within {amount} {en}"),
                )
            }
            ReasonCode::Loss => {
                let amount = grouped(*value, lang.pick('.', ','));
                lang.pick(
                    format!("Thiệt hại {amount} đồng"),
                    format!("Loss of {amount} VND"),
                )
            }
            ReasonCode::LinkedTips => lang.pick(
                format!("{value} tin báo khác có cùng dấu hiệu"),
                match value {
                    1 => "1 other tip shares an indicator".to_owned(),
                    _ => format!("{value} other tips share an indicator"),
                },
            ),
            ReasonCode::VulnerableVictim => lang
                .pick(
                    "Người bị hại dưới 18 tuổi hoặc là người cao tuổi",
                    "The victim is under 18 or an older person",
                )
                .to_owned(),
            ReasonCode::MethodUrgency => lang
                .pick("Thủ đoạn cần xử lý sớm", "The method calls for haste")
                .to_owned(),
        }
    }
}

/// Digits in groups of three.
fn grouped(value: i64, separator: char) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}
