//! Which referrals are proposed by rule. The amounts are data; what a rule looks at is code.

use serde::Deserialize;

/// The rules.
#[derive(Clone, Debug, Deserialize)]
pub struct Rules {
    /// Money that moved a short while ago.
    pub freeze_funds: Freeze,
    /// A number in several tips.
    pub verify_subscriber: Verify,
    /// A confirmed site, page or account.
    pub takedown: Takedown,
    /// Brokers of illegal exit.
    pub border_alert: Border,
}

/// When a freeze is proposed.
#[derive(Clone, Debug, Deserialize)]
pub struct Freeze {
    /// Hours since the transfer within which it is.
    pub window_hours: i64,
    /// Hours after which a freeze ends that names no other time.
    pub expires_hours: i64,
    /// The legal basis that a proposal names.
    pub legal_basis: String,
}

/// When a check of a subscriber is proposed.
#[derive(Clone, Debug, Deserialize)]
pub struct Verify {
    /// Tips from which on it is.
    pub min_tips: i32,
    /// The agency asked.
    pub agency: String,
    /// Days before the same number is checked again.
    pub again_after_days: i64,
}

/// When a takedown is proposed.
#[derive(Clone, Debug, Deserialize)]
pub struct Takedown {
    /// The agency asked.
    pub agency: String,
}

/// When the border guard is alerted.
#[derive(Clone, Debug, Deserialize)]
pub struct Border {
    /// The agency asked.
    pub agency: String,
    /// Methods that say so.
    pub methods: Vec<String>,
    /// Hours for the answer where the crossing is about to happen.
    #[serde(default = "soon_hours")]
    pub soon_hours: i64,
}

/// Of a list that was loaded before there was such a time.
const fn soon_hours() -> i64 {
    2
}
