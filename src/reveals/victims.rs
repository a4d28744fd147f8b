//! Persons who may be lured: named inside a submission, sealed with it, shown only to an officer who
//! states a purpose and works on the tip, and gone after 90 days unless a ground is recorded. The file of
//! a case is no ground by itself (contract §7); only what is under a hold stays.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::service::{self, Asker, Outcome};
use super::store::{self, GroundRow};
use super::wire::{GroundView, RecordGround, RevealIdentity, RevealView, RevealedVictims, Subject};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::problem::ProblemBody;
use crate::http::{Answer, Api, Body, Caller, Json, Meta, Path, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::{self, Visibility, victims};

/// How long they are kept without a ground.
const DAYS: i64 = 90;

pub fn api() -> Api {
    crate::handlers![
        reveal_potential_victims,
        record_potential_victims_ground,
        end_potential_victims_ground
    ]
}

/// Show the persons who may be lured, as a tip names them.
///
/// The rules for revealing the reporter's identity apply: the claim or the case, a purpose, an audit entry, and a
/// second officer where the reporter asked for secrecy. It restricts nobody.
#[utoipa::path(post, path = "/v1/tips/{id}/potential-victims/reveal", tag = "tips", request_body = RevealIdentity,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "The persons", body = RevealedVictims),
              (status = 202, description = "Another officer has to approve", body = RevealView),
              (status = 409, description = "Neither claimed by the caller nor in a case the caller works on, or erased (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn reveal_potential_victims(
    caller: Caller<scope::ReportersReveal>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<RevealIdentity>,
) -> Answer<HttpResponse> {
    let purpose = &body.value.purpose;
    let outcome = service::ask(&app, &caller.who, &meta, purpose, async |conn, asker| {
        reveal(conn, &app, asker, id.0).await
    })
    .await?;
    Ok(outcome.respond())
}

async fn reveal(
    conn: &mut Conn,
    app: &AppState,
    asker: &Asker<'_>,
    tip: Uuid,
) -> Result<Outcome<RevealedVictims>> {
    tips::find_state(conn, tip, &Visibility::of(asker.who)).await?;
    let rows = store::naming_victims(conn, tip).await?;
    if rows.is_empty() {
        return Err(Error::not_found("potential victim"));
    }
    let erase_at = rows.iter().map(|(_, at)| *at + Duration::days(DAYS)).max();
    let mut persons = Vec::new();
    let mut erased = true;
    for (row, _) in &rows {
        if let Some((_, bytes)) = service::unseal(app, row)? {
            erased = false;
            persons.extend(victims::named_in(&bytes)?);
        }
    }
    let kept = victims::kept(conn, &app.keys.identity, tip).await?;
    erased &= kept.is_empty();
    victims::add(&mut persons, kept);
    if erased {
        let detail = "The persons were erased; what is left of the tip names nobody.";
        return Err(Error::conflict("wrong_state", detail));
    }
    let subject = (Subject::PotentialVictims, None);
    Ok(
        match service::sealed(conn, app, asker, tip, subject).await? {
            Outcome::Waits(view) => Outcome::Waits(view),
            Outcome::Shown(reveal_id) => {
                let kept = store::are_kept(conn, tip).await?;
                Outcome::Shown(RevealedVictims {
                    reveal_id,
                    tip_id: tip,
                    potential_victims: persons,
                    erase_at: erase_at.filter(|_| !kept),
                })
            }
        },
    )
}

/// Record why the persons whom a tip names are kept beyond 90 days.
///
/// They are then sealed by themselves as well, so that they stay when whoever reported has erased what he sent; they go
/// with the ground.
#[utoipa::path(put, path = "/v1/tips/{id}/potential-victims/ground", tag = "tips", request_body = RecordGround,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "Recorded", body = GroundView)))]
async fn record_potential_victims_ground(
    caller: Caller<scope::ReportersReveal>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<RecordGround>,
) -> Answer<Json<GroundView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let now = app.now();
    let mut conn = app.db.get().await?;
    let row = crate::db::transaction(&mut conn, async |conn| {
        tips::find_state(conn, id.0, &Visibility::of(&caller.who)).await?;
        if store::naming_victims(conn, id.0).await?.is_empty() {
            return Err(Error::not_found("potential victim"));
        }
        let row = GroundRow {
            tip_id: id.0,
            ground: body.value.ground,
            recorded_by: caller.who.sub.clone(),
            recorded_at: now,
        };
        store::save_ground(conn, &row).await?;
        victims::keep(conn, &app.keys.identity, id.0).await?;
        let entry = Entry::audit("potential_victims.ground_recorded", &actor, now);
        journal::record(conn, &[entry.on("tip", id.0)]).await?;
        Ok(row)
    })
    .await?;
    Ok(Json::new(GroundView {
        ground: row.ground,
        recorded_by: row.recorded_by,
        recorded_at: row.recorded_at,
    }))
}

/// End the ground for which the persons whom a tip names are kept.
///
/// They were found, or the search has ended: they are erased after their 90 days, and at once where the reporter has
/// erased what was sent.
#[utoipa::path(delete, path = "/v1/tips/{id}/potential-victims/ground", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 204, description = "Ended")))]
async fn end_potential_victims_ground(
    caller: Caller<scope::ReportersReveal>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<HttpResponse> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    crate::db::transaction(&mut conn, async |conn| {
        tips::find_state(conn, id.0, &Visibility::of(&caller.who)).await?;
        if !store::end_ground(conn, id.0).await? {
            return Err(Error::not_found("ground"));
        }
        let entry = Entry::audit("potential_victims.ground_ended", &actor, app.now());
        journal::record(conn, &[entry.on("tip", id.0)]).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Erases persons whose 90 days are over; returns in how many submissions.
pub async fn erase_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    crate::db::transaction(conn, async |conn| {
        let erased = store::erase_victims(conn, now - Duration::days(DAYS)).await?;
        let entries: Vec<Entry> = erased
            .iter()
            .map(|tip| {
                Entry::audit("potential_victims.erased", &Actor::system(), now).on("tip", *tip)
            })
            .collect();
        if !entries.is_empty() {
            journal::record(conn, &entries).await?;
        }
        Ok(erased.len())
    })
    .await
}
