//! The acts of a tip or a case, with their times, from which all clocks are read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An act that starts or meets a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The tip was classified (accepting and dismissing classify too).
    Classified,
    /// It was accepted as within competence.
    Accepted,
    /// It was dismissed, or referred as no crime.
    Dismissed,
    /// It was found out of competence.
    NoCompetenceFound,
    /// It was sent to the competent body.
    TransferredOut,
    /// The commune police passed it on.
    PassedOnByCommune,
    /// The procuracy received it first.
    ReceivedByProcuracy,
    /// The procuracy passed it on.
    ForwardedByProcuracy,
    /// The procuracy was told of the reception.
    ProcuracyToldOfReception,
    /// The reporter was told of the reception, or fetched the notice.
    ReporterToldOfReception,
    /// An investigator was assigned.
    Assigned,
    /// The assignment reached the procuracy.
    AssignmentSentToProcuracy,
    /// The procuracy assigned a prosecutor.
    ProsecutorAssigned,
    /// The investigator reported the result.
    InvestigatorReported,
    /// The head of the body extended the limit.
    Extended,
    /// The procuracy was asked to extend it.
    ExtensionAsked,
    /// The procuracy extended it.
    ExtendedByProcuracy,
    /// The procuracy refused to.
    ExtensionRefused,
    /// Prosecution was decided.
    Prosecuted,
    /// Non-prosecution was decided.
    NotProsecuted,
    /// Non-prosecution left an administrative offence.
    AdministrativeOffence,
    /// The resolution was suspended.
    Suspended,
    /// It was resumed, or the procuracy's cancellation of the suspension was received.
    Resumed,
    /// The decision was sent to the procuracy.
    DecisionSentToProcuracy,
    /// The suspension was sent to the reporter.
    SuspensionSentToReporter,
    /// The reporter was told the result, or fetched it.
    ReporterToldResult,
    /// The resumption was told.
    ResumptionTold,
    /// The file went to the authority that fines.
    AdministrativeFileSent,
    /// The procuracy demanded something in writing.
    ProcuracyDemanded,
    /// The demand was met.
    DemandMet,
    /// The procuracy took the case over and demanded the file.
    FileDemanded,
    /// The file was handed over.
    FileHandedOver,
    /// The border guard prosecuted a serious case.
    BorderGuardProsecuted,
    /// It handed the case over.
    BorderGuardHandedOver,
    /// The file was closed.
    Closed,
}

/// An act and when it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    /// The act.
    pub act: Act,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a commune did before the provincial body received the tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commune {
    /// When the commune police received it.
    pub received_at: DateTime<Utc>,
    /// Caught in the act, very serious, notable, or a known suspect may flee.
    pub urgent: bool,
    /// The commune lies in remote mountains or on an island.
    pub remote: bool,
}

/// What the clocks of one tip or case are read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// When the competent body received the tip; of a case, its earliest tip.
    pub received_at: DateTime<Utc>,
    /// When a tip that was decided last came back to wait for another decision.
    pub reopened_at: Option<DateTime<Utc>>,
    /// No reporter gave an identity, so that no legal notice is owed (TTLT 01/2017 art. 14).
    pub identity_refused: bool,
    /// The way through a commune, if it came that way.
    pub commune: Option<Commune>,
    /// What was done, in any order.
    pub acts: Vec<Acted>,
}

impl Facts {
    /// Facts of a tip of which nothing is known but its reception.
    pub fn received(received_at: DateTime<Utc>) -> Self {
        Self {
            received_at,
            reopened_at: None,
            identity_refused: false,
            commune: None,
            acts: Vec::new(),
        }
    }

    /// Adds an act.
    #[must_use]
    pub fn with(mut self, act: Act, at: DateTime<Utc>) -> Self {
        self.acts.push(Acted { act, at });
        self
    }

    fn times(&self, wanted: &[Act]) -> impl Iterator<Item = DateTime<Utc>> {
        self.acts
            .iter()
            .filter(|acted| wanted.contains(&acted.act))
            .map(|acted| acted.at)
    }

    /// The latest of some acts.
    pub(super) fn last(&self, wanted: &[Act]) -> Option<DateTime<Utc>> {
        self.times(wanted).max()
    }

    /// The earliest of some acts. Whatever was done counts, even before a reception that moved later
    /// because the earliest tip left its case.
    pub(super) fn first(&self, wanted: &[Act]) -> Option<DateTime<Utc>> {
        self.times(wanted).min()
    }

    /// The earliest of some acts at or after a moment.
    pub(super) fn first_since(
        &self,
        wanted: &[Act],
        since: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        self.times(wanted).filter(|at| *at >= since).min()
    }

    /// The earliest of some acts after a moment.
    pub(super) fn first_after(
        &self,
        wanted: &[Act],
        moment: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        self.times(wanted).filter(|at| *at > moment).min()
    }

    /// Of several starts of one clock the first that was not answered, else the latest; with its answer.
    pub(super) fn first_unanswered(
        &self,
        starts: &[Act],
        answers: &[Act],
    ) -> Option<(DateTime<Utc>, Option<DateTime<Utc>>)> {
        let answered = |start| (start, self.first_since(answers, start));
        let open = self
            .times(starts)
            .filter(|start| answered(*start).1.is_none())
            .min();
        open.or_else(|| self.last(starts)).map(answered)
    }

    /// When the present resumption began, if the resolution was suspended and taken up again.
    pub(super) fn resumed_at(&self) -> Option<DateTime<Utc>> {
        // A renewed suspension does not start the limit anew: the last resumption stays its start.
        self.last(&[Act::Resumed])
    }
}
