//! Tinbao: a service for crime tips about online fraud.
//!
//! Who may import whom (`tests/architecture/arrows.rs` keeps it):
//! `domain` ← `reference`, `error` ← `keys` ← `auth`, which uses domain as well. `db` uses domain and error only. `http` uses
//! auth, domain, error and keys, never db or a feature. Then persons < journal < idempotency < agencies < indicators < tips <
//! cases < triage < referrals < events < border < webhooks < clients < receipts < advisories < messages < reveals <
//! evidence < stats < exchange < audit < privacy < app < cli < main: a feature looks down only. Inside a feature
//! `http → service → store → db`. What all may use lies beside them: telemetry, storage, config, state.

pub mod advisories;
pub mod agencies;
pub mod app;
pub mod audit;
pub mod auth;
pub mod border;
pub mod cases;
pub mod cli;
pub mod clients;
pub mod config;
pub mod db;
pub mod demo;
pub mod domain;
pub mod error;
pub mod events;
pub mod evidence;
pub mod exchange;
pub mod http;
pub mod idempotency;
pub mod indicators;
pub mod journal;
pub mod keys;
pub mod messages;
pub mod persons;
pub mod privacy;
pub mod receipts;
pub mod reference;
pub mod referrals;
pub mod rekey;
pub mod reveals;
pub mod state;
pub mod stats;
pub mod storage;
pub mod telemetry;
pub mod tips;
pub mod triage;
pub mod webhooks;
