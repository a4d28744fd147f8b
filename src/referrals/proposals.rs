//! Referrals that are proposed by rule. A reader of the journal draws them up; an officer sends them.
//!
//! Each rule proposes once for each thing that it is about, however often its reader runs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store::rules::{self, FreshTip, ValueRow};
use super::store::{self, ReferralRow};
use super::{lapsing, reopening};
use crate::db::Conn;
use crate::domain::hanoi;
use crate::domain::lang::Lang;
use crate::domain::money::dong;
use crate::domain::priority::{sent_at, told};
use crate::domain::referral::{ReferralKind, ReferralState};
use crate::domain::transfers::{self, Edge};
use crate::error::Result;
use crate::journal::{self, Actor, Entry, Reads, Record, Tape};
use crate::reference::Reference;
use crate::state::AppState;

/// Indicators of one referral.
const MOST: usize = 200;

/// A referral that a rule draws up.
pub struct Proposal {
    /// The rule.
    pub rule: &'static str,
    /// What it proposes for: with the rule, once.
    pub about: String,
    pub kind: ReferralKind,
    pub agency: String,
    pub tip_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub keys: Vec<Vec<u8>>,
    pub amount_vnd: Option<i64>,
    pub legal_basis: Option<String>,
    /// For the agency to read.
    pub note: String,
    pub disclose: &'static [&'static str],
    pub reported_at: DateTime<Utc>,
    pub follows: Option<Uuid>,
}

/// Proposals stored by one statement: a row has many columns, and a statement a limit of values.
const AT_ONCE: usize = 500;

/// Stores proposals, except those that their rule has made before.
pub async fn propose(conn: &mut Conn, now: DateTime<Utc>, new: Vec<Proposal>) -> Result<()> {
    let all: Vec<(ReferralRow, Vec<Vec<u8>>, Entry)> = new
        .into_iter()
        .map(|proposal| drawn_up(now, proposal))
        .collect();
    for some in all.chunks(AT_ONCE) {
        let rows: Vec<&ReferralRow> = some.iter().map(|(row, _, _)| row).collect();
        let fresh = store::insert_proposals(conn, &rows).await?;
        let some = some.iter().filter(|(row, _, _)| fresh.contains(&row.id));
        let (mut named, mut entries) = (Vec::new(), Vec::new());
        for (row, keys, entry) in some {
            named.extend(keys.iter().zip(0_i16..).map(|(key, n)| (row.id, n, key)));
            entries.push(entry.clone());
        }
        if !entries.is_empty() {
            store::insert_indicators(conn, &named).await?;
            journal::record(conn, &entries).await?;
        }
    }
    Ok(())
}

/// A proposal as it is stored, the keys that it is about, and what the journal says of it.
fn drawn_up(now: DateTime<Utc>, new: Proposal) -> (ReferralRow, Vec<Vec<u8>>, Entry) {
    let id = crate::state::id_at(now);
    let row = ReferralRow {
        id,
        kind: new.kind.as_str().to_owned(),
        agency: new.agency,
        state: ReferralState::Proposed.as_str().to_owned(),
        tip_id: new.tip_id,
        case_id: new.case_id,
        amount_vnd: new.amount_vnd,
        legal_basis: new.legal_basis,
        document_number: None,
        note: Some(new.note),
        disclose: new.disclose.iter().map(|d| Some((*d).to_owned())).collect(),
        created_by: "system".to_owned(),
        created_at: now,
        proposal: Some(format!("{}:{}", new.rule, new.about)),
        follows: new.follows,
        reported_at: new.reported_at,
        sent_by: None,
        sent_at: None,
        due_at: None,
        expires_at: None,
        remind_at: None,
        reminders: 0,
        acknowledged_at: None,
        closed_by: None,
        closed_at: None,
        outcome: None,
        answer: None,
        answer_amount_vnd: None,
        evidence_url: None,
        reopened: 0,
        version: 1,
        updated_at: now,
    };
    let data =
        json!({"kind": row.kind, "agency": row.agency, "rule": new.rule, "tip_id": row.tip_id});
    let entry = Entry::audit("referral.proposed", &Actor::system(), now);
    (row, new.keys, entry.on("referral", id).with(data))
}

/// Draws up what follows from one pass of the journal; returns how many entries were read.
pub async fn draw_up(conn: &mut Conn, app: &AppState, tape: &mut Tape) -> Result<usize> {
    journal::follow(
        conn,
        tape,
        "referrals",
        Reads::Everything,
        async |conn, records| {
            let of = |wanted: fn(&Record) -> bool| -> Vec<Uuid> {
                let found = records.iter().filter(|record| wanted(record));
                found.filter_map(|record| record.subject_id).collect()
            };
            // What a reporter adds may say for the first time where the money went.
            let tips =
                of(|r| r.type_ == "tip.received" || crate::tips::background::is_amendment(r));
            from_tips(conn, app, &tips).await?;
            from_verdicts(conn, app, &of(|r| r.type_ == "indicator.verdict")).await?;
            let decided = of(|r| r.type_ == "tip.decided");
            from_transfers(conn, app, &decided).await?;
            from_accepted(conn, app, &decided).await?;
            // Last, so that what was drawn up a moment ago falls too.
            lapsing::follow(conn, app, &of(lapsing::may_end_or_begin)).await
        },
    )
    .await
}

async fn from_tips(conn: &mut Conn, app: &AppState, ids: &[Uuid]) -> Result<()> {
    let tips = rules::fresh_tips(conn, ids).await?;
    if tips.is_empty() {
        return Ok(());
    }
    let now = app.now();
    let reference = app.reference.get();
    let ids: Vec<Uuid> = tips.iter().map(|tip| tip.id).collect();
    let mut edges: BTreeMap<Uuid, Vec<Edge>> = BTreeMap::new();
    for (tip, edge) in store::edges(conn, &ids).await? {
        edges.entry(tip).or_default().push(edge);
    }
    let edges_of = |tip: &FreshTip| edges.get(&tip.id).map(Vec::as_slice).unwrap_or_default();
    let sums: Vec<Sums> = tips
        .iter()
        .map(|tip| recent_sums(&reference, tip, edges_of(tip)))
        .collect();
    let accounts = accounts(conn, &sums).await?;
    let mut proposals = Vec::new();
    for (tip, sums) in tips.iter().zip(&sums) {
        proposals.extend(freezes(&reference, tip, sums, &accounts));
        proposals.extend(border_alert(&reference, tip, edges_of(tip).iter()));
    }
    let rule = &reference.referrals.verify_subscriber;
    let since = now - Duration::days(rule.again_after_days);
    for number in rules::frequent_phones(conn, &ids, rule.min_tips, since).await? {
        if reference.official.phone(&number.value) {
            continue;
        }
        let tip = tips.iter().find(|tip| tip.id == number.tip_id);
        let note = format!(
            "Số thuê bao bị phản ánh trong {} tin báo. Đề nghị kiểm tra thông tin đăng ký: chính chủ, không \
             chính chủ hay chưa đăng ký; không cần nêu tên chủ thuê bao.",
            number.tips
        );
        proposals.push(Proposal {
            rule: "verify_subscriber",
            about: format!("{}:{}", number.value, hanoi::date(now)),
            kind: ReferralKind::VerifySubscriber,
            agency: rule.agency.clone(),
            tip_id: Some(number.tip_id),
            case_id: tip.and_then(|tip| tip.case_id),
            keys: vec![number.key],
            amount_vnd: None,
            legal_basis: None,
            note,
            disclose: &["indicators"],
            reported_at: tip.map_or(now, |tip| tip.reached_at),
            follows: None,
        });
    }
    propose(conn, now, proposals).await?;
    reopening::reopen(conn, app, &ids).await
}

/// An officer's methods say what a tip is about as the reporter's do.
async fn from_accepted(conn: &mut Conn, app: &AppState, decided: &[Uuid]) -> Result<()> {
    let accepted = rules::accepted(conn, decided).await?;
    if accepted.is_empty() {
        return Ok(());
    }
    let reference = app.reference.get();
    let edges = store::edges(conn, &accepted).await?;
    let tips = rules::fresh_tips(conn, &accepted).await?;
    let alerts = tips.iter().filter_map(|tip| {
        let edges = edges.iter().filter(|(id, _)| *id == tip.id);
        border_alert(&reference, tip, edges.map(|(_, edge)| edge))
    });
    propose(conn, app.now(), alerts.collect()).await
}

/// What went to an account of a tip within the window.
#[derive(Clone, Copy)]
struct Sum {
    amount_vnd: i64,
    /// When last.
    at: DateTime<Utc>,
    /// Nobody said when: it was not before.
    at_earliest: bool,
}

/// What went to each account of a tip within the window.
type Sums = BTreeMap<Vec<u8>, Sum>;

/// Money that moved within the window; where no time is stated it was not before the event.
fn recent_sums(reference: &Reference, tip: &FreshTip, edges: &[Edge]) -> Sums {
    let rule = &reference.referrals.freeze_funds;
    let told_at = told::told_at(&tip.details, tip.received_at);
    let since = told_at - Duration::hours(rule.window_hours);
    let mut sums = Sums::new();
    for transfer in transfers::transfers(&tip.details, edges) {
        let Some(amount) = transfer.amount_vnd else {
            continue;
        };
        let rules = &reference.priority;
        let stated = sent_at(transfer.at, None, told_at, rules);
        let Some(at) = stated.or_else(|| sent_at(None, tip.occurred_at, told_at, rules)) else {
            continue;
        };
        if at >= since {
            let sum = sums.entry(transfer.key).or_insert(Sum {
                amount_vnd: 0,
                at,
                at_earliest: false,
            });
            sum.amount_vnd = sum.amount_vnd.saturating_add(amount);
            sum.at = sum.at.max(at);
            sum.at_earliest |= stated.is_none();
        }
    }
    sums
}

/// The accounts of all these, by key.
async fn accounts(conn: &mut Conn, sums: &[Sums]) -> Result<BTreeMap<Vec<u8>, ValueRow>> {
    let keys: BTreeSet<Vec<u8>> = sums.iter().flat_map(|sums| sums.keys().cloned()).collect();
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let keys: Vec<Vec<u8>> = keys.into_iter().collect();
    let rows = rules::values(conn, &keys).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

/// One freeze an account.
fn freezes(
    reference: &Reference,
    tip: &FreshTip,
    sums: &Sums,
    accounts: &BTreeMap<Vec<u8>, ValueRow>,
) -> Vec<Proposal> {
    sums.iter()
        .filter_map(|(key, sum)| {
            let account = accounts.get(key)?;
            let agency = reference.freeze_agency(&account.kind, &account.value)?;
            let agency = agency.code.clone();
            let local = hanoi::local(sum.at);
            let when = match sum.at_earliest {
                true => "không sớm hơn",
                false => "lần cuối lúc",
            };
            let note = format!(
                "Theo tin báo về tội phạm, {} đã được chuyển đến tài khoản này, {when} {}. Đề nghị tạm giữ, \
                 tối đa bằng số tiền nêu trên.",
                dong(sum.amount_vnd, Lang::Vi),
                local.format("%H:%M ngày %d/%m/%Y")
            );
            Some(Proposal {
                rule: "freeze_funds",
                about: format!("{}:{}", tip.id, account.value),
                kind: ReferralKind::FreezeFunds,
                agency,
                tip_id: Some(tip.id),
                case_id: tip.case_id,
                keys: vec![key.clone()],
                amount_vnd: Some(sum.amount_vnd),
                legal_basis: Some(reference.referrals.freeze_funds.legal_basis.clone()),
                note,
                disclose: &["indicators", "method", "losses"],
                reported_at: tip.reached_at,
                follows: None,
            })
        })
        .collect()
}

/// What a tip names, each once, as many as a referral may be about.
fn distinct<'a>(edges: impl Iterator<Item = &'a Edge>) -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for edge in edges {
        if keys.len() < MOST && !keys.contains(&edge.key) {
            keys.push(edge.key.clone());
        }
    }
    keys
}

/// Brokers of illegal exit: their traces go to the border guard, never a person who may be lured.
fn border_alert<'a>(
    reference: &Reference,
    tip: &FreshTip,
    edges: impl Iterator<Item = &'a Edge>,
) -> Option<Proposal> {
    let rule = &reference.referrals.border_alert;
    if !tip.methods.iter().any(|one| rule.methods.contains(one)) {
        return None;
    }
    let keys = distinct(edges);
    Some(Proposal {
        rule: "border_alert",
        about: tip.id.to_string(),
        kind: ReferralKind::BorderAlert,
        agency: rule.agency.clone(),
        tip_id: Some(tip.id),
        case_id: tip.case_id,
        keys,
        amount_vnd: None,
        legal_basis: Some("BLHS 348-350".to_owned()),
        note: "Tin báo về dấu hiệu môi giới, tổ chức xuất cảnh trái phép. Đề nghị nắm tình hình đối tượng môi \
               giới, phương tiện và tuyến đường."
            .to_owned(),
        disclose: &["indicators", "method", "place", "channel", "border_traces"],
        reported_at: tip.reached_at,
        follows: None,
    })
}

/// A confirmed site, page or account is to be taken down.
async fn from_verdicts(conn: &mut Conn, app: &AppState, indicators: &[Uuid]) -> Result<()> {
    let now = app.now();
    let reference = app.reference.get();
    let kinds: Vec<&str> = ReferralKind::Takedown
        .traces()
        .unwrap_or_default()
        .iter()
        .map(|kind| kind.as_str())
        .collect();
    for site in rules::confirmed(conn, indicators, &kinds).await? {
        let proposal = Proposal {
            rule: "takedown",
            // Confirmed anew, it is proposed anew.
            about: site.verdict.to_string(),
            kind: ReferralKind::Takedown,
            agency: reference.referrals.takedown.agency.clone(),
            tip_id: Some(site.tip_id),
            case_id: None,
            keys: vec![site.key],
            amount_vnd: None,
            legal_basis: None,
            note: "Đã được xác minh là công cụ lừa đảo. Đề nghị gỡ bỏ hoặc chặn truy cập."
                .to_owned(),
            disclose: &["indicators", "method"],
            reported_at: site.reached_at,
            follows: None,
        };
        propose(conn, now, vec![proposal]).await?;
    }
    Ok(())
}

/// A tip that was sent to another competent body reaches it with what it needs (TTLT 01/2017 art. 8).
async fn from_transfers(conn: &mut Conn, app: &AppState, tips: &[Uuid]) -> Result<()> {
    let reference = app.reference.get();
    let kind = ReferralKind::TransferJurisdiction;
    for transfer in rules::transfers(conn, tips).await? {
        // It may have become inactive since.
        if reference.takes(&transfer.agency, kind).is_err() {
            continue;
        }
        let edges = store::edges(conn, &[transfer.tip_id]).await?;
        let keys = distinct(edges.iter().map(|(_, edge)| edge));
        let proposal = Proposal {
            rule: "transfer",
            about: transfer.decision_id.to_string(),
            kind,
            agency: transfer.agency,
            tip_id: Some(transfer.tip_id),
            case_id: None,
            keys,
            amount_vnd: None,
            legal_basis: Some("TTLT 01/2017, Điều 8".to_owned()),
            note: "Chuyển tin báo về tội phạm theo thẩm quyền.".to_owned(),
            disclose: &[
                "indicators",
                "method",
                "narrative",
                "losses",
                "place",
                "occurred_at",
                "channel",
                "victim",
            ],
            reported_at: transfer.reached_at,
            follows: None,
        };
        propose(conn, app.now(), vec![proposal]).await?;
    }
    Ok(())
}
