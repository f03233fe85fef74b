//! Large clusters: many variants of one text are compared with one of them, not all with all.
//!
//! In: buckets of band keys that too many classes share. Out: a spanning set of verified pairs for each cluster found in them, and what is still to be
//! compared. The number of comparisons is linear in the members of the buckets.

use super::across::ClassPair;
use super::clusters::kept;
use super::groups::Groups;
use super::read::DocumentLine;
use crate::config::Keep;
use crate::error::Result;
use crate::sketch::BandKey;
use crate::union_find::UnionFind;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A bucket of more classes than this is large, and so is a cluster of more classes that such buckets propose.
pub const LARGE: usize = 256;
/// Members of a large bucket that all others are compared with, until one is similar.
pub const LEADERS: usize = 4;
/// Next members in the order of all band keys that a class outside large clusters is compared with. That order puts similar texts side by side.
const NEIGHBOURS: usize = 2;

/// Large buckets of one band: the classes of each, ascending.
pub(super) type LargeBuckets = Vec<Vec<u32>>;

/// What large buckets come to.
#[derive(Debug, Default)]
pub(super) struct LargeClusters {
    /// For each class the least class of its large cluster, or `u32::MAX`. Empty if there is none.
    cluster_of: Vec<u32>,
    /// Verified pairs: the spanning sets of large clusters, and those of other classes.
    pub(super) pairs: Vec<ClassPair>,
    /// For each large cluster the class of the document that is kept, then those that are similar to it.
    pub(super) stars: Vec<Vec<u32>>,
    /// Pairs of classes that are compared or left out, ascending.
    compared: Vec<(u32, u32)>,
    /// Pairs of classes that large buckets propose and that are not compared.
    pub(super) uncompared: u64,
}

/// What is needed to compare classes.
pub(super) struct Comparer<'a, V, K> {
    pub(super) classes: &'a Groups,
    pub(super) documents: &'a [DocumentLine],
    pub(super) keep: Keep,
    /// The verified ones of pairs of classes.
    pub(super) verify: V,
    /// All band keys of a class.
    pub(super) keys: K,
}

impl LargeClusters {
    /// True if two classes are in one large cluster, of which only the spanning set is compared.
    pub(super) fn are_together(&self, a: u32, b: u32) -> bool {
        let of = |class: u32| self.cluster_of.get(class as usize).copied().unwrap_or(u32::MAX);
        of(a) != u32::MAX && of(a) == of(b)
    }

    /// For each document the large cluster that it is in, or `u32::MAX`; empty if there is none.
    pub(super) fn of_documents(&self, classes: &Groups, count: usize) -> Vec<u32> {
        if self.cluster_of.is_empty() {
            return Vec::new();
        }
        let class_of = classes.class_of(count);
        class_of.into_iter().map(|class| self.cluster_of.get(class as usize).copied().unwrap_or(u32::MAX)).collect()
    }

    /// Whether a pair that another bucket proposes is still to be compared.
    pub(super) fn leaves(&self, &(a, b): &(u32, u32)) -> bool {
        !self.are_together(a, b) && self.compared.binary_search(&(a, b)).is_err()
    }
}

impl<V: Fn(&[(u32, u32)]) -> Result<Vec<ClassPair>>, K: Fn(u32) -> Result<Vec<BandKey>>> Comparer<'_, V, K> {
    /// Compares the classes of large buckets, of which `bands` has those of each band. Adds to `candidates` the pairs that it leaves.
    ///
    /// # Errors
    /// What keeps a text from being read.
    pub(super) fn clusters(&self, bands: &[LargeBuckets], candidates: &mut Vec<(u32, u32)>) -> Result<LargeClusters> {
        if bands.iter().all(Vec::is_empty) {
            return Ok(LargeClusters::default());
        }
        let (mut found, mut sets) = (LargeClusters::default(), UnionFind::new(self.classes.len()));
        let links = self.stars(bands, &mut sets, &mut found)?;
        let roots: Vec<u32> = (0..self.classes.count()).map(|class| sets.root(class)).collect();
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        (0..).zip(&roots).for_each(|(class, &root)| members.entry(root).or_default().push(class));
        members.retain(|_, members| members.len() > LARGE);
        found.cluster_of = roots.iter().map(|root| if members.contains_key(root) { *root } else { u32::MAX }).collect();
        self.span(&members, links, &mut found)?;
        // Bands propose much the same pairs: those of the band that leaves out most are counted.
        let left_out = bands.iter().map(|buckets| self.leave(buckets, &found, candidates)).collect::<Result<Vec<u64>>>()?;
        let left_out = left_out.into_iter().max().unwrap_or(0);
        let all: u64 = members.values().map(|members| members.len() as u64 * (members.len() as u64 - 1) / 2).sum();
        let compared = found.compared.iter().filter(|&&(a, b)| found.are_together(a, b)).count() as u64;
        found.uncompared = left_out + all - compared;
        Ok(found)
    }

    /// Compares the pairs that were not compared before.
    fn compare(&self, mut pairs: Vec<(u32, u32)>, found: &mut LargeClusters) -> Result<Vec<ClassPair>> {
        pairs.par_sort_unstable();
        pairs.dedup();
        pairs.retain(|pair| found.compared.binary_search(pair).is_err());
        let verified = (self.verify)(&pairs)?;
        found.compared.extend(pairs);
        found.compared.par_sort_unstable();
        Ok(verified)
    }

    /// Compares the members of each bucket with its first one, those that it does not reach with the first of them, and so on; joins in `sets` what
    /// is similar.
    fn stars(&self, bands: &[LargeBuckets], sets: &mut UnionFind, found: &mut LargeClusters) -> Result<Vec<ClassPair>> {
        let mut links = Vec::new();
        let mut buckets: Vec<Vec<u32>> = bands.iter().flatten().cloned().collect();
        for _ in 0..LEADERS {
            let stars = buckets.iter().flat_map(|bucket| bucket[1..].iter().map(|&member| (bucket[0], member)));
            let verified = self.compare(stars.collect(), found)?;
            verified.iter().for_each(|pair| _ = sets.join(pair.a, pair.b));
            links.extend(verified);
            for bucket in &mut buckets {
                let root = sets.root(bucket[0]);
                bucket.retain(|&member| sets.root(member) != root);
            }
            buckets.retain(|bucket| bucket.len() > 1);
        }
        Ok(links)
    }

    /// Keeps of each large cluster the pairs of the document that is kept with all that it is similar to, and of the `links` as many of the most
    /// similar as join the others; and all other links.
    fn span(&self, members: &BTreeMap<u32, Vec<u32>>, mut links: Vec<ClassPair>, found: &mut LargeClusters) -> Result<()> {
        let mut hubs = Vec::with_capacity(members.len());
        let mut pairs = Vec::new();
        for classes in members.values() {
            let mut documents: Vec<(u32, u32)> =
                classes.iter().flat_map(|&class| self.classes.get(class).iter().map(move |&member| (member, class))).collect();
            documents.sort_unstable();
            let list: Vec<u32> = documents.iter().map(|&(document, _)| document).collect();
            let keep = kept(&list, self.documents, self.keep);
            let hub = documents[list.partition_point(|&document| document < keep)].1;
            hubs.push(hub);
            pairs.extend(classes.iter().filter(|&&class| class != hub).map(|&class| (class.min(hub), class.max(hub))));
        }
        links.extend(self.compare(pairs, found)?);
        let mut star_of: BTreeMap<u32, Vec<u32>> = hubs.iter().map(|&hub| (hub, vec![hub])).collect();
        for pair in &links {
            for (hub, member) in [(pair.a, pair.b), (pair.b, pair.a)] {
                star_of.entry(hub).and_modify(|star| star.push(member));
            }
        }
        found.stars = star_of.into_values().collect();
        hubs.sort_unstable();
        let is_of_hub = |pair: &ClassPair| hubs.binary_search(&pair.a).is_ok() || hubs.binary_search(&pair.b).is_ok();
        let similarity = |pair: &ClassPair| pair.overlap.jaccard();
        links.sort_by(|x, y| {
            is_of_hub(y).cmp(&is_of_hub(x)).then(similarity(y).total_cmp(&similarity(x))).then((x.a, x.b).cmp(&(y.a, y.b)))
        });
        let mut spanned = UnionFind::new(self.classes.len());
        links.retain(|pair| spanned.join(pair.a, pair.b) || !found.are_together(pair.a, pair.b));
        found.pairs = links;
        Ok(())
    }

    /// Adds to `candidates` the pairs of large buckets with a class outside large clusters: all if they are few, else those of neighbours. Returns the
    /// number of those left out.
    fn leave(&self, buckets: &LargeBuckets, found: &LargeClusters, candidates: &mut Vec<(u32, u32)>) -> Result<u64> {
        let (before, mut all) = (candidates.len() as u64, 0);
        let is_outside = |class: u32| found.cluster_of[class as usize] == u32::MAX;
        for bucket in buckets {
            let outside: Vec<u32> = bucket.iter().copied().filter(|&class| is_outside(class)).collect();
            all += outside.len() as u64 * (2 * bucket.len() - outside.len()).saturating_sub(1) as u64 / 2;
            if outside.is_empty() {
                continue;
            }
            if outside.len() <= LARGE {
                let others = |at: usize| outside[at + 1..].iter().copied();
                candidates
                    .extend((0..outside.len()).flat_map(|at| others(at).map(move |other| (at, other))).map(|(at, b)| (outside[at], b)));
            }
            let mut by_keys = bucket.iter().map(|&class| Ok(((self.keys)(class)?, class))).collect::<Result<Vec<_>>>()?;
            by_keys.sort_unstable();
            for (at, &(_, class)) in by_keys.iter().enumerate() {
                let next = by_keys[at + 1..].iter().take(NEIGHBOURS).filter(|&&(_, other)| is_outside(class) || is_outside(other));
                candidates.extend(next.map(|&(_, other)| (class.min(other), class.max(other))));
            }
        }
        Ok(all.saturating_sub(candidates.len() as u64 - before))
    }
}
