//! Open streams, so many for each officer: every one is woken whenever something happens.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::tail::Tail;
use crate::auth::Principal;
use crate::http::Problem;
use crate::journal::Head;

/// Streams that one officer may have open at one replica: enough for all screens and tabs.
const EACH: usize = 20;
/// A stream that a dead network left open ends with its next heartbeat.
const RETRY_SECONDS: u64 = 15;

type Officer = (String, String);

/// The open streams of this replica.
#[derive(Clone, Default)]
pub struct Screens(Arc<Mutex<HashMap<Officer, usize>>>);

/// What a stream is made with.
pub struct Live {
    /// How far the journal has come.
    pub head: Head,
    /// The open streams.
    pub screens: Screens,
    /// What they have read.
    pub tail: Tail,
}

/// An open stream; dropped, it makes room for another.
pub struct Screen {
    of: Officer,
    all: Screens,
}

impl Screens {
    /// Opens one more, unless the officer has all there are.
    pub fn open(&self, who: &Principal) -> Result<Screen, Problem> {
        let of = (who.client_id.clone(), who.sub.clone());
        let mut open = self.0.lock();
        let mine = open.entry(of.clone()).or_default();
        if *mine == EACH {
            let detail = format!("{EACH} streams are open already; close one.");
            let mut problem = Problem::new("rate_limited", detail);
            problem.retry_after = Some(RETRY_SECONDS);
            return Err(problem);
        }
        *mine += 1;
        drop(open);
        Ok(Screen {
            of,
            all: self.clone(),
        })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let mut open = self.all.0.lock();
        match open.get_mut(&self.of) {
            Some(mine) if *mine > 1 => *mine -= 1,
            _ => {
                open.remove(&self.of);
            }
        }
    }
}
