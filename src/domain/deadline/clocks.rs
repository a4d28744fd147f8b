//! Which act starts each clock and which act meets it.

use super::facts::{Act, Facts};
use super::process::Code;
use super::{LegalClock, Reading};

/// Acts that classify a tip.
const CLASSIFY: &[Act] = &[
    Act::Classified,
    Act::Accepted,
    Act::Dismissed,
    Act::TransferredOut,
];
/// Acts that end the resolution of a tip, for good or for the time being.
const DECISIONS: &[Act] = &[
    Act::Prosecuted,
    Act::NotProsecuted,
    Act::Suspended,
    Act::TransferredOut,
];
/// Those that end it for good.
const FINAL: &[Act] = &[Act::Prosecuted, Act::NotProsecuted, Act::TransferredOut];
/// Decisions of which the procuracy gets a copy.
const SENT: &[Act] = &[Act::Prosecuted, Act::NotProsecuted, Act::Suspended];
/// Acts after which the reporter is owed a result.
const RESULTS: &[Act] = &[Act::Prosecuted, Act::NotProsecuted, Act::Dismissed];

impl LegalClock<'_> {
    /// What the clock of a code says.
    pub(super) fn reading(&self, code: Code, facts: &Facts) -> Reading {
        let received = facts.received_at;
        match code {
            Code::Classify => match facts.reopened_at {
                // It is to be classified anew.
                Some(again) => Reading::From(again, facts.first_since(CLASSIFY, again)),
                None => Reading::From(received, facts.first(CLASSIFY)),
            },
            Code::TransferOut => {
                match after(facts, &[Act::NoCompetenceFound], &[Act::TransferredOut]) {
                    // The body decided after all, so it was competent.
                    Reading::From(found, None) if facts.first_since(SENT, found).is_some() => {
                        Reading::Off
                    }
                    reading => reading,
                }
            }
            Code::VksForward => after(
                facts,
                &[Act::ReceivedByProcuracy],
                &[Act::ForwardedByProcuracy],
            ),
            Code::CommuneUrgent => commune(facts, true),
            Code::CommuneNormal => commune(facts, false),
            Code::NotifyVksReception => {
                let told = facts.first(&[Act::ProcuracyToldOfReception]);
                // What is no source of crime owes the procuracy no notice.
                if told.is_none() && facts.last(&[Act::Dismissed]).is_some() {
                    return Reading::Off;
                }
                Reading::From(received, told)
            }
            Code::NotifyReporterReception => unless_refused(facts, || {
                Reading::From(received, facts.first(&[Act::ReporterToldOfReception]))
            }),
            Code::Assign => {
                let assigned = facts.first(&[Act::Assigned]);
                // A crime already clear is prosecuted without assignment (TTLT 01/2017 art. 9(1)).
                if assigned.is_none() && facts.last(DECISIONS).is_some() {
                    return Reading::Off;
                }
                Reading::From(received, assigned)
            }
            Code::VksAssignProsecutor => after(
                facts,
                &[Act::AssignmentSentToProcuracy],
                &[Act::ProsecutorAssigned],
            ),
            Code::Resolve => {
                // Deciding and extending both do what the first limit asks for.
                let met = [DECISIONS, &[Act::Extended]].concat();
                Reading::From(received, facts.first(&met))
            }
            Code::ResolveExtended => match facts.last(&[Act::Extended]) {
                Some(extended) => {
                    let met = [DECISIONS, &[Act::ExtendedByProcuracy]].concat();
                    Reading::From(received, facts.first_since(&met, extended))
                }
                None => Reading::Off,
            },
            Code::VksExtension => self.procuracy_extension(facts),
            Code::AskVksExtension => self.asking_the_procuracy(facts),
            Code::VksAnswersExtension => after(
                facts,
                &[Act::ExtensionAsked],
                &[Act::ExtendedByProcuracy, Act::ExtensionRefused],
            ),
            Code::InvestigatorReport => self.investigator_report(facts),
            Code::SendDecisionVks => after(facts, SENT, &[Act::DecisionSentToProcuracy]),
            Code::SendSuspensionReporter => unless_refused(facts, || {
                after(facts, &[Act::Suspended], &[Act::SuspensionSentToReporter])
            }),
            Code::NotifyReporterResult => {
                unless_refused(facts, || after(facts, RESULTS, &[Act::ReporterToldResult]))
            }
            Code::ResumeLimit => match facts.resumed_at() {
                Some(resumed) => {
                    // The suspension that it ends may bear the same time.
                    let again = facts.first_after(&[Act::Suspended], resumed);
                    let ended = facts.first_since(FINAL, resumed);
                    Reading::From(resumed, again.into_iter().chain(ended).min())
                }
                None => Reading::Off,
            },
            Code::NotifyResumption => after(facts, &[Act::Resumed], &[Act::ResumptionTold]),
            Code::AdminTransfer => after(
                facts,
                &[Act::AdministrativeOffence],
                &[Act::AdministrativeFileSent],
            ),
            Code::VksTakeoverWait => after(facts, &[Act::ProcuracyDemanded], &[Act::DemandMet]),
            Code::HandFileToVks => after(facts, &[Act::FileDemanded], &[Act::FileHandedOver]),
            Code::BorderGuardTransfer => after(
                facts,
                &[Act::BorderGuardProsecuted],
                &[Act::BorderGuardHandedOver],
            ),
            Code::FileClosing => after(
                facts,
                &[Act::Prosecuted, Act::NotProsecuted],
                &[Act::Closed],
            ),
        }
    }

    fn procuracy_extension(&self, facts: &Facts) -> Reading {
        let Some(extended) = facts.last(&[Act::ExtendedByProcuracy]) else {
            return Reading::Off;
        };
        // The limit as it stood then: a later resumption has a limit of its own.
        let mut before = facts.clone();
        before.acts.retain(|acted| acted.act != Act::Resumed);
        match self.limit(&before) {
            Some(limit) => Reading::Until(limit.moved, facts.first_since(DECISIONS, extended)),
            None => Reading::Off,
        }
    }

    /// Only where the head has extended and the procuracy has not; a case that is decided in time
    /// needs no further extension.
    fn asking_the_procuracy(&self, facts: &Facts) -> Reading {
        let Some(extended) = facts.last(&[Act::Extended]) else {
            return Reading::Off;
        };
        let asked = facts.first_since(&[Act::ExtensionAsked], extended);
        if asked.is_none() && facts.first_since(DECISIONS, extended).is_some() {
            return Reading::Off;
        }
        let mut then = facts.clone();
        then.acts
            .retain(|acted| !matches!(acted.act, Act::ExtendedByProcuracy | Act::Resumed));
        let met = asked.or_else(|| facts.first_since(&[Act::ExtendedByProcuracy], extended));
        self.before_the_limit(Code::AskVksExtension, &then, met)
    }

    fn investigator_report(&self, facts: &Facts) -> Reading {
        let Some(limit) = self.limit(facts) else {
            return Reading::Off;
        };
        // Once decided, there is nothing left to report.
        let met = [DECISIONS, &[Act::InvestigatorReported]].concat();
        let met = facts.first_since(&met, limit.since);
        self.before_the_limit(Code::InvestigatorReport, facts, met)
    }

    /// A limit counted backwards from the end of the limit in force.
    fn before_the_limit(
        &self,
        code: Code,
        facts: &Facts,
        met_at: Option<chrono::DateTime<chrono::Utc>>,
    ) -> Reading {
        match (self.process.period(code), self.limit(facts)) {
            (Some(period), Some(limit)) => {
                let days = period.amount.unsigned_abs();
                Reading::Until(self.calendar.days_before(limit.moved, days), met_at)
            }
            _ => Reading::Off,
        }
    }
}

fn after(facts: &Facts, starts: &[Act], answers: &[Act]) -> Reading {
    facts
        .first_unanswered(starts, answers)
        .map_or(Reading::Off, |(start, met_at)| Reading::From(start, met_at))
}

fn unless_refused(facts: &Facts, reading: impl FnOnce() -> Reading) -> Reading {
    if facts.identity_refused {
        Reading::Off
    } else {
        reading()
    }
}

fn commune(facts: &Facts, urgent: bool) -> Reading {
    match facts.commune {
        Some(commune) if commune.urgent == urgent => Reading::From(
            commune.received_at,
            facts.first_since(&[Act::PassedOnByCommune], commune.received_at),
        ),
        _ => Reading::Off,
    }
}
