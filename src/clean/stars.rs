//! Which of the articles of a cluster go, each for one that stays and that it was compared with.
//!
//! In: clusters of articles that pairs join. Out: pairs of an article that goes and the one for which it goes. Of a cluster the one that is to be kept stays, and
//! those go that have its words, or are alike enough and say nothing that it does not say. Of the others the same is asked again, until one is left. So none
//! goes for a chain of others that are each a little different.

use super::facts::FactSheet;
use super::policy::{Facts, Policy, Rule};
use crate::config::{DetectConfig, Linkage};
use crate::corpus::Corpus;
use crate::detect::Findings;
use crate::error::Result;
use crate::text::Tokens;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// How many articles of a cluster may stay before the others stay unasked.
const MOST_STARS: usize = 256;

/// Asks which articles go.
pub(super) struct Stars<'a, C> {
    /// As it stands without its repetition.
    pub(super) corpus: &'a C,
    pub(super) policy: &'a Policy,
    pub(super) config: &'a DetectConfig,
    pub(super) findings: &'a Findings,
}

/// An article that is asked about: its position, that of the one that stays, and the cluster.
struct Question {
    article: u32,
    kept: u32,
    cluster: usize,
}

/// What goes, and whether everything was asked.
#[derive(Default)]
pub(super) struct Answers {
    /// Articles that go, each with the one that stays.
    pub(super) going: Vec<(u32, u32)>,
    pub(super) is_complete: bool,
}

impl<C: Corpus> Stars<'_, C> {
    /// Decides about `clusters`. `kept` says which of some articles is to be kept.
    ///
    /// # Errors
    /// A text cannot be read again; what `kept` says.
    pub(super) fn decide(&self, mut clusters: Vec<Vec<u32>>, kept: impl Fn(&[u32]) -> Result<u32>) -> Result<Answers> {
        let mut answers = Answers { going: Vec::new(), is_complete: true };
        for star in 0.. {
            clusters.retain(|cluster| cluster.len() > 1);
            if clusters.is_empty() {
                break;
            }
            if star == MOST_STARS {
                answers.is_complete = false;
                break;
            }
            let stay = clusters.iter().map(|cluster| kept(cluster)).collect::<Result<Vec<u32>>>()?;
            let mut questions = Vec::new();
            for (number, (cluster, &kept)) in clusters.iter_mut().zip(&stay).enumerate() {
                self.take_equal(cluster, kept, &mut answers.going);
                questions.extend(self.different(cluster).map(|article| Question { article, kept, cluster: number }));
            }
            let goes = self.ask(&questions)?;
            let mut words: HashMap<(usize, ([u64; 2], u32)), u32> = HashMap::new();
            for question in questions.iter().zip(goes).filter(|(_, goes)| *goes).map(|(question, _)| question) {
                words.insert((question.cluster, self.findings.words_of(question.article)), question.kept);
            }
            for (number, cluster) in clusters.iter_mut().enumerate() {
                cluster.retain(|&at| match words.get(&(number, self.findings.words_of(at))) {
                    Some(&kept) => {
                        answers.going.push((at, kept));
                        false
                    }
                    None => true,
                });
            }
        }
        Ok(answers)
    }

    /// Takes `kept` out of its cluster, and those with its words, which go if such are to go.
    fn take_equal(&self, cluster: &mut Vec<u32>, kept: u32, going: &mut Vec<(u32, u32)>) {
        let words = self.findings.words_of(kept);
        cluster.retain(|&at| {
            let is_equal = self.findings.words_of(at) == words;
            if is_equal && at != kept && self.policy.removes(Rule::Identical) {
                going.push((at, kept));
            }
            !is_equal
        });
    }

    /// One article for all of the same words, if alike ones are to go.
    fn different(&self, cluster: &[u32]) -> impl Iterator<Item = u32> {
        let mut different: BTreeMap<([u64; 2], u32), u32> = BTreeMap::new();
        if self.policy.removes(Rule::NearDuplicate) {
            for &at in cluster {
                different.entry(self.findings.words_of(at)).or_insert(at);
            }
        }
        different.into_values()
    }

    /// Whether each article goes for the one that stays.
    fn ask(&self, questions: &[Question]) -> Result<Vec<bool>> {
        let pairs: Vec<(u32, u32)> = questions.iter().map(|question| (question.article, question.kept)).collect();
        let mut goes = vec![true; pairs.len()];
        if self.config.linkage == Linkage::Complete {
            let overlaps = self.findings.overlaps(self.corpus, &pairs)?;
            goes.iter_mut().zip(overlaps).for_each(|(goes, overlap)| *goes = overlap.jaccard() >= self.config.threshold);
        }
        if self.policy.facts == Facts::Ignore {
            return Ok(goes);
        }
        let mut stay: Vec<u32> = pairs.iter().zip(&goes).filter(|(_, goes)| **goes).map(|((_, kept), _)| *kept).collect();
        stay.sort_unstable();
        stay.dedup();
        let sheets = stay.into_par_iter().map(|at| Ok((at, self.sheet(at)?))).collect::<Result<HashMap<u32, FactSheet>>>()?;
        let is_in = |(goes, &(article, kept)): (bool, &(u32, u32))| -> Result<bool> {
            match sheets.get(&kept).filter(|_| goes) {
                Some(theirs) => Ok(self.sheet(article)?.is_in(theirs)),
                None => Ok(false),
            }
        };
        goes.into_par_iter().zip(&pairs).map(is_in).collect()
    }

    fn sheet(&self, at: u32) -> Result<FactSheet> {
        let text = self.corpus.text(self.findings.member(at as usize).locator)?;
        Ok(FactSheet::of(&text, &Tokens::of(&text, self.config.fold), self.config.fold))
    }
}
