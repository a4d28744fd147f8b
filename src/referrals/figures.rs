//! How fast and with what success referrals are answered: minutes and money.

use actix_web::web;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::reach::Reach;
use super::store;
use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::{Answer, Api, Caller, Json, Meta, Query, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

/// Figures go back so far where no time is named.
const DAYS: i64 = 30;

pub fn api() -> Api {
    crate::handlers![show_referral_figures]
}

#[derive(Debug, Deserialize, IntoParams)]
struct FiguresQuery {
    /// Sent at or after (RFC 3339); 30 days ago where it is left out.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    from: Option<DateTime<Utc>>,
    /// Sent before (RFC 3339); now where it is left out.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    to: Option<DateTime<Utc>>,
    /// Code of the agency.
    #[param(example = "bank_970436")]
    agency: Option<String>,
}

/// Figures of the referrals sent in a period.
#[derive(Serialize, ToSchema)]
struct ReferralFigures {
    /// Begin of the period.
    from: DateTime<Utc>,
    /// End of the period.
    to: DateTime<Utc>,
    /// One row a kind.
    items: Vec<KindFigures>,
}

/// Figures of one kind of referral.
#[derive(Clone, Debug, Serialize, ToSchema, QueryableByName)]
pub struct KindFigures {
    /// Kind.
    #[diesel(sql_type = st::Text)]
    #[schema(example = "freeze_funds")]
    pub kind: String,
    /// Sent in the period.
    #[diesel(sql_type = st::BigInt)]
    sent: i64,
    /// Of these, to prolong a freeze; they count neither for the minutes from the report nor for the money.
    #[diesel(sql_type = st::BigInt)]
    renewals: i64,
    /// Of these, answered.
    #[diesel(sql_type = st::BigInt)]
    completed: i64,
    /// Declined.
    #[diesel(sql_type = st::BigInt)]
    declined: i64,
    /// Recalled.
    #[diesel(sql_type = st::BigInt)]
    recalled: i64,
    /// Waiting for an answer that is overdue.
    #[diesel(sql_type = st::BigInt)]
    overdue: i64,
    /// Answers by outcome.
    #[diesel(sql_type = st::Jsonb)]
    #[schema(value_type = Object, example = json!({"frozen": 3, "moved_on": 1}))]
    outcomes: Value,
    /// Median of the minutes from the report to sending.
    #[diesel(sql_type = st::Nullable<st::Double>)]
    #[schema(required)]
    median_minutes_report_to_sent: Option<f64>,
    /// Median of the minutes from sending to the acknowledgement.
    #[diesel(sql_type = st::Nullable<st::Double>)]
    #[schema(required)]
    median_minutes_sent_to_acknowledged: Option<f64>,
    /// Median of the minutes from the report to the answer; of a freeze, to money frozen.
    #[diesel(sql_type = st::Nullable<st::Double>)]
    #[schema(required)]
    median_minutes_report_to_completed: Option<f64>,
    /// The same for nine of ten.
    #[diesel(sql_type = st::Nullable<st::Double>)]
    #[schema(required)]
    p90_minutes_report_to_completed: Option<f64>,
    /// What freezes asked for, in đồng.
    #[diesel(sql_type = st::BigInt)]
    requested_vnd: i64,
    /// What was frozen, in đồng; of a freeze that was prolonged what the last answers say, once.
    #[diesel(sql_type = st::BigInt)]
    frozen_vnd: i64,
    /// What banks held and did not freeze again when they were asked to prolong it, in đồng.
    #[diesel(sql_type = st::BigInt)]
    released_vnd: i64,
}

/// Figures by kind of the referrals sent in a period that count for a bearer.
pub async fn figures(
    conn: &mut Conn,
    who: &Principal,
    period: (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Vec<KindFigures>> {
    store::kind_figures(conn, &Reach::counted(who), period, None, now).await
}

/// Show how fast and with what success referrals are answered.
#[utoipa::path(get, path = "/v1/referrals/figures", tag = "referrals",
    responses((status = 200, description = "Minutes, outcomes and money by kind", body = ReferralFigures)))]
async fn show_referral_figures(
    caller: Caller<scope::ReferralsReadOrWork>,
    app: web::Data<AppState>,
    meta: Meta,
    query: Query<FiguresQuery>,
) -> Answer<Json<ReferralFigures>> {
    let now = app.now();
    let to = query.0.to.unwrap_or(now);
    let from = query.0.from.unwrap_or(to - Duration::days(DAYS));
    if from >= to {
        let detail = "from must lie before to.";
        return Err(Error::invalid_parameter("from", "out_of_range", detail).into());
    }
    let reach = Reach::of(&caller.who);
    let mut conn = app.db.get().await?;
    let agency = query.0.agency.as_deref();
    let items = store::kind_figures(&mut conn, &reach, (from, to), agency, now).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("referral.figures_read", &actor, now);
    journal::record(&mut conn, &[entry]).await?;
    Ok(Json::new(ReferralFigures { from, to, items }))
}
