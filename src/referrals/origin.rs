//! What a referral that an officer draws up comes from and is about.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::store;
use super::wire::CreateReferral;
use crate::auth::Principal;
use crate::cases;
use crate::db::Conn;
use crate::domain::indicator::Kind as Trace;
use crate::domain::referral::ReferralKind;
use crate::error::{Error, FieldProblem, Result, valid};
use crate::reference::Reference;
use crate::tips::{self, Visibility};

/// Where a referral comes from.
pub struct Origin {
    pub tip: Option<Uuid>,
    pub case: Option<Uuid>,
    pub reported_at: DateTime<Utc>,
    /// What the officer may know of its tips.
    pub visible: Visibility,
}

/// The tip or case named, as far as the officer may know of it.
pub async fn origin(conn: &mut Conn, who: &Principal, wish: &CreateReferral) -> Result<Origin> {
    let visible = Visibility::of(who);
    let absent = |pointer: &'static str| {
        move |error: Error| match error {
            Error::NotFound { kind } => {
                Error::invalid(pointer, "not_found", format!("There is no such {kind}."))
            }
            other => other,
        }
    };
    let case = match wish.case_id {
        Some(id) => Some(
            cases::find_case(conn, id, &visible)
                .await
                .map_err(absent("/case_id"))?,
        ),
        None => None,
    };
    let Some(id) = wish.tip_id else {
        let case = case.ok_or_else(|| {
            let detail = "Say which tip or case it comes from.";
            Error::invalid("/tip_id", "required", detail)
        })?;
        return Ok(Origin {
            tip: None,
            case: Some(case.id),
            reported_at: case.received_at,
            visible,
        });
    };
    let tip = tips::find_state(conn, id, &visible)
        .await
        .map_err(absent("/tip_id"))?;
    if tip.test {
        return Err(Error::invalid("/tip_id", "trial", cases::TRIAL));
    }
    if tip.restricted_at.is_some() {
        let detail = "The use of the tip's data is restricted, as its reporter asked.";
        return Err(Error::invalid("/tip_id", "restricted", detail));
    }
    if case
        .as_ref()
        .is_some_and(|case| tip.case_id != Some(case.id))
    {
        let detail = "The tip does not belong to this case.";
        return Err(Error::invalid("/case_id", "not_its_case", detail));
    }
    Ok(Origin {
        tip: Some(id),
        case: tip.case_id,
        reported_at: tip.clock_start(),
        visible,
    })
}

/// Keys of the indicators named, in their order; each must belong to the tip or case, fit the kind, and be an
/// account of the agency where that is asked to freeze it.
pub async fn named(
    conn: &mut Conn,
    reference: &Reference,
    ids: &[Uuid],
    (kind, agency): (ReferralKind, &str),
    origin: &Origin,
) -> Result<Vec<Vec<u8>>> {
    if ids.is_empty() && kind.traces().is_some() {
        let detail = "This kind of referral needs the indicators that it is about.";
        return Err(Error::invalid("/indicator_ids", "required", detail));
    }
    let case = origin.case.filter(|_| origin.tip.is_none());
    let known = store::traces(conn, ids, (origin.tip, case), origin.visible.units()).await?;
    let mut problems = Vec::new();
    let mut keys: Vec<Vec<u8>> = Vec::with_capacity(ids.len());
    for (i, id) in ids.iter().enumerate() {
        let mut refuse = |code: &'static str, detail: &str| {
            problems.push(FieldProblem::at(
                format!("/indicator_ids/{i}"),
                code,
                detail,
            ));
        };
        let Some(trace) = known.iter().find(|trace| trace.id == *id) else {
            refuse("not_found", "The tip or case has no such indicator.");
            continue;
        };
        let fits = |kinds: &[Trace]| kinds.iter().any(|kind| kind.as_str() == trace.kind);
        if !kind.traces().is_none_or(fits) {
            refuse(
                "wrong_kind",
                "This kind of referral is not about such indicators.",
            );
        } else if kind == ReferralKind::FreezeFunds
            && let Some(holder) = reference.holder(&trace.kind, &trace.value)
            && holder.code != agency
        {
            let detail = format!("The account is held by {}.", holder.code);
            refuse("other_holder", &detail);
        } else if !keys.contains(&trace.key) {
            keys.push(trace.key.clone());
        }
    }
    valid(problems)?;
    Ok(keys)
}
