//! Exchange with other systems (`docs/exchange.md`): bulk exports that stream in constant memory and
//! can be taken up again after a broken connection; STIX 2.1 over TAXII and a MISP feed of what is
//! public. Nothing here reads identities, submissions or receipts.

mod encode;
mod http;
mod misp;
mod stix;
mod store;
mod stream;
mod taxii;
mod wire;

use crate::http::Api;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([http::api(), taxii::api(), misp::api()])
}
