//! What an agency gets to see. This is the one place where a grant becomes data: nothing reaches a
//! view of a referral but through here, and nothing here knows of the reporter but to hide them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::grants::{Grant, grants};
use super::reach::Reach;
use super::recorded::RecordedAnswer;
use super::store::recorded::{self as recorded_store, RecordedRow};
use super::store::{self, AboutRow, ReferralRow, ToldRow};
use super::unnamed::{self, Unnamed};
use super::wire::{
    Disclosed, DisclosedLoss, DisclosedTrace, ReferralMinutes, ReferralView, ReferredIndicator,
};
use crate::db::Conn;
use crate::domain::crossing::{self, Part, Trace};
use crate::domain::lang::Lang;
use crate::domain::referral::{HOLD_ENDS_WITHIN, ReferralKind, ReferralState, freeze_notice};
use crate::domain::transfers::{self, Edge};
use crate::error::{Error, Result};
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips::identity::{self, Known};

/// Views of referrals that were found within a reach, in their order.
pub async fn views(
    conn: &mut Conn,
    app: &AppState,
    rows: Vec<ReferralRow>,
    reach: &Reach,
    lang: Lang,
) -> Result<Vec<ReferralView>> {
    let sources = Sources::load(conn, app, &rows, reach).await?;
    let reference = app.reference.get();
    let context = Context {
        reference: &reference,
        for_agency: reach.is_addressee(),
        now: app.now(),
        lang,
    };
    Ok(rows
        .into_iter()
        .map(|row| context.view(row, &sources))
        .collect())
}

/// The view of one.
pub async fn view(
    conn: &mut Conn,
    app: &AppState,
    row: ReferralRow,
    reach: &Reach,
    lang: Lang,
) -> Result<ReferralView> {
    views(conn, app, vec![row], reach, lang)
        .await?
        .pop()
        .ok_or(Error::not_found("referral"))
}

/// What the views are made from.
struct Sources {
    about: HashMap<Uuid, Vec<AboutRow>>,
    tips: HashMap<Uuid, ToldRow>,
    cases: HashMap<Uuid, store::CaseRow>,
    edges: HashMap<Uuid, Vec<Edge>>,
    /// What officers recorded, by referral.
    recorded: HashMap<Uuid, Vec<RecordedRow>>,
    /// What renewals prolong.
    renews: HashMap<Uuid, Uuid>,
    /// Renewals, by what they prolong.
    renewals: HashMap<Uuid, Vec<Uuid>>,
    /// Holds that end soon.
    ending: HashSet<Uuid>,
    /// Texts by referral, without their reporters.
    narratives: HashMap<Uuid, Unnamed>,
}

impl Sources {
    async fn load(
        conn: &mut Conn,
        app: &AppState,
        rows: &[ReferralRow],
        reach: &Reach,
    ) -> Result<Self> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut about: HashMap<Uuid, Vec<AboutRow>> = HashMap::new();
        for one in store::about(conn, &ids).await? {
            about.entry(one.referral_id).or_default().push(one);
        }
        if let Some(communes) = reach.communes() {
            // Of a case that is shared, nothing that only the tips of others name.
            let of_case = |row: &&ReferralRow| row.tip_id.is_none();
            for row in rows.iter().filter(of_case) {
                if let Some(all) = about.get_mut(&row.id) {
                    let keys: Vec<&[u8]> = all.iter().map(|one| one.key.as_slice()).collect();
                    let seen = store::named_within(conn, &keys, communes).await?;
                    all.retain(|one| seen.contains(&one.key));
                }
            }
        }
        let mut recorded: HashMap<Uuid, Vec<RecordedRow>> = HashMap::new();
        for one in recorded_store::of(conn, &ids).await? {
            recorded.entry(one.referral_id).or_default().push(one);
        }
        let renews = store::renewed_by_these(conn, &ids).await?;
        let mut renewals: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for one in store::renewals(conn, &ids).await? {
            renewals.entry(one.renews).or_default().push(one.id);
        }
        renewals.values_mut().for_each(Vec::dedup);
        let ending = store::ending(conn, &ids, app.now() + HOLD_ENDS_WITHIN).await?;
        let of_cases: Vec<Uuid> = rows
            .iter()
            .filter(|row| row.tip_id.is_none())
            .filter_map(|row| row.case_id)
            .collect();
        let cases: HashMap<Uuid, store::CaseRow> = store::cases(conn, &of_cases, reach.communes())
            .await?
            .into_iter()
            .map(|case| (case.id, case))
            .collect();
        let mut ids: Vec<Uuid> = rows.iter().filter_map(|row| row.tip_id).collect();
        ids.extend(cases.values().flat_map(|case| case.tips.iter().copied()));
        let tips = store::told(conn, &ids).await?;
        let mut edges: HashMap<Uuid, Vec<Edge>> = HashMap::new();
        if rows.iter().any(|row| grants(row).contains(&Grant::Losses)) {
            for (tip, edge) in store::edges(conn, &ids).await? {
                edges.entry(tip).or_default().push(edge);
            }
        }
        let mut sources = Self {
            about,
            tips: tips.into_iter().map(|tip| (tip.id, tip)).collect(),
            cases,
            edges,
            recorded,
            renews,
            renewals,
            ending,
            narratives: HashMap::new(),
        };
        let told: Vec<&ReferralRow> = rows
            .iter()
            .filter(|row| grants(row).contains(&Grant::Narrative))
            .collect();
        let tips: Vec<Uuid> = told.iter().flat_map(|row| sources.tips_of(row)).collect();
        let reporters = identity::open_all(conn, &app.keys.identity, &tips).await?;
        for row in told {
            if let Some(text) = sources.narrative(row, &reporters) {
                sources.narratives.insert(row.id, text);
            }
        }
        Ok(sources)
    }

    /// The tips that a referral draws on.
    fn tips_of(&self, row: &ReferralRow) -> Vec<Uuid> {
        match (row.tip_id, row.case_id.and_then(|id| self.cases.get(&id))) {
            (Some(tip), _) => vec![tip],
            (None, Some(case)) => case.tips.clone(),
            (None, None) => Vec::new(),
        }
    }

    /// The narrative of the tip, or the summary of the case, without its reporters.
    fn narrative(&self, row: &ReferralRow, reporters: &HashMap<Uuid, Known>) -> Option<Unnamed> {
        let text = match row.tip_id {
            Some(tip) => self.tips.get(&tip).and_then(|tip| tip.narrative.clone()),
            None => row
                .case_id
                .and_then(|case| self.cases.get(&case)?.summary.clone()),
        };
        let about = self.about.get(&row.id).map(Vec::as_slice);
        let shown: Vec<&str> = about
            .unwrap_or_default()
            .iter()
            .flat_map(|one| [one.value.as_str(), one.display.as_str()])
            .collect();
        let tips = self.tips_of(row);
        let reporters = tips.iter().filter_map(|tip| reporters.get(tip));
        Some(unnamed::narrative(&text?, reporters, &shown))
    }
}

struct Context<'a> {
    reference: &'a Reference,
    for_agency: bool,
    now: DateTime<Utc>,
    lang: Lang,
}

impl Context<'_> {
    fn view(&self, row: ReferralRow, sources: &Sources) -> ReferralView {
        let granted = grants(&row);
        let about = sources.about.get(&row.id).map(Vec::as_slice);
        let about = about.unwrap_or_default();
        let police = |id: Option<Uuid>| id.filter(|_| !self.for_agency);
        let open = ReferralState::parse(&row.state).is_some_and(ReferralState::is_open);
        let agency = self.reference.agencies.get(&row.agency);
        let name = agency.map(|a| self.lang.pick(&a.name_vi, &a.name_en).clone());
        let is_freeze = row.kind == ReferralKind::FreezeFunds.as_str();
        ReferralView {
            indicators: if self.for_agency && !granted.contains(&Grant::Indicators) {
                Vec::new()
            } else {
                about.iter().map(ReferredIndicator::from).collect()
            },
            disclosed: self.disclosed(&row, &granted, about, sources),
            agency_name: name.unwrap_or_else(|| row.agency.clone()),
            tip_id: police(row.tip_id),
            case_id: police(row.case_id),
            follows: police(row.follows),
            sent_by: row.sent_by.filter(|_| !self.for_agency),
            proposed_by: row
                .proposal
                .as_deref()
                .filter(|_| !self.for_agency)
                .and_then(|proposal| proposal.split(':').next())
                .map(str::to_owned),
            notice: is_freeze.then(|| freeze_notice(self.lang).to_owned()),
            overdue: open && row.due_at.is_some_and(|at| at <= self.now),
            minutes: ReferralMinutes {
                report_to_sent: minutes(Some(row.reported_at), row.sent_at),
                sent_to_acknowledged: minutes(row.sent_at, row.acknowledged_at),
                report_to_completed: minutes(Some(row.reported_at), row.closed_at)
                    .filter(|_| row.outcome.is_some()),
            },
            renews: sources.renews.get(&row.id).copied(),
            renewed_by: sources.renewals.get(&row.id).cloned().unwrap_or_default(),
            ending: sources.ending.contains(&row.id),
            id: row.id,
            kind: row.kind,
            agency: row.agency,
            state: row.state,
            amount_vnd: row.amount_vnd,
            legal_basis: row.legal_basis,
            document_number: row.document_number,
            note: row.note,
            disclose: row.disclose.into_iter().flatten().collect(),
            created_at: row.created_at,
            sent_at: row.sent_at,
            due_at: row.due_at,
            reminders: row.reminders,
            expires_at: row.expires_at,
            acknowledged_at: row.acknowledged_at,
            closed_at: row.closed_at,
            outcome: row.outcome,
            outcome_amount_vnd: row.answer_amount_vnd,
            detail: row.answer,
            evidence_url: row.evidence_url,
            recorded_answers: sources
                .recorded
                .get(&row.id)
                .into_iter()
                .flatten()
                .map(|recorded| RecordedAnswer::of(recorded, self.for_agency))
                .collect(),
            reopened: row.reopened,
            version: row.version,
            updated_at: row.updated_at,
        }
    }

    fn disclosed(
        &self,
        row: &ReferralRow,
        granted: &[Grant],
        about: &[AboutRow],
        sources: &Sources,
    ) -> Disclosed {
        let tip = row.tip_id.and_then(|id| sources.tips.get(&id));
        let case = row.case_id.and_then(|id| sources.cases.get(&id));
        let may = |grant| granted.contains(&grant);
        let narrative = sources.narratives.get(&row.id);
        let unit = tip
            .filter(|_| may(Grant::Place))
            .and_then(|tip| tip.unit_code.clone());
        Disclosed {
            method: tip
                .map_or_else(
                    || case.and_then(|case| method_of(case, sources)),
                    |tip| tip.method.clone(),
                )
                .filter(|_| may(Grant::Method)),
            narrative: narrative.and_then(Unnamed::text),
            narrative_withheld: matches!(narrative, Some(Unnamed::Withheld)),
            losses: may(Grant::Losses).then(|| self.losses(row, about, sources)),
            unit_name: unit
                .as_ref()
                .and_then(|code| self.reference.units.get(code))
                .map(|unit| unit.full_name.clone()),
            unit_code: unit,
            occurred_at: tip
                .filter(|_| may(Grant::OccurredAt))
                .and_then(|tip| tip.occurred_at),
            channel: tip
                .filter(|_| may(Grant::Channel))
                .and_then(|tip| tip.channel.clone()),
            victim_age_group: tip
                .filter(|_| may(Grant::Victim))
                .and_then(|tip| tip.details.pointer("/victim/age_group"))
                .and_then(Value::as_str)
                .map(str::to_owned),
            border_traces: may(Grant::BorderTraces).then(|| self.border_traces(row, sources)),
        }
    }

    /// The plates, ways and lures that the words speak of, as the border register lists them: no person's, and not the
    /// teller's own.
    fn border_traces(&self, row: &ReferralRow, sources: &Sources) -> Vec<DisclosedTrace> {
        let ways = &self.reference.ways;
        let tips = sources.tips_of(row);
        let told = tips.iter().filter_map(|tip| sources.tips.get(tip));
        let texts = told.flat_map(|tip| [&tip.narrative, &tip.raw_message]);
        let found: BTreeSet<Trace> = texts.flatten().flat_map(|text| ways.read(text)).collect();
        found
            .into_iter()
            .map(|trace| DisclosedTrace {
                part: trace.part.as_str(),
                display: match trace.part {
                    Part::Transport => crossing::shown(&trace.value),
                    Part::Route | Part::Lure => ways.label(&trace.value, self.lang),
                },
                value: trace.value,
            })
            .collect()
    }

    /// The transfers to what the referral is about, and no others.
    fn losses(
        &self,
        row: &ReferralRow,
        about: &[AboutRow],
        sources: &Sources,
    ) -> Vec<DisclosedLoss> {
        let keys: HashSet<&[u8]> = about.iter().map(|one| one.key.as_slice()).collect();
        let tips = sources.tips_of(row);
        let told = tips.iter().filter_map(|tip| sources.tips.get(tip));
        told.flat_map(|tip| {
            let edges = sources.edges.get(&tip.id).map(Vec::as_slice);
            transfers::transfers(&tip.details, edges.unwrap_or_default())
        })
        .filter(|transfer| keys.contains(transfer.key.as_slice()))
        .map(|transfer| DisclosedLoss {
            indicator_id: about
                .iter()
                .find(|one| one.key == transfer.key)
                .map(|one| one.id),
            amount_vnd: transfer.amount_vnd,
            transferred_at: transfer.at,
            reference: transfer.reference,
            minutes_since: minutes(transfer.at, Some(self.now)),
        })
        .collect()
    }
}

/// The method that the officer set of a case, else the commonest among its tips.
fn method_of(case: &store::CaseRow, sources: &Sources) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let tips = case.tips.iter().filter_map(|tip| sources.tips.get(tip));
    for method in tips.filter_map(|tip| tip.method.as_deref()) {
        *counts.entry(method).or_default() += 1;
    }
    let commonest = counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(method, _)| method.to_owned());
    case.method.clone().or(commonest)
}

fn minutes(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Option<i64> {
    Some((to? - from?).num_minutes().max(0))
}

impl From<&AboutRow> for ReferredIndicator {
    fn from(row: &AboutRow) -> Self {
        Self {
            indicator_id: row.id,
            kind: row.kind.clone(),
            value: row.value.clone(),
            display: row.display.clone(),
            outcome: row.outcome.clone(),
            amount_vnd: row.amount_vnd,
            answered_at: row.answered_at,
        }
    }
}
