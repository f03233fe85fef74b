//! From windows to cuts of whole sentences or lines.
//!
//! In: the windows to remove, by article. Out: the cuts of these articles. Always: cut tokens were compared with those of the kept copy, so a hash collision cuts
//! nothing.

use super::Cut;
use super::items::{Item, items};
use super::order::Ranks;
use super::windows::Copy;
use crate::article::{self, Article, Why, char_offsets};
use crate::cleaned_corpus::{Dropped, Fate, Fates};
use crate::policy::{Policy, Rule, SpanUnit};
use crate::units::Units;
use rayon::prelude::*;
use refrain_engine::config::DetectConfig;
use refrain_engine::corpus::Corpus;
use refrain_engine::detect::{Findings, SingleDocument};
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use refrain_engine::text::Tokens;
use std::collections::HashSet;
use std::ops::Range;

/// Makes cuts.
pub(super) struct Cutter<'a, C> {
    pub(super) corpus: &'a C,
    pub(super) policy: &'a Policy,
    pub(super) config: &'a DetectConfig,
    pub(super) findings: &'a Findings,
    pub(super) ranks: &'a Ranks,
    pub(super) fates: &'a Fates,
    /// Ranks of articles that have a kept copy.
    pub(super) kept: &'a HashSet<u32>,
}

/// Items to remove, and why: with the kept copy, if one is kept.
struct Run {
    items: Range<usize>,
    why: Why,
}

impl<C: Corpus> Cutter<'_, C> {
    /// The new state of the articles of `copies` (sorted) from which something is cut.
    ///
    /// # Errors
    /// A text cannot be read again.
    pub(super) fn cut(&self, copies: &[Copy]) -> Result<Vec<Cut>> {
        let articles: Vec<&[Copy]> = copies.chunk_by(|x, y| x.rank == y.rank).collect();
        let cut = |document: &mut SingleDocument, copies: &&[Copy]| self.cut_article(document, copies).transpose();
        let found = articles.par_iter().map_init(|| SingleDocument::new(self.config), cut);
        found.flatten().collect()
    }

    fn locator(&self, rank: u32) -> Locator {
        self.findings.member(self.ranks.position(rank) as usize).locator
    }

    fn cut_article(&self, document: &mut SingleDocument, copies: &[Copy]) -> Result<Option<Cut>> {
        let locator = self.locator(copies[0].rank);
        let nothing = Fate::default();
        let before = self.fates.get(locator).unwrap_or(&nothing);
        let text = self.corpus.text(locator)?;
        let mut article = Article::new(&text, before.cuts.clone());
        document.read(article.text());
        let tokens = std::mem::take(document.tokens_mut());
        let own = items(article.text(), &tokens, self.policy.spans);
        let runs = self.verified(copies, &tokens, &own)?;
        let removals = self.removals(article.text(), &tokens, &own, &runs);
        if removals.is_empty() {
            return Ok(None);
        }
        if self.kept.contains(&copies[0].rank) {
            // A headline that is left without content may be the kept copy of another article.
            article.take_cuts(removals.into_iter().map(|(range, why)| article::Cut { range, why }).collect());
        } else {
            article.take(removals);
        }
        document.read(article.text());
        let gone = (!document.has_words()).then(|| Dropped::for_rule(Rule::ReusedPassage));
        let cuts = article.cuts().to_vec();
        let words_cut = cuts.iter().map(|cut| Tokens::of(&text[cut.range.clone()], self.config.fold).len() as u64).sum();
        Ok(Some((locator, Fate { cuts, words_cut, gone, measures: before.measures.clone() })))
    }

    /// The copies as runs of items in text order, without those whose tokens differ from the kept copy. Each kept article is read once.
    fn verified(&self, copies: &[Copy], tokens: &Tokens, own: &[Item]) -> Result<Vec<Run>> {
        let mut by_kept: Vec<&Copy> = copies.iter().collect();
        by_kept.sort_by_key(|copy| copy.kept_rank);
        let mut runs = Vec::with_capacity(copies.len());
        for same in by_kept.chunk_by(|x, y| x.kept_rank == y.kept_rank) {
            if same[0].kept_rank == same[0].rank {
                runs.extend(same.iter().map(|copy| self.run(copy, None)));
                continue;
            }
            let position = self.ranks.position(same[0].kept_rank);
            let kept = self.kept_tokens(same[0].kept_rank)?;
            let place = |copy: &Copy| {
                let theirs = tokens_of(&self.items(copy.kept_start, copy), &kept.items);
                let range = tokens_of(&self.items(copy.start, copy), own);
                let is_same = kept.tokens.hashes.get(theirs.clone()).is_some_and(|theirs| tokens.hashes.get(range) == Some(theirs));
                is_same.then(|| kept.tokens.spans[theirs.start].start as usize..kept.tokens.spans[theirs.end - 1].end as usize)
            };
            let (same, places): (Vec<&Copy>, Vec<Range<usize>>) = same.iter().filter_map(|copy| Some((*copy, place(copy)?))).unzip();
            runs.extend(same.iter().zip(kept.in_chars(&places)).map(|(copy, place)| self.run(copy, Some((position, place)))));
        }
        runs.sort_by_key(|run| (run.items.start, run.items.end));
        Ok(runs)
    }

    /// The items of the windows of `copy`, from `start` on.
    fn items(&self, start: u32, copy: &Copy) -> Range<usize> {
        start as usize..start as usize + copy.windows as usize + self.policy.spans.items() - 1
    }

    fn run(&self, copy: &Copy, other: Option<(u32, [usize; 2])>) -> Run {
        let rule = if copy.is_common && self.policy.removes(Rule::CommonRun) { Rule::CommonRun } else { Rule::ReusedPassage };
        Run { items: self.items(copy.start, copy), why: Why { rule, first: None, other, similarity: Some(1.0) } }
    }

    /// The article of a rank, tokenised as it is after earlier cuts.
    fn kept_tokens(&self, rank: u32) -> Result<KeptArticle> {
        let locator = self.locator(rank);
        let original = self.corpus.text(locator)?.into_owned();
        let cuts = self.fates.get(locator).map_or_else(Vec::new, |fate| fate.cuts.clone());
        let article = Article::new(&original, cuts.clone());
        let tokens = Tokens::of(article.text(), self.config.fold);
        let items = items(article.text(), &tokens, self.policy.spans);
        Ok(KeptArticle { tokens, items, cuts, original })
    }

    /// Whole sentences, lines or paragraphs of the runs, those of overlapping ones together.
    fn removals(&self, text: &str, tokens: &Tokens, own: &[Item], runs: &[Run]) -> Vec<(Range<usize>, Why)> {
        let units = if own.is_empty() { Units::of(text, tokens) } else { Units::default() };
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(first) = runs.get(at) {
            let (mut together, mut longest) = (first.items.clone(), first);
            while let Some(next) = runs.get(at + 1).filter(|next| next.items.start <= together.end) {
                together.end = together.end.max(next.items.end);
                longest = if next.items.len() > longest.items.len() { next } else { longest };
                at += 1;
            }
            at += 1;
            let bytes = if own.is_empty() {
                let whole = units.inside(&together);
                let enough = units.tokens_of(&whole).len() >= self.config.within.min_words;
                if enough { units.bytes_of(&whole) } else { 0..0 }
            } else {
                own[together.start].bytes.start..own[together.end - 1].bytes.end
            };
            if !bytes.is_empty() {
                found.push((bytes, longest.why.clone()));
            }
        }
        found
    }
}

/// An article that keeps copies.
struct KeptArticle {
    original: String,
    cuts: Vec<article::Cut>,
    tokens: Tokens,
    items: Vec<Item>,
}

impl KeptArticle {
    /// Where byte ranges of the current text are in the original, in code points.
    fn in_chars(&self, ranges: &[Range<usize>]) -> Vec<[usize; 2]> {
        let article = Article::new(&self.original, self.cuts.clone());
        let ranges: Vec<[usize; 2]> = ranges.iter().map(|range| article.in_original(range)).map(|range| [range.start, range.end]).collect();
        let mut edges: Vec<usize> = ranges.iter().flatten().copied().collect();
        edges.sort_unstable();
        edges.dedup();
        let chars = char_offsets(&self.original, &edges);
        ranges.into_iter().map(|range| range.map(|edge| edges.binary_search(&edge).map_or(0, |at| chars[at]))).collect()
    }
}

/// The tokens of some items; words are their own.
fn tokens_of(range: &Range<usize>, items: &[Item]) -> Range<usize> {
    if items.is_empty() {
        return range.clone();
    }
    let of = |at: usize| items.get(at).map_or(0..0, |item| item.tokens.clone());
    of(range.start).start..of(range.end.saturating_sub(1)).end
}

impl SpanUnit {
    /// Items of a window.
    pub(super) fn items(self) -> usize {
        match self {
            Self::Words(count) | Self::Sentences(count) => count,
            Self::Lines | Self::Paragraphs => 1,
        }
    }
}
