//! Which part of a repetition inside an article can be removed without losing anything.
//!
//! In: a repetition as two token ranges. Out: removals of whole sentences or lines, each with the copy that is kept. The rules are those of docs/clean.md,
//! "Inside an article": the removed text occurs verbatim in the kept copy, with the same sentence boundaries at both ends; edited copies are removed only
//! on request. Lines of code, tables, logs, lists, verse and dialogue are kept, unless a whole body is doubled. Of a truncated sentence and the full one
//! the truncated one is removed.

use super::policy::{Facts, Policy, Rule};
use super::structure::after_label;
use super::units::{Line, Units};
use refrain_engine::text::Tokens;
use std::collections::HashMap;
use std::ops::Range;

/// Verbatim sentences of an edited paragraph are removed if they have at least this many tokens in a row.
const LEAST_SENTENCES: usize = 50;
/// Minimum tokens of a doubled body, which is removed even if it has lines that are not prose.
const LEAST_BODY: usize = 50;
/// Minimum size of such a body, as a share of the tokens before it.
const BODY_SHARE: f64 = 0.6;
/// Maximum tokens after the ellipsis of a teaser, such as "read more"; minimum tokens of a teaser.
const TEASER_TAIL: usize = 4;
const LEAST_TEASER: usize = 8;

/// A removal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Removal {
    /// The removed bytes of the text.
    pub(super) removed: Range<usize>,
    /// The bytes of the copy that is kept.
    pub(super) kept: Range<usize>,
    pub(super) rule: Rule,
    pub(super) similarity: f64,
}

/// A repetition by tokens.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    pub(super) first: Range<usize>,
    pub(super) again: Range<usize>,
    pub(super) rule: Rule,
    pub(super) similarity: f64,
}

/// Units to remove, and the tokens that they copy.
type Part = (Range<usize>, Range<usize>);

/// The text that is being cleaned.
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: &'t Tokens,
    pub(super) units: &'t Units,
    /// Minimum tokens of a removal.
    pub(super) least: usize,
    /// Minimum tokens of a copy that does not directly follow the kept one: a short sentence may be about something else there.
    pub(super) least_apart: usize,
}

impl Text<'_> {
    /// The removals that `policy` allows for `copies`, in text order.
    pub(super) fn removals(&self, copies: &Copies, policy: &Policy) -> Vec<Removal> {
        let Copies { first, again, rule, similarity } = copies;
        if first.end > again.start || first.is_empty() {
            return Vec::new();
        }
        let is_verbatim = self.hashes(first) == self.hashes(again);
        let relaxed = policy.facts == Facts::Ignore && policy.min_similarity.is_none()
            || policy.min_similarity.is_some_and(|least| *similarity >= least);
        if *rule == Rule::RepeatedPhrase {
            return self.looped(copies, relaxed).into_iter().collect();
        }
        if let Some(teaser) = self.teaser(copies) {
            return vec![teaser];
        }
        let edited = || {
            let units = self.units.inside(again);
            let (removed, kept) = (self.units.bytes_of(&units), self.bytes(first));
            (units, Removal { removed, kept, rule: *rule, similarity: *similarity })
        };
        let pieces = match (is_verbatim, relaxed) {
            (true, _) => self.aligned(first, again).into_iter().map(|(units, kept)| self.verbatim(units, &kept, *rule)).collect(),
            (false, true) => vec![edited()],
            (false, false) => self.equal_parts(first, again, *rule),
        };
        let is_body = again.len() >= LEAST_BODY && again.len() as f64 >= BODY_SHARE * again.start as f64;
        let is_allowed = |(units, removal): &(Range<usize>, Removal)| {
            let tokens = self.units.tokens_of(units);
            let is_next = removal.kept.end <= removal.removed.start && self.is_silent(removal.kept.end..removal.removed.start);
            let least = if is_next || relaxed { self.least } else { self.least_apart };
            let is_item = after_label(&self.text[removal.removed.clone()]).is_some();
            tokens.len() >= least && (is_body || self.units.are_prose(units) && !is_item) && !self.leaves_attribution(&removal.removed)
        };
        pieces.into_iter().filter(is_allowed).map(|(_, removal)| removal).collect()
    }

    /// Whether these bytes contain no word.
    fn is_silent(&self, bytes: Range<usize>) -> bool {
        bytes.is_empty() || !self.text[bytes].contains(char::is_alphanumeric)
    }

    fn hashes(&self, tokens: &Range<usize>) -> &[u64] {
        &self.tokens.hashes[tokens.clone()]
    }

    /// The byte range of some tokens.
    fn bytes(&self, tokens: &Range<usize>) -> Range<usize> {
        self.tokens.spans[tokens.start].start as usize..self.tokens.spans[tokens.end - 1].end as usize
    }

    fn verbatim(&self, units: Range<usize>, kept: &Range<usize>, rule: Rule) -> (Range<usize>, Removal) {
        let kept = self.units.bytes_of(&self.units.inside(kept));
        let removal = Removal { removed: self.units.bytes_of(&units), kept, rule, similarity: 1.0 };
        (units, removal)
    }

    /// The rest of a loop, wherever it occurs in its sentence: the text around it reads on as before.
    fn looped(&self, copies: &Copies, relaxed: bool) -> Option<Removal> {
        let is_kept = copies.similarity < 1.0 && !relaxed;
        let in_prose = |token: usize| self.units.line_at(token).is_none_or(|line| line.is_prose);
        let removal = || Removal {
            removed: self.bytes(&copies.again),
            kept: self.bytes(&copies.first),
            rule: copies.rule,
            similarity: copies.similarity,
        };
        (!is_kept && in_prose(copies.again.start) && in_prose(copies.again.end - 1)).then(removal)
    }

    /// The units of `again` whose outer boundaries are boundaries in `first`, too, with the tokens of `first` that they copy. Both ranges have the same tokens.
    fn aligned(&self, first: &Range<usize>, again: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
        let units = self.units.inside(again);
        let in_first = |token: usize| token - again.start + first.start;
        let begins = |unit: &usize| self.units.begins_at(in_first(self.units.units[*unit].tokens.start));
        let ends = |unit: &usize| self.units.begins_at(in_first(self.units.units[*unit].tokens.end));
        let start = units.clone().find(begins)?;
        let end = units.rev().find(ends)? + 1;
        let own = start..end.max(start);
        let tokens = self.units.tokens_of(&own);
        (!tokens.is_empty()).then(|| (own, in_first(tokens.start)..in_first(tokens.end)))
    }

    /// Lines of an edited copy (sentences, if it is one line) that occur verbatim and in order in `first`.
    fn equal_parts(&self, first: &Range<usize>, again: &Range<usize>, rule: Rule) -> Vec<(Range<usize>, Removal)> {
        let units = self.units.inside(again);
        let Some(lines) = units.clone().next().map(|unit| self.units.units[unit].line..self.units.units[units.end - 1].line + 1) else {
            return Vec::new();
        };
        let whole_line =
            |line: usize| Some(self.units.lines[line].units.clone()).filter(|own| own.start >= units.start && own.end <= units.end);
        let (parts, least): (Vec<Range<usize>>, usize) = match lines.len() {
            1 => (units.clone().map(|unit| unit..unit + 1).collect(), LEAST_SENTENCES),
            _ => (lines.filter_map(whole_line).collect(), self.least),
        };
        let places = Places::of(self.hashes(first));
        let (mut found, mut from): (Vec<Part>, usize) = (Vec::new(), 0);
        for part in parts {
            let tokens = self.units.tokens_of(&part);
            let is_whole = |at: &usize| self.units.begins_at(first.start + at) && self.units.begins_at(first.start + at + tokens.len());
            let Some(at) = places.find(self.hashes(first), self.hashes(&tokens), from).find(is_whole) else { continue };
            from = at + tokens.len();
            let kept = first.start + at..first.start + from;
            match found.last_mut() {
                Some((units, last)) if units.end == part.start && last.end == kept.start => (units.end, last.end) = (part.end, kept.end),
                _ => found.push((part, kept)),
            }
        }
        found.retain(|(units, _)| self.units.tokens_of(units).len() >= least);
        found.into_iter().map(|(units, kept)| self.verbatim(units, &kept, rule)).collect()
    }

    /// The removal of a truncated sentence, if the other range has the full one.
    fn teaser(&self, copies: &Copies) -> Option<Removal> {
        let removal = |short: &Range<usize>, long: &Range<usize>| {
            let line = self.cut_short(short)?;
            let is_whole = self.cut_short(long).is_none() && self.units.begins_at(long.start);
            let removed = line.bytes.clone();
            let removal = Removal { removed, kept: self.bytes(long), rule: copies.rule, similarity: 1.0 };
            is_whole.then_some(removal)
        };
        if copies.first.len() < LEAST_TEASER || self.hashes(&copies.first) != self.hashes(&copies.again) {
            return None;
        }
        removal(&copies.first, &copies.again).or_else(|| removal(&copies.again, &copies.first))
    }

    /// The line that consists of `tokens`, an ellipsis and a few words.
    fn cut_short(&self, tokens: &Range<usize>) -> Option<&Line> {
        let line = self.units.line_at(tokens.start)?;
        let is_line = line.tokens.start == tokens.start && tokens.end <= line.tokens.end && line.tokens.end - tokens.end <= TEASER_TAIL;
        let from = self.tokens.spans.get(tokens.end - 1)?.end as usize;
        let to = self.tokens.spans.get(tokens.end).map_or(self.text.len(), |span| span.start as usize);
        let rest = self.text[from..to].split(['\n', '\r']).next().unwrap_or_default();
        (is_line && (rest.contains('…') || rest.contains("..."))).then_some(line)
    }

    /// Whether the line after `removed` is an attribution, which would then refer to the text before.
    fn leaves_attribution(&self, removed: &Range<usize>) -> bool {
        let rest = self.text[removed.end..].trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '\n' | '\r' | '—' | '–'));
        let Some(next) = rest.strip_prefix(['\n', '\r']).map(str::trim_start) else { return false };
        let line = next.split(['\n', '\r']).next().unwrap_or_default();
        line.starts_with(['—', '–']) && line.split_whitespace().count() <= 6
    }
}

/// Positions of each token trigram.
struct Places(HashMap<[u64; 3], Vec<u32>>);

impl Places {
    fn of(tokens: &[u64]) -> Self {
        let mut places: HashMap<[u64; 3], Vec<u32>> = HashMap::new();
        for (at, run) in (0..).zip(tokens.array_windows::<3>()) {
            places.entry(*run).or_default().push(at);
        }
        Self(places)
    }

    /// Positions of `part` in `tokens` from `from` on. Parts of fewer than three tokens are not found.
    fn find<'p>(&'p self, tokens: &'p [u64], part: &'p [u64], from: usize) -> impl Iterator<Item = usize> + 'p {
        let run = part.first_chunk::<3>().and_then(|run| self.0.get(run)).map_or(&[][..], Vec::as_slice);
        let later = &run[run.partition_point(|&at| (at as usize) < from)..];
        later.iter().map(|&at| at as usize).filter(move |&at| tokens[at..].starts_with(part))
    }
}
