//! Globs among the paths.

use crate::error::{Error, Result};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::path::{Component, Path, PathBuf};

/// Braces inside each other, at most. Parsing a glob goes one call deeper for each.
const MOST_NESTED: usize = 32;
/// Letters of a pattern that a message quotes.
const QUOTED: usize = 80;

/// A pattern, of which the part above the first special character is a folder.
#[derive(Debug)]
pub(crate) struct Glob {
    /// The folder, without special characters.
    pub(crate) folder: PathBuf,
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
        if depth(pattern) > MOST_NESTED {
            return Err(wrong(format!("more than {MOST_NESTED} braces inside each other")));
        }
        let glob = GlobBuilder::new(pattern).literal_separator(true).build().map_err(|error| wrong(error.kind().to_string()))?;
        // A set says that a pattern is too large, where a single matcher panics.
        let set = GlobSetBuilder::new().add(glob).build().map_err(|_| wrong("too large; use several patterns".into()))?;
        Ok(Self { folder, below: set })
    }

    /// Whether a path below the folder matches.
    pub(crate) fn holds(&self, below: &Path) -> bool {
        self.below.is_match(below)
    }
}

/// The folder in which the glob `path` begins.
pub(crate) fn folder(path: &Path) -> PathBuf {
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

/// The most braces that are open at once.
fn depth(pattern: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for letter in pattern.chars() {
        match letter {
            '{' => open += 1,
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
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
    fn patterns_that_cannot_be_used_are_errors() {
        let many = |text: &str| text.repeat(5_000);
        for pattern in [many("{"), many("{") + &many("}"), many("{a,") + &many("}"), many("{aaaaaaaa,b*}"), many("[a-z]*"), "[".into()] {
            let error = Glob::new(Path::new(&pattern)).map(|glob| glob.holds(Path::new("a")));
            if let Err(error) = error {
                assert!(error.to_string().len() < 300, "{error}");
            } else {
                assert!(!pattern.contains("{a,") && pattern != "[");
            }
        }
    }
}
