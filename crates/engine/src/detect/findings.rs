//! The outcome of a run, in the order in which it is told.

use super::Shared;
use super::across::{Across, ClassPair};
use super::clusters::DocumentCluster;
use super::derivation::DocumentDerivation;
use super::groups::Groups;
use super::partners::{Directed, PartnerTable, Partners};
use super::placed::placed;
use super::read::{DocumentLine, Reading};
use super::reuse::ReusePair;
use crate::compare::{Overlap, Passage};
use crate::config::DetectConfig;
use crate::date::BadDates;
use crate::document::{Locator, is_before};
use crate::finding::{
    Boilerplate, Cluster, Derivation, DerivationLabel, DerivationSource, Origin, Pair, PairRule, Repetition, SharedPassage, Summary, round,
};
use crate::problems::Problems;
use rayon::prelude::*;

/// Everything that a run found. Pairs are held as pairs of classes and written out one by one.
#[derive(Debug)]
pub struct Findings {
    pub(super) config: DetectConfig,
    pub(super) documents: Vec<DocumentLine>,
    repetitions: Vec<Repetition>,
    problems: Problems,
    pub(super) classes: Groups,
    pub(super) pairs: Vec<ClassPair>,
    pub(super) clusters: Vec<DocumentCluster>,
    pub(super) shared: Shared,
    /// For each document the class of identical ones that it is in, where passages were looked for.
    pub(super) identical: Vec<u32>,
    /// Empty where no pairs were looked for.
    pub(super) partner_table: PartnerTable,
    summary: Summary,
    renamed: usize,
    bad_dates: BadDates,
}

/// A document of a run.
#[derive(Clone, Copy, Debug)]
pub struct ReadDocument<'a> {
    /// Its id.
    pub id: &'a str,
    /// False if it is named by file and line.
    pub has_own_id: bool,
    /// Where it is in the corpus.
    pub locator: Locator,
    /// Line of its file on which it starts, from 1.
    pub line: u64,
    /// Seconds since 1970.
    pub date: Option<i64>,
    /// Hash of the outlet's name, 0 if there is none.
    pub outlet: u64,
}

/// Share of one's shingle set in the other's from which it is contained.
pub(super) const CONTAINED: f64 = 0.8;
/// Share of a document in earlier ones from which it is wholly derived.
const WHOLLY: f64 = 0.8;

/// Two classes that stand for more pairs of documents than this are listed by their first documents: first with each.
pub const MOST_PAIRS: u64 = 100_000;

impl Findings {
    pub(super) fn new(config: DetectConfig, reading: Reading, across: Across, shared: Shared, clusters: Vec<DocumentCluster>) -> Self {
        let documents = reading.documents.len();
        let mut findings = Self {
            config,
            summary: Summary {
                documents,
                empty: reading.documents.iter().filter(|document| document.tokens == 0).count(),
                skipped: reading.problems.count(),
                characters: reading.characters,
                ..Summary::default()
            },
            documents: reading.documents,
            repetitions: reading.repetitions,
            problems: reading.problems,
            classes: across.classes,
            pairs: across.pairs,
            clusters,
            identical: shared.reuse.classes.class_of(documents),
            shared,
            partner_table: PartnerTable::default(),
            renamed: reading.renamed,
            bad_dates: reading.bad_dates,
        };
        if config.within() {
            findings.summary.repetitions = Some(findings.repetitions.len());
            findings.summary.repeating_documents = Some(reading.repeating_documents);
        }
        if config.passages() {
            findings.summary.boilerplate = Some(findings.shared.reuse.boilerplate.len());
            findings.summary.common_runs = Some(findings.shared.reuse.common_runs.len());
            findings.summary.derived = Some(findings.shared.derivations.len());
            findings.summary.capped_shingles = Some(findings.shared.reuse.capped);
        }
        if config.passages() && !config.across() {
            findings.classes = findings.shared.reuse.classes.clone();
        }
        if config.across() || config.passages() {
            findings.partner_table = PartnerTable::new(&findings.classes, &findings.pairs, documents, &findings.shared.reuse);
            let (listed, all) = findings.count_pairs();
            findings.summary.pairs = Some(listed);
            findings.summary.unlisted_pairs = Some(all - listed as u64).filter(|&unlisted| unlisted > 0);
            findings.summary.uncompared_pairs = Some(across.large.uncompared).filter(|&uncompared| uncompared > 0);
            findings.summary.clusters = Some(findings.clusters.len()).filter(|_| config.across());
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

    /// Records that were skipped.
    #[must_use]
    pub fn problems(&self) -> &Problems {
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

    /// Dates that were not understood; their documents have none.
    #[must_use]
    pub fn bad_dates(&self) -> &BadDates {
        &self.bad_dates
    }

    /// The documents that were read, by their ids.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = ReadDocument<'_>> {
        self.documents.iter().map(|line| ReadDocument {
            id: &line.id,
            has_own_id: line.has_own_id,
            locator: line.locator,
            line: line.line,
            date: line.date,
            outlet: line.outlet,
        })
    }

    /// Documents that are alike or share passages, by their ids. Where two classes of equal documents stand for over 100,000 pairs, only those
    /// with the first document of a class are told; [`Summary::unlisted_pairs`] counts the rest.
    pub fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        (0..self.documents.len()).flat_map(|document| self.pairs_of(document))
    }

    /// The same, each mapped by `map` on the threads of the current pool, in order; `each` gets the results of a stretch of them.
    pub fn map_pairs<T: Send, E>(
        &self,
        map: impl Fn(&Pair<'_>) -> T + Sync,
        each: impl FnMut(Vec<T>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        self.fold_pairs(|mapped: &mut Vec<T>, pair| mapped.push(map(pair)), each)
    }

    /// The same, those of a stretch added to one thing by `add`; `each` gets them in order.
    pub fn fold_pairs<T: Default + Send, E>(
        &self,
        add: impl Fn(&mut T, &Pair<'_>) + Sync,
        each: impl FnMut(T) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let add_all = |folded: &mut T, document| self.pairs_of(document).for_each(|pair| add(folded, &pair));
        fold(self.documents.len(), add_all, each)
    }

    /// The same for the sources of documents.
    pub fn fold_derivations<T: Default + Send, E>(
        &self,
        add: impl Fn(&mut T, &Derivation<'_>) + Sync,
        each: impl FnMut(T) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let derivations = &self.shared.derivations;
        fold(derivations.len(), |folded: &mut T, at| add(folded, &self.derivation(&derivations[at])), each)
    }

    /// The pairs of `document` with later ones.
    fn pairs_of(&self, document: usize) -> impl Iterator<Item = Pair<'_>> {
        let mut others = Partners(self).of(document);
        others.sort_unstable_by_key(|&(other, ..)| other);
        others.into_iter().map(move |(other, overlap, reuse)| self.pair(document, other as usize, overlap, reuse))
    }

    /// Paragraphs that many documents have, by the first document that has each.
    #[must_use]
    pub fn boilerplate(&self) -> &[Boilerplate] {
        &self.shared.reuse.boilerplate
    }

    /// The sources of documents, by the documents' ids.
    pub fn derivations(&self) -> impl Iterator<Item = Derivation<'_>> {
        self.shared.derivations.iter().map(|derivation| self.derivation(derivation))
    }

    fn derivation(&self, derivation: &DocumentDerivation) -> Derivation<'_> {
        let tokens = f64::from(self.documents[derivation.document as usize].tokens);
        let share = |words: usize| round(words as f64 / tokens);
        let copied = derivation.sources.iter().map(|&(_, words)| words).sum::<usize>();
        let source = |&(source, words): &(u32, usize)| DerivationSource { doc: self.id(source), share: share(words), words };
        Derivation {
            doc: self.id(derivation.document),
            label: if copied as f64 >= WHOLLY * tokens { DerivationLabel::Wholly } else { DerivationLabel::Partly },
            copied: share(copied),
            sources: derivation.sources.iter().map(source).collect(),
        }
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

    fn count_pairs(&self) -> (usize, u64) {
        let partners = Partners(self);
        let listed = (0..self.documents.len()).into_par_iter().map(|document| partners.count(document)).sum();
        let across = |pair: &ClassPair| between(self.classes.get(pair.a), self.classes.get(pair.b));
        let reuse = &self.shared.reuse;
        let shared = |pair: &ReusePair| between(reuse.classes.get(pair.a), reuse.classes.get(pair.b));
        let all = self.classes.iter().map(within_class).sum::<u64>()
            + self.pairs.iter().map(across).sum::<u64>()
            + partners.only_shared().map(shared).sum::<u64>();
        (listed, all)
    }

    fn pair(&self, a: usize, b: usize, overlap: Option<Overlap>, reuse: Option<Directed<'_>>) -> Pair<'_> {
        let (one, other) = (&self.documents[a], &self.documents[b]);
        let is_identical = one.fingerprint == other.fingerprint && one.tokens == other.tokens;
        let numbers = NumbersOfPair::of(overlap);
        let passages = match reuse {
            _ if !self.config.passages() => None,
            _ if is_identical => Some(vec![Passage::whole(one.tokens as usize)]),
            Some(directed) => Some(directed.passages()),
            None => None,
        };
        let matched = passages.as_ref().map(|passages| passages.iter().map(|passage| passage.matched).sum::<usize>());
        let covered = |tokens: u32| matched.map(|matched| round(matched as f64 / f64::from(tokens.max(1))));
        Pair {
            rule: rule_of(is_identical, numbers, reuse.is_some_and(|directed| directed.pair.is_template), self.config.threshold),
            a: &one.id,
            b: &other.id,
            jaccard: numbers.jaccard,
            a_in_b: numbers.a_in_b,
            b_in_a: numbers.b_in_a,
            origin: origin_of(one.date, other.date),
            a_covered: covered(one.tokens),
            b_covered: covered(other.tokens),
            passages: passages.map(|passages| passages.iter().map(|passage| self.placed(a, b, passage)).collect()),
        }
    }

    fn placed(&self, a: usize, b: usize, passage: &Passage) -> SharedPassage {
        let places = &self.shared.places;
        placed(passage, places.respelled(a, b), |tokens| places.range(a, tokens), |tokens| places.range(b, tokens))
    }
}

/// Adds `count` things by their numbers, those of a stretch to one; `each` gets what came of the stretches, in order.
fn fold<T: Default + Send, E>(
    count: usize,
    add: impl Fn(&mut T, usize) + Sync,
    mut each: impl FnMut(T) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    /// Things that come together, and stretches at a time: enough for all threads, few enough to hold what comes of them.
    const STRETCH: usize = 64;
    const STRETCHES: usize = 64;
    let stretches: Vec<usize> = (0..count).step_by(STRETCH).collect();
    let folded = |&start: &usize| {
        let mut folded = T::default();
        (start..count.min(start + STRETCH)).for_each(|at| add(&mut folded, at));
        folded
    };
    stretches
        .chunks(STRETCHES)
        .try_for_each(|some| some.par_iter().with_max_len(1).map(folded).collect::<Vec<T>>().into_iter().try_for_each(&mut each))
}

/// What the shingle sets of a pair say, as it is told; and exactly, for the rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct NumbersOfPair {
    pub(super) jaccard: f64,
    pub(super) a_in_b: f64,
    pub(super) b_in_a: f64,
    exact_jaccard: f64,
    containment: f64,
}

impl NumbersOfPair {
    /// None for equal sets.
    pub(super) fn of(overlap: Option<Overlap>) -> Self {
        let told = |ratio: fn(Overlap) -> f64| overlap.map_or(1.0, |overlap| round(ratio(overlap)));
        Self {
            jaccard: told(Overlap::jaccard),
            a_in_b: told(Overlap::a_in_b),
            b_in_a: told(Overlap::b_in_a),
            exact_jaccard: overlap.map_or(1.0, Overlap::jaccard),
            containment: overlap.map_or(1.0, |overlap| overlap.a_in_b().max(overlap.b_in_a())),
        }
    }
}

/// The rule of a pair.
pub(super) fn rule_of(is_identical: bool, numbers: NumbersOfPair, is_template: bool, threshold: f64) -> PairRule {
    match numbers {
        _ if is_identical => PairRule::Identical,
        NumbersOfPair { exact_jaccard, .. } if exact_jaccard >= threshold => PairRule::NearDuplicate,
        _ if is_template => PairRule::Template,
        NumbersOfPair { containment, .. } if containment >= CONTAINED => PairRule::Contained,
        _ => PairRule::ReusedPassage,
    }
}

/// The earlier of two documents by their dates; None if that cannot be told.
pub(super) fn origin_of(a: Option<i64>, b: Option<i64>) -> Option<Origin> {
    match (a, b) {
        (Some(a), Some(b)) if is_before(a, b) => Some(Origin::A),
        (Some(a), Some(b)) if is_before(b, a) => Some(Origin::B),
        _ => None,
    }
}

pub(super) fn within_class(class: &[u32]) -> u64 {
    class.len() as u64 * (class.len() as u64 - 1) / 2
}

pub(super) fn between(x: &[u32], y: &[u32]) -> u64 {
    x.len() as u64 * y.len() as u64
}
