//! What an indicator stands on: an account whose name is a telephone number is as official as that number, a package
//! file as its link, a payment code as the account that it pays.

use super::model::Kind;

/// Messengers whose accounts may be telephone numbers.
const MESSENGERS: [&str; 6] = ["zalo", "telegram", "whatsapp", "viber", "signal", "line"];

impl Kind {
    /// Whether indicators of this kind may stand on others.
    pub const fn may_stand(self) -> bool {
        matches!(
            self,
            Self::MessagingAccount | Self::Ewallet | Self::App | Self::PaymentQr
        )
    }
}

/// What an indicator stands on, where that is another one.
pub fn stands_on(kind: Kind, value: &str) -> Option<(Kind, &str)> {
    let named = |(_, name)| name;
    match kind {
        Kind::MessagingAccount | Kind::Ewallet => {
            let number = value.split_once(':').map(named)?;
            number.starts_with('+').then_some((Kind::Phone, number))
        }
        Kind::App => value.strip_prefix("apk:").map(|link| (Kind::Url, link)),
        Kind::PaymentQr => Some((Kind::BankAccount, value)),
        _ => None,
    }
}

/// What may stand on an indicator; `wallets` are the codes of the wallets.
pub fn standing_on<'a>(
    kind: Kind,
    value: &str,
    wallets: impl Iterator<Item = &'a str>,
) -> Vec<(Kind, String)> {
    let named = |kind| move |name: &str| (kind, format!("{name}:{value}"));
    match kind {
        Kind::Phone => MESSENGERS
            .into_iter()
            .map(named(Kind::MessagingAccount))
            .chain(wallets.map(named(Kind::Ewallet)))
            .collect(),
        Kind::Url => vec![(Kind::App, format!("apk:{value}"))],
        Kind::BankAccount => vec![(Kind::PaymentQr, value.to_owned())],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_stands_on_its_number_and_a_file_on_its_link() {
        for (kind, value, below) in [
            (
                Kind::MessagingAccount,
                "zalo:+84843189932",
                Some((Kind::Phone, "+84843189932")),
            ),
            (
                Kind::MessagingAccount,
                "viber:+84843189932",
                Some((Kind::Phone, "+84843189932")),
            ),
            (Kind::MessagingAccount, "zalo:oa:1234567890123", None),
            (Kind::MessagingAccount, "telegram:tenrieng", None),
            (
                Kind::Ewallet,
                "momo:+84843189932",
                Some((Kind::Phone, "+84843189932")),
            ),
            (Kind::Ewallet, "momo:99MM24011M34875080", None),
            (
                Kind::App,
                "apk:vietcombank.com.vn/x.apk",
                Some((Kind::Url, "vietcombank.com.vn/x.apk")),
            ),
            (Kind::App, "android:com.example.app", None),
            (
                Kind::PaymentQr,
                "970436:0011002233445",
                Some((Kind::BankAccount, "970436:0011002233445")),
            ),
            (Kind::Phone, "+84843189932", None),
            (Kind::SocialAccount, "facebook:100012345678901", None),
        ] {
            assert_eq!(stands_on(kind, value), below, "{value}");
            assert!(kind.may_stand() || below.is_none(), "{value}");
            if let Some((kind_below, value_below)) = below {
                let above = standing_on(kind_below, value_below, ["momo"].into_iter());
                assert!(above.contains(&(kind, value.to_owned())), "{value}");
            }
        }
    }
}
