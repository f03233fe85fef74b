//! What goes and what stays, in rounds until a round finds nothing.
//!
//! In: a corpus, a policy, settings of detection. Out: [`Decisions`]. Always: deciding again about what is left finds nothing. A round looks at the
//! corpus as the one before left it. Where only repetition inside articles and alike ones go, the first round is the last: what is left of an
//! article was searched until there was nothing, and a verified pair always loses one of its two.

use super::Options;
use super::boilerplate::boilerplate;
use super::cleaned_corpus::{CleanedCorpus, Dropped, Fates, Search};
use super::number::Number;
use super::policy::{Policy, Prefer, Rule};
use super::spans;
use super::stars::{Removed, Stars};
use refrain_engine::config::{DetectConfig, Linkage};
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::{Containment, Detector, Findings, Progress};
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use refrain_engine::finding::round;
use std::collections::{HashMap, HashSet};

/// What `keep` needs to know of a record besides its date and length.
pub trait Fields: Sync {
    /// A field of a record, as text.
    ///
    /// # Errors
    /// The record cannot be read again.
    fn field(&self, locator: Locator, name: &str) -> Result<Option<String>>;
    /// Who published it.
    ///
    /// # Errors
    /// The record cannot be read again.
    fn outlet(&self, locator: Locator) -> Result<Option<String>>;
}

/// What goes.
pub(super) struct Decisions {
    pub(super) fates: Fates,
    /// Of the first round, in which every document is as it came.
    pub(super) findings: Findings,
}

/// Decides about `corpus`.
pub(super) fn decide<C: Corpus + Fields>(corpus: &C, options: &Options, progress: &dyn Progress) -> Result<Decisions> {
    let Options { policy, detection: config, annotate: keeps_measures, memory, .. } = options;
    // `stars` decides within clusters of chained pairs.
    let detector = Detector::new(DetectConfig { linkage: Linkage::Single, ..policy.detection(config) })?;
    let detector = match memory {
        Some(limit) => detector.within_memory(limit.clone()),
        None => detector,
    };
    let mut fates = Fates::default();
    let mut first: Option<Findings> = None;
    loop {
        let none = HashSet::new();
        let unsearched = Policy { remove: Vec::new(), filter: None, ..policy.clone() };
        let plain = Search { policy: &unsearched, config, boilerplate: &none, ignored: &none, keeps_measures: false };
        let is_needed = policy.removes(Rule::Boilerplate) || policy.ignore_boilerplate;
        let frames = if is_needed { boilerplate(&CleanedCorpus::new(corpus, plain, &fates), config)? } else { HashSet::new() };
        let (removed, ignored) = if policy.removes(Rule::Boilerplate) { (&frames, &none) } else { (&none, &frames) };
        let search = Search { policy, config, boilerplate: removed, ignored, keeps_measures: *keeps_measures };
        let standing = CleanedCorpus::new(corpus, search, &fates);
        let findings = detector.detect_in(&standing, progress)?;
        let round = Round { corpus, standing: &standing, policy, config, findings: &findings };
        let (gone, is_complete) = round.gone()?;
        let mut next = standing.into_fates();
        next.add_gone(gone);
        let is_settled = next.extent() == fates.extent() || is_complete && settled(policy, &findings);
        fates = next;
        let findings = first.take().unwrap_or(findings);
        // After a cut, an article may be similar to others.
        if is_settled && !spans::take(corpus, options, &findings, &mut fates)? {
            let dropped = with_copies(&CleanedCorpus::new(corpus, plain, &fates), &fates, &findings)?;
            fates.0.iter_mut().zip(dropped).for_each(|((_, fate), gone)| fate.gone = gone);
            return Ok(Decisions { fates, findings });
        }
        first = Some(findings);
    }
}

/// True if another round can find nothing.
fn settled(policy: &Policy, findings: &Findings) -> bool {
    findings.summary().uncompared_pairs.is_none()
        && !policy.removes(Rule::Contained)
        && !policy.removes(Rule::Boilerplate)
        && !policy.ignore_boilerplate
}

/// One look at the corpus.
struct Round<'a, C> {
    corpus: &'a C,
    standing: &'a CleanedCorpus<'a, C>,
    policy: &'a Policy,
    config: &'a DetectConfig,
    findings: &'a Findings,
}

impl<C: Corpus + Fields> Round<'_, C> {
    /// Documents that are removed as a whole, with the kept ones, and whether all were compared.
    fn gone(&self) -> Result<(Vec<(Locator, Dropped)>, bool)> {
        let mut gone: HashMap<u32, Dropped> = HashMap::new();
        let Removed { pairs, is_complete } = self.similar()?;
        for (document, copy) in pairs {
            let is_identical = self.findings.words_of(document) == self.findings.words_of(copy);
            let rule = if is_identical { Rule::Identical } else { Rule::NearDuplicate };
            gone.insert(document, Dropped { copy: Some(copy), ..Dropped::for_rule(rule) });
        }
        if self.policy.removes(Rule::Contained) {
            self.add_contained(&mut gone);
        }
        let gone = gone.into_iter().map(|(document, gone)| (self.findings.member(document as usize).locator, gone));
        Ok((gone.collect(), is_complete))
    }

    /// Documents that are similar to a kept one, and whether all were compared.
    fn similar(&self) -> Result<Removed> {
        if !self.policy.across() {
            return Ok(Removed { is_complete: true, ..Removed::default() });
        }
        let clusters = self.findings.member_clusters().iter().map(|cluster| cluster.members.clone());
        let stars = Stars { corpus: self.standing, policy: self.policy, config: self.config, findings: self.findings };
        stars.decide(clusters.collect(), |group| self.kept(group))
    }

    /// The one of `group` that stays.
    fn kept(&self, group: &[u32]) -> Result<u32> {
        let keep = self.findings.config().keep;
        let preferred = match &self.policy.prefer {
            Prefer::Any => group.to_vec(),
            Prefer::Highest(field) => {
                let number = |at: &u32| -> Result<Option<Number>> {
                    let value = self.corpus.field(self.findings.member(*at as usize).locator, field)?;
                    Ok(value.as_deref().and_then(Number::parse))
                };
                let numbers = group.iter().map(number).collect::<Result<Vec<_>>>()?;
                let highest = numbers.iter().flatten().copied().max();
                group.iter().zip(numbers).filter(|(_, number)| highest.is_none() || *number == highest).map(|(at, _)| *at).collect()
            }
            Prefer::Outlets(outlets) => {
                let rank = |at: &u32| -> Result<usize> {
                    let outlet = self.corpus.outlet(self.findings.member(*at as usize).locator)?.unwrap_or_default().to_lowercase();
                    let outlet = outlet.trim();
                    Ok(outlets.iter().position(|wanted| wanted.trim().to_lowercase() == outlet).unwrap_or(outlets.len()))
                };
                let ranks = group.iter().map(rank).collect::<Result<Vec<_>>>()?;
                let best = ranks.iter().min().copied().unwrap_or(0);
                group.iter().zip(ranks).filter(|(_, rank)| *rank == best).map(|(at, _)| *at).collect::<Vec<_>>()
            }
        };
        Ok(self.findings.kept(&preferred, keep))
    }

    /// Documents whose text is in one that stays. The largest are decided about first: whether a document stays depends on larger ones alone.
    fn add_contained(&self, gone: &mut HashMap<u32, Dropped>) {
        let mut found = self.findings.containments(self.policy.contained);
        found.sort_by_key(|found: &Containment<'_>| (std::cmp::Reverse(found.inner_size), found.inner[0], found.outer[0]));
        for contained in found {
            let Some(outer) = contained.outer.iter().find(|at| !gone.contains_key(at)).copied() else { continue };
            for &inner in contained.inner {
                gone.entry(inner).or_insert_with(|| Dropped { copy: Some(outer), ..Dropped::for_rule(Rule::Contained) });
            }
        }
    }
}

/// Why each document is gone, with the one that stayed to the end and how alike they are.
fn with_copies<C: Corpus>(cleaned: &CleanedCorpus<'_, C>, fates: &Fates, findings: &Findings) -> Result<Vec<Option<Dropped>>> {
    let stays = |mut at: u32| {
        while let Some(next) = fates.get(findings.member(at as usize).locator).and_then(|fate| fate.gone.as_ref()?.copy) {
            at = next;
        }
        at
    };
    let position: HashMap<(u32, u64), u32> = (0..)
        .zip(findings.members())
        .filter(|(_, member)| fates.get(member.locator).is_some_and(|fate| fate.gone.is_some()))
        .map(|(at, member)| ((member.locator.file, member.locator.start), at))
        .collect();
    let mut pairs = Vec::new();
    let mut dropped: Vec<Option<Dropped>> = Vec::with_capacity(fates.0.len());
    for (locator, fate) in &fates.0 {
        let copy = fate.gone.as_ref().and_then(|gone| gone.copy).map(stays);
        let at = position.get(&(locator.file, locator.start)).copied();
        if let Some(pair) = at.zip(copy) {
            pairs.push((dropped.len(), pair));
        }
        dropped.push(fate.gone.clone().map(|gone| Dropped { copy, ..gone }));
    }
    let overlaps = findings.overlaps(cleaned, &pairs.iter().map(|(_, pair)| *pair).collect::<Vec<_>>())?;
    for ((at, _), overlap) in pairs.into_iter().zip(overlaps) {
        if let Some(gone) = &mut dropped[at] {
            let is_contained = gone.rule == Rule::Contained;
            gone.similarity = Some(round(if is_contained { overlap.a_in_b() } else { overlap.jaccard() }));
        }
    }
    Ok(dropped)
}
