//! The graph of a case, and clusters of open tips that share indicators: both on demand and bounded.

use std::collections::{BTreeMap, HashMap};

use actix_web::web;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::{self, EdgeRow};
use super::view;
use crate::domain::indicator::{self, Kind};
use crate::http::page::NoFilters;
use crate::http::{Answer, Api, Caller, Json, Meta, Path, Query, scope};
use crate::journal::{self, Actor, Entry};
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips::Visibility;

/// Edges of a graph at most.
const EDGES: i64 = 2_000;
/// Open tips that suggestions are drawn from at most.
const OPEN_TIPS: i64 = 2_000;
/// Tips that are looked at of one indicator at most: as many as one call accepts.
const EACH: i64 = 500;
/// Suggestions at most.
const CLUSTERS: usize = 50;

pub fn api() -> Api {
    crate::handlers![show_case_graph, list_case_suggestions]
}

/// Tips and indicators of a case.
#[derive(Debug, Serialize, ToSchema)]
struct Graph {
    /// Tips and indicators.
    nodes: Vec<Node>,
    /// From tip to indicator.
    edges: Vec<Edge>,
    /// Tips that did not fit in.
    more_tips: i64,
    /// Edges of the tips shown that did not fit in.
    more_edges: i64,
}

/// A tip or an indicator.
#[derive(Debug, Serialize, ToSchema)]
struct Node {
    /// Id of the tip or indicator.
    id: Uuid,
    /// `tip`, or the kind of the indicator.
    #[schema(example = "phone")]
    kind: String,
    /// Canonical value of an indicator.
    #[schema(required)]
    value: Option<String>,
    /// How many edges it has here.
    degree: usize,
}

/// A tip names an indicator.
#[derive(Debug, Serialize, ToSchema)]
struct Edge {
    /// The tip.
    tip: Uuid,
    /// The indicator.
    indicator: Uuid,
    /// What it did.
    #[schema(required)]
    role: Option<String>,
}

/// Show the graph of a case.
#[utoipa::path(get, path = "/v1/cases/{id}/graph", tag = "cases",
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "At most 200 tips and 2,000 edges", body = Graph)))]
async fn show_case_graph(
    caller: Caller<scope::CasesRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    _: Query<NoFilters>,
) -> Answer<Json<Graph>> {
    let mut conn = app.db.get().await?;
    let visible = Visibility::of(&caller.who);
    let case = store::find_case(&mut conn, id.0, &visible).await?;
    let mut totals = store::totals(&mut conn, &[case.id], visible.units())
        .await?
        .pop()
        .unwrap_or_default();
    let count = |shown: usize| i64::try_from(shown).unwrap_or(i64::MAX);
    // Those that a confined bearer may not know of would have fitted in.
    let more_tips = totals.tips - count(totals.tip_ids.len());
    let seen = view::known(&mut conn, &visible, &totals.tip_ids).await?;
    totals.tip_ids.retain(|tip| seen.contains(tip));
    let (edges, all) = store::edges(&mut conn, &totals.tip_ids, EDGES).await?;
    let mut graph = graph(&totals.tip_ids, edges);
    graph.more_tips = more_tips;
    graph.more_edges = all - count(graph.edges.len());
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("case.read", &actor, app.now())
        .on("case", id.0)
        .with(json!({"path": meta.path}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(Json::new(graph))
}

fn graph(tips: &[Uuid], edges: Vec<EdgeRow>) -> Graph {
    let mut degrees: BTreeMap<Uuid, usize> = tips.iter().map(|tip| (*tip, 0)).collect();
    let mut indicators: BTreeMap<Uuid, (String, String)> = BTreeMap::new();
    for edge in &edges {
        *degrees.entry(edge.tip_id).or_default() += 1;
        *degrees.entry(edge.indicator_id).or_default() += 1;
        indicators.insert(edge.indicator_id, (edge.kind.clone(), edge.value.clone()));
    }
    let nodes = degrees
        .into_iter()
        .map(|(id, degree)| match indicators.remove(&id) {
            Some((kind, value)) => Node {
                id,
                kind,
                value: Some(value),
                degree,
            },
            None => Node {
                id,
                kind: "tip".to_owned(),
                value: None,
                degree,
            },
        })
        .collect();
    let edges = edges
        .into_iter()
        .map(|edge| Edge {
            tip: edge.tip_id,
            indicator: edge.indicator_id,
            role: edge.role,
        })
        .collect();
    Graph {
        nodes,
        edges,
        more_tips: 0,
        more_edges: 0,
    }
}

/// Clusters that may be one matter.
#[derive(Debug, Serialize, ToSchema)]
struct Suggestions {
    /// The largest first, at most 50.
    items: Vec<Suggestion>,
}

/// Open tips that share indicators.
#[derive(Debug, Serialize, ToSchema)]
struct Suggestion {
    /// Tips of the cluster, at most 500: pass them to `POST /v1/cases` to accept all with one call.
    tip_ids: Vec<Uuid>,
    /// How many tips there are.
    tips: usize,
    /// Indicators that link them, the most shared first, at most 20.
    shared: Vec<SharedIndicator>,
}

/// An indicator that links tips.
#[derive(Debug, Serialize, ToSchema)]
struct SharedIndicator {
    /// Id.
    id: Uuid,
    /// Kind.
    kind: String,
    /// Canonical value.
    value: String,
    /// Tips of the cluster that name it.
    tips: usize,
    /// Tips that name it at all, waiting or not, seconds behind.
    named_by: i32,
}

/// List clusters of open tips that share indicators.
///
/// Drawn from the 2,000 most urgent open tips, of one indicator at most 500 of them. Official values, hosts on which
/// anybody can have a page, and senders of SMS, which anybody can forge, link nothing.
#[utoipa::path(get, path = "/v1/cases/suggestions", tag = "cases",
    responses((status = 200, description = "Clusters of two tips or more", body = Suggestions)))]
async fn list_case_suggestions(
    caller: Caller<scope::CasesRead>,
    app: web::Data<AppState>,
    meta: Meta,
    _: Query<NoFilters>,
) -> Answer<Json<Suggestions>> {
    let mut conn = app.db.get().await?;
    let visible = Visibility::of(&caller.who);
    let mut edges = store::open_edges(&mut conn, &visible, OPEN_TIPS, EACH).await?;
    let reference = app.reference.get();
    edges.retain(|edge| links(&reference, edge));
    let mut items = clusters(edges);
    let shared = || items.iter().flat_map(|one| &one.shared);
    let named_by = store::named_by(&mut conn, shared().map(|s| s.id).collect()).await?;
    for shared in items.iter_mut().flat_map(|one| &mut one.shared) {
        shared.named_by = named_by.get(&shared.id).copied().unwrap_or(0);
    }
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let ids: Vec<Uuid> = items.iter().flat_map(|one| one.tip_ids.clone()).collect();
    let entry = Entry::audit("case.suggestions_read", &actor, app.now());
    journal::record(&mut conn, &[entry.with(json!({"ids": ids}))]).await?;
    Ok(Json::new(Suggestions { items }))
}

/// Whether an indicator says that its tips are one matter; how many tips name it does not matter.
fn links(reference: &Reference, edge: &EdgeRow) -> bool {
    match Kind::from_code(&edge.kind) {
        Some(Kind::Url) => !indicator::is_everybodys(&reference.brands, &edge.value),
        Some(Kind::Phone) => !reference.official.phone(&edge.value),
        _ => true,
    }
}

/// Connected components with more than one tip, by union-find over shared indicators.
fn clusters(edges: Vec<EdgeRow>) -> Vec<Suggestion> {
    let mut parent: HashMap<Uuid, Uuid> = HashMap::new();
    fn root(parent: &mut HashMap<Uuid, Uuid>, id: Uuid) -> Uuid {
        let mut at = id;
        loop {
            let up = *parent.entry(at).or_insert(at);
            if up == at {
                break;
            }
            // Halve the path, so that looking up stays short.
            let above = parent.get(&up).copied().unwrap_or(up);
            parent.insert(at, above);
            at = above;
        }
        at
    }
    for edge in &edges {
        let (tip, indicator) = (
            root(&mut parent, edge.tip_id),
            root(&mut parent, edge.indicator_id),
        );
        parent.insert(tip, indicator);
    }
    let mut groups: BTreeMap<Uuid, Vec<EdgeRow>> = BTreeMap::new();
    for edge in edges {
        let top = root(&mut parent, edge.tip_id);
        groups.entry(top).or_default().push(edge);
    }
    let mut found: Vec<Suggestion> = groups
        .into_values()
        .filter_map(|edges| {
            let mut tip_ids: Vec<Uuid> = edges.iter().map(|e| e.tip_id).collect();
            tip_ids.sort_unstable();
            tip_ids.dedup();
            let tips = tip_ids.len();
            if tips < 2 {
                return None;
            }
            let mut shared: BTreeMap<Uuid, SharedIndicator> = BTreeMap::new();
            for edge in edges {
                let entry = shared.entry(edge.indicator_id).or_insert(SharedIndicator {
                    id: edge.indicator_id,
                    kind: edge.kind,
                    value: edge.value,
                    tips: 0,
                    named_by: 0,
                });
                entry.tips += 1;
            }
            let mut shared: Vec<_> = shared.into_values().filter(|s| s.tips > 1).collect();
            shared.sort_by_key(|s| std::cmp::Reverse(s.tips));
            shared.truncate(20);
            tip_ids.truncate(500);
            Some(Suggestion {
                tip_ids,
                tips,
                shared,
            })
        })
        .collect();
    found.sort_by_key(|cluster| std::cmp::Reverse(cluster.tips));
    found.truncate(CLUSTERS);
    found
}
