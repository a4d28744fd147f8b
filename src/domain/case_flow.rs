//! The states of a crime tip after reception and the lawful moves between them, as one table.
//!
//! The table follows BLTTHS 2015 arts. 146–149, TTLT 01/2017 and TT 28/2020; a test compares it
//! with the reference file of the legal process. An unlawful move names both states and the
//! condition of the law that is lacking.

use super::calendar::same_day_months_later;
use super::hanoi;
use chrono::{DateTime, Utc};

mod grounds;
mod no_act;
mod states;

pub use grounds::SuspensionGround;
pub use no_act::is_no_act;
pub use states::{CaseState, Move, Right};

/// What the law asks about beside the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions<'a> {
    /// When the limit in force runs out (24:00 of its last day).
    pub limit_ends_at: Option<DateTime<Utc>>,
    /// When the two months from reception run out, within which the head of the body may extend.
    pub two_months_end_at: Option<DateTime<Utc>>,
    /// When the four months run out, within which the procuracy may.
    pub four_months_end_at: Option<DateTime<Utc>>,
    /// When the present suspension was decided.
    pub suspended_at: Option<DateTime<Utc>>,
    /// The legal basis that the decision names.
    pub legal_basis: &'a str,
    /// The number of the document that the decision names.
    pub document_number: &'a str,
}

/// Why a move is not lawful.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlawful {
    /// The present state.
    pub from: CaseState,
    /// The move that was asked for.
    pub mv: Move,
    /// The state that it would lead to.
    pub to: CaseState,
    /// The condition that is lacking.
    pub condition: &'static str,
    /// The law that sets it.
    pub law: &'static str,
}

impl std::fmt::Display for Unlawful {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            from,
            mv,
            to,
            condition,
            law,
        } = self;
        write!(
            f,
            "{} would lead from {} to {}, which is lawful only when {condition} ({law})",
            mv.as_str(),
            from.as_str(),
            to.as_str()
        )
    }
}

impl std::error::Error for Unlawful {}

/// Years of suspension after which a file may be archived (TT 28/2020 art. 20(5)).
const ARCHIVE_AFTER_MONTHS: u32 = 24;

/// The state after a move, or why the move is not lawful at `now`.
pub fn next(
    from: CaseState,
    mv: Move,
    conditions: &Conditions<'_>,
    now: DateTime<Utc>,
) -> Result<CaseState, Unlawful> {
    use CaseState::{
        Accepted, Archived, Assigned, Closed, DecidedNoProsecution, DecidedProsecute, Extended,
        ExtendedByVks, Resumed, Suspended, TransferredOut, Verifying,
    };
    let lacking = |condition, law| {
        Err(Unlawful {
            from,
            mv,
            to: mv.target(),
            condition,
            law,
        })
    };
    match (from, mv) {
        (Accepted, Move::Assign)
        | (Assigned, Move::Verify)
        | (Verifying, Move::Transfer)
        // The crime is already clear: no assignment decision is needed (TTLT 01/2017 art. 9(1)).
        | (Accepted, Move::Prosecute)
        | (Verifying | Extended | ExtendedByVks | Resumed, Move::Prosecute | Move::NotProsecute)
        | (Suspended, Move::Resume)
        | (DecidedProsecute | DecidedNoProsecution, Move::Close) => Ok(mv.target()),

        (Verifying, Move::Extend) => {
            if conditions.two_months_end_at.is_some_and(|end| now > end) {
                return lacking("the two months from reception, to which it extends, have not run out", "BLTTHS art. 147(2), TTLT 01/2017 art. 11(1)");
            }
            Ok(mv.target())
        }

        (Extended, Move::ExtendByProcuracy) => {
            if conditions.four_months_end_at.is_some_and(|end| now > end) {
                return lacking("the four months from reception, to which it extends, have not run out", "BLTTHS art. 147(2), TTLT 01/2017 art. 11(2)");
            }
            if conditions.document_number.trim().is_empty() {
                return lacking("the procuracy's decision is named by its document number", "BLTTHS art. 147(2), TTLT 01/2017 art. 11(2)");
            }
            Ok(mv.target())
        }

        (Verifying | Extended | ExtendedByVks | Resumed, Move::Suspend) => {
            // Art. 148(1) opens with "the limit of art. 147 having run out".
            if conditions.limit_ends_at.is_none_or(|end| now < end) {
                return lacking("the limit has run out", "BLTTHS art. 148(1)");
            }
            if SuspensionGround::parse(conditions.legal_basis).is_empty() {
                return lacking("the legal basis names grounds of art. 148(1): a, b or c", "BLTTHS art. 148(1)(a)-(c)");
            }
            Ok(mv.target())
        }

        (Suspended, Move::Archive) => {
            if !conditions.suspended_at.is_some_and(|at| two_years_have_passed(at, now)) {
                return lacking("the suspension has lasted two years without new facts", "TT 28/2020 art. 20(5)");
            }
            Ok(mv.target())
        }

        (Accepted | Assigned | Verifying | Extended | ExtendedByVks | Suspended | Resumed | DecidedProsecute | DecidedNoProsecution | TransferredOut | Closed | Archived, _) => {
            let (condition, law) = mv.needs();
            lacking(condition, law)
        }
    }
}

fn two_years_have_passed(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    same_day_months_later(hanoi::date(since), ARCHIVE_AFTER_MONTHS)
        .is_some_and(|last_day| hanoi::date(now) > last_day)
}

#[cfg(test)]
mod tests;
