//! Announces the limits of reception that are near or over, as `cases::clock` does those of cases. A tip that belongs
//! to a case leaves that to the case, which has them too.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{deadlines, store};
use crate::db::{self, Conn};
use crate::domain::deadline::{Announced, near_of_tip};
use crate::error::{Error, Result};
use crate::journal::{self, Actor, Reads, Record, Tape};
use crate::state::AppState;

/// Tips of one pass.
const PASS: i64 = 500;
/// A tip that came just now is first looked at after so long: no limit of reception is shorter than a day
/// (TTLT 01/2017 art. 8), and under a flood of tips there is more urgent work.
const FIRST_LOOK: TimeDelta = TimeDelta::hours(12);
/// After these their limits may be others.
const MOVED_BY: [&str; 4] = ["tip.received", "tip.decided", "tip.updated", "tip.referral"];

/// Looks at the limits of tips to which something happened; returns how many entries were read.
pub async fn follow(conn: &mut Conn, app: &AppState, tape: &mut Tape) -> Result<usize> {
    journal::follow(
        conn,
        tape,
        "limits",
        Reads::Everything,
        async |conn, records| {
            let moved = records
                .iter()
                .filter(|record| MOVED_BY.contains(&record.type_.as_str()));
            let mut tips: Vec<Uuid> = moved.filter_map(|record| record.subject_id).collect();
            // A transfer that is proposed has yet to be sent: from then on that limit runs.
            let proposed = records.iter().filter(|r| r.type_ == "referral.proposed");
            let of_tip = |record: &Record| -> Option<Uuid> {
                record.data.get("tip_id")?.as_str()?.parse().ok()
            };
            tips.extend(proposed.filter_map(of_tip));
            tips.sort_unstable();
            tips.dedup();
            if tips.is_empty() {
                return Ok(());
            }
            let new = store::look_later(conn, &tips, app.now(), FIRST_LOOK).await?;
            tips.retain(|tip| !new.contains(tip));
            let locked = store::lock_announced(conn, &tips).await?;
            look(conn, app, locked).await.map(drop)
        },
    )
    .await
}

/// Announces what has come near or run out meanwhile; returns how many tips were looked at.
pub async fn announce(conn: &mut Conn, app: &AppState) -> Result<usize> {
    db::transaction(conn, async |conn| {
        let due = store::due_for_announcement(conn, app.now(), PASS).await?;
        look(conn, app, due).await
    })
    .await
}

async fn look(conn: &mut Conn, app: &AppState, locked: Vec<(Uuid, Value)>) -> Result<usize> {
    if locked.is_empty() {
        return Ok(0);
    }
    let (now, reference) = (app.now(), app.reference.get());
    let ids: Vec<Uuid> = locked.iter().map(|(tip, _)| *tip).collect();
    let tips = store::states_and_tips(conn, &ids).await?;
    let states: Vec<_> = tips.iter().map(|(state, _)| state.clone()).collect();
    let mut sent_on = store::sent_on(conn, &states).await?;
    let mut said: HashMap<Uuid, Value> = locked.into_iter().collect();
    let (mut entries, mut looked) = (Vec::new(), Vec::new());
    for (state, tip) in &tips {
        let sent_on = sent_on.remove(&state.tip_id).unwrap_or_default();
        let all = match state.case_id.is_some() || state.status == "withdrawn" {
            true => Vec::new(),
            false => deadlines::read(state, tip, &sent_on, &reference, now),
        };
        let kept = said.remove(&state.tip_id).unwrap_or_default();
        let mut announced: Announced = serde_json::from_value(kept).unwrap_or_default();
        let near = |code| near_of_tip(&reference.process, code);
        let (news, next) = announced.look(&all, near, now);
        entries.extend(news.iter().map(|news| {
            state
                .event(news.event(), &Actor::system(), now)
                .with(json!({
                    "code": news.code, "due_at": news.due_at, "desk": state.desk,
                }))
        }));
        looked.push(store::Looked {
            tip: state.tip_id,
            announced: serde_json::to_value(&announced)
                .map_err(|e| Error::internal("noting what was announced", e))?,
            next,
        });
    }
    store::set_announced(conn, &looked).await?;
    if !entries.is_empty() {
        journal::record(conn, &entries).await?;
    }
    Ok(looked.len())
}

/// Has all limits looked at anew, once every replica counts with a list that was replaced.
pub async fn look_again(conn: &mut Conn, at: DateTime<Utc>) -> Result<()> {
    store::look_at_limits_again(conn, at).await
}
