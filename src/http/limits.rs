//! Rate limits: token buckets per client, device, address, and on checks and failed receipts.
//!
//! Counters live in memory, one set a replica: behind N replicas a client may reach N times its
//! rate. That is the price of not asking the database before it is known whether to serve at all.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::num::NonZeroU32;

use actix_web::http::header::HeaderMap;
use actix_web::http::header::{HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::problem::Problem;

/// One limit: so many a second, and so many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Sustained rate.
    pub per_second: NonZeroU32,
    /// Size of a burst.
    pub burst: NonZeroU32,
}

/// `TINBAO_LIMITS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// Per `client_id`.
    pub client: Rate,
    /// Per device token.
    pub device: Rate,
    /// Per address, for callers without a token.
    pub address: Rate,
    /// Per caller, on check routes.
    pub check: Rate,
}

/// A rate of the default settings; both numbers are literals above nought.
const fn rate(per_second: u32, burst: u32) -> Rate {
    const fn at_least_one(n: u32) -> NonZeroU32 {
        match NonZeroU32::new(n) {
            Some(n) => n,
            None => NonZeroU32::MIN,
        }
    }
    Rate {
        per_second: at_least_one(per_second),
        burst: at_least_one(burst),
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            client: rate(50, 600),
            device: rate(1, 20),
            address: rate(20, 300),
            check: rate(20, 600),
        }
    }
}

impl LimitSettings {
    /// Reads `client=50/s:600,device=1/s:20`; what is not named keeps its default, `off` is `None`.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.trim() == "off" {
            return Ok(None);
        }
        let mut settings = Self::default();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| format!("'{part}' is not name=rate/s:burst"))?;
            let target = match name.trim() {
                "client" => &mut settings.client,
                "device" => &mut settings.device,
                "address" => &mut settings.address,
                "check" => &mut settings.check,
                other => return Err(format!("'{other}' is not a limit")),
            };
            *target = value
                .split_once("/s:")
                .and_then(|(per_second, burst)| {
                    Some(Rate {
                        per_second: per_second.trim().parse().ok()?,
                        burst: burst.trim().parse().ok()?,
                    })
                })
                .ok_or_else(|| format!("'{value}' is not rate/s:burst, such as 50/s:600"))?;
        }
        Ok(Some(settings))
    }
}

/// What one receipt may add: a file of 20 MiB in pieces of 64 KiB passes at once.
const ADDITIONS: Rate = Rate {
    per_second: NonZeroU32::MIN,
    burst: NonZeroU32::new(400).unwrap(),
};

type Keyed = RateLimiter<u64, DashMapStateStore<u64>, DefaultClock, StateInformationMiddleware>;

struct Bucket {
    name: &'static str,
    told: Told,
    limiter: Keyed,
}

impl Bucket {
    fn new(name: &'static str, rate: Rate) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self {
            name,
            told: Told {
                burst: rate.burst.get(),
                window: rate.burst.get().div_ceil(rate.per_second.get()),
            },
            limiter: RateLimiter::keyed(quota).with_middleware(),
        }
    }

    fn take(&self, key: u64, cells: NonZeroU32) -> Result<Verdict, Problem> {
        // A batch larger than a burst takes what a burst holds besides the request itself, which is paid
        // already; the rest passes.
        let most = self.told.burst.saturating_sub(1);
        let cells = NonZeroU32::new(cells.get().min(most)).unwrap_or(NonZeroU32::MIN);
        let outcome = match self.limiter.check_key_n(&key, cells) {
            Ok(outcome) => outcome,
            Err(_) => self.limiter.check_key(&key),
        };
        match outcome {
            Ok(state) => Ok(Verdict {
                name: self.name,
                told: self.told,
                remaining: state.remaining_burst_capacity(),
            }),
            Err(refusal) => {
                let wait = refusal
                    .wait_time_from(DefaultClock::default().now())
                    .as_secs()
                    + 1;
                Err(Problem {
                    retry_after: Some(wait),
                    headers: fields(self.name, self.told, 0, wait).into(),
                    ..Problem::new(
                        "rate_limited",
                        format!("The limit '{}' is used up; see Retry-After.", self.name),
                    )
                })
            }
        }
    }
}

/// What is left of a limit after a request.
pub struct Verdict {
    name: &'static str,
    told: Told,
    remaining: u32,
}

/// What clients are told of a limit.
#[derive(Clone, Copy)]
struct Told {
    /// Size of a burst.
    burst: u32,
    /// Seconds after which a burst that was used up is there again.
    window: u32,
}

impl Verdict {
    /// Writes the `RateLimit` and `RateLimit-Policy` fields (draft-ietf-httpapi-ratelimit-headers).
    pub fn write(&self, headers: &mut HeaderMap) {
        // Until the whole burst is there again.
        let Told { burst, window } = self.told;
        let used = u64::from(burst.saturating_sub(self.remaining));
        let full = (used * u64::from(window)).div_ceil(burst.max(1).into());
        let fields = fields(self.name, self.told, self.remaining, full);
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

fn fields(
    name: &str,
    Told { burst, window }: Told,
    left: u32,
    seconds: u64,
) -> [(HeaderName, String); 2] {
    [
        (
            HeaderName::from_static("ratelimit-policy"),
            format!("\"{name}\";q={burst};w={window}"),
        ),
        (
            HeaderName::from_static("ratelimit"),
            format!("\"{name}\";r={left};t={seconds}"),
        ),
    ]
}

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
    /// Makes the buckets; `None` switches all off but the one on failed receipts.
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
            receipts: {
                let burst = rate(1, 20).burst;
                let quota = Quota::per_minute(burst).allow_burst(burst);
                Bucket {
                    name: "receipt",
                    told: Told {
                        burst: burst.get(),
                        window: 60,
                    },
                    limiter: RateLimiter::keyed(quota).with_middleware(),
                }
            },
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
    pub fn failed_receipt(&self, address: &str) -> Result<(), Problem> {
        self.receipts
            .take(self.key(address), NonZeroU32::MIN)
            .map(|_| ())
    }

    /// Counts what is added to a tip by its receipt. Looking is never counted: a right receipt is always answered.
    pub fn addition(&self, tip: &[u8]) -> Result<(), Problem> {
        let Some(buckets) = &self.buckets else {
            return Ok(());
        };
        let key = self.hasher.hash_one(tip);
        buckets.additions.take(key, NonZeroU32::MIN).map(|_| ())
    }

    /// Forgets callers whose buckets are full again.
    pub fn tidy(&self) {
        self.receipts.limiter.retain_recent();
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
                bucket.limiter.retain_recent();
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
    fn settings_are_read_completely_or_refused() {
        assert_eq!(LimitSettings::parse("off"), Ok(None));
        assert_eq!(
            LimitSettings::parse("").unwrap(),
            Some(LimitSettings::default())
        );
        let custom = LimitSettings::parse("client=5/s:6, check=1/s:2")
            .unwrap()
            .unwrap();
        assert_eq!(custom.client, rate(5, 6));
        assert_eq!(custom.device, LimitSettings::default().device);
        for wrong in [
            "client",
            "client=5",
            "client=0/s:5",
            "nobody=1/s:1",
            "client=1/m:5",
        ] {
            assert!(LimitSettings::parse(wrong).is_err(), "{wrong}");
        }
    }

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
    fn failed_receipts_are_limited_even_when_all_else_is_off() {
        let limits = Limits::new(None);
        let passed = (0..50)
            .filter(|_| limits.failed_receipt("a").is_ok())
            .count();
        assert_eq!(passed, 20);
        // Twenty a minute, and that is what clients are told.
        let refusal = limits.failed_receipt("a").unwrap_err();
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
