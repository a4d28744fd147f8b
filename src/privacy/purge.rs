//! Ending what is due, in batches: a batch is one transaction, and any replica may take the next.
//!
//! Rows go before the objects that they name: a crash in between leaves objects that nothing can
//! open any more (their keys went with the rows), and the sweep of the evidence deletes them.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use uuid::Uuid;

use super::class::{self, Class, Terms};
use super::retention;
use super::store::{purge as store, retention as rules};
use crate::db::{self, Conn};
use crate::error::Result;
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::storage::Storage;
use crate::{evidence, indicators, tips};

/// Rows of one batch.
const BATCH: i64 = 100;
/// Batches of one class in a run on schedule: the rest waits for the next.
const BATCHES: usize = 50;
/// A run on schedule begins this long after the last.
const HOURS: i64 = 1;

/// What purging needs.
pub struct Purger<'a> {
    /// Where the objects lie.
    pub storage: &'a Storage,
    /// Who purges.
    pub actor: &'a Actor,
    /// The time.
    pub now: DateTime<Utc>,
}

/// How much of a class ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which.
    pub class: Class,
    /// How much.
    pub count: usize,
}

/// The time before which things of a class must have ended to be due; `None` keeps them for ever.
fn before(terms: &Terms, class: Class, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let days = terms.get(&class).copied().flatten()?;
    now.checked_sub_signed(Duration::days(i64::from(days)))
}

/// What a run by some rules would end: one row a class.
pub async fn preview(
    conn: &mut Conn,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Result<Vec<(Class, store::Count)>> {
    let mut counts = Vec::new();
    for class in Class::all() {
        let count = match before(terms, class, now) {
            Some(before) => store::count(conn, class, before).await?,
            None => store::Count::default(),
        };
        counts.push((class, count));
    }
    Ok(counts)
}

/// The run on schedule: once an hour over all replicas. Returns how much ended.
pub async fn scheduled(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let row = retention::in_force(conn).await?;
    if !rules::take_run(conn, app.now(), Duration::hours(HOURS)).await? {
        return Ok(0);
    }
    let purger = Purger {
        storage: &app.storage,
        actor: &Actor::system(),
        now: app.now(),
    };
    let all: Vec<Class> = Class::all().collect();
    let terms = class::terms(&retention::rules_of(&row.rules)?);
    let ended = run(conn, &purger, &terms, &all, BATCHES, |_| ()).await?;
    Ok(ended.iter().map(|ended| ended.count).sum())
}

/// Ends what is due of some classes, at most so many batches of each; `progress` hears of every
/// batch. One audit entry tells of the run, unless nothing ended.
pub async fn run(
    conn: &mut Conn,
    purger: &Purger<'_>,
    terms: &Terms,
    classes: &[Class],
    batches: usize,
    mut progress: impl FnMut(Ended),
) -> Result<Vec<Ended>> {
    let mut all = Vec::new();
    for class in Class::all().filter(|class| classes.contains(class)) {
        let mut ended = Ended { class, count: 0 };
        if let Some(before) = before(terms, class, purger.now) {
            for _ in 0..batches {
                let count = batch(conn, purger, class, before).await?;
                if count == 0 {
                    break;
                }
                ended.count += count;
                progress(ended);
            }
        }
        all.push(ended);
    }
    if all.iter().any(|ended| ended.count > 0) {
        let counts: serde_json::Map<_, _> = all
            .iter()
            .map(|ended| (ended.class.as_str().to_owned(), json!(ended.count)))
            .collect();
        let entry =
            Entry::audit("retention.ran", purger.actor, purger.now).with(json!({"ended": counts}));
        journal::record(conn, &[entry]).await?;
    }
    Ok(all)
}

/// Ends one batch; returns how much, 0 when nothing is left.
async fn batch(
    conn: &mut Conn,
    purger: &Purger<'_>,
    class: Class,
    before: DateTime<Utc>,
) -> Result<usize> {
    let limit = if class == Class::Cases { 1 } else { BATCH };
    let (count, objects) = db::transaction(conn, async |conn| {
        let ids = store::take(conn, class, before, limit).await?;
        let objects = match class {
            Class::ReporterIdentities | Class::CaseIdentities => {
                anonymise(conn, purger, &ids).await?;
                Vec::new()
            }
            Class::Evidence => evidence::delete_rows(conn, purger.actor, &ids, purger.now).await?,
            Class::Tips => delete_tips(conn, purger, &ids, class.as_str()).await?,
            Class::Cases => end_cases(conn, purger, &ids).await?,
            Class::Appeals => {
                let keys = store::delete_appeals(conn, &ids).await?;
                // What the last tip named that is gone, an appeal kept until now.
                indicators::delete_unnamed(conn, &keys).await?;
                Vec::new()
            }
            Class::PrivacyRequests => {
                store::delete_requests(conn, &ids).await?;
                Vec::new()
            }
        };
        Ok((ids.len(), objects))
    })
    .await?;
    evidence::delete_objects(purger.storage, &objects).await;
    Ok(count)
}

async fn anonymise(conn: &mut Conn, purger: &Purger<'_>, ids: &[Uuid]) -> Result<()> {
    tips::anonymise(conn, ids, purger.now).await?;
    let entries: Vec<Entry> = ids
        .iter()
        .map(|id| Entry::audit("tip.anonymised", purger.actor, purger.now).on("tip", *id))
        .collect();
    journal::record(conn, &entries).await
}

/// Deletes tips with all that hangs on them but their rows in the register; returns the objects that
/// are to be deleted once this is committed.
pub async fn delete_tips(
    conn: &mut Conn,
    purger: &Purger<'_>,
    ids: &[Uuid],
    why: &str,
) -> Result<Vec<Uuid>> {
    let objects = evidence::objects_of(conn, ids).await?;
    store::forget_referrals(conn, ids, &[]).await?;
    tips::purge(conn, ids, purger.now).await?;
    let entries: Vec<Entry> = ids
        .iter()
        .map(|id| {
            Entry::audit("tip.purged", purger.actor, purger.now)
                .on("tip", *id)
                .with(json!({"by": why}))
        })
        .collect();
    journal::record(conn, &entries).await?;
    Ok(objects)
}

/// Deletes a batch of the tips of a case, and with the last of them its texts.
async fn end_cases(conn: &mut Conn, purger: &Purger<'_>, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let mut objects = Vec::new();
    for case in ids {
        let tips = store::tips_of_case(conn, *case, BATCH).await?;
        objects.extend(delete_tips(conn, purger, &tips, Class::Cases.as_str()).await?);
        if i64::try_from(tips.len()).is_ok_and(|count| count < BATCH) {
            store::empty_case(conn, *case, purger.now).await?;
            let entry = Entry::audit("case.purged", purger.actor, purger.now).on("case", *case);
            journal::record(conn, &[entry]).await?;
        }
    }
    Ok(objects)
}
