//! SQL of clients and revocations.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::auth::{POLICE, Principal, Scope};
use crate::db::schema::{
    audited_tokens as t, clients as c, device_renewals as d, ended_bearers as e,
    revoked_tokens as r,
};
use crate::db::{Conn, OnConstraint};
use crate::error::{Error, Result};

/// A client.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = c, check_for_backend(diesel::pg::Pg))]
pub struct ClientRow {
    pub id: Uuid,
    pub client_id: String,
    pub name: String,
    pub kind: String,
    pub agency: Option<String>,
    pub desk: Option<String>,
    pub units: Option<Vec<Option<String>>>,
    pub scopes: Vec<Option<String>>,
    pub pending_scopes: Vec<Option<String>>,
    pub pending_by: Option<String>,
    pub pending_confinement: Option<Value>,
    pub pending_secret_hash: Option<String>,
    pub secret_hash: Option<String>,
    /// By which a wrong secret is known without the hash.
    pub secret_check: Option<Vec<u8>>,
    /// Who was ever shown its secret.
    pub secret_known_to: Vec<Option<String>>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

/// All tokens of one bearer, ended.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = e, check_for_backend(diesel::pg::Pg))]
pub struct EndedRow {
    pub id: Uuid,
    pub sub: String,
    pub issuer: Option<String>,
    pub desk: Option<String>,
    pub units: Option<Vec<Option<String>>>,
    pub reason: Option<String>,
    pub ended_by: String,
    pub ended_at: DateTime<Utc>,
}

/// A client that the service registers by itself.
pub(super) fn registered_by_system(
    client_id: &str,
    kind: &str,
    scopes: &[Scope],
    now: DateTime<Utc>,
) -> ClientRow {
    ClientRow {
        id: crate::state::id_at(now),
        client_id: client_id.to_owned(),
        name: client_id.to_owned(),
        kind: kind.to_owned(),
        agency: None,
        desk: None,
        units: None,
        scopes: scopes
            .iter()
            .map(|scope| Some(scope.as_str().to_owned()))
            .collect(),
        pending_scopes: Vec::new(),
        pending_by: None,
        pending_confinement: None,
        pending_secret_hash: None,
        secret_hash: None,
        secret_check: None,
        secret_known_to: Vec::new(),
        created_by: "system".to_owned(),
        created_at: now,
        disabled_at: None,
        version: 1,
        updated_at: now,
    }
}

/// Registers a client, or gives the one of this name its secret.
pub(super) async fn ensure(conn: &mut Conn, row: ClientRow) -> Result<()> {
    diesel::insert_into(c::table)
        .values(&row)
        .on_conflict(c::client_id)
        .do_update()
        .set(c::secret_hash.eq(&row.secret_hash))
        .execute(conn)
        .await?;
    Ok(())
}

/// Registers a client.
pub(super) async fn insert(conn: &mut Conn, row: &ClientRow) -> Result<()> {
    diesel::insert_into(c::table)
        .values(row)
        .execute(conn)
        .await
        .on_constraint("clients_client_id_key", || {
            Error::conflict(
                "duplicate",
                "A client with this client_id is registered already.",
            )
        })?;
    Ok(())
}

/// The clients that an administrator reaches: one who is confined, only those of the police that are
/// confined at least as much.
fn reach(who: &Principal) -> c::BoxedQuery<'_, diesel::pg::Pg> {
    let mut query = c::table.into_boxed();
    if who.is_confined() {
        query = query.filter(c::agency.is_null().or(c::agency.eq(POLICE)));
    }
    if let Some(desk) = &who.desk {
        query = query.filter(c::desk.eq(desk));
    }
    if let Some(units) = &who.units {
        let units: Vec<Option<String>> = units.iter().cloned().map(Some).collect();
        query = query.filter(c::units.is_contained_by(units));
    }
    query
}

/// One page, newest first, and one row more where there is more.
pub(super) async fn page(
    conn: &mut Conn,
    who: &Principal,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ClientRow>> {
    let mut query = reach(who).order(c::id.desc()).limit(limit + 1);
    if let Some(id) = after {
        query = query.filter(c::id.lt(id));
    }
    Ok(query.select(ClientRow::as_select()).load(conn).await?)
}

/// Every client, for the registry.
pub(super) async fn all(conn: &mut Conn) -> Result<Vec<ClientRow>> {
    Ok(ClientRow::query().load(conn).await?)
}

/// One client.
pub(super) async fn find(conn: &mut Conn, id: Uuid, who: &Principal) -> Result<ClientRow> {
    reach(who)
        .filter(c::id.eq(id))
        .select(ClientRow::as_select())
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("client"))
}

/// One client, locked.
pub(super) async fn lock(conn: &mut Conn, id: Uuid, who: &Principal) -> Result<ClientRow> {
    let locked: Option<Uuid> = c::table
        .filter(c::id.eq(id))
        .select(c::id)
        .for_update()
        .first(conn)
        .await
        .optional()?;
    // Looked at once nobody changes it any more: it may just have moved out of reach.
    match locked {
        Some(id) => find(conn, id, who).await,
        None => Err(Error::not_found("client")),
    }
}

/// One client by the name that it uses.
pub(super) async fn find_by_name(conn: &mut Conn, client_id: &str) -> Result<Option<ClientRow>> {
    Ok(ClientRow::query()
        .filter(c::client_id.eq(client_id))
        .first(conn)
        .await
        .optional()?)
}

/// Writes what may change of a client.
pub(super) async fn save(conn: &mut Conn, row: &ClientRow, now: DateTime<Utc>) -> Result<()> {
    diesel::update(c::table.filter(c::id.eq(row.id)))
        .set((
            c::name.eq(&row.name),
            c::agency.eq(&row.agency),
            c::desk.eq(&row.desk),
            c::units.eq(&row.units),
            c::scopes.eq(&row.scopes),
            c::pending_scopes.eq(&row.pending_scopes),
            c::pending_by.eq(&row.pending_by),
            c::pending_confinement.eq(&row.pending_confinement),
            c::pending_secret_hash.eq(&row.pending_secret_hash),
            c::secret_hash.eq(&row.secret_hash),
            c::secret_check.eq(&row.secret_check),
            c::secret_known_to.eq(&row.secret_known_to),
            c::disabled_at.eq(row.disabled_at),
            c::version.eq(row.version),
            c::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps the check of a secret; of one that was changed since it says nothing.
pub(super) async fn keep_check(conn: &mut Conn, id: Uuid, check: &[u8]) -> Result<()> {
    diesel::update(c::table.filter(c::id.eq(id)))
        .set(c::secret_check.eq(check))
        .execute(conn)
        .await?;
    Ok(())
}

/// Revokes a token.
pub(super) async fn revoke(
    conn: &mut Conn,
    jti: &str,
    by: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(r::table)
        .values((
            r::jti.eq(jti),
            r::revoked_by.eq(by),
            r::revoked_at.eq(now),
            r::expires_at.eq(expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether one of these stands among the revoked tokens and ended devices.
pub(super) async fn is_revoked(conn: &mut Conn, names: &[&str]) -> Result<bool> {
    let rows = r::table.filter(r::jti.eq_any(names));
    Ok(diesel::select(exists(rows)).get_result(conn).await?)
}

/// Ids of revoked tokens.
pub(super) async fn revoked(conn: &mut Conn) -> Result<Vec<String>> {
    Ok(r::table.select(r::jti).load(conn).await?)
}

/// Notes that a device was renewed with one token by the next; `false`, and nothing, where it was a former one.
pub(super) async fn renew(
    conn: &mut Conn,
    device: Uuid,
    by: &str,
    next: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let renewal = (
        d::current_jti.eq(next),
        d::former_jti.eq(by),
        d::renewed_at.eq(now),
    );
    let first = diesel::insert_into(d::table)
        .values((d::device.eq(device), renewal))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    if first > 0 {
        return Ok(true);
    }
    let known = d::current_jti.eq(by).or(d::former_jti.eq(by));
    let noted = diesel::update(d::table.filter(d::device.eq(device).and(known)))
        .set(renewal)
        .execute(conn)
        .await?;
    Ok(noted > 0)
}

/// Forgets renewals by tokens that renew no more.
pub(super) async fn forget_renewals(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(d::table.filter(d::renewed_at.lt(before)))
        .execute(conn)
        .await?)
}

/// Ends all tokens of one bearer.
pub(super) async fn insert_ended(conn: &mut Conn, row: &EndedRow) -> Result<()> {
    diesel::insert_into(e::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether tokens were ended of somebody called so.
pub(super) async fn is_ended(conn: &mut Conn, sub: &str) -> Result<bool> {
    let ends = e::table.filter(e::sub.eq(sub));
    Ok(diesel::select(exists(ends)).get_result(conn).await?)
}

/// Whose tokens were ended, for the registry.
pub(super) async fn ended(conn: &mut Conn) -> Result<Vec<EndedRow>> {
    Ok(EndedRow::query().load(conn).await?)
}

/// One page of them, newest first, and one row more where there is more; to whoever is confined, what was
/// ended within that.
pub(super) async fn page_of_ended(
    conn: &mut Conn,
    who: &Principal,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<EndedRow>> {
    let mut query = EndedRow::query()
        .order(e::id.desc())
        .limit(limit + 1)
        .into_boxed();
    if let Some(desk) = &who.desk {
        query = query.filter(e::desk.eq(desk));
    }
    if let Some(units) = &who.units {
        let units: Vec<Option<String>> = units.iter().cloned().map(Some).collect();
        query = query.filter(e::units.is_contained_by(units));
    }
    if let Some(id) = after {
        query = query.filter(e::id.lt(id));
    }
    Ok(query.load(conn).await?)
}

pub(super) async fn delete_expired(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    // A minute longer than the leeway of verification.
    let over = now - chrono::Duration::minutes(1);
    Ok(diesel::delete(r::table.filter(r::expires_at.lt(over)))
        .execute(conn)
        .await?)
}

/// Notes that these tokens are audited; returns which were not yet.
pub(super) async fn note_audited(
    conn: &mut Conn,
    ids: &[&str],
    now: DateTime<Utc>,
) -> Result<BTreeSet<String>> {
    let rows: Vec<_> = ids
        .iter()
        .map(|jti| (t::jti.eq(*jti), t::audited_at.eq(now)))
        .collect();
    let new: Vec<String> = diesel::insert_into(t::table)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(t::jti)
        .get_results(conn)
        .await?;
    Ok(new.into_iter().collect())
}
