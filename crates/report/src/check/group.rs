//! One finding for n copies: pairs that say nothing beyond other pairs are represented by these.
//!
//! In: the pair findings of a check. Out: which of them are reported, and which are represented by another. Of n articles with the same words or the
//! same passage n - 1 pairs are reported instead of n(n-1)/2. Always: every reported pair is a pair that was found, with its own numbers; every
//! article of a pair is in a reported pair; a pair of a lower level never represents one of a higher level; and since known pairs are taken
//! first, one more copy is one new finding.

use super::gate::{CheckedFinding, Kind};
use refrain_engine::finding::{FoundPair, PairRule};
use refrain_engine::union_find::UnionFind;
use std::cmp::Reverse;
use std::collections::HashMap;

/// A passage is the same as one that overlaps it in this many tenths: a word more or less at its edges makes no other passage.
pub(super) const SAME_OF_TEN: usize = 8;

/// What became of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It is reported.
    Reported,
    /// Other pairs say all of it.
    Represented,
}

/// A pair of another article that a reported finding stands for as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Represented {
    /// The reported finding.
    pub(super) by: usize,
    /// The pair.
    pub(super) pair: usize,
}

/// The outcome.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    /// Of each finding.
    pub(super) roles: Vec<Role>,
    /// Pairs that belong to a reported finding of the same article and rule.
    pub(super) represented: Vec<Represented>,
}

/// Decides which of `pairs` are reported. `rank` orders articles: the first of equal ones is the one that the others are compared with.
pub(super) fn group(pairs: &[CheckedFinding], rank: impl Fn(&str) -> i64) -> Grouping {
    let articles = Articles::of(pairs, rank);
    let edges: Vec<Edge> = pairs.iter().enumerate().filter_map(|(at, finding)| articles.edge(at, finding)).collect();
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_by_key(|&at| edges[at].priority());
    let mut classes = Classes::new(articles.ranks.len());
    let mut grouping = Grouping { roles: vec![Role::Reported; pairs.len()], represented: Vec::new() };
    let mut reported: HashMap<(u32, PairRule, Option<u32>), usize> = HashMap::new();
    let mut left_out = Vec::new();
    for at in order {
        let edge = &edges[at];
        if classes.add(edge) {
            reported.entry((edge.own, edge.pair.rule, None)).or_insert(edge.at);
            let class = classes.class_of(edge);
            reported.entry((edge.own, edge.pair.rule, class)).or_insert(edge.at);
        } else {
            grouping.roles[edge.at] = Role::Represented;
            left_out.push(at);
        }
    }
    for at in left_out {
        let edge = &edges[at];
        let class = classes.class_of(edge);
        for article in [edge.own, edge.other] {
            let of_class = reported.get(&(article, edge.pair.rule, class));
            if let Some(&by) = of_class.or_else(|| reported.get(&(article, edge.pair.rule, None))) {
                grouping.represented.push(Represented { by, pair: edge.at });
            }
        }
    }
    grouping
}

/// The articles of the pairs, by number.
struct Articles<'a> {
    numbers: HashMap<&'a str, u32>,
    /// Articles of an index come first, then given ones by their rank and id.
    ranks: Vec<u32>,
}

impl<'a> Articles<'a> {
    fn of(pairs: &'a [CheckedFinding], rank: impl Fn(&str) -> i64) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut articles: Vec<(bool, i64, &str)> = Vec::new();
        for finding in pairs {
            for (place, is_given) in [(&finding.at, true), (&finding.other, finding.seen.is_none())] {
                let next = u32::try_from(articles.len()).unwrap_or(u32::MAX);
                if *numbers.entry(&place.id).or_insert(next) == next {
                    articles.push((is_given, if is_given { rank(&place.id) } else { 0 }, &place.id));
                }
            }
        }
        let mut sorted: Vec<usize> = (0..articles.len()).collect();
        sorted.sort_by_key(|&at| articles[at]);
        let mut ranks = vec![0; articles.len()];
        (0..).zip(sorted).for_each(|(rank, at)| ranks[at] = rank);
        Self { numbers, ranks }
    }

    fn edge(&self, at: usize, finding: &'a CheckedFinding) -> Option<Edge<'a>> {
        let Kind::Pair(pair) = &finding.kind else { return None };
        let (own, other) = (*self.numbers.get(&*finding.at.id)?, *self.numbers.get(&*finding.other.id)?);
        let ranks = [own, other].map(|article| self.ranks[article as usize]);
        Some(Edge {
            at,
            pair,
            own,
            other,
            own_is_a: pair.a == finding.at.id,
            is_indexed: finding.seen.is_some(),
            is_known: finding.known,
            level: finding.level,
            ranks: [ranks[0].min(ranks[1]), ranks[0].max(ranks[1])],
        })
    }
}

/// A pair as an edge between two articles.
struct Edge<'a> {
    at: usize,
    pair: &'a FoundPair,
    own: u32,
    other: u32,
    own_is_a: bool,
    /// The other article is in the index.
    is_indexed: bool,
    is_known: bool,
    level: super::Level,
    ranks: [u32; 2],
}

impl Edge<'_> {
    /// What counts more comes first; then equal articles, so that a class of them is joined to others once; then what is known.
    fn priority(&self) -> impl Ord {
        let stage = match self.pair.rule {
            PairRule::Identical => 0,
            PairRule::NearDuplicate => 1,
            PairRule::Contained | PairRule::ReusedPassage | PairRule::Template => 2,
        };
        (Reverse(self.level), stage, !self.is_known, !self.is_indexed, self.ranks)
    }

    fn is_whole(&self) -> bool {
        matches!(self.pair.rule, PairRule::Identical | PairRule::NearDuplicate) || self.pair.passages.is_none()
    }

    /// Own and other span of each passage.
    fn passages(&self) -> impl Iterator<Item = [Span; 2]> {
        let passages = self.pair.passages.iter().flatten();
        passages.map(|passage| if self.own_is_a { [passage.a, passage.b] } else { [passage.b, passage.a] })
    }
}

type Span = [usize; 2];

/// Classes of articles, and of passages in them.
struct Classes {
    /// Articles that are similar as a whole.
    whole: Sets,
    /// Occurrences of passages; an article has those that were reported.
    occurrences: Sets,
    of_article: Vec<Vec<(Span, u32)>>,
}

impl Classes {
    fn new(articles: usize) -> Self {
        Self { whole: Sets::new(articles), occurrences: Sets::new(0), of_article: vec![Vec::new(); articles] }
    }

    /// Takes a pair; true if it says something new.
    fn add(&mut self, edge: &Edge<'_>) -> bool {
        let is_new = if edge.is_whole() { self.whole.join(edge.own, edge.other, edge.is_indexed) } else { self.says_more(edge) };
        if is_new {
            for [own, other] in edge.passages() {
                let (own, other) = (self.occurrence(edge.own, own), self.occurrence(edge.other, other));
                self.occurrences.join(own, other, edge.is_indexed);
            }
        }
        is_new
    }

    /// True if some passage of a pair does not join occurrences that are known to be the same.
    fn says_more(&mut self, edge: &Edge<'_>) -> bool {
        let mut says_more = false;
        for [own, other] in edge.passages() {
            let (one, two) = (self.known(edge.own, own), self.known(edge.other, other));
            says_more |= match (one, two) {
                (Some(one), Some(two)) if one == two => false,
                // One article of an index is enough: they are not compared with each other here.
                (Some(one), _) if edge.is_indexed && self.occurrences.is_indexed(one) => false,
                _ => true,
            };
        }
        says_more
    }

    /// The class of what covers `span` in an article, if most of it is covered. The parts of one passage are of one class from here on.
    fn known(&mut self, article: u32, span: Span) -> Option<u32> {
        let touching: Vec<(Span, u32)> =
            self.of_article[article as usize].iter().copied().filter(|&(have, _)| is_same(have, span)).collect();
        let &(_, first) = touching.first()?;
        touching.iter().for_each(|&(_, number)| self.occurrences.join_silently(first, number));
        let mut overlaps: Vec<Span> = touching.iter().map(|&(have, _)| [have[0].max(span[0]), have[1].min(span[1])]).collect();
        overlaps.sort_unstable();
        let (mut covered, mut end) = (0, 0);
        for [from, to] in overlaps {
            covered += to.saturating_sub(from.max(end));
            end = end.max(to);
        }
        (covered * 10 >= length(span) * SAME_OF_TEN).then(|| self.occurrences.root(first))
    }

    /// The number of an occurrence, which is made unless it is there.
    fn occurrence(&mut self, article: u32, span: Span) -> u32 {
        if let Some(known) = self.known(article, span) {
            return known;
        }
        let number = self.occurrences.push();
        for &(have, other) in &self.of_article[article as usize] {
            if is_same(have, span) {
                self.occurrences.join_silently(number, other);
            }
        }
        self.of_article[article as usize].push((span, number));
        number
    }

    /// The class that a pair of passages belongs to.
    fn class_of(&mut self, edge: &Edge<'_>) -> Option<u32> {
        if edge.is_whole() {
            return Some(self.whole.root(edge.own));
        }
        let [own, _] = edge.passages().next()?;
        self.known(edge.own, own)
    }
}

fn length(span: Span) -> usize {
    span[1].saturating_sub(span[0]).max(1)
}

/// Most of one is in the other.
fn is_same(x: Span, y: Span) -> bool {
    let overlap = x[1].min(y[1]).saturating_sub(x[0].max(y[0]));
    overlap * 10 >= length(x).min(length(y)) * SAME_OF_TEN
}

/// Disjoint sets that know whether a member is from an index.
struct Sets {
    sets: UnionFind,
    indexed: Vec<bool>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self { sets: UnionFind::new(count), indexed: vec![false; count] }
    }

    fn push(&mut self) -> u32 {
        self.indexed.push(false);
        self.sets.push()
    }

    fn root(&mut self, x: u32) -> u32 {
        self.sets.root(x)
    }

    fn is_indexed(&mut self, x: u32) -> bool {
        let root = self.root(x);
        self.indexed[root as usize]
    }

    fn join_silently(&mut self, x: u32, y: u32) {
        let indexed = self.is_indexed(x) || self.is_indexed(y);
        self.sets.join(x, y);
        let root = self.root(x);
        self.indexed[root as usize] = indexed;
    }

    /// Joins two sets, the second with a member from an index if `indexed`; true if this says something new.
    fn join(&mut self, x: u32, y: u32, indexed: bool) -> bool {
        let is_new = self.root(x) != self.root(y) && !(indexed && self.is_indexed(x));
        self.join_silently(x, y);
        let root = self.root(x);
        self.indexed[root as usize] |= indexed;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Level, Place, Seen};
    use super::*;
    use proptest::prelude::*;
    use refrain_engine::finding::{PassageKind, SharedPassage};

    fn pair(rule: PairRule, [other, own]: [usize; 2], passages: &[[Span; 2]]) -> CheckedFinding {
        let id = |n: usize| -> Box<str> { format!("{n:02}").into() };
        let place = |n: usize| Place { id: id(n), path: None, line: None, region: None, is_indexed: false };
        let passage = |&[a, b]: &[Span; 2]| SharedPassage {
            a,
            b,
            words: 30,
            respelled: 0,
            similarity: 1.0,
            kind: PassageKind::Verbatim,
            reordered: false,
            segments: Vec::new(),
        };
        let found = FoundPair {
            rule,
            a: id(other),
            b: id(own),
            jaccard: 0.5,
            a_in_b: 0.5,
            b_in_a: 0.5,
            origin: None,
            a_covered: None,
            b_covered: None,
            passages: Some(passages.iter().map(passage).collect()),
        };
        let (kind, at, other) = (Kind::Pair(found), place(own), place(other));
        CheckedFinding {
            kind,
            level: Level::Error,
            known: false,
            at,
            other,
            more: 0,
            others: Vec::new(),
            seen: None,
            outlets: [0; 2],
            fingerprint: String::new(),
            documents: Vec::new(),
            parts: Vec::new(),
            entries: Vec::new(),
        }
    }

    fn reported(pairs: &[CheckedFinding]) -> Vec<String> {
        let grouping = group(pairs, |_| 0);
        let kept = pairs.iter().zip(&grouping.roles).filter(|(_, role)| **role == Role::Reported);
        kept.map(|(pair, _)| format!("{}-{}", pair.other.id, pair.at.id)).collect()
    }

    #[test]
    fn another_passage_is_another_finding() {
        let (one, two) = ([100, 200], [500, 600]);
        let shared = |articles, passages: &[[Span; 2]]| pair(PairRule::ReusedPassage, articles, passages);
        // The edges of the same passage differ by a word.
        let same = [shared([0, 1], &[[one, one]]), shared([0, 2], &[[[95, 200], one]]), shared([1, 2], &[[one, [100, 206]]])];
        assert_eq!(reported(&same), ["00-01", "00-02"]);
        let other = [same[0].clone(), same[1].clone(), shared([1, 2], &[[two, two]])];
        assert_eq!(reported(&other), ["00-01", "00-02", "01-02"]);
        let more = [same[0].clone(), same[1].clone(), shared([1, 2], &[[one, one], [two, two]])];
        assert_eq!(reported(&more), ["00-01", "00-02", "01-02"]);
        // The passage of two is a part of a longer one of two others.
        let part = [shared([0, 1], &[[[0, 1000], [0, 1000]]]), shared([0, 2], &[[one, one]]), shared([1, 2], &[[one, one]])];
        assert_eq!(reported(&part), ["00-01", "00-02"]);
    }

    #[test]
    fn one_article_of_an_index_is_enough() {
        let whole = [[0, 900]; 2];
        let indexed = |articles| CheckedFinding { seen: Some(Seen::A), ..pair(PairRule::Identical, articles, &[whole]) };
        let pairs = [indexed([0, 8]), indexed([1, 8]), indexed([0, 9]), indexed([1, 9]), pair(PairRule::Identical, [8, 9], &[whole])];
        assert_eq!(reported(&pairs), ["00-08", "00-09"]);
        let indexed = |articles, span| CheckedFinding { seen: Some(Seen::A), ..pair(PairRule::ReusedPassage, articles, &[[span, span]]) };
        let pairs = [indexed([0, 8], [0, 90]), indexed([1, 8], [0, 90]), indexed([2, 8], [300, 390])];
        assert_eq!(reported(&pairs), ["00-08", "02-08"]);
    }

    proptest! {
        #[test]
        fn no_article_is_lost_and_a_second_run_that_knows_the_first_has_nothing_new(
            edges in prop::collection::vec((0_usize..9, 1_usize..9, 0_usize..5, 0_usize..3, 0_usize..12, 0_usize..12), 1..60)
        ) {
            let rules = [PairRule::Identical, PairRule::NearDuplicate, PairRule::Contained, PairRule::ReusedPassage, PairRule::Template];
            let mut pairs: Vec<CheckedFinding> = edges
                .into_iter()
                .map(|(low, more, rule, level, x, y)| CheckedFinding {
                    level: [Level::Note, Level::Warning, Level::Error][level],
                    ..pair(rules[rule], [low, low + more], &[[[x * 50, x * 50 + 100], [y * 50, y * 50 + 100]]])
                })
                .collect();
            pairs.sort_by_key(|pair| (pair.other.id.clone(), pair.at.id.clone()));
            pairs.dedup_by_key(|pair| (pair.other.id.clone(), pair.at.id.clone()));
            let first = group(&pairs, |_| 0);
            let highest = |id: &str, wanted: &dyn Fn(usize) -> bool| {
                let of_article = pairs.iter().enumerate().filter(|(at, pair)| (*pair.at.id == *id || *pair.other.id == *id) && wanted(*at));
                of_article.map(|(_, pair)| pair.level).max()
            };
            for finding in &pairs {
                for id in [&finding.at.id, &finding.other.id] {
                    prop_assert_eq!(highest(id, &|_| true), highest(id, &|at| first.roles[at] == Role::Reported));
                }
            }
            for (pair, role) in pairs.iter_mut().zip(&first.roles) {
                pair.known = *role == Role::Reported;
            }
            let second = group(&pairs, |_| 0);
            for (pair, role) in pairs.iter().zip(&second.roles) {
                prop_assert!(pair.known || *role == Role::Represented);
            }
        }
    }
}
