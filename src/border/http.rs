//! Endpoints of the border register.

use actix_web::web;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store;
use crate::auth::{Principal, Scope};
use crate::domain::crossing::{self, Trace};
use crate::domain::hanoi;
use crate::domain::indicator::Kind;
use crate::domain::period::Period;
use crate::domain::redaction::{Identity, redact};
use crate::error::{Error, Result};
use crate::http::page::Listing;
use crate::http::{Answer, Api, Caller, ItemPage, Json, Meta, Query, scope};
use crate::journal::{self, Actor, Entry};
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips::{Visibility, list};

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
    let code = match text.chars().count() {
        0 => "required",
        3..=500 => return Ok(redact(text, &Identity::default(), &[])),
        _ => "length",
    };
    let detail = "State the purpose of the look-up in 3 to 500 characters.";
    Err(Error::invalid_parameter("purpose", code, detail))
}

#[derive(Debug, Deserialize, IntoParams)]
struct BrokersQuery {
    /// Why it is looked up, 3 to 500 characters; it stands in the audit log.
    #[param(
        required = true,
        min_length = 3,
        max_length = 500,
        example = "Rà soát đối tượng môi giới tuyến Tây Trang."
    )]
    purpose: Option<String>,
    /// Only what had this role: `recruited`, `transported`, `advertised` and such.
    #[param(example = "recruited")]
    role: Option<String>,
    /// Only of this kind: one of the kinds of indicators, or `vehicle`, `route` or `lure`.
    #[param(example = "vehicle", value_type = Option<String>)]
    kind: Option<String>,
    /// Only with this part in the trade.
    #[param(inline)]
    part: Option<TradePart>,
    /// Only this number, link, account or number plate, in any written form, or the code of a way or a lure.
    #[param(example = "27A-333.44", min_length = 1, max_length = 2000)]
    value: Option<String>,
}

/// What something is in this trade.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TradePart {
    /// Who recruits.
    Broker,
    /// What carries people.
    Transport,
    /// Where they go.
    Route,
    /// What is promised.
    Lure,
    /// Where money goes.
    Money,
    /// How the others are reached.
    Contact,
}

impl TradePart {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Transport => "transport",
            Self::Route => "route",
            Self::Lure => "lure",
            Self::Money => "money",
            Self::Contact => "contact",
        }
    }
}

/// The keys that a written value may have; none where it is nothing that the register could hold.
fn keys(reference: &Reference, written: &str) -> Option<Vec<Vec<u8>>> {
    let written = written.trim();
    let traces = [Trace::vehicle(written), reference.ways.trace(written)];
    let words = traces.into_iter().flatten();
    let words = words.map(|trace| trace.key().into_bytes());
    let keys: Vec<Vec<u8>> = words
        .chain(list::indicator_key(reference, written))
        .collect();
    (!keys.is_empty()).then_some(keys)
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
    #[schema(value_type = TradePart)]
    part: String,
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

/// Whether a value belongs to an authority, bank or company itself, which is no broker's contact.
fn is_official(reference: &Reference, row: &store::BrokerRow) -> bool {
    let host = (row.kind == "url").then(|| row.value.split('/').next().unwrap_or_default());
    reference.is_shielded(&row.kind, &row.value, host)
}

/// List brokers, transport, routes and lures of illegal exit, last reported first.
///
/// Drawn from tips about acts under BLHS arts. 348–350: never citizens "at risk". Besides indicators these are number
/// plates, routes and lures that narratives speak of, and plates that were sent as indicators of the kind `vehicle`; they have
/// no role, so a filter by `role` leaves them out. What reporters call their own, a victim's or a relative's is not listed.
/// For the border guard (`referrals:work`) and the immigration desk (`cases:read`); each look-up states a purpose. Whoever
/// is confined to communes sees what tips located there name.
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
    let reference = app.reference.get();
    let kind = listing.filters.kind.as_deref();
    let known = |kind: &str| {
        matches!(kind, "vehicle" | "route" | "lure") || Kind::from_code(kind).is_some()
    };
    if kind.is_some_and(|kind| !known(kind)) {
        let detail = "There is no such kind.";
        return Err(Error::invalid_parameter("kind", "unknown_value", detail).into());
    }
    let value = listing.filters.value.as_deref();
    let keys = match value.map(|value| keys(&reference, value)) {
        Some(None) => {
            let detail =
                "It can be read neither as a number, link or account nor as a number plate.";
            return Err(Error::invalid_parameter("value", "unknown_value", detail).into());
        }
        found => found.flatten(),
    };
    let wanted = store::Wanted {
        role,
        kind,
        part: listing.filters.part.map(TradePart::as_str),
        keys,
    };
    let mut conn = app.db.get().await?;
    let visible = Visibility::claimed(&caller.who);
    let communes = visible.units();
    let rows = store::brokers(&mut conn, &wanted, communes, after, listing.page.limit).await?;
    let mut page = listing.page.page(rows, |row| (row.last_reported, row.id));
    page.items
        .retain(|row| row.in_words || !is_official(&reference, row));
    let units = store::units(&mut conn, &page.items, communes).await?;
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("border.brokers_read", &actor, app.now());
    let entry = entry.with(json!({
        "purpose": purpose, "role": role, "kind": kind, "part": wanted.part, "by_value": value.is_some(), "ids": ids,
    }));
    journal::record(&mut conn, &[entry]).await?;
    Ok(page.map(|row| Broker {
        indicator_id: (!row.in_words).then_some(row.id),
        part: row.part,
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
        display: match (row.in_words, row.kind.as_str()) {
            (false, _) => row.display,
            (true, "vehicle") => crossing::shown(&row.value),
            (true, _) => reference.ways.label(&row.value, meta.lang),
        },
        kind: row.kind,
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
    #[param(
        required = true,
        min_length = 3,
        max_length = 500,
        example = "Lập kế hoạch tuần tra quý IV."
    )]
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
