//! Which of two articles is the later one.
//!
//! In: the articles of a run. Out: their order: by date, those without a date last; where dates say nothing, by the names of their files, and in one file
//! from the top down.

use refrain_engine::detect::ReadDocument;
use std::borrow::Cow;
use std::collections::HashMap;

/// The place of each of `documents` in that order; `name` is that of a file by its number.
pub(super) fn ranks<'n>(documents: &[ReadDocument<'_>], name: impl Fn(u32) -> Cow<'n, str>) -> Vec<i64> {
    let mut names: HashMap<u32, Cow<'n, str>> = HashMap::new();
    for document in documents {
        names.entry(document.locator.file).or_insert_with(|| name(document.locator.file));
    }
    let mut order: Vec<usize> = (0..documents.len()).collect();
    order.sort_by(|&x, &y| {
        let key = |at: usize| {
            let ReadDocument { date, locator, id, .. } = &documents[at];
            (date.unwrap_or(i64::MAX), names.get(&locator.file), locator.file, locator.start, *id)
        };
        key(x).cmp(&key(y))
    });
    let mut ranks = vec![0; documents.len()];
    (0..).zip(order).for_each(|(rank, at)| ranks[at] = rank);
    ranks
}
