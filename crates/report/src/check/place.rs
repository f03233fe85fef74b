//! Where something was found.

use refrain_engine::corpus::Region;

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The article.
    pub id: Box<str>,
    /// Its file, as it was given; of an article of the index the file that it was once read from, where that is known.
    pub path: Option<Box<str>>,
    /// Line of the file on which the article begins, from 1; None where the file is one article.
    pub line: Option<usize>,
    /// The stretch of the file that is meant; None for an article of the index, and in files without lines.
    pub region: Option<Region>,
    /// The article is in the index, and not given: its file may hold another article today.
    pub is_indexed: bool,
}
