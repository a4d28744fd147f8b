//! Exchange with other systems: bulk exports that stream in constant memory and can be taken up again
//! after a broken connection (`docs/exchange.md`). Nothing here reads identities, submissions or receipts.

mod encode;
mod http;
mod store;
mod stream;
mod wire;

use crate::http::Api;

/// The endpoints of this feature.
pub fn api() -> Api {
    http::api()
}
