//! Which agency stands behind an account: who may freeze it, and what number its customers call.

use super::Reference;
use super::agencies::Agency;
use crate::domain::guidance::Hotline;
use crate::domain::lang::Lang;
use crate::domain::referral::ReferralKind;

impl Reference {
    /// The bank or wallet that holds an account, where it is among the agencies.
    pub fn holder(&self, kind: &str, value: &str) -> Option<&Agency> {
        let (holder, _) = value.split_once(':')?;
        let code = match kind {
            "bank_account" => format!("bank_{holder}"),
            "ewallet" => match self.catalog.wallet(holder)?.bin.as_deref() {
                Some(bin) => format!("bank_{bin}"),
                None => format!("wallet_{holder}"),
            },
            _ => return None,
        };
        self.agencies.get(&code)
    }

    /// The bank or wallet that can freeze an account, if it takes such referrals.
    pub fn freeze_agency(&self, kind: &str, value: &str) -> Option<&Agency> {
        let agency = self.holder(kind, value)?;
        let takes = |kind: &String| kind == ReferralKind::FreezeFunds.as_str();
        (agency.active && agency.referral_kinds.iter().any(takes)).then_some(agency)
    }

    /// The published numbers of the banks that hold these accounts, each once; only those with a source and a
    /// day of checking.
    pub fn hotlines<'a>(
        &self,
        accounts: impl IntoIterator<Item = (&'a str, &'a str)>,
        lang: Lang,
    ) -> Vec<Hotline> {
        let mut found: Vec<Hotline> = Vec::new();
        for agency in accounts
            .into_iter()
            .filter_map(|(kind, value)| self.holder(kind, value))
        {
            let published = agency
                .contacts
                .iter()
                .find_map(|contact| Some((contact.phone.as_ref()?, contact.checked()?)));
            let bank = lang.pick(&agency.name_vi, &agency.name_en);
            if let Some((number, checked_on)) = published
                && !found.iter().any(|known| known.bank == *bank)
            {
                found.push(Hotline {
                    bank: bank.clone(),
                    number: number.clone(),
                    checked_on,
                });
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::agencies::Contact;

    #[test]
    fn every_wallet_that_still_runs_can_be_asked_to_freeze() {
        let reference = Reference::shipped().unwrap();
        for wallet in reference.catalog.wallets() {
            let account = format!("{}:+84912345678", wallet.code);
            let agency = reference.freeze_agency("ewallet", &account);
            // Moca was wound down: nobody is left to ask.
            assert_eq!(agency.is_some(), wallet.code != "moca_grabpay", "{account}");
            // No contact that was not checked is made up.
            assert!(agency.is_none_or(|agency| agency.contacts.is_empty()));
        }
        let zalopay = reference.freeze_agency("ewallet", "zalopay:+84912345678");
        assert_eq!(zalopay.unwrap().code, "wallet_zalopay");
    }

    #[test]
    fn a_number_is_shown_only_with_a_source_and_a_day_of_checking() {
        let mut reference = Reference::shipped().unwrap();
        let account = || [("bank_account", "970436:0011002233445"); 2];
        assert_eq!(reference.hotlines(account(), Lang::Vi), []);
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 24);
        for (source, checked_on, shown) in [
            (None, day, 0),
            (Some(" "), day, 0),
            (Some("vietcombank.com.vn"), None, 0),
            (Some("vietcombank.com.vn"), day, 1),
        ] {
            let bank = reference.agencies.get_mut("bank_970436").unwrap();
            bank.contacts = vec![Contact {
                label: "Tổng đài".to_owned(),
                phone: Some("1900545413".to_owned()),
                email: None,
                source: source.map(str::to_owned),
                checked_on,
            }];
            assert_eq!(reference.hotlines(account(), Lang::Vi).len(), shown);
        }
    }
}
