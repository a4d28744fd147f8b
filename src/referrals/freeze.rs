//! What a freeze must say: how much at most, on what ground, and why.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::store::{self, ReferralRow, rules};
use crate::db::Conn;
use crate::domain::lang::Lang;
use crate::domain::money::{self, dong};
use crate::domain::transfers::{self, Edge};
use crate::error::{FieldProblem, Result, valid};
use crate::reference::Reference;

/// Fills in what the officer left out: what was reported to have gone to the accounts, of a tip else all
/// that it lost; the legal basis of the reference data; and what is asked.
pub async fn complete(
    conn: &mut Conn,
    reference: &Reference,
    row: &mut ReferralRow,
    accounts: &[Vec<u8>],
) -> Result<()> {
    if row.amount_vnd.is_none() {
        let lost = store::reported_loss(conn, row.tip_id, row.case_id).await?;
        let sent = sent_to(conn, (row.tip_id, row.case_id), accounts)
            .await?
            .known
            .min(lost);
        // What others of a case lost may have gone anywhere.
        let all = row.tip_id.map_or(0, |_| lost);
        let amount = [sent, all].into_iter().find(|amount| *amount > 0);
        // What is asked for already is not asked for again.
        let left = most(conn, row, accounts).await?.map(|most| most.left());
        row.amount_vnd = amount.map(|amount| match left {
            Some(left) if left > 0 => amount.min(left),
            _ => amount,
        });
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

/// What tips say of money that went to some accounts, in đồng.
#[derive(Clone, Copy, Default)]
struct Sent {
    /// It went there.
    known: i64,
    /// It may have: the tip names the account and does not say to which of several it was sent.
    perhaps: i64,
}

/// Tips read at once.
const AT_ONCE: usize = 500;

/// What the tip, or the tips of the case, say was sent to these accounts.
async fn sent_to(
    conn: &mut Conn,
    origin: (Option<Uuid>, Option<Uuid>),
    accounts: &[Vec<u8>],
) -> Result<Sent> {
    let ids = match origin {
        (Some(tip), _) => vec![tip],
        (None, Some(case)) => store::members(conn, case).await?,
        (None, None) => Vec::new(),
    };
    let mut sent = Sent::default();
    for some in ids.chunks(AT_ONCE) {
        let mut edges: BTreeMap<Uuid, Vec<Edge>> = BTreeMap::new();
        for (tip, edge) in store::edges(conn, some).await? {
            edges.entry(tip).or_default().push(edge);
        }
        for tip in rules::fresh_tips(conn, some).await? {
            let edges = edges.get(&tip.id).map(Vec::as_slice).unwrap_or_default();
            if !edges.iter().any(|edge| accounts.contains(&edge.key)) {
                continue;
            }
            let all = transfers::transfers(&tip.details, edges);
            let there = all.iter().filter(|one| accounts.contains(&one.key));
            let there = money::total(there.filter_map(|one| one.amount_vnd));
            sent.known = sent.known.saturating_add(there);
            let perhaps = transfers::unattributed(&tip.details, edges);
            sent.perhaps = sent.perhaps.saturating_add(perhaps);
        }
    }
    Ok(sent)
}

/// How much may be asked for, of what was reported.
#[derive(Clone, Copy)]
struct Most {
    /// What went to these accounts as far as anybody said, else all that was reported lost.
    reported: i64,
    /// What other freezes of these accounts ask for, or have frozen.
    asked: i64,
}

impl Most {
    fn left(self) -> i64 {
        self.reported.saturating_sub(self.asked).max(0)
    }
}

/// The most that may be asked for; `None` where no loss is reported. What is asked for a tip counts in its case
/// too, and neither may ask for more than was reported there.
async fn most(conn: &mut Conn, row: &ReferralRow, accounts: &[Vec<u8>]) -> Result<Option<Most>> {
    let case = match (row.tip_id, row.case_id) {
        (Some(tip), _) => store::case_of_tip(conn, tip).await?,
        (None, case) => case,
    };
    let mut least: Option<Most> = None;
    for (tip, case) in [(row.tip_id, None), (None, case)] {
        if tip.is_none() && case.is_none() {
            continue;
        }
        let reported = reported(conn, (tip, case), row.follows.is_some(), accounts).await?;
        if reported == 0 {
            continue;
        }
        let asked = store::asked(conn, row, (tip, case), accounts).await?;
        let most = Most { reported, asked };
        if least.is_none_or(|least| most.left() < least.left()) {
            least = Some(most);
        }
    }
    Ok(least)
}

/// What was reported to have gone to these accounts, else all that was lost. To where a bank says it went on to,
/// nobody reported anything.
async fn reported(
    conn: &mut Conn,
    origin: (Option<Uuid>, Option<Uuid>),
    onward: bool,
    accounts: &[Vec<u8>],
) -> Result<i64> {
    let lost = store::reported_loss(conn, origin.0, origin.1).await?;
    if onward {
        return Ok(lost);
    }
    let sent = sent_to(conn, origin, accounts).await?;
    let there = sent.known.saturating_add(sent.perhaps).min(lost);
    Ok(if there > 0 { there } else { lost })
}

/// A freeze is an officer's act on a stated ground; all freezes of an account together never ask for more than
/// was reported lost there. Where no loss was reported, the officer says how much. Not for a renewal, which stands on
/// the ground of the freeze that it prolongs.
pub async fn check(conn: &mut Conn, row: &ReferralRow, accounts: &[Vec<u8>]) -> Result<()> {
    // One after the other, so that two officers do not both ask for what is left.
    store::lock_accounts(conn, accounts).await?;
    let mut problems = Vec::new();
    let mut needs = |there: bool, field: &str, detail: &str| {
        if !there {
            problems.push(FieldProblem::at(format!("/{field}"), "required", detail));
        }
    };
    let at_most = "No loss to these accounts is reported: say how much is to be frozen at most.";
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
    let most = most(conn, row, accounts).await?;
    if let (Some(most), Some(amount)) = (most, row.amount_vnd)
        && amount > most.left()
    {
        let reported = dong(most.reported, Lang::En);
        let detail = match most.asked {
            0 => format!(
                "No more can be frozen than was reported lost to these accounts: {reported}."
            ),
            asked => format!(
                "No more can be frozen than was reported lost to these accounts: {reported}, of which {} is asked \
                 for or frozen already. What a bank has frozen is prolonged with `renews`.",
                dong(asked, Lang::En)
            ),
        };
        problems.push(FieldProblem::at("/amount_vnd", "over_reported", detail));
    }
    valid(problems)
}
