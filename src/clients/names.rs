//! What a program may be called. Its name is the `sub` of its tokens (RFC 9068 §2.2): claims, decisions and the audit
//! know it by nothing else, so nobody else may be called the same.

use super::store;
use crate::auth::Verifier;
use crate::db::Conn;
use crate::domain::device::Device;
use crate::error::{Error, Result};
use crate::journal::{self, RESERVED};

/// 422 for the names of the service and of citizens in the audit, of devices, and of people of an issuer.
pub fn check(verifier: &Verifier, name: &str) -> Result<()> {
    let reserved = RESERVED.iter().any(|word| name.eq_ignore_ascii_case(word));
    let prefix = name.get(..Device::PREFIX.len()).unwrap_or_default();
    let device = prefix.eq_ignore_ascii_case(Device::PREFIX);
    if reserved || device || verifier.is_of_an_issuer(name) {
        return Err(refused(
            "Somebody else is called so: the service, a citizen, a device or the people of an issuer.",
        ));
    }
    Ok(())
}

/// 422 for whoever acted under another client, or whose tokens were ended.
pub async fn check_unused(conn: &mut Conn, name: &str) -> Result<()> {
    if journal::acted_elsewhere(conn, name).await? || store::is_ended(conn, name).await? {
        return Err(refused(
            "A person is called so, as the audit or the revocations say: the program would act in that name.",
        ));
    }
    Ok(())
}

fn refused(detail: &'static str) -> Error {
    Error::invalid("/client_id", "name_taken", detail)
}
