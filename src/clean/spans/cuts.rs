//! From windows to cuts of whole sentences or lines.
//!
//! In: the windows to remove, by article. Out: the cuts of these articles. Always: cut tokens were compared with those of the kept copy, so a hash collision cuts
//! nothing.

use super::Cut;
use super::items::{Item, items};
use super::order::Ranks;
use super::windows::Copy;
use crate::clean::article::{Article, Why, char_offsets};
use crate::clean::policy::{Policy, Rule, SpanUnit};
use crate::clean::standing::{Fate, Fates, Gone};
use crate::clean::units::Units;
use crate::config::DetectConfig;
use crate::corpus::Corpus;
use crate::detect::{Findings, SingleDocument};
use crate::document::Locator;
use crate::error::Result;
use crate::text::Tokens;
use rayon::prelude::*;
use std::ops::Range;

/// Makes cuts.
pub(super) struct Cutter<'a, C> {
    pub(super) corpus: &'a C,
    pub(super) policy: &'a Policy,
    pub(super) config: &'a DetectConfig,
    pub(super) findings: &'a Findings,
    pub(super) ranks: &'a Ranks,
    pub(super) fates: &'a Fates,
}

/// Items to remove, with the kept copy.
struct Run {
    items: Range<usize>,
    copy: Copy,
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
        let runs = self.verified(document, copies, &tokens, &own)?;
        let removals = self.removals(article.text(), &tokens, &own, &runs)?;
        if removals.is_empty() {
            return Ok(None);
        }
        article.take(removals);
        document.read(article.text());
        let gone = (!document.has_words()).then(|| Gone::for_rule(Rule::ReusedPassage));
        let cuts = article.cuts().to_vec();
        let words_cut = cuts.iter().map(|cut| Tokens::of(&text[cut.range.clone()], self.config.fold).len() as u64).sum();
        Ok(Some((locator, Fate { cuts, words_cut, gone, measures: before.measures.clone() })))
    }

    /// The copies as runs of items, without those whose tokens differ from the kept copy.
    fn verified(&self, document: &mut SingleDocument, copies: &[Copy], tokens: &Tokens, own: &[Item]) -> Result<Vec<Run>> {
        let mut runs = Vec::new();
        for copy in copies {
            let length = copy.windows as usize + self.policy.spans.items() - 1;
            let items = copy.start as usize..copy.start as usize + length;
            let words = |items: &Range<usize>, own: &[Item], tokens: &Tokens| {
                let range = tokens_of(items, own);
                tokens.hashes.get(range).map(<[u64]>::to_vec)
            };
            let is_same = copy.kept_rank == copy.rank || {
                let (text, _) = self.standing(copy.kept_rank)?;
                document.read(&text);
                let theirs = super::items::items(&text, document.tokens(), self.policy.spans);
                let kept = copy.kept_start as usize..copy.kept_start as usize + length;
                words(&items, own, tokens) == words(&kept, &theirs, document.tokens())
            };
            if is_same {
                runs.push(Run { items, copy: *copy });
            }
        }
        Ok(runs)
    }

    /// The current text of an article, and the original.
    fn standing(&self, rank: u32) -> Result<(String, String)> {
        let locator = self.locator(rank);
        let text = self.corpus.text(locator)?.into_owned();
        let cuts = self.fates.get(locator).map_or_else(Vec::new, |fate| fate.cuts.clone());
        Ok((Article::new(&text, cuts).text().to_owned(), text))
    }

    /// Whole sentences, lines or paragraphs of the runs, those of overlapping ones together.
    fn removals(&self, text: &str, tokens: &Tokens, own: &[Item], runs: &[Run]) -> Result<Vec<(Range<usize>, Why)>> {
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
                found.push((bytes, self.why(longest)?));
            }
        }
        Ok(found)
    }

    fn why(&self, run: &Run) -> Result<Why> {
        let copy = &run.copy;
        let rule = if copy.is_common && self.policy.removes(Rule::CommonRun) { Rule::CommonRun } else { Rule::ReusedPassage };
        let other = if copy.kept_rank == copy.rank {
            None
        } else {
            Some((self.ranks.position(copy.kept_rank), self.place_of(copy.kept_rank, copy.kept_start as usize, run.items.len())?))
        };
        Ok(Why { rule, first: None, other, similarity: Some(1.0) })
    }

    /// The position of items in the original text of an article, in code points.
    fn place_of(&self, rank: u32, start: usize, length: usize) -> Result<[usize; 2]> {
        let (standing, text) = self.standing(rank)?;
        let cuts = self.fates.get(self.locator(rank)).map_or_else(Vec::new, |fate| fate.cuts.clone());
        let tokens = Tokens::of(&standing, self.config.fold);
        let theirs = items(&standing, &tokens, self.policy.spans);
        let range = tokens_of(&(start..start + length), &theirs);
        let bytes = tokens.spans[range.start].start as usize..tokens.spans[range.end - 1].end as usize;
        let original = Article::new(&text, cuts).in_original(&bytes);
        let chars = char_offsets(&text, &[original.start, original.end]);
        Ok([chars[0], chars[1]])
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
