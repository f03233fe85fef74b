//! Sizes as people write them, and how much memory the machine has.

use serde::{Deserialize, Deserializer, de::Error as _};
use std::str::FromStr;
use sysinfo::{MemoryRefreshKind, System};

/// A number of bytes: `2G`, `800M`, `512K`, `1.5GiB`, or bytes alone. Units are powers of 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) bytes: u64,
}

impl FromStr for Size {
    type Err = String;

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and a part of a byte does not count")]
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: f64 =
            number.parse().map_err(|_| format!("invalid size `{text}` (expected a number with K, M, G or T, such as 2G or 800M)"))?;
        let power = match unit.trim().to_ascii_lowercase().trim_end_matches("ib").trim_end_matches('b') {
            "" => 0,
            "k" => 1,
            "m" => 2,
            "g" => 3,
            "t" => 4,
            _ => return Err(format!("unknown size suffix `{unit}` (expected K, M, G or T)")),
        };
        Ok(Self { bytes: (number * 1024_f64.powi(power)) as u64 })
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Bytes(u64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Bytes(bytes) => Ok(Self { bytes }),
            Written::Text(text) => text.parse().map_err(D::Error::custom),
        }
    }
}

/// How much a compressed or Parquet file may unpack to: a size, a ratio such as `1000x`, or both separated by a comma; `none`: as much as there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MaxUnpacked {
    pub(super) bytes: Option<u64>,
    pub(super) ratio: Option<u64>,
}

impl FromStr for MaxUnpacked {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "none" {
            return Ok(Self { bytes: Some(u64::MAX), ratio: Some(u64::MAX) });
        }
        let mut limit = Self { bytes: None, ratio: None };
        for part in text.split(',').map(str::trim) {
            let (known, number) = match part.strip_suffix(['x', 'X']) {
                Some(ratio) => (&mut limit.ratio, ratio.trim().parse().ok().filter(|&ratio| ratio > 0)),
                None => (&mut limit.bytes, part.parse::<Size>().ok().map(|size| size.bytes).filter(|&bytes| bytes > 0)),
            };
            let wanted = "expected a size such as 64G, a ratio such as 1000x, both separated by a comma, or none";
            let number: u64 = number.ok_or_else(|| format!("invalid limit `{text}` ({wanted})"))?;
            if known.replace(number).is_some() {
                return Err(format!("invalid limit `{text}` ({wanted})"));
            }
        }
        Ok(limit)
    }
}

impl<'de> Deserialize<'de> for MaxUnpacked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Assumed memory of a machine that does not report it.
const UNKNOWN_MACHINE_BYTES: u64 = 4 << 30;

/// Half of the memory of the machine, or of the group of processes that this one is limited to.
pub(super) fn half_of_machine() -> u64 {
    let Ok(mut system) = System::new() else { return UNKNOWN_MACHINE_BYTES / 2 };
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    let limit = system.cgroup_limits().map(|limits| limits.total_memory).filter(|&bytes| bytes > 0);
    match limit.map_or(system.total_memory(), |limit| limit.min(system.total_memory())) {
        0 => UNKNOWN_MACHINE_BYTES / 2,
        bytes => bytes / 2,
    }
}

/// Memory of this process; 0 where the system does not report it.
pub(super) fn resident_memory() -> u64 {
    let (Ok(mut system), Ok(own)) = (System::new(), sysinfo::get_current_pid()) else { return 0 };
    system.refresh_processes_specifics(
        sysinfo::ProcessesToUpdate::Some(&[own]),
        false,
        sysinfo::ProcessRefreshKind::nothing().with_memory(),
    );
    system.process(own).map_or(0, sysinfo::Process::memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_size_or_a_ratio_or_both() {
        let limit = |bytes, ratio| Ok(MaxUnpacked { bytes, ratio });
        for (text, expected) in [
            ("64G", limit(Some(64 << 30), None)),
            ("100x", limit(None, Some(100))),
            ("100 x, 2T", limit(Some(2 << 40), Some(100))),
            ("none", limit(Some(u64::MAX), Some(u64::MAX))),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
        for text in ["", "0x", "x", "1x,2x", "1G,2G", "1G,", "0", "all"] {
            assert!(text.parse::<MaxUnpacked>().unwrap_err().contains("expected a size such as 64G"), "{text}");
        }
    }

    #[test]
    fn sizes_as_people_write_them() {
        for (text, bytes) in
            [("2G", 2 << 30), ("800m", 800 << 20), ("1.5 GiB", 3 << 29), ("64kb", 64 << 10), ("4096", 4096), (" 1T ", 1 << 40)]
        {
            assert_eq!(text.parse(), Ok(Size { bytes }), "{text}");
        }
        for text in ["", "G", "2X", "-1G", "1.2.3M", "two"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
