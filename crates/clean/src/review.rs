//! Decisions of a cleaning for people to judge: some near the thresholds and some at random, of every rule.
//!
//! In: a corpus and options. Out: [`ReviewCase`]s. A stratum is a rule that removes, or the near-duplicates that are kept because they state another fact. Every stratum gets
//! the same number of cases, as far as it has them: half are the nearest to its threshold, half are drawn by a hash, so that the same input gives the same cases.

use super::cleaned_corpus::{Dropped, Fate};
use super::decide::Decisions;
use super::manifest::MANIFEST_SCHEMA;
use super::policy::{Policy, Rule};
use super::{Options, check_settings, decide, seen};
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::{Findings, Progress};
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use refrain_engine::finding::PairRule;
use refrain_io::source::FileCorpus;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// Characters of a text that are shown, and around a part.
const MOST_CHARS: usize = 6000;
const CONTEXT_CHARS: usize = 400;

/// A decision to be judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReviewCase {
    /// The rule; with `kept:` before it where a similar article is kept.
    pub stratum: String,
    /// The article that the decision is about.
    pub doc: String,
    /// The article for which it is removed, or that is similar to it; the same for a copy inside an article.
    pub copy: Option<String>,
    /// What is compared with the threshold: similarity, share, or words.
    pub score: f64,
    /// The threshold, in the same unit.
    pub threshold: f64,
    /// The article, or the part that is removed with some text around it.
    pub text: ReviewText,
    /// The copy.
    pub other: Option<ReviewText>,
}

/// A text with a marked part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewText {
    /// The text, shortened at both ends.
    pub text: String,
    /// Code points of it that are marked; None: all.
    pub marked: Option<[usize; 2]>,
}

/// What a case is made from.
struct Candidate {
    stratum: String,
    doc: u32,
    what: What,
    score: f64,
    threshold: f64,
}

enum What {
    /// A whole article and the kept one, of the corpus or of a reference.
    Whole(Option<u32>, Option<Box<str>>),
    /// A cut, by its number.
    Cut(usize),
}

impl Candidate {
    fn distance(&self) -> f64 {
        (self.score - self.threshold).abs() / self.threshold.max(f64::EPSILON)
    }
}

/// Decides about `corpus` and returns at most `count` decisions, those of each stratum together.
///
/// # Errors
/// As [`super::clean`].
pub fn review(corpus: &FileCorpus, options: &Options, count: usize, progress: &dyn Progress) -> Result<Vec<ReviewCase>> {
    check_settings(corpus, options)?;
    let decisions = match &options.reference {
        Some(reference) => seen::decide(corpus, options, reference, progress)?,
        None => decide::decide(corpus, options, progress)?,
    };
    corpus.require_articles(decisions.findings.summary().documents, decisions.findings.problems())?;
    let reviewing = Reviewing { corpus, options, decisions: &decisions };
    let chosen = chosen(reviewing.candidates(), count, |candidate| reviewing.hash(candidate));
    chosen.into_iter().map(|candidate| reviewing.case(&candidate)).collect()
}

/// At most `count` candidates, as many of each stratum as of the others where there are so many.
fn chosen(candidates: Vec<Candidate>, count: usize, hash: impl Fn(&Candidate) -> u64) -> Vec<Candidate> {
    let mut strata: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
    candidates.into_iter().for_each(|candidate| strata.entry(candidate.stratum.clone()).or_default().push(candidate));
    let mut sizes: Vec<usize> = strata.values().map(Vec::len).collect();
    sizes.sort_unstable();
    // What small strata leave goes to the others.
    let (mut left, mut share) = (count, 0);
    for (at, size) in sizes.iter().enumerate() {
        share = left / (sizes.len() - at);
        left -= share.min(*size);
    }
    let mut chosen = Vec::new();
    for mut of_stratum in strata.into_values() {
        of_stratum.sort_by(|x, y| x.distance().total_cmp(&y.distance()).then_with(|| hash(x).cmp(&hash(y))));
        let near = share.div_ceil(2).min(of_stratum.len());
        let mut drawn = of_stratum.split_off(near);
        drawn.sort_by_key(&hash);
        drawn.truncate(share.saturating_sub(near));
        chosen.extend(of_stratum.into_iter().chain(drawn));
    }
    chosen.truncate(count);
    chosen
}

struct Reviewing<'a> {
    corpus: &'a FileCorpus,
    options: &'a Options,
    decisions: &'a Decisions,
}

impl Reviewing<'_> {
    fn findings(&self) -> &Findings {
        &self.decisions.findings
    }

    fn locator(&self, at: u32) -> Locator {
        self.findings().member(at as usize).locator
    }

    fn id(&self, at: u32) -> &str {
        self.findings().member(at as usize).id
    }

    fn fate(&self, at: u32) -> Option<&Fate> {
        self.decisions.fates.get(self.locator(at))
    }

    fn candidates(&self) -> Vec<Candidate> {
        let Policy { contained, item_share, .. } = self.options.policy;
        let config = &self.options.detection;
        let mut found = Vec::new();
        for (at, member) in (0..).zip(self.findings().members()) {
            let Some(fate) = self.decisions.fates.get(member.locator) else { continue };
            if let Some(Dropped { rule, copy, item, similarity, measure }) = &fate.gone {
                let (score, threshold) = match (rule, measure) {
                    (_, Some((_, value, threshold))) => (*value, *threshold),
                    (Rule::Contained, _) => (similarity.unwrap_or(1.0), contained),
                    (Rule::ContainsItem, _) => (similarity.unwrap_or(1.0), item_share),
                    _ => (similarity.unwrap_or(1.0), config.threshold),
                };
                let what = What::Whole(*copy, item.clone());
                found.push(Candidate { stratum: rule.name().into(), doc: at, what, score, threshold });
                continue;
            }
            found.extend(fate.cuts.iter().enumerate().map(|(number, cut)| Candidate {
                stratum: cut.why.rule.name().into(),
                doc: at,
                what: What::Cut(number),
                // Bytes stand for words, of which the shortest are the nearest to the minimum.
                #[expect(clippy::cast_precision_loss, reason = "a length")]
                score: cut.range.len() as f64,
                threshold: 1.0,
            }));
        }
        found.extend(self.kept());
        found
    }

    /// Pairs of near-duplicates of which both are kept.
    fn kept(&self) -> Vec<Candidate> {
        if self.options.reference.is_some() || !self.options.policy.removes(Rule::NearDuplicate) {
            return Vec::new();
        }
        let ids: Vec<&str> = self.findings().members().map(|member| member.id).collect();
        let position = |id: &str| ids.binary_search(&id).ok().and_then(|at| u32::try_from(at).ok());
        let pairs = self.findings().pairs().filter(|pair| pair.rule == PairRule::NearDuplicate);
        let kept = pairs.filter_map(|pair| {
            let (a, b) = (position(pair.a)?, position(pair.b)?);
            let are_kept = [a, b].into_iter().all(|at| self.fate(at).is_none_or(|fate| fate.gone.is_none()));
            let threshold = self.options.detection.threshold;
            let candidate =
                |stratum: String| Candidate { stratum, doc: b, what: What::Whole(Some(a), None), score: pair.jaccard, threshold };
            are_kept.then(|| candidate(format!("kept:{}", Rule::NearDuplicate.name())))
        });
        kept.collect()
    }

    /// By which cases are drawn.
    fn hash(&self, candidate: &Candidate) -> u64 {
        let number = if let What::Cut(number) = candidate.what { number } else { 0 };
        xxh3_64(format!("{MANIFEST_SCHEMA} {} {number}", self.id(candidate.doc)).as_bytes())
    }

    fn case(&self, candidate: &Candidate) -> Result<ReviewCase> {
        let text = self.corpus.text(self.locator(candidate.doc))?;
        let (copy, shown, other) = match &candidate.what {
            What::Whole(copy, item) => {
                let (id, other) = match (copy, item) {
                    (Some(copy), _) => (Some(self.id(*copy).to_owned()), Some(whole(&self.corpus.text(self.locator(*copy))?))),
                    (None, Some(item)) => (Some(item.to_string()), self.item(item).map(whole)),
                    (None, None) => (None, None),
                };
                (id, whole(&text), other)
            }
            What::Cut(number) => {
                let nothing = Fate::default();
                let cut = &self.fate(candidate.doc).unwrap_or(&nothing).cuts[*number];
                let (id, other) = match (&cut.why.first, &cut.why.other) {
                    (Some(first), _) => (Some(self.id(candidate.doc)), Some(part(&text, first.clone()))),
                    (None, Some((at, chars))) => {
                        let other = self.corpus.text(self.locator(*at))?;
                        let range = in_bytes(&other, *chars);
                        (Some(self.id(*at)), Some(part(&other, range)))
                    }
                    (None, None) => (None, None),
                };
                (id.map(str::to_owned), part(&text, cut.range.clone()), other)
            }
        };
        let Candidate { stratum, score, threshold, .. } = candidate;
        let doc = self.id(candidate.doc).to_owned();
        Ok(ReviewCase { stratum: stratum.clone(), doc, copy, score: *score, threshold: *threshold, text: shown, other })
    }

    fn item(&self, id: &str) -> Option<&str> {
        self.options.reference.as_ref()?.text_of_id(id)
    }
}

/// A whole text, shortened at the end.
fn whole(text: &str) -> ReviewText {
    let shown: String = text.chars().take(MOST_CHARS).collect();
    ReviewText { text: shown, marked: None }
}

/// A part of a text, in bytes, and what is around it.
fn part(text: &str, range: Range<usize>) -> ReviewText {
    let before: Vec<char> = text[..range.start].chars().rev().take(CONTEXT_CHARS).collect();
    let own: String = text[range.clone()].chars().take(MOST_CHARS).collect();
    let marked = [before.len(), before.len() + own.chars().count()];
    let after = text[range.end..].chars().take(CONTEXT_CHARS);
    ReviewText { text: before.into_iter().rev().chain(own.chars()).chain(after).collect(), marked: Some(marked) }
}

/// Code points as bytes.
fn in_bytes(text: &str, [start, end]: [usize; 2]) -> Range<usize> {
    let byte = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
    byte(start)..byte(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stratum_gets_its_share_and_the_nearest_come_first() {
        let candidate = |stratum: &str, doc: u32, score| Candidate {
            stratum: stratum.into(),
            doc,
            what: What::Whole(None, None),
            score,
            threshold: 0.8,
        };
        let many = (0..100).map(|doc| candidate("many", doc, 0.8 + f64::from(doc) / 500.0));
        let few = (100..103).map(|doc| candidate("few", doc, 1.0));
        let chosen = chosen(few.chain(many).collect(), 20, |candidate| u64::from(candidate.doc).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let docs: Vec<u32> = chosen.iter().map(|candidate| candidate.doc).collect();
        assert_eq!(docs.len(), 20);
        assert!(docs[..3].iter().all(|&doc| doc >= 100));
        assert_eq!(docs[3..12], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn a_part_is_marked_in_code_points() {
        let text = "قبل. النص. بعد";
        let start = text.find("النص").unwrap();
        let shown = part(text, start..start + "النص.".len());
        assert_eq!(shown, ReviewText { text: text.into(), marked: Some([5, 10]) });
        assert_eq!(&text[in_bytes(text, [5, 9])], "النص");
    }
}
