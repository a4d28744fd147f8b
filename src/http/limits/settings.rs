//! What the operator sets: `TINBAO_LIMITS`.

use std::num::NonZeroU32;

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
pub(super) const fn rate(per_second: u32, burst: u32) -> Rate {
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
        let mut named: Vec<&str> = Vec::new();
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
            if named.contains(&name.trim()) {
                return Err(format!("'{}' is given twice", name.trim()));
            }
            named.push(name.trim());
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
            "client=50/s:600,client=1/s:2",
        ] {
            assert!(LimitSettings::parse(wrong).is_err(), "{wrong}");
        }
    }
}
