//! The items of a reference that were found in a corpus: how often, how much of them, and where.

use super::matching::ReferenceMatch;
use super::reference::Item;
use serde::Serialize;

/// An article of the reference that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemMatch {
    /// Its id.
    pub id: Box<str>,
    /// Its words.
    pub words: u32,
    /// Articles of the corpus that share text with it.
    pub documents: usize,
    /// Words of the longest run that one of them has verbatim.
    pub longest: usize,
    /// Largest share of its words that one article has, in [0, 1].
    pub covered: f64,
    /// The id of that article; of several the first.
    pub doc: Box<str>,
    /// Its file.
    pub file: Box<str>,
    /// Its line or row, from 1.
    pub line: u64,
}

/// The items of `pairs`, those found in most articles first, then by the share that was found, then by id.
pub(super) fn items_of(pairs: &[ReferenceMatch], items: &[Item]) -> Vec<ItemMatch> {
    let mut order: Vec<&ReferenceMatch> = pairs.iter().collect();
    order.sort_by_key(|found| found.item);
    let mut matched: Vec<ItemMatch> = order
        .chunk_by(|x, y| x.item == y.item)
        .map(|of_item| {
            let item = &items[of_item[0].item as usize];
            // The first of those with the largest share.
            let best = of_item.iter().rev().max_by(|x, y| x.item_share().total_cmp(&y.item_share())).unwrap_or(&of_item[0]);
            ItemMatch {
                id: item.id.clone(),
                words: item.words,
                documents: of_item.len(),
                longest: of_item.iter().map(|found| found.longest).max().unwrap_or(0),
                covered: best.item_share(),
                doc: best.pair.a.clone(),
                file: best.file.clone(),
                line: best.line,
            }
        })
        .collect();
    matched.sort_by(|x, y| (y.documents.cmp(&x.documents)).then(y.covered.total_cmp(&x.covered)).then_with(|| x.id.cmp(&y.id)));
    matched
}
