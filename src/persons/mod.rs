//! Who stands behind a bearer, where two persons have to agree (contract §2, "another `sub`").
//!
//! A program acts for whoever was shown its secret: with one, somebody alone could agree with himself.

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
        true => store::behind(conn, &[&who.sub]).await?.pop(),
        false => None,
    };
    let second = second.unwrap_or_else(|| who.sub.clone());
    // Of who acted first only the name is known; whoever is called like a program is taken for it.
    let persons = store::behind(conn, first).await?;
    if first.contains(&who.sub.as_str()) || persons.contains(&second) {
        return Err(Error::conflict("same_person", detail));
    }
    Ok(())
}
