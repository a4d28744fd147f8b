//! How fast and with what success referrals are answered: minutes and money.

use actix_web::web;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::reach::Reach;
use super::store::{self, KindFigures};
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
