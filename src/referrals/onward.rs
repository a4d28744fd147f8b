//! Money that went on: the accounts that a bank names become indicators, and the next freeze is
//! proposed at once.

use uuid::Uuid;

use super::proposals::{Proposal, propose};
use super::store::{self, AboutRow, ReferralRow};
use super::wire::{CompleteReferral, OnwardTransfer};
use crate::db::Conn;
use crate::domain::indicator::{self, Indicator, Input, Kind};
use crate::domain::lang::Lang;
use crate::domain::money::{self, dong};
use crate::domain::referral::ReferralKind;
use crate::error::{FieldProblem, Result, valid};
use crate::journal::Actor;
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips;

/// An account that money went on to.
pub struct Onward {
    account: Indicator,
    amount_vnd: Option<i64>,
}

/// Reads the accounts that an answer names.
pub fn read(app: &AppState, about: &[AboutRow], answer: &CompleteReferral) -> Result<Vec<Onward>> {
    let reference = app.reference.get();
    let mut problems = Vec::new();
    let mut all = Vec::new();
    for (i, result) in answer.results.iter().flatten().enumerate() {
        let onward = result.onward.as_deref().unwrap_or_default();
        if !onward.is_empty() && !matches!(result.outcome.as_str(), "moved_on" | "partly_frozen") {
            let detail = "Only money that moved on went to other accounts.";
            let pointer = format!("/results/{i}/onward");
            problems.push(FieldProblem::at(pointer, "not_moved_on", detail));
            continue;
        }
        let named = money::total(onward.iter().filter_map(|transfer| transfer.amount_vnd));
        if result.outcome == "moved_on" && result.amount_vnd.is_some_and(|moved| named > moved) {
            let detail = "More went to these accounts than moved on.";
            let pointer = format!("/results/{i}/onward");
            problems.push(FieldProblem::at(pointer, "over_amount", detail));
            continue;
        }
        // What went on went all to the one account, where it is the only one.
        let whole = match (result.outcome.as_str(), onward) {
            ("moved_on", [_]) => result.amount_vnd.filter(|amount| *amount > 0),
            _ => None,
        };
        for (j, transfer) in onward.iter().enumerate() {
            match account(&reference, transfer) {
                Ok(account) if about.iter().any(|one| one.value == account.value) => {
                    let detail = "The referral is about this account itself.";
                    let pointer = format!("/results/{i}/onward/{j}/account");
                    problems.push(FieldProblem::at(pointer, "itself", detail));
                }
                Ok(account) => all.push(Onward {
                    account,
                    amount_vnd: transfer.amount_vnd.or(whole),
                }),
                Err((field, code, detail)) => {
                    let pointer = format!("/results/{i}/onward/{j}/{field}");
                    problems.push(FieldProblem::at(pointer, code, detail));
                }
            }
        }
    }
    valid(problems)?;
    Ok(all)
}

fn account(
    reference: &Reference,
    transfer: &OnwardTransfer,
) -> std::result::Result<Indicator, (&'static str, &'static str, &'static str)> {
    let input = Input {
        kind: Kind::BankAccount,
        value: &transfer.account,
        bank: Some(&transfer.bank),
    };
    let reading = indicator::parse(&reference.catalog, &input)
        .map_err(|reason| ("account", reason.code(), reason.text(Lang::En)))?;
    if reading.indicator.value.starts_with("?:") {
        let detail = "The bank is not known; give its BIN, code or full name.";
        return Err(("bank", "unknown_value", detail));
    }
    Ok(reading.indicator)
}

/// Adds the accounts to the tip and proposes to freeze there what is left.
pub async fn follow(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    row: &ReferralRow,
    onward: &[Onward],
) -> Result<()> {
    if onward.is_empty() {
        return Ok(());
    }
    let Some(tip) = carrier(conn, row).await? else {
        return Ok(());
    };
    let now = app.now();
    let reference = app.reference.get();
    let asked = row.amount_vnd.unwrap_or(0);
    let left = asked - row.answer_amount_vnd.unwrap_or(0);
    for one in onward {
        let by = (row.id, actor);
        let account = (&one.account, one.amount_vnd);
        tips::attach(conn, tip, account, "received_money", by, now).await?;
        let value = &one.account.value;
        let Some(agency) = reference.freeze_agency(one.account.kind.as_str(), value) else {
            continue;
        };
        // What went on is never more than what was asked for.
        let amount = one.amount_vnd.unwrap_or(left).min(asked).max(1);
        let note = format!(
            "Số tiền bị chiếm đoạt đã được chuyển tiếp đến tài khoản này. Đề nghị tạm giữ tối đa {}.",
            dong(amount, Lang::Vi)
        );
        let proposal = Proposal {
            rule: "moved_on",
            about: format!("{}:{value}", row.id),
            kind: ReferralKind::FreezeFunds,
            agency: agency.code.clone(),
            tip_id: Some(tip),
            case_id: row.case_id,
            keys: vec![one.account.key().to_vec()],
            amount_vnd: Some(amount),
            legal_basis: row.legal_basis.clone(),
            note,
            disclose: &["indicators", "method"],
            reported_at: row.reported_at,
            follows: Some(row.id),
        };
        propose(conn, now, vec![proposal]).await?;
    }
    Ok(())
}

/// The tip that the account is added to: the referral's own, or one of its case.
async fn carrier(conn: &mut Conn, row: &ReferralRow) -> Result<Option<Uuid>> {
    match (row.tip_id, row.case_id) {
        (Some(tip), _) => Ok(Some(tip)),
        (None, Some(case)) => Ok(store::losers(conn, case, row.id).await?.first().copied()),
        (None, None) => Ok(None),
    }
}
