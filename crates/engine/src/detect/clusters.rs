//! Clusters of verified pairs, and the member of each that is kept.

use super::across::{Across, ClassPair};
use super::read::DocumentLine;
use crate::config::{Keep, Linkage};
use crate::union_find::UnionFind;
use std::collections::{HashMap, HashSet};

/// A cluster of documents, as positions in the table.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentCluster {
    /// Ascending.
    pub members: Vec<u32>,
    pub keep: u32,
    pub(crate) min_jaccard: f64,
}

/// The clusters of two documents and more, in the order of their first members.
pub(super) fn clusters(across: &Across, documents: &[DocumentLine], linkage: Linkage, keep: Keep) -> Vec<DocumentCluster> {
    let mut sets = match linkage {
        Linkage::Single => single(across),
        Linkage::Complete => complete(across),
    };
    let classes = &across.classes;
    let mut sizes = vec![0; classes.len()];
    let roots: Vec<u32> = (0..).take(classes.len()).map(|class| sets.root(class)).collect();
    (0..).zip(&roots).for_each(|(class, &root)| sizes[root as usize] += classes.get(class).len());
    let mut by_root: HashMap<u32, DocumentCluster> = HashMap::new();
    for (class, &root) in (0..).zip(&roots).filter(|(_, root)| sizes[**root as usize] > 1) {
        let cluster = by_root.entry(root).or_insert_with(|| DocumentCluster { members: Vec::new(), keep: 0, min_jaccard: 1.0 });
        cluster.members.extend(classes.get(class));
    }
    for pair in &across.pairs {
        let root = sets.root(pair.a);
        if root == sets.root(pair.b)
            && let Some(cluster) = by_root.get_mut(&root)
        {
            cluster.min_jaccard = cluster.min_jaccard.min(pair.overlap.jaccard());
        }
    }
    let mut clusters: Vec<DocumentCluster> = by_root.into_values().collect();
    for cluster in &mut clusters {
        cluster.members.sort_unstable();
        cluster.keep = kept(&cluster.members, documents, keep);
    }
    clusters.sort_unstable_by_key(|cluster| cluster.members[0]);
    clusters
}

/// Chains: every verified pair joins.
fn single(across: &Across) -> UnionFind {
    let mut sets = UnionFind::new(across.classes.len());
    for pair in &across.pairs {
        sets.join(pair.a, pair.b);
    }
    sets
}

/// Greedily from the most similar: two clusters join if every pair across them is verified. Of a large cluster, of which not all pairs are compared, those
/// that are similar to the kept document are taken for similar to each other.
fn complete(across: &Across) -> UnionFind {
    let verified: HashSet<(u32, u32)> = across.pairs.iter().map(|pair| (pair.a, pair.b)).collect();
    let mut order: Vec<&ClassPair> = across.pairs.iter().collect();
    order.sort_by(|x, y| y.overlap.jaccard().total_cmp(&x.overlap.jaccard()).then((x.a, x.b).cmp(&(y.a, y.b))));
    let mut sets = UnionFind::new(across.classes.len());
    let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
    for star in &across.large.stars {
        star[1..].iter().for_each(|&class| _ = sets.join(star[0], class));
        members.insert(sets.root(star[0]), star.clone());
    }
    for pair in order {
        let (x, y) = (sets.root(pair.a), sets.root(pair.b));
        if x == y {
            continue;
        }
        let of = |root: u32| members.get(&root).cloned().unwrap_or_else(|| vec![root]);
        let (mut in_x, in_y) = (of(x), of(y));
        if in_x.iter().all(|&a| in_y.iter().all(|&b| verified.contains(&(a.min(b), a.max(b))))) {
            sets.join(x, y);
            in_x.extend(in_y);
            members.insert(x.min(y), in_x);
        }
    }
    sets
}

pub(super) fn kept(members: &[u32], documents: &[DocumentLine], keep: Keep) -> u32 {
    let rank = |at: u32| keep.rank(documents[at as usize].date, documents[at as usize].tokens);
    let best = members.iter().min_by_key(|&&at| (rank(at), at));
    *best.unwrap_or(&members[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Overlap;
    use crate::detect::groups::Groups;

    fn across(classes: u32, pairs: &[(u32, u32, usize)]) -> Across {
        let pairs = pairs.iter().map(|&(a, b, both)| ClassPair { a, b, overlap: Overlap { both, a: 100, b: 100 } }).collect();
        Across { classes: Groups::placed((0..classes).map(|class| (class, class)).collect()), pairs, ..Across::default() }
    }

    #[test]
    fn single_linkage_chains_and_complete_does_not() {
        let found = across(4, &[(0, 1, 90), (1, 2, 95), (2, 3, 91)]);
        let documents: Vec<DocumentLine> = (0..4).map(|_| DocumentLine::dated(None, 5)).collect();
        let of = |linkage| clusters(&found, &documents, linkage, Keep::First).into_iter().map(|c| c.members).collect::<Vec<_>>();
        assert_eq!(of(Linkage::Single), [[0, 1, 2, 3]]);
        assert_eq!(of(Linkage::Complete), [[1, 2]]);
    }

    #[test]
    fn the_one_to_keep() {
        let documents = [
            DocumentLine::dated(None, 9),
            DocumentLine::dated(Some(20), 5),
            DocumentLine::dated(Some(10), 4),
            DocumentLine::dated(Some(10), 6),
            DocumentLine::dated(Some(10), 6),
        ];
        let of = |keep| kept(&[0, 1, 2, 3, 4], &documents, keep);
        assert_eq!([of(Keep::Earliest), of(Keep::Latest), of(Keep::Longest), of(Keep::First)], [3, 1, 0, 0]);
    }
}
