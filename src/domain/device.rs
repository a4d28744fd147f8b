//! A device of a public app, as the `sub` of its tokens names it.

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A device: `device:` and the id that it was given when it first came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device(Uuid);

impl Device {
    /// What the name of every device begins with, and of nobody else.
    pub const PREFIX: &str = "device:";

    /// The device with an id.
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// Reads a `sub`; nothing where it names no device.
    pub fn parse(sub: &str) -> Option<Self> {
        let id = sub.strip_prefix(Self::PREFIX)?;
        Uuid::parse_str(id).ok().map(Self)
    }

    /// Its id.
    pub const fn id(self) -> Uuid {
        self.0
    }

    /// When it was first seen: its id, a UUIDv7, says so.
    pub fn first_seen(self) -> Option<DateTime<Utc>> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::PREFIX, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids;

    #[test]
    fn a_device_is_written_as_it_is_read() {
        let at: DateTime<Utc> = "2026-11-24T01:20:00.123Z".parse().unwrap();
        let device = Device::new(ids::first_at(at));
        assert_eq!(Device::parse(&device.to_string()), Some(device));
        assert_eq!(device.first_seen(), Some(at));
    }

    #[test]
    fn only_what_is_given_to_a_device_names_one() {
        let id = "019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a";
        assert!(Device::parse(&format!("device:{id}")).is_some());
        for sub in ["device:", "device:x", "device", id, &format!("other:{id}")] {
            assert_eq!(Device::parse(sub), None, "{sub}");
        }
        // No UUIDv7: it tells no time.
        let named = Device::parse("device:2ed6657d-e927-568b-95e1-2665a8aea6a2").unwrap();
        assert_eq!(named.first_seen(), None);
    }
}
