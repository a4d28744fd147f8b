//! Where an issuer's key set comes from, and the copy kept of it.
//!
//! Whatever goes wrong while reading, the last good set stays: an outage of an
//! identity provider must not lock out those who already hold tokens.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use std::os::unix::fs::MetadataExt as _;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::{Mutex, RwLock};
use reqwest::{Client, Url};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::jwks::{KeySet, MAX_SET_BYTES};
use super::jws::{Alg, PublicKey};

/// How often an unknown key name may send us back to the issuer.
const REFETCH_INTERVAL: TimeDelta = TimeDelta::seconds(30);
/// When a set is read again although it knows the key, so that a withdrawn key ends.
const STALE_AFTER: TimeDelta = TimeDelta::minutes(10);
/// How long an issuer may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A set in a file, read again when the file changes.
pub(super) struct FileSource {
    path: PathBuf,
    state: Mutex<FileState>,
}

struct FileState {
    set: KeySet,
    stamp: Stamp,
    looked_at: i64,
}

/// Tells one version of a file from the next.
type Stamp = (SystemTime, u64, u64);

impl FileSource {
    /// Opens the file, which must hold a usable set.
    pub(super) fn open(path: PathBuf) -> Result<FileSource, String> {
        let stamp = stamp(&path)?;
        let set = read_file(&path, stamp)?;
        Ok(FileSource {
            path,
            state: Mutex::new(FileState {
                set,
                stamp,
                looked_at: 0,
            }),
        })
    }

    /// The key of that name; the file is looked at once a second, and for every name not known.
    ///
    /// Looking costs one `stat`, less than the signature check that follows.
    pub(super) fn find(&self, kid: &str, alg: Alg, now: DateTime<Utc>) -> Option<PublicKey> {
        let mut state = self.state.lock();
        if state.looked_at != now.timestamp() || state.set.find(kid, alg).is_none() {
            state.looked_at = now.timestamp();
            self.look(&mut state);
        }
        state.set.find(kid, alg).cloned()
    }

    fn look(&self, state: &mut FileState) {
        let read = stamp(&self.path).and_then(|stamp| {
            if stamp == state.stamp {
                return Ok(None);
            }
            read_file(&self.path, stamp).map(|set| Some((set, stamp)))
        });
        match read {
            Ok(Some((set, stamp))) => (state.set, state.stamp) = (set, stamp),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(path = %self.path.display(), %error, "kept the last good key set of a file");
            }
        }
    }
}

fn stamp(path: &PathBuf) -> Result<Stamp, String> {
    let meta = std::fs::metadata(path).map_err(|error| error.to_string())?;
    Ok((
        meta.modified().map_err(|error| error.to_string())?,
        meta.len(),
        meta.ino(),
    ))
}

fn read_file(path: &PathBuf, (_, length, _): Stamp) -> Result<KeySet, String> {
    if usize::try_from(length).map_or(true, |length| length > MAX_SET_BYTES) {
        return Err(format!("larger than {MAX_SET_BYTES} bytes"));
    }
    KeySet::read(&std::fs::read(path).map_err(|error| error.to_string())?)
}

/// A set behind a URL.
pub(super) struct UrlSource {
    url: Url,
    client: Client,
    kept: RwLock<Option<Kept>>,
    /// When the issuer was last asked; held while asking, so that only one asks.
    asked_at: Arc<AsyncMutex<Option<DateTime<Utc>>>>,
}

struct Kept {
    set: KeySet,
    fetched_at: DateTime<Utc>,
}

/// What a key set says about a key name.
pub(super) enum Found {
    Key(PublicKey),
    Unknown,
    /// There is no set to look in.
    NoSet,
}

impl UrlSource {
    /// Checks the address; nothing is fetched yet.
    pub(super) fn new(url: Url) -> Result<UrlSource, String> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let loopback = host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err("must be https (http only on this machine)".to_owned()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user name or password".to_owned());
        }
        let mut client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            // A kept connection would belong to the runtime of the worker that opened it.
            .pool_max_idle_per_host(0)
            .user_agent("tinbao");
        if loopback {
            client = client.no_proxy();
        }
        if url.scheme() == "http" {
            // Spares the system's certificates, which a small container may not have.
            client = client.tls_certs_only([]);
        }
        let client = client
            .build()
            .map_err(|error| format!("cannot prepare a client: {error}"))?;
        Ok(UrlSource {
            url,
            client,
            kept: RwLock::new(None),
            asked_at: Arc::default(),
        })
    }

    /// The key of that name in the set at hand.
    pub(super) fn find(&self, kid: &str, alg: Alg) -> Found {
        match &*self.kept.read() {
            None => Found::NoSet,
            Some(kept) => kept
                .set
                .find(kid, alg)
                .cloned()
                .map_or(Found::Unknown, Found::Key),
        }
    }

    /// Asks the issuer, unless it was asked a moment ago; waits for one who is asking now.
    pub(super) async fn refetch(self: &Arc<Self>, now: DateTime<Utc>) {
        let asked_at = Arc::clone(&self.asked_at).lock_owned().await;
        if asked_recently(*asked_at, now) {
            return;
        }
        // In a task of its own: the caller may hang up, and the attempt would be spent without a result.
        let asking = tokio::spawn(Arc::clone(self).ask(asked_at, now));
        if let Err(error) = asking.await {
            tracing::error!(%error, "reading a key set ended early");
        }
    }

    /// Starts asking in the background when the set at hand is old.
    pub(super) fn refresh_if_stale(self: &Arc<Self>, now: DateTime<Utc>) {
        let stale = self
            .kept
            .read()
            .as_ref()
            .is_none_or(|kept| now.signed_duration_since(kept.fetched_at).abs() >= STALE_AFTER);
        if stale
            && let Ok(asked_at) = Arc::clone(&self.asked_at).try_lock_owned()
            && !asked_recently(*asked_at, now)
        {
            tokio::spawn(Arc::clone(self).ask(asked_at, now));
        }
    }

    async fn ask(
        self: Arc<Self>,
        mut asked_at: OwnedMutexGuard<Option<DateTime<Utc>>>,
        now: DateTime<Utc>,
    ) {
        *asked_at = Some(now);
        match self.fetch().await {
            Ok(set) => {
                *self.kept.write() = Some(Kept {
                    set,
                    fetched_at: now,
                })
            }
            Err(error) => {
                let host = self.url.host_str().unwrap_or_default();
                tracing::warn!(host, %error, "kept the last good key set of an issuer");
            }
        }
    }

    async fn fetch(&self) -> Result<KeySet, String> {
        let plain = |error: reqwest::Error| error.without_url().to_string();
        let mut answer = self
            .client
            .get(self.url.clone())
            .send()
            .await
            .map_err(plain)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(format!("status {}", answer.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(plain)? {
            if body.len().saturating_add(chunk.len()) > MAX_SET_BYTES {
                return Err(format!("larger than {MAX_SET_BYTES} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        KeySet::read(&body)
    }
}

fn asked_recently(asked_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    // A clock set back counts as time passed, or a wrong clock would end all asking.
    asked_at.is_some_and(|at| now >= at && now.signed_duration_since(at) < REFETCH_INTERVAL)
}
