//! States, moves, the right each move needs, and the condition under which it is lawful.

use serde::{Deserialize, Serialize};

/// A state of the legal process, from reception to archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Within competence; the clock runs from reception.
    Accepted,
    /// An investigator is assigned.
    Assigned,
    /// Being checked and verified.
    Verifying,
    /// The head of the body extended the limit to two months.
    Extended,
    /// The procuracy extended it by up to two more.
    ExtendedByVks,
    /// Suspended on a ground of art. 148.
    Suspended,
    /// Taken up again.
    Resumed,
    /// Prosecution decided.
    DecidedProsecute,
    /// Non-prosecution decided.
    DecidedNoProsecution,
    /// Sent to another competent body.
    TransferredOut,
    /// Ended.
    Closed,
    /// Suspended for two years without news; still reviewed.
    Archived,
}

impl CaseState {
    /// All states.
    pub const ALL: [Self; 12] = [
        Self::Accepted,
        Self::Assigned,
        Self::Verifying,
        Self::Extended,
        Self::ExtendedByVks,
        Self::Suspended,
        Self::Resumed,
        Self::DecidedProsecute,
        Self::DecidedNoProsecution,
        Self::TransferredOut,
        Self::Closed,
        Self::Archived,
    ];

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Assigned => "assigned",
            Self::Verifying => "verifying",
            Self::Extended => "extended",
            Self::ExtendedByVks => "extended_by_vks",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::DecidedProsecute => "decided_prosecute",
            Self::DecidedNoProsecution => "decided_no_prosecution",
            Self::TransferredOut => "transferred_out",
            Self::Closed => "closed",
            Self::Archived => "archived",
        }
    }

    /// Reads the code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == code)
    }

    /// Whether nothing more is decided in it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Closed | Self::Archived | Self::TransferredOut)
    }
}

/// A decision on a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Assign an investigator.
    Assign,
    /// Begin checking and verifying.
    Verify,
    /// Extend the limit to two months.
    Extend,
    /// Extend it by the procuracy's decision.
    ExtendByProcuracy,
    /// Prosecute.
    Prosecute,
    /// Do not prosecute.
    NotProsecute,
    /// Suspend.
    Suspend,
    /// Resume.
    Resume,
    /// Send to another competent body.
    Transfer,
    /// Close.
    Close,
    /// Archive.
    Archive,
}

/// What a bearer must be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Work on cases (`cases:write`).
    Write,
    /// Take legal decisions (`cases:decide`).
    Decide,
}

impl Move {
    /// All moves.
    pub const ALL: [Self; 11] = [
        Self::Assign,
        Self::Verify,
        Self::Extend,
        Self::ExtendByProcuracy,
        Self::Prosecute,
        Self::NotProsecute,
        Self::Suspend,
        Self::Resume,
        Self::Transfer,
        Self::Close,
        Self::Archive,
    ];

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Verify => "verify",
            Self::Extend => "extend",
            Self::ExtendByProcuracy => "extend_by_procuracy",
            Self::Prosecute => "prosecute",
            Self::NotProsecute => "not_prosecute",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Transfer => "transfer",
            Self::Close => "close",
            Self::Archive => "archive",
        }
    }

    /// Reads the code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mv| mv.as_str() == code)
    }

    /// The right it needs.
    pub fn right(self) -> Right {
        match self {
            Self::Assign | Self::Verify | Self::Close | Self::Archive => Right::Write,
            _ => Right::Decide,
        }
    }

    /// Where it leads.
    pub fn target(self) -> CaseState {
        match self {
            Self::Assign => CaseState::Assigned,
            Self::Verify => CaseState::Verifying,
            Self::Extend => CaseState::Extended,
            Self::ExtendByProcuracy => CaseState::ExtendedByVks,
            Self::Prosecute => CaseState::DecidedProsecute,
            Self::NotProsecute => CaseState::DecidedNoProsecution,
            Self::Suspend => CaseState::Suspended,
            Self::Resume => CaseState::Resumed,
            Self::Transfer => CaseState::TransferredOut,
            Self::Close => CaseState::Closed,
            Self::Archive => CaseState::Archived,
        }
    }

    /// From where it is lawful, and by which law.
    pub(super) fn needs(self) -> (&'static str, &'static str) {
        match self {
            Self::Assign => (
                "the tip is accepted as within competence and not yet assigned",
                "TTLT 01/2017 art. 9(1)",
            ),
            Self::Verify => ("an investigator is assigned", "TT 28/2020 art. 13"),
            Self::Extend => (
                "verification is under way and not yet extended",
                "BLTTHS art. 147(2), TTLT 01/2017 art. 11(1)",
            ),
            Self::ExtendByProcuracy => (
                "the head of the body has extended the limit and the procuracy has not yet done so",
                "BLTTHS art. 147(2), TTLT 01/2017 art. 11(2)",
            ),
            Self::Prosecute => (
                "the crime is already clear on acceptance, or verification is under way",
                "BLTTHS art. 147(1)(a), TTLT 01/2017 art. 9(1)",
            ),
            Self::NotProsecute => (
                "verification is under way",
                "BLTTHS arts. 147(1)(b), 157, 158",
            ),
            Self::Suspend => (
                "verification is under way and its limit has run out",
                "BLTTHS art. 148(1)",
            ),
            Self::Resume => ("the resolution is suspended", "BLTTHS arts. 148(2), 149"),
            Self::Transfer => (
                "verification finds the case out of competence",
                "BLTTHS art. 146(2), TT 28/2020 art. 18(1)",
            ),
            Self::Close => (
                "prosecution or non-prosecution is decided",
                "TT 28/2020 art. 20(4)",
            ),
            Self::Archive => ("the resolution is suspended", "TT 28/2020 art. 20(5)"),
        }
    }
}
