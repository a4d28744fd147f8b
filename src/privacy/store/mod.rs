//! SQL of privacy.

pub mod purge;
pub mod retention;
