//! Which articles of a cluster are removed, each in favour of a kept one that it was compared with.
//!
//! In: clusters of pairs that are joined by single linkage. Out: pairs of a removed article and the kept one. The article to keep is chosen; those with its words, or
//! similar enough and without facts of their own, are removed; the rest of the cluster is treated the same way until one is left. So no article is
//! removed because of a chain of articles that each differ a little.

use super::facts::FactSheet;
use super::policy::{Facts, Policy, Rule};
use rayon::prelude::*;
use refrain_engine::config::{DetectConfig, Linkage};
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::Findings;
use refrain_engine::error::Result;
use refrain_engine::text::Tokens;
use std::collections::{BTreeMap, HashMap};

/// Maximum number of kept articles of a cluster; the rest is kept without comparison.
const MOST_STARS: usize = 256;

/// Decides which articles are removed.
pub(super) struct Stars<'a, C> {
    /// Without the repetition inside its articles.
    pub(super) corpus: &'a C,
    pub(super) policy: &'a Policy,
    pub(super) config: &'a DetectConfig,
    pub(super) findings: &'a Findings,
}

/// A comparison: position of the article, of the kept one, and the cluster.
struct Comparison {
    article: u32,
    kept: u32,
    cluster: usize,
}

/// The decisions, and whether all comparisons were made.
#[derive(Default)]
pub(super) struct Removed {
    /// Removed articles, each with the kept one.
    pub(super) pairs: Vec<(u32, u32)>,
    pub(super) is_complete: bool,
}

impl<C: Corpus> Stars<'_, C> {
    /// Decides about `clusters`. `kept` says which of some articles is to be kept.
    ///
    /// # Errors
    /// A text cannot be read again; what `kept` says.
    pub(super) fn decide(&self, mut clusters: Vec<Vec<u32>>, kept: impl Fn(&[u32]) -> Result<u32>) -> Result<Removed> {
        let mut removed = Removed { pairs: Vec::new(), is_complete: true };
        for star in 0.. {
            clusters.retain(|cluster| cluster.len() > 1);
            if clusters.is_empty() {
                break;
            }
            if star == MOST_STARS {
                removed.is_complete = false;
                break;
            }
            let stay = clusters.iter().map(|cluster| kept(cluster)).collect::<Result<Vec<u32>>>()?;
            let mut comparisons = Vec::new();
            for (number, (cluster, &kept)) in clusters.iter_mut().zip(&stay).enumerate() {
                self.take_equal(cluster, kept, &mut removed.pairs);
                comparisons.extend(self.different(cluster).map(|article| Comparison { article, kept, cluster: number }));
            }
            let is_removed = self.compare(&comparisons)?;
            let mut words: HashMap<(usize, ([u64; 2], u32)), u32> = HashMap::new();
            for comparison in comparisons.iter().zip(is_removed).filter(|(_, is_removed)| *is_removed).map(|(comparison, _)| comparison) {
                words.insert((comparison.cluster, self.findings.words_of(comparison.article)), comparison.kept);
            }
            for (number, cluster) in clusters.iter_mut().enumerate() {
                cluster.retain(|&at| match words.get(&(number, self.findings.words_of(at))) {
                    Some(&kept) => {
                        removed.pairs.push((at, kept));
                        false
                    }
                    None => true,
                });
            }
        }
        Ok(removed)
    }

    /// Takes `kept` out of its cluster, with the articles that have its words, which are removed if the policy removes identical ones.
    fn take_equal(&self, cluster: &mut Vec<u32>, kept: u32, pairs: &mut Vec<(u32, u32)>) {
        let words = self.findings.words_of(kept);
        cluster.retain(|&at| {
            let is_equal = self.findings.words_of(at) == words;
            if is_equal && at != kept && self.policy.removes(Rule::Identical) {
                pairs.push((at, kept));
            }
            !is_equal
        });
    }

    /// One article for each distinct text, if the policy removes near-duplicates.
    fn different(&self, cluster: &[u32]) -> impl Iterator<Item = u32> {
        let mut different: BTreeMap<([u64; 2], u32), u32> = BTreeMap::new();
        if self.policy.removes(Rule::NearDuplicate) {
            for &at in cluster {
                different.entry(self.findings.words_of(at)).or_insert(at);
            }
        }
        different.into_values()
    }

    /// Whether each article is removed in favour of the kept one.
    fn compare(&self, comparisons: &[Comparison]) -> Result<Vec<bool>> {
        let pairs: Vec<(u32, u32)> = comparisons.iter().map(|comparison| (comparison.article, comparison.kept)).collect();
        let mut is_removed = vec![true; pairs.len()];
        if self.config.linkage == Linkage::Complete {
            let overlaps = self.findings.overlaps(self.corpus, &pairs)?;
            is_removed.iter_mut().zip(overlaps).for_each(|(is_removed, overlap)| *is_removed = overlap.jaccard() >= self.config.threshold);
        }
        if self.policy.facts == Facts::Ignore {
            return Ok(is_removed);
        }
        let mut stay: Vec<u32> = pairs.iter().zip(&is_removed).filter(|(_, is_removed)| **is_removed).map(|((_, kept), _)| *kept).collect();
        stay.sort_unstable();
        stay.dedup();
        let sheets = stay.into_par_iter().map(|at| Ok((at, self.sheet(at)?))).collect::<Result<HashMap<u32, FactSheet>>>()?;
        let is_in = |(is_removed, &(article, kept)): (bool, &(u32, u32))| -> Result<bool> {
            match sheets.get(&kept).filter(|_| is_removed) {
                Some(theirs) => Ok(self.sheet(article)?.is_in(theirs)),
                None => Ok(false),
            }
        };
        is_removed.into_par_iter().zip(&pairs).map(is_in).collect()
    }

    fn sheet(&self, at: u32) -> Result<FactSheet> {
        let text = self.corpus.text(self.findings.member(at as usize).locator)?;
        Ok(FactSheet::of(&text, &Tokens::of(&text, self.config.fold), self.config.fold))
    }
}
