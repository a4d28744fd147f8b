//! What the public may learn, at hand in this process: one entry for each indicator that is above the
//! threshold or has a verdict. A check asks no table, so its time tells nothing either.
//!
//! There may be millions: they are a sorted [`Run`] in a file, and what changed since it was written
//! is a small map in memory beside it, merged into a new run when it has grown.

mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use futures_util::TryStreamExt;
use parking_lot::RwLock;

pub use self::run::{Key, under};
use self::run::{Packed, Run, Writer};
use super::check::bucket;
use super::store::{self, Published};
use crate::db::Conn;
use crate::domain::indicator::{self, Kind};
use crate::error::{Error, Result};

/// What is said of one indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `confirmed_scam`, `suspected`, `reported` or `official`.
    pub verdict: Verdict,
    /// The least number of independent reports in the range that is told.
    pub reports: i32,
    /// Methods; none unless confirmed.
    pub methods: Arc<[String]>,
    /// First day of the month of the last report.
    pub last_reported: Option<NaiveDate>,
}

/// What the public may be told of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An officer confirmed it and a second one approved.
    ConfirmedScam,
    /// An officer suspects it.
    Suspected,
    /// Enough reports.
    Reported,
    /// Official, with a checked source.
    Official,
}

impl Verdict {
    const ALL: [Self; 4] = [
        Self::Reported,
        Self::Suspected,
        Self::ConfirmedScam,
        Self::Official,
    ];

    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfirmedScam => "confirmed_scam",
            Self::Suspected => "suspected",
            Self::Reported => "reported",
            Self::Official => "official",
        }
    }

    /// What is not known says the least.
    fn from_code(code: &str) -> Self {
        let known = Self::ALL.into_iter().find(|v| v.as_str() == code);
        known.unwrap_or(Self::Reported)
    }
}

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

/// The sets of methods that occur; an entry bears the number of its own. The first is the empty one.
struct MethodSets(Vec<Arc<[String]>>);

impl Default for MethodSets {
    fn default() -> Self {
        Self(vec![Arc::new([])])
    }
}

impl MethodSets {
    fn number(&mut self, methods: Vec<String>) -> u32 {
        let found = self.0.iter().position(|known| **known == *methods);
        let number = found.unwrap_or_else(|| {
            self.0.push(methods.into());
            self.0.len() - 1
        });
        u32::try_from(number).unwrap_or_default()
    }

    fn of(&self, number: u32) -> Arc<[String]> {
        let at = usize::try_from(number).unwrap_or_default();
        self.0.get(at).cloned().unwrap_or_default()
    }
}

/// Takes over what stands on a value; reports alone are told of the value itself.
fn stand(standing: &mut BTreeMap<Key, Verdict>, wallets: &[String], row: &Published) {
    let Some(kind) = Kind::from_code(&row.kind) else {
        return;
    };
    let verdict = row.verdict.as_deref().map(Verdict::from_code);
    let warns = verdict.filter(|v| matches!(v, Verdict::ConfirmedScam | Verdict::Suspected));
    if warns.is_none() && standing.is_empty() {
        return;
    }
    let wallets = wallets.iter().map(String::as_str);
    for (kind, value) in indicator::standing_on(kind, &row.value, wallets) {
        let key = indicator::key(kind, &value);
        match warns {
            Some(verdict) => standing.insert(key, verdict),
            None => standing.remove(&key),
        };
    }
}

/// Verdict, reports, month and set of methods.
fn pack(row: Published, methods: &mut MethodSets) -> Option<Packed> {
    let verdict = Verdict::from_code(&row.verdict?);
    let code = Verdict::ALL.iter().position(|v| *v == verdict);
    let code = u8::try_from(code.unwrap_or_default()).unwrap_or_default();
    let reports = u8::try_from(bucket(row.reports).1).unwrap_or_default();
    let month = row.last_reported.map_or(0, |day| {
        u16::try_from(day.year() * 12 + day.month0().cast_signed()).unwrap_or_default()
    });
    let [m0, m1] = month.to_be_bytes();
    let set = methods.number(row.methods.into_iter().flatten().collect());
    let [s0, s1, s2, s3] = set.to_be_bytes();
    Some([code, reports, m0, m1, s0, s1, s2, s3])
}

fn verdict(packed: Packed) -> Verdict {
    let [code, ..] = packed;
    let verdict = Verdict::ALL.get(usize::from(code)).copied();
    verdict.unwrap_or(Verdict::Reported)
}

fn unpack(packed: Packed, methods: &MethodSets) -> Entry {
    let [_, reports, m0, m1, s0, s1, s2, s3] = packed;
    let month = u16::from_be_bytes([m0, m1]);
    Entry {
        verdict: verdict(packed),
        reports: reports.into(),
        methods: methods.of(u32::from_be_bytes([s0, s1, s2, s3])),
        last_reported: NaiveDate::from_ymd_opt((month / 12).into(), u32::from(month % 12) + 1, 1)
            .filter(|_| month > 0),
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
            stand(&mut standing, &self.0.wallets, &row);
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
            stand(&mut view.standing, &self.0.wallets, &row);
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

    /// What may be said of an indicator.
    pub fn get(&self, key: &Key) -> Result<Option<Entry>> {
        let view = self.0.view.read();
        if !view.loaded {
            return Err(not_loaded());
        }
        let packed = match view.changes.get(key) {
            Some(changed) => *changed,
            None => view.run.get(key).map_err(|e| self.storing(e))?,
        };
        Ok(packed.map(|packed| unpack(packed, &view.methods)))
    }

    /// What may be said of a value.
    pub fn of_value(&self, kind: Kind, value: &str) -> Result<Option<Entry>> {
        self.get(&indicator::key(kind, value))
    }

    /// Everything under these 20 bits, in order, what stands on a value that officers judged among it; what is official
    /// by reference data stands before what officers gave.
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
        let mut all: BTreeMap<Key, Verdict> = kept
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
            all.entry(*key).or_insert(*verdict);
        }
        let known = official.range(from..).take_while(|key| here(key));
        all.extend(known.map(|key| (*key, Verdict::Official)));
        Ok(all)
    }
}

fn not_loaded() -> Error {
    Error::unavailable("the public index", "it is being loaded")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(verdict: &str, reports: i32, methods: &[&str], day: Option<NaiveDate>) -> Published {
        Published {
            key: vec![1; 32],
            kind: "phone".to_owned(),
            value: "+84912345678".to_owned(),
            verdict: Some(verdict.to_owned()),
            reports,
            methods: methods.iter().map(|m| Some((*m).to_owned())).collect(),
            last_reported: day,
            position: 1,
        }
    }

    #[test]
    fn what_is_packed_comes_out_as_the_public_may_see_it() {
        let mut sets = MethodSets::default();
        let day = NaiveDate::from_ymd_opt(2026, 12, 24);
        let first = pack(row("confirmed_scam", 12, &["fake_shop"], day), &mut sets).unwrap();
        let second = pack(row("reported", 3, &[], None), &mut sets).unwrap();
        let third = pack(row("confirmed_scam", 700, &["fake_shop"], day), &mut sets).unwrap();
        let entry = unpack(first, &sets);
        assert_eq!(entry.verdict, Verdict::ConfirmedScam);
        assert_eq!(entry.reports, 10);
        assert_eq!(*entry.methods, ["fake_shop".to_owned()]);
        assert_eq!(entry.last_reported, NaiveDate::from_ymd_opt(2026, 12, 1));
        let entry = unpack(second, &sets);
        assert_eq!((entry.verdict, entry.reports), (Verdict::Reported, 3));
        assert_eq!((entry.methods.len(), entry.last_reported), (0, None));
        assert_eq!(unpack(third, &sets).reports, 50);
        assert_eq!(sets.0.len(), 2);
    }

    #[test]
    fn what_stands_on_a_confirmed_value_stands_and_falls_with_it() {
        let mut standing = BTreeMap::new();
        let mut take = |verdict: &str| {
            stand(
                &mut standing,
                &["momo".to_owned()],
                &row(verdict, 5, &[], None),
            );
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
