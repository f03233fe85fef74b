//! Removal of runs that occur in more than one article, except for the first copies.
//!
//! In: a corpus from which everything else was removed. Out: cuts. The articles are ordered by `keep`; of each run the copies in the first articles are kept, and whole
//! sentences or lines of the others are cut after their tokens were compared with a kept copy. Runs are found as windows of items (words, lines,
//! paragraphs or sentences): two articles share a run if they share a window. The result is that of a suffix array (Lee et al. 2022, section 4.1), in bounded
//! memory: see [`windows`].

mod cuts;
mod items;
mod order;
mod windows;

use super::decide::Fields;
use super::policy::{Policy, Rule};
use super::standing::{Fates, Search, Standing};
use super::{Options, standing};
use crate::corpus::Corpus;
use crate::detect::Findings;
use crate::error::Result;
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
    let words = (0..).take(findings.members().len()).map(|at| findings.words_of(at).1 as usize).sum();
    for _ in 0..MOST_ROUNDS {
        let found = {
            let standing = Standing::new(corpus, search, fates);
            let looked = windows::Look {
                corpus: &standing,
                unit: policy.spans,
                config,
                ranks: &ranks,
                words,
                keep_copies: policy.keep_copies,
                memory: memory.as_ref(),
            };
            let least_articles = if policy.removes(Rule::ReusedPassage) { 2 } else { config.boilerplate };
            looked.copies(least_articles)?
        };
        let cutter = cuts::Cutter { corpus, policy, config, findings, ranks: &ranks, fates };
        let cut = cutter.cut(&found)?;
        if cut.is_empty() {
            break;
        }
        has_cut = true;
        fates.replace(cut);
    }
    Ok(has_cut)
}

/// An article, and its state after the cuts.
pub(super) type Cut = (crate::document::Locator, standing::Fate);
