//! A writer that holds what is written to what is expected, so that packing ends at the first byte that differs.

use std::io::{self, Write};

/// Takes what is expected, and nothing else. What is left of it was not written yet.
pub(super) struct Comparing<'a>(pub(super) &'a [u8]);

impl Write for Comparing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
