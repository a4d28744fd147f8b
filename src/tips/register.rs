//! The register of form 294 (TT 28/2020 art. 5): numbers in the order of reception, with the form's fields.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::identity::{self, Known, OpenIdentity};
use super::store::{self, RegisterRow, RevealOfTip};
use super::visibility::Visibility;
use crate::auth::{Principal, Scope};
use crate::db::{self, Class, Conn};
use crate::domain::hanoi;
use crate::domain::redaction::{Identity, redact};
use crate::error::{Error, Result};
use crate::http::openapi::RawRequest;
use crate::http::page::Listing;
use crate::http::{Answer, Api, Caller, ItemPage, Meta, Problem, csv, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![list_register]
}

/// What stands in the place of an identity.
const SEALED: &str = "[sealed]";
/// What stands in place of an identity that does not open.
const UNREADABLE: &str = "[unreadable]";

#[derive(Deserialize, IntoParams)]
struct RegisterQuery {
    /// Year of reception in Asia/Ho_Chi_Minh; the present one if left out.
    #[param(example = 2026)]
    year: Option<i16>,
    /// Why the identities are needed, 3 to 500 characters; with `reporters:reveal` they are shown, and each
    /// row is audited. Whoever asked for secrecy stays sealed unless another officer approved the bearer's
    /// own `POST /v1/tips/{id}/reporter/reveal` within the hour, for this very purpose.
    #[param(min_length = 3, max_length = 500)]
    purpose: Option<String>,
}

/// A row of the register, with the fields of form 294.
#[derive(Debug, Serialize, ToSchema)]
struct RegisterEntry {
    /// Gapless within the year.
    #[schema(example = "DB-T-2026-000123")]
    number: String,
    /// The tip.
    tip_id: Uuid,
    /// When it was received.
    received_at: DateTime<Utc>,
    /// Who received it: the officer, or the client it came through.
    #[schema(required)]
    receiving_officer: Option<String>,
    /// Reporter's name; `[sealed]`, or null where none was given.
    #[schema(required, example = "[sealed]")]
    reporter_name: Option<String>,
    /// Reporter's address.
    #[schema(required)]
    reporter_address: Option<String>,
    /// Reporter's phone.
    #[schema(required)]
    reporter_phone: Option<String>,
    /// Number of the reporter's ID card.
    #[schema(required)]
    reporter_national_id: Option<String>,
    /// When it happened.
    #[schema(required)]
    occurred_at: Option<DateTime<Utc>>,
    /// Where it happened.
    #[schema(required)]
    place: Option<String>,
    /// What happened: the first 500 characters.
    #[schema(required)]
    summary: Option<String>,
    /// Suspects as an officer wrote them down.
    #[schema(value_type = Option<Vec<Object>>, required)]
    suspects: Value,
    /// Witnesses.
    #[schema(value_type = Option<Vec<Object>>, required)]
    witnesses: Value,
    /// Victim.
    #[schema(value_type = Option<super::shapes::VictimView>, required)]
    victim: Value,
    /// Damage in đồng.
    loss_vnd: i64,
    /// Kind of source.
    #[schema(required)]
    source_kind: Option<String>,
    /// Where it stands.
    #[schema(required)]
    status: Option<String>,
    /// Why the identity was refused, as an officer wrote it down.
    #[schema(required)]
    identity_refused_reason: Option<String>,
    /// When the tip was deleted at the end of its time; of what it told nothing is left then.
    #[schema(required)]
    purged_at: Option<DateTime<Utc>>,
    /// The reveal by which the identity is shown here, as `GET /v1/reveals` and the audit log name it; null where it
    /// is not shown. Shown again for the same purpose within an hour it is the same reveal.
    #[schema(required)]
    reveal_id: Option<Uuid>,
}

/// List the register of a year, in the order of its numbers.
///
/// A purged tip leaves its row. CSV (UTF-8 with BOM, lines end in CRLF) by `Accept: text/csv`: the whole year, from
/// `cursor` on if one is given; only with `limit` a page, whose next one `Link` names.
#[utoipa::path(get, path = "/v1/register", tag = "tips",
    responses((status = 200, description = "One page; the whole year as CSV where that is asked for",
               content((ItemPage<RegisterEntry> = "application/json"), (String = "text/csv")))))]
async fn list_register(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    request: RawRequest,
    listing: Listing<RegisterQuery>,
) -> Answer<HttpResponse> {
    let query = listing.filters;
    let year = query.year.unwrap_or_else(|| hanoi::year(app.now()));
    let purpose = query.purpose.map(|purpose| purpose.trim().to_owned());
    let length = purpose.as_ref().map(|purpose| purpose.chars().count());
    if length.is_some_and(|length| !(3..=500).contains(&length)) {
        let detail = "The purpose has 3 to 500 characters.";
        return Err(Error::invalid_parameter("purpose", "length", detail).into());
    }
    if purpose.is_some() && !caller.who.may(Scope::ReportersReveal) {
        return Err(Problem::insufficient_scope(&[Scope::ReportersReveal]));
    }
    let after = listing.page.after::<i32>()?;
    let asked = Asked {
        actor: Actor::bearer(&caller.who, &meta.request_id),
        visible: Visibility::of(&caller.who),
        who: caller.who,
        app,
        year,
        purpose,
    };
    if csv::is_wanted(&request.0) && !listing.page.is_chosen {
        // The first part before the answer begins: until then what is wrong can still be told.
        let first = asked.part(after, PART).await?;
        let rest = stream::try_unfold((asked, first.next), async |(asked, next)| {
            let Some(after) = next else { return Ok(None) };
            // Read on while it is sent, as a read: nothing else says so here.
            let part = Class::Read.run(asked.part(Some(after), PART)).await?;
            Ok(Some((part.items, (asked, part.next))))
        });
        let parts = stream::iter([Ok(first.items)]).chain(rest);
        return Ok(csv::whole(&format!("register-{year}"), &COLUMNS, parts)?);
    }
    let part = asked.part(after, listing.page.limit).await?;
    let page = listing.page.ending(part.items, part.next);
    Ok(csv::page(&request.0, page, &COLUMNS)?)
}

/// Rows that are read and recorded at a time where the whole year is sent.
const PART: i64 = 200;

/// Who reads the register of which year, and why.
struct Asked {
    app: web::Data<AppState>,
    who: Arc<Principal>,
    visible: Visibility,
    actor: Actor,
    year: i16,
    purpose: Option<String>,
}

/// Some rows, and the number after which more come.
struct Part {
    items: Vec<RegisterEntry>,
    next: Option<i32>,
}

impl Asked {
    /// Reads some rows, and writes down that they were read.
    async fn part(&self, after: Option<i32>, limit: i64) -> Result<Part> {
        let (app, now, year) = (&self.app, self.app.now(), self.year);
        let mut conn = app.db.get().await?;
        let part = (after, limit);
        let mut rows = store::register_page(&mut conn, &self.visible, year, part).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().map(|row| row.seq).filter(|_| more);
        let opened = match self.purpose {
            Some(_) => identities(&mut conn, app, &rows).await?,
            None => HashMap::new(),
        };
        let stated = self
            .purpose
            .as_ref()
            .map(|purpose| withheld(purpose, &opened));
        let shown = stated.as_deref().map(|purpose| store::Shown {
            purpose,
            by: &self.who.sub,
            at: now,
        });
        let reveals = match &shown {
            Some(shown) => self.reveals(&mut conn, &opened, shown).await?,
            None => HashMap::new(),
        };
        let mut items = Vec::with_capacity(rows.len());
        let mut entries = vec![Entry::audit("register.read", &self.actor, now).with(
            json!({"year": year, "numbers": rows.iter().map(|r| &r.number).collect::<Vec<_>>()}),
        )];
        let mut new = Vec::new();
        let reference = app.reference.get();
        for mut row in rows {
            // The form wants a place that people know, not a code.
            row.place = row.place.map(|place| match reference.units.get(&place) {
                Some(unit) => unit.full_name.clone(),
                None => place,
            });
            let reveal = reveals.get(&row.tip_id);
            let approved_by = reveal.and_then(|reveal| reveal.approved_by.as_deref());
            let may = !needs_approval(app, &row) || approved_by.is_some();
            let shows = Shows::of(&row, opened.get(&row.tip_id).filter(|_| may));
            let reveal_id = matches!(shows, Shows::Identity(_)).then(|| match reveal {
                Some(reveal) => reveal.id,
                None => {
                    let id = app.new_id();
                    new.push((id, row.tip_id));
                    id
                }
            });
            if self.purpose.is_some() {
                // One entry a row; only those in which an identity was shown count as revealed.
                let act = match shows {
                    Shows::Identity(_) => "reporter.revealed",
                    Shows::Word(_) | Shows::Nothing => "register.row_read",
                };
                let entry = Entry::audit(act, &self.actor, now).on("tip", row.tip_id);
                entries.push(entry.with(
                    json!({"reveal_id": reveal_id, "purpose": stated, "by": "register", "approved_by": approved_by}),
                ));
            }
            items.push(RegisterEntry {
                reveal_id,
                ..entry(row, &shows)
            });
        }
        db::transaction(&mut conn, async |conn| {
            if let Some(shown) = shown.as_ref().filter(|_| !new.is_empty()) {
                store::insert_shown(conn, &new, shown).await?;
            }
            journal::record(conn, &entries).await
        })
        .await?;
        Ok(Part { items, next })
    }

    /// The reveals by which identities are shown here: of each tip the one that another officer approved for this
    /// purpose, else the one by which the register showed it within the hour.
    async fn reveals(
        &self,
        conn: &mut Conn,
        opened: &HashMap<Uuid, Known>,
        shown: &store::Shown<'_>,
    ) -> Result<HashMap<Uuid, RevealOfTip>> {
        let tips: Vec<Uuid> = opened.keys().copied().collect();
        let mut all = store::open_reveals(conn, &tips, shown).await?;
        all.retain(|reveal| reveal.approved_by.is_none() || self.is_for(reveal, opened));
        all.sort_by_key(|reveal| reveal.approved_by.is_none());
        let mut of_tips = HashMap::new();
        for reveal in all {
            of_tips.entry(reveal.tip_id).or_insert(reveal);
        }
        Ok(of_tips)
    }

    /// Whether a reveal was approved for the purpose that is stated now: what was approved for one is not shown for
    /// another. A reveal keeps it without what identifies the reporter of its tip.
    fn is_for(&self, reveal: &RevealOfTip, opened: &HashMap<Uuid, Known>) -> bool {
        match (opened.get(&reveal.tip_id), self.purpose.as_deref()) {
            (Some(Known::Open(reporter)), Some(purpose)) => {
                let stated = redact(purpose, &reporter.for_redaction(), &[]);
                stated.trim() == reveal.purpose.trim()
            }
            _ => false,
        }
    }
}

/// Whoever asked for secrecy stays sealed until a second officer has approved (BLTTHS art. 56, 484).
fn needs_approval(app: &AppState, row: &RegisterRow) -> bool {
    row.keep_secret || app.settings.reveals_approved
}

/// The identities behind some rows.
async fn identities(
    conn: &mut Conn,
    app: &AppState,
    rows: &[RegisterRow],
) -> Result<HashMap<Uuid, Known>> {
    let identified = rows.iter().filter(|row| row.identified);
    let tips: Vec<Uuid> = identified.map(|row| row.tip_id).collect();
    identity::open_all(conn, &app.keys.identity, &tips).await
}

/// What stands in the columns of the identity.
enum Shows<'a> {
    Identity(&'a OpenIdentity),
    /// The same word in each.
    Word(&'static str),
    /// Nobody was named.
    Nothing,
}

impl<'a> Shows<'a> {
    fn of(row: &RegisterRow, known: Option<&'a Known>) -> Self {
        match known {
            Some(Known::Open(identity)) => Self::Identity(identity),
            Some(Known::Broken) => Self::Word(UNREADABLE),
            None if row.identified => Self::Word(SEALED),
            Some(Known::None) | None => Self::Nothing,
        }
    }

    fn field(&self, name: &str) -> Option<String> {
        match self {
            Self::Identity(identity) => identity.get(name).map(str::to_owned),
            Self::Word(word) => Some((*word).to_owned()),
            Self::Nothing => None,
        }
    }
}

/// A purpose as the journal keeps it, which is never rewritten: no reporter of the page is named in it.
fn withheld(purpose: &str, reporters: &HashMap<Uuid, Known>) -> String {
    let purpose = purpose.replace('\0', "\u{fffd}");
    let nobody = redact(&purpose, &Identity::default(), &[]);
    reporters.values().fold(nobody, |text, known| match known {
        Known::Open(reporter) => redact(&text, &reporter.for_redaction(), &[]),
        Known::None | Known::Broken => text,
    })
}

fn entry(row: RegisterRow, shows: &Shows<'_>) -> RegisterEntry {
    let field = |name: &str| shows.field(name);
    let mut details = row.details;
    let refused = details
        .pointer("/reception/identity_refused_reason")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let (name, address, phone, national_id) = (
        field("name"),
        field("address"),
        field("phone"),
        field("national_id"),
    );
    let mut take = |name: &str| details.get_mut(name).map(Value::take).unwrap_or_default();
    RegisterEntry {
        number: row.number,
        tip_id: row.tip_id,
        received_at: row.received_at,
        receiving_officer: row.received_by,
        reporter_name: name,
        reporter_address: address,
        reporter_phone: phone,
        reporter_national_id: national_id,
        occurred_at: row.occurred_at,
        place: row.place,
        summary: row.narrative.map(|text| text.chars().take(500).collect()),
        suspects: super::shapes::persons(take("suspects")),
        witnesses: super::shapes::persons(take("witnesses")),
        victim: super::shapes::victim(take("victim")),
        loss_vnd: row.loss_vnd.unwrap_or(0),
        source_kind: row.source_kind,
        status: row.status,
        identity_refused_reason: refused,
        purged_at: row.purged_at,
        reveal_id: None,
    }
}

/// The columns of the CSV, in the order of the form; last, by which reveal an identity is shown.
const COLUMNS: [&str; 20] = [
    "number",
    "tip_id",
    "received_at",
    "receiving_officer",
    "reporter_name",
    "reporter_address",
    "reporter_phone",
    "reporter_national_id",
    "occurred_at",
    "place",
    "summary",
    "suspects",
    "witnesses",
    "victim",
    "loss_vnd",
    "source_kind",
    "status",
    "identity_refused_reason",
    "purged_at",
    "reveal_id",
];
