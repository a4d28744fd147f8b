//! Views of tips, made from rows that were found under a visibility.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::desk_hints;
use super::reasons;
use super::shapes;
use super::store::{EdgeRow, Rows, SubmissionRow, TipRow, TipState, load_rows};
use super::wire::{LocationView, PriorityView, SubmissionView, TipIndicator, TipView};
use crate::db::Conn;
use crate::domain::lang::Lang;
use crate::error::Result;
use crate::reference::Reference;

/// What views depend on besides the rows.
pub struct Context<'a> {
    /// Reference data.
    pub reference: &'a Reference,
    /// The time.
    pub now: DateTime<Utc>,
    /// Language of sentences.
    pub lang: Lang,
}

/// The views of some states, in their order.
pub async fn of(
    conn: &mut Conn,
    states: &[TipState],
    context: &Context<'_>,
) -> Result<Vec<TipView>> {
    let mut rows = load_rows(conn, states).await?;
    Ok(states
        .iter()
        .filter_map(|state| one(state, &mut rows, context))
        .collect())
}

fn one(state: &TipState, rows: &mut Rows, context: &Context<'_>) -> Option<TipView> {
    let tip: TipRow = rows.tips.remove(&state.tip_id)?;
    let edges = rows.edges.remove(&state.tip_id).unwrap_or_default();
    let number = rows.numbers.remove(&state.tip_id);
    let sent_on = rows.sent_on.remove(&state.tip_id).unwrap_or_default();
    let deadlines = super::deadlines::of_tip(state, &tip, &sent_on, context);
    let holder = state.holder(context.now).map(str::to_owned);
    let desk_hints = desk_hints::of(
        state,
        &tip,
        &edges,
        rows.without_channel.contains(&state.tip_id),
        context,
    );
    let unread = rows.unread.remove(&state.tip_id).unwrap_or_default();
    let mut details = tip.details;
    let mut take = |name: &str| details.get_mut(name).map(Value::take).unwrap_or_default();
    let unit_name = tip
        .unit_code
        .as_ref()
        // What was written may be a former code: the name is that of the unit it lies in.
        .and_then(|code| context.reference.places.by_code(code))
        .or(state.unit_code.as_deref())
        .and_then(|code| context.reference.units.get(code))
        .map(|u| u.full_name.clone());
    Some(TipView {
        id: state.tip_id,
        number,
        received_at: state.received_at,
        status: state.status(context.now).to_owned(),
        desk: state.desk.clone(),
        priority: PriorityView {
            level: state.level.clone(),
            score: state.score,
            reasons: reasons::shown(&state.reasons, context.lang),
        },
        source_kind: state.source_kind.clone(),
        narrative: tip.narrative,
        raw_message: tip.raw_message,
        method: tip.method,
        methods: state.methods.iter().flatten().cloned().collect(),
        channel: tip.channel,
        language: tip.language,
        occurred_at: tip.occurred_at,
        written_at: tip.written_at,
        indicators: edges.into_iter().map(TipIndicator::from).collect(),
        losses: or_list(take("losses")),
        loss_vnd: tip.loss_vnd,
        location: LocationView {
            unit_code: tip.unit_code,
            unit_name,
            place: tip.place,
        },
        victim: shapes::victim(take("victim")),
        in_danger_now: tip.in_danger_now,
        attachments_announced: tip.attachments_announced,
        anonymous: tip.anonymous,
        may_contact: take("may_contact").as_bool(),
        reception: shapes::reception(take("reception")),
        suspects: shapes::persons(take("suspects")),
        witnesses: shapes::persons(take("witnesses")),
        warnings: or_list(take("warnings")),
        case_id: state.case_id,
        lease_expires_at: holder.as_ref().and(state.lease_expires_at),
        claimed_by: holder,
        deadlines,
        desk_hints,
        unread_messages: unread.messages,
        unread_files: unread.files,
        unread_additions: unread.additions,
        unread_since: unread.since,
        version: state.version,
        updated_at: state.updated_at,
        restricted_at: state.restricted_at,
        device_history: rows.device_histories.remove(&state.tip_id),
        withdrawn_at: rows.withdrawn.remove(&state.tip_id),
        test: state.test,
    })
}

fn or_list(value: Value) -> Value {
    if value.is_null() {
        Value::Array(Vec::new())
    } else {
        value
    }
}

impl From<EdgeRow> for TipIndicator {
    fn from(edge: EdgeRow) -> Self {
        let mut attributes = edge.attributes;
        let (id, value, display) = match edge.indicator {
            Some((id, value, display, facts)) => {
                if let (Value::Object(own), Value::Object(facts)) = (&mut attributes, facts) {
                    own.extend(facts);
                }
                (Some(id), value, display)
            }
            None => {
                let raw = edge.raw.clone().unwrap_or_default();
                (None, raw.clone(), raw)
            }
        };
        Self {
            id,
            kind: edge.kind,
            value,
            display,
            valid: id.is_some(),
            reason: edge.reason,
            source: edge.source,
            role: edge.role,
            raw: edge.raw,
            attributes,
        }
    }
}

impl From<SubmissionRow> for SubmissionView {
    fn from(row: SubmissionRow) -> Self {
        Self {
            id: row.id,
            content_type: row.content_type,
            size: row.size,
            digest: hex::encode(&row.digest),
            received_at: row.received_at,
            client_id: row.client_id,
            body: row.body,
            withheld: row.withheld,
        }
    }
}
