//! Reading the notes of a case.

use actix_web::web;
use uuid::Uuid;

use super::store;
use super::wire::NoteView;
use crate::http::page::{Listing, NoFilters};
use crate::http::{Answer, Api, Caller, ItemPage, Meta, Path, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::Visibility;

pub fn api() -> Api {
    crate::handlers![list_case_notes]
}

/// List the officers' notes on a case, newest first.
#[utoipa::path(get, path = "/v1/cases/{id}/notes", tag = "cases",
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "One page", body = ItemPage<NoteView>)))]
async fn list_case_notes(
    caller: Caller<scope::CasesRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<NoteView>> {
    let mut conn = app.db.get().await?;
    let case = store::find_case(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let before = listing.page.after::<Uuid>()?;
    let rows = store::notes(&mut conn, case.id, before, listing.page.limit).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("notes.read", &actor, app.now()).on("case", case.id);
    journal::record(&mut conn, &[entry]).await?;
    let page = listing.page.page(rows, |row| row.id);
    Ok(page.map(|row| NoteView {
        id: row.id,
        author: row.author,
        text: row.text,
        created_at: row.created_at,
    }))
}
