//! One token bucket for each of many callers, and what they are told of it.

use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::Rate;
use crate::http::problem::Problem;

type Keyed = RateLimiter<u64, DashMapStateStore<u64>, DefaultClock, StateInformationMiddleware>;

pub(super) struct Bucket {
    name: &'static str,
    told: Told,
    limiter: Keyed,
}

impl Bucket {
    pub(super) fn new(name: &'static str, rate: Rate) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        let window = rate.burst.get().div_ceil(rate.per_second.get());
        Self::of(name, quota, window)
    }

    /// So many a minute.
    pub(super) fn per_minute(name: &'static str, burst: NonZeroU32) -> Self {
        Self::of(name, Quota::per_minute(burst).allow_burst(burst), 60)
    }

    fn of(name: &'static str, quota: Quota, window: u32) -> Self {
        let burst = quota.burst_size().get();
        Self {
            name,
            told: Told { burst, window },
            limiter: RateLimiter::keyed(quota).with_middleware(),
        }
    }

    /// Forgets callers whose buckets are full again.
    pub(super) fn tidy(&self) {
        self.limiter.retain_recent();
    }

    pub(super) fn take(&self, key: u64, cells: NonZeroU32) -> Result<Verdict, Problem> {
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
                // A batch pays for its request first, and again when it comes back.
                let request = Duration::from_secs(self.told.window.into()) / self.told.burst.max(1);
                let request = if cells.get() > 1 {
                    request
                } else {
                    Duration::ZERO
                };
                let left = refusal.wait_time_from(DefaultClock::default().now());
                let wait = left.saturating_add(request).as_secs() + 1;
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
    pub(super) remaining: u32,
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
