//! One round of planting: copies put into the articles of a sample, and where they stand.
//!
//! In: the sample and a [`Plan`]. Out: documents with copies, and for each copy where it was taken and where it stands, in code points.
//! Always: an article gets one copy at most, is copied from once at most, and not both but for a copy within.

use super::change::Changer;
use super::plan::{Kind, Plan, Task};
use super::random::SplitMix64;
use super::sample::Article;
use super::told::{Stretch, Told};
use refrain_engine::compare::Overlap;
use refrain_engine::config::DetectConfig;
use refrain_engine::document::Document;
use refrain_engine::text::{LineIndex, Tokens, paragraphs, shingle_set};
use std::collections::VecDeque;
use std::ops::Range;

/// A copy, and what it is a copy of. Documents are named by their index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plant {
    pub(super) task: usize,
    pub(super) source: usize,
    pub(super) source_span: Stretch,
    pub(super) host: usize,
    /// The copy, in the host with it.
    pub(super) planted: Stretch,
    /// The copy with the line breaks before it.
    pub(super) inserted: Stretch,
    /// Of copies of a whole article.
    pub(super) jaccard: Option<f64>,
}

/// The articles of the sample with copies planted, then whole copies.
pub(super) struct Round {
    pub(super) documents: Vec<Document>,
    pub(super) plants: Vec<Plant>,
}

/// The sample as documents, with nothing planted.
pub(super) fn unplanted(articles: &[Article]) -> Vec<Document> {
    articles.iter().enumerate().map(|(index, article)| document(index, &article.text)).collect()
}

/// An id that sorts as the index, and is read back by [`Told`].
fn document(index: usize, text: &str) -> Document {
    Document::new(format!("{index:08}"), text)
}

/// Plants round after round.
pub(super) struct Planter<'a> {
    articles: &'a [Article],
    config: &'a DetectConfig,
    /// What is told of the sample with nothing planted.
    before: &'a Told,
    changer: Changer<'a>,
}

/// Places, and hosts, that are looked at for one where nothing but the plant is to be found.
const TRIED: usize = 16;

impl<'a> Planter<'a> {
    pub(super) fn new(articles: &'a [Article], config: &'a DetectConfig, before: &'a Told, seed: u64) -> Self {
        Self { articles, config, before, changer: Changer::new(articles, config, SplitMix64::new(seed)) }
    }

    /// The next round: every article, in any order, is used for what it is wanted for most.
    pub(super) fn round(&mut self, plan: &mut Plan) -> Round {
        let mut order: Vec<usize> = (0..self.articles.len()).collect();
        self.changer.random.shuffle(&mut order);
        let mut order = VecDeque::from(order);
        let mut round = Round { documents: unplanted(self.articles), plants: Vec::new() };
        while let Some(source) = order.pop_front() {
            let Some(task) = plan.choose(self.articles[source].spans.len()) else { continue };
            let plant = match plan.tasks[task] {
                Task::Passage { kind, change, words } => {
                    let Some((run, source_span)) = self.run(source, words) else { continue };
                    let Some(host) = self.host(source, kind, &mut order) else { continue };
                    let text = self.changer.copy(&self.articles[source].text[run], change);
                    self.insert(&text, Plant { task, ..Plant::of(source, source_span, host) }, &mut round.documents[host])
                }
                Task::Copy { percent } => {
                    let plant = Plant { task, ..Plant::of(source, [0, 0], round.documents.len()) };
                    self.whole(percent, plant, &mut round.documents)
                }
            };
            round.plants.push(plant);
            plan.count(task);
        }
        round
    }

    /// Any `words` tokens in a row of an article that stand in it once: bytes, and code points.
    fn run(&mut self, source: usize, words: usize) -> Option<(Range<usize>, Stretch)> {
        let article = &self.articles[source];
        let index = LineIndex::new(&article.text);
        (0..TRIED).find_map(|_| {
            let first = self.changer.random.below(article.spans.len() - words + 1);
            let (start, end) = (article.spans[first].start, article.spans[first + words - 1].end);
            let stretch = [index.chars(start), index.chars(end)];
            (!self.before.comes_again(source, stretch)).then_some((start as usize..end as usize, stretch))
        })
    }

    /// Where a copy goes: the source itself, or the next in order that has nothing in common with it, which is taken out.
    fn host(&self, source: usize, kind: Kind, order: &mut VecDeque<usize>) -> Option<usize> {
        match kind {
            Kind::Within => Some(source),
            Kind::Across => {
                let at = order.iter().take(TRIED).position(|&host| !self.before.is_related(source, host))?;
                order.remove(at)
            }
        }
    }

    /// Puts `copy` between two paragraphs of the host, or at its end if it has but one; within, behind what was copied.
    fn insert(&mut self, copy: &str, plant: Plant, host: &mut Document) -> Plant {
        let text = &self.articles[plant.host].text;
        let ends: Vec<u32> = paragraphs(text).iter().map(|paragraph| paragraph.end).collect();
        let index = LineIndex::new(text);
        let (earliest, at_end) =
            if plant.source == plant.host { (plant.source_span[1], self.changer.random.chance(50)) } else { (0, false) };
        let later: Vec<u32> = ends.iter().copied().filter(|&end| index.chars(end) >= earliest).collect();
        let places = if later.len() > 1 && !at_end { &later[..later.len() - 1] } else { &later[later.len() - 1..] };
        let end = places[self.changer.random.below(places.len())];
        let (before, behind) = text.split_at(end as usize);
        let breaks = if has_blank_lines(text) { "\n\n" } else { "\n" };
        let copy = if has_blank_lines(text) { copy.trim().to_owned() } else { on_single_lines(copy) };
        let start = index.chars(end);
        let planted = [start + breaks.len(), start + breaks.len() + copy.chars().count()];
        host.text = [before, breaks, &copy, behind].concat();
        Plant { planted, inserted: [start, planted[1]], ..plant }
    }

    /// Adds a copy of the whole source.
    fn whole(&mut self, percent: usize, plant: Plant, documents: &mut Vec<Document>) -> Plant {
        let text = &self.articles[plant.source].text;
        let copy = self.changer.edit(text, percent);
        let shingles = |text: &str| shingle_set(&Tokens::of(text, self.config.fold).hashes, self.config.shingle);
        let jaccard = Overlap::of(&shingles(text), &shingles(&copy)).jaccard();
        let whole = [0, copy.chars().count()];
        documents.push(document(plant.host, &copy));
        Plant { source_span: [0, text.chars().count()], planted: whole, inserted: whole, jaccard: Some(jaccard), ..plant }
    }
}

impl Plant {
    fn of(source: usize, source_span: Stretch, host: usize) -> Self {
        Self { task: 0, source, source_span, host, planted: [0, 0], inserted: [0, 0], jaccard: None }
    }
}

/// True if blank lines part the paragraphs of `text`; else each line is one.
fn has_blank_lines(text: &str) -> bool {
    let (spans, index) = (paragraphs(text), LineIndex::new(text));
    spans.windows(2).any(|pair| index.line(pair[1].start) > index.line(pair[0].end) + 1)
}

/// `text` without its blank lines, which would make paragraphs of more than a line out of its new neighbours.
fn on_single_lines(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::*;

    fn articles(count: usize, breaks: &str) -> Vec<Article> {
        let line = |n: usize, line: usize| (0..20).map(|word| format!("é{n}x{line}y{word}")).collect::<Vec<_>>().join(" ");
        let text = |n: usize| (0..6).map(|at| line(n, at)).collect::<Vec<_>>().join(breaks);
        (0..count).map(|n| Article::new(text(n), &DetectConfig::default())).collect()
    }

    fn cut(text: &str, [start, end]: Stretch) -> String {
        text.chars().skip(start).take(end - start).collect()
    }

    fn hashes(text: &str, config: &DetectConfig) -> Vec<u64> {
        Tokens::of(text, config.fold).hashes
    }

    #[test]
    fn spans_slice_back_to_what_was_planted() {
        let (config, before) = (DetectConfig::default(), Told::default());
        for breaks in ["\n", "\n\n", " "] {
            let articles = articles(200, breaks);
            let mut plan = Plan::new(&Options { trials: 3, ..Options::default() }, &config);
            let round = Planter::new(&articles, &config, &before, 1).round(&mut plan);
            assert!(round.plants.len() > 90, "{}", round.plants.len());
            for plant in &round.plants {
                let text = &round.documents[plant.host].text;
                let source = hashes(&cut(&articles[plant.source].text, plant.source_span), &config);
                let planted = hashes(&cut(text, plant.planted), &config);
                match plan.tasks[plant.task] {
                    Task::Passage { kind, change, words } => {
                        assert_eq!(source.len(), words);
                        assert_eq!(source == planted, matches!(change.name(), "verbatim" | "respelled"), "{change:?}");
                        assert_eq!(plant.source == plant.host, kind == Kind::Within);
                        assert!(kind == Kind::Across || plant.source_span[1] <= plant.inserted[0]);
                        let rest = cut(text, [0, plant.inserted[0]]) + &cut(text, [plant.inserted[1], text.chars().count()]);
                        assert_eq!(rest, articles[plant.host].text);
                    }
                    Task::Copy { .. } => assert!(plant.jaccard.is_some_and(|jaccard| jaccard > 0.1 && jaccard < 1.0)),
                }
            }
        }
    }

    #[test]
    fn an_article_is_used_once_a_round() {
        let (config, before, articles) = (DetectConfig::default(), Told::default(), articles(100, "\n"));
        let mut plan = Plan::new(&Options::default(), &config);
        let round = Planter::new(&articles, &config, &before, 1).round(&mut plan);
        let mut used: Vec<usize> = round
            .plants
            .iter()
            .flat_map(|plant| if plant.source == plant.host { vec![plant.host] } else { vec![plant.source, plant.host] })
            .collect();
        let count = used.len();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used.len(), count);
        assert!(round.documents.iter().enumerate().all(|(index, document)| document.id.parse() == Ok(index)));
    }

    #[test]
    fn a_copy_keeps_to_the_paragraphs_of_its_host() {
        assert!(has_blank_lines("a\n\nb") && has_blank_lines("a\n\u{a0}\nb") && has_blank_lines("a\r\n\r\nb"));
        assert!(!has_blank_lines("a\nb\r\nc\n\n") && !has_blank_lines(""));
        assert_eq!(on_single_lines("a\n\n \r\n b"), "a\nb");
    }
}
