//! SQL of key rotation.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{
    attachments as a, indicator_appeals as c, privacy_requests as q, reporter_identities as r,
    submissions as s, upload_parts as p,
};
use crate::error::Result;
use crate::keys::Wrapped;

/// Whose data key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOwner {
    /// A submission, by its id.
    Submission,
    /// A file of a tip, by its id.
    Attachment,
    /// A piece of a file that is still coming, by its id.
    UploadPart,
    /// What somebody asked about their own data, by the request's id.
    PrivacyRequest,
    /// How somebody who objects is reached, by the appeal's id.
    Appeal,
}

impl KeyOwner {
    /// Everything that is sealed under a data key, but identities, which may have to be sealed anew.
    pub const ALL: [Self; 5] = [
        Self::Submission,
        Self::Attachment,
        Self::UploadPart,
        Self::PrivacyRequest,
        Self::Appeal,
    ];
}

/// The newest data keys of submissions: owner and wrapped key.
pub async fn newest_wrapped(conn: &mut Conn, limit: i64) -> Result<Vec<(Uuid, Wrapped)>> {
    let rows: Vec<(Uuid, String, Vec<u8>)> = s::table
        .filter(s::wrapped_key.is_not_null())
        .select((s::id, s::key_id, s::wrapped_key.assume_not_null()))
        .order(s::id.desc())
        .limit(limit)
        .load(conn)
        .await?;
    let wrapped = |(id, key_id, bytes)| (id, Wrapped { key_id, bytes });
    Ok(rows.into_iter().map(wrapped).collect())
}

/// Locks data keys that another key than `current` wrapped: owner, key id, wrapped key.
pub async fn wrapped_otherwise(
    conn: &mut Conn,
    owner: KeyOwner,
    current: &str,
    limit: i64,
) -> Result<Vec<(Uuid, String, Vec<u8>)>> {
    Ok(match owner {
        KeyOwner::Submission => {
            s::table
                .filter(s::key_id.ne(current).and(s::wrapped_key.is_not_null()))
                .select((s::id, s::key_id, s::wrapped_key.assume_not_null()))
                .limit(limit)
                .for_update()
                .skip_locked()
                .load(conn)
                .await?
        }
        KeyOwner::Attachment => {
            a::table
                .filter(a::key_id.ne(current))
                .select((a::id, a::key_id, a::wrapped_key))
                .limit(limit)
                .for_update()
                .skip_locked()
                .load(conn)
                .await?
        }
        KeyOwner::UploadPart => {
            p::table
                .filter(p::key_id.ne(current))
                .select((p::id, p::key_id, p::wrapped_key))
                .limit(limit)
                .for_update()
                .skip_locked()
                .load(conn)
                .await?
        }
        KeyOwner::PrivacyRequest => {
            q::table
                .filter(
                    q::text_key_id
                        .ne(current)
                        .and(q::text_wrapped_key.is_not_null()),
                )
                .select((
                    q::id,
                    q::text_key_id.assume_not_null(),
                    q::text_wrapped_key.assume_not_null(),
                ))
                .limit(limit)
                .for_update()
                .skip_locked()
                .load(conn)
                .await?
        }
        KeyOwner::Appeal => {
            c::table
                .filter(
                    c::contact_key_id
                        .ne(current)
                        .and(c::contact_wrapped_key.is_not_null()),
                )
                .select((
                    c::id,
                    c::contact_key_id.assume_not_null(),
                    c::contact_wrapped_key.assume_not_null(),
                ))
                .limit(limit)
                .for_update()
                .skip_locked()
                .load(conn)
                .await?
        }
    })
}

/// How many data keys another key than `current` wraps, and identities an earlier form sealed, those included
/// that somebody works on.
pub async fn count_otherwise(conn: &mut Conn, current: &str, sealed_as: i16) -> Result<i64> {
    let submissions: i64 = s::table
        .filter(s::key_id.ne(current).and(s::wrapped_key.is_not_null()))
        .count()
        .get_result(conn)
        .await?;
    let identities: i64 = r::table
        .filter(r::key_id.ne(current).or(r::sealed_as.lt(sealed_as)))
        .count()
        .get_result(conn)
        .await?;
    let attachments: i64 = a::table
        .filter(a::key_id.ne(current))
        .count()
        .get_result(conn)
        .await?;
    let parts: i64 = p::table
        .filter(p::key_id.ne(current))
        .count()
        .get_result(conn)
        .await?;
    let requests: i64 = q::table
        .filter(q::text_key_id.ne(current))
        .count()
        .get_result(conn)
        .await?;
    let appeals: i64 = c::table
        .filter(c::contact_key_id.ne(current))
        .count()
        .get_result(conn)
        .await?;
    Ok(submissions + identities + attachments + parts + requests + appeals)
}

/// How many submissions that came since a time are wrapped by another key than `current`.
pub async fn count_otherwise_since(
    conn: &mut Conn,
    current: &str,
    since: DateTime<Utc>,
) -> Result<i64> {
    Ok(s::table
        .filter(s::key_id.ne(current).and(s::wrapped_key.is_not_null()))
        .filter(s::received_at.ge(since))
        .count()
        .get_result(conn)
        .await?)
}

/// Writes a key that was wrapped anew.
pub async fn set_wrapped(conn: &mut Conn, owner: KeyOwner, id: Uuid, key: &Wrapped) -> Result<()> {
    match owner {
        KeyOwner::Submission => {
            diesel::update(s::table.filter(s::id.eq(id)))
                .set((
                    s::key_id.eq(&key.key_id),
                    s::wrapped_key.eq(Some(&key.bytes)),
                ))
                .execute(conn)
                .await?
        }
        KeyOwner::Attachment => {
            diesel::update(a::table.filter(a::id.eq(id)))
                .set((a::key_id.eq(&key.key_id), a::wrapped_key.eq(&key.bytes)))
                .execute(conn)
                .await?
        }
        KeyOwner::UploadPart => {
            diesel::update(p::table.filter(p::id.eq(id)))
                .set((p::key_id.eq(&key.key_id), p::wrapped_key.eq(&key.bytes)))
                .execute(conn)
                .await?
        }
        KeyOwner::PrivacyRequest => {
            diesel::update(q::table.filter(q::id.eq(id)))
                .set((
                    q::text_key_id.eq(Some(&key.key_id)),
                    q::text_wrapped_key.eq(Some(&key.bytes)),
                ))
                .execute(conn)
                .await?
        }
        KeyOwner::Appeal => {
            diesel::update(c::table.filter(c::id.eq(id)))
                .set((
                    c::contact_key_id.eq(Some(&key.key_id)),
                    c::contact_wrapped_key.eq(Some(&key.bytes)),
                ))
                .execute(conn)
                .await?
        }
    };
    Ok(())
}
