//! What the public may learn, at hand in this process: one entry for each indicator that is above the
//! threshold or has a verdict. A check asks no table, so its time tells nothing either.
//!
//! There may be millions: they are a sorted [`Run`] in a file, and what changed since it was written
//! is a small map in memory beside it, merged into a new run when it has grown. In memory alone is what stands on
//! values that officers judged: a dozen keys for each such number, one for each such account or link.

mod run;
mod said;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use futures_util::TryStreamExt;
use parking_lot::RwLock;

pub use self::run::{Key, under};
use self::run::{Packed, Run, Writer};
pub use self::said::{Entry, Said, Verdict};
use self::said::{MethodSets, pack, unpack, verdict};
use super::store::{self, Published};
use crate::db::Conn;
use crate::domain::indicator::{self, Kind};
use crate::error::{Error, Result};

/// The index of this replica.
#[derive(Clone)]
pub struct PublicIndex(Arc<Shared>);

struct Shared {
    /// Where runs are written.
    dir: PathBuf,
    wallets: Vec<String>,
    view: RwLock<View>,
    /// One refresh at a time.
    refreshing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct View {
    run: Arc<Run>,
    changes: BTreeMap<Key, Option<Packed>>,
    /// What stands on a value that officers confirmed or suspect: the payment code of an account, the messenger
    /// accounts and wallets of a number. Each stands on one value alone.
    standing: BTreeMap<Key, Verdict>,
    methods: MethodSets,
    position: i64,
    loaded: bool,
}

impl View {
    /// Changes are kept in memory up to a sixty-fourth of the run.
    fn is_heavy(&self) -> bool {
        let changes = u32::try_from(self.changes.len()).unwrap_or(u32::MAX);
        changes > (self.run.len() / 64).max(8_192)
    }
}

/// What officers said of a value, where that is a warning; reports alone are told of the value itself.
fn warning(row: &Published) -> Option<Verdict> {
    let verdict = row.verdict.as_deref().map(Verdict::from_code);
    verdict.filter(|v| matches!(v, Verdict::ConfirmedScam | Verdict::Suspected))
}

/// The keys of all that may stand on a value.
fn above(wallets: &[String], row: &Published) -> impl Iterator<Item = Key> {
    let wallets = wallets.iter().map(String::as_str);
    let all = Kind::from_code(&row.kind)
        .map(|kind| indicator::standing_on(kind, &row.value, wallets))
        .unwrap_or_default();
    all.into_iter()
        .map(|(kind, value)| indicator::key(kind, &value))
}

/// Takes over what stands on a value that changed.
fn note_standing(standing: &mut BTreeMap<Key, Verdict>, wallets: &[String], row: &Published) {
    let warning = warning(row);
    if warning.is_none() && standing.is_empty() {
        return;
    }
    for key in above(wallets, row) {
        match warning {
            Some(verdict) => standing.insert(key, verdict),
            None => standing.remove(&key),
        };
    }
}

/// A day as far as the public may know it.
pub fn month(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

impl PublicIndex {
    /// An index that writes its runs into a directory; `wallets` are the codes of the wallets.
    pub fn new(dir: PathBuf, wallets: Vec<String>) -> Self {
        Self(Arc::new(Shared {
            dir,
            wallets,
            view: RwLock::default(),
            refreshing: tokio::sync::Mutex::default(),
        }))
    }

    /// Takes over what changed.
    pub async fn refresh(&self, conn: &mut Conn) -> Result<()> {
        const PAGE: i64 = 5_000;
        let _one_at_a_time = self.0.refreshing.lock().await;
        if self.0.view.read().position == 0
            && let Err(error) = self.load(conn).await
        {
            // There is something to tell, and it is not at hand: nothing may be called unknown.
            self.0.view.write().loaded = false;
            return Err(error);
        }
        let mut position = self.0.view.read().position;
        let mut key = store::LAST_KEY.to_vec();
        loop {
            let rows = store::published_after(conn, position, &key, PAGE).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            position = last.position;
            key.clone_from(&last.key);
            self.apply(rows);
            self.merge().await?;
        }
    }

    /// Everything that stood at the position at which the load begins; what changes meanwhile has a
    /// later one and is taken over after.
    async fn load(&self, conn: &mut Conn) -> Result<()> {
        let (position, count) = store::published_extent(conn).await?;
        if position == 0 {
            self.0.view.write().loaded = true;
            return Ok(());
        }
        let expected = u32::try_from(count).unwrap_or(u32::MAX);
        let mut writer = Writer::new(&self.0.dir, expected).map_err(|e| self.storing(e))?;
        let (mut methods, mut standing) = (MethodSets::default(), BTreeMap::new());
        let mut rows = store::published_by_key(conn).await?;
        while let Some(row) = rows.try_next().await? {
            // Each key comes once, so there is nothing to take away again.
            if let Some(warning) = warning(&row) {
                let keys = above(&self.0.wallets, &row);
                standing.extend(keys.map(|key| (key, warning)));
            }
            let key = Key::try_from(row.key.as_slice());
            if let (Ok(key), Some(packed)) = (key, pack(row, &mut methods)) {
                writer.push(&key, packed).map_err(|e| self.storing(e))?;
            }
        }
        let run = Arc::new(writer.finish().map_err(|e| self.storing(e))?);
        *self.0.view.write() = View {
            run,
            changes: BTreeMap::new(),
            standing,
            methods,
            position,
            loaded: true,
        };
        Ok(())
    }

    /// What went wrong with a run, and where.
    fn storing(&self, error: std::io::Error) -> Error {
        let folder = self.0.dir.display();
        Error::internal(format!("the file of the public index in {folder}"), error)
    }

    fn apply(&self, rows: Vec<Published>) {
        let mut view = self.0.view.write();
        for row in rows {
            view.position = view.position.max(row.position);
            note_standing(&mut view.standing, &self.0.wallets, &row);
            if let Ok(key) = Key::try_from(row.key.as_slice()) {
                let packed = pack(row, &mut view.methods);
                view.changes.insert(key, packed);
            }
        }
    }

    /// Writes a new run where there are many changes.
    async fn merge(&self) -> Result<()> {
        let shared = self.0.clone();
        if !shared.view.read().is_heavy() {
            return Ok(());
        }
        let merging = tokio::task::spawn_blocking(move || {
            let (run, changes) = {
                let view = shared.view.read();
                (view.run.clone(), view.changes.clone())
            };
            let run = Arc::new(run.merged(&changes, &shared.dir)?);
            // Only a refresh changes the view, and this is within one.
            let mut view = shared.view.write();
            view.run = run;
            view.changes.clear();
            Ok::<_, std::io::Error>(())
        });
        merging
            .await
            .map_err(|e| Error::internal("merging the public index", e))?
            .map_err(|e| self.storing(e))
    }

    /// Whether what stands in the database is at hand; it is soon after the start.
    pub fn is_loaded(&self) -> bool {
        self.0.view.read().loaded
    }

    fn get(&self, key: &Key) -> Result<Said> {
        let view = self.0.view.read();
        if !view.loaded {
            return Err(not_loaded());
        }
        let packed = match view.changes.get(key) {
            Some(changed) => *changed,
            None => view.run.get(key).map_err(|e| self.storing(e))?,
        };
        Ok(packed.map_or(Said::Nothing, |packed| unpack(packed, &view.methods)))
    }

    /// What may be said of a value.
    pub fn of_value(&self, kind: Kind, value: &str) -> Result<Said> {
        self.get(&indicator::key(kind, value))
    }

    /// Everything under these 20 bits, in order, what stands on a value that officers judged among it, but nothing that
    /// they cleared; what is official by reference data stands before what officers gave.
    pub fn with_prefix(
        &self,
        prefix: u32,
        official: &BTreeSet<Key>,
    ) -> Result<BTreeMap<Key, Verdict>> {
        let from = under(prefix, [0; 32]);
        let here = |key: &Key| run::prefix_of(key) == prefix;
        let view = self.0.view.read();
        if !view.loaded {
            return Err(not_loaded());
        }
        let kept = view.run.under(prefix).map_err(|e| self.storing(e))?;
        // Without a verdict: cleared.
        let mut all: BTreeMap<Key, Option<Verdict>> = kept
            .into_iter()
            .map(|(key, packed)| (key, verdict(packed)))
            .collect();
        for (key, changed) in view.changes.range(from..).take_while(|(key, _)| here(key)) {
            match changed {
                Some(packed) => all.insert(*key, verdict(*packed)),
                None => all.remove(key),
            };
        }
        for (key, verdict) in view.standing.range(from..).take_while(|(key, _)| here(key)) {
            let own = all.entry(*key).or_insert(Some(*verdict));
            if own.is_some_and(|own| verdict.outweighs(own)) {
                *own = Some(*verdict);
            }
        }
        let known = official.range(from..).take_while(|key| here(key));
        all.extend(known.map(|key| (*key, Some(Verdict::Official))));
        let told = |(key, verdict): (Key, Option<Verdict>)| Some((key, verdict?));
        Ok(all.into_iter().filter_map(told).collect())
    }
}

fn not_loaded() -> Error {
    Error::unavailable("the public index", "it is being loaded")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(verdict: &str) -> Published {
        Published {
            key: vec![1; 32],
            kind: "phone".to_owned(),
            value: "+84912345678".to_owned(),
            verdict: Some(verdict.to_owned()),
            reports: 5,
            methods: Vec::new(),
            last_reported: None,
            cleared: false,
            position: 1,
        }
    }

    #[test]
    fn what_stands_on_a_confirmed_value_stands_and_falls_with_it() {
        let mut standing = BTreeMap::new();
        let mut take = |verdict: &str| {
            note_standing(&mut standing, &["momo".to_owned()], &row(verdict));
            let of = |kind, value: &str| standing.get(&indicator::key(kind, value)).copied();
            (
                of(Kind::MessagingAccount, "zalo:+84912345678"),
                of(Kind::Ewallet, "momo:+84912345678"),
            )
        };
        let confirmed = Some(Verdict::ConfirmedScam);
        assert_eq!(take("reported"), (None, None));
        assert_eq!(take("confirmed_scam"), (confirmed, confirmed));
        assert_eq!(take("official"), (None, None));
    }

    #[test]
    fn before_it_is_loaded_nothing_is_called_unknown() {
        let index = PublicIndex::new(std::env::temp_dir(), Vec::new());
        let unavailable = |e: &Error| matches!(e, Error::Unavailable { .. });
        assert!(
            index
                .of_value(Kind::Phone, "+84912345678")
                .is_err_and(|e| unavailable(&e))
        );
        assert!(
            index
                .with_prefix(0, &BTreeSet::new())
                .is_err_and(|e| unavailable(&e))
        );
    }
}
