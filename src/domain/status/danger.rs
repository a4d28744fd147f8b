//! Whoever is in danger reads first whom to call, for as long as nothing is decided.

use super::TipStatus;
use crate::domain::case_flow::CaseState;
use crate::domain::lang::Lang;

/// What comes first for whoever is in danger while the police have not decided: whom to call. Nobody waits for an
/// officer then. Who is held abroad cannot ring a number of this country.
pub fn danger_text(number: Option<&str>, lang: Lang) -> String {
    match (number, lang) {
        (Some(number), Lang::Vi) => {
            format!(
                "Nếu vẫn đang nguy hiểm: gọi ngay {number} (ở nước ngoài: số khẩn cấp nơi đó hoặc đại sứ quán Việt \
                 Nam gần nhất), đừng chờ trả lời ở đây."
            )
        }
        (Some(number), Lang::En) => {
            format!(
                "If the danger is still there: call {number} now (abroad: the local emergency number or the nearest \
                 Vietnamese embassy); do not wait for an answer here."
            )
        }
        (None, Lang::Vi) => {
            "Nếu vẫn đang nguy hiểm: báo ngay công an xã, phường gần nhất, đừng chờ trả lời ở đây."
                .to_owned()
        }
        (None, Lang::En) => {
            "If the danger is still there: go to the nearest police station now; do not wait for \
                             an answer here."
                .to_owned()
        }
    }
}

/// Whether the police have not decided yet what becomes of the matter.
pub fn is_undecided(status: TipStatus, case: Option<CaseState>) -> bool {
    match status {
        TipStatus::Received
        | TipStatus::Claimed
        | TipStatus::InfoRequested
        | TipStatus::Duplicate => true,
        TipStatus::Accepted => !matches!(
            case,
            Some(
                CaseState::DecidedProsecute
                    | CaseState::DecidedNoProsecution
                    | CaseState::TransferredOut
                    | CaseState::Closed
                    | CaseState::Archived
            )
        ),
        TipStatus::Dismissed | TipStatus::Transferred | TipStatus::Withdrawn => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_in_danger_is_told_whom_to_call_until_it_is_decided() {
        for lang in [Lang::Vi, Lang::En] {
            let said = danger_text(Some("113"), lang);
            assert!(said.contains("113"), "{said}");
            let abroad = lang.pick("đại sứ quán", "embassy");
            assert!(said.contains(abroad), "{said}");
            assert!(!danger_text(None, lang).contains("113"));
        }
        assert!(is_undecided(TipStatus::Received, None));
        assert!(is_undecided(
            TipStatus::Accepted,
            Some(CaseState::Verifying)
        ));
        assert!(!is_undecided(TipStatus::Accepted, Some(CaseState::Closed)));
        assert!(!is_undecided(TipStatus::Dismissed, None));
    }
}
