//! Tips that belong to one: by what they name, and by what they say.

use std::collections::HashMap;

use actix_web::web;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::likeness::{self as store, Reach, SharedRow};
use super::visibility::Visibility;
use crate::db::Conn;
use crate::domain::likeness::{ALIKE, Signature};
use crate::domain::related::{Bond, score};
use crate::error::Result;
use crate::http::page::NoFilters;
use crate::http::{Answer, Api, Caller, Json, Meta, Path, Query, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

/// Related tips at most: the strongest; whoever wants all of an indicator lists its tips.
const ITEMS: usize = 50;
/// Candidates of each band of a signature.
const A_BAND: i64 = 40;
/// What is looked at of each indicator.
const REACH: Reach = Reach {
    hot: 200,
    usual: 50,
    of_hot: 10,
    looked_through: 500,
};

pub fn api() -> Api {
    crate::handlers![list_related_tips]
}

/// Tips that belong to one.
#[derive(Debug, Serialize, ToSchema)]
struct RelatedTips {
    /// The most closely related first, at most 50.
    items: Vec<RelatedTip>,
    /// What this tip names, the most reported first.
    indicators: Vec<OwnIndicator>,
}

/// A tip that belongs to another, and why.
#[derive(Debug, Serialize, ToSchema)]
struct RelatedTip {
    /// The tip.
    id: Uuid,
    /// Its number in the register.
    #[schema(required, example = "DB-T-2026-000123")]
    number: Option<String>,
    /// When it was received.
    received_at: DateTime<Utc>,
    /// Where it stands.
    #[schema(example = "received")]
    status: String,
    /// Its desk.
    #[schema(example = "cyber")]
    desk: String,
    /// Its case.
    #[schema(required)]
    case_id: Option<Uuid>,
    /// Level of its priority.
    #[schema(example = "high")]
    priority: String,
    /// How closely it is related, from 1 to 100.
    #[schema(example = 90, minimum = 0, maximum = 100)]
    score: u8,
    /// Why.
    reasons: Vec<RelatedReason>,
}

/// Why two tips belong together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
enum RelatedReason {
    /// Both name it.
    SharedIndicator {
        /// The indicator.
        indicator_id: Uuid,
        /// Its kind.
        #[schema(example = "bank_account")]
        kind: String,
        /// Its canonical value.
        #[schema(example = "970436:0011223344")]
        value: String,
        /// Whether so many tips name it that it says little.
        hot: bool,
    },
    /// Their texts are nearly the same.
    SimilarText {
        /// How alike they are, from 0 to 1.
        #[schema(example = 0.94)]
        similarity: f64,
        /// Whether the two belong to one flood of copies.
        same_flood: bool,
    },
}

/// What the tip names.
#[derive(Debug, Serialize, ToSchema)]
struct OwnIndicator {
    /// The indicator.
    id: Uuid,
    /// Its kind.
    #[schema(example = "phone")]
    kind: String,
    /// Its canonical value.
    #[schema(example = "+84912345678")]
    value: String,
    /// Tips that name it, this one included.
    tips: i32,
    /// More than 200 tips name it: only the newest 10 of them are related here.
    hot: bool,
}

/// List related tips, the most closely related first.
///
/// A tip is related if it names the same number, account or link, or tells nearly the same story; each comes with the
/// reason and a score. The answer holds at most 50 tips and has no further page; `GET /v1/indicators/{id}/tips` lists
/// all tips of an indicator. Texts are compared by signatures that are at most 10 s behind.
#[utoipa::path(get, path = "/v1/tips/{id}/related", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "At most 50 related tips", body = RelatedTips)))]
async fn list_related_tips(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    _: Query<NoFilters>,
) -> Answer<Json<RelatedTips>> {
    let visible = Visibility::of(&caller.who);
    let mut conn = app.db.get().await?;
    let tip = super::find_state(&mut conn, id.0, &visible).await?.tip_id;
    let shared = store::shared(&mut conn, tip, &visible, &REACH).await?;
    let mut found = Found::default();
    let indicators = found.add_shared(shared);
    found.add_alike(&mut conn, tip, &visible).await?;
    let items = found.strongest(&mut conn, &visible, app.now()).await?;
    let ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("related.read", &actor, app.now())
        .on("tip", tip)
        .with(json!({"ids": ids}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(Json::new(RelatedTips { items, indicators }))
}

/// What binds other tips to one.
#[derive(Default)]
struct Found(HashMap<Uuid, (Vec<Bond>, Vec<RelatedReason>)>);

impl Found {
    fn add(&mut self, tip: Uuid, bond: Bond, reason: RelatedReason) {
        let (bonds, reasons) = self.0.entry(tip).or_default();
        bonds.push(bond);
        reasons.push(reason);
    }

    fn add_shared(&mut self, rows: Vec<SharedRow>) -> Vec<OwnIndicator> {
        let mut own: HashMap<Uuid, OwnIndicator> = HashMap::new();
        for row in rows {
            let hot = row.tips > REACH.hot;
            if let Some(tip) = row.tip_id {
                let tips = u32::try_from(row.tips).unwrap_or(1);
                let reason = RelatedReason::SharedIndicator {
                    indicator_id: row.indicator_id,
                    kind: row.kind.clone(),
                    value: row.value.clone(),
                    hot,
                };
                self.add(tip, Bond::Indicator { tips }, reason);
            }
            own.entry(row.indicator_id).or_insert(OwnIndicator {
                id: row.indicator_id,
                kind: row.kind,
                value: row.value,
                tips: row.tips,
                hot,
            });
        }
        let mut own: Vec<_> = own.into_values().collect();
        own.sort_by_key(|one| (std::cmp::Reverse(one.tips), one.id));
        own
    }

    async fn add_alike(&mut self, conn: &mut Conn, tip: Uuid, visible: &Visibility) -> Result<()> {
        let Some(text) = store::find_signature(conn, tip).await? else {
            return Ok(());
        };
        let flood = store::flood_of(conn, tip).await?;
        for other in store::alike(conn, tip, visible, A_BAND).await? {
            let Some(signature) = Signature::from_bytes(&other.signature) else {
                continue;
            };
            let likeness = text.likeness(&signature);
            if likeness >= ALIKE {
                let reason = RelatedReason::SimilarText {
                    similarity: (likeness * 100.0).round() / 100.0,
                    same_flood: flood.is_some() && flood == other.flood_id,
                };
                self.add(other.tip_id, Bond::Text { likeness }, reason);
            }
        }
        Ok(())
    }

    /// The tips that are bound most, as they stand now.
    async fn strongest(
        self,
        conn: &mut Conn,
        visible: &Visibility,
        now: DateTime<Utc>,
    ) -> Result<Vec<RelatedTip>> {
        let mut scored: Vec<(u8, Uuid, Vec<RelatedReason>)> = self
            .0
            .into_iter()
            .map(|(tip, (bonds, reasons))| (score(&bonds), tip, reasons))
            .collect();
        // The newer first among equals.
        scored.sort_by_key(|one| std::cmp::Reverse((one.0, one.1)));
        scored.truncate(ITEMS);
        let ids: Vec<Uuid> = scored.iter().map(|one| one.1).collect();
        let mut states: HashMap<_, _> = store::states_of(conn, &ids, visible)
            .await?
            .into_iter()
            .map(|row| (row.0.tip_id, row))
            .collect();
        let items = scored.into_iter().filter_map(|(score, tip, reasons)| {
            let (state, number) = states.remove(&tip)?;
            Some(RelatedTip {
                id: tip,
                number,
                received_at: state.received_at,
                status: state.status(now).to_owned(),
                desk: state.desk,
                case_id: state.case_id,
                priority: state.level,
                score,
                reasons,
            })
        });
        Ok(items.collect())
    }
}
