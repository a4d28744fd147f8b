//! Referrals: which kinds there are, what each may be about, how it may be answered, and how it
//! moves on.
//!
//! `sent → acknowledged → completed | declined | recalled`; a proposal is sent or discarded first,
//! and a takedown whose content is back goes out again.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::indicator::Kind as Trace;
use super::lang::Lang;

/// What an agency is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralKind {
    /// Keep money where it is, up to the reported amount.
    FreezeFunds,
    /// Say whether a number is registered in its user's own name, without naming anybody.
    VerifySubscriber,
    /// Block a number.
    BlockNumber,
    /// Remove a site, page, account or app.
    Takedown,
    /// Look for brokers and routes of illegal exit (BLHS arts. 348–350).
    BorderAlert,
    /// Warn the public.
    Publicise,
    /// Follow up on the spot.
    LocalFollowup,
    /// Take the matter over as the competent body.
    TransferJurisdiction,
    /// Take notice as the procuracy (BLTTHS art. 146).
    NotifyProcuracy,
}

/// How an agency answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The whole amount is frozen.
    Frozen,
    /// A part of it is.
    PartlyFrozen,
    /// The money went on to other accounts.
    MovedOn,
    /// The money was taken out.
    Withdrawn,
    /// There is no such account, page or transfer.
    NotFound,
    /// The agency refuses.
    Refused,
    /// The number is registered in its user's own name.
    Registered,
    /// The number is not registered.
    Unregistered,
    /// The number is registered in somebody else's name.
    NotInOwnName,
    /// The number went to another carrier.
    Ported,
    /// It cannot be told.
    Unknown,
    /// The number is blocked.
    Blocked,
    /// The number is not blocked.
    NotBlocked,
    /// The content is removed.
    Removed,
    /// The content was gone already.
    Gone,
    /// It is done.
    Done,
    /// It is not done.
    NotDone,
}

/// Where a referral stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralState {
    /// Drawn up by a rule; an officer sends or discards it.
    Proposed,
    /// An officer thought better of it; it never left.
    Discarded,
    /// On its way.
    Sent,
    /// The agency has it.
    Acknowledged,
    /// Answered.
    Completed,
    /// The agency will not do it.
    Declined,
    /// Taken back.
    Recalled,
}

/// What may happen to a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An officer sends a proposal.
    Send,
    /// An officer drops a proposal.
    Discard,
    /// The agency says that it has it.
    Acknowledge,
    /// The agency answers; it has then also acknowledged.
    Complete,
    /// The agency declines.
    Decline,
    /// The police take it back.
    Recall,
    /// What was removed is back.
    Reopen,
    /// The tip of a proposal that fell with it is taken up again.
    Revive,
}

impl ReferralKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::FreezeFunds,
        Self::VerifySubscriber,
        Self::BlockNumber,
        Self::Takedown,
        Self::BorderAlert,
        Self::Publicise,
        Self::LocalFollowup,
        Self::TransferJurisdiction,
        Self::NotifyProcuracy,
    ];

    /// Code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FreezeFunds => "freeze_funds",
            Self::VerifySubscriber => "verify_subscriber",
            Self::BlockNumber => "block_number",
            Self::Takedown => "takedown",
            Self::BorderAlert => "border_alert",
            Self::Publicise => "publicise",
            Self::LocalFollowup => "local_followup",
            Self::TransferJurisdiction => "transfer_jurisdiction",
            Self::NotifyProcuracy => "notify_procuracy",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }

    /// The kinds of indicator that it is about; `None` where any or none may be named.
    pub const fn traces(self) -> Option<&'static [Trace]> {
        match self {
            Self::FreezeFunds => Some(&[Trace::BankAccount, Trace::Ewallet, Trace::CryptoAddress]),
            Self::VerifySubscriber => Some(&[Trace::Phone]),
            Self::BlockNumber => Some(&[Trace::Phone, Trace::SmsSender]),
            Self::Takedown => Some(&[
                Trace::Url,
                Trace::SocialAccount,
                Trace::MessagingAccount,
                Trace::App,
                Trace::Email,
            ]),
            _ => None,
        }
    }

    /// The ways to answer it.
    pub const fn outcomes(self) -> &'static [Outcome] {
        use Outcome::{
            Blocked, Done, Frozen, Gone, MovedOn, NotBlocked, NotDone, NotFound, NotInOwnName,
            PartlyFrozen, Ported, Refused, Registered, Removed, Unknown, Unregistered, Withdrawn,
        };
        match self {
            Self::FreezeFunds => &[Frozen, PartlyFrozen, MovedOn, Withdrawn, NotFound, Refused],
            Self::VerifySubscriber => &[Registered, Unregistered, NotInOwnName, Ported, Unknown],
            Self::BlockNumber => &[Blocked, NotBlocked],
            Self::Takedown => &[Removed, Blocked, Refused, Gone],
            _ => &[Done, NotDone],
        }
    }
}

impl Outcome {
    /// Code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Frozen => "frozen",
            Self::PartlyFrozen => "partly_frozen",
            Self::MovedOn => "moved_on",
            Self::Withdrawn => "withdrawn",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::Registered => "registered",
            Self::Unregistered => "unregistered",
            Self::NotInOwnName => "not_in_own_name",
            Self::Ported => "ported",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
            Self::NotBlocked => "not_blocked",
            Self::Removed => "removed",
            Self::Gone => "gone",
            Self::Done => "done",
            Self::NotDone => "not_done",
        }
    }

    /// Whether money is frozen by it, so that the answer must say how much.
    pub const fn freezes(self) -> bool {
        matches!(self, Self::Frozen | Self::PartlyFrozen)
    }
}

impl ReferralState {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Proposed,
        Self::Discarded,
        Self::Sent,
        Self::Acknowledged,
        Self::Completed,
        Self::Declined,
        Self::Recalled,
    ];

    /// Code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Discarded => "discarded",
            Self::Sent => "sent",
            Self::Acknowledged => "acknowledged",
            Self::Completed => "completed",
            Self::Declined => "declined",
            Self::Recalled => "recalled",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == code)
    }

    /// Whether the agency still owes an answer.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::Acknowledged)
    }

    /// The state after a step; `None` where the step is not possible.
    pub const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Proposed, Step::Send) | (Self::Completed, Step::Reopen) => Some(Self::Sent),
            (Self::Proposed, Step::Discard) => Some(Self::Discarded),
            (Self::Discarded, Step::Revive) => Some(Self::Proposed),
            (Self::Sent, Step::Acknowledge) => Some(Self::Acknowledged),
            (Self::Sent | Self::Acknowledged, Step::Complete) => Some(Self::Completed),
            (Self::Sent | Self::Acknowledged, Step::Decline) => Some(Self::Declined),
            (Self::Sent | Self::Acknowledged, Step::Recall) => Some(Self::Recalled),
            _ => None,
        }
    }
}

/// Reminders that are sent before the police have to take the telephone.
const REMINDERS: i16 = 30;

/// When an open referral is called to mind for the `n`th time (from 0): once shortly before its
/// answer is due, when it is due, and then each hour (a freeze) or day.
pub fn reminder(
    kind: ReferralKind,
    sent_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    n: i16,
) -> Option<DateTime<Utc>> {
    let step = match kind {
        ReferralKind::FreezeFunds => TimeDelta::hours(1),
        _ => TimeDelta::hours(24),
    };
    match n {
        0 => Some(due_at - (due_at - sent_at).max(TimeDelta::zero()) / 4),
        1..REMINDERS => Some(due_at + step * (i32::from(n) - 1)),
        _ => None,
    }
}

/// So long before its end a hold is called to mind, so that it can be prolonged.
pub const HOLD_ENDS_WITHIN: TimeDelta = TimeDelta::hours(24);

/// When the end of a hold is called to mind: a day before, or at half its time where it is short.
pub fn hold_reminder(from: DateTime<Utc>, end: DateTime<Utc>) -> DateTime<Utc> {
    end - HOLD_ENDS_WITHIN.min((end - from) / 2)
}

/// What the holder of a frozen account is to be told, so that the measure can be contested
/// (BLTTHS arts. 57, 469).
pub fn freeze_notice(lang: Lang) -> &'static str {
    lang.pick(
        "Việc tạm giữ chỉ áp dụng đối với số tiền bị tố giác, trong thời hạn ghi ở đây. Chủ tài khoản \
         có quyền được biết lý do, trình bày ý kiến, đưa ra chứng cứ và khiếu nại; ai cũng có thể gửi ý \
         kiến qua POST /v1/appeals mà không cần tài khoản.",
        "The freeze covers the reported amount alone, for the time stated here. The account holder may \
         learn the reason, be heard, give evidence and complain; anybody may object through \
         POST /v1/appeals without an account.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_wire() {
        for kind in ReferralKind::ALL {
            assert_eq!(serde_json::json!(kind), kind.as_str());
            assert_eq!(ReferralKind::parse(kind.as_str()), Some(kind));
            for outcome in kind.outcomes() {
                assert_eq!(serde_json::json!(outcome), outcome.as_str());
            }
        }
        for state in ReferralState::ALL {
            assert_eq!(serde_json::json!(state), state.as_str());
            assert_eq!(ReferralState::parse(state.as_str()), Some(state));
        }
    }

    #[test]
    fn a_referral_is_answered_once() {
        use ReferralState::{
            Acknowledged, Completed, Declined, Discarded, Proposed, Recalled, Sent,
        };
        let steps = [
            Step::Send,
            Step::Discard,
            Step::Acknowledge,
            Step::Complete,
            Step::Decline,
            Step::Recall,
            Step::Reopen,
            Step::Revive,
        ];
        for (from, to) in [
            (
                Proposed,
                [
                    Some(Sent),
                    Some(Discarded),
                    None,
                    None,
                    None,
                    None,
                    None,
                    None,
                ],
            ),
            (
                Discarded,
                [None, None, None, None, None, None, None, Some(Proposed)],
            ),
            (
                Sent,
                [
                    None,
                    None,
                    Some(Acknowledged),
                    Some(Completed),
                    Some(Declined),
                    Some(Recalled),
                    None,
                    None,
                ],
            ),
            (
                Acknowledged,
                [
                    None,
                    None,
                    None,
                    Some(Completed),
                    Some(Declined),
                    Some(Recalled),
                    None,
                    None,
                ],
            ),
            (
                Completed,
                [None, None, None, None, None, None, Some(Sent), None],
            ),
            (Declined, [None; 8]),
            (Recalled, [None; 8]),
        ] {
            assert_eq!(steps.map(|step| from.after(step)), to, "{from:?}");
        }
    }

    #[test]
    fn reminders_come_before_at_and_after_the_end() {
        let sent = DateTime::UNIX_EPOCH;
        let hours = |n: i64| sent + TimeDelta::hours(n);
        for (kind, due, times) in [
            (ReferralKind::FreezeFunds, 4, [3, 4, 5, 6]),
            (ReferralKind::Takedown, 72, [54, 72, 96, 120]),
        ] {
            let all: Vec<_> = (0..4)
                .map(|n| reminder(kind, sent, hours(due), n))
                .collect();
            assert_eq!(all, times.map(|n| Some(hours(n))));
        }
        assert_eq!(reminder(ReferralKind::Takedown, sent, hours(72), 30), None);
    }

    #[test]
    fn the_end_of_a_hold_is_called_to_mind_in_time() {
        let hours = |n: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(n);
        for (from, end, at) in [(0, 72, 48), (60, 72, 66), (0, 48, 24), (0, 480, 456)] {
            assert_eq!(hold_reminder(hours(from), hours(end)), hours(at));
        }
    }

    #[test]
    fn only_freezes_know_of_amounts() {
        for kind in ReferralKind::ALL {
            let freezes = kind.outcomes().iter().any(|outcome| outcome.freezes());
            assert_eq!(freezes, kind == ReferralKind::FreezeFunds);
        }
    }
}
