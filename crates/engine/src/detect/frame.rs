//! What two documents share because many documents have it, a frame, and what because few have.
//!
//! In: two documents and what is known of how many have each gram. Out: the passages that are told, and whether they are a frame.

use crate::compare::{Aligner, MatchedRun, Passage};
use crate::text::{GRAM, SelectedGrams, gram_hash};
use std::ops::Range;

/// Share of the shared grams that stand in many documents, from which they are a frame.
const FRAME_SHARE: f64 = 0.7;
/// Share of each document that lies outside the frame.
const OWN_SHARE: f64 = 0.1;
/// The same before what is reworded was looked for: two that share more may be one story, retold.
const OWN_VERBATIM_SHARE: f64 = 0.3;
/// Mean length of the runs of a frame, in tokens: its fields cut it up.
const FRAME_RUN: f64 = 16.0;

/// The grams of `tokens`, in the upper half of a word: a table wants its upper bits spread.
fn grams(tokens: &[u64]) -> impl Iterator<Item = u64> {
    tokens.windows(GRAM).map(|gram| u64::from(gram_hash(gram)) << u32::BITS)
}

/// What decides which passages of two documents are told.
pub(super) struct Judge<'j> {
    pub(super) is_told: &'j dyn Fn(&Passage) -> bool,
    /// A passage that is told has at least so many matched tokens.
    pub(super) least: usize,
    /// The selected n-grams of both documents, if both are long.
    pub(super) selected: Option<[&'j SelectedGrams; 2]>,
    /// Whether a frame makes the pair a template; the aligner aligned it last.
    pub(super) may_be_template: &'j mut dyn FnMut(&Aligner) -> bool,
    /// Whether a gram stands in many documents; None where that is not known.
    pub(super) is_common: &'j dyn Fn(u32) -> Option<bool>,
}

/// What the grams that two documents share say of them; keeps its scratch space.
#[derive(Debug, Default)]
pub(super) struct SharedGrams {
    /// Grams of side b.
    others: crate::compare::HashTable,
    /// Where grams of side a stand that side b has: on one passage, and on all.
    places: Vec<Range<usize>>,
    shared: Vec<Range<usize>>,
}

impl SharedGrams {
    /// True if `a` and `b` share about as many rare grams as make a candidate. Of some grams it is known whether they are common; as many of the others
    /// are taken to be.
    pub(super) fn are_rare(&mut self, a: &[u64], b: &[u64], is_common: &dyn Fn(u32) -> Option<bool>) -> bool {
        self.others.clear(b.len());
        grams(b).for_each(|gram| _ = self.others.insert(gram));
        let mut met: Vec<u64> = grams(a).filter(|&gram| self.others.contains(gram)).collect();
        met.sort_unstable();
        met.dedup();
        let known = || met.iter().filter_map(|gram| is_common((gram >> u32::BITS) as u32));
        let (all, rare) = (known().count(), known().filter(|is_common| !is_common).count());
        rare > 0 && rare * met.len() >= super::candidates::RARE_COMMON * all
    }

    /// The passages of two documents that are told, and whether the pair is a template. [`Aligner::index`] was called for the first one last, unless both are long. What is
    /// reworded is not looked for around a frame: there the facts are others, not the words.
    pub(super) fn told(&mut self, aligner: &mut Aligner, [a, b]: [&[u64]; 2], judge: &mut Judge<'_>) -> (Vec<Passage>, bool) {
        let told_of = |found: Vec<Passage>| found.into_iter().filter(|passage| (judge.is_told)(passage)).collect::<Vec<_>>();
        let has_own = |told: &[Passage], share: f64| {
            let matched: usize = told.iter().map(|passage| passage.matched).sum();
            let own = |tokens: &[u64]| 1.0 - matched as f64 / tokens.len() as f64;
            !told.is_empty() && own(a).min(own(b)) >= share
        };
        let mut is_frame = |told: &[Passage], aligner: &Aligner| {
            if (judge.may_be_template)(aligner) { self.are_frame(aligner, told, a, judge.is_common) } else { Some(false) }
        };
        let verbatim = match judge.selected {
            Some(selected) => aligner.around([a, b], selected, judge.least),
            None => aligner.against(a, b, judge.least),
        };
        let mut told = told_of(verbatim);
        let mut known = None;
        if has_own(&told, OWN_VERBATIM_SHARE) {
            let frame = is_frame(&told, aligner);
            if frame == Some(true) {
                return (told, true);
            }
            known = Some(frame);
        }
        if let Some(found) = aligner.reword(a, b, judge.least) {
            (told, known) = (told_of(found), None);
        }
        // What shares no gram at all is a frame where nothing more is found.
        let is_template = has_own(&told, OWN_SHARE) && known.unwrap_or_else(|| is_frame(&told, aligner)).unwrap_or(true);
        (told, is_template)
    }

    /// True if most of what the passages of `a` and `b`, which `aligner` aligned last, share stands in many documents, in short runs: weather bulletins,
    /// cables of congratulation. A story that many print is shared in long runs. None if they share no gram.
    fn are_frame(&mut self, aligner: &Aligner, passages: &[Passage], a: &[u64], is_common: &dyn Fn(u32) -> Option<bool>) -> Option<bool> {
        self.shared.clear();
        for passage in passages {
            if !aligner.find_runs(GRAM, [&passage.a, &passage.b], &mut self.places) {
                let runs = passage.runs.iter().map(MatchedRun::on_a).filter(|run| run.len() >= GRAM);
                self.places.extend(runs.map(|run| run.start..run.end + 1 - GRAM));
            }
            self.shared.append(&mut self.places);
        }
        let (runs, count) = (self.shared.len(), self.shared.iter().map(Range::len).sum::<usize>());
        let mean_run = (count + runs * (GRAM - 1)) as f64 / runs.max(1) as f64;
        if count == 0 {
            return None;
        }
        if mean_run >= FRAME_RUN {
            return Some(false);
        }
        Some(are_mostly_common(&self.shared, |place| is_common(gram_hash(&a[place..place + GRAM]))))
    }
}

/// True if of the places of which it is known whether they are common, the share of a frame is; asks no further than that is open.
fn are_mostly_common(runs: &[Range<usize>], is_common: impl Fn(usize) -> Option<bool>) -> bool {
    let mut left: usize = runs.iter().map(Range::len).sum();
    let (mut all, mut common) = (0, 0);
    for run in runs {
        // As if none of the rest were common, and as if all were.
        let least = FRAME_SHARE * (all + left) as f64;
        if common as f64 >= least {
            return true;
        }
        if ((common + left) as f64) < least {
            return false;
        }
        left -= run.len();
        for is_common in run.clone().filter_map(&is_common) {
            all += 1;
            common += usize::from(is_common);
        }
    }
    all > 0 && common as f64 >= FRAME_SHARE * all as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whether_most_is_common_does_not_depend_on_when_it_is_known(
            lengths in prop::collection::vec(1..12_usize, 1..12), common in 0..11_u64, unknown in 0..4_u64, seed in any::<u64>(),
        ) {
            let mut start = 0;
            let runs: Vec<Range<usize>> = lengths.into_iter().map(|length| { start += length + 1; start - length - 1..start - 1 }).collect();
            let drawn = |place: usize, below: u64| crate::text::mix(seed ^ place as u64) % below;
            let is_common = |place: usize| (drawn(place, 7) >= unknown).then(|| drawn(place + 1000, 10) < common);
            let known: Vec<bool> = runs.iter().cloned().flatten().filter_map(is_common).collect();
            let count = known.iter().filter(|is_common| **is_common).count();
            let expected = !known.is_empty() && count as f64 >= FRAME_SHARE * known.len() as f64;
            prop_assert_eq!(are_mostly_common(&runs, is_common), expected);
        }
    }

    /// Words that no other call with another salt gives.
    fn own(salt: u64, count: u64) -> impl Iterator<Item = u64> {
        (0..count).map(move |n| crate::text::mix(salt << 32 | n))
    }

    /// A document: words of its own, a frame of short runs with facts between them, a paragraph of which every third word stays, and words of its own.
    fn document(salt: u64, around: u64) -> Vec<u64> {
        let fields = (0..6).flat_map(|field| own(100 + field, 8).chain(own(10 * salt + field, 3)));
        let reworded =
            own(200, 60).zip(own(1_000 + salt, 60)).enumerate().map(|(at, (stays, other))| if at % 3 == 0 { stays } else { other });
        own(2_000 + salt, around).chain(fields).chain(reworded).chain(own(3_000 + salt, around)).collect()
    }

    fn told(a: &[u64], b: &[u64], is_common: bool) -> (Vec<Passage>, bool) {
        let mut aligner = Aligner::new();
        aligner.index(a);
        let is_common = &|_| Some(is_common);
        let mut judge =
            Judge { is_told: &|passage| passage.is_long([a, b], 25), least: 25, selected: None, may_be_template: &mut |_| true, is_common };
        SharedGrams::default().told(&mut aligner, [a, b], &mut judge)
    }

    #[test]
    fn nothing_reworded_is_looked_for_around_a_frame() {
        let (a, b) = (document(1, 150), document(2, 150));
        let (reworded, is_template) = told(&a, &b, false);
        assert!(!is_template);
        assert_eq!(reworded, Aligner::new().between(&a, &b));
        let (frame, is_template) = told(&a, &b, true);
        assert!(is_template);
        assert_eq!((frame.len(), reworded.len()), (1, 1));
        assert_eq!((frame[0].a.start, reworded[0].a.start), (150, 150));
        assert!(frame[0].a.end < 220 && reworded[0].a.end > 260, "{frame:?} {reworded:?}");
    }

    /// Runs of three words say nothing of how many documents have them.
    #[test]
    fn what_shares_no_gram_is_no_frame_before_all_is_found() {
        let form = |salt: u64| (0..12).flat_map(move |field| own(500 + field, 3).chain(own(70 * salt + field, 1)));
        let [a, b] = [1, 2].map(|salt| form(salt).chain(document(salt, 60).into_iter().skip(126)).collect::<Vec<_>>());
        let mut aligner = Aligner::new();
        aligner.index(&a);
        let (verbatim, mut all) = (aligner.against(&a, &b, 0), Aligner::new().between(&a, &b));
        all.retain(|passage| passage.is_long([&a, &b], 25));
        assert!(verbatim.len() == 1 && verbatim[0].is_long([&a, &b], 25) && verbatim != all, "{verbatim:?} {all:?}");
        assert_eq!(told(&a, &b, true), (all, true));
    }

    /// What is shared of most of a document may be all of it, reworded.
    #[test]
    fn a_frame_with_little_around_it_is_judged_with_what_is_reworded() {
        let more = |salt: u64| (0..20).flat_map(move |field| own(300 + field, 12).chain(own(50 * salt + field, 1)));
        let [a, b] = [1, 2].map(|salt| more(salt).chain(document(salt, 0)).collect::<Vec<_>>());
        assert_eq!(told(&a, &b, true), (Aligner::new().between(&a, &b), true));
    }
}
