//! Clusters against a labelled clustering.
//!
//! In: the cluster of each labelled document, and the clusters that were told. Out: the adjusted Rand index (Hubert and Arabie,
//! Comparing Partitions, Journal of Classification 2, 1985, equation 5), and precision and recall of the pairs inside clusters.
//! Always: documents without a label do not count; a labelled document that is in no cluster told stands alone.

use super::ids::{DocId, DocPair};
use super::sweep::{Measure, Sweep, grid};
use super::told::{Told, ToldPair};
use super::{harmonic_mean, ratio, six_decimals};
use refrain_engine::error::Result;
use refrain_engine::union_find::UnionFind;
use serde::Serialize;
use std::collections::HashMap;
use std::hash::Hash;

/// Scores against a clustering.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterScore {
    /// Of the clusters that were told.
    #[serde(flatten)]
    pub clusters: Partition,
    /// Of clusters made anew from the pairs that were told with at least a Jaccard, by single linkage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep<Partition>>,
}

/// How far two clusterings of the same documents agree.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Partition {
    /// Labelled documents.
    pub documents: usize,
    /// 1 for equal clusterings, about 0 for chance, at least -1.
    #[serde(serialize_with = "six_decimals")]
    pub adjusted_rand_index: f64,
    /// Share of the pairs inside clusters told that are inside labelled clusters.
    #[serde(serialize_with = "six_decimals")]
    pub precision: f64,
    /// Share of the pairs inside labelled clusters that are inside clusters told.
    #[serde(serialize_with = "six_decimals")]
    pub recall: f64,
    /// Harmonic mean of precision and recall; 0 where both are 0.
    #[serde(serialize_with = "six_decimals")]
    pub f1: f64,
}

/// Scores the clusters that were told.
///
/// # Errors
/// There are pairs to sweep over, and none has a Jaccard.
pub(super) fn score(told: &Told, truth: &HashMap<DocId, u32>, sweep: Option<Measure>) -> Result<ClusterScore> {
    let clusters = compare(truth, |id| told.clusters.get(&id).copied());
    let sweep = sweep.map(|by| by.check(told).map(|()| sweep_pairs(&told.distinct_pairs(), told.documents, truth, by)));
    Ok(ClusterScore { clusters, sweep: sweep.transpose()? })
}

/// Joins pairs from the highest threshold down, so that each pair is joined once.
fn sweep_pairs(told: &HashMap<DocPair, &ToldPair>, documents: usize, truth: &HashMap<DocId, u32>, by: Measure) -> Sweep<Partition> {
    let mut pairs: Vec<(f64, DocPair)> = told.iter().filter_map(|(&pair, told)| Some((by.of(told)?, pair))).collect();
    pairs.sort_unstable_by(|x, y| y.0.total_cmp(&x.0));
    let thresholds = grid(pairs.iter().map(|(value, _)| *value));
    let without_value = told.len() - pairs.len();
    let mut clusters = UnionFind::new(documents);
    let mut rest = pairs.into_iter().peekable();
    let mut rows = Vec::new();
    for threshold in thresholds.into_iter().rev() {
        while let Some((_, pair)) = rest.next_if(|(value, _)| *value >= threshold) {
            clusters.join(pair.0.0, pair.1.0);
        }
        rows.push((threshold, compare(truth, |id| ((id.0 as usize) < documents).then(|| clusters.root(id.0)))));
    }
    rows.reverse();
    Sweep::new(by.name(), without_value, rows, |partition| partition.adjusted_rand_index)
}

/// Compares the labelled clustering with one that gives a document its cluster, or None for one that stands alone.
fn compare(truth: &HashMap<DocId, u32>, mut cluster_of: impl FnMut(DocId) -> Option<u32>) -> Partition {
    let mut both: HashMap<(u32, u32), u64> = HashMap::new();
    let (mut labelled, mut told): (HashMap<u32, u64>, HashMap<u32, u64>) = (HashMap::new(), HashMap::new());
    for (&id, &label) in truth {
        *labelled.entry(label).or_default() += 1;
        if let Some(cluster) = cluster_of(id) {
            *told.entry(cluster).or_default() += 1;
            *both.entry((label, cluster)).or_default() += 1;
        }
    }
    let documents = truth.len();
    let (both, labelled, told) = (pairs_inside(&both), pairs_inside(&labelled), pairs_inside(&told));
    let (precision, recall) = (ratio(both, told), ratio(both, labelled));
    let expected = if documents < 2 { 0.0 } else { labelled * told / pairs_of(documents as u64) as f64 };
    Partition {
        documents,
        adjusted_rand_index: ratio(both - expected, f64::midpoint(labelled, told) - expected),
        precision,
        recall,
        f1: harmonic_mean(precision, recall),
    }
}

/// Pairs of `count` documents.
fn pairs_of(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}

fn pairs_inside<K: Hash + Eq>(sizes: &HashMap<K, u64>) -> f64 {
    sizes.values().map(|&size| pairs_of(size)).sum::<u64>() as f64
}

#[cfg(test)]
mod tests {
    use super::super::ids::Ids;
    use super::super::labels::{LabelKind, Labels, read_labels};
    use super::super::told::read_findings;
    use super::*;

    fn scored(told: &str, labels: &str, sweep: Option<Measure>) -> ClusterScore {
        let mut ids = Ids::default();
        let told = read_findings(told.as_bytes(), "f.jsonl", &mut ids).unwrap();
        let labels = read_labels(labels.as_bytes(), "t.tsv", Some(LabelKind::Clusters), &told, &mut ids).unwrap();
        let Labels::Clusters(truth) = labels else { panic!("not clusters") };
        score(&told, &truth, sweep).unwrap()
    }

    const LABELS: &str = "a1\tx\na2\tx\na3\tx\nb1\ty\nb2\ty\nc1\tz\n";

    #[test]
    fn the_index_as_computed_by_hand() {
        // Told: {a1 a2} {a3 b1} b2 c1. Pairs inside: labelled 3 + 1, told 2, both 1, of 15; expected 8/15.
        let told = r#"{"type":"cluster","id":1,"members":["a1","a2","other"]}
{"type":"cluster","id":2,"members":["a3","b1"]}"#;
        let score = scored(told, LABELS, None).clusters;
        assert_eq!((score.documents, score.precision, score.recall), (6, 0.5, 0.25));
        assert!((score.adjusted_rand_index - (1.0 - 8.0 / 15.0) / (3.0 - 8.0 / 15.0)).abs() < 1e-12);
        assert!((score.f1 - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn equal_clusterings_have_1_and_one_without_pairs_has_0() {
        let told = r#"{"type":"cluster","id":"p","members":["a1","a2","a3"]}
{"type":"cluster","id":"q","members":["b1","b2"]}"#;
        assert_eq!(scored(told, LABELS, None).clusters.adjusted_rand_index, 1.0);
        assert_eq!(scored("", LABELS, None).clusters.adjusted_rand_index, 0.0);
        assert_eq!(scored("", "a1\tx\na2\ty\n", None).clusters.adjusted_rand_index, 1.0);
        assert_eq!(scored("", "a1\tx\n", None).clusters.adjusted_rand_index, 1.0);
    }

    #[test]
    fn the_sweep_clusters_anew_also_through_documents_without_a_label() {
        let pair = |a: &str, b: &str, jaccard: f64| format!("{{\"type\":\"pair\",\"a\":\"{a}\",\"b\":\"{b}\",\"jaccard\":{jaccard}}}\n");
        let told = [("a1", "other", 0.9), ("a2", "other", 0.9), ("a2", "a3", 0.85), ("b1", "b2", 0.8), ("a1", "b1", 0.75)];
        let told: String = told.into_iter().map(|(a, b, jaccard)| pair(a, b, jaccard)).collect();
        let sweep = scored(&told, LABELS, Some(Measure::Jaccard)).sweep.unwrap();
        let indices: Vec<_> = sweep.rows.iter().map(|row| (row.threshold, row.score.recall, row.best)).collect();
        assert_eq!(
            indices,
            [(0.75, 1.0, false), (0.8, 1.0, true), (0.85, 0.75, false), (0.9, 0.25, false), (0.95, 0.0, false), (1.0, 0.0, false)]
        );
        assert_eq!(sweep.rows[1].score.adjusted_rand_index, 1.0);
    }
}
