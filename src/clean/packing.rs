//! How packed files are packed again: lines of the manifest that are noted while cleaning, and read while restoring.

use super::manifest::{ManifestLine, PackingLine, RepackLine, pack_bytes, unpack_bytes};
use super::manifest_lines::read_line;
use super::write::append;
use crate::error::{Error, Result};
use crate::source::repack::{Source, Steps, tell};
use crate::source::{Original, mapped};
use std::io::{self, BufReader, Seek, Write};
use std::path::Path;
use tempfile::SpooledTempFile;

/// Writes to `lines` how the file at `path`, which is called `name` and holds what `original` does, is packed again.
///
/// # Errors
/// It cannot be read; what the file system says of `lines`.
pub(super) fn note(original: &Original<'_>, path: &Path, name: &str, lines: &mut (impl Write + Send)) -> Result<Option<RepackLine>> {
    let Some(format) = original.compression() else { return Ok(None) };
    let packed = mapped(path)?;
    let mut write = |part: Steps| append(&mut *lines, &ManifestLine::Packing(Box::new(line_of(name, part)?)));
    let kept = tell(format, &packed, original.bytes(), &mut write).map_err(|cause| Error::Io { path: path.into(), cause })?;
    Ok(Some(RepackLine { kept }))
}

/// Gives the steps that stand in `lines`, which were written by [`append`].
///
/// # Errors
/// They cannot be read.
pub(super) fn source(mut lines: SpooledTempFile) -> io::Result<Source> {
    lines.rewind()?;
    let mut reader = BufReader::new(lines);
    let mut buffer = Vec::new();
    Ok(Box::new(move || {
        if read_line(&mut reader, &mut buffer)? == 0 {
            return Ok(None);
        }
        let line: PackingLine = serde_json::from_slice(&buffer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let Some(bytes) = unpack_bytes(&line.steps, &line.bytes, line.sum) else {
            let reason = "the steps that pack a file are not those that were written; the manifest is damaged";
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        };
        Ok(Some(Steps { steps: line.steps, bytes }))
    }))
}

fn line_of(name: &str, part: Steps) -> io::Result<PackingLine> {
    let (bytes, sum) = pack_bytes(&part.steps, &part.bytes)?;
    Ok(PackingLine { file: name.into(), steps: part.steps, bytes, sum })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::repack::Step;
    use proptest::prelude::*;

    fn read(line: &[u8]) -> io::Result<Option<Steps>> {
        let mut lines = SpooledTempFile::new(1 << 20);
        lines.write_all(&[line, b"\n"].concat())?;
        source(lines)?()
    }

    fn part() -> Steps {
        let steps = vec![Step::Bytes(12), Step::Deflate { begins: true, text: 90_000, told: 345 }, Step::Pass(7), Step::Bytes(8)];
        Steps { steps, bytes: (0..365_u32).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect() }
    }

    #[test]
    fn lines_come_back_with_a_checksum_and_without() {
        let line = line_of("a.gz", part()).unwrap();
        for sum in [line.sum, None] {
            let json = serde_json::to_vec(&PackingLine { sum, ..line.clone() }).unwrap();
            assert_eq!(read(&json).unwrap(), Some(part()));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// What is not as it was written never gets to a packer.
        #[test]
        fn damage_of_a_line_is_told(at in any::<usize>(), by in 1_u8..) {
            let mut json = serde_json::to_vec(&line_of("a.gz", part()).unwrap()).unwrap();
            let at = at % json.len();
            json[at] ^= by;
            if let Ok(Some(found)) = read(&json) {
                prop_assert_eq!(found, part());
            }
        }
    }
}
