//! Tests through the front door: HTTP in, HTTP out, against a real Postgres.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

mod support;

mod advisories;
mod advisory_feeds;
mod advisory_list;
mod agencies;
mod appeals;
mod approvals;
mod attacks;
mod audit;
mod batch;
mod border;
mod bounds;
mod campaign;
mod case_clocks;
mod case_decisions;
mod case_groups;
mod case_lists;
mod case_races;
mod cases;
mod casework;
mod changes;
mod checks;
mod client_authors;
mod client_tokens;
mod clients;
mod confinement;
mod conventions;
mod database_tls;
mod decisions;
mod devices;
mod embedded;
mod ended;
mod erasure;
mod erasures;
mod evidence;
mod evidence_trust;
mod export_streams;
mod exports;
mod figures;
mod first_hour;
mod floods;
mod followup;
mod freezes;
mod hostile;
mod intake;
mod killed;
mod live;
mod locks;
mod markers;
mod notices;
mod official;
mod other_agencies;
mod outage;
mod own_acts;
mod own_numbers;
mod people;
mod privacy;
mod process;
mod public_stats;
mod queue_filters;
mod receipts;
mod receivers;
mod recognition;
mod recorded_answers;
mod referrals;
mod refusals;
mod register;
mod reopening;
mod repeats;
mod replicas;
mod results;
mod resumable;
mod reveals;
mod roles;
mod rotation;
mod samples;
mod sealed;
mod search;
mod shedding;
mod standby;
mod standing;
mod stats;
mod story;
mod summary;
mod suspensions;
mod tampering;
mod taxii;
mod texted;
mod threshold;
mod tip_clocks;
mod told_at_once;
mod tour;
mod traces;
mod triage;
mod trials;
mod trust;
mod unclaimed;
mod uploads;
mod verdicts;
mod webhook_failures;
mod webhook_networks;
mod webhook_replicas;
mod webhook_rules;
mod webhook_tls;
mod webhooks;
mod withdrawn;
mod withheld;
