//! What a cleaning would remove, forecast from a sample.
//!
//! In: a corpus, all of it or a sample ([`FileCorpus::sampled`]). Out: a [`Plan`]. Removals inside articles grow with the articles. Removals for another article grow faster: a
//! sample of share `f` has both articles of a pair with a probability of `f` for each article that it has. So the share that is removed in the sample is a lower bound, and
//! that share divided by `f` an upper bound. The estimate lies between: removals in half of the sample show how they grow, and the same power of `f` is
//! taken beyond the sample. Intervals also cover the chance of the sample, as if its articles had been drawn one by one (Wilson 1927; for counts, twice the root).

use super::Options;
use super::decide::{self, Decisions, Fields};
use super::policy::Rule;
use super::seen;
use refrain_engine::corpus::{Corpus, Region, Stretch, Visitor};
use refrain_engine::detect::{Progress, Silent};
use refrain_engine::document::{Locator, Record};
use refrain_engine::error::{Error, Result};
use refrain_engine::interval::{SIGMAS, wilson};
use refrain_io::source::{FileCorpus, Packed, Recipe};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

/// Bytes that are packed to see how long that takes.
const TRIAL_BYTES: usize = 4 << 20;
/// Files among which a packed one is looked for.
const MOST_TRIED: usize = 16;
/// Sources that are listed.
const MOST_SOURCES: usize = 20;

/// A forecast from a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Forecast {
    /// Most likely.
    pub estimate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What a cleaning would remove and take.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Share of the input that was read, in (0, 1].
    pub share: f64,
    /// Articles that were read.
    pub articles_read: u64,
    /// Articles of the whole input.
    pub articles: u64,
    /// Removed articles.
    pub removed: Forecast,
    /// Removals by rule: of articles, and of parts of others.
    pub rules: Vec<(Rule, Forecast)>,
    /// The largest sources: name, articles, and the share that is removed.
    pub sources: Vec<(String, u64, Forecast)>,
    /// Bytes of removed records and parts, unpacked.
    pub removed_bytes: Forecast,
    /// Bytes of all records, unpacked.
    pub bytes: f64,
    /// Time of packing the output as the input is packed, on one thread; zero if it is not. That of Parquet is not known.
    pub packing: Duration,
    /// Time of the decisions about the sample, and about half of it.
    pub times: [Duration; 2],
}

/// Removals of a sample.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    articles: u64,
    /// Removed for another article.
    across: u64,
    /// Removed for a reason of their own, or for an article of a reference.
    alone: u64,
    bytes: u64,
}

/// Forecasts what `clean` does with these options. `corpus` may be a sample.
///
/// # Errors
/// As [`super::clean`].
pub fn plan(corpus: &FileCorpus, options: &Options, progress: &dyn Progress) -> Result<Plan> {
    super::check_settings(corpus, options)?;
    let start = Instant::now();
    let decisions = decided(corpus, options, progress)?;
    let whole_time = start.elapsed();
    corpus.require_articles(decisions.findings.summary().documents, decisions.findings.problems())?;
    let share = corpus.sampled_share();
    let start = Instant::now();
    let half = if share < 1.0 { Some(decided(&Half { corpus }, options, &Silent)?) } else { None };
    let times = [whole_time, if half.is_some() { start.elapsed() } else { whole_time / 2 }];
    let (all, of_half) = (counts(&decisions), half.as_ref().map(counts));
    let scale = Scale::new(share, all.0, of_half.as_ref().map(|half| half.0));
    let bytes = decisions.findings.members().map(|member| f64::from(member.locator.length)).sum::<f64>() / share;
    let rule = |(rule, count): (&Rule, &u64)| (*rule, scale.count(*count as f64, is_across(*rule, options)));
    Ok(Plan {
        share,
        articles_read: all.0.articles,
        articles: scale.up(all.0.articles),
        removed: scale.removed(all.0).times(all.0.articles as f64 / share),
        rules: all.1.iter().map(rule).collect(),
        sources: sources(corpus, &decisions, &scale)?,
        removed_bytes: scale.removed_bytes(all.0),
        bytes,
        packing: packing_time(corpus, bytes)?,
        times,
    })
}

fn decided<C: Corpus + Fields>(corpus: &C, options: &Options, progress: &dyn Progress) -> Result<Decisions> {
    match &options.reference {
        Some(reference) => seen::decide(corpus, options, reference, progress),
        None => decide::decide(corpus, options, progress),
    }
}

/// Time in which `bytes` are packed as the first packed file is, from a trial.
#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn packing_time(corpus: &FileCorpus, bytes: f64) -> Result<Duration> {
    for file in 0..corpus.paths().count() {
        let original = corpus.original(u32::try_from(file).unwrap_or(u32::MAX))?;
        let Some(compression) = original.compression() else { if file < MOST_TRIED { continue } else { break } };
        let recipe = Recipe::of(compression, corpus.path(file), original.format())?;
        let trial = &original.bytes()[..original.bytes().len().min(TRIAL_BYTES)];
        let failed = |cause| Error::Io { path: corpus.path(file).into(), cause };
        let start = Instant::now();
        let mut packed = Packed::new(io::sink(), Some(recipe), Some(trial.len() as u64), corpus.path(file))?;
        packed.write_all(trial).and_then(|()| packed.finish()).map_err(failed)?;
        return Ok(start.elapsed().mul_f64(bytes / trial.len().max(1) as f64));
    }
    Ok(Duration::ZERO)
}

/// Whether a rule depends on other articles of the corpus.
fn is_across(rule: Rule, options: &Options) -> bool {
    options.reference.is_none() && !Rule::WITHIN.contains(&rule) && rule != Rule::Gopher
}

/// All removals, and those of each rule.
fn counts(decisions: &Decisions) -> (Counts, BTreeMap<Rule, u64>) {
    let mut counts = Counts { articles: decisions.findings.summary().documents as u64, ..Counts::default() };
    let mut rules = BTreeMap::new();
    for (locator, fate) in &decisions.fates.0 {
        match &fate.gone {
            Some(gone) => {
                *rules.entry(gone.rule).or_default() += 1;
                if gone.copy.is_some() {
                    counts.across += 1
                } else {
                    counts.alone += 1
                }
                counts.bytes += u64::from(locator.length);
            }
            None => {
                fate.cuts.iter().for_each(|cut| *rules.entry(cut.why.rule).or_default() += 1);
                counts.bytes += fate.cuts.iter().map(|cut| cut.range.len() as u64).sum::<u64>();
            }
        }
    }
    (counts, rules)
}

fn sources(corpus: &FileCorpus, decisions: &Decisions, scale: &Scale) -> Result<Vec<(String, u64, Forecast)>> {
    let findings = &decisions.findings;
    let mut by_source: HashMap<u64, (Locator, Counts)> = HashMap::new();
    for (at, member) in findings.members().enumerate() {
        let counts = &mut by_source.entry(findings.outlet_of(at)).or_insert((member.locator, Counts::default())).1;
        counts.articles += 1;
        match decisions.fates.get(member.locator).and_then(|fate| fate.gone.as_ref()) {
            Some(gone) if gone.copy.is_some() => counts.across += 1,
            Some(_) => counts.alone += 1,
            None => {}
        }
    }
    let name = |(hash, (locator, counts)): (u64, (Locator, Counts))| {
        let name = if hash == 0 { None } else { corpus.outlet_again(locator)? };
        Ok((name.unwrap_or_else(|| "(none)".into()), scale.up(counts.articles), scale.removed(counts)))
    };
    let mut sources = by_source.into_iter().map(name).collect::<Result<Vec<_>>>()?;
    sources.sort_by(|x, y| (y.1, &x.0).cmp(&(x.1, &y.0)));
    sources.truncate(MOST_SOURCES);
    Ok(sources)
}

impl Forecast {
    fn times(self, factor: f64) -> Self {
        Self { estimate: self.estimate * factor, low: self.low * factor, high: self.high * factor }
    }
}

/// How removals of the sample relate to those of the input.
struct Scale {
    share: f64,
    /// By which the share of removals for other articles grows from the sample to the input.
    growth: f64,
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts, as shares")]
impl Scale {
    fn new(share: f64, all: Counts, half: Option<Counts>) -> Self {
        let rate = |counts: Counts| counts.across as f64 / counts.articles.max(1) as f64;
        // By which power of the share they grow: 1 for pairs, less where an article has many copies.
        let power = half.map_or(0.0, |half| if half.across == 0 { 1.0 } else { (rate(all) / rate(half)).log2().clamp(0.0, 1.0) });
        Self { share, growth: share.powf(-power) }
    }

    fn up(&self, articles: u64) -> u64 {
        (articles as f64 / self.share).round() as u64
    }

    /// The share of articles that is removed.
    fn removed(&self, counts: Counts) -> Forecast {
        let articles = counts.articles as f64;
        let share = |count: u64| count as f64 / articles.max(1.0);
        let estimate = (share(counts.across) * self.growth + share(counts.alone)).min(1.0);
        if self.share >= 1.0 {
            return Forecast { estimate, low: estimate, high: estimate };
        }
        let low = wilson(share(counts.across + counts.alone), articles).0;
        let high = wilson(share(counts.across), articles).1 / self.share + wilson(share(counts.alone), articles).1;
        Forecast { estimate, low: low.min(estimate), high: high.clamp(estimate, 1.0) }
    }

    /// A number of removals in the input, from one in the sample.
    fn count(&self, count: f64, is_across: bool) -> Forecast {
        if self.share >= 1.0 {
            return Forecast { estimate: count, low: count, high: count };
        }
        let width = SIGMAS * (count + 1.0).sqrt();
        let (growth, most) = if is_across { (self.growth, 1.0 / self.share) } else { (1.0, 1.0) };
        let up = |count: f64, growth: f64| count.max(0.0) * growth / self.share;
        Forecast { estimate: up(count, growth), low: up(count - width, 1.0), high: up(count + width, most) }
    }

    /// Removed bytes, as removed articles.
    fn removed_bytes(&self, counts: Counts) -> Forecast {
        let removed = (counts.across + counts.alone).max(1) as f64;
        let all = self.removed(counts);
        let factor = counts.bytes as f64 / self.share / (removed / counts.articles.max(1) as f64);
        all.times(factor)
    }
}

/// Half of the articles of a corpus, chosen by their places.
struct Half<'c> {
    corpus: &'c FileCorpus,
}

fn is_in_half(locator: Locator) -> bool {
    refrain_engine::text::mix(u64::from(locator.file) << u32::BITS ^ locator.start) >> 63 == 0
}

struct Halving<V>(V);

impl<V: Visitor> Visitor for Halving<V> {
    type Output = V::Output;

    fn document(&mut self, record: Record<'_>) {
        if is_in_half(record.locator) {
            self.0.document(record);
        }
    }

    fn page(&mut self, record: Record<'_>) {
        if is_in_half(record.locator) {
            self.0.page(record);
        }
    }

    fn is_done(&self) -> bool {
        self.0.is_done()
    }

    fn progress(&mut self, _: u64) {}

    fn finish(self) -> V::Output {
        self.0.finish()
    }
}

impl Corpus for Half<'_> {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>> {
        self.corpus.visit(|| Halving(visitor()))
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        self.corpus.text(locator)
    }

    fn regions(&self, file: u32, wanted: &[(Locator, [usize; 2])]) -> Result<Vec<Option<Region>>> {
        self.corpus.regions(file, wanted)
    }

    fn name(&self, file: u32) -> Cow<'_, str> {
        self.corpus.name(file)
    }
}

impl Fields for Half<'_> {
    fn field(&self, locator: Locator, name: &str) -> Result<Option<String>> {
        self.corpus.field(locator, name)
    }

    fn outlet(&self, locator: Locator) -> Result<Option<String>> {
        self.corpus.outlet(locator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_what_they_should() {
        let (low, high) = wilson(0.1, 1000.0);
        assert!(low > 0.08 && low < 0.1 && high > 0.1 && high < 0.13, "{low} {high}");
        assert_eq!(wilson(0.0, 0.0).0, 0.0);
        let all = Counts { articles: 1000, across: 40, alone: 10, bytes: 5000 };
        // Twice as large a share in twice as large a sample: pairs.
        let pairs = Scale::new(0.1, all, Some(Counts { articles: 500, across: 10, alone: 5, bytes: 0 }));
        assert!((pairs.growth - 10.0).abs() < 1e-9);
        // The same share: every article has many copies.
        let many = Scale::new(0.1, all, Some(Counts { articles: 500, across: 20, alone: 5, bytes: 0 }));
        assert!((many.growth - 1.0).abs() < 1e-9);
        for scale in [pairs, many] {
            let removed = scale.removed(all);
            assert!(removed.low <= 0.05 && removed.low <= removed.estimate && removed.estimate <= removed.high && removed.high <= 1.0);
        }
        let whole = Scale::new(1.0, all, None).removed(all);
        assert_eq!((whole.low, whole.estimate, whole.high), (0.05, 0.05, 0.05));
    }
}
