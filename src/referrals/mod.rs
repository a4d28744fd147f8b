//! Referrals: each agency gets its purpose-limited share of a tip or case, and answers.
//!
//! Agencies never resolve a tip (BLTTHS art. 145; TTLT 01/2017 art. 4): what they are let see is built
//! in `share.rs` alone, and who reported is never part of it.

mod agency_http;
mod answers;
mod clock;
mod draft;
mod figures;
mod freeze;
mod grants;
mod hours;
mod http;
mod lapsing;
mod onward;
mod origin;
mod proposals;
mod reach;
mod record;
mod recorded;
mod renewal;
mod reopening;
mod results_csv;
mod settled;
mod share;
mod store;
mod unnamed;
mod wire;

pub use clock::remind;
pub use figures::figures;
pub use proposals::draw_up;
pub use store::{KindFigures, Subject, subjects};

use crate::http::Api;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([
        http::api(),
        agency_http::api(),
        recorded::api(),
        figures::api(),
    ])
}
