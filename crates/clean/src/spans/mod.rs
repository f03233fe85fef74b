//! Removal of runs that occur in more than one article, except for the first copies.
//!
//! In: a corpus from which everything else was removed. Out: cuts. The articles are ordered by `keep`; of each run the copies in the first articles are kept, and whole
//! sentences or lines of the others are cut after their tokens were compared with a kept copy. Runs are found as windows of items (words, lines,
//! paragraphs or sentences): two articles share a run if they share a window. The result is that of a suffix array (Lee et al. 2022, section 4.1), in bounded
//! memory: see [`windows`].

mod cuts;
mod items;
mod keys;
mod order;
mod windows;

use super::cleaned_corpus::{CleanedCorpus, Fates, Search};
use super::decide::Fields;
use super::policy::{Policy, Rule, SpanUnit};
use super::{Options, cleaned_corpus};
use keys::ArticleKeys;
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::Findings;
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use refrain_engine::spill::MemoryLimit;
use std::collections::HashSet;

/// Maximum number of passes: a cut may join two parts that are adjacent in another article, too.
const MOST_ROUNDS: usize = 8;

/// Cuts what occurs in more than one article, until nothing more does. True if something was cut.
///
/// # Errors
/// A text cannot be read again.
pub(super) fn take<C: Corpus + Fields>(corpus: &C, options: &Options, findings: &Findings, fates: &mut Fates) -> Result<bool> {
    let Options { policy, detection: config, memory, .. } = options;
    if !policy.removes(Rule::ReusedPassage) && !policy.removes(Rule::CommonRun) {
        return Ok(false);
    }
    let mut has_cut = false;
    let ranks = order::Ranks::new(corpus, policy, findings, config.keep)?;
    let none = HashSet::new();
    let unsearched = Policy { remove: Vec::new(), filter: None, ..policy.clone() };
    let search = Search { policy: &unsearched, config, boilerplate: &none, ignored: &none, keeps_measures: false };
    let (unit, memory) = (policy.spans, memory.as_ref());
    let mut keys = ArticleKeys::read(&CleanedCorpus::new(corpus, search, fates), unit, config, memory)?;
    let mut kept = HashSet::new();
    for _ in 0..MOST_ROUNDS {
        let found = {
            let standing = CleanedCorpus::new(corpus, search, fates);
            let look =
                windows::Look { corpus: &standing, config, unit, keys: &keys, ranks: &ranks, keep_copies: policy.keep_copies, memory };
            look.copies(if policy.removes(Rule::ReusedPassage) { 2 } else { config.boilerplate })?
        };
        kept.extend(found.iter().filter(|copy| copy.kept_rank != copy.rank).map(|copy| copy.kept_rank));
        let cutter = cuts::Cutter { corpus, policy, config, findings, ranks: &ranks, fates, kept: &kept };
        let cut = cutter.cut(&found)?;
        if cut.is_empty() {
            break;
        }
        has_cut = true;
        let articles: Vec<Locator> = cut.iter().map(|(article, _)| *article).collect();
        fates.replace(cut);
        keys.renew(&CleanedCorpus::new(corpus, search, fates), config, &articles)?;
    }
    Ok(has_cut)
}

/// The number of windows of `words` words that occur in more than one article, each occurrence counted. Memory: 1 byte for 3 words, and the list of windows;
/// `memory` bounds both.
///
/// # Errors
/// [`refrain_engine::Error::Config`] for windows of fewer than 8 words; what keeps a file from being read.
pub fn shared_windows<C: Corpus>(corpus: &C, config: &DetectConfig, words: usize, memory: Option<&MemoryLimit>) -> Result<u64> {
    let policy = Policy { spans: SpanUnit::Words(words), ..Policy::default() };
    policy.check(config)?;
    let keys = ArticleKeys::read(corpus, policy.spans, config, memory)?;
    let ranks = order::Ranks::of_places(&keys.articles().collect::<Vec<_>>());
    let look = windows::Look { corpus, config, unit: policy.spans, keys: &keys, ranks: &ranks, keep_copies: 0, memory };
    Ok(look.copies(2)?.iter().map(|copy| u64::from(copy.windows)).sum())
}

/// An article, and its state after the cuts.
pub(super) type Cut = (Locator, cleaned_corpus::Fate);
