//! Limits on what is read, so that no input exhausts memory or disk.

use refrain_engine::error::{Error, Result};
use refrain_engine::problems::EXAMPLES;
use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;

/// What a run reads at most. The defaults are meant for inputs that nobody made to do harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that one compressed or Parquet file may hold, unpacked.
    pub unpacked_bytes: u64,
    /// Bytes of unpacked content for each byte of a compressed or Parquet file. Does not apply to the first 256 MiB.
    pub unpacked_ratio: u64,
    /// Bytes of one record as it occurs in its file, and of one text. Longer records are skipped.
    pub record_bytes: u64,
    /// Skipped records that are listed of each kind.
    pub examples: usize,
}

/// Unpacked bytes of a file to which the ratio does not apply: a few repeated lines compress to almost nothing.
pub(super) const FREE_BYTES: u64 = 256 << 20;
/// The longest record whose bytes can be counted.
const MOST_RECORD_BYTES: u64 = u32::MAX as u64 - 1;

impl Default for Limits {
    fn default() -> Self {
        Self { unpacked_bytes: 256 << 30, unpacked_ratio: 1000, record_bytes: 2 << 30, examples: EXAMPLES }
    }
}

impl Limits {
    /// # Errors
    /// [`Error::Config`] for a record that is too long to be numbered.
    pub(super) fn check(&self) -> Result<()> {
        if (1..=MOST_RECORD_BYTES).contains(&self.record_bytes) {
            return Ok(());
        }
        let reason = format!("must be between 1 byte and {MOST_RECORD_BYTES} bytes, just under 4 GiB (got {})", self.record_bytes);
        Err(Error::Config { setting: "max-record", reason })
    }

    /// The length of a record or text.
    ///
    /// # Errors
    /// A reason for a [`refrain_engine::Problem`] if it is too long.
    pub(super) fn record_length(&self, bytes: usize) -> std::result::Result<u32, String> {
        u32::try_from(bytes).ok().filter(|&length| u64::from(length) <= self.record_bytes).ok_or_else(|| {
            let (bytes, most) = (shown(bytes as u64), shown(self.record_bytes));
            format!("a record of {bytes}, more than the limit of {most}; split it, or raise the setting `max-record`")
        })
    }

    /// Bytes that the content of a file of `packed_bytes` may have.
    pub(super) fn most_unpacked(&self, packed_bytes: u64) -> u64 {
        packed_bytes.saturating_mul(self.unpacked_ratio).max(FREE_BYTES).min(self.unpacked_bytes)
    }

    /// The error for the file at `path` of `packed_bytes`, whose content has more than [`Limits::most_unpacked`].
    pub(super) fn exceeded(&self, path: &Path, packed_bytes: u64) -> Error {
        let most = self.most_unpacked(packed_bytes);
        let which = if most == self.unpacked_bytes {
            shown(most)
        } else {
            format!("{} ({} times its {})", shown(most), self.unpacked_ratio, shown(packed_bytes))
        };
        Error::Unpacked { path: path.into(), limit: which }
    }
}

/// The content of a compressed stream, up to a limit.
pub(super) struct Unpacking<R, M> {
    inner: R,
    bytes: u64,
    /// Bytes that it may have, as far as is known by now.
    most: M,
}

impl<R: Read, M: Fn() -> u64> Unpacking<R, M> {
    pub(super) fn new(inner: R, most: M) -> Self {
        Self { inner, bytes: 0, most }
    }
}

impl<R: Read, M: Fn() -> u64> Read for Unpacking<R, M> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(into)?;
        self.bytes += length as u64;
        if self.bytes > (self.most)() { Err(io::Error::other(TooLong)) } else { Ok(length) }
    }
}

/// Cause of an error of [`Unpacking`] whose content exceeds the limit.
#[derive(Debug)]
struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too long")
    }
}

impl std::error::Error for TooLong {}

/// Whether an error is that of [`Unpacking`].
pub(super) fn is_too_long(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<TooLong>())
}

/// A reader that counts the bytes it gives.
pub(super) struct Counted<'c, R> {
    pub(super) inner: R,
    pub(super) bytes: &'c Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(into)?;
        self.bytes.set(self.bytes.get() + length as u64);
        Ok(length)
    }
}

/// A number of bytes for people.
fn shown(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut number = bytes as f64;
    while number >= 1024.0 && unit + 1 < UNITS.len() {
        number /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0 && number < 10.0 && number.fract() > 0.0);
    format!("{number:.digits$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_may_hold_the_free_bytes_and_a_large_one_the_ratio() {
        let limits = Limits { unpacked_bytes: 10 << 30, unpacked_ratio: 100, ..Limits::default() };
        assert_eq!([1, 10 << 20, 1 << 40].map(|packed| limits.most_unpacked(packed)), [FREE_BYTES, 1000 << 20, 10 << 30]);
        let message = |packed| limits.exceeded(Path::new("a.gz"), packed).to_string();
        assert!(message(10 << 20).contains("a.gz: unpacks to more than 1000 MiB (100 times its 10 MiB)"), "{}", message(10 << 20));
        assert!(message(1 << 40).contains("unpacks to more than 10 GiB"), "{}", message(1 << 40));
    }

    #[test]
    fn long_records_have_a_reason() {
        let limits = Limits { record_bytes: 1 << 20, ..Limits::default() };
        assert_eq!((limits.record_length(1 << 20), limits.check().is_ok()), (Ok(1 << 20), true));
        let reason = limits.record_length((3 << 19) + (1 << 20)).unwrap_err();
        assert!(reason.contains("a record of 2.5 MiB, more than the limit of 1 MiB"), "{reason}");
        for record_bytes in [0, 1 << 32] {
            assert!(Limits { record_bytes, ..limits }.check().is_err());
        }
    }
}
