//! A finding in words, for every form of report.

use super::gate::{CheckedFinding, Kind, Seen};
use crate::finding::{FoundPair, Origin, PairRule, Repetition};

impl CheckedFinding {
    /// What was found, in one sentence without its place. Ids come from the input.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.kind {
            Kind::Repetition(repetition) => of_repetition(repetition),
            Kind::Pair(pair) => self.of_pair(pair),
        }
    }

    fn of_pair(&self, pair: &FoundPair) -> String {
        let is_a = *pair.a == *self.at.id;
        let origin = match (pair.origin, is_a) {
            (Some(Origin::A), true) | (Some(Origin::B), false) => ", which is later",
            (Some(_), _) => ", which is earlier",
            (None, _) => "",
        };
        let stands = if self.seen.is_some() { " of the index" } else { "" };
        let other = format!("{}{stands}{origin}", self.other.id);
        let words: usize = pair.passages.iter().flatten().map(|passage| passage.words).sum();
        let covered = if is_a { pair.a_covered } else { pair.b_covered };
        let covered = covered.map_or_else(String::new, |share| format!(", {} % of this article", (share * 1000.0).floor() / 10.0));
        match pair.rule {
            PairRule::Identical => format!("The same words as {other}"),
            PairRule::NearDuplicate => format!("Alike as a whole to {other}: Jaccard {}", pair.jaccard),
            PairRule::Contained => {
                let own = if is_a { pair.a_in_b } else { pair.b_in_a };
                let whole = if own >= 0.8 { "Most of this article stands in" } else { "This article holds most of" };
                format!("{whole} {other}: {words} words{covered}")
            }
            PairRule::ReusedPassage => format!("Shares {words} words{covered} with {other}"),
            PairRule::Template => format!("Shares a frame of {words} words{covered} with {other}"),
        }
    }

    /// Which of a pair is given, for those who follow up.
    #[must_use]
    pub fn is_against_index(&self) -> bool {
        matches!(self.seen, Some(Seen::A | Seen::B))
    }
}

fn of_repetition(repetition: &Repetition) -> String {
    let paragraphs =
        |[first, last]: [usize; 2]| if first == last { format!("paragraph {first}") } else { format!("paragraphs {first}-{last}") };
    let (first, again) = (paragraphs(repetition.first.paragraphs), paragraphs(repetition.again.paragraphs));
    match repetition.copies {
        Some(copies) => format!("A phrase stands {copies} times in a row in {again}"),
        None => {
            let share = (repetition.similarity * 1000.0).floor() / 10.0;
            format!("{} words of {first} come again in {again}, {share} % alike", repetition.words)
        }
    }
}
