//! Rate limits: token buckets per client, device, address, and on checks, failed receipts and failed secrets.
//!
//! Counters live in memory, one set a replica: behind N replicas a client may reach N times its
//! rate. That is the price of not asking the database before it is known whether to serve at all.

mod bucket;
mod looks;
mod settings;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use bucket::Bucket;
pub use bucket::Verdict;
pub use looks::Look;
use looks::Looks;
use settings::rate;
pub use settings::{LimitSettings, Rate};

use super::problem::Problem;

/// What one receipt may add: a file of 20 MiB in pieces of 64 KiB passes at once.
const ADDITIONS: Rate = Rate {
    per_second: NonZeroU32::MIN,
    burst: NonZeroU32::new(400).unwrap(),
};

/// Who is counted.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// A caller with a token: its client and, for public apps, its device.
    Client {
        /// `client_id` of the token.
        id: &'a str,
        /// `sub` of a device token.
        device: Option<&'a str>,
        /// Whether the device was first seen less than a day ago.
        new_device: bool,
    },
    /// A caller without one, by address.
    Address(&'a str),
}

/// All limits of this replica.
pub struct Limits {
    hasher: RandomState,
    buckets: Option<Buckets>,
    receipts: Bucket,
    secrets: Bucket,
    looks: Looks,
}

struct Buckets {
    client: Bucket,
    new_devices: Bucket,
    device: Bucket,
    address: Bucket,
    check: Bucket,
    additions: Bucket,
}

impl Limits {
    /// Makes the buckets; `None` switches all off but those on failed receipts and secrets.
    pub fn new(settings: Option<LimitSettings>) -> Self {
        let quarter = |rate: Rate| Rate {
            per_second: NonZeroU32::new(rate.per_second.get() / 4).unwrap_or(NonZeroU32::MIN),
            burst: NonZeroU32::new(rate.burst.get() / 4).unwrap_or(NonZeroU32::MIN),
        };
        Self {
            hasher: RandomState::new(),
            buckets: settings.map(|settings| Buckets {
                client: Bucket::new("client", settings.client),
                new_devices: Bucket::new("new_devices", quarter(settings.client)),
                device: Bucket::new("device", settings.device),
                address: Bucket::new("address", settings.address),
                check: Bucket::new("check", settings.check),
                additions: Bucket::new("additions", ADDITIONS),
            }),
            // 20 failed attempts a minute an address (contract §3).
            receipts: Bucket::per_minute("receipt", rate(1, 20).burst),
            secrets: Bucket::per_minute("secret", rate(1, 20).burst),
            looks: Looks::default(),
        }
    }

    /// Counts a request; the verdict is that of the tightest bucket.
    pub fn take(&self, who: Who<'_>, check: bool) -> Result<Option<Verdict>, Problem> {
        self.charge(who, check, NonZeroU32::MIN)
    }

    /// Counts `cells` requests at once, as a batch does.
    pub fn charge(
        &self,
        who: Who<'_>,
        check: bool,
        cells: NonZeroU32,
    ) -> Result<Option<Verdict>, Problem> {
        let Some(buckets) = &self.buckets else {
            return Ok(None);
        };
        let mut verdicts = Vec::with_capacity(3);
        match who {
            Who::Client {
                id,
                device,
                new_device,
            } => {
                if let Some(device) = device {
                    verdicts.push(buckets.device.take(self.key(device), cells)?);
                    if new_device {
                        verdicts.push(buckets.new_devices.take(self.key(id), cells)?);
                    }
                }
                if check {
                    verdicts.push(buckets.check.take(self.key(device.unwrap_or(id)), cells)?);
                }
                verdicts.push(buckets.client.take(self.key(id), cells)?);
            }
            Who::Address(address) => {
                let key = self.key(address);
                if check {
                    verdicts.push(buckets.check.take(key, cells)?);
                }
                verdicts.push(buckets.address.take(key, cells)?);
            }
        }
        Ok(verdicts.into_iter().min_by_key(|verdict| verdict.remaining))
    }

    /// Counts a failed receipt; an error once the address has failed too often.
    pub fn failed_receipt(&self, address: &str) -> Result<Verdict, Problem> {
        self.receipts.take(self.key(address), NonZeroU32::MIN)
    }

    /// Counts a failed secret of a client; an error once the address has failed too often.
    pub fn failed_secret(&self, address: &str) -> Result<(), Problem> {
        self.secrets
            .take(self.key(address), NonZeroU32::MIN)
            .map(|_| ())
    }

    /// A look by receipt that is to be noted: of many within minutes one is, so that nobody fills the journal by
    /// looking.
    pub fn look(&self, what: &str, id: &[u8], now: DateTime<Utc>) -> Option<Look<'_>> {
        self.looks.look(self.hasher.hash_one((what, id)), now)
    }

    /// Counts what is added to a tip by its receipt. Looking is never counted: a right receipt is always answered.
    pub fn addition(&self, tip: &[u8]) -> Result<Option<Verdict>, Problem> {
        let Some(buckets) = &self.buckets else {
            return Ok(None);
        };
        let key = self.hasher.hash_one(tip);
        buckets.additions.take(key, NonZeroU32::MIN).map(Some)
    }

    /// Forgets callers whose buckets are full again.
    pub fn tidy(&self) {
        self.receipts.tidy();
        self.secrets.tidy();
        self.looks.tidy();
        if let Some(buckets) = &self.buckets {
            let all = [
                &buckets.client,
                &buckets.new_devices,
                &buckets.device,
                &buckets.address,
                &buckets.check,
                &buckets.additions,
            ];
            for bucket in all {
                bucket.tidy();
            }
        }
    }

    fn key(&self, who: &str) -> u64 {
        self.hasher.hash_one(who)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_the_next_waits() {
        let limits = Limits::new(Some(LimitSettings {
            address: rate(1, 3),
            ..LimitSettings::default()
        }));
        for _ in 0..3 {
            assert!(limits.take(Who::Address("a"), false).is_ok());
        }
        let refused = limits.take(Who::Address("a"), false).err().unwrap();
        assert_eq!(refused.slug, "rate_limited");
        assert!(refused.retry_after.is_some());
        assert!(
            limits.take(Who::Address("b"), false).is_ok(),
            "another address is not held up"
        );
    }

    #[test]
    fn a_flood_of_new_devices_leaves_room_for_known_ones() {
        let limits = Limits::new(Some(LimitSettings {
            client: rate(4, 40),
            ..LimitSettings::default()
        }));
        let new = (0..100)
            .filter(|n| {
                let device = format!("new-{n}");
                let who = Who::Client {
                    id: "app",
                    device: Some(&device),
                    new_device: true,
                };
                limits.take(who, false).is_ok()
            })
            .count();
        assert_eq!(new, 10);
        let known = Who::Client {
            id: "app",
            device: Some("known"),
            new_device: false,
        };
        assert!(limits.take(known, false).is_ok());
    }

    #[test]
    fn a_batch_that_is_refused_is_told_when_the_whole_of_it_passes() {
        let limits = Limits::new(Some(LimitSettings {
            device: rate(1, 20),
            ..LimitSettings::default()
        }));
        let who = || Who::Client {
            id: "app",
            device: Some("known"),
            new_device: false,
        };
        let rest = NonZeroU32::new(99).unwrap();
        let began = std::time::Instant::now();
        assert!(limits.take(who(), false).is_ok());
        assert!(limits.charge(who(), false, rest).is_ok());
        std::thread::sleep(std::time::Duration::from_millis(1_050));
        assert!(limits.take(who(), false).is_ok());
        let refused = limits.charge(who(), false, rest).err().unwrap();
        // Nineteen for the batch and one for the request that brings it, less whatever a slow machine took besides.
        let waited = began.elapsed().as_secs();
        assert_eq!(refused.retry_after.map(|wait| wait + waited), Some(21));
    }

    #[test]
    fn failed_receipts_are_limited_even_when_all_else_is_off() {
        let limits = Limits::new(None);
        let secrets = (0..50).filter(|_| limits.failed_secret("a").is_ok());
        assert_eq!(secrets.count(), 20);
        assert!(limits.failed_secret("b").is_ok(), "by address");
        let passed = (0..50)
            .filter(|_| limits.failed_receipt("a").is_ok())
            .count();
        assert_eq!(passed, 20);
        assert!(limits.failed_receipt("b").is_ok(), "by address");
        // Twenty a minute, and that is what clients are told.
        let refusal = limits.failed_receipt("a").err().unwrap();
        let told = |name: &str, told: &str| {
            refusal
                .headers
                .iter()
                .any(|(n, value)| n == name && value.starts_with(told))
        };
        assert!(
            told("ratelimit-policy", "\"receipt\";q=20;w=60"),
            "{:?}",
            refusal.headers
        );
    }
}
