//! Who stands behind a bearer, where two persons have to agree (contract §2, "another `sub`").
//!
//! A program acts for whoever was ever shown a secret of it: with one, somebody alone could agree with himself.

mod store;

use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Result};

/// 409 `same_person` where the bearer is one of those who acted first, or a program of the same person.
pub async fn refuse_same(
    conn: &mut Conn,
    who: &Principal,
    first: &[&str],
    detail: &'static str,
) -> Result<()> {
    let second = match who.is_program() {
        true => store::behind(conn, &[&who.sub]).await?,
        false => vec![who.sub.clone()],
    };
    // Of who acted first only the name is known; whoever is called like a program is taken for it.
    let first = store::behind(conn, first).await?;
    match second.iter().any(|person| first.contains(person)) {
        true => Err(Error::conflict("same_person", detail)),
        false => Ok(()),
    }
}
