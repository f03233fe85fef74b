//! How many results a code host takes.

use std::fmt;
use std::io::{self, Write};

/// Results that GitHub takes in a run; a file with more is refused.
const RESULTS: usize = 25_000;
/// Bytes that it takes, packed with gzip.
const BYTES: u64 = 10_000_000;
/// Bytes for what is not a result, for what the packer has not written yet, and for packers that do a little worse.
const RESERVE: u64 = 500_000;

/// Most results, and most bytes packed with gzip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    results: usize,
    bytes: u64,
}

impl Limits {
    /// The given limits, else those of GitHub.
    pub(super) fn of_github(results: Option<usize>, bytes: Option<u64>) -> Self {
        Self { results: results.unwrap_or(RESULTS), bytes: bytes.unwrap_or(BYTES) }
    }
}

/// Results that were left out of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// How many.
    pub results: usize,
    /// Of how many.
    pub of: usize,
    pub(super) limits: Limits,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { results, of, limits } = self;
        let most = limits.results;
        let megabytes = limits.bytes as f64 / 1e6;
        write!(f, "{results} of {of} results are left out: code scanning takes {most} results and {megabytes} MB packed with gzip")
    }
}

/// How many of `count` results, which `write` writes, stay within the limits.
pub(super) fn within(limits: Limits, count: usize, mut write: impl FnMut(usize, &mut dyn Write) -> io::Result<()>) -> io::Result<usize> {
    let count = count.min(limits.results);
    let most = limits.bytes.saturating_sub(RESERVE.min(limits.bytes / 2));
    // Packing never makes more of it than a few bytes a block, so most files need not be packed to know.
    let mut plain = Counter(0);
    for at in 0..count {
        write(at, &mut plain)?;
        if plain.0 > most {
            return packed(most, count, write);
        }
    }
    Ok(count)
}

#[cfg(feature = "page")]
fn packed(most: u64, count: usize, mut write: impl FnMut(usize, &mut dyn Write) -> io::Result<()>) -> io::Result<usize> {
    // At the default level, as the upload action packs.
    let mut packer = flate2::write::GzEncoder::new(Counter(0), flate2::Compression::default());
    for at in 0..count {
        write(at, &mut packer)?;
        if packer.get_ref().0 > most {
            return Ok(at);
        }
    }
    Ok(count)
}

#[cfg(not(feature = "page"))]
fn packed(most: u64, count: usize, mut write: impl FnMut(usize, &mut dyn Write) -> io::Result<()>) -> io::Result<usize> {
    let mut plain = Counter(0);
    for at in 0..count {
        write(at, &mut plain)?;
        if plain.0 > most {
            return Ok(at);
        }
    }
    Ok(count)
}

/// Counts bytes and drops them.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitting(results: usize, bytes: u64, count: usize, each: &[u8]) -> usize {
        within(Limits { results, bytes }, count, |_, out| out.write_all(each)).unwrap()
    }

    #[test]
    fn both_limits_are_kept() {
        assert_eq!(fitting(10, 1_000_000, 11, b"x"), 10);
        assert_eq!(fitting(10, 1_000_000, 9, b"x"), 9);
        assert_eq!(fitting(10, 0, 9, b"x"), 0);
        let said = LeftOut { results: 5, of: 30_005, limits: Limits::of_github(None, None) }.to_string();
        assert_eq!(said, "5 of 30005 results are left out: code scanning takes 25000 results and 10 MB packed with gzip");
    }

    #[test]
    #[cfg(feature = "page")]
    fn what_packs_well_is_not_left_out() {
        // 20 MB that pack to next to nothing, and 20 MB that do not pack.
        assert_eq!(fitting(25_000, 10_000_000, 20_000, &[b'a'; 1000]), 20_000);
        let mut state = 1_u64;
        let noise: Vec<u8> = (0..20_000_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            })
            .collect();
        let write = |at: usize, out: &mut dyn Write| out.write_all(&noise[at * 1000..(at + 1) * 1000]);
        let count = within(Limits::of_github(None, None), 20_000, write).unwrap();
        assert!((9_000..10_000).contains(&count), "{count}");
    }
}
