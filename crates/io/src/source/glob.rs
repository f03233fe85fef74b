//! Globs among the paths.

use crate::glob::{Wildcards, matcher};
use globset::GlobSet;
use refrain_engine::error::{Error, Result};
use std::path::{Component, Path, PathBuf};

/// Letters of a pattern that a message quotes.
const QUOTED: usize = 80;

/// A pattern, of which the part above the first special character is a folder.
#[derive(Debug)]
pub(crate) struct Glob {
    /// The folder, without special characters.
    pub(crate) folder: PathBuf,
    /// It has `**`, so that it walks folders. Others name files.
    pub(crate) walks: bool,
    below: GlobSet,
}

impl Glob {
    /// The pattern `path`.
    ///
    /// # Errors
    /// [`Error::Glob`] for one that cannot be parsed or is too large.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        let folder = folder(path);
        let below: PathBuf = path.components().skip_while(is_plain).collect();
        let wrong = |reason: String| {
            let pattern = path.to_string_lossy();
            let short: String = pattern.chars().take(QUOTED).collect();
            Error::Glob { pattern: if short.len() < pattern.len() { short + "..." } else { short }, reason }
        };
        let pattern = below.to_str().ok_or_else(|| wrong("not UTF-8; name the folder instead".into()))?;
        let walks = pattern.contains("**");
        let below = matcher(pattern, Wildcards::InsideNames).map_err(wrong)?;
        Ok(Self { folder, walks, below })
    }

    /// Whether a path below the folder matches.
    pub(crate) fn holds(&self, below: &Path) -> bool {
        self.below.is_match(below)
    }
}

/// The folder in which the glob `path` begins.
pub fn folder(path: &Path) -> PathBuf {
    let plain: PathBuf = path.components().take_while(is_plain).collect();
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

/// Whether a path has characters that are special in a glob.
pub(super) fn is_glob(path: &Path) -> bool {
    path.components().any(|part| !is_plain(&part))
}

fn is_plain(part: &Component<'_>) -> bool {
    !part.as_os_str().as_encoded_bytes().iter().any(|byte| b"*?[{".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_holds_what_lies_below_its_folder() {
        for (pattern, folder, below, holds) in [
            ("*.txt", ".", "a.txt", true),
            ("./*.txt", ".", "a.txt", true),
            ("in/*.txt", "in", "a.txt", true),
            ("in/*.txt", "in", "sub/a.txt", false),
            ("in/**/*.txt", "in", "sub/a.txt", true),
            ("/in/{a,b/c}/x", "/in", "b/c/x", true),
            ("../[ab]?/*", "..", "ax/y", true),
        ] {
            let glob = Glob::new(Path::new(pattern)).unwrap();
            assert_eq!((glob.folder.as_path(), glob.holds(Path::new(below))), (Path::new(folder), holds), "{pattern}");
        }
    }

    #[test]
    fn a_message_quotes_the_beginning_of_a_long_pattern() {
        let error = Glob::new(Path::new(&"{".repeat(5_000))).unwrap_err().to_string();
        assert!(error.len() < 200 && error.contains("{{{...: not a valid glob: more than 32 braces"), "{error}");
    }
}
