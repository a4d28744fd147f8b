//! SQL of privacy.

pub mod exposure;
pub mod purge;
pub mod replay;
pub mod retention;
