//! The articles that are planted into: some of a corpus, the same ones whatever the threads and the order of the files.
//!
//! In: a [`Corpus`]. Out: a [`Sample`]: the articles with the smallest hashes of their words, each text once.

use super::Options;
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::{Corpus, Visitor};
use refrain_engine::detect::Progress;
use refrain_engine::document::Record;
use refrain_engine::error::{Error, Result};
use refrain_engine::text::{ByteSpan, Tokenizer, Tokens, mix};
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// An article of fewer words is neither copied from nor planted into.
pub const LEAST_WORDS: usize = 60;
/// An article of more words is a book, and one alone would be most of the sample.
const MOST_ARTICLE_WORDS: usize = 100_000;
/// A sample has at most so many words, some 20 MB.
const MOST_WORDS: usize = 2_000_000;
/// Fewer articles than this say nothing of a corpus.
pub const LEAST_ARTICLES: usize = 20;

/// How much there was to choose from, and what was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SampleCounts {
    /// Articles in the corpus.
    pub articles: usize,
    /// Those with enough words.
    pub usable: usize,
    /// Those with fewer than `min-words`, none included.
    pub shorter_than_min_words: usize,
    /// Half of the articles have at least so many words.
    pub median_words: usize,
    /// Records that could not be read.
    pub skipped: usize,
    /// Articles in the sample, each text once.
    pub sampled: usize,
    /// Their words.
    pub sampled_words: usize,
}

/// An article of the sample.
#[derive(Clone, Debug)]
pub(super) struct Article {
    pub(super) text: String,
    /// Its tokens.
    pub(super) spans: Vec<ByteSpan>,
}

impl Article {
    pub(super) fn new(text: String, config: &DetectConfig) -> Self {
        Self { spans: Tokens::of(&text, config.fold).spans, text }
    }
}

/// Articles of a corpus to plant into.
#[derive(Clone, Debug)]
pub struct Sample {
    pub(super) articles: Vec<Article>,
    pub(super) counts: SampleCounts,
}

impl Sample {
    /// Reads `corpus` once, on all threads of the current pool, and keeps what may be planted into: at most [`Options::sample`]
    /// articles and 2,000,000 words, none under [`LEAST_WORDS`].
    ///
    /// # Errors
    /// What keeps a file from being read; [`Error::Config`] for options out of range; [`Error::TooFewArticles`].
    pub fn read(corpus: &impl Corpus, config: &DetectConfig, options: &Options, progress: &dyn Progress) -> Result<Self> {
        options.check()?;
        let reservoir = Reservoir::new(options);
        let visited = corpus.visit(|| Sampler {
            reservoir: &reservoir,
            seed: mix(options.seed),
            tokenizer: Tokenizer::new(config.fold, config.simd),
            tokens: Tokens::default(),
            words: Vec::new(),
            progress,
        })?;
        let skipped = visited.iter().map(|stretch| stretch.problems.count()).sum();
        let mut words: Vec<u32> = visited.into_iter().flat_map(|stretch| stretch.output).collect();
        words.sort_unstable();
        let under = |least: usize| words.partition_point(|&words| (words as usize) < least);
        let kept = reservoir.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        let counts = SampleCounts {
            articles: words.len(),
            usable: under(MOST_ARTICLE_WORDS + 1) - under(LEAST_WORDS),
            shorter_than_min_words: under(config.within.min_words),
            median_words: words.get(words.len() / 2).map_or(0, |&words| words as usize),
            skipped,
            sampled: kept.articles.len(),
            sampled_words: kept.words,
        };
        if counts.sampled < LEAST_ARTICLES {
            let SampleCounts { articles, sampled: usable, median_words, .. } = counts;
            return Err(Error::TooFewArticles { articles, usable, median_words, least_words: LEAST_WORDS, needed: LEAST_ARTICLES });
        }
        Ok(Self { articles: kept.articles.into_values().map(|(text, _)| Article::new(text, config)).collect(), counts })
    }

    /// How it was come by.
    #[must_use]
    pub fn counts(&self) -> &SampleCounts {
        &self.counts
    }
}

/// The articles with the smallest hashes so far. Which ones stay is no matter of the order in which they come.
struct Reservoir {
    most: usize,
    /// An article with this hash or a larger one does not stay.
    limit: AtomicU64,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// By hash: the text and its words.
    articles: BTreeMap<u64, (String, usize)>,
    words: usize,
}

impl Reservoir {
    fn new(options: &Options) -> Self {
        Self { most: options.sample, limit: AtomicU64::new(u64::MAX), kept: Mutex::default() }
    }

    fn offer(&self, hash: u64, words: usize, text: &str) {
        if hash >= self.limit.load(Ordering::Relaxed) {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.articles.entry(hash) {
            // The same words with other punctuation: as many, so that nothing else changes.
            Entry::Occupied(mut entry) => {
                if text < entry.get().0.as_str() {
                    entry.get_mut().0 = text.to_owned();
                }
                return;
            }
            Entry::Vacant(entry) => entry.insert((text.to_owned(), words)),
        };
        kept.words += words;
        while kept.articles.len() > self.most || kept.words > MOST_WORDS {
            let Some((hash, (_, words))) = kept.articles.pop_last() else { return };
            kept.words -= words;
            self.limit.fetch_min(hash, Ordering::Relaxed);
        }
    }
}

/// Offers each article of a stretch.
struct Sampler<'a> {
    reservoir: &'a Reservoir,
    seed: u64,
    tokenizer: Tokenizer,
    tokens: Tokens,
    words: Vec<u32>,
    progress: &'a dyn Progress,
}

impl Visitor for Sampler<'_> {
    /// The number of words of each article.
    type Output = Vec<u32>;

    fn document(&mut self, record: Record<'_>) {
        self.tokenizer.read(&record.text, &mut self.tokens);
        let words = self.tokens.words(0..self.tokens.len());
        self.words.push(u32::try_from(words).unwrap_or(u32::MAX));
        if (LEAST_WORDS..=MOST_ARTICLE_WORDS).contains(&words) {
            let hash = self.tokens.hashes.iter().fold(self.seed, |hash, &token| mix(hash ^ token));
            self.reservoir.offer(hash, words, &record.text);
        }
    }

    fn progress(&mut self, bytes: u64) {
        self.progress.read(bytes);
    }

    fn finish(self) -> Self::Output {
        self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use refrain_engine::corpus::Documents;
    use refrain_engine::detect::Silent;
    use refrain_engine::document::Document;

    fn texts(count: usize, words: usize) -> Vec<String> {
        (0..count).map(|n| (0..words).map(|word| format!("t{n}w{word}")).collect::<Vec<_>>().join(" ")).collect()
    }

    fn sample(texts: &[String], most: usize) -> Result<Sample> {
        let corpus: Documents = texts.iter().enumerate().map(|(n, text)| Document::new(n.to_string(), text)).collect();
        Sample::read(&corpus, &DetectConfig::default(), &Options { sample: most, ..Options::default() }, &Silent)
    }

    fn kept(texts: &[String], most: usize) -> Vec<String> {
        sample(texts, most).unwrap().articles.into_iter().map(|article| article.text).collect()
    }

    #[test]
    fn the_sample_does_not_depend_on_the_order() {
        let mut texts = texts(300, 60);
        texts.extend(texts.clone().into_iter().map(|text| text + "!"));
        let first = kept(&texts, 50);
        assert_eq!(first.len(), 50);
        texts.reverse();
        assert_eq!(kept(&texts, 50), first);
        assert!(first.iter().all(|text| !text.ends_with('!')));
        assert_eq!(kept(&texts, 2000).len(), 300);
    }

    #[test]
    fn a_sample_has_no_more_words_than_it_should() {
        let sample = sample(&texts(30, 90_000), 2000).unwrap();
        assert_eq!((sample.counts.sampled, sample.counts.sampled_words), (22, 1_980_000));
    }

    #[test]
    fn too_few_articles_are_refused() {
        let few = [texts(19, 60), texts(30, 59)].concat();
        let said = sample(&few, 2000).unwrap_err().to_string();
        assert!(said.contains("20 different articles of at least 60 words, and only 19 of the 49 articles read are that long"), "{said}");
        let counts = *sample(&texts(20, 60), 2000).unwrap().counts();
        assert_eq!((counts.articles, counts.usable, counts.median_words), (20, 20, 60));
    }
}
