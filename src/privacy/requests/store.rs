//! SQL of the requests of data subjects.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::schema::{
    attachments, privacy_requests as r, register, tip_messages, tip_states, tips,
};
use crate::db::{Conn, OnConstraint};
use crate::error::{Error, Result};
use crate::tips::Visibility;

/// A request.
#[derive(Clone, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = r, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
pub struct RequestRow {
    pub id: Uuid,
    pub kind: String,
    pub state: String,
    pub tip_id: Option<Uuid>,
    pub recorded_by: Option<String>,
    pub text: Option<Vec<u8>>,
    pub received_at: DateTime<Utc>,
    pub acknowledge_by: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub acknowledged_by: Option<String>,
    pub extended_at: Option<DateTime<Utc>>,
    pub extended_by: Option<String>,
    pub extension_reason: Option<String>,
    pub decision_reason: Option<String>,
    pub decision_ground: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<String>,
    pub lifted_at: Option<DateTime<Utc>>,
    pub lifted_by: Option<String>,
    pub lift_reason: Option<String>,
    /// The identity key that wrapped the text's data key; none where an earlier version sealed it.
    pub text_key_id: Option<String>,
    pub text_wrapped_key: Option<Vec<u8>>,
}

/// Writes a new request; 409 where one of its kind is open for the tip.
pub async fn insert(conn: &mut Conn, row: &RequestRow) -> Result<()> {
    diesel::insert_into(r::table)
        .values(row)
        .execute(conn)
        .await
        .on_constraint("privacy_requests_one_open", || {
            Error::conflict(
                "duplicate",
                "A request of this kind for this tip is open already.",
            )
        })?;
    Ok(())
}

/// Writes what may change of a request.
pub async fn save(conn: &mut Conn, row: &RequestRow) -> Result<()> {
    diesel::update(r::table.filter(r::id.eq(row.id)))
        .set(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Requests that the bearer may see: a confined one only those about tips within the confinement.
fn seen<'a>(visible: &Visibility) -> r::BoxedQuery<'a, diesel::pg::Pg> {
    let query = r::table.into_boxed();
    if *visible == Visibility::all() {
        return query;
    }
    let tips = visible
        .confine(tip_states::table.into_boxed())
        .select(tip_states::tip_id.nullable());
    query.filter(r::tip_id.eq_any(tips))
}

/// One request.
pub async fn find(conn: &mut Conn, id: Uuid, visible: &Visibility) -> Result<RequestRow> {
    seen(visible)
        .filter(r::id.eq(id))
        .select(RequestRow::as_select())
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("request"))
}

/// The same, locked until the transaction ends.
pub async fn lock(conn: &mut Conn, id: Uuid, visible: &Visibility) -> Result<RequestRow> {
    r::table
        .select(r::id)
        .filter(r::id.eq(id))
        .for_update()
        .first::<Uuid>(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("request"))?;
    // Looked at once nobody changes it any more: its tip may just have been handed over.
    find(conn, id, visible).await
}

/// Filters of the list.
pub struct Wanted<'a> {
    pub state: Option<&'a str>,
    pub kind: Option<&'a str>,
    pub overdue: Option<bool>,
    pub now: DateTime<Utc>,
    pub after: Option<Uuid>,
    pub limit: i64,
}

/// One page, newest first, and one row more where there is more.
pub async fn page(
    conn: &mut Conn,
    visible: &Visibility,
    wanted: &Wanted<'_>,
) -> Result<Vec<RequestRow>> {
    let mut query = seen(visible).filter(r::id.lt(wanted.after.unwrap_or(Uuid::max())));
    if let Some(state) = wanted.state {
        query = query.filter(r::state.eq(state));
    }
    if let Some(kind) = wanted.kind {
        query = query.filter(r::kind.eq(kind));
    }
    let late = r::decided_at.is_null().and(
        r::due_at.lt(wanted.now).or(r::acknowledged_at
            .is_null()
            .and(r::acknowledge_by.lt(wanted.now))),
    );
    query = match wanted.overdue {
        Some(true) => query.filter(late),
        Some(false) => query.filter(diesel::dsl::not(late)),
        None => query,
    };
    Ok(query
        .order(r::id.desc())
        .limit(wanted.limit + 1)
        .select(RequestRow::as_select())
        .load(conn)
        .await?)
}

/// Requests about one tip, newest first, and one row more where there is more.
pub async fn of_tip(
    conn: &mut Conn,
    tip: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<RequestRow>> {
    Ok(RequestRow::query()
        .filter(r::tip_id.eq(tip))
        .filter(r::id.lt(after.unwrap_or(Uuid::max())))
        .order(r::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// Destroys what people wrote in their requests about a tip.
pub async fn forget_texts(conn: &mut Conn, tip: Uuid) -> Result<()> {
    diesel::update(r::table.filter(r::tip_id.eq(tip)))
        .set((
            r::text.eq(None::<Vec<u8>>),
            r::text_key_id.eq(None::<String>),
            r::text_wrapped_key.eq(None::<Vec<u8>>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether another granted restriction of the tip than this one still holds.
pub async fn restricts(conn: &mut Conn, tip: Uuid, but: Uuid) -> Result<bool> {
    let others = r::table
        .filter(r::tip_id.eq(tip).and(r::id.ne(but)))
        .filter(r::kind.eq("restriction").and(r::state.eq("granted")))
        .filter(r::lifted_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(others))
        .get_result(conn)
        .await?)
}

/// What is held of a reporter besides what is sealed: number in the register, reception, device.
pub async fn held(
    conn: &mut Conn,
    tip: Uuid,
) -> Result<(Option<String>, DateTime<Utc>, Option<String>)> {
    let number = register::table
        .select(register::number)
        .filter(register::tip_id.eq(tip));
    let number: Option<String> = number.first(conn).await.optional()?;
    let (received_at, device) = tips::table
        .find(tip)
        .select((tips::received_at, tips::device_id))
        .first(conn)
        .await?;
    Ok((number, received_at, device))
}

/// Messages of a tip, oldest first: whether the reporter wrote it, text, time.
pub async fn messages(conn: &mut Conn, tip: Uuid) -> Result<Vec<(bool, String, DateTime<Utc>)>> {
    use tip_messages as m;
    Ok(m::table
        .filter(m::tip_id.eq(tip))
        .order(m::id)
        .select((m::from_reporter, m::text, m::created_at))
        .load(conn)
        .await?)
}

/// Files that the reporter of a tip sent, oldest first: id, type, size, hash, time.
pub async fn files(
    conn: &mut Conn,
    tip: Uuid,
) -> Result<Vec<(Uuid, String, i64, Vec<u8>, DateTime<Utc>)>> {
    use attachments as a;
    Ok(a::table
        .filter(a::tip_id.eq(tip).and(a::from_reporter))
        .order(a::id)
        .select((a::id, a::media_type, a::size, a::sha256, a::received_at))
        .load(conn)
        .await?)
}
