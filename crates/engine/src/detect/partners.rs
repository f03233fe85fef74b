//! From a document to the later ones that it is paired with.
//!
//! In: near-duplicates as pairs of classes of equal shingle sets, passages as pairs of classes of identical documents. Out: pairs of documents, each
//! once, with what is known of it.

use super::across::ClassPair;
use super::findings::{Findings, MOST_PAIRS, between, within_class};
use super::groups::Groups;
use super::reuse::{Reuse, ReusePair};
use crate::compare::{Overlap, Passage, swapped};
use rayon::prelude::*;

/// A pair with passages, as seen from one of its classes.
#[derive(Clone, Copy)]
pub(super) struct Directed<'a> {
    pub(super) pair: &'a ReusePair,
    from_b: bool,
}

impl Directed<'_> {
    /// The passages with the class that it is seen from as side a, in order of a.
    pub(super) fn passages(&self) -> Vec<Passage> {
        if !self.from_b {
            return self.pair.passages.clone();
        }
        swapped(&self.pair.passages)
    }

    fn overlap(&self) -> Overlap {
        if self.from_b { self.pair.overlap.swapped() } else { self.pair.overlap }
    }
}

/// A later document; what the shingle sets have in common, None if they are equal; the passages, if they are known.
pub(super) type Partner<'a> = (u32, Option<Overlap>, Option<Directed<'a>>);

/// What partners are looked up by.
#[derive(Debug, Default)]
pub(super) struct PartnerTable {
    /// For each document the class of equal shingle sets that it is in.
    class_of: Vec<u32>,
    /// Each pair of such classes in both directions, by the class that it starts from.
    near: Vec<ClassPair>,
    /// For each pair with passages whether it is listed as documents that are alike as a whole, or with equal shingle sets.
    is_near: Vec<bool>,
}

impl PartnerTable {
    /// From the `pairs` of `classes` of equal shingle sets among so many documents, and the pairs with passages.
    pub(super) fn new(classes: &Groups, pairs: &[ClassPair], documents: usize, reuse: &Reuse) -> Self {
        let back = |pair: &ClassPair| ClassPair { a: pair.b, b: pair.a, overlap: pair.overlap.swapped() };
        let mut near: Vec<ClassPair> = pairs.iter().copied().chain(pairs.iter().map(back)).collect();
        near.par_sort_unstable_by_key(|pair| (pair.a, pair.b));
        let class_of = classes.class_of(documents);
        let is_near = |pair: &ReusePair| {
            let [a, b] = [pair.a, pair.b].map(|class| class_of[reuse.classes.first(class) as usize]);
            a == b || near.binary_search_by_key(&(a, b), |near| (near.a, near.b)).is_ok()
        };
        let is_near = reuse.pairs.par_iter().map(is_near).collect();
        Self { class_of, near, is_near }
    }
}

/// Looks up partners.
#[derive(Clone, Copy)]
pub(super) struct Partners<'a>(pub(super) &'a Findings);

/// Why a document is a partner.
#[derive(Clone, Copy)]
enum Found<'a> {
    /// It is alike as a whole; what the shingle sets have in common, None if they are equal.
    Alike(Option<Overlap>),
    /// It shares passages without that.
    Sharing(Directed<'a>),
}

impl<'a> Partners<'a> {
    /// The later documents that `document` is paired with, in no order.
    pub(super) fn of(&self, document: usize) -> Vec<Partner<'a>> {
        let known = |(other, found)| match found {
            Found::Alike(overlap) => (other, overlap, self.reuse(document, other as usize)),
            Found::Sharing(directed) => (other, Some(directed.overlap()), Some(directed)),
        };
        self.alike(document).chain(self.sharing(document)).map(known).collect()
    }

    /// How many these are.
    pub(super) fn count(&self, document: usize) -> usize {
        self.alike(document).count() + self.sharing(document).count()
    }

    /// Those that are alike as a whole.
    fn alike(&self, document: usize) -> impl Iterator<Item = (u32, Found<'a>)> {
        let PartnerTable { class_of, near, .. } = &self.0.partner_table;
        let classes = &self.0.classes;
        let class = class_of.get(document).copied().filter(|&class| class != u32::MAX);
        let of_class = class.map(|class| {
            let own = classes.get(class);
            let are_told = own[0] as usize == document || within_class(own) <= MOST_PAIRS;
            let same = if are_told { own } else { &[] };
            let same = same.iter().map(|&other| (other, Found::Alike(None)));
            let from = near.partition_point(|pair| pair.a < class);
            let near = near[from..]
                .iter()
                .take_while(move |pair| pair.a == class)
                .flat_map(move |pair| listed(classes, class, pair.b, document).map(|other| (other, Found::Alike(Some(pair.overlap)))));
            same.chain(near)
        });
        of_class.into_iter().flatten().filter(move |(other, _)| *other as usize > document)
    }

    /// Those that share passages without that.
    fn sharing(&self, document: usize) -> impl Iterator<Item = (u32, Found<'a>)> {
        let class = self.0.identical.get(document).copied().filter(|&class| class != u32::MAX);
        let (reuse, is_near) = (&self.0.shared.reuse, &self.0.partner_table.is_near);
        let of_class = class.map(|class| {
            let partners = reuse.partners.get(class as usize).iter().filter(|&&(_, at)| !is_near[at as usize]);
            partners.flat_map(move |&(other, at)| {
                let pair = &reuse.pairs[at as usize];
                let directed = Directed { pair, from_b: pair.b == class };
                listed(&reuse.classes, class, other, document).map(move |other| (other, Found::Sharing(directed)))
            })
        });
        of_class.into_iter().flatten().filter(move |(other, _)| *other as usize > document)
    }

    /// The pairs of classes with passages that are not listed as documents that are alike as a whole, or with equal shingle sets.
    pub(super) fn only_shared(&self) -> impl Iterator<Item = &'a ReusePair> {
        self.0.shared.reuse.pairs.iter().zip(&self.0.partner_table.is_near).filter(|(_, is_near)| !**is_near).map(|(pair, _)| pair)
    }

    /// The passages of two documents, if they were aligned.
    fn reuse(&self, document: usize, other: usize) -> Option<Directed<'a>> {
        let identical = &self.0.identical;
        let (class, other) = (*identical.get(document)?, *identical.get(other)?);
        let reuse = &self.0.shared.reuse;
        let partners = reuse.partners.get(class as usize);
        let at = partners.binary_search_by_key(&other, |partner| partner.0).ok()?;
        let pair = &reuse.pairs[partners[at].1 as usize];
        Some(Directed { pair, from_b: pair.b == class })
    }
}

/// The documents of class `other` that a document of class `class` is told with: all, or the first where they would be too many.
fn listed(classes: &Groups, class: u32, other: u32, document: usize) -> impl Iterator<Item = u32> + '_ {
    let (own, others) = (classes.get(class), classes.get(other));
    let all = own[0] as usize == document || between(own, others) <= MOST_PAIRS;
    others[..if all { others.len() } else { 1 }].iter().copied()
}

#[cfg(test)]
mod tests {
    use crate::{DetectConfig, Detector, Document};

    /// A class of too many pairs to tell all, one like it, and one that shares a passage with both.
    #[test]
    fn partners_are_counted_as_they_are_told() {
        let words = |from: usize, count: usize| (from..from + count).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        let texts = [words(0, 90), format!("{} other", words(0, 90)), format!("{} {}", words(1000, 60), words(20, 30))];
        let copies = [460, 3, 2].into_iter().zip(texts).flat_map(|(copies, text)| vec![text; copies]);
        let documents = copies.enumerate().map(|(n, text)| Document::new(format!("{n:03}"), text));
        let findings = Detector::new(DetectConfig::default()).unwrap().detect(documents).unwrap();
        let told = findings.pairs().count();
        assert_eq!(findings.summary().pairs, Some(told));
        let pairs = |n: usize| n * (n - 1) / 2;
        assert_eq!(findings.summary().unlisted_pairs, Some((pairs(460 + 3 + 2) - told) as u64));
        assert_eq!(told, 459 + pairs(3) + pairs(2) + (460 + 2) * 3 + 460 * 2);
    }
}
