//! Finders: every one takes a [`Visibility`]; there is none without.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::super::visibility::Visibility;
use super::channel::without_channel;
use super::clocks::sent_on;
use super::devices::{DeviceHistory, device_histories};
use super::unread::{Unread, unread};
use crate::db::Conn;
use crate::db::schema::{
    indicators, receipts, register, submissions, tip_indicators, tip_states, tips,
};
use crate::domain::priority::told;
use crate::error::{Error, Result};
use crate::journal::{Actor, Entry};

/// How long there is to classify a tip (TTLT 01/2017 art. 8).
pub const CLASSIFY_WITHIN: TimeDelta = TimeDelta::hours(24);

/// Where a tip stands.
#[derive(Clone, Debug, HasQuery)]
#[diesel(table_name = tip_states, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct TipState {
    pub tip_id: Uuid,
    pub received_at: DateTime<Utc>,
    pub status: String,
    pub desk: String,
    pub unit_code: Option<String>,
    pub method: Option<String>,
    pub methods: Vec<Option<String>>,
    pub source_kind: String,
    pub score: i16,
    pub level: String,
    pub reasons: Value,
    pub due_at: Option<DateTime<Utc>>,
    pub claimed_by: Option<String>,
    pub lease_expires_at: Option<DateTime<Utc>>,
    pub first_claimed_at: Option<DateTime<Utc>>,
    pub case_id: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub classified_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
    pub test: bool,
    pub reception_told_at: Option<DateTime<Utc>>,
    pub result_told_at: Option<DateTime<Utc>>,
    pub flood_id: Option<Uuid>,
    pub restricted_at: Option<DateTime<Utc>>,
    pub commune: Option<String>,
    pub passed_on_at: Option<DateTime<Utc>>,
    pub reached_at: Option<DateTime<Utc>>,
}

impl TipState {
    /// When the police received it, from which the limits of the law run: earlier than its entry where
    /// an officer wrote it down afterwards.
    pub fn clock_start(&self) -> DateTime<Utc> {
        self.reached_at.unwrap_or(self.received_at)
    }

    /// 409 while the use of its data is restricted, as its reporter asked: it is kept and shown, and nothing is done
    /// with it.
    pub fn not_restricted(&self) -> Result<()> {
        if self.restricted_at.is_none() {
            return Ok(());
        }
        let detail = "The use of the tip's data is restricted, as its reporter asked, until the restriction is lifted.";
        Err(Error::conflict("restricted", detail))
    }

    /// When it last came back to wait after it had been decided: from then on it is to be classified again.
    pub fn reopened_at(&self) -> Option<DateTime<Utc>> {
        let since = self.due_at? - CLASSIFY_WITHIN;
        (since > self.clock_start()).then_some(since)
    }

    /// Whether somebody holds the claim now; a lease that has run out frees the tip.
    pub fn holder(&self, now: DateTime<Utc>) -> Option<&str> {
        match self.lease_expires_at {
            Some(until) if until > now => self.claimed_by.as_deref(),
            _ => None,
        }
    }

    /// The status as it is now.
    pub fn status(&self, now: DateTime<Utc>) -> &str {
        if self.status == "claimed" && self.holder(now).is_none() {
            "received"
        } else {
            &self.status
        }
    }

    /// When its reporter came to be owed the notice of the result (BLTTHS art. 145): a tip that was
    /// accepted has its result from the case.
    pub fn result_at(&self) -> Option<DateTime<Utc>> {
        let ended = matches!(self.status.as_str(), "dismissed" | "duplicate");
        self.decided_at.filter(|_| ended)
    }

    /// When its reporter was told a result that there is since a time.
    pub fn told_result_since(&self, since: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.result_told_at.filter(|told| *told >= since)
    }

    /// An entry about it, which is an event for others unless the tip is a trial.
    pub fn event(&self, kind: &'static str, actor: &Actor, at: DateTime<Utc>) -> Entry {
        let mut entry = Entry::event(kind, actor, at).on("tip", self.tip_id);
        entry.is_event = !self.test;
        entry
    }

    /// Whether it still waits for a decision.
    pub fn is_open(&self) -> bool {
        matches!(
            self.status.as_str(),
            "received" | "claimed" | "info_requested"
        )
    }
}

/// What was told.
#[derive(Clone, HasQuery)]
#[diesel(table_name = tips, check_for_backend(diesel::pg::Pg))]
pub struct TipRow {
    pub id: Uuid,
    pub client_id: String,
    pub test: bool,
    pub anonymous: bool,
    pub method: Option<String>,
    pub channel: Option<String>,
    pub language: Option<String>,
    pub narrative: Option<String>,
    pub raw_message: Option<String>,
    pub occurred_at: Option<DateTime<Utc>>,
    pub written_at: Option<DateTime<Utc>>,
    pub unit_code: Option<String>,
    pub place: Option<String>,
    pub in_danger_now: bool,
    pub attachments_announced: i16,
    pub loss_vnd: i64,
    pub last_transfer_at: Option<DateTime<Utc>>,
    pub details: Value,
}

/// An indicator of a tip; the indicator's own columns are absent where it is not valid.
#[derive(Clone, Queryable)]
pub struct EdgeRow {
    pub tip_id: Uuid,
    pub ordinal: i16,
    pub kind: String,
    pub raw: Option<String>,
    pub source: String,
    pub role: Option<String>,
    pub reason: Option<String>,
    pub attributes: Value,
    pub indicator: Option<(Uuid, String, String, Value)>,
}

/// The state of one tip.
pub async fn find_state(conn: &mut Conn, id: Uuid, visible: &Visibility) -> Result<TipState> {
    visible
        .confine(tip_states::table.into_boxed())
        .filter(tip_states::tip_id.eq(id))
        .select(TipState::as_select())
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("tip"))
}

/// The same, locked until the transaction ends.
pub async fn lock_state(conn: &mut Conn, id: Uuid, visible: &Visibility) -> Result<TipState> {
    tip_states::table
        .select(tip_states::tip_id)
        .filter(tip_states::tip_id.eq(id))
        .for_update()
        .first::<Uuid>(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("tip"))?;
    // Looked at once nobody changes it any more: it may just have been handed over.
    find_state(conn, id, visible).await
}

/// Writes what triage may change of a state that was locked.
pub async fn update_state(conn: &mut Conn, state: &TipState, at: DateTime<Utc>) -> Result<()> {
    use tip_states as s;
    let returns = state.status == "received";
    let back_in_queue = diesel::dsl::case_when(
        s::status.ne("received").and(returns.into_sql::<st::Bool>()),
        at.into_sql::<st::Nullable<st::Timestamptz>>(),
    );
    if state.classified_at.is_none() && state.reopened_at().is_some() {
        super::keep_first_classification(conn, &[state.tip_id]).await?;
    }
    diesel::update(s::table.filter(s::tip_id.eq(state.tip_id)))
        .set((
            s::status.eq(&state.status),
            s::desk.eq(&state.desk),
            s::methods.eq(&state.methods),
            s::source_kind.eq(&state.source_kind),
            s::claimed_by.eq(&state.claimed_by),
            s::lease_expires_at.eq(state.lease_expires_at),
            s::first_claimed_at.eq(state.first_claimed_at),
            s::unclaimed_since.eq(back_in_queue.otherwise(s::unclaimed_since)),
            s::case_id.eq(state.case_id),
            s::decided_at.eq(state.decided_at),
            s::classified_at.eq(state.classified_at),
            s::due_at.eq(state.due_at),
            s::restricted_at.eq(state.restricted_at),
            s::passed_on_at.eq(state.passed_on_at),
            s::version.eq(state.version),
            s::updated_at.eq(at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether a tip has a receipt that opens something.
pub async fn has_receipt(conn: &mut Conn, tip: Uuid) -> Result<bool> {
    let receipt = receipts::table
        .filter(receipts::tip_id.eq(tip))
        .filter(receipts::withdrawn_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(receipt))
        .get_result(conn)
        .await?)
}

/// Whether its reporter says that somebody is in danger now, or the words say so.
pub async fn in_danger(conn: &mut Conn, tip: Uuid) -> Result<bool> {
    let (stated, details): (bool, Value) = tips::table
        .select((tips::in_danger_now, tips::details))
        .find(tip)
        .first(conn)
        .await?;
    Ok(stated || told::signs(&details).life_at_risk)
}

/// 409 where nobody can read what is written to the reporter of a tip any more.
pub async fn readable(conn: &mut Conn, tip: Uuid) -> Result<()> {
    if has_receipt(conn, tip).await? {
        return Ok(());
    }
    Err(Error::conflict(
        "wrong_state",
        "The tip was withdrawn; its reporter can read nothing any more.",
    ))
}

/// Everything that the views of some tips are made from.
pub struct Rows {
    /// Tips by id.
    pub tips: HashMap<Uuid, TipRow>,
    /// When their reporters withdrew them.
    pub withdrawn: HashMap<Uuid, DateTime<Utc>>,
    /// Indicators by tip, in order.
    pub edges: HashMap<Uuid, Vec<EdgeRow>>,
    /// Register numbers by tip.
    pub numbers: HashMap<Uuid, String>,
    /// What their reporters have sent and no officer has seen, where there is any.
    pub unread: HashMap<Uuid, Unread>,
    /// Those whose reporters are owed a notice that reaches them in no way.
    pub without_channel: HashSet<Uuid>,
    /// Of tips that were transferred, when their referrals to the other body left.
    pub sent_on: HashMap<Uuid, Vec<Option<DateTime<Utc>>>>,
    /// What became of earlier tips from their devices, where they came by a device's token.
    pub device_histories: HashMap<Uuid, DeviceHistory>,
}

/// Loads the rest of tips whose states were found under a visibility.
pub async fn load_rows(conn: &mut Conn, states: &[TipState]) -> Result<Rows> {
    let ids: Vec<Uuid> = states.iter().map(|s| s.tip_id).collect();
    // Before the tips: what is not called unread here may be missing there, never the other way round.
    let unread = unread(conn, &ids).await?;
    type Row = (TipRow, bool, Option<String>, Option<DateTime<Utc>>);
    let rows: Vec<Row> = tips::table
        .left_join(register::table.on(register::tip_id.eq(tips::id)))
        .left_join(receipts::table.on(receipts::tip_id.eq(tips::id)))
        .filter(tips::id.eq_any(&ids))
        .select((
            TipRow::as_select(),
            tips::device_id.is_not_null(),
            register::number.nullable(),
            receipts::withdrawn_at.nullable(),
        ))
        .load(conn)
        .await?;
    let edges: Vec<EdgeRow> = tip_indicators::table
        .left_join(indicators::table)
        .filter(tip_indicators::tip_id.eq_any(&ids))
        .order((tip_indicators::tip_id, tip_indicators::ordinal))
        .select((
            tip_indicators::tip_id,
            tip_indicators::ordinal,
            tip_indicators::kind,
            tip_indicators::raw,
            tip_indicators::source,
            tip_indicators::role,
            tip_indicators::reason,
            tip_indicators::attributes,
            (
                indicators::id,
                indicators::value,
                indicators::display,
                indicators::attributes,
            )
                .nullable(),
        ))
        .load(conn)
        .await?;
    let named = rows.iter().filter(|row| !row.0.anonymous);
    let named: Vec<Uuid> = named.map(|row| row.0.id).collect();
    let without_channel = without_channel(conn, &named).await?;
    let sent_on = sent_on(conn, states).await?;
    let mut by_tip: HashMap<Uuid, Vec<EdgeRow>> = HashMap::new();
    for edge in edges {
        by_tip.entry(edge.tip_id).or_default().push(edge);
    }
    let mut found = Rows {
        tips: HashMap::new(),
        withdrawn: HashMap::new(),
        edges: by_tip,
        numbers: HashMap::new(),
        unread,
        without_channel,
        sent_on,
        device_histories: HashMap::new(),
    };
    let by_device: Vec<Uuid> = rows
        .iter()
        .filter(|row| row.1)
        .map(|row| row.0.id)
        .collect();
    if !by_device.is_empty() {
        let histories = device_histories(conn, &by_device).await?;
        found.device_histories.extend(histories);
    }
    for (tip, _, number, withdrawn_at) in rows {
        found.numbers.extend(number.map(|number| (tip.id, number)));
        found.withdrawn.extend(withdrawn_at.map(|at| (tip.id, at)));
        found.tips.insert(tip.id, tip);
    }
    Ok(found)
}

/// A submission without its sealed bytes.
#[derive(HasQuery)]
#[diesel(table_name = submissions, check_for_backend(diesel::pg::Pg))]
pub struct SubmissionRow {
    pub id: Uuid,
    pub content_type: String,
    pub size: i32,
    pub digest: Vec<u8>,
    pub received_at: DateTime<Utc>,
    pub client_id: String,
    pub body: Value,
    pub withheld: Value,
}

/// The first submission of a tip whose state was found.
pub async fn first_submission(conn: &mut Conn, state: &TipState) -> Result<SubmissionRow> {
    SubmissionRow::query()
        .filter(submissions::tip_id.eq(state.tip_id))
        .order(submissions::id)
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("submission"))
}

/// All submissions of a tip, newest first, before an id; one more than `limit`.
pub async fn submissions(
    conn: &mut Conn,
    state: &TipState,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<SubmissionRow>> {
    Ok(SubmissionRow::query()
        .filter(submissions::tip_id.eq(state.tip_id))
        .filter(submissions::id.lt(before.unwrap_or(Uuid::max())))
        .order(submissions::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// Ids of the tips that the events after a position are about, in their order, each with its position.
pub async fn changes_after(
    conn: &mut Conn,
    position: i64,
    limit: i64,
) -> Result<Vec<(i64, Option<Uuid>)>> {
    use crate::db::schema::journal as j;
    Ok(j::table
        .select((j::position, j::subject_id))
        .filter(j::position.gt(position))
        .filter(j::subject_kind.eq("tip"))
        .filter(j::is_event)
        .order(j::position)
        .limit(limit)
        .load(conn)
        .await?)
}

/// Which of these tips a bearer may know of.
pub async fn visible_ids(conn: &mut Conn, visible: &Visibility, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(visible
        .confine(tip_states::table.into_boxed())
        .filter(tip_states::tip_id.eq_any(ids.to_vec()))
        .select(tip_states::tip_id)
        .load(conn)
        .await?)
}
