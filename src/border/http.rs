//! Endpoints of the border register.

use actix_web::web;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store;
use crate::auth::{Principal, Scope};
use crate::domain::crossing::{self, Part};
use crate::domain::hanoi;
use crate::domain::period::Period;
use crate::domain::redaction::{Identity, redact};
use crate::error::{Error, Result};
use crate::http::page::Listing;
use crate::http::{Answer, Api, Caller, ItemPage, Json, Meta, Query, scope};
use crate::journal::{self, Actor, Entry};
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips::Visibility;

/// Counts below this could point at a person.
const SMALL: i64 = 5;
/// Counts go back so far where no time is named.
const DAYS: i64 = 365;

pub fn api() -> Api {
    crate::handlers![list_brokers, show_border_counts]
}

/// 403 but for the border guard and the immigration desk.
fn check(who: &Principal) -> Result<()> {
    let guard = who.may(Scope::ReferralsWork) && who.agency.as_deref() == Some("border_guard");
    let desk =
        who.may(Scope::CasesRead) && who.is_police() && who.desk.as_deref() == Some("immigration");
    if guard || desk {
        Ok(())
    } else {
        let detail = "The register is open to the border guard and the immigration desk.";
        Err(Error::Forbidden(detail.into()))
    }
}

/// The purpose as it goes into the audit log, where no person may be named.
fn purpose(text: Option<&str>) -> Result<String> {
    let text = text.map(str::trim).unwrap_or_default();
    if !(3..=500).contains(&text.chars().count()) {
        let detail = "State the purpose of the look-up in 3 to 500 characters.";
        return Err(Error::invalid_parameter("purpose", "required", detail));
    }
    Ok(redact(text, &Identity::default(), &[]))
}

#[derive(Debug, Deserialize, IntoParams)]
struct BrokersQuery {
    /// Why it is looked up, 3 to 500 characters; it stands in the audit log.
    #[param(
        required = true,
        example = "Rà soát đối tượng môi giới tuyến Tây Trang."
    )]
    purpose: Option<String>,
    /// Only what had this role: `recruited`, `transported`, `advertised` and such.
    #[param(example = "recruited")]
    role: Option<String>,
}

/// A broker, a means of transport, a way or a lure, as tips name it. It is an allegation, not a finding.
#[derive(Serialize, ToSchema)]
struct Broker {
    /// The indicator; null for what the words of tips speak of.
    #[schema(required)]
    indicator_id: Option<Uuid>,
    /// Its kind; of what the words speak of `vehicle`, `route` or `lure`.
    #[schema(example = "phone")]
    kind: String,
    /// Canonical value; a number plate without its marks, or the code of a way or a lure.
    #[schema(example = "+84369123456")]
    value: String,
    /// For people.
    #[schema(example = "036 912 3456")]
    display: String,
    /// What it is in this trade: `broker`, `transport`, `route`, `lure`, `money` or `contact`.
    #[schema(example = "broker")]
    part: &'static str,
    /// What it did, by the tips; none of what the words speak of.
    roles: Vec<String>,
    /// Methods.
    methods: Vec<String>,
    /// Channels of contact.
    channels: Vec<String>,
    /// How many tips name it.
    tips: i64,
    /// First named.
    first_reported: DateTime<Utc>,
    /// Last named.
    last_reported: DateTime<Utc>,
    /// Communes it was reported from; those with fewer than 5 tips are not told.
    units: Vec<BorderUnit>,
}

/// Tips of a commune.
#[derive(Serialize, ToSchema)]
struct BorderUnit {
    /// Code.
    #[schema(example = "03158")]
    unit_code: String,
    /// Name.
    #[schema(required)]
    unit_name: Option<String>,
    /// Tips.
    #[schema(minimum = 5)]
    tips: i64,
}

/// The strongest part that the roles tell of.
fn part(roles: &[String]) -> &'static str {
    let had = |role: &str| roles.iter().any(|known| known == role);
    if had("recruited") {
        "broker"
    } else if had("transported") {
        "transport"
    } else if had("advertised") || had("sent_link") || had("hosted_content") {
        "lure"
    } else if had("received_money") {
        "money"
    } else {
        "contact"
    }
}

/// Whether a value belongs to an authority, bank or company itself, which is no broker's contact.
fn is_official(reference: &Reference, row: &store::BrokerRow) -> bool {
    let host = (row.kind == "url").then(|| row.value.split('/').next().unwrap_or_default());
    reference.is_shielded(&row.kind, &row.value, host)
}

/// What the words speak of, by the sort that is kept.
fn spoken_of(sort: &str) -> Part {
    let parts = [Part::Transport, Part::Route, Part::Lure];
    let named = parts.into_iter().find(|part| part.as_str() == sort);
    named.unwrap_or(Part::Lure)
}

/// List brokers, transport, routes and lures of illegal exit, last reported first.
///
/// Drawn from tips about acts under BLHS arts. 348–350: never citizens "at risk". Besides indicators these are number
/// plates, ways and lures that narratives speak of; they have no role, so a filter by `role` leaves them out. For the border guard
/// (`referrals:work`) and the immigration desk (`cases:read`); each look-up states a purpose. Whoever is confined to communes
/// sees what tips located there name.
#[utoipa::path(get, path = "/v1/border/brokers", tag = "referrals",
    responses((status = 200, description = "One page", body = ItemPage<Broker>)))]
async fn list_brokers(
    caller: Caller<scope::WorkOrCases>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<BrokersQuery>,
) -> Answer<ItemPage<Broker>> {
    let purpose = purpose(listing.filters.purpose.as_deref())?;
    check(&caller.who)?;
    let after = listing.page.after::<(DateTime<Utc>, Uuid)>()?;
    let role = listing.filters.role.as_deref();
    if role.is_some_and(|role| !app.reference.get().vocabulary.indicator_role.contains(role)) {
        let detail = "There is no such role.";
        return Err(Error::invalid_parameter("role", "unknown_value", detail).into());
    }
    let mut conn = app.db.get().await?;
    let visible = Visibility::claimed(&caller.who);
    let communes = visible.units();
    let rows = store::brokers(&mut conn, role, communes, after, listing.page.limit).await?;
    let mut page = listing.page.page(rows, |row| (row.last_reported, row.id));
    let reference = app.reference.get();
    page.items
        .retain(|row| row.in_words || !is_official(&reference, row));
    let units = store::units(&mut conn, &page.items, communes).await?;
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("border.brokers_read", &actor, app.now());
    let entry = entry.with(json!({"purpose": purpose, "role": role, "ids": ids}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(page.map(|row| Broker {
        indicator_id: (!row.in_words).then_some(row.id),
        part: match row.in_words {
            true => spoken_of(&row.kind).as_str(),
            false => part(&row.roles),
        },
        units: units
            .iter()
            .filter(|unit| unit.key == row.key && unit.tips >= SMALL)
            .map(|unit| BorderUnit {
                unit_name: reference
                    .units
                    .get(&unit.unit_code)
                    .map(|u| u.full_name.clone()),
                unit_code: unit.unit_code.clone(),
                tips: unit.tips,
            })
            .collect(),
        display: match (row.in_words, spoken_of(&row.kind)) {
            (false, _) => row.display,
            (true, Part::Transport) => crossing::shown(&row.value),
            (true, Part::Route | Part::Lure) => reference.ways.label(&row.value, meta.lang),
        },
        kind: match (row.in_words, spoken_of(&row.kind)) {
            (true, Part::Transport) => "vehicle".to_owned(),
            _ => row.kind,
        },
        value: row.value,
        roles: row.roles,
        methods: row.methods,
        channels: row.channels,
        tips: row.tips,
        first_reported: row.first_reported,
        last_reported: row.last_reported,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
struct CountsQuery {
    /// Why it is looked up, 3 to 500 characters; it stands in the audit log.
    #[param(required = true, example = "Lập kế hoạch tuần tra quý IV.")]
    purpose: Option<String>,
    /// In the month of this time or later (RFC 3339); a year ago where it is left out.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    from: Option<DateTime<Utc>>,
    /// In a month that begins before this time (RFC 3339); now where it is left out.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    to: Option<DateTime<Utc>>,
}

/// Counts for planning.
#[derive(Serialize, ToSchema)]
struct BorderCounts {
    /// Begin of the period.
    from: DateTime<Utc>,
    /// End of the period.
    to: DateTime<Utc>,
    /// One row a month and commune.
    items: Vec<BorderCount>,
}

/// Tips of a month and commune.
#[derive(Serialize, ToSchema)]
struct BorderCount {
    /// Month in Asia/Ho_Chi_Minh.
    #[schema(example = "2026-11")]
    month: String,
    /// Code of the commune; null where the tip names none.
    #[schema(required, example = "03158")]
    unit_code: Option<String>,
    /// Tips; null where there are 1 to 4.
    #[schema(required)]
    tips: Option<i64>,
    /// Whether the count is too small to be told.
    suppressed: bool,
}

/// Show tips about illegal exit by month and commune; counts under 5 are suppressed.
#[utoipa::path(get, path = "/v1/border/counts", tag = "referrals",
    responses((status = 200, description = "Counts", body = BorderCounts)))]
async fn show_border_counts(
    caller: Caller<scope::WorkOrCases>,
    app: web::Data<AppState>,
    meta: Meta,
    query: Query<CountsQuery>,
) -> Answer<Json<BorderCounts>> {
    let purpose = purpose(query.0.purpose.as_deref())?;
    check(&caller.who)?;
    let to = query.0.to.unwrap_or_else(|| app.now());
    let from = query.0.from.unwrap_or(to - Duration::days(DAYS));
    if from >= to {
        let detail = "from must lie before to.";
        return Err(Error::invalid_parameter("from", "out_of_range", detail).into());
    }
    // Whole months: two periods that differ by a day would tell what a count under 5 hides.
    let last = to - Duration::microseconds(1);
    let from = Period::month_of(hanoi::date(from)).from;
    let to = Period::month_of(hanoi::date(last)).to;
    let mut conn = app.db.get().await?;
    let visible = Visibility::claimed(&caller.who);
    let rows = store::counts(&mut conn, from, to, visible.units()).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("border.counts_read", &actor, app.now());
    let entry = entry.with(json!({"purpose": purpose, "from": from, "to": to}));
    journal::record(&mut conn, &[entry]).await?;
    let items = rows
        .into_iter()
        .map(|row| BorderCount {
            month: row.month,
            unit_code: row.unit_code,
            tips: (row.tips >= SMALL).then_some(row.tips),
            suppressed: row.tips < SMALL,
        })
        .collect();
    Ok(Json::new(BorderCounts { from, to, items }))
}
