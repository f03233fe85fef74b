//! What a detector tells, by place, held against what was planted.
//!
//! In: findings of documents that are named by their index. Out: how much of a plant they cover, and what they tell besides.

use super::plant::Plant;
use refrain_engine::detect::Findings;
use refrain_engine::finding::PairRule;
use std::collections::{HashMap, HashSet};

/// Code points of a text, half-open.
pub(super) type Stretch = [usize; 2];

/// Passages of two documents and repetitions of one, by the indices of the documents, the smaller first.
#[derive(Debug, Default)]
pub(super) struct Told {
    places: HashMap<(usize, usize), Vec<[Stretch; 2]>>,
    related: HashSet<(usize, usize)>,
    near_duplicates: HashSet<(usize, usize)>,
    pub(super) repetitions: usize,
    pub(super) passages: usize,
}

impl Told {
    /// Of findings whose ids are indices.
    pub(super) fn new(findings: &Findings) -> Self {
        let mut told = Self { repetitions: findings.repetitions().len(), ..Self::default() };
        told.learn_repetitions(findings);
        for pair in findings.pairs() {
            // Ids of eight digits sort as their numbers do.
            let key = (index(pair.a), index(pair.b));
            told.related.insert(key);
            if matches!(pair.rule, PairRule::Identical | PairRule::NearDuplicate) {
                told.near_duplicates.insert(key);
            }
            let passages = pair.passages.unwrap_or_default();
            told.passages += passages.len();
            told.places.insert(key, passages.iter().map(|passage| [passage.a, passage.b]).collect());
        }
        told
    }

    /// Takes over the places of repetitions, which do not count as told.
    pub(super) fn learn_repetitions(&mut self, findings: &Findings) {
        for repetition in findings.repetitions() {
            let doc = index(&repetition.doc);
            let stretches = [repetition.first, repetition.again].map(|span| [span.start, span.end]);
            self.places.entry((doc, doc)).or_default().push(stretches);
        }
    }

    /// True if a part of `stretch` stands elsewhere in the same document.
    pub(super) fn comes_again(&self, document: usize, stretch: Stretch) -> bool {
        self.places.get(&(document, document)).into_iter().flatten().flatten().any(|&place| overlap(place, stretch))
    }

    /// True if two documents have something in common.
    pub(super) fn is_related(&self, x: usize, y: usize) -> bool {
        self.related.contains(&(x.min(y), x.max(y)))
    }

    /// True if the host is told as a near-duplicate of the source.
    pub(super) fn is_near_duplicate(&self, plant: &Plant) -> bool {
        self.near_duplicates.contains(&(plant.source.min(plant.host), plant.source.max(plant.host)))
    }

    /// How much of a plant is told: the share of its code points, and of those that were copied, the smaller of the two.
    pub(super) fn covered(&self, plant: &Plant) -> f64 {
        let key = (plant.source.min(plant.host), plant.source.max(plant.host));
        let in_order = |&[x, y]: &[Stretch; 2]| if plant.source <= plant.host { [x, y] } else { [y, x] };
        let both = |[source, host]: &[Stretch; 2]| overlap(*source, plant.source_span) && overlap(*host, plant.planted);
        let places: Vec<[Stretch; 2]> = self.places.get(&key).into_iter().flatten().map(in_order).filter(both).collect();
        let share = |side: usize, of: Stretch| share_covered(of, places.iter().map(|place| place[side]).collect());
        share(0, plant.source_span).min(share(1, plant.planted))
    }

    /// Passages and repetitions that lie apart from every plant and are not among what was told `before` of the `originals` first
    /// documents, where each lay then. Passages are counted first, repetitions second.
    pub(super) fn unexplained(&self, plants: &[Plant], before: &Self, originals: usize) -> [usize; 2] {
        let inserted: HashMap<usize, Stretch> = plants.iter().map(|plant| (plant.host, plant.inserted)).collect();
        let is_planted = |document: usize, stretch: Stretch| inserted.get(&document).is_some_and(|&plant| overlap(stretch, plant));
        let place_before =
            |document: usize, stretch: Stretch| stretch.map(|at| inserted.get(&document).map_or(at, |&plant| without(at, plant)));
        let mut counts = [0, 0];
        for (&(x, y), places) in &self.places {
            for &[in_x, in_y] in places {
                if x.max(y) >= originals || is_planted(x, in_x) || is_planted(y, in_y) {
                    continue;
                }
                let (in_x, in_y) = (place_before(x, in_x), place_before(y, in_y));
                let is_same = |place: &[Stretch; 2]| overlap(place[0], in_x) && overlap(place[1], in_y);
                if !before.places.get(&(x, y)).is_some_and(|places| places.iter().any(is_same)) {
                    counts[usize::from(x == y)] += 1;
                }
            }
        }
        counts
    }
}

/// The number that a document is named by.
fn index(id: &str) -> usize {
    id.parse().unwrap_or(usize::MAX)
}

fn overlap([start, end]: Stretch, [from, to]: Stretch) -> bool {
    start < to && from < end
}

/// Where `at` stood before `inserted` was there.
fn without(at: usize, [start, end]: Stretch) -> usize {
    if at <= start { at } else { at.max(end) - (end - start) }
}

/// Share of `of` that the stretches cover, each code point once.
fn share_covered(of: Stretch, mut stretches: Vec<Stretch>) -> f64 {
    stretches.sort_unstable();
    let (mut covered, mut at) = (0, of[0]);
    for [start, end] in stretches {
        let (start, end) = (start.max(at), end.min(of[1]));
        covered += end.saturating_sub(start);
        at = at.max(end);
    }
    covered as f64 / (of[1] - of[0]).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(places: &[((usize, usize), [Stretch; 2])]) -> Told {
        let mut told = Told::default();
        places.iter().for_each(|&(key, place)| told.places.entry(key).or_default().push(place));
        told
    }

    /// From 10-20 of document 5 to 100-110 of document 3, with a line break before.
    const PLANT: Plant =
        Plant { task: 0, source: 5, source_span: [10, 20], host: 3, planted: [101, 111], inserted: [100, 111], jaccard: None };

    #[test]
    fn a_plant_is_covered_as_much_as_its_worse_side() {
        let covered = |places: &[[Stretch; 2]]| told(&places.iter().map(|&place| ((3, 5), place)).collect::<Vec<_>>()).covered(&PLANT);
        assert_eq!(covered(&[]), 0.0);
        assert_eq!(covered(&[[[90, 200], [0, 30]]]), 1.0);
        assert_eq!(covered(&[[[101, 109], [10, 20]]]), 0.8);
        assert_eq!(covered(&[[[101, 106], [15, 20]], [[106, 111], [10, 15]]]), 1.0);
        assert_eq!(covered(&[[[101, 106], [10, 18]], [[103, 107], [12, 16]]]), 0.6);
        // On one side alone, it is another passage.
        assert_eq!(covered(&[[[0, 50], [10, 20]]]), 0.0);
    }

    #[test]
    fn what_was_there_before_needs_no_explanation() {
        let before = told(&[((3, 4), [[120, 150], [0, 30]]), ((4, 4), [[0, 9], [50, 59]])]);
        let after = told(&[((3, 4), [[131, 161], [0, 30]]), ((4, 4), [[0, 9], [50, 59]]), ((3, 9), [[90, 140], [0, 9]])]);
        assert_eq!(after.unexplained(&[PLANT], &before, 8), [0, 0]);
        let more = told(&[((3, 4), [[10, 20], [0, 30]]), ((4, 4), [[20, 30], [70, 80]]), ((2, 3), [[0, 9], [90, 140]])]);
        assert_eq!(more.unexplained(&[PLANT], &before, 8), [1, 1]);
    }

    #[test]
    fn places_behind_a_plant_move_back() {
        assert_eq!([0, 100, 105, 111, 120].map(|at| without(at, [100, 111])), [0, 100, 100, 100, 109]);
    }
}
