//! From a document to the later ones that it is paired with.
//!
//! In: near-duplicates as pairs of classes of equal shingle sets, passages as pairs of classes of identical documents. Out: pairs of documents, each
//! once, with what is known of it.

use super::across::ClassPair;
use super::findings::{Findings, MOST_PAIRS, between, within_class};
use super::groups::Groups;
use super::reuse::ReusePair;
use crate::compare::{Overlap, Passage};
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
    /// The same for pairs with passages: other class, position of the pair; by the class it starts from, then by the other.
    shared: Vec<(u32, u32)>,
    /// Where those of each class start, and where the last ones end.
    starts: Vec<usize>,
    /// For each pair with passages whether it is listed as documents that are alike as a whole, or with equal shingle sets.
    is_near: Vec<bool>,
}

impl<'a> Partners<'a> {
    pub(super) fn new(findings: &'a Findings) -> Self {
        let back = |pair: &ClassPair| ClassPair { a: pair.b, b: pair.a, overlap: pair.overlap.swapped() };
        let mut near: Vec<ClassPair> = findings.pairs.iter().copied().chain(findings.pairs.iter().map(back)).collect();
        near.sort_unstable_by_key(|pair| (pair.a, pair.b));
        let class_of = findings.classes.class_of(findings.documents.len());
        let reuse = &findings.shared.reuse;
        let is_near = |pair: &ReusePair| {
            let [a, b] = [pair.a, pair.b].map(|class| class_of[reuse.classes.first(class) as usize]);
            a == b || near.binary_search_by_key(&(a, b), |near| (near.a, near.b)).is_ok()
        };
        let is_near = reuse.pairs.par_iter().map(is_near).collect();
        let (shared, starts) = by_class(&reuse.pairs, reuse.classes.len());
        Self { findings, class_of, near, shared, starts, is_near }
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
        for &(other, at) in self.shared_by(class) {
            let pair = &reuse.pairs[at as usize];
            if self.is_near[at as usize] {
                continue;
            }
            let directed = Directed { pair, from_b: pair.b == class };
            let others = listed(&reuse.classes, class, other, document).filter(|&other| other as usize > document);
            partners.extend(others.map(|other| (other, Some(directed.overlap()), Some(directed))));
        }
    }

    /// For each pair of classes with passages, by its position, whether it is listed as documents that are alike as a whole, or with equal shingle sets.
    pub(super) fn is_near(&self) -> &[bool] {
        &self.is_near
    }

    /// The classes that `class` shares passages with, in order, each with the position of the pair.
    fn shared_by(&self, class: u32) -> &[(u32, u32)] {
        let class = class as usize;
        self.starts.get(class..=class.saturating_add(1)).map_or(&[], |edges| &self.shared[edges[0]..edges[1]])
    }

    /// The passages of two documents, if they were aligned.
    fn reuse(&self, document: usize, other: usize) -> Option<Directed<'a>> {
        let identical = &self.findings.identical;
        let (class, other) = (*identical.get(document)?, *identical.get(other)?);
        let shared = self.shared_by(class);
        let at = shared.binary_search_by_key(&other, |shared| shared.0).ok()?;
        let pair = &self.findings.shared.reuse.pairs[shared[at].1 as usize];
        Some(Directed { pair, from_b: pair.b == class })
    }
}

/// The documents of class `other` that a document of class `class` is told with: all, or the first where they would be too many.
fn listed(classes: &Groups, class: u32, other: u32, document: usize) -> impl Iterator<Item = u32> + '_ {
    let (own, others) = (classes.get(class), classes.get(other));
    let all = own[0] as usize == document || between(own, others) <= MOST_PAIRS;
    others[..if all { others.len() } else { 1 }].iter().copied()
}

/// Both directions of `pairs`, which stand in order of a, then b: other class, position of the pair. By the class that it starts from, of which there
/// are `count`, then by the other; and where those of each class start.
#[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 pairs of classes")]
fn by_class(pairs: &[ReusePair], count: usize) -> (Vec<(u32, u32)>, Vec<usize>) {
    let mut starts = vec![0; count + 1];
    for pair in pairs {
        starts[pair.a as usize + 1] += 1;
        starts[pair.b as usize + 1] += 1;
    }
    for class in 1..starts.len() {
        starts[class] += starts[class - 1];
    }
    let mut next = starts.clone();
    let mut shared = vec![(0, 0); starts[count]];
    let mut put = |class: u32, other: u32, at: usize| {
        let place = &mut next[class as usize];
        shared[*place] = (other, at as u32);
        *place += 1;
    };
    // Whatever stands before a class in a pair is less than what stands behind it.
    pairs.iter().enumerate().for_each(|(at, pair)| put(pair.b, pair.a, at));
    pairs.iter().enumerate().for_each(|(at, pair)| put(pair.a, pair.b, at));
    (shared, starts)
}
