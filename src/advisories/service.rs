//! Drafting, editing, publishing and taking back.

use serde_json::json;
use uuid::Uuid;

use super::content::Content;
use super::rules;
use super::store::{self, AdvisoryRow, RevisionRow};
use super::wire::{AdvisoryView, EditAdvisory};
use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::IfMatch;
use crate::journal::{self, Actor, Entry};
use crate::persons;
use crate::state::AppState;

/// Who does it, in which request.
pub struct By<'a> {
    /// The bearer.
    pub who: &'a Principal,
    /// As the journal names them.
    pub actor: &'a Actor,
}

/// Keeps a new draft.
pub async fn draft(
    conn: &mut Conn,
    app: &AppState,
    by: &By<'_>,
    content: &Content,
) -> Result<AdvisoryView> {
    let now = app.now();
    rules::check(conn, &app.reference.get(), content, now).await?;
    let row = AdvisoryRow {
        id: app.new_id(),
        agency: by.who.agency.clone().filter(|_| !by.who.is_police()),
        state: "draft".to_owned(),
        content: content.to_json()?,
        pending: true,
        author: by.who.sub.clone(),
        revision: 0,
        version: 1,
        created_at: now,
        updated_at: now,
        published_at: None,
        changed_at: None,
        retracted_at: None,
        retracted_by: None,
        reason: None,
    };
    store::insert(conn, &row).await?;
    let entry = Entry::audit("advisory.created", by.actor, now).on("advisory", row.id);
    journal::record(conn, &[entry]).await?;
    view(conn, app, row).await
}

/// Changes the text in work; what is published stands.
pub async fn edit(
    conn: &mut Conn,
    app: &AppState,
    by: &By<'_>,
    (id, if_match): (Uuid, &IfMatch),
    wish: EditAdvisory,
) -> Result<AdvisoryView> {
    let mut row = store::lock(conn, id, by.who).await?;
    if_match.check(row.version)?;
    refuse_retracted(&row)?;
    let content = wish.apply(&row.content()?);
    rules::check(conn, &app.reference.get(), &content, app.now()).await?;
    row.content = content.to_json()?;
    row.pending = true;
    row.author.clone_from(&by.who.sub);
    let entry = Entry::audit("advisory.updated", by.actor, app.now());
    save(conn, app, row, entry).await
}

/// Publishes the text in work as the second person.
pub async fn publish(
    conn: &mut Conn,
    app: &AppState,
    by: &By<'_>,
    (id, if_match): (Uuid, Option<&IfMatch>),
) -> Result<AdvisoryView> {
    let mut row = lock_as_publisher(conn, by, id).await?;
    if let Some(if_match) = if_match {
        if_match.check(row.version)?;
    }
    refuse_retracted(&row)?;
    if !row.pending {
        let detail = "All of it is published already.";
        return Err(Error::conflict("wrong_state", detail));
    }
    let detail = "Whoever wrote last cannot publish: a second person has to read it.";
    persons::refuse_same(conn, by.who, &[&row.author], detail).await?;
    let content = row.content()?;
    // What could be named when it was written may have been corrected since.
    rules::check(conn, &app.reference.get(), &content, app.now()).await?;
    let at = store::next_change(conn, app.now()).await?;
    row.revision += 1;
    let revision = RevisionRow {
        advisory_id: row.id,
        revision: row.revision,
        content: &row.content,
        author: &row.author,
        published_by: &by.who.sub,
        published_at: at,
    };
    store::insert_revision(conn, &revision).await?;
    "published".clone_into(&mut row.state);
    row.pending = false;
    row.published_at = row.published_at.or(Some(at));
    row.changed_at = Some(at);
    let languages: Vec<&String> = content.texts.keys().collect();
    let entry = Entry::event("advisory.published", by.actor, app.now()).with(json!({
        "revision": row.revision, "severity": content.severity,
        "audiences": content.audiences, "languages": languages,
    }));
    save(conn, app, row, entry).await
}

/// Takes a published warning back, for good.
pub async fn retract(
    conn: &mut Conn,
    app: &AppState,
    by: &By<'_>,
    id: Uuid,
    reason: &str,
) -> Result<AdvisoryView> {
    let mut row = lock_as_publisher(conn, by, id).await?;
    refuse_retracted(&row)?;
    if row.revision == 0 {
        let detail = "It was never published.";
        return Err(Error::conflict("wrong_state", detail));
    }
    rules::check_text(conn, &app.reference.get(), "/reason", reason).await?;
    let at = store::next_change(conn, app.now()).await?;
    "retracted".clone_into(&mut row.state);
    row.pending = false;
    row.changed_at = Some(at);
    row.retracted_at = Some(at);
    row.retracted_by = Some(by.who.sub.clone());
    row.reason = Some(reason.to_owned());
    let entry = Entry::event("advisory.retracted", by.actor, app.now())
        .with(json!({"revision": row.revision}));
    save(conn, app, row, entry).await
}

/// Other agencies draft; the police answer for what is published under their name.
async fn lock_as_publisher(conn: &mut Conn, by: &By<'_>, id: Uuid) -> Result<AdvisoryRow> {
    let row = store::lock(conn, id, by.who).await?;
    if by.who.is_police() {
        Ok(row)
    } else {
        Err(Error::Forbidden(
            "Warnings are published by the provincial police.".into(),
        ))
    }
}

fn refuse_retracted(row: &AdvisoryRow) -> Result<()> {
    if row.state == "retracted" {
        let detail = "It was retracted: draft a new one.";
        return Err(Error::conflict("wrong_state", detail));
    }
    Ok(())
}

async fn save(
    conn: &mut Conn,
    app: &AppState,
    mut row: AdvisoryRow,
    entry: Entry,
) -> Result<AdvisoryView> {
    row.version += 1;
    row.updated_at = app.now();
    store::save(conn, &row).await?;
    journal::record(conn, &[entry.on("advisory", row.id)]).await?;
    view(conn, app, row).await
}

/// Rows as their authors and publishers see them.
pub async fn views(
    conn: &mut Conn,
    app: &AppState,
    rows: Vec<AdvisoryRow>,
) -> Result<Vec<AdvisoryView>> {
    let read = |row: AdvisoryRow| row.content().map(|content| (row, content));
    let read: Vec<_> = rows.into_iter().map(read).collect::<Result<_>>()?;
    let contents = read.iter().map(|(_, content)| content);
    let known = rules::known(conn, &app.reference.get(), contents).await?;
    let view = |(row, content): (AdvisoryRow, Content)| {
        let indicators = rules::of_content(&known, &content);
        AdvisoryView::new(row, content, indicators)
    };
    Ok(read.into_iter().map(view).collect())
}

/// One row as its authors and publishers see it.
pub async fn view(conn: &mut Conn, app: &AppState, row: AdvisoryRow) -> Result<AdvisoryView> {
    let view = views(conn, app, vec![row]).await?.pop();
    view.ok_or(Error::not_found("advisory"))
}
