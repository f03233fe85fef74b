//! The outcome of a run, in the order in which it is told.

use super::across::{Across, ClassPair};
use super::clusters::DocumentCluster;
use super::groups::Groups;
use super::read::{DocumentLine, Reading};
use crate::config::DetectConfig;
use crate::error::Problem;
use crate::finding::{Cluster, Origin, Pair, PairRule, Repetition, Summary, round};

/// Everything that a run found. Pairs are held as pairs of classes and written out one by one.
#[derive(Debug)]
pub struct Findings {
    config: DetectConfig,
    documents: Vec<DocumentLine>,
    repetitions: Vec<Repetition>,
    problems: Vec<Problem>,
    classes: Groups,
    pairs: Vec<ClassPair>,
    clusters: Vec<DocumentCluster>,
    summary: Summary,
    renamed: usize,
    bad_dates: usize,
}

/// Two classes that stand for more pairs of documents than this are told by their first documents: first with each.
const MOST_PAIRS: u64 = 100_000;

impl Findings {
    pub(super) fn new(config: DetectConfig, reading: Reading, across: Across, clusters: Vec<DocumentCluster>) -> Self {
        let mut findings = Self {
            config,
            summary: Summary {
                documents: reading.documents.len(),
                empty: reading.documents.iter().filter(|document| document.tokens == 0).count(),
                skipped: reading.problems.len(),
                characters: reading.characters,
                ..Summary::default()
            },
            documents: reading.documents,
            repetitions: reading.repetitions,
            problems: reading.problems,
            classes: across.classes,
            pairs: across.pairs,
            clusters,
            renamed: reading.renamed,
            bad_dates: reading.bad_dates,
        };
        if config.within() {
            findings.summary.repetitions = Some(findings.repetitions.len());
            findings.summary.repeating_documents = Some(reading.repeating_documents);
        }
        if config.across() {
            let (listed, all) = findings.count_pairs();
            findings.summary.pairs = Some(listed);
            findings.summary.unlisted_pairs = Some(all - listed as u64).filter(|&unlisted| unlisted > 0);
            findings.summary.uncompared_pairs = Some(across.uncompared).filter(|&uncompared| uncompared > 0);
            findings.summary.clusters = Some(findings.clusters.len());
        }
        findings
    }

    /// The configuration that the findings are of.
    #[must_use]
    pub fn config(&self) -> &DetectConfig {
        &self.config
    }

    /// Repetition inside documents, by document, then place of the first occurrence, then of the copy.
    #[must_use]
    pub fn repetitions(&self) -> &[Repetition] {
        &self.repetitions
    }

    /// Records that were left out, by file and line.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Totals.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Documents that are named by file and line, because they have no id or share it with another.
    #[must_use]
    pub fn renamed(&self) -> usize {
        self.renamed
    }

    /// Documents whose date was not understood, and taken for none.
    #[must_use]
    pub fn bad_dates(&self) -> usize {
        self.bad_dates
    }

    /// Documents that are alike, by their ids. Where two classes of equal documents stand for over 100,000 pairs, only those with
    /// the first document of a class are told; [`Summary::unlisted_pairs`] counts the rest.
    pub fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        let partners = self.partners();
        (0..self.documents.len()).flat_map(move |document| {
            let mut others = partners(document);
            others.sort_unstable_by_key(|&(other, _)| other);
            others.into_iter().map(move |(other, pair)| self.pair(document, other as usize, pair))
        })
    }

    /// Clusters, in the order of their smallest members.
    pub fn clusters(&self) -> impl Iterator<Item = Cluster<'_>> {
        (1..).zip(&self.clusters).map(|(id, cluster)| Cluster {
            id,
            members: cluster.members.iter().map(|&at| self.id(at)).collect(),
            keep: self.id(cluster.keep),
            min_jaccard: round(cluster.min_jaccard),
        })
    }

    fn id(&self, document: u32) -> &str {
        &self.documents[document as usize].id
    }

    /// A function from a document to the later ones that it is paired with, each with its pair of classes.
    fn partners(&self) -> impl Fn(usize) -> Vec<(u32, Option<ClassPair>)> + '_ {
        let mut class_of = vec![u32::MAX; self.documents.len()];
        for (class, members) in (0..).zip(self.classes.iter()) {
            members.iter().for_each(|&member| class_of[member as usize] = class);
        }
        // Each pair in both directions, by the class that it starts from.
        let back = |pair: &ClassPair| ClassPair { a: pair.b, b: pair.a, overlap: pair.overlap.swapped() };
        let mut directed: Vec<ClassPair> = self.pairs.iter().copied().chain(self.pairs.iter().map(back)).collect();
        directed.sort_unstable_by_key(|pair| (pair.a, pair.b));
        move |document| {
            let class = class_of[document];
            if class == u32::MAX {
                return Vec::new();
            }
            let own = self.classes.get(class);
            let later = |other: &u32| *other as usize > document;
            let is_first = own[0] as usize == document;
            let mut partners: Vec<(u32, Option<ClassPair>)> = Vec::new();
            if is_first || within_class(own) <= MOST_PAIRS {
                partners.extend(own.iter().copied().filter(later).map(|other| (other, None)));
            }
            let from = directed.partition_point(|pair| pair.a < class);
            for pair in directed[from..].iter().take_while(|pair| pair.a == class) {
                let others = self.classes.get(pair.b);
                let listed = if is_first || between(own, others) <= MOST_PAIRS { others.len() } else { 1 };
                partners.extend(others[..listed].iter().copied().filter(later).map(|other| (other, Some(*pair))));
            }
            partners
        }
    }

    fn count_pairs(&self) -> (usize, u64) {
        let partners = self.partners();
        let listed = (0..self.documents.len()).map(|document| partners(document).len()).sum();
        let across = |pair: &ClassPair| between(self.classes.get(pair.a), self.classes.get(pair.b));
        let all = self.classes.iter().map(within_class).sum::<u64>() + self.pairs.iter().map(across).sum::<u64>();
        (listed, all)
    }

    /// `pair` is None for two documents of one class.
    fn pair(&self, a: usize, b: usize, pair: Option<ClassPair>) -> Pair<'_> {
        let (one, other) = (&self.documents[a], &self.documents[b]);
        let same = one.fingerprint == other.fingerprint && one.tokens == other.tokens;
        let of = |ratio: fn(crate::compare::Overlap) -> f64| pair.map_or(1.0, |pair| round(ratio(pair.overlap)));
        let origin = match (one.date, other.date) {
            (Some(x), Some(y)) if x < y => Some(Origin::A),
            (Some(x), Some(y)) if x > y => Some(Origin::B),
            _ => None,
        };
        Pair {
            rule: if same { PairRule::Identical } else { PairRule::NearDuplicate },
            a: &one.id,
            b: &other.id,
            jaccard: of(crate::compare::Overlap::jaccard),
            a_in_b: of(crate::compare::Overlap::a_in_b),
            b_in_a: of(crate::compare::Overlap::b_in_a),
            origin,
        }
    }
}

fn within_class(class: &[u32]) -> u64 {
    class.len() as u64 * (class.len() as u64 - 1) / 2
}

fn between(x: &[u32], y: &[u32]) -> u64 {
    x.len() as u64 * y.len() as u64
}
