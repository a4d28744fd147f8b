//! Answers of agencies, and what follows from them: the agency's side.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::draft::{close, kind_of, returned, step};
use super::onward;
use super::reach::Reach;
use super::record::{record, remind};
use super::renewal;
use super::settled;
use super::store::{self, AboutRow, ReferralRow};
use super::wire::{CompleteReferral, IndicatorResult};
use crate::auth::Principal;
use crate::db::Conn;
use crate::domain::money;
use crate::domain::news::News;
use crate::domain::referral::{Outcome, ReferralKind, Step};
use crate::error::{Error, FieldProblem, Result, valid};
use crate::journal::Actor;
use crate::state::AppState;

/// Who answers, and since when the answer stands.
pub struct Answering<'a> {
    /// Which referrals may be answered.
    pub reach: Reach,
    /// Who the journal names.
    pub actor: &'a Actor,
    /// When the agency said so.
    pub at: DateTime<Utc>,
}

impl<'a> Answering<'a> {
    /// The agency itself, now.
    pub fn agency(who: &Principal, actor: &'a Actor, now: DateTime<Utc>) -> Self {
        Self {
            reach: Reach::addressee(who),
            actor,
            at: now,
        }
    }
}

/// Notes that the agency has a referral.
pub async fn acknowledge(
    conn: &mut Conn,
    app: &AppState,
    by: &Answering<'_>,
    id: Uuid,
) -> Result<ReferralRow> {
    let mut row = store::lock(conn, id, &by.reach).await?;
    note_acknowledged(conn, app, by, &mut row).await?;
    store::save(conn, &row).await?;
    Ok(row)
}

async fn note_acknowledged(
    conn: &mut Conn,
    app: &AppState,
    by: &Answering<'_>,
    row: &mut ReferralRow,
) -> Result<()> {
    let now = app.now();
    row.state = step(row, Step::Acknowledge)?.as_str().to_owned();
    row.acknowledged_at = Some(by.at);
    row.version += 1;
    row.updated_at = now;
    remind(row);
    record(conn, by.actor, now, "referral.acknowledged", row).await
}

/// Declines a referral.
pub async fn decline(
    conn: &mut Conn,
    app: &AppState,
    by: &Answering<'_>,
    id: Uuid,
    reason: Option<&str>,
) -> Result<ReferralRow> {
    let row = store::lock(conn, id, &by.reach).await?;
    let mut row = close(row, Step::Decline, by.actor, app.now(), reason)?;
    row.closed_at = Some(by.at);
    store::save(conn, &row).await?;
    record(conn, by.actor, app.now(), "referral.declined", &row).await?;
    returned(conn, by.actor, &row, app.now()).await?;
    Ok(row)
}

/// Takes the answer to a referral. One that nobody acknowledged is acknowledged with it, and says so.
pub async fn complete(
    conn: &mut Conn,
    app: &AppState,
    by: &Answering<'_>,
    id: Uuid,
    answer: &CompleteReferral,
) -> Result<ReferralRow> {
    let now = app.now();
    let mut row = store::lock(conn, id, &by.reach).await?;
    let state = step(&row, Step::Complete)?;
    if row.expires_at.is_some_and(|end| end <= now) {
        let detail = "The time of the freeze is over; wait for a new request.";
        return Err(Error::conflict("wrong_state", detail));
    }
    let about = store::about(conn, &[id]).await?;
    let read = read(kind_of(&row)?, &row, &about, answer)?;
    let onward = onward::read(app, &about, answer)?;
    if row.acknowledged_at.is_none() {
        note_acknowledged(conn, app, by, &mut row).await?;
    }
    for one in &read.results {
        let code = one.outcome.as_str();
        store::set_result(conn, id, &one.key, code, one.amount_vnd, by.at).await?;
    }
    row.state = state.as_str().to_owned();
    row.closed_by = Some(by.actor.name.clone());
    row.closed_at = Some(by.at);
    row.outcome = Some(read.outcome.as_str().to_owned());
    row.answer.clone_from(&answer.detail);
    row.answer_amount_vnd = read.amount_vnd;
    row.evidence_url.clone_from(&answer.evidence_url);
    row.version += 1;
    row.updated_at = now;
    remind(&mut row);
    store::save(conn, &row).await?;
    record(conn, by.actor, now, "referral.completed", &row).await?;
    let before = renewal::settle(conn, &row).await?;
    tell_reporters(conn, &row, before, read.outcome, now).await?;
    // What was proposed meanwhile is other money than what is held on.
    if before.is_none() {
        settled::drop_settled(conn, &row, &about, now).await?;
    }
    onward::follow(conn, app, by.actor, &row, &onward).await?;
    Ok(row)
}

/// The outcome of a freeze goes by itself to the tips that carry the loss (contract §3).
async fn tell_reporters(
    conn: &mut Conn,
    row: &ReferralRow,
    before: Option<Uuid>,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<()> {
    let news = match before {
        Some(_) => News::of_renewal(outcome),
        None => News::of_freeze(outcome),
    };
    let Some(news) = news else {
        return Ok(());
    };
    let mut tips = match (row.tip_id, row.case_id) {
        (Some(tip), _) => vec![tip],
        (None, Some(case)) => store::losers(conn, case, row.id).await?,
        (None, None) => Vec::new(),
    };
    // Who read of the hold reads what became of it.
    if let Some(before) = before {
        let heard = store::told_of(conn, before).await?;
        let new = |tip: &Uuid| !tips.contains(tip);
        let heard: Vec<Uuid> = heard.into_iter().filter(new).collect();
        tips.extend(heard);
    }
    let told = (now, None);
    // Of a case's freeze nobody learns what is not theirs: the sum belongs to several.
    let amount = row.answer_amount_vnd.filter(|_| row.tip_id.is_some());
    store::insert_news(conn, &tips, news.as_str(), amount, told, row.id).await?;
    Ok(())
}

/// An answer that fits its referral.
#[derive(Debug)]
struct Read {
    outcome: Outcome,
    amount_vnd: Option<i64>,
    results: Vec<Answered>,
}

/// The answer for one indicator.
#[derive(Debug)]
struct Answered {
    key: Vec<u8>,
    outcome: Outcome,
    amount_vnd: Option<i64>,
}

/// Reads an answer against the referral that it answers.
fn read(
    kind: ReferralKind,
    row: &ReferralRow,
    about: &[AboutRow],
    answer: &CompleteReferral,
) -> Result<Read> {
    let mut problems = Vec::new();
    let outcome = parse(kind, &answer.outcome, "/outcome", &mut problems);
    let results = results(kind, about, answer, &mut problems);
    let sum: i64 = match answer.results {
        Some(_) => money::total(results.iter().filter_map(|one| one.amount_vnd)),
        None => money::total(about.iter().filter_map(|one| one.amount_vnd)),
    };
    let mut refuse = |code: &'static str, detail: &str| {
        problems.push(FieldProblem::at("/amount_vnd", code, detail));
    };
    let freezes = outcome.is_some_and(Outcome::freezes);
    let amount = match (answer.amount_vnd, sum) {
        (Some(amount), sum) if sum > 0 && sum != amount => {
            refuse("sum_mismatch", "It is not the sum of the results.");
            Some(amount)
        }
        (Some(amount), _) => Some(amount),
        (None, sum) if sum > 0 => Some(sum),
        // Everything, unless the results say what of it.
        (None, _) if outcome == Some(Outcome::Frozen) && answer.results.is_none() => row.amount_vnd,
        (None, _) => None,
    };
    match amount {
        None | Some(0) if freezes => refuse("required", "Say how much was frozen."),
        // How much went on is welcome; what a result says is frozen is not gone.
        Some(amount)
            if amount > 0 && !freezes && (outcome != Some(Outcome::MovedOn) || sum > 0) =>
        {
            refuse("not_frozen", "With this outcome nothing is frozen.");
        }
        Some(amount) if freezes && row.amount_vnd.is_some_and(|asked| amount > asked) => {
            refuse(
                "over_requested",
                "No more can be frozen than was asked for.",
            );
        }
        _ => {}
    }
    match outcome {
        Some(outcome) if problems.is_empty() => Ok(Read {
            amount_vnd: amount.filter(|_| freezes),
            results: if answer.results.is_some() {
                results
            } else {
                for_all(about, outcome, amount.filter(|_| freezes))
            },
            outcome,
        }),
        _ => Err(Error::Invalid(problems)),
    }
}

/// One answer for everything that has none yet; the amount is known of an indicator only where it is the only one.
fn for_all(about: &[AboutRow], outcome: Outcome, amount: Option<i64>) -> Vec<Answered> {
    about
        .iter()
        .filter(|one| one.outcome.is_none())
        .map(|one| Answered {
            key: one.key.clone(),
            outcome,
            amount_vnd: amount.filter(|_| about.len() == 1),
        })
        .collect()
}

fn results(
    kind: ReferralKind,
    about: &[AboutRow],
    answer: &CompleteReferral,
    problems: &mut Vec<FieldProblem>,
) -> Vec<Answered> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for (i, result) in answer.results.iter().flatten().enumerate() {
        let outcome = parse(
            kind,
            &result.outcome,
            &format!("/results/{i}/outcome"),
            problems,
        );
        let mut refuse = |field: &str, code: &'static str, detail: &str| {
            let pointer = format!("/results/{i}/{field}");
            problems.push(FieldProblem::at(pointer, code, detail));
        };
        let one = about.iter().find(|one| one.id == result.indicator_id);
        if one.is_none() {
            let detail = "The referral is not about this indicator.";
            refuse("indicator_id", "not_found", detail);
        } else if !seen.insert(result.indicator_id) {
            refuse("indicator_id", "duplicate", "It is answered twice.");
        }
        let (Some(one), Some(outcome)) = (one, outcome) else {
            continue;
        };
        match (outcome.freezes(), result.amount_vnd.unwrap_or(0)) {
            (true, 0) => refuse("amount_vnd", "required", "Say how much was frozen there."),
            (false, 1..) if outcome != Outcome::MovedOn => {
                let detail = "With this outcome nothing is frozen.";
                refuse("amount_vnd", "not_frozen", detail);
            }
            _ => {}
        }
        all.push(Answered {
            key: one.key.clone(),
            outcome,
            amount_vnd: result.amount_vnd.filter(|_| outcome.freezes()),
        });
    }
    all
}

/// An outcome of the kind.
pub fn parse(
    kind: ReferralKind,
    code: &str,
    pointer: &str,
    problems: &mut Vec<FieldProblem>,
) -> Option<Outcome> {
    let outcomes = kind.outcomes();
    let found = outcomes.iter().find(|outcome| outcome.as_str() == code);
    if found.is_none() {
        let names: Vec<&str> = outcomes.iter().map(|outcome| outcome.as_str()).collect();
        let detail = format!("One of {} is expected.", names.join(", "));
        problems.push(FieldProblem::at(pointer, "unknown_value", detail));
    }
    found.copied()
}

/// Stores results before the referral is completed, as they come in for many numbers.
pub async fn note_results(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    results: Vec<IndicatorResult>,
) -> Result<ReferralRow> {
    let now = app.now();
    let mut row = store::lock(conn, id, &Reach::addressee(who)).await?;
    step(&row, Step::Complete)?;
    let kind = kind_of(&row)?;
    let about = store::about(conn, &[id]).await?;
    let answer = CompleteReferral {
        outcome: String::new(),
        detail: None,
        amount_vnd: None,
        evidence_url: None,
        results: Some(results),
    };
    let mut problems = Vec::new();
    let results = self::results(kind, &about, &answer, &mut problems);
    let elsewhere = about
        .iter()
        .filter(|one| results.iter().all(|new| new.key != one.key))
        .filter_map(|one| one.amount_vnd);
    let frozen = money::total(elsewhere.chain(results.iter().filter_map(|one| one.amount_vnd)));
    if row.amount_vnd.is_some_and(|asked| frozen > asked) {
        let detail = "Together more would be frozen than was asked for.";
        problems.push(FieldProblem::at("", "over_requested", detail));
    }
    valid(problems)?;
    for one in &results {
        let code = one.outcome.as_str();
        store::set_result(conn, id, &one.key, code, one.amount_vnd, now).await?;
    }
    row.version += 1;
    row.updated_at = now;
    store::save(conn, &row).await?;
    record(conn, actor, now, "referral.updated", &row).await?;
    Ok(row)
}
