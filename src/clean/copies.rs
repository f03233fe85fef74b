//! What of a repetition inside an article may be taken out without a loss.
//!
//! In: a repetition with its two stretches, by tokens. Out: removals, each of whole sentences or lines, with the copy that stays. The rules
//! (docs/clean.md, "Inside an article"): what goes stands word for word in what stays, where sentences begin and end at the same places; edited copies go on
//! request alone. Lines of code, tables, logs, lists, verse and dialogue stay, unless a whole body is doubled. Of a sentence that is cut short with an
//! ellipsis and the whole one, the short one goes.

use super::policy::{Facts, Policy, Rule};
use super::structure::after_label;
use super::units::{Line, Units};
use crate::text::Tokens;
use std::collections::HashMap;
use std::ops::Range;

/// Sentences of an edited paragraph that stand word for word in the other copy go if they have at least so many tokens together.
const LEAST_SENTENCES: usize = 50;
/// Least tokens of a body that goes though it has lines that are no prose.
const LEAST_BODY: usize = 50;
/// Such a body has at least this share of all tokens before it.
const BODY_SHARE: f64 = 0.6;
/// Tokens behind the ellipsis of a teaser, such as "read more", at most; tokens of a teaser, at least.
const TEASER_TAIL: usize = 4;
const LEAST_TEASER: usize = 8;

/// Something that may go.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Removal {
    /// Bytes of the text.
    pub(super) goes: Range<usize>,
    /// The copy that stays.
    pub(super) stays: Range<usize>,
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

/// Units that go, and the tokens that they are copies of.
type Part = (Range<usize>, Range<usize>);

/// A text in which copies are looked at.
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: &'t Tokens,
    pub(super) units: &'t Units,
    /// Least tokens of what is taken out.
    pub(super) least: usize,
    /// Least tokens of a copy that other text stands before: a short sentence may be said of something else there.
    pub(super) least_apart: usize,
}

impl Text<'_> {
    /// What may go of `copies` under `policy`, in order.
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
        let whole = || {
            let units = self.units.inside(again);
            let (goes, stays) = (self.units.bytes_of(&units), self.bytes(first));
            let similarity = if is_verbatim { 1.0 } else { *similarity };
            (units, Removal { goes, stays, rule: *rule, similarity })
        };
        let pieces = match (is_verbatim, relaxed) {
            (true, _) => self.aligned(first, again).into_iter().map(|(units, stays)| self.verbatim(units, &stays, *rule)).collect(),
            (false, true) => vec![whole()],
            (false, false) => self.equal_parts(first, again, *rule),
        };
        let is_body = again.len() >= LEAST_BODY && again.len() as f64 >= BODY_SHARE * again.start as f64;
        let may_go = |(units, removal): &(Range<usize>, Removal)| {
            let tokens = self.units.tokens_of(units);
            let is_next = removal.stays.end <= removal.goes.start && self.is_silent(removal.stays.end..removal.goes.start);
            let least = if is_next || relaxed { self.least } else { self.least_apart };
            let is_item = after_label(&self.text[removal.goes.clone()]).is_some();
            tokens.len() >= least && (is_body || self.units.are_prose(units) && !is_item) && !self.leaves_attribution(&removal.goes)
        };
        pieces.into_iter().filter(may_go).map(|(_, removal)| removal).collect()
    }

    /// Whether no word begins in some bytes.
    fn is_silent(&self, bytes: Range<usize>) -> bool {
        bytes.is_empty() || !self.text[bytes].contains(char::is_alphanumeric)
    }

    fn hashes(&self, tokens: &Range<usize>) -> &[u64] {
        &self.tokens.hashes[tokens.clone()]
    }

    /// From the first byte of some tokens to the last.
    fn bytes(&self, tokens: &Range<usize>) -> Range<usize> {
        self.tokens.spans[tokens.start].start as usize..self.tokens.spans[tokens.end - 1].end as usize
    }

    fn verbatim(&self, units: Range<usize>, stays: &Range<usize>, rule: Rule) -> (Range<usize>, Removal) {
        let stays = self.units.bytes_of(&self.units.inside(stays));
        let removal = Removal { goes: self.units.bytes_of(&units), stays, rule, similarity: 1.0 };
        (units, removal)
    }

    /// The rest of a loop: what stands around it reads on as it did, wherever the loop stands in its sentence.
    fn looped(&self, copies: &Copies, relaxed: bool) -> Option<Removal> {
        let is_kept = copies.similarity < 1.0 && !relaxed;
        let in_prose = |token: usize| self.units.line_at(token).is_none_or(|line| line.is_prose);
        let removal = || Removal {
            goes: self.bytes(&copies.again),
            stays: self.bytes(&copies.first),
            rule: copies.rule,
            similarity: copies.similarity,
        };
        (!is_kept && in_prose(copies.again.start) && in_prose(copies.again.end - 1)).then(removal)
    }

    /// The units of `again` between the first and the last place at which a unit begins in both of two equal stretches, with what they are copies of.
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

    /// Runs of lines of an edited copy, or of sentences if it stands on one line, that stand in the first word for word and in order.
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
            let stays = first.start + at..first.start + from;
            match found.last_mut() {
                Some((units, last)) if units.end == part.start && last.end == stays.start => (units.end, last.end) = (part.end, stays.end),
                _ => found.push((part, stays)),
            }
        }
        found.retain(|(units, _)| self.units.tokens_of(units).len() >= least);
        found.into_iter().map(|(units, stays)| self.verbatim(units, &stays, rule)).collect()
    }

    /// The line of a sentence that is cut short, if the other stretch has the whole sentence.
    fn teaser(&self, copies: &Copies) -> Option<Removal> {
        let removal = |short: &Range<usize>, long: &Range<usize>| {
            let line = self.cut_short(short)?;
            let is_whole = self.cut_short(long).is_none() && self.units.begins_at(long.start);
            let goes = line.bytes.clone();
            let removal = Removal { goes, stays: self.bytes(long), rule: copies.rule, similarity: 1.0 };
            is_whole.then_some(removal)
        };
        if copies.first.len() < LEAST_TEASER || self.hashes(&copies.first) != self.hashes(&copies.again) {
            return None;
        }
        removal(&copies.first, &copies.again).or_else(|| removal(&copies.again, &copies.first))
    }

    /// The line that has nothing but `tokens`, an ellipsis and a few words.
    fn cut_short(&self, tokens: &Range<usize>) -> Option<&Line> {
        let line = self.units.line_at(tokens.start)?;
        let is_line = line.tokens.start == tokens.start && tokens.end <= line.tokens.end && line.tokens.end - tokens.end <= TEASER_TAIL;
        let from = self.tokens.spans.get(tokens.end - 1)?.end as usize;
        let to = self.tokens.spans.get(tokens.end).map_or(self.text.len(), |span| span.start as usize);
        let rest = self.text[from..to].split(['\n', '\r']).next().unwrap_or_default();
        (is_line && (rest.contains('…') || rest.contains("..."))).then_some(line)
    }

    /// Whether the line behind `goes` names whose words these were: it would name those of what stands before.
    fn leaves_attribution(&self, goes: &Range<usize>) -> bool {
        let rest = self.text[goes.end..].trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '\n' | '\r' | '—' | '–'));
        let Some(next) = rest.strip_prefix(['\n', '\r']).map(str::trim_start) else { return false };
        let line = next.split(['\n', '\r']).next().unwrap_or_default();
        line.starts_with(['—', '–']) && line.split_whitespace().count() <= 6
    }
}

/// Where each run of three tokens stands.
struct Places(HashMap<[u64; 3], Vec<u32>>);

impl Places {
    fn of(tokens: &[u64]) -> Self {
        let mut places: HashMap<[u64; 3], Vec<u32>> = HashMap::new();
        for (at, run) in (0..).zip(tokens.array_windows::<3>()) {
            places.entry(*run).or_default().push(at);
        }
        Self(places)
    }

    /// Where `part` stands in `tokens` from `from` on. Shorter parts than three tokens are not found.
    fn find<'p>(&'p self, tokens: &'p [u64], part: &'p [u64], from: usize) -> impl Iterator<Item = usize> + 'p {
        let run = part.first_chunk::<3>().and_then(|run| self.0.get(run)).map_or(&[][..], Vec::as_slice);
        let later = &run[run.partition_point(|&at| (at as usize) < from)..];
        later.iter().map(|&at| at as usize).filter(move |&at| tokens[at..].starts_with(part))
    }
}
