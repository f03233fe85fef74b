//! Lines and columns of findings in their files.
//!
//! Always: the location of a finding and the location of its other copy are the two sides of one passage, and further copies that are named are copies of
//! that passage. A finding may stand for pairs that share other passages with its article: these are counted, and not named.

use super::gate::{CheckedFinding, Kind, Sheet};
use super::group::{Grouping, SAME_OF_TEN};
use super::place::Place;
use rayon::prelude::*;
use refrain_engine::corpus::{Corpus, Region};
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use refrain_engine::finding::FoundPair;
use std::collections::BTreeMap;

/// Further copies that a finding names.
const NAMED_OTHERS: usize = 9;
/// The whole of a text.
const WHOLE: Span = [0, usize::MAX];

type Span = [usize; 2];
/// A stretch whose region is wanted: in which document, and of which place of which finding.
type Wanted = (Locator, Span, usize, Slot);

#[derive(Clone, Copy)]
enum Slot {
    At,
    Other,
    /// One of the others.
    Further(usize),
}

/// Names further copies, and sets the regions of all places of `findings`.
pub(super) fn locate<C: Corpus>(
    sheet: &Sheet<'_, C>,
    findings: &mut [CheckedFinding],
    represented: &[CheckedFinding],
    grouping: &Grouping,
) -> Result<()> {
    let mut by_file: BTreeMap<u32, Vec<Wanted>> = BTreeMap::new();
    let mut want = |id: &str, span: Span, number: usize, slot: Slot| {
        if let Some(at) = sheet.at(id) {
            let locator = sheet.documents[at].locator;
            by_file.entry(locator.file).or_default().push((locator, span, number, slot));
        }
    };
    for (number, finding) in findings.iter().enumerate() {
        let [own, other] = spans(finding);
        want(&finding.at.id, own, number, Slot::At);
        if finding.seen.is_none() {
            want(&finding.other.id, other, number, Slot::Other);
        }
    }
    for further in &grouping.represented {
        let (finding, pair) = (&mut findings[further.by], &represented[further.pair]);
        finding.more += 1;
        if finding.others.len() < NAMED_OTHERS
            && let Some((place, span)) = further_copy(finding, pair)
        {
            if pair.seen.is_none() || place.id == pair.at.id {
                want(&place.id, span, further.by, Slot::Further(finding.others.len()));
            }
            finding.others.push(place);
        }
    }
    let located = by_file.into_par_iter().map(|(file, wanted)| {
        let spans: Vec<(Locator, Span)> = wanted.iter().map(|&(locator, span, ..)| (locator, span)).collect();
        let regions = sheet.given.regions(file, &spans)?;
        Ok(wanted.into_iter().zip(regions).map(|((.., number, slot), region)| (number, slot, region)).collect())
    });
    for (number, slot, region) in located.collect::<Result<Vec<Vec<(usize, Slot, Option<Region>)>>>>()?.into_iter().flatten() {
        let finding = &mut findings[number];
        match slot {
            Slot::At => finding.at.region = region,
            Slot::Other => finding.other.region = region,
            Slot::Further(at) => finding.others[at].region = region,
        }
    }
    Ok(())
}

/// The two sides of a finding: of a pair those of its first passage, in the order of its own article.
fn spans(finding: &CheckedFinding) -> [Span; 2] {
    match &finding.kind {
        Kind::Repetition(repetition) => [repetition.again, repetition.first].map(|span| [span.start, span.end]),
        Kind::Pair(pair) => sides(pair, &finding.at.id).min().unwrap_or([WHOLE; 2]),
    }
}

/// Both sides of each passage, that of `id` first.
fn sides<'p>(pair: &'p FoundPair, id: &str) -> impl Iterator<Item = [Span; 2]> + use<'p> {
    let is_a = *pair.a == *id;
    pair.passages.iter().flatten().map(move |passage| if is_a { [passage.a, passage.b] } else { [passage.b, passage.a] })
}

/// The other article of `pair`, which `finding` represents, and where it has the passage of the finding; None if it does not have it.
fn further_copy(finding: &CheckedFinding, pair: &CheckedFinding) -> Option<(Place, Span)> {
    let [own, _] = spans(finding);
    let place = if pair.at.id == finding.at.id { &pair.other } else { &pair.at };
    let Kind::Pair(found) = &pair.kind else { return None };
    if own == WHOLE {
        return Some((place.clone(), WHOLE));
    }
    let nearest = sides(found, &finding.at.id).max_by_key(|[span, _]| (overlap(*span, own), std::cmp::Reverse(*span)));
    nearest.filter(|[span, _]| is_same_passage(*span, own)).map(|[_, other]| (place.clone(), other))
}

fn overlap(x: Span, y: Span) -> usize {
    x[1].min(y[1]).saturating_sub(x[0].max(y[0]))
}

/// True if all but the edges of two spans are the same.
fn is_same_passage(x: Span, y: Span) -> bool {
    let longer = (x[1] - x[0]).max(y[1] - y[0]);
    overlap(x, y) * 10 >= longer * SAME_OF_TEN
}
