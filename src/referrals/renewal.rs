//! Renewals: a bank's hold is prolonged before its time ends, or soon after.
//!
//! A renewal is about the money that its predecessor froze: its ground is that of the first freeze, and of a chain of
//! renewals the last answer for each account counts, once. What a bank does not freeze again is released.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::reach::Reach;
use super::store::{self, AboutRow, ReferralRow};
use super::wire::CreateReferral;
use crate::auth::Principal;
use crate::db::Conn;
use crate::domain::lang::Lang;
use crate::domain::money::{self, dong};
use crate::domain::referral::{Outcome, ReferralKind};
use crate::error::{Error, FieldProblem, Result, valid};
use crate::reference::Reference;

/// A hold that is to be prolonged.
pub struct Hold {
    row: ReferralRow,
    /// Accounts in which it holds money, without those that were prolonged already.
    held: Vec<AboutRow>,
    /// Whether the bank said how much it holds in each.
    split: bool,
    /// The case that its tip or its case belongs to now.
    case: Option<Uuid>,
}

/// The hold that a wish names, locked: of two officers who prolong it at once the second finds the renewal.
pub async fn find(conn: &mut Conn, who: &Principal, wish: &CreateReferral) -> Result<Option<Hold>> {
    let Some(id) = wish.renews else {
        return Ok(None);
    };
    let refuse = |code: &'static str, detail: &str| Error::invalid("/renews", code, detail);
    let row = match store::lock(conn, id, &Reach::issuer(who)).await {
        Err(Error::NotFound { .. }) => return Err(refuse("not_found", "There is no such freeze.")),
        found => found?,
    };
    let freeze = ReferralKind::FreezeFunds.as_str();
    if row.kind != freeze || wish.kind != freeze {
        return Err(refuse("not_a_freeze", "Only a freeze can be prolonged."));
    }
    if row.agency != wish.agency {
        let detail = format!("The money is held by {}.", row.agency);
        return Err(Error::invalid("/agency", "other_holder", detail));
    }
    if !row.holds() {
        let detail =
            "It holds no money: only what a bank answered to have frozen can be prolonged.";
        return Err(Error::conflict("wrong_state", detail));
    }
    let about = store::about(conn, &[id]).await?;
    let split = money::total(about.iter().filter_map(|one| one.amount_vnd))
        == row.answer_amount_vnd.unwrap_or(0);
    let renewals = store::renewals(conn, &[id]).await?;
    if let Some(open) = renewals.iter().find(|one| !one.answered) {
        let detail = format!("The bank is asked to prolong it already: {}.", open.id);
        return Err(Error::conflict("already_renewed", detail));
    }
    let renewed = |one: &AboutRow| renewals.iter().find(|renewal| renewal.key == one.key);
    let (renewed, held): (Vec<AboutRow>, Vec<AboutRow>) = about
        .into_iter()
        .filter(|one| holds_in(one, split))
        .partition(|one| renewed(one).is_some());
    if held.is_empty() || renewed.iter().any(|one| names(wish, one)) {
        let last = renewals.last().map(|one| one.id).unwrap_or_default();
        let detail = format!("It was prolonged already: the next renewal is that of {last}.");
        return Err(Error::conflict("already_renewed", detail));
    }
    let case = match (row.tip_id, row.case_id) {
        (Some(tip), _) => store::case_of_tip(conn, tip).await?,
        (None, Some(case)) => store::standing_case(conn, case).await?,
        (None, None) => None,
    };
    Ok(Some(Hold {
        row,
        held,
        split,
        case,
    }))
}

/// Whether a freeze holds money in an account.
fn holds_in(one: &AboutRow, split: bool) -> bool {
    let frozen = [Outcome::Frozen, Outcome::PartlyFrozen].map(Outcome::as_str);
    one.outcome
        .as_deref()
        .is_some_and(|outcome| frozen.contains(&outcome))
        && (!split || one.amount_vnd.is_some_and(|amount| amount > 0))
}

fn names(wish: &CreateReferral, one: &AboutRow) -> bool {
    let ids = wish.indicator_ids.as_deref().unwrap_or_default();
    ids.contains(&one.id)
}

impl Hold {
    /// The freeze that is prolonged.
    pub const fn id(&self) -> Uuid {
        self.row.id
    }

    /// The wish with what it leaves out: the renewal comes from where its freeze came from, and is about all that
    /// this holds.
    pub fn fill(&self, wish: &CreateReferral) -> CreateReferral {
        let mut wish = wish.clone();
        if wish.tip_id.is_none() && wish.case_id.is_none() {
            wish.tip_id = self.row.tip_id;
            wish.case_id = self.case.filter(|_| self.row.tip_id.is_none());
        }
        if wish.indicator_ids.as_deref().is_none_or(<[Uuid]>::is_empty) {
            wish.indicator_ids = Some(self.held.iter().map(|one| one.id).collect());
        }
        wish
    }

    /// 422 unless a filled wish comes from the same tip or case, and prolongs what is held and no more.
    pub fn check(&self, wish: &CreateReferral) -> Result<()> {
        let mut problems = Vec::new();
        let mut refuse = |pointer: String, code: &'static str, detail: &str| {
            problems.push(FieldProblem::at(pointer, code, detail));
        };
        let case = |case: Uuid| [self.row.case_id, self.case].contains(&Some(case));
        let same = match (wish.tip_id, wish.case_id) {
            (Some(tip), _) => self.row.tip_id == Some(tip),
            (None, Some(id)) => case(id),
            (None, None) => true,
        };
        if !same {
            let field = wish.tip_id.map_or("case_id", |_| "tip_id");
            let detail = "A renewal comes from the tip or case of the freeze that it prolongs.";
            refuse(format!("/{field}"), "other_origin", detail);
        }
        let ids = wish.indicator_ids.as_deref().unwrap_or_default();
        for (i, id) in ids.iter().enumerate() {
            if self.held.iter().all(|one| one.id != *id) {
                let detail = "The freeze that is to be prolonged holds nothing there.";
                refuse(format!("/indicator_ids/{i}"), "not_frozen", detail);
            }
        }
        if !self.split && !self.held.iter().all(|one| ids.contains(&one.id)) {
            let detail =
                "How much is held in each of these accounts is not known: prolong them together.";
            refuse("/indicator_ids".to_owned(), "not_divided", detail);
        }
        let most = self.amount(ids);
        if wish.amount_vnd.is_some_and(|amount| amount > most) {
            let detail = format!(
                "No more can be prolonged than is frozen there: {}.",
                dong(most, Lang::En)
            );
            refuse("/amount_vnd".to_owned(), "over_frozen", &detail);
        }
        if let (Some(end), Some(before)) = (wish.expires_at, self.row.expires_at)
            && end <= before
        {
            let detail = "A renewal ends later than the freeze that it prolongs.";
            refuse("/expires_at".to_owned(), "not_later", detail);
        }
        valid(problems)
    }

    /// What it holds in these accounts, in đồng.
    fn amount(&self, ids: &[Uuid]) -> i64 {
        if !self.split {
            return self.row.answer_amount_vnd.unwrap_or(0);
        }
        let there = self.held.iter().filter(|one| ids.contains(&one.id));
        money::total(there.filter_map(|one| one.amount_vnd))
    }

    /// What the officer left out of the renewal itself: as much again, on the same ground, from the end of the hold
    /// on, to be answered before that.
    pub fn complete(
        &self,
        reference: &Reference,
        row: &mut ReferralRow,
        ids: &[Uuid],
        now: DateTime<Utc>,
    ) {
        let amount = row.amount_vnd.unwrap_or_else(|| self.amount(ids));
        let ends = self.row.expires_at.unwrap_or(now);
        let rule = &reference.referrals.freeze_funds;
        let basis = || rule.legal_basis.clone();
        row.amount_vnd = Some(amount);
        row.legal_basis = row
            .legal_basis
            .take()
            .or_else(|| self.row.legal_basis.clone())
            .or_else(|| Some(basis()));
        row.expires_at = row
            .expires_at
            .or(Some(ends.max(now) + Duration::hours(rule.expires_hours)));
        let agency = reference.agencies.get(&row.agency);
        let hours = agency.map_or(72, |agency| agency.expected_hours);
        let usual = now + Duration::hours(i64::from(hours));
        row.due_at = row
            .due_at
            .or(Some(ends).filter(|ends| *ends > now && *ends < usual));
        if row.note.is_none() {
            row.note = Some(format!(
                "Số tiền đang bị tạm giữ theo yêu cầu {}. Đề nghị tiếp tục tạm giữ, tối đa {}.",
                self.row.id,
                dong(amount, Lang::Vi)
            ));
        }
    }
}

/// What follows from the answer to a renewal: it takes the place of the answer before, and what is not frozen again
/// counts as frozen no more. Returns the freeze before it.
pub async fn settle(conn: &mut Conn, row: &ReferralRow) -> Result<Option<Uuid>> {
    let before = store::renewed_by_these(conn, &[row.id]).await?;
    let before = before.get(&row.id).copied();
    if let Some(before) = before {
        store::count_renewed(conn, before, row.id, row.answer_amount_vnd.unwrap_or(0)).await?;
    }
    Ok(before)
}
