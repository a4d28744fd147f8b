//! Pure rules: no I/O, no clock, no randomness; `now` and random bytes are arguments.

pub mod calendar;
pub mod case_flow;
pub mod chart;
pub mod deadline;
pub mod fold;
pub mod guidance;
pub mod indicator;
pub mod lang;
pub mod likeness;
pub mod masking;
pub mod money;
pub mod news;
pub mod period;
pub mod priority;
pub mod privacy_clock;
pub mod receipt;
pub mod redaction;
pub mod referral;
pub mod referral_rules;
pub mod related;
pub mod retry;
pub mod routing;
pub mod sms;
pub mod spreadsheet;
pub mod status;
pub mod suppression;
