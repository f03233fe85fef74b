//! Names of documents as numbers, so that pairs of them are small, quick keys.
//!
//! In: names. Out: a number for each, the same for the same name. Always: findings and labels that are compared share one [`Ids`].

use std::collections::HashMap;

/// Number of a document's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocId(pub(super) u32);

/// Two documents, whichever was named first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DocPair(pub(super) DocId, pub(super) DocId);

impl DocPair {
    /// The pair of `x` and `y`, in either order.
    #[must_use]
    pub fn new(x: DocId, y: DocId) -> Self {
        Self(x.min(y), x.max(y))
    }
}

/// Numbers for names, in the order in which they are first seen.
#[derive(Debug, Default)]
pub struct Ids(HashMap<Box<str>, DocId>);

impl Ids {
    /// The number of `name`; a new one for a new name.
    pub fn number(&mut self, name: &str) -> DocId {
        if let Some(&id) = self.0.get(name) {
            return id;
        }
        let id = DocId(u32::try_from(self.0.len()).expect("four thousand million names do not fit in memory"));
        self.0.insert(name.into(), id);
        id
    }

    /// The number of `name`, if it has one.
    #[must_use]
    pub fn known(&self, name: &str) -> Option<DocId> {
        self.0.get(name).copied()
    }

    /// How many names have a number.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}
