//! Amounts and laws of the deadlines, as the reference file of the legal process gives them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::calendar::Counting;

/// The code of a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Classify the tip.
    Classify,
    /// Send it to the competent body.
    TransferOut,
    /// The procuracy passes on a tip that it received.
    VksForward,
    /// The commune police pass on an urgent tip.
    CommuneUrgent,
    /// The commune police check and pass on any other tip.
    CommuneNormal,
    /// Tell the procuracy of the reception.
    NotifyVksReception,
    /// Tell the reporter of the reception.
    NotifyReporterReception,
    /// Assign an investigator.
    Assign,
    /// The procuracy assigns a prosecutor.
    VksAssignProsecutor,
    /// Decide.
    Resolve,
    /// Decide, once the head of the body has extended the limit.
    ResolveExtended,
    /// Decide, once the procuracy has extended it.
    VksExtension,
    /// Ask the procuracy for its extension.
    AskVksExtension,
    /// The procuracy answers.
    VksAnswersExtension,
    /// The investigator reports the result.
    InvestigatorReport,
    /// Send the decision to the procuracy.
    SendDecisionVks,
    /// Send the suspension to the reporter.
    SendSuspensionReporter,
    /// Tell the reporter the result.
    NotifyReporterResult,
    /// Decide after a resumption.
    ResumeLimit,
    /// Tell of the resumption.
    NotifyResumption,
    /// Send the file to the authority that fines.
    AdminTransfer,
    /// The procuracy may take over after a demand that was not met.
    VksTakeoverWait,
    /// Hand the file to the procuracy.
    HandFileToVks,
    /// The border guard hands a serious case over.
    BorderGuardTransfer,
    /// Close the file.
    FileClosing,
}

impl Code {
    /// All codes, in the order of the process.
    pub const ALL: [Self; 25] = [
        Self::Classify,
        Self::TransferOut,
        Self::VksForward,
        Self::CommuneUrgent,
        Self::CommuneNormal,
        Self::NotifyVksReception,
        Self::NotifyReporterReception,
        Self::Assign,
        Self::VksAssignProsecutor,
        Self::Resolve,
        Self::ResolveExtended,
        Self::VksExtension,
        Self::AskVksExtension,
        Self::VksAnswersExtension,
        Self::InvestigatorReport,
        Self::SendDecisionVks,
        Self::SendSuspensionReporter,
        Self::NotifyReporterResult,
        Self::ResumeLimit,
        Self::NotifyResumption,
        Self::AdminTransfer,
        Self::VksTakeoverWait,
        Self::HandFileToVks,
        Self::BorderGuardTransfer,
        Self::FileClosing,
    ];

    /// The codes of reception, which a tip carries before it belongs to a case.
    pub const OF_TIP: [Self; 7] = [
        Self::Classify,
        Self::TransferOut,
        Self::CommuneUrgent,
        Self::CommuneNormal,
        Self::NotifyVksReception,
        Self::NotifyReporterReception,
        Self::NotifyReporterResult,
    ];

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classify => "classify",
            Self::TransferOut => "transfer_out",
            Self::VksForward => "vks_forward",
            Self::CommuneUrgent => "commune_urgent",
            Self::CommuneNormal => "commune_normal",
            Self::NotifyVksReception => "notify_vks_reception",
            Self::NotifyReporterReception => "notify_reporter_reception",
            Self::Assign => "assign",
            Self::VksAssignProsecutor => "vks_assign_prosecutor",
            Self::Resolve => "resolve",
            Self::ResolveExtended => "resolve_extended",
            Self::VksExtension => "vks_extension",
            Self::AskVksExtension => "ask_vks_extension",
            Self::VksAnswersExtension => "vks_answers_extension",
            Self::InvestigatorReport => "investigator_report",
            Self::SendDecisionVks => "send_decision_vks",
            Self::SendSuspensionReporter => "send_suspension_reporter",
            Self::NotifyReporterResult => "notify_reporter_result",
            Self::ResumeLimit => "resume_limit",
            Self::NotifyResumption => "notify_resumption",
            Self::AdminTransfer => "admin_transfer",
            Self::VksTakeoverWait => "vks_takeover_wait",
            Self::HandFileToVks => "hand_file_to_vks",
            Self::BorderGuardTransfer => "border_guard_transfer",
            Self::FileClosing => "file_closing",
        }
    }

    /// Reads the code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == code)
    }
}

/// The unit of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// By the clock.
    Hour,
    /// Calendar days.
    Day,
    /// Working days.
    WorkingDay,
    /// Months, by day number.
    Month,
}

/// One period of the law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Code; one that the program does not know is carried but not computed.
    pub id: String,
    /// Amount; below zero it is counted backwards from the end of the limit.
    pub amount: i32,
    /// Amount for remote communes.
    #[serde(default)]
    pub remote_amount: Option<i32>,
    /// Unit.
    pub unit: Unit,
    /// The law that sets it.
    pub law: String,
}

/// One band of loss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LossBand {
    min: Option<i64>,
    #[serde(default)]
    class: Option<String>,
}

/// What the program needs of the reference file of the legal process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalProcess {
    /// The periods.
    pub deadlines: Vec<Period>,
    loss_bands_vnd: Vec<LossBand>,
    #[serde(default)]
    time_rules: TimeRules,
    /// Communes in remote mountains or on islands, by their codes.
    #[serde(default)]
    remote_communes: BTreeSet<String>,
}

/// How time is counted, as far as the texts leave room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct TimeRules {
    #[serde(default)]
    event_day_counted: bool,
}

impl LegalProcess {
    /// The period of a code.
    pub fn period(&self, code: Code) -> Option<&Period> {
        self.deadlines
            .iter()
            .find(|period| period.id == code.as_str())
    }

    /// How days are counted.
    pub fn counting(&self) -> Counting {
        Counting {
            event_day_counted: self.time_rules.event_day_counted,
        }
    }

    /// Whether a commune has 48 hours for an urgent tip instead of 24.
    pub fn is_remote(&self, unit: &str) -> bool {
        self.remote_communes.contains(unit)
    }

    /// Whether a loss makes the crime very serious or worse (BLHS art. 9 with 174(3)–(4)), so that
    /// a commune's tip takes the urgent path. This is a reading of the law, hence kept as data.
    pub fn is_very_serious(&self, loss_vnd: i64) -> bool {
        self.loss_bands_vnd
            .iter()
            .filter(|band| {
                matches!(
                    band.class.as_deref(),
                    Some("very_serious" | "especially_serious")
                )
            })
            .filter_map(|band| band.min)
            .any(|min| loss_vnd >= min)
    }
}
