//! From a document to the later ones that it is paired with.
//!
//! In: near-duplicates as pairs of classes of equal shingle sets, passages as pairs of classes of identical documents. Out: pairs of documents, each
//! once, with what is known of it.

use super::across::ClassPair;
use super::findings::{Findings, MOST_PAIRS, between, within_class};
use super::groups::Groups;
use super::reuse::ReusePair;
use crate::compare::{Overlap, Passage};

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
        let mut swapped: Vec<Passage> = self.pair.passages.iter().map(Passage::swapped).collect();
        swapped.sort_by_key(|passage| (passage.a.start, passage.b.start));
        swapped
    }

    fn overlap(&self) -> Overlap {
        if self.from_b { self.pair.overlap.swapped() } else { self.pair.overlap }
    }
}

/// A later document; what the shingle sets have in common, None if they are equal; the passages, if they are known.
pub(super) type Partner<'a> = (u32, Option<Overlap>, Option<Directed<'a>>);

/// Looks up partners.
pub(super) struct Partners<'a> {
    findings: &'a Findings,
    class_of: Vec<u32>,
    /// Each pair of classes in both directions, by the class that it starts from.
    near: Vec<ClassPair>,
    /// The same for pairs with passages: class it starts from, other class, position of the pair.
    shared: Vec<(u32, u32, u32)>,
}

impl<'a> Partners<'a> {
    pub(super) fn new(findings: &'a Findings) -> Self {
        let back = |pair: &ClassPair| ClassPair { a: pair.b, b: pair.a, overlap: pair.overlap.swapped() };
        let mut near: Vec<ClassPair> = findings.pairs.iter().copied().chain(findings.pairs.iter().map(back)).collect();
        near.sort_unstable_by_key(|pair| (pair.a, pair.b));
        let pairs = || (0..).zip(&findings.shared.reuse.pairs);
        let mut shared: Vec<(u32, u32, u32)> =
            pairs().map(|(at, pair)| (pair.a, pair.b, at)).chain(pairs().map(|(at, pair)| (pair.b, pair.a, at))).collect();
        shared.sort_unstable();
        Self { class_of: findings.classes.class_of(findings.documents.len()), findings, near, shared }
    }

    /// The later documents that `document` is paired with, in no order.
    pub(super) fn of(&self, document: usize) -> Vec<Partner<'a>> {
        let class = self.class_of[document];
        if class == u32::MAX {
            return Vec::new();
        }
        let classes = &self.findings.classes;
        let own = classes.get(class);
        let later = |other: &u32| *other as usize > document;
        let is_first = own[0] as usize == document;
        let mut partners: Vec<Partner<'a>> = Vec::new();
        let with = |other: u32, overlap| (other, overlap, self.reuse(document, other as usize));
        if is_first || within_class(own) <= MOST_PAIRS {
            partners.extend(own.iter().copied().filter(later).map(|other| with(other, None)));
        }
        let from = self.near.partition_point(|pair| pair.a < class);
        for pair in self.near[from..].iter().take_while(|pair| pair.a == class) {
            partners.extend(listed(classes, class, pair.b, document).filter(later).map(|other| with(other, Some(pair.overlap))));
        }
        self.add_shared(document, &mut partners);
        partners
    }

    /// Adds those that share passages without being alike as a whole.
    fn add_shared(&self, document: usize, partners: &mut Vec<Partner<'a>>) {
        let Some(&class) = self.findings.identical.get(document).filter(|&&class| class != u32::MAX) else { return };
        let reuse = &self.findings.shared.reuse;
        let from = self.shared.partition_point(|shared| shared.0 < class);
        for &(_, other, at) in self.shared[from..].iter().take_while(|shared| shared.0 == class) {
            let pair = &reuse.pairs[at as usize];
            if self.is_near(pair) {
                continue;
            }
            let directed = Directed { pair, from_b: pair.b == class };
            let others = listed(&reuse.classes, class, other, document).filter(|&other| other as usize > document);
            partners.extend(others.map(|other| (other, Some(directed.overlap()), Some(directed))));
        }
    }

    /// True if the pair is listed as documents that are alike as a whole, or with equal shingle sets.
    pub(super) fn is_near(&self, pair: &ReusePair) -> bool {
        let classes = &self.findings.shared.reuse.classes;
        let [a, b] = [pair.a, pair.b].map(|class| self.class_of[classes.first(class) as usize]);
        a == b || self.near.binary_search_by_key(&(a, b), |near| (near.a, near.b)).is_ok()
    }

    /// The passages of two documents, if they were aligned.
    fn reuse(&self, document: usize, other: usize) -> Option<Directed<'a>> {
        let identical = &self.findings.identical;
        let (class, other) = (*identical.get(document)?, *identical.get(other)?);
        let at = self.shared.binary_search_by_key(&(class, other), |shared| (shared.0, shared.1)).ok()?;
        let pair = &self.findings.shared.reuse.pairs[self.shared[at].2 as usize];
        Some(Directed { pair, from_b: pair.b == class })
    }
}

/// The documents of class `other` that a document of class `class` is told with: all, or the first where they would be too many.
fn listed(classes: &Groups, class: u32, other: u32, document: usize) -> impl Iterator<Item = u32> + '_ {
    let (own, others) = (classes.get(class), classes.get(other));
    let all = own[0] as usize == document || between(own, others) <= MOST_PAIRS;
    others[..if all { others.len() } else { 1 }].iter().copied()
}
