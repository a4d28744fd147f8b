//! What a freeze must say: how much at most, on what ground, and why.

use uuid::Uuid;

use super::rules_store;
use super::store::{self, ReferralRow};
use super::transfers;
use crate::db::Conn;
use crate::domain::lang::Lang;
use crate::domain::money::{self, dong};
use crate::error::{Error, FieldProblem, Result};
use crate::reference::Reference;

/// Fills in what the officer left out: what was reported to have gone to the accounts, else all that was
/// reported lost; the legal basis of the reference data; and what is asked.
pub async fn complete(
    conn: &mut Conn,
    reference: &Reference,
    row: &mut ReferralRow,
    accounts: &[Vec<u8>],
) -> Result<()> {
    if row.amount_vnd.is_none() {
        let lost = store::reported_loss(conn, row.tip_id, row.case_id).await?;
        let sent = match row.tip_id {
            Some(tip) => sent_to(conn, tip, accounts).await?.min(lost),
            None => 0,
        };
        row.amount_vnd = [sent, lost].into_iter().find(|amount| *amount > 0);
    }
    if row.legal_basis.is_none() {
        row.legal_basis = Some(reference.referrals.freeze_funds.legal_basis.clone());
    }
    if let (None, Some(amount)) = (&row.note, row.amount_vnd) {
        row.note = Some(format!(
            "Theo tin báo về tội phạm, tiền bị chiếm đoạt đã được chuyển đến tài khoản này. Đề nghị tạm giữ, \
             tối đa {}.",
            dong(amount, Lang::Vi)
        ));
    }
    Ok(())
}

/// What a tip says was sent to these accounts.
async fn sent_to(conn: &mut Conn, tip: Uuid, accounts: &[Vec<u8>]) -> Result<i64> {
    let edges = store::edges(conn, &[tip]).await?;
    let edges: Vec<_> = edges.into_iter().map(|(_, edge)| edge).collect();
    let tips = rules_store::fresh_tips(conn, &[tip]).await?;
    let transfers = tips
        .iter()
        .flat_map(|tip| transfers::transfers(&tip.details, &edges));
    let there = transfers.filter(|transfer| accounts.contains(&transfer.key));
    Ok(money::total(
        there.filter_map(|transfer| transfer.amount_vnd),
    ))
}

/// A freeze is an officer's act on a stated ground, never for more than was reported lost. Where no loss
/// was reported, the officer says how much.
pub async fn check(conn: &mut Conn, row: &ReferralRow) -> Result<()> {
    let mut problems = Vec::new();
    let mut needs = |there: bool, field: &str, detail: &str| {
        if !there {
            problems.push(FieldProblem::at(format!("/{field}"), "required", detail));
        }
    };
    let at_most = "No loss is reported: say how much is to be frozen at most.";
    needs(row.amount_vnd.is_some(), "amount_vnd", at_most);
    needs(
        row.legal_basis.is_some(),
        "legal_basis",
        "A freeze needs it.",
    );
    needs(
        row.note.is_some() || row.amount_vnd.is_none(),
        "note",
        "A freeze needs it.",
    );
    let reported = store::reported_loss(conn, row.tip_id, row.case_id).await?;
    if reported > 0 && row.amount_vnd.is_some_and(|amount| amount > reported) {
        let reported = dong(reported, Lang::En);
        let detail = format!("No more can be frozen than was reported lost: {reported}.");
        problems.push(FieldProblem::at("/amount_vnd", "over_reported", detail));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(problems))
    }
}
