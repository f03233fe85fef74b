//! Which articles are removed because a reference has them: they were seen before, or contain an item of a test.
//!
//! In: a corpus and a [`Reference`]. Out: [`Decisions`]. Articles of the corpus are not compared with each other. A near-duplicate is removed if the article of
//! the reference states all its facts (`facts.rs`), an article that contains an item if it has the share of the item's words that the policy asks for.

use super::Options;
use super::cleaned_corpus::{CleanedCorpus, Dropped, Fates, Search};
use super::decide::Decisions;
use super::facts::FactSheet;
use super::policy::{Facts, Policy, Rule};
use rayon::prelude::*;
use refrain_engine::against::{Reference, ReferenceMatch};
use refrain_engine::config::{DetectConfig, Scope};
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::{Detector, Progress};
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use refrain_engine::finding::{PairRule, round};
use refrain_engine::text::Tokens;
use std::collections::HashSet;

/// Decides about `corpus`.
pub(super) fn decide<C: Corpus>(corpus: &C, options: &Options, reference: &Reference, progress: &dyn Progress) -> Result<Decisions> {
    let Options { policy, detection: config, annotate: keeps_measures, memory, .. } = options;
    let detector = Detector::new(DetectConfig { scope: Scope::NearDuplicates, ..*config })?;
    let detector = match memory {
        Some(limit) => detector.within_memory(limit.clone()),
        None => detector,
    };
    let (none, before) = (HashSet::new(), Fates::default());
    let unsearched = Policy { remove: Vec::new(), filter: None, ..policy.clone() };
    let search = Search { policy: &unsearched, config, boilerplate: &none, ignored: &none, keeps_measures: *keeps_measures };
    let standing = CleanedCorpus::new(corpus, search, &before);
    let findings = detector.detect_in(&standing, progress)?;
    let mut fates = standing.into_fates();
    let matches = reference.matches(corpus, progress)?;
    let judge = Judge { corpus, policy, config, reference };
    let of_document = matches.pairs().chunk_by(|x, y| x.locator == y.locator).collect::<Vec<_>>();
    let gone = of_document.into_par_iter().map(|matches| judge.gone(matches)).collect::<Result<Vec<_>>>()?;
    fates.add_gone(gone.into_iter().flatten().collect());
    Ok(Decisions { fates, findings })
}

struct Judge<'a, C> {
    corpus: &'a C,
    policy: &'a Policy,
    config: &'a DetectConfig,
    reference: &'a Reference,
}

impl<C: Corpus> Judge<'_, C> {
    /// Why an article with these matches is removed, if it is: the first rule that applies, and of several items the one that shares most.
    fn gone(&self, matches: &[ReferenceMatch]) -> Result<Option<(Locator, Dropped)>> {
        let mut best: Option<(Rule, f64, &ReferenceMatch)> = None;
        let mut sheet = None;
        for found in matches {
            let Some((rule, similarity)) = self.rule_of(found) else { continue };
            let is_better = best.is_none_or(|(known, most, _)| rule < known || rule == known && similarity > most);
            if is_better && (rule != Rule::NearDuplicate || self.has_no_own_fact(found, &mut sheet)?) {
                best = Some((rule, similarity, found));
            }
        }
        Ok(best.map(|(rule, similarity, found)| {
            let item = Some(found.pair.b.clone());
            (found.locator, Dropped { item, similarity: Some(round(similarity)), ..Dropped::for_rule(rule) })
        }))
    }

    fn rule_of(&self, found: &ReferenceMatch) -> Option<(Rule, f64)> {
        let removes = |rule| self.policy.removes(rule);
        match found.pair.rule {
            PairRule::Identical if removes(Rule::Identical) => Some((Rule::Identical, 1.0)),
            PairRule::NearDuplicate if removes(Rule::NearDuplicate) => Some((Rule::NearDuplicate, found.pair.jaccard)),
            _ if removes(Rule::ContainsItem) && found.item_share() >= self.policy.item_share => {
                Some((Rule::ContainsItem, found.item_share()))
            }
            _ => None,
        }
    }

    /// Whether the item states all facts of the article; `sheet` has those of the article once they were needed. An index without texts cannot say.
    fn has_no_own_fact(&self, found: &ReferenceMatch, sheet: &mut Option<FactSheet>) -> Result<bool> {
        if self.policy.facts == Facts::Ignore {
            return Ok(true);
        }
        let Some(item) = self.reference.text_of(found) else { return Ok(false) };
        let facts = |text: &str| FactSheet::of(text, &Tokens::of(text, self.config.fold), self.config.fold);
        if sheet.is_none() {
            *sheet = Some(facts(&self.corpus.text(found.locator)?));
        }
        Ok(sheet.as_ref().is_some_and(|sheet| sheet.is_in(&facts(item))))
    }
}
